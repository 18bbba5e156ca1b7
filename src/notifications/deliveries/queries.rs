//! Reading deliveries: those that are due, and the log within the data scope of who asks. Every condition has an index
//! that ends in the order of the log.

use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::audit::position::between;
use crate::audit::reach::{Part, parts};
use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::db::{Db, like};
use crate::schema::{deliveries, messages};
use crate::types::ids::DeliveryId;
use crate::types::{Error, Permission, Result};

use super::model::{Channel, Delivery, DeliveryFilter, DeliveryState};

/// The most deliveries that are looked for by what they enclose.
const MOST_ENCLOSING: i64 = 200;

type Condition = Box<dyn BoxableExpression<deliveries::table, Mysql, SqlType = Nullable<Bool>>>;

/// The deliveries of a channel that may be taken now, locked; those that somebody else is just taking are passed over.
pub fn lock_due(db: &mut Db, channel: Channel, limit: i64) -> Result<Vec<Delivery>> {
    let now = db.now();
    Ok(deliveries::table
        .filter(deliveries::channel.eq(channel))
        .filter(deliveries::due_at.le(now))
        .order((deliveries::due_at, deliveries::id))
        .limit(limit)
        .select(Delivery::as_select())
        .for_update()
        .skip_locked()
        .load(db.conn())?)
}

/// A piece of the log.
pub fn list(db: &mut Db, filter: &DeliveryFilter, seek: Seek) -> Result<Stream<Delivery>> {
    let parts = parts(db.actor(), &[Permission::MessageView])?;
    let mut rows = Vec::new();
    for part in &parts {
        rows.extend(load(db, filter, part, seek, PER_PAGE + 1)?);
    }
    rows.sort_by_key(|row| row.id);
    if !matches!(seek, Seek::NewerThan(_)) {
        rows.reverse();
    }
    rows.truncate(usize::try_from(PER_PAGE + 1).unwrap_or(usize::MAX));
    let read = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let count = if seek == Seek::Newest && read <= PER_PAGE {
        Count::Exactly(read)
    } else {
        count(db, filter, &parts)?
    };
    Ok(Stream::of(rows, seek, count, |row| row.id.0))
}

/// The deliveries with an enclosure of these records, whoever asks, the newest first: what became of the mails of a bill.
pub fn enclosing(db: &mut Db, kind: &str, ids: &[u64]) -> Result<Vec<Delivery>> {
    Ok(deliveries::table
        .filter(deliveries::enclosed_kind.eq(kind))
        .filter(deliveries::enclosed_id.eq_any(ids))
        .order(deliveries::id.desc())
        .limit(MOST_ENCLOSING)
        .select(Delivery::as_select())
        .load(db.conn())?)
}

/// One delivery within the actor's reach.
pub fn find(db: &mut Db, permission: Permission, id: DeliveryId) -> Result<Delivery> {
    let parts = parts(db.actor(), &[permission])?;
    for part in &parts {
        let mut query = deliveries::table.filter(deliveries::id.eq(id)).into_boxed();
        if let Some(condition) = within(part) {
            query = query.filter(condition);
        }
        if let Some(found) = query.select(Delivery::as_select()).first(db.conn()).optional()? {
            return Ok(found);
        }
    }
    Err(Error::NotFound)
}

/// One delivery within the actor's reach, locked until the transaction ends.
pub fn lock(db: &mut Db, permission: Permission, id: DeliveryId) -> Result<Delivery> {
    deliveries::table.find(id).select(deliveries::id).for_update().first::<DeliveryId>(db.conn())?;
    find(db, permission, id)
}

/// The newest deliveries that the filter lets through, locked until the transaction ends.
pub fn lock_all(db: &mut Db, filter: &DeliveryFilter, parts: &[Part], limit: i64) -> Result<Vec<Delivery>> {
    let mut rows = Vec::new();
    for part in parts {
        let mut query = deliveries::table.select(deliveries::id).limit(limit).into_boxed();
        for condition in conditions(filter, part) {
            query = query.filter(condition);
        }
        let ids: Vec<DeliveryId> = query.order(deliveries::id.desc()).load(db.conn())?;
        let locked: Vec<Delivery> = deliveries::table
            .filter(deliveries::id.eq_any(ids))
            .select(Delivery::as_select())
            .for_update()
            .load(db.conn())?;
        rows.extend(locked.into_iter().filter(|row| filter.state.is_none_or(|state| row.state == state)));
    }
    Ok(rows)
}

