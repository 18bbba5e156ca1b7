//! The description of the API: for machines at `/api/openapi.json`, for people at `/help/api`.
//!
//! Both are made from the route table, so that neither can say what the routes do not do.

mod pages;

use crate::i18n::Tr;
use crate::web::routes::MenuGroup;
use crate::web::{Access, Routes};

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    r.get("/api/openapi.json", Access::Public, pages::document);
    r.get("/help/api", Access::SignedIn, pages::index).menu(MenuGroup::System, "api", Tr::api_title);
}
