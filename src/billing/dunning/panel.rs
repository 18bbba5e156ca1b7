//! What the page of a bill shows of dunning: who was reminded, what comes next, and what the customer promised.

use std::collections::BTreeMap;

use askama::Template;
use chrono::NaiveDate;

use crate::accounts::users;
use crate::billing::bills;
use crate::billing::bills::model::{Bill, DocumentState};
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::types::ids::{BillId, UserId};
use crate::types::time::business_day;
use crate::types::{Permission, Result};
use crate::web::ui::{Ui, filters};

use super::model::{Promise, Reminder, when};
use super::{queries, rules, urls};

/// The panel.
#[derive(Template)]
#[template(path = "billing/dunning/panel.html")]
pub struct Panel {
    ui: Ui,
    bill: Bill,
    today: NaiveDate,
    reminders: Vec<Reminder>,
    promises: Vec<Promise>,
    people: BTreeMap<UserId, String>,
    coming: String,
    may_promise: bool,
}

impl Panel {
    /// The panel of a bill; none for one that was not sent.
    pub fn load(db: &mut Db, ui: &Ui, id: u64) -> Result<Option<Panel>> {
        let (bill, customer) = bills::queries::find(db, Permission::BillView, BillId(id))?;
        if bill.document_state != DocumentState::Sent {
            return Ok(None);
        }
        let (t, today) = (ui.t, business_day(db.now()));
        let steps = queries::steps(db)?;
        let next = rules::next(&steps, &bill, today).filter(|_| bill.is_owed());
        let coming = match rules::hindrance(&bill, today).filter(|_| bill.is_owed()) {
            Some(hindrance) => hindrance.text(t),
            None => next.map_or_else(
                || t.dunning_no_more().to_owned(),
                |(step, day)| t.dunning_next_on(day, step.when(t)),
            ),
        };
        let promises = queries::promises(db, bill.id)?;
        let ids: Vec<UserId> = promises.iter().filter_map(|promise| promise.noted_by).collect();
        let people = users::queries::people_of(db, &ids)?.into_iter();
        let permission = Permission::BillSend;
        let reaches = ui.can(permission) && Reach::of(db, permission)?.covers(&customer.fields);
        Ok(Some(Panel {
            reminders: queries::reminders(db, &[bill.id])?.remove(&bill.id).unwrap_or_default(),
            people: people.map(|(id, person)| (id, person.name)).collect(),
            may_promise: reaches && rules::can_promise(&bill).is_ok(),
            ui: ui.clone(),
            bill,
            today,
            promises,
            coming,
        }))
    }

    fn what(&self, reminder: &Reminder) -> String {
        when(self.ui.t, reminder.days)
    }

    fn told(&self, reminder: &Reminder) -> String {
        let addresses = reminder.addresses();
        if addresses.is_empty() {
            self.ui.t.dunning_told_people().to_owned()
        } else {
            self.ui.t.dunning_told_customer(addresses.len())
        }
    }

    #[expect(clippy::ref_option, reason = "templates hand on references")]
    fn name(&self, id: &Option<UserId>) -> String {
        let name = id.and_then(|id| self.people.get(&id).cloned());
        name.unwrap_or_else(|| self.ui.t.credit_notes_by_system().to_owned())
    }

    fn is_overdue(&self) -> bool {
        self.bill.is_overdue(self.today)
    }

    fn days(&self) -> i64 {
        self.bill.due_on.map_or(0, |due| (self.today - due).num_days())
    }
}
