//! A version as it is read and decided about: its page with its price table, its place among the versions of its customer,
//! beside another one, and the prices of a customer as a whole.

pub mod comparison;
pub mod decisions;
pub mod of_customer;
pub mod pages;
pub mod sheet;
pub mod story;
