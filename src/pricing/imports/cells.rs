//! A row of a file of prices as it is read: what each cell says, what was corrected on the way, and what is wrong.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization as _;

use crate::batches::model::{Correction, Fault};
use crate::catalog::meters::model::Meter;
use crate::catalog::meters::queries::Meters;
use crate::customers::directory::model::Customer;
use crate::i18n::{Said, Tr};
use crate::imports::{Ground, Source};
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::ChargeDraft;
use crate::pricing::price_plans::model::ChargeKey;
use crate::sheets::Cell;
use crate::sheets::clean::{self, Becomes};
use crate::types::ids::MeterId;
use crate::types::price_tiers::PriceTiers;

use super::columns::{
    COLUMNS, COMPANY_CODE, DEVICE_SERIES, DISCOUNT_REASON, FLAT_FEES, LAYER, METER, MODEL, NUMBERS, REMARKS,
    TIERS, VALID_FROM, column_of, model_of, numbers_of,
};

/// What rows are read against.
pub struct Readers<'a> {
    /// What the rows of the import have in common.
    pub ground: &'a Ground,
    /// All meters.
    pub meters: &'a Meters,
    /// The customers of the codes in the file, as far as whoever asks reaches them.
    pub customers: &'a BTreeMap<String, Customer>,
}

/// A row.
pub struct Line {
    /// Its number in the file.
    pub number: u32,
    /// What people recognise it by.
    pub label: String,
    /// Whether there is nothing in it.
    pub is_blank: bool,
    /// Whose price it is.
    pub customer: Option<Customer>,
    /// From when on.
    pub day: Option<NaiveDate>,
    /// What it charges.
    pub charge: ChargeDraft,
    /// Minimum, cap and discount, as far as the row has them.
    pub terms: [(&'static str, Option<Decimal>); 3],
    /// Why there is a discount.
    pub discount_reason: Option<String>,
    /// Why there is the version.
    pub remarks: Option<String>,
    /// What was corrected.
    pub corrections: Vec<Correction>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// The columns of the terms.
pub const TERMS: [&str; 3] = ["minimum", "cap", "discount_percent"];

/// A cell of a row by its column's code.
pub fn cell<'a>(row: &'a Source, code: &str) -> &'a Cell {
    let place = COLUMNS.iter().position(|column| column.code == code);
    place.and_then(|place| row.cells.get(place)).unwrap_or(&Cell::Blank)
}

impl Line {
    /// Reads a row.
    pub fn read(row: &Source, readers: &Readers) -> Line {
        let key = ChargeKey::of_meter(readers.meters.usual().map_or(MeterId(0), |meter| meter.id));
        let mut line = Line {
            number: row.number,
            label: String::new(),
            is_blank: row.cells.iter().all(Cell::is_blank),
            customer: None,
            day: None,
            charge: ChargeDraft::new(key, Model::Standard),
            terms: TERMS.map(|column| (column, None)),
            discount_reason: None,
            remarks: None,
            corrections: Vec::new(),
            faults: Vec::new(),
        };
        if !line.is_blank {
            line.take(row, readers);
        }
        line
    }

    fn take(&mut self, row: &Source, readers: &Readers) {
        let code = self.clean(COMPANY_CODE, clean::code(cell(row, COMPANY_CODE)));
        self.customer = code.as_ref().and_then(|code| readers.customers.get(code)).cloned();
        if code.is_none() {
            self.fault(row, COMPANY_CODE, "required", Tr::field_required);
        } else if self.customer.is_none() {
            self.fault(row, COMPANY_CODE, "unknown_customer", Tr::price_imports_unknown_customer);
        }
        self.take_day(row, readers.ground);
        self.take_key(row, readers);
        if let Some(model) = self.take_model(row, readers.ground) {
            self.charge.model = model;
            self.take_charge(row, model);
        }
        for place in 0..TERMS.len() {
            self.take_term(row, place);
        }
        self.discount_reason = self.clean(DISCOUNT_REASON, clean::text(cell(row, DISCOUNT_REASON)));
        self.remarks = self.clean(REMARKS, clean::text(cell(row, REMARKS)));
        let name = self.customer.as_ref().map(|customer| customer.fields.company_name.clone());
        let day = self.day.map(|day| day.to_string());
        let series = Some(self.charge.key.device_series.clone());
        let parts = [code, name, day, series].into_iter().flatten().filter(|part| !part.is_empty());
        self.label = parts.collect::<Vec<_>>().join(" ");
    }

