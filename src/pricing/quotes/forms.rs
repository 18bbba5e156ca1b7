//! Reads a question: a price with its terms, and a usage.

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
use crate::pricing::models::{
    AnnualPackage, Block, Charge, ContractYear, Graduated, Model, Standard, TierDraft, Tiers, Usage, Volume,
};
use crate::pricing::terms::{Terms, TermsDraft};
use crate::types::Currency;
use crate::types::numbers::{self, NumberFault};

/// What every question may have.
const COMMON: &[&str] =
    &["model", "quantity", "currency", "minimum", "cap", "discount_percent", "charge_when_zero"];
/// What a tier may have.
const OF_A_TIER: &[&str] = &["from", "up_to", "unit_price", "flat_fee"];

/// What a question of a model has beside the rest.
const fn fields_of(model: Model) -> &'static [&'static str] {
    match model {
        Model::Standard => &["unit_price"],
        Model::Graduated | Model::Volume => &["tiers"],
        Model::Block => &["block_size", "free_units", "block_price"],
        Model::AnnualPackage => &[
            "annual_fee",
            "included",
            "overage_price",
            "month_index",
            "cumulative_quantity",
            "billed_overage",
        ],
    }
}

/// A question that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quote {
    pub charge: Charge,
    pub usage: Usage,
    pub terms: Terms,
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
struct Reader<'a> {
    fields: Written<'a>,
    /// What stands before the name of a field, such as `tiers[2].`.
    prefix: String,
    faults: Faults,
}

impl<'a> Reader<'a> {
    fn new(raw: &'a RawValue, place: &str, prefix: String) -> Result<Reader<'a>, Fault> {
        let fields = serde_json::from_str(raw.get());
        let fields = fields.map_err(|_| Fault::new(place, Tr::pricing_fault_object))?;
        Ok(Reader { fields, prefix, faults: Faults::new() })
    }

    fn name(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    /// Names the first field that is there twice, and every one that does not belong there.
    fn check_names(&mut self, known: &[&[&str]]) {
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
    fn get(&self, field: &str) -> Option<&'a RawValue> {
        let found = self.fields.0.iter().find(|(name, _)| name == field);
        found.map(|(_, value)| *value).filter(|value| !["null", "\"\""].contains(&value.get()))
    }

    fn text(&mut self, field: &str) -> Option<Cow<'a, str>> {
        let raw = self.get(field)?;
        let text = serde_json::from_str(raw.get()).map(|Text(text)| text).ok();
        if text.is_none() {
            self.faults.add(&self.name(field), Tr::pricing_fault_text);
        }
        text
    }

    fn truth(&mut self, field: &str) -> bool {
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
    fn number(&mut self, field: &str) -> Option<Decimal> {
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
    fn required(&mut self, field: &str) -> Decimal {
        if self.get(field).is_none() {
            self.faults.add(&self.name(field), Tr::field_required);
        }
        self.number(field).unwrap_or_default()
    }
}

/// A JSON text, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Quote {
    /// Reads a question.
    pub(super) fn read(raw: &RawValue) -> Result<Quote, Faults> {
        let mut reader = Reader::new(raw, "", String::new())?;
        let Some(model) = model(&mut reader) else { return Err(reader.faults) };
        reader.check_names(&[COMMON, fields_of(model)]);
        let currency = currency(&mut reader);
        let terms = terms(&mut reader, currency);
        let charge = charge(&mut reader, model, currency);
        let usage = usage(&mut reader, model, currency);
        match (charge, usage, terms) {
            (Some(charge), Some(usage), Some(terms)) => reader.faults.or(Quote { charge, usage, terms }),
            _ => Err(reader.faults),
        }
    }
}

fn model(reader: &mut Reader<'_>) -> Option<Model> {
    if reader.get("model").is_none() {
        reader.faults.add("model", |t| t.field_required());
    }
    let code = reader.text("model")?;
    let model = Model::from_str(&code).ok();
    if model.is_none() {
        let models = Model::ALL.iter().map(|model| model.as_str()).collect::<Vec<_>>();
        reader.faults.add("model", move |t| t.pricing_fault_model(t.join(&models)));
    }
    model
}

fn currency(reader: &mut Reader<'_>) -> Currency {
    let Some(code) = reader.text("currency") else { return Currency::Cny };
    Currency::from_str(&code).unwrap_or_else(|_| {
        let codes = Currency::ALL.iter().map(|currency| currency.as_str()).collect::<Vec<_>>();
        reader.faults.add("currency", move |t| t.pricing_fault_currency(t.join(&codes)));
        Currency::Cny
    })
}

fn terms(reader: &mut Reader<'_>, currency: Currency) -> Option<Terms> {
    let draft = TermsDraft {
        minimum: reader.number("minimum"),
        cap: reader.number("cap"),
        discount_percent: reader.number("discount_percent"),
    };
    reader.faults.take(Terms::new(draft, currency))
}

fn charge(reader: &mut Reader<'_>, model: Model, currency: Currency) -> Option<Charge> {
    Some(match model {
        Model::Standard => {
            let price = reader.required("unit_price");
            Charge::Standard(reader.faults.take(Standard::new(price))?)
        }
        Model::Graduated => Charge::Graduated(Graduated(tiers(reader, currency)?)),
        Model::Volume => Charge::Volume(Volume(tiers(reader, currency)?)),
        Model::Block => {
            let size = reader.required("block_size");
            let free = reader.number("free_units").unwrap_or_default();
            let price = reader.required("block_price");
            Charge::Block(reader.faults.take(Block::new(size, free, price))?)
        }
        Model::AnnualPackage => {
            let fee = reader.required("annual_fee");
            let (included, price) = (reader.number("included"), reader.number("overage_price"));
            let package = AnnualPackage::new(fee, included, price, currency);
            Charge::AnnualPackage(reader.faults.take(package)?)
        }
    })
}

fn tiers(reader: &mut Reader<'_>, currency: Currency) -> Option<Tiers> {
    let charge_when_zero = reader.truth("charge_when_zero");
    let Some(raw) = reader.get("tiers") else {
        reader.faults.add("tiers", |t| t.field_required());
        return None;
    };
    let Ok(written) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        reader.faults.add("tiers", |t| t.pricing_fault_tiers());
        return None;
    };
    check_count(&mut reader.faults, written.len());
    if reader.faults.iter().any(|fault| fault.field == "tiers") {
        return None;
    }
    let drafts: Option<Vec<TierDraft>> =
        written.iter().enumerate().map(|(place, raw)| tier(&mut reader.faults, place, raw)).collect();
    let drafts = drafts?;
    reader.faults.take(Tiers::new(&drafts, charge_when_zero, currency))
}

fn tier(faults: &mut Faults, place: usize, raw: &RawValue) -> Option<TierDraft> {
    let reader = Reader::new(raw, &format!("tiers[{place}]"), field(place, ""));
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
