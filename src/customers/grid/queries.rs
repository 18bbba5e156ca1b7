//! Reading the list of customers, always within the reach of who asks: first the ids, from indexes alone, then the whole
//! rows of those that are shown.
//!
//! How the ids are found depends on how many customers the filter lets through. Few are found by what they have in
//! common, and put in order here. Many are found by walking along the index that is in the order of the list, and
//! passing over those that are not asked for: most of those one meets are.

use std::cmp::Ordering;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Unsigned};

use crate::accounts::users;
use crate::customers::dictionaries;
use crate::customers::directory;
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::reach::Reach;
use crate::customers::directory::terms;
use crate::db::listing::Sort;
use crate::db::{Db, remembered};
use crate::types::ids::{CustomerId, UserId};
use crate::types::{Error, Permission, Result};

use super::conditions::{Bounds, begins, conditions, found_by};
use super::model::{Column, Filter, GridPage, PER_PAGE, Seek, Totals};
use super::orders::{self, Place, Plan};
use super::sql::{Sql, Value};

/// So many are few.
const FEW: i64 = 4_000;

/// Indexes that serve orders only: half of all customers stand under one value, so that finding them by it costs more
/// than reading all.
const WEAK_INDEXES: &str = " IGNORE INDEX (customers_deleted, customers_billable, customers_disabled, \
    customers_entity_type, customers_account_type)";

/// How a page is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Rows on it.
    pub per_page: usize,
    /// Up to so many matches are collected and put in order; more are met by walking along an index.
    pub few: i64,
}

impl Default for Reading {
    fn default() -> Reading {
        Reading { per_page: PER_PAGE, few: FEW }
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Unsigned<BigInt>)]
    id: u64,
}

#[derive(QueryableByName)]
struct Keyed {
    #[diesel(sql_type = Unsigned<BigInt>)]
    id: u64,
    #[diesel(sql_type = Nullable<Text>)]
    sort_key: Option<String>,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    customers: i64,
    #[diesel(sql_type = BigInt)]
    usage_sum: i64,
}

/// The bounds of whoever asks, within all of these permissions.
fn bounds(db: &mut Db, permissions: &[Permission]) -> Result<Bounds> {
    let reaches = permissions.iter().map(|permission| Reach::of(db, *permission));
    let reaches = reaches.collect::<Result<_>>()?;
    let scope = |permission| db.actor().scope(permission).ok();
    // Who sees fewer contacts than customers would find by people whom they may not see.
    let sees_contacts = scope(Permission::ContactView) >= scope(Permission::CustomerView);
    Ok(Bounds { reaches, sees_contacts })
}

/// How many customers the filter lets through, and what they add up to.
pub fn totals(db: &mut Db, filter: &Filter) -> Result<Totals> {
    let bounds = bounds(db, &[Permission::CustomerView])?;
    totals_within(db, filter, &bounds)
}

fn totals_within(db: &mut Db, filter: &Filter, bounds: &Bounds) -> Result<Totals> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS customers, \
         CAST(COALESCE(SUM(c.monthly_average_usage), 0) AS SIGNED) AS usage_sum",
    );
    sql.add(&matching(filter, bounds));
    let counted: Arc<Totals> = remembered(db, sql.name(), |db| {
        let counted: Counted = sql.query().get_result(db.conn())?;
        Ok(Totals { count: counted.customers, usage: counted.usage_sum })
    })?;
    Ok(*counted)
}

/// Those who match, by what they have in common: the longest word leads, since fewest begin with it.
fn matching(filter: &Filter, bounds: &Bounds) -> Sql {
    let Some(longest) = filter.words.iter().max_by_key(|word| word.chars().count()) else {
        let mut sql = Sql::new(" FROM customers c");
        if !filter.deleted {
            sql.push(WEAK_INDEXES);
        }
        sql.push(" WHERE ").add(&conditions(filter, bounds));
        return sql;
    };
    let mut sql = Sql::new(" FROM (SELECT DISTINCT t.customer_id FROM customer_terms t WHERE ");
    sql.add(&begins(longest, bounds));
    sql.push(") f STRAIGHT_JOIN customers c ON c.id = f.customer_id WHERE ");
    sql.add(&conditions(filter, bounds));
    sql.add(&found_by(filter.words.iter().filter(|word| *word != longest), bounds));
    sql
}

