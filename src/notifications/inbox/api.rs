//! One's inbox over the JSON API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::Result;
use crate::types::ids::NotificationId;
use crate::types::time::machine;
use crate::web::api::{self, StreamJson};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::routes::Access;
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::{InboxQuery, ReadAllForm};
use super::model::Notification;
use super::{commands, queries};

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "show", about: Tr::api_notifications_show },
    Parameter { name: "older", about: Tr::api_older },
];

const NEWEST: &[Parameter] = &[Parameter { name: "newest", about: Tr::api_notifications_newest }];

/// The routes of one's inbox in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/notifications", Access::SignedIn, index)
        .doc(ApiDoc::answers::<StreamJson<NotificationJson>>(Tr::api_notifications_index).with(PARAMETERS));
    r.post("/api/v1/notifications/read-all", Access::SignedIn, read_all)
        .doc(ApiDoc::answers::<ReadJson>(Tr::api_notifications_read_all).with(NEWEST));
    r.post("/api/v1/notifications/{notification}/read", Access::SignedIn, read)
        .doc(ApiDoc::silent(Tr::api_notifications_read));
}

/// A line of the caller's inbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationJson {
    /// Its id.
    id: u64,
    /// The kind of message.
    kind: String,
    /// What it says in short.
    subject: String,
    /// What it says.
    body: String,
    /// The path of the page that it is about.
    url: Option<String>,
    /// When it came (UTC).
    created_at: String,
    /// When it was read (UTC); nothing while it is not.
    read_at: Option<String>,
}

impl From<Notification> for NotificationJson {
    fn from(row: Notification) -> NotificationJson {
        NotificationJson {
            id: row.id.0,
            kind: row.kind,
            subject: row.subject,
            body: row.body,
            url: row.url,
            created_at: machine(row.created_at),
            read_at: row.read_at.map(machine),
        }
    }
}

/// What marking as read came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadJson {
    /// How many lines were unread.
    read: usize,
}

async fn index(ctx: Ctx, query: Query<InboxQuery>) -> Result<Response> {
    let (unread_only, seek) = (query.unread_only(), query.seek());
    let stream = ctx.read(move |db| queries::list(db, unread_only, seek)).await?;
    Ok(api::ok(&StreamJson::of(stream, NotificationJson::from)))
}

async fn read(ctx: Ctx, notification: Path<NotificationId>) -> Result<Response> {
    let id = *notification;
    ctx.write(move |tx| commands::read(tx, id)).await?;
    Ok(api::no_content())
}

async fn read_all(ctx: Ctx, query: Query<ReadAllForm>) -> Result<Response> {
    let newest = query.newest();
    let read = ctx.write(move |tx| commands::read_all(tx, newest)).await?;
    Ok(api::ok(&ReadJson { read }))
}
