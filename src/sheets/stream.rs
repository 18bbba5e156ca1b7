//! Texts that are too long to be held: read piece by piece, each time from the beginning of the file.
//!
//! The same encodings and separators as in [`super::text`]. The number of a row is that of the line on which it ends.

use std::fs::File;
use std::io::{Read as _, Seek as _};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};

use super::book::disk;
use super::gather::Gather;
use super::text::{decode, markup, other, separator_of};
use super::write::as_it_was;
use super::{Cell, Fault, MAX_CHARACTERS, MAX_COLUMNS, Sheet};

/// How much of the file is read at once.
const PIECE: usize = 256 * 1024;

/// How much of the beginning tells what the file is.
const HEAD: usize = 64 * 1024;

/// The most bytes of a record. A longer one has a quotation mark that is never closed.
const MAX_RECORD: usize = 1024 * 1024;

/// A text that is read piece by piece.
pub(super) struct TextStream {
    file: File,
    encoding: &'static Encoding,
    mark: usize,
    separator: u8,
    sheets: [Sheet; 1],
}

impl TextStream {
    /// Looks through a file of which the beginning is known, and finds its encoding.
    pub(super) fn open(mut file: File, head: &[u8]) -> Result<TextStream, Fault> {
        if head.starts_with(b"%PDF-") {
            return Err(Fault::NotTable);
        }
        let (encoding, mark) = match Encoding::for_bom(head) {
            Some(found) => found,
            None if is_utf8(&mut file)? => (UTF_8, 0),
            None => (GB18030, 0),
        };
        file.rewind().map_err(disk)?;
        let mut sample = Vec::new();
        (&mut file).take(HEAD as u64).read_to_end(&mut sample).map_err(disk)?;
        let text = beginning(encoding, sample.get(mark..).unwrap_or_default());
        if decode(text.as_bytes()).is_err() || text.is_empty() && sample.len() > mark {
            return Err(other(head));
        }
        if let Some(fault) = markup(&text) {
            return Err(fault);
        }
        if text.trim().is_empty() && sample.len() < HEAD {
            return Err(Fault::Empty);
        }
        let sheets = [Sheet { name: String::new(), hidden: false }];
        Ok(TextStream { file, encoding, mark, separator: separator_of(&text), sheets })
    }

    pub(super) fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// Gathers the rows.
    pub(super) fn rows(&mut self, gather: &mut Gather<'_>) -> Result<(), Fault> {
        self.file.rewind().map_err(disk)?;
        let mut pieces = Pieces {
            file: &self.file,
            skip: self.mark,
            bytes: vec![0; PIECE],
            kept: 0,
            decoder: (self.encoding != UTF_8).then(|| self.encoding.new_decoder_without_bom_handling()),
            text: String::new(),
            is_over: false,
        };
        let mut records = Records::new(self.separator);
        while let Some(line) = records.next(&mut pieces)? {
            for (column, value) in (1..).zip(records.values()) {
                let value = std::str::from_utf8(value).map_err(|_| Fault::NotText)?.trim();
                if value.len() > MAX_CHARACTERS * 4 {
                    return Err(Fault::CellTooLong(line, column));
                }
                if gather.put(line, column, Cell::from(as_it_was(value)))?.is_break() {
                    return Ok(());
                }
            }
        }
        gather.end().map(|_| ())
    }
}

/// Whether a file is UTF-8 from its beginning to its end.
fn is_utf8(file: &mut File) -> Result<bool, Fault> {
    file.rewind().map_err(disk)?;
    let mut bytes = vec![0; PIECE];
    let mut kept = 0;
    loop {
        let read = file.read(bytes.get_mut(kept..).unwrap_or_default()).map_err(disk)?;
        let filled = kept + read;
        let valid = match std::str::from_utf8(bytes.get(..filled).unwrap_or_default()) {
            Ok(_) => filled,
            Err(fault) if fault.error_len().is_none() && read > 0 => fault.valid_up_to(),
            Err(_) => return Ok(false),
        };
        if read == 0 {
            return Ok(true);
        }
        bytes.copy_within(valid..filled, 0);
        kept = filled - valid;
    }
}

/// The text of the beginning of a file, up to where it stops being one: the last character may be cut.
fn beginning(encoding: &'static Encoding, bytes: &[u8]) -> String {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() * 3 + 16);
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, false);
    if matches!(result, DecoderResult::Malformed(..)) {
        text.clear();
    }
    text
}

