//! Credit notes 红冲: what is taken back of a sent bill, as a whole or by line.
//!
//! Source: `domain.md` §6. One asks for it and says why, another approves it; from then on it has a number, and what it takes
//! back is owed no more. A bill that is taken back as a whole does not count any more: a run for its customer writes another
//! one in its place, which names it. What happened so is told as one [`story`] on each of these pages.

pub mod api;
pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod panel;
pub mod queries;
pub mod reissue_pages;
pub mod rules;
pub mod show_pages;
pub mod story;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of credit notes.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::BillView, pages::index).menu(
        MenuGroup::Billing,
        "receipt",
        Tr::credit_notes_title,
    );
    r.get("/credit-notes/{note}", Permission::BillView, show_pages::show).shows(model::KIND);
    r.post("/credit-notes/{note}/approve", Permission::CreditNoteApprove, show_pages::approve);
    r.post("/credit-notes/{note}/reject", Permission::CreditNoteApprove, show_pages::reject);
    r.post("/credit-notes/{note}/withdraw", Permission::CreditNoteCreate, show_pages::withdraw);
    r.get("/bills/{bill}/credit", Permission::CreditNoteCreate, pages::new);
    r.post("/bills/{bill}/credit", Permission::CreditNoteCreate, pages::create);
    r.post("/bills/{bill}/reissue", Permission::RunStart, reissue_pages::create);
    api::routes(r);
}
