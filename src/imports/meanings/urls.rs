//! The addresses of remembered meanings.

/// Those of a kind of import.
pub fn of_kind(kind: &str) -> String {
    format!("/imports/meanings/{kind}")
}

/// Forgetting some of them.
pub fn forget(kind: &str) -> String {
    format!("{}/forget", of_kind(kind))
}
