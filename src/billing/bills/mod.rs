//! Bills 账单: the lines that a month of a customer comes to, reviewed by somebody else, sent, and settled.
//!
//! Source: `domain.md` §6. The document goes from draft to review, approval and sending; the settlement of its balance is
//! a state of its own. Nothing of a sent bill is ever edited: what is wrong with it is taken back by a credit note.

pub mod api;
pub mod badges;
pub mod change;
pub mod commands;
pub mod decisions;
pub mod explained;
pub mod export;
pub mod forms;
pub mod list_forms;
pub mod list_pages;
pub mod listing;
pub mod manual_lines;
pub mod merging;
pub mod model;
pub mod number;
pub mod opening;
pub mod people;
pub mod queries;
pub mod review;
pub mod review_pages;
pub mod rules;
pub mod show_pages;
pub mod tab_pages;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of bills.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::BillView, list_pages::index).menu(
        MenuGroup::Billing,
        "file-invoice",
        Tr::bill_list_title,
    );
    r.post(urls::EXPORT, Permission::BillExport, list_pages::export);
    r.get(urls::REVIEW, Permission::BillApprove, review_pages::review).menu(
        MenuGroup::Billing,
        "user-check",
        Tr::bill_review_title,
    );
    r.post(urls::REVIEW_ALL, Permission::BillApprove, review_pages::approve_shown);
    r.post(urls::SUBMIT_CHOSEN, Permission::BillEdit, decisions::submit_chosen);
    r.post(urls::APPROVE_CHOSEN, Permission::BillApprove, decisions::approve_chosen);
    r.post(urls::VOID_CHOSEN, Permission::BillVoid, decisions::void_chosen);
    r.get("/bills/{bill}", Permission::BillView, show_pages::show).shows(model::KIND);
    r.post("/bills/{bill}/submit", Permission::BillEdit, decisions::submit);
    r.post("/bills/{bill}/recall", Permission::BillEdit, decisions::recall);
    r.post("/bills/{bill}/approve", Permission::BillApprove, decisions::approve);
    r.post("/bills/{bill}/reject", Permission::BillApprove, decisions::reject);
    r.post("/bills/{bill}/void", Permission::BillVoid, decisions::void);
    r.post("/bills/{bill}/invoice", Permission::BillEdit, decisions::invoice);
    r.post("/bills/{bill}/uninvoice", Permission::BillEdit, decisions::uninvoice);
    r.post("/bills/{bill}/lines", Permission::BillEdit, manual_lines::pages::add);
    r.post("/bills/{bill}/lines/{line}/remove", Permission::BillEdit, manual_lines::pages::remove);
    r.get("/customers/{customer}/bills", Permission::BillView, tab_pages::of_customer);
    api::routes(r);
}
