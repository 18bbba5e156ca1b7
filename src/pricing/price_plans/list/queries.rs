//! Reading lists of versions, within the reach of who asks. Each list is met in the order of an index, so that a page costs
//! the same with a hundred versions and with hundreds of thousands.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Unsigned};

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::customers::grid::conditions::{Bounds, begins, found_by};
use crate::customers::grid::sql::{Sql, Value};
use crate::db::Db;
use crate::db::listing::{Listing, PageRequest, Sort};
use crate::db::remembered;
use crate::pricing::price_plans::model::{PlanVersion, PriceVersion, VersionState};
use crate::pricing::price_plans::queries;
use crate::types::ids::{BatchId, CustomerId, PriceVersionId};
use crate::types::time::business_day;
use crate::types::{Permission, Result};

use super::forms::{PlanColumn, PlanFilter, Show};

/// A version in a list, and its customer.
#[derive(Debug, Clone)]
pub struct PlanRow {
    /// The version.
    pub plan: PlanVersion,
    /// The customer.
    pub customer: Customer,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Unsigned<BigInt>)]
    id: u64,
}

#[derive(QueryableByName)]
struct InState {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    found: i64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// A page of versions.
pub fn list(
    db: &mut Db,
    filter: &PlanFilter,
    sort: Sort<PlanColumn>,
    page: PageRequest,
) -> Result<Listing<PlanRow>> {
    let total = count(db, filter)?;
    let page = page.within(total);
    let mut sql = Sql::new("SELECT v.id AS id");
    sql.add(&versions(db, filter)?).push(order(filter, sort));
    sql.push(" LIMIT ").bind(Value::Number(page.per_page));
    sql.push(" OFFSET ").bind(Value::Number(page.offset()));
    let ids: Vec<Found> = sql.query().load(db.conn())?;
    let ids: Vec<PriceVersionId> = ids.into_iter().map(|found| PriceVersionId(found.id)).collect();
    Ok(Listing { rows: rows(db, &ids)?, total, page })
}

/// How many versions there are, remembered until something is written.
pub fn count(db: &mut Db, filter: &PlanFilter) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS found");
    sql.add(&versions(db, filter)?);
    counted(db, &sql)
}

fn counted(db: &mut Db, sql: &Sql) -> Result<i64> {
    let found: Arc<i64> = remembered(db, sql.name(), |db| {
        let counted: Counted = sql.query().get_result(db.conn())?;
        Ok(counted.found)
    })?;
    Ok(*found)
}

/// The ids of the first versions of a list, at most so many, in its order: for what leaves as a file.
pub fn first_ids(
    db: &mut Db,
    filter: &PlanFilter,
    sort: Sort<PlanColumn>,
    most: i64,
) -> Result<Vec<PriceVersionId>> {
    let mut sql = Sql::new("SELECT v.id AS id");
    sql.add(&versions(db, filter)?).push(order(filter, sort));
    sql.push(" LIMIT ").bind(Value::Number(most));
    let ids: Vec<Found> = sql.query().load(db.conn())?;
    Ok(ids.into_iter().map(|found| PriceVersionId(found.id)).collect())
}

/// Versions with their customers, in the order of their ids as they are given.
pub fn rows(db: &mut Db, ids: &[PriceVersionId]) -> Result<Vec<PlanRow>> {
    let mut plans = queries::by_ids(db, ids)?;
    let owners: Vec<CustomerId> = plans.values().map(|plan| plan.version.customer_id).collect();
    let customers = directory::queries::by_ids(db, &owners)?;
    let row = |id: &PriceVersionId| {
        let plan = plans.remove(id)?;
        let customer = customers.get(&plan.version.customer_id)?.clone();
        Some(PlanRow { plan, customer })
    };
    Ok(ids.iter().filter_map(row).collect())
}

/// A page of the customers who are billed and have no price in force today.
pub fn without_price(db: &mut Db, filter: &PlanFilter, page: PageRequest) -> Result<Listing<Customer>> {
    let matching = unpriced(db, filter)?;
    let total = {
        let mut sql = Sql::new("SELECT COUNT(*) AS found");
        sql.add(&matching);
        counted(db, &sql)?
    };
    let page = page.within(total);
    let mut sql = Sql::new("SELECT c.id AS id");
    sql.add(&matching).push(" ORDER BY c.id LIMIT ").bind(Value::Number(page.per_page));
    sql.push(" OFFSET ").bind(Value::Number(page.offset()));
    let ids: Vec<Found> = sql.query().load(db.conn())?;
    let ids: Vec<CustomerId> = ids.into_iter().map(|found| CustomerId(found.id)).collect();
    let mut found = directory::queries::by_ids(db, &ids)?;
    Ok(Listing { rows: ids.iter().filter_map(|id| found.remove(id)).collect(), total, page })
}

