//! What is wrong with a file as a whole.

use crate::i18n::Tr;
use crate::types::{Error, Refusal};

use super::MAX_CHARACTERS;

/// Why a file cannot be read as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is nothing in it.
    Empty,
    /// It has more bytes than so many.
    TooLarge(u64),
    /// It opens only with a password.
    Password,
    /// It is a web page, whatever its name says.
    Html,
    /// It is an XML file, such as Excel 2003 wrote them.
    Xml,
    /// It is an archive of files.
    Archive,
    /// It is a workbook of a kind that is not read.
    Unsupported,
    /// It is something else: an image, a document, a program.
    NotTable,
    /// It is a workbook of which a part is missing or makes no sense.
    Damaged,
    /// It would unpack to more than any table needs.
    Bomb,
    /// It has no sheet with cells.
    NoSheet,
    /// The sheet that was asked for is not there.
    SheetGone,
    /// It has more rows than so many.
    TooManyRows(usize),
    /// A record of a text has more values than any sheet has columns; the line on which it begins.
    TooManyColumns(usize),
    /// A cell has too many characters: its row and its column, both from 1.
    CellTooLong(u32, u32),
    /// It is a text whose encoding is not known.
    NotText,
    /// A quotation mark is never closed; the line on which its record begins.
    UnclosedQuote(usize),
    /// The disk does not give it.
    Disk(String),
}

impl Fault {
    /// The code for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Empty => "sheet_empty",
            Fault::TooLarge(_) => "sheet_too_large",
            Fault::Password => "sheet_password",
            Fault::Html => "sheet_html",
            Fault::Xml => "sheet_xml",
            Fault::Archive => "sheet_archive",
            Fault::Unsupported => "sheet_unsupported",
            Fault::NotTable => "sheet_not_table",
            Fault::Damaged => "sheet_damaged",
            Fault::Bomb => "sheet_bomb",
            Fault::NoSheet => "sheet_none",
            Fault::SheetGone => "sheet_gone",
            Fault::TooManyRows(_) => "sheet_too_many_rows",
            Fault::TooManyColumns(_) => "sheet_too_many_columns",
            Fault::CellTooLong(..) => "sheet_cell_too_long",
            Fault::NotText => "sheet_not_text",
            Fault::UnclosedQuote(_) => "sheet_unclosed_quote",
            Fault::Disk(_) => "sheet_disk",
        }
    }

    /// The sentence that says what is wrong and what to do.
    pub fn text(&self, t: Tr) -> String {
        match self {
            Fault::Empty => t.sheets_fault_empty().to_owned(),
            Fault::TooLarge(most) => t.sheets_fault_too_large(most / 1024 / 1024),
            Fault::Password => t.sheets_fault_password().to_owned(),
            Fault::Html => t.sheets_fault_html().to_owned(),
            Fault::Xml => t.sheets_fault_xml().to_owned(),
            Fault::Archive => t.sheets_fault_archive().to_owned(),
            Fault::Unsupported => t.sheets_fault_unsupported().to_owned(),
            Fault::NotTable => t.sheets_fault_not_table().to_owned(),
            Fault::Damaged => t.sheets_fault_damaged().to_owned(),
            Fault::Bomb => t.sheets_fault_bomb().to_owned(),
            Fault::NoSheet => t.sheets_fault_no_sheet().to_owned(),
            Fault::SheetGone => t.sheets_fault_sheet_gone().to_owned(),
            Fault::TooManyRows(most) => t.sheets_fault_too_many_rows(most),
            Fault::TooManyColumns(line) => t.sheets_fault_too_many_columns(line),
            Fault::CellTooLong(row, column) => {
                t.sheets_fault_cell_too_long(column_name(*column), MAX_CHARACTERS, row)
            }
            Fault::NotText => t.sheets_fault_not_text().to_owned(),
            Fault::UnclosedQuote(line) => t.sheets_fault_unclosed_quote(line),
            Fault::Disk(_) => t.sheets_fault_disk().to_owned(),
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Refusal {
        Refusal::new(fault.code(), move |t| fault.text(t))
    }
}

/// A disk that fails is a fault of ours, the rest is refused.
impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        match fault {
            Fault::Disk(cause) => Error::Internal(anyhow::anyhow!("a table cannot be read: {cause}")),
            other => Refusal::from(other).into(),
        }
    }
}

/// The name of a column, counted from 1, as spreadsheets show it: A, Z, AA.
pub fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or_default();
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}
