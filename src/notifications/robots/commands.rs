//! Connecting robots: the only writer of `robots`.

use diesel::prelude::*;
use serde_json::json;

use crate::db::{Tx, errors, last_id};
use crate::i18n::Tr;
use crate::notifications::kinds::catalogue::ROBOT_TEST;
use crate::schema::robots;
use crate::types::ids::RobotId;
use crate::types::{Action, Entry, Error, FieldErrors, Outgoing, Permission, Recipient, Result};

use super::model::{Robot, RobotDraft, RobotRecord, SecretDraft};
use super::queries;

/// Connects a robot.
pub fn create(tx: &mut Tx, draft: &RobotDraft) -> Result<RobotId> {
    tx.actor().need(Permission::RobotEdit)?;
    let Some((sealed_url, url_hint)) = &draft.url else {
        return Err(FieldErrors::one("url", Tr::field_required).into());
    };
    let sealed_secret = match &draft.secret {
        SecretDraft::Set(sealed) => Some(sealed),
        SecretDraft::Keep | SecretDraft::Clear => None,
    };
    let now = tx.now();
    diesel::insert_into(robots::table)
        .values((
            robots::name.eq(&draft.name),
            robots::vendor.eq(draft.vendor),
            robots::language.eq(draft.language.tag()),
            robots::sealed_url.eq(sealed_url),
            robots::url_hint.eq(url_hint),
            robots::sealed_secret.eq(sealed_secret),
            robots::kinds.eq(json!(draft.kinds)),
            robots::paused_at.eq(draft.paused.then_some(now)),
            robots::created_at.eq(now),
            robots::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(errors::unique("robots_name", name_taken))?;
    let id = RobotId(last_id(tx)?);
    let after = queries::find(tx, id)?;
    tx.audit(Entry::created(Action::RobotCreated, &RobotRecord::new(&after)));
    Ok(id)
}

/// Changes a robot.
pub fn update(tx: &mut Tx, id: RobotId, version: u32, draft: &RobotDraft) -> Result<()> {
    tx.actor().need(Permission::RobotEdit)?;
    let before = queries::lock(tx, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    store(tx, &before, draft)?;
    let after = queries::find(tx, id)?;
    let mut entry =
        Entry::changed(Action::RobotUpdated, &RobotRecord::new(&before), &RobotRecord::new(&after));
    // That the secret is another one is worth an entry, though what it is stays out of it.
    if let SecretDraft::Set(_) = draft.secret {
        let changed = crate::types::audit_entry::Change { was: None, becomes: Some(json!(true)) };
        entry.changes.entry("signs".into()).or_insert(changed);
    }
    if !entry.changes.is_empty() {
        tx.audit(entry);
    }
    Ok(())
}

fn store(tx: &mut Tx, before: &Robot, draft: &RobotDraft) -> Result<()> {
    let now = tx.now();
    let (sealed_url, url_hint) =
        draft.url.clone().unwrap_or_else(|| (before.sealed_url.clone(), before.url_hint.clone()));
    let sealed_secret = match &draft.secret {
        SecretDraft::Keep => before.sealed_secret.clone(),
        SecretDraft::Clear => None,
        SecretDraft::Set(sealed) => Some(sealed.clone()),
    };
    let paused_at = draft.paused.then(|| before.paused_at.unwrap_or(now));
    diesel::update(robots::table.find(before.id))
        .set((
            robots::name.eq(&draft.name),
            robots::vendor.eq(draft.vendor),
            robots::language.eq(draft.language.tag()),
            robots::sealed_url.eq(sealed_url),
            robots::url_hint.eq(url_hint),
            robots::sealed_secret.eq(sealed_secret),
            robots::kinds.eq(json!(draft.kinds)),
            robots::paused_at.eq(paused_at),
            robots::version.eq(before.version + 1),
            robots::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(errors::unique("robots_name", name_taken))?;
    Ok(())
}

/// Disconnects a robot. What was still to be told to it fails.
pub fn delete(tx: &mut Tx, id: RobotId) -> Result<()> {
    tx.actor().need(Permission::RobotEdit)?;
    let before = queries::lock(tx, id)?;
    diesel::delete(robots::table.find(id)).execute(tx.conn())?;
    tx.audit(Entry::deleted(Action::RobotDeleted, &RobotRecord::new(&before)));
    Ok(())
}

/// Has a robot say that it is connected, paused or not.
pub fn test(tx: &mut Tx, id: RobotId) -> Result<()> {
    tx.actor().need(Permission::RobotEdit)?;
    let robot = queries::find(tx, id)?;
    let message = Outgoing::new(ROBOT_TEST, &json!({"robot": robot.name})).to(Recipient::Robot(id));
    tx.notify(&message).map(|_| ())
}

fn name_taken() -> FieldErrors {
    FieldErrors::one("name", Tr::robots_name_taken)
}
