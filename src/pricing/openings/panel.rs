//! What a batch that opened versions shows of them on its page: how many wait for approval, are in force, or have gone;
//! and the way to approving them.

use askama::Template;

use crate::db::Db;
use crate::pricing::approvals;
use crate::pricing::price_plans::list;
use crate::pricing::price_plans::list::queries::Meant;
use crate::types::ids::BatchId;
use crate::types::money::grouped;
use crate::types::{Permission, Result};
use crate::web::ui::{Ui, filters};

/// The panel.
#[derive(Template)]
#[template(path = "pricing/openings/panel.html")]
pub struct Panel {
    ui: Ui,
    id: BatchId,
    counts: Vec<(String, i64)>,
    pending: i64,
}

impl Panel {
    /// The panel of a batch; `None` where it has opened no versions.
    pub fn load(db: &mut Db, ui: &Ui, id: u64) -> Result<Option<Panel>> {
        let id = BatchId(id);
        if !ui.can(Permission::PriceView) {
            return Ok(None);
        }
        let counts = list::queries::count_of_batch(db, id)?;
        let pending = if ui.can(Permission::PriceApprove) {
            list::queries::count_waiting(db, &Meant::OfBatch(id))?
        } else {
            0
        };
        let counts: Vec<(String, i64)> =
            counts.into_iter().map(|(state, count)| (state.label(ui.t), count)).collect();
        Ok((!counts.is_empty()).then(|| Panel { ui: ui.clone(), id, counts, pending }))
    }

    /// How many wait for the approval of whoever looks.
    fn waiting(&self) -> Option<String> {
        (self.pending > 0).then(|| grouped(&self.pending.to_string()))
    }
}
