//! Jobs: the schedule.
//!
//! A ticker in every process asks the database each second what is due; the database decides. A fire is one row for a
//! job and a moment, written together with the task that does it, so that any number of replicas fire it once. What
//! nothing fired in time was missed: it is listed, and caught up as what it would have been, by its own day of business.
//! The times of expressions are those of Asia/Shanghai.
//!
//! Rooms that want something done by the clock register a [`Builtin`](catalogue::Builtin); staff make jobs that call
//! others over HTTP.

pub mod body;
pub mod builtins;
pub mod catalogue;
pub mod context;
pub mod cron;
pub mod cron_words;
pub mod http;
pub mod runs;
pub mod schedule;
pub mod ticker;

use crate::web::Routes;

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    schedule::routes(r);
    runs::routes(r);
}
