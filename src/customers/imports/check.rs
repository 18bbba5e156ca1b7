//! What would become of each row of a file of customers.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::accounts::users;
use crate::accounts::users::model::Person;
use crate::batches::model::{Body, Change, Correction, Fault, NewRow, RowOutcome};
use crate::customers::dictionaries;
use crate::customers::directory::checks::{Surroundings, Wish};
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::{Customer, EntityType, Fields};
use crate::customers::directory::queries;
use crate::customers::directory::reach::Reach;
use crate::customers::directory::rules::{normalised_name, tidy};
use crate::customers::status;
use crate::customers::status::model::Status;
use crate::db::Db;
use crate::i18n::{Message, Said, Tr};
use crate::imports::{Check, Ground, ImportKind, Source};
use crate::sheets::Cell;
use crate::sheets::clean;
use crate::types::ids::CustomerId;
use crate::types::{Permission, Refusal, Result};
use crate::web::ui::Choice;

use super::cells::{self, Names, Parent, Readers, Reading};
use super::columns::{COLUMNS, SINGLE_PRICE, TIER_PRICES, field};
use super::model::ImportedPrices;
use super::queries::latest_prices;
use super::urls;

/// Customers, among the kinds of imports.
pub const KIND: ImportKind = ImportKind {
    code: super::batch::CODE,
    home: urls::NEW,
    template: urls::TEMPLATE,
    columns: COLUMNS,
    check: |ground| {
        Box::new(CustomerCheck { ground, everybody: None, codes: BTreeMap::new(), names: BTreeMap::new() })
    },
    choices,
    at_a_time: ImportKind::CHUNK,
    day: Some((Tr::customer_imports_prices_from, Tr::customer_imports_prices_from_help)),
};

/// What a text of a column can be said to mean.
fn choices(db: &mut Db, t: Tr, column: &str) -> Result<Vec<Choice>> {
    let Some(field) = field(column) else { return Ok(Vec::new()) };
    let choices = match field.holds() {
        FieldType::Choice(dictionary) => {
            let dictionaries = dictionaries::queries::shown(db)?;
            let offered = dictionaries.offered(dictionary);
            offered.map(|value| Choice::new(&value.code, value.label(t))).collect()
        }
        FieldType::Owner => {
            let people = users::queries::people(db)?;
            let live = people.iter().filter(|person| person.is_live);
            live.map(|person| {
                Choice::new(person.id, t.customer_imports_person(&person.name, &person.username))
            })
            .collect()
        }
        FieldType::EntityType => {
            EntityType::ALL.iter().map(|kind| Choice::new(kind, kind.label(t))).collect()
        }
        FieldType::Status => Status::ALL.iter().map(|status| Choice::new(status, status.label(t))).collect(),
        _ => return Ok(Vec::new()),
    };
    Ok(with_nothing(t, field, choices))
}

fn with_nothing(t: Tr, field: Field, mut choices: Vec<Choice>) -> Vec<Choice> {
    if !field.is_required() {
        choices.insert(0, Choice::new(crate::imports::pages::NOTHING, t.customer_imports_means_nothing()));
    }
    choices
}

/// A check: what it has seen of the file so far.
struct CustomerCheck {
    ground: Ground,
    everybody: Option<BTreeMap<String, Vec<Person>>>,
    /// The row in which each code stands first.
    codes: BTreeMap<String, u32>,
    /// The row in which each normalised name stands first.
    names: BTreeMap<String, u32>,
}

/// A row between its cells and its outcome.
struct Draft {
    number: u32,
    label: String,
    before: Option<Customer>,
    after: Fields,
    prices: Prices,
    corrections: Vec<Correction>,
    faults: Vec<Fault>,
    is_blank: bool,
    /// Whether its code belongs to a customer that whoever asks does not reach: nothing else of it is looked at.
    is_foreign: bool,
}

/// The prices of a row, in their canonical texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Prices {
    single: Option<String>,
    tiers: Option<String>,
}

impl Check for CustomerCheck {
    fn rows(&mut self, db: &mut Db, rows: &[Source]) -> Result<Vec<NewRow>> {
        let mut drafts = self.read(db, rows)?;
        self.find_repeats(&mut drafts);
        compare_with_others(db, &mut drafts)?;
        let known: Vec<CustomerId> =
            drafts.iter().filter_map(|draft| draft.before.as_ref()).map(|before| before.id).collect();
        let prices = latest_prices(db, &known)?;
        Ok(drafts.into_iter().zip(rows).map(|(draft, row)| draft.finish(row, &prices)).collect())
    }
}

