//! What is typed into the editor: texts as they were typed, what its buttons change of them, and the version they ask for.
//!
//! A button that changes the form saves nothing: the form comes back changed, so that the editor works without scripts.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use unicode_normalization::UnicodeNormalization as _;

use crate::catalog::meters::queries::Meters;
use crate::i18n::{Message, Tr};
use crate::pricing::models::{Model, TierDraft};
use crate::types::numbers::{self, NumberFault};
use crate::pricing::terms::TermsDraft;
use crate::types::ids::MeterId;
use crate::types::{Currency, FieldErrors, PriceTiers};

use super::commands::as_errors;
use super::draft::{ChargeDraft, VersionDraft};
use super::model::ChargeKey;

/// The editor, as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanForm {
    /// The button that was pressed.
    pub act: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
    /// The first day.
    pub valid_from: String,
    /// What a month with usage costs at least.
    pub minimum: String,
    /// What a month costs at most.
    pub cap: String,
    /// The discount.
    pub discount_percent: String,
    /// Why there is one.
    pub discount_reason: String,
    /// Why there is this version.
    pub remarks: String,
    /// The charges.
    pub charges: Vec<ChargeForm>,
    /// What is tried.
    pub trial: TrialForm,
}

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

/// What is tried with the version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrialForm {
    /// The place of the charge.
    pub charge: String,
    /// The quantity of a month.
    pub quantity: String,
    /// The month of the contract year.
    pub month_index: String,
    /// What was used in the contract year so far.
    pub cumulative: String,
}

/// What a button of the editor asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Save it.
    Save,
    /// Save it, and submit it for approval.
    Submit,
    /// Show it again: another model was chosen, or something is to be tried.
    Show,
    /// One more charge.
    AddCharge,
    /// One charge less.
    RemoveCharge(usize),
    /// One more tier of a charge.
    AddTier(usize),
    /// One tier of a charge less.
    RemoveTier(usize, usize),
    /// A tier of a charge before the one before it.
    RaiseTier(usize, usize),
    /// A tier of a charge behind the next one.
    LowerTier(usize, usize),
    /// The tiers of a charge from its text.
    ReadText(usize),
}

impl Act {
    /// The act of a button: a word, with the places that it is about behind colons.
    pub fn parse(text: &str) -> Act {
        let mut parts = text.split(':');
        let word = parts.next().unwrap_or_default();
        let mut place = || parts.next().and_then(|place| place.parse().ok()).unwrap_or(usize::MAX);
        match word {
            "submit" => Act::Submit,
            "show" => Act::Show,
            "add_charge" => Act::AddCharge,
            "remove_charge" => Act::RemoveCharge(place()),
            "add_tier" => Act::AddTier(place()),
            "remove_tier" => Act::RemoveTier(place(), place()),
            "raise_tier" => Act::RaiseTier(place(), place()),
            "lower_tier" => Act::LowerTier(place(), place()),
            "read_text" => Act::ReadText(place()),
            _ => Act::Save,
        }
    }

    /// Whether something shall be stored.
    pub fn is_final(self) -> bool {
        matches!(self, Act::Save | Act::Submit)
    }
}

impl<'de> Deserialize<'de> for PlanForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PlanForm, D::Error> {
        Ok(PlanForm::of(Vec::<(String, String)>::deserialize(deserializer)?))
    }
}

/// A charge that is being read, its tiers by their places.
#[derive(Default)]
struct Gathered {
    charge: ChargeForm,
    tiers: BTreeMap<usize, TierForm>,
}

impl PlanForm {
    /// The form of names and values. Of a name that is there twice the first counts; places may have gaps.
    pub fn of(fields: Vec<(String, String)>) -> PlanForm {
        let (mut form, mut charges) = (PlanForm::default(), BTreeMap::<usize, Gathered>::new());
        for (name, value) in fields {
            let slot = match indexed(&name, "charges") {
                Some((place, rest)) => charges.entry(place).or_default().slot(rest),
                None => form.slot(&name),
            };
            if let Some(slot) = slot.filter(|slot| slot.is_empty()) {
                *slot = value;
            }
        }
        form.charges = charges
            .into_values()
            .map(|gathered| ChargeForm { tiers: gathered.tiers.into_values().collect(), ..gathered.charge })
            .collect();
        form
    }

