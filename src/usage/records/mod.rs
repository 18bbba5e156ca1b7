//! Records of usage: what counts, what was sent, and what catches a record that cannot be right.

pub mod model;
