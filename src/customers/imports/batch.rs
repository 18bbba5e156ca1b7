//! Making the changes of an import, and taking them back.

use std::collections::{BTreeMap, BTreeSet};

use crate::accounts::users;
use crate::batches::BatchKind;
use crate::batches::model::{Batch, Change, Row, RowOutcome, RowResult};
use crate::customers::dictionaries;
use crate::customers::directory::cause::Cause;
use crate::customers::directory::checks::{self, Draft};
use crate::customers::directory::commands as directory;
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::{Customer, EntityType, Fields, KIND as CUSTOMER, Written};
use crate::customers::directory::queries;
use crate::customers::directory::reach::Reach;
use crate::customers::directory::rules::normalised_name;
use crate::customers::duplicates;
use crate::customers::status::model::{Cause as MoveCause, Status};
use crate::customers::upkeep;
use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::imports;
use crate::types::ids::{CustomerId, UserId};
use crate::types::{Action, Actor, Error, Permission, Result};

use super::check::{can_move, price_text};
use super::columns::{SINGLE_PRICE, TIER_PRICES, field as field_of};
use super::model::ImportedPrices;
use super::queries::{latest_prices, worked_on};
use super::{commands, urls};

/// The code of imports of customers, as files and as batches.
pub const CODE: &str = "customers.import";

/// Imports of customers, among the kinds of batches.
pub const KIND: BatchKind = BatchKind {
    code: CODE,
    permission: Permission::CustomerImport,
    home: urls::NEW,
    subject: CUSTOMER,
    field,
    may_see,
    values,
    moved,
    apply,
    committed: Some(committed),
    undo,
    check: Some(|tx, batch| imports::commands::check(tx, &super::IMPORT, batch)),
    mend: Some(imports::urls::cells),
    followers: &[],
};

/// What a column is called.
pub(super) fn field(t: Tr, code: &str) -> String {
    match (code, field_of(code)) {
        (SINGLE_PRICE, _) => t.customer_imports_single_price().to_owned(),
        (TIER_PRICES, _) => t.customer_imports_tier_prices().to_owned(),
        (_, Some(field)) => field.label(t),
        (other, None) => other.to_owned(),
    }
}

/// Mail addresses are personal data: who sees them of fewer customers than they import sees none in a batch.
fn may_see(actor: &Actor, code: &str) -> bool {
    let sight = actor.scope(Permission::ContactView).ok();
    !is_personal(code) || (sight.is_some() && sight >= actor.scope(Permission::CustomerImport).ok())
}

fn is_personal(code: &str) -> bool {
    code == Field::BillingEmails.as_str()
}

/// Puts values into words.
pub fn values(db: &mut Db, t: Tr, changes: &[Change]) -> Result<Vec<(String, String)>> {
    let (dictionaries, people) = (dictionaries::queries::shown(db)?, users::queries::people(db)?);
    let parents: Vec<CustomerId> = changes
        .iter()
        .filter(|change| change.field == Field::Parent.as_str())
        .flat_map(|change| [&change.was, &change.becomes])
        .filter_map(|text| text.as_deref()?.parse().ok())
        .collect();
    let parents = queries::by_ids(db, &parents)?;
    let word = |field: Option<Field>, text: &Option<String>| -> String {
        let Some(text) = text.as_deref() else { return String::new() };
        match field.map(Field::holds) {
            Some(FieldType::Choice(dictionary)) => dictionaries.label(dictionary, text, t).to_owned(),
            Some(FieldType::Owner) => {
                let id: Option<UserId> = text.parse().ok();
                let person = people.iter().find(|person| Some(person.id) == id);
                person.map_or(text, |person| person.name.as_str()).to_owned()
            }
            Some(FieldType::YesNo) if text == "yes" => t.sheets_yes().to_owned(),
            Some(FieldType::YesNo) if text == "no" => t.sheets_no().to_owned(),
            Some(FieldType::Status) => {
                text.parse::<Status>().map_or(text.to_owned(), |status| status.label(t))
            }
            Some(FieldType::EntityType) => {
                text.parse::<EntityType>().map_or(text.to_owned(), |kind| kind.label(t))
            }
            Some(FieldType::Customer) => {
                let parent = text.parse().ok().and_then(|id| parents.get(&id));
                parent.map_or(text, |parent| parent.fields.company_code.as_str()).to_owned()
            }
            _ => text.to_owned(),
        }
    };
    let words = changes.iter().map(|change| {
        let field = field_of(&change.field);
        (word(field, &change.was), word(field, &change.becomes))
    });
    Ok(words.collect())
}

