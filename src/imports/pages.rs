//! The pages of imports: uploading for the rooms that import something, and what can be decided until the batch is
//! committed.

use std::io::Write as _;

use anyhow::Context as _;
use askama::Template;
use chrono::NaiveTime;
use serde::Deserialize;

use crate::batches::model::{BatchRow, RowOutcome, RowTab};
use crate::batches::{self, BatchKinds};
use crate::db::listing::{Seek, Stream};
use crate::i18n::Tr;
use crate::sheets::header::{self, Table};
use crate::sheets::{self, Book, Row, Sheet};
use crate::types::ids::BatchId;
use crate::types::money::grouped;
use crate::types::time::parse_day;
use crate::types::{Error, FieldErrors, Result};
use crate::web::download::{Cell, Format, Table as Download};
use crate::web::ui::{Badge, Choice, Fields, StreamPager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response, Upload};

use super::forms::{NamedFields, TableQuery};
use super::kinds::{ImportKind, ImportKinds};
use super::model::{Edits, Import, Layout};
use super::{begin, commands, meanings, queries, rules, urls};

/// From where the imports of the past are read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PastQuery {
    /// The id of the batch to read down from.
    pub older: String,
    /// The id of the batch to read up from.
    pub newer: String,
}

impl PastQuery {
    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }
}

/// An import of the past, as the list shows it.
struct Past {
    row: BatchRow,
    badge: Badge,
}

impl Past {
    /// A count of its rows; nothing where there is none, so that those that matter stand out.
    fn number(&self, tab: RowTab) -> String {
        let batch = &self.row.batch;
        let count = match tab {
            RowTab::Create => batch.creates,
            RowTab::Update => batch.updates,
            RowTab::Unchanged => batch.unchanged,
            _ => batch.failed,
        };
        if count == 0 { String::new() } else { grouped(&count.to_string()) }
    }
}

#[derive(Template)]
#[template(path = "imports/new.html")]
struct NewView {
    ui: Ui,
    fields: Fields,
    kind: ImportKind,
    day: Option<(&'static str, &'static str)>,
    day_value: String,
    max_upload: usize,
    past: Vec<Past>,
    remembered: i64,
    pager: StreamPager,
}

/// The page that takes a file, above the imports of the past.
pub async fn new(ctx: Ctx, kind: &'static str, seek: Seek) -> Result<Response> {
    form_page(&ctx, kind, seek, String::new(), FieldErrors::new()).await
}

async fn form_page(
    ctx: &Ctx,
    kind: &'static str,
    seek: Seek,
    day_value: String,
    errors: FieldErrors,
) -> Result<Response> {
    let (batches, kinds) = (ctx.state.part::<BatchKinds>()?, ctx.state.part::<ImportKinds>()?);
    let kind = *kinds.get(kind)?;
    let (ui, t, faulty) = (ctx.ui(), ctx.t, !errors.is_empty());
    let (past, remembered): (Stream<BatchRow>, i64) = ctx
        .read(move |db| {
            let past = batches::queries::list(db, batches.get(kind.code)?, seek)?;
            Ok((past, meanings::queries::count(db, kind.code)?))
        })
        .await?;
    let pager = StreamPager::new(&ui, &past);
    let past = past.rows.into_iter().map(|row| Past { badge: batches::pages::badge(t, &row), row });
    let view = NewView {
        fields: Fields::with(t, errors),
        day: kind.day.map(|(label, help)| (label(t), help(t))),
        day_value,
        max_upload: ctx.state.config.max_upload / 1024 / 1024,
        past: past.collect(),
        remembered,
        pager,
        kind,
        ui,
    };
    let page = Page::new(ctx, t.label("batch_kind", kind.code), &view);
    Ok(if faulty { page.invalid().respond() } else { page.respond() })
}

/// Takes a file in, and goes to what comes of it.
pub async fn create(ctx: Ctx, kind: &'static str, upload: Upload) -> Result<Response> {
    let day = upload.field("effective_on").trim().to_owned();
    match receive(&ctx, kind, upload).await {
        Ok(id) => Ok(ctx.go(next(&ctx, id).await?)),
        Err(fault) => form_page(&ctx, kind, Seek::Newest, day, fault.into_faults("file")?).await,
    }
}

