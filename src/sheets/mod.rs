//! Tables that come from outside and go there: workbooks and CSV files.
//!
//! [`Book`] reads a file by what it is and not by its name, row by row, within limits that hold whatever the file
//! claims; what is wrong with a file as a whole is a [`Fault`] with a sentence. [`header`] finds the table in it,
//! [`clean`] makes values of its cells and says what it changed. [`write`] writes tables, [`template`] the workbook
//! that people fill in.
//!
//! Knows neither the database nor HTTP, and nothing of what the tables are about.

mod book;
mod cell;
pub mod clean;
mod compound;
mod fault;
mod formats;
mod gather;
pub mod header;
mod ods;
mod stream;
pub mod template;
pub mod text;
pub mod write;
mod xls;
mod xlsx;
mod zip_guard;

pub use book::{Book, Kind, Limits, Note, Sheet, Width};
pub use cell::{Cell, DateSystem, Row};
pub use fault::{Fault, column_name};
pub use limits::*;

/// How much of a file is read before it is refused.
mod limits {
    /// The largest file, in bytes.
    pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
    /// The most rows with content of a sheet.
    pub const MAX_ROWS: usize = 60_000;
    /// The columns that are kept of each row; those to the right of them are only counted.
    pub const MAX_COLUMNS: usize = 256;
    /// The most characters of a cell: as many as Excel allows.
    pub const MAX_CHARACTERS: usize = 32_767;
    /// The most sheets of a workbook.
    pub const MAX_SHEETS: usize = 255;
}

#[cfg(test)]
mod tests;
