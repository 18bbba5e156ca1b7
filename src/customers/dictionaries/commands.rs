//! Changing dictionaries: the only writer of `dictionary_values`.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Unsigned};

use crate::customers::directory;
use crate::db::{Tx, errors, last_id};
use crate::i18n::Tr;
use crate::schema::dictionary_values;
use crate::types::ids::{DictionaryValueId, TaskId};
use crate::types::{Action, Entry, Error, FieldErrors, Refusal, Result};

use super::model::{Dictionary, DictionaryValue, DictionaryValueRecord, Direction, ValueDraft};
use super::task::{self, Merge};
use super::{queries, rules};

/// The most customers that change in the transaction of the merge itself; more are the work of a task.
pub const AT_ONCE: i64 = 1_000;

/// How many customers one step of a merge changes.
pub const STEP: i64 = 500;

/// Adds a value at the end of its dictionary.
pub fn create(tx: &mut Tx, dictionary: Dictionary, draft: &ValueDraft) -> Result<DictionaryValueId> {
    let values = queries::lock_dictionary(tx, dictionary)?;
    rules::can_add(dictionary, values.len())?;
    let all = queries::all(tx)?;
    let is_taken = |code: &str| all.get(dictionary, code).is_some();
    let code = draft.code.clone().unwrap_or_else(|| rules::proposed_code(&draft.label_zh, is_taken));
    refuse_merged_names(&all, dictionary, draft)?;
    let position = values.iter().map(|value| value.position).max().unwrap_or_default() + 1;
    let now = tx.now();
    diesel::insert_into(dictionary_values::table)
        .values((
            dictionary_values::dictionary.eq(dictionary),
            dictionary_values::code.eq(&code),
            dictionary_values::label_zh.eq(&draft.label_zh),
            dictionary_values::label_en.eq(&draft.label_en),
            dictionary_values::position.eq(position),
            dictionary_values::created_at.eq(now),
            dictionary_values::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(taken)?;
    let id = DictionaryValueId(last_id(tx)?);
    let record = DictionaryValueRecord::new(&queries::find(tx, id)?, "");
    tx.audit(Entry::created(Action::DictionaryValueCreated, &record));
    Ok(id)
}

/// Changes the labels of a value, as it was read in `version`.
pub fn update(tx: &mut Tx, id: DictionaryValueId, version: u32, draft: &ValueDraft) -> Result<()> {
    let before = queries::lock(tx, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    let all = queries::all(tx)?;
    refuse_merged_names(&all, before.dictionary, draft)?;
    let now = tx.now();
    diesel::update(dictionary_values::table.find(id))
        .set((
            dictionary_values::label_zh.eq(&draft.label_zh),
            dictionary_values::label_en.eq(&draft.label_en),
            dictionary_values::version.eq(dictionary_values::version + 1),
            dictionary_values::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(taken)?;
    note(tx, Action::DictionaryValueUpdated, &before)
}

/// Moves a value among the others.
pub fn shift(tx: &mut Tx, id: DictionaryValueId, direction: Direction) -> Result<()> {
    let before = queries::lock(tx, id)?;
    let values = queries::lock_dictionary(tx, before.dictionary)?;
    let order: Vec<DictionaryValueId> = values.iter().map(|value| value.id).collect();
    for (position, id) in (1_u32..).zip(rules::moved(&order, id, direction)) {
        let known = values.iter().find(|value| value.id == id).map(|value| value.position);
        if known != Some(position) {
            diesel::update(dictionary_values::table.find(id))
                .set((
                    dictionary_values::position.eq(position.into_sql::<Unsigned<Integer>>()),
                    dictionary_values::version.eq(dictionary_values::version + 1),
                ))
                .execute(tx.conn())?;
        }
    }
    note(tx, Action::DictionaryValueUpdated, &before)
}

/// Offers a value no more: who has it keeps it.
pub fn retire(tx: &mut Tx, id: DictionaryValueId) -> Result<()> {
    let before = queries::lock(tx, id)?;
    rules::can_change(before.dictionary)?;
    if before.retired_at.is_some() {
        return Ok(());
    }
    let now = tx.now();
    set_retired(tx, id, Some(now))?;
    note(tx, Action::DictionaryValueRetired, &before)
}

/// Offers a retired value again.
pub fn revive(tx: &mut Tx, id: DictionaryValueId) -> Result<()> {
    let before = queries::lock(tx, id)?;
    if before.retired_at.is_none() {
        return Ok(());
    }
    set_retired(tx, id, None)?;
    note(tx, Action::DictionaryValueRevived, &before)
}

/// Deletes a value that nobody has.
pub fn delete(tx: &mut Tx, id: DictionaryValueId) -> Result<()> {
    let before = queries::lock(tx, id)?;
    rules::can_delete(&before, queries::count_customers(tx, &before)?, queries::count_merged(tx, id)?)?;
    diesel::delete(dictionary_values::table.find(id)).execute(tx.conn())?;
    let record = DictionaryValueRecord::new(&before, "");
    tx.audit(Entry::deleted(Action::DictionaryValueDeleted, &record));
    Ok(())
}

/// What became of the customers when two values were merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    /// So many have the other value now.
    Now(i64),
    /// So many get it from a task.
    By(TaskId, i64),
}

/// Merges a value into another one: nobody can choose it any more, what it is called leads to the other, and all customers
/// that have it get the other. `shown` is how many customers whoever asks was told of.
///
/// # Errors
/// [`Error::Refused`] when there are more or fewer customers by now.
pub fn merge(
    tx: &mut Tx,
    id: DictionaryValueId,
    into: DictionaryValueId,
    shown: Option<i64>,
) -> Result<Merged> {
    let before = queries::lock(tx, id)?;
    let target = queries::find(tx, into).map_err(|fault| match fault {
        Error::NotFound => FieldErrors::one("into", Tr::field_unknown_choice).into(),
        fault => fault,
    })?;
    rules::can_merge(&before, &target)?;
    let customers = queries::count_customers(tx, &before)?;
    if let Some(shown) = shown.filter(|shown| *shown != customers) {
        return Err(Refusal::new("moved", move |t: Tr| t.dictionaries_refused_moved(customers, shown)).into());
    }
    let now = tx.now();
    // What was merged into this one before leads to the other at once: nobody has to follow twice.
    let chain =
        dictionary_values::id.eq(id).or(dictionary_values::merged_into_id.eq(Some(id)).assume_not_null());
    diesel::update(dictionary_values::table.filter(chain))
        .set((
            dictionary_values::merged_into_id.eq(Some(into)),
            dictionary_values::retired_at.eq(Some(now)),
            dictionary_values::version.eq(dictionary_values::version + 1),
            dictionary_values::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let after = DictionaryValue { retired_at: Some(now), merged_into_id: Some(into), ..before.clone() };
    tx.audit(Entry::changed(
        Action::DictionaryValueMerged,
        &DictionaryValueRecord::new(&before, ""),
        &DictionaryValueRecord::new(&after, &target.label_zh),
    ));
    let order = Merge { value: id };
    if customers > AT_ONCE {
        let task = tx.enqueue(&task::of(&before, &target, &order))?;
        return Ok(Merged::By(task, customers));
    }
    while pass_on(tx, id)? > 0 {}
    Ok(Merged::Now(customers))
}

/// Gives some of the customers that have a merged value the one that it was merged into. Returns how many it was: none when
/// all are done.
pub fn pass_on(tx: &mut Tx, id: DictionaryValueId) -> Result<usize> {
    let value: DictionaryValue =
        dictionary_values::table.find(id).select(DictionaryValue::as_select()).first(tx.conn())?;
    let Some(into) = value.merged_into_id else { return Ok(0) };
    let into = queries::find(tx, into)?;
    let ids = queries::lock_customers(tx, &value, STEP)?;
    directory::commands::recode_all(tx, &ids, &value, &into)?;
    Ok(ids.len())
}

fn set_retired(tx: &mut Tx, id: DictionaryValueId, retired_at: Option<chrono::NaiveDateTime>) -> Result<()> {
    let now = tx.now();
    diesel::update(dictionary_values::table.find(id))
        .set((
            dictionary_values::retired_at.eq(retired_at),
            dictionary_values::version.eq(dictionary_values::version + 1),
            dictionary_values::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn note(tx: &mut Tx, action: Action, before: &DictionaryValue) -> Result<()> {
    let after = queries::find(tx, before.id)?;
    let (was, becomes) = (DictionaryValueRecord::new(before, ""), DictionaryValueRecord::new(&after, ""));
    let entry = Entry::changed(action, &was, &becomes);
    if !entry.changes.is_empty() {
        tx.audit(entry);
    }
    Ok(())
}

/// A name that already leads somewhere cannot be given to another value.
fn refuse_merged_names(
    all: &super::model::Dictionaries,
    dictionary: Dictionary,
    draft: &ValueDraft,
) -> Result<()> {
    for (field, label) in [("label_zh", &draft.label_zh), ("label_en", &draft.label_en)] {
        let former = all.merged(dictionary).iter().find(|value| {
            [&value.label_zh, &value.label_en].iter().any(|name| name.to_lowercase() == label.to_lowercase())
        });
        if let Some(into) = former.and_then(|value| all.current(dictionary, &value.code)).cloned() {
            let fault = FieldErrors::one(field, move |t: Tr| t.dictionaries_label_merged(into.label(t)));
            return Err(fault.into());
        }
    }
    Ok(())
}

/// A code or a label that another value has.
fn taken(fault: diesel::result::Error) -> Error {
    for (key, field) in [
        ("dictionary_values_code", "code"),
        ("dictionary_values_label_zh", "label_zh"),
        ("dictionary_values_label_en", "label_en"),
    ] {
        if errors::is_unique_violation(&fault, key) {
            return FieldErrors::one(field, Tr::dictionaries_taken).into();
        }
    }
    fault.into()
}
