//! What a file is, by its bytes: neither its name nor what the browser says of it is believed.
//!
//! A [`Sniffer`] sees the bytes as they come in. Most files say at their beginning what they are; of a zip or an old
//! Office file the directory has to be looked at, which stands elsewhere in the file, once all of it is there.

use std::ops::Range;

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_8};
use infer::MatcherType;

use crate::i18n::Tr;
use crate::text_enum;

/// How much of the beginning is looked at.
const HEAD: usize = 64 * 1024;
/// The directory of a zip ends within so much of its end: the longest comment, and the record before it.
const ZIP_END: u64 = 65_557;
/// How much of a directory is looked at.
const DIRECTORY: u64 = 1024 * 1024;

text_enum! {
    /// A type of file that the house takes.
    pub enum FileType {
        /// A PDF document.
        Pdf = "pdf",
        /// A Word document.
        Docx = "docx",
        /// An Excel workbook.
        Xlsx = "xlsx",
        /// A presentation.
        Pptx = "pptx",
        /// A Word document of before 2007.
        Doc = "doc",
        /// An Excel workbook of before 2007.
        Xls = "xls",
        /// A presentation of before 2007.
        Ppt = "ppt",
        /// A table as text.
        Csv = "csv",
        /// A text.
        Txt = "txt",
        /// A mail.
        Eml = "eml",
        /// A PNG image.
        Png = "png",
        /// A JPEG image.
        Jpeg = "jpg",
        /// A GIF image.
        Gif = "gif",
        /// A WebP image.
        Webp = "webp",
        /// A zip archive.
        Zip = "zip",
    }
}

impl FileType {
    /// The types that browsers show as images: for logos and portraits.
    pub const IMAGES: &'static [FileType] = &[FileType::Png, FileType::Jpeg, FileType::Gif, FileType::Webp];

    /// The type that the ending of a name claims.
    pub fn of_name(name: &str) -> Option<FileType> {
        match ending(name)?.as_str() {
            "jpeg" => Some(FileType::Jpeg),
            "log" | "md" => Some(FileType::Txt),
            other => other.parse().ok(),
        }
    }

    /// The media type that it is sent with.
    pub fn media_type(self) -> &'static str {
        match self {
            FileType::Pdf => "application/pdf",
            FileType::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            FileType::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            FileType::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            FileType::Doc => "application/msword",
            FileType::Xls => "application/vnd.ms-excel",
            FileType::Ppt => "application/vnd.ms-powerpoint",
            FileType::Csv => "text/csv",
            FileType::Txt => "text/plain",
            FileType::Eml => "message/rfc822",
            FileType::Png => "image/png",
            FileType::Jpeg => "image/jpeg",
            FileType::Gif => "image/gif",
            FileType::Webp => "image/webp",
            FileType::Zip => "application/zip",
        }
    }

    /// Whether a browser may show it as it is: images, which run nothing.
    pub fn is_image(self) -> bool {
        FileType::IMAGES.contains(&self)
    }

    /// What bytes it consists of.
    pub fn content(self) -> Content {
        match self {
            FileType::Pdf => Content::Pdf,
            FileType::Docx => Content::Docx,
            FileType::Xlsx => Content::Xlsx,
            FileType::Pptx => Content::Pptx,
            FileType::Doc => Content::Doc,
            FileType::Xls => Content::Xls,
            FileType::Ppt => Content::Ppt,
            FileType::Csv | FileType::Txt | FileType::Eml => Content::Text,
            FileType::Png => Content::Png,
            FileType::Jpeg => Content::Jpeg,
            FileType::Gif => Content::Gif,
            FileType::Webp => Content::Webp,
            FileType::Zip => Content::Zip,
        }
    }
}

/// The ending of a name, in small letters.
pub fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    (!stem.is_empty() && !ending.is_empty()).then(|| ending.to_lowercase())
}

