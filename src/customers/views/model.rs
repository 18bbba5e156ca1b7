//! Rows and values of saved views.

use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::customers::grid::forms::GridQuery;
use crate::customers::grid::urls;
use crate::schema::saved_views;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{SavedViewId, UserId};

/// Views as the audit log names them.
pub const KIND: &str = "view";
/// The list that they are views of.
pub const LIST: &str = "customers";

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = saved_views, check_for_backend(Mysql))]
pub struct SavedView {
    /// Its id.
    pub id: SavedViewId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is called.
    pub name: String,
    /// What stands behind the question mark.
    pub query: String,
    /// Whether everybody may open it.
    pub shared: bool,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
}

impl SavedView {
    /// The list as the view shows it.
    pub fn url(&self) -> String {
        format!("{}?{}", urls::INDEX, self.parameters().to_text())
    }

    /// The parameters of the list, with the view's own name among them.
    pub fn parameters(&self) -> GridQuery {
        GridQuery::parse(&self.query).with("view", &self.id.to_string())
    }
}

/// A view with the name of whose it is.
#[derive(Debug, Clone)]
pub struct ViewRow {
    /// The view.
    pub view: SavedView,
    /// Whose it is.
    pub owner: String,
    /// Whether it is of who asks.
    pub is_own: bool,
    /// Whether who asks begins with it.
    pub is_default: bool,
}

/// A view as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewDraft {
    /// What it is called.
    pub name: String,
    /// Whether everybody may open it.
    pub shared: bool,
}

/// A view as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct ViewRecord {
    #[serde(skip)]
    id: SavedViewId,
    view_name: String,
    view_query: String,
    view_shared: bool,
}

impl From<&SavedView> for ViewRecord {
    fn from(view: &SavedView) -> ViewRecord {
        ViewRecord {
            id: view.id,
            view_name: view.name.clone(),
            view_query: view.query.clone(),
            view_shared: view.shared,
        }
    }
}

impl Audited for ViewRecord {
    fn subject(&self) -> Subject {
        Subject { kind: KIND, id: Some(self.id.0), label: self.view_name.clone(), department_path: None }
    }
}
