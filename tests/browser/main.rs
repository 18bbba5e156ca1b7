//! The product in a real browser: Chromium, driven through WebDriver, in front of a real `opcms serve`.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod journeys;
mod pages;
mod support;
