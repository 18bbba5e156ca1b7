//! The pages of files: what hangs on a record, and the files themselves.

use askama::Template;
use serde_json::json;

use crate::i18n::{Message, Tr};
use crate::types::ids::FileId;
use crate::types::{Error, FieldErrors, Refusal, Result};
use crate::web::sending::Sent;
use crate::web::ui::{StreamPager, Ui, filters};
use crate::web::{Ctx, Incoming, IncomingFile, Page, Path, Query, Response};

use super::forms::RecordQuery;
use super::model::{Attached, FileRow, StoredFile};
use super::panel::Panel;
use super::queries::{self, Kept};
use super::receive::{attach, receive};
use super::records::{Record, Records};
use super::store::Store;
use super::{commands, rules, urls};

#[derive(Template)]
#[template(path = "files/index.html")]
struct IndexView {
    ui: Ui,
    label: String,
    panel: Panel,
    deleted: Vec<FileRow>,
    deleted_pager: StreamPager,
}

/// The files of a record, those that were taken off it among them.
pub async fn index(ctx: Ctx, query: Query<RecordQuery>) -> Result<Response> {
    let record = ctx.state.part::<Records>()?.record(&query.kind, &query.id)?;
    index_page(&ctx, record, &query, FieldErrors::new()).await
}

async fn index_page(ctx: &Ctx, record: Record, query: &RecordQuery, errors: FieldErrors) -> Result<Response> {
    let (seek, seek_deleted) = (query.seek(), query.seek_deleted());
    let faulty = !errors.is_empty();
    // Where what was sent comes back, the address of the page is not that of the list.
    let url = if faulty { urls::of_record(&record) } else { ctx.ui().url };
    let ui = Ui { url, ..ctx.ui() };
    let (records, max_upload) = (ctx.state.part::<Records>()?, ctx.state.config.max_upload);
    let page_url = records.page(record)?;
    let view = ctx
        .read(move |db| {
            let subject = records.see(db, record.kind, record.id)?;
            let panel = Panel::load_piece(db, &ui, &records, record, max_upload, seek)?.with_faults(errors);
            let deleted = queries::list(db, record, Kept::Deleted, seek_deleted)?;
            let label = ui.t.files_deleted_title().to_owned();
            let deleted_pager = StreamPager::by(&ui, &deleted, label, "deleted_older", "deleted_newer");
            Ok(IndexView { label: subject.label, panel, deleted: deleted.rows, deleted_pager, ui })
        })
        .await?;
    let page = Page::new(ctx, ctx.t.files_title(), &view).crumb(view.label.clone(), page_url);
    Ok(if faulty { page.invalid().respond() } else { page.respond() })
}

/// What became of the files of one form.
#[derive(Default)]
struct Outcome {
    attached: Vec<String>,
    there_before: Vec<String>,
    refused: Vec<Refusal>,
}

/// Takes files in, one after the other: a refused one keeps no other from its record.
pub async fn create(ctx: Ctx, mut incoming: Incoming) -> Result<Response> {
    let records = ctx.state.part::<Records>()?;
    let (mut outcome, mut record) = (Outcome::default(), None);
    while let Some(mut file) = incoming.next_file().await? {
        let target = records.record(incoming.field("kind"), incoming.field("id"))?;
        record = Some(target);
        // A box without a file sends a nameless one.
        if !file.name.is_empty() {
            outcome.add(&ctx, target, &mut file).await?;
        }
    }
    let record = match record {
        Some(record) => record,
        None => records.record(incoming.field("kind"), incoming.field("id"))?,
    };
    outcome.answer(&ctx, record, records.page(record)?).await
}

