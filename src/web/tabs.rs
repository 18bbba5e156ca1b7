//! Tabs: the pages of one record, of whichever rooms. The room of the record prints the bar; the rooms that have a page of
//! it register theirs in `app::parts`, so that neither knows the other.

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::{Permission, Result};

use super::ui::Ui;
use super::ui::tabs::{TabBar, Way};

/// A page of a record.
#[derive(Debug, Clone, Copy)]
pub struct Tab {
    /// Its name among the tabs, such as `contacts`.
    pub code: &'static str,
    /// What it is called.
    pub label: fn(Tr) -> &'static str,
    /// Where it is, by the id of the record.
    pub url: fn(u64) -> String,
    /// What it takes to open it.
    pub permission: Permission,
    /// How many things are there, where that is worth counting.
    pub count: Option<fn(&mut Db, u64) -> Result<i64>>,
}

/// The tabs by the kind of record whose pages they are. A part of the application.
#[derive(Debug, Clone, Default)]
pub struct Tabs(Vec<(&'static str, Tab)>);

impl Tabs {
    /// With one more tab of a kind of record.
    #[must_use]
    pub fn with(mut self, kind: &'static str, tab: Tab) -> Tabs {
        self.0.push((kind, tab));
        self
    }

    /// The tabs of a record that whoever looks may open; `current` is the one that is open.
    pub fn bar(&self, db: &mut Db, ui: &Ui, kind: &str, id: u64, current: &str) -> Result<TabBar> {
        let mut ways = Vec::new();
        let of_kind = self.0.iter().filter(|(of, tab)| *of == kind && ui.can(tab.permission));
        for (_, tab) in of_kind {
            ways.push(Way {
                label: (tab.label)(ui.t),
                url: (tab.url)(id),
                count: tab.count.map(|count| count(db, id)).transpose()?,
                current: tab.code == current,
            });
        }
        Ok(TabBar::new(ui.t.ui_tabs(), ways))
    }
}
