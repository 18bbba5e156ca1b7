//! What a batch of prices shows: the names of its fields and its values in words.

use rust_decimal::Decimal;

use crate::batches::model::Change;
use crate::catalog::meters;
use crate::catalog::meters::queries::Meters;
use crate::db::Db;
use crate::i18n::Tr;
use crate::pricing::imports::columns;
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::ChargeDraft;
use crate::types::money::grouped;
use crate::types::{Money, Quantity, Result, UnitPrice};

use super::rules::{self, CONTRACT_YEAR, UNTIL};

/// What a field of a batch of prices is called.
pub fn field(t: Tr, code: &str) -> String {
    if let Some(key) = rules::key_of(code) {
        let parts = [key.device_series, key.layer];
        let parts: Vec<&String> = parts.iter().filter(|part| !part.is_empty()).collect();
        return if parts.is_empty() {
            t.price_batches_charge().to_owned()
        } else {
            t.price_batches_charge_of(t.join(parts))
        };
    }
    match code {
        UNTIL => t.price_batches_until().to_owned(),
        CONTRACT_YEAR => t.price_batches_contract_year().to_owned(),
        "version" => t.price_batches_version().to_owned(),
        other => columns::label(t, other),
    }
}

/// Puts values into words.
pub fn values(db: &mut Db, t: Tr, changes: &[Change]) -> Result<Vec<(String, String)>> {
    let meters = meters::queries::all(db)?;
    let word = |change: &Change, text: &Option<String>| {
        text.as_deref().map(|text| value(t, &meters, &change.field, text)).unwrap_or_default()
    };
    Ok(changes.iter().map(|change| (word(change, &change.was), word(change, &change.becomes))).collect())
}

fn value(t: Tr, meters: &Meters, field: &str, text: &str) -> String {
    if rules::key_of(field).is_some() {
        return match serde_json::from_str::<ChargeDraft>(text) {
            Ok(charge) => charge_in_words(t, meters, &charge),
            Err(_) => text.to_owned(),
        };
    }
    match (field, text.parse::<Decimal>()) {
        ("minimum" | "cap", Ok(amount)) => Money(amount).to_string(),
        ("discount_percent", Ok(percent)) => format!("{} %", percent.normalize()),
        (columns::MODEL, _) => {
            text.parse::<Model>().map_or(text.to_owned(), |model| columns::model(t, model))
        }
        _ => text.to_owned(),
    }
}

/// A charge in one line. The meter is named where there are several.
pub fn charge_in_words(t: Tr, meters: &Meters, charge: &ChargeDraft) -> String {
    let price = |price: Option<Decimal>| UnitPrice(price.unwrap_or_default()).to_string();
    let quantity = |quantity: Option<Decimal>| Quantity(quantity.unwrap_or_default()).to_string();
    let model = columns::model(t, charge.model);
    let numbers = match charge.model {
        Model::Standard => price(charge.unit_price),
        Model::Graduated | Model::Volume => tiers(t, &charge.tiers),
        Model::Block => t.price_batches_block(
            quantity(charge.free_units),
            price(charge.block_price),
            quantity(charge.block_size),
        ),
        Model::AnnualPackage => {
            let fee = Money(charge.annual_fee.unwrap_or_default());
            match charge.included {
                Some(included) => {
                    let overage = price(charge.overage_price);
                    t.price_batches_annual(fee, quantity(Some(included)), overage)
                }
                None => t.price_batches_annual_unlimited(fee),
            }
        }
    };
    let words = t.price_batches_charge_words(model, numbers);
    match meters.get(charge.key.meter) {
        Some(meter) if meters.in_use().count() > 1 => t.price_batches_of_meter(words, meter.label(t)),
        _ => words,
    }
}

/// Tiers as people write them, with their flat fees where there are any.
fn tiers(t: Tr, tiers: &[TierDraft]) -> String {
    let mut from = Decimal::ZERO;
    let mut parts = Vec::with_capacity(tiers.len());
    for tier in tiers {
        let (start, price) = (grouped(&from.normalize().to_string()), UnitPrice(tier.unit_price));
        let range = match tier.up_to {
            Some(bound) => format!("{start}–{}", Quantity(bound)),
            None => format!(">{start}"),
        };
        parts.push(format!("{range}: {price}"));
        from = tier.up_to.unwrap_or(from);
    }
    let table = parts.join("; ");
    if tiers.iter().all(|tier| tier.flat_fee.is_zero()) {
        return table;
    }
    let fees: Vec<String> = tiers.iter().map(|tier| tier.flat_fee.normalize().to_string()).collect();
    t.price_batches_with_fees(fees.join("/"), table)
}
