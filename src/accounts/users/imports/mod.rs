//! Staff from a file: the page, the command line and the API import through here.
//!
//! [`parse`] reads the file, [`plan`] says what would become of each row, [`commit`] does it in one transaction.
//! Between the last two the caller makes the one-time passwords, outside of any transaction, because hashing is dear.
//!
//! An import creates users and never changes one. A row whose user exists just as the file says is unchanged, so that
//! importing a file twice does no harm; a row whose user exists with another name, role or department fails, because
//! a file that has grown old must not undo what somebody has decided since. A row that fails never blocks the others.

mod commands;
mod forms;
pub mod model;
pub mod pages;
mod queries;
mod rules;
#[cfg(test)]
mod tests;

pub use commands::commit;
pub use forms::{MAX_BYTES, MAX_ROWS, parse};
pub use model::{Plan, Report, Sheet};
pub use queries::plan;
