//! Prices: what a quantity costs, and why.
//!
//! `models` has the arithmetic, one model of charging a file; `terms` what comes after it: minimum, cap, discount.
//! `rating` puts both together. Every line carries its `explanation`, from which alone the `checker` finds the amount
//! again without calling any of that. All of that is pure: no database, no clock, no binary floating point.
//! `price_plans` keeps what customers pay, as versions; `month` rates a month of a customer by them, purely as well.
//! `imports`, `copies` and `raises` write versions for many customers, through batches, and `approvals` approves many.

pub mod approvals;
pub mod checker;
pub mod copies;
pub mod exact;
pub mod explanation;
pub mod faults;
pub mod imports;
pub mod manual;
pub mod models;
pub mod month;
pub mod openings;
pub mod price_plans;
pub mod quotes;
pub mod raises;
pub mod rating;
pub mod repricing;
mod sentences;
pub mod terms;
#[cfg(test)]
mod tests;

use crate::batches::BatchKind;
use crate::customers;
use crate::customers::duplicates::merges::Mergeable;
use crate::i18n::Tr;
use crate::tasks::body::TaskKind;
use crate::types::Permission;
use crate::types::ids::CustomerId;
use crate::web::Routes;
use crate::web::tabs::{Tab, Tabs};

pub use faults::{Fault, Faults};
pub use rating::{Line, LineKind, Rated, rate};

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[openings::planning::TASK];

/// The batches of the room.
pub const BATCHES: &[BatchKind] =
    &[imports::BATCH, copies::batch::KIND, raises::batch::KIND, approvals::batch::KIND];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    imports::routes(r);
    raises::routes(r);
    copies::routes(r);
    approvals::routes(r);
    quotes::routes(r);
    price_plans::routes(r);
}

/// With the page of a customer that this room has.
pub fn tabs(tabs: Tabs) -> Tabs {
    let prices = Tab {
        code: "prices",
        label: Tr::price_plan_tab,
        url: |id| price_plans::urls::of_customer(CustomerId(id)),
        permission: Permission::PriceView,
        count: Some(price_plans::queries::count),
    };
    tabs.with(customers::directory::model::KIND, prices)
}

/// With what this room keeps of customers, for when they are merged.
pub fn mergeable(all: Mergeable) -> Mergeable {
    all.with(price_plans::merging::PART)
}
