//! What may be taken back of a bill, and by whom. Source: `domain.md` §1 (separation of duties) and §6. Pure.

use rust_decimal::Decimal;

use crate::billing::bills;
use crate::billing::bills::model::Bill;
use crate::i18n::Tr;
use crate::types::ids::UserId;
use crate::types::{FieldErrors, Money, Refusal};

use super::model::{Credit, CreditNote, CreditNoteState, LeftOver, Wish};

/// Whether something may be asked to be taken back of a bill: of a sent one that something is left to be paid of, and one
/// request at a time.
pub fn can_ask(bill: &Bill, pending: Option<&CreditNote>) -> Result<(), Refusal> {
    bills::rules::can_credit(bill, Money::ZERO)?;
    if pending.is_some() {
        return Err(Refusal::new("pending", Tr::credit_notes_refused_pending));
    }
    if bill.balance() <= Money::ZERO {
        return Err(Refusal::new("nothing_left", Tr::credit_notes_refused_nothing_left));
    }
    Ok(())
}

/// Finds out what a wish comes to.
///
/// # Errors
/// At `amounts`, or at the field of a line, `amounts.3`: more than is left of a line, of the other sign, more decimals than
/// the currency has, or in all not above zero or beyond what is left to be paid.
pub fn credit(bill: &Bill, lines: &[LeftOver], wish: &Wish) -> Result<Credit, FieldErrors> {
    let mut errors = FieldErrors::new();
    let taken: Vec<(u16, Money)> = match wish {
        Wish::Whole => lines.iter().map(|one| (one.line.position, one.left)).collect(),
        Wish::Lines(wanted) => {
            for (position, amount) in wanted {
                let line = lines.iter().find(|one| one.line.position == *position);
                check_line(bill, line, *position, *amount, &mut errors);
            }
            wanted.clone()
        }
    };
    let lines: Vec<(u16, Money)> = taken.into_iter().filter(|(_, amount)| *amount != Money::ZERO).collect();
    let amount = Money(lines.iter().map(|(_, amount)| amount.0).sum());
    let balance = bill.balance();
    if errors.is_empty() && amount <= Money::ZERO {
        errors.add("amounts", Tr::credit_notes_fault_nothing);
    } else if errors.is_empty() && amount > balance {
        errors.add("amounts", move |t| t.bills_refused_beyond_balance(balance));
    }
    let is_whole = amount.0 == bill.total_amount - bill.credited_amount;
    errors.or(Credit { lines, amount, is_whole })
}

/// A line takes at most what is left of it, in the direction in which it stands.
fn check_line(bill: &Bill, line: Option<&LeftOver>, position: u16, amount: Money, errors: &mut FieldErrors) {
    let field = field_of(position);
    let Some(line) = line else {
        errors.push(field, crate::i18n::Message::new(Tr::credit_notes_fault_no_line));
        return;
    };
    let left = line.left;
    let is_within = if left.is_negative() {
        left <= amount && amount <= Money::ZERO
    } else {
        Money::ZERO <= amount && amount <= left
    };
    if amount.0.normalize().scale() > bill.currency.minor_units() {
        errors.push(field, crate::i18n::Message::new(Tr::credit_notes_fault_decimals));
    } else if !is_within {
        errors.push(field, crate::i18n::Message::new(move |t: Tr| t.credit_notes_fault_beyond_line(left)));
    }
}

/// The field in which so much of a line is typed.
pub fn field_of(position: u16) -> String {
    format!("amounts.{position}")
}

/// Whether `user` may approve or reject a credit note: somebody else than who asked for it. The system, which has no user,
/// is the operator of the machine and is free of that.
pub fn can_decide(note: &CreditNote, user: Option<UserId>) -> Result<(), Refusal> {
    must_be_asked(note)?;
    if user.is_some() && note.asked_by == user {
        return Err(Refusal::new("own_work", Tr::credit_notes_refused_own));
    }
    Ok(())
}

/// Whether `user` may take a credit note back that was asked for: who asked for it.
pub fn can_withdraw(note: &CreditNote, user: Option<UserId>) -> Result<(), Refusal> {
    must_be_asked(note)?;
    if user.is_some() && note.asked_by != user {
        return Err(Refusal::new("not_own", Tr::credit_notes_refused_not_own));
    }
    Ok(())
}

/// Whether a bill may be written again: when it was taken back as a whole, and no other has its place yet.
pub fn can_reissue(bill: &Bill, has_live: bool) -> Result<(), Refusal> {
    if bill.credited_at.is_none() {
        return Err(Refusal::new("counts", Tr::credit_notes_refused_counts));
    }
    if has_live {
        return Err(Refusal::new("reissued", Tr::credit_notes_refused_reissued));
    }
    Ok(())
}

fn must_be_asked(note: &CreditNote) -> Result<(), Refusal> {
    if note.state == CreditNoteState::Asked {
        return Ok(());
    }
    let state = note.state;
    Err(Refusal::new("decided", move |t: Tr| t.credit_notes_refused_decided(state.label(t))))
}

/// The sum of what is left of all lines.
pub fn left_of(lines: &[LeftOver]) -> Money {
    Money(lines.iter().map(|one| one.left.0).sum::<Decimal>())
}
