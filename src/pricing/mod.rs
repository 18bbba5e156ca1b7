//! Prices: what a quantity costs, and why.
//!
//! `models` has the arithmetic, one model of charging a file; `terms` what comes after it: minimum, cap, discount.
//! `rating` puts both together. Every line carries its `explanation`, from which alone the `checker` finds the amount
//! again without calling any of that. All of that is pure: no database, no clock, no binary floating point.
//! `price_plans` keeps what customers pay, as versions; `month` rates a month of a customer by them, purely as well.

pub mod checker;
pub mod exact;
pub mod explanation;
pub mod faults;
pub mod models;
pub mod month;
pub mod price_plans;
pub mod quotes;
pub mod rating;
mod sentences;
pub mod terms;
#[cfg(test)]
mod tests;

pub use faults::{Fault, Faults};
pub use rating::{Line, LineKind, Rated, rate};

/// The routes of the room.
pub fn routes(r: &mut crate::web::Routes) {
    quotes::routes(r);
}
