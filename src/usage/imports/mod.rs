//! Usage from files 导入用量: CSV and workbooks of up to millions of lines.
//!
//! A file is kept, worked out (what would count, what each rule would catch), shown, and taken. The same page lists what
//! came in by any other way. `opcms import usage` does it without the page.

pub mod begin;
pub mod check;
mod columns;
mod commands;
mod forms;
pub mod model;
mod pages;
pub mod reading;
pub mod rules;
mod template;
pub mod urls;
pub mod work;

pub use columns::COLUMNS;

use crate::i18n::Tr;
use crate::types::Permission::UsageImport;
use crate::usage::intakes::model::KIND;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of usage from files.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, UsageImport, pages::index).menu(MenuGroup::Usage, "upload", Tr::usage_imports_menu);
    r.get(urls::NEW, UsageImport, pages::new);
    r.upload(urls::INDEX, UsageImport, pages::create);
    r.get(urls::TEMPLATE, UsageImport, pages::template);
    r.get("/usage/imports/{intake}", UsageImport, pages::show).shows(KIND);
    r.post("/usage/imports/{intake}/take", UsageImport, pages::take);
    r.post("/usage/imports/{intake}/check", UsageImport, pages::check);
    r.post("/usage/imports/{intake}/discard", UsageImport, pages::discard);
    r.post("/usage/imports/{intake}/caught", UsageImport, pages::caught);
}
