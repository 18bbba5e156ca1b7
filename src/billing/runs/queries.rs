//! Reading runs and what they plan. A run covers everybody: only who reaches everybody sees it.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, exists, sum};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::db::listing::{Listing, PageRequest};
use crate::db::{Db, Tx, like};
use crate::schema::{bill_run_customers, bill_run_lines, bill_runs, bills, customers};
use crate::tasks;
use crate::types::ids::{BillRunId, CustomerId, TaskId};
use crate::types::{BillingMonth, Currency, DataScope, Error, Money, Permission, Result};

use super::model::{BillRun, Outcome, PlannedCustomer, PlannedLine, PlannedRow, RunState, Totals};

/// Which customers of a run are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlannedFilter {
    /// Only with this outcome.
    pub outcome: Option<Outcome>,
    /// Only those that somebody should look at.
    pub look_at: bool,
    /// Only those that were left out while others were written.
    pub left_out: bool,
    /// With this text in the code or the name.
    pub text: Option<String>,
}

impl PlannedFilter {
    /// The text that is asked for, if any is.
    fn text(&self) -> Option<&str> {
        self.text.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
}

crate::text_enum! {
    /// How the customers of a run are sorted.
    pub enum PlannedSort {
        /// By how much they moved, the most first.
        Moved = "moved",
        /// By what they come to, the most first.
        Total = "total",
        /// By how much they ask to be looked at.
        Risk = "risk",
        /// By their codes.
        Code = "code",
    }
}

/// A run, for who may do `permission` to everybody's records.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or the reach is smaller.
pub fn find(db: &mut Db, permission: Permission, id: BillRunId) -> Result<BillRun> {
    reach_all(db, permission)?;
    get(db, id)?.ok_or(Error::NotFound)
}

/// Makes sure that who asks may do this to everybody's records.
///
/// # Errors
/// [`Error::Forbidden`] without the permission, [`Error::NotFound`] when it is for some records only.
pub fn reach_all(db: &Db, permission: Permission) -> Result<()> {
    match db.actor().scope(permission)? {
        DataScope::All => Ok(()),
        _ => Err(Error::NotFound),
    }
}

/// A run, whoever asks.
pub fn get(db: &mut Db, id: BillRunId) -> Result<Option<BillRun>> {
    Ok(bill_runs::table.find(id).select(BillRun::as_select()).first(db.conn()).optional()?)
}

/// A run, locked until the transaction ends.
pub fn lock(tx: &mut Tx, id: BillRunId) -> Result<BillRun> {
    let found = bill_runs::table.find(id).select(BillRun::as_select()).for_update().first(tx.conn());
    found.optional()?.ok_or(Error::NotFound)
}

/// The runs of a month, the latest first, locked until the transaction ends: no other begins meanwhile.
pub(super) fn lock_month(tx: &mut Tx, month: BillingMonth) -> Result<Vec<BillRun>> {
    let mut found: Vec<BillRun> = bill_runs::table
        .filter(bill_runs::month.eq(month.first_day()))
        .order(bill_runs::id)
        .select(BillRun::as_select())
        .for_update()
        .load(tx.conn())?;
    found.reverse();
    Ok(found)
}

/// All runs, the latest first.
pub fn list(db: &mut Db, month: Option<BillingMonth>, page: PageRequest) -> Result<Listing<BillRun>> {
    let all = || {
        let runs = bill_runs::table.into_boxed::<Mysql>();
        match month {
            Some(month) => runs.filter(bill_runs::month.eq(month.first_day())),
            None => runs,
        }
    };
    let total: i64 = all().select(count_star()).first(db.conn())?;
    let page = page.within(total);
    let rows = all()
        .order(bill_runs::id.desc())
        .limit(page.per_page)
        .offset(page.offset())
        .select(BillRun::as_select())
        .load(db.conn())?;
    Ok(Listing { rows, total, page })
}

/// The runs of a month, the latest first.
pub fn of_month(db: &mut Db, month: BillingMonth) -> Result<Vec<BillRun>> {
    Ok(bill_runs::table
        .filter(bill_runs::month.eq(month.first_day()))
        .order(bill_runs::id.desc())
        .select(BillRun::as_select())
        .load(db.conn())?)
}

/// The latest run of a month that was not given up.
pub fn latest_of(db: &mut Db, month: BillingMonth) -> Result<Option<BillRun>> {
    let all = of_month(db, month)?;
    Ok(all.into_iter().find(|run| run.state != RunState::Discarded))
}

/// The run of a month that has this digest: the latest, if it was planned more than once from the same.
pub fn by_hash(db: &mut Db, month: BillingMonth, hash: &str) -> Result<Option<BillRun>> {
    let all = of_month(db, month)?;
    let mut of_hash = all.into_iter().filter(|run| run.inputs_hash.as_deref() == Some(hash));
    Ok(of_hash.find(|run| run.state != RunState::Discarded))
}

/// Whether nobody is at a run that should be worked at: its task died once too often, or was stopped.
pub fn is_stalled(db: &mut Db, run: &BillRun) -> Result<bool> {
    if !run.state.is_at_work() {
        return Ok(false);
    }
    let at_it: Vec<TaskId> = run.task_id.into_iter().collect();
    Ok(tasks::queries::unfinished(db, &at_it)?.is_empty())
}

/// Whether there are bills of a month, those that were voided or credited included.
pub fn has_bills(db: &mut Db, month: BillingMonth) -> Result<bool> {
    let of_month = bills::table.filter(bills::month.eq(month.first_day()));
    Ok(diesel::select(exists(of_month)).get_result(db.conn())?)
}

/// Rows of a run, those of a filter, whatever its text. A macro, because the type of rows cannot be written down.
macro_rules! narrowed {
    ($rows:expr, $run:expr, $filter:expr) => {{
        let mut rows = $rows.filter(bill_run_customers::run_id.eq($run)).into_boxed::<Mysql>();
        if let Some(outcome) = $filter.outcome {
            rows = rows.filter(bill_run_customers::outcome.eq(outcome));
        }
        if $filter.look_at {
            rows = rows.filter(bill_run_customers::risk.gt(0));
        }
        if $filter.left_out {
            rows = rows
                .filter(bill_run_customers::outcome.eq(Outcome::Billed))
                .filter(bill_run_customers::bill_id.is_null())
                .filter(bill_run_customers::said.is_not_null());
        }
        rows
    }};
}

/// The customers of a run, joined with what they are called. A macro, because its type cannot be written down.
macro_rules! planned {
    ($run:expr, $filter:expr) => {{
        let filter: &PlannedFilter = $filter;
        let mut rows = narrowed!(bill_run_customers::table.inner_join(customers::table), $run, filter);
        if let Some(text) = filter.text() {
            let (begins, contains) = (like::beginning(text), like::containing(text));
            rows =
                rows.filter(customers::company_code.like(begins).or(customers::company_name.like(contains)));
        }
        rows
    }};
}

/// The columns of a planned customer with its code and name.
type Listed = (PlannedCustomer, String, String);

fn row((planned, company_code, company_name): Listed) -> PlannedRow {
    PlannedRow { planned, company_code, company_name }
}

/// A page of the customers of a run.
pub fn customers(
    db: &mut Db,
    run: BillRunId,
    filter: &PlannedFilter,
    sort: PlannedSort,
    page: PageRequest,
) -> Result<Listing<PlannedRow>> {
    // Who is not asked for by name is counted without names.
    let total: i64 = match filter.text() {
        Some(_) => planned!(run, filter).select(count_star()).first(db.conn())?,
        None => narrowed!(bill_run_customers::table, run, filter).select(count_star()).first(db.conn())?,
    };
    let page = page.within(total);
    let rows = planned!(run, filter);
    // One direction throughout, so that an index has the order.
    let last = bill_run_customers::position.desc();
    let rows = match sort {
        PlannedSort::Moved => rows.order((bill_run_customers::moved_amount.desc(), last)),
        PlannedSort::Total => rows.order((bill_run_customers::total_amount.desc(), last)),
        PlannedSort::Risk => rows.order((bill_run_customers::risk.desc(), last)),
        PlannedSort::Code => rows.order(bill_run_customers::position),
    };
    let rows: Vec<Listed> = rows
        .limit(page.per_page)
        .offset(page.offset())
        .select((PlannedCustomer::as_select(), customers::company_code, customers::company_name))
        .load(db.conn())?;
    Ok(Listing { rows: rows.into_iter().map(row).collect(), total, page })
}

/// Customers of a run behind a place, in the order of their codes: for exports, a block after the other.
pub fn customers_after(
    db: &mut Db,
    run: BillRunId,
    filter: &PlannedFilter,
    after: u32,
    most: i64,
) -> Result<Vec<PlannedRow>> {
    let rows: Vec<Listed> = planned!(run, filter)
        .filter(bill_run_customers::position.gt(after))
        .order(bill_run_customers::position)
        .limit(most)
        .select((PlannedCustomer::as_select(), customers::company_code, customers::company_name))
        .load(db.conn())?;
    Ok(rows.into_iter().map(row).collect())
}

/// What a run makes of the customer at a place.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn customer(db: &mut Db, run: BillRunId, position: u32) -> Result<PlannedRow> {
    let found: Option<Listed> = planned!(run, &PlannedFilter::default())
        .filter(bill_run_customers::position.eq(position))
        .select((PlannedCustomer::as_select(), customers::company_code, customers::company_name))
        .first(db.conn())
        .optional()?;
    found.map(row).ok_or(Error::NotFound)
}

