//! Inputs: everything that the bill of a customer follows from, and its digest.

pub mod model;
pub mod queries;
