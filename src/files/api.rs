//! Files over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::ids::FileId;
use crate::types::time::machine;
use crate::types::{Error, FieldErrors, Result};
use crate::web::api::{self, StreamJson};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::routes::Access;
use crate::web::{Ctx, Incoming, Path, Query, Response, Routes};

use super::commands;
use super::forms::RecordQuery;
use super::model::{FileRow, StoredFile};
use super::pages::{find, send};
use super::queries::{self, Kept};
use super::receive::{Received, receive};
use super::records::{Record, Records};

const OF_RECORD: &[Parameter] = &[
    Parameter { name: "kind", about: Tr::api_files_kind },
    Parameter { name: "id", about: Tr::api_files_id },
    Parameter { name: "older", about: Tr::api_older },
];

/// The routes of files in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/files", Access::SignedIn, index)
        .doc(ApiDoc::answers::<StreamJson<FileJson>>(Tr::api_files_index).with(OF_RECORD));
    r.upload("/api/v1/files", Access::SignedIn, create)
        .doc(ApiDoc::answers::<FileJson>(Tr::api_files_create).takes::<NewFileJson>().creates());
    r.get("/api/v1/files/{file}", Access::SignedIn, show)
        .doc(ApiDoc::answers::<FileJson>(Tr::api_files_show));
    r.delete("/api/v1/files/{file}", Access::SignedIn, delete).doc(ApiDoc::silent(Tr::api_files_delete));
    r.get("/api/v1/files/{file}/content", Access::SignedIn, content)
        .doc(ApiDoc::sends_a_file(Tr::api_files_content));
}

/// A file on a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileJson {
    /// Its id.
    id: u64,
    /// Its name.
    name: String,
    /// Its media type.
    media_type: String,
    /// Its size in bytes.
    size: u64,
    /// The SHA-256 of its content, in hexadecimal.
    sha256: String,
    /// The kind of the record that it hangs on.
    kind: String,
    /// The id of that record.
    record_id: u64,
    /// The id of the user who put it there; none for the system.
    created_by: Option<u64>,
    /// When it was put there (UTC).
    created_at: String,
}

impl From<StoredFile> for FileJson {
    fn from(file: StoredFile) -> FileJson {
        FileJson {
            id: file.id.0,
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            sha256: file.sha256.unwrap_or_default(),
            kind: file.subject_kind,
            record_id: file.subject_id,
            created_by: file.created_by.map(|id| id.0),
            created_at: machine(file.created_at),
        }
    }
}

/// A file to be put on a record, as `multipart/form-data`: the file comes last.
#[expect(dead_code, reason = "only described, and read as it arrives")]
#[derive(Debug, ToSchema)]
pub struct NewFileJson {
    /// The kind of the record, such as `user`.
    kind: String,
    /// The id of the record.
    id: u64,
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// The record that somebody names.
fn record(records: &Records, kind: &str, id: &str) -> Result<Record> {
    let mut errors = FieldErrors::new();
    for (field, value) in [("kind", kind), ("id", id)] {
        if value.trim().is_empty() {
            errors.add(field, Tr::api_files_record_missing);
        }
    }
    errors.or(())?;
    records.record(kind, id)
}

async fn index(ctx: Ctx, query: Query<RecordQuery>) -> Result<Response> {
    let records = ctx.state.part::<Records>()?;
    let record = record(&records, &query.kind, &query.id)?;
    let seek = query.seek();
    let stream = ctx
        .read(move |db| {
            records.see(db, record.kind, record.id)?;
            queries::list(db, record, Kept::OnRecord, seek)
        })
        .await?;
    Ok(api::ok(&StreamJson::of(stream, |row: FileRow| FileJson::from(row.file))))
}

async fn show(ctx: Ctx, file: Path<FileId>) -> Result<Response> {
    Ok(api::ok(&FileJson::from(find(&ctx, *file).await?)))
}

async fn content(ctx: Ctx, file: Path<FileId>) -> Result<Response> {
    let found = find(&ctx, *file).await?;
    send(&ctx, &found, false).await
}

/// The same content on the same record is the same file, so that sending it again does no harm.
async fn create(ctx: Ctx, mut incoming: Incoming) -> Result<Response> {
    let records = ctx.state.part::<Records>()?;
    let Some(mut file) = incoming.next_file().await? else {
        return Err(FieldErrors::one("file", Tr::files_none_chosen).into());
    };
    let record = record(&records, incoming.field("kind"), incoming.field("id"))?;
    let received = receive(&ctx, record, &mut file).await?;
    drop(file);
    match incoming.next_file().await {
        Ok(None) => attach_once(&ctx, received).await,
        Ok(Some(_)) => {
            received.settle().await;
            Err(FieldErrors::one("file", Tr::api_files_one_at_a_time).into())
        }
        Err(fault) => {
            received.settle().await;
            Err(fault)
        }
    }
}

async fn attach_once(ctx: &Ctx, received: Received) -> Result<Response> {
    let records = ctx.state.part::<Records>()?;
    let (id, new, written) = (received.id(), received.new.clone(), received.written.clone());
    let media_type = received.file_type.media_type();
    let told_apart_by = format!("{} {} {} {}", new.subject_kind, new.subject_id, written.sha256, new.name);
    let hash = ctx.state.secret.sign("request", &told_apart_by);
    let outcome = api::once(ctx, &hash, StatusCode::CREATED, move |tx| {
        let attached = commands::attach(tx, &records, id, &new, &written, media_type)?;
        queries::get(tx, attached.id())?.map(FileJson::from).ok_or(Error::NotFound)
    })
    .await;
    received.settle().await;
    outcome
}

async fn delete(ctx: Ctx, file: Path<FileId>) -> Result<Response> {
    let (records, id) = (ctx.state.part::<Records>()?, *file);
    find(&ctx, id).await?;
    ctx.write(move |tx| commands::delete(tx, &records, id)).await?;
    Ok(api::no_content())
}