/// What a run makes of a customer; none where it does not cover it.
pub fn of_customer(db: &mut Db, run: BillRunId, customer: CustomerId) -> Result<Option<PlannedCustomer>> {
    Ok(bill_run_customers::table
        .filter(bill_run_customers::customer_id.eq(customer))
        .filter(bill_run_customers::run_id.eq(run))
        .select(PlannedCustomer::as_select())
        .first(db.conn())
        .optional()?)
}

/// The lines that a run would write for the customer at a place. They are gone once it is committed or given up.
pub fn lines(db: &mut Db, run: BillRunId, position: u32) -> Result<Vec<PlannedLine>> {
    Ok(bill_run_lines::table
        .filter(bill_run_lines::run_id.eq(run))
        .filter(bill_run_lines::customer_position.eq(position))
        .order(bill_run_lines::position)
        .select(PlannedLine::as_select())
        .load(db.conn())?)
}

/// How many customers of a run have each outcome, and how many somebody should look at.
pub(super) fn counts(db: &mut Db, run: BillRunId) -> Result<(BTreeMap<Outcome, u32>, u32)> {
    let of_run = bill_run_customers::table.filter(bill_run_customers::run_id.eq(run));
    let rows: Vec<(Outcome, i64)> = of_run
        .group_by(bill_run_customers::outcome)
        .select((bill_run_customers::outcome, count_star()))
        .load(db.conn())?;
    let look_at: i64 = of_run.filter(bill_run_customers::risk.gt(0)).count().get_result(db.conn())?;
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok((rows.into_iter().map(|(outcome, count)| (outcome, number(count))).collect(), number(look_at)))
}

