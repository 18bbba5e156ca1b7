//! A file that was opened: what kind it is, its sheets, and their rows.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use crate::i18n::Tr;
use crate::text_enum;

use super::gather::Gather;
use super::ods::OdsBook;
use super::stream::TextStream;
use super::text::TextTable;
use super::xls::XlsBook;
use super::xlsx::XlsxBook;
use super::{DateSystem, Fault, MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Row, zip_guard};

text_enum! {
    /// What a file is, by its bytes.
    pub enum Kind {
        /// A workbook of Excel 2007 and later, with or without macros.
        Xlsx = "xlsx",
        /// A workbook of Excel 97 to 2003.
        Xls = "xls",
        /// A workbook of LibreOffice.
        Ods = "ods",
        /// A text with separators.
        Text = "csv",
    }
}

/// A sheet of a workbook, in the order of its tabs. A text has one, without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The name on its tab.
    pub name: String,
    /// Whether it is hidden.
    pub hidden: bool,
}

/// How wide a sheet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    /// The number of the last column with content.
    pub columns: u32,
}

impl Width {
    /// How many columns were not kept, because they stand too far to the right.
    pub fn ignored(self) -> u32 {
        self.columns.saturating_sub(u32::try_from(MAX_COLUMNS).unwrap_or(u32::MAX))
    }
}

/// What people should know of a file that can be read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It is of another kind than the ending of its name says.
    MisleadingName(Kind),
}

impl Note {
    /// The sentence.
    pub fn text(&self, t: Tr) -> String {
        match self {
            Note::MisleadingName(kind) => t.sheets_note_misleading_name(kind.label(t)),
        }
    }
}

impl Kind {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("sheet_kind", self.as_str())
    }

    /// Whether files of this kind are named so.
    fn is_named(self, ending: &str) -> bool {
        match self {
            Kind::Xlsx => matches!(ending, "xlsx" | "xlsm" | "xltx" | "xltm" | "xlam"),
            Kind::Xls => matches!(ending, "xls" | "xlt" | "et"),
            Kind::Ods => matches!(ending, "ods" | "ots"),
            Kind::Text => {
                !matches!(ending, "xlsx" | "xlsm" | "xltx" | "xltm" | "xls" | "xlt" | "et" | "ods" | "ots")
            }
        }
    }
}

/// A file that was opened.
pub struct Book {
    kind: Kind,
    note: Option<Note>,
    content: Content,
    limits: Limits,
}

/// How much of a file is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes.
    pub bytes: u64,
    /// The most rows with content of a sheet.
    pub rows: usize,
    /// The most bytes that the texts of a sheet have together. A text that is written once can stand in a million cells.
    pub texts: usize,
}

impl Limits {
    /// Of tables that people fill in.
    pub const USUAL: Limits = Limits { bytes: MAX_BYTES, rows: MAX_ROWS, texts: 128 * 1024 * 1024 };

    /// Of tables that programs write, and that nobody keeps in memory.
    pub const LARGE: Limits = Limits { bytes: 1024 * 1024 * 1024, rows: 10_000_000, texts: usize::MAX };
}

enum Content {
    Text(TextTable),
    Stream(TextStream),
    Xlsx(Box<XlsxBook>),
    Ods(OdsBook),
    Xls(Box<XlsBook>),
}

