//! Reading the quarantine.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::helper_types::LeftJoinQuerySource;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::customers::directory::reach::Reach;
use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::db::{Db, like};
use crate::periods;
use crate::schema::{customers, quarantined_records};
use crate::types::ids::{CustomerId, QuarantinedRecordId, UsageIntakeId, UserId};
use crate::types::{BillingMonth, Permission, Result};
use crate::usage::records::model::Rule;

use super::model::{Arrival, CaughtRecord, QuarantineFilter, QuarantineRow, QuarantineState, Quarantined};

/// The fingerprints of what waits, `most` of them.
pub fn waiting_fingerprints(db: &mut Db, most: i64) -> Result<Vec<String>> {
    Ok(quarantined_records::table
        .filter(quarantined_records::state.eq(QuarantineState::Waiting))
        .select(quarantined_records::fingerprint)
        .limit(most)
        .load(db.conn())?)
}

/// Which of these arrivals were dropped before just as they are: their fingerprints.
pub fn dropped<'a>(db: &mut Db, arrivals: impl Iterator<Item = &'a Arrival<'a>>) -> Result<BTreeSet<String>> {
    use quarantined_records as records;
    // By the key of customers, which nobody's records are under, too.
    let (known, nobodys): (Vec<&Arrival>, Vec<&Arrival>) = arrivals.partition(|one| one.customer.is_some());
    let mut found = BTreeSet::new();
    for some in known.chunks(AT_ONCE).chain(nobodys.chunks(AT_ONCE)) {
        let quantities: BTreeMap<&str, String> =
            some.iter().map(|arrival| (arrival.fingerprint.as_str(), arrival.quantity())).collect();
        let customers: Vec<CustomerId> = some.iter().filter_map(|arrival| arrival.customer).collect();
        let mut query = records::table
            .filter(records::state.eq(QuarantineState::Dropped))
            .filter(records::fingerprint.eq_any(quantities.keys().copied()))
            .select((records::fingerprint, records::quantity_text))
            .into_boxed();
        query = if customers.is_empty() {
            query.filter(records::customer_id.is_null())
        } else {
            query.filter(records::customer_id.eq_any(customers))
        };
        let rows: Vec<(String, String)> = query.load(db.conn())?;
        let same = rows.into_iter().filter(|(key, quantity)| quantities.get(key.as_str()) == Some(quantity));
        found.extend(same.map(|(key, _)| key));
    }
    Ok(found)
}

/// How many records are asked for at once.
const AT_ONCE: usize = 500;

/// How many records of an intake each rule caught, whatever became of them.
pub fn count_by_rule(db: &mut Db, intake: UsageIntakeId) -> Result<Vec<(Rule, i64)>> {
    Ok(quarantined_records::table
        .filter(quarantined_records::intake_id.eq(intake))
        .group_by(quarantined_records::rule)
        .order(quarantined_records::rule)
        .select((quarantined_records::rule, count_star()))
        .load(db.conn())?)
}

/// How many records of an intake wait for somebody to decide.
pub fn count_waiting(db: &mut Db, intake: UsageIntakeId) -> Result<i64> {
    Ok(quarantined_records::table
        .filter(quarantined_records::intake_id.eq(intake))
        .filter(quarantined_records::state.eq(QuarantineState::Waiting))
        .count()
        .get_result(db.conn())?)
}

/// A stretch of the records of an intake that rules caught, in the order in which they were kept.
pub fn stretch(
    db: &mut Db,
    intake: UsageIntakeId,
    after: QuarantinedRecordId,
    most: i64,
) -> Result<Vec<CaughtRecord>> {
    Ok(quarantined_records::table
        .filter(quarantined_records::intake_id.eq(intake))
        .filter(quarantined_records::id.gt(after))
        .order(quarantined_records::id)
        .limit(most)
        .select(CaughtRecord::as_select())
        .load(db.conn())?)
}

/// A condition on records of the quarantine and their customers.
type Condition = Box<
    dyn BoxableExpression<
            LeftJoinQuerySource<quarantined_records::table, customers::table>,
            Mysql,
            SqlType = Nullable<Bool>,
        >,
>;

/// Records with their customers, where they are known. A macro, because its type cannot be written down.
macro_rules! with_customers {
    () => {
        quarantined_records::table.left_join(customers::table)
    };
}

/// What whoever asks gets to see: the records of the customers within reach; those of nobody only who reaches all.
fn seen(db: &mut Db) -> Result<Option<Condition>> {
    let Reach::OwnedBy(users) = Reach::of(db, Permission::UsageCorrect)? else { return Ok(None) };
    let users: Vec<UserId> = users.into_iter().collect();
    let owned = customers::sales_owner_id
        .nullable()
        .eq_any(users.clone())
        .or(customers::ops_owner_id.nullable().eq_any(users));
    Ok(Some(Box::new(owned)))
}

