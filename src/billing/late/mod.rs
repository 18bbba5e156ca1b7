//! Late lines 补录: what usage comes to that came too late for the bill of its month.
//!
//! Source: `domain.md` §6. The month is rated again with all that came late, by the prices that were in force then; what was
//! billed of it so far is taken off: the lines of its bill that follow from usage, and earlier late lines. What is left, which
//! may be below zero, is one line of the customer's next bill, which names the bill that it should have been on. The usage
//! waits as long as no bill that counts has it: a bill that is void or taken back sets it free again.

pub mod commands;
pub mod model;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
