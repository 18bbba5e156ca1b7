//! Batches over the JSON API: what would become of their rows, and the verbs that move them on.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::ids::BatchId;
use crate::types::time::machine;
use crate::types::{Error, Result};
use crate::web::api::{self, Json, PageJson, Patch};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::routes::Access;
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::{CommitForm, RowsQuery};
use super::kinds::BatchKinds;
use super::model::{Act, BatchRow, Mark, RowTab, RowView};
use super::{commands, queries};

const OF_ROWS: &[Parameter] =
    &[Parameter { name: "tab", about: Tr::api_batches_tab }, Parameter { name: "page", about: Tr::api_page }];

/// The routes of batches in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/batches/{batch}", Access::SignedIn, show)
        .doc(ApiDoc::answers::<BatchJson>(Tr::api_batches_show));
    r.get("/api/v1/batches/{batch}/rows", Access::SignedIn, rows)
        .doc(ApiDoc::answers::<PageJson<RowJson>>(Tr::api_batches_rows).with(OF_ROWS));
    r.post("/api/v1/batches/{batch}/commit", Access::SignedIn, commit)
        .doc(ApiDoc::answers::<BatchJson>(Tr::api_batches_commit).takes::<CommitForm>());
    r.post("/api/v1/batches/{batch}/undo", Access::SignedIn, undo)
        .doc(ApiDoc::answers::<BatchJson>(Tr::api_batches_undo));
    r.post("/api/v1/batches/{batch}/discard", Access::SignedIn, discard)
        .doc(ApiDoc::answers::<BatchJson>(Tr::api_batches_discard));
}

/// A batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchJson {
    /// Its id.
    id: u64,
    /// Its kind, such as `customers.import`.
    kind: String,
    /// What it is called.
    title: String,
    /// How far it is: `draft`, `checking`, `ready`, `outdated`, `committing`, `committed`, `undoing`, `undone`,
    /// `discarded` or `failed`.
    state: String,
    /// Whether its work stopped on the way and can be taken up again.
    stalled: bool,
    /// What is wrong with it as a whole.
    fault: Option<String>,
    /// Counts how often it was worked out; send it back to commit what you looked at, or as `If-Match`.
    version: u32,
    /// How many rows it has.
    rows: u32,
    /// How many rows create a record.
    creates: u32,
    /// How many rows change one.
    updates: u32,
    /// How many rows change nothing.
    unchanged: u32,
    /// How many rows say nothing.
    skipped: u32,
    /// How many rows are wrong.
    failed: u32,
    /// How many rows were corrected.
    corrected: u32,
    /// How many rows were written.
    written: u32,
    /// How many rows were left out, because their records moved.
    left_out: u32,
    /// How many rows were taken back.
    undone: u32,
    /// How many rows were not taken back, because somebody has changed them since.
    kept: u32,
    /// The task that is at it, or was the last.
    task_id: Option<u64>,
    /// When it was made (UTC).
    created_at: String,
    /// When it was committed (UTC).
    committed_at: Option<String>,
    /// When it was undone (UTC).
    undone_at: Option<String>,
}

impl BatchJson {
    fn new(t: Tr, row: BatchRow) -> BatchJson {
        let stalled = row.is_stalled();
        let batch = row.batch;
        BatchJson {
            id: batch.id.0,
            state: batch.state.to_string(),
            stalled,
            fault: batch.fault().map(|said| said.text(t).to_owned()),
            version: batch.version,
            rows: batch.total,
            creates: batch.creates,
            updates: batch.updates,
            unchanged: batch.unchanged,
            skipped: batch.skipped,
            failed: batch.failed,
            corrected: batch.corrected,
            written: batch.written,
            left_out: batch.left_out,
            undone: batch.undone,
            kept: batch.kept,
            task_id: batch.task_id.map(|id| id.0),
            created_at: machine(batch.created_at),
            committed_at: batch.committed_at.map(machine),
            undone_at: batch.undone_at.map(machine),
            title: batch.name(t),
            kind: batch.kind,
        }
    }
}

/// A row of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowJson {
    /// The row of the file; none where there is no file.
    row: Option<u32>,
    /// What would become of it: `create`, `update`, `unchanged`, `skipped` or `failed`.
    outcome: String,
    /// What people recognise it by.
    label: String,
    /// The id of the record that it is about.
    subject_id: Option<u64>,
    /// What would change, in canonical texts.
    changes: Vec<ChangeJson>,
    /// What was read as something else than stands there.
    corrections: Vec<ChangeJson>,
    /// What is wrong.
    faults: Vec<FaultJson>,
    /// What became of it.
    results: Vec<ResultJson>,
}

/// A change of a field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeJson {
    /// The field's code.
    field: String,
    /// Its value before.
    was: Option<String>,
    /// Its value after.
    becomes: Option<String>,
}

