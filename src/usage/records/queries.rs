//! Reading records of usage.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::sum;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Datetime, Decimal as Numeric, Nullable, Text, Unsigned};
use rust_decimal::Decimal;

use crate::customers::directory::model::AccountType;
use crate::customers::status::model::Status;
use crate::db::{Db, Tx};
use crate::periods;
use crate::schema::{customers, usage_records};
use crate::types::Result;
use crate::types::ids::{CustomerId, MeterId, UsageIntakeId, UsageSourceId, UserId};
use crate::types::time::business_day;

use super::model::{RecordKey, Stored};
use super::rules::{Calendar, History};
use super::taking::KnownCustomer;

/// How many keys are looked for at once. From a thousand on `MariaDB` makes a table of them instead of reading the index.
const KEYS: usize = 500;

/// A block of customers and days is read where it has room for at most so many times the keys.
const DENSE: usize = 4;

/// How many customers are looked for at once.
const CUSTOMERS: usize = 1_000;

/// Which days records may be of, as it is now.
pub fn calendar(db: &mut Db) -> Result<Calendar> {
    Ok(Calendar { today: business_day(db.now()), closed: periods::queries::closed_to_usage(db)? })
}

/// The live customers of these codes, or all, by code.
pub fn customers(db: &mut Db, codes: Option<&[String]>) -> Result<Vec<(String, KnownCustomer)>> {
    let columns = (
        customers::company_code,
        (
            customers::id,
            customers::status,
            customers::account_type,
            customers::sales_owner_id,
            customers::ops_owner_id,
        ),
    );
    let live = customers::table.filter(customers::deleted_at.is_null()).select(columns);
    let known = |(code, (id, status, account_type, sales, ops))| {
        (code, KnownCustomer { id, status, account_type, owners: [sales, ops] })
    };
    let Some(codes) = codes else {
        return Ok(live.load(db.conn())?.into_iter().map(known).collect());
    };
    let mut found = Vec::new();
    for some in codes.chunks(CUSTOMERS) {
        let rows: Vec<_> = live.filter(customers::live_code.eq_any(some)).load(db.conn())?;
        found.extend(rows.into_iter().map(known));
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct StoredRow {
    #[diesel(sql_type = Unsigned<BigInt>)]
    customer_id: CustomerId,
    #[diesel(sql_type = Date)]
    used_on: NaiveDate,
    #[diesel(sql_type = Unsigned<BigInt>)]
    meter_id: MeterId,
    #[diesel(sql_type = Text)]
    device_series: String,
    #[diesel(sql_type = Text)]
    layer: String,
    #[diesel(sql_type = Unsigned<BigInt>)]
    source_id: UsageSourceId,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    raw_quantity: Decimal,
    #[diesel(sql_type = Unsigned<BigInt>)]
    intake_id: UsageIntakeId,
    #[diesel(sql_type = Datetime)]
    received_at: NaiveDateTime,
}

/// What is known under these keys; locked until the transaction ends where `is_locked`.
///
/// Deliveries come customer by customer or day by day. Where that makes a block of customers and days, the block is read,
/// because ranges of keys are dear.
pub fn stored(db: &mut Db, keys: &[&RecordKey], is_locked: bool) -> Result<HashMap<RecordKey, Stored>> {
    let lock = if is_locked { " FOR UPDATE" } else { "" };
    let wanted: HashSet<&RecordKey> = keys.iter().copied().collect();
    let mut found = HashMap::new();
    for condition in conditions(keys) {
        let text = format!(
            "SELECT customer_id, used_on, meter_id, device_series, layer, source_id, quantity, raw_quantity, \
             intake_id, received_at FROM usage_records FORCE INDEX (PRIMARY) WHERE {condition}{lock}"
        );
        let rows: Vec<StoredRow> = diesel::sql_query(text).load(db.conn())?;
        found.extend(rows.into_iter().map(StoredRow::keyed).filter(|(key, _)| wanted.contains(key)));
    }
    Ok(found)
}

impl StoredRow {
    fn keyed(self) -> (RecordKey, Stored) {
        let stored = Stored {
            quantity: self.quantity.normalize(),
            raw_quantity: self.raw_quantity.normalize(),
            intake: self.intake_id,
            received_at: self.received_at,
        };
        let key = RecordKey {
            customer: self.customer_id,
            used_on: self.used_on,
            meter: self.meter_id,
            device_series: self.device_series,
            layer: self.layer,
            source: self.source_id,
        };
        (key, stored)
    }
}

/// The conditions that let rows with these keys through, and not many others: a block of customers and days, or the keys.
fn conditions(keys: &[&RecordKey]) -> Vec<String> {
    let customers: BTreeSet<CustomerId> = keys.iter().map(|key| key.customer).collect();
    let days = || keys.iter().map(|key| key.used_on);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Vec::new() };
    let span = usize::try_from((last - first).num_days()).unwrap_or(usize::MAX).saturating_add(1);
    if customers.len().saturating_mul(span) > keys.len().saturating_mul(DENSE) {
        return keys.chunks(KEYS).map(|some| among("customer_id", some)).collect();
    }
    let customers: Vec<String> = customers.iter().map(CustomerId::to_string).collect();
    let block = |some: &[String]| {
        format!("customer_id IN ({}) AND used_on BETWEEN '{first}' AND '{last}'", some.join(","))
    };
    customers.chunks(CUSTOMERS).map(block).collect()
}

#[derive(QueryableByName)]
struct CorrectedRow {
    #[diesel(sql_type = Unsigned<BigInt>)]
    customer_id: CustomerId,
    #[diesel(sql_type = Date)]
    used_on: NaiveDate,
    #[diesel(sql_type = Unsigned<BigInt>)]
    meter_id: MeterId,
    #[diesel(sql_type = Text)]
    device_series: String,
    #[diesel(sql_type = Text)]
    layer: String,
    #[diesel(sql_type = Unsigned<BigInt>)]
    source_id: UsageSourceId,
}

/// Which of these keys have a correction in force.
pub fn corrected(db: &mut Db, keys: &[&RecordKey]) -> Result<Vec<RecordKey>> {
    let mut found = Vec::new();
    for some in keys.chunks(KEYS) {
        let text = format!(
            "SELECT live_customer_id AS customer_id, used_on, meter_id, device_series, layer, source_id \
             FROM usage_corrections WHERE {}",
            among("live_customer_id", some)
        );
        let rows: Vec<CorrectedRow> = diesel::sql_query(text).load(db.conn())?;
        found.extend(rows.into_iter().map(|row| RecordKey {
            customer: row.customer_id,
            used_on: row.used_on,
            meter: row.meter_id,
            device_series: row.device_series,
            layer: row.layer,
            source: row.source_id,
        }));
    }
    Ok(found)
}

/// The condition that a row has one of these keys. Keys are ids, days and codes of ASCII letters, digits, `_`, `.` and
/// `-`: nothing in them can end a text.
pub fn among(customer: &str, keys: &[&RecordKey]) -> String {
    let mut text = format!("({customer}, used_on, meter_id, device_series, layer, source_id) IN (");
    for (place, key) in keys.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let RecordKey { customer, used_on, meter, device_series, layer, source } = key;
        let _ = write!(text, "{comma}({customer},'{used_on}',{meter},'{device_series}','{layer}',{source})");
    }
    text.push(')');
    text
}

