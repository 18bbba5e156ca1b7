//! Rows and values of bill runs.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::pricing::explanation::Explanation;
use crate::pricing::rating::{Line, LineKind};
use crate::schema::{bill_run_customers, bill_run_lines, bill_runs};
use crate::text_enum;
use crate::types::ids::{BillId, BillRunId, CustomerId, MeterId, PriceVersionId, TaskId, UserId};
use crate::types::{BillingMonth, Currency, Error, Money, Result};
use crate::web::ui::Tone;

pub use super::record::RunRecord;

/// Runs as the audit log names them.
pub const KIND: &str = "bill_run";

text_enum! {
    /// How far a run is.
    pub enum RunState {
        /// What becomes of each customer is being worked out.
        Planning = "planning",
        /// It can be looked at and committed.
        Planned = "planned",
        /// Something moved since it was planned: it has to be planned anew.
        Outdated = "outdated",
        /// Its bills are being written.
        Committing = "committing",
        /// Its bills are written.
        Committed = "committed",
        /// Somebody gave it up.
        Discarded = "discarded",
        /// It could not be planned.
        Failed = "failed",
    }
}

impl RunState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("bill_run_state", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            RunState::Planned => Tone::Plain,
            RunState::Planning | RunState::Committing => Tone::Warn,
            RunState::Committed => Tone::Ok,
            RunState::Outdated | RunState::Failed => Tone::Bad,
            RunState::Discarded => Tone::Off,
        }
    }

    /// Whether a task is, or should be, at it.
    pub fn is_at_work(self) -> bool {
        matches!(self, RunState::Planning | RunState::Committing)
    }
}

/// Whom a run covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every live customer of the directory.
    All,
    /// These customers alone.
    Customers(Vec<CustomerId>),
    /// Those that could not be billed by an earlier run, or that it left out.
    FailedOf(BillRunId),
}

/// A day of a source that nothing is known of, and that somebody has decided to bill without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaivedHole {
    /// The code of the source.
    pub source: String,
    /// The day.
    pub day: NaiveDate,
    /// Why it does not matter.
    pub reason: String,
    /// Who said so; none for the system.
    pub by: Option<UserId>,
}

text_enum! {
    /// What becomes of a customer. Each has exactly one.
    pub enum Outcome {
        /// There is a bill.
        Billed = "billed",
        /// Nothing is due.
        Zero = "zero",
        /// The customer is not billed, and that is right.
        Excluded = "excluded",
        /// The customer should be billed and cannot be.
        Failed = "failed",
    }
}

impl Outcome {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("bill_outcome", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            Outcome::Billed => Tone::Ok,
            Outcome::Zero => Tone::Plain,
            Outcome::Excluded => Tone::Off,
            Outcome::Failed => Tone::Bad,
        }
    }
}

text_enum! {
    /// Why a customer is excluded or failed.
    pub enum Reason {
        /// The customer has a live bill of the month already.
        BilledAlready = "billed_already",
        /// The account is no formal one.
        NotFormal = "not_formal",
        /// The customer takes no part in settlement.
        NotBillable = "not_billable",
        /// The customer is still in talks.
        Lead = "status_lead",
        /// Nobody has confirmed where the customer stands.
        Unconfirmed = "status_unconfirmed",
        /// The customer is archived.
        Archived = "status_archived",
        /// Something was used that no price is in force for.
        NoPrice = "no_price",
        /// Prices are written in two currencies, or in another one than the customer's.
        Currency = "currency",
        /// An amount is larger than can be stored.
        AmountOutOfRange = "amount_out_of_range",
        /// The lines sum to less than nothing.
        Negative = "negative",
    }
}

impl Reason {
    /// The sentence on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("bill_reason", self.as_str())
    }

    /// What becomes of a customer for this reason.
    pub fn outcome(self) -> Outcome {
        match self {
            Reason::BilledAlready
            | Reason::NotFormal
            | Reason::NotBillable
            | Reason::Lead
            | Reason::Unconfirmed
            | Reason::Archived => Outcome::Excluded,
            Reason::NoPrice | Reason::Currency | Reason::AmountOutOfRange | Reason::Negative => {
                Outcome::Failed
            }
        }
    }
}

