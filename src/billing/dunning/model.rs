//! Rows and values of dunning.

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use crate::i18n::Tr;
use crate::schema::{bill_promises, dunning_reminders, dunning_steps};
use crate::text_enum;
use crate::types::Money;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{BillId, DunningStepId, UserId};

/// Steps as the audit log names them.
pub const KIND: &str = "dunning_step";

text_enum! {
    /// By which way a step tells.
    pub enum DunningChannel {
        /// The customer gets a mail.
        Mail = "mail",
        /// Only our own people are told.
        Inbox = "inbox",
    }
}

impl DunningChannel {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("dunning_channel", self.as_str())
    }
}

text_enum! {
    /// How a step speaks: which words the customer gets.
    pub enum DunningTone {
        /// That the bill is due soon.
        Before = "before",
        /// That it is overdue.
        Plain = "plain",
        /// That it is overdue for long.
        Firm = "firm",
    }
}

impl DunningTone {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("dunning_tone", self.as_str())
    }
}

/// A step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = dunning_steps, check_for_backend(Mysql))]
pub struct DunningStep {
    /// Its id.
    pub id: DunningStepId,
    /// How many days after the due day; before it when below zero.
    pub days: i16,
    /// By which way it tells.
    pub channel: DunningChannel,
    /// How it speaks.
    pub tone: DunningTone,
    /// Whether who sells to the customer is told, too.
    pub tells_sales: bool,
    /// Whether who looks after the customer is told, too.
    pub tells_ops: bool,
    /// Whether all of their department are told, too.
    pub tells_department: bool,
    /// Since when it is not taken.
    pub paused_at: Option<NaiveDateTime>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
}

impl DunningStep {
    /// The day on which it is taken for a bill that is due on a day.
    pub fn day(&self, due_on: NaiveDate) -> NaiveDate {
        due_on + Duration::days(self.days.into())
    }

    /// When it is, in words: 到期前 3 天.
    pub fn when(&self, t: impl Into<Tr>) -> String {
        when(t.into(), self.days)
    }
}

/// So many days after the due day, in words.
pub fn when(t: Tr, days: i16) -> String {
    let count = days.unsigned_abs();
    match days {
        0 => t.dunning_on_due_day().to_owned(),
        below if below < 0 => t.dunning_before_due(count),
        _ => t.dunning_after_due(count),
    }
}

text_enum! {
    /// Whether a step is taken.
    pub enum StepState {
        /// It is.
        On = "on",
        /// Bills pass over it.
        Off = "off",
    }
}

/// A step as it is written or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepDraft {
    /// How many days after the due day; before it when below zero.
    pub days: i16,
    /// By which way it tells.
    pub channel: DunningChannel,
    /// How it speaks.
    pub tone: DunningTone,
    /// Whether who sells to the customer is told, too.
    pub tells_sales: bool,
    /// Whether who looks after the customer is told, too.
    pub tells_ops: bool,
    /// Whether all of their department are told, too.
    pub tells_department: bool,
    /// Whether it is taken at all.
    pub state: StepState,
}

/// That somebody was reminded of a bill.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = dunning_reminders, check_for_backend(Mysql))]
pub struct Reminder {
    /// The bill.
    pub bill_id: BillId,
    /// The step.
    pub step_id: DunningStepId,
    /// Where the step stood then.
    pub days: i16,
    /// By which way it told.
    pub channel: DunningChannel,
    /// How it spoke.
    pub tone: DunningTone,
    /// What was left to be paid.
    pub balance_amount: Decimal,
    /// Who was told: addresses of the customer, and how many of our own people.
    pub told: Value,
    /// When.
    pub reminded_at: NaiveDateTime,
}

impl Reminder {
    /// The addresses of the customer that were written to.
    pub fn addresses(&self) -> Vec<String> {
        let all = self.told.get("addresses").and_then(Value::as_array).into_iter().flatten();
        all.filter_map(|one| one.as_str().map(str::to_owned)).collect()
    }
}

/// What a customer promised about paying a bill.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = bill_promises, check_for_backend(Mysql))]
pub struct Promise {
    /// The bill.
    pub bill_id: BillId,
    /// Its place among the promises about the bill, from 1.
    pub position: u16,
    /// Until when it is to be paid; none where the promise was taken back.
    pub promised_on: Option<NaiveDate>,
    /// What was said.
    pub note: String,
    /// Who noted it; none for the system.
    pub noted_by: Option<UserId>,
    /// When.
    pub noted_at: NaiveDateTime,
}

/// What keeps a bill from being reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// A dispute about it is open.
    Disputed,
    /// The customer has promised to pay until this day.
    Promised(NaiveDate),
    /// There is no address to write to.
    NoAddress,
}

impl Hindrance {
    /// Why, as a sentence.
    pub fn text(self, t: Tr) -> String {
        match self {
            Hindrance::Disputed => t.dunning_paused_disputed().to_owned(),
            Hindrance::Promised(day) => t.dunning_paused_promised(day),
            Hindrance::NoAddress => t.dunning_no_address().to_owned(),
        }
    }
}

/// What came of reminding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Of how many bills somebody was reminded.
    pub reminded: usize,
    /// How many are disputed.
    pub disputed: usize,
    /// Of how many payment is promised.
    pub promised: usize,
    /// The numbers of those whose customers have no address to write to.
    pub without_address: Vec<String>,
}

impl Tally {
    /// With what came of some more.
    pub fn add(&mut self, other: Tally) {
        self.reminded += other.reminded;
        self.disputed += other.disputed;
        self.promised += other.promised;
        self.without_address.extend(other.without_address);
    }
}

/// A bill that is overdue, as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct OverdueRow {
    /// The bill.
    pub bill: crate::billing::bills::model::Bill,
    /// The code of the customer.
    pub company_code: String,
    /// The name of the customer.
    pub company_name: String,
}

/// What is overdue of a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdueSum {
    /// The currency.
    pub currency: String,
    /// How many bills.
    pub count: i64,
    /// What is left of them to be paid.
    pub balance: Money,
}

/// A step of the ladder as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct StepRecord {
    #[serde(skip)]
    id: DunningStepId,
    days_after_due: i16,
    dunning_channel: DunningChannel,
    dunning_tone: DunningTone,
    tells_sales: bool,
    tells_ops: bool,
    tells_department: bool,
    paused_at: Option<NaiveDateTime>,
}

impl StepRecord {
    /// The record of a step.
    pub fn new(step: &DunningStep) -> StepRecord {
        StepRecord {
            id: step.id,
            days_after_due: step.days,
            dunning_channel: step.channel,
            dunning_tone: step.tone,
            tells_sales: step.tells_sales,
            tells_ops: step.tells_ops,
            tells_department: step.tells_department,
            paused_at: step.paused_at,
        }
    }
}

impl Audited for StepRecord {
    fn subject(&self) -> Subject {
        let label = format!("{:+}", self.days_after_due);
        Subject { kind: KIND, id: Some(self.id.0), label, department_path: None }
    }
}