/// A page of the list.
pub fn list(
    db: &mut Db,
    filter: &Filter,
    sort: Sort<Column>,
    seek: Seek,
    reading: Reading,
) -> Result<GridPage> {
    let per_page = reading.per_page;
    let bounds = bounds(db, &[Permission::CustomerView])?;
    let totals = totals_within(db, filter, &bounds)?;
    let plan = plan(db, sort)?;
    let cursor = match seek {
        Seek::After(id, _) | Seek::Before(id, _) => directory::queries::get(db, id)?,
        Seek::First | Seek::Last => None,
    };
    let cursor = cursor.map(|customer| plan.place_of(sort.column, &customer));
    let stretch = if totals.count <= reading.few {
        let places = sorted(db, &plan, sort.column, &matching(filter, &bounds))?;
        among(&plan, &places, seek, cursor.as_ref(), per_page)
    } else {
        let mut conditions = conditions(filter, &bounds);
        conditions.add(&found_by(&filter.words, &bounds));
        Walk { plan: &plan, conditions: &conditions }.page(
            db,
            totals.count,
            seek,
            cursor.as_ref(),
            per_page,
        )?
    };
    let mut found = directory::queries::by_ids(db, &stretch.ids)?;
    let rows = stretch.ids.iter().filter_map(|id| found.remove(id)).collect();
    Ok(GridPage { rows, totals, before: stretch.before, has_more: stretch.has_more })
}

/// All customers that the filter lets through, in their order, as far as all of these permissions reach. All ids at
/// once, so that nobody is missed or met twice while others write.
pub fn ids(
    db: &mut Db,
    permissions: &[Permission],
    filter: &Filter,
    sort: Sort<Column>,
) -> Result<Vec<CustomerId>> {
    let bounds = bounds(db, permissions)?;
    let plan = plan(db, sort)?;
    let places = sorted(db, &plan, sort.column, &matching(filter, &bounds))?;
    Ok(places.into_iter().map(|place| CustomerId(place.id)).collect())
}

/// The order of a sort, taken apart.
fn plan(db: &mut Db, sort: Sort<Column>) -> Result<Plan> {
    let order = orders::order(sort.column).ok_or(Error::NotFound)?;
    let known = match sort.column {
        Column::Of(field) if order.is_grouped => known(db, field)?,
        _ => Vec::new(),
    };
    Ok(Plan::new(sort, order, known))
}

fn known(db: &mut Db, field: Field) -> Result<Vec<Value>> {
    if field.holds() == FieldType::Owner {
        return owners(db, field);
    }
    let dictionaries = dictionaries::queries::shown(db)?;
    let values = orders::known_values(field, &dictionaries);
    Ok(values.iter().filter_map(|text| orders::stored(field, text)).collect())
}

/// Those who own customers, by the sounds of their names.
fn owners(db: &mut Db, field: Field) -> Result<Vec<Value>> {
    let sql = if field == Field::SalesOwner {
        Sql::new("SELECT DISTINCT c.sales_owner_id AS id FROM customers c WHERE c.sales_owner_id IS NOT NULL")
    } else {
        Sql::new("SELECT DISTINCT c.ops_owner_id AS id FROM customers c WHERE c.ops_owner_id IS NOT NULL")
    };
    let ids = remembered(db, sql.name(), |db| {
        let found: Vec<Found> = sql.query().load(db.conn())?;
        Ok(found.into_iter().map(|found| UserId(found.id)).collect::<Vec<_>>())
    })?;
    let people = users::queries::people(db)?;
    let name = |id: UserId| people.iter().find(|person| person.id == id).map(|person| person.name.as_str());
    let mut owners: Vec<(String, UserId)> =
        ids.iter().map(|id| (terms::sort_key(name(*id).unwrap_or_default()), *id)).collect();
    owners.sort();
    Ok(owners.into_iter().map(|(_, id)| Value::Id(id.0)).collect())
}

/// Those who match, in their order.
fn sorted(db: &mut Db, plan: &Plan, column: Column, matching: &Sql) -> Result<Vec<Place>> {
    let mut sql = Sql::new("SELECT c.id AS id, ");
    sql.push(plan.order.key).push(" AS sort_key").add(matching);
    let found: Vec<Keyed> = sql.query().load(db.conn())?;
    let field = if let Column::Of(field) = column { Some(field) } else { None };
    let places = found.into_iter().map(|keyed| plan.place(field, keyed.id, keyed.sort_key));
    let mut places: Vec<Place> = places.collect();
    places.sort_unstable_by(|one, other| plan.compare(one, other));
    Ok(places)
}

