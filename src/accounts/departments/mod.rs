//! Departments: the tree from which data scopes are cut.
//!
//! Every department keeps its place as a path of ids, so that "and below" is one prefix of an index. Moving a
//! department moves its whole subtree, paths included, in one transaction.

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

/// The routes of departments.
pub fn routes(r: &mut Routes) {
    r.get("/departments", Permission::DepartmentView, pages::index).menu(
        MenuGroup::System,
        "sitemap",
        Tr::departments_title,
    );
    r.get("/departments/new", Permission::DepartmentEdit, pages::new);
    r.post("/departments", Permission::DepartmentEdit, pages::create);
    r.get("/departments/{department}/edit", Permission::DepartmentEdit, pages::edit).shows("department");
    r.post("/departments/{department}", Permission::DepartmentEdit, pages::update);
    r.get("/departments/{department}/delete", Permission::DepartmentEdit, pages::confirm_delete);
    r.post("/departments/{department}/delete", Permission::DepartmentEdit, pages::delete);
    api::routes(r);
}
