//! Charts: a picture of the numbers that stand in a table on the same page.
//!
//! The table is what is printed, read aloud and shown without scripts; `static/js/chart.js` draws its columns. A heading
//! with `data-series` is a series; a cell's `data-value` is its number, and a cell without one is a hole, not a zero.

use askama::Template;

use super::{filters, piece};

/// How the numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Bars, those of one row upon each other.
    Bars,
    /// Lines, broken where there is a hole.
    Lines,
}

/// A chart of a table.
#[derive(Debug, Clone, Template)]
#[template(path = "ui/chart.html")]
pub struct Chart {
    shape: Shape,
    table: &'static str,
    label: String,
    unit: String,
}

impl Chart {
    /// Of the table with this id, named for those who do not see it.
    pub fn new(shape: Shape, table: &'static str, label: impl Into<String>) -> Chart {
        Chart { shape, table, label: label.into(), unit: String::new() }
    }

    /// Whose numbers have a unit.
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Chart {
        unit.clone_into(&mut self.unit);
        self
    }

    fn shape(&self) -> &'static str {
        match self.shape {
            Shape::Bars => "bars",
            Shape::Lines => "lines",
        }
    }
}

piece!(Chart);
