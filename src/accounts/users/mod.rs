//! Users: the sign-ins of staff.
//!
//! Never removed: a deleted user keeps their row, because history names them, and can be restored. There is always
//! somebody who can administer: the last admin can neither leave nor be made to.

//TMP pub mod api;
pub mod commands;
pub mod forms;
pub mod imports;
pub mod model;
//TMP pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of users.
pub fn routes(_r: &mut Routes) {
    //TMP r.get("/users", Permission::UserView, pages::index).menu(MenuGroup::System, "users", |t| t.users_title());
    //TMP r.get("/users/new", Permission::UserCreate, pages::new);
    //TMP r.post("/users", Permission::UserCreate, pages::create);
    //TMP r.get("/users/export", Permission::UserExport, pages::export);
    //TMP r.post("/users/bulk", Permission::UserDisable, pages::bulk);
    //TMP r.get("/users/import", Permission::UserImport, pages::new_import);
    //TMP r.upload("/users/import", Permission::UserImport, pages::import);
    //TMP r.get("/users/{user}", Permission::UserView, pages::show);
    //TMP r.get("/users/{user}/edit", Permission::UserEdit, pages::edit);
    //TMP r.post("/users/{user}", Permission::UserEdit, pages::update);
    //TMP r.get("/users/{user}/disable", Permission::UserDisable, pages::confirm_disable);
    //TMP r.post("/users/{user}/disable", Permission::UserDisable, pages::disable);
    //TMP r.post("/users/{user}/enable", Permission::UserDisable, pages::enable);
    //TMP r.get("/users/{user}/delete", Permission::UserDelete, pages::confirm_delete);
    //TMP r.post("/users/{user}/delete", Permission::UserDelete, pages::delete);
    //TMP r.post("/users/{user}/restore", Permission::UserDelete, pages::restore);
    //TMP r.get("/users/{user}/reset-password", Permission::UserResetPassword, pages::confirm_reset_password);
    //TMP r.post("/users/{user}/reset-password", Permission::UserResetPassword, pages::reset_password);
    //TMP r.post("/users/{user}/sign-out", Permission::UserSignOut, pages::sign_out);
    //TMP api::routes(r);
}
