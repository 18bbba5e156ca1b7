//! From a file to a batch: the table in it is found, the file is kept, and its rows begin to be worked out.

use std::fs::File;
use std::io::Seek as _;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::NaiveDate;

use crate::batches::{self, BatchKinds};
use crate::files::{self, Record, Store};
use crate::i18n::{Message, Tr};
use crate::sheets::header::{self, Table};
use crate::sheets::{Book, Fault};
use crate::types::ids::{BatchId, FileId};
use crate::types::{Actor, Error, Refusal, Result};
use crate::web::State;

use super::kinds::ImportKind;
use super::model::Layout;
use super::{commands, queries, rules};

/// Takes a file in, for a thread that may block. When columns are missing that every row needs, the batch waits for
/// somebody to match them; otherwise its rows begin to be worked out.
///
/// # Errors
/// [`Error::Refused`] when the file is no table.
pub fn begin(
    state: &State,
    actor: &Arc<Actor>,
    kind: &ImportKind,
    name: &str,
    mut file: File,
    effective_on: Option<NaiveDate>,
) -> Result<BatchId> {
    let kinds = state.part::<BatchKinds>()?;
    let batch = kinds.get(kind.code)?;
    actor.need(batch.permission)?;
    let mut book = Book::open(file.try_clone().context("the file cannot be read")?, name)?;
    let found = header::find(&mut book, &kind.known())?;
    let mut layout = match found {
        Some(table) => layout_of(kind, &book, &table),
        None => first_row_as_header(kind, &mut book)?,
    };
    let key = rules::key_of_headings(&layout.labels);
    if let Some(known) = state.db.read(actor, |db| queries::columns_of(db, kind.code, &key))? {
        layout.columns = rules::matched(kind, layout.columns.len(), &known);
    }
    drop(book);
    let id = state.db.write(actor, |tx| commands::begin(tx, batch, kind, name, &layout, effective_on))?;
    let kept = keep(state, actor, id, name, &mut file).and_then(|file| {
        state.db.write(actor, |tx| {
            commands::keep_file(tx, id, file)?;
            let (row, _) = batches::queries::lock(tx, &kinds, id)?;
            commands::check(tx, kind, &row.batch)
        })
    });
    if let Err(fault) = kept {
        if let Err(other) = state.db.write(actor, |tx| commands::abandon(tx, &kinds, id)) {
            tracing::warn!(%id, %other, "an import whose file could not be kept is left behind");
        }
        return Err(fault);
    }
    Ok(id)
}

fn keep(state: &State, actor: &Arc<Actor>, id: BatchId, name: &str, file: &mut File) -> Result<FileId> {
    file.rewind().context("the file cannot be read again")?;
    let store = state.part::<Store>()?;
    let record = Record { kind: batches::model::KIND, id: id.0 };
    files::put(&state.db, actor, &store, record, name, file)
}

/// The table that was found, with the columns that its headings say.
pub(super) fn layout_of(kind: &ImportKind, book: &Book, table: &Table) -> Layout {
    let code = |known: &Option<usize>| {
        known.and_then(|known| kind.columns.get(known)).map(|column| column.code.to_owned())
    };
    Layout {
        sheet: u32::try_from(table.sheet).unwrap_or_default(),
        sheet_name: book.sheets().get(table.sheet).map(|sheet| sheet.name.clone()).unwrap_or_default(),
        header_row: table.header_row,
        first_row: table.first_row,
        labels: table.labels.clone(),
        columns: table.columns.iter().map(code).collect(),
    }
}

/// Where no row names known columns, the first row of the first sheet is taken for the header, and somebody has to say
/// what its columns are.
fn first_row_as_header(kind: &ImportKind, book: &mut Book) -> Result<Layout> {
    let first = book.first_rows(0, 1)?;
    let row = first.first().ok_or(Fault::Empty)?;
    let table = header::at(book, 0, row.number, &kind.known())?.ok_or(Fault::Empty)?;
    Ok(layout_of(kind, book, &table))
}

/// The file of an import, copied out of the store, for a thread that may block.
pub(super) fn open(state: &State, actor: &Arc<Actor>, file: Option<FileId>) -> Result<(Book, String)> {
    let gone = || Error::BadRequest(410, Message::new(Tr::files_vanished));
    let id = file.ok_or_else(|| Refusal::new("no_file", Tr::import_no_file))?;
    let stored = state.db.read(actor, |db| files::queries::get(db, id))?.ok_or_else(gone)?;
    let store = state.part::<Store>()?;
    let mut copy = tempfile::tempfile().context("no temporary file")?;
    if !store.copy_blocking(&stored.store_key, &mut copy)? {
        return Err(gone());
    }
    copy.rewind().context("the temporary file cannot be read")?;
    Ok((Book::open(copy, &stored.name)?, stored.name))
}