    fn slot(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "act" => &mut self.act,
            "version" => &mut self.version,
            "valid_from" => &mut self.valid_from,
            "minimum" => &mut self.minimum,
            "cap" => &mut self.cap,
            "discount_percent" => &mut self.discount_percent,
            "discount_reason" => &mut self.discount_reason,
            "remarks" => &mut self.remarks,
            "trial.charge" => &mut self.trial.charge,
            "trial.quantity" => &mut self.trial.quantity,
            "trial.month_index" => &mut self.trial.month_index,
            "trial.cumulative" => &mut self.trial.cumulative,
            _ => return None,
        })
    }

    /// The form of a version.
    pub fn from_draft(draft: &VersionDraft, version: u32) -> PlanForm {
        PlanForm {
            version: version.to_string(),
            valid_from: draft.valid_from.to_string(),
            minimum: plain(draft.terms.minimum),
            cap: plain(draft.terms.cap),
            discount_percent: plain(draft.terms.discount_percent),
            discount_reason: draft.discount_reason.clone().unwrap_or_default(),
            remarks: draft.remarks.clone().unwrap_or_default(),
            charges: draft.charges.iter().map(ChargeForm::of).collect(),
            ..PlanForm::default()
        }
    }

    /// The form of a customer's first version: one charge of the usual meter.
    pub fn first(meters: &Meters, today: NaiveDate) -> PlanForm {
        PlanForm {
            valid_from: today.to_string(),
            charges: vec![ChargeForm::new(meters)],
            ..PlanForm::default()
        }
    }

    /// The version that was read; 0, which none has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// Does what a button asks for, as far as it changes the form; what is wrong with a text that shall be read.
    pub fn apply(&mut self, act: Act, meters: &Meters) -> FieldErrors {
        let errors = self.read_texts(act);
        match act {
            Act::AddCharge => self.charges.push(ChargeForm::new(meters)),
            Act::RemoveCharge(place) if place < self.charges.len() => {
                self.charges.remove(place);
            }
            Act::AddTier(charge) => self.with_tiers(charge, |tiers| {
                // The last tier has no bound: what is added stands before it.
                let last = tiers.len().saturating_sub(1);
                tiers.insert(last, TierForm::default());
            }),
            Act::RemoveTier(charge, place) => self.with_tiers(charge, |tiers| {
                if place < tiers.len() {
                    tiers.remove(place);
                }
            }),
            Act::RaiseTier(charge, place) => self.with_tiers(charge, |tiers| swap(tiers, place, place.wrapping_sub(1))),
            Act::LowerTier(charge, place) => self.with_tiers(charge, |tiers| swap(tiers, place, place.wrapping_add(1))),
            _ => {}
        }
        for charge in &mut self.charges {
            charge.complete();
        }
        errors
    }

    fn with_tiers(&mut self, charge: usize, change: impl FnOnce(&mut Vec<TierForm>)) {
        if let Some(charge) = self.charges.get_mut(charge) {
            change(&mut charge.tiers);
        }
    }

    /// Reads the texts that somebody has typed since they were shown: they say what the tiers shall be.
    pub fn read_texts(&mut self, act: Act) -> FieldErrors {
        let mut errors = FieldErrors::new();
        for (place, charge) in self.charges.iter_mut().enumerate().filter(|(_, charge)| charge.is_tiered()) {
            let is_asked = act == Act::ReadText(place);
            let is_typed = charge.text.trim() != charge.text_was.trim() && !charge.text.trim().is_empty();
            if !is_asked && !is_typed {
                continue;
            }
            match PriceTiers::from_str(&charge.text) {
                Ok(tiers) => charge.take_text(&tiers),
                Err(fault) => {
                    let message = Message::new(move |t| fault.text(t));
                    errors.push(format!("charges[{place}].text"), message);
                }
            }
        }
        errors
    }

    /// The version that the form asks for, as far as it can be read, and what cannot.
    pub fn read(&self, currency: Currency, meters: &Meters) -> (VersionDraft, FieldErrors) {
        let mut errors = FieldErrors::new();
        let valid_from = errors.day("valid_from", &self.valid_from);
        if valid_from.is_none() {
            errors.add("valid_from", Tr::field_required);
        }
        let terms = TermsDraft {
            minimum: number(&mut errors, "minimum", &self.minimum),
            cap: number(&mut errors, "cap", &self.cap),
            discount_percent: number(&mut errors, "discount_percent", self.discount_percent.trim_end_matches(['%', '％'])),
        };
        let discount_reason = errors.optional_text("discount_reason", &self.discount_reason, super::draft::MAX_TEXT);
        let remarks = errors.optional_text("remarks", &self.remarks, super::draft::MAX_TEXT);
        let charges =
            self.charges.iter().enumerate().map(|(place, charge)| charge.read(&mut errors, place, meters));
        let draft = VersionDraft {
            charges: charges.collect(),
            valid_from: valid_from.unwrap_or_default(),
            currency,
            terms,
            discount_reason,
            remarks,
        };
        (draft, errors)
    }

    /// The version that the form asks for.
    ///
    /// # Errors
    /// What is wrong, at fields such as `charges[0].tiers[2].up_to`.
    pub fn check(&self, currency: Currency, meters: &Meters) -> Result<VersionDraft, FieldErrors> {
        let (draft, mut errors) = self.read(currency, meters);
        if let Err(faults) = draft.check() {
            errors.extend(as_errors(&faults));
        }
        errors.or(draft)
    }
}

