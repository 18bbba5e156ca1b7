//! Reading bills, within the reach of who asks where it says so: a bill is where its customer is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::db::{Db, Tx};
use crate::pricing::rating::LineKind;
use crate::schema::{bill_decisions, bill_lines, bill_run_customers, bill_runs, bills};
use crate::types::audit_entry::{Audited as _, Subject};
use crate::types::ids::{BillId, BillRunId, CustomerId, UserId};
use crate::types::{BillingMonth, Error, Permission, Result};

use super::change::Found;
use super::model::{Bill, BillLine, Decision, KIND, Verdict};

/// How many keys one query names.
const CHUNK: usize = 1_000;

/// A bill and its customer, within reach.
///
/// # Errors
/// [`Error::NotFound`] when it is not there, or its customer is out of reach.
pub fn find(db: &mut Db, permission: Permission, id: BillId) -> Result<(Bill, Customer)> {
    let bill = get(db, id)?.ok_or(Error::NotFound)?;
    let customer = directory::queries::find(db, permission, bill.customer_id)?;
    Ok((bill, customer))
}

/// A bill by its number and its customer, within reach.
pub fn find_by_number(db: &mut Db, permission: Permission, number: &str) -> Result<(Bill, Customer)> {
    // Numbers are kept in ASCII: nothing has any other one.
    if !number.is_ascii() {
        return Err(Error::NotFound);
    }
    let bill: Option<Bill> = bills::table
        .filter(bills::number.eq(number))
        .select(Bill::as_select())
        .first(db.conn())
        .optional()?;
    let bill = bill.ok_or(Error::NotFound)?;
    let customer = directory::queries::find(db, permission, bill.customer_id)?;
    Ok((bill, customer))
}

/// A bill, whoever asks.
pub fn get(db: &mut Db, id: BillId) -> Result<Option<Bill>> {
    Ok(bills::table.find(id).select(Bill::as_select()).first(db.conn()).optional()?)
}

/// The bills of these ids, whoever asks, in the order of their ids.
pub fn by_ids(db: &mut Db, ids: &[BillId]) -> Result<Vec<Bill>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(CHUNK) {
        let bills = bills::table.filter(bills::id.eq_any(some)).select(Bill::as_select());
        found.extend(bills.load(db.conn())?);
    }
    found.sort_by_key(|bill: &Bill| bill.id);
    Ok(found)
}

/// The bills that a run has written for these customers.
pub fn of_run(db: &mut Db, run: BillRunId, customers: &[CustomerId]) -> Result<Vec<BillId>> {
    let mut found = Vec::with_capacity(customers.len());
    for some in customers.chunks(CHUNK) {
        let of_run = bills::table.filter(bills::run_id.eq(run)).filter(bills::customer_id.eq_any(some));
        found.extend(of_run.order(bills::id).select(bills::id).load::<BillId>(db.conn())?);
    }
    Ok(found)
}

/// The customers of these bills, each once, in the order in which they are locked.
pub fn owners(db: &mut Db, ids: &[BillId]) -> Result<Vec<CustomerId>> {
    let mut found: BTreeSet<CustomerId> = BTreeSet::new();
    for some in ids.chunks(CHUNK) {
        let of = bills::table.filter(bills::id.eq_any(some)).select(bills::customer_id).distinct();
        found.extend(of.load::<CustomerId>(db.conn())?);
    }
    Ok(found.into_iter().collect())
}

/// The lines of a bill, in their order.
pub fn lines(db: &mut Db, id: BillId) -> Result<Vec<BillLine>> {
    Ok(bill_lines::table
        .filter(bill_lines::bill_id.eq(id))
        .order(bill_lines::position)
        .select(BillLine::as_select())
        .load(db.conn())?)
}

