//! The compound files that old Office programs save: a small file system of sectors and chains.
//!
//! Only as much as it takes to get a stream by its name. A chain that runs in a circle, or out of the file, is a
//! damaged file.

use super::Fault;

const HEADER: usize = 512;
const END: u32 = 0xffff_fffa;
const ENTRY: usize = 128;
/// Streams shorter than this stand in the stream of short ones.
const SHORT: u64 = 4096;
const SHORT_SECTOR: usize = 64;

/// A compound file.
pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    table: Vec<u32>,
    entries: Vec<Entry>,
    short_table: Vec<u32>,
}

struct Entry {
    name: String,
    is_root: bool,
    start: u32,
    length: u64,
}

impl<'a> Compound<'a> {
    /// Reads the directory of a file.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Compound<'a>, Fault> {
        let shift = u16_at(bytes, 30)?;
        if shift != 9 && shift != 12 {
            return Err(Fault::Damaged);
        }
        let sector = 1 << shift;
        let mut file =
            Compound { bytes, sector, table: Vec::new(), entries: Vec::new(), short_table: Vec::new() };
        file.table = file.read_table()?;
        let directory = file.chain(u32_at(bytes, 48)?, u64::MAX)?;
        file.entries = directory.chunks_exact(ENTRY).filter_map(Entry::read).collect();
        file.short_table = words(&file.chain(u32_at(bytes, 60)?, u64::MAX)?);
        Ok(file)
    }

    /// Whether there is a stream of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The content of a stream.
    pub(super) fn stream(&self, name: &str) -> Result<Vec<u8>, Fault> {
        let entry = self.entry(name).ok_or(Fault::Damaged)?;
        if entry.length >= SHORT {
            return self.chain(entry.start, entry.length);
        }
        let root = self.entries.iter().find(|entry| entry.is_root).ok_or(Fault::Damaged)?;
        let short = self.chain(root.start, root.length)?;
        let at = |number: u32| short.get(place(number, SHORT_SECTOR, 0)?..)?.chunks(SHORT_SECTOR).next();
        follow(entry.start, &self.short_table, entry.length, at)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The table that tells of each sector which one follows. Where its own sectors stand is in the header, and for
    /// large files in a chain of further sectors.
    fn read_table(&self) -> Result<Vec<u32>, Fault> {
        let mut places = words(self.bytes.get(76..HEADER).ok_or(Fault::Damaged)?);
        let mut next = u32_at(self.bytes, 68)?;
        let most = self.bytes.len() / self.sector + 1;
        for _ in 0..most {
            if next >= END {
                break;
            }
            let mut more = words(self.sector(next).ok_or(Fault::Damaged)?);
            next = more.pop().ok_or(Fault::Damaged)?;
            places.extend(more);
        }
        let mut table = Vec::new();
        for place in places.into_iter().filter(|place| *place < END).take(most) {
            table.extend(words(self.sector(place).ok_or(Fault::Damaged)?));
        }
        Ok(table)
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let begin = place(number, self.sector, self.sector)?;
        let rest = self.bytes.get(begin..)?;
        // The last sector of a file may be cut off behind what is in use.
        rest.get(..rest.len().min(self.sector)).filter(|sector| !sector.is_empty())
    }

    fn chain(&self, start: u32, length: u64) -> Result<Vec<u8>, Fault> {
        follow(start, &self.table, length, |number| self.sector(number))
    }
}

/// Puts the sectors of a chain together, up to a length.
fn follow<'s>(
    start: u32,
    table: &[u32],
    length: u64,
    sector: impl Fn(u32) -> Option<&'s [u8]>,
) -> Result<Vec<u8>, Fault> {
    let mut content = Vec::new();
    let mut next = start;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    for _ in 0..=table.len() {
        if next >= END || content.len() >= length {
            content.truncate(length);
            return Ok(content);
        }
        content.extend_from_slice(sector(next).ok_or(Fault::Damaged)?);
        next = usize::try_from(next).ok().and_then(|next| table.get(next)).copied().ok_or(Fault::Damaged)?;
    }
    Err(Fault::Damaged)
}

impl Entry {
    /// An entry of the directory; `None` for one that is not in use.
    fn read(bytes: &[u8]) -> Option<Entry> {
        let kind = *bytes.get(66)?;
        let length = usize::from(u16_at(bytes, 64).ok()?).saturating_sub(2).min(62);
        let wide: Vec<u16> =
            bytes.get(..length)?.chunks_exact(2).filter_map(|pair| u16_at(pair, 0).ok()).collect();
        let entry = Entry {
            name: String::from_utf16_lossy(&wide),
            is_root: kind == 5,
            start: u32_at(bytes, 116).ok()?,
            length: u64::from(u32_at(bytes, 120).ok()?),
        };
        (kind != 0).then_some(entry)
    }
}

fn place(number: u32, size: usize, before: usize) -> Option<usize> {
    usize::try_from(number).ok()?.checked_mul(size)?.checked_add(before)
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|word| u32_at(word, 0).ok()).collect()
}

/// The number at a place, the lowest byte first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    array_at(bytes, at).map(u16::from_le_bytes)
}

/// The number at a place, the lowest byte first.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    array_at(bytes, at).map(u32::from_le_bytes)
}

/// So many bytes at a place.
pub(super) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Fault> {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()).copied().ok_or(Fault::Damaged)
}