/// The fields of a customer with the changes of a row.
fn changed(before: &Fields, row: &Row) -> Result<Fields> {
    let mut after = before.clone();
    for change in &row.body.changes {
        let Some(field) = field_of(&change.field) else { continue };
        after.set(field, change.becomes.as_deref()).map_err(|_| broken(row))?;
    }
    Ok(after)
}

fn broken(row: &Row) -> Error {
    Error::Internal(anyhow::anyhow!(
        "row {} of an import has a value that its field does not know",
        row.position
    ))
}

/// The ids of the customers that rows are about.
fn subjects(rows: &[Row]) -> Vec<CustomerId> {
    let ids: BTreeSet<CustomerId> = rows.iter().filter_map(|row| row.subject_id).map(CustomerId).collect();
    ids.into_iter().collect()
}

/// What a row is compared with.
struct Present {
    customers: BTreeMap<CustomerId, Customer>,
    prices: BTreeMap<CustomerId, ImportedPrices>,
    codes: BTreeMap<String, CustomerId>,
    names: BTreeMap<String, CustomerId>,
}

impl Present {
    /// Reads what some rows are compared with; the customers are given, because a commit locks them first.
    fn load(db: &mut Db, rows: &[Row], customers: BTreeMap<CustomerId, Customer>) -> Result<Present> {
        let text = |row: &Row, field: Field| {
            let change = row.body.changes.iter().find(|change| change.field == field.as_str())?;
            change.becomes.clone()
        };
        let codes: Vec<String> = rows.iter().filter_map(|row| text(row, Field::CompanyCode)).collect();
        let names = rows.iter().filter_map(|row| text(row, Field::CompanyName));
        let names: Vec<String> = names.map(|name| normalised_name(&name)).collect();
        Ok(Present {
            prices: latest_prices(db, &subjects(rows))?,
            codes: queries::ids_by_code(db, &codes.iter().map(String::as_str).collect::<Vec<_>>())?,
            names: queries::ids_by_name(db, &names.iter().map(String::as_str).collect::<Vec<_>>())?,
            customers,
        })
    }

    /// The value of a field as it is now.
    fn now(&self, customer: &Customer, code: &str) -> Option<String> {
        let prices = || self.prices.get(&customer.id);
        match (code, field_of(code)) {
            (SINGLE_PRICE, _) => prices()?.single_price.map(price_text),
            (TIER_PRICES, _) => prices()?.tier_prices.clone(),
            (_, Some(field)) => customer.fields.get(field),
            _ => None,
        }
    }

    /// The changes of a row whose fields are no longer what they were, with what they are now in the place of what they
    /// would become.
    fn drift(&self, customer: &Customer, row: &Row) -> Vec<Change> {
        let drift = |change: &Change| {
            let now = self.now(customer, &change.field);
            (now != change.was).then(|| Change { becomes: now, ..change.clone() })
        };
        row.body.changes.iter().filter_map(drift).collect()
    }

    /// What moved under a row.
    fn moved(&self, db: &mut Db, row: &Row) -> Result<Option<Said>> {
        let Some(id) = row.subject_id.map(CustomerId) else { return Ok(self.taken(row)) };
        match self.customers.get(&id).filter(|customer| customer.is_live()) {
            None => Ok(Some(Said::new(Tr::customer_imports_moved_gone))),
            Some(customer) => {
                let drift = self.drift(customer, row);
                if drift.is_empty() {
                    Ok(None)
                } else {
                    told(db, &drift, Tr::customer_imports_moved).map(Some)
                }
            }
        }
    }

    /// Whether somebody has the code or the name of a new customer by now.
    fn taken(&self, row: &Row) -> Option<Said> {
        let text = |field: Field| {
            row.body.changes.iter().find(|change| change.field == field.as_str())?.becomes.clone()
        };
        if text(Field::CompanyCode).is_some_and(|code| self.codes.contains_key(&code)) {
            return Some(Said::new(Tr::customer_imports_moved_code));
        }
        let name = text(Field::CompanyName).map(|name| normalised_name(&name));
        let taken = name.is_some_and(|name| self.names.contains_key(&name));
        taken.then(|| Said::new(Tr::customer_imports_moved_name))
    }
}

