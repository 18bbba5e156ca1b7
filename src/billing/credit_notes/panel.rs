//! What the page of a bill shows of its credit notes: the story that it is in, the way to asking for one, and the way to
//! writing the bill again.

use askama::Template;

use crate::billing::bills;
use crate::billing::bills::model::{Bill, DocumentState};
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::types::ids::BillId;
use crate::types::{Permission, Result};
use crate::web::ui::{Ui, filters};

use super::story::{Here, Story};
use super::{queries, rules, urls};

/// The panel.
#[derive(Template)]
#[template(path = "billing/credit_notes/panel.html")]
pub struct Panel {
    bill: Bill,
    ui: Ui,
    story: Story,
    /// Whether whoever looks may ask for a credit note, and why they cannot.
    #[expect(clippy::option_option, reason = "who may not, who may, and who may but cannot now")]
    asking: Option<Option<String>>,
    /// Whether a run for the customer alone would write the bill again.
    may_reissue: bool,
}

impl Panel {
    /// The panel of a bill; none for one that was not sent and is in no story.
    pub fn load(db: &mut Db, ui: &Ui, id: u64) -> Result<Option<Panel>> {
        let (bill, customer) = bills::queries::find(db, Permission::BillView, BillId(id))?;
        let story = Story::load(db, ui.t, &bill, Here::Bill(bill.id))?;
        if bill.document_state != DocumentState::Sent && !story.is_long() {
            return Ok(None);
        }
        let permission = Permission::CreditNoteCreate;
        let may_ask = ui.can(permission) && Reach::of(db, permission)?.covers(&customer.fields);
        let asking = if may_ask {
            let refusal = rules::can_ask(&bill, queries::pending(db, bill.id)?.as_ref()).err();
            Some(refusal.map(|refusal| refusal.message.text(ui.t)))
        } else {
            None
        };
        let may_reissue = ui.can(Permission::RunStart)
            && Reach::of(db, Permission::RunStart)? == Reach::All
            && rules::can_reissue(&bill, queries::has_live(db, &bill)?).is_ok();
        Ok(Some(Panel { bill, ui: ui.clone(), story, asking, may_reissue }))
    }
}