impl Gathered {
    fn slot(&mut self, name: &str) -> Option<&mut String> {
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

    fn of(draft: &ChargeDraft) -> ChargeForm {
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
    fn take_text(&mut self, tiers: &PriceTiers) {
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

    fn read(&self, errors: &mut FieldErrors, place: usize, meters: &Meters) -> ChargeDraft {
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
                draft.tiers = tiers.map(|(at, tier)| tier.read(errors, &field(&format!("tiers[{at}]")))).collect();
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

impl TrialForm {
    /// A number of the trial, when it is one.
    pub fn number(text: &str) -> Option<Decimal> {
        numbers::read(&tidy(text)).ok()
    }
}

/// A name such as `charges[3].model`, taken apart.
fn indexed<'a>(name: &'a str, list: &str) -> Option<(usize, &'a str)> {
    let (place, rest) = name.strip_prefix(list)?.strip_prefix('[')?.split_once("].")?;
    Some((place.parse().ok()?, rest))
}

fn swap(tiers: &mut [TierForm], place: usize, other: usize) {
    if place < tiers.len() && other < tiers.len() {
        tiers.swap(place, other);
    }
}

/// A number as people type it, as it is read: half-width, without separators of thousands or signs of money.
fn tidy(text: &str) -> String {
    let text: String = text.nfkc().filter(|character| !character.is_whitespace()).collect();
    let text = text.strip_prefix(['¥', '￥']).unwrap_or(&text);
    let text = text.strip_suffix('元').unwrap_or(text);
    let whole = text.split('.').next().unwrap_or_default();
    let is_grouped = whole.split(',').skip(1).all(|group| group.len() == 3);
    if is_grouped { text.replace(',', "") } else { text.to_owned() }
}

/// A number; none when it is blank.
fn number(errors: &mut FieldErrors, field: &str, raw: &str) -> Option<Decimal> {
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
fn plain(number: Option<Decimal>) -> String {
    number.map(|number| number.normalize().to_string()).unwrap_or_default()
}
