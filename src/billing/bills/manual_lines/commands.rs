//! Writing and removing lines by hand, while their bill is a draft: with `opening`, which writes what a run has planned, the
//! only writer of `bill_lines`.

use diesel::prelude::*;

use crate::billing::bills::commands as bills;
use crate::billing::bills::{queries, rules};
use crate::db::Tx;
use crate::pricing::Fault;
use crate::pricing::rating::LineKind;
use crate::schema::bill_lines;
use crate::types::ids::BillId;
use crate::types::{Action, Error, FieldErrors, Money, Permission, Result};

use super::forms::ManualDraft;

/// Adds a line to a draft, behind all others.
///
/// # Errors
/// When the bill is no draft, or would come to less than nothing.
pub fn add(tx: &mut Tx, id: BillId, version: u32, draft: &ManualDraft) -> Result<()> {
    let (before, customer) = bills::lock_to_change(tx, Permission::BillEdit, id, version)?;
    rules::can_edit(&before)?;
    let line = draft.worth.line(before.currency).map_err(faulty)?;
    let total = Money(before.total_amount + line.amount.0);
    rules::can_come_to(total)?;
    let explanation =
        serde_json::to_value(&line.explanation).map_err(|fault| Error::Internal(fault.into()))?;
    let last = queries::lines(tx, id)?.last().map_or(0, |line| line.position);
    let (month, user) = (before.month(), tx.actor().user_id);
    diesel::insert_into(bill_lines::table)
        .values((
            bill_lines::bill_id.eq(id),
            bill_lines::position.eq(last + 1),
            bill_lines::kind.eq(LineKind::Manual),
            bill_lines::device_series.eq(""),
            bill_lines::layer.eq(""),
            bill_lines::from_on.eq(month.first_day()),
            bill_lines::until_on.eq(month.last_day()),
            bill_lines::quantity.eq(draft.worth.quantity()),
            bill_lines::amount.eq(line.amount.0),
            bill_lines::explanation.eq(explanation),
            bill_lines::description.eq(Some(draft.description.as_str())),
            bill_lines::reason.eq(Some(draft.reason.as_str())),
            bill_lines::created_by.eq(user),
        ))
        .execute(tx.conn())?;
    bills::store_total(tx, id, total)?;
    let reason = format!("{} · {}", draft.description, draft.reason);
    bills::note(tx, Action::BillLineAdded, &before, &customer, Some(&reason))
}

/// Removes a line by hand from a draft. The others keep their places.
pub fn remove(tx: &mut Tx, id: BillId, version: u32, position: u16) -> Result<()> {
    let (before, customer) = bills::lock_to_change(tx, Permission::BillEdit, id, version)?;
    rules::can_edit(&before)?;
    let lines = queries::lines(tx, id)?;
    let line = lines.iter().find(|line| line.position == position).ok_or(Error::NotFound)?;
    rules::can_remove(line)?;
    let total = Money(before.total_amount - line.amount);
    rules::can_come_to(total)?;
    diesel::delete(bill_lines::table.find((id, position))).execute(tx.conn())?;
    bills::store_total(tx, id, total)?;
    bills::note(tx, Action::BillLineRemoved, &before, &customer, line.description.as_deref())
}

fn faulty(fault: Fault) -> Error {
    let mut errors = FieldErrors::new();
    errors.push(fault.field, fault.message);
    errors.into()
}
