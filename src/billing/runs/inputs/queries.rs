//! Reading the inputs of many customers with few statements: the server sums what was used, so that no record travels.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::{max, min, sum};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Decimal as Numeric, Text, Unsigned};
use rust_decimal::Decimal;

use crate::billing::runs::late;
use crate::billing::runs::model::{Outcome, Scope};
use crate::billing::runs::rating::closing;
use crate::customers::directory::model::AccountType;
use crate::customers::status::model::Status;
use crate::db::Db;
use crate::pricing::month::{DayUsage, OverageKey, Timeline};
use crate::pricing::price_plans;
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::rating::LineKind;
use crate::schema::{bill_lines, bill_run_customers, bills, customer_details, customers};
use crate::types::ids::{BillId, BillRunId, CustomerId, MeterId, PriceVersionId};
use crate::types::{BillingMonth, Currency, Money, Result};

use super::model::{Head, Inputs, PastBill, PastBills};

/// How many customers one query names. From a thousand on `MariaDB` makes a table of them instead of reading the index.
pub const AT_ONCE: usize = 500;

/// How many months before the one in question a bill is held against.
const MONTHS: u32 = 3;

/// The live customers as far as their bills depend on them. A macro, because its type cannot be written down.
macro_rules! live_heads {
    () => {
        customers::table
            .inner_join(customer_details::table)
            .filter(customers::live_code.is_not_null())
            .select((
                customers::id,
                customers::company_code,
                customers::account_type,
                customers::billable,
                customers::status,
                customer_details::currency,
                customer_details::payment_term_days,
            ))
    };
}

/// A customer as it is read.
type HeadRow = (CustomerId, String, AccountType, bool, Status, Currency, u32);

fn head(row: HeadRow) -> Head {
    let (id, company_code, account_type, billable, status, currency, payment_term_days) = row;
    Head { id, company_code, account_type, billable, status, currency, payment_term_days }
}

/// The customers that a run covers whose codes come behind `after`, in the order of their codes.
pub fn heads(db: &mut Db, scope: &Scope, after: &str, most: usize) -> Result<Vec<Head>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut live = live_heads!().filter(customers::live_code.gt(after)).into_boxed::<Mysql>();
    match scope {
        Scope::All => {}
        Scope::Customers(ids) => live = live.filter(customers::id.eq_any(ids)),
        Scope::FailedOf(run) => live = live.filter(customers::id.eq_any(failed_of(db, *run, after, most)?)),
    }
    let rows: Vec<HeadRow> = live.order(customers::live_code).limit(most).load(db.conn())?;
    Ok(rows.into_iter().map(head).collect())
}

/// The customers that a run could not bill, or left out, whose codes come behind `after`, the first ones.
fn failed_of(db: &mut Db, run: BillRunId, after: &str, most: i64) -> Result<Vec<CustomerId>> {
    let left_out = bill_run_customers::outcome
        .eq(Outcome::Billed)
        .and(bill_run_customers::bill_id.is_null())
        .and(bill_run_customers::said.is_not_null());
    Ok(bill_run_customers::table
        .inner_join(customers::table)
        .filter(bill_run_customers::run_id.eq(run))
        .filter(bill_run_customers::outcome.eq(Outcome::Failed).or(left_out))
        .filter(customers::live_code.gt(after))
        .order(customers::live_code)
        .limit(most)
        .select(bill_run_customers::customer_id)
        .load(db.conn())?)
}

/// Those of these customers that are still in the directory, in no order.
pub fn heads_of(db: &mut Db, ids: &[CustomerId]) -> Result<Vec<Head>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let rows: Vec<HeadRow> = live_heads!().filter(customers::id.eq_any(some)).load(db.conn())?;
        found.extend(rows.into_iter().map(head));
    }
    Ok(found)
}

