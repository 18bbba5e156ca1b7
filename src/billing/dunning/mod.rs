//! Dunning 催收: reminding of bills that are due or overdue 逾期, step by step.
//!
//! Overdue is derived, never stored. The ladder says how many days before or after its due day somebody is told of a bill, and
//! who. A day that was missed sends the latest step only, and no step of a bill is ever sent twice. A dispute pauses it, and so
//! does a promise to pay until its day has passed.

pub mod api;
pub mod commands;
pub mod forms;
pub mod job;
pub mod messages;
pub mod model;
pub mod pages;
pub mod panel;
pub mod promise_pages;
pub mod queries;
pub mod rules;
pub mod step_pages;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of dunning.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::BillView, pages::index).menu(
        MenuGroup::Billing,
        "clock",
        Tr::dunning_title,
    );
    r.get(urls::NEXT, Permission::BillView, pages::next);
    r.post(urls::REMIND, Permission::BillSend, pages::remind);
    r.get(urls::STEPS, Permission::BillView, step_pages::index);
    r.get(urls::NEW_STEP, Permission::DunningEdit, step_pages::new);
    r.post(urls::STEPS, Permission::DunningEdit, step_pages::create);
    r.get("/bills/overdue/steps/{step}", Permission::DunningEdit, step_pages::edit).shows(model::KIND);
    r.post("/bills/overdue/steps/{step}", Permission::DunningEdit, step_pages::update);
    r.get("/bills/{bill}/promise", Permission::BillSend, promise_pages::new);
    r.post("/bills/{bill}/promise", Permission::BillSend, promise_pages::create);
    api::routes(r);
}
