//! Finds the table in a sheet: the row that names its columns, and where the data begins.
//!
//! People put titles and notes above the header, hints beneath it, and cover sheets before it. The header is the row
//! that names the most columns that are known. Directly beneath it, rows that say how to fill in the table (必填, 字典,
//! 精确到日) are no data; what cannot be told for sure is data, so that no row gets lost.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use unicode_normalization::UnicodeNormalization as _;

use super::{Book, Cell, Fault, Row};

/// How many rows with content are looked at for the header.
const SEARCHED: usize = 50;
/// How long sheets are looked at, one after the other. Hundreds of sheets can be one and the same, and large.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many rows beneath the header can be notes.
const NOTES: usize = 3;

/// A column that is known, and by what names.
#[derive(Debug, Clone, Default)]
pub struct KnownColumn {
    /// The code that the caller knows it by.
    pub code: String,
    /// All names that it goes by, in any language. White space, case, brackets with what they contain, asterisks and
    /// full-width forms make no difference.
    pub labels: Vec<String>,
    /// Whether each row of data has a value there.
    pub required: bool,
}

/// A table that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The place of its sheet among [`Book::sheets`].
    pub sheet: usize,
    /// The row of its header, as the spreadsheet shows it.
    pub header_row: u32,
    /// The first row that can be data: rows before it are none.
    pub first_row: u32,
    /// The text of each column of the header, as it stands there; empty where there is none.
    pub labels: Vec<String>,
    /// For each column of the sheet the known one that it is, by its place among those given.
    pub columns: Vec<Option<usize>>,
    /// The columns with a name that means nothing here, or one that an earlier column has already: they are ignored.
    pub unknown: Vec<usize>,
}

impl Table {
    /// The column of the sheet in which a known one stands.
    pub fn column(&self, known: usize) -> Option<usize> {
        self.columns.iter().position(|column| *column == Some(known))
    }

    /// How many known columns there are.
    pub fn matched(&self) -> usize {
        self.columns.iter().flatten().count()
    }
}

/// Finds the table of a book: on the visible sheet that names the most columns, on a hidden one only when no visible
/// sheet names any. `None` when no row names two of them, or the only one there is.
///
/// # Errors
/// What is wrong with a sheet, when no other has a table.
pub fn find(book: &mut Book, known: &[KnownColumn]) -> Result<Option<Table>, Fault> {
    let mut best: Option<(bool, Table)> = None;
    let mut damage = None;
    let begin = Instant::now();
    for sheet in 0..book.sheets().len() {
        if begin.elapsed() > PATIENCE {
            break;
        }
        let is_visible = book.sheets().get(sheet).is_some_and(|sheet| !sheet.hidden);
        let rows = match book.first_rows(sheet, SEARCHED + NOTES) {
            Ok(rows) => rows,
            Err(fault) => {
                damage.get_or_insert(fault);
                continue;
            }
        };
        let Some(table) = find_in(sheet, &rows, known) else { continue };
        let rank = |visible: bool, table: &Table| (visible, table.matched());
        if best.as_ref().is_none_or(|(visible, other)| rank(is_visible, &table) > rank(*visible, other)) {
            best = Some((is_visible, table));
        }
    }
    match (best, damage) {
        (None, Some(fault)) => Err(fault),
        (best, _) => Ok(best.map(|(_, table)| table)),
    }
}

