//! What a customer gets of a bill: a [`statement`] in the words of one language, as a page, on [`paper`] (PDF) and as a
//! [`sheet`] (XLSX). All three say the same, because they are made of the same.

pub mod fonts;
pub mod paper;
pub mod printer;
pub mod queries;
pub mod sheet;
pub mod statement;
#[cfg(test)]
mod tests;

pub use printer::Printer;
pub use statement::Statement;
