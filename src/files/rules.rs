//! What a file may be called, and which files are taken.

use unicode_normalization::UnicodeNormalization as _;

use crate::i18n::Tr;
use crate::types::Refusal;

use super::content::{Content, FileType, ending};

/// The longest name, in bytes: what every file system takes, and within the column.
const MAX_NAME: usize = 240;
/// The longest ending that is kept when a name is cut.
const MAX_ENDING: usize = 16;

/// The name under which a file is kept and given out: what somebody sent, without what could lead a computer or a reader
/// astray. Path, control characters, marks that turn the direction of writing, and what Windows does not take are left
/// out or replaced; a name that is too long is cut before its ending.
pub fn clean_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String =
        last.nfc().filter(|c| !is_hidden(*c)).map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '.');
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let name = if is_reserved(stem) { format!("_{name}") } else { name.to_owned() };
    if name.len() <= MAX_NAME {
        return name;
    }
    let (stem, ending) =
        name.rsplit_once('.').filter(|(_, ending)| ending.len() <= MAX_ENDING).unwrap_or((&name, ""));
    let room = MAX_NAME - ending.len() - 1;
    let cut = stem
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= room)
        .last()
        .unwrap_or(0);
    let stem = stem.get(..cut).unwrap_or_default().trim_end();
    if ending.is_empty() { stem.to_owned() } else { format!("{stem}.{ending}") }
}

/// Control characters, and marks that are not seen: those that turn the direction of writing make `gpj.exe` of
/// `exe.jpg`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// The names that Windows keeps for devices.
fn is_reserved(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device)
            .is_some_and(|rest| rest.chars().count() == 1 && rest.chars().all(|c| "123456789¹²³".contains(c)))
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT")
}

/// The type that a name claims, where it is one of those that are taken.
pub fn can_be_called(name: &str, taken: &[FileType]) -> Result<FileType, Refusal> {
    let claimed = FileType::of_name(name).filter(|claimed| taken.contains(claimed));
    claimed.ok_or_else(|| {
        let (name, ending, taken) = (name.to_owned(), ending(name), taken.to_vec());
        Refusal::new("file_ending", move |t: Tr| {
            let endings = t.join(taken.iter().map(|one| format!(".{one}")));
            match &ending {
                Some(ending) => t.files_refused_ending(ending, endings, &name),
                None => t.files_refused_no_ending(endings, &name),
            }
        })
    })
}

/// A file is what its name says.
pub fn is_what_it_claims(name: &str, claimed: FileType, found: Content) -> Result<(), Refusal> {
    if claimed.content() == found {
        return Ok(());
    }
    let name = name.to_owned();
    Err(Refusal::new("file_content", move |t: Tr| {
        let wanted = claimed.content().label(t);
        match found {
            Content::Unknown => t.files_refused_unknown(&name, wanted),
            Content::Locked => t.files_refused_locked(&name),
            Content::Utf16 => t.files_refused_utf16(&name),
            _ => t.files_refused_content(found.label(t), &name, wanted),
        }
    }))
}

/// There is something in it.
pub fn has_content(name: &str, size: u64) -> Result<(), Refusal> {
    if size > 0 {
        return Ok(());
    }
    let name = name.to_owned();
    Err(Refusal::new("file_empty", move |t: Tr| t.files_refused_empty(&name)))
}

/// It is not larger than what is taken.
pub fn is_small_enough(name: &str, size: u64, most: u64) -> Result<(), Refusal> {
    if size <= most {
        return Ok(());
    }
    let (name, most) = (name.to_owned(), most / 1024 / 1024);
    Err(Refusal::new("file_too_large", move |t: Tr| t.files_refused_too_large(most, &name)))
}

/// A size for people: `812 B`, `12 KB`, `1.5 MB`.
pub fn size_in_words(size: u64) -> String {
    let tenths = |unit: u64| (size * 10 + unit / 2) / unit;
    let (unit, tenths) = match size {
        0..1_024 => return format!("{size} B"),
        1_024..1_048_576 => ("KB", tenths(1_024)),
        1_048_576..1_073_741_824 => ("MB", tenths(1_048_576)),
        _ => ("GB", tenths(1_073_741_824)),
    };
    if tenths >= 100 {
        format!("{} {unit}", (tenths + 5) / 10)
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}
