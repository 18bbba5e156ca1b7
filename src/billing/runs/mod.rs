//! Bill runs 出账: the bills of a month as a plan that is shown, and committed as it was shown.
//!
//! Source: `domain.md` §6. `planning` works out what becomes of every customer, and `committing` writes the bills, both as
//! tasks that go on where they were killed. `inputs` is all that the bill of a customer follows from, with its digest;
//! `rating` and `change` make of it, purely, what the customer owes and why that is more or less than last month;
//! `risk` tells which of it somebody should look at. `monthly` begins the run of a month by the clock, and `announcing` tells
//! what became of it.

pub mod announcing;
pub mod api;
pub mod change;
pub mod commands;
pub mod committing;
pub mod customer_pages;
pub mod export_pages;
pub mod forms;
pub mod inputs;
pub mod late;
pub mod messages;
pub mod model;
pub mod monthly;
pub mod new_pages;
pub mod pages;
pub mod planning;
pub mod plans;
pub mod queries;
pub mod rating;
mod record;
pub mod risk;
pub mod rules;
pub mod show_pages;
pub mod sweeping;
pub mod urls;
#[cfg(test)]
mod tests;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of runs.
pub fn routes(r: &mut Routes) {
    r.get("/billing/runs", Permission::RunView, pages::index).menu(
        MenuGroup::Billing,
        "file-invoice",
        Tr::run_pages_title,
    );
    r.get("/billing/runs/new", Permission::RunStart, new_pages::new);
    r.post("/billing/runs", Permission::RunStart, new_pages::plan);
    r.get("/billing/runs/{bill_run}", Permission::RunView, show_pages::show).shows(model::KIND);
    r.get("/billing/runs/{bill_run}/customers/{position}", Permission::RunView, customer_pages::show);
    r.post("/billing/runs/{bill_run}/commit", Permission::RunCommit, pages::commit);
    r.post("/billing/runs/{bill_run}/replan", Permission::RunStart, pages::replan);
    r.post("/billing/runs/{bill_run}/discard", Permission::RunStart, pages::discard);
    r.post("/billing/runs/{bill_run}/again", Permission::RunStart, pages::again);
    r.post("/billing/runs/{bill_run}/export", Permission::RunView, export_pages::export);
    api::routes(r);
}
