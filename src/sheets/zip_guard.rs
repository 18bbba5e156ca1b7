//! Looks through a zipped workbook before a reader of workbooks sees it.
//!
//! A small file can unpack to terabytes, or claim a number of strings for which a reader makes room at once. So
//! everything is unpacked here first, piece by piece, into nothing: the bytes are counted and not believed, and so are
//! the elements of which readers keep a list. What passes costs a bounded amount of memory afterwards.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _};

use memchr::{memchr, memchr3, memmem};
use zip::ZipArchive;

use super::Fault;
use super::book::disk;

/// What a zipped workbook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Package {
    /// Of Excel.
    Xlsx,
    /// Of LibreOffice.
    Ods,
}

/// The most parts of a workbook.
const MAX_PARTS: usize = 10_000;
/// The most bytes of their names together.
const MAX_NAMES: usize = 4 * 1024 * 1024;
/// The most bytes that all parts unpack to.
const MAX_UNPACKED: u64 = 1024 * 1024 * 1024;
/// The most bytes that the table of shared strings unpacks to.
const MAX_STRINGS: u64 = 96 * 1024 * 1024;
/// The most bytes that a part other than XML unpacks to.
const MAX_OTHER: u64 = 32 * 1024 * 1024;
/// The longest tag, comment or text between two tags: readers hold each as a whole.
const MAX_MARKUP: usize = 1024 * 1024;
/// How much of a tag is looked at.
const MAX_TAG: usize = 4096;

/// The elements of which readers keep a list, and how many of each there may be.
const LISTED: [(&[u8], u32); 10] = [
    (b"si", MAX_SHARED),
    (b"sheet", 1_000),
    (b"definedName", 100_000),
    (b"Relationship", 100_000),
    (b"xf", 100_000),
    (b"font", 100_000),
    (b"fill", 100_000),
    (b"border", 100_000),
    (b"numFmt", 100_000),
    (b"style", 100_000),
];
/// The most shared strings.
const MAX_SHARED: u32 = 2_000_000;

/// Looks through a file and says what it is.
///
/// # Errors
/// When it is no workbook, is not whole, or would cost too much.
pub(super) fn check(file: &File) -> Result<Package, Fault> {
    let mut file = file.try_clone().map_err(disk)?;
    count_parts(&mut file)?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| Fault::Damaged)?;
    let mut names = Vec::new();
    let (mut letters, mut unpacked) = (0, 0);
    let mut scan = Scan::default();
    for number in 0..archive.len() {
        let Ok(mut part) = archive.by_index(number) else { continue };
        if part.encrypted() {
            return Err(Fault::Password);
        }
        let name = part.name().map_err(|_| Fault::Damaged)?.replace('\\', "/").to_lowercase();
        letters += name.len();
        if letters > MAX_NAMES {
            return Err(Fault::Bomb);
        }
        if part.size() > limit_of(&name) {
            return Err(Fault::Bomb);
        }
        unpacked += read_through(&mut part, &name, unpacked, &mut scan)?;
        names.push(name);
    }
    package(&names)
}

/// Counts the entries of the directory where they stand, wherever the directory claims to be.
fn count_parts(file: &mut File) -> Result<(), Fault> {
    file.rewind().map_err(disk)?;
    let mut buffer = vec![0; 1024 * 1024];
    let (mut kept, mut found) = (0, 0);
    loop {
        let read = file.read(buffer.get_mut(kept..).unwrap_or_default()).map_err(disk)?;
        if read == 0 {
            break;
        }
        let filled = buffer.get(..kept + read).unwrap_or_default();
        found += memmem::find_iter(filled, b"PK\x01\x02").count();
        if found > MAX_PARTS {
            return Err(Fault::Bomb);
        }
        // An entry may begin at the end of one piece and go on in the next.
        let tail = filled.len().saturating_sub(3);
        let end = filled.len();
        kept = end - tail;
        buffer.copy_within(tail..end, 0);
    }
    file.rewind().map_err(disk)
}

/// Unpacks a part into nothing, and says how many bytes it was. A part that breaks off is left to the reader, who gets
/// no further either, should it be needed at all.
fn read_through(part: &mut impl Read, name: &str, before: u64, scan: &mut Scan) -> Result<u64, Fault> {
    let (is_xml, limit) = (is_xml(name), limit_of(name));
    let mut buffer = vec![0; 64 * 1024];
    let mut length = 0;
    scan.begin(if is_xml { MAX_MARKUP } else { usize::MAX });
    while let Ok(read) = part.read(&mut buffer) {
        let piece = buffer.get(..read).unwrap_or_default();
        if piece.is_empty() {
            break;
        }
        if length == 0 && is_xml && !is_ascii_compatible(piece) {
            return Err(Fault::Damaged);
        }
        length += read as u64;
        if length > limit || before + length > MAX_UNPACKED {
            return Err(Fault::Bomb);
        }
        scan.take(piece)?;
    }
    Ok(length)
}

fn is_xml(name: &str) -> bool {
    [".xml", ".rels", ".vml"].iter().any(|ending| name.ends_with(ending))
}

/// How many bytes a part may unpack to.
fn limit_of(name: &str) -> u64 {
    match () {
        () if name.ends_with("sharedstrings.xml") => MAX_STRINGS,
        () if is_xml(name) => MAX_UNPACKED,
        () => MAX_OTHER,
    }
}

