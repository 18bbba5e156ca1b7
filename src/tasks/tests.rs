//! The rules of tasks, by tables of cases.

use chrono::Duration;

use crate::i18n::{Message, Tr};
use crate::types::{Error, Refusal};

use super::rules::{Verdict, after_fault, pause, told};

#[test]
fn what_may_pass_is_tried_again_what_a_rule_refuses_is_not() {
    let refused = || Error::from(Refusal::new("no", |_| "No."));
    for (fault, attempts, most, again) in [
        (Error::Contended, 1, 5, true),
        (Error::Unavailable(String::new()), 4, 5, true),
        (Error::Internal(anyhow::anyhow!("x")), 4, 5, true),
        (Error::Busy(3, Message::new(|_| "later")), 1, 2, true),
        (Error::Contended, 5, 5, false),
        (Error::Contended, 9, 5, false),
        (Error::NotFound, 1, 5, false),
        (Error::Forbidden, 1, 5, false),
        (refused(), 1, 5, false),
    ] {
        let verdict = after_fault(&fault, attempts, most);
        assert_eq!(verdict != Verdict::GiveUp, again, "{fault:?} at try {attempts} of {most}");
    }
}

#[test]
fn tries_wait_longer_and_longer_but_no_more_than_an_hour() {
    for (attempts, seconds) in
        [(0, 5), (1, 5), (2, 20), (3, 80), (4, 320), (5, 1280), (6, 3600), (u32::MAX, 3600)]
    {
        assert_eq!(pause(attempts), Duration::seconds(seconds), "after {attempts} tries");
    }
}

#[test]
fn a_fault_of_ours_tells_staff_nothing_of_its_inside() {
    let fault = Error::Internal(anyhow::anyhow!("password=hunter2"));
    for t in Tr::ALL {
        assert!(!told(&fault).text(t).contains("hunter2"));
    }
}
