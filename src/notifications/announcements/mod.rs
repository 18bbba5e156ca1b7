//! Announcements: messages that somebody writes by hand, to colleagues within reach, group chats and other addresses.

pub mod api;
pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of announcements.
pub fn routes(r: &mut Routes) {
    r.get(urls::NEW, Permission::MessageSend, pages::new);
    r.post(urls::SEND, Permission::MessageSend, pages::create);
    api::routes(r);
}
