//! Where dunning is found.

use crate::types::ids::{BillId, DunningStepId};

/// The bills that are overdue.
pub const INDEX: &str = "/bills/overdue";

/// Who will be reminded next, and why.
pub const NEXT: &str = "/bills/overdue/next";

/// Reminding at once.
pub const REMIND: &str = "/bills/overdue/remind";

/// The ladder.
pub const STEPS: &str = "/bills/overdue/steps";

/// The form of a new step.
pub const NEW_STEP: &str = "/bills/overdue/steps/new";

/// A step of the ladder.
pub fn step(id: impl Into<DunningStepId>) -> String {
    format!("{STEPS}/{}", id.into())
}

/// The bill itself.
pub use crate::billing::bills::urls::bill;

/// Noting what a customer promised.
pub fn promise(id: impl Into<BillId>) -> String {
    format!("{}/promise", bill(id))
}
