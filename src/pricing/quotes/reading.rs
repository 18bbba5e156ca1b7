//! Reads prices as JSON, piece by piece: a charge with its tiers, its terms, a currency. Questions and price plans share it,
//! so that a price is written the same wherever it is sent.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr as _;

use rust_decimal::Decimal;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::i18n::Tr;
use crate::pricing::faults::{Fault, Faults};
use crate::pricing::models::tiers::{check_count, field};
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::ChargeDraft;
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::terms::TermsDraft;
use crate::types::Currency;

use crate::types::numbers::{self, NumberFault};

/// What a tier may have.
const OF_A_TIER: &[&str] = &["from", "up_to", "unit_price", "flat_fee"];

/// What a charge of a model has beside the model.
pub const fn fields_of(model: Model) -> &'static [&'static str] {
    match model {
        Model::Standard => &["unit_price"],
        Model::Graduated | Model::Volume => &["tiers"],
        Model::Block => &["block_size", "free_units", "block_price"],
        Model::AnnualPackage => &["annual_fee", "included", "overage_price"],
    }
}

/// The fields of an object as they are written, in their order, doubles included.
struct Written<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Written<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Written<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Written<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = object.next_entry::<String, &'de RawValue>()? {
                    fields.push((Cow::Owned(name), value));
                }
                Ok(Written(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// An object whose fields are asked for by their names, and what is wrong with them.
pub struct Reader<'a> {
    fields: Written<'a>,
    /// What stands before the name of a field, such as `tiers[2].`.
    prefix: String,
    /// What is wrong so far.
    pub faults: Faults,
}

impl<'a> Reader<'a> {
    /// An object at a place, whose fields are named behind `prefix`.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(raw: &'a RawValue, place: &str, prefix: String) -> Result<Reader<'a>, Fault> {
        let fields = serde_json::from_str(raw.get());
        let fields = fields.map_err(|_| Fault::new(place, Tr::pricing_fault_object))?;
        Ok(Reader { fields, prefix, faults: Faults::new() })
    }

    /// The whole name of a field.
    pub fn name(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    /// Names the first field that is there twice, and every one that does not belong there.
    pub fn check_names(&mut self, known: &[&[&str]]) {
        let names: Vec<String> = self.fields.0.iter().map(|(name, _)| name.to_string()).collect();
        for (place, name) in names.iter().enumerate() {
            let shown: String = name.chars().take(40).collect();
            let field = self.name(&shown);
            if names.iter().take(place).any(|before| before == name) {
                self.faults.add(&field, move |t| t.pricing_fault_twice(&shown));
            } else if !known.iter().any(|group| group.contains(&name.as_str())) {
                self.faults.add(&field, move |t| t.pricing_fault_unknown_field(&shown));
            }
        }
    }

    /// A field; none when it is not there, `null` or blank.
    pub fn get(&self, field: &str) -> Option<&'a RawValue> {
        let found = self.fields.0.iter().find(|(name, _)| name == field);
        found.map(|(_, value)| *value).filter(|value| !["null", "\"\""].contains(&value.get()))
    }

    /// A text.
    pub fn text(&mut self, field: &str) -> Option<Cow<'a, str>> {
        let raw = self.get(field)?;
        let text = serde_json::from_str(raw.get()).map(|Text(text)| text).ok();
        if text.is_none() {
            self.faults.add(&self.name(field), Tr::pricing_fault_text);
        }
        text
    }

    /// Yes or no; no when it is not there.
    pub fn truth(&mut self, field: &str) -> bool {
        match self.get(field).map(RawValue::get) {
            None | Some("false" | "\"false\"") => false,
            Some("true" | "\"true\"") => true,
            Some(_) => {
                self.faults.add(&self.name(field), Tr::pricing_fault_truth);
                false
            }
        }
    }

    /// A number, written as text or as a JSON number.
    pub fn number(&mut self, field: &str) -> Option<Decimal> {
        let raw = self.get(field)?;
        let read = match serde_json::from_str(raw.get()) {
            Ok(Text(text)) => numbers::read(text.trim()),
            Err(_) => numbers::read(raw.get()),
        };
        read.map_err(|fault| {
            self.faults.add(
                &self.name(field),
                match fault {
                    NumberFault::NotANumber => Tr::pricing_fault_number,
                    NumberFault::TooLong => Tr::pricing_fault_number_long,
                },
            );
        })
        .ok()
    }

    /// A number that has to be there; zero and a fault where it is not.
    pub fn required(&mut self, field: &str) -> Decimal {
        if self.get(field).is_none() {
            self.faults.add(&self.name(field), Tr::field_required);
        }
        self.number(field).unwrap_or_default()
    }
}

