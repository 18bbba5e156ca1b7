//! What is typed into the editor about a charge and its tiers, and the charge that it asks for.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization as _;

use crate::catalog::meters::queries::Meters;
use crate::i18n::{Message, Tr};
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::ChargeDraft;
use crate::pricing::price_plans::model::ChargeKey;
use crate::types::ids::MeterId;
use crate::types::numbers::{self, NumberFault};
use crate::types::{FieldErrors, PriceTiers};

/// A charge, as it was typed. What its model does not ask for stays beside, for who changes the model back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChargeForm {
    /// The id of the meter.
    pub meter: String,
    /// The series of devices.
    pub device_series: String,
    /// The layer.
    pub layer: String,
    /// The model.
    pub model: String,
    /// The price of one.
    pub unit_price: String,
    /// The tiers as one text.
    pub text: String,
    /// That text as it was shown; where it differs, somebody has typed.
    pub text_was: String,
    /// The tiers.
    pub tiers: Vec<TierForm>,
    /// Whether the first flat fee is due without usage.
    pub charge_when_zero: String,
    /// The units of a block.
    pub block_size: String,
    /// The units that are free.
    pub free_units: String,
    /// The price of a block.
    pub block_price: String,
    /// The fee of a year.
    pub annual_fee: String,
    /// What it includes.
    pub included: String,
    /// The price of a unit beyond.
    pub overage_price: String,
}

/// A tier, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TierForm {
    /// Its bound; blank in the last.
    pub up_to: String,
    /// The price of one.
    pub unit_price: String,
    /// The fee on entering it.
    pub flat_fee: String,
}

/// A charge that is being read, its tiers by their places.
#[derive(Default)]
pub(super) struct Gathered {
    charge: ChargeForm,
    tiers: BTreeMap<usize, TierForm>,
}

impl Gathered {
    pub(super) fn into_form(self) -> ChargeForm {
        ChargeForm { tiers: self.tiers.into_values().collect(), ..self.charge }
    }

    /// The field of a name; none for one that there is not.
    pub(super) fn slot(&mut self, name: &str) -> Option<&mut String> {
        if let Some((place, rest)) = indexed(name, "tiers") {
            let tier = self.tiers.entry(place).or_default();
            return Some(match rest {
                "up_to" => &mut tier.up_to,
                "unit_price" => &mut tier.unit_price,
                "flat_fee" => &mut tier.flat_fee,
                _ => return None,
            });
        }
        let charge = &mut self.charge;
        Some(match name {
            "meter" => &mut charge.meter,
            "device_series" => &mut charge.device_series,
            "layer" => &mut charge.layer,
            "model" => &mut charge.model,
            "unit_price" => &mut charge.unit_price,
            "text" => &mut charge.text,
            "text_was" => &mut charge.text_was,
            "charge_when_zero" => &mut charge.charge_when_zero,
            "block_size" => &mut charge.block_size,
            "free_units" => &mut charge.free_units,
            "block_price" => &mut charge.block_price,
            "annual_fee" => &mut charge.annual_fee,
            "included" => &mut charge.included,
            "overage_price" => &mut charge.overage_price,
            _ => return None,
        })
    }
}

impl ChargeForm {
    /// A charge that says nothing yet.
    pub fn new(meters: &Meters) -> ChargeForm {
        ChargeForm {
            meter: meters.usual().map(|meter| meter.id.to_string()).unwrap_or_default(),
            model: Model::Standard.as_str().to_owned(),
            ..ChargeForm::default()
        }
    }

    /// The form of a charge.
    pub(super) fn of(draft: &ChargeDraft) -> ChargeForm {
        let tier = |tier: &TierDraft| TierForm {
            up_to: plain(tier.up_to),
            unit_price: plain(Some(tier.unit_price)),
            flat_fee: plain(Some(tier.flat_fee).filter(|fee| !fee.is_zero())),
        };
        let mut form = ChargeForm {
            meter: draft.key.meter.to_string(),
            device_series: draft.key.device_series.clone(),
            layer: draft.key.layer.clone(),
            model: draft.model.as_str().to_owned(),
            unit_price: plain(draft.unit_price),
            tiers: draft.tiers.iter().map(tier).collect(),
            charge_when_zero: if draft.charge_when_zero { "yes".into() } else { String::new() },
            block_size: plain(draft.block_size),
            free_units: plain(draft.free_units),
            block_price: plain(draft.block_price),
            annual_fee: plain(draft.annual_fee),
            included: plain(draft.included),
            overage_price: plain(draft.overage_price),
            ..ChargeForm::default()
        };
        form.complete();
        form
    }

    /// The model, as far as it is one.
    pub fn model(&self) -> Model {
        self.model.parse().unwrap_or(Model::Standard)
    }

    /// Whether it has tiers.
    pub fn is_tiered(&self) -> bool {
        matches!(self.model(), Model::Graduated | Model::Volume)
    }

    /// Makes ready for showing: two tiers to begin with, and their text where they make one.
    pub fn complete(&mut self) {
        if self.is_tiered() && self.tiers.is_empty() {
            self.tiers = vec![TierForm::default(), TierForm::default()];
        }
        if let Some(text) = self.canonical() {
            self.text.clone_from(&text);
            self.text_was = text;
        }
    }