/// What these customers used, by meter and day, from `from` on and before `to`.
pub fn histories(
    db: &mut Db,
    customers: &[CustomerId],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<BTreeMap<(CustomerId, MeterId), History>> {
    let mut found: BTreeMap<(CustomerId, MeterId), History> = BTreeMap::new();
    for some in customers.chunks(CUSTOMERS) {
        let rows: Vec<(CustomerId, MeterId, NaiveDate, Option<Decimal>)> = usage_records::table
            .filter(usage_records::customer_id.eq_any(some))
            .filter(usage_records::used_on.ge(from))
            .filter(usage_records::used_on.lt(to))
            .group_by((usage_records::customer_id, usage_records::meter_id, usage_records::used_on))
            .select((
                usage_records::customer_id,
                usage_records::meter_id,
                usage_records::used_on,
                sum(usage_records::quantity),
            ))
            .load(db.conn())?;
        for (customer, meter, day, quantity) in rows {
            found.entry((customer, meter)).or_default().insert(day, quantity.unwrap_or_default());
        }
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(sql_type = Unsigned<BigInt>)]
    id: CustomerId,
    #[diesel(sql_type = Text)]
    company_code: String,
    #[diesel(sql_type = Text)]
    status: Status,
    #[diesel(sql_type = Text)]
    account_type: AccountType,
    #[diesel(sql_type = Nullable<Unsigned<BigInt>>)]
    sales_owner_id: Option<UserId>,
    #[diesel(sql_type = Nullable<Unsigned<BigInt>>)]
    ops_owner_id: Option<UserId>,
}

/// The live ones of these customers with their codes, locked against changes in the order of their ids until the
/// transaction ends; others may read them and take records of theirs meanwhile.
pub fn hold_customers(
    tx: &mut Tx,
    ids: &BTreeSet<CustomerId>,
) -> Result<HashMap<CustomerId, (String, KnownCustomer)>> {
    let ids: Vec<CustomerId> = ids.iter().copied().collect();
    let mut found = HashMap::with_capacity(ids.len());
    for some in ids.chunks(KEYS) {
        let listed: Vec<String> = some.iter().map(CustomerId::to_string).collect();
        // `FOR SHARE` is unknown to MariaDB; both servers know the older form.
        let text = format!(
            "SELECT id, company_code, status, account_type, sales_owner_id, ops_owner_id FROM customers \
             WHERE id IN ({}) AND deleted_at IS NULL ORDER BY id LOCK IN SHARE MODE",
            listed.join(",")
        );
        let rows: Vec<HeldRow> = diesel::sql_query(text).load(tx.conn())?;
        found.extend(rows.into_iter().map(|row| {
            let HeldRow { id, status, account_type, .. } = row;
            let owners = [row.sales_owner_id, row.ops_owner_id];
            (id, (row.company_code, KnownCustomer { id, status, account_type, owners }))
        }));
    }
    Ok(found)
}

/// A record as lists show it.
#[derive(Debug, Clone, QueryableByName)]
pub struct ListedRecord {
    /// The customer.
    #[diesel(sql_type = Unsigned<BigInt>)]
    pub customer_id: CustomerId,
    /// The code of the customer.
    #[diesel(sql_type = Text)]
    pub company_code: String,
    /// The day.
    #[diesel(sql_type = Date)]
    pub used_on: NaiveDate,
    /// The meter.
    #[diesel(sql_type = Unsigned<BigInt>)]
    pub meter_id: MeterId,
    /// The code of the meter.
    #[diesel(sql_type = Text)]
    pub meter_code: String,
    /// The series of devices; blank for none.
    #[diesel(sql_type = Text)]
    pub device_series: String,
    /// The layer; blank for none.
    #[diesel(sql_type = Text)]
    pub layer: String,
    /// The source.
    #[diesel(sql_type = Unsigned<BigInt>)]
    pub source_id: UsageSourceId,
    /// The code of the source.
    #[diesel(sql_type = Text)]
    pub source_code: String,
    /// What counts.
    #[diesel(sql_type = Numeric)]
    pub quantity: Decimal,
    /// What was sent.
    #[diesel(sql_type = Numeric)]
    pub raw_quantity: Decimal,
    /// The intake that brought it.
    #[diesel(sql_type = Unsigned<BigInt>)]
    pub intake_id: UsageIntakeId,
    /// When it came.
    #[diesel(sql_type = Datetime)]
    pub received_at: NaiveDateTime,
}

/// How many breaches of a check are told.
const TOLD: i64 = 100;

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    told: String,
}

