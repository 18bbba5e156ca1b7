//! Where credit notes are found.

use crate::types::ids::{BillId, CreditNoteId};

/// All credit notes.
pub const INDEX: &str = "/credit-notes";

/// One credit note.
pub fn note(id: impl Into<CreditNoteId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Something to do with a credit note: `approve`, `reject`, `withdraw`.
pub fn act(id: impl Into<CreditNoteId>, verb: &str) -> String {
    format!("{}/{verb}", note(id))
}

/// Asking for a credit note of a bill.
pub fn new(id: impl Into<BillId>) -> String {
    format!("{}/credit", bill(id))
}

/// The bill itself.
pub use crate::billing::bills::urls::bill;

/// Starting a run that writes a bill again.
pub fn reissue(id: impl Into<BillId>) -> String {
    format!("{}/reissue", bill(id))
}
