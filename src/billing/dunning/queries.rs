//! Reading what is overdue, the ladder, and who was reminded, within the reach of who asks where it says so.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate};
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::accounts::users;
use crate::billing::bills::model::{Bill, DocumentState, SettlementState};
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::db::listing::{Listing, PageRequest};
use crate::schema::{bill_promises, bills, customers, dunning_reminders, dunning_steps};
use crate::types::ids::{BillId, CustomerId, DunningStepId, UserId};
use crate::types::{Error, Money, Permission, Result};

use super::model::{DunningChannel, DunningStep, Hindrance, OverdueRow, OverdueSum, Promise, Reminder};
use super::rules;

/// The ladder, in the order of its days.
pub fn steps(db: &mut Db) -> Result<Vec<DunningStep>> {
    Ok(dunning_steps::table
        .order((dunning_steps::days, dunning_steps::id))
        .select(DunningStep::as_select())
        .load(db.conn())?)
}

/// A step.
pub fn step(db: &mut Db, id: DunningStepId) -> Result<DunningStep> {
    let found = dunning_steps::table.find(id).select(DunningStep::as_select()).first(db.conn());
    found.optional()?.ok_or(Error::NotFound)
}

/// A step, locked until the transaction ends.
pub fn lock_step(db: &mut Db, id: DunningStepId) -> Result<DunningStep> {
    let found = dunning_steps::table.find(id).select(DunningStep::as_select()).for_update();
    found.first(db.conn()).optional()?.ok_or(Error::NotFound)
}

/// Whether another step stands at so many days.
pub fn is_taken(db: &mut Db, days: i16, but: Option<DunningStepId>) -> Result<bool> {
    let but = but.unwrap_or(DunningStepId(0));
    let others = dunning_steps::table.filter(dunning_steps::days.eq(days)).filter(dunning_steps::id.ne(but));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(db.conn())?)
}

/// The reminders of these bills, the earliest first, by bill.
pub fn reminders(db: &mut Db, ids: &[BillId]) -> Result<BTreeMap<BillId, Vec<Reminder>>> {
    let rows: Vec<Reminder> = dunning_reminders::table
        .filter(dunning_reminders::bill_id.eq_any(ids))
        .order((dunning_reminders::bill_id, dunning_reminders::reminded_at, dunning_reminders::step_id))
        .select(Reminder::as_select())
        .load(db.conn())?;
    let mut found: BTreeMap<BillId, Vec<Reminder>> = BTreeMap::new();
    for row in rows {
        found.entry(row.bill_id).or_default().push(row);
    }
    Ok(found)
}

/// What was promised about a bill, the latest first.
pub fn promises(db: &mut Db, id: BillId) -> Result<Vec<Promise>> {
    Ok(bill_promises::table
        .filter(bill_promises::bill_id.eq(id))
        .order(bill_promises::position.desc())
        .select(Promise::as_select())
        .load(db.conn())?)
}

/// The states in which something is left to be paid.
pub const OWED: [SettlementState; 2] = [SettlementState::Open, SettlementState::PartiallyPaid];

/// From where bills are read on: the due day and the id of the last one.
pub type After = Option<(NaiveDate, BillId)>;

/// A piece of the bills in a state of settlement that are due until a day, the earliest due first, within the reach of
/// `permission`.
pub fn owed(
    db: &mut Db,
    permission: Permission,
    state: SettlementState,
    until: NaiveDate,
    after: After,
    most: i64,
) -> Result<Vec<Bill>> {
    let mut query = bills::table
        .inner_join(customers::table)
        .filter(bills::settlement_state.eq(state))
        .filter(bills::document_state.eq(DocumentState::Sent))
        .filter(bills::due_on.le(until))
        .order((bills::due_on, bills::id))
        .limit(most)
        .select(Bill::as_select())
        .into_boxed();
    if let Some((due_on, id)) = after {
        let later = bills::due_on.gt(due_on).or(bills::due_on.eq(due_on).and(bills::id.gt(id).nullable()));
        query = query.filter(bills::due_on.ge(due_on)).filter(later);
    }
    if let Reach::OwnedBy(users) = Reach::of(db, permission)? {
        let users: Vec<UserId> = users.into_iter().collect();
        let sells = customers::sales_owner_id.eq_any(users.clone());
        query = query.filter(sells.or(customers::ops_owner_id.eq_any(users)));
    }
    Ok(query.load(db.conn())?)
}

/// A bill that a step is due for, and what keeps it from being reminded of.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The bill.
    pub bill: Bill,
    /// The step.
    pub step: DunningStep,
    /// What keeps it back.
    pub hindrance: Option<Hindrance>,
}

/// Those of these bills that a step is due for on a day.
pub fn judged(
    db: &mut Db,
    steps: &[DunningStep],
    all: Vec<Bill>,
    today: NaiveDate,
) -> Result<Vec<Candidate>> {
    let ids: Vec<BillId> = all.iter().map(|bill| bill.id).collect();
    let reminders = reminders(db, &ids)?;
    let mut found = Vec::new();
    for bill in all {
        let of_bill = reminders.get(&bill.id).into_iter().flatten();
        let taken: Vec<(DunningStepId, i16)> = of_bill.map(|one| (one.step_id, one.days)).collect();
        if let Some(step) = rules::due(steps, &bill, &taken, today) {
            let hindrance = rules::hindrance(&bill, today);
            found.push(Candidate { step: step.clone(), hindrance, bill });
        }
    }
    Ok(found)
}

/// How many bills are read in one go.
const STRETCH: i64 = 500;

/// Goes on through the bills that may be reminded of on a day, from where it was left.
#[derive(Debug, Clone)]
pub struct Walk {
    permission: Permission,
    steps: Vec<DunningStep>,
    today: NaiveDate,
    until: NaiveDate,
    state: usize,
    after: After,
}

