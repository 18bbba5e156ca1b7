//! Settings: what an administrator may change while the system runs.
//!
//! [`registry`] lists them. A value is stored only while it differs from its default; one that does not fit its setting,
//! because of a hand at the database or a range that became narrower, counts as the default and is found by
//! `opcms check`. A change is effective on every replica at once: see [`read`].

pub mod api;
pub mod checks;
pub mod commands;
pub mod forms;
pub mod letterhead;
pub mod model;
pub mod pages;
pub mod pictures;
pub mod queries;
pub mod receive;
pub mod registry;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

pub use letterhead::Letterhead;
pub use queries::read;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::routes::MenuGroup;
use crate::web::{Access, Routes};

/// Which of the two permissions a change takes, depends on the setting.
const EDIT: Access = Access::NeedsAny(&[Permission::SettingEditCompany, Permission::SettingEditSystem]);

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::SettingView, pages::index).menu(
        MenuGroup::System,
        "settings",
        Tr::settings_title,
    );
    r.get("/settings/{setting}", Permission::SettingView, pages::show).shows("setting");
    r.post("/settings/{setting}", EDIT, pages::update);
    r.upload("/settings/{setting}/picture", EDIT, pages::upload);
    r.post("/settings/{setting}/reset", EDIT, pages::reset);
    api::routes(r);
}
