//! Reading the audit log, always within the data scope of who asks.
//!
//! Every condition has an index that ends in the order of the log, so that a page stops after its lines however long
//! the log is. A search in the names of records has none: it looks through the index over time and name, within the
//! chosen days, and without them within the last [`SEARCH_DAYS`].

use chrono::{Duration, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Datetime, Nullable, Unsigned};

use crate::audit::position::{Key, Position, between, merge};
use crate::audit::reach::{Part, parts};
use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::db::{Db, like};
use crate::i18n::Tr;
use crate::schema::{audit_entries, users};
use crate::types::ids::{AuditEntryId, UserId};
use crate::types::time::{business_day, day_start};
use crate::types::{Error, Permission, Result};

use super::model::{AuditEntry, EntryFilter};
use super::personal;

/// How far back a search in the names of records looks when no first day is chosen.
pub const SEARCH_DAYS: i64 = 366;

/// The most people that the beginning of a name stands for: more than work anywhere, and as many as a statement takes.
const MAX_ACTORS: i64 = 50_000;

/// The length of a request's id.
const REQUEST_ID_LENGTH: usize = 16;

type Condition = Box<dyn BoxableExpression<audit_entries::table, Mysql, SqlType = Nullable<Bool>>>;

/// A filter whose words have been looked up.
struct Wanted<'a> {
    filter: &'a EntryFilter,
    actors: Option<(Vec<UserId>, bool)>,
    request_id: Option<&'a str>,
    label: Option<String>,
    from: Option<NaiveDateTime>,
    before: Option<NaiveDateTime>,
}

