//! Reading how good the data is, within the reach of who asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::dsl::{count_star, sql};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Unsigned};

use crate::accounts::users;
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::queries::Condition;
use crate::customers::directory::reach::Reach;
use crate::db::listing::{Listing, PageRequest};
use crate::db::{Db, remembered};
use crate::schema::{contacts, customer_quality, customers};
use crate::types::ids::{CustomerId, UserId};
use crate::types::time::business_day;
use crate::types::{Permission, Result};

use super::model::{Assessment, Problem, QualityFilter, Reachable};
use super::rules;

/// How many keys one query names.
const CHUNK: usize = 1_000;

/// What can be wrong with the live contacts of customers.
pub fn reachables(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, Vec<Reachable>>> {
    let mut found: BTreeMap<CustomerId, Vec<Reachable>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let rows: Vec<(CustomerId, Option<String>, Option<String>)> = contacts::table
            .filter(contacts::customer_id.eq_any(some))
            .filter(contacts::deleted_at.is_null())
            .select((contacts::customer_id, contacts::phone, contacts::email))
            .load(db.conn())?;
        for (id, phone, email) in rows {
            found.entry(id).or_default().push(Reachable { phone, email });
        }
    }
    Ok(found)
}

/// Users who are disabled or deleted: owners who have left.
pub fn left(db: &mut Db) -> Result<BTreeSet<UserId>> {
    let people = users::queries::people(db)?;
    Ok(people.iter().filter(|person| !person.is_live).map(|person| person.id).collect())
}

/// A customer with what is found of it today.
#[derive(Debug, Clone)]
pub struct QualityRow {
    /// The customer.
    pub customer: Customer,
    /// What is found.
    pub assessment: Assessment,
}

/// What is found of one customer today; of none that is deleted.
pub fn of_customer(db: &mut Db, id: CustomerId) -> Result<Option<QualityRow>> {
    Ok(rows(db, &[id])?.pop())
}

fn rows(db: &mut Db, ids: &[CustomerId]) -> Result<Vec<QualityRow>> {
    let (mut found, contacts) = (directory::queries::by_ids(db, ids)?, reachables(db, ids)?);
    let (left, today) = (left(db)?, business_day(db.now()));
    let row = |id: &CustomerId| {
        let customer = found.remove(id).filter(Customer::is_live)?;
        let contacts = contacts.get(id).map_or(&[][..], Vec::as_slice);
        let assessment = rules::assess_today(&customer.fields, contacts, &left, today);
        Some(QualityRow { customer, assessment })
    };
    Ok(ids.iter().filter_map(row).collect())
}

/// Conditions on the customers themselves: what the one who asks reaches, the owner, and what depends on the day.
fn of_customers(db: &mut Db, owner: Option<UserId>, problem: Option<Problem>) -> Result<Vec<Condition>> {
    let mut all: Vec<Condition> = Vec::new();
    for permission in [Permission::CustomerView, Permission::QualityView] {
        all.extend(directory::queries::within(&Reach::of(db, permission)?));
    }
    if let Some(owner) = owner {
        all.push(Box::new(customers::sales_owner_id.eq(owner).or(customers::ops_owner_id.eq(owner))));
    }
    match problem {
        Some(Problem::FutureOnboarding) => {
            all.push(Box::new(customers::onboarded_on.gt(business_day(db.now()))));
        }
        Some(Problem::OwnerLeft) => {
            let left: Vec<UserId> = left(db)?.into_iter().collect();
            let sold = customers::sales_owner_id.eq_any(left.clone());
            all.push(Box::new(sold.or(customers::ops_owner_id.eq_any(left))));
        }
        _ => {}
    }
    Ok(all)
}

/// The customers that conditions let through. A macro, because a boxed query can be neither cloned nor named.
macro_rules! through {
    ($conditions:expr) => {{
        let query = customers::table.filter(customers::deleted_at.is_null()).into_boxed();
        $conditions.into_iter().fold(query, |query, condition| query.filter(condition))
    }};
}

/// A condition on what is stored of the quality.
type Stored = Box<dyn BoxableExpression<customer_quality::table, Mysql, SqlType = Nullable<Bool>>>;

fn conditions(db: &mut Db, filter: &QualityFilter) -> Result<Vec<Stored>> {
    let mut all: Vec<Stored> = Vec::new();
    let of_customers = of_customers(db, filter.owner, filter.problem)?;
    if !of_customers.is_empty() {
        let ids = through!(of_customers).select(customers::id);
        all.push(Box::new(customer_quality::customer_id.eq_any(ids).nullable()));
    }
    if let Some(problem) = filter.problem.filter(|problem| !problem.depends_on_the_day()) {
        let has = sql::<Nullable<Bool>>("(customer_quality.problems & ")
            .bind::<Unsigned<BigInt>, _>(problem.bit())
            .sql(") <> 0");
        all.push(Box::new(has));
    }
    if let Some(band) = filter.band {
        let (low, high) = band.range();
        all.push(Box::new(customer_quality::score.between(low, high).nullable()));
    }
    Ok(all)
}

