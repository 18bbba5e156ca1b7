//! What the rules of the night look at, and what they find.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde_json::Value;

use crate::customers::directory::model::AccountType;
use crate::customers::status::model::{Cause, Facts, Status, StatusMove};
use crate::schema::status_proposals;
use crate::text_enum;
use crate::types::ids::{CustomerId, UserId};

/// What is known of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The customer.
    pub id: CustomerId,
    /// Where it stands.
    pub status: Status,
    /// What kind of account it is.
    pub account_type: AccountType,
    /// The first day with usage.
    pub first_used_on: Option<NaiveDate>,
    /// The last day with usage.
    pub last_used_on: Option<NaiveDate>,
    /// When usage was last heard of.
    pub usage_noted_at: Option<NaiveDateTime>,
    /// Since when a balance is overdue.
    pub overdue_since: Option<NaiveDate>,
    /// How it came to stand there.
    pub last_move: Option<StatusMove>,
    /// Since when it was overdue when it was last proposed to be suspended.
    pub proposed: Option<NaiveDate>,
}

/// What a rule does to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Moves it.
    Move {
        /// Where to.
        becomes: Status,
        /// Which rule.
        cause: Cause,
        /// What it saw.
        facts: Facts,
    },
    /// Proposes to suspend it.
    Propose {
        /// Since when a balance is overdue.
        since: NaiveDate,
        /// What it saw.
        facts: Facts,
    },
}

impl Step {
    /// Where the customer would stand.
    pub fn becomes(&self) -> Status {
        match self {
            Step::Move { becomes, .. } => *becomes,
            Step::Propose { .. } => Status::Suspended,
        }
    }

    /// Which rule it is.
    pub fn cause(&self) -> Cause {
        match self {
            Step::Move { cause, .. } => *cause,
            Step::Propose { .. } => Cause::Overdue,
        }
    }

    /// What the rule saw.
    pub fn facts(&self) -> &Facts {
        match self {
            Step::Move { facts, .. } | Step::Propose { facts, .. } => facts,
        }
    }

    /// Whether somebody has to approve it.
    pub fn is_proposal(&self) -> bool {
        matches!(self, Step::Propose { .. })
    }
}

/// A customer as the lists of the night name it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Named {
    /// The customer.
    pub id: CustomerId,
    /// Its code.
    pub company_code: String,
    /// Its name.
    pub company_name: String,
    /// Where it stands.
    pub status: Status,
    /// Who sells to it.
    pub sales_owner: Option<UserId>,
    /// Who looks after it.
    pub ops_owner: Option<UserId>,
}

/// A customer with what the rules would do to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The customer.
    pub named: Named,
    /// What is known of it.
    pub known: Known,
    /// What the rules do.
    pub steps: Vec<Step>,
}

/// An active customer that does not use the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle {
    /// The customer.
    pub named: Named,
    /// The last day with usage.
    pub last_used_on: NaiveDate,
    /// How many days without.
    pub days: i64,
}

text_enum! {
    /// Where a proposal stands.
    pub enum ProposalState {
        /// Somebody has to decide.
        Open = "open",
        /// Somebody has suspended the customer.
        Approved = "approved",
        /// Somebody has left it as it was.
        Rejected = "rejected",
        /// The balance was paid, or the customer moved, before anybody decided.
        Lapsed = "lapsed",
    }
}

/// A proposal to suspend a customer.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = status_proposals, check_for_backend(Mysql))]
pub struct Proposal {
    /// Its id.
    pub id: u64,
    /// The customer.
    pub customer_id: CustomerId,
    /// Since when a balance is overdue.
    pub overdue_since: NaiveDate,
    /// Where it stands.
    pub state: ProposalState,
    /// What the rule saw.
    pub facts: Value,
    /// Why it was decided so.
    pub reason: Option<String>,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

impl Proposal {
    /// What the rule saw.
    pub fn facts(&self) -> Facts {
        serde_json::from_value(self.facts.clone()).unwrap_or_default()
    }
}
