//! The rows of one customer and day, which are one version together: whether they agree, and what they come to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::customers::directory::model::Customer;
use crate::i18n::{Said, Tr};
use crate::imports::Source;
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::terms::TermsDraft;
use crate::types::ids::CustomerId;

use super::cells::{Line, TERMS};
use super::columns::{DISCOUNT_REASON, MODEL, REMARKS, VALID_FROM, column_of};

/// The places of the rows of one version.
pub type Group = Vec<usize>;

/// The rows that make one version each, by whom it is for and from when on; rows that say neither stand alone.
pub fn groups(lines: &[Line]) -> Vec<Group> {
    let mut known: BTreeMap<(CustomerId, NaiveDate), usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let key = line.customer.as_ref().zip(line.day).map(|(customer, day)| (customer.id, day));
        let there = key.and_then(|key| known.get(&key).copied());
        if let Some(group) = there.and_then(|group| groups.get_mut(group)) {
            group.push(place);
        } else {
            known.extend(key.map(|key| (key, groups.len())));
            groups.push(vec![place]);
        }
    }
    groups
}

/// The customers for whom the file has versions from one day only.
pub fn alone(lines: &[Line]) -> BTreeSet<CustomerId> {
    let mut days: BTreeMap<CustomerId, BTreeSet<NaiveDate>> = BTreeMap::new();
    for (customer, day) in lines.iter().filter_map(|line| Some((line.customer.as_ref()?, line.day?))) {
        days.entry(customer.id).or_default().insert(day);
    }
    days.into_iter().filter(|(_, days)| days.len() == 1).map(|(customer, _)| customer).collect()
}

/// A version that a group makes.
pub struct Made {
    /// For whom.
    pub customer: Customer,
    /// What it says.
    pub draft: VersionDraft,
    /// Whether the reason of its discount was made for it.
    pub has_own_reason: bool,
}

/// What stands in the rows of a group for one thing: the first that says it, and whether another says something else.
struct Agreed<T> {
    value: Option<(usize, T)>,
    dissent: Option<usize>,
}

fn agree<T: PartialEq>(said: impl Iterator<Item = (usize, Option<T>)>) -> Agreed<T> {
    let mut agreed = Agreed { value: None, dissent: None };
    for (place, value) in said {
        let Some(value) = value else { continue };
        match &agreed.value {
            None => agreed.value = Some((place, value)),
            Some((_, first)) if *first != value => {
                agreed.dissent.get_or_insert(place);
            }
            Some(_) => {}
        }
    }
    agreed
}

/// What a group makes; none where something is wrong, which is noted at its rows.
pub fn make(lines: &mut [Line], rows: &[Source], group: &Group, file: &str) -> Option<Made> {
    let terms = terms(lines, rows, group);
    let reason = agreed(lines, rows, group, DISCOUNT_REASON, |line| line.discount_reason.clone());
    let remarks = agreed(lines, rows, group, REMARKS, |line| line.remarks.clone());
    let first = lines.get(*group.first()?)?;
    let (customer, day) = (first.customer.clone()?, first.day?);
    if group.iter().any(|place| lines.get(*place).is_some_and(|line| !line.faults.is_empty())) {
        return None;
    }
    let mut draft = VersionDraft {
        valid_from: day,
        currency: customer.fields.currency,
        terms,
        discount_reason: reason,
        remarks,
        charges: group.iter().filter_map(|place| Some(lines.get(*place)?.charge.clone())).collect(),
    };
    let has_own_reason = draft.terms.discount_percent.is_some() && draft.discount_reason.is_none();
    if has_own_reason {
        let reason = made_reason(file);
        if let Some(line) = lines.get_mut(*group.first()?) {
            line.correct(DISCOUNT_REASON, String::new(), &reason);
        }
        draft.discount_reason = Some(reason);
    }
    match draft.check() {
        Ok(_) => Some(Made { customer, draft, has_own_reason }),
        Err(faults) => {
            for fault in faults.iter() {
                let (place, column) = place_of(lines, group, &fault.field);
                fault_at(lines, rows, place, column, "invalid_price", |t| fault.message.text(t));
            }
            None
        }
    }
}

/// The row and the column at which a field of a version is put right.
fn place_of<'a>(lines: &[Line], group: &Group, field: &'a str) -> (usize, &'a str) {
    let first = group.first().copied().unwrap_or_default();
    if let Some((charge, rest)) = field.strip_prefix("charges[").and_then(|rest| rest.split_once("].")) {
        let place = charge.parse().ok().and_then(|charge: usize| group.get(charge)).copied();
        return (place.unwrap_or(first), column_of(rest));
    }
    let says = |place: &&usize| {
        let line = lines.get(**place);
        line.is_some_and(|line| line.terms.iter().any(|(term, number)| *term == field && number.is_some()))
    };
    let column = if field == "charges" { MODEL } else { field };
    (group.iter().find(says).copied().unwrap_or(first), column)
}

/// The reason of a discount that came without one.
fn made_reason(file: &str) -> String {
    let name: String = file.chars().take(200).collect();
    Tr::ZhCn.price_imports_made_reason(name)
}

fn agreed<T: PartialEq>(
    lines: &mut [Line],
    rows: &[Source],
    group: &Group,
    column: &'static str,
    read: impl Fn(&Line) -> Option<T>,
) -> Option<T> {
    let said = group.iter().map(|place| (*place, lines.get(*place).and_then(&read)));
    let agreed = agree(said);
    if let (Some(dissent), Some((first, _))) = (agreed.dissent, &agreed.value) {
        let number = lines.get(*first).map(|line| line.number).unwrap_or_default();
        fault_at(lines, rows, dissent, column, "disagrees", |t: Tr| t.price_imports_disagrees(number));
    }
    agreed.value.map(|(_, value)| value)
}

fn terms(lines: &mut [Line], rows: &[Source], group: &Group) -> TermsDraft {
    let mut read = |place: usize| -> Option<Decimal> {
        let column = TERMS.get(place)?;
        agreed(lines, rows, group, column, |line| line.terms.get(place).and_then(|(_, number)| *number))
    };
    TermsDraft { minimum: read(0), cap: read(1), discount_percent: read(2) }
}

fn fault_at<S: Into<String>>(
    lines: &mut [Line],
    rows: &[Source],
    place: usize,
    column: &str,
    code: &str,
    say: impl Fn(Tr) -> S,
) {
    if let (Some(line), Some(row)) = (lines.get_mut(place), rows.get(place)) {
        line.fault(row, column, code, say);
    }
}

/// The rows of a group one of which is wrong: the others say which.
pub fn spread(lines: &mut [Line], rows: &[Source], group: &Group) {
    let wrong = |place: &&usize| lines.get(**place).is_some_and(|line| !line.faults.is_empty());
    let Some(number) = group.iter().find(wrong).and_then(|place| lines.get(*place)).map(|line| line.number)
    else {
        return;
    };
    for place in group {
        if lines.get(*place).is_some_and(|line| line.faults.is_empty()) {
            fault_at(lines, rows, *place, "", "group", |t: Tr| t.price_imports_group(number));
        }
    }
}

/// Notes at a row of a group that its version cannot come into force.
pub fn refuse(lines: &mut [Line], rows: &[Source], group: &Group, code: &str, said: &Said) {
    if let Some(first) = group.first() {
        fault_at(lines, rows, *first, VALID_FROM, code, |t| said.text(t).to_owned());
    }
}