/// Sums of a currency as they are read: bills, total, previous, change, usage, price, customer, manual.
type Summed = (
    Currency,
    Option<Decimal>,
    Option<Decimal>,
    Option<Decimal>,
    Option<Decimal>,
    Option<Decimal>,
    Option<Decimal>,
    Option<Decimal>,
);

/// The sums of a run by currency.
pub(super) fn sums(db: &mut Db, run: BillRunId) -> Result<Vec<Totals>> {
    let of_run = bill_run_customers::table.filter(bill_run_customers::run_id.eq(run));
    let bills: BTreeMap<Currency, i64> = of_run
        .filter(bill_run_customers::outcome.eq(Outcome::Billed))
        .group_by(bill_run_customers::currency)
        .select((bill_run_customers::currency, count_star()))
        .load::<(Currency, i64)>(db.conn())?
        .into_iter()
        .collect();
    let rows: Vec<Summed> = of_run
        .group_by(bill_run_customers::currency)
        .order(bill_run_customers::currency)
        .select((
            bill_run_customers::currency,
            sum(bill_run_customers::total_amount),
            sum(bill_run_customers::previous_amount),
            sum(bill_run_customers::change_amount),
            sum(bill_run_customers::usage_change_amount),
            sum(bill_run_customers::price_change_amount),
            sum(bill_run_customers::customer_change_amount),
            sum(bill_run_customers::manual_change_amount),
        ))
        .load(db.conn())?;
    let money = |sum: Option<Decimal>| Money(sum.unwrap_or_default());
    let totals = rows.into_iter().map(|row| Totals {
        currency: row.0,
        bills: bills.get(&row.0).and_then(|count| u32::try_from(*count).ok()).unwrap_or_default(),
        total: money(row.1),
        previous: money(row.2),
        change: money(row.3),
        usage: money(row.4),
        price: money(row.5),
        customer: money(row.6),
        manual: money(row.7),
    });
    // A currency that nobody is billed in, and was not, only says that there are customers.
    Ok(totals.filter(|sum| sum.bills > 0 || sum.previous != Money::ZERO).collect())
}

