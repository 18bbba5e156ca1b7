//! What may become of a bill, and by whom. Source: `domain.md` §1 (separation of duties) and §6.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::pricing::rating::LineKind;
use crate::types::ids::UserId;
use crate::types::{Money, Refusal};

use super::model::{Bill, BillLine, DocumentState};

/// Whether what a bill says may be changed: only while it is a draft.
pub fn can_edit(bill: &Bill) -> Result<(), Refusal> {
    must_be(bill, &[DocumentState::Draft])
}

/// Whether a bill may come to so much: lines by hand take off at most what there is.
pub fn can_come_to(total: Money) -> Result<(), Refusal> {
    if total.is_negative() {
        return Err(Refusal::new("below_nothing", move |t: Tr| t.bills_refused_below_nothing(total)));
    }
    Ok(())
}

/// Whether a line may be removed: only what somebody wrote by hand. What the run has found stays.
pub fn can_remove(line: &BillLine) -> Result<(), Refusal> {
    if line.kind == LineKind::Manual {
        return Ok(());
    }
    Err(Refusal::new("found_line", |t: Tr| t.bills_refused_found_line()))
}

/// Whether it may be noted that there is an invoice for a bill: once it was sent, as long as it counts.
pub fn can_invoice(bill: &Bill) -> Result<(), Refusal> {
    must_be(bill, &[DocumentState::Sent])?;
    if bill.credited_at.is_some() {
        return Err(Refusal::new("credited", |t: Tr| t.bills_refused_credited()));
    }
    if let Some(number) = bill.invoice_number.clone() {
        return Err(Refusal::new("invoiced", move |t: Tr| t.bills_refused_invoiced(&number)));
    }
    Ok(())
}

/// Whether it may be taken back that there is an invoice for a bill.
pub fn can_uninvoice(bill: &Bill) -> Result<(), Refusal> {
    if bill.invoice_number.is_some() {
        return Ok(());
    }
    Err(Refusal::new("not_invoiced", |t: Tr| t.bills_refused_not_invoiced()))
}

/// Whether a bill may be submitted for review. One that comes to nothing is voided instead.
pub fn can_submit(bill: &Bill) -> Result<(), Refusal> {
    must_be(bill, &[DocumentState::Draft])?;
    if bill.total_amount <= Decimal::ZERO {
        return Err(Refusal::new("nothing_due", |t: Tr| t.bills_refused_nothing_due()));
    }
    Ok(())
}

/// Whether a submitted bill may be made a draft again, to be changed.
pub fn can_recall(bill: &Bill) -> Result<(), Refusal> {
    must_be(bill, &[DocumentState::PendingReview])
}

/// Whether a bill is as it was shown; where no version says how that was, it is.
pub fn is_as_shown(bill: &Bill, version: Option<u32>) -> Result<(), Refusal> {
    if version.is_none_or(|version| version == bill.version) { Ok(()) } else { Err(changed()) }
}

/// Somebody has changed the bill since it was shown.
pub fn changed() -> Refusal {
    Refusal::new("stale", |t: Tr| t.bills_refused_changed())
}

/// Whether `user` may decide about a bill. Whoever had a hand in it (`hands`: who started or committed its run, submitted
/// it, wrote a line of it, or approved it already) does not; the system, which has no user, is the operator of the machine
/// and is free of that.
pub fn can_decide(bill: &Bill, hands: &BTreeSet<UserId>, user: Option<UserId>) -> Result<(), Refusal> {
    must_be(bill, &[DocumentState::PendingReview])?;
    if user.is_some_and(|user| hands.contains(&user)) {
        return Err(Refusal::new("own_work", |t: Tr| t.bills_refused_own_work()));
    }
    Ok(())
}

/// How many approvals a bill takes: two above an amount, where one is set.
pub fn approvals_needed(total: Money, second_above: Option<Money>) -> u8 {
    if second_above.is_some_and(|above| total > above) { 2 } else { 1 }
}

/// Whether a bill may be voided: before it was sent.
pub fn can_void(bill: &Bill) -> Result<(), Refusal> {
    must_be(bill, &[DocumentState::Draft, DocumentState::PendingReview, DocumentState::Approved])
}

/// Whether a bill may be sent for the first time.
pub fn can_send(bill: &Bill) -> Result<(), Refusal> {
    must_be(bill, &[DocumentState::Approved])
}

/// Whether so much of a bill may be taken back: of a sent one, and at most what is left to be paid.
pub fn can_credit(bill: &Bill, amount: Money) -> Result<(), Refusal> {
    must_be(bill, &[DocumentState::Sent])?;
    let balance = bill.balance();
    if amount > balance {
        return Err(Refusal::new("beyond_balance", move |t: Tr| t.bills_refused_beyond_balance(balance)));
    }
    Ok(())
}

/// The day until which a bill is to be paid that is sent on a day.
pub fn due_on(sent_on: NaiveDate, payment_term_days: u16) -> NaiveDate {
    sent_on.checked_add_days(Days::new(payment_term_days.into())).unwrap_or(sent_on)
}

fn must_be(bill: &Bill, states: &[DocumentState]) -> Result<(), Refusal> {
    if states.contains(&bill.document_state) {
        return Ok(());
    }
    let (number, state) = (bill.number.clone(), bill.document_state);
    Err(Refusal::new("state", move |t: Tr| t.bills_refused_state(&number, state.label(t))))
}
