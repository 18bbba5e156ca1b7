//! Reading months: how far they are, what their bills come to, what of them is open.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Decimal as SqlDecimal, Nullable, Text, Unsigned};
use rust_decimal::Decimal;

use crate::billing::bills::model::DocumentState;
use crate::db::{Db, Tx, remembered};
use crate::schema::{
    bill_runs, billed_months, bills, closed_months, credit_notes, month_reopenings, month_signatures,
};
use crate::types::ids::{CreditNoteId, UserId};
use crate::types::time::business_day;
use crate::types::{BillingMonth, Currency, Error, Money, Result};

use super::model::{Item, MonthRow, MonthState, MonthTotal, Reopening, ReopeningState, Signature, Totals};

/// All months that something happened to, and the one before this; the latest first.
pub fn months(db: &mut Db) -> Result<Vec<BillingMonth>> {
    let mut found: BTreeSet<NaiveDate> = bill_runs::table
        .select(bill_runs::month)
        .distinct()
        .load::<NaiveDate>(db.conn())?
        .into_iter()
        .collect();
    found.extend(billed_months::table.select(billed_months::month).load::<NaiveDate>(db.conn())?);
    found.extend(closed_months::table.select(closed_months::month).load::<NaiveDate>(db.conn())?);
    found.insert(BillingMonth::of(business_day(db.now())).previous().first_day());
    Ok(found.into_iter().rev().map(BillingMonth::of).collect())
}

/// These months as the list shows them, in their order.
pub fn rows(db: &mut Db, months: &[BillingMonth]) -> Result<Vec<MonthRow>> {
    type Since = BTreeMap<NaiveDate, (NaiveDateTime, Option<UserId>)>;
    let (Some(last), Some(first)) = (months.iter().max(), months.iter().min()) else { return Ok(Vec::new()) };
    let (first, last) = (first.first_day(), last.first_day());
    let in_pairs = |rows: Vec<(NaiveDate, Option<UserId>, NaiveDateTime)>| -> Since {
        rows.into_iter().map(|(month, by, at)| (month, (at, by))).collect()
    };
    let billed = billed_months::table.filter(billed_months::month.between(first, last)).select((
        billed_months::month,
        billed_months::billed_by,
        billed_months::billed_at,
    ));
    let billed = in_pairs(billed.load(db.conn())?);
    let closed = closed_months::table.filter(closed_months::month.between(first, last)).select((
        closed_months::month,
        closed_months::closed_by,
        closed_months::closed_at,
    ));
    let closed = in_pairs(closed.load(db.conn())?);
    let asked: BTreeSet<NaiveDate> = month_reopenings::table
        .filter(month_reopenings::open_month.between(first, last))
        .select(month_reopenings::month)
        .load::<NaiveDate>(db.conn())?
        .into_iter()
        .collect();
    let mut totals = totals(db, first, last)?;
    let row = |month: &BillingMonth| {
        let day = month.first_day();
        let (state, since) = match (closed.get(&day), billed.get(&day)) {
            (Some(since), _) => (MonthState::Closed, Some(*since)),
            (None, Some(since)) => (MonthState::Billed, Some(*since)),
            (None, None) => (MonthState::Open, None),
        };
        MonthRow {
            month: *month,
            state,
            since,
            is_reopening_asked: asked.contains(&day),
            totals: totals.remove(month).unwrap_or_default(),
        }
    };
    Ok(months.iter().map(row).collect())
}

/// One month.
pub fn row(db: &mut Db, month: BillingMonth) -> Result<MonthRow> {
    rows(db, &[month])?.pop().ok_or(Error::NotFound)
}

#[derive(QueryableByName)]
struct Summed {
    #[diesel(sql_type = Date)]
    month: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    bills: i64,
    #[diesel(sql_type = Nullable<SqlDecimal>)]
    total: Option<Decimal>,
    #[diesel(sql_type = Nullable<SqlDecimal>)]
    balance: Option<Decimal>,
}

/// What the live bills of months come to, remembered until something is written. It is read from an index alone.
fn totals(db: &mut Db, first: NaiveDate, last: NaiveDate) -> Result<Totals> {
    let found = remembered(db, format!("billing.totals {first} {last}"), |db| {
        let rows: Vec<Summed> = diesel::sql_query(
            "SELECT live_month AS month, currency, COUNT(*) AS bills, SUM(total_amount) AS total, \
             SUM(balance_amount) AS balance FROM bills FORCE INDEX (bills_live_month) \
             WHERE live_month BETWEEN ? AND ? GROUP BY live_month, currency ORDER BY live_month, currency",
        )
        .bind::<Date, _>(first)
        .bind::<Date, _>(last)
        .load(db.conn())?;
        let mut totals = Totals::new();
        for row in rows {
            totals.entry(BillingMonth::of(row.month)).or_default().push(MonthTotal {
                currency: row.currency,
                bills: row.bills,
                total: Money(row.total.unwrap_or_default()),
                balance: Money(row.balance.unwrap_or_default()),
            });
        }
        Ok(totals)
    })?;
    Ok((*found).clone())
}