/// Whether the XML can be in an encoding whose tags look as they do in ASCII: all but UTF-16 and UTF-32.
fn is_ascii_compatible(start: &[u8]) -> bool {
    !start.starts_with(b"\xfe\xff")
        && !start.starts_with(b"\xff\xfe")
        && !start.iter().take(4).any(|byte| *byte == 0)
}

fn package(names: &[String]) -> Result<Package, Fault> {
    let has = |start: &str| names.iter().any(|name| name.starts_with(start));
    match () {
        () if has("mimetype") && has("content.xml") => Ok(Package::Ods),
        () if has("word/") || has("ppt/") || has("visio/") => Err(Fault::NotTable),
        () if has("xl/workbook.bin") => Err(Fault::Unsupported),
        () if has("[content_types].xml") || has("_rels/.rels") || has("xl/") => Ok(Package::Xlsx),
        () => Err(Fault::Archive),
    }
}

/// Where in the markup the scan is.
#[derive(Debug, Default)]
enum Place {
    /// Between two tags.
    #[default]
    Text,
    /// Within a tag, and the quotation mark of the attribute it is in.
    Tag(Option<u8>),
    /// Within a comment or the like, until its end.
    Special(&'static [u8]),
}

/// Counts elements and measures markup, over pieces that may break anywhere.
#[derive(Debug, Default)]
struct Scan {
    place: Place,
    length: usize,
    max_length: usize,
    tag: Vec<u8>,
    counts: [u32; LISTED.len()],
}

impl Scan {
    /// Begins another part.
    fn begin(&mut self, max_length: usize) {
        self.place = Place::Text;
        self.length = 0;
        self.max_length = max_length;
        self.tag.clear();
    }

    fn take(&mut self, mut piece: &[u8]) -> Result<(), Fault> {
        while !piece.is_empty() {
            let passed = match self.place {
                Place::Text => self.text(piece),
                Place::Tag(quote) => self.tag(piece, quote)?,
                Place::Special(end) => self.special(piece, end),
            };
            if self.length > self.max_length {
                return Err(Fault::Bomb);
            }
            piece = piece.get(passed..).unwrap_or_default();
        }
        Ok(())
    }

    fn text(&mut self, piece: &[u8]) -> usize {
        let Some(at) = memchr(b'<', piece) else {
            self.length += piece.len();
            return piece.len();
        };
        self.length = 0;
        self.tag.clear();
        self.place = Place::Tag(None);
        at + 1
    }

    fn tag(&mut self, piece: &[u8], quote: Option<u8>) -> Result<usize, Fault> {
        let at = match quote {
            Some(quote) => memchr(quote, piece),
            None => memchr3(b'>', b'"', b'\'', piece),
        };
        let passed = at.map_or(piece.len(), |at| at + 1);
        self.length += passed;
        let room = MAX_TAG.saturating_sub(self.tag.len());
        let kept = piece.get(..passed.min(room)).unwrap_or_default();
        self.tag.extend_from_slice(kept);
        if quote.is_none()
            && let Some(end) = special(&self.tag)
        {
            self.place = Place::Special(end);
            return Ok(passed);
        }
        match at.and_then(|at| piece.get(at)) {
            None => {}
            Some(_) if quote.is_some() => self.place = Place::Tag(None),
            Some(b'>') => {
                self.length = 0;
                self.place = Place::Text;
                self.count()?;
            }
            Some(quote) => self.place = Place::Tag(Some(*quote)),
        }
        Ok(passed)
    }

    /// Looks for the end of a comment; of its beginning as much is kept as the end is long.
    fn special(&mut self, piece: &[u8], end: &'static [u8]) -> usize {
        let mut passed = 0;
        for byte in piece {
            passed += 1;
            self.tag.push(*byte);
            if self.tag.ends_with(end) {
                self.length = 0;
                self.place = Place::Text;
                return passed;
            }
            if self.tag.len() > MAX_TAG {
                self.tag.drain(..MAX_TAG - end.len());
            }
        }
        self.length += passed;
        passed
    }

    /// Counts the element whose tag has ended.
    fn count(&mut self) -> Result<(), Fault> {
        let name = self.tag.split(|byte| b" \t\r\n/>".contains(byte)).next().unwrap_or_default();
        let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        for ((listed, most), count) in LISTED.iter().zip(&mut self.counts) {
            if *listed == local {
                *count += 1;
                if *count > *most {
                    return Err(Fault::Bomb);
                }
            }
        }
        if local == b"sst" && claimed(&self.tag).is_none_or(|strings| strings > u64::from(MAX_SHARED)) {
            return Err(Fault::Bomb);
        }
        Ok(())
    }
}

/// What ends a comment, a literal text or a declaration; `None` for a tag, or as long as too little of it is known.
fn special(tag: &[u8]) -> Option<&'static [u8]> {
    match tag {
        tag if tag.starts_with(b"!--") => Some(b"-->"),
        tag if tag.starts_with(b"![CDATA[") => Some(b"]]>"),
        tag if tag.starts_with(b"?") => Some(b"?>"),
        _ => None,
    }
}

/// How many strings the table of shared strings claims to have, none being 0; `None` when that cannot be told.
fn claimed(tag: &[u8]) -> Option<u64> {
    if tag.len() >= MAX_TAG {
        return None;
    }
    let Some(at) = memmem::find(tag, b"uniqueCount") else { return Some(0) };
    let rest = tag.get(at..)?;
    let digits: Vec<u8> = rest
        .iter()
        .copied()
        .skip_while(|byte| !byte.is_ascii_digit())
        .take_while(u8::is_ascii_digit)
        .collect();
    std::str::from_utf8(&digits).ok()?.parse().ok()
}
