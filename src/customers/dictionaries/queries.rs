//! Reading dictionaries.

use std::sync::Arc;

use diesel::prelude::*;

use crate::db::{Db, remembered};
use crate::schema::dictionary_values;
use crate::types::Result;

use super::model::{Dictionaries, DictionaryValue};

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
