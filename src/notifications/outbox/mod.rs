//! The outbox: messages as the transactions that caused them wrote them, spread into inboxes and deliveries.
//!
//! One message is spread in one transaction: all of it or nothing. One that cannot be spread is tried again later, and
//! holds up no other.

pub mod commands;
pub mod model;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
