//! What goes along with mails about bills: the link, and the bill as files.

use std::sync::Arc;

use crate::billing::bills;
use crate::billing::documents::{Statement, paper, sheet};
use crate::customers::directory;
use crate::files::Store;
use crate::i18n::Tr;
use crate::notifications::enclosures::{Enclosed, EnclosedFile, Enclosures};
use crate::types::ids::BillLinkId;
use crate::types::{Actor, Error, Refusal, Result};
use crate::web::State;

use super::model::BillLink;
use super::{queries, rules, urls};

/// The bill of a link as PDF and as workbook, and the link.
pub const BILL: &str = "bill";

/// The link alone.
pub const LINK: &str = "bill_link";

/// The kinds of enclosures of the room.
pub fn enclosures(all: Enclosures) -> Enclosures {
    all.with(BILL, bill).with(LINK, link)
}

fn link(state: &State, actor: &Arc<Actor>, id: u64) -> Result<Enclosed> {
    let link = state.db.read(actor, |db| queries::get(db, BillLinkId(id)))?;
    Ok(Enclosed { files: Vec::new(), words: vec![word(state, &link)?] })
}

fn bill(state: &State, actor: &Arc<Actor>, id: u64) -> Result<Enclosed> {
    let store = state.part::<Store>()?;
    let (link, statement, logo) = state.db.read(actor, |db| {
        let link = queries::get(db, BillLinkId(id))?;
        let bill = bills::queries::get(db, link.bill_id)?.ok_or(Error::NotFound)?;
        let customer = directory::queries::get(db, bill.customer_id)?.ok_or(Error::NotFound)?;
        let statement = Statement::load(db, link.language(), bill, customer)?;
        let logo = paper::logo(db, &store, statement.letterhead.logo)?;
        Ok((link, statement, logo))
    })?;
    let word = word(state, &link)?;
    let name = statement.file_name();
    let pdf = EnclosedFile {
        name: format!("{name}.pdf"),
        content_type: "application/pdf",
        content: paper::pdf(state, &statement, logo).map_err(for_later)?,
    };
    let workbook = EnclosedFile {
        name: format!("{name}.xlsx"),
        content_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        content: sheet::bytes(&statement)?,
    };
    Ok(Enclosed { files: vec![pdf, workbook], words: vec![word] })
}

/// The address of a link in the place of what stands for it. A link that opens nothing any more is not sent.
fn word(state: &State, link: &BillLink) -> Result<(String, String)> {
    let token = state.secret.open(rules::PURPOSE, &link.sealed_token);
    let token = token.filter(|_| link.opens(state.db.clock().now()));
    let token = token.ok_or_else(|| Refusal::new("link_over", |t: Tr| t.bill_links_refused_over()))?;
    Ok((urls::page(urls::UNTOLD), urls::page(&token)))
}

/// What an administrator can mend is no reason to give a mail up.
fn for_later(fault: Error) -> Error {
    match fault {
        Error::Refused(refusal) => Error::Unavailable(refusal.message.text(Tr::En)),
        fault => fault,
    }
}