/// The records that the filter lets through.
fn conditions(db: &mut Db, filter: &QuarantineFilter) -> Result<Vec<Condition>> {
    use quarantined_records as records;
    let mut all: Vec<Condition> = vec![Box::new(records::state.eq(filter.state).nullable())];
    all.extend(seen(db)?);
    if let Some(rule) = filter.rule {
        all.push(Box::new(records::rule.eq(rule).nullable()));
    }
    if let Some(source) = &filter.source {
        all.push(Box::new(records::source_code.eq(source.clone()).nullable()));
    }
    if let Some(code) = &filter.code {
        all.push(Box::new(records::company_code.eq(code.clone()).nullable()));
    }
    if let Some(intake) = filter.intake {
        all.push(Box::new(records::intake_id.eq(intake).nullable()));
    }
    if let Some(from) = filter.from {
        all.push(Box::new(records::used_on.ge(from)));
    }
    if let Some(to) = filter.to {
        all.push(Box::new(records::used_on.le(to)));
    }
    if let Some(q) = &filter.q {
        let by_code = records::company_code.like(like::beginning(q)).nullable();
        all.push(Box::new(by_code.or(customers::company_name.nullable().like(like::containing(q)))));
    }
    Ok(all)
}

/// A piece of the queue, the latest record first; `count` is how many the filter lets through.
pub fn list(
    db: &mut Db,
    filter: &QuarantineFilter,
    seek: Seek,
    count: Count,
) -> Result<Stream<QuarantineRow>> {
    let mut query = with_customers!()
        .select((Quarantined::as_select(), customers::company_name.nullable()))
        .limit(PER_PAGE + 1)
        .into_boxed();
    for condition in conditions(db, filter)? {
        query = query.filter(condition);
    }
    query = match seek {
        Seek::Newest => query.order(quarantined_records::id.desc()),
        Seek::OlderThan(id) => {
            query.filter(quarantined_records::id.lt(id)).order(quarantined_records::id.desc())
        }
        Seek::NewerThan(id) => {
            query.filter(quarantined_records::id.gt(id)).order(quarantined_records::id.asc())
        }
    };
    let found: Vec<(Quarantined, Option<String>)> = query.load(db.conn())?;
    let row = |(record, company_name)| QuarantineRow { record, company_name };
    let rows: Vec<QuarantineRow> = found.into_iter().map(row).collect();
    Ok(Stream::of(rows, seek, count, |row| row.record.id.0))
}

/// How many records the filter lets through, as far as they are counted.
pub fn count(db: &mut Db, filter: &QuarantineFilter) -> Result<Count> {
    let mut query = with_customers!().select(quarantined_records::id).into_boxed();
    for condition in conditions(db, filter)? {
        query = query.filter(condition);
    }
    Ok(Count::limited(count_up_to_limit(query, db.conn())?))
}

/// How many records the filter lets through, rule by rule, whatever it says of rules; those of which there are none are
/// left out.
pub fn by_rule(db: &mut Db, filter: &QuarantineFilter) -> Result<BTreeMap<Rule, Count>> {
    let mut found = BTreeMap::new();
    for rule in Rule::ALL {
        let count = count(db, &QuarantineFilter { rule: Some(*rule), ..filter.clone() })?;
        if count != Count::Exactly(0) {
            found.insert(*rule, count);
        }
    }
    Ok(found)
}

/// How many records wait for whoever asks, as far as they are counted.
pub fn count_queue(db: &mut Db) -> Result<Count> {
    count(db, &QuarantineFilter::waiting())
}

/// How many records of some days wait, whoever asks, as far as they are counted.
pub fn count_waiting_of_days(db: &mut Db, from: NaiveDate, to: NaiveDate) -> Result<Count> {
    let waiting = quarantined_records::table
        .filter(quarantined_records::state.eq(QuarantineState::Waiting))
        .filter(quarantined_records::used_on.between(from, to))
        .select(quarantined_records::id);
    Ok(Count::limited(count_up_to_limit(waiting, db.conn())?))
}

