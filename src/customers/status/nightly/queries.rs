//! Reading what the rules of the night look at.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::customers::directory;
use crate::customers::directory::model::AccountType;
use crate::customers::directory::reach::Reach;
use crate::customers::status;
use crate::customers::status::model::Status;
use crate::db::Db;
use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::schema::{customer_activity, customers, status_proposals};
use crate::types::ids::{CustomerId, UserId};
use crate::types::{Error, Permission, Result};

use super::model::{Candidate, Idle, Known, Named, Proposal, ProposalState};
use super::rules;

/// How many customers are looked at in one go.
const STRETCH: i64 = 500;

/// What is read of a customer.
type Row = (Named, Noted);

/// What was noted of a customer, beside what it is called.
type Noted = (AccountType, Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDateTime>, Option<NaiveDate>);

/// The customers of whom something was noted. A macro, because its type cannot be written down.
macro_rules! noted {
    () => {
        customers::table.inner_join(customer_activity::table).filter(customers::deleted_at.is_null()).select(
            (
                (
                    customers::id,
                    customers::company_code,
                    customers::company_name,
                    customers::status,
                    customers::sales_owner_id,
                    customers::ops_owner_id,
                ),
                (
                    customers::account_type,
                    customer_activity::first_used_on,
                    customer_activity::last_used_on,
                    customer_activity::usage_noted_at,
                    customer_activity::overdue_since,
                ),
            ),
        )
    };
}

/// A query within a reach. A macro, because diesel gives each selection a type of its own.
macro_rules! within {
    ($query:expr, $reach:expr) => {
        match $reach {
            Reach::All => $query,
            Reach::OwnedBy(users) => {
                let users: Vec<UserId> = users.iter().copied().collect();
                let sells = customers::sales_owner_id.eq_any(users.clone());
                $query.filter(sells.or(customers::ops_owner_id.eq_any(users)))
            }
        }
    };
}

/// A piece of a list, and whether there is more of it.
pub type Piece<T> = (Vec<T>, bool);

/// A piece of those whom the rules do something to in the night to `today`, in the order of their ids, beginning after
/// one of them, within the reach of `CustomerView`.
pub fn tonight(db: &mut Db, today: NaiveDate, after: CustomerId, most: usize) -> Result<Piece<Candidate>> {
    let reach = Reach::of(db, Permission::CustomerView)?;
    walk(db, after, most, |db, after| suspects(db, today, &reach, after), |db, rows| judged(db, rows, today))
}

/// A piece of the active customers without usage for so long that somebody should look, but not long enough to be
/// dormant, in the order of their ids, beginning after one of them, within the reach of `CustomerView`.
pub fn warnings(db: &mut Db, today: NaiveDate, after: CustomerId, most: usize) -> Result<Piece<Idle>> {
    let reach = Reach::of(db, Permission::CustomerView)?;
    let judge = |db: &mut Db, rows: Vec<Row>| {
        let all = known(db, rows)?.into_iter().filter_map(|(named, known)| {
            let days = rules::idle_days(&known, today)?;
            let is_due = (rules::WARNING_DAYS..rules::DORMANT_DAYS).contains(&days);
            known.last_used_on.filter(|_| is_due).map(|last_used_on| Idle { named, last_used_on, days })
        });
        Ok(all.collect())
    };
    walk(db, after, most, |db, after| idle(db, today, &reach, after), judge)
}

/// Goes through customers a stretch at a time until `most` are found that somebody is looking for.
fn walk<T>(
    db: &mut Db,
    mut after: CustomerId,
    most: usize,
    read: impl Fn(&mut Db, CustomerId) -> Result<Vec<Row>>,
    judge: impl Fn(&mut Db, Vec<Row>) -> Result<Vec<T>>,
) -> Result<Piece<T>> {
    let mut found = Vec::new();
    loop {
        let rows = read(db, after)?;
        let Some((last, _)) = rows.last() else { return Ok((found, false)) };
        after = last.id;
        let is_end = i64::try_from(rows.len()).is_ok_and(|read| read < STRETCH);
        found.extend(judge(db, rows)?);
        if found.len() > most {
            found.truncate(most);
            return Ok((found, true));
        }
        if is_end {
            return Ok((found, false));
        }
    }
}

