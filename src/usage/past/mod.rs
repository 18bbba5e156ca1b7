//! What was used, for who tries prices on it.

pub mod queries;
