//! From a cell to the canonical text of a field: what stands there, what it was corrected to, or why it is nothing.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::accounts::users::model::Person;
use crate::customers::dictionaries::model::{Dictionaries, Dictionary};
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::{Customer, EntityType};
use crate::customers::status::model::Status;
use crate::i18n::{Message, Tr};
use crate::imports::Ground;
use crate::imports::rules::folded;
use crate::sheets::Cell;
use crate::sheets::clean::{self, Becomes, Cleaned, Correction, Unreadable};
use crate::types::Currency;
use crate::types::ids::CustomerId;
use crate::types::price_tiers::PriceTiers;

/// The largest price, and the most digits behind its point.
const MAX_PRICE: Decimal = Decimal::from_parts(3_567_587_327, 232, 0, false, 0);
const PRICE_SCALE: u32 = 6;

/// What cells are read against.
pub struct Readers<'a> {
    /// What the rows of the import have in common.
    pub ground: &'a Ground,
    /// All dictionaries.
    pub dictionaries: &'a Dictionaries,
    /// What values are called.
    pub names: &'a Names,
    /// Everybody, by folded name and by username.
    pub people: &'a BTreeMap<String, Vec<Person>>,
    /// The customers of the codes that stand in columns of parents.
    pub parents: &'a BTreeMap<String, Parent>,
}

/// A customer whose code stands in a column of parents.
#[derive(Debug, Clone, Copy)]
pub struct Parent {
    /// Its id.
    pub id: CustomerId,
    /// Whether whoever asks may see it: only such a one can be chosen.
    pub is_seen: bool,
}

/// What values are called in workbooks, folded once for all rows.
#[derive(Debug, Default)]
pub struct Names {
    values: BTreeMap<(Dictionary, String), String>,
    statuses: BTreeMap<String, Status>,
}

impl Names {
    /// The codes and labels of the values that are offered, and of all statuses.
    pub fn new(dictionaries: &Dictionaries) -> Names {
        let mut names = Names::default();
        for dictionary in Dictionary::ALL {
            for value in dictionaries.offered(*dictionary) {
                for name in [&value.code, &value.label_zh, &value.label_en] {
                    let key = (*dictionary, folded(name));
                    names.values.entry(key).or_insert_with(|| value.code.clone());
                }
            }
        }
        for status in Status::ALL {
            let labels = Tr::ALL.into_iter().map(|t| status.label(t)).chain([status.to_string()]);
            names.statuses.extend(labels.map(|label| (folded(&label), *status)));
        }
        for (alias, status) in ALIASES {
            names.statuses.entry(folded(alias)).or_insert(status);
        }
        names
    }
}

/// What a cell says.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// Nothing: the field stays as it is.
    Nothing,
    /// A value in its canonical text.
    Value(String),
    /// Something that is no value, and why.
    Fault(&'static str, Message),
}

/// A reading with what was corrected on the way.
pub type Read = (Reading, Option<Correction>);

fn fault<S: Into<String>>(code: &'static str, say: impl Fn(Tr) -> S + Send + Sync + 'static) -> Read {
    (Reading::Fault(code, Message::new(say)), None)
}

fn unreadable(code: &'static str, why: Unreadable) -> Read {
    fault(code, move |t| why.text(t).to_owned())
}

fn read<T: ToString>(cleaned: Cleaned<T>) -> Read {
    let reading = cleaned.value.map_or(Reading::Nothing, |value| Reading::Value(value.to_string()));
    (reading, cleaned.correction)
}

