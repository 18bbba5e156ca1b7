//! Payer aliases: the names under which a customer's money arrives.

pub mod commands;
