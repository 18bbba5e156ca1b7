//! Versions as programs send them: the same shape as a quote per charge, with the same faults at the same fields.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::catalog::meters::queries::Meters;
use crate::i18n::Tr;
use crate::pricing::faults::Faults;
use crate::pricing::price_plans::draft::{ChargeDraft, MAX_CHARGES, VersionDraft};
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::quotes::reading::{self, Reader, fields_of};
use crate::types::Currency;
use crate::types::time::parse_day;

/// What a version may have.
const OF_A_VERSION: &[&str] = &[
    "customer",
    "valid_from",
    "currency",
    "minimum",
    "cap",
    "discount_percent",
    "discount_reason",
    "remarks",
    "submit",
    "charges",
];
/// What every charge may have.
const OF_A_CHARGE: &[&str] = &["meter", "device_series", "layer", "model", "charge_when_zero"];

/// A version that a program asks for. All numbers may be written as texts.
#[derive(Debug, ToSchema)]
pub struct NewVersionJson {
    /// The code of the customer.
    pub customer: String,
    /// The first day on which it shall be valid.
    pub valid_from: NaiveDate,
    /// `CNY`, `USD` or `IDR`; absent for the customer's.
    pub currency: Option<String>,
    /// What a month with usage costs at least.
    pub minimum: Option<String>,
    /// What a month costs at most.
    pub cap: Option<String>,
    /// What is taken off in the end, in percent.
    pub discount_percent: Option<String>,
    /// Why there is a discount.
    pub discount_reason: Option<String>,
    /// Why there is this version.
    pub remarks: Option<String>,
    /// Whether it shall be submitted for approval at once.
    pub submit: Option<bool>,
    /// What it charges; one at least.
    pub charges: Vec<ChargeJson>,
}

/// A charge of a version: its model, and what the model asks for, as in a quote.
#[derive(Debug, ToSchema)]
pub struct ChargeJson {
    /// The code of the meter; absent for the usual one.
    pub meter: Option<String>,
    /// The series of devices that it is for; absent for the rest.
    pub device_series: Option<String>,
    /// The layer that it is for; absent for the rest.
    pub layer: Option<String>,
    /// `standard`, `graduated`, `volume`, `block` or `annual_package`.
    pub model: String,
    /// `standard`: the price of one.
    pub unit_price: Option<String>,
    /// `graduated` and `volume`: the tiers, the lowest first; the last without `up_to`.
    pub tiers: Option<Vec<crate::pricing::quotes::api::TierJson>>,
    /// `graduated` and `volume`: whether the flat fee of the first tier is due even when nothing was used.
    pub charge_when_zero: Option<bool>,
    /// `block`: the units of a block.
    pub block_size: Option<String>,
    /// `block`: the units that are free.
    pub free_units: Option<String>,
    /// `block`: the price of a block.
    pub block_price: Option<String>,
    /// `annual_package`: the fee of a year.
    pub annual_fee: Option<String>,
    /// `annual_package`: what it includes; absent for all.
    pub included: Option<String>,
    /// `annual_package`: the price of a unit beyond.
    pub overage_price: Option<String>,
}

/// A version that was sent: whose it is, and what it says once the customer and the meters are known.
#[derive(Debug)]
pub struct Sent {
    text: String,
    /// The code of the customer.
    pub customer: String,
    /// Whether it shall be submitted at once.
    pub submits: bool,
}

impl Sent {
    /// Takes what was sent.
    ///
    /// # Errors
    /// When it is no object, or names no customer.
    pub fn new(text: String) -> Result<Sent, Faults> {
        let raw = raw(&text)?;
        let mut reader = Reader::new(raw, "", String::new())?;
        let customer = reader.text("customer").map(Cow::into_owned);
        if customer.is_none() {
            reader.faults.add("customer", |t| t.field_required());
        }
        let submits = reader.truth("submit");
        let customer = customer.unwrap_or_default().trim().to_owned();
        reader.faults.or((customer, submits)).map(|(customer, submits)| Sent { text, customer, submits })
    }

