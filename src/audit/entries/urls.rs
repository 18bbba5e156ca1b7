//! Where audit entries are found.

use crate::types::ids::AuditEntryId;

/// The log.
pub const INDEX: &str = "/audit";

/// The export of the log.
pub const EXPORT: &str = "/audit/export";

/// One entry.
pub fn entry(id: impl Into<AuditEntryId>) -> String {
    format!("/audit/{}", id.into())
}

/// Everything about one record.
pub fn of_subject(kind: &str, id: u64) -> String {
    format!("{INDEX}?subject_kind={kind}&subject_id={id}")
}
