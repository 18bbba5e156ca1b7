//! Users: the sign-ins of staff.
//!
//! Never removed: a deleted user keeps their row, because history names them, and can be restored. There is always
//! somebody who can administer: the last admin can neither leave nor be made to.

pub mod api;
pub mod commands;
pub mod forms;
pub mod imports;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod state_pages;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of users.
pub fn routes(r: &mut Routes) {
    r.get("/users", Permission::UserView, pages::index).menu(MenuGroup::System, "users", |t| t.users_title());
    r.get("/users/new", Permission::UserCreate, pages::new);
    r.post("/users", Permission::UserCreate, pages::create);
    r.post("/users/export", Permission::UserExport, pages::export);
    r.post("/users/bulk", Permission::UserView, pages::bulk);
    r.get("/users/import", Permission::UserImport, imports::pages::new);
    r.upload("/users/import", Permission::UserImport, imports::pages::create);
    r.get("/users/{user}", Permission::UserView, pages::show).shows("user");
    r.get("/users/{user}/edit", Permission::UserEdit, pages::edit);
    r.post("/users/{user}", Permission::UserEdit, pages::update);
    r.get("/users/{user}/disable", Permission::UserDisable, state_pages::confirm_disable);
    r.post("/users/{user}/disable", Permission::UserDisable, state_pages::disable);
    r.post("/users/{user}/enable", Permission::UserDisable, state_pages::enable);
    r.get("/users/{user}/delete", Permission::UserDelete, state_pages::confirm_delete);
    r.post("/users/{user}/delete", Permission::UserDelete, state_pages::delete);
    r.post("/users/{user}/restore", Permission::UserDelete, state_pages::restore);
    r.get("/users/{user}/reset-password", Permission::UserResetPassword, state_pages::confirm_reset);
    r.post("/users/{user}/reset-password", Permission::UserResetPassword, state_pages::reset);
    r.post("/users/{user}/sign-out", Permission::UserSignOut, state_pages::sign_out);
    api::routes(r);
}
