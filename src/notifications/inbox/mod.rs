//! Inboxes: what each user was told within the product. Nobody reads another's.

pub mod api;
pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod urls;

use crate::i18n::Tr;
use crate::web::Routes;
use crate::web::routes::Access;
use crate::web::ui::top_bar::Counter;

/// The bell of the top bar: what is unread.
pub const COUNTER: Counter = Counter { url: urls::INDEX, icon: "bell", label, count: queries::unread };

fn label(t: Tr, unread: i64) -> String {
    if unread == 0 { t.inbox_title().to_owned() } else { t.inbox_count(unread) }
}

/// The routes of inboxes.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Access::SignedIn, pages::index);
    r.post(urls::READ_ALL, Access::SignedIn, pages::read_all);
    r.post("/notifications/{notification}/read", Access::SignedIn, pages::read);
    api::routes(r);
}
