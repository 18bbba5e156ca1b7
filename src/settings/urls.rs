//! Where settings are found.

use super::model::Definition;

/// All of them.
pub const INDEX: &str = "/settings";

/// One setting, where its form is sent to.
pub fn setting(definition: &Definition) -> String {
    format!("{INDEX}/{}", definition.key)
}

/// Putting a setting back to its default.
pub fn reset(definition: &Definition) -> String {
    format!("{}/reset", setting(definition))
}
