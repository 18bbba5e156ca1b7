//! What is the same price, and what a version changes. Pure.

use crate::batches::model::Change;
use crate::i18n::Said;
use crate::i18n::Tr;
use crate::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use crate::pricing::price_plans::model::{ChargeKey, Content};
use crate::types::ids::MeterId;

/// The first day, as batches name it among what changes.
pub const VALID_FROM: &str = "valid_from";
/// The day from which the next version is valid already.
pub const UNTIL: &str = "until";
/// The day from which a contract year begins anew.
pub const CONTRACT_YEAR: &str = "contract_year";
/// What stands before the names of charges.
const CHARGE: &str = "charge";

/// Whether two versions charge the same: in whatever order their charges were written. With `any_reason` a discount may
/// have another reason.
pub fn is_same(one: &Content, other: &Content, any_reason: bool) -> bool {
    let by_key = |content: &Content| {
        let mut charges = content.charges.clone();
        charges.sort_by(|one, other| one.key.cmp(&other.key));
        charges
    };
    one.terms == other.terms
        && (any_reason || one.discount_reason == other.discount_reason)
        && by_key(one) == by_key(other)
}

/// How a charge is named among what changes: `charge/shots/X/`, with the meter by its id.
pub fn name_of(key: &ChargeKey) -> String {
    format!("{CHARGE}/{}/{}/{}", key.meter, key.device_series, key.layer)
}

/// The charge that such a name names.
pub fn key_of(name: &str) -> Option<ChargeKey> {
    let mut parts = name.strip_prefix(CHARGE)?.strip_prefix('/')?.split('/');
    let meter: MeterId = parts.next()?.parse().ok()?;
    let (device_series, layer) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some(ChargeKey { meter, device_series, layer })
}

/// A charge as batches keep it.
pub fn kept(charge: &ChargeDraft) -> Option<String> {
    serde_json::to_string(charge).ok()
}

/// The first thing that is wrong with a version.
pub fn first_fault(draft: &VersionDraft) -> Option<Said> {
    let faults = draft.check().err()?;
    let first = faults.iter().next()?;
    Some(Said::new(|t| first.message.text(t)))
}

fn change(field: impl Into<String>, was: Option<String>, becomes: Option<String>) -> Change {
    Change { field: field.into(), was, becomes }
}

/// What becomes of one charge, against the version before.
pub fn change_of_charge(before: Option<&VersionDraft>, charge: &ChargeDraft) -> Option<Change> {
    let was = before.and_then(|before| before.charges.iter().find(|old| old.key == charge.key));
    let is_other = was.is_none_or(|was| !has_same_numbers(was, charge));
    is_other.then(|| change(name_of(&charge.key), was.and_then(kept), kept(charge)))
}

fn has_same_numbers(one: &ChargeDraft, other: &ChargeDraft) -> bool {
    one.plain(Tr::En) == other.plain(Tr::En)
}

/// What becomes of everything but the charges that the version has: its first day, its terms, and what it no longer
/// charges.
pub fn changes_of_terms(before: Option<&VersionDraft>, after: &VersionDraft) -> Vec<Change> {
    let mut changes = vec![change(VALID_FROM, None, Some(after.valid_from.to_string()))];
    let terms = |draft: &VersionDraft| {
        let percent = draft.terms.discount_percent.filter(|percent| !percent.is_zero());
        [
            ("minimum", draft.terms.minimum.map(|amount| amount.normalize().to_string())),
            ("cap", draft.terms.cap.map(|amount| amount.normalize().to_string())),
            ("discount_percent", percent.map(|percent| percent.normalize().to_string())),
            ("discount_reason", draft.discount_reason.clone()),
        ]
    };
    let was = before.map(terms).unwrap_or_default();
    for ((field, becomes), (_, was)) in terms(after).into_iter().zip(was) {
        if was != becomes {
            changes.push(change(field, was, becomes));
        }
    }
    let gone = before.iter().flat_map(|before| &before.charges);
    let gone = gone.filter(|old| after.charges.iter().all(|charge| charge.key != old.key));
    changes.extend(gone.map(|old| change(name_of(&old.key), kept(old), None)));
    changes
}

/// All that a version changes.
pub fn changes(before: Option<&VersionDraft>, after: &VersionDraft) -> Vec<Change> {
    let mut changes = changes_of_terms(before, after);
    changes.extend(after.charges.iter().filter_map(|charge| change_of_charge(before, charge)));
    changes
}
