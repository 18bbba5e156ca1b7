//! The tabs of a record's page, as they are printed.

use askama::Template;

use super::piece;

/// One tab.
#[derive(Debug, Clone)]
pub struct Way {
    /// What it is called.
    pub label: &'static str,
    /// Where it leads.
    pub url: String,
    /// How many things are there, where that is counted.
    pub count: Option<i64>,
    /// Whether it is the page that is open.
    pub current: bool,
}

impl Way {
    /// Whether something is there that was counted.
    fn any(&self) -> bool {
        self.number() > 0
    }

    fn number(&self) -> i64 {
        self.count.unwrap_or_default()
    }
}

/// The tabs of a record.
#[derive(Debug, Clone, Template)]
#[template(path = "ui/tabs.html")]
pub struct TabBar {
    label: String,
    ways: Vec<Way>,
}

impl TabBar {
    /// These tabs, named for screen readers.
    pub fn new(label: impl Into<String>, ways: Vec<Way>) -> TabBar {
        TabBar { label: label.into(), ways }
    }
}

piece!(TabBar);