impl Walk {
    /// A walk through the bills within the reach of `permission`.
    pub fn begin(db: &mut Db, permission: Permission, today: NaiveDate) -> Result<Walk> {
        let steps = steps(db)?;
        let first = steps.iter().filter(|step| step.paused_at.is_none()).map(|step| step.days).min();
        // Without a ladder nothing is ever due.
        let until = first.map_or(NaiveDate::MIN, |days| today - Duration::days(days.into()));
        Ok(Walk { permission, steps, today, until, state: 0, after: None })
    }

    /// The next piece of those that a step is due for; none at the end.
    pub fn next(&mut self, db: &mut Db) -> Result<Option<Vec<Candidate>>> {
        let Some(state) = OWED.get(self.state).copied() else { return Ok(None) };
        if self.until == NaiveDate::MIN {
            return Ok(None);
        }
        let some = owed(db, self.permission, state, self.until, self.after, STRETCH)?;
        let is_end = i64::try_from(some.len()).is_ok_and(|count| count < STRETCH);
        self.after = some.last().and_then(|bill| Some((bill.due_on?, bill.id)));
        if is_end {
            self.state += 1;
            self.after = None;
        }
        judged(db, &self.steps, some, self.today).map(Some)
    }
}

/// Bills that are overdue on a day, with their customers, within the reach of `BillView`. A macro, because its type cannot be
/// written down.
macro_rules! overdue {
    ($db:expr, $today:expr, $select:expr) => {{
        let mut query = bills::table
            .inner_join(customers::table)
            .filter(bills::settlement_state.eq_any(OWED))
            .filter(bills::document_state.eq(DocumentState::Sent))
            .filter(bills::due_on.lt($today))
            .select($select)
            .into_boxed();
        if let Reach::OwnedBy(users) = Reach::of($db, Permission::BillView)? {
            let users: Vec<UserId> = users.into_iter().collect();
            let sells = customers::sales_owner_id.eq_any(users.clone());
            query = query.filter(sells.or(customers::ops_owner_id.eq_any(users)));
        }
        query
    }};
}

/// A page of the bills that are overdue on a day, the longest overdue first.
pub fn overdue(db: &mut Db, today: NaiveDate, page: PageRequest) -> Result<Listing<OverdueRow>> {
    let total: i64 = overdue!(db, today, count_star()).first(db.conn())?;
    let page = page.within(total);
    let columns = (Bill::as_select(), customers::company_code, customers::company_name);
    let rows: Vec<(Bill, String, String)> = overdue!(db, today, columns)
        .order((bills::due_on, bills::id))
        .offset(page.offset())
        .limit(page.per_page)
        .load(db.conn())?;
    let row = |(bill, company_code, company_name)| OverdueRow { bill, company_code, company_name };
    Ok(Listing { rows: rows.into_iter().map(row).collect(), total, page })
}

/// What is overdue on a day, by currency.
pub fn overdue_sums(db: &mut Db, today: NaiveDate) -> Result<Vec<OverdueSum>> {
    let mut query = bills::table
        .inner_join(customers::table)
        .filter(bills::settlement_state.eq_any(OWED))
        .filter(bills::document_state.eq(DocumentState::Sent))
        .filter(bills::due_on.lt(today))
        .group_by(bills::currency)
        .order(bills::currency)
        .select((bills::currency, count_star(), sum(bills::balance_amount)))
        .into_boxed();
    if let Reach::OwnedBy(users) = Reach::of(db, Permission::BillView)? {
        let users: Vec<UserId> = users.into_iter().collect();
        let sells = customers::sales_owner_id.eq_any(users.clone());
        query = query.filter(sells.or(customers::ops_owner_id.eq_any(users)));
    }
    let rows: Vec<(String, i64, Option<Decimal>)> = query.load(db.conn())?;
    let sum = |(currency, count, balance): (String, i64, Option<Decimal>)| OverdueSum {
        currency,
        count,
        balance: Money(balance.unwrap_or_default()),
    };
    Ok(rows.into_iter().map(sum).collect())
}

/// Which of our own people a step tells of a customer: its owners, and all of their departments, as far as they work here.
pub fn people(db: &mut Db, step: &DunningStep, customer: &Customer) -> Result<Vec<UserId>> {
    let (sales, ops) = (customer.fields.sales_owner, customer.fields.ops_owner);
    let mut wanted: Vec<UserId> = Vec::new();
    wanted.extend(sales.filter(|_| step.tells_sales));
    // Our own people alone are told by nobody else: at least who looks after the customer.
    let tells_ops = step.tells_ops || (step.channel == DunningChannel::Inbox && !step.tells_sales);
    wanted.extend(ops.filter(|_| tells_ops));
    let everybody = users::queries::people(db)?;
    if step.tells_department {
        let owners: Vec<UserId> = ops.or(sales).into_iter().collect();
        let of_owner = everybody.iter().find(|person| owners.contains(&person.id));
        if let Some(path) = of_owner.and_then(|person| person.department_path.as_ref()) {
            let there = everybody.iter().filter(|person| person.department_path.as_ref() == Some(path));
            wanted.extend(there.map(|person| person.id));
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    let is_here = |id: &UserId| everybody.iter().any(|person| person.id == *id && person.is_live);
    wanted.retain(is_here);
    Ok(wanted)
}

/// What customers are called, by id: code and name.
pub fn names(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, (String, String)>> {
    let rows: Vec<(CustomerId, String, String)> = customers::table
        .filter(customers::id.eq_any(ids))
        .select((customers::id, customers::company_code, customers::company_name))
        .load(db.conn())?;
    Ok(rows.into_iter().map(|(id, code, name)| (id, (code, name))).collect())
}