text_enum! {
    /// What the bytes of a file are.
    pub enum Content {
        /// A PDF document.
        Pdf = "pdf",
        /// A Word document.
        Docx = "docx",
        /// An Excel workbook.
        Xlsx = "xlsx",
        /// A presentation.
        Pptx = "pptx",
        /// A Word document of before 2007.
        Doc = "doc",
        /// An Excel workbook of before 2007.
        Xls = "xls",
        /// A presentation of before 2007.
        Ppt = "ppt",
        /// A text in UTF-8 or GB18030.
        Text = "text",
        /// A PNG image.
        Png = "png",
        /// A JPEG image.
        Jpeg = "jpg",
        /// A GIF image.
        Gif = "gif",
        /// A WebP image.
        Webp = "webp",
        /// A zip archive.
        Zip = "zip",
        /// An Office document behind a password, into which nobody can look.
        Locked = "locked",
        /// An Office document with a program in it.
        Macros = "macros",
        /// A program.
        Program = "program",
        /// A program in a language that is run as it stands.
        Script = "script",
        /// A page for browsers.
        Html = "html",
        /// A drawing for browsers, which may hold programs.
        Svg = "svg",
        /// Any other markup.
        Xml = "xml",
        /// Any other archive.
        Archive = "archive",
        /// Any other image.
        Image = "image",
        /// A film.
        Video = "video",
        /// A sound.
        Audio = "audio",
        /// A text in UTF-16, which nothing here reads.
        Utf16 = "utf16",
        /// Nothing that we know.
        Unknown = "unknown",
    }
}

impl Content {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("file_content", self.as_str())
    }
}

/// What the beginning of a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// It is this.
    Is(Content),
    /// A zip: what it is stands in its directory, which is found from its end.
    Zip(Range<u64>),
    /// An old Office file: what it is stands in its directory, which is here.
    Ole(Range<u64>),
}

/// Looks at a file while it comes in.
pub struct Sniffer {
    head: Vec<u8>,
    size: u64,
    text: TextSniffer,
}

impl Default for Sniffer {
    fn default() -> Sniffer {
        let text = TextSniffer {
            utf8: Some(UTF_8.new_decoder_without_bom_handling()),
            gb18030: Some(GB18030.new_decoder_without_bom_handling()),
        };
        Sniffer { head: Vec::new(), size: 0, text }
    }
}

impl Sniffer {
    /// Takes the next piece.
    pub fn take(&mut self, piece: &[u8]) {
        let missing = HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(piece.get(..missing).unwrap_or_default());
        self.size += piece.len() as u64;
        self.text.take(piece, false);
    }

    /// What the file is, once all of it was taken.
    pub fn finish(&mut self) -> Shape {
        self.text.take(&[], true);
        shape(&self.head, self.size, self.text.is_text())
    }
}

/// Whether all bytes are text, in one of two encodings.
struct TextSniffer {
    utf8: Option<Decoder>,
    gb18030: Option<Decoder>,
}

impl TextSniffer {
    fn is_text(&self) -> bool {
        self.utf8.is_some() || self.gb18030.is_some()
    }

    fn take(&mut self, piece: &[u8], last: bool) {
        if !self.is_text() {
            return;
        }
        if !piece.iter().all(|byte| is_of_text(*byte)) {
            (self.utf8, self.gb18030) = (None, None);
        }
        for decoder in [&mut self.utf8, &mut self.gb18030] {
            if decoder.as_mut().is_some_and(|decoder| !decodes(decoder, piece, last)) {
                *decoder = None;
            }
        }
    }
}

fn is_of_text(byte: u8) -> bool {
    (byte >= b' ' && byte != 0x7f) || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)
}

fn decodes(decoder: &mut Decoder, mut piece: &[u8], last: bool) -> bool {
    let mut scratch = [0_u8; 8 * 1024];
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(piece, &mut scratch, last);
        match result {
            DecoderResult::InputEmpty => return true,
            DecoderResult::OutputFull => piece = piece.get(read..).unwrap_or_default(),
            DecoderResult::Malformed(..) => return false,
        }
    }
}

fn shape(head: &[u8], size: u64, is_text: bool) -> Shape {
    let begins = |magic: &[u8]| head.starts_with(magic);
    let within = |magic: &[u8], at: usize| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") {
        return Shape::Zip(size.saturating_sub(ZIP_END)..size);
    }
    if begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return ole_directory(head, size).map_or(Shape::Is(Content::Unknown), Shape::Ole);
    }
    Shape::Is(match () {
        () if begins(b"%PDF-") => Content::Pdf,
        () if begins(b"\x89PNG\r\n\x1a\n") => Content::Png,
        () if begins(b"\xff\xd8\xff") => Content::Jpeg,
        () if begins(b"GIF87a") || begins(b"GIF89a") => Content::Gif,
        () if begins(b"RIFF") && within(b"WEBP", 8) => Content::Webp,
        () if begins(b"\xff\xfe") || begins(b"\xfe\xff") => Content::Utf16,
        () if is_text => of_text(head),
        () => by_infer(head),
    })
}

