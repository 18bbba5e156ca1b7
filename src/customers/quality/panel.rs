//! How complete a customer is, on its page.

use askama::Template;

use crate::customers::directory;
use crate::db::Db;
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result};
use crate::web::ui::{Badge, Ui};

use super::model::{Assessment, Problem};
use super::pages::score_badge;
use super::{queries, urls};

/// The score of a customer with all that is missing or wrong, each with where to mend it.
#[derive(Template)]
#[template(path = "customers/quality/panel.html")]
pub struct Panel {
    ui: Ui,
    id: CustomerId,
    assessment: Assessment,
    may_edit: bool,
}

impl Panel {
    /// The panel of a customer; none for who may not see the quality of the data, or for a customer that is deleted.
    pub fn load(db: &mut Db, ui: &Ui, id: u64) -> Result<Option<Panel>> {
        let id = CustomerId(id);
        if !ui.can(Permission::QualityView)
            || directory::queries::find(db, Permission::QualityView, id).is_err()
        {
            return Ok(None);
        }
        let may_edit = ui.can(Permission::CustomerEdit);
        let found = queries::of_customer(db, id)?;
        Ok(found.map(|row| Panel { ui: ui.clone(), id, assessment: row.assessment, may_edit }))
    }

    fn badge(&self) -> Badge {
        score_badge(self.ui.t, self.assessment.score)
    }

    /// What is said of a problem: what it is, and what it costs.
    fn sentence(&self, problem: impl Into<Problem>) -> String {
        super::pages::sentence(self.ui.t, problem.into())
    }
}