fn told(db: &mut Db, from: &str) -> Result<Vec<String>> {
    let text = format!(
        "SELECT CAST(CONCAT_WS(' ', record.customer_id, record.used_on, record.meter_id, record.device_series, \
         record.layer, record.source_id) AS CHAR) AS told FROM usage_records record {from} LIMIT {TOLD}"
    );
    let rows: Vec<Told> = diesel::sql_query(text).load(db.conn())?;
    Ok(rows.into_iter().map(|row| row.told).collect())
}

/// How many records there are.
pub fn count_all(db: &mut Db) -> Result<usize> {
    let count: i64 = usage_records::table.count().get_result(db.conn())?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The records whose meter, source or intake is not there.
pub fn without_references(db: &mut Db) -> Result<Vec<String>> {
    told(
        db,
        "WHERE NOT EXISTS (SELECT 1 FROM meters WHERE meters.id = record.meter_id) \
         OR NOT EXISTS (SELECT 1 FROM usage_sources WHERE usage_sources.id = record.source_id) \
         OR NOT EXISTS (SELECT 1 FROM usage_intakes WHERE usage_intakes.id = record.intake_id)",
    )
}

/// The records of which something else counts than what was sent, or what a correction in force says.
pub fn unexplained(db: &mut Db) -> Result<Vec<String>> {
    told(
        db,
        "LEFT JOIN usage_corrections correction ON correction.live_customer_id = record.customer_id \
         AND correction.used_on = record.used_on AND correction.meter_id = record.meter_id \
         AND correction.device_series = record.device_series AND correction.layer = record.layer \
         AND correction.source_id = record.source_id \
         WHERE record.quantity <> COALESCE(correction.quantity, record.raw_quantity)",
    )
}

/// The keys of all records of a customer, whoever asks, with the intakes that brought them; locked until the transaction
/// ends.
pub fn of_customer(db: &mut Db, customer: CustomerId) -> Result<Vec<(RecordKey, UsageIntakeId)>> {
    let found: Vec<(NaiveDate, MeterId, String, String, UsageSourceId, UsageIntakeId)> = usage_records::table
        .filter(usage_records::customer_id.eq(customer))
        .select((
            usage_records::used_on,
            usage_records::meter_id,
            usage_records::device_series,
            usage_records::layer,
            usage_records::source_id,
            usage_records::intake_id,
        ))
        .for_update()
        .load(db.conn())?;
    let keyed = |(used_on, meter, device_series, layer, source, intake)| {
        (RecordKey { customer, used_on, meter, device_series, layer, source }, intake)
    };
    Ok(found.into_iter().map(keyed).collect())
}

/// How many records a customer has, whoever asks.
pub fn count(db: &mut Db, customer: CustomerId) -> Result<i64> {
    let own = usage_records::table.filter(usage_records::customer_id.eq(customer));
    Ok(own.count().get_result(db.conn())?)
}
