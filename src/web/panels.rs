//! Panels: what one room shows on the pages of another. A page of a record asks for the panels of its kind and prints
//! them; the rooms that have something to show register it in `app::parts`, so that neither knows the other.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use askama::filters::Safe;

use crate::db::Db;
use crate::types::{Error, Result};

use super::ui::Ui;

/// Makes the panel of one record, by its id.
type Render = Arc<dyn Fn(&mut Db, &Ui, u64) -> Result<String> + Send + Sync>;

/// The panels by the kind of record whose page shows them. A part of the application.
#[derive(Clone, Default)]
pub struct Panels(HashMap<&'static str, Vec<Render>>);

impl Panels {
    /// With one more panel on the pages of a kind of record; `load` reads it by the id of the record, `None` where whoever
    /// looks gets to see none.
    #[must_use]
    pub fn with<P: Template>(
        mut self,
        kind: &'static str,
        load: impl Fn(&mut Db, &Ui, u64) -> Result<Option<P>> + Send + Sync + 'static,
    ) -> Panels {
        let render: Render = Arc::new(move |db, ui, id| match load(db, ui, id)? {
            Some(panel) => panel.render().map_err(|fault| Error::Internal(fault.into())),
            None => Ok(String::new()),
        });
        self.0.entry(kind).or_default().push(render);
        self
    }

    /// The panels of a record, for its page to print.
    pub fn of(&self, db: &mut Db, ui: &Ui, kind: &str, id: u64) -> Result<Safe<String>> {
        let mut html = String::new();
        for render in self.0.get(kind).into_iter().flatten() {
            html.push_str(&render(db, ui, id)?);
        }
        Ok(Safe(html))
    }
}
