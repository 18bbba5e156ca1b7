//! What a raise is asked for: which customers, and by how much.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::customers::grid::forms::GridQuery;
use crate::i18n::Tr;
use crate::pricing::openings::forms::{MAX_CODES, codes};
use crate::pricing::price_plans::draft::MAX_TEXT;
use crate::sheets::clean::number_of;
use crate::types::ids::BatchId;
use crate::types::{FieldErrors, UnitPrice};

use super::model::{Part, Wanted};

/// The most that prices are raised at once, in percent.
const MOST: i64 = 1_000;
/// The decimals of a percentage.
const PERCENT_DECIMALS: u32 = 4;
/// The fields of customers that a raise is narrowed by.
pub const NARROWED: [&str; 4] = ["owner", "industry", "level", "settlement_mode"];

/// The form, as it was sent: everything by name, since parts are sent once each.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct RaiseForm(Vec<(String, String)>);

impl RaiseForm {
    /// The value of a field; blank when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether nothing was sent yet.
    pub fn is_fresh(&self) -> bool {
        self.0.iter().all(|(name, _)| name != "percent")
    }

    /// The parts that are ticked; the usual ones on a form that nobody has sent.
    pub fn parts(&self) -> Vec<String> {
        if self.is_fresh() {
            return Part::USUAL.iter().map(ToString::to_string).collect();
        }
        self.0.iter().filter(|(name, _)| name == "parts").map(|(_, part)| part.clone()).collect()
    }

    /// Which customers, as the list of customers is filtered.
    pub fn filter(&self) -> GridQuery {
        GridQuery::of(NARROWED.map(|name| (name.to_owned(), self.get(name).to_owned())))
    }

    /// The codes of the customers that are named.
    pub fn codes(&self) -> Vec<String> {
        codes(self.get("codes"))
    }

    /// The batch whose customers are meant.
    pub fn batch(&self) -> Option<BatchId> {
        self.get("batch").trim_start_matches('#').parse().ok()
    }

    /// What is wanted.
    pub fn check(&self) -> Result<Wanted, FieldErrors> {
        let mut errors = FieldErrors::new();
        let percent = percent(&mut errors, self.get("percent"));
        let valid_from = errors.day("valid_from", self.get("valid_from"));
        if valid_from.is_none() {
            errors.add("valid_from", Tr::field_required);
        }
        let decimals = errors.code("decimals", self.get("decimals")).filter(|n| *n <= UnitPrice::DECIMALS);
        if decimals.is_none() {
            errors.add("decimals", Tr::field_unknown_choice);
        }
        let parts: Vec<Part> = self.parts().iter().filter_map(|part| part.parse().ok()).collect();
        if parts.is_empty() {
            errors.add("parts", Tr::price_raises_no_parts);
        }
        let model = errors.code("model", self.get("model"));
        if !self.get("batch").is_empty() && self.batch().is_none() {
            errors.add("batch", Tr::price_raises_no_batch);
        }
        if self.codes().len() > MAX_CODES {
            errors.add("codes", |t| t.price_copies_many_codes(MAX_CODES));
        }
        let remarks = errors.optional_text("remarks", self.get("remarks"), MAX_TEXT);
        errors.or(Wanted {
            percent,
            parts,
            valid_from: valid_from.unwrap_or(NaiveDate::MIN),
            decimals: decimals.unwrap_or_default(),
            model,
            remarks,
        })
    }
}

fn percent(errors: &mut FieldErrors, text: &str) -> Decimal {
    let text: String = text.replace('％', "%").trim_end_matches('%').trim().to_owned();
    if text.is_empty() {
        errors.add("percent", Tr::field_required);
        return Decimal::ZERO;
    }
    let Some(percent) = number_of(&text) else {
        errors.add("percent", Tr::price_raises_percent);
        return Decimal::ZERO;
    };
    let is_within = percent > -Decimal::ONE_HUNDRED && percent <= Decimal::from(MOST);
    if percent.is_zero() || !is_within || percent.normalize().scale() > PERCENT_DECIMALS {
        errors.add("percent", Tr::price_raises_percent);
    }
    percent.normalize()
}
