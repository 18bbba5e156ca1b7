//! Jobs: what fires when, and who is told when it fails.

pub mod api;
pub mod commands;
pub mod form_pages;
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

/// The routes of jobs.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::JobView, pages::index).menu(MenuGroup::System, "clock", Tr::jobs_title);
    r.get(urls::NEW, Permission::JobEdit, form_pages::new);
    r.post(urls::INDEX, Permission::JobEdit, form_pages::create);
    r.get("/jobs/{job}", Permission::JobView, pages::show).shows("job");
    r.get("/jobs/{job}/edit", Permission::JobEdit, form_pages::edit);
    r.post("/jobs/{job}", Permission::JobEdit, form_pages::update);
    r.get("/jobs/{job}/run", Permission::JobRun, pages::ask_run);
    r.post("/jobs/{job}/run", Permission::JobRun, pages::run);
    r.post("/jobs/{job}/pause", Permission::JobEdit, pages::pause);
    r.post("/jobs/{job}/resume", Permission::JobEdit, pages::resume);
    r.get("/jobs/{job}/delete", Permission::JobEdit, pages::confirm_delete);
    r.post("/jobs/{job}/delete", Permission::JobEdit, pages::delete);
    api::routes(r);
}