/// Whether addresses for mail are taken over: only from who sees those that they would replace, and never the masked ones
/// of an export.
fn is_mail_taken(cell: &Cell, sees_mail: bool) -> bool {
    sees_mail && !cell.shown().contains("***")
}

/// A cell of a row by its column's code.
fn cell<'a>(row: &'a Source, code: &str) -> &'a Cell {
    let place = COLUMNS.iter().position(|column| column.code == code);
    place.and_then(|place| row.cells.get(place)).unwrap_or(&Cell::Blank)
}

impl CustomerCheck {
    fn read(&mut self, db: &mut Db, rows: &[Source]) -> Result<Vec<Draft>> {
        let dictionaries = dictionaries::queries::all(db)?;
        let names = Names::new(&dictionaries);
        if self.everybody.is_none() {
            self.everybody = Some(cells::by_name(&users::queries::people(db)?));
        }
        let code = |row: &Source, column: &str| clean::code(cell(row, column)).value;
        let codes: Vec<String> =
            rows.iter().filter_map(|row| code(row, Field::CompanyCode.as_str())).collect();
        let parents: BTreeSet<String> =
            rows.iter().filter_map(|row| code(row, Field::Parent.as_str())).collect();
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        let mut known = queries::by_codes(db, &codes.iter().map(String::as_str).collect::<Vec<_>>())?;
        let parents = parents_of(db, &parents)?;
        let reach = Reach::of(db, Permission::CustomerImport)?;
        let sight = Reach::held(db, Permission::ContactView)?;
        let nobody = BTreeMap::new();
        let people = self.everybody.as_ref().unwrap_or(&nobody);
        let readers = Readers {
            ground: &self.ground,
            dictionaries: &dictionaries,
            names: &names,
            people,
            parents: &parents,
        };
        let draft = |row: &Source| {
            let code = code(row, Field::CompanyCode.as_str());
            // A second row with the code of a customer of ours is no update, but a repetition.
            let before = code.and_then(|code| match known.get(&code) {
                Some(other) if !reach.covers(&other.fields) => Some(other.clone()),
                _ => known.remove(&code),
            });
            Draft::read(row, before, &readers, &reach, sight.as_ref())
        };
        Ok(rows.iter().map(draft).collect())
    }

    /// A code or a name that stood in an earlier row already.
    fn find_repeats(&mut self, drafts: &mut [Draft]) {
        for draft in drafts.iter_mut().filter(|draft| !draft.is_blank && !draft.is_foreign) {
            let (number, code) = (draft.number, draft.after.company_code.clone());
            if !code.is_empty() {
                let first = *self.codes.entry(code.clone()).or_insert(number);
                if first != number {
                    let say = move |t: Tr| t.customer_imports_code_twice(&code, first);
                    draft.fault(Field::CompanyCode, "duplicate_in_file", Message::new(say), "");
                }
            }
            let name = normalised_name(&draft.after.company_name);
            if !name.is_empty() {
                let first = *self.names.entry(name).or_insert(number);
                if first != number {
                    let say = move |t: Tr| t.customer_imports_name_twice(first);
                    draft.fault(Field::CompanyName, "duplicate_in_file", Message::new(say), "");
                }
            }
        }
    }
}

/// The customers of these codes, as parents that can be chosen.
fn parents_of(db: &mut Db, codes: &[&str]) -> Result<BTreeMap<String, Parent>> {
    let sight = Reach::held(db, Permission::CustomerView)?;
    let parent = |customer: &Customer| Parent {
        id: customer.id,
        is_seen: sight.as_ref().is_some_and(|sight| sight.covers(&customer.fields)),
    };
    let found = queries::by_codes(db, codes)?;
    Ok(found.into_iter().map(|(code, customer)| (code, parent(&customer))).collect())
}

