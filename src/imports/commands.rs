//! Beginning imports and keeping what people decide: the only writer of `imports`.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::batches::model::{Batch, BatchState};
use crate::batches::{self, BatchKind, BatchKinds};
use crate::db::Tx;
use crate::i18n::Tr;
use crate::schema::imports;
use crate::types::ids::{BatchId, FileId};
use crate::types::{Error, Refusal, Result};

use super::kinds::ImportKind;
use super::model::{Edits, Layout, Unknown};
use super::{meanings, queries, rules, work};

/// Begins an import of a file that is on its way into the store.
pub fn begin(
    tx: &mut Tx,
    batch: &BatchKind,
    kind: &ImportKind,
    title: &str,
    layout: &Layout,
    effective_on: Option<NaiveDate>,
) -> Result<BatchId> {
    let id = batches::commands::begin(tx, batch, title, &json!({}))?;
    diesel::insert_into(imports::table)
        .values((
            imports::batch_id.eq(id),
            imports::kind.eq(kind.code),
            imports::sheet.eq(layout.sheet),
            imports::sheet_name.eq(&layout.sheet_name),
            imports::header_row.eq(layout.header_row),
            imports::first_row.eq(layout.first_row),
            imports::labels.eq(value(&layout.labels)?),
            imports::matching.eq(value(&layout.columns)?),
            imports::edits.eq(json!({})),
            imports::unknown.eq(json!([])),
            imports::effective_on.eq(effective_on),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

fn value(of: &impl Serialize) -> Result<Value> {
    serde_json::to_value(of).map_err(|fault| Error::Internal(fault.into()))
}

/// The file is in the store.
pub fn keep_file(tx: &mut Tx, id: BatchId, file: FileId) -> Result<()> {
    diesel::update(imports::table.find(id)).set(imports::file_id.eq(Some(file))).execute(tx.conn())?;
    Ok(())
}

/// Has the rows worked out, unless columns are missing that every row needs: then somebody has to match them first.
pub fn check(tx: &mut Tx, kind: &ImportKind, batch: &Batch) -> Result<()> {
    let import = queries::get(tx, batch.id)?.ok_or(Error::NotFound)?;
    if !rules::missing(kind, &import.layout()).is_empty() {
        return batches::commands::reopen(tx, batch.id);
    }
    batches::commands::start_check(tx, batch.id, &work::task(batch)).map(|_| ())
}

/// Keeps another table of the file, or other columns, and has the rows worked out. The matching is remembered for the
/// next file with the same headings.
pub fn match_columns(
    tx: &mut Tx,
    kinds: &BatchKinds,
    kind: &ImportKind,
    id: BatchId,
    layout: &Layout,
) -> Result<()> {
    let batch = lock(tx, kinds, id)?;
    diesel::update(imports::table.find(id))
        .set((
            imports::sheet.eq(layout.sheet),
            imports::sheet_name.eq(&layout.sheet_name),
            imports::header_row.eq(layout.header_row),
            imports::first_row.eq(layout.first_row),
            imports::labels.eq(value(&layout.labels)?),
            imports::matching.eq(value(&layout.columns)?),
        ))
        .execute(tx.conn())?;
    meanings::commands::remember_headings(tx, kind.code, &layout.labels, &layout.columns)?;
    check(tx, kind, &batch)
}

/// Keeps what texts mean, for this file and those to come, and has the rows worked out.
pub fn match_values(
    tx: &mut Tx,
    kinds: &BatchKinds,
    kind: &ImportKind,
    id: BatchId,
    meanings: &[(String, String, String)],
) -> Result<()> {
    let batch = lock(tx, kinds, id)?;
    for (column, text, choice) in meanings {
        meanings::commands::remember_text(tx, kind.code, column, text, choice)?;
    }
    check(tx, kind, &batch)
}

/// Puts cells right, and has the rows worked out.
pub fn mend_cells(
    tx: &mut Tx,
    kinds: &BatchKinds,
    kind: &ImportKind,
    id: BatchId,
    cells: &[(u32, String, String)],
) -> Result<()> {
    let batch = lock(tx, kinds, id)?;
    let import = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    let mut edits: Edits = import.edits();
    for (row, column, text) in cells {
        edits.entry(*row).or_default().insert(column.clone(), text.clone());
    }
    if edits.values().map(std::collections::BTreeMap::len).sum::<usize>() > rules::MAX_EDITS {
        return Err(Refusal::new("too_many_edits", |t: Tr| t.import_too_many_edits(rules::MAX_EDITS)).into());
    }
    diesel::update(imports::table.find(id)).set(imports::edits.eq(value(&edits)?)).execute(tx.conn())?;
    check(tx, kind, &batch)
}

/// Locks the batch of an import that somebody wants to change.
fn lock(tx: &mut Tx, kinds: &BatchKinds, id: BatchId) -> Result<Batch> {
    let (row, _) = batches::queries::lock(tx, kinds, id)?;
    batches::rules::can_check(&row, tx.actor())?;
    Ok(row.batch)
}

/// All rows are worked out.
pub fn finish_check(tx: &mut Tx, id: BatchId, unknown: &[Unknown]) -> Result<()> {
    diesel::update(imports::table.find(id)).set(imports::unknown.eq(value(&unknown)?)).execute(tx.conn())?;
    batches::commands::ready(tx, id)
}

/// Drops an import whose file could not be kept.
pub fn abandon(tx: &mut Tx, kinds: &BatchKinds, id: BatchId) -> Result<()> {
    let (row, _) = batches::queries::lock(tx, kinds, id)?;
    if row.batch.state == BatchState::Draft {
        diesel::delete(imports::table.find(id)).execute(tx.conn())?;
        batches::commands::drop_empty(tx, id)?;
    }
    Ok(())
}

/// Forgets the file's side of a batch that is swept.
pub(super) fn forget(tx: &mut Tx, id: BatchId) -> Result<()> {
    diesel::delete(imports::table.find(id)).execute(tx.conn())?;
    Ok(())
}