/// Active customers without usage for long.
fn idle(db: &mut Db, today: NaiveDate, reach: &Reach, after: CustomerId) -> Result<Vec<Row>> {
    let query = noted!()
        .filter(customers::id.gt(after))
        .filter(customers::status.eq(Status::Active))
        .filter(customer_activity::last_used_on.le(today - Duration::days(rules::WARNING_DAYS)))
        .order(customers::id)
        .limit(STRETCH)
        .into_boxed();
    Ok(within!(query, reach).load(db.conn())?)
}

/// Whom a rule might do something to, by what an index tells; the rules themselves say to whom.
fn suspects(db: &mut Db, today: NaiveDate, reach: &Reach, after: CustomerId) -> Result<Vec<Row>> {
    let asleep = today - Duration::days(rules::DORMANT_DAYS);
    let owing = today - Duration::days(rules::OVERDUE_DAYS);
    let suspendable: Vec<Status> =
        Status::ALL.iter().copied().filter(|status| rules::is_suspendable(*status)).collect();
    let begins = customers::status
        .eq_any(rules::BEFORE_USE)
        .and(customers::account_type.eq(AccountType::Formal))
        .nullable()
        .and(customer_activity::usage_noted_at.is_not_null().nullable());
    let sleeps =
        customers::status.eq(Status::Active).nullable().and(customer_activity::last_used_on.le(asleep));
    let wakes =
        customers::status.eq(Status::Dormant).nullable().and(customer_activity::last_used_on.gt(asleep));
    let paid = customers::status
        .eq(Status::Suspended)
        .nullable()
        .and(customer_activity::overdue_since.is_null().nullable());
    let owes =
        customers::status.eq_any(suspendable).nullable().and(customer_activity::overdue_since.le(owing));
    let query = noted!()
        .filter(customers::id.gt(after))
        .filter(begins.or(sleeps).or(wakes).or(paid).or(owes))
        .order(customers::id)
        .limit(STRETCH)
        .into_boxed();
    Ok(within!(query, reach).load(db.conn())?)
}

/// What the rules do to these customers; those to whom they do nothing are left out.
fn judged(db: &mut Db, rows: Vec<Row>, today: NaiveDate) -> Result<Vec<Candidate>> {
    let all = known(db, rows)?.into_iter().map(|(named, known)| {
        let steps = rules::steps(&known, today);
        Candidate { named, known, steps }
    });
    Ok(all.filter(|candidate| !candidate.steps.is_empty()).collect())
}

/// What the rules do to these customers, whoever asks; they are locked.
pub fn of_customers(db: &mut Db, ids: &[CustomerId], today: NaiveDate) -> Result<Vec<Candidate>> {
    let rows: Vec<Row> = noted!().filter(customers::id.eq_any(ids)).order(customers::id).load(db.conn())?;
    judged(db, rows, today)
}

fn known(db: &mut Db, rows: Vec<Row>) -> Result<Vec<(Named, Known)>> {
    let ids: Vec<CustomerId> = rows.iter().map(|(named, _)| named.id).collect();
    let mut moves = status::queries::last_of(db, &ids)?;
    let proposed = last_proposed(db, &ids)?;
    let whole = |(named, noted): Row| {
        let (account_type, first_used_on, last_used_on, usage_noted_at, overdue_since) = noted;
        let known = Known {
            id: named.id,
            status: named.status,
            account_type,
            first_used_on,
            last_used_on,
            usage_noted_at,
            overdue_since,
            last_move: moves.remove(&named.id),
            proposed: proposed.get(&named.id).copied(),
        };
        (named, known)
    };
    Ok(rows.into_iter().map(whole).collect())
}