/// A sentence about changes, in both languages.
fn told(db: &mut Db, changes: &[Change], say: fn(Tr, String) -> String) -> Result<Said> {
    let mut words: BTreeMap<&'static str, String> = BTreeMap::new();
    for t in Tr::ALL {
        let values = values(db, t, changes)?;
        let parts = changes.iter().zip(values).map(|(change, (was, becomes))| {
            // Whoever sees the batch reads this: of personal data it tells only that it is another.
            if is_personal(&change.field) {
                return field(t, &change.field);
            }
            let shown = |text: String| if text.is_empty() { t.batches_blank().to_owned() } else { text };
            t.customer_imports_from_to(field(t, &change.field), shown(becomes), shown(was))
        });
        words.insert(t.tag(), t.join(parts));
    }
    Ok(Said::new(|t| say(t, words.get(t.tag()).cloned().unwrap_or_default())))
}

fn moved(db: &mut Db, _: &Batch, rows: &[Row]) -> Result<Vec<(u32, Said)>> {
    let mut customers = queries::by_ids(db, &subjects(rows))?;
    let reach = Reach::of(db, Permission::CustomerImport)?;
    customers.retain(|_, customer| reach.covers(&customer.fields));
    let present = Present::load(db, rows, customers)?;
    let mut moved = Vec::new();
    for row in rows {
        if let Some(said) = present.moved(db, row)? {
            moved.push((row.position, said));
        }
    }
    Ok(moved)
}

fn cause(moves: MoveCause) -> Cause {
    Cause::by_hand(Action::CustomerImported, Permission::CustomerImport).moving(moves)
}

fn apply(tx: &mut Tx, batch: &Batch, rows: &[Row]) -> Result<Vec<RowResult>> {
    let customers = queries::lock_all(tx, Permission::CustomerImport, &subjects(rows))?;
    let present = Present::load(tx, rows, customers)?;
    let movers = Reach::held(tx, Permission::StatusMove)?;
    let mut results = Vec::with_capacity(rows.len());
    let (mut planned, mut drafts) = (Vec::new(), Vec::new());
    for row in rows {
        if let Some(said) = present.moved(tx, row)? {
            results.push(RowResult::left(row, said));
            continue;
        }
        let before = row.subject_id.and_then(|id| present.customers.get(&CustomerId(id))).cloned();
        let fresh = Fields::default();
        let after = changed(before.as_ref().map_or(&fresh, |before| &before.fields), row)?;
        let verdict = before.as_ref().map(|before| can_move(before, &after, movers.as_ref()));
        if let Some(Err(refusal)) = verdict {
            results.push(RowResult::left(row, Said::new(|t| refusal.message.text(t))));
            continue;
        }
        planned.push(row);
        drafts.push(Draft { before, after });
    }
    let written = write(tx, &planned, drafts, &cause(MoveCause::Import), &mut results)?;
    results.extend(written.iter().map(|(row, one)| RowResult::done(row, one.id.0, one.version)));
    keep_prices(tx, batch, &written)?;
    Ok(results)
}

/// Writes what nothing speaks against. What a dictionary, the users or the rules would refuse by now is left out: the rows
/// beside it are written.
fn write<'a>(
    tx: &mut Tx,
    rows: &[&'a Row],
    drafts: Vec<Draft>,
    cause: &Cause,
    results: &mut Vec<RowResult>,
) -> Result<Vec<(&'a Row, Written)>> {
    let (mut kept, mut checked) = (Vec::new(), Vec::new());
    for (row, verdict) in rows.iter().copied().zip(checks::check(tx, drafts, cause)?) {
        match verdict {
            Ok(one) => {
                kept.push(row);
                checked.push(one);
            }
            Err(faults) => results.extend(faults.first().map(|fault| RowResult::left(row, fault.said()))),
        }
    }
    let written = directory::write_all(tx, checked, cause).map_err(raced)?;
    Ok(kept.into_iter().zip(written).collect())
}

/// Likely duplicates of more customers than were looked up one by one are looked for right after the import.
fn committed(tx: &mut Tx, batch: &Batch) -> Result<()> {
    if usize::try_from(batch.written).unwrap_or(usize::MAX) > upkeep::LOOKED_UP {
        tx.enqueue(&duplicates::task::all())?;
    }
    Ok(())
}

/// What was free a moment ago, and is taken by somebody who committed since: the chunk is tried once more, and finds it.
fn raced(fault: Error) -> Error {
    match fault {
        Error::Invalid(_) | Error::Refused(_) => Error::Contended,
        other => other,
    }
}