impl Readers<'_> {
    /// What the cell of a field says; `before` is the customer that the row is about.
    pub fn field(&self, field: Field, cell: &Cell, before: Option<&Customer>) -> Read {
        match field.holds() {
            FieldType::Line(_) if field == Field::CompanyCode || field == Field::CreditCode => {
                read(clean::code(cell))
            }
            FieldType::Line(_) if field == Field::CompanyName => read(clean::name(cell)),
            FieldType::Line(_) | FieldType::Text(_) | FieldType::Emails => read(clean::text(cell)),
            FieldType::Choice(dictionary) => self.choice(field, dictionary, cell, before),
            FieldType::Owner => self.owner(field, cell, before),
            FieldType::Day => self.day(cell),
            FieldType::YesNo => match clean::yes_no(cell) {
                Ok(cleaned) => {
                    let reading = cleaned.value.map_or(Reading::Nothing, yes_no);
                    (reading, cleaned.correction)
                }
                Err(why) => unreadable("invalid_yes_no", why),
            },
            FieldType::Number => match clean::whole(cell) {
                Ok(cleaned) => read(cleaned),
                Err(why) => unreadable("invalid_number", why),
            },
            FieldType::Status => self.status(cell, before),
            FieldType::EntityType => entity_type(cell),
            FieldType::Currency => currency(cell),
            FieldType::Customer => self.parent(cell, before),
        }
    }

    /// A day; what is none is left to be kept word by word.
    fn day(&self, cell: &Cell) -> Read {
        match clean::date(cell, self.ground.date_system) {
            Ok(cleaned) => read(cleaned),
            Err(why) => unreadable("invalid_date", why),
        }
    }

    fn choice(&self, field: Field, dictionary: Dictionary, cell: &Cell, before: Option<&Customer>) -> Read {
        let cleaned = clean::name(cell);
        let Some(text) = cleaned.value else { return (Reading::Nothing, cleaned.correction) };
        if let Some(chosen) = self.ground.choices.get(field.as_str(), &text) {
            return mapped(text, chosen);
        }
        if let Some(code) = self.names.values.get(&(dictionary, folded(&text))) {
            return (Reading::Value(code.clone()), cleaned.correction);
        }
        // A value that is offered no more stays with who has it.
        let kept = before.and_then(|before| before.fields.get(field)).filter(|code| {
            let value = self.dictionaries.get(dictionary, code);
            value.is_some_and(|value| [&value.code, &value.label_zh, &value.label_en].contains(&&text))
        });
        match kept {
            Some(code) => (Reading::Value(code), cleaned.correction),
            None => {
                fault("unknown_value", move |t: Tr| t.customers_unknown_value(dictionary.label(t), &text))
            }
        }
    }

    fn owner(&self, field: Field, cell: &Cell, before: Option<&Customer>) -> Read {
        let cleaned = clean::name(cell);
        let Some(text) = cleaned.value else { return (Reading::Nothing, cleaned.correction) };
        if let Some(chosen) = self.ground.choices.get(field.as_str(), &text) {
            return mapped(text, chosen);
        }
        let meant = self.people.get(&folded(&text)).map_or(&[] as &[Person], Vec::as_slice);
        let kept = before.and_then(|before| before.fields.get(field));
        // Somebody who has left stays with who has them.
        if let Some(person) = meant.iter().find(|person| Some(person.id.to_string()) == kept) {
            return (Reading::Value(person.id.to_string()), cleaned.correction);
        }
        let live: Vec<&Person> = meant.iter().filter(|person| person.is_live).collect();
        match live.as_slice() {
            [person] => (Reading::Value(person.id.to_string()), cleaned.correction),
            [] => fault("unknown_user", move |t: Tr| t.customer_imports_unknown_user(&text)),
            several => {
                let names: Vec<String> = several.iter().map(|person| person.username.clone()).collect();
                fault("ambiguous_user", move |t: Tr| t.customer_imports_ambiguous_user(&text, t.join(&names)))
            }
        }
    }

    /// A status by its code, its label or one of the words that workbooks use. What cannot be placed makes a new customer
    /// unconfirmed, and leaves one that is known where it stands.
    fn status(&self, cell: &Cell, before: Option<&Customer>) -> Read {
        let cleaned = clean::name(cell);
        let Some(text) = cleaned.value else { return (Reading::Nothing, cleaned.correction) };
        if let Some(chosen) = self.ground.choices.get(Field::Status.as_str(), &text) {
            return mapped(text, chosen);
        }
        if let Some(status) = self.names.statuses.get(&folded(&text)) {
            return (Reading::Value(status.to_string()), cleaned.correction);
        }
        let kept = before.map_or(Status::Unconfirmed, |before| before.fields.status).to_string();
        let correction = Correction { was: text, becomes: Becomes::Text(kept.clone()) };
        (Reading::Value(kept), Some(correction))
    }

    fn parent(&self, cell: &Cell, before: Option<&Customer>) -> Read {
        let cleaned = clean::code(cell);
        let Some(code) = cleaned.value else { return (Reading::Nothing, cleaned.correction) };
        let kept = before.and_then(|before| before.fields.parent);
        // One out of sight stays with who has it.
        match self.parents.get(&code).filter(|parent| parent.is_seen || Some(parent.id) == kept) {
            Some(parent) => (Reading::Value(parent.id.to_string()), cleaned.correction),
            None => fault("unknown_customer", move |t: Tr| t.customer_imports_unknown_parent(&code)),
        }
    }
}

