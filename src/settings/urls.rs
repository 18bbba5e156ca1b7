//! Where settings are found.

use crate::types::ids::SettingId;

use super::model::Definition;

/// All of them.
pub const INDEX: &str = "/settings";

/// One setting, where its form is sent to.
pub fn setting(definition: &Definition) -> String {
    format!("{INDEX}/{}", definition.key)
}

/// Where a picture is sent to.
pub fn picture(definition: &Definition) -> String {
    format!("{}/picture", setting(definition))
}

/// Putting a setting back to its default.
pub fn reset(definition: &Definition) -> String {
    format!("{}/reset", setting(definition))
}

/// One setting by the number of its row, as the audit log and the files know it.
pub fn by_id(id: impl Into<SettingId>) -> String {
    format!("{INDEX}/{}", id.into())
}