text_enum! {
    /// Why somebody should look at what becomes of a customer.
    pub enum Flag {
        /// It is the customer's first bill.
        FirstTime = "first_time",
        /// There were bills before, but none last month.
        ZeroBaseline = "zero_baseline",
        /// There was a bill last month, and there is none now.
        Lost = "lost",
        /// It has fallen for three months.
        NegativeTrend = "negative_trend",
        /// It changes by more than the settings let pass.
        ChangedMuch = "changed_much",
        /// It comes to more than the settings let pass.
        AboveThreshold = "above_threshold",
        /// It has usage of earlier months.
        Late = "late",
        /// It takes the place of a bill that was credited.
        Reissue = "reissue",
    }
}

impl Flag {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("bill_flag", self.as_str())
    }
}

/// A plan of the bills of a month, and what became of it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = bill_runs, check_for_backend(Mysql))]
pub struct BillRun {
    /// Its id.
    pub id: BillRunId,
    /// The first day of its month.
    pub month: NaiveDate,
    /// How far it is.
    pub state: RunState,
    scope: Value,
    /// The digest of all that it was worked out from; none before it is planned.
    pub inputs_hash: Option<String>,
    fault: Option<Value>,
    /// The task that is at it, or was the last.
    pub task_id: Option<TaskId>,
    /// How many customers it covers.
    pub customers: u32,
    /// How many are billed.
    pub billed: u32,
    /// How many have nothing to pay.
    pub zero: u32,
    /// How many are excluded.
    pub excluded: u32,
    /// How many could not be billed.
    pub failed: u32,
    /// How many somebody should look at.
    pub look_at: u32,
    /// How many bills were written.
    pub written: u32,
    /// How many were left out, because they moved while others were written.
    pub left_out: u32,
    totals: Value,
    waived: Value,
    /// Counts its changes.
    pub version: u32,
    /// Who started it; none for the system.
    pub started_by: Option<UserId>,
    /// When.
    pub started_at: NaiveDateTime,
    /// When all of it was worked out.
    pub planned_at: Option<NaiveDateTime>,
    /// Who committed it.
    pub committed_by: Option<UserId>,
    /// When all its bills were written.
    pub committed_at: Option<NaiveDateTime>,
    /// Who gave it up.
    pub ended_by: Option<UserId>,
    /// When.
    pub ended_at: Option<NaiveDateTime>,
}

impl BillRun {
    /// Its month.
    pub fn month(&self) -> BillingMonth {
        BillingMonth::of(self.month)
    }

    /// Whom it covers.
    ///
    /// # Errors
    /// When it was written by something else than this program.
    pub fn scope(&self) -> Result<Scope> {
        read(&self.scope)
    }

    /// Its sums by currency; none before it is planned.
    ///
    /// # Errors
    /// As [`BillRun::scope`].
    pub fn totals(&self) -> Result<Vec<Totals>> {
        read(&self.totals)
    }

    /// The holes of usage that it was planned without.
    ///
    /// # Errors
    /// As [`BillRun::scope`].
    pub fn waived(&self) -> Result<Vec<WaivedHole>> {
        read(&self.waived)
    }

    /// Why it is out of date, or could not be planned.
    pub fn fault(&self) -> Option<RunFault> {
        self.fault.as_ref().and_then(|fault| read(fault).ok())
    }
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T> {
    serde_json::from_value(value.clone()).map_err(|fault| Error::Internal(fault.into()))
}

/// What went wrong with a run as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFault {
    /// The sentence that says it.
    pub said: Said,
    /// The customers that moved since it was planned, the first ones by code.
    pub moved: Vec<Moved>,
}

text_enum! {
    /// What may have moved of a customer since a run was planned.
    pub enum Part {
        /// The customer: its code, account, status, currency or payment term.
        Customer = "customer",
        /// Its prices in force.
        Prices = "prices",
        /// What it used.
        Usage = "usage",
        /// Its bills of this and of earlier months, what they have of annual packages, and usage that came too late for them.
        Bills = "bills",
        /// It is new in the directory.
        New = "new",
        /// It is gone from the directory.
        Gone = "gone",
    }
}

impl Part {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("bill_moved", self.as_str())
    }
}

/// A customer that moved since a run was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The customer.
    pub customer: CustomerId,
    /// Its code.
    pub company_code: String,
    /// What of it moved.
    pub parts: Vec<Part>,
}

/// The sums of a run in one currency. The four parts of the change sum to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The currency.
    pub currency: Currency,
    /// How many bills there are.
    pub bills: u32,
    /// What they come to.
    pub total: Money,
    /// What the bills of last month came to.
    pub previous: Money,
    /// What it is more than last month.
    pub change: Money,
    /// How much of the change is usage.
    pub usage: Money,
    /// How much is prices.
    pub price: Money,
    /// How much is customers that were not billed last month, or are not billed now.
    pub customer: Money,
    /// How much was written by hand.
    pub manual: Money,
}