/// The table of a sheet whose header is said to stand in a row. Columns that mean nothing are listed as unknown, even
/// when that is all of them; `None` when the row is blank.
///
/// # Errors
/// What is wrong with the file.
pub fn at(
    book: &mut Book,
    sheet: usize,
    header_row: u32,
    known: &[KnownColumn],
) -> Result<Option<Table>, Fault> {
    let mut rows: Vec<Row> = Vec::new();
    book.rows::<Fault>(sheet, |row| {
        if row.number >= header_row {
            rows.push(row);
        }
        Ok(if rows.len() <= NOTES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(match rows.split_first() {
        Some((header, below)) if header.number == header_row => Some(table(sheet, header, below, known)),
        _ => None,
    })
}

/// The table among the first rows of a sheet.
pub fn find_in(sheet: usize, rows: &[Row], known: &[KnownColumn]) -> Option<Table> {
    let names = Names::of(known);
    let scored = rows.iter().take(SEARCHED).enumerate().map(|(place, row)| (names.matched(row), place));
    // Of equals the first, which stands above the others.
    let (matched, place) = scored.max_by_key(|(matched, place)| (*matched, std::cmp::Reverse(*place)))?;
    if matched < known.len().clamp(1, 2) {
        return None;
    }
    let (header, below) = rows.get(place..)?.split_first()?;
    Some(table(sheet, header, below, known))
}

fn table(sheet: usize, header: &Row, below: &[Row], known: &[KnownColumn]) -> Table {
    let columns = Names::of(known).columns(header);
    let labels: Vec<String> = header.cells.iter().map(|cell| cell.shown().trim().to_owned()).collect();
    let unknown = labels
        .iter()
        .zip(&columns)
        .enumerate()
        .filter(|(_, (label, column))| column.is_none() && !label.is_empty())
        .map(|(place, _)| place)
        .collect();
    let notes = below.iter().take(NOTES).take_while(|row| is_note(row, &columns, known));
    let first_row = notes.last().map_or(header.number, |row| row.number) + 1;
    Table { sheet, header_row: header.number, first_row, labels, columns, unknown }
}

/// The names of all known columns, folded.
struct Names(Vec<Vec<String>>);

impl Names {
    fn of(known: &[KnownColumn]) -> Names {
        Names(known.iter().map(|column| column.labels.iter().map(|label| fold(label)).collect()).collect())
    }

    /// The known column of each column of a header. A name that stands there twice counts where it stands first.
    fn columns(&self, header: &Row) -> Vec<Option<usize>> {
        let mut taken = Vec::new();
        let column = |cell: &Cell| {
            let label = fold(&cell.shown());
            let found = self.0.iter().position(|labels| labels.contains(&label))?;
            let is_first = !label.is_empty() && !taken.contains(&found);
            taken.push(found);
            is_first.then_some(found)
        };
        header.cells.iter().map(column).collect()
    }

    fn matched(&self, row: &Row) -> usize {
        self.columns(row).iter().flatten().count()
    }
}

/// A label as it is compared: half-width, in small letters, without white space, asterisks, and what stands in
/// brackets.
pub fn fold(label: &str) -> String {
    let plain: String = label.nfkc().collect::<String>().to_lowercase();
    let mut depth = 0_u32;
    let mut kept = String::new();
    let mut all = String::new();
    for character in plain.chars() {
        match character {
            '(' | '[' | '{' | '【' | '〔' | '「' => depth += 1,
            ')' | ']' | '}' | '】' | '〕' | '」' => depth = depth.saturating_sub(1),
            _ if character.is_whitespace() || "*:：·_-".contains(character) || character.is_control() => {}
            _ => {
                all.push(character);
                if depth == 0 {
                    kept.push(character);
                }
            }
        }
    }
    if kept.is_empty() { all } else { kept }
}

/// Words that are a hint when they stand alone or before a punctuation mark: 必填，与合同一致, and not 必填科技有限公司.
const HINTS: [&str; 20] = [
    "必填",
    "必填项",
    "必输",
    "必输项",
    "必须",
    "选填",
    "选填项",
    "非必填",
    "可选",
    "可不填",
    "可为空",
    "不填",
    "字典",
    "字典值",
    "唯一",
    "自动",
    "required",
    "optional",
    "mandatory",
    "unique",
];

/// Words with which a hint begins, however it goes on.
const BEGINNINGS: [&str; 20] = [
    "精确到",
    "格式",
    "填写",
    "请填",
    "请选",
    "请输入",
    "从下拉",
    "下拉",
    "单选",
    "多选",
    "示例",
    "例如",
    "例:",
    "如:",
    "说明:",
    "不可重复",
    "不能为空",
    "e.g.",
    "example",
    "choosefrom",
];

/// Words that are a hint when they are all there is, and could be values otherwise.
const KINDS: [&str; 22] = [
    "是/否",
    "是否",
    "是或否",
    "y/n",
    "yes/no",
    "true/false",
    "文本",
    "数字",
    "整数",
    "小数",
    "金额",
    "日期",
    "年月日",
    "yyyy-mm-dd",
    "yyyy/mm/dd",
    "text",
    "number",
    "date",
    "string",
    "integer",
    "decimal",
    "dictionary",
];

/// Whether a row beneath the header tells how to fill in the table, or names its columns once more.
///
/// Where a required column has a hint, the row is no data, as long as no other required column has what looks like a
/// value. Where all required columns are blank, every cell has to be a hint or a kind of value.
fn is_note(row: &Row, columns: &[Option<usize>], known: &[KnownColumn]) -> bool {
    let texts: Vec<(Option<&KnownColumn>, String)> = row
        .cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_blank())
        .map(|(place, cell)| {
            let column = columns.get(place).copied().flatten().and_then(|column| known.get(column));
            (column, if matches!(cell, Cell::Text(_)) { note_text(&cell.shown()) } else { String::new() })
        })
        .collect();
    if texts.iter().filter(|(column, _)| column.is_some()).count() == 0 {
        return false;
    }
    let required = || texts.iter().filter(|(column, _)| column.is_some_and(|column| column.required));
    if required().next().is_some() {
        let repeats_labels = |column: Option<&KnownColumn>, text: &str| {
            column.is_some_and(|column| column.labels.iter().any(|label| fold(label) == fold(text)))
        };
        let is_hinted = required().any(|(_, text)| is_hint(text));
        let is_repeated = required().all(|(column, text)| repeats_labels(*column, text));
        return is_repeated || is_hinted && required().all(|(_, text)| is_hint(text) || is_remark(text));
    }
    texts.iter().all(|(_, text)| is_hint(text) || KINDS.contains(&text.as_str()))
}

/// Whether a text can be a remark beside a hint: it has neither digits nor the look of a code.
fn is_remark(text: &str) -> bool {
    let is_code = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_graphic());
    !is_code && !text.chars().any(|c| c.is_ascii_digit())
}

fn note_text(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_lowercase()
        .trim_start_matches(['(', '*', '【', '['])
        .to_owned()
}

fn is_hint(text: &str) -> bool {
    let ends = |rest: &str| rest.chars().next().is_none_or(|next| !next.is_alphanumeric());
    HINTS.iter().any(|hint| text.strip_prefix(hint).is_some_and(ends))
        || BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
}
