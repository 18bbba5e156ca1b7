//! The tools of a list page: filter bar, sortable headings, column choice.

use std::sync::Arc;

use askama::Template;

use crate::db::listing::Sort;
use crate::i18n::Tr;

use super::filters;
use super::{Choice, PageUrl, Ui, piece};

/// The tone of a badge. A badge always says in words what its colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A fact.
    Plain,
    /// Good.
    Ok,
    /// Worth a look.
    Warn,
    /// Bad.
    Bad,
    /// Out of use.
    Off,
}

/// A short state with its icon.
#[derive(Debug, Clone, Template)]
#[template(path = "ui/badge.html")]
pub struct Badge {
    tone: Tone,
    label: String,
}

impl Badge {
    /// A badge.
    pub fn new(tone: Tone, label: impl Into<String>) -> Badge {
        Badge { tone, label: label.into() }
    }

    fn class(&self) -> &'static str {
        match self.tone {
            Tone::Plain => " is-plain",
            Tone::Ok => " is-ok",
            Tone::Warn => " is-warn",
            Tone::Bad => " is-bad",
            Tone::Off => "",
        }
    }

    fn icon(&self) -> Option<&'static str> {
        match self.tone {
            Tone::Plain => None,
            Tone::Ok => Some("circle-check"),
            Tone::Warn => Some("clock"),
            Tone::Bad => Some("alert-circle"),
            Tone::Off => Some("ban"),
        }
    }
}

/// A heading that sorts.
#[derive(Template)]
#[template(path = "ui/sort_heading.html")]
pub struct SortHeading {
    column: String,
    label: String,
    url: String,
    direction: Option<bool>,
    class: &'static str,
}

impl SortHeading {
    /// The heading of `column` in a list that is sorted by `sort`.
    pub fn new<C>(ui: &Ui, sort: Sort<C>, column: C, label: &str) -> SortHeading
    where
        C: Copy + PartialEq + std::str::FromStr + std::fmt::Display,
    {
        let url = ui.page_url().without(&["page", "after", "before", "at"]);
        let url = url.with("sort", sort.toggled(column).to_text());
        let direction = (sort.column == column).then_some(sort.descending);
        SortHeading {
            column: column.to_string(),
            label: label.to_owned(),
            url: url.to_string(),
            direction,
            class: "",
        }
    }

    /// Held in place when the table scrolls sideways.
    #[must_use]
    pub fn pinned(mut self) -> SortHeading {
        self.class = "pin";
        self
    }

    /// Of numbers, which stand on the right.
    #[must_use]
    pub fn classed(mut self, class: &'static str) -> SortHeading {
        self.class = class;
        self
    }

    /// The value of `aria-sort`.
    fn aria(&self) -> &'static str {
        match self.direction {
            None => "none",
            Some(false) => "ascending",
            Some(true) => "descending",
        }
    }
}

struct SelectFilter {
    name: &'static str,
    label: String,
    choices: Vec<Choice>,
    groups: Vec<(String, Vec<Choice>)>,
    value: String,
}

struct TextFilter {
    name: &'static str,
    label: String,
    value: String,
}

struct DayRange {
    from: String,
    to: String,
}

/// A filter that is seldom used, behind the button for more of them.
enum More {
    Select(SelectFilter),
    Range { kind: &'static str, label: String, from: (&'static str, String), to: (&'static str, String) },
}

impl More {
    fn is_set(&self) -> bool {
        match self {
            More::Select(select) => !select.value.is_empty(),
            More::Range { from, to, .. } => !from.1.is_empty() || !to.1.is_empty(),
        }
    }
}

/// The filters of a list. The URL is the state: filters are its parameters.
#[derive(Template)]
#[template(path = "ui/filter_bar.html")]
pub struct FilterBar {
    t: Tr,
    url: PageUrl,
    label: String,
    csrf: Arc<str>,
    search: Option<(String, String)>,
    texts: Vec<TextFilter>,
    selects: Vec<SelectFilter>,
    days: Option<DayRange>,
    more: Vec<More>,
    clear: String,
    columns: Option<Columns>,
    export: Option<&'static str>,
    all_columns: bool,
}

impl FilterBar {
    /// The filters of the page, named for screen readers.
    pub fn new(ui: &Ui, label: &str) -> FilterBar {
        FilterBar {
            t: ui.t,
            url: ui.page_url(),
            label: label.to_owned(),
            csrf: Arc::clone(&ui.csrf),
            clear: ui.page_url().path().to_owned(),
            search: None,
            texts: Vec::new(),
            selects: Vec::new(),
            days: None,
            more: Vec::new(),
            columns: None,
            export: None,
            all_columns: false,
        }
    }

    /// With a search box over `q`; the placeholder says what is searched.
    #[must_use]
    pub fn search(mut self, placeholder: &str) -> FilterBar {
        self.search = Some((placeholder.to_owned(), self.url.get("q").to_owned()));
        self
    }

    /// With another line of text.
    #[must_use]
    pub fn text(mut self, name: &'static str, label: &str) -> FilterBar {
        let value = self.url.get(name).to_owned();
        self.texts.push(TextFilter { name, label: label.to_owned(), value });
        self
    }

    /// With one of several choices; `all` is the label of none.
    #[must_use]
    pub fn select(self, name: &'static str, label: &str, all: &str, choices: Vec<Choice>) -> FilterBar {
        let mut with_all = vec![Choice::new("", all)];
        with_all.extend(choices);
        self.add_select(name, label, with_all, Vec::new())
    }