/// A fault of a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaultJson {
    /// The column's code.
    column: String,
    /// The reason, for programs.
    reason: String,
    /// The reason, for people.
    text: String,
}

/// What was done with a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultJson {
    /// What: `compare`, `commit` or `undo`.
    act: String,
    /// Whether it was `done`, or the row was `left` as it was.
    mark: String,
    /// Why it was left.
    text: Option<String>,
}

impl RowJson {
    fn new(t: Tr, view: RowView, may_see: impl Fn(&str) -> bool) -> RowJson {
        let shown = |field: &str, text: Option<String>| if may_see(field) { text } else { None };
        let body = view.row.body;
        let written =
            view.results.iter().find(|(act, result)| *act == Act::Commit && result.mark == Mark::Done);
        RowJson {
            row: view.row.number,
            outcome: view.row.outcome.to_string(),
            label: view.row.label,
            subject_id: written.and_then(|(_, result)| result.subject_id).or(view.row.subject_id),
            changes: body
                .changes
                .into_iter()
                .map(|change| ChangeJson {
                    was: shown(&change.field, change.was),
                    becomes: shown(&change.field, change.becomes),
                    field: change.field,
                })
                .collect(),
            corrections: body
                .corrections
                .into_iter()
                .map(|one| ChangeJson {
                    was: shown(&one.column, Some(one.was)),
                    becomes: shown(&one.column, Some(one.becomes)),
                    field: one.column,
                })
                .collect(),
            faults: body
                .faults
                .into_iter()
                .map(|fault| FaultJson {
                    // The sentence may quote the cell.
                    text: if may_see(&fault.column) { fault.said.text(t) } else { t.batches_hidden() }
                        .to_owned(),
                    column: fault.column,
                    reason: fault.code,
                })
                .collect(),
            results: view
                .results
                .into_iter()
                .map(|(act, result)| ResultJson {
                    act: act.to_string(),
                    mark: result.mark.to_string(),
                    text: result.said.map(|said| said.text(t).to_owned()),
                })
                .collect(),
        }
    }
}

/// Answers with a batch as it is now.
pub async fn answer(ctx: &Ctx, id: BatchId, is_new: bool) -> Result<Response> {
    let kinds = ctx.state.part::<BatchKinds>()?;
    let row = ctx.read(move |db| Ok(queries::find(db, &kinds, id)?.0)).await?;
    let version = row.batch.version;
    let json = BatchJson::new(ctx.t, row);
    if is_new {
        return Ok(Response::build(StatusCode::CREATED).json(json));
    }
    Ok(api::tagged(version, &json))
}

/// One batch.
async fn show(ctx: Ctx, batch: Path<BatchId>) -> Result<Response> {
    answer(&ctx, *batch, false).await
}

/// The rows of a tab, or those to be created.
async fn rows(ctx: Ctx, batch: Path<BatchId>, query: Query<RowsQuery>) -> Result<Response> {
    let (id, t, page) = (*batch, ctx.t, query.page());
    let tab = if query.tab.is_empty() {
        RowTab::Create
    } else {
        query.tab().ok_or_else(|| Error::bad_request(Tr::error_query_text))?
    };
    let kinds = ctx.state.part::<BatchKinds>()?;
    let listing = ctx
        .read(move |db| {
            let (_, kind) = queries::find(db, &kinds, id)?;
            let listing = queries::rows(db, id, tab, page)?;
            let actor = db.actor();
            let may_see = |field: &str| (kind.may_see)(actor, field);
            Ok(listing.map(|view| RowJson::new(t, view, may_see)))
        })
        .await?;
    Ok(api::ok(&PageJson::from(listing)))
}

/// Makes the changes of a batch, as they were in the version that was looked at.
async fn commit(ctx: Ctx, batch: Path<BatchId>, body: Json<Patch>) -> Result<Response> {
    let (id, tag) = (*batch, api::if_match(&ctx));
    let kinds = ctx.state.part::<BatchKinds>()?;
    let form = body.value.over(&CommitForm::default())?;
    ctx.write(move |tx| {
        queries::find(tx, &kinds, id)?;
        let seen = api::version(tag.as_deref(), &form.version)?;
        commands::commit(tx, &kinds, id, Some(seen))
    })
    .await?;
    answer(&ctx, id, false).await
}

/// Takes the changes of a batch back.
async fn undo(ctx: Ctx, batch: Path<BatchId>) -> Result<Response> {
    let id = *batch;
    let kinds = ctx.state.part::<BatchKinds>()?;
    ctx.write(move |tx| commands::undo(tx, &kinds, id)).await?;
    answer(&ctx, id, false).await
}

/// Gives a batch up.
async fn discard(ctx: Ctx, batch: Path<BatchId>) -> Result<Response> {
    let id = *batch;
    let kinds = ctx.state.part::<BatchKinds>()?;
    ctx.write(move |tx| commands::discard(tx, &kinds, id)).await?;
    answer(&ctx, id, false).await
}
