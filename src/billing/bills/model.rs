//! Rows and values of bills.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::pricing::explanation::Explanation;
use crate::pricing::rating::{Line, LineKind};
use crate::schema::{bill_decisions, bill_lines, bills};
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{BillId, BillRunId, CustomerId, MeterId, PriceVersionId, UserId};
use crate::types::{BillingMonth, Currency, Error, Money, Result};
use crate::web::ui::Tone;

/// Bills as the audit log and the files name them.
pub const KIND: &str = "bill";

text_enum! {
    /// What a bill is for. A customer has one live bill of a month and kind.
    pub enum BillKind {
        /// The usage and the fees of a month.
        Monthly = "monthly",
    }
}

text_enum! {
    /// How far the document is.
    pub enum DocumentState {
        /// It may be changed.
        Draft = "draft",
        /// It waits for somebody else to approve it.
        PendingReview = "pending_review",
        /// It may be sent.
        Approved = "approved",
        /// The customer has it. Nothing of it is edited any more.
        Sent = "sent",
        /// It was given up before it was sent.
        Void = "void",
    }
}

impl DocumentState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("document_state", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            DocumentState::Draft => Tone::Plain,
            DocumentState::PendingReview => Tone::Warn,
            DocumentState::Approved | DocumentState::Sent => Tone::Ok,
            DocumentState::Void => Tone::Off,
        }
    }
}

text_enum! {
    /// How much of the bill is settled.
    pub enum SettlementState {
        /// Nothing.
        Open = "open",
        /// Some of it.
        PartiallyPaid = "partially_paid",
        /// All of it.
        Paid = "paid",
        /// What remained was given up.
        WrittenOff = "written_off",
    }
}

impl SettlementState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("settlement_state", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            SettlementState::Open => Tone::Plain,
            SettlementState::PartiallyPaid => Tone::Warn,
            SettlementState::Paid => Tone::Ok,
            SettlementState::WrittenOff => Tone::Off,
        }
    }

    /// The state that amounts add up to.
    pub fn of(amounts: &Amounts) -> SettlementState {
        if amounts.balance() > Decimal::ZERO {
            if amounts.settled.is_zero() { SettlementState::Open } else { SettlementState::PartiallyPaid }
        } else if amounts.written_off.is_zero() {
            SettlementState::Paid
        } else {
            SettlementState::WrittenOff
        }
    }
}

/// What a bill comes to, and what is gone of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts {
    /// The sum of its lines.
    pub total: Decimal,
    /// What credit notes have taken back.
    pub credited: Decimal,
    /// What payments have settled.
    pub settled: Decimal,
    /// What was given up.
    pub written_off: Decimal,
}

impl Amounts {
    /// What is left to be paid.
    pub fn balance(&self) -> Decimal {
        self.total - self.credited - self.settled - self.written_off
    }
}

/// A bill, without its lines.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = bills, check_for_backend(Mysql))]
pub struct Bill {
    /// Its id.
    pub id: BillId,
    /// Its number.
    pub number: String,
    /// What it is for.
    pub kind: BillKind,
    /// The customer.
    pub customer_id: CustomerId,
    /// The first day of its month.
    pub month: NaiveDate,
    /// The run that wrote it.
    pub run_id: BillRunId,
    /// The bill that it was issued again for.
    pub reissue_of: Option<BillId>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// How far the document is.
    pub document_state: DocumentState,
    /// How much of it is settled.
    pub settlement_state: SettlementState,
    /// The sum of its lines.
    pub total_amount: Decimal,
    /// What credit notes have taken back.
    pub credited_amount: Decimal,
    /// What payments have settled.
    pub settled_amount: Decimal,
    /// What was given up.
    pub written_off_amount: Decimal,
    /// What is left to be paid.
    pub balance_amount: Option<Decimal>,
    /// How much it asks to be looked at; 0 for not at all.
    pub risk: u16,
    /// The days from sending until it is due.
    pub payment_term_days: u16,
    /// How often it was submitted.
    pub round: u16,
    /// When it was sent first.
    pub sent_at: Option<NaiveDateTime>,
    /// Until when it is to be paid.
    pub due_on: Option<NaiveDate>,
    /// When it was voided.
    pub voided_at: Option<NaiveDateTime>,
    /// When all of it was taken back.
    pub credited_at: Option<NaiveDateTime>,
    /// How many of its disputes are open.
    pub open_disputes: u16,
    /// Until when the customer has promised to pay.
    pub promised_on: Option<NaiveDate>,
    /// The number of its invoice, the tax document.
    pub invoice_number: Option<String>,
    /// When that was noted.
    pub invoiced_at: Option<NaiveDateTime>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
    /// When it was written.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
}