/// The ids of a page.
struct Stretch {
    ids: Vec<CustomerId>,
    before: i64,
    has_more: bool,
}

/// A page of those that are few.
fn among(plan: &Plan, places: &[Place], seek: Seek, cursor: Option<&Place>, per_page: usize) -> Stretch {
    let up_to = |cursor: &Place, with: bool| {
        places.partition_point(|place| match plan.compare(place, cursor) {
            Ordering::Less => true,
            Ordering::Equal => with,
            Ordering::Greater => false,
        })
    };
    let start = match (seek, cursor) {
        (Seek::After(..), Some(cursor)) => up_to(cursor, true),
        (Seek::Before(..), Some(cursor)) => up_to(cursor, false).saturating_sub(per_page),
        (Seek::Last, _) => places.len().saturating_sub(1) / per_page.max(1) * per_page,
        _ => 0,
    };
    let ids: Vec<CustomerId> =
        places.iter().skip(start).take(per_page).map(|place| CustomerId(place.id)).collect();
    Stretch {
        before: i64::try_from(start).unwrap_or(i64::MAX),
        has_more: start + ids.len() < places.len(),
        ids,
    }
}

/// A walk along the index of an order.
struct Walk<'a> {
    plan: &'a Plan,
    conditions: &'a Sql,
}

impl Walk<'_> {
    fn page(
        &self,
        db: &mut Db,
        count: i64,
        seek: Seek,
        cursor: Option<&Place>,
        per_page: usize,
    ) -> Result<Stretch> {
        match (seek, cursor) {
            (Seek::After(_, before), Some(_)) => {
                let mut ids = self.read(db, cursor, true, per_page + 1)?;
                let has_more = ids.len() > per_page;
                ids.truncate(per_page);
                Ok(Stretch { ids, before: before.clamp(0, count), has_more })
            }
            (Seek::Before(_, before), Some(_)) => {
                let mut ids = self.read(db, cursor, false, per_page)?;
                if ids.len() < per_page {
                    // Nothing stands before it: this is the first page, and shown as a whole.
                    return self.page(db, count, Seek::First, None, per_page);
                }
                ids.reverse();
                Ok(Stretch { ids, before: before.clamp(0, count), has_more: true })
            }
            (Seek::Last, _) => {
                let size = i64::try_from(per_page).unwrap_or(i64::MAX).max(1);
                let rest = usize::try_from((count - 1).max(0) % size + 1).unwrap_or(per_page);
                let mut ids = self.read(db, None, false, rest)?;
                ids.reverse();
                let shown = i64::try_from(ids.len()).unwrap_or_default();
                Ok(Stretch { ids, before: (count - shown).max(0), has_more: false })
            }
            _ => {
                let mut ids = self.read(db, None, true, per_page + 1)?;
                let has_more = ids.len() > per_page;
                ids.truncate(per_page);
                Ok(Stretch { ids, before: 0, has_more })
            }
        }
    }

    /// The ids beyond a place, segment by segment until there are enough.
    fn read(&self, db: &mut Db, from: Option<&Place>, forward: bool, most: usize) -> Result<Vec<CustomerId>> {
        let last = self.plan.segments.len().saturating_sub(1);
        let start = from.map_or(if forward { 0 } else { last }, |place| place.segment);
        let mut ids = Vec::new();
        let numbered = self.plan.segments.iter().enumerate();
        let ahead: Vec<_> =
            if forward { numbered.skip(start).collect() } else { numbered.take(start + 1).rev().collect() };
        for (number, segment) in ahead {
            let beyond = from.filter(|place| place.segment == number);
            let mut sql = Sql::new("SELECT c.id AS id FROM customers c");
            sql.push(self.plan.order.index).push(" WHERE ");
            sql.add(&self.plan.within(segment, beyond, forward));
            sql.push(" AND ").add(self.conditions);
            sql.add(&self.plan.order_by(segment, forward));
            let missing = i64::try_from(most - ids.len()).unwrap_or_default();
            sql.push(" LIMIT ").bind(Value::Number(missing));
            let found: Vec<Found> = sql.query().load(db.conn())?;
            ids.extend(found.into_iter().map(|found| CustomerId(found.id)));
            if ids.len() >= most {
                break;
            }
        }
        Ok(ids)
    }
}
