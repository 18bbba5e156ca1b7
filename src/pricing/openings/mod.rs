//! Versions that batches open: by a file of prices, by the workbook of customers, by copying a plan, by a raise of many.
//!
//! Each of them works out drafts, and ends here: a row of the batch carries the [draft](model::Opening) and shows what it
//! changes; committing writes the drafts as versions that wait for approval, undoing takes those back that nobody has
//! approved and, as far as whoever asks may do that, those that have not begun.

pub mod batch;
pub mod forms;
pub mod ground;
pub mod model;
pub mod of_customers;
pub mod panel;
pub mod planning;
pub mod present;
pub mod rules;
pub mod wording;

#[cfg(test)]
mod tests;
