//! How large a picture is, by its first bytes. Nothing of it is decoded.

use crate::files::content::{Content, FileType, Shape, Sniffer};
use crate::i18n::Tr;
use crate::types::Refusal;

/// The most bytes of a picture.
pub const MAX_BYTES: usize = 512 * 1024;
/// The most pixels of a side.
pub const MAX_SIDE: u32 = 4000;

/// A picture's format and size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// The format: one that bills and mails can show.
    pub format: FileType,
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// The picture in these bytes, when it is one that bills and mails can show.
pub fn check(bytes: &[u8]) -> Result<Picture, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::new("picture_too_large", |t: Tr| {
            t.settings_picture_too_large(MAX_BYTES / 1024)
        }));
    }
    let Some(picture) = of(bytes) else {
        return Err(Refusal::new("picture_unknown", Tr::settings_picture_unknown));
    };
    let Picture { width, height, .. } = picture;
    if width.max(height) > MAX_SIDE {
        return Err(Refusal::new("picture_too_wide", move |t: Tr| {
            t.settings_picture_too_wide(height, MAX_SIDE, width)
        }));
    }
    Ok(picture)
}

/// What the bytes say of themselves; `None` when they are no picture, or one without size.
fn of(bytes: &[u8]) -> Option<Picture> {
    let mut sniffer = Sniffer::default();
    sniffer.take(bytes);
    let (format, (width, height)) = match sniffer.finish() {
        Shape::Is(Content::Png) => (FileType::Png, png(bytes)?),
        Shape::Is(Content::Jpeg) => (FileType::Jpeg, jpeg(bytes)?),
        Shape::Is(Content::Webp) => (FileType::Webp, webp(bytes)?),
        _ => return None,
    };
    (width > 0 && height > 0).then_some(Picture { format, width, height })
}

/// The first chunk of a PNG is its header, which begins with the size.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    Some((big(bytes.get(16..20)?), big(bytes.get(20..24)?)))
}

/// A JPEG is a row of segments, each with its length; the one that begins the frame has the size.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let [0xff, marker] = *bytes.get(at..at + 2)? else { return None };
        match marker {
            // Filling before a marker, and markers without a segment.
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let (height, width) = (bytes.get(at + 5..at + 7)?, bytes.get(at + 7..at + 9)?);
                return Some((big(width), big(height)));
            }
            // The image itself, or its end, before any frame.
            0xd8..=0xda => return None,
            _ => at += 2 + usize::try_from(big(bytes.get(at + 2..at + 4)?)).ok()?,
        }
    }
}

/// The first chunk of a WebP says which of three kinds it is; each has the size in a place of its own.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((1 + little(bytes.get(24..27)?), 1 + little(bytes.get(27..30)?))),
        b"VP8L" if bytes.get(20) == Some(&0x2f) => {
            let bits = little(bytes.get(21..25)?);
            Some((1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff)))
        }
        b"VP8 " if bytes.get(23..26) == Some(&[0x9d, 0x01, 0x2a]) => {
            Some((little(bytes.get(26..28)?) & 0x3fff, little(bytes.get(28..30)?) & 0x3fff))
        }
        _ => None,
    }
}

/// A number whose first byte counts most; of at most four bytes.
fn big(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

/// A number whose last byte counts most; of at most four bytes.
fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}