/// How many messages could not be spread: tried, and not spread yet.
pub fn count_stuck(db: &mut Db) -> Result<i64> {
    let stuck = messages::table.filter(messages::spread_at.is_null()).filter(messages::attempts.gt(0));
    Ok(stuck.count().get_result(db.conn())?)
}

fn load(db: &mut Db, filter: &DeliveryFilter, part: &Part, seek: Seek, limit: i64) -> Result<Vec<Delivery>> {
    let mut query = deliveries::table.select(Delivery::as_select()).limit(limit).into_boxed();
    for condition in conditions(filter, part) {
        query = query.filter(condition);
    }
    query = match seek {
        Seek::Newest => query.order(deliveries::id.desc()),
        Seek::OlderThan(id) => query.filter(deliveries::id.lt(id)).order(deliveries::id.desc()),
        Seek::NewerThan(id) => query.filter(deliveries::id.gt(id)).order(deliveries::id.asc()),
    };
    Ok(query.load(db.conn())?)
}

fn count(db: &mut Db, filter: &DeliveryFilter, parts: &[Part]) -> Result<Count> {
    let mut counted = 0;
    for part in parts {
        let mut query = deliveries::table.select(deliveries::id).into_boxed();
        for condition in conditions(filter, part) {
            query = query.filter(condition);
        }
        counted += count_up_to_limit(query, db.conn())?;
    }
    Ok(Count::limited(counted))
}

fn conditions(filter: &DeliveryFilter, part: &Part) -> Vec<Condition> {
    let mut all: Vec<Condition> = within(part).into_iter().collect();
    if let Some(text) = &filter.recipient {
        all.push(Box::new(deliveries::recipient.like(like::beginning(text)).nullable()));
    }
    if let Some(state) = filter.state {
        all.push(Box::new(deliveries::state.eq(state).nullable()));
    }
    if let Some(channel) = filter.channel {
        all.push(Box::new(deliveries::channel.eq(channel).nullable()));
    }
    if let Some(kind) = &filter.kind {
        all.push(Box::new(deliveries::kind.eq(kind.clone()).nullable()));
    }
    let (from, before) = between(filter.from, filter.to);
    if let Some(from) = from {
        all.push(Box::new(deliveries::created_at.ge(from).nullable()));
    }
    if let Some(before) = before {
        all.push(Box::new(deliveries::created_at.lt(before).nullable()));
    }
    all
}

/// What a part of the log consists of: what goes to the department's people, and what one has caused oneself.
fn within(part: &Part) -> Option<Condition> {
    match part {
        Part::Whole => None,
        Part::Departments(pattern) => Some(Box::new(deliveries::department_path.like(pattern.clone()))),
        Part::Own(user, None) => Some(Box::new(deliveries::created_by.eq(*user))),
        Part::Own(user, Some(pattern)) => {
            let elsewhere = deliveries::department_path
                .is_null()
                .nullable()
                .or(deliveries::department_path.not_like(pattern.clone()));
            Some(Box::new(deliveries::created_by.eq(*user).and(elsewhere)))
        }
    }
}

/// How many deliveries there are, and those that are due without being on their way, or on their way without being due.
pub fn lost(db: &mut Db) -> Result<(usize, Vec<DeliveryId>)> {
    let examined: i64 = deliveries::table.count().get_result(db.conn())?;
    let on_its_way = [DeliveryState::Waiting, DeliveryState::Sending];
    let never = deliveries::state.eq_any(on_its_way).and(deliveries::due_at.is_null());
    let over = deliveries::state.ne_all(on_its_way).and(deliveries::due_at.is_not_null());
    let lost = deliveries::table
        .filter(never.or(over))
        .order(deliveries::id)
        .select(deliveries::id)
        .load(db.conn())?;
    Ok((usize::try_from(examined).unwrap_or_default(), lost))
}
