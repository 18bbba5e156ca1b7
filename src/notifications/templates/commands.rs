//! Changing the words of messages: the only writer of `message_templates`.

use diesel::prelude::*;

use crate::db::{Tx, errors};
use crate::i18n::Tr;
use crate::notifications::kinds::Kind;
use crate::schema::message_templates;
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Result};

use super::model::{Template, TemplateRecord, Words, original};
use super::{queries, rules};

/// Puts other words in place. `version` is the one that was read; 0 for the original words.
pub fn update(tx: &mut Tx, kind: &Kind, language: Tr, version: u32, words: &Words) -> Result<()> {
    tx.actor().need(Permission::TemplateEdit)?;
    rules::check(kind, language, words)?;
    let before = queries::lock(tx, kind, language)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    if before.words == *words {
        return Ok(());
    }
    store(tx, &before, words)?;
    let record = |words: &Words| TemplateRecord::new(kind, language, words);
    tx.audit(Entry::changed(Action::TemplateUpdated, &record(&before.words), &record(words)));
    Ok(())
}

/// Gives a kind its original words back. Doing so again changes nothing.
pub fn restore(tx: &mut Tx, kind: &Kind, language: Tr) -> Result<()> {
    tx.actor().need(Permission::TemplateEdit)?;
    let before = queries::lock(tx, kind, language)?;
    if !before.is_edited() {
        return Ok(());
    }
    diesel::delete(message_templates::table.find((kind.code, language.tag()))).execute(tx.conn())?;
    let record = |words: &Words| TemplateRecord::new(kind, language, words);
    let after = original(kind, language);
    tx.audit(Entry::changed(Action::TemplateRestored, &record(&before.words), &record(&after)));
    Ok(())
}

fn store(tx: &mut Tx, before: &Template, words: &Words) -> Result<()> {
    let key = (before.kind.code, before.language.tag());
    let (now, user) = (tx.now(), tx.actor().user_id);
    let values = (
        message_templates::subject.eq(&words.subject),
        message_templates::body.eq(&words.body),
        message_templates::updated_by.eq(user),
        message_templates::updated_at.eq(now),
    );
    if before.is_edited() {
        diesel::update(message_templates::table.find(key))
            .set((values, message_templates::version.eq(before.version + 1)))
            .execute(tx.conn())?;
        return Ok(());
    }
    let key = (message_templates::kind.eq(key.0), message_templates::language.eq(key.1));
    diesel::insert_into(message_templates::table)
        .values((key, values))
        .execute(tx.conn())
        // Of two who begin with the original words at the same moment, the second has read what is no more.
        .map_err(errors::unique("PRIMARY", || FieldErrors::one("", Tr::error_stale_text)))?;
    Ok(())
}
