//! What may be corrected. Pure.

use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::periods::queries::ClosedMonths;
use crate::types::{BillingMonth, Quantity, Refusal};
use crate::usage::records::model::{RecordKey, Stored};

/// Nothing that counts in a closed month changes.
pub fn can_change(key: &RecordKey, closed: &ClosedMonths) -> Result<(), Refusal> {
    let month = BillingMonth::of(key.used_on);
    if closed.has(month) {
        return Err(Refusal::new("closed_month", move |t: Tr| t.corrections_refused_closed(month)));
    }
    Ok(())
}

/// A correction changes what counts. One that says what was sent is none: the one in force is taken back instead.
pub fn can_correct(stored: &Stored, quantity: Decimal, is_corrected: bool) -> Result<(), Refusal> {
    if quantity == stored.quantity {
        let shown = Quantity(quantity);
        return Err(Refusal::new("same_quantity", move |t: Tr| t.corrections_refused_same(shown)));
    }
    if quantity == stored.raw_quantity && is_corrected {
        return Err(Refusal::new("as_sent", Tr::corrections_refused_as_sent));
    }
    Ok(())
}
