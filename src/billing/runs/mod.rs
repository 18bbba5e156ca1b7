//! Bill runs 出账: the bills of a month as a plan that is shown, and committed as it was shown.
//!
//! Source: `domain.md` §6. `planning` works out what becomes of every customer, and `committing` writes the bills, both as
//! tasks that go on where they were killed. `inputs` is all that the bill of a customer follows from, with its digest;
//! `rating` and `change` make of it, purely, what the customer owes and why that is more or less than last month;
//! `risk` tells which of it somebody should look at.

pub mod change;
pub mod commands;
pub mod committing;
pub mod inputs;
pub mod late;
pub mod model;
pub mod planning;
pub mod plans;
pub mod queries;
pub mod rating;
mod record;
pub mod risk;
pub mod rules;
pub mod sweeping;
#[cfg(test)]
mod tests;
