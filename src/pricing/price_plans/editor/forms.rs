//! What is typed into the editor: texts as they were typed, what its buttons change of them, and the version they ask for.
//!
//! A button that changes the form saves nothing: the form comes back changed, so that the editor works without scripts.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use crate::catalog::meters::queries::Meters;
use crate::i18n::{Message, Tr};
use crate::pricing::price_plans::commands::as_errors;
use crate::pricing::price_plans::draft::{MAX_TEXT, VersionDraft};
use crate::pricing::terms::TermsDraft;
use crate::types::numbers;
use crate::types::{Currency, FieldErrors, PriceTiers};

use super::charge_forms::{ChargeForm, Gathered, TierForm, indexed, number, plain, tidy};

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
        form.charges = charges.into_values().map(Gathered::into_form).collect();
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
            Act::RaiseTier(charge, place) => {
                self.with_tiers(charge, |tiers| swap(tiers, place, place.wrapping_sub(1)));
            }
            Act::LowerTier(charge, place) => {
                self.with_tiers(charge, |tiers| swap(tiers, place, place.wrapping_add(1)));
            }
            _ => {}
        }
        for charge in &mut self.charges {
            charge.complete();
        }
        errors
    }

    fn with_tiers(&mut self, charge: usize, edit: impl FnOnce(&mut Vec<TierForm>)) {
        if let Some(charge) = self.charges.get_mut(charge) {
            edit(&mut charge.tiers);
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
            discount_percent: number(
                &mut errors,
                "discount_percent",
                self.discount_percent.trim_end_matches(['%', '％']),
            ),
        };
        let discount_reason = errors.optional_text("discount_reason", &self.discount_reason, MAX_TEXT);
        let remarks = errors.optional_text("remarks", &self.remarks, MAX_TEXT);
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

impl TrialForm {
    /// A number of the trial, when it is one.
    pub fn number(text: &str) -> Option<Decimal> {
        numbers::read(&tidy(text)).ok()
    }
}

fn swap(tiers: &mut [TierForm], place: usize, other: usize) {
    if place < tiers.len() && other < tiers.len() {
        tiers.swap(place, other);
    }
}
