//! Reading what late lines are worked out from, whoever asks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Smallint, Unsigned};

use crate::billing::bills;
use crate::billing::bills::model::{Bill, BillLine};
use crate::billing::runs::model::{Outcome, RunState};
use crate::db::Db;
use crate::pricing::explanation::Billed;
use crate::pricing::faults::Faults;
use crate::pricing::month::{OverageKey, Timeline};
use crate::pricing::price_plans;
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::rating::LineKind;
use crate::schema::{bill_run_customers, bill_runs, bills as bills_table};
use crate::types::ids::{BillId, CustomerId, LateUsageId};
use crate::types::{BillingMonth, Money, Result};
use crate::usage;
use crate::usage::late::model::LateUsage;

use super::model::{Late, LateMonth};
use super::rules;

/// What came late of these customers, as far as their bills of `month` are concerned: for those who have any. Or why it cannot
/// be told what it comes to.
pub fn late(
    db: &mut Db,
    month: BillingMonth,
    customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, Result<Late, Faults>>> {
    let all = usage::late::queries::of_customers(db, customers, month)?;
    if all.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<CustomerId> = all.keys().copied().collect();
    let timelines = price_plans::queries::timelines(db, &ids)?;
    let mut bills = live(db, &ids)?;
    let empty = months_without_bill(db, &ids)?;
    let none = Timeline::default();
    let mut found = BTreeMap::new();
    for (id, usages) in all {
        let timeline = timelines.get(&id).unwrap_or(&none);
        let of_customer = bills.remove(&id).unwrap_or_default();
        found.insert(id, of_customer_late(db, timeline, &of_customer, &usages, &empty)?);
    }
    Ok(found)
}

/// Bills with their lines.
type WithLines = Vec<(Bill, Vec<BillLine>)>;

/// The bills of these customers that count, with their lines.
fn live(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, WithLines>> {
    let found: Vec<Bill> = bills_table::table
        .filter(bills_table::customer_id.eq_any(ids))
        .filter(bills_table::live_month.is_not_null())
        .order(bills_table::id)
        .select(Bill::as_select())
        .load(db.conn())?;
    let keys: Vec<BillId> = found.iter().map(|bill| bill.id).collect();
    let mut lines = bills::queries::lines_of(db, &keys)?;
    let mut bills: BTreeMap<CustomerId, WithLines> = BTreeMap::new();
    for bill in found {
        let lines = lines.remove(&bill.id).unwrap_or_default();
        bills.entry(bill.customer_id).or_default().push((bill, lines));
    }
    Ok(bills)
}

/// The months of these customers that came to nothing when they were billed last.
fn months_without_bill(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeSet<(CustomerId, BillingMonth)>> {
    let rows: Vec<(CustomerId, NaiveDate, Outcome)> = bill_run_customers::table
        .inner_join(bill_runs::table)
        .filter(bill_run_customers::customer_id.eq_any(ids))
        .filter(bill_runs::state.eq(RunState::Committed))
        .order((bill_run_customers::customer_id, bill_run_customers::run_id))
        .select((bill_run_customers::customer_id, bill_runs::month, bill_run_customers::outcome))
        .load(db.conn())?;
    let mut last: BTreeMap<(CustomerId, BillingMonth), Outcome> = BTreeMap::new();
    for (id, month, outcome) in rows {
        last.insert((id, BillingMonth::of(month)), outcome);
    }
    Ok(last.into_iter().filter(|(_, outcome)| *outcome == Outcome::Zero).map(|(key, _)| key).collect())
}

fn of_customer_late(
    db: &mut Db,
    timeline: &Timeline,
    bills: &[(Bill, Vec<BillLine>)],
    usages: &[LateUsage],
    empty: &BTreeSet<(CustomerId, BillingMonth)>,
) -> Result<Result<Late, Faults>> {
    let Some(id) = usages.first().map(|usage| usage.customer_id) else { return Ok(Ok(Late::default())) };
    let months: BTreeSet<BillingMonth> = usages.iter().map(LateUsage::month).collect();
    let (Some(first), Some(last)) = (months.first(), months.last()) else { return Ok(Ok(Late::default())) };
    let from = months.iter().map(|month| timeline.usage_from(*month)).min().unwrap_or(first.first_day());
    let usage = usage::past::queries::by_day(db, id, from, last.last_day())?;
    let of_month = |month: &BillingMonth| {
        let found = of_month(*month, bills, usages);
        LateMonth { is_settled: found.is_settled || empty.contains(&(id, *month)), ..found }
    };
    let months: Vec<LateMonth> = months.iter().map(of_month).collect();
    let overage = overage_lines(bills);
    let before = |key: &OverageKey, month: BillingMonth| {
        let earlier = overage.iter().filter(|(known, of, _)| known == key && *of < month);
        Money(earlier.map(|(_, _, amount)| amount.0).sum())
    };
    Ok(rules::late(timeline, &months, &usage, &before))
}

/// What came late of a month, and what was billed of it so far.
fn of_month(month: BillingMonth, bills: &[(Bill, Vec<BillLine>)], usages: &[LateUsage]) -> LateMonth {
    let live: BTreeSet<BillId> = bills.iter().map(|(bill, _)| bill.id).collect();
    let original = bills.iter().find(|(bill, _)| bill.month() == month).map(|(bill, _)| bill.id);
    let mut billed = Vec::new();
    for (bill, lines) in bills {
        let counts = |line: &&BillLine| match line.kind {
            LineKind::Manual => false,
            LineKind::Late => line.late_month == Some(month.first_day()),
            _ => bill.month() == month,
        };
        billed.extend(lines.iter().filter(counts).map(|line| Billed {
            bill: bill.number.clone(),
            position: line.position,
            amount: line.amount.into(),
        }));
    }
    let of_month = || usages.iter().filter(|usage| usage.month() == month);
    let is_settled = |usage: &&LateUsage| usage.bill_id.is_some_and(|bill| live.contains(&bill));
    let mut overage: BTreeMap<OverageKey, Money> = BTreeMap::new();
    for (key, _, amount) in overage_lines(bills).into_iter().filter(|(_, of, _)| *of == month) {
        overage.entry(key).or_default().0 += amount.0;
    }
    LateMonth {
        month,
        original,
        is_settled: original.is_some(),
        billed,
        overage,
        settled: of_month().filter(is_settled).map(LateUsage::day).collect(),
        waiting: of_month().filter(|usage| !is_settled(usage)).map(LateUsage::day).collect(),
        ids: of_month().filter(|usage| !is_settled(usage)).map(|usage| usage.id).collect(),
    }
}

/// The overage lines of bills: what they count by, the month of the bill, and the amount.
fn overage_lines(bills: &[(Bill, Vec<BillLine>)]) -> Vec<(OverageKey, BillingMonth, Money)> {
    let of_bill = |(bill, lines): &(Bill, Vec<BillLine>)| {
        let month = bill.month();
        let key = move |line: &BillLine| {
            let charge = ChargeKey {
                meter: line.meter_id?,
                device_series: line.device_series.clone(),
                layer: line.layer.clone(),
            };
            let key = OverageKey { version: line.price_version_id?, charge, year_from: line.year_from? };
            Some((key, month, Money(line.amount)))
        };
        lines.iter().filter(|line| line.kind == LineKind::Overage).filter_map(key).collect::<Vec<_>>()
    };
    bills.iter().flat_map(of_bill).collect()
}

/// The late usage that waits, and the lines of these bills that it is on from now on: bill, place, late usage.
pub fn taken_by(db: &mut Db, bills: &[BillId]) -> Result<Vec<(BillId, u16, LateUsageId)>> {
    let mut found = Vec::new();
    for some in bills.chunks(CHUNK) {
        let ids: Vec<String> = some.iter().map(BillId::to_string).collect();
        let text = TAKEN.replace("{bills}", &ids.join(","));
        let rows: Vec<Taken> = diesel::sql_query(text).load(db.conn())?;
        found.extend(rows.into_iter().map(|row| (BillId(row.bill), row.position, LateUsageId(row.usage))));
    }
    Ok(found)
}

/// How many bills one query names.
const CHUNK: usize = 1_000;

const TAKEN: &str = "SELECT bill_lines.bill_id AS bill, bill_lines.position AS position, late_usages.id AS usage_id \
    FROM bill_lines \
    JOIN bills ON bills.id = bill_lines.bill_id \
    JOIN late_usages ON late_usages.customer_id = bills.customer_id AND late_usages.month = bill_lines.late_month \
    LEFT JOIN bills AS earlier ON earlier.id = late_usages.bill_id \
    WHERE bill_lines.bill_id IN ({bills}) AND bill_lines.kind = 'late' \
      AND (earlier.id IS NULL OR earlier.voided_at IS NOT NULL OR earlier.credited_at IS NOT NULL) \
    ORDER BY bill_lines.bill_id, bill_lines.position, late_usages.id";

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Unsigned<BigInt>)]
    bill: u64,
    #[diesel(sql_type = Unsigned<Smallint>)]
    position: u16,
    #[diesel(sql_type = Unsigned<BigInt>, column_name = usage_id)]
    usage: u64,
}
