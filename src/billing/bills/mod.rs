//! Bills 账单: the lines that a month of a customer comes to, reviewed by somebody else, sent, and settled.
//!
//! Source: `domain.md` §6. The document goes from draft to review, approval and sending; the settlement of its balance is
//! a state of its own. Nothing of a sent bill is ever edited: what is wrong with it is taken back by a credit note.

pub mod commands;
pub mod model;
pub mod number;
pub mod opening;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
