//! The status of customers (`domain.md` §3).

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::i18n::Tr;
use crate::schema::status_moves;
use crate::text_enum;
use crate::types::ids::UserId;

text_enum! {
    /// Where a customer stands, in the order of its life.
    pub enum Status {
        /// 待确认: where an import puts what it cannot place.
        Unconfirmed = "unconfirmed",
        /// 商务阶段: in talks.
        Lead = "lead",
        /// 待接入: signed, not connected yet.
        Onboarding = "onboarding",
        /// 试用: trying the service.
        Trial = "trial",
        /// 正常使用: using it.
        Active = "active",
        /// 沉睡: no usage for a year.
        Dormant = "dormant",
        /// 暂停: stopped for now.
        Suspended = "suspended",
        /// 终止: ended, and billed for its tail.
        Terminated = "terminated",
        /// 归档: ended and settled.
        Archived = "archived",
    }
}

impl Status {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("customer_status", self.as_str())
    }
}

/// Templates hand on references.
impl From<&Status> for Status {
    fn from(status: &Status) -> Status {
        *status
    }
}

text_enum! {
    /// Who or what moves a customer.
    pub enum Cause {
        /// A person, on the page of the customer or in the list.
        ByHand = "by_hand",
        /// An import.
        Import = "import",
        /// An edit of many customers.
        Bulk = "bulk",
        /// Somebody took a batch or a merge back.
        Undo = "undo",
        /// A merge.
        Merge = "merge",
        /// The rule: first usage makes a formal account active.
        FirstUsage = "first_usage",
        /// The rule: a year without usage.
        NoUsage = "no_usage",
        /// The rule: usage again.
        UsageAgain = "usage_again",
        /// A proposal of the rule on overdue balances, approved.
        Overdue = "overdue",
        /// The rule: everything overdue has been paid.
        PaidUp = "paid_up",
    }
}

impl Cause {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("status_cause", self.as_str())
    }

    /// Whether the move has to be one that the status machine allows: what only brings back an earlier state need not.
    pub fn obeys_rules(self) -> bool {
        !matches!(self, Cause::Undo | Cause::Merge | Cause::PaidUp)
    }

    /// Whether a rule moves, and no person.
    pub fn is_rule(self) -> bool {
        matches!(
            self,
            Cause::FirstUsage | Cause::NoUsage | Cause::UsageAgain | Cause::Overdue | Cause::PaidUp
        )
    }

    /// Whether a person has decided on this very customer.
    pub fn is_by_hand(self) -> bool {
        matches!(self, Cause::ByHand | Cause::Bulk)
    }
}

/// What a rule saw when it moved or proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The day of the night that it ran in.
    pub on: Option<NaiveDate>,
    /// The day that it looked at: of the last usage, or since when a balance is overdue.
    pub day: Option<NaiveDate>,
    /// How many days lie between.
    pub days: Option<i64>,
}

impl Facts {
    /// As it is stored.
    pub fn stored(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Why a rule moves, in words.
    pub fn told(&self, t: Tr, cause: Cause) -> String {
        let day = self.day.map_or_else(String::new, |day| day.to_string());
        let days = self.days.unwrap_or_default();
        match cause {
            Cause::FirstUsage => t.status_told_first_usage(day),
            Cause::NoUsage => t.status_told_no_usage(day, days),
            Cause::UsageAgain => t.status_told_usage_again(day),
            Cause::Overdue => t.status_told_overdue(day, days),
            Cause::PaidUp => t.status_told_paid_up().to_owned(),
            other => other.label(t),
        }
    }
}

/// A move of a customer.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = status_moves, check_for_backend(Mysql))]
pub struct StatusMove {
    /// Where from; nowhere when it was created.
    pub was: Option<Status>,
    /// Where to.
    pub becomes: Status,
    /// Who or what moved it.
    pub cause: Cause,
    /// The reason that was given.
    pub reason: Option<String>,
    /// What the rule saw.
    pub facts: Option<Value>,
    /// Who it was.
    pub moved_by: Option<UserId>,
    /// When.
    pub moved_at: NaiveDateTime,
}

impl StatusMove {
    /// Why it was moved, in words.
    pub fn told(&self, t: impl Into<Tr>) -> String {
        let facts: Facts =
            self.facts.clone().and_then(|facts| serde_json::from_value(facts).ok()).unwrap_or_default();
        facts.told(t.into(), self.cause)
    }
}

/// A move by hand, as it was asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveDraft {
    /// Where to.
    pub becomes: Status,
    /// Why.
    pub reason: Option<String>,
}
