//! Deliveries: one message on its way to one recipient by one channel, and the log of them all.
//!
//! A delivery is taken in a transaction of its own before anything is said to anybody, and settled in another one after.
//! Whoever dies in between leaves it as taken; it then counts as uncertain and is not sent again by itself. Nothing is
//! therefore ever sent twice unless somebody asks for it.

pub mod api;
pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of deliveries.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::MessageView, pages::index).menu(
        MenuGroup::System,
        "message",
        Tr::messages_title,
    );
    r.post(urls::RESEND_FAILED, Permission::MessageSend, pages::resend_failed);
    r.post(urls::RETRY, Permission::MessageSend, pages::retry);
    r.get("/messages/{delivery}", Permission::MessageView, pages::show).shows("message");
    r.post("/messages/{delivery}/resend", Permission::MessageSend, pages::resend);
    api::routes(r);
}
