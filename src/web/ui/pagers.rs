//! The ways through a list: numbered pages, pages read by key, and logs without end.

use askama::Template;

use crate::db::listing::{Count, Listing, Stream};
use crate::i18n::Tr;
use crate::types::money::grouped;

use super::filters;
use super::{Ui, piece};

enum Step {
    To { number: i64, url: String, current: bool },
    Gap,
}

/// The pages of a listing.
#[derive(Template)]
#[template(path = "ui/pager.html")]
pub struct Pager {
    t: Tr,
    summary: String,
    steps: Vec<Step>,
    previous: Option<String>,
    next: Option<String>,
}

impl Pager {
    /// The pages of `listing`.
    pub fn new<T>(ui: &Ui, listing: &Listing<T>) -> Pager {
        let (url, pages, number) = (ui.page_url(), listing.pages(), listing.page.number);
        let to = |number: i64| {
            url.with("page", if number == 1 { String::new() } else { number.to_string() }).to_string()
        };
        let mut steps = Vec::new();
        let mut last = 0;
        for page in (1..=pages).filter(|page| *page == 1 || *page == pages || (page - number).abs() <= 1) {
            if page > last + 1 {
                steps.push(Step::Gap);
            }
            steps.push(Step::To { number: page, url: to(page), current: page == number });
            last = page;
        }
        Pager {
            t: ui.t,
            summary: ui.t.list_count(
                grouped(&listing.first().to_string()),
                grouped(&listing.last().to_string()),
                grouped(&listing.total.to_string()),
            ),
            steps: if pages > 1 { steps } else { Vec::new() },
            previous: (number > 1).then(|| to((number - 1).min(pages))),
            next: (number < pages).then(|| to(number + 1)),
        }
    }
}

/// The ways through a long list that is read by key: first, previous, next, last.
#[derive(Template)]
#[template(path = "ui/keyset_pager.html")]
pub struct KeysetPager {
    t: Tr,
    summary: String,
    first: Option<String>,
    previous: Option<String>,
    next: Option<String>,
    last: Option<String>,
}

impl KeysetPager {
    /// The pager of rows `first` to `last` of `total`; `ends` are the keys of those two rows.
    pub fn new(
        ui: &Ui,
        (first, last, total): (i64, i64, i64),
        ends: Option<(u64, u64)>,
        per_page: i64,
    ) -> KeysetPager {
        let url = ui.page_url().without(&["after", "before", "at", "page"]);
        let before = first.max(1) - 1;
        let back = ends
            .filter(|_| before > 0)
            .map(|(key, _)| url.with("before", key).with("at", (before - per_page).max(0)).to_string());
        let on =
            ends.filter(|_| last < total).map(|(_, key)| url.with("after", key).with("at", last).to_string());
        let count = |number: i64| grouped(&number.to_string());
        KeysetPager {
            t: ui.t,
            summary: ui.t.list_count(count(first), count(last), count(total)),
            first: back.as_ref().map(|_| url.to_string()),
            last: on.as_ref().map(|_| url.with("page", "last").to_string()),
            previous: back,
            next: on,
        }
    }

    fn is_whole(&self) -> bool {
        self.previous.is_none() && self.next.is_none()
    }
}

/// Newer and older, for a stream.
#[derive(Template)]
#[template(path = "ui/stream_pager.html")]
pub struct StreamPager {
    t: Tr,
    label: String,
    is_first: bool,
    summary: String,
    newest: Option<String>,
    newer: Option<String>,
    older: Option<String>,
}

impl StreamPager {
    /// The ways from this piece of a stream.
    pub fn new<T>(ui: &Ui, stream: &Stream<T>) -> StreamPager {
        let label = ui.t.list_pages().to_owned();
        StreamPager { is_first: true, ..StreamPager::by(ui, stream, label, "older", "newer") }
    }

    /// [`new`](StreamPager::new) for a second stream on a page, which has a name and parameters of its own.
    pub fn by<T>(ui: &Ui, stream: &Stream<T>, label: String, older: &str, newer: &str) -> StreamPager {
        let url = ui.page_url().without(&[older, newer]);
        let summary = match stream.count {
            Count::Exactly(count) => ui.t.list_entries(grouped(&count.to_string())),
            Count::MoreThan(count) => ui.t.list_entries_more(grouped(&count.to_string())),
        };
        StreamPager {
            t: ui.t,
            label,
            is_first: false,
            summary,
            newest: stream.newer.map(|_| url.to_string()),
            newer: stream.newer.map(|key| url.with(newer, key).to_string()),
            older: stream.older.map(|key| url.with(older, key).to_string()),
        }
    }
}

piece!(Pager, KeysetPager, StreamPager);
