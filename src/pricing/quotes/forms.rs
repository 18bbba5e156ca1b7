//! Reads a question: a price with its terms, and a usage.

use serde_json::value::RawValue;

use crate::pricing::faults::Faults;
use crate::pricing::models::{Charge, ContractYear, Model, Usage};
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::terms::Terms;
use crate::types::Currency;
use crate::types::ids::MeterId;

use super::reading::{self, Reader, fields_of};

/// What every question may have.
const COMMON: &[&str] =
    &["model", "quantity", "currency", "minimum", "cap", "discount_percent", "charge_when_zero"];
/// What a question about an annual package has beside.
const OF_A_YEAR: &[&str] = &["month_index", "cumulative_quantity", "billed_overage"];

/// A question that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quote {
    pub charge: Charge,
    pub usage: Usage,
    pub terms: Terms,
}

impl Quote {
    /// Reads a question.
    pub(super) fn read(raw: &RawValue) -> Result<Quote, Faults> {
        let mut reader = Reader::new(raw, "", String::new())?;
        let Some(model) = reading::model(&mut reader) else { return Err(reader.faults) };
        let of_a_year = if model == Model::AnnualPackage { OF_A_YEAR } else { &[] };
        reader.check_names(&[COMMON, fields_of(model), of_a_year]);
        let currency = reading::currency(&mut reader, Currency::Cny);
        let terms = reading::terms(&mut reader);
        let terms = reader.faults.take(Terms::new(terms, currency));
        let charge = charge(&mut reader, model, currency);
        let usage = usage(&mut reader, model, currency);
        match (charge, usage, terms) {
            (Some(charge), Some(usage), Some(terms)) => reader.faults.or(Quote { charge, usage, terms }),
            _ => Err(reader.faults),
        }
    }
}

/// The charge. A question is about no meter.
fn charge(reader: &mut Reader<'_>, model: Model, currency: Currency) -> Option<Charge> {
    let draft = reading::charge(reader, ChargeKey::of_meter(MeterId(0)), model)?;
    reader.faults.take(draft.check(currency))
}

/// The usage. For an annual package what was used in the contract year may stand for the month's quantity.
fn usage(reader: &mut Reader<'_>, model: Model, currency: Currency) -> Option<Usage> {
    if model != Model::AnnualPackage {
        let quantity = reader.required("quantity");
        return reader.faults.take(Usage::new(quantity));
    }
    let month = reader.required("month_index");
    let (quantity, cumulative) = (reader.number("quantity"), reader.number("cumulative_quantity"));
    let billed = reader.number("billed_overage").unwrap_or_default();
    let cumulative_or_quantity = cumulative.or(quantity).unwrap_or_default();
    let usage = reader.faults.take(Usage::new(quantity.unwrap_or(cumulative_or_quantity)));
    let year = ContractYear::new(month, cumulative_or_quantity, billed, currency);
    let year = reader.faults.take(year)?;
    usage.map(|usage| usage.in_year(year))
}
