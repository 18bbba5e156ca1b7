//! Disputes 争议: what customers ask about their bills, on the page that their link opens, and what staff answer.
//!
//! A dispute is about a line, or about the whole bill. Until it is closed nobody is reminded of the bill. Both sides see one
//! thread; a customer who writes once more opens it again.

pub mod api;
pub mod commands;
pub mod forms;
pub mod messages;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod thread;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of disputes.
pub fn routes(r: &mut Routes) {
    let answers = Permission::DisputeAnswer;
    r.get(urls::INDEX, answers, pages::index).menu(MenuGroup::Billing, "message", Tr::disputes_title);
    r.get("/disputes/{dispute}", answers, pages::show).shows(model::KIND);
    r.post("/disputes/{dispute}/answer", answers, pages::answer);
    r.post("/disputes/{dispute}/reopen", answers, pages::reopen);
    api::routes(r);
}
