//! Where templates are found.

use super::model::Template;

/// All of them.
pub const INDEX: &str = "/messages/templates";

/// The template of a kind in a language.
pub fn template(template: &Template) -> String {
    format!("{INDEX}/{}/{}", template.kind.code, template.language.tag())
}

/// What its words would look like.
pub fn preview(of: &Template) -> String {
    format!("{}/preview", template(of))
}

/// Giving it its original words back.
pub fn restore(of: &Template) -> String {
    format!("{}/restore", template(of))
}