/// The lines of these bills, by bill and in their order.
pub fn lines_of(db: &mut Db, ids: &[BillId]) -> Result<BTreeMap<BillId, Vec<BillLine>>> {
    let mut found: BTreeMap<BillId, Vec<BillLine>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let lines: Vec<BillLine> = bill_lines::table
            .filter(bill_lines::bill_id.eq_any(some))
            .order((bill_lines::bill_id, bill_lines::position))
            .select(BillLine::as_select())
            .load(db.conn())?;
        for line in lines {
            found.entry(line.bill_id).or_default().push(line);
        }
    }
    Ok(found)
}

/// What was decided about a bill, the latest last.
pub fn decisions(db: &mut Db, id: BillId) -> Result<Vec<Decision>> {
    Ok(decisions_of(db, &[id])?.remove(&id).unwrap_or_default())
}

/// What was decided about these bills, by bill, the latest last.
pub fn decisions_of(db: &mut Db, ids: &[BillId]) -> Result<BTreeMap<BillId, Vec<Decision>>> {
    let mut found: BTreeMap<BillId, Vec<Decision>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let decisions: Vec<Decision> = bill_decisions::table
            .filter(bill_decisions::bill_id.eq_any(some))
            .order((bill_decisions::bill_id, bill_decisions::position))
            .select(Decision::as_select())
            .load(db.conn())?;
        for decision in decisions {
            found.entry(decision.bill_id).or_default().push(decision);
        }
    }
    Ok(found)
}

/// A bill as those see it who decide about it: who had a hand in it, and what was decided so far.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// Who started or committed its run, submitted it, wrote a line of it, or approved it since it was submitted last.
    pub hands: BTreeSet<UserId>,
    /// How often it was approved since it was submitted last.
    pub approvals: u8,
    /// How many decisions there are.
    pub decisions: u16,
}

/// The past of these bills. Each has one.
pub fn pasts(db: &mut Db, all: &[Bill]) -> Result<BTreeMap<BillId, Past>> {
    let runs: BTreeSet<BillRunId> = all.iter().map(|bill| bill.run_id).collect();
    let starters: Vec<(BillRunId, Option<UserId>, Option<UserId>)> = bill_runs::table
        .filter(bill_runs::id.eq_any(runs))
        .select((bill_runs::id, bill_runs::started_by, bill_runs::committed_by))
        .load(db.conn())?;
    let ids: Vec<BillId> = all.iter().map(|bill| bill.id).collect();
    let (mut authors, mut decisions) = (authors(db, &ids)?, decisions_of(db, &ids)?);
    let past = |bill: &Bill| {
        let of_run = starters.iter().filter(|(run, _, _)| *run == bill.run_id);
        let mut past = Past { hands: authors.remove(&bill.id).unwrap_or_default(), ..Past::default() };
        past.hands.extend(of_run.flat_map(|(_, started, committed)| [*started, *committed]).flatten());
        for decision in decisions.remove(&bill.id).unwrap_or_default() {
            past.decisions = past.decisions.max(decision.position);
            let is_of_now = decision.round == bill.round;
            match decision.decision {
                Verdict::Approved if is_of_now => past.approvals = past.approvals.saturating_add(1),
                Verdict::Submitted if is_of_now => (),
                _ => continue,
            }
            past.hands.extend(decision.decided_by);
        }
        (bill.id, past)
    };
    Ok(all.iter().map(past).collect())
}

/// Who wrote lines of these bills by hand.
fn authors(db: &mut Db, ids: &[BillId]) -> Result<BTreeMap<BillId, BTreeSet<UserId>>> {
    let mut found: BTreeMap<BillId, BTreeSet<UserId>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let rows: Vec<(BillId, Option<UserId>)> = bill_lines::table
            .filter(bill_lines::bill_id.eq_any(some))
            .filter(bill_lines::kind.eq(LineKind::Manual))
            .select((bill_lines::bill_id, bill_lines::created_by))
            .load(db.conn())?;
        for (bill, author) in rows {
            found.entry(bill).or_default().extend(author);
        }
    }
    Ok(found)
}