    /// With one of many choices, in groups that have a label each.
    #[must_use]
    pub fn select_grouped(
        self,
        name: &'static str,
        label: &str,
        all: &str,
        groups: Vec<(String, Vec<Choice>)>,
    ) -> FilterBar {
        self.add_select(name, label, vec![Choice::new("", all)], groups)
    }

    fn add_select(
        mut self,
        name: &'static str,
        label: &str,
        choices: Vec<Choice>,
        groups: Vec<(String, Vec<Choice>)>,
    ) -> FilterBar {
        let value = self.url.get(name).to_owned();
        self.selects.push(SelectFilter { name, label: label.to_owned(), choices, groups, value });
        self
    }

    /// With a range of days over `from` and `to`.
    #[must_use]
    pub fn days(mut self) -> FilterBar {
        self.days =
            Some(DayRange { from: self.url.get("from").to_owned(), to: self.url.get("to").to_owned() });
        self
    }

    /// With one of several choices behind the button for more filters; `all` is the label of none.
    #[must_use]
    pub fn more_select(
        mut self,
        name: &'static str,
        label: &str,
        all: &str,
        choices: Vec<Choice>,
    ) -> FilterBar {
        let mut with_all = vec![Choice::new("", all)];
        with_all.extend(choices);
        let value = self.url.get(name).to_owned();
        let label = label.to_owned();
        self.more.push(More::Select(SelectFilter {
            name,
            label,
            choices: with_all,
            groups: Vec::new(),
            value,
        }));
        self
    }

    /// With a range of days behind the button for more filters.
    #[must_use]
    pub fn more_days(self, label: &str, from: &'static str, to: &'static str) -> FilterBar {
        self.more_range("date", label, from, to)
    }

    /// With a range of numbers behind the button for more filters.
    #[must_use]
    pub fn more_numbers(self, label: &str, from: &'static str, to: &'static str) -> FilterBar {
        self.more_range("number", label, from, to)
    }

    fn more_range(
        mut self,
        kind: &'static str,
        label: &str,
        from: &'static str,
        to: &'static str,
    ) -> FilterBar {
        let value = |name: &'static str| (name, self.url.get(name).to_owned());
        let (from, to) = (value(from), value(to));
        self.more.push(More::Range { kind, label: label.to_owned(), from, to });
        self
    }

    /// How many of the filters behind the button are set.
    fn more_set(&self) -> usize {
        self.more.iter().filter(|more| more.is_set()).count()
    }

    /// Cleared by going to another address than the bare one.
    #[must_use]
    pub fn clear_to(mut self, url: impl Into<String>) -> FilterBar {
        self.clear = url.into();
        self
    }

    /// With the choice of columns.
    #[must_use]
    pub fn columns(mut self, columns: &Columns) -> FilterBar {
        self.columns = Some(columns.clone());
        self
    }

    /// With the export of exactly what is filtered, by a POST to `path`. The page prints [`FilterBar::export_form`]
    /// within its list.
    #[must_use]
    pub fn export(mut self, path: &'static str) -> FilterBar {
        self.export = Some(path);
        self
    }

    /// Whose export may take all columns along, be they shown or not.
    #[must_use]
    pub fn export_all_columns(mut self) -> FilterBar {
        self.all_columns = true;
        self
    }

    /// The form that the buttons of the export send. It stands within `#list`, so that every swap of the list brings
    /// one that carries the filters of what is shown; nothing of it ever reaches a URL.
    pub fn export_form(&self) -> ExportForm {
        let filters = self.url.without(&["page", "older", "newer", "after", "before", "at", "format"]);
        ExportForm { path: self.export, csrf: Arc::clone(&self.csrf), filters: filters.parameters().to_vec() }
    }
}

/// The form behind an export: the filters of the page, sent by the buttons of the [`FilterBar`]. Prints nothing where
/// there is no export.
#[derive(Template)]
#[template(path = "ui/export_form.html")]
pub struct ExportForm {
    path: Option<&'static str>,
    csrf: Arc<str>,
    filters: Vec<(String, String)>,
}

/// The columns of a list, and which of them are shown.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The list, as it is named in the user's preferences.
    pub list: &'static str,
    all: Vec<(&'static str, String)>,
    shown: Vec<String>,
    is_ordered: bool,
}

impl Columns {
    /// Of `all` columns (code and label) those the user chose, or the usual ones.
    pub fn new(
        list: &'static str,
        all: Vec<(&'static str, String)>,
        usual: &[&'static str],
        chosen: Option<&str>,
    ) -> Columns {
        let shown = match chosen {
            Some(text) => text.split(',').map(str::to_owned).collect(),
            None => usual.iter().map(|code| (*code).to_owned()).collect(),
        };
        Columns { list, all, shown, is_ordered: false }
    }

    /// Of a list that shows its columns in the order in which they were chosen, so that the choice offers to move them.
    #[must_use]
    pub fn ordered(mut self) -> Columns {
        self.is_ordered = true;
        let place = |code: &str| self.shown.iter().position(|shown| shown == code).unwrap_or(usize::MAX);
        self.all.sort_by_key(|(code, _)| place(code));
        self
    }

    /// The columns that are shown, in their order, with their labels.
    pub fn shown(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let find = |code: &String| self.all.iter().find(|(known, _)| known == code);
        self.shown.iter().filter_map(find).map(|(code, label)| (*code, label.as_str()))
    }

    /// Whether a column is shown.
    pub fn has(&self, code: &str) -> bool {
        self.shown.iter().any(|shown| shown == code)
    }
}

piece!(Badge, SortHeading, FilterBar, ExportForm);