/// A page of customers, the least complete first.
pub fn list(db: &mut Db, filter: &QualityFilter, page: PageRequest) -> Result<Listing<QualityRow>> {
    let mut counted = customer_quality::table.select(count_star()).into_boxed();
    for condition in conditions(db, filter)? {
        counted = counted.filter(condition);
    }
    let total = crate::db::count(db, counted)?;
    let page = page.within(total);
    let mut query = customer_quality::table.select(customer_quality::customer_id).into_boxed();
    for condition in conditions(db, filter)? {
        query = query.filter(condition);
    }
    let ids: Vec<CustomerId> = query
        .order((customer_quality::score, customer_quality::customer_id))
        .limit(page.per_page)
        .offset(page.offset())
        .load(db.conn())?;
    Ok(Listing { rows: rows(db, &ids)?, total, page })
}

/// How good the data of many customers is together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many customers were assessed.
    pub customers: i64,
    /// Their scores together.
    pub points: i64,
    /// How many have each problem, the most frequent first.
    pub problems: Vec<(Problem, i64)>,
    /// How many live customers were never assessed.
    pub unassessed: i64,
}

impl Tally {
    /// The average score, to the nearest whole.
    pub fn average(&self) -> i64 {
        if self.customers == 0 { 0 } else { (self.points + self.customers / 2) / self.customers }
    }
}

/// How good the data is that whoever asks reaches: of one owner, or of all.
pub fn tally(db: &mut Db, owner: Option<UserId>) -> Result<Arc<Tally>> {
    let (who, owner_id) = (db.actor().user_id.map_or(0, |id| id.0), owner.map_or(0, |id| id.0));
    remembered(db, format!("customers.quality.{who}.{owner_id}"), |db| count(db, owner))
}

fn count(db: &mut Db, owner: Option<UserId>) -> Result<Tally> {
    let filter = QualityFilter { owner, ..QualityFilter::default() };
    let mut query = customer_quality::table
        .group_by(customer_quality::problems)
        .select((customer_quality::problems, count_star()))
        .into_boxed();
    for condition in conditions(db, &filter)? {
        query = query.filter(condition);
    }
    let rows: Vec<(u64, i64)> = query.load(db.conn())?;
    let mut tally = Tally::default();
    let mut counts: BTreeMap<Problem, i64> = BTreeMap::new();
    for (bits, count) in rows {
        let assessment = rules::of_problems(rules::from_bits(bits));
        tally.customers += count;
        tally.points += count * i64::from(assessment.score);
        for problem in assessment.problems {
            *counts.entry(problem).or_default() += count;
        }
    }
    for problem in Problem::ALL.iter().copied().filter(|problem| problem.depends_on_the_day()) {
        let conditions = of_customers(db, owner, Some(problem))?;
        let count: i64 = through!(conditions).select(count_star()).first(db.conn())?;
        counts.insert(problem, count);
    }
    let conditions = of_customers(db, owner, None)?;
    let live: i64 = through!(conditions).select(count_star()).first(db.conn())?;
    tally.unassessed = (live - tally.customers).max(0);
    tally.problems = counts.into_iter().filter(|(_, count)| *count > 0).collect();
    tally.problems.sort_by_key(|(problem, count)| (std::cmp::Reverse(*count), *problem));
    Ok(tally)
}

/// Who owns customers that whoever asks reaches, be they deleted: so the indexes of owners say it alone.
pub fn owners(db: &mut Db) -> Result<BTreeSet<UserId>> {
    let mut found = BTreeSet::new();
    let mut sold = customers::table.select(customers::sales_owner_id).distinct().into_boxed();
    for condition in of_customers(db, None, None)? {
        sold = sold.filter(condition);
    }
    found.extend(sold.load::<Option<UserId>>(db.conn())?.into_iter().flatten());
    let mut kept = customers::table.select(customers::ops_owner_id).distinct().into_boxed();
    for condition in of_customers(db, None, None)? {
        kept = kept.filter(condition);
    }
    found.extend(kept.load::<Option<UserId>>(db.conn())?.into_iter().flatten());
    Ok(found)
}

/// The ids of customers after one, whoever asks, the deleted ones too: for going through all of them.
pub fn ids_after(db: &mut Db, last: CustomerId, most: i64) -> Result<Vec<CustomerId>> {
    let query = customers::table.filter(customers::id.gt(last)).order(customers::id).limit(most);
    Ok(query.select(customers::id).load(db.conn())?)
}
