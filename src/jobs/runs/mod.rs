//! Runs: what became of each fire of a job, and of those that were missed.

pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of runs.
pub fn routes(r: &mut Routes) {
    r.get(urls::MISSED, Permission::JobView, pages::missed);
    r.post(urls::CATCH_UP, Permission::JobRun, pages::catch_up);
    r.post(urls::DISMISS, Permission::JobRun, pages::dismiss);
    r.get("/jobs/{job}/runs", Permission::JobView, pages::history);
    r.get("/jobs/{job}/runs/{run}", Permission::JobView, pages::show);
}
