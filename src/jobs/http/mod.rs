//! Requests to others by the schedule.
//!
//! What is secret has a name: URL, headers and body say `{secret.NAME}`, so that all of them can be shown, audited and
//! sent over the API, and only the values are sealed. A value is never shown again, and is blotted out of what an answer
//! repeats of it.

pub mod body;
pub mod model;
pub mod rules;
