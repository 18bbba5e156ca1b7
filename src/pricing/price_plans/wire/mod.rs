//! Versions as programs send and get them.

pub mod api;
pub mod reading;
