//! Where customers stand, and how they move: by hand with a reason, or by the rules of the night.

pub mod commands;
pub mod model;
pub mod rules;