/// A planned customer as it is held against what it is now: its place, the customer, and the digests.
pub(super) type Digest = (u32, CustomerId, String, Option<String>);

/// The digests of the customers of a run behind a place, in the order of places.
pub(super) fn digests(db: &mut Db, run: BillRunId, after: u32, most: i64) -> Result<Vec<Digest>> {
    Ok(bill_run_customers::table
        .filter(bill_run_customers::run_id.eq(run))
        .filter(bill_run_customers::position.gt(after))
        .order(bill_run_customers::position)
        .limit(most)
        .select((
            bill_run_customers::position,
            bill_run_customers::customer_id,
            bill_run_customers::inputs_hash,
            bill_run_customers::inputs_parts,
        ))
        .load(db.conn())?)
}

/// The digests of these customers in a run, by customer.
pub(super) fn digests_of(
    db: &mut Db,
    run: BillRunId,
    customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, (String, Option<String>)>> {
    let mut found = BTreeMap::new();
    for some in customers.chunks(super::inputs::queries::AT_ONCE) {
        let rows: Vec<(CustomerId, String, Option<String>)> = bill_run_customers::table
            .filter(bill_run_customers::run_id.eq(run))
            .filter(bill_run_customers::customer_id.eq_any(some))
            .select((
                bill_run_customers::customer_id,
                bill_run_customers::inputs_hash,
                bill_run_customers::inputs_parts,
            ))
            .load(db.conn())?;
        found.extend(rows.into_iter().map(|(customer, hash, parts)| (customer, (hash, parts))));
    }
    Ok(found)
}

/// The customers of a run that are gone from the directory, by place, the first ones, with their codes.
pub(super) fn gone(db: &mut Db, run: BillRunId, most: i64) -> Result<Vec<(CustomerId, String)>> {
    Ok(bill_run_customers::table
        .inner_join(customers::table)
        .filter(bill_run_customers::run_id.eq(run))
        .filter(customers::deleted_at.is_not_null())
        .order(bill_run_customers::position)
        .limit(most)
        .select((customers::id, customers::company_code))
        .load(db.conn())?)
}

/// The customers of a run that are to be written and are not yet, behind a place: their digests, in the order of places.
pub(super) fn to_write(db: &mut Db, run: BillRunId, after: u32, most: i64) -> Result<Vec<Digest>> {
    Ok(bill_run_customers::table
        .filter(bill_run_customers::run_id.eq(run))
        .filter(bill_run_customers::position.gt(after))
        .filter(bill_run_customers::outcome.eq(Outcome::Billed))
        .filter(bill_run_customers::bill_id.is_null())
        .filter(bill_run_customers::said.is_null())
        .order(bill_run_customers::position)
        .limit(most)
        .select((
            bill_run_customers::position,
            bill_run_customers::customer_id,
            bill_run_customers::inputs_hash,
            bill_run_customers::inputs_parts,
        ))
        .load(db.conn())?)
}

/// How many bills a run has written, and how many it has left out.
pub(super) fn count_written(db: &mut Db, run: BillRunId) -> Result<(u32, u32)> {
    let billed = bill_run_customers::table
        .filter(bill_run_customers::run_id.eq(run))
        .filter(bill_run_customers::outcome.eq(Outcome::Billed));
    let written: i64 =
        billed.filter(bill_run_customers::bill_id.is_not_null()).count().get_result(db.conn())?;
    let left_out: i64 = billed
        .filter(bill_run_customers::bill_id.is_null())
        .filter(bill_run_customers::said.is_not_null())
        .count()
        .get_result(db.conn())?;
    Ok((u32::try_from(written).unwrap_or(u32::MAX), u32::try_from(left_out).unwrap_or(u32::MAX)))
}

/// Whether a run has written a bill.
pub(super) fn has_written(db: &mut Db, run: BillRunId) -> Result<bool> {
    let of_run = bills::table.filter(bills::run_id.eq(run));
    Ok(diesel::select(exists(of_run)).get_result(db.conn())?)
}

/// The last place in a run that has lines behind `after`, so many places on at most; none when all lines are gone.
pub(super) fn last_with_lines(db: &mut Db, run: BillRunId, most: u32) -> Result<Option<u32>> {
    let first: Option<u32> = bill_run_lines::table
        .filter(bill_run_lines::run_id.eq(run))
        .select(diesel::dsl::min(bill_run_lines::customer_position))
        .first(db.conn())?;
    Ok(first.map(|first| first.saturating_add(most)))
}
