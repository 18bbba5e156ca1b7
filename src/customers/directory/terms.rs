//! What a customer is found by. A search for any part of a name is a look at the beginning of a term, since every tail
//! of the name is one: 诺合公寓, 合公寓, 公寓, 寓.

use std::collections::BTreeSet;

use pinyin::ToPinyin as _;
use unicode_normalization::UnicodeNormalization as _;

use super::model::Fields;
use super::rules::normalised_name;

/// The longest term: a search for more is a search for its beginning.
pub const MAX_TERM: usize = 20;

/// The longest spelling that names are ordered by.
const MAX_SORT: usize = 80;

/// A term, and whether it comes from a contact.
pub type Term = (String, bool);

/// What is typed into a search box, as terms are written.
pub fn folded(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// The first letters of the syllables of a Chinese text; what is not Chinese stays: 诺合ABC → nhabc.
pub fn initials(text: &str) -> String {
    folded(text)
        .chars()
        .map(|c| c.to_pinyin().and_then(|sound| sound.plain().chars().next()).unwrap_or(c))
        .collect()
}

/// The spelling of a name that lists are ordered by: syllables with a space after each, so that 安 comes before 昂.
pub fn sort_key(name: &str) -> String {
    let mut key = String::new();
    for c in folded(name).chars() {
        match c.to_pinyin() {
            Some(sound) => {
                key.push_str(sound.plain());
                key.push(' ');
            }
            None => key.push(c),
        }
    }
    key.chars().take(MAX_SORT).collect()
}

/// The terms of a customer itself.
pub fn of_customer(fields: &Fields) -> BTreeSet<Term> {
    let mut terms = BTreeSet::new();
    let name = normalised_name(&fields.company_name);
    add_tails(&mut terms, &folded(&name), false);
    add_tails(&mut terms, &initials(&name), false);
    add_tails(&mut terms, &folded(&fields.company_code), false);
    if let Some(code) = &fields.credit_code {
        add(&mut terms, &folded(code), false);
    }
    terms
}

/// The terms of a contact: the name, its initials, the phone from its beginning and by its last digits.
pub fn of_contact(name: &str, phone: Option<&str>) -> BTreeSet<Term> {
    let mut terms = BTreeSet::new();
    add_tails(&mut terms, &folded(name), true);
    add_tails(&mut terms, &initials(name), true);
    let digits: String = phone.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    add(&mut terms, &digits, true);
    add(&mut terms, digits.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or_default(), true);
    for last in [8, 6, 4] {
        if digits.len() > last {
            add(&mut terms, digits.split_at(digits.len() - last).1, true);
        }
    }
    terms
}

fn add_tails(terms: &mut BTreeSet<Term>, text: &str, personal: bool) {
    for (start, _) in text.char_indices() {
        add(terms, text.split_at(start).1, personal);
    }
}

fn add(terms: &mut BTreeSet<Term>, text: &str, personal: bool) {
    let term: String = text.chars().take(MAX_TERM).collect();
    if !term.is_empty() {
        terms.insert((term, personal));
    }
}