/// What the runs of these bills have found of their customers.
pub fn found_by_runs(db: &mut Db, all: &[Bill]) -> Result<BTreeMap<BillId, Found>> {
    use bill_run_customers as of_runs;
    let mut found = BTreeMap::new();
    for some in all.chunks(CHUNK) {
        let customers: Vec<CustomerId> = some.iter().map(|bill| bill.customer_id).collect();
        let runs: BTreeSet<BillRunId> = some.iter().map(|bill| bill.run_id).collect();
        let rows: Vec<FoundRow> = of_runs::table
            .filter(of_runs::customer_id.eq_any(customers))
            .filter(of_runs::run_id.eq_any(runs))
            .select((
                (of_runs::run_id, of_runs::customer_id),
                (of_runs::total_amount, of_runs::previous_amount),
                (of_runs::usage_change_amount, of_runs::price_change_amount),
                (of_runs::customer_change_amount, of_runs::manual_change_amount),
                of_runs::flags,
            ))
            .load(db.conn())?;
        let mut rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.0, row)).collect();
        for bill in some {
            let row = rows.remove(&(bill.run_id, bill.customer_id));
            found.extend(row.map(|row| (bill.id, Found::from(row))));
        }
    }
    Ok(found)
}

type FoundRow = (
    (BillRunId, CustomerId),
    (Decimal, Option<Decimal>),
    (Decimal, Decimal),
    (Decimal, Decimal),
    serde_json::Value,
);

impl From<FoundRow> for Found {
    fn from((_, (total, previous), (usage, price), (customer, manual), flags): FoundRow) -> Found {
        let flags = serde_json::from_value(flags).unwrap_or_default();
        Found { total, previous, usage, price, customer, manual, flags }
    }
}

/// The numbers of these bills, by bill.
pub fn numbers(db: &mut Db, ids: &[BillId]) -> Result<BTreeMap<BillId, String>> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let rows: Vec<(BillId, String)> =
            bills::table.filter(bills::id.eq_any(some)).select((bills::id, bills::number)).load(db.conn())?;
        found.extend(rows);
    }
    Ok(found)
}

/// The bills of a customer, whoever asks, in the order of their ids; locked until the transaction ends.
pub fn locked_of_customer(tx: &mut Tx, id: CustomerId) -> Result<Vec<Bill>> {
    Ok(bills::table
        .filter(bills::customer_id.eq(id))
        .order(bills::id)
        .select(Bill::as_select())
        .for_update()
        .load(tx.conn())?)
}

/// How many bills a customer has.
pub fn count_of_customer(db: &mut Db, id: u64) -> Result<i64> {
    Ok(bills::table.filter(bills::customer_id.eq(CustomerId(id))).count().get_result(db.conn())?)
}

/// A bill as the record that files hang on, if whoever asks may see it.
pub fn seen(db: &mut Db, id: u64) -> Result<Subject> {
    subject(db, Permission::BillView, id)
}

/// A bill as the record that files hang on, if whoever asks may put files on it and take them off.
pub fn changeable(db: &mut Db, id: u64) -> Result<Subject> {
    subject(db, Permission::BillEdit, id)
}

fn subject(db: &mut Db, permission: Permission, id: u64) -> Result<Subject> {
    let (bill, customer) = find(db, permission, BillId(id))?;
    let of_customer = directory::commands::record(db, &customer)?.subject();
    Ok(Subject {
        kind: KIND,
        id: Some(bill.id.0),
        label: bill.number,
        department_path: of_customer.department_path,
    })
}

/// When a bill of a month was last changed; none where there is no bill.
pub fn changed_at(db: &mut Db, month: BillingMonth) -> Result<Option<NaiveDateTime>> {
    let of_month = bills::table.filter(bills::month.eq(month.first_day()));
    Ok(of_month.select(diesel::dsl::max(bills::updated_at)).first(db.conn())?)
}
