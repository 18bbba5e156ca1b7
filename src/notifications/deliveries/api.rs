//! The log of deliveries over the JSON API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::ids::DeliveryId;
use crate::types::time::machine;
use crate::types::{Permission, Result};
use crate::web::api::{self, StreamJson};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::DeliveryQuery;
use super::model::Delivery;
use super::queries;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "q", about: Tr::api_messages_q },
    Parameter { name: "state", about: Tr::api_messages_state },
    Parameter { name: "channel", about: Tr::api_messages_channel },
    Parameter { name: "kind", about: Tr::api_messages_kind },
    Parameter { name: "from", about: Tr::api_from },
    Parameter { name: "to", about: Tr::api_to },
    Parameter { name: "older", about: Tr::api_older },
];

/// The routes of the log in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/messages/logs", Permission::MessageView, index)
        .doc(ApiDoc::answers::<StreamJson<DeliveryJson>>(Tr::api_messages_logs).with(PARAMETERS));
    r.get("/api/v1/messages/logs/{delivery}", Permission::MessageView, show)
        .doc(ApiDoc::answers::<DeliveryJson>(Tr::api_messages_log));
}

/// A message on its way to one recipient.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryJson {
    /// Its id.
    id: u64,
    /// The id of the message.
    message_id: u64,
    /// The kind of message.
    kind: String,
    /// `mail` or `robot`.
    channel: String,
    /// The address, or the id of the robot.
    target: String,
    /// How the recipient is called.
    recipient: String,
    /// The language, as a tag.
    language: String,
    /// The subject.
    subject: String,
    /// The text.
    body: String,
    /// `waiting`, `sending`, `sent`, `kept`, `failed` or `uncertain`.
    state: String,
    /// How often it was tried since it was last put on its way.
    attempts: u32,
    /// How often it was put on its way once more.
    resends: u32,
    /// What went wrong last.
    error: Option<String>,
    /// When it is tried again (UTC).
    due_at: Option<String>,
    /// When it was put on its way (UTC).
    created_at: String,
    /// When the other side took it (UTC).
    sent_at: Option<String>,
}

impl DeliveryJson {
    fn of(row: Delivery, t: Tr) -> DeliveryJson {
        DeliveryJson {
            error: Some(row.fault(t)).filter(|fault| !fault.is_empty()),
            id: row.id.0,
            message_id: row.message_id.0,
            kind: row.kind,
            channel: row.channel.to_string(),
            target: row.target,
            recipient: row.recipient,
            language: row.language,
            subject: row.subject,
            body: row.body,
            state: row.state.to_string(),
            attempts: row.attempts,
            resends: row.resends,
            due_at: row.due_at.map(machine),
            created_at: machine(row.created_at),
            sent_at: row.sent_at.map(machine),
        }
    }
}

async fn index(ctx: Ctx, query: Query<DeliveryQuery>) -> Result<Response> {
    let (filter, seek) = (query.check()?, query.seek());
    let stream = ctx.read(move |db| queries::list(db, &filter, seek)).await?;
    Ok(api::ok(&StreamJson::of(stream, |row| DeliveryJson::of(row, ctx.t))))
}

async fn show(ctx: Ctx, delivery: Path<DeliveryId>) -> Result<Response> {
    let id = *delivery;
    let row = ctx.read(move |db| queries::find(db, Permission::MessageView, id)).await?;
    Ok(api::ok(&DeliveryJson::of(row, ctx.t)))
}
