//! The addresses of intakes of usage.

use crate::types::ids::UsageIntakeId;
use crate::usage::intakes::model::IntakeKind;

/// The list.
pub const INDEX: &str = "/usage/imports";

/// The page that takes a file.
pub const NEW: &str = "/usage/imports/new";

/// The workbook to fill in.
pub const TEMPLATE: &str = "/usage/imports/template";

/// The list of those that came in one way.
pub fn of_kind(kind: impl Into<IntakeKind>) -> String {
    format!("{INDEX}?kind={}", kind.into())
}

/// An intake.
pub fn intake(id: impl Into<UsageIntakeId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Has its records taken.
pub fn take(id: impl Into<UsageIntakeId>) -> String {
    format!("{INDEX}/{}/take", id.into())
}

/// Has it worked out anew.
pub fn check(id: impl Into<UsageIntakeId>) -> String {
    format!("{INDEX}/{}/check", id.into())
}

/// Gives it up.
pub fn discard(id: impl Into<UsageIntakeId>) -> String {
    format!("{INDEX}/{}/discard", id.into())
}

/// What rules have caught of it, as a file.
pub fn caught(id: impl Into<UsageIntakeId>) -> String {
    format!("{INDEX}/{}/caught", id.into())
}

/// What waits of it in the quarantine.
pub fn quarantine(id: impl Into<UsageIntakeId>) -> String {
    format!("/usage/quarantine?intake={}", id.into())
}
