//! Opening bills: what a run has planned becomes bills, within the database.

pub mod commands;