impl Book {
    /// Opens a file at a path.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open_path(path: &Path) -> Result<Book, Fault> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = File::open(path).map_err(|cause| Fault::Disk(cause.to_string()))?;
        Book::open(file, &name)
    }

    /// Opens a file by what it is. Of its name only the ending is looked at, and only for a note.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(file: File, name: &str) -> Result<Book, Fault> {
        Book::open_within(file, name, Limits::USUAL)
    }

    /// Opens a large file: a text is not held in memory, but read anew from the disk each time.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open_large(file: File, name: &str) -> Result<Book, Fault> {
        Book::open_within(file, name, Limits::LARGE)
    }

    fn open_within(mut file: File, name: &str, limits: Limits) -> Result<Book, Fault> {
        let size = file.seek(SeekFrom::End(0)).map_err(disk)?;
        if size > limits.bytes {
            return Err(Fault::TooLarge(limits.bytes));
        }
        file.rewind().map_err(disk)?;
        let mut head = Vec::new();
        (&mut file).take(8192).read_to_end(&mut head).map_err(disk)?;
        file.rewind().map_err(disk)?;
        let (kind, content) = match head.as_slice() {
            [] => return Err(Fault::Empty),
            [b'P', b'K', 3 | 5, 4 | 6, ..] => open_zip(file)?,
            [0xd0, 0xcf, 0x11, 0xe0, ..] => (Kind::Xls, Content::Xls(Box::new(XlsBook::open(file)?))),
            _ if limits != Limits::USUAL => (Kind::Text, Content::Stream(TextStream::open(file, &head)?)),
            _ => (Kind::Text, Content::Text(TextTable::read(file, &head)?)),
        };
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        let note = (!ending.is_empty() && !kind.is_named(&ending)).then_some(Note::MisleadingName(kind));
        let book = Book { kind, note, content, limits };
        if book.sheets().is_empty() { Err(Fault::NoSheet) } else { Ok(book) }
    }

    /// What kind of file it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What people should know of it.
    pub fn note(&self) -> Option<&Note> {
        self.note.as_ref()
    }

    /// The sheets with cells, in the order of their tabs.
    pub fn sheets(&self) -> &[Sheet] {
        match &self.content {
            Content::Text(table) => table.sheets(),
            Content::Stream(stream) => stream.sheets(),
            Content::Xlsx(book) => book.sheets(),
            Content::Ods(book) => book.sheets(),
            Content::Xls(book) => book.sheets(),
        }
    }

    /// From which day it counts.
    pub fn date_system(&self) -> DateSystem {
        match &self.content {
            Content::Text(_) | Content::Stream(_) | Content::Ods(_) => DateSystem::Excel1900,
            Content::Xlsx(book) => book.date_system(),
            Content::Xls(book) => book.date_system(),
        }
    }

    /// Hands the rows of a sheet to `each`, from the top, those that are wholly blank left out, until there are no
    /// more or `each` breaks off. The sheet is given by its place among [`Book::sheets`], and can be read again.
    ///
    /// # Errors
    /// What is wrong with the sheet, or what `each` found wrong.
    pub fn rows<E: From<Fault>>(
        &mut self,
        sheet: usize,
        mut each: impl FnMut(Row) -> Result<ControlFlow<()>, E>,
    ) -> Result<Width, E> {
        let mut refused = None;
        let mut hand_on = |row| match each(row) {
            Ok(flow) => flow,
            Err(fault) => {
                refused = Some(fault);
                ControlFlow::Break(())
            }
        };
        let mut gather = Gather::new(&mut hand_on, self.limits);
        let outcome = match &mut self.content {
            Content::Text(table) => table.rows(&mut gather),
            Content::Stream(stream) => stream.rows(&mut gather),
            Content::Xlsx(book) => book.rows(sheet, &mut gather),
            Content::Ods(book) => book.rows(sheet, &mut gather),
            Content::Xls(book) => book.rows(sheet, &mut gather),
        };
        let columns = gather.width();
        match refused {
            Some(fault) => Err(fault),
            None => outcome.map(|()| Width { columns }).map_err(E::from),
        }
    }

    /// The first rows of a sheet.
    ///
    /// # Errors
    /// As [`Book::rows`].
    pub fn first_rows(&mut self, sheet: usize, count: usize) -> Result<Vec<Row>, Fault> {
        let mut rows = Vec::new();
        self.rows::<Fault>(sheet, |row| {
            rows.push(row);
            Ok(if rows.len() < count { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(rows)
    }
}

fn open_zip(file: File) -> Result<(Kind, Content), Fault> {
    match zip_guard::check(&file)? {
        zip_guard::Package::Xlsx => {
            Ok((Kind::Xlsx, Content::Xlsx(Box::new(XlsxBook::open(BufReader::new(file))?))))
        }
        zip_guard::Package::Ods => Ok((Kind::Ods, Content::Ods(OdsBook::open(BufReader::new(file))?))),
    }
}

/// A fault of the disk.
pub(super) fn disk(cause: std::io::Error) -> Fault {
    Fault::Disk(cause.to_string())
}
