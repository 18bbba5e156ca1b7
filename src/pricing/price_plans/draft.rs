//! A version of prices as somebody writes it: by a form, a program or a file. All of them end here, so that what one
//! refuses, all refuse, at the same field and with the same sentence.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::i18n::Tr;
use crate::pricing::faults::{Fault, Faults};
use crate::pricing::models::{
    AnnualPackage, Block, Charge, Graduated, Model, Standard, TierDraft, Tiers, Volume,
};
use crate::pricing::terms::{Terms, TermsDraft};
use crate::types::Currency;
use crate::types::ids::MeterId;

use super::model::{ChargeKey, Content, KeyedCharge};

/// The most charges of a version.
pub const MAX_CHARGES: usize = 50;
/// The most characters of a reason or a remark.
pub const MAX_TEXT: usize = 500;

/// A version as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionDraft {
    /// The first day on which it is valid.
    pub valid_from: NaiveDate,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Minimum, cap and discount.
    pub terms: TermsDraft,
    /// Why there is a discount.
    pub discount_reason: Option<String>,
    /// Why there is this version.
    pub remarks: Option<String>,
    /// What it charges.
    pub charges: Vec<ChargeDraft>,
}

/// A charge as it is asked for: what its model asks for is filled, the rest is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeDraft {
    /// What is charged for.
    pub key: ChargeKey,
    /// How.
    pub model: Model,
    /// `standard`: the price of a unit.
    pub unit_price: Option<Decimal>,
    /// `graduated` and `volume`: the tiers.
    pub tiers: Vec<TierDraft>,
    /// `graduated` and `volume`: whether the flat fee of the first tier is due even when nothing was used.
    pub charge_when_zero: bool,
    /// `block`: the units of a block.
    pub block_size: Option<Decimal>,
    /// `block`: the units that are free.
    pub free_units: Option<Decimal>,
    /// `block`: the price of a block.
    pub block_price: Option<Decimal>,
    /// `annual_package`: the fee of a year.
    pub annual_fee: Option<Decimal>,
    /// `annual_package`: what the fee includes; without a limit when it is missing.
    pub included: Option<Decimal>,
    /// `annual_package`: the price of a unit beyond.
    pub overage_price: Option<Decimal>,
}

impl VersionDraft {
    /// What the version says, when it makes sense.
    ///
    /// # Errors
    /// What is wrong, at fields such as `charges[0].tiers[2].up_to` or `minimum`.
    pub fn check(&self) -> Result<Content, Faults> {
        let mut faults = Faults::new();
        let terms = faults.take(Terms::new(self.terms, self.currency));
        self.check_discount(&mut faults);
        check_text(&mut faults, "remarks", self.remarks.as_deref());
        let (first, last) = valid_days();
        if self.valid_from < first || self.valid_from > last {
            faults.add("valid_from", move |t| t.price_plan_fault_valid_from(first, last));
        }
        if self.charges.is_empty() {
            faults.add("charges", |t| t.price_plan_fault_no_charges());
        } else if self.charges.len() > MAX_CHARGES {
            faults.add("charges", |t| t.price_plan_fault_many_charges(MAX_CHARGES));
        }
        let mut keys = BTreeSet::new();
        let mut charges = Vec::with_capacity(self.charges.len());
        for (place, draft) in self.charges.iter().enumerate().take(MAX_CHARGES) {
            let prefix = format!("charges[{place}].");
            if !keys.insert(&draft.key) {
                faults.add(&format!("{prefix}device_series"), |t| t.price_plan_fault_same_key());
            }
            if let Some(charge) = faults.take_from(&prefix, draft.check(self.currency)) {
                charges.push(KeyedCharge { key: draft.key.clone(), charge });
            }
        }
        match terms {
            Some(terms) => {
                faults.or(Content { terms, discount_reason: self.discount_reason.clone(), charges })
            }
            None => Err(faults),
        }
    }

    /// Whether another draft says the same, however its numbers are written.
    pub fn says_as(&self, other: &VersionDraft) -> bool {
        self.valid_from == other.valid_from
            && self.remarks == other.remarks
            && self.check().ok() == other.check().ok()
    }

    fn check_discount(&self, faults: &mut Faults) {
        let is_given = self.terms.discount_percent.is_some_and(|percent| !percent.is_zero());
        if is_given && self.discount_reason.as_deref().is_none_or(str::is_empty) {
            faults.add("discount_reason", |t| t.price_plan_fault_discount_reason());
        }
        check_text(faults, "discount_reason", self.discount_reason.as_deref());
    }
}

/// The days on which a version may begin: whatever lies outside was mistyped.
fn valid_days() -> (NaiveDate, NaiveDate) {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(2000, 1, 1), day(2099, 12, 31))
}

