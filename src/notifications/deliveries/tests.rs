use chrono::{Duration, NaiveDateTime};

use crate::i18n::Said;

use super::model::{DeliveryState, Outcome};
use super::rules::{can_resend, pause_after, settle};

fn now() -> NaiveDateTime {
    "2026-11-20T02:00:00".parse().unwrap()
}

fn why() -> Said {
    Said::new(|_| "x")
}

#[test]
fn the_pauses_grow_and_the_sixth_try_is_the_last() {
    let minutes: Vec<_> = (1..=7).map(|tries| pause_after(tries).map(|pause| pause.num_minutes())).collect();
    assert_eq!(minutes, [Some(1), Some(5), Some(15), Some(60), Some(240), None, None]);
    assert_eq!(pause_after(0), None);
}

#[test]
fn an_outcome_decides_what_becomes_of_a_delivery() {
    use DeliveryState::{Failed, Kept, Sent, Uncertain, Waiting};
    let soon = Some(now() + Duration::minutes(1));
    for (outcome, attempts, state, due_at) in [
        (Outcome::Sent(Some("id".into())), 1, Sent, None),
        (Outcome::Kept, 1, Kept, None),
        (Outcome::Later(why()), 1, Waiting, soon),
        (Outcome::Later(why()), 6, Failed, None),
        (Outcome::Refused(why()), 1, Failed, None),
        (Outcome::Uncertain(why()), 1, Uncertain, None),
    ] {
        let settled = settle(outcome.clone(), attempts, now());
        assert_eq!((settled.state, settled.due_at), (state, due_at), "{outcome:?} after {attempts}");
    }
}

#[test]
fn what_is_on_its_way_is_not_sent_beside_it() {
    for state in DeliveryState::ALL {
        let on_its_way = matches!(state, DeliveryState::Waiting | DeliveryState::Sending);
        assert_eq!(can_resend(*state).is_err(), on_its_way, "{state}");
    }
}
