//! What all customers used on a day, kept with every record that comes in, so that nobody sums millions of them for a page.

pub mod commands;
pub mod queries;