/// How many customers the directory has.
pub fn count_live(db: &mut Db) -> Result<u64> {
    let live = customers::table.filter(customers::live_code.is_not_null());
    let count: i64 = live.count().get_result(db.conn())?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Everything that the bills of these customers follow from, in their order.
pub fn load(db: &mut Db, month: BillingMonth, heads: Vec<Head>) -> Result<Vec<Inputs>> {
    load_all(db, month, heads, used)
}

/// The same without what was used: for a month that takes no more usage.
pub fn load_without_usage(db: &mut Db, month: BillingMonth, heads: Vec<Head>) -> Result<Vec<Inputs>> {
    load_all(db, month, heads, |_, _, _| Ok(BTreeMap::new()))
}

/// Reads what customers used.
type ReadUsed = fn(&mut Db, BillingMonth, &[Read]) -> Result<BTreeMap<CustomerId, Used>>;

fn load_all(db: &mut Db, month: BillingMonth, heads: Vec<Head>, used: ReadUsed) -> Result<Vec<Inputs>> {
    let mut all = Vec::with_capacity(heads.len());
    let mut heads = heads.into_iter().peekable();
    while heads.peek().is_some() {
        let some: Vec<Head> = heads.by_ref().take(AT_ONCE).collect();
        all.extend(load_some(db, month, some, used)?);
    }
    Ok(all)
}

fn load_some(db: &mut Db, month: BillingMonth, heads: Vec<Head>, used: ReadUsed) -> Result<Vec<Inputs>> {
    let ids: Vec<CustomerId> = heads.iter().map(|head| head.id).collect();
    // What is not billed needs no prices.
    let billable = heads.iter().filter(|head| head.exclusion().is_none());
    let billable: Vec<CustomerId> = billable.map(|head| head.id).collect();
    let mut timelines = price_plans::queries::timelines(db, &billable)?;
    let reads: Vec<Read> = ids
        .iter()
        .map(|id| {
            timelines.get(id).map_or_else(|| Read::coarse(*id), |timeline| Read::of(*id, timeline, month))
        })
        .collect();
    let mut used = used(db, month, &reads)?;
    let mut overage = overage(db, month, &reads)?;
    let mut late = late::lines(db, month, &billable)?;
    let mut bills = past_bills(db, month, &ids)?;
    let inputs = heads.into_iter().map(|head| {
        let id = head.id;
        let Used { days, quantity, records } = used.remove(&id).unwrap_or_default();
        Inputs {
            head,
            timeline: timelines.remove(&id).unwrap_or_default(),
            usage: days,
            usage_quantity: quantity,
            usage_records: records,
            overage: overage.remove(&id).unwrap_or_default(),
            late: late.remove(&id).unwrap_or_default(),
            bills: bills.remove(&id).unwrap_or_default(),
        }
    });
    Ok(inputs.collect())
}

/// How finely the usage of a customer has to be read.
struct Read {
    customer: CustomerId,
    by_day: bool,
    past_from: Option<NaiveDate>,
}

impl Read {
    fn coarse(customer: CustomerId) -> Read {
        Read { customer, by_day: false, past_from: None }
    }

    /// By day where a version or a contract year changes within the month, and from the first day of a contract year with
    /// a limit on. Under the prices that closed last month, too: the change since then is worked out by them.
    fn of(customer: CustomerId, timeline: &Timeline, month: BillingMonth) -> Read {
        let before = closing(timeline, month);
        let all = || std::iter::once(timeline).chain(before.as_ref());
        let by_day = all().any(|timeline| !is_of_one_piece(timeline, month));
        let first = month.first_day();
        let past_from = all().map(|timeline| timeline.usage_from(month)).fold(first, NaiveDate::min);
        Read { customer, by_day, past_from: Some(past_from).filter(|from| *from < first) }
    }
}

/// Whether one version and one contract year have all of the month.
fn is_of_one_piece(timeline: &Timeline, month: BillingMonth) -> bool {
    match timeline.phases(month)[..] {
        [] => true,
        [phase] => phase.from == month.first_day() && phase.years().len() == 1,
        _ => false,
    }
}

/// What a customer used.
#[derive(Default)]
struct Used {
    days: Vec<DayUsage>,
    quantity: Decimal,
    records: u32,
}

#[derive(QueryableByName)]
struct UsedRow {
    #[diesel(sql_type = Unsigned<BigInt>)]
    customer_id: CustomerId,
    #[diesel(sql_type = Date)]
    first_on: NaiveDate,
    #[diesel(sql_type = Unsigned<BigInt>)]
    meter_id: MeterId,
    #[diesel(sql_type = Text)]
    device_series: String,
    #[diesel(sql_type = Text)]
    layer: String,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = BigInt)]
    records: i64,
}

