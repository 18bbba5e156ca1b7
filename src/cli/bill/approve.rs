//! `opcms bill approve`: approves what waits for review, each bill or not, and says why not.

use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use crate::billing::bills::list_forms::BillFilter;
use crate::billing::bills::{commands, listing, queries, review};
use crate::cli::setup::Setup;
use crate::cli::{LANGUAGE, Outcome, Report};
use crate::customers::directory;
use crate::types::ids::BillId;
use crate::types::{Actor, BillingMonth, Error, Permission};

use super::parse_month;

/// So many bills are approved in one transaction.
const CHUNK: usize = 500;
/// So many of those that were left are named to people.
const NAMED: usize = 20;

/// Approves the bills of a month that wait for review.
#[derive(Debug, Args)]
pub(in crate::cli) struct Approve {
    /// The month, such as 2026-10.
    #[arg(long, value_name = "MONTH", value_parser = parse_month)]
    month: BillingMonth,
    /// Only the bill of the customer with this code.
    #[arg(long, value_name = "CODE")]
    customer: Option<String>,
}

impl Approve {
    pub(super) fn run(&self, setup: &Setup, actor: &Arc<Actor>) -> Outcome {
        let ids = setup.db.read(actor, |db| {
            let mut ids = review::ids_pending(db, self.month)?;
            if let Some(code) = &self.customer {
                let found = directory::queries::ids_by_code(db, &[code])?;
                let id = found.get(code.as_str()).copied().ok_or(Error::NotFound)?;
                directory::queries::find(db, Permission::BillApprove, id)?;
                let filter = BillFilter { customer: Some(id), ..BillFilter::default() };
                let theirs = listing::ids(db, Permission::BillApprove, &filter, filter.usual_sort())?;
                ids.retain(|id| theirs.contains(id));
            }
            Ok(ids)
        })?;
        let (mut approved, mut left) = (0_usize, Vec::new());
        for some in ids.chunks(CHUNK) {
            let outcomes = setup.db.write(actor, |tx| commands::approve_all(tx, some))?;
            let refused: Vec<(BillId, String)> = outcomes
                .iter()
                .filter_map(|(id, refusal)| Some((*id, refusal.as_ref()?.message.text(LANGUAGE))))
                .collect();
            approved += outcomes.len() - refused.len();
            let named: Vec<BillId> = refused.iter().map(|(id, _)| *id).collect();
            let numbers = setup.db.read(actor, |db| queries::numbers(db, &named))?;
            left.extend(
                refused.into_iter().map(|(id, why)| (numbers.get(&id).cloned().unwrap_or_default(), why)),
            );
        }
        let mut text = vec![format!("Approved: {approved}. Left as they are: {}.", left.len())];
        text.extend(left.iter().take(NAMED).map(|(number, why)| format!("{number}: {why}")));
        let named: Vec<Value> =
            left.iter().map(|(number, why)| json!({"number": number, "reason": why})).collect();
        let complete = left.is_empty();
        let json = json!({"month": self.month.to_string(), "approved": approved, "left": named});
        Ok(Report { complete, ..Report::new(text.join("\n"), &json) })
    }
}
