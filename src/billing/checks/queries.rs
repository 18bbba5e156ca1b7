//! What the checks of bills ask the database.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Decimal as Amount, Text, Unsigned};
use rust_decimal::Decimal;

use crate::billing::bills;
use crate::billing::bills::model::BillLine;
use crate::db::Db;
use crate::schema::{billed_months, bills as bills_table, customers};
use crate::types::ids::{BillId, CustomerId};
use crate::types::{BillingMonth, Result};

/// A block of ids: those above `after`, up to `until`.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// The id before the block.
    pub after: u64,
    /// Its last id.
    pub until: u64,
}

/// How many bills there are.
pub fn count_bills(db: &mut Db) -> Result<usize> {
    let count: i64 = bills_table::table.select(count_star()).first(db.conn())?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The last id of a bill.
pub fn last_bill(db: &mut Db) -> Result<u64> {
    let last: Option<BillId> = bills_table::table.select(max(bills_table::id)).first(db.conn())?;
    Ok(last.map_or(0, |id| id.0))
}

/// The last id of a customer.
pub fn last_customer(db: &mut Db) -> Result<u64> {
    let last: Option<CustomerId> = customers::table.select(max(customers::id)).first(db.conn())?;
    Ok(last.map_or(0, |id| id.0))
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

fn names(db: &mut Db, text: String) -> Result<Vec<String>> {
    let rows: Vec<Named> = diesel::sql_query(text).load(db.conn())?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

fn in_block(text: &str, block: Block) -> String {
    text.replace("{after}", &block.after.to_string()).replace("{until}", &block.until.to_string())
}

/// The bills of a block whose total is not the sum of their lines.
pub fn wrong_totals(db: &mut Db, block: Block) -> Result<Vec<String>> {
    names(db, in_block(TOTALS, block))
}

const TOTALS: &str = "SELECT CONCAT(bills.number, ': ', bills.total_amount, ' != ', COALESCE(SUM(bill_lines.amount), 0)) AS name \
    FROM bills LEFT JOIN bill_lines ON bill_lines.bill_id = bills.id \
    WHERE bills.id > {after} AND bills.id <= {until} \
    GROUP BY bills.id, bills.number, bills.total_amount \
    HAVING bills.total_amount <> COALESCE(SUM(bill_lines.amount), 0)";

/// The bills of a block whose balance is below zero, or of which more or less was credited than credit notes were issued, or that
/// count although they were taken back as a whole, or the reverse.
pub fn wrong_balances(db: &mut Db, block: Block) -> Result<Vec<String>> {
    names(db, in_block(BALANCES, block))
}

const BALANCES: &str = "SELECT CONCAT(bills.number, ': ', bills.credited_amount, ' != ', COALESCE(SUM(credit_notes.amount), 0), \
        ', ', bills.balance_amount) AS name \
    FROM bills LEFT JOIN credit_notes ON credit_notes.bill_id = bills.id AND credit_notes.state = 'issued' \
    WHERE bills.id > {after} AND bills.id <= {until} \
    GROUP BY bills.id, bills.number, bills.total_amount, bills.credited_amount, bills.settled_amount, \
        bills.written_off_amount, bills.balance_amount, bills.credited_at \
    HAVING bills.credited_amount <> COALESCE(SUM(credit_notes.amount), 0) \
        OR bills.balance_amount < 0 \
        OR bills.balance_amount <> bills.total_amount - COALESCE(SUM(credit_notes.amount), 0) \
            - bills.settled_amount - bills.written_off_amount \
        OR COALESCE(MAX(credit_notes.whole), 0) <> (bills.credited_at IS NOT NULL)";

/// The credit notes that are not the sum of their lines, or that count without a number.
pub fn wrong_credit_notes(db: &mut Db) -> Result<Vec<String>> {
    names(db, CREDIT_NOTES.to_owned())
}

const CREDIT_NOTES: &str = "SELECT CONCAT(COALESCE(credit_notes.number, CONCAT('#', credit_notes.id)), ': ', \
        credit_notes.amount, ' != ', COALESCE(SUM(credit_note_lines.amount), 0)) AS name \
    FROM credit_notes LEFT JOIN credit_note_lines ON credit_note_lines.credit_note_id = credit_notes.id \
    GROUP BY credit_notes.id, credit_notes.number, credit_notes.amount, credit_notes.state \
    HAVING credit_notes.amount <> COALESCE(SUM(credit_note_lines.amount), 0) \
        OR (credit_notes.state = 'issued') <> (credit_notes.number IS NOT NULL)";

/// The bills of a block whose state of settlement is another than their amounts say.
pub fn wrong_settlements(db: &mut Db, block: Block) -> Result<Vec<String>> {
    names(db, in_block(SETTLEMENTS, block))
}

const SETTLEMENTS: &str = "SELECT CONCAT(bills.number, ': ', bills.settlement_state, ', ', bills.balance_amount) AS name \
    FROM bills WHERE bills.id > {after} AND bills.id <= {until} AND bills.total_amount > 0 \
        AND bills.settlement_state <> CASE \
            WHEN bills.balance_amount > 0 AND bills.settled_amount = 0 THEN 'open' \
            WHEN bills.balance_amount > 0 THEN 'partially_paid' \
            WHEN bills.written_off_amount = 0 THEN 'paid' \
            ELSE 'written_off' END";

/// The customers and months of which more than one bill of a kind counts.
pub fn twice_live(db: &mut Db) -> Result<Vec<String>> {
    names(db, LIVE.to_owned())
}

const LIVE: &str = "SELECT CONCAT(SUBSTRING(twice.live_month, 1, 7), ' ', COALESCE(customers.company_code, CONCAT('#', twice.customer_id)), \
        ': ', twice.many) AS name \
    FROM (SELECT customer_id, live_month, kind, COUNT(*) AS many FROM bills WHERE live_month IS NOT NULL \
        GROUP BY customer_id, live_month, kind HAVING COUNT(*) > 1) AS twice \
    LEFT JOIN customers ON customers.id = twice.customer_id ORDER BY twice.live_month, twice.customer_id";

/// The bills of a block by number, with their lines in order.
pub fn bills_with_lines(db: &mut Db, block: Block) -> Result<Vec<(String, Vec<BillLine>)>> {
    let numbers: Vec<(BillId, String)> = bills_table::table
        .filter(bills_table::id.gt(BillId(block.after)))
        .filter(bills_table::id.le(BillId(block.until)))
        .order(bills_table::id)
        .select((bills_table::id, bills_table::number))
        .load(db.conn())?;
    let ids: Vec<BillId> = numbers.iter().map(|(id, _)| *id).collect();
    let mut lines = bills::queries::lines_of(db, &ids)?;
    Ok(numbers.into_iter().map(|(id, number)| (number, lines.remove(&id).unwrap_or_default())).collect())
}

/// The months whose usage is billed.
pub fn billed_months(db: &mut Db) -> Result<Vec<BillingMonth>> {
    let days: Vec<NaiveDate> = billed_months::table.select(billed_months::month).load(db.conn())?;
    Ok(days.into_iter().map(BillingMonth::of).collect())
}

/// What was used: how much, in how many records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// How much.
    pub quantity: Decimal,
    /// How many records.
    pub records: i64,
}

/// What a run made of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What it saw of usage.
    pub used: Used,
    /// The run.
    pub run: u64,
    /// Whether it wrote the bill that counts.
    pub wrote: bool,
}

/// A customer and a month.
type Key = (CustomerId, BillingMonth);

#[derive(QueryableByName)]
struct UsedRow {
    #[diesel(sql_type = Unsigned<BigInt>)]
    customer: u64,
    #[diesel(sql_type = Date)]
    month: NaiveDate,
    #[diesel(sql_type = Amount)]
    quantity: Decimal,
    #[diesel(sql_type = BigInt)]
    records: i64,
}

/// What the customers of a block used, by month.
pub fn used(db: &mut Db, block: Block) -> Result<BTreeMap<Key, Used>> {
    let rows: Vec<UsedRow> = diesel::sql_query(in_block(USED, block)).load(db.conn())?;
    let pair = |row: UsedRow| {
        let key = (CustomerId(row.customer), BillingMonth::of(row.month));
        (key, Used { quantity: row.quantity, records: row.records })
    };
    Ok(rows.into_iter().map(pair).collect())
}

const USED: &str = "SELECT customer_id AS customer, MIN(used_on) AS month, SUM(quantity) AS quantity, COUNT(*) AS records \
    FROM usage_records WHERE customer_id > {after} AND customer_id <= {until} \
    GROUP BY customer_id, EXTRACT(YEAR_MONTH FROM used_on)";

#[derive(QueryableByName)]
struct OutcomeRow {
    #[diesel(sql_type = Unsigned<BigInt>)]
    customer: u64,
    #[diesel(sql_type = Date)]
    month: NaiveDate,
    #[diesel(sql_type = Amount)]
    quantity: Decimal,
    #[diesel(sql_type = BigInt)]
    records: i64,
    #[diesel(sql_type = Unsigned<BigInt>)]
    run: u64,
    #[diesel(sql_type = BigInt)]
    wrote: i64,
}

/// What the runs made of the customers of a block, by month: the run that wrote the bill that counts, or else the latest that
/// was committed.
pub fn outcomes(db: &mut Db, block: Block) -> Result<BTreeMap<Key, Outcome>> {
    let rows: Vec<OutcomeRow> = diesel::sql_query(in_block(OUTCOMES, block)).load(db.conn())?;
    let mut found: BTreeMap<Key, Outcome> = BTreeMap::new();
    for row in rows {
        let key = (CustomerId(row.customer), BillingMonth::of(row.month));
        let used = Used { quantity: row.quantity, records: row.records };
        let outcome = Outcome { used, run: row.run, wrote: row.wrote > 0 };
        let is_better =
            found.get(&key).is_none_or(|known| (known.wrote, known.run) < (outcome.wrote, outcome.run));
        if is_better {
            found.insert(key, outcome);
        }
    }
    Ok(found)
}

const OUTCOMES: &str = "SELECT made.customer_id AS customer, bill_runs.month AS month, made.usage_quantity AS quantity, \
        CAST(made.usage_records AS SIGNED) AS records, made.run_id AS run, \
        CAST(live.id IS NOT NULL AS SIGNED) AS wrote \
    FROM bill_run_customers AS made FORCE INDEX (bill_run_customers_customer) \
    JOIN bill_runs ON bill_runs.id = made.run_id AND bill_runs.state = 'committed' \
    LEFT JOIN bills AS live ON live.id = made.bill_id AND live.live_month IS NOT NULL \
    WHERE made.customer_id > {after} AND made.customer_id <= {until}";

/// The codes of customers.
pub fn codes(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, String>> {
    let rows: Vec<(CustomerId, String)> = customers::table
        .filter(customers::id.eq_any(ids))
        .select((customers::id, customers::company_code))
        .load(db.conn())?;
    Ok(rows.into_iter().collect())
}

/// Late usage that is said to be on a line of a bill that counts, where that line is none of its month; and late lines that are
/// of another quantity than the late usage on them.
pub fn lost_late_usage(db: &mut Db) -> Result<Vec<String>> {
    let mut found = names(db, LATE.to_owned())?;
    found.extend(names(db, LATE_LINES.to_owned())?);
    Ok(found)
}

const LATE: &str = "SELECT CONCAT(bills.number, ' #', late_usages.position, ': ', late_usages.used_on) AS name \
    FROM late_usages JOIN bills ON bills.id = late_usages.bill_id AND bills.live_month IS NOT NULL \
    LEFT JOIN bill_lines ON bill_lines.bill_id = late_usages.bill_id AND bill_lines.position = late_usages.position \
        AND bill_lines.kind = 'late' AND bill_lines.late_month = late_usages.month \
    WHERE bill_lines.bill_id IS NULL ORDER BY late_usages.id";

const LATE_LINES: &str = "SELECT CONCAT(bills.number, ' #', bill_lines.position, ': ', bill_lines.quantity, ' != ', \
        COALESCE(SUM(late_usages.quantity), 0)) AS name \
    FROM bill_lines JOIN bills ON bills.id = bill_lines.bill_id AND bills.live_month IS NOT NULL \
    LEFT JOIN late_usages ON late_usages.bill_id = bill_lines.bill_id AND late_usages.position = bill_lines.position \
    WHERE bill_lines.late_of IS NOT NULL \
    GROUP BY bills.number, bill_lines.bill_id, bill_lines.position, bill_lines.quantity \
    HAVING bill_lines.quantity <> COALESCE(SUM(late_usages.quantity), 0)";
