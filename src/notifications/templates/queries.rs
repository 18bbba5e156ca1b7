//! Reading templates.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::db::Db;
use crate::i18n::Tr;
use crate::notifications::kinds::{Kind, Kinds};
use crate::schema::{message_templates, messages, users};
use crate::types::ids::UserId;
use crate::types::{DataScope, Error, Permission, Result};

use super::model::{Edited, Template};

/// The template of every kind in every language.
pub fn all(db: &mut Db, kinds: &Kinds) -> Result<Vec<Template>> {
    let edited: Vec<Edited> = message_templates::table.select(Edited::as_select()).load(db.conn())?;
    let mut edited: HashMap<(String, String), Edited> =
        edited.into_iter().map(|row| ((row.kind.clone(), row.language.clone()), row)).collect();
    let mut all = Vec::new();
    for kind in kinds.all() {
        for t in Tr::ALL {
            let row = edited.remove(&(kind.code.to_owned(), t.tag().to_owned()));
            all.push(Template::new(kind, t, row));
        }
    }
    Ok(all)
}

/// The template of a kind in a language.
pub fn get(db: &mut Db, kind: &Kind, language: Tr) -> Result<Template> {
    let edited = message_templates::table
        .find((kind.code, language.tag()))
        .select(Edited::as_select())
        .first(db.conn())
        .optional()?;
    Ok(Template::new(kind, language, edited))
}

/// The template that a path names.
pub fn find(db: &mut Db, kinds: &Kinds, kind: &str, language: &str) -> Result<Template> {
    let language = Tr::ALL.into_iter().find(|t| t.tag() == language).ok_or(Error::NotFound)?;
    get(db, kinds.get(kind).ok_or(Error::NotFound)?, language)
}

/// The words that were put in place of the original ones, locked until the transaction ends.
pub fn lock(db: &mut Db, kind: &Kind, language: Tr) -> Result<Template> {
    let edited = message_templates::table
        .find((kind.code, language.tag()))
        .select(Edited::as_select())
        .for_update()
        .first(db.conn())
        .optional()?;
    Ok(Template::new(kind, language, edited))
}

/// A message that was sent, for a preview on what really happened.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its id.
    pub id: u64,
    /// When it was caused.
    pub at: chrono::NaiveDateTime,
    /// The values of its variables.
    pub variables: serde_json::Value,
    /// The page that it is about.
    pub url: Option<String>,
}

/// The last messages of a kind, for those who write its words and may see whatever is sent; nobody else is shown what was
/// said to others.
pub fn examples(db: &mut Db, kind: &Kind) -> Result<Vec<Example>> {
    let actor = db.actor();
    let sees_all = actor.scope(Permission::MessageView).is_ok_and(|scope| scope == DataScope::All);
    if !sees_all || !actor.can(Permission::TemplateEdit) {
        return Ok(Vec::new());
    }
    let rows: Vec<(u64, chrono::NaiveDateTime, serde_json::Value, Option<String>)> = messages::table
        .filter(messages::kind.eq(kind.code))
        .order(messages::id.desc())
        .limit(5)
        .select((messages::id, messages::created_at, messages::variables, messages::url))
        .load(db.conn())?;
    Ok(rows.into_iter().map(|(id, at, variables, url)| Example { id, at, variables, url }).collect())
}

/// The names of users, deleted ones too.
pub fn names(db: &mut Db, ids: &[UserId]) -> Result<HashMap<UserId, String>> {
    let rows: Vec<(UserId, String)> =
        users::table.filter(users::id.eq_any(ids)).select((users::id, users::name)).load(db.conn())?;
    Ok(rows.into_iter().collect())
}
