//! The thread of a dispute, as both sides see it.

use std::collections::BTreeMap;

use askama::Template;

use crate::billing::documents::Statement;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::Result;
use crate::types::ids::DisputeId;
use crate::web::ui::{filters, piece};

use super::model::{Dispute, DisputeMessage};
use super::queries;

/// The messages of a dispute.
#[derive(Debug, Clone, Template)]
#[template(path = "billing/disputes/thread.html")]
pub struct Thread {
    t: Tr,
    /// The name of the customer, for messages without one.
    customer: String,
    messages: Vec<DisputeMessage>,
}

piece!(Thread);

/// The threads of these disputes.
pub fn threads(db: &mut Db, t: Tr, all: &[Dispute], customer: &str) -> Result<BTreeMap<DisputeId, Thread>> {
    let ids: Vec<DisputeId> = all.iter().map(|dispute| dispute.id).collect();
    let mut threads: BTreeMap<DisputeId, Thread> = BTreeMap::new();
    for message in queries::messages(db, &ids)? {
        let empty = || Thread { t, customer: customer.to_owned(), messages: Vec::new() };
        threads.entry(message.dispute_id).or_insert_with(empty).messages.push(message);
    }
    Ok(threads)
}

/// What a dispute is about: a line by its place and its name, or all of the bill.
pub fn about(statement: &Statement, dispute: &Dispute) -> String {
    let Some(position) = dispute.position else { return statement.t.disputes_of_whole().to_owned() };
    let line = statement.lines.iter().find(|line| line.position == position);
    statement.t.disputes_of_line(line.map_or("", |line| line.label.as_str()), position)
}
