//! What is worth a look, which of two customers should stay, and what a merged customer looks like.

use crate::customers::directory::fields::{Field, FieldChange};
use crate::customers::directory::model::{Customer, Fields};
use crate::i18n::Tr;
use crate::types::Refusal;
use crate::types::ids::CustomerId;

use super::model::{Evidence, MergeOrder, Pair, PairState};

/// The lowest score that is shown to people.
pub const WORTH_A_LOOK: u32 = 30;

/// How likely it is that two customers are the same, out of 100: what speaks for it, less what speaks against it.
pub fn score(evidence: &[Evidence]) -> u32 {
    let sum: i32 = evidence.iter().map(|one| one.weight()).sum();
    u32::try_from(sum.clamp(0, 100)).unwrap_or_default()
}

/// Whether there is evidence that nobody saw who decided to keep the two apart.
pub fn has_new_evidence(decided_on: &[Evidence], now: &[Evidence]) -> bool {
    now.iter().any(|one| !one.is_against() && !decided_on.contains(one))
}

/// Which of two customers should stay: the one that more is known of, else the older one.
pub fn proposed_survivor<'a>(one: &'a Customer, other: &'a Customer) -> &'a Customer {
    let known = |customer: &Customer| {
        Field::ALL.iter().filter(|field| customer.fields.get(**field).is_some()).count()
    };
    if known(other) > known(one) { other } else { one }
}

/// The fields that should come from the one that goes: those that the survivor does not have.
pub fn proposed_from_loser(survivor: &Fields, loser: &Fields) -> Vec<Field> {
    let differs = |field: &Field| survivor.get(*field).is_none() && loser.get(*field).is_some();
    Field::ALL.iter().copied().filter(|field| differs(field) && *field != Field::Parent).collect()
}

/// The survivor as it shall be. Neither of the two can stand above it.
pub fn merged(survivor: &Customer, loser: &Customer, from_loser: &[Field]) -> Fields {
    let mut fields = survivor.fields.clone();
    for field in from_loser {
        // What one customer has, the other can have, too.
        let _ = fields.set(*field, loser.fields.get(*field).as_deref());
    }
    if fields.parent.is_some_and(|parent| parent == survivor.id || parent == loser.id) {
        fields.parent = loser.fields.parent.filter(|parent| *parent != survivor.id && *parent != loser.id);
    }
    fields
}

/// The survivor with the changes of a merge taken back, and the fields that somebody has edited since: those stay.
pub fn unmerged(now: &Fields, changes: &[FieldChange]) -> (Fields, Vec<Field>) {
    let (mut fields, mut left) = (now.clone(), Vec::new());
    for change in changes {
        let untouched = now.get(change.field) == change.becomes;
        if !untouched || fields.set(change.field, change.was.as_deref()).is_err() {
            left.push(change.field);
        }
    }
    (fields, left)
}

/// Whether a pair can be merged.
pub fn can_merge(pair: &Pair, order: &MergeOrder) -> Result<(), Refusal> {
    if pair.state == PairState::Merged {
        return Err(Refusal::new("merged", Tr::duplicates_refused_merged));
    }
    if !pair.ids().contains(&order.survivor) {
        return Err(Refusal::new("no_survivor", Tr::duplicates_refused_survivor));
    }
    Ok(())
}

/// What a page shows of two customers, in a few letters for each field and part: whoever confirms sends it back, so that
/// what moved meanwhile can be named.
pub fn fingerprint(one: &Fields, other: &Fields, counts: &[i64]) -> String {
    let text = |fields: &Fields, field: &Field| short(&fields.get(*field).unwrap_or_default());
    let fields = Field::ALL.iter().flat_map(|field| [text(one, field), text(other, field)]);
    fields.chain(counts.iter().map(ToString::to_string)).collect::<Vec<_>>().join(".")
}

/// What differs between two fingerprints: fields first, then parts by their number. `None` when one cannot be read.
pub fn moved_since(seen: &str, now: &str) -> Option<(Vec<Field>, Vec<usize>)> {
    let (seen, now): (Vec<&str>, Vec<&str>) = (seen.split('.').collect(), now.split('.').collect());
    if seen.len() != now.len() {
        return None;
    }
    let differs: Vec<bool> = seen.iter().zip(&now).map(|(seen, now)| seen != now).collect();
    let (of_fields, of_parts) = differs.split_at_checked(2 * Field::ALL.len())?;
    let fields = Field::ALL.iter().zip(of_fields.chunks(2)).filter(|(_, pair)| pair.contains(&true));
    let parts = of_parts.iter().enumerate().filter(|(_, differs)| **differs);
    Some((fields.map(|(field, _)| *field).collect(), parts.map(|(index, _)| index).collect()))
}

/// A text in a few letters (FNV-1a): tells an accident, and keeps nothing secret.
fn short(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:x}", hash >> 32)
}

/// Both ids in order: pairs are kept, and customers locked, the lower first.
pub fn in_order(one: CustomerId, other: CustomerId) -> (CustomerId, CustomerId) {
    (one.min(other), one.max(other))
}
