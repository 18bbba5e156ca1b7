//! Reading imports and what people have decided.

use diesel::prelude::*;

use crate::batches::model::BatchRow;
use crate::batches::{self, BatchKinds};
use crate::db::Db;
use crate::schema::{import_choices, imports};
use crate::types::audit_entry::Subject;
use crate::types::ids::BatchId;
use crate::types::{Error, Result};

use super::kinds::ImportKinds;
use super::model::{Choices, Import};
use super::rules;

/// An import that the actor may see, with its batch.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or none that the actor may see.
pub fn find(db: &mut Db, kinds: &BatchKinds, id: BatchId) -> Result<(Import, BatchRow)> {
    let (row, _) = batches::queries::find(db, kinds, id)?;
    Ok((get(db, id)?.ok_or(Error::NotFound)?, row))
}

/// An import as the record that its file hangs on, if whoever asks may look into the file.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or none whose file the actor may see.
pub fn seen(db: &mut Db, batches: &BatchKinds, kinds: &ImportKinds, id: u64) -> Result<Subject> {
    let (row, batch_kind) = batches::queries::find(db, batches, BatchId(id))?;
    if !rules::sees_file(db.actor(), &row.batch, batch_kind, kinds.get(&row.batch.kind)?) {
        return Err(Error::NotFound);
    }
    batches::queries::seen(db, batches, id)
}

/// An import, whoever asks.
pub fn get(db: &mut Db, id: BatchId) -> Result<Option<Import>> {
    Ok(imports::table.find(id).select(Import::as_select()).first(db.conn()).optional()?)
}

/// What people have said that texts mean.
pub fn choices(db: &mut Db, kind: &str) -> Result<Choices> {
    let rows: Vec<(String, String, String)> = import_choices::table
        .filter(import_choices::kind.eq(kind))
        .filter(import_choices::about.ne(""))
        .select((import_choices::about, import_choices::meant, import_choices::choice))
        .load(db.conn())?;
    Ok(Choices(rows.into_iter().map(|(about, meant, choice)| ((about, meant), choice)).collect()))
}

/// Which columns a set of headings was said to be.
pub fn columns_of(db: &mut Db, kind: &str, headings: &str) -> Result<Option<Vec<Option<String>>>> {
    let found: Option<String> = import_choices::table
        .find((kind, "", headings))
        .select(import_choices::choice)
        .first(db.conn())
        .optional()?;
    Ok(found.and_then(|choice| serde_json::from_str(&choice).ok()))
}
