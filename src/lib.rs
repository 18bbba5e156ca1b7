//! OP-CMS, the operations and settlement hub: the rooms of the house, in the order of their dependencies.
//!
//! A room uses only rooms listed above it; `tests/integration/architecture.rs` keeps it so. README has the map.
#![recursion_limit = "512"]

pub mod i18n;
pub mod types;
pub mod sheets;
pub mod config;
#[expect(missing_docs, reason = "the tables as diesel sees them; the migrations document them")]
pub mod schema;
pub mod db;
pub mod web;
pub mod audit;
pub mod accounts;
pub mod files;
pub mod settings;
pub mod notifications;
pub mod tasks;
pub mod jobs;
pub mod batches;
pub mod imports;
pub mod periods;
pub mod catalog;
pub mod customers;
pub mod pricing;
pub mod usage;
pub mod billing;
pub mod home;
pub mod api_docs;
pub mod app;
pub mod cli;
