//! Connecting sources of usage: the only writer of `usage_sources`.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::db::{Tx, errors, last_id};
use crate::i18n::Tr;
use crate::schema::usage_sources;
use crate::types::ids::UsageSourceId;
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Result};
use crate::usage::adapters::http_json::settings::{Auth, HttpSettings};

use super::model::{HttpDraft, SourceDraft, SourceKind, SourceRecord, UsageSource};
use super::{queries, rules};

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

/// Connects a source.
pub fn create(tx: &mut Tx, draft: &SourceDraft) -> Result<UsageSourceId> {
    tx.actor().need(Permission::SourceEdit)?;
    let kept = Kept::new(tx, None, draft.http.as_ref())?;
    let kind = if draft.http.is_some() { SourceKind::HttpJson } else { SourceKind::Push };
    let (now, actor) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(usage_sources::table)
        .values((
            usage_sources::code.eq(&draft.code),
            usage_sources::name.eq(&draft.name),
            usage_sources::kind.eq(kind),
            usage_sources::expected_from.eq(draft.expected_from),
            usage_sources::settings.eq(&kept.settings),
            usage_sources::secret.eq(&kept.secret),
            usage_sources::created_by.eq(actor),
            usage_sources::created_at.eq(now),
            usage_sources::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(errors::unique("usage_sources_code", code_taken))?;
    let id = UsageSourceId(last_id(tx)?);
    let source = queries::find(tx, id)?;
    tx.audit(Entry::created(Action::SourceCreated, &SourceRecord::new(&source)));
    Ok(id)
}

/// Edits a source, as it was read in `version`. What changes nothing is not written.
pub fn update(tx: &mut Tx, id: UsageSourceId, version: u32, draft: &SourceDraft) -> Result<()> {
    tx.actor().need(Permission::SourceEdit)?;
    let before = queries::lock(tx, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    let http = draft.http.as_ref().filter(|_| before.is_fetched());
    let kept = Kept::new(tx, Some(&before), http)?;
    let after = UsageSource {
        name: draft.name.clone(),
        expected_from: draft.expected_from,
        settings: kept.settings,
        secret: kept.secret,
        ..before.clone()
    };
    let entry =
        Entry::changed(Action::SourceUpdated, &SourceRecord::new(&before), &SourceRecord::new(&after));
    if entry.changes.is_empty() && after.secret == before.secret {
        return Ok(());
    }
    let now = tx.now();
    diesel::update(usage_sources::table.find(id))
        .set((
            usage_sources::name.eq(&after.name),
            usage_sources::expected_from.eq(after.expected_from),
            usage_sources::settings.eq(&after.settings),
            usage_sources::secret.eq(&after.secret),
            usage_sources::version.eq(usage_sources::version + 1),
            usage_sources::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    tx.audit(entry);
    Ok(())
}

/// Pauses a source: nothing is fetched from it by itself. Its days stay expected, and show as missing.
pub fn pause(tx: &mut Tx, id: UsageSourceId) -> Result<()> {
    set_paused(tx, id, true)
}

/// Lets a paused source be fetched from again.
pub fn resume(tx: &mut Tx, id: UsageSourceId) -> Result<()> {
    set_paused(tx, id, false)
}

/// Twice is once.
fn set_paused(tx: &mut Tx, id: UsageSourceId, paused: bool) -> Result<()> {
    tx.actor().need(Permission::SourceEdit)?;
    let before = queries::lock(tx, id)?;
    rules::can_pause(&before)?;
    if before.is_paused() == paused {
        return Ok(());
    }
    let now = tx.now();
    let after = UsageSource { paused_at: paused.then_some(now), ..before.clone() };
    diesel::update(usage_sources::table.find(id))
        .set((
            usage_sources::paused_at.eq(after.paused_at),
            usage_sources::version.eq(usage_sources::version + 1),
            usage_sources::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let action = if paused { Action::SourcePaused } else { Action::SourceResumed };
    tx.audit(Entry::changed(action, &SourceRecord::new(&before), &SourceRecord::new(&after)));
    Ok(())
}

/// Settings and secret as they are to be kept.
struct Kept {
    settings: Value,
    secret: Option<String>,
}

impl Kept {
    /// What is kept of a draft. A secret without a new value stays, as long as it goes where it went before: whoever
    /// points a source elsewhere has to know its secret, or it could be read there.
    fn new(tx: &mut Tx, before: Option<&UsageSource>, draft: Option<&HttpDraft>) -> Result<Kept> {
        let Some(draft) = draft else {
            let settings = before.map_or_else(|| json!({}), |before| before.settings.clone());
            return Ok(Kept { settings, secret: before.and_then(|before| before.secret.clone()) });
        };
        let former = before.and_then(UsageSource::http);
        let old = former.filter(|former| rules::may_keep_secret(former, &draft.settings));
        let (secret, secret_set_at) = match (draft.settings.auth, &draft.secret, old) {
            (Auth::None, _, _) => (None, None),
            (_, Some(sealed), _) => (Some(sealed.clone()), Some(tx.now())),
            (_, None, Some(old)) => (before.and_then(|before| before.secret.clone()), old.secret_set_at),
            (_, None, None) => return Err(FieldErrors::one("secret", Tr::sources_secret_required).into()),
        };
        let settings = HttpSettings { secret_set_at, ..draft.settings.clone() };
        let settings = serde_json::to_value(settings).map_err(|fault| Error::Internal(fault.into()))?;
        Ok(Kept { settings, secret })
    }
}

fn code_taken() -> FieldErrors {
    FieldErrors::one("code", Tr::sources_code_taken)
}
