//! Intakes: usage that came in together, by a file, a call of the API, a day of a source, or a person who put records
//! right. Every record names the intake that brought it.

pub mod commands;
pub mod model;
pub mod queries;
