//! When a delivery is tried again, and when by hand.

use chrono::{Duration, NaiveDateTime};

use crate::i18n::{Said, Tr};
use crate::types::Refusal;

use super::model::{DeliveryState, Outcome};

/// How long after each try the next one comes; after as many tries and one more it is given up.
const PAUSES: [Duration; 5] = [
    Duration::minutes(1),
    Duration::minutes(5),
    Duration::minutes(15),
    Duration::hours(1),
    Duration::hours(4),
];

/// How long a sender has a delivery to itself. No try takes that long: one that does has died.
pub const LEASE: Duration = Duration::minutes(10);

/// How long to wait after so many tries; `None` to give up.
pub fn pause_after(attempts: u32) -> Option<Duration> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    PAUSES.get(index).copied()
}

/// A delivery after a try.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// How far it has come.
    pub state: DeliveryState,
    /// When it is tried again.
    pub due_at: Option<NaiveDateTime>,
    /// What went wrong.
    pub error: Option<Said>,
    /// What the other side calls it.
    pub remote_id: Option<String>,
}

/// What becomes of a delivery by the outcome of its try number `attempts`.
pub fn settle(outcome: Outcome, attempts: u32, now: NaiveDateTime) -> Settled {
    let over = |state, error| Settled { state, due_at: None, error, remote_id: None };
    match outcome {
        Outcome::Sent(remote_id) => Settled { remote_id, ..over(DeliveryState::Sent, None) },
        Outcome::Kept => over(DeliveryState::Kept, None),
        Outcome::Refused(why) => over(DeliveryState::Failed, Some(why)),
        Outcome::Uncertain(why) => over(DeliveryState::Uncertain, Some(why)),
        Outcome::Later(why) => match pause_after(attempts) {
            Some(pause) => Settled { due_at: Some(now + pause), ..over(DeliveryState::Waiting, Some(why)) },
            None => over(DeliveryState::Failed, Some(why)),
        },
    }
}

/// What is on its way is not sent a second time beside it.
pub fn can_resend(state: DeliveryState) -> Result<(), Refusal> {
    match state {
        DeliveryState::Waiting | DeliveryState::Sending => {
            Err(Refusal::new("delivery_on_its_way", Tr::messages_refused_on_its_way))
        }
        _ => Ok(()),
    }
}
