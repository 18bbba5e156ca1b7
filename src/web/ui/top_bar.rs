//! The counters of the top bar: how much waits for whoever looks, each leading to its list.
//!
//! A whole page reads them together with the session, on the same connection; a page that is looked at for long asks for
//! them again by itself. The rooms that count stand above the platform, so the application puts their counters in.

use askama::Template;

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::Result;
use crate::types::ids::UserId;

use super::{filters, piece};

/// More than this is shown as this and a plus.
pub const MOST: i64 = 99;

/// Something that is counted in the top bar.
#[derive(Debug, Clone, Copy)]
pub struct Counter {
    /// The list behind it.
    pub url: &'static str,
    /// Its icon in the sprite.
    pub icon: &'static str,
    /// What it counts, in words, with the number.
    pub label: fn(Tr, i64) -> String,
    /// Counts for a user; no further than [`MOST`] and one more. An index has to serve it: every page asks.
    pub count: fn(&mut Db, UserId) -> Result<i64>,
}

/// All counters, in their order. A part of the application's state.
#[derive(Debug, Clone, Default)]
pub struct TopBar(Vec<Counter>);

impl TopBar {
    /// The top bar with these counters.
    pub fn new(counters: impl IntoIterator<Item = Counter>) -> TopBar {
        TopBar(counters.into_iter().collect())
    }

    /// Counts for a user.
    pub fn count(&self, db: &mut Db, user: UserId) -> Result<Vec<(Counter, i64)>> {
        self.0.iter().map(|counter| Ok((*counter, (counter.count)(db, user)?))).collect()
    }
}

/// A number as it is counted: nothing for none.
pub fn shown(count: i64) -> Option<String> {
    (count > 0).then(|| if count > MOST { format!("{MOST}+") } else { count.to_string() })
}

/// The counters as the page shows them.
#[derive(Debug, Clone, Template)]
#[template(path = "ui/counters.html")]
pub struct Counters {
    counters: Vec<Shown>,
}

#[derive(Debug, Clone)]
struct Shown {
    url: &'static str,
    icon: &'static str,
    label: String,
    number: Option<String>,
}

piece!(Counters);

impl Counters {
    /// What was counted, in the language of the page. Nothing is shown of what is zero but its icon.
    pub fn new(t: Tr, counted: &[(Counter, i64)]) -> Counters {
        let of = |(counter, count): &(Counter, i64)| Shown {
            url: counter.url,
            icon: counter.icon,
            label: (counter.label)(t, (*count).min(MOST)),
            number: shown(*count),
        };
        Counters { counters: counted.iter().map(of).collect() }
    }
}
