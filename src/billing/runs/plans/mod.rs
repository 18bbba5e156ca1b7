//! Plans: what a run makes of each customer, as it is written down.

pub mod commands;
