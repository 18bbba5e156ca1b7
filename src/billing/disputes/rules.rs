//! What may become of disputes.

use crate::billing::bills::model::{Bill, BillLine, DocumentState};
use crate::i18n::Tr;
use crate::types::{FieldErrors, Refusal};

use super::model::{Dispute, DisputeState};

/// The most disputes of a bill that are not closed.
pub const MOST_OPEN: usize = 20;

/// The most messages of a dispute.
pub const MOST_MESSAGES: u16 = 200;

/// The most characters of a message.
pub const MOST_CHARACTERS: usize = 2_000;

/// Whether a bill can be disputed: while the customer has it and it counts.
pub fn can_open(bill: &Bill, open: usize) -> Result<(), Refusal> {
    if bill.document_state != DocumentState::Sent || !bill.is_live() {
        return Err(Refusal::new("state", |t: Tr| t.disputes_refused_over()));
    }
    if open >= MOST_OPEN {
        return Err(Refusal::new("too_many", |t: Tr| t.disputes_refused_too_many(MOST_OPEN)));
    }
    Ok(())
}

/// The line that is asked about: one of the bill, or none for all of it.
pub fn line(position: Option<u16>, lines: &[BillLine]) -> Result<(), FieldErrors> {
    match position {
        Some(position) if !lines.iter().any(|line| line.position == position) => {
            Err(FieldErrors::one("position", Tr::disputes_no_line))
        }
        _ => Ok(()),
    }
}

/// Whether one more message may be written: not without end.
pub fn can_write(messages: u16) -> Result<(), Refusal> {
    if messages < MOST_MESSAGES {
        return Ok(());
    }
    Err(Refusal::new("too_long", |t: Tr| t.disputes_refused_too_long(MOST_MESSAGES)))
}

/// Whether a dispute may be answered: not once it is closed.
pub fn can_answer(dispute: &Dispute) -> Result<(), Refusal> {
    if dispute.state == DisputeState::Closed {
        return Err(Refusal::new("closed", |t: Tr| t.disputes_refused_closed()));
    }
    Ok(())
}

/// Whether a dispute may be opened again.
pub fn can_reopen(dispute: &Dispute) -> Result<(), Refusal> {
    if dispute.state == DisputeState::Closed {
        return Ok(());
    }
    Err(Refusal::new("not_closed", |t: Tr| t.disputes_refused_not_closed()))
}
