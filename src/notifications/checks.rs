//! What must always be true of messages.

use crate::db::Db;
use crate::db::checks::{Check, Finding};
use crate::types::Result;

use super::{deliveries, outbox};

/// The checks of the room.
pub const ALL: &[Check] = &[
    Check { code: "notifications.deliveries", find: deliveries },
    Check { code: "notifications.spread", find: spread },
];

/// A delivery is due exactly as long as it is on its way: no other one would ever be looked at, or end.
fn deliveries(db: &mut Db) -> Result<Finding> {
    let (examined, lost) = deliveries::queries::lost(db)?;
    Ok(Finding { examined, breaches: lost.iter().map(ToString::to_string).collect() })
}

/// A message that was spread is not to be spread again.
fn spread(db: &mut Db) -> Result<Finding> {
    let (examined, again) = outbox::queries::spread_again(db)?;
    Ok(Finding { examined, breaches: again.iter().map(ToString::to_string).collect() })
}