/// Holds rows against the customers that there are, as whoever writes them will.
fn compare_with_others(db: &mut Db, drafts: &mut [Draft]) -> Result<()> {
    let wishes: Vec<Wish> =
        drafts.iter().map(|draft| Wish { before: draft.before.as_ref(), after: &draft.after }).collect();
    let surroundings = Surroundings::load(db, Permission::CustomerImport, &wishes)?;
    let movers = Reach::held(db, Permission::StatusMove)?;
    let found: Vec<_> = wishes.iter().map(|wish| surroundings.faults(*wish)).collect();
    drop(wishes);
    for (draft, faults) in drafts.iter_mut().zip(found) {
        if draft.is_blank || draft.is_foreign {
            continue;
        }
        for fault in faults {
            draft.fault(fault.field, fault.code, fault.message, "");
        }
        if let Some(before) = &draft.before
            && let Err(refusal) = can_move(before, &draft.after, movers.as_ref())
        {
            draft.fault(Field::Status, refusal.code, refusal.message, "");
        }
    }
    Ok(())
}

/// Whether a row may leave a customer in another status: as the rules of statuses say, and within `movers`, where whoever
/// asks may move them.
pub(super) fn can_move(before: &Customer, after: &Fields, movers: Option<&Reach>) -> Result<(), Refusal> {
    let was = before.fields.status;
    if was != after.status && !movers.is_some_and(|movers| movers.covers(&before.fields)) {
        return Err(Refusal::new("status_forbidden", Tr::customer_imports_status_forbidden));
    }
    status::rules::can_move(was, after.status)
}

impl Draft {
    /// `sight` is where whoever asks may see personal data.
    fn read(
        row: &Source,
        before: Option<Customer>,
        readers: &Readers,
        reach: &Reach,
        sight: Option<&Reach>,
    ) -> Draft {
        let is_blank = row.cells.iter().all(Cell::is_blank);
        let fresh = Fields { status: Status::Unconfirmed, ..Fields::default() };
        let is_foreign = before.as_ref().is_some_and(|before| !reach.covers(&before.fields));
        let before = before.filter(|_| !is_foreign);
        let mut draft = Draft {
            number: row.number,
            label: String::new(),
            after: before.as_ref().map_or(fresh, |before| before.fields.clone()),
            before,
            prices: Prices::default(),
            corrections: Vec::new(),
            faults: Vec::new(),
            is_blank,
            is_foreign,
        };
        if !is_blank {
            let sees_mail = sight
                .is_some_and(|sight| draft.before.as_ref().is_none_or(|before| sight.covers(&before.fields)));
            for (column, cell) in COLUMNS.iter().zip(&row.cells) {
                if column.code == Field::BillingEmails.as_str() && !is_mail_taken(cell, sees_mail) {
                    draft.pass_over(column.code, cell);
                } else {
                    draft.take(column.code, cell, readers);
                }
            }
            tidy(&mut draft.after);
            draft.name(row);
        }
        if is_foreign {
            // All that the row learns is that its code is taken.
            draft.faults.clear();
            draft.fault(Field::CompanyCode, "duplicate", Message::new(Tr::customer_imports_out_of_reach), "");
        }
        draft
    }

    /// What the row is recognised by: its code and its name as they were read, or what stands in its first cell.
    fn name(&mut self, row: &Source) {
        let shown = [self.after.company_code.as_str(), self.after.company_name.as_str()];
        self.label = shown.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        if self.label.is_empty() {
            let first = row.cells.iter().find(|cell| !cell.is_blank());
            self.label = first.map(|cell| cell.shown().trim().to_owned()).unwrap_or_default();
        }
    }

    /// Leaves the field of a cell as it is, and shows that what stands in the cell was read as nothing.
    fn pass_over(&mut self, column: &str, cell: &Cell) {
        let was = cell.shown().trim().to_owned();
        if !was.is_empty() {
            self.corrections.push(Correction { column: column.to_owned(), was, becomes: String::new() });
        }
    }

    fn take(&mut self, code: &'static str, cell: &Cell, readers: &Readers) {
        let Some(field) = field(code) else { return self.take_price(code, cell) };
        let (reading, correction) = readers.field(field, cell, self.before.as_ref());
        self.corrections.extend(correction.map(|correction| Correction {
            column: code.to_owned(),
            was: correction.was,
            becomes: cells::becomes(&correction.becomes),
        }));
        match reading {
            Reading::Nothing => {}
            Reading::Value(text) => self.set(field, &text),
            // What is no day is kept word by word beside it.
            Reading::Fault(..) if field == Field::OnboardedOn => {
                let text = clean::text(cell).value;
                if self.after.onboarded_text != text {
                    self.after.onboarded_on = None;
                    self.after.onboarded_text = text;
                }
            }
            Reading::Fault(code, message) => self.fault(field, code, message, &cell.shown()),
        }
    }

