//! The head of a customer's pages: who it is, where it stands, what may be done with it, and the tabs. The pages of all
//! rooms about one customer begin with it.

use askama::Template;

use crate::customers::family;
use crate::customers::hand_over;
use crate::customers::status;
use crate::customers::status::model::Status;
use crate::db::Db;
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result};
use crate::web::tabs::Tabs;
use crate::web::ui::tabs::TabBar;
use crate::web::ui::{Badge, Tone, Ui, filters, piece};

use super::fields::Field;
use super::model::{AccountType, Customer, KIND};
use super::reach::Reach;
use super::words::Words;
use super::{queries, urls};

/// Something that is named and led to.
struct Link {
    text: String,
    url: Option<String>,
}

/// An action: where it is, or why it cannot be done.
struct Way {
    icon: &'static str,
    label: &'static str,
    url: String,
    refusal: Option<String>,
}

/// The head of a customer's pages.
#[derive(Template)]
#[template(path = "customers/directory/head.html")]
pub struct Head {
    ui: Ui,
    /// The customer.
    pub customer: Customer,
    badges: Vec<Badge>,
    owners: Vec<(&'static str, String)>,
    parent: Option<Link>,
    merged_into: Option<Link>,
    may_edit: bool,
    may_restore: bool,
    ways: Vec<Way>,
    delete: Option<Way>,
    tabs: TabBar,
}

piece!(Head);

/// Where a customer stands, as a badge.
pub fn badge(status: Status, ui: &Ui) -> Badge {
    let tone = match status {
        Status::Active => Tone::Ok,
        Status::Unconfirmed | Status::Dormant => Tone::Warn,
        Status::Suspended => Tone::Bad,
        Status::Lead | Status::Onboarding | Status::Trial => Tone::Plain,
        Status::Terminated | Status::Archived => Tone::Off,
    };
    Badge::new(tone, status.label(ui.t))
}

impl Head {
    /// Reads the head of a customer within reach, be it deleted; `current` is the tab that is open.
    pub fn load(db: &mut Db, ui: &Ui, tabs: &Tabs, id: CustomerId, current: &str) -> Result<Head> {
        let customer = queries::find(db, Permission::CustomerView, id)?;
        let words = Words::load(db, [&customer.fields])?;
        let t = ui.t;
        let owners = [(t.customer_sales(), Field::SalesOwner), (t.customer_ops(), Field::OpsOwner)]
            .into_iter()
            .filter_map(|(label, field)| Some((label, words.of(t, &customer.fields, field)?)))
            .collect();
        let parent = match customer.fields.parent {
            Some(parent) => Some(link(db, ui, parent)?),
            None => None,
        };
        let merged_into = match customer.merged_into {
            Some(other) => Some(link(db, ui, other)?),
            None => None,
        };
        let mut may = |permission: Permission| may(db, ui, permission, &customer);
        let (may_edit, may_delete) = (may(Permission::CustomerEdit)?, may(Permission::CustomerDelete)?);
        let (may_move, may_hand_over) = (may(Permission::StatusMove)?, may(Permission::CustomerHandOver)?);
        let is_live = customer.is_live();
        let children = if may_delete && is_live { family::queries::count_children(db, id)? } else { 0 };
        Ok(Head {
            badges: badges(ui, &customer, &words),
            ways: ways(ui, &customer, is_live && may_move, is_live && may_hand_over),
            delete: (is_live && may_delete).then(|| Way {
                icon: "trash",
                label: t.customer_delete(),
                url: urls::delete(id),
                refusal: (children > 0).then(|| t.customers_delete_children(children)),
            }),
            may_edit: may_edit && is_live,
            may_restore: may_delete && !is_live && customer.merged_into.is_none(),
            tabs: tabs.bar(db, ui, KIND, id.0, current)?,
            ui: ui.clone(),
            owners,
            parent,
            merged_into,
            customer,
        })
    }
}

impl Head {
    /// Whether whoever looks may do a thing to this very customer, as long as it is live.
    pub fn may(&self, db: &mut Db, ui: &Ui, permission: Permission) -> Result<bool> {
        Ok(self.customer.is_live() && may(db, ui, permission, &self.customer)?)
    }
}

/// Whether whoever looks may do a thing to this very customer.
fn may(db: &mut Db, ui: &Ui, permission: Permission, customer: &Customer) -> Result<bool> {
    Ok(ui.can(permission) && Reach::of(db, permission)?.covers(&customer.fields))
}

/// Another customer, by name for who reaches it.
fn link(db: &mut Db, ui: &Ui, id: CustomerId) -> Result<Link> {
    let reach = Reach::of(db, Permission::CustomerView)?;
    let seen = queries::get(db, id)?.filter(|other| reach.covers(&other.fields));
    Ok(match seen {
        Some(other) => Link { text: other.label(), url: Some(urls::customer(id)) },
        None => Link { text: ui.t.customer_out_of_reach().to_owned(), url: None },
    })
}

fn badges(ui: &Ui, customer: &Customer, words: &Words) -> Vec<Badge> {
    let (t, fields) = (ui.t, &customer.fields);
    let mut badges = Vec::new();
    if !customer.is_live() {
        badges.push(Badge::new(Tone::Bad, t.customer_deleted_badge()));
    }
    badges.push(badge(fields.status, ui));
    if let Some(level) = words.of(t, fields, Field::Level) {
        badges.push(Badge::new(Tone::Plain, t.customer_level_badge(level)));
    }
    if fields.account_type != AccountType::Formal {
        badges.extend(words.of(t, fields, Field::AccountType).map(|kind| Badge::new(Tone::Warn, kind)));
    }
    if !fields.billable {
        badges.push(Badge::new(Tone::Off, t.customer_not_billable()));
    }
    if fields.disabled {
        badges.push(Badge::new(Tone::Bad, t.customer_disabled()));
    }
    badges
}

fn ways(ui: &Ui, customer: &Customer, may_move: bool, may_hand_over: bool) -> Vec<Way> {
    let (t, id) = (ui.t, customer.id);
    let ends = status::rules::moves_from(customer.fields.status).is_empty();
    let mut ways = Vec::new();
    if may_move {
        ways.push(Way {
            icon: "arrow-right",
            label: t.status_move(),
            url: status::urls::of_customer(id),
            refusal: ends.then(|| t.status_no_way_on(customer.fields.status.label(t))),
        });
    }
    if may_hand_over {
        let (icon, label) = ("user-check", t.customer_hand_over());
        ways.push(Way { icon, label, url: hand_over::urls::of_customer(id), refusal: None });
    }
    ways
}