/// The version before and the one behind one in the order in which they wait, among those that whoever asks may decide.
pub fn beside_waiting(db: &mut Db, version: &PriceVersion) -> Result<[Option<PriceVersionId>; 2]> {
    let Some(at) = version.submitted_at else { return Ok([None, None]) };
    let mut beside = |before: bool| -> Result<Option<PriceVersionId>> {
        let mut sql = Sql::new(
            "SELECT v.id AS id FROM price_versions v STRAIGHT_JOIN customers c ON c.id = v.customer_id \
             WHERE v.state = 'pending' AND c.deleted_at IS NULL",
        );
        reached(&mut sql, &Reach::of(db, Permission::PriceApprove)?);
        if let Some(me) = db.actor().user_id {
            sql.push(
                " AND NOT EXISTS (SELECT 1 FROM price_version_hands h WHERE h.price_version_id = v.id AND h.user_id = ",
            );
            sql.bind(Value::Id(me.0)).push(")");
        }
        sql.push(if before { " AND (v.submitted_at < " } else { " AND (v.submitted_at > " })
            .bind(Value::Moment(at));
        sql.push(" OR v.submitted_at = ").bind(Value::Moment(at));
        sql.push(if before { " AND v.id < " } else { " AND v.id > " })
            .bind(Value::Id(version.id.0))
            .push(")");
        sql.push(if before {
            " ORDER BY v.submitted_at DESC, v.id DESC LIMIT 1"
        } else {
            " ORDER BY v.submitted_at, v.id LIMIT 1"
        });
        let found: Option<Found> = sql.query().get_result(db.conn()).optional()?;
        Ok(found.map(|found| PriceVersionId(found.id)))
    };
    Ok([beside(true)?, beside(false)?])
}

/// How many of the versions of a batch there are in each state.
pub fn count_of_batch(db: &mut Db, batch: BatchId) -> Result<Vec<(VersionState, i64)>> {
    let mut sql = Sql::new(
        "SELECT v.state AS state, COUNT(*) AS found FROM price_versions v \
         JOIN customers c ON c.id = v.customer_id WHERE v.batch_id = ",
    );
    sql.bind(Value::Id(batch.0));
    reached(&mut sql, &Reach::of(db, Permission::PriceView)?);
    sql.push(" GROUP BY v.state ORDER BY v.state");
    let found: Vec<InState> = sql.query().load(db.conn())?;
    Ok(found.into_iter().filter_map(|of| Some((of.state.parse().ok()?, of.found))).collect())
}

/// Versions that somebody means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// All that a batch has opened.
    OfBatch(BatchId),
    /// These.
    Ids(Vec<PriceVersionId>),
}

/// How many of some versions wait for approval, within the reach of approving.
pub fn count_waiting(db: &mut Db, meant: &Meant) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS found");
    sql.add(&waiting(db, meant)?);
    let counted: Counted = sql.query().get_result(db.conn())?;
    Ok(counted.found)
}

/// Those of some versions that wait for approval, within the reach of approving: customer by customer, each by first day.
pub fn ids_waiting(db: &mut Db, meant: &Meant) -> Result<Vec<PriceVersionId>> {
    let mut sql = Sql::new("SELECT v.id AS id");
    sql.add(&waiting(db, meant)?).push(" ORDER BY v.customer_id, v.valid_from, v.id");
    let found: Vec<Found> = sql.query().load(db.conn())?;
    Ok(found.into_iter().map(|found| PriceVersionId(found.id)).collect())
}

fn waiting(db: &mut Db, meant: &Meant) -> Result<Sql> {
    let mut sql = Sql::new(
        " FROM price_versions v JOIN customers c ON c.id = v.customer_id \
         WHERE v.state = 'pending' AND c.deleted_at IS NULL",
    );
    match meant {
        Meant::OfBatch(batch) => sql.push(" AND v.batch_id = ").bind(Value::Id(batch.0)),
        Meant::Ids(ids) if ids.is_empty() => sql.push(" AND FALSE"),
        Meant::Ids(ids) => sql.push(" AND v.id IN ").list(ids.iter().map(|id| Value::Id(id.0))),
    };
    reached(&mut sql, &Reach::of(db, Permission::PriceApprove)?);
    Ok(sql)
}