    fn take_day(&mut self, row: &Source, ground: &Ground) {
        match clean::date(cell(row, VALID_FROM), ground.date_system) {
            Ok(cleaned) => self.day = self.clean(VALID_FROM, cleaned),
            Err(why) => self.fault(row, VALID_FROM, "invalid_date", move |t| why.text(t)),
        }
        if self.day.is_none() {
            self.fault(row, VALID_FROM, "required", Tr::field_required);
        }
    }

    fn take_key(&mut self, row: &Source, readers: &Readers) {
        if let Some(text) = self.clean(METER, clean::code(cell(row, METER))) {
            let chosen = readers.ground.choices.get(METER, &text).unwrap_or(&text);
            let is_it = |meter: &&Meter| {
                meter.code == chosen || Tr::ALL.into_iter().any(|t| meter.label(t) == chosen)
            };
            match readers.meters.in_use().find(is_it) {
                Some(meter) => self.charge.key.meter = meter.id,
                None => self.fault(row, METER, "unknown_value", Tr::price_imports_unknown_meter),
            }
        }
        let key = |cleaned: Option<String>| cleaned.unwrap_or_default();
        self.charge.key.device_series = key(self.clean(DEVICE_SERIES, clean::code(cell(row, DEVICE_SERIES))));
        self.charge.key.layer = key(self.clean(LAYER, clean::code(cell(row, LAYER))));
    }

    fn take_model(&mut self, row: &Source, ground: &Ground) -> Option<Model> {
        let Some(text) = self.clean(MODEL, clean::name(cell(row, MODEL))) else {
            self.fault(row, MODEL, "required", Tr::field_required);
            return None;
        };
        if let Some(chosen) = ground.choices.get(MODEL, &text).and_then(|chosen| chosen.parse().ok()) {
            let model: Model = chosen;
            self.correct(MODEL, text, model.as_str());
            return Some(model);
        }
        let model = model_of(&text);
        if model.is_none() {
            self.fault(row, MODEL, "unknown_value", move |t: Tr| t.price_imports_unknown_model(&text));
        }
        model
    }

    /// What the model asks for. A number that belongs to another model is a mistake one way or the other.
    fn take_charge(&mut self, row: &Source, model: Model) {
        let asked = numbers_of(model);
        for column in NUMBERS {
            let number = self.number(row, column);
            if asked.contains(&column) {
                self.set(column, number);
            } else if number.is_some_and(|number| !number.is_zero()) {
                self.fault_of_model(row, column, model);
            }
        }
        let is_tiered = matches!(model, Model::Graduated | Model::Volume);
        if is_tiered {
            self.take_tiers(row);
        } else {
            for column in [TIERS, FLAT_FEES] {
                if clean::text(cell(row, column)).value.is_some() {
                    self.fault_of_model(row, column, model);
                }
            }
        }
        // A price is checked in the currency of who pays it; without one it is looked at all the same.
        let currency = self.customer.as_ref().map(|customer| customer.fields.currency);
        let currency = currency.unwrap_or(crate::types::Currency::Cny);
        if is_tiered && self.charge.tiers.is_empty() {
            self.fault(row, TIERS, "required", Tr::field_required);
            return;
        }
        for fault in self.charge.check(currency).err().iter().flat_map(|faults| faults.iter()) {
            let message = fault.message.clone();
            let at = place_of_tier(&fault.field);
            self.fault(row, column_of(&fault.field), "invalid_price", move |t: Tr| match at {
                Some(place) => t.price_imports_at_tier(message.text(t), place),
                None => message.text(t),
            });
        }
    }

    fn set(&mut self, column: &str, number: Option<Decimal>) {
        let charge = &mut self.charge;
        match column {
            "unit_price" => charge.unit_price = number,
            "block_size" => charge.block_size = number,
            "free_units" => charge.free_units = number,
            "block_price" => charge.block_price = number,
            "annual_fee" => charge.annual_fee = number,
            "included" => charge.included = number,
            _ => charge.overage_price = number,
        }
    }