/// Since when each of these customers was overdue when it was last proposed to be suspended.
fn last_proposed(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, NaiveDate>> {
    let rows: Vec<(CustomerId, NaiveDate)> = status_proposals::table
        .filter(status_proposals::customer_id.eq_any(ids))
        .order((status_proposals::customer_id, status_proposals::overdue_since))
        .select((status_proposals::customer_id, status_proposals::overdue_since))
        .load(db.conn())?;
    Ok(rows.into_iter().collect())
}

/// A piece of the proposals in a state, newest first, within the reach of `CustomerView`.
pub fn proposals(db: &mut Db, state: ProposalState, seek: Seek) -> Result<Stream<(Proposal, Named)>> {
    let reach = Reach::of(db, Permission::CustomerView)?;
    let base = || {
        let query = status_proposals::table
            .inner_join(customers::table)
            .filter(status_proposals::state.eq(state))
            .filter(customers::deleted_at.is_null())
            .select(status_proposals::id)
            .into_boxed();
        within!(query, &reach)
    };
    let count = Count::limited(count_up_to_limit(base(), db.conn())?);
    let query = match seek {
        Seek::Newest => base().order(status_proposals::id.desc()),
        Seek::OlderThan(id) => base().filter(status_proposals::id.lt(id)).order(status_proposals::id.desc()),
        Seek::NewerThan(id) => base().filter(status_proposals::id.gt(id)).order(status_proposals::id.asc()),
    };
    let ids: Vec<u64> = query.limit(PER_PAGE + 1).load(db.conn())?;
    let mut rows = with_ids(db, &ids)?;
    rows.sort_by_key(|(proposal, _)| ids.iter().position(|id| *id == proposal.id));
    Ok(Stream::of(rows, seek, count, |(proposal, _)| proposal.id))
}

/// How many proposals wait for somebody to decide, within the reach of `CustomerView`.
pub fn count_open(db: &mut Db) -> Result<i64> {
    let stream = proposals(db, ProposalState::Open, Seek::Newest)?;
    Ok(stream.count.counted())
}

fn with_ids(db: &mut Db, ids: &[u64]) -> Result<Vec<(Proposal, Named)>> {
    Ok(status_proposals::table
        .inner_join(customers::table)
        .filter(status_proposals::id.eq_any(ids))
        .select((
            Proposal::as_select(),
            (
                customers::id,
                customers::company_code,
                customers::company_name,
                customers::status,
                customers::sales_owner_id,
                customers::ops_owner_id,
            ),
        ))
        .load(db.conn())?)
}

/// One proposal about a customer within the reach of `permission`.
pub fn find_proposal(db: &mut Db, permission: Permission, id: u64) -> Result<Proposal> {
    let proposal = proposal(db, id)?;
    directory::queries::find(db, permission, proposal.customer_id)?;
    Ok(proposal)
}

/// One proposal, whoever asks.
pub fn proposal(db: &mut Db, id: u64) -> Result<Proposal> {
    Ok(status_proposals::table.find(id).select(Proposal::as_select()).first(db.conn())?)
}

/// One proposal, locked until the transaction ends.
pub fn lock_proposal(db: &mut Db, id: u64) -> Result<Proposal> {
    let found: Option<Proposal> = status_proposals::table
        .find(id)
        .select(Proposal::as_select())
        .for_update()
        .first(db.conn())
        .optional()?;
    found.ok_or(Error::NotFound)
}

/// A piece of the open proposals that nothing speaks for any more: the balance is paid, or the customer stands where it
/// cannot be suspended, or is gone.
pub fn lapsing(db: &mut Db, most: i64) -> Result<Vec<u64>> {
    let suspendable: Vec<Status> =
        Status::ALL.iter().copied().filter(|status| rules::is_suspendable(*status)).collect();
    let holds = customers::table
        .inner_join(customer_activity::table)
        .filter(customers::id.eq(status_proposals::customer_id))
        .filter(customers::deleted_at.is_null())
        .filter(customers::status.eq_any(suspendable))
        .filter(customer_activity::overdue_since.eq(status_proposals::overdue_since.nullable()))
        .select(customers::id);
    Ok(status_proposals::table
        .filter(status_proposals::state.eq(ProposalState::Open))
        .filter(diesel::dsl::not(diesel::dsl::exists(holds)))
        .order(status_proposals::id)
        .limit(most)
        .select(status_proposals::id)
        .load(db.conn())?)
}
