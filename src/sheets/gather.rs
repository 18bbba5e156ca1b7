//! Gathers the cells of a sheet into rows, and keeps the limits: every kind of file goes through here.

use std::ops::ControlFlow;

use super::{Cell, Fault, Limits, MAX_CHARACTERS, MAX_COLUMNS, Row};

/// Who gets the rows.
pub(super) type HandOn<'a> = dyn FnMut(Row) -> ControlFlow<()> + 'a;

/// The rows of a sheet as they come about.
pub(super) struct Gather<'a> {
    hand_on: &'a mut HandOn<'a>,
    row: Row,
    rows: usize,
    width: u32,
    bytes: usize,
    limits: Limits,
}

impl<'a> Gather<'a> {
    /// Rows that go to `hand_on`, within `limits`.
    pub(super) fn new(hand_on: &'a mut HandOn<'a>, limits: Limits) -> Gather<'a> {
        Gather { hand_on, row: Row::default(), rows: 0, width: 0, bytes: 0, limits }
    }

    /// Takes a cell at its row and its column, both from 1. Rows come in their order; blank cells are passed over.
    ///
    /// # Errors
    /// When a limit is reached, or rows run backwards.
    pub(super) fn put(&mut self, row: u32, column: u32, cell: Cell) -> Result<ControlFlow<()>, Fault> {
        if cell.is_blank() || row == 0 || column == 0 {
            return Ok(ControlFlow::Continue(()));
        }
        if row != self.row.number {
            if row < self.row.number {
                return Err(Fault::Damaged);
            }
            if self.end()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.row.number = row;
        }
        self.width = self.width.max(column);
        let place = usize::try_from(column).unwrap_or(usize::MAX) - 1;
        if place >= MAX_COLUMNS {
            return Ok(ControlFlow::Continue(()));
        }
        if let Cell::Text(text) = &cell {
            if text.len() > MAX_CHARACTERS && text.chars().count() > MAX_CHARACTERS {
                return Err(Fault::CellTooLong(row, column));
            }
            self.bytes += text.len();
            if self.bytes > self.limits.texts {
                return Err(Fault::Bomb);
            }
        }
        if self.row.cells.len() <= place {
            self.row.cells.resize(place + 1, Cell::Blank);
        }
        if let Some(there) = self.row.cells.get_mut(place) {
            *there = cell;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Hands on the row that is complete.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn end(&mut self) -> Result<ControlFlow<()>, Fault> {
        if self.row.cells.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        self.rows += 1;
        if self.rows > self.limits.rows {
            return Err(Fault::TooManyRows(self.limits.rows));
        }
        let number = self.row.number;
        let row = std::mem::replace(&mut self.row, Row { number, cells: Vec::new() });
        Ok((self.hand_on)(row))
    }

    /// The number of the last column with content.
    pub(super) fn width(&self) -> u32 {
        self.width
    }
}
