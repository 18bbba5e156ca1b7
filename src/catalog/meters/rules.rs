//! What makes a meter right.

use crate::i18n::Tr;
use crate::types::Refusal;

/// The longest code.
pub const MAX_CODE: usize = 50;

/// The longest name.
pub const MAX_NAME: usize = 100;

/// The longest name of a unit.
pub const MAX_UNIT: usize = 20;

/// The most meters: they are chosen from lists, and pages total by each of them.
pub const MAX_METERS: usize = 50;

/// Whether a text can be the code of a meter: it begins with a small letter, and goes on with small letters, digits,
/// hyphens and underscores.
pub fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    begins && text.len() <= MAX_CODE && text.bytes().all(fits)
}

/// There are not meters without end.
pub fn can_add(count: usize) -> Result<(), Refusal> {
    if count >= MAX_METERS {
        return Err(Refusal::new("too_many_meters", |t: Tr| t.meters_refused_many(MAX_METERS)));
    }
    Ok(())
}

/// One meter is in use at least: usage and prices that name none mean the usual one.
pub fn can_retire(others_in_use: usize) -> Result<(), Refusal> {
    if others_in_use == 0 {
        return Err(Refusal::new("last_meter", Tr::meters_refused_last));
    }
    Ok(())
}