fn check_text(faults: &mut Faults, field: &str, text: Option<&str>) {
    if text.is_some_and(|text| text.chars().count() > MAX_TEXT) {
        faults.add(field, |t| t.field_too_long(MAX_TEXT));
    }
}

impl ChargeDraft {
    /// A charge of a model that says nothing yet.
    pub fn new(key: ChargeKey, model: Model) -> ChargeDraft {
        ChargeDraft {
            key,
            model,
            unit_price: None,
            tiers: Vec::new(),
            charge_when_zero: false,
            block_size: None,
            free_units: None,
            block_price: None,
            annual_fee: None,
            included: None,
            overage_price: None,
        }
    }

    /// The draft from which the same charge is made again.
    pub fn of(key: ChargeKey, charge: &Charge) -> ChargeDraft {
        let draft = |model| ChargeDraft::new(key.clone(), model);
        let tiered = |model, tiers: &Tiers| ChargeDraft {
            tiers: tiers.tiers().iter().map(TierDraft::from).collect(),
            charge_when_zero: tiers.charge_when_zero(),
            ..draft(model)
        };
        match charge {
            Charge::Standard(charge) => {
                ChargeDraft { unit_price: Some(charge.unit_price().0), ..draft(Model::Standard) }
            }
            Charge::Graduated(Graduated(tiers)) => tiered(Model::Graduated, tiers),
            Charge::Volume(Volume(tiers)) => tiered(Model::Volume, tiers),
            Charge::Block(charge) => ChargeDraft {
                block_size: Some(charge.size().0),
                free_units: Some(charge.free_units().0),
                block_price: Some(charge.price().0),
                ..draft(Model::Block)
            },
            Charge::AnnualPackage(charge) => ChargeDraft {
                annual_fee: Some(charge.fee().0),
                included: charge.included().map(|quantity| quantity.0),
                overage_price: Some(charge.overage_price().0),
                ..draft(Model::AnnualPackage)
            },
        }
    }

    /// The charge, when it makes sense.
    ///
    /// # Errors
    /// What is wrong, at fields such as `tiers[2].up_to`.
    pub fn check(&self, currency: Currency) -> Result<Charge, Faults> {
        let key = self.key.check();
        let charge = self.charge(currency);
        match (key, charge) {
            (Ok(()), outcome) => outcome,
            (Err(faults), Ok(_)) => Err(faults),
            (Err(mut faults), Err(others)) => {
                others.iter().for_each(|fault| faults.push(fault.clone()));
                Err(faults)
            }
        }
    }

    fn charge(&self, currency: Currency) -> Result<Charge, Faults> {
        Ok(match self.model {
            Model::Standard => Charge::Standard(Standard::new(need(self.unit_price, "unit_price")?)?),
            Model::Graduated => {
                Charge::Graduated(Graduated(Tiers::new(&self.tiers, self.charge_when_zero, currency)?))
            }
            Model::Volume => {
                Charge::Volume(Volume(Tiers::new(&self.tiers, self.charge_when_zero, currency)?))
            }
            Model::Block => {
                let mut faults = Faults::new();
                let size = faults.take(need(self.block_size, "block_size"));
                let price = faults.take(need(self.block_price, "block_price"));
                let free = self.free_units.unwrap_or_default();
                let block = Block::new(size.unwrap_or(Decimal::ONE), free, price.unwrap_or_default());
                let block = faults.take(block);
                return block
                    .map_or_else(|| Err(faults.clone()), |block| faults.clone().or(Charge::Block(block)));
            }
            Model::AnnualPackage => {
                let fee = need(self.annual_fee, "annual_fee")?;
                let package = AnnualPackage::new(fee, self.included, self.overage_price, currency)?;
                Charge::AnnualPackage(package)
            }
        })
    }
}

fn need(number: Option<Decimal>, field: &str) -> Result<Decimal, Faults> {
    number.ok_or_else(|| Fault::new(field, Tr::field_required).into())
}

impl ChargeKey {
    /// The longest series or layer.
    pub const MAX: usize = 20;

    /// What all usage of a meter is charged by that no other charge names.
    pub fn of_meter(meter: MeterId) -> ChargeKey {
        ChargeKey { meter, device_series: String::new(), layer: String::new() }
    }

    fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::new();
        for (field, text) in [("device_series", &self.device_series), ("layer", &self.layer)] {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            if text.len() > ChargeKey::MAX || !text.chars().all(fits) {
                faults.add(field, |t| t.price_plan_fault_dimension(ChargeKey::MAX));
            }
        }
        faults.or(())
    }
}
