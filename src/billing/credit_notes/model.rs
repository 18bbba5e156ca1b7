//! Rows and values of credit notes.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::billing::bills::model::BillLine;
use crate::i18n::{Said, Tr};
use crate::schema::{credit_note_lines, credit_notes};
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{BillId, CreditNoteId, UserId};
use crate::types::{BillingMonth, Money};
use crate::web::ui::{Badge, Tone};

/// Credit notes as the audit log names them.
pub const KIND: &str = "credit_note";

text_enum! {
    /// What became of a credit note.
    pub enum CreditNoteState {
        /// Somebody else has to approve it.
        Asked = "asked",
        /// It counts.
        Issued = "issued",
        /// It was not approved.
        Rejected = "rejected",
        /// Who asked for it took it back.
        Withdrawn = "withdrawn",
    }
}

impl CreditNoteState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("credit_note_state", self.as_str())
    }

    /// Its badge.
    pub fn badge(self, t: Tr) -> Badge {
        let tone = match self {
            CreditNoteState::Asked => Tone::Warn,
            CreditNoteState::Issued => Tone::Ok,
            CreditNoteState::Rejected => Tone::Bad,
            CreditNoteState::Withdrawn => Tone::Off,
        };
        Badge::new(tone, self.label(t))
    }
}

/// A credit note, without its lines.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = credit_notes, check_for_backend(Mysql))]
pub struct CreditNote {
    /// Its id.
    pub id: CreditNoteId,
    /// The bill.
    pub bill_id: BillId,
    /// Its number, once it counts.
    pub number: Option<String>,
    /// What became of it.
    pub state: CreditNoteState,
    /// Whether it takes back all that is left of the bill.
    pub whole: bool,
    /// How much it takes back.
    pub amount: Decimal,
    /// Why.
    pub reason: String,
    /// Who asked for it; none for the system.
    pub asked_by: Option<UserId>,
    /// When.
    pub asked_at: NaiveDateTime,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<NaiveDateTime>,
    /// Why so.
    pub decision_reason: Option<String>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
}

impl CreditNote {
    /// How it is called: by its number, or by its id as long as it has none.
    pub fn name(&self) -> String {
        self.number.clone().unwrap_or_else(|| format!("#{}", self.id))
    }

    /// How much it takes back.
    pub fn amount(&self) -> Money {
        Money(self.amount)
    }
}

/// What a credit note takes back of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = credit_note_lines, check_for_backend(Mysql))]
pub struct CreditNoteLine {
    /// The credit note.
    pub credit_note_id: CreditNoteId,
    /// The place of the line in its bill.
    pub position: u16,
    /// How much of it.
    pub amount: Decimal,
}

/// A line of a bill, and what is left of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOver {
    /// The line.
    pub line: BillLine,
    /// Its amount.
    pub amount: Money,
    /// What credit notes took back of it.
    pub credited: Money,
    /// What is left of it.
    pub left: Money,
}

impl LeftOver {
    /// A line of which so much was taken back.
    pub fn new(line: BillLine, credited: Money) -> LeftOver {
        let amount = Money(line.amount);
        LeftOver { left: Money(amount.0 - credited.0), amount, credited, line }
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// All that is left of the bill.
    Whole,
    /// So much of these lines, by their places.
    Lines(Vec<(u16, Money)>),
}

/// What somebody asks for, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What.
    pub wish: Wish,
    /// Why.
    pub reason: String,
}

/// What a credit note takes back, as the rules have found it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// So much of each line, by its place.
    pub lines: Vec<(u16, Money)>,
    /// Their sum.
    pub amount: Money,
    /// Whether nothing is left of the bill.
    pub is_whole: bool,
}

/// The number of a credit note: `C-202611-000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditNoteNumber {
    /// The month that it was issued in.
    pub month: BillingMonth,
    /// Its place in the sequence of the month, from 1.
    pub sequence: u32,
}

impl std::fmt::Display for CreditNoteNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "C-{}-{:06}", self.month.first_day().format("%Y%m"), self.sequence)
    }
}

/// A credit note as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct CreditNoteRecord {
    #[serde(skip)]
    subject: Subject,
    bill: String,
    credit_note_state: Said,
    amount: String,
}

impl CreditNoteRecord {
    /// The record of a credit note, by the number of its bill and where its customer is.
    pub fn new(note: &CreditNote, bill: &str, department_path: Option<String>) -> CreditNoteRecord {
        let state = note.state;
        CreditNoteRecord {
            subject: Subject {
                kind: KIND,
                id: Some(note.id.0),
                label: note.number.clone().unwrap_or_else(|| bill.to_owned()),
                department_path,
            },
            bill: bill.to_owned(),
            credit_note_state: Said::new(|t| state.label(t)),
            amount: note.amount.to_string(),
        }
    }
}

impl Audited for CreditNoteRecord {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }
}
