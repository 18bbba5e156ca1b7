//! The daily collection: for every source that is fetched from and every day a task, which takes page after page, and
//! what became of each day.
//!
//! "Not collected" is not zero: a day counts as empty only when its source has answered with an empty list, or when
//! somebody has declared it so and said why. Everything else that is not there is missing, and shows.

pub mod api;
pub mod commands;
pub mod forms;
pub mod job;
pub mod messages;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod task;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of the days of sources.
pub fn routes(r: &mut Routes) {
    r.post("/usage/sources/{source}/replay", Permission::UsageCollect, pages::replay);
    r.get("/usage/sources/{source}/days/{day}", Permission::SourceView, pages::show);
    r.post("/usage/sources/{source}/days/{day}/replay", Permission::UsageCollect, pages::replay_day);
    r.post("/usage/sources/{source}/days/{day}/declare", Permission::UsageCollect, pages::declare);
    r.post("/usage/sources/{source}/days/{day}/withdraw", Permission::UsageCollect, pages::withdraw);
    api::routes(r);
}
