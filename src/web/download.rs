//! Tables as files: the same rows as CSV or XLSX, written to a temporary file and streamed from there, so that a
//! large export costs no memory.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, Write as _};

use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::{self, Bytes};
use anyhow::Context as _;
use chrono::NaiveDateTime;
use futures_util::stream;
use rust_xlsxwriter::{Format as CellFormat, Workbook};

use crate::text_enum;
use crate::types::{Error, Refusal, Result, time};

use super::Response;

text_enum! {
    /// The kind of file.
    pub enum Format {
        /// Comma-separated, UTF-8 with a byte order mark, so that Excel opens it as it is.
        Csv = "csv",
        /// An Excel workbook.
        Xlsx = "xlsx",
    }
}

/// The most rows of a worksheet, its heading included.
const MAX_XLSX_ROWS: u32 = 1_048_576;

/// A cell.
#[derive(Debug, Clone)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A moment, shown in Asia/Shanghai.
    Moment(NaiveDateTime),
    /// Nothing.
    Blank,
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Blank, Into::into)
    }
}

impl From<NaiveDateTime> for Cell {
    fn from(moment: NaiveDateTime) -> Cell {
        Cell::Moment(moment)
    }
}

enum Sink {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Xlsx(Box<Workbook>, u32),
}

/// A table that is being written.
pub struct Table {
    sink: Sink,
}

/// A table that has been written.
pub struct Finished {
    file: File,
    format: Format,
}

impl Table {
    /// Begins a table with its heading.
    pub fn begin(format: Format, sheet: &str, heading: &[String]) -> Result<Table> {
        let sink = match format {
            Format::Csv => {
                let mut file = BufWriter::new(tempfile::tempfile().context("no temporary file")?);
                file.write_all("\u{feff}".as_bytes()).context("the temporary file cannot be written")?;
                Sink::Csv(Box::new(csv::Writer::from_writer(file)))
            }
            Format::Xlsx => {
                let mut workbook = Workbook::new();
                let worksheet = workbook.add_worksheet_with_constant_memory().map_err(xlsx)?;
                worksheet.set_name(sheet).map_err(xlsx)?;
                worksheet.set_freeze_panes(1, 0).map_err(xlsx)?;
                let bold = CellFormat::new().set_bold();
                for (column, text) in (0_u16..).zip(heading) {
                    worksheet.set_column_width(column, 22).map_err(xlsx)?;
                    worksheet.write_string_with_format(0, column, text, &bold).map_err(xlsx)?;
                }
                Sink::Xlsx(Box::new(workbook), 1)
            }
        };
        let mut table = Table { sink };
        if let Sink::Csv(writer) = &mut table.sink {
            writer.write_record(heading).context("the temporary file cannot be written")?;
        }
        Ok(table)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Refused`] when a worksheet is full: CSV has no such limit.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        match &mut self.sink {
            Sink::Csv(writer) => {
                let texts = cells.iter().map(|cell| match cell {
                    Cell::Text(text) => neutral(text),
                    Cell::Number(number) => number.to_string(),
                    Cell::Moment(moment) => time::show_seconds(*moment),
                    Cell::Blank => String::new(),
                });
                writer.write_record(texts).context("the temporary file cannot be written")?;
            }
            Sink::Xlsx(workbook, row) => {
                if *row >= MAX_XLSX_ROWS {
                    return Err(Refusal::new("too_many_rows", |t| t.error_xlsx_rows_text().to_owned()).into());
                }
                let worksheet = workbook.worksheet_from_index(0).map_err(xlsx)?;
                for (column, cell) in (0_u16..).zip(cells) {
                    match cell {
                        // As a string and never as a formula, whatever it begins with; Excel takes 32,767 characters.
                        Cell::Text(text) => {
                            let text: String = text.chars().take(32_767).collect();
                            worksheet.write_string(*row, column, text).map_err(xlsx)?;
                        }
                        Cell::Number(number) => {
                            worksheet.write_string(*row, column, number.to_string()).map_err(xlsx)?;
                        }
                        Cell::Moment(moment) => {
                            worksheet
                                .write_string(*row, column, time::show_seconds(*moment))
                                .map_err(xlsx)?;
                        }
                        Cell::Blank => {}
                    }
                }
                *row += 1;
            }
        }
        Ok(())
    }

    /// Ends the table.
    pub fn finish(self) -> Result<Finished> {
        let (mut file, format) = match self.sink {
            Sink::Csv(writer) => {
                let buffer =
                    writer.into_inner().map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
                let file =
                    buffer.into_inner().map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
                (file, Format::Csv)
            }
            Sink::Xlsx(mut workbook, _) => {
                let mut file = tempfile::tempfile().context("no temporary file")?;
                workbook.save_to_writer(&mut file).map_err(xlsx)?;
                (file, Format::Xlsx)
            }
        };
        file.rewind().context("the temporary file cannot be read")?;
        Ok(Finished { file, format })
    }
}

fn xlsx(fault: rust_xlsxwriter::XlsxError) -> Error {
    Error::Internal(fault.into())
}

/// Spreadsheets run a text that begins like a formula; a leading apostrophe keeps it a text.
pub fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

impl Finished {
    /// Sends the file under a name without its ending.
    pub fn respond(self, name: &str) -> Response {
        let kind = match self.format {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        };
        let disposition = ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(format!("{name}.{}", self.format))],
        };
        Response::Ok().content_type(kind).insert_header(disposition).streaming(pieces(self.file))
    }

    /// The file itself.
    pub fn into_file(self) -> File {
        self.file
    }
}

/// The file in pieces, each read on a thread that may block.
fn pieces(file: File) -> impl futures_util::Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::try_unfold(file, |mut file| async move {
        let read = web::block(move || {
            let mut piece = vec![0_u8; 64 * 1024];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, std::io::Error>((piece, file))
        })
        .await??;
        let (piece, file) = read;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(rows: &[Vec<Cell>]) -> String {
        let mut table = Table::begin(Format::Csv, "s", &["a".into(), "b".into()]).unwrap();
        for row in rows {
            table.row(row).unwrap();
        }
        let mut text = String::new();
        table.finish().unwrap().into_file().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_text_never_becomes_a_formula() {
        let text =
            csv(&[vec!["=cmd|' /C calc'!A0".into(), "-1+1".into()], vec!["安全".into(), Cell::Number(-5)]]);
        assert_eq!(text, "\u{feff}a,b\n'=cmd|' /C calc'!A0,'-1+1\n安全,-5\n");
    }

    #[test]
    fn a_workbook_is_a_workbook() {
        let mut table = Table::begin(Format::Xlsx, "用户", &["a".into()]).unwrap();
        table.row(&["=1+1".into()]).unwrap();
        table.row(&[Cell::Text("x".repeat(40_000))]).unwrap();
        let mut bytes = Vec::new();
        table.finish().unwrap().into_file().read_to_end(&mut bytes).unwrap();
        assert!(bytes.starts_with(b"PK"));
    }
}
