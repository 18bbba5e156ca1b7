//! The task that sends the approved bills of a month, some at a time.
//!
//! Each step sends its bills and keeps how far it is in one transaction: a worker that dies leaves a try that goes on
//! behind it. Mails go out beside it, each when the mail server takes it; the task never waits for one.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::billing::bills;
use crate::customers::directory;
use crate::db::Db;
use crate::i18n::Tr;
use crate::sheets::write::{Format, Table};
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::{BillId, CustomerId};
use crate::types::{BillingMonth, Result};

use super::{commands, queries};

/// The kind of task.
pub const KIND: TaskKind = TaskKind { code: "billing.send_bills", run };

/// How many bills one transaction sends.
const CHUNK: usize = 50;

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// What is approved of a month, by its first day.
    Month {
        /// That day.
        first_day: NaiveDate,
        /// The customer; none for all.
        customer: Option<CustomerId>,
    },
    /// What is approved of these bills.
    Chosen(Vec<BillId>),
}

impl Errand {
    fn ready(&self, db: &mut Db) -> Result<Vec<BillId>> {
        match self {
            Errand::Month { first_day, customer } => {
                queries::ready(db, BillingMonth::of(*first_day), *customer)
            }
            Errand::Chosen(bills) => queries::ready_of(db, bills),
        }
    }

    /// What the file of those that stay is called after.
    fn name(&self) -> String {
        match self {
            Errand::Month { first_day, .. } => BillingMonth::of(*first_day).to_string(),
            Errand::Chosen(bills) => bills.len().to_string(),
        }
    }
}

/// How far a try is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// Up to which bill.
    after: BillId,
    /// How many bills there were.
    total: usize,
}

fn run(run: &mut Run) -> Result<Done> {
    let errand: Errand = run.input()?;
    let known = run.checkpoint::<Progress>()?;
    let mut ready = run.read(|db| errand.ready(db))?;
    if let Some(known) = known {
        ready.retain(|id| *id > known.after);
    }
    let total = known.map_or(ready.len(), |known| known.total);
    let before = total.saturating_sub(ready.len());
    let state = std::sync::Arc::clone(run.state());
    for (place, some) in ready.chunks(CHUNK).enumerate() {
        let Some(last) = some.last() else { continue };
        run.step(&Progress { after: *last, total }, |tx| commands::send_all(tx, &state.secret, some))?;
        let done = before + (place * CHUNK + some.len()).min(ready.len());
        run.progress(number(done), Some(number(total)), |t| t.bill_sending_progress(done, total))?;
    }
    finish(run, &errand, total)
}

/// What is still there could not be sent: it is counted, and listed in a file with why.
fn finish(run: &mut Run, errand: &Errand, total: usize) -> Result<Done> {
    let left: Vec<BillId> = run.read(|db| errand.ready(db))?;
    let (sent, kept) = (total.saturating_sub(left.len()), left.len());
    let done = Done::new(|t| t.bill_sending_done(kept, sent));
    let done = done.count("bills", number(sent)).count("left_out", number(kept));
    if left.is_empty() {
        return Ok(done);
    }
    let file = run.read(|db| list(db, &left))?;
    let name = format!("{}-{}.csv", Tr::ZhCn.bill_sending_left_file(), errand.name());
    run.put_file(&name, file).map(|file| done.file(file))
}

fn list(db: &mut Db, left: &[BillId]) -> Result<std::fs::File> {
    let t = Tr::ZhCn;
    let heading =
        [t.bill_paper_number(), t.bill_sending_code(), t.bill_sending_customer(), t.bill_sending_why()];
    let mut table = Table::begin(Format::Csv, t.bill_sending_left_file(), &heading.map(str::to_owned))?;
    for some in left.chunks(500) {
        let bills = bills::queries::by_ids(db, some)?;
        let owners: Vec<CustomerId> = bills.iter().map(|bill| bill.customer_id).collect();
        let customers = directory::queries::by_ids(db, &owners)?;
        for bill in bills {
            let Some(customer) = customers.get(&bill.customer_id) else { continue };
            table.row(&[
                bill.number.into(),
                customer.fields.company_code.as_str().into(),
                customer.fields.company_name.as_str().into(),
                t.bill_sending_no_address().into(),
            ])?;
        }
    }
    Ok(table.finish()?.into_file())
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
