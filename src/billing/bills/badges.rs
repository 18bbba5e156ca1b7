//! The states and flags of a bill as badges.

use chrono::NaiveDate;

use crate::i18n::Tr;
use crate::web::ui::{Badge, Tone};

use super::model::{Bill, DocumentState};

/// The state of the document.
pub fn document(t: Tr, bill: &Bill) -> Badge {
    Badge::new(bill.document_state.tone(), bill.document_state.label(t))
}

/// The state of the settlement, of a bill that counts.
pub fn settlement(t: Tr, bill: &Bill) -> Option<Badge> {
    if bill.document_state != DocumentState::Sent {
        return None;
    }
    if bill.credited_at.is_some() {
        return Some(Badge::new(Tone::Off, t.bill_credited_badge()));
    }
    Some(Badge::new(bill.settlement_state.tone(), bill.settlement_state.label(t)))
}

/// What is special about a bill.
pub fn flags(t: Tr, bill: &Bill, today: NaiveDate) -> Vec<Badge> {
    let mut badges = Vec::new();
    if bill.is_overdue(today) {
        badges.push(Badge::new(Tone::Bad, t.bill_overdue_badge()));
    }
    if bill.open_disputes > 0 {
        badges.push(Badge::new(Tone::Warn, t.bill_disputed_badge()));
    }
    if bill.invoice_number.is_some() {
        badges.push(Badge::new(Tone::Plain, t.bill_invoiced_badge()));
    }
    if bill.reissue_of.is_some() {
        badges.push(Badge::new(Tone::Plain, t.bill_reissued_badge()));
    }
    badges
}
