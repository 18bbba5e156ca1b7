//! The audit log: every write of the product, as a sentence with what it changed.
//!
//! Read by key, newest first. Other rooms show the history of their records with [`queries::of_subject`] and
//! [`Timeline`].

pub mod api;
pub mod batches;
pub mod changes;
pub mod export;
pub mod forms;
pub mod model;
pub mod pages;
pub mod personal;
pub mod queries;
pub mod sentences;
#[cfg(test)]
mod tests;
pub mod timeline;
pub mod urls;

pub use timeline::Timeline;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of the audit log.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::AuditView, pages::index).menu(
        MenuGroup::System,
        "history",
        Tr::audit_title,
    );
    r.post(urls::EXPORT, Permission::AuditExport, pages::export);
    r.get("/audit/{entry}", Permission::AuditView, pages::show);
    api::routes(r);
}
