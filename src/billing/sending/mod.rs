//! Sending bills: one, once more, or all approved ones of a month.
//!
//! A bill goes from approved to sent in the transaction that makes its link and causes its mail, so that none is sent twice
//! or forgotten, whatever dies. What the mail encloses is made when it goes out.

pub mod api;
pub mod commands;
pub mod forms;
pub mod messages;
pub mod pages;
pub mod panel;
pub mod queries;
pub mod recipients;
pub mod task;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of sending.
pub fn routes(r: &mut Routes) {
    let sends = Permission::BillSend;
    r.get(urls::INDEX, sends, pages::index).menu(MenuGroup::Billing, "send", Tr::bill_sending_title);
    r.post(urls::INDEX, sends, pages::send_month);
    r.post(urls::SEND_CHOSEN, sends, pages::send_chosen);
    r.post("/bills/{bill}/send", sends, pages::send);
    r.post("/bills/{bill}/send-again", sends, pages::send_again);
    r.post("/bills/{bill}/links", sends, pages::take_along);
    r.post("/bill-links/{link}/revoke", sends, pages::revoke);
    r.get("/bills/{bill}/pdf", Permission::BillView, pages::pdf);
    r.get("/bills/{bill}/xlsx", Permission::BillView, pages::xlsx);
    api::routes(r);
}