fn keep_prices(tx: &mut Tx, batch: &Batch, rows: &[(&Row, Written)]) -> Result<()> {
    let known: Vec<CustomerId> = rows.iter().map(|(_, written)| written.id).collect();
    let latest = latest_prices(tx, &known)?;
    let effective_on = imports::queries::get(tx, batch.id)?.and_then(|import| import.effective_on);
    let prices = rows.iter().filter_map(|(row, Written { id, .. })| {
        let brought = |code: &str| {
            row.body
                .changes
                .iter()
                .find(|change| change.field == code)
                .and_then(|change| change.becomes.clone())
        };
        let (single, tiers) = (brought(SINGLE_PRICE), brought(TIER_PRICES));
        if single.is_none() && tiers.is_none() {
            return None;
        }
        let before = latest.get(id);
        Some(ImportedPrices {
            customer_id: *id,
            batch_id: batch.id,
            single_price: single
                .and_then(|text| text.parse().ok())
                .or_else(|| before.and_then(|before| before.single_price)),
            tier_prices: tiers.or_else(|| before.and_then(|before| before.tier_prices.clone())),
            effective_on,
        })
    });
    let prices: Vec<ImportedPrices> = prices.collect();
    commands::keep_prices(tx, &prices)
}

fn undo(tx: &mut Tx, batch: &Batch, rows: &[Row]) -> Result<Vec<RowResult>> {
    let customers = queries::lock_all(tx, Permission::CustomerImport, &subjects(rows))?;
    let present = Present::load(tx, rows, customers)?;
    let parents: BTreeSet<CustomerId> = queries::parents(tx)?.into_values().collect();
    let worked_on = worked_on(tx, &subjects(rows))?;
    let mut results = Vec::with_capacity(rows.len());
    let (mut gone, mut back) = (Vec::new(), Vec::new());
    for row in rows {
        let customer = row.subject_id.and_then(|id| present.customers.get(&CustomerId(id)));
        let Some(customer) = customer.filter(|customer| customer.is_live()) else {
            results.push(RowResult::left(row, Said::new(Tr::customer_imports_kept_gone)));
            continue;
        };
        match row.outcome {
            RowOutcome::Create if row.subject_version != Some(customer.version) => {
                results.push(RowResult::left(row, Said::new(Tr::customer_imports_kept_edited)));
            }
            RowOutcome::Create if parents.contains(&customer.id) => {
                results.push(RowResult::left(row, Said::new(Tr::customer_imports_kept_parent)));
            }
            RowOutcome::Create if worked_on.contains(&customer.id) => {
                results.push(RowResult::left(row, Said::new(Tr::customer_imports_kept_worked_on)));
            }
            RowOutcome::Create => gone.push((row, customer.clone())),
            _ => back.push((row, customer.clone())),
        }
    }
    // What was brought before stands again once this import's prices are forgotten.
    let erased: Vec<CustomerId> = gone.iter().map(|(_, customer)| customer.id).collect();
    commands::forget_prices(tx, batch.id, &erased)?;
    remove(tx, gone, &mut results)?;
    let restored = restore(tx, back, &mut results)?;
    commands::forget_prices(tx, batch.id, &restored)?;
    Ok(results)
}

/// Takes created customers that nobody has touched since out of the ledger.
fn remove(tx: &mut Tx, gone: Vec<(&Row, Customer)>, results: &mut Vec<RowResult>) -> Result<()> {
    let customers: Vec<Customer> = gone.iter().map(|(_, customer)| customer.clone()).collect();
    directory::erase_all(tx, &customers, &cause(MoveCause::Undo))?;
    results.extend(gone.iter().map(|(row, customer)| RowResult::done(row, customer.id.0, customer.version)));
    Ok(())
}

/// Gives updated customers their old values back, but for the fields that somebody has changed since; tells whose came
/// back.
fn restore(
    tx: &mut Tx,
    back: Vec<(&Row, Customer)>,
    results: &mut Vec<RowResult>,
) -> Result<Vec<CustomerId>> {
    let (mut rows, mut drafts, mut kept) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (row, customer) in back {
        let mut after = customer.fields.clone();
        for change in &row.body.changes {
            let Some(field) = field_of(&change.field) else { continue };
            let now = customer.fields.get(field);
            if now == change.becomes {
                after.set(field, change.was.as_deref()).map_err(|_| broken(row))?;
            } else {
                let since = Change { was: change.becomes.clone(), becomes: now, ..change.clone() };
                kept.entry(row.position).or_insert_with(Vec::new).push(since);
            }
        }
        rows.push(row);
        drafts.push(Draft { before: Some(customer), after });
    }
    let written = write(tx, &rows, drafts, &cause(MoveCause::Undo), results)?;
    for (row, one) in &written {
        results.push(match kept.get(&row.position) {
            None => RowResult::done(row, one.id.0, one.version),
            Some(kept) => RowResult::left(row, told(tx, kept, Tr::customer_imports_kept_fields)?),
        });
    }
    Ok(written.iter().map(|(_, one)| one.id).collect())
}