    /// The version, of a customer who is billed in `usual`.
    ///
    /// # Errors
    /// What is wrong, at fields such as `charges[0].tiers[1].unit_price`.
    pub fn draft(&self, usual: Currency, meters: &Meters) -> Result<VersionDraft, Faults> {
        let mut reader = Reader::new(raw(&self.text)?, "", String::new())?;
        reader.check_names(&[OF_A_VERSION]);
        let valid_from = reader.text("valid_from").and_then(|text| parse_day(&text));
        if valid_from.is_none() {
            let is_there = reader.get("valid_from").is_some();
            reader
                .faults
                .add("valid_from", move |t| if is_there { t.field_day() } else { t.field_required() });
        }
        let currency = reading::currency(&mut reader, usual);
        let terms = reading::terms(&mut reader);
        let mut text = |field: &str| {
            reader.text(field).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let (discount_reason, remarks) = (text("discount_reason"), text("remarks"));
        let charges = charges(&mut reader, meters).unwrap_or_default();
        let draft = VersionDraft {
            valid_from: valid_from.unwrap_or_default(),
            currency,
            terms,
            discount_reason,
            remarks,
            charges,
        };
        // Faults of charges that cannot be read stand already: the draft has nothing to say of their number.
        if reader.faults.is_empty() {
            reader.faults.take(draft.check());
        }
        if currency != usual {
            reader.faults.add("currency", move |t| t.price_plan_refused_currency(usual, currency));
        }
        reader.faults.or(draft)
    }
}

fn raw(text: &str) -> Result<&RawValue, Faults> {
    serde_json::from_str(text).map_err(|fault: serde_json::Error| {
        let place = fault.to_string();
        crate::pricing::Fault::new("", move |t: Tr| t.error_json_text(&place)).into()
    })
}

fn charges(reader: &mut Reader<'_>, meters: &Meters) -> Option<Vec<ChargeDraft>> {
    let Some(raw) = reader.get("charges") else {
        reader.faults.add("charges", |t| t.field_required());
        return None;
    };
    let Ok(written) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        reader.faults.add("charges", |t| t.price_plan_fault_charges());
        return None;
    };
    if written.len() > MAX_CHARGES {
        reader.faults.add("charges", |t| t.price_plan_fault_many_charges(MAX_CHARGES));
        return None;
    }
    let charge = |(place, raw): (usize, &&RawValue)| charge(&mut reader.faults, meters, place, raw);
    let charges: Vec<Option<ChargeDraft>> = written.iter().enumerate().map(charge).collect();
    charges.into_iter().collect()
}

fn charge(faults: &mut Faults, meters: &Meters, place: usize, raw: &RawValue) -> Option<ChargeDraft> {
    let reader = Reader::new(raw, &format!("charges[{place}]"), format!("charges[{place}]."));
    let mut reader = faults.take(reader.map_err(Faults::from))?;
    let draft = one(&mut reader, meters);
    let outcome = match draft {
        Some(draft) => reader.faults.or(draft),
        None => Err(reader.faults),
    };
    faults.take(outcome)
}

fn one(reader: &mut Reader<'_>, meters: &Meters) -> Option<ChargeDraft> {
    let model = reading::model(reader)?;
    reader.check_names(&[OF_A_CHARGE, fields_of(model)]);
    let known = match reader.text("meter") {
        Some(code) => meters.of_code(code.trim()).filter(|meter| meter.is_in_use()),
        None => meters.usual(),
    };
    let Some(meter) = known else {
        let field = reader.name("meter");
        reader.faults.add(&field, |t| t.field_unknown_choice());
        return None;
    };
    let mut text = |field: &str| reader.text(field).map(|text| text.trim().to_owned()).unwrap_or_default();
    let key = ChargeKey { meter: meter.id, device_series: text("device_series"), layer: text("layer") };
    reading::charge(reader, key, model)
}
