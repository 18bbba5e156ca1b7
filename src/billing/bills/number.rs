//! The numbers of bills and credit notes: the month, and a sequence within it.

use std::fmt;

use crate::types::BillingMonth;

/// The number of a bill: `B-202610-000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillNumber {
    /// The month that it is the bill of.
    pub month: BillingMonth,
    /// Its place in the sequence of the month, from 1.
    pub sequence: u32,
}

impl fmt::Display for BillNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:06}", prefix(self.month), self.sequence)
    }
}

/// What the numbers of all bills of a month begin with: `B-202610-`.
pub fn prefix(month: BillingMonth) -> String {
    format!("B-{}-", month.first_day().format("%Y%m"))
}
