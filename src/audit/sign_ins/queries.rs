//! Reading the log of sign-ins, always within the data scope of who asks. Every condition has an index that ends in
//! the order of the log.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::audit::position::{Key, Position, between, merge};
use crate::audit::reach::{Part, parts};
use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::db::{Db, like};
use crate::schema::sign_ins;
use crate::types::{Permission, Result};

use super::model::{Beginning, SignIn, SignInFilter};

type Condition = Box<dyn BoxableExpression<sign_ins::table, Mysql, SqlType = Nullable<Bool>>>;

/// A piece of the log.
pub fn list(db: &mut Db, filter: &SignInFilter, seek: Seek) -> Result<Stream<SignIn>> {
    let parts = parts(db.actor(), &[Permission::SignInView])?;
    let position = position(db, seek)?;
    let rows = load(db, filter, &parts, position, PER_PAGE + 1)?;
    let read = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let count = if position == Position::Newest && read <= PER_PAGE {
        Count::Exactly(read)
    } else {
        count(db, filter, &parts)?
    };
    let seek = if position == Position::Newest { Seek::Newest } else { seek };
    Ok(Stream::of(rows, seek, count, |row| row.id.0))
}

/// The next attempts of an export: older than `after`.
pub fn chunk(db: &mut Db, filter: &SignInFilter, after: Option<Key>, limit: i64) -> Result<Vec<SignIn>> {
    let parts = parts(db.actor(), &[Permission::SignInView, Permission::AuditExport])?;
    load(db, filter, &parts, after.map_or(Position::Newest, Position::OlderThan), limit)
}

fn load(
    db: &mut Db,
    filter: &SignInFilter,
    parts: &[Part],
    position: Position,
    limit: i64,
) -> Result<Vec<SignIn>> {
    let mut found = Vec::new();
    for part in parts {
        let mut query = sign_ins::table.select(SignIn::as_select()).limit(limit).into_boxed();
        for condition in conditions(filter, part, position) {
            query = query.filter(condition);
        }
        query = if position.is_upward() {
            query.order((sign_ins::at.asc(), sign_ins::id.asc()))
        } else {
            query.order((sign_ins::at.desc(), sign_ins::id.desc()))
        };
        found.push(query.load(db.conn())?);
    }
    Ok(merge(found, position, limit, SignIn::key))
}

fn count(db: &mut Db, filter: &SignInFilter, parts: &[Part]) -> Result<Count> {
    let mut counted = 0;
    for part in parts {
        let mut query = sign_ins::table.select(sign_ins::id).into_boxed();
        for condition in conditions(filter, part, Position::Newest) {
            query = query.filter(condition);
        }
        counted += count_up_to_limit(query, db.conn())?;
    }
    Ok(Count::limited(counted))
}

fn conditions(filter: &SignInFilter, part: &Part, position: Position) -> Vec<Condition> {
    let mut all: Vec<Condition> = Vec::new();
    all.extend(within(part));
    all.extend(beyond(position));
    match &filter.begins {
        None => {}
        Some(Beginning::Username(text)) => {
            all.push(Box::new(sign_ins::username.like(like::beginning(text)).nullable()));
        }
        Some(Beginning::Address(text)) => {
            all.push(Box::new(sign_ins::address.like(like::beginning(text)).nullable()));
        }
    }
    if let Some(outcome) = filter.outcome {
        all.push(Box::new(sign_ins::outcome.eq(outcome.as_str()).nullable()));
    }
    let (from, before) = between(filter.from, filter.to);
    if let Some(from) = from {
        all.push(Box::new(sign_ins::at.ge(from).nullable()));
    }
    if let Some(before) = before {
        all.push(Box::new(sign_ins::at.lt(before).nullable()));
    }
    all
}

/// The lines that a part of the log consists of. Nobody's attempts have no department: they are in the whole only.
fn within(part: &Part) -> Option<Condition> {
    match part {
        Part::Whole => None,
        Part::Departments(pattern) => Some(Box::new(sign_ins::department_path.like(pattern.clone()))),
        Part::Own(user, None) => Some(Box::new(sign_ins::user_id.eq(*user))),
        Part::Own(user, Some(pattern)) => {
            let elsewhere = sign_ins::department_path
                .is_null()
                .nullable()
                .or(sign_ins::department_path.not_like(pattern.clone()));
            Some(Box::new(sign_ins::user_id.eq(*user).and(elsewhere)))
        }
    }
}

/// The lines that have not been read yet.
fn beyond(position: Position) -> Option<Condition> {
    match position {
        Position::Newest => None,
        Position::OlderThan(Key { at, id }) => {
            Some(Box::new(sign_ins::at.lt(at).or(sign_ins::at.eq(at).and(sign_ins::id.lt(id))).nullable()))
        }
        Position::NewerThan(Key { at, id }) => {
            Some(Box::new(sign_ins::at.gt(at).or(sign_ins::at.eq(at).and(sign_ins::id.gt(id))).nullable()))
        }
    }
}

/// Where to read from; a line that does not exist is the newest.
fn position(db: &mut Db, seek: Seek) -> Result<Position> {
    let (Seek::OlderThan(id) | Seek::NewerThan(id)) = seek else { return Ok(Position::Newest) };
    let at: Option<NaiveDateTime> =
        sign_ins::table.find(id).select(sign_ins::at).first(db.conn()).optional()?;
    Ok(match (at, seek) {
        (Some(at), Seek::OlderThan(_)) => Position::OlderThan(Key { at, id }),
        (Some(at), _) => Position::NewerThan(Key { at, id }),
        (None, _) => Position::Newest,
    })
}