/// What a run makes of a customer.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = bill_run_customers, check_for_backend(Mysql))]
pub struct PlannedCustomer {
    /// The run.
    pub run_id: BillRunId,
    /// Its place in the order of company codes, from 1.
    pub position: u32,
    /// The customer.
    pub customer_id: CustomerId,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why, where it is excluded or failed.
    pub reason: Option<Reason>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The sum of its lines; zero for what is not billed.
    pub total_amount: Decimal,
    /// What last month's bill came to; none where there was none.
    pub previous_amount: Option<Decimal>,
    /// What it is more than last month. The four parts sum to it.
    pub change_amount: Decimal,
    /// How much of the change is usage.
    pub usage_change_amount: Decimal,
    /// How much is prices.
    pub price_change_amount: Decimal,
    /// How much is that there was no bill last month, or that there is none now.
    pub customer_change_amount: Decimal,
    /// How much was written by hand.
    pub manual_change_amount: Decimal,
    /// How much it asks to be looked at; 0 for not at all.
    pub risk: u16,
    flags: Value,
    /// What was used in the month.
    pub usage_quantity: Decimal,
    /// How many records that is.
    pub usage_records: u32,
    /// The digest of all that it was worked out from.
    pub inputs_hash: String,
    /// The digests of its parts.
    pub inputs_parts: Option<String>,
    /// The bill that it would take the place of.
    pub reissue_of: Option<BillId>,
    /// The days from sending until it is due.
    pub payment_term_days: u16,
    said: Option<Value>,
    /// The bill that was written.
    pub bill_id: Option<BillId>,
}

impl PlannedCustomer {
    /// Why somebody should look at it.
    pub fn flags(&self) -> Vec<Flag> {
        serde_json::from_value(self.flags.clone()).unwrap_or_default()
    }

    /// What there is to say: why it failed, or why it was left out.
    pub fn said(&self) -> Option<Said> {
        self.said.as_ref().and_then(|said| serde_json::from_value(said.clone()).ok())
    }

    /// Whether it should have been written, and was not, because it moved in the meantime.
    pub fn is_left_out(&self) -> bool {
        self.outcome == Outcome::Billed && self.bill_id.is_none() && self.said.is_some()
    }
}

/// What a run makes of a customer, with the customer's code and name.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRow {
    /// What becomes of it.
    pub planned: PlannedCustomer,
    /// The code of the customer.
    pub company_code: String,
    /// The name of the customer.
    pub company_name: String,
}

/// A line that a run would write.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = bill_run_lines, check_for_backend(Mysql))]
pub struct PlannedLine {
    /// The place of the customer in the run.
    pub customer_position: u32,
    /// Its place among the lines of the customer, from 1.
    pub position: u16,
    /// What it is for.
    pub kind: LineKind,
    /// The version of prices that it follows from.
    pub price_version_id: Option<PriceVersionId>,
    /// The number of that version.
    pub price_number: Option<u32>,
    /// The meter; none for what does not follow from usage.
    pub meter_id: Option<MeterId>,
    /// The series of devices that is charged; blank for the rest.
    pub device_series: String,
    /// The layer that is charged; blank for the rest.
    pub layer: String,
    /// The first day that it covers.
    pub from_on: NaiveDate,
    /// The last day that it covers.
    pub until_on: NaiveDate,
    /// How much was used.
    pub quantity: Option<Decimal>,
    /// The first day of the contract year that an overage is counted in.
    pub year_from: Option<NaiveDate>,
    /// The bill that late usage should have been on.
    pub late_of: Option<BillId>,
    /// The month that late usage is of.
    pub late_month: Option<NaiveDate>,
    /// The amount.
    pub amount: Decimal,
    /// The arithmetic that it was found by, as JSON.
    pub explanation: Value,
}

impl PlannedLine {
    /// The arithmetic that its amount was found by.
    ///
    /// # Errors
    /// When it was written by something else than this program.
    pub fn explanation(&self) -> Result<Explanation> {
        read(&self.explanation)
    }

    /// The line as the rating core and its checker know it.
    ///
    /// # Errors
    /// As [`PlannedLine::explanation`].
    pub fn rated(&self) -> Result<Line> {
        Ok(Line { kind: self.kind, amount: Money(self.amount), explanation: self.explanation()? })
    }
}
