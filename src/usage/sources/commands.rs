//! Connecting sources of usage: the only writer of `usage_sources`.

use diesel::prelude::*;
use serde_json::json;

use crate::db::Tx;
use crate::schema::usage_sources;
use crate::types::ids::UsageSourceId;
use crate::types::{Action, Entry, Error, Result};

use super::model::{SourceKind, SourceRecord};
use super::queries;

/// The source of a code, which sends by itself when nobody has heard of it before.
pub fn on_sight(tx: &mut Tx, code: &str) -> Result<UsageSourceId> {
    if let Some(source) = queries::by_code(tx, code)? {
        return Ok(source.id);
    }
    let (now, actor) = (tx.now(), tx.actor().user_id);
    let written = diesel::insert_or_ignore_into(usage_sources::table)
        .values((
            usage_sources::code.eq(code),
            usage_sources::name.eq(code),
            usage_sources::kind.eq(SourceKind::Push),
            usage_sources::settings.eq(json!({})),
            usage_sources::created_by.eq(actor),
            usage_sources::created_at.eq(now),
            usage_sources::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let source = queries::by_code(tx, code)?.ok_or(Error::NotFound)?;
    if written > 0 {
        tx.audit(Entry::created(Action::SourceCreated, &SourceRecord::new(&source)));
    }
    Ok(source.id)
}