/// The file as pieces of UTF-8.
struct Pieces<'a> {
    file: &'a File,
    skip: usize,
    bytes: Vec<u8>,
    kept: usize,
    decoder: Option<Decoder>,
    text: String,
    is_over: bool,
}

impl Pieces<'_> {
    /// The next piece; an empty one at the end.
    fn next(&mut self) -> Result<&[u8], Fault> {
        self.text.clear();
        while !self.is_over {
            let read = self.file.read(&mut self.bytes).map_err(disk)?;
            self.is_over = read == 0;
            let begin = std::mem::take(&mut self.skip).min(read);
            let Some(decoder) = &mut self.decoder else {
                self.kept = read;
                if read > begin || self.is_over {
                    return Ok(self.bytes.get(begin..read).unwrap_or_default());
                }
                continue;
            };
            let bytes = self.bytes.get(begin..read).unwrap_or_default();
            let most = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
            self.text.reserve(most.unwrap_or(PIECE * 4));
            let (result, _) =
                decoder.decode_to_string_without_replacement(bytes, &mut self.text, self.is_over);
            if matches!(result, DecoderResult::Malformed(..)) {
                return Err(Fault::NotText);
            }
            if !self.text.is_empty() {
                break;
            }
        }
        Ok(self.text.as_bytes())
    }
}

/// Cuts pieces into records. What it keeps of one is bounded.
struct Records {
    core: Reader,
    input: Vec<u8>,
    at: usize,
    output: Vec<u8>,
    ends: Vec<usize>,
    length: usize,
    count: usize,
    read: u32,
    is_ended: bool,
}

impl Records {
    fn new(separator: u8) -> Records {
        Records {
            core: ReaderBuilder::new().delimiter(separator).build(),
            input: Vec::new(),
            at: 0,
            output: vec![0; 4096],
            ends: vec![0; 64],
            length: 0,
            count: 0,
            read: 0,
            is_ended: false,
        }
    }

    /// Reads the next record, and says on which line it ends; nothing at the end.
    fn next(&mut self, pieces: &mut Pieces<'_>) -> Result<Option<u32>, Fault> {
        (self.length, self.count) = (0, 0);
        let mut has_begun = false;
        let begin = self.last_line();
        loop {
            if self.at >= self.input.len() {
                self.refill(pieces)?;
            }
            let input = self.input.get(self.at..).unwrap_or_default();
            let output = self.output.get_mut(self.length..).unwrap_or_default();
            let ends = self.ends.get_mut(self.count..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(input, output, ends);
            let taken = input.get(..read).unwrap_or_default();
            let last = taken.last().copied();
            has_begun = has_begun || taken.iter().any(|byte| !matches!(byte, b'\r' | b'\n'));
            self.at += read;
            self.length += written;
            self.count += ended;
            match result {
                // Not even a line break ends it: it is within quotation marks.
                ReadRecordResult::InputEmpty if self.is_ended && has_begun => {
                    return Err(Fault::UnclosedQuote(begin));
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::Record => return Ok(Some(self.line(last))),
                ReadRecordResult::OutputFull if self.output.len() >= MAX_RECORD => {
                    return Err(Fault::UnclosedQuote(begin));
                }
                ReadRecordResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() > MAX_COLUMNS * 64 => {
                    return Err(Fault::TooManyColumns(self.last_line()));
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            }
        }
    }

    /// Takes the next piece; behind the last one a line break, that ends whatever has not ended.
    fn refill(&mut self, pieces: &mut Pieces<'_>) -> Result<(), Fault> {
        self.input.clear();
        self.at = 0;
        if !self.is_ended {
            self.input.extend_from_slice(pieces.next()?);
            self.is_ended = self.input.is_empty();
            if self.is_ended {
                self.input.push(b'\n');
            }
        }
        Ok(())
    }

    /// The line that was read last.
    fn last_line(&self) -> usize {
        usize::try_from(self.core.line()).unwrap_or(usize::MAX)
    }

    /// The line on which the record that was read ends. A text whose lines end in `\r` alone has none: its records are
    /// counted.
    fn line(&mut self, last: Option<u8>) -> u32 {
        self.read = self.read.saturating_add(1);
        let line = u32::try_from(self.core.line()).unwrap_or(u32::MAX);
        let line = if last == Some(b'\n') { line.saturating_sub(1) } else { line };
        self.read = self.read.max(line);
        self.read
    }

    fn values(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.ends.get(..self.count).unwrap_or_default();
        let begins = std::iter::once(0).chain(ends.iter().copied());
        begins.zip(ends.iter().copied()).map(|(begin, end)| self.output.get(begin..end).unwrap_or_default())
    }
}
