//! The addresses of imports of prices.

/// The page that takes a file, and the imports of the past.
pub const NEW: &str = "/prices/imports/new";

/// The workbook to fill in.
pub const TEMPLATE: &str = "/prices/imports/template";