fn entity_type(cell: &Cell) -> Read {
    let cleaned = clean::name(cell);
    let Some(text) = cleaned.value else { return (Reading::Nothing, cleaned.correction) };
    let meant = match folded(&text).as_str() {
        "企业" | "公司" | "单位" | "enterprise" | "company" => EntityType::Enterprise,
        "个人" | "个体" | "自然人" | "individual" | "person" => EntityType::Individual,
        _ => return fault("unknown_value", move |t: Tr| t.customer_imports_unknown_entity(&text)),
    };
    (Reading::Value(meant.to_string()), cleaned.correction)
}

fn currency(cell: &Cell) -> Read {
    let cleaned = clean::code(cell);
    let Some(text) = cleaned.value else { return (Reading::Nothing, cleaned.correction) };
    let code = match text.to_uppercase().as_str() {
        "人民币" | "RMB" | "元" => Currency::Cny.to_string(),
        other => other.to_owned(),
    };
    match code.parse::<Currency>() {
        Ok(currency) => (Reading::Value(currency.to_string()), cleaned.correction),
        Err(_) => fault("unknown_value", move |t: Tr| {
            t.customer_imports_unknown_currency(t.join(Currency::ALL.iter().map(ToString::to_string)), &text)
        }),
    }
}

fn yes_no(value: bool) -> Reading {
    Reading::Value(crate::customers::directory::fields::yes_no(value).to_owned())
}

/// A text that somebody has said the meaning of: the correction shows both.
fn mapped(text: String, chosen: &str) -> Read {
    let reading = if chosen.is_empty() { Reading::Nothing } else { Reading::Value(chosen.to_owned()) };
    let becomes = if chosen.is_empty() { Becomes::Nothing } else { Becomes::Text(chosen.to_owned()) };
    (reading, Some(Correction { was: text, becomes }))
}

/// What workbooks call a status beside its label.
const ALIASES: [(&str, Status); 11] = [
    ("沉睡", Status::Dormant),
    ("近一年未使用", Status::Dormant),
    ("沉睡客户", Status::Dormant),
    ("正常", Status::Active),
    ("使用中", Status::Active),
    ("合作中", Status::Active),
    ("试用中", Status::Trial),
    ("已暂停", Status::Suspended),
    ("已终止", Status::Terminated),
    ("终止合作", Status::Terminated),
    ("已归档", Status::Archived),
];

/// The one price: in its canonical text, with what was corrected.
pub fn single_price(cell: &Cell) -> Read {
    match clean::decimal(cell) {
        Err(why) => unreadable("invalid_number", why),
        // A zero that stands alone is what a formula shows that refers to an empty cell.
        Ok(cleaned) if cleaned.value.is_some_and(|price| price.is_zero()) => {
            let was = cell.shown().trim().to_owned();
            (Reading::Nothing, Some(Correction { was, becomes: Becomes::Nothing }))
        }
        Ok(cleaned) => match cleaned.value {
            Some(price)
                if price.is_sign_negative()
                    || price.normalize().scale() > PRICE_SCALE
                    || price > MAX_PRICE =>
            {
                fault("invalid_number", Tr::customer_imports_price_range)
            }
            value => {
                let reading =
                    value.map_or(Reading::Nothing, |price| Reading::Value(price.normalize().to_string()));
                (reading, cleaned.correction)
            }
        },
    }
}

/// Prices by tiers: in their canonical text, with what was corrected.
pub fn tier_prices(cell: &Cell) -> Read {
    let cleaned = clean::text(cell);
    let Some(text) = cleaned.value else { return (Reading::Nothing, cleaned.correction) };
    match text.parse::<PriceTiers>() {
        Err(why) => fault("invalid_tiers", move |t: Tr| why.text(t)),
        Ok(tiers) => {
            let canonical = tiers.to_string();
            let correction = (canonical != text)
                .then(|| Correction { was: text, becomes: Becomes::Text(canonical.clone()) });
            (Reading::Value(canonical), correction)
        }
    }
}

/// The correction as the batch keeps it: in the canonical text of the field, which the page puts into words.
pub fn becomes(becomes: &Becomes) -> String {
    match becomes {
        Becomes::Nothing => String::new(),
        Becomes::Yes => "yes".to_owned(),
        Becomes::No => "no".to_owned(),
        Becomes::Text(text) => text.clone(),
    }
}

/// Everybody, by what workbooks call them: folded name and username.
pub fn by_name(people: &[Person]) -> BTreeMap<String, Vec<Person>> {
    let mut named: BTreeMap<String, Vec<Person>> = BTreeMap::new();
    for person in people {
        let (name, username) = (folded(&person.name), folded(&person.username));
        if name != username {
            named.entry(username).or_default().push(person.clone());
        }
        named.entry(name).or_default().push(person.clone());
    }
    named
}
