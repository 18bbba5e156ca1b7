//! Usage 用量: what customers used, by day, from wherever it comes.
//!
//! All ways in (a file, a call of the API, a day of a source that is fetched, a record that was put right) end in one verb,
//! `records::commands::take`. What a rule catches waits in the quarantine for a person; what is taken replaces what was
//! sent before, which is kept. Nothing is written into a closed month.

pub mod holds;
pub mod records;
