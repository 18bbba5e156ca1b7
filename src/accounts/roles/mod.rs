//! Roles: a set of permissions and the data scope that they reach.
//!
//! The built-in roles of `domain.md` §1 come with the product: they can be granted differently but not deleted or
//! renamed, and `admin` always keeps every permission, so that nobody can lock the house from inside.

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

/// The routes of roles.
pub fn routes(r: &mut Routes) {
    r.get("/roles", Permission::RoleView, pages::index).menu(
        MenuGroup::System,
        "shield-lock",
        Tr::roles_menu,
    );
    r.get("/roles/new", Permission::RoleEdit, pages::new);
    r.post("/roles", Permission::RoleEdit, pages::create);
    r.get("/roles/{role}", Permission::RoleView, pages::show).shows("role");
    r.get("/roles/{role}/edit", Permission::RoleEdit, pages::edit);
    r.post("/roles/{role}", Permission::RoleEdit, pages::update);
    r.get("/roles/{role}/delete", Permission::RoleEdit, pages::confirm_delete);
    r.post("/roles/{role}/delete", Permission::RoleEdit, pages::delete);
    api::routes(r);
}
