//! Reading dictionaries.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::customers::directory;
use crate::customers::directory::reach::Reach;
use crate::db::{Db, remembered};
use crate::schema::{customers, dictionary_values};
use crate::types::ids::DictionaryValueId;
use crate::types::{Error, Permission, Result};

use super::model::{Dictionaries, Dictionary, DictionaryValue};

/// All dictionaries, as the transaction sees them.
pub fn all(db: &mut Db) -> Result<Dictionaries> {
    let values = dictionary_values::table
        .order((dictionary_values::dictionary, dictionary_values::position, dictionary_values::id))
        .select(DictionaryValue::as_select())
        .load(db.conn())?;
    Ok(Dictionaries::new(values))
}

/// All dictionaries, for pages that show them.
pub fn shown(db: &mut Db) -> Result<Arc<Dictionaries>> {
    remembered(db, "customers.dictionaries", all)
}

/// One value, as long as it was not merged into another.
pub fn find(db: &mut Db, id: DictionaryValueId) -> Result<DictionaryValue> {
    let value: DictionaryValue =
        dictionary_values::table.find(id).select(DictionaryValue::as_select()).first(db.conn())?;
    if value.merged_into_id.is_some() { Err(Error::NotFound) } else { Ok(value) }
}

/// One value, or what it was merged into.
pub fn find_current(db: &mut Db, id: DictionaryValueId) -> Result<DictionaryValue> {
    let value: DictionaryValue =
        dictionary_values::table.find(id).select(DictionaryValue::as_select()).first(db.conn())?;
    match value.merged_into_id {
        None => Ok(value),
        Some(into) => find(db, into),
    }
}

/// One value, with its whole dictionary locked until the transaction ends: nobody else moves, adds or merges meanwhile.
pub fn lock(db: &mut Db, id: DictionaryValueId) -> Result<DictionaryValue> {
    let value = find(db, id)?;
    lock_dictionary(db, value.dictionary)?;
    find(db, id)
}

/// The values of a dictionary in their order, without those that were merged, locked until the transaction ends.
pub fn lock_dictionary(db: &mut Db, dictionary: Dictionary) -> Result<Vec<DictionaryValue>> {
    let mut values: Vec<DictionaryValue> = dictionary_values::table
        .filter(dictionary_values::dictionary.eq(dictionary))
        .order((dictionary_values::position, dictionary_values::id))
        .select(DictionaryValue::as_select())
        .for_update()
        .load(db.conn())?;
    values.retain(|value| value.merged_into_id.is_none());
    Ok(values)
}

/// How many values were merged into one.
pub fn count_merged(db: &mut Db, id: DictionaryValueId) -> Result<i64> {
    let merged = dictionary_values::table.filter(dictionary_values::merged_into_id.eq(id));
    Ok(merged.count().get_result(db.conn())?)
}

/// Asks something of the column that keeps the codes of a dictionary, as text that may be absent.
macro_rules! of_column {
    ($dictionary:expr, $column:ident => $ask:expr) => {
        match $dictionary {
            Dictionary::AccountType => {
                let $column = customers::account_type;
                $ask
            }
            Dictionary::Industry => {
                let $column = customers::industry;
                $ask
            }
            Dictionary::ErpSystem => {
                let $column = customers::erp_system;
                $ask
            }
            Dictionary::Level => {
                let $column = customers::level;
                $ask
            }
            Dictionary::SettlementMode => {
                let $column = customers::settlement_mode;
                $ask
            }
            Dictionary::SpendLevel => {
                let $column = customers::spend_level;
                $ask
            }
            Dictionary::Source => {
                let $column = customers::source;
                $ask
            }
            Dictionary::Channel => {
                let $column = customers::channel;
                $ask
            }
        }
    };
}

/// How many live customers within reach have each code of a dictionary: all of them, which the index of the field counts
/// alone, less the deleted, of whom there are few.
pub fn customers_by_code(db: &mut Db, dictionary: Dictionary) -> Result<BTreeMap<String, i64>> {
    let mut counts = counted(db, dictionary, false)?;
    for (code, deleted) in counted(db, dictionary, true)? {
        *counts.entry(code).or_default() -= deleted;
    }
    Ok(counts)
}

fn counted(db: &mut Db, dictionary: Dictionary, deleted: bool) -> Result<BTreeMap<String, i64>> {
    let condition = directory::queries::within(&Reach::of(db, Permission::CustomerView)?);
    let rows: Vec<(Option<String>, i64)> = of_column!(dictionary, column => {
        let mut query = customers::table.group_by(column).select((column.nullable(), count_star())).into_boxed();
        if deleted {
            query = query.filter(customers::deleted_at.is_not_null());
        }
        match condition {
            Some(condition) => query.filter(condition).load(db.conn())?,
            None => query.load(db.conn())?,
        }
    });
    Ok(rows.into_iter().filter_map(|(code, count)| Some((code?, count))).collect())
}

/// How many customers have a value, whoever asks: the deleted ones too, because they may be restored.
pub fn count_customers(db: &mut Db, value: &DictionaryValue) -> Result<i64> {
    Ok(of_column!(value.dictionary, column => {
        customers::table.filter(column.nullable().eq(Some(&value.code))).count().get_result(db.conn())?
    }))
}

/// Some of the customers that have a value, whoever asks, locked until the transaction ends.
pub fn lock_customers(
    db: &mut Db,
    value: &DictionaryValue,
    most: i64,
) -> Result<Vec<crate::types::ids::CustomerId>> {
    Ok(of_column!(value.dictionary, column => {
        customers::table
            .filter(column.nullable().eq(Some(&value.code)))
            .order(customers::id)
            .limit(most)
            .select(customers::id)
            .for_update()
            .load(db.conn())?
    }))
}