impl<'a> Wanted<'a> {
    fn look_up(db: &mut Db, filter: &'a EntryFilter) -> Result<Wanted<'a>> {
        let actors = if filter.actor.is_empty() { None } else { Some(actors(db, &filter.actor)?) };
        let request_id = if is_request(db, &filter.q)? { Some(filter.q.as_str()) } else { None };
        let searches = !filter.q.is_empty() && request_id.is_none();
        let (from, before) = between(filter.from, filter.to);
        Ok(Wanted {
            filter,
            actors,
            request_id,
            label: searches.then(|| like::containing(&filter.q)),
            from: if searches && from.is_none() { Some(search_start(db.now())) } else { from },
            before,
        })
    }

    /// The conditions of one part of the log.
    fn conditions(&self, part: &Part, position: Position) -> Vec<Condition> {
        let mut all: Vec<Condition> = Vec::new();
        all.extend(within(part));
        all.extend(beyond(position));
        if let Some((ids, system)) = &self.actors {
            let someone = audit_entries::actor_id.eq_any(ids.clone());
            all.push(if *system {
                Box::new(someone.or(audit_entries::actor_id.is_null()))
            } else {
                Box::new(someone)
            });
        }
        if let Some(action) = self.filter.action {
            all.push(Box::new(audit_entries::action.eq(action.as_str()).nullable()));
        }
        if !self.filter.subject_kind.is_empty() {
            all.push(Box::new(audit_entries::subject_kind.eq(self.filter.subject_kind.clone()).nullable()));
            if let Some(id) = self.filter.subject_id {
                all.push(Box::new(audit_entries::subject_id.eq(id)));
            }
        }
        if let Some(from) = self.from {
            all.push(Box::new(audit_entries::at.ge(from).nullable()));
        }
        if let Some(before) = self.before {
            all.push(Box::new(audit_entries::at.lt(before).nullable()));
        }
        if let Some(id) = self.request_id {
            all.push(Box::new(audit_entries::request_id.eq(id.to_owned()).nullable()));
        }
        if let Some(pattern) = &self.label {
            all.push(Box::new(audit_entries::subject_label.like(pattern.clone()).nullable()));
        }
        all
    }
}

/// The lines that a part of the log consists of.
fn within(part: &Part) -> Option<Condition> {
    match part {
        Part::Whole => None,
        Part::Departments(pattern) => Some(Box::new(audit_entries::department_path.like(pattern.clone()))),
        Part::Own(user, None) => Some(Box::new(audit_entries::actor_id.eq(*user))),
        Part::Own(user, Some(pattern)) => {
            let elsewhere = audit_entries::department_path
                .is_null()
                .nullable()
                .or(audit_entries::department_path.not_like(pattern.clone()));
            Some(Box::new(audit_entries::actor_id.eq(*user).and(elsewhere)))
        }
    }
}

/// The lines that have not been read yet.
fn beyond(position: Position) -> Option<Condition> {
    match position {
        Position::Newest => None,
        Position::OlderThan(Key { at, id }) => Some(Box::new(
            audit_entries::at.lt(at).or(audit_entries::at.eq(at).and(audit_entries::id.lt(id))).nullable(),
        )),
        Position::NewerThan(Key { at, id }) => Some(Box::new(
            audit_entries::at.gt(at).or(audit_entries::at.eq(at).and(audit_entries::id.gt(id))).nullable(),
        )),
    }
}

/// From when on a search looks when no first day is chosen.
pub fn search_start(now: NaiveDateTime) -> NaiveDateTime {
    day_start(business_day(now) - Duration::days(SEARCH_DAYS))
}

/// Whose username or name begins like this, and whether the system's does.
fn actors(db: &mut Db, text: &str) -> Result<(Vec<UserId>, bool)> {
    let pattern = like::beginning(text);
    let ids = users::table
        .filter(users::username.like(pattern.clone()).or(users::name.like(pattern)))
        .order(users::id)
        .limit(MAX_ACTORS)
        .select(users::id)
        .load(db.conn())?;
    let lower = text.to_lowercase();
    let names = Tr::ALL.iter().map(|t| t.audit_system());
    Ok((ids, names.into_iter().any(|name| name.to_lowercase().starts_with(&lower))))
}

/// Whether a text is the id of a request: it looks like one, and there is one.
fn is_request(db: &mut Db, text: &str) -> Result<bool> {
    let looks = text.len() == REQUEST_ID_LENGTH
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !looks {
        return Ok(false);
    }
    let found: Option<AuditEntryId> = audit_entries::table
        .filter(audit_entries::request_id.eq(text))
        .select(audit_entries::id)
        .first(db.conn())
        .optional()?;
    Ok(found.is_some())
}

/// A piece of the log.
pub fn list(db: &mut Db, filter: &EntryFilter, seek: Seek) -> Result<Stream<AuditEntry>> {
    let parts = parts(db.actor(), &[Permission::AuditView])?;
    let position = position(db, seek)?;
    let wanted = Wanted::look_up(db, filter)?;
    let keys = keys(db, &wanted, &parts, position, PER_PAGE + 1)?;
    let read = i64::try_from(keys.len()).unwrap_or(i64::MAX);
    let count = if position == Position::Newest && read <= PER_PAGE {
        Count::Exactly(read)
    } else {
        count(db, &wanted, &parts)?
    };
    let rows = rows(db, &keys, position)?;
    let seek = if position == Position::Newest { Seek::Newest } else { seek };
    Ok(Stream::of(rows, seek, count, |entry| entry.id.0))
}

/// The next entries of an export: older than `after`.
pub fn chunk(db: &mut Db, filter: &EntryFilter, after: Option<Key>, limit: i64) -> Result<Vec<AuditEntry>> {
    let parts = parts(db.actor(), &[Permission::AuditView, Permission::AuditExport])?;
    let position = after.map_or(Position::Newest, Position::OlderThan);
    let wanted = Wanted::look_up(db, filter)?;
    let keys = keys(db, &wanted, &parts, position, limit)?;
    rows(db, &keys, position)
}

/// One entry within reach.
pub fn find(db: &mut Db, id: AuditEntryId) -> Result<AuditEntry> {
    for part in parts(db.actor(), &[Permission::AuditView])? {
        let mut query = audit_entries::table.find(id).select(AuditEntry::as_select()).into_boxed();
        if let Some(condition) = within(&part) {
            query = query.filter(condition);
        }
        if let Some(entry) = query.first(db.conn()).optional()? {
            return Ok(shown(db, entry));
        }
    }
    Err(Error::NotFound)
}

/// The last entries about a record, newest first; `None` for who may not read the log.
pub fn of_subject(db: &mut Db, kind: &str, id: u64, limit: i64) -> Result<Option<Vec<AuditEntry>>> {
    if !db.actor().can(Permission::AuditView) {
        return Ok(None);
    }
    let parts = parts(db.actor(), &[Permission::AuditView])?;
    let filter = EntryFilter::of_subject(kind, id);
    let wanted = Wanted::look_up(db, &filter)?;
    let keys = keys(db, &wanted, &parts, Position::Newest, limit)?;
    rows(db, &keys, Position::Newest).map(Some)
}

/// The last entry about a record, whoever asks: for the sentence that somebody else was faster.
pub fn last_of_record(db: &mut Db, kind: &str, id: u64) -> Result<Option<AuditEntry>> {
    let found: Option<AuditEntry> = audit_entries::table
        .filter(audit_entries::subject_kind.eq(kind))
        .filter(audit_entries::subject_id.eq(id))
        .order((audit_entries::at.desc(), audit_entries::id.desc()))
        .select(AuditEntry::as_select())
        .first(db.conn())
        .optional()?;
    Ok(found.map(|entry| shown(db, entry)))
}

/// A piece of what happened to some records, by kind and ids, newest first. Whoever asks need not read the log: the room
/// that shows a record has made sure that they may see it, and its history belongs to it.
pub fn of_records(db: &mut Db, records: &[(&str, Vec<u64>)], seek: Seek) -> Result<Stream<AuditEntry>> {
    let position = position(db, seek)?;
    let (mut found, mut counted) = (Vec::new(), 0);
    for (kind, ids) in records.iter().filter(|(_, ids)| !ids.is_empty()) {
        let of_kind = audit_entries::table
            .filter(audit_entries::subject_kind.eq((*kind).to_owned()))
            .filter(audit_entries::subject_id.eq_any(ids.clone()));
        counted += count_up_to_limit(of_kind.clone().select(audit_entries::id), db.conn())?;
        let mut query =
            of_kind.select((audit_entries::at, audit_entries::id)).limit(PER_PAGE + 1).into_boxed();
        if let Some(condition) = beyond(position) {
            query = query.filter(condition);
        }
        found.push(load_keys(db, query, position)?);
    }
    let keys = merge(found, position, PER_PAGE + 1, |key| *key);
    let rows = rows(db, &keys, position)?;
    let seek = if position == Position::Newest { Seek::Newest } else { seek };
    Ok(Stream::of(rows, seek, Count::limited(counted), |entry| entry.id.0))
}

/// Where the lines stand that the filter lets through. Keys first: they come from an index alone, where whole rows
/// would have to be fetched to be passed over.
fn keys(
    db: &mut Db,
    wanted: &Wanted<'_>,
    parts: &[Part],
    position: Position,
    limit: i64,
) -> Result<Vec<Key>> {
    let mut found = Vec::new();
    for part in parts {
        let mut query =
            audit_entries::table.select((audit_entries::at, audit_entries::id)).limit(limit).into_boxed();
        for condition in wanted.conditions(part, position) {
            query = query.filter(condition);
        }
        found.push(load_keys(db, query, position)?);
    }
    Ok(merge(found, position, limit, |key| *key))
}

/// The keys that a query lets through, in the order in which the log is read from a position.
fn load_keys(
    db: &mut Db,
    query: audit_entries::BoxedQuery<'_, Mysql, (Datetime, Unsigned<BigInt>)>,
    position: Position,
) -> Result<Vec<Key>> {
    let ordered = if position.is_upward() {
        query.order((audit_entries::at.asc(), audit_entries::id.asc()))
    } else {
        query.order((audit_entries::at.desc(), audit_entries::id.desc()))
    };
    let keys: Vec<(NaiveDateTime, u64)> = ordered.load(db.conn())?;
    Ok(keys.into_iter().map(|(at, id)| Key { at, id }).collect())
}

fn rows(db: &mut Db, keys: &[Key], position: Position) -> Result<Vec<AuditEntry>> {
    let ids: Vec<u64> = keys.iter().map(|key| key.id).collect();
    let rows = audit_entries::table
        .filter(audit_entries::id.eq_any(&ids))
        .select(AuditEntry::as_select())
        .load(db.conn())?;
    let rows = rows.into_iter().map(|entry| shown(db, entry)).collect();
    Ok(merge(vec![rows], position, i64::MAX, AuditEntry::key))
}

/// An entry as whoever asks gets to read it.
fn shown(db: &Db, entry: AuditEntry) -> AuditEntry {
    let sight = db.actor().scope(Permission::ContactView).ok();
    let sees_all = sight.is_some() && sight >= db.actor().scope(Permission::AuditView).ok();
    if sees_all { entry } else { personal::masked(entry) }
}

fn count(db: &mut Db, wanted: &Wanted<'_>, parts: &[Part]) -> Result<Count> {
    let mut counted = 0;
    for part in parts {
        let mut query = audit_entries::table.select(audit_entries::id).into_boxed();
        for condition in wanted.conditions(part, Position::Newest) {
            query = query.filter(condition);
        }
        counted += count_up_to_limit(query, db.conn())?;
    }
    Ok(Count::limited(counted))
}

/// Where to read from; a line that does not exist is the newest.
fn position(db: &mut Db, seek: Seek) -> Result<Position> {
    let (Seek::OlderThan(id) | Seek::NewerThan(id)) = seek else { return Ok(Position::Newest) };
    let at: Option<NaiveDateTime> =
        audit_entries::table.find(id).select(audit_entries::at).first(db.conn()).optional()?;
    Ok(match (at, seek) {
        (Some(at), Seek::OlderThan(_)) => Position::OlderThan(Key { at, id }),
        (Some(at), _) => Position::NewerThan(Key { at, id }),
        (None, _) => Position::Newest,
    })
}
