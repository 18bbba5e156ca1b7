//! The table of quantities by time and series, as the pages of usage print it; a chart draws it.

use askama::Template;
use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::web::ui::{Badge, filters, piece};

use super::change::Change;
use super::pivot::{Column, Pivot, Row};

/// A line of the table.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is called.
    pub label: String,
    /// What the axis of the chart calls it.
    pub short: String,
    /// Where its number comes from.
    pub url: Option<String>,
    /// What is to be known of it.
    pub note: Option<Badge>,
    /// The quantity in each column.
    pub cells: Vec<Option<Decimal>>,
    /// The quantity altogether.
    pub total: Option<Decimal>,
    /// How it changed on the line before.
    pub change: Option<Change>,
    /// Whether it is the one that the rest of the page is about.
    pub is_current: bool,
}

impl Line {
    /// The line of a row.
    pub fn of<K>(row: &Row<K>, label: impl Into<String>) -> Line {
        let label = label.into();
        Line {
            short: label.clone(),
            label,
            url: None,
            note: None,
            cells: row.cells.clone(),
            total: row.total,
            change: None,
            is_current: false,
        }
    }
}

/// The table.
#[derive(Debug, Clone, Template)]
#[template(path = "usage/pivot_table.html")]
pub struct PivotTable {
    t: Tr,
    id: &'static str,
    label: String,
    first: &'static str,
    columns: Vec<String>,
    lines: Vec<Line>,
    sums: Vec<Decimal>,
    sum: Decimal,
    is_reversed: bool,
}

piece!(PivotTable);

impl PivotTable {
    /// A table with this id for its chart, named for screen readers, whose first column is headed `first`.
    pub fn new<K: Ord + Clone>(
        t: Tr,
        (id, label, first): (&'static str, String, &'static str),
        pivot: &Pivot<K>,
        lines: Vec<Line>,
    ) -> PivotTable {
        // One column says what the total says.
        let columns: Vec<String> = match pivot.columns.as_slice() {
            [_] => Vec::new(),
            many => many.iter().map(|column| column_name(t, column)).collect(),
        };
        let (sums, sum) = (pivot.column_totals(), pivot.total());
        PivotTable { t, id, label, first, columns, lines, sums, sum, is_reversed: false }
    }

    /// With the latest line first; the chart goes on from left to right.
    #[must_use]
    pub fn latest_first(mut self) -> PivotTable {
        self.lines.reverse();
        self.is_reversed = true;
        self
    }

    fn has_changes(&self) -> bool {
        self.lines.iter().any(|line| line.change.is_some())
    }

    /// A number as scripts read it.
    #[expect(clippy::unused_self, reason = "templates call it on the table")]
    fn plain(&self, number: &Decimal) -> String {
        number.normalize().to_string()
    }

    fn shows_columns(&self) -> bool {
        !self.columns.is_empty()
    }
}

/// What a column of series is called.
pub fn column_name(t: Tr, column: &Column) -> String {
    match column {
        Column::Series(series) if series.is_empty() => t.usage_pages_no_series().to_owned(),
        Column::Series(series) => series.clone(),
        Column::Rest => t.usage_pages_rest().to_owned(),
    }
}
