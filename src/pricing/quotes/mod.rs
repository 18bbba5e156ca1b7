//! Quotes: what a quantity would cost under a price that comes with the question. Nothing is read, nothing is kept.
//!
//! `opcms quote` and `POST /api/v1/pricing/quote` take the same JSON, one question or an array of them, and give the same
//! answers. Numbers come as texts or as JSON numbers and are read as they are written, digit by digit; a field that no
//! model has is named instead of ignored.

pub mod answers;
pub mod api;
mod forms;
pub(in crate::pricing) mod reading;
#[cfg(test)]
mod tests;

pub use answers::{Answer, Answers, answers};

/// The routes of quotes.
pub fn routes(r: &mut crate::web::Routes) {
    api::routes(r);
}
