//! What is sent about one bill or several, checked.

use serde::Deserialize;

use crate::types::FieldErrors;
use crate::types::ids::BillId;

/// The longest reason.
pub const MAX_REASON: usize = 500;
/// The longest number of an invoice.
pub const MAX_INVOICE: usize = 50;
/// So many bills are done something with at once.
pub const MOST_CHOSEN: usize = 500;

/// Something that is done with a bill.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DeedForm {
    /// The version that was read, for the optimistic lock.
    pub version: String,
    /// Why.
    pub reason: String,
    /// The number of an invoice.
    pub invoice_number: String,
    /// `approve` or `reject`. Of programs.
    pub decision: String,
    /// Whether the next bill that waits shall follow.
    pub queue: String,
}

impl DeedForm {
    /// The version that was read; 0, which none has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// The reason, which has to be given.
    pub fn reason(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        errors.or(reason)
    }

    /// The number of an invoice, which has to be given.
    pub fn invoice_number(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let number = errors.required_line("invoice_number", &self.invoice_number, MAX_INVOICE);
        errors.or(number)
    }
}

/// The parameters of the page of a bill.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct QueueQuery {
    /// Whether somebody goes through those that wait.
    pub queue: String,
}

/// Bills that somebody has chosen in a list, each named by its id and the version that was shown: `17-3`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChosenForm {
    /// The bills.
    pub bill: Vec<String>,
    /// Why.
    pub reason: String,
}

impl ChosenForm {
    /// The bills, each once, as they were shown; what names none is passed over.
    pub fn shown(&self) -> Vec<(BillId, u32)> {
        let mut shown: Vec<(BillId, u32)> = self.bill.iter().filter_map(|text| key(text)).collect();
        shown.sort_unstable();
        shown.dedup_by_key(|(id, _)| *id);
        shown.truncate(MOST_CHOSEN);
        shown
    }
}

fn key(text: &str) -> Option<(BillId, u32)> {
    let (id, version) = text.split_once('-')?;
    Some((id.parse().ok()?, version.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_bills_are_named_by_their_ids_and_versions() {
        let bill = ["17-3", "4-1", "17-3", "17", "x-1", "-", "99999999999999999999-1", "5-2'"];
        let form = ChosenForm { bill: bill.map(str::to_owned).to_vec(), reason: String::new() };
        assert_eq!(form.shown(), [(BillId(4), 1), (BillId(17), 3)]);
    }
}
