//! When the next attempt to sign in has to wait, and what is said to whoever failed.
//!
//! Whoever changes their password shows the old one under the same rules: somebody at a browser that was left open
//! guesses no better than somebody at the door.

use std::net::Ipv6Addr;

use chrono::{Duration, NaiveDateTime};

use crate::i18n::{Message, Tr};

/// Failures of one account before it has to wait.
pub const ACCOUNT_LIMIT: usize = 5;
/// Failures from one address before it has to wait: an office shares an address.
pub const ADDRESS_LIMIT: usize = 50;
/// For how long failures count.
pub const WINDOW: Duration = Duration::minutes(15);

/// From how many failures left on they are named.
const NAMED_LEFT: usize = 2;

/// The failures that count against the next attempt, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    /// Those of the account.
    pub account: Vec<NaiveDateTime>,
    /// Those from the address.
    pub address: Vec<NaiveDateTime>,
}

impl Failures {
    /// How long the attempt has to wait; `None` when it may go ahead.
    pub fn wait(&self, now: NaiveDateTime) -> Option<Duration> {
        wait(&self.account, ACCOUNT_LIMIT, now).max(wait(&self.address, ADDRESS_LIMIT, now))
    }

    /// What is said to an attempt that fails now: the same whether or not the username exists.
    pub fn say_wrong(&self) -> Message {
        let left = ACCOUNT_LIMIT.saturating_sub(self.account.len() + 1);
        let minutes = WINDOW.num_minutes();
        match left {
            0 => Message::new(move |t: Tr| t.sign_in_wrong_last(minutes)),
            1..=NAMED_LEFT => Message::new(move |t: Tr| t.sign_in_wrong_left(left, minutes)),
            _ => Message::new(Tr::sign_in_wrong),
        }
    }
}

/// The first and the last address of the /64 that an IPv6 address lies in: such a network belongs to one subscriber, who
/// takes a new address from it at will. Nothing for other addresses, which count by themselves.
pub fn network(address: &str) -> Option<(Ipv6Addr, Ipv6Addr)> {
    let address: u128 = address.parse::<Ipv6Addr>().ok()?.into();
    let hosts = u128::from(u64::MAX);
    Some(((address & !hosts).into(), (address | hosts).into()))
}

/// What is said to an attempt that has to wait.
pub fn say_wait(wait: Duration) -> Message {
    let minutes = in_minutes(wait);
    Message::new(move |t: Tr| t.sign_in_throttled(minutes))
}

/// How long an attempt has to wait: until fewer than `limit` of the `failures` (newest first) are within the window.
fn wait(failures: &[NaiveDateTime], limit: usize, now: NaiveDateTime) -> Option<Duration> {
    let decisive = failures.get(limit.checked_sub(1)?)?;
    let left = *decisive + WINDOW - now;
    (left > Duration::zero()).then_some(left)
}

/// Minutes to wait, for people: never 0.
fn in_minutes(wait: Duration) -> i64 {
    ((wait.num_seconds() + 59) / 60).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> NaiveDateTime {
        let start: NaiveDateTime = "2026-11-20T08:00:00".parse().unwrap();
        start + Duration::minutes(minute)
    }

    #[test]
    fn an_attempt_waits_until_the_fifth_last_failure_is_over() {
        let failures: Vec<_> = (0..5).rev().map(at).collect();
        assert_eq!(wait(&failures, 5, at(4)), Some(Duration::minutes(11)));
        assert_eq!(wait(&failures, 5, at(14)), Some(Duration::minutes(1)));
        assert_eq!(wait(&failures, 5, at(15)), None);
        assert_eq!(wait(&failures[..4], 5, at(4)), None);
        assert_eq!(wait(&[], 5, at(0)), None);
        assert_eq!(wait(&failures, 0, at(0)), None);
    }

    #[test]
    fn an_ipv6_address_counts_with_its_network() {
        let text = |address| network(address).map(|(first, last)| format!("{first} {last}"));
        let whole = Some("2001:db8:0:5:: 2001:db8:0:5:ffff:ffff:ffff:ffff".to_owned());
        assert_eq!(text("2001:db8:0:5::1"), whole);
        assert_eq!(text("2001:db8:0:5:abcd:1:2:3"), whole);
        assert_eq!(text("198.51.100.7"), None);
        assert_eq!(text(""), None);
    }

    #[test]
    fn account_and_address_both_make_an_attempt_wait() {
        let many: Vec<_> = (0..50).map(|second| at(4) - Duration::seconds(second)).collect();
        let few: Vec<_> = (0..5).rev().map(at).collect();
        let wait = |account: &[NaiveDateTime], address: &[NaiveDateTime]| {
            Failures { account: account.to_vec(), address: address.to_vec() }.wait(at(4))
        };
        assert_eq!(wait(&[], &[]), None);
        assert_eq!(wait(&few, &few), Some(Duration::minutes(11)));
        assert_eq!(wait(&[], &few), None, "an office shares an address");
        assert_eq!(
            wait(&few, &many),
            Some(Duration::minutes(15) - Duration::seconds(49)),
            "the longer one counts"
        );
    }

    #[test]
    fn the_last_failures_are_announced() {
        let say = |before: usize| {
            let account = (0..before).map(|_| at(0)).collect();
            Failures { account, address: Vec::new() }.say_wrong().text(Tr::En)
        };
        assert_eq!(say(0), Tr::En.sign_in_wrong());
        assert_eq!(say(1), Tr::En.sign_in_wrong());
        assert_eq!(say(2), Tr::En.sign_in_wrong_left(2, 15));
        assert_eq!(say(3), Tr::En.sign_in_wrong_left(1, 15));
        assert_eq!(say(4), Tr::En.sign_in_wrong_last(15));
        assert_eq!(say(9), Tr::En.sign_in_wrong_last(15));
    }

    #[test]
    fn minutes_are_rounded_up() {
        assert_eq!(in_minutes(Duration::seconds(1)), 1);
        assert_eq!(in_minutes(Duration::seconds(61)), 2);
        assert_eq!(in_minutes(Duration::minutes(11)), 11);
    }
}
