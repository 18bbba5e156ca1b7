//! The message to whoever watches the collection, when a day could not be fetched.

use chrono::NaiveDate;
use serde_json::json;

use crate::db::Tx;
use crate::i18n::Said;
use crate::jobs::schedule;
use crate::notifications::kinds::model::{Kind, Original, Variable};
use crate::types::ids::TaskId;
use crate::types::{Outgoing, Recipient, Result};
use crate::usage::sources::model::UsageSource;

use super::{job, urls};

/// The kind of message.
pub const KIND: &str = "usage.collection_failed";

/// The kinds of the room.
pub const ALL: &[Kind] = &[Kind {
    code: KIND,
    mails: true,
    robots: true,
    variables: &[Variable::words("source"), Variable::words("day"), Variable::words("reason")],
    originals: [
        Original(include_str!("../../../templates/notifications/kinds/usage.collection_failed.zh-CN.txt")),
        Original(include_str!("../../../templates/notifications/kinds/usage.collection_failed.en.txt")),
    ],
}];

/// Tells those who watch the job that a day of a source could not be fetched.
pub fn tell_failed(
    tx: &mut Tx,
    source: &UsageSource,
    day: NaiveDate,
    task: TaskId,
    said: &Said,
) -> Result<()> {
    let Some(job) = schedule::queries::by_code_or_name(tx, job::CODE)? else { return Ok(()) };
    let watchers = schedule::queries::told(tx, job.id)?;
    if watchers.is_empty() {
        return Ok(());
    }
    let variables = json!({"source": source.name, "day": day, "reason": said});
    let message =
        Outgoing::new(KIND, &variables).about(urls::day(source.id, day)).once(format!("{KIND}:{task}"));
    let message = watchers.into_iter().fold(message, |message, user| message.to(Recipient::User(user)));
    tx.notify(&message).map(|_| ())
}
