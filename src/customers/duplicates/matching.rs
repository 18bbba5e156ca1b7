//! Comparing customers: what is known of each, by which keys candidates meet, and what two of them have in common.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use unicode_normalization::UnicodeNormalization as _;

use crate::customers::directory::model::{EntityType, Fields};
use crate::customers::directory::rules::normalised_name;
use crate::types::ids::CustomerId;

use super::model::{Evidence, Found};
use super::names::{NameParts, Nearness, is_contained, nearness};
use super::rules;

/// The most customers that one key brings together: a phone of fifty customers is our own switchboard, and no evidence.
const MAX_BLOCK: usize = 50;

/// What customers are compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Whose it is.
    pub id: CustomerId,
    /// The name.
    pub name: NameParts,
    normalised: String,
    code: String,
    credit_code: Option<String>,
    title: Option<String>,
    address: Option<String>,
    /// Phones of contacts, in digits.
    pub phones: Vec<String>,
    /// Mail addresses, of contacts and for bills, in small letters.
    pub emails: Vec<String>,
    parent: Option<CustomerId>,
    is_person: bool,
}

impl Profile {
    /// Of a customer with the phones and mail addresses of its contacts.
    pub fn of(id: CustomerId, fields: &Fields, phones: &[String], emails: &[String]) -> Profile {
        let mut mails: Vec<String> =
            emails.iter().chain(&fields.billing_emails).map(|email| email.trim().to_lowercase()).collect();
        mails.sort();
        mails.dedup();
        let mut numbers: Vec<String> = phones.iter().filter_map(|phone| digits(phone)).collect();
        numbers.sort();
        numbers.dedup();
        Profile {
            id,
            name: NameParts::of(&fields.company_name),
            normalised: normalised_name(&fields.company_name),
            code: letters(&fields.company_code),
            credit_code: fields.credit_code.clone(),
            title: fields.invoice_title.as_deref().map(normalised_name),
            address: fields.address.as_deref().map(letters).filter(|address| address.chars().count() >= 8),
            phones: numbers,
            emails: mails,
            parent: fields.parent,
            is_person: fields.entity_type == EntityType::Individual,
        }
    }
}

/// Letters and digits only, in capitals.
fn letters(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// A phone as it is compared: its digits, without the country's; too few are no phone.
pub fn digits(phone: &str) -> Option<String> {
    let all: String = phone.nfkc().filter(char::is_ascii_digit).collect();
    let home = all.strip_prefix("86").filter(|rest| rest.len() >= 10).unwrap_or(&all);
    (home.len() >= 7).then(|| home.to_owned())
}

/// What two customers have in common, and what tells them apart.
pub fn compare(one: &Profile, other: &Profile) -> Vec<Evidence> {
    let mut all = Vec::new();
    let mut note = |holds: bool, evidence: Evidence| all.extend(holds.then_some(evidence));
    let both_differ = |one: &Option<String>, other: &Option<String>| {
        one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one != other)
    };
    note(shared(one.credit_code.as_ref(), other.credit_code.as_ref()), Evidence::SameCreditCode);
    note(one.code.len() >= 3 && one.code == other.code, Evidence::SameCode);
    let title_is = |title: &Option<String>, name: &str| title.as_deref() == Some(name);
    let crossed = title_is(&one.title, &other.normalised) || title_is(&other.title, &one.normalised);
    note(crossed, Evidence::TitleIsName);
    note(shared(one.title.as_ref(), other.title.as_ref()) && !crossed, Evidence::SameTitle);
    all.extend(of_names(&one.name, &other.name));
    let mut note = |holds: bool, evidence: Evidence| all.extend(holds.then_some(evidence));
    note(one.phones.iter().any(|phone| other.phones.contains(phone)), Evidence::SamePhone);
    note(one.emails.iter().any(|email| other.emails.contains(email)), Evidence::SameEmail);
    note(shared(one.address.as_ref(), other.address.as_ref()), Evidence::SameAddress);
    note(both_differ(&one.credit_code, &other.credit_code), Evidence::DifferentCreditCodes);
    let places = one.name.place.zip(other.name.place);
    note(places.is_some_and(|(one, other)| one != other), Evidence::DifferentCities);
    let above = |one: &Profile, other: &Profile| one.parent == Some(other.id);
    let siblings = one.parent.is_some() && one.parent == other.parent;
    note(above(one, other) || above(other, one) || siblings, Evidence::Related);
    note(one.is_person != other.is_person, Evidence::DifferentKinds);
    all
}

