//! Rows and values of disputes.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::billing::bills::model::Bill;
use crate::customers::directory::model::Customer;
use crate::i18n::{Said, Tr};
use crate::schema::{dispute_messages, disputes};
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{BillId, BillLinkId, DisputeId, UserId};
use crate::web::ui::{Badge, Tone};

/// Disputes as the audit log names them.
pub const KIND: &str = "dispute";

text_enum! {
    /// Whose turn it is.
    pub enum DisputeState {
        /// Ours.
        Open = "open",
        /// The customer's.
        Answered = "answered",
        /// Nobody's.
        Closed = "closed",
    }
}

impl DisputeState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("dispute_state", self.as_str())
    }

    /// Its badge.
    pub fn badge(self, t: Tr) -> Badge {
        let tone = match self {
            DisputeState::Open => Tone::Warn,
            DisputeState::Answered => Tone::Plain,
            DisputeState::Closed => Tone::Off,
        };
        Badge::new(tone, self.label(t))
    }
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = disputes, check_for_backend(Mysql))]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// The bill.
    pub bill_id: BillId,
    /// The link that the customer came by first.
    pub link_id: BillLinkId,
    /// The line that it is about; none for all of the bill.
    pub position: Option<u16>,
    /// Whose turn it is.
    pub state: DisputeState,
    /// When it was opened.
    pub opened_at: NaiveDateTime,
    /// When somebody wrote last.
    pub written_at: NaiveDateTime,
    /// Who closed it.
    pub closed_by: Option<UserId>,
    /// When.
    pub closed_at: Option<NaiveDateTime>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
}

/// A message of a dispute.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = dispute_messages, check_for_backend(Mysql))]
pub struct DisputeMessage {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Its place, from 1.
    pub position: u16,
    /// Who of us wrote it.
    pub user_id: Option<UserId>,
    /// Whether the customer wrote it.
    pub from_customer: bool,
    /// Who wrote it, as they were called then; blank for a customer who gave no name.
    pub author: String,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub written_at: NaiveDateTime,
}

/// A dispute with what it is about: a row of the list, and the page of one.
#[derive(Debug, Clone, PartialEq)]
pub struct DisputeRow {
    /// The dispute.
    pub dispute: Dispute,
    /// Its bill.
    pub bill: Bill,
    /// Whose it is.
    pub customer: Customer,
}

/// Which disputes are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DisputeFilter {
    /// Whose turn it is.
    pub state: Option<DisputeState>,
    /// Whether closed ones are among them where no state is asked for.
    pub with_closed: bool,
    /// The bill.
    pub bill: Option<BillId>,
}

/// A dispute as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct DisputeRecord {
    #[serde(skip)]
    subject: Subject,
    customer: String,
    bill_line: Option<u16>,
    state: Said,
}

impl DisputeRecord {
    /// The record of a dispute of a bill.
    pub fn new(dispute: &Dispute, number: &str, code: &str, path: Option<String>) -> DisputeRecord {
        let state = dispute.state;
        DisputeRecord {
            subject: Subject {
                kind: KIND,
                id: Some(dispute.id.0),
                label: number.to_owned(),
                department_path: path,
            },
            customer: code.to_owned(),
            bill_line: dispute.position,
            state: Said::new(|t| state.label(t)),
        }
    }
}

impl Audited for DisputeRecord {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }
}