/// Markup and scripts are texts, too, and say so at once.
fn of_text(head: &[u8]) -> Content {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let start = text.get(..text.len().min(4096)).unwrap_or_default().to_ascii_lowercase();
    let has = |word: &[u8]| start.windows(word.len()).any(|window| window == word);
    if start.starts_with(b"#!") || start.starts_with(b"<?php") || start.starts_with(b"<%") {
        return Content::Script;
    }
    let is_markup = start.first() == Some(&b'<')
        && start.get(1).is_some_and(|next| next.is_ascii_alphabetic() || b"!?".contains(next));
    match () {
        () if !is_markup => Content::Text,
        () if has(b"<svg") => Content::Svg,
        () if start.starts_with(b"<?xml") && !has(b"<html") => Content::Xml,
        () => Content::Html,
    }
}

fn by_infer(head: &[u8]) -> Content {
    match infer::get(head).map(|found| found.matcher_type()) {
        Some(MatcherType::App) => Content::Program,
        Some(MatcherType::Archive) => Content::Archive,
        Some(MatcherType::Audio) => Content::Audio,
        Some(MatcherType::Image) => Content::Image,
        Some(MatcherType::Video) => Content::Video,
        _ => Content::Unknown,
    }
}

/// Where the directory of a zip stands, read from its last bytes.
pub fn zip_directory(end: &[u8], size: u64) -> Option<Range<u64>> {
    let at = end.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let (length, offset) = (number(end, at + 12, 4)?, number(end, at + 16, 4)?);
    let last = offset.checked_add(length)?;
    (last <= size).then(|| offset..last.min(offset + DIRECTORY))
}

/// What a zip is, by the names in its directory.
pub fn of_zip(directory: &[u8]) -> Content {
    let names = zip_names(directory);
    let has = |start: &str| names.iter().any(|name| name.starts_with(start));
    let ends = |end: &str| names.iter().any(|name| name.ends_with(end));
    match () {
        () if has("META-INF/MANIFEST.MF") || has("AndroidManifest.xml") => Content::Program,
        () if !has("[Content_Types].xml") => Content::Zip,
        () if ends("vbaProject.bin") || has("xl/macrosheets/") => Content::Macros,
        () if has("word/document") => Content::Docx,
        () if has("xl/workbook.xml") => Content::Xlsx,
        () if has("ppt/presentation") => Content::Pptx,
        () => Content::Zip,
    }
}

fn zip_names(mut directory: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    while directory.starts_with(b"PK\x01\x02") {
        let lengths = [28, 30, 32].map(|at| number(directory, at, 2));
        let [Some(name), Some(extra), Some(comment)] =
            lengths.map(|length| length.and_then(|length| usize::try_from(length).ok()))
        else {
            break;
        };
        let Some(bytes) = directory.get(46..46 + name) else { break };
        names.push(String::from_utf8_lossy(bytes).into_owned());
        directory = directory.get(46 + name + extra + comment..).unwrap_or_default();
    }
    names
}

/// Where the directory of an old Office file begins, read from its header.
fn ole_directory(head: &[u8], size: u64) -> Option<Range<u64>> {
    let shift = number(head, 0x1e, 2).filter(|shift| [9, 12].contains(shift))?;
    let sector = number(head, 0x30, 4)?;
    let begin = (sector + 1) << shift;
    (begin < size).then(|| begin..size.min(begin + 16 * 1024))
}

/// What an old Office file is, by the names in its directory.
pub fn of_ole(directory: &[u8]) -> Content {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        directory.windows(wide.len()).any(|window| window == wide)
    };
    match () {
        () if has("EncryptedPackage") => Content::Locked,
        () if has("_VBA_PROJECT") => Content::Macros,
        () if has("WordDocument") => Content::Doc,
        () if has("PowerPoint Document") => Content::Ppt,
        () if has("Workbook") || has("Book") => Content::Xls,
        () => Content::Unknown,
    }
}

/// A number of the file: so many bytes at a place, the lowest first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(length)?)?;
    Some(digits.iter().rev().fold(0, |number, digit| number << 8 | u64::from(*digit)))
}