    /// The text of the tiers as they stand in the table; none while they make no sense.
    pub fn canonical(&self) -> Option<String> {
        let read = |text: &str| numbers::read(&tidy(text)).ok();
        let tiers: Option<Vec<_>> = self
            .tiers
            .iter()
            .map(|tier| {
                let up_to = if tier.up_to.trim().is_empty() { None } else { Some(read(&tier.up_to)?) };
                Some((up_to, read(&tier.unit_price)?))
            })
            .collect();
        PriceTiers::written(&tiers?)
    }

    /// Takes over the tiers of a text. A flat fee stays with the bound that it was written for.
    pub(super) fn take_text(&mut self, tiers: &PriceTiers) {
        let fees: BTreeMap<String, String> =
            self.tiers.iter().map(|tier| (tidy(&tier.up_to), tier.flat_fee.clone())).collect();
        self.tiers = tiers
            .tiers()
            .iter()
            .map(|tier| {
                let up_to = plain(tier.upper.map(|upper| upper.0));
                let flat_fee = fees.get(&up_to).cloned().unwrap_or_default();
                TierForm { up_to, unit_price: plain(Some(tier.price.0)), flat_fee }
            })
            .collect();
        self.text_was.clone_from(&self.text);
    }

    /// The charge that the form asks for, as far as it can be read.
    pub(super) fn read(&self, errors: &mut FieldErrors, place: usize, meters: &Meters) -> ChargeDraft {
        let field = |name: &str| format!("charges[{place}].{name}");
        let known = self.meter.trim().parse::<MeterId>().ok().and_then(|id| meters.get(id));
        if known.is_none() {
            errors.push(field("meter"), Message::new(Tr::field_unknown_choice));
        }
        let model = self.model.trim().parse::<Model>();
        if model.is_err() {
            errors.push(field("model"), Message::new(Tr::field_unknown_choice));
        }
        let key = ChargeKey {
            meter: known.map_or(MeterId(0), |meter| meter.id),
            device_series: tidy(&self.device_series),
            layer: tidy(&self.layer),
        };
        let mut draft = ChargeDraft::new(key, model.unwrap_or(Model::Standard));
        let mut ask = |name: &str, raw: &str| number(errors, &field(name), raw);
        match draft.model {
            Model::Standard => draft.unit_price = ask("unit_price", &self.unit_price),
            Model::Block => {
                draft.block_size = ask("block_size", &self.block_size);
                draft.free_units = ask("free_units", &self.free_units);
                draft.block_price = ask("block_price", &self.block_price);
            }
            Model::AnnualPackage => {
                draft.annual_fee = ask("annual_fee", &self.annual_fee);
                draft.included = ask("included", &self.included);
                draft.overage_price = ask("overage_price", &self.overage_price);
            }
            Model::Graduated | Model::Volume => {
                draft.charge_when_zero = !self.charge_when_zero.trim().is_empty();
                let tiers = self.tiers.iter().enumerate();
                draft.tiers =
                    tiers.map(|(at, tier)| tier.read(errors, &field(&format!("tiers[{at}]")))).collect();
            }
        }
        draft
    }
}

impl TierForm {
    fn read(&self, errors: &mut FieldErrors, prefix: &str) -> TierDraft {
        let price = format!("{prefix}.unit_price");
        let unit_price = number(errors, &price, &self.unit_price);
        if unit_price.is_none() {
            errors.push(price, Message::new(Tr::field_required));
        }
        TierDraft {
            from: None,
            up_to: number(errors, &format!("{prefix}.up_to"), &self.up_to),
            unit_price: unit_price.unwrap_or_default(),
            flat_fee: number(errors, &format!("{prefix}.flat_fee"), &self.flat_fee).unwrap_or_default(),
        }
    }
}

/// A name such as `charges[3].model`, taken apart.
pub(super) fn indexed<'a>(name: &'a str, list: &str) -> Option<(usize, &'a str)> {
    let (place, rest) = name.strip_prefix(list)?.strip_prefix('[')?.split_once("].")?;
    Some((place.parse().ok()?, rest))
}

/// A number as people type it, as it is read: half-width, without separators of thousands or signs of money.
pub(super) fn tidy(text: &str) -> String {
    let text: String = text.nfkc().filter(|character| !character.is_whitespace()).collect();
    let text = text.strip_prefix(['¥', '￥']).unwrap_or(&text);
    let text = text.strip_suffix('元').unwrap_or(text);
    let whole = text.split('.').next().unwrap_or_default();
    let is_grouped = whole.split(',').skip(1).all(|group| group.len() == 3);
    if is_grouped { text.replace(',', "") } else { text.to_owned() }
}

/// A number; none when it is blank.
pub(super) fn number(errors: &mut FieldErrors, field: &str, raw: &str) -> Option<Decimal> {
    let text = tidy(raw);
    if text.is_empty() {
        return None;
    }
    let fault = match numbers::read(&text) {
        Ok(number) => return Some(number),
        Err(NumberFault::NotANumber) => Tr::pricing_fault_number,
        Err(NumberFault::TooLong) => Tr::pricing_fault_number_long,
    };
    errors.push(field.to_owned(), Message::new(fault));
    // What is there but cannot be read is not missing as well.
    Some(Decimal::ZERO)
}

/// A number as a field shows it: without separators or superfluous zeros.
pub(super) fn plain(number: Option<Decimal>) -> String {
    number.map(|number| number.normalize().to_string()).unwrap_or_default()
}