impl Outcome {
    async fn add(&mut self, ctx: &Ctx, record: Record, file: &mut IncomingFile) -> Result<()> {
        let name = rules::clean_name(&file.name);
        let outcome = match receive(ctx, record, file).await {
            Ok(received) => attach(ctx, received).await,
            Err(fault) => Err(fault),
        };
        match outcome {
            Ok(Attached::Now(_)) => self.attached.push(name),
            Ok(Attached::Before(_)) => self.there_before.push(name),
            Err(Error::Refused(refusal)) => self.refused.push(refusal),
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    async fn answer(self, ctx: &Ctx, record: Record, page: String) -> Result<Response> {
        let is_program = ctx.header("accept") == Some("application/json");
        let is_refused = !self.refused.is_empty() || self.attached.is_empty() && self.there_before.is_empty();
        let message = self.message(is_refused);
        let text = message.text(ctx.t);
        match (is_program, is_refused) {
            (true, false) => Ok(Response::Ok().json(json!({"text": text}))),
            (true, true) => Ok(Response::UnprocessableEntity().json(json!({"text": text}))),
            (false, false) => Ok(ctx.done(page, text)),
            (false, true) => {
                let fault = move |t: Tr| message.text(t);
                index_page(ctx, record, &RecordQuery::default(), FieldErrors::one("file", fault)).await
            }
        }
    }

    /// What became of all of them, the refused first.
    fn message(self, is_refused: bool) -> Message {
        let Outcome { attached, there_before, refused } = self;
        let quoted = |t: Tr, names: &[String]| t.join(names.iter().map(|name| format!("“{name}”")));
        Message::new(move |t: Tr| {
            let mut sentences: Vec<String> = refused.iter().map(|refusal| refusal.message.text(t)).collect();
            if !attached.is_empty() {
                sentences.push(t.files_attached(quoted(t, &attached)));
            }
            if !there_before.is_empty() {
                sentences.push(t.files_there_before(quoted(t, &there_before)));
            }
            if sentences.is_empty() && is_refused {
                sentences.push(t.files_none_chosen().to_owned());
            }
            sentences.join(" ")
        })
    }
}

/// A file, to be saved.
pub async fn show(ctx: Ctx, file: Path<FileId>) -> Result<Response> {
    let found = find(&ctx, *file).await?;
    send(&ctx, &found, false).await
}

/// An image, to be looked at. Anything else might run something, and is only ever saved.
pub async fn preview(ctx: Ctx, file: Path<FileId>) -> Result<Response> {
    let found = find(&ctx, *file).await?;
    if !found.is_image() {
        return Err(Error::NotFound);
    }
    send(&ctx, &found, true).await
}

/// A file whose record whoever asks may see.
pub(super) async fn find(ctx: &Ctx, id: FileId) -> Result<StoredFile> {
    let records = ctx.state.part::<Records>()?;
    ctx.read(move |db| queries::find(db, &records, id)).await
}

/// Sends the bytes of a file.
pub(super) async fn send(ctx: &Ctx, file: &StoredFile, inline: bool) -> Result<Response> {
    let sent = Sent {
        name: &file.name,
        media_type: &file.media_type,
        size: file.size,
        sha256: file.sha256.as_deref().unwrap_or_default(),
        inline,
    };
    if let Some(unchanged) = sent.unchanged(ctx) {
        return Ok(unchanged);
    }
    let store = ctx.state.part::<Store>()?;
    if Sent::is_head(ctx) {
        let size = store.size(&file.store_key).await?.filter(|size| *size == file.size);
        return size.map(|_| sent.head()).ok_or_else(|| vanished(file));
    }
    let reading = store.read(&file.store_key).await?.filter(|reading| reading.size == file.size);
    reading.map(|reading| sent.respond(reading.pieces)).ok_or_else(|| vanished(file))
}

/// The row is there, and the bytes are not: somebody's hand was in the store.
fn vanished(file: &StoredFile) -> Error {
    tracing::error!(file = %file.id, key = file.store_key, "the bytes of a file are not in the store");
    Error::BadRequest(410, Message::new(Tr::files_vanished))
}

/// Takes a file off its record.
pub async fn delete(ctx: Ctx, file: Path<FileId>) -> Result<Response> {
    let (records, id) = (ctx.state.part::<Records>()?, *file);
    let found = find(&ctx, id).await?;
    let record = records.record(&found.subject_kind, &found.subject_id.to_string())?;
    let page = records.page(record)?;
    let outcome = ctx.write(move |tx| commands::delete(tx, &records, id)).await;
    ctx.outcome(outcome, page, ctx.t.files_deleted(&found.name))
}

/// Brings a deleted file back to its record.
pub async fn restore(ctx: Ctx, file: Path<FileId>) -> Result<Response> {
    let (records, id) = (ctx.state.part::<Records>()?, *file);
    let found = ctx.read(move |db| queries::get(db, id)).await?.ok_or(Error::NotFound)?;
    let record = records.record(&found.subject_kind, &found.subject_id.to_string())?;
    let store = ctx.state.part::<Store>()?;
    let is_whole = store.size(&found.store_key).await? == Some(found.size);
    let outcome = ctx
        .write(move |tx| {
            let restored = commands::restore(tx, &records, id)?;
            // After the rights: who may not see the record does not learn of its files either.
            if is_whole {
                Ok(restored)
            } else {
                Err(Refusal::new("file_vanished", Tr::files_vanished).into())
            }
        })
        .await;
    ctx.outcome(outcome, urls::of_record(&record), ctx.t.files_restored(&found.name))
}
