//! Rows and values of closing.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::i18n::{Said, Tr};
use crate::schema::{month_reopenings, month_signatures};
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{MonthReopeningId, UserId};
use crate::types::{BillingMonth, Currency, Money};
use crate::web::secret::sha256;
use crate::web::ui::Tone;

text_enum! {
    /// How far a month is.
    pub enum MonthState {
        /// Nothing of it is billed.
        Open = "open",
        /// It is billed, and may still change.
        Billed = "billed",
        /// It changes no more.
        Closed = "closed",
    }
}

impl MonthState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("month_state", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            MonthState::Open => Tone::Plain,
            MonthState::Billed => Tone::Warn,
            MonthState::Closed => Tone::Ok,
        }
    }
}

text_enum! {
    /// What has to be in order before a month is closed.
    pub enum Item {
        /// Each day of each source is there, or waived.
        Usage = "usage",
        /// No record of the month waits in the quarantine.
        Quarantine = "quarantine",
        /// A run of all customers is committed.
        Run = "run",
        /// No plan waits to be committed.
        Plans = "plans",
        /// No customer is left that could not be billed.
        Failed = "failed",
        /// All bills are sent, or void.
        Bills = "bills",
        /// No credit note waits for approval.
        CreditNotes = "credit_notes",
        /// No dispute is open.
        Disputes = "disputes",
        /// What must always be true is true.
        Checks = "checks",
    }
}

impl Item {
    /// What it asks for, on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("closing_item", self.as_str())
    }
}

/// What was found of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The item.
    pub item: Item,
    /// Whether it is in order.
    pub is_clean: bool,
    /// What there is, in a sentence.
    pub said: Said,
    /// What is not in order, by name, as far as it is named.
    pub named: Vec<String>,
    /// What tells this difference from any other.
    pub digest: String,
    /// Where it is put in order.
    pub url: Option<String>,
}

impl Finding {
    /// An item that is in order.
    pub fn clean<S: Into<String>>(item: Item, say: impl Fn(Tr) -> S) -> Finding {
        Finding::new(item, true, "", say)
    }

    /// An item that is not; `canonical` tells its difference from any other.
    pub fn open<S: Into<String>>(item: Item, canonical: &str, say: impl Fn(Tr) -> S) -> Finding {
        Finding::new(item, false, canonical, say)
    }

    fn new<S: Into<String>>(item: Item, is_clean: bool, canonical: &str, say: impl Fn(Tr) -> S) -> Finding {
        let digest = sha256(&format!("{item}\n{canonical}"));
        Finding { item, is_clean, said: Said::new(say), named: Vec::new(), digest, url: None }
    }

    /// With what is not in order, by name.
    #[must_use]
    pub fn naming(mut self, named: Vec<String>) -> Finding {
        self.named = named;
        self
    }

    /// With the page on which it is put in order.
    #[must_use]
    pub fn at(mut self, url: impl Into<String>) -> Finding {
        self.url = Some(url.into());
        self
    }
}

/// An item of the checklist, with the signature that covers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What was found.
    pub finding: Finding,
    /// Who signed exactly that.
    pub signature: Option<Signature>,
}

impl Checked {
    /// Whether it stands in the way of closing.
    pub fn is_open(&self) -> bool {
        !self.finding.is_clean && self.signature.is_none()
    }
}

/// Who lets a month be closed although something of it is not in order, and why.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = month_signatures, check_for_backend(Mysql))]
pub struct Signature {
    /// The item.
    pub item: Item,
    /// The difference.
    pub digest: String,
    /// Why.
    pub reason: String,
    /// Who; none for the operator of the machine.
    pub signed_by: Option<UserId>,
    /// When.
    pub signed_at: NaiveDateTime,
}

text_enum! {
    /// What became of a request to open a closed month again.
    pub enum ReopeningState {
        /// It waits for somebody else.
        Asked = "asked",
        /// The month was opened.
        Approved = "approved",
        /// The month stayed closed.
        Rejected = "rejected",
    }
}

impl ReopeningState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("reopening_state", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            ReopeningState::Asked => Tone::Warn,
            ReopeningState::Approved => Tone::Ok,
            ReopeningState::Rejected => Tone::Off,
        }
    }
}

/// A request to open a closed month again.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = month_reopenings, check_for_backend(Mysql))]
pub struct Reopening {
    /// Its id.
    pub id: MonthReopeningId,
    /// What became of it.
    pub state: ReopeningState,
    /// Why it should be opened.
    pub reason: String,
    /// Who asked; none for the operator of the machine.
    pub asked_by: Option<UserId>,
    /// When.
    pub asked_at: NaiveDateTime,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<NaiveDateTime>,
    /// Why so.
    pub decision_reason: Option<String>,
}

/// The live bills of a month in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthTotal {
    /// The currency.
    pub currency: Currency,
    /// How many bills.
    pub bills: i64,
    /// What they come to.
    pub total: Money,
    /// What of it is left to be paid.
    pub balance: Money,
}

/// The live bills of months, by month and currency.
pub type Totals = BTreeMap<BillingMonth, Vec<MonthTotal>>;

/// A month in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthRow {
    /// The month.
    pub month: BillingMonth,
    /// How far it is.
    pub state: MonthState,
    /// Since when it is so far, and by whom.
    pub since: Option<(NaiveDateTime, Option<UserId>)>,
    /// Whether somebody asks for it to be opened again.
    pub is_reopening_asked: bool,
    /// Its live bills.
    pub totals: Vec<MonthTotal>,
}

/// A month as the audit log shows what was signed or asked of it.
#[derive(Debug, Serialize)]
pub(super) struct MonthRecord {
    month: String,
    closing_item: Option<Said>,
    difference: Option<Said>,
}

impl MonthRecord {
    pub(super) fn new(month: BillingMonth) -> MonthRecord {
        MonthRecord { month: month.to_string(), closing_item: None, difference: None }
    }

    pub(super) fn of(month: BillingMonth, finding: &Finding) -> MonthRecord {
        let item = finding.item;
        MonthRecord {
            closing_item: Some(Said::new(|t| item.label(t))),
            difference: Some(finding.said.clone()),
            ..MonthRecord::new(month)
        }
    }
}

impl Audited for MonthRecord {
    fn subject(&self) -> Subject {
        Subject { kind: "month", id: None, label: self.month.clone(), department_path: None }
    }
}
