//! Inboxes: what each user was told within the product. Nobody reads another's.

pub mod api;
pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod urls;

use crate::web::Routes;
use crate::web::routes::Access;

/// The routes of inboxes.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Access::SignedIn, pages::index);
    r.poll(urls::BELL, Access::SignedIn, pages::bell);
    r.post(urls::READ_ALL, Access::SignedIn, pages::read_all);
    r.post("/notifications/{notification}/read", Access::SignedIn, pages::read);
    api::routes(r);
}
