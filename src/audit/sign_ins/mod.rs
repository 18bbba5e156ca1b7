//! The log of sign-ins: who tried, from where, and how it ended.
//!
//! Attempts under a name that is nobody's belong to no department: only who reaches everything sees them.

pub mod api;
pub mod export;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of the log of sign-ins.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::SignInView, pages::index).menu(
        MenuGroup::System,
        "login-2",
        Tr::sign_ins_title,
    );
    r.post(urls::EXPORT, Permission::AuditExport, pages::export);
    api::routes(r);
}
