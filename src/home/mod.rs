//! Home: the first page after signing in: what one may open, one's own account, and what happened lately.

mod pages;

use crate::web::routes::MenuGroup;
use crate::web::{Access, Routes};

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    r.get("/", Access::SignedIn, pages::index).menu(MenuGroup::Home, "home", |t| t.home_title());
    r.get("/top-bar", Access::SignedIn, pages::top_bar).part();
}
