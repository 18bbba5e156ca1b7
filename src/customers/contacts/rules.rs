//! What makes a contact right, and what of one is personal.

use unicode_normalization::UnicodeNormalization as _;

use crate::i18n::Tr;
use crate::types::Refusal;
use crate::types::personal;

use super::model::{Contact, ContactDraft};

/// The fewest digits of a phone number: a short number within a town.
const MIN_DIGITS: usize = 5;

/// The most contacts of one customer; more is no list of people but a mistake of a program.
pub const MAX_CONTACTS: usize = 200;

pub use personal::{masked_email, masked_name, masked_phone};

/// A phone number as it is kept: half-width, without white space, and a mobile number of the mainland without the prefix
/// of its country and without hyphens, so that it is written in one way only. `None` for what is no number.
pub fn tidy_phone(text: &str) -> Option<String> {
    let plain: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let fits = |c: char| c.is_ascii_digit() || "+-()#*,".contains(c);
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < MIN_DIGITS || !plain.chars().all(fits) {
        return None;
    }
    let national = digits.strip_prefix("86").filter(|_| digits.len() == 13).unwrap_or(&digits);
    let is_foreign = plain.starts_with('+') && national.len() == digits.len();
    let is_mobile = national.len() == 11 && national.starts_with('1') && !is_foreign;
    let is_plain = plain.chars().all(|c| c.is_ascii_digit() || "+-".contains(c));
    Some(if is_mobile && is_plain { national.to_owned() } else { plain })
}

/// Whether two contacts of a customer are the same person: the same name, and neither phone nor mail tells them apart.
pub fn is_same(one: &ContactDraft, other: &Contact) -> bool {
    let agree = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => true,
    };
    one.name == other.name && agree(&one.phone, &other.phone) && agree(&one.email, &other.email)
}

/// A customer does not have the same person twice, nor people without end.
pub fn can_add(draft: &ContactDraft, others: &[Contact]) -> Result<(), Refusal> {
    if others.len() >= MAX_CONTACTS {
        return Err(Refusal::new("too_many_contacts", |t: Tr| t.contacts_refused_many(MAX_CONTACTS)));
    }
    can_be(draft, others)
}

/// A customer does not have the same person twice; `others` are their other contacts.
pub fn can_be(draft: &ContactDraft, others: &[Contact]) -> Result<(), Refusal> {
    if others.iter().any(|other| is_same(draft, other)) {
        return Err(Refusal::new("contact_exists", Tr::contacts_refused_same));
    }
    Ok(())
}