/// What these customers used, as finely as each is read.
fn used(db: &mut Db, month: BillingMonth, reads: &[Read]) -> Result<BTreeMap<CustomerId, Used>> {
    let mut found: BTreeMap<CustomerId, Used> = BTreeMap::new();
    let past: Vec<(CustomerId, NaiveDate)> =
        reads.iter().filter_map(|read| Some((read.customer, read.past_from?))).collect();
    let year_from: BTreeMap<CustomerId, NaiveDate> = past.iter().copied().collect();
    for row in summed(db, &condition_of_years(&past, month), false)? {
        let used_on = year_from.get(&row.customer_id).copied().unwrap_or(row.first_on);
        found.entry(row.customer_id).or_default().days.push(day(row, used_on));
    }
    for by_day in [false, true] {
        let of = reads.iter().filter(|read| read.by_day == by_day).map(|read| read.customer);
        for row in summed(db, &condition_of_month(of, month), by_day)? {
            let used_on = if by_day { row.first_on } else { month.first_day() };
            let used = found.entry(row.customer_id).or_default();
            used.quantity += row.quantity;
            used.records = used.records.saturating_add(u32::try_from(row.records).unwrap_or(u32::MAX));
            used.days.push(day(row, used_on));
        }
    }
    for used in found.values_mut() {
        used.days.sort_by(|one, other| place(one).cmp(&place(other)));
    }
    Ok(found)
}

/// The order of what was used, in which its digest reads it.
fn place(day: &DayUsage) -> (NaiveDate, MeterId, &str, &str) {
    (day.used_on, day.meter, &day.device_series, &day.layer)
}

fn day(row: UsedRow, used_on: NaiveDate) -> DayUsage {
    let UsedRow { meter_id: meter, device_series, layer, quantity, .. } = row;
    DayUsage { used_on, meter, device_series, layer, quantity }
}

/// The condition that lets the month of these customers through; blank for none of them. Ids and days: nothing in it can
/// end a text.
fn condition_of_month(customers: impl Iterator<Item = CustomerId>, month: BillingMonth) -> String {
    let ids: Vec<String> = customers.map(|id| id.to_string()).collect();
    if ids.is_empty() {
        return String::new();
    }
    let (first, last) = (month.first_day(), month.last_day());
    format!("customer_id IN ({}) AND used_on BETWEEN '{first}' AND '{last}'", ids.join(","))
}

/// The condition that lets through what these customers used from a day on and before the month; blank for none of them.
fn condition_of_years(past: &[(CustomerId, NaiveDate)], month: BillingMonth) -> String {
    let first = month.first_day();
    let years = past.iter().map(|(customer, from)| {
        format!("(customer_id = {customer} AND used_on >= '{from}' AND used_on < '{first}')")
    });
    years.collect::<Vec<_>>().join(" OR ")
}

/// Sums of usage by customer, meter, series and layer, and by day if asked for; in no order, which costs the server less.
fn summed(db: &mut Db, condition: &str, by_day: bool) -> Result<Vec<UsedRow>> {
    if condition.is_empty() {
        return Ok(Vec::new());
    }
    let day = if by_day { "used_on, " } else { "" };
    let text = format!(
        "SELECT customer_id, MIN(used_on) AS first_on, meter_id, device_series, layer, SUM(quantity) AS quantity, \
         COUNT(*) AS records FROM usage_records FORCE INDEX (PRIMARY) WHERE {condition} \
         GROUP BY customer_id, {day}meter_id, device_series, layer ORDER BY NULL"
    );
    Ok(diesel::sql_query(text).load(db.conn())?)
}

/// An overage as it is read: the customer, the version, the meter, the series, the layer, the first day of the contract
/// year, the amount.
type OverageRow =
    (CustomerId, Option<PriceVersionId>, Option<MeterId>, String, String, Option<NaiveDate>, Decimal);