/// A customer that a committed run left without a bill, and why.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Unbilled {
    /// The customer.
    #[diesel(sql_type = Unsigned<BigInt>)]
    pub customer_id: u64,
    /// The customer's code.
    #[diesel(sql_type = Text)]
    pub company_code: String,
    /// The reason, as a code.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
}

/// The customers of a month that could not be billed: failed in the last run that was committed for them, or left out when
/// it was; at most `most`.
pub fn unbilled(db: &mut Db, month: BillingMonth, most: i64) -> Result<Vec<Unbilled>> {
    let rows = diesel::sql_query(
        "SELECT c.customer_id AS customer_id, k.company_code AS company_code, c.reason AS reason \
         FROM bill_runs r JOIN bill_run_customers c ON c.run_id = r.id JOIN customers k ON k.id = c.customer_id \
         WHERE r.month = ? AND r.state = 'committed' \
         AND (c.outcome = 'failed' OR (r.left_out > 0 AND c.outcome = 'billed' AND c.bill_id IS NULL)) \
         AND NOT EXISTS (SELECT 1 FROM bill_run_customers later JOIN bill_runs s ON s.id = later.run_id \
         WHERE later.customer_id = c.customer_id AND later.run_id > r.id AND s.month = r.month \
         AND s.state = 'committed') ORDER BY company_code, customer_id LIMIT ?",
    );
    Ok(rows.bind::<Date, _>(month.first_day()).bind::<BigInt, _>(most).load(db.conn())?)
}

/// How many bills of a month are in a state, and the sum of their ids, which tells them from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InState {
    /// The state.
    pub state: DocumentState,
    /// How many.
    pub count: i64,
    /// The sum of their ids.
    pub ids: Decimal,
}

#[derive(QueryableByName)]
struct Unsent {
    #[diesel(sql_type = Text)]
    state: DocumentState,
    #[diesel(sql_type = BigInt)]
    found: i64,
    #[diesel(sql_type = Nullable<SqlDecimal>)]
    ids: Option<Decimal>,
}

/// The bills of a month that are neither sent nor void, by state.
pub fn unsent(db: &mut Db, month: BillingMonth) -> Result<Vec<InState>> {
    let rows: Vec<Unsent> = diesel::sql_query(
        "SELECT document_state AS state, COUNT(*) AS found, SUM(id) AS ids FROM bills \
         WHERE document_state IN ('draft', 'pending_review', 'approved') AND month = ? \
         GROUP BY document_state ORDER BY document_state",
    )
    .bind::<Date, _>(month.first_day())
    .load(db.conn())?;
    let state =
        |row: Unsent| InState { state: row.state, count: row.found, ids: row.ids.unwrap_or_default() };
    Ok(rows.into_iter().map(state).collect())
}

/// The numbers of the bills of a month that a dispute is open about.
pub fn disputed(db: &mut Db, month: BillingMonth) -> Result<Vec<String>> {
    Ok(bills::table
        .filter(bills::month.eq(month.first_day()))
        .filter(bills::open_disputes.gt(0))
        .order(bills::number)
        .select(bills::number)
        .load(db.conn())?)
}

/// The credit notes of the bills of a month that wait for approval, each with the number of its bill.
pub fn asked_credit_notes(db: &mut Db, month: BillingMonth) -> Result<Vec<(CreditNoteId, String)>> {
    Ok(credit_notes::table
        .inner_join(bills::table)
        .filter(credit_notes::state.eq("asked"))
        .filter(bills::month.eq(month.first_day()))
        .order(credit_notes::id)
        .select((credit_notes::id, bills::number))
        .load(db.conn())?)
}

/// The signatures of a month.
pub fn signatures(db: &mut Db, month: BillingMonth) -> Result<BTreeMap<(Item, String), Signature>> {
    let rows: Vec<Signature> = month_signatures::table
        .filter(month_signatures::month.eq(month.first_day()))
        .select(Signature::as_select())
        .load(db.conn())?;
    Ok(rows.into_iter().map(|row| ((row.item, row.digest.clone()), row)).collect())
}

/// The requests to open a month again, the latest first.
pub fn reopenings(db: &mut Db, month: BillingMonth) -> Result<Vec<Reopening>> {
    Ok(month_reopenings::table
        .filter(month_reopenings::month.eq(month.first_day()))
        .order(month_reopenings::id.desc())
        .select(Reopening::as_select())
        .load(db.conn())?)
}

/// The open request of a month, locked until the transaction ends.
pub fn lock_asked(tx: &mut Tx, month: BillingMonth) -> Result<Option<Reopening>> {
    Ok(month_reopenings::table
        .filter(month_reopenings::open_month.eq(month.first_day()))
        .filter(month_reopenings::state.eq(ReopeningState::Asked))
        .select(Reopening::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}
