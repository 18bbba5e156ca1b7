//! The numbers of a month: of its bills, and of the credit notes that were issued in it.

pub mod commands;
