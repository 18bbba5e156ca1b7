//! Where saved views are found.

use crate::types::ids::SavedViewId;

/// All that somebody may open.
pub const INDEX: &str = "/customers/views";

/// One view.
pub fn view(id: impl Into<SavedViewId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Renaming and sharing it.
pub fn edit(id: impl Into<SavedViewId>) -> String {
    format!("{}/edit", view(id))
}

/// Giving it another filter.
pub fn overwrite(id: impl Into<SavedViewId>) -> String {
    format!("{}/overwrite", view(id))
}

/// Deleting it.
pub fn delete(id: impl Into<SavedViewId>) -> String {
    format!("{}/delete", view(id))
}

/// Beginning with it.
pub fn make_default(id: impl Into<SavedViewId>) -> String {
    format!("{}/default", view(id))
}