    fn set(&mut self, field: Field, text: &str) {
        if field == Field::OnboardedOn {
            self.after.onboarded_text = None;
        }
        if self.after.set(field, Some(text)).is_err() {
            self.fault(field, "invalid_value", Message::new(Tr::customer_imports_invalid_value), text);
        }
    }

    fn take_price(&mut self, code: &'static str, cell: &Cell) {
        let (reading, correction) = match code {
            SINGLE_PRICE => cells::single_price(cell),
            _ => cells::tier_prices(cell),
        };
        self.corrections.extend(correction.map(|correction| Correction {
            column: code.to_owned(),
            was: correction.was,
            becomes: cells::becomes(&correction.becomes),
        }));
        match reading {
            Reading::Nothing => {}
            Reading::Value(text) if code == SINGLE_PRICE => self.prices.single = Some(text),
            Reading::Value(text) => self.prices.tiers = Some(text),
            Reading::Fault(fault, message) => self.add_fault(code, fault, &message, &cell.shown()),
        }
    }

    fn fault(&mut self, field: Field, code: &str, message: Message, cell: &str) {
        self.add_fault(field.as_str(), code, &message, cell);
    }

    /// A column keeps its first fault: the rest usually follow from it.
    fn add_fault(&mut self, column: &str, code: &str, message: &Message, cell: &str) {
        if self.faults.iter().any(|fault| fault.column == column) {
            return;
        }
        self.faults.push(Fault {
            column: column.to_owned(),
            code: code.to_owned(),
            said: Said::new(|t| message.text(t)),
            cell: cell.trim().to_owned(),
        });
    }

    fn finish(mut self, row: &Source, prices: &BTreeMap<CustomerId, ImportedPrices>) -> NewRow {
        for fault in self.faults.iter_mut().filter(|fault| fault.cell.is_empty()) {
            fault.cell = cell(row, &fault.column).shown().trim().to_owned();
        }
        let place = |fault: &Fault| COLUMNS.iter().position(|column| column.code == fault.column);
        self.faults.sort_by_key(place);
        let changes =
            if self.faults.is_empty() && !self.is_blank { self.changes(prices) } else { Vec::new() };
        let outcome = match (&self.before, self.is_blank, self.faults.is_empty(), changes.is_empty()) {
            (_, true, _, _) => RowOutcome::Skipped,
            (_, _, false, _) => RowOutcome::Failed,
            (None, ..) => RowOutcome::Create,
            (Some(_), _, _, true) => RowOutcome::Unchanged,
            (Some(_), ..) => RowOutcome::Update,
        };
        NewRow {
            number: Some(self.number),
            outcome,
            label: self.label,
            subject_id: self.before.as_ref().map(|before| before.id.0),
            subject_version: self.before.as_ref().map(|before| before.version),
            body: Body { corrections: self.corrections, changes, faults: self.faults, ..Body::default() },
        }
    }

    fn changes(&self, prices: &BTreeMap<CustomerId, ImportedPrices>) -> Vec<Change> {
        let change = |field: &str, was: Option<String>, becomes: Option<String>| Change {
            field: field.to_owned(),
            was,
            becomes,
        };
        let mut changes: Vec<Change> = if let Some(before) = &self.before {
            let differences = before.fields.difference(&self.after).into_iter();
            differences.map(|one| change(one.field.as_str(), one.was, one.becomes)).collect()
        } else {
            let filled = Field::ALL.iter().filter_map(|field| Some((field, self.after.get(*field)?)));
            filled.map(|(field, text)| change(field.as_str(), None, Some(text))).collect()
        };
        let known = self.before.as_ref().and_then(|before| prices.get(&before.id));
        let single = known.and_then(|known| known.single_price).map(price_text);
        let tiers = known.and_then(|known| known.tier_prices.clone());
        for (code, was, becomes) in [
            (SINGLE_PRICE, single, self.prices.single.clone()),
            (TIER_PRICES, tiers, self.prices.tiers.clone()),
        ] {
            if becomes.is_some() && becomes != was {
                changes.push(change(code, was, becomes));
            }
        }
        changes
    }
}

/// The canonical text of a price.
pub(super) fn price_text(price: Decimal) -> String {
    price.normalize().to_string()
}
