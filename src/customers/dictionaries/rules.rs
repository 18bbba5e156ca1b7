//! What may be done with values of dictionaries.

use pinyin::ToPinyin as _;

use crate::i18n::Tr;
use crate::types::Refusal;

use super::model::{Dictionary, DictionaryValue, Direction};

/// The longest code.
pub const MAX_CODE: usize = 40;
/// The longest label.
pub const MAX_LABEL: usize = 60;
/// The most values of a dictionary: more than anybody can choose from.
pub const MAX_VALUES: usize = 500;

/// Whether a text can be the code of a value: letters and digits of ASCII, dots, underscores and hyphens.
pub fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(fits)
}

/// A code for a label, by its sounds: 房产经纪 → `fangchanjingji`. One that is taken gets a number.
pub fn proposed_code(label: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut code = String::new();
    for c in label.chars() {
        match c.to_pinyin() {
            Some(sound) => code.push_str(&sound.plain().replace('ü', "v")),
            None if c.is_ascii_alphanumeric() => code.push(c.to_ascii_lowercase()),
            None if code.is_empty() || code.ends_with('_') => {}
            None => code.push('_'),
        }
    }
    let code: String = code.trim_end_matches('_').chars().take(MAX_CODE - 4).collect();
    let code = if code.is_empty() { "value".to_owned() } else { code };
    if !is_taken(&code) {
        return code;
    }
    let mut numbered = (2..=MAX_VALUES + 2).map(|number| format!("{code}_{number}"));
    numbered.find(|code| !is_taken(code)).unwrap_or(code)
}

/// Whether values may come and go.
pub fn can_change(dictionary: Dictionary) -> Result<(), Refusal> {
    if dictionary.is_fixed() {
        return Err(Refusal::new("fixed", move |t: Tr| t.dictionaries_refused_fixed(dictionary.label(t))));
    }
    Ok(())
}

/// Whether one more value fits in.
pub fn can_add(dictionary: Dictionary, values: usize) -> Result<(), Refusal> {
    can_change(dictionary)?;
    if values >= MAX_VALUES {
        return Err(Refusal::new("too_many", |t: Tr| t.dictionaries_refused_many(MAX_VALUES)));
    }
    Ok(())
}

/// Whether a value may go: as long as nobody has it, and nothing was merged into it.
pub fn can_delete(value: &DictionaryValue, customers: i64, merged: i64) -> Result<(), Refusal> {
    can_change(value.dictionary)?;
    if customers > 0 {
        return Err(Refusal::new("in_use", move |t: Tr| t.dictionaries_refused_used(customers)));
    }
    if merged > 0 {
        return Err(Refusal::new("has_merged", move |t: Tr| t.dictionaries_refused_merged(merged)));
    }
    Ok(())
}

/// Whether a value may become another one.
pub fn can_merge(value: &DictionaryValue, into: &DictionaryValue) -> Result<(), Refusal> {
    can_change(value.dictionary)?;
    let fits = value.dictionary == into.dictionary && value.id != into.id && into.retired_at.is_none();
    if fits && into.merged_into_id.is_none() {
        return Ok(());
    }
    Err(Refusal::new("no_target", Tr::dictionaries_refused_target))
}

/// The order after one value was moved; the same when it is at the end already.
pub fn moved<T: Copy + PartialEq>(order: &[T], which: T, direction: Direction) -> Vec<T> {
    let mut order = order.to_vec();
    if let Some(at) = order.iter().position(|one| *one == which) {
        let other = match direction {
            Direction::Up => at.saturating_sub(1),
            Direction::Down => (at + 1).min(order.len() - 1),
        };
        order.swap(at, other);
    }
    order
}