/// What live bills of earlier months have of overages of those whose contract year began before the month.
fn overage(
    db: &mut Db,
    month: BillingMonth,
    reads: &[Read],
) -> Result<BTreeMap<CustomerId, BTreeMap<OverageKey, Money>>> {
    let ids: Vec<CustomerId> =
        reads.iter().filter(|read| read.past_from.is_some()).map(|read| read.customer).collect();
    let mut found: BTreeMap<CustomerId, BTreeMap<OverageKey, Money>> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let rows: Vec<OverageRow> = bills::table
        .inner_join(bill_lines::table.on(bill_lines::bill_id.eq(bills::id)))
        .filter(bills::customer_id.eq_any(&ids))
        .filter(bills::live_month.lt(month.first_day()))
        .filter(bill_lines::kind.eq(LineKind::Overage))
        .select((
            bills::customer_id,
            bill_lines::price_version_id,
            bill_lines::meter_id,
            bill_lines::device_series,
            bill_lines::layer,
            bill_lines::year_from,
            bill_lines::amount,
        ))
        .load(db.conn())?;
    for (customer, version, meter, device_series, layer, year_from, amount) in rows {
        let (Some(version), Some(meter), Some(year_from)) = (version, meter, year_from) else { continue };
        let key = OverageKey { version, charge: ChargeKey { meter, device_series, layer }, year_from };
        found.entry(customer).or_default().entry(key).or_default().0 += amount;
    }
    Ok(found)
}

/// The bills of these customers, as far as the next ones depend on them.
fn past_bills(
    db: &mut Db,
    month: BillingMonth,
    ids: &[CustomerId],
) -> Result<BTreeMap<CustomerId, PastBills>> {
    let mut found: BTreeMap<CustomerId, PastBills> = BTreeMap::new();
    let months: Vec<NaiveDate> = (0..=MONTHS).map(|back| month.back(back).first_day()).collect();
    let rows: Vec<(BillId, CustomerId, NaiveDate, Currency, Decimal)> = bills::table
        .filter(bills::customer_id.eq_any(ids))
        .filter(bills::live_month.assume_not_null().eq_any(months))
        .order((bills::customer_id, bills::month.desc()))
        .select((bills::id, bills::customer_id, bills::month, bills::currency, bills::total_amount))
        .load(db.conn())?;
    let last = rows.iter().filter(|row| row.2 == month.previous().first_day()).map(|row| row.0);
    let manual = manual(db, &last.collect::<Vec<_>>())?;
    for (id, customer, of, currency, total) in rows {
        let past = found.entry(customer).or_default();
        if of == month.first_day() {
            past.of_month = Some(id);
            continue;
        }
        let manual = manual.get(&id).copied().unwrap_or_default();
        past.months.push(PastBill { id, month: BillingMonth::of(of), currency, total: Money(total), manual });
    }
    let credited: Vec<(CustomerId, Option<BillId>)> = bills::table
        .filter(bills::customer_id.eq_any(ids))
        .filter(bills::month.eq(month.first_day()))
        .filter(bills::credited_at.is_not_null())
        .group_by(bills::customer_id)
        .select((bills::customer_id, max(bills::id)))
        .load(db.conn())?;
    for (customer, bill) in credited {
        found.entry(customer).or_default().credited = bill;
    }
    let first: Vec<(CustomerId, Option<NaiveDate>)> = bills::table
        .filter(bills::customer_id.eq_any(ids))
        .filter(bills::live_month.lt(month.first_day()))
        .group_by(bills::customer_id)
        .select((bills::customer_id, min(bills::live_month)))
        .load(db.conn())?;
    for (customer, of) in first {
        found.entry(customer).or_default().first = of.map(BillingMonth::of);
    }
    Ok(found)
}

/// How much of these bills was written by hand.
fn manual(db: &mut Db, ids: &[BillId]) -> Result<BTreeMap<BillId, Money>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(BillId, Option<Decimal>)> = bill_lines::table
        .filter(bill_lines::bill_id.eq_any(ids))
        .filter(bill_lines::kind.eq(LineKind::Manual))
        .group_by(bill_lines::bill_id)
        .select((bill_lines::bill_id, sum(bill_lines::amount)))
        .load(db.conn())?;
    Ok(rows.into_iter().map(|(bill, amount)| (bill, Money(amount.unwrap_or_default()))).collect())
}