    fn take_tiers(&mut self, row: &Source) {
        let Some(text) = self.clean(TIERS, clean::text(cell(row, TIERS))) else { return };
        let tiers = match text.parse::<PriceTiers>() {
            Ok(tiers) => tiers,
            Err(why) => return self.fault(row, TIERS, "invalid_tiers", move |t| why.text(t)),
        };
        let canonical = tiers.to_string();
        if canonical != text {
            self.correct(TIERS, text, &canonical);
        }
        let mut fees = self.flat_fees(row, tiers.tiers().len()).into_iter();
        let tiers = tiers.tiers().iter().map(|tier| TierDraft {
            from: None,
            up_to: tier.upper.map(|bound| bound.0),
            unit_price: tier.price.0,
            flat_fee: fees.next().unwrap_or_default(),
        });
        self.charge.tiers = tiers.collect();
    }

    /// `0/0/20`: one for each tier from the lowest on; those that are missing are none.
    fn flat_fees(&mut self, row: &Source, tiers: usize) -> Vec<Decimal> {
        let read = clean::text(cell(row, FLAT_FEES));
        let Some(text) = read.value else { return Vec::new() };
        let plain: String = text.nfkc().collect();
        let parts: Vec<Option<Decimal>> =
            plain.split(['/', ';', '、']).map(|part| clean::number_of(part.trim())).collect();
        if parts.len() > tiers {
            let count = parts.len();
            self.fault(row, FLAT_FEES, "too_many_fees", move |t: Tr| t.price_imports_many_fees(count, tiers));
        }
        if parts.iter().any(Option::is_none) {
            self.fault(row, FLAT_FEES, "invalid_number", Tr::price_imports_fees);
        }
        parts.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// A zero is no minimum, no cap and no discount: it is what a formula shows that refers to an empty cell.
    fn take_term(&mut self, row: &Source, place: usize) {
        let Some(column) = TERMS.get(place).copied() else { return };
        let number = self.number(row, column);
        if let Some(term) = self.terms.get_mut(place) {
            term.1 = number.filter(|number| !number.is_zero());
        }
    }

    fn number(&mut self, row: &Source, column: &'static str) -> Option<Decimal> {
        match clean::decimal(cell(row, column)) {
            Ok(cleaned) => self.clean(column, cleaned),
            Err(why) => {
                self.fault(row, column, "invalid_number", move |t| why.text(t));
                None
            }
        }
    }

    /// The value of a cell; what was corrected in it is kept.
    fn clean<T>(&mut self, column: &str, cleaned: clean::Cleaned<T>) -> Option<T> {
        if let Some(correction) = cleaned.correction {
            let becomes = match correction.becomes {
                Becomes::Text(text) => text,
                _ => String::new(),
            };
            self.correct(column, correction.was, &becomes);
        }
        cleaned.value
    }

    /// Keeps that a cell was read as something else.
    pub fn correct(&mut self, column: &str, was: String, becomes: &str) {
        let (column, becomes) = (column.to_owned(), becomes.to_owned());
        self.corrections.push(Correction { column, was, becomes });
    }

    fn fault_of_model(&mut self, row: &Source, column: &str, model: Model) {
        self.fault(row, column, "not_of_model", move |t: Tr| {
            t.price_imports_not_of_model(super::columns::model(t, model))
        });
    }

    /// Notes a fault. A column keeps its first one: the rest usually follow from it.
    pub fn fault<S: Into<String>>(&mut self, row: &Source, column: &str, code: &str, say: impl Fn(Tr) -> S) {
        if self.faults.iter().any(|fault| fault.column == column) {
            return;
        }
        self.faults.push(Fault {
            column: column.to_owned(),
            code: code.to_owned(),
            said: Said::new(say),
            cell: cell(row, column).shown().trim().to_owned(),
        });
    }
}

/// Which tier a field of a charge is in, from 1.
fn place_of_tier(field: &str) -> Option<usize> {
    let place: usize = field.strip_prefix("tiers[")?.split(']').next()?.parse().ok()?;
    Some(place + 1)
}
