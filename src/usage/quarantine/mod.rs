//! The quarantine 异常用量: records that a rule caught, as they were sent, until a person has decided.
//!
//! A record is put right, and goes through all rules again; or it counts as it is, where the rule is one that may be wrong;
//! or it is dropped. Each takes a reason or leaves what was sent beside what counts. Of the closed months nothing can
//! count: their records become lines of later bills once the usage of their month is billed, or are dropped. Who decides sees the records of the customers within reach;
//! those of nobody are for whoever reaches all.

pub mod bulk_pages;
pub mod commands;
pub mod deferring;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod sentences;
pub mod show_pages;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of the quarantine.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::UsageCorrect, pages::index).menu(
        MenuGroup::Usage,
        "alert-triangle",
        Tr::quarantine_title,
    );
    r.get(urls::BULK, Permission::UsageCorrect, bulk_pages::new);
    r.post(urls::BULK, Permission::UsageCorrect, bulk_pages::create);
    r.get("/usage/quarantine/{record}", Permission::UsageCorrect, show_pages::show).shows(model::KIND);
    r.post("/usage/quarantine/{record}/fix", Permission::UsageCorrect, show_pages::fix);
    r.post("/usage/quarantine/{record}/accept", Permission::UsageCorrect, show_pages::accept);
    r.post("/usage/quarantine/{record}/defer", Permission::UsageCorrect, show_pages::defer);
    r.post("/usage/quarantine/{record}/drop", Permission::UsageCorrect, show_pages::drop_record);
}
