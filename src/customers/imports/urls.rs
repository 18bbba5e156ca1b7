//! The addresses of imports of customers.

/// The page that takes a file, and the imports of the past.
pub const NEW: &str = "/customers/import";

/// The workbook to fill in.
pub const TEMPLATE: &str = "/customers/import/template";
