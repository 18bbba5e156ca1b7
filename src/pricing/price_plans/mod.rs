//! Price plans 定价配置: for each customer a timeline of versions.
//!
//! A version is drafted, submitted, and approved by somebody who had no hand in it; from its first day on it is in force
//! until the next one begins. Its end is nowhere stored, so that no two can overlap; what is in force is never edited.

mod charges;
pub mod commands;
pub mod draft;
pub mod model;
pub mod queries;
pub mod rules;
pub mod taking_back;
