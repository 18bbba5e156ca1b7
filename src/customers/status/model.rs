//! The status of customers (`domain.md` §3).

use crate::i18n::Tr;
use crate::text_enum;

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
        !matches!(self, Cause::Undo | Cause::Merge)
    }
}