/// Takes a file in.
pub async fn receive(ctx: &Ctx, kind: &'static str, upload: Upload) -> Result<BatchId> {
    let mut errors = FieldErrors::new();
    if upload.content.is_empty() && upload.file_name.is_empty() {
        errors.add("file", Tr::import_choose_file);
    }
    let raw_day = upload.field("effective_on").trim().to_owned();
    let day = parse_day(&raw_day);
    if day.is_none() && !raw_day.is_empty() {
        errors.add("effective_on", Tr::field_day);
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let kinds = ctx.state.part::<ImportKinds>()?;
    let kind = *kinds.get(kind)?;
    let (state, actor) = (ctx.state.clone().into_inner(), std::sync::Arc::clone(&ctx.actor));
    ctx.block(move || {
        let mut file = tempfile::tempfile().context("no temporary file")?;
        file.write_all(&upload.content).context("the temporary file cannot be written")?;
        begin::begin(&state, &actor, &kind, &upload.file_name, file, day)
    })
    .await
}

/// Where somebody goes on: to the columns where some are missing, otherwise to the batch.
async fn next(ctx: &Ctx, id: BatchId) -> Result<String> {
    let (batches, kinds) = (ctx.state.part::<BatchKinds>()?, ctx.state.part::<ImportKinds>()?);
    let (import, _) = ctx.read(move |db| queries::find(db, &batches, id)).await?;
    let is_whole = rules::missing(kinds.get(&import.kind)?, &import.layout()).is_empty();
    Ok(if is_whole { batches::urls::batch(id) } else { urls::columns(id) })
}

/// An import that can still be changed, with its kind.
async fn open(ctx: &Ctx, id: BatchId) -> Result<(Import, BatchRow, ImportKind)> {
    let (batches, kinds) = (ctx.state.part::<BatchKinds>()?, ctx.state.part::<ImportKinds>()?);
    let (import, row) = ctx.read(move |db| queries::find(db, &batches, id)).await?;
    let kind = *kinds.get(&import.kind)?;
    Ok((import, row, kind))
}

/// A column of the file, with what stands in it.
struct FileColumn {
    place: usize,
    letter: String,
    label: String,
    samples: Vec<String>,
    chosen: String,
}

#[derive(Template)]
#[template(path = "imports/columns.html")]
struct ColumnsView {
    ui: Ui,
    id: BatchId,
    fields: Fields,
    sheets: Vec<Sheet>,
    layout: Layout,
    columns: Vec<FileColumn>,
    choices: Vec<Choice>,
    required: String,
}

/// How many rows of the file the page of columns shows.
const SAMPLES: usize = 3;

/// Which column is which.
pub async fn columns(ctx: Ctx, batch: Path<BatchId>, query: Query<TableQuery>) -> Result<Response> {
    columns_page(&ctx, *batch, query.place(), FieldErrors::new()).await
}

async fn columns_page(
    ctx: &Ctx,
    id: BatchId,
    place: Option<(usize, Option<u32>)>,
    errors: FieldErrors,
) -> Result<Response> {
    let (import, row, kind) = open(ctx, id).await?;
    if let Err(refusal) = batches::rules::can_check(&row, &ctx.actor) {
        return Ok(ctx.refused(batches::urls::batch(id), refusal.message.text(ctx.t)));
    }
    let batch_kind = *ctx.state.part::<BatchKinds>()?.get(kind.code)?;
    let (state, actor) = (ctx.state.clone().into_inner(), std::sync::Arc::clone(&ctx.actor));
    let sees_all = rules::sees_file(&ctx.actor, &row.batch, &batch_kind, &kind);
    let (layout, sheets, rows) = ctx
        .block(move || {
            let (mut book, _) = begin::open(&state, &actor, import.file_id)?;
            let layout = layout_at(&mut book, &kind, place)?.unwrap_or_else(|| import.layout());
            let sheet = usize::try_from(layout.sheet).unwrap_or_default();
            let rows = if sees_all { samples(&mut book, sheet, layout.first_row)? } else { Vec::new() };
            Ok((layout, book.sheets().to_vec(), rows))
        })
        .await?;
    let (t, faulty) = (ctx.t, !errors.is_empty());
    let required = kind.columns.iter().filter(|column| column.required);
    let view = ColumnsView {
        ui: ctx.ui(),
        id,
        fields: Fields::with(t, errors),
        sheets,
        columns: file_columns(&layout, &rows),
        choices: kind
            .columns
            .iter()
            .map(|column| Choice::new(column.code, (batch_kind.field)(t, column.code)))
            .collect(),
        required: t.join(required.map(|column| (batch_kind.field)(t, column.code))),
        layout,
    };
    let page = Page::new(ctx, t.import_columns_title(), &view)
        .crumb(t.label("batch_kind", kind.code), kind.home)
        .crumb(row.batch.name(t), batches::urls::batch(id));
    Ok(if faulty { page.invalid().respond() } else { page.respond() })
}

/// The table at a place that was asked for.
fn layout_at(
    book: &mut Book,
    kind: &ImportKind,
    place: Option<(usize, Option<u32>)>,
) -> Result<Option<Layout>> {
    let Some((sheet, row)) = place else { return Ok(None) };
    if sheet >= book.sheets().len() {
        return Ok(None);
    }
    let known = kind.known();
    let table: Option<Table> = if let Some(row) = row {
        header::at(book, sheet, row, &known)?
    } else {
        let rows = book.first_rows(sheet, 60)?;
        match (header::find_in(sheet, &rows, &known), rows.first()) {
            (Some(table), _) => Some(table),
            (None, Some(first)) => header::at(book, sheet, first.number, &known)?,
            (None, None) => None,
        }
    };
    Ok(table.map(|table| begin::layout_of(kind, book, &table)))
}

fn samples(book: &mut Book, sheet: usize, first_row: u32) -> Result<Vec<Row>> {
    use std::ops::ControlFlow;
    let mut rows = Vec::new();
    book.rows::<Error>(sheet, |row| {
        if row.number >= first_row {
            rows.push(row);
        }
        Ok(if rows.len() < SAMPLES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(rows)
}

fn file_columns(layout: &Layout, rows: &[Row]) -> Vec<FileColumn> {
    let column = |(place, label): (usize, &String)| FileColumn {
        place,
        letter: sheets::column_name(u32::try_from(place + 1).unwrap_or_default()),
        label: label.clone(),
        samples: rows.iter().map(|row| row.cell(place).shown().chars().take(40).collect()).collect(),
        chosen: layout.columns.get(place).cloned().flatten().unwrap_or_default(),
    };
    layout.labels.iter().enumerate().map(column).collect()
}

/// Keeps which column is which.
pub async fn match_columns(ctx: Ctx, batch: Path<BatchId>, form: Form<NamedFields>) -> Result<Response> {
    let id = *batch;
    let Some((sheet, header_row)) = form.place() else { return Err(Error::NotFound) };
    let (import, _, kind) = open(&ctx, id).await?;
    let (state, actor) = (ctx.state.clone().into_inner(), std::sync::Arc::clone(&ctx.actor));
    let found = ctx
        .block(move || {
            let (mut book, _) = begin::open(&state, &actor, import.file_id)?;
            layout_at(&mut book, &kind, Some((sheet, Some(header_row))))
        })
        .await?;
    let mut layout = found.ok_or(Error::NotFound)?;
    let width = layout.labels.len();
    let chosen = form.columns(width);
    layout.columns = rules::matched(&kind, width, &chosen);
    let is_twice = chosen.iter().flatten().count() != layout.columns.iter().flatten().count();
    if is_twice || !rules::missing(&kind, &layout).is_empty() {
        let fault = if is_twice { Tr::import_column_twice } else { Tr::import_columns_missing };
        return columns_page(&ctx, id, Some((sheet, Some(header_row))), FieldErrors::one("", fault)).await;
    }
    let kinds = ctx.state.part::<BatchKinds>()?;
    let outcome = ctx.write(move |tx| commands::match_columns(tx, &kinds, &kind, id, &layout)).await;
    ctx.outcome(outcome, batches::urls::batch(id), ctx.t.import_columns_kept())
}

/// Keeps what unknown values mean.
pub async fn match_values(ctx: Ctx, batch: Path<BatchId>, form: Form<NamedFields>) -> Result<Response> {
    let id = *batch;
    let (import, _, kind) = open(&ctx, id).await?;
    let kinds = ctx.state.part::<BatchKinds>()?;
    let meanings: Vec<(String, String, String)> = import
        .unknown()
        .into_iter()
        .enumerate()
        .filter_map(|(number, unknown)| {
            let choice = form.get(&format!("value.{number}"));
            (!choice.is_empty()).then(|| {
                let choice = if choice == NOTHING { "" } else { choice };
                (unknown.column, unknown.text, choice.to_owned())
            })
        })
        .collect();
    if meanings.is_empty() {
        return Ok(ctx.refused(batches::urls::batch(id), ctx.t.import_values_none()));
    }
    let outcome = ctx.write(move |tx| commands::match_values(tx, &kinds, &kind, id, &meanings)).await;
    ctx.outcome(outcome, batches::urls::batch(id), ctx.t.import_values_kept())
}

/// What the form sends for a value that means nothing at all.
pub const NOTHING: &str = "-";

/// Puts cells right. Those that were sent back as they stand are left alone.
pub async fn mend_cells(ctx: Ctx, batch: Path<BatchId>, form: Form<NamedFields>) -> Result<Response> {
    let id = *batch;
    let (_, _, kind) = open(&ctx, id).await?;
    let kinds = ctx.state.part::<BatchKinds>()?;
    let batch_kind = *kinds.get(kind.code)?;
    let mut sent = form.cells(&kind);
    // Who does not see a cell cannot mean to change it.
    sent.retain(|(_, column, _)| (batch_kind.may_see)(&ctx.actor, column));
    let outcome = ctx
        .write(move |tx| {
            let mut changed = Vec::new();
            for (row, column, text) in &sent {
                let found = batches::queries::with_number(tx, id, *row)?;
                let fault = found
                    .as_ref()
                    .and_then(|found| found.body.faults.iter().find(|fault| fault.column == *column));
                if fault.is_some_and(|fault| fault.cell.trim() != text) {
                    changed.push((*row, column.clone(), text.clone()));
                }
            }
            commands::mend_cells(tx, &kinds, &kind, id, &changed)
        })
        .await;
    ctx.outcome(outcome, batches::urls::batch(id), ctx.t.import_cells_kept())
}

/// The rows that failed, each with why, as a workbook that can be put right and uploaded again.
pub async fn failed(ctx: Ctx, batch: Path<BatchId>) -> Result<Response> {
    let (id, t) = (*batch, ctx.t);
    let (import, row, kind) = open(&ctx, id).await?;
    let batch_kind = *ctx.state.part::<BatchKinds>()?.get(&import.kind)?;
    let sees_all = rules::sees_file(&ctx.actor, &row.batch, &batch_kind, &kind);
    let actor = std::sync::Arc::clone(&ctx.actor);
    let table = ctx
        .read(move |db| {
            let (layout, edits) = (import.layout(), import.edits());
            let may_see = |code: Option<&str>| match code {
                Some(code) => (batch_kind.may_see)(&actor, code),
                None => sees_all,
            };
            let mut heading = layout.labels.clone();
            heading.push(t.import_reason().to_owned());
            let mut table = Download::begin(Format::Xlsx, t.import_failed_sheet(), &heading)?;
            let mut after = 0;
            loop {
                let rows = batches::queries::stretch(db, id, Some(RowOutcome::Failed), after, 1_000)?;
                let Some(last) = rows.last() else { break };
                after = last.position;
                for row in &rows {
                    table.row(&failed_row(t, batch_kind.field, &layout, &edits, row, &may_see))?;
                }
            }
            table.finish()
        })
        .await?;
    let stem = row.batch.title.rsplit_once('.').map_or(row.batch.title.as_str(), |(stem, _)| stem);
    Ok(table.respond(&t.import_failed_name(stem)))
}

fn failed_row(
    t: Tr,
    field: fn(Tr, &str) -> String,
    layout: &Layout,
    edits: &Edits,
    row: &batches::model::Row,
    may_see: &impl Fn(Option<&str>) -> bool,
) -> Vec<Cell> {
    let body = &row.body;
    let edits = row.number.and_then(|number| edits.get(&number));
    let cell = |place: usize| {
        let code = layout.columns.get(place).and_then(Option::as_deref);
        if !may_see(code) {
            return Cell::Blank;
        }
        match code.and_then(|code| edits.and_then(|edits| edits.get(code))) {
            Some(edited) => Cell::from(Some(edited.as_str()).filter(|text| !text.is_empty())),
            None => body.cells.get(place).map_or(Cell::Blank, as_it_was),
        }
    };
    let reasons = body.faults.iter().map(|fault| {
        if fault.column.is_empty() {
            return fault.said.text(t).to_owned();
        }
        let shown = may_see(Some(&fault.column));
        let said = if shown { fault.said.text(t) } else { t.batches_hidden() };
        t.import_at_column(field(t, &fault.column), said)
    });
    let reasons: Vec<String> = reasons.collect();
    (0..layout.labels.len()).map(cell).chain([Cell::Text(reasons.join("\n"))]).collect()
}

/// A cell as it was read, so that days stay days and numbers numbers.
fn as_it_was(cell: &sheets::Cell) -> Cell {
    match cell {
        sheets::Cell::Blank => Cell::Blank,
        sheets::Cell::Number(number) => Cell::Decimal(*number),
        sheets::Cell::Date(moment) if moment.time() == NaiveTime::MIN => Cell::Day(moment.date()),
        other => Cell::Text(other.shown().into_owned()),
    }
}
