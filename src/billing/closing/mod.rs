//! Closing months 关账: once nothing of a month is open, or somebody has signed what is, it is closed, and changes nothing any
//! more.
//!
//! The checklist is worked out when somebody looks; only signatures are kept. A signature covers exactly what was there when
//! it was given: as soon as the difference is another one, it has to be signed anew. A closed month is opened again by two
//! people: one asks, another approves.

pub mod checking;
pub mod commands;
pub mod findings;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of months.
pub fn routes(r: &mut Routes) {
    r.get("/billing/months", Permission::RunView, pages::index).menu(
        MenuGroup::Billing,
        "calendar",
        Tr::months_title,
    );
    r.get("/billing/months/{month}", Permission::RunView, pages::show);
    r.post("/billing/months/{month}/check", Permission::MonthClose, pages::check);
    r.post("/billing/months/{month}/sign", Permission::MonthClose, pages::sign);
    r.post("/billing/months/{month}/close", Permission::MonthClose, pages::close);
    r.post("/billing/months/{month}/reopen", Permission::MonthClose, pages::ask);
    r.post("/billing/months/{month}/reopen/approve", Permission::MonthReopen, pages::approve);
    r.post("/billing/months/{month}/reopen/reject", Permission::MonthReopen, pages::reject);
}
