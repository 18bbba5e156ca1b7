//! A log as a file, read chunk by chunk from its newest line down, so that its length costs no memory.

use crate::types::Result;
use crate::web::download::{Cell, Finished, Table};

use super::position::Key;

/// The lines that are read at once.
const CHUNK: i64 = 5_000;

/// Fills the table with what `chunk` finds, called with the line to go on below and with how many it may read; returns
/// the file and how many lines it has.
pub fn fill<Line, const COLUMNS: usize>(
    mut table: Table,
    mut chunk: impl FnMut(Option<Key>, i64) -> Result<Vec<Line>>,
    key: impl Fn(&Line) -> Key,
    cells: impl Fn(&Line) -> [Cell; COLUMNS],
) -> Result<(Finished, usize)> {
    let (mut after, mut written) = (None, 0);
    loop {
        let lines = chunk(after, CHUNK)?;
        for line in &lines {
            table.row(&cells(line))?;
        }
        written += lines.len();
        after = lines.last().map(&key);
        if lines.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX) {
            return Ok((table.finish()?, written));
        }
    }
}
