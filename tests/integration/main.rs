//! The product as a whole, with a real database: one binary, so that it is linked once.
#![recursion_limit = "512"]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod access;
mod api_docs;
mod architecture;
mod audit;
mod batch_rights;
mod cli;
mod contacts;
mod customer_bulk;
mod customer_core;
mod customer_imports;
mod customer_list;
mod customer_pages;
mod customer_status;
mod customer_views;
mod dead_database;
mod departments;
mod dictionaries;
mod duplicates;
mod engine;
mod file_store;
mod files;
mod home;
mod hostile;
mod import_upkeep;
mod jobs;
mod local_server;
mod locking;
mod message_delivery;
mod messages;
mod migrations;
mod own_sessions;
mod own_tokens;
mod preferences;
mod profile;
mod quality;
mod quotes;
mod roles;
mod schema;
mod settings;
mod sheets;
mod sign_in;
mod smoke;
mod support;
mod tasks;
mod users;
mod words;
