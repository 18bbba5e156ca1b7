//! What the page of a bill shows of its sending: where it goes, what went out and what became of it, who has opened it,
//! and its disputes.

use std::collections::BTreeMap;

use askama::Template;

use crate::billing::bills;
use crate::billing::bills::model::{Bill, DocumentState};
use crate::billing::disputes;
use crate::billing::disputes::model::Dispute;
use crate::billing::links;
use crate::billing::links::enclosing::BILL;
use crate::billing::links::model::{BillLink, Views};
use crate::db::Db;
use crate::i18n::Tr;
use crate::notifications::deliveries;
use crate::notifications::deliveries::model::Delivery;
use crate::types::ids::{BillId, BillLinkId};
use crate::types::{Permission, Result};
use crate::web::ui::{Badge, Tone, Ui, filters};

use super::{recipients, urls};

/// A link, and what became of it.
struct LinkRow {
    link: BillLink,
    views: Views,
    deliveries: Vec<Delivery>,
}

/// The panel.
#[derive(Template)]
#[template(path = "billing/sending/panel.html")]
pub struct Panel {
    ui: Ui,
    bill: Bill,
    recipients: Option<String>,
    links: Vec<LinkRow>,
    disputes: Vec<Dispute>,
    may_answer: bool,
}

impl Panel {
    /// The panel of a bill; none for who may not see bills.
    pub fn load(db: &mut Db, ui: &Ui, id: u64) -> Result<Option<Panel>> {
        let (bill, customer) = bills::queries::find(db, Permission::BillView, BillId(id))?;
        let links = links::queries::of_bill(db, bill.id)?;
        let ids: Vec<BillLinkId> = links.iter().map(|link| link.id).collect();
        let mut views = links::queries::views(db, &ids)?;
        let mut mails: BTreeMap<u64, Vec<Delivery>> = BTreeMap::new();
        let plain: Vec<u64> = ids.iter().map(|id| id.0).collect();
        for delivery in deliveries::queries::enclosing(db, BILL, &plain)? {
            mails.entry(delivery.enclosed_id.unwrap_or_default()).or_default().push(delivery);
        }
        let row = |link: BillLink| LinkRow {
            views: views.remove(&link.id).unwrap_or_default(),
            deliveries: mails.remove(&link.id.0).unwrap_or_default(),
            link,
        };
        Ok(Some(Panel {
            recipients: recipients::of(db, &customer)?.map(|to| to.written()),
            links: links.into_iter().map(row).collect(),
            disputes: disputes::queries::of_bill(db, bill.id)?,
            may_answer: ui.can(Permission::DisputeAnswer),
            bill,
            ui: ui.clone(),
        }))
    }

    fn dispute_badge(&self, dispute: &Dispute) -> Badge {
        dispute.state.badge(self.ui.t)
    }

    fn delivery_badge(&self, delivery: &Delivery) -> Badge {
        delivery.state.badge(self.ui.t)
    }

    fn fault(&self, delivery: &Delivery) -> String {
        delivery.fault(self.ui.t)
    }

    fn opens(&self, link: &BillLink) -> bool {
        link.opens(self.ui.now)
    }

    fn may_send(&self) -> bool {
        self.ui.can(Permission::BillSend)
    }

    fn is_ready(&self) -> bool {
        self.bill.document_state == DocumentState::Approved
    }

    fn is_sent(&self) -> bool {
        self.bill.document_state == DocumentState::Sent && self.bill.is_live()
    }

    fn confirmed(&self) -> Option<&BillLink> {
        self.links.iter().map(|row| &row.link).find(|link| link.confirmed_at.is_some())
    }

    /// Whether a link opens its bill, or why not.
    fn state(&self, link: &BillLink) -> Badge {
        let t: Tr = self.ui.t;
        if link.revoked_at.is_some() {
            Badge::new(Tone::Off, t.bill_links_state_revoked())
        } else if self.opens(link) {
            Badge::new(Tone::Ok, t.bill_links_state_open())
        } else {
            Badge::new(Tone::Off, t.bill_links_state_expired())
        }
    }
}