/// A JSON text, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The model of a charge.
pub fn model(reader: &mut Reader<'_>) -> Option<Model> {
    if reader.get("model").is_none() {
        reader.faults.add(&reader.name("model"), |t| t.field_required());
    }
    let code = reader.text("model")?;
    let model = Model::from_str(&code).ok();
    if model.is_none() {
        let models = Model::ALL.iter().map(|model| model.as_str()).collect::<Vec<_>>();
        reader.faults.add(&reader.name("model"), move |t| t.pricing_fault_model(t.join(&models)));
    }
    model
}

/// The currency, `usual` when none is named.
pub fn currency(reader: &mut Reader<'_>, usual: Currency) -> Currency {
    let Some(code) = reader.text("currency") else { return usual };
    Currency::from_str(&code).unwrap_or_else(|_| {
        let codes = Currency::ALL.iter().map(|currency| currency.as_str()).collect::<Vec<_>>();
        reader.faults.add("currency", move |t| t.pricing_fault_currency(t.join(&codes)));
        usual
    })
}

/// Minimum, cap and discount.
pub fn terms(reader: &mut Reader<'_>) -> TermsDraft {
    TermsDraft {
        minimum: reader.number("minimum"),
        cap: reader.number("cap"),
        discount_percent: reader.number("discount_percent"),
    }
}

/// A charge of a model; none when its tiers cannot be read. What a model asks for and is not there is left to the draft.
pub fn charge(reader: &mut Reader<'_>, key: ChargeKey, model: Model) -> Option<ChargeDraft> {
    let mut draft = ChargeDraft::new(key, model);
    match model {
        Model::Standard => draft.unit_price = reader.number("unit_price"),
        Model::Graduated | Model::Volume => {
            draft.charge_when_zero = reader.truth("charge_when_zero");
            draft.tiers = tiers(reader)?;
        }
        Model::Block => {
            draft.block_size = reader.number("block_size");
            draft.free_units = reader.number("free_units");
            draft.block_price = reader.number("block_price");
        }
        Model::AnnualPackage => {
            draft.annual_fee = reader.number("annual_fee");
            draft.included = reader.number("included");
            draft.overage_price = reader.number("overage_price");
        }
    }
    Some(draft)
}

fn tiers(reader: &mut Reader<'_>) -> Option<Vec<TierDraft>> {
    let name = reader.name("tiers");
    let Some(raw) = reader.get("tiers") else {
        reader.faults.add(&name, |t| t.field_required());
        return None;
    };
    let Ok(written) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        reader.faults.add(&name, |t| t.pricing_fault_tiers());
        return None;
    };
    let mut counted = Faults::new();
    check_count(&mut counted, written.len());
    let prefix = reader.prefix.clone();
    reader.faults.take_from(&prefix, counted.or(()))?;
    let read = |(place, raw): (usize, &&RawValue)| tier(&mut reader.faults, &prefix, place, raw);
    let tiers: Vec<Option<TierDraft>> = written.iter().enumerate().map(read).collect();
    tiers.into_iter().collect()
}

fn tier(faults: &mut Faults, prefix: &str, place: usize, raw: &RawValue) -> Option<TierDraft> {
    let name = format!("{prefix}{}", field(place, ""));
    let reader = Reader::new(raw, name.trim_end_matches('.'), name.clone());
    let mut reader = faults.take(reader.map_err(Faults::from))?;
    reader.check_names(&[OF_A_TIER]);
    let draft = TierDraft {
        from: reader.number("from"),
        up_to: reader.number("up_to"),
        unit_price: reader.required("unit_price"),
        flat_fee: reader.number("flat_fee").unwrap_or_default(),
    };
    faults.take(reader.faults.or(draft))
}