impl Bill {
    /// Its month.
    pub fn month(&self) -> BillingMonth {
        BillingMonth::of(self.month)
    }

    /// What it comes to, and what is gone of it.
    pub fn amounts(&self) -> Amounts {
        Amounts {
            total: self.total_amount,
            credited: self.credited_amount,
            settled: self.settled_amount,
            written_off: self.written_off_amount,
        }
    }

    /// What it comes to.
    pub fn total(&self) -> Money {
        Money(self.total_amount)
    }

    /// What is left to be paid.
    pub fn balance(&self) -> Money {
        Money(self.amounts().balance())
    }

    /// Whether it counts: neither void nor taken back as a whole.
    pub fn is_live(&self) -> bool {
        self.voided_at.is_none() && self.credited_at.is_none()
    }

    /// Whether it is with the customer, and something of it is left to be paid.
    pub fn is_owed(&self) -> bool {
        self.document_state == DocumentState::Sent && self.balance() > Money::ZERO
    }

    /// Whether its due day is before `today`, and something of it is left to be paid. Derived, never stored.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.is_owed() && self.due_on.is_some_and(|due| due < today)
    }
}

/// A line of a bill.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = bill_lines, check_for_backend(Mysql))]
pub struct BillLine {
    /// The bill.
    pub bill_id: BillId,
    /// Its place, from 1. It keeps it when others go.
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
    /// What a manual line is for.
    pub description: Option<String>,
    /// Why there is a manual line.
    pub reason: Option<String>,
    /// Who wrote a manual line.
    pub created_by: Option<UserId>,
}

impl BillLine {
    /// The arithmetic that its amount was found by.
    ///
    /// # Errors
    /// When it was written by something else than this program.
    pub fn explanation(&self) -> Result<Explanation> {
        serde_json::from_value(self.explanation.clone()).map_err(|fault| {
            let place = format!("line {} of bill {}", self.position, self.bill_id);
            Error::Internal(anyhow::Error::new(fault).context(place))
        })
    }

    /// The line as the rating core and its checker know it.
    ///
    /// # Errors
    /// As [`BillLine::explanation`].
    pub fn rated(&self) -> Result<Line> {
        Ok(Line { kind: self.kind, amount: Money(self.amount), explanation: self.explanation()? })
    }
}

text_enum! {
    /// What was decided about a bill.
    pub enum Verdict {
        /// It goes to review.
        Submitted = "submitted",
        /// It is right.
        Approved = "approved",
        /// It goes back.
        Rejected = "rejected",
        /// It was given up.
        Voided = "voided",
    }
}

/// A decision about a bill.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = bill_decisions, check_for_backend(Mysql))]
pub struct Decision {
    /// The bill.
    pub bill_id: BillId,
    /// Its place among the decisions of the bill, from 1.
    pub position: u16,
    /// Which submission it is about, from 1: the run's own.
    pub round: u16,
    /// What was decided.
    pub decision: Verdict,
    /// Why.
    pub reason: Option<String>,
    /// Who decided; none for the system.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: NaiveDateTime,
}

/// A bill as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct BillRecord {
    #[serde(skip)]
    subject: Subject,
    customer: String,
    month: String,
    state: Said,
    total: String,
    credited: String,
    due_on: Option<NaiveDate>,
    invoice_number: Option<String>,
    promised_on: Option<NaiveDate>,
}

impl BillRecord {
    /// The record of a bill, by the subject of its customer and the customer's code.
    pub fn new(bill: &Bill, code: &str, path: Option<String>) -> BillRecord {
        let state = bill.document_state;
        BillRecord {
            subject: Subject {
                kind: KIND,
                id: Some(bill.id.0),
                label: bill.number.clone(),
                department_path: path,
            },
            customer: code.to_owned(),
            month: bill.month().to_string(),
            state: Said::new(|t| state.label(t)),
            total: bill.total_amount.to_string(),
            credited: bill.credited_amount.to_string(),
            due_on: bill.due_on,
            invoice_number: bill.invoice_number.clone(),
            promised_on: bill.promised_on,
        }
    }
}

impl Audited for BillRecord {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }
}
