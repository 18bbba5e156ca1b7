//! Who a customer is likely to be the same as, on its page.

use askama::Template;

use crate::db::Db;
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result};
use crate::web::ui::{Badge, Ui};

use super::model::Pair;
use super::pages::{evidence_badges, score_badge};
use super::queries::PairRow;
use super::{queries, urls};

/// The open pairs of a customer.
#[derive(Template)]
#[template(path = "customers/duplicates/panel.html")]
pub struct Panel {
    ui: Ui,
    id: CustomerId,
    rows: Vec<PairRow>,
}

impl Panel {
    /// The panel of a customer; none where there is nothing to say, or for who may not see it.
    pub fn load(db: &mut Db, ui: &Ui, id: u64) -> Result<Option<Panel>> {
        if !ui.can(Permission::QualityView) || !ui.can(Permission::CustomerView) {
            return Ok(None);
        }
        let id = CustomerId(id);
        let rows = queries::open_of(db, id)?;
        Ok((!rows.is_empty()).then(|| Panel { ui: ui.clone(), id, rows }))
    }

    /// What the other one is recognised by.
    fn other(&self, row: &PairRow) -> String {
        if row.lower.id == self.id { row.higher.label() } else { row.lower.label() }
    }

    fn badge(&self, pair: &Pair) -> Badge {
        score_badge(self.ui.t, pair.score)
    }

    fn evidence(&self, pair: &Pair) -> Vec<Badge> {
        evidence_badges(self.ui.t, &pair.evidence())
    }
}
