//! The menu of views beside the title of the list, and the form that saves what the list shows.

use askama::Template;
use askama::filters::Safe;

use crate::customers::grid::forms::GridQuery;
use crate::customers::grid::urls as grid_urls;
use crate::db::Db;
use crate::types::{Permission, Result};
use crate::web::ui::{Ui, filters, piece};

use super::model::ViewRow;
use super::{queries, urls};

/// The menu.
#[derive(Template)]
#[template(path = "customers/views/menu.html")]
pub struct ViewMenu {
    ui: Ui,
    own: Vec<ViewRow>,
    shared: Vec<ViewRow>,
    current: Option<ViewRow>,
    kept: String,
    may_share: bool,
}

piece!(ViewMenu);

impl ViewMenu {
    /// The views that whoever asks may open, with the one that is open.
    pub fn load(db: &mut Db, ui: &Ui, query: &GridQuery) -> Result<ViewMenu> {
        let all = queries::list(db)?;
        let is_open = |row: &&ViewRow| row.view.id.to_string() == query.get("view");
        let current = all.iter().find(is_open).cloned();
        let (own, shared) = all.into_iter().partition(|row| row.is_own);
        Ok(ViewMenu {
            may_share: ui.can(Permission::ViewShare),
            kept: query.kept().to_text(),
            ui: ui.clone(),
            own,
            shared,
            current,
        })
    }

    /// The forms behind the buttons of the menu. They stand within the list, so that every swap of it brings ones that
    /// carry what is shown.
    pub fn save_form(&self) -> Safe<String> {
        let mut forms = self.hidden_form("save-view", urls::INDEX);
        if let Some(row) = self.own_current() {
            forms.push_str(&self.hidden_form("overwrite-view", &urls::overwrite(row.view.id)));
        }
        Safe(forms)
    }

    fn hidden_form(&self, id: &str, action: &str) -> String {
        let kept = self.kept.replace('&', "&amp;");
        format!(
            "<form id=\"{id}\" method=\"post\" action=\"{action}\" hidden>{}<input type=\"hidden\" name=\"query\" \
             value=\"{kept}\"></form>",
            self.ui.csrf_field().0
        )
    }

    fn is_current(&self, row: &ViewRow) -> bool {
        self.current.as_ref().is_some_and(|current| current.view.id == row.view.id)
    }

    fn own_current(&self) -> Option<&ViewRow> {
        self.current.as_ref().filter(|row| row.is_own)
    }
}