fn shared(one: Option<&String>, other: Option<&String>) -> bool {
    one.is_some() && one == other
}

/// The strongest that two names say.
fn of_names(one: &NameParts, other: &NameParts) -> Option<Evidence> {
    if one.is_empty() || other.is_empty() {
        return None;
    }
    if one.core == other.core {
        return Some(Evidence::SameName);
    }
    if one.sounds == other.sounds && one.len() >= 3 {
        return Some(Evidence::SameSound);
    }
    match nearness(&one.core, &other.core) {
        Some(Nearness::Slip) => return Some(Evidence::NearName),
        Some(Nearness::Other) => return Some(Evidence::SimilarName),
        None => {}
    }
    is_contained(&one.core, &other.core).then_some(Evidence::ContainedName)
}

/// The pair of two customers, if enough speaks for it.
pub fn pair(one: &Profile, other: &Profile) -> Option<Found> {
    let evidence = compare(one, other);
    let score = rules::score(&evidence);
    let (lower, higher) = (one.id.min(other.id), one.id.max(other.id));
    (score >= rules::WORTH_A_LOOK && lower != higher).then_some(Found { lower, higher, score, evidence })
}

/// A key by which customers meet; `whole` where it stands for all of a name, and not for a part of it.
struct Key {
    hash: u64,
    index: u32,
    whole: bool,
}

fn hash(kind: u8, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, text).hash(&mut hasher);
    hasher.finish()
}

fn keys(profile: &Profile, mut add: impl FnMut(u64, bool)) {
    let mut whole = |kind: u8, text: &str| add(hash(kind, text), true);
    whole(0, &profile.code);
    profile.credit_code.iter().for_each(|code| whole(1, code));
    profile.address.iter().for_each(|address| whole(2, address));
    profile.phones.iter().for_each(|phone| whole(3, phone));
    profile.emails.iter().for_each(|email| whole(4, email));
    whole(5, &profile.normalised);
    profile.title.iter().for_each(|title| whole(5, title));
    whole(6, &profile.name.core);
    whole(7, &profile.name.sounds);
    let letters: Vec<char> = profile.name.core.chars().collect();
    if letters.len() < 4 {
        return;
    }
    // Two letters the other way round leave the same letters.
    let mut sorted = letters.clone();
    sorted.sort_unstable();
    whole(8, &sorted.iter().collect::<String>());
    // A letter too many: what is left without it is the other name. A letter that is another one is never enough by
    // itself, so that nobody is looked for by it.
    whole(9, &profile.name.core);
    for gap in 0..letters.len() {
        let rest = letters.iter().enumerate().filter(|(index, _)| *index != gap);
        add(hash(9, &rest.map(|(_, c)| c).collect::<String>()), false);
    }
    for few in (letters.len() * 3).div_ceil(5).max(4)..letters.len() {
        for part in [letters.get(..few), letters.get(letters.len() - few..)].into_iter().flatten() {
            add(hash(9, &part.iter().collect::<String>()), false);
        }
    }
}

/// All pairs among customers that are worth a look. Customers are compared only where they share a key: n·k, never n².
pub fn all_pairs(profiles: &[Profile]) -> Vec<Found> {
    let mut all: Vec<Key> = Vec::with_capacity(profiles.len() * 16);
    for (index, profile) in (0_u32..).zip(profiles) {
        keys(profile, |hash, whole| all.push(Key { hash, index, whole }));
    }
    all.sort_unstable_by_key(|key| (key.hash, key.index));
    let mut meetings: Vec<(u32, u32)> = Vec::new();
    for block in all.chunk_by(|one, other| one.hash == other.hash) {
        let whole: Vec<&Key> = block.iter().filter(|key| key.whole).collect();
        if whole.len() > MAX_BLOCK || whole.len() * block.len() > MAX_BLOCK * MAX_BLOCK {
            continue;
        }
        for one in whole {
            let others = block.iter().map(|other| other.index).filter(|other| *other != one.index);
            meetings.extend(others.map(|other| (one.index.min(other), one.index.max(other))));
        }
    }
    meetings.sort_unstable();
    meetings.dedup();
    let at = |index: u32| usize::try_from(index).ok().and_then(|index| profiles.get(index));
    meetings.into_iter().filter_map(|(one, other)| pair(at(one)?, at(other)?)).collect()
}