/// The latest of the records of some days that wait, whoever asks.
pub fn latest_waiting_of_days(
    db: &mut Db,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Option<QuarantinedRecordId>> {
    Ok(quarantined_records::table
        .filter(quarantined_records::state.eq(QuarantineState::Waiting))
        .filter(quarantined_records::used_on.between(from, to))
        .order(quarantined_records::id.desc())
        .select(quarantined_records::id)
        .first(db.conn())
        .optional()?)
}

/// The ids of the records that the filter lets through, the first sent first, at most `most`.
pub fn ids(db: &mut Db, filter: &QuarantineFilter, most: i64) -> Result<Vec<QuarantinedRecordId>> {
    let mut query = with_customers!()
        .order(quarantined_records::id)
        .select(quarantined_records::id)
        .limit(most)
        .into_boxed();
    for condition in conditions(db, filter)? {
        query = query.filter(condition);
    }
    Ok(query.load(db.conn())?)
}

/// One record within reach.
pub fn find(db: &mut Db, id: QuarantinedRecordId) -> Result<QuarantineRow> {
    let mut query = with_customers!()
        .filter(quarantined_records::id.eq(id))
        .select((Quarantined::as_select(), customers::company_name.nullable()))
        .into_boxed();
    if let Some(condition) = seen(db)? {
        query = query.filter(condition);
    }
    let (record, company_name) = query.first(db.conn())?;
    Ok(QuarantineRow { record, company_name })
}

/// Records of these ids that are within reach, locked in the order of their ids until the transaction ends.
pub fn lock(db: &mut Db, ids: &[QuarantinedRecordId]) -> Result<Vec<Quarantined>> {
    let reach = Reach::of(db, Permission::UsageCorrect)?;
    let found: Vec<Quarantined> = quarantined_records::table
        .filter(quarantined_records::id.eq_any(ids))
        .order(quarantined_records::id)
        .select(Quarantined::as_select())
        .for_update()
        .load(db.conn())?;
    let known: Vec<CustomerId> = found.iter().filter_map(|record| record.customer_id).collect();
    let owners = owners(db, &known)?;
    let is_within = |record: &Quarantined| match record.customer_id {
        None => reach == Reach::All,
        Some(id) => owners.get(&id).is_some_and(|owners| reach.covers_owned_by(*owners)),
    };
    Ok(found.into_iter().filter(is_within).collect())
}

fn owners(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, [Option<UserId>; 2]>> {
    let found: Vec<(CustomerId, Option<UserId>, Option<UserId>)> = customers::table
        .filter(customers::id.eq_any(ids))
        .select((customers::id, customers::sales_owner_id, customers::ops_owner_id))
        .load(db.conn())?;
    Ok(found.into_iter().map(|(id, sales, ops)| (id, [sales, ops])).collect())
}

/// How many of these records wait for whoever asks, by rule.
pub fn waiting_by_rule(db: &mut Db, ids: &[QuarantinedRecordId]) -> Result<Vec<(Rule, usize)>> {
    let mut counts: BTreeMap<Rule, usize> = BTreeMap::new();
    for some in ids.chunks(1_000) {
        let mut query = with_customers!()
            .filter(quarantined_records::id.eq_any(some))
            .filter(quarantined_records::state.eq(QuarantineState::Waiting))
            .select(quarantined_records::rule)
            .into_boxed();
        if let Some(condition) = seen(db)? {
            query = query.filter(condition);
        }
        let found: Vec<Rule> = query.load(db.conn())?;
        for rule in found {
            *counts.entry(rule).or_default() += 1;
        }
    }
    Ok(counts.into_iter().collect())
}

/// The records before and after one in the queue of a rule, for whoever asks: the later one, and the earlier one.
pub fn neighbours(
    db: &mut Db,
    record: &Quarantined,
) -> Result<(Option<QuarantinedRecordId>, Option<QuarantinedRecordId>)> {
    let mut of = |is_later: bool| -> Result<Option<QuarantinedRecordId>> {
        let mut query = with_customers!().select(quarantined_records::id).limit(1).into_boxed();
        let filter = QuarantineFilter { rule: Some(record.rule), ..QuarantineFilter::waiting() };
        for condition in conditions(db, &filter)? {
            query = query.filter(condition);
        }
        query = if is_later {
            query.filter(quarantined_records::id.gt(record.id)).order(quarantined_records::id.asc())
        } else {
            query.filter(quarantined_records::id.lt(record.id)).order(quarantined_records::id.desc())
        };
        Ok(query.first(db.conn()).optional()?)
    };
    Ok((of(true)?, of(false)?))
}

/// How many other records wait with the same unknown code of a customer, for whoever asks.
pub fn count_same_code(db: &mut Db, record: &Quarantined) -> Result<i64> {
    let filter = QuarantineFilter {
        rule: Some(record.rule),
        code: Some(record.company_code.clone()),
        ..QuarantineFilter::waiting()
    };
    Ok((count(db, &filter)?.counted() - 1).max(0))
}

/// Whether the usage of the month of a record is billed.
pub fn is_billed(db: &mut Db, record: &Quarantined) -> Result<bool> {
    match record.used_on {
        Some(day) => periods::queries::is_billed(db, BillingMonth::of(day)),
        None => Ok(false),
    }
}

/// How many records of a customer wait or were decided, whoever asks.
pub fn count_of_customer(db: &mut Db, customer: CustomerId) -> Result<i64> {
    let all = quarantined_records::table.filter(quarantined_records::customer_id.eq(customer));
    Ok(all.count().get_result(db.conn())?)
}
