//! Tasks: durable background work.
//!
//! A task is a row, put there by the transaction that wants it ([`Tx::enqueue`](crate::db::Tx::enqueue)) and worked off
//! by whatever process is free. A worker holds it by a lease that it renews; when the worker dies, the lease runs out
//! and another one begins the next try. A room that has work to do registers a [`TaskKind`](body::TaskKind) with the
//! application.

pub mod api;
pub mod body;
pub mod commands;
pub mod drill;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod urls;
pub mod workers;

#[cfg(test)]
mod tests;

use crate::i18n::Tr;
use crate::web::routes::MenuGroup;
use crate::web::ui::top_bar::Counter;
use crate::web::{Access, Routes};

/// One's own tasks that are not over, in the top bar.
pub const COUNTER: Counter = Counter {
    url: urls::INDEX,
    icon: "list-check",
    label: |t, count| t.tasks_running(count),
    count: queries::count_unfinished_of,
};

/// The routes of the room. Whoever has signed in sees their own tasks; those of others, whom their roles let.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Access::SignedIn, pages::index).menu(MenuGroup::System, "list-check", Tr::tasks_title);
    r.get("/tasks/{task}", Access::SignedIn, pages::show).shows("task");
    r.post("/tasks/{task}/cancel", Access::SignedIn, pages::cancel);
    r.post("/tasks/{task}/retry", Access::SignedIn, pages::retry);
    api::routes(r);
}
