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
mod bill_links;
mod bill_list;
mod bill_pdf;
mod bill_review;
mod bill_runs;
mod bill_sending;
mod billing_checks;
mod bills;
mod cli;
mod closing;
mod completeness;
mod contacts;
mod credit_notes;
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
mod disputes;
mod dunning;
mod duplicates;
mod engine;
mod file_store;
mod files;
mod home;
mod hostile;
mod import_upkeep;
mod jobs;
mod late_usage;
mod local_server;
mod locking;
mod message_delivery;
mod messages;
mod meters;
mod migrations;
mod own_sessions;
mod own_tokens;
mod preferences;
mod price_api;
mod price_plans;
mod price_import;
mod price_raise;
mod profile;
mod quality;
mod quarantine;
mod quotes;
mod roles;
mod run_pages;
mod schema;
mod settings;
mod sheets;
mod sign_in;
mod smoke;
mod support;
mod tasks;
mod usage_collection;
mod usage_sources;
mod usage_api;
mod usage_corrections;
mod usage_imports;
mod usage_intake;
mod usage_merging;
mod usage_pages;
mod users;
mod words;
mod world_months;
