//! Sending bills. What a bill becomes is written by `bills`, its link by `links`.

use std::collections::BTreeMap;

use crate::billing::bills;
use crate::billing::bills::model::{Bill, DocumentState};
use crate::billing::links;
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::db::Tx;
use crate::types::ids::{BillId, CustomerId, TaskId};
use crate::types::{Action, BillingMonth, Error, NewTask, Permission, Refusal, Result};
use crate::web::secret::Secret;

use super::messages;
use super::recipients::{self, LANGUAGE, Recipients};
use super::task::{self, Errand};

/// Sends an approved bill: it is sent, has a link, and its mail is on its way, all or nothing.
///
/// # Errors
/// Refused when it is not approved, or nothing is known of where it goes.
pub fn send(tx: &mut Tx, secret: &Secret, id: BillId, version: u32) -> Result<()> {
    let (bill, customer) = bills::commands::lock_as_read(tx, Permission::BillSend, id, version)?;
    let to = recipients::of(tx, &customer)?.ok_or_else(|| recipients::missing(&customer))?;
    first(tx, secret, &bill, &customer, &to)
}

/// Sends a bill once more that was sent before, by a new link. The old ones stay as they are.
pub fn send_again(tx: &mut Tx, secret: &Secret, id: BillId) -> Result<()> {
    let (bill, customer) = bills::commands::lock(tx, Permission::BillSend, id)?;
    bills::rules::can_send_again(&bill)?;
    let to = recipients::of(tx, &customer)?.ok_or_else(|| recipients::missing(&customer))?;
    mail(tx, secret, &bill, &customer, &to, true)?;
    bills::commands::note(tx, Action::BillSentAgain, &bill, &customer, Some(&to.written()))
}

/// Sends some approved bills, each or not: what kept which of them. Those out of reach, or that somebody has moved
/// meanwhile, are passed over.
pub fn send_all(tx: &mut Tx, secret: &Secret, ids: &[BillId]) -> Result<Vec<(BillId, Refusal)>> {
    let owners = bills::queries::owners(tx, ids)?;
    let customers: BTreeMap<CustomerId, Customer> =
        directory::queries::lock_all(tx, Permission::BillSend, &owners)?;
    let to = recipients::of_all(tx, customers.values())?;
    let mut kept = Vec::new();
    // Read only now that nobody else moves them.
    for bill in bills::queries::by_ids(tx, ids)? {
        let Some(customer) = customers.get(&bill.customer_id) else { continue };
        if bill.document_state != DocumentState::Approved {
            continue;
        }
        match to.get(&customer.id) {
            Some(to) => first(tx, secret, &bill, customer, to)?,
            None => kept.push((bill.id, recipients::missing(customer))),
        }
    }
    Ok(kept)
}

/// Has all approved bills of a month sent, or those of one customer, in the background.
pub fn send_month(tx: &mut Tx, month: BillingMonth, customer: Option<CustomerId>) -> Result<TaskId> {
    tx.actor().need(Permission::BillSend)?;
    let errand = Errand::Month { first_day: month.first_day(), customer };
    tx.enqueue(&NewTask::new(task::KIND.code, month.to_string(), &errand))
}

/// Has those of some bills sent that are approved, in the background.
pub fn send_chosen(tx: &mut Tx, bills: Vec<BillId>) -> Result<TaskId> {
    tx.actor().need(Permission::BillSend)?;
    tx.enqueue(&NewTask::new(task::KIND.code, "", &Errand::Chosen(bills)))
}

fn first(tx: &mut Tx, secret: &Secret, bill: &Bill, customer: &Customer, to: &Recipients) -> Result<()> {
    bills::commands::mark_sent(tx, bill, customer)?;
    let sent = bills::queries::get(tx, bill.id)?.ok_or(Error::NotFound)?;
    mail(tx, secret, &sent, customer, to, false)
}

fn mail(
    tx: &mut Tx,
    secret: &Secret,
    bill: &Bill,
    customer: &Customer,
    to: &Recipients,
    again: bool,
) -> Result<()> {
    let link = links::commands::create(tx, secret, bill.id, LANGUAGE, &to.written())?;
    tx.notify(&to.address(messages::mail(bill, customer, &link, again), LANGUAGE)).map(|_| ())
}
