//! What is typed into the forms of views, checked.

use serde::Deserialize;

use crate::customers::grid::forms::GridQuery;
use crate::types::FieldErrors;

use super::model::{SavedView, ViewDraft};

/// A view, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ViewForm {
    /// What it is called.
    pub name: String,
    /// `yes` when everybody may open it.
    pub shared: String,
    /// What stands behind the question mark of the list.
    pub query: String,
    /// The version that was read.
    pub version: String,
}

impl ViewForm {
    /// The form of an existing view.
    pub fn of(view: &SavedView) -> ViewForm {
        ViewForm {
            name: view.name.clone(),
            shared: if view.shared { "yes" } else { "" }.to_owned(),
            query: view.query.clone(),
            version: view.version.to_string(),
        }
    }

    /// The view that the form asks for.
    pub fn check(&self) -> Result<ViewDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = errors.required_line("name", &self.name, 60);
        errors.or(ViewDraft { name, shared: self.shared == "yes" })
    }

    /// What the list shows.
    pub fn query(&self) -> GridQuery {
        GridQuery::parse(&self.query)
    }

    /// The version that was read; 0, which no view has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}