/// Versions that a filter lets through, from `FROM` on.
fn versions(db: &mut Db, filter: &PlanFilter) -> Result<Sql> {
    let reach = Reach::of(db, Permission::PriceView)?;
    let mut sql = match (filter.words.iter().max_by_key(|word| word.chars().count()), &filter.code, &reach) {
        (Some(longest), _, _) => {
            let mut sql = Sql::new(" FROM (SELECT DISTINCT t.customer_id FROM customer_terms t WHERE ");
            sql.add(&begins(longest, &bounds()));
            sql.push(") f STRAIGHT_JOIN customers c ON c.id = f.customer_id JOIN price_versions v ON v.customer_id = c.id WHERE TRUE");
            sql
        }
        // All versions there are: nothing about customers is asked.
        (None, None, Reach::All) if filter.owner.is_none() && filter.show == Show::All => {
            Sql::new(" FROM price_versions v WHERE TRUE")
        }
        // Who is met by a few customers begins with those; all others walk the index of the order.
        (None, None, Reach::All) if filter.owner.is_none() => {
            Sql::new(" FROM price_versions v STRAIGHT_JOIN customers c ON c.id = v.customer_id WHERE TRUE")
        }
        _ => Sql::new(" FROM price_versions v JOIN customers c ON c.id = v.customer_id WHERE TRUE"),
    };
    let today = business_day(db.now());
    match filter.show {
        Show::Waiting => sql.push(" AND v.state = 'pending' AND c.deleted_at IS NULL"),
        Show::Mine => {
            let me = db.actor().user_id.map_or(0, |user| user.0);
            sql.push(" AND v.state = 'draft' AND c.deleted_at IS NULL AND v.author_id = ").bind(Value::Id(me))
        }
        Show::Coming => sql
            .push(" AND v.state = 'active' AND c.deleted_at IS NULL AND v.valid_from > ")
            .bind(Value::Day(today)),
        Show::Without | Show::All => &mut sql,
    };
    reached(&mut sql, &reach);
    of_customers(&mut sql, filter);
    of_versions(&mut sql, filter);
    Ok(sql)
}

fn of_customers(sql: &mut Sql, filter: &PlanFilter) {
    sql.add(&found_by(&filter.words, &bounds()));
    if let Some(code) = &filter.code {
        sql.push(" AND c.live_code = ").bind(Value::Text(code.clone()));
    }
    if let Some(owner) = filter.owner {
        sql.push(" AND (c.sales_owner_id = ").bind(Value::Id(owner.0));
        sql.push(" OR c.ops_owner_id = ").bind(Value::Id(owner.0)).push(")");
    }
}

fn of_versions(sql: &mut Sql, filter: &PlanFilter) {
    if let Some(state) = filter.state {
        sql.push(" AND v.state = ").bind(Value::Text(state.to_string()));
    }
    if let Some(origin) = filter.origin {
        sql.push(" AND v.origin = ").bind(Value::Text(origin.to_string()));
    }
    if let Some(batch) = filter.batch {
        sql.push(" AND v.batch_id = ").bind(Value::Id(batch.0));
    }
    if let Some(from) = filter.from {
        sql.push(" AND v.valid_from >= ").bind(Value::Day(from));
    }
    if let Some(to) = filter.to {
        sql.push(" AND v.valid_from <= ").bind(Value::Day(to));
    }
    if let Some(model) = filter.model {
        sql.push(" AND EXISTS (SELECT 1 FROM price_charges p WHERE p.price_version_id = v.id AND p.model = ");
        sql.bind(Value::Text(model.to_string())).push(")");
    }
}

/// Customers who are billed and have no price in force today, from `FROM` on. Source: `domain.md` §6, who is billable.
fn unpriced(db: &mut Db, filter: &PlanFilter) -> Result<Sql> {
    let reach = Reach::of(db, Permission::PriceView)?;
    let mut sql = Sql::new(
        " FROM customers c WHERE c.deleted_at IS NULL AND c.billable AND c.account_type = 'formal' \
         AND c.status NOT IN ('lead', 'unconfirmed', 'archived') \
         AND NOT EXISTS (SELECT 1 FROM price_versions v WHERE v.customer_id = c.id AND v.active_from <= ",
    );
    sql.bind(Value::Day(business_day(db.now()))).push(")");
    reached(&mut sql, &reach);
    of_customers(&mut sql, filter);
    Ok(sql)
}

/// Prices are no reason to find customers by people who may be hidden.
fn bounds() -> Bounds {
    Bounds { reaches: Vec::new(), sees_contacts: false }
}

fn reached(sql: &mut Sql, reach: &Reach) {
    let Reach::OwnedBy(users) = reach else { return };
    let ids = || users.iter().map(|user| Value::Id(user.0));
    sql.push(" AND (c.sales_owner_id IN ").list(ids());
    sql.push(" OR c.ops_owner_id IN ").list(ids()).push(")");
}

fn order(filter: &PlanFilter, sort: Sort<PlanColumn>) -> &'static str {
    // In a single state the index begins with it; the others follow an index of their own.
    let is_waiting = filter.show == Show::Waiting || filter.state == Some(VersionState::Pending);
    match (sort.column, sort.descending) {
        (PlanColumn::Submitted, false) if is_waiting => " ORDER BY v.submitted_at, v.id",
        (PlanColumn::Submitted, true) if is_waiting => " ORDER BY v.submitted_at DESC, v.id DESC",
        (PlanColumn::ValidFrom, false) => " ORDER BY v.valid_from, v.id",
        (PlanColumn::ValidFrom, true) => " ORDER BY v.valid_from DESC, v.id DESC",
        (PlanColumn::Written | PlanColumn::Submitted, false) => " ORDER BY v.id",
        (PlanColumn::Written | PlanColumn::Submitted, true) => " ORDER BY v.id DESC",
    }
}
