//! Writing pairs, searches and merges: the only writer of `duplicate_pairs`, `duplicate_searches` and `customer_merges`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::Value;

use crate::customers::directory;
use crate::customers::directory::cause::Cause;
use crate::customers::directory::model::{Customer, Fields};
use crate::customers::family;
use crate::customers::status::model::Cause as MoveCause;
use crate::db::Tx;
use crate::i18n::Tr;
use crate::schema::{customer_merges, duplicate_pairs, duplicate_searches};
use crate::types::audit_entry::Audited as _;
use crate::types::ids::{CustomerId, DuplicatePairId};
use crate::types::{Action, Entry, Error, Permission, Refusal, Result};

use super::matching;
use super::merges::Mergeable;
use super::model::{Evidence, Found, Left, MergeOrder, Pair, PairState};
use super::queries::{self, PairRow};
use super::rules;

/// How many rows one statement writes.
const CHUNK: usize = 500;

/// Looks for the likely duplicates of one customer, as the transaction sees it.
pub fn look_up(tx: &mut Tx, id: CustomerId) -> Result<()> {
    let known = queries::pairs_of(tx, &[id])?;
    let customer = directory::queries::get(tx, id)?.filter(Customer::is_live);
    let own = queries::profiles(tx, &[id])?.pop();
    let Some((customer, own)) = customer.zip(own) else { return forget(tx, known.values(), &[]) };
    let mut candidates = queries::candidates(tx, &customer, &own)?;
    candidates.extend(known.values().map(|pair| pair.other(id)));
    candidates.sort_unstable();
    candidates.dedup();
    let others = queries::profiles(tx, &candidates)?;
    let found: Vec<Found> = others.iter().filter_map(|other| matching::pair(&own, other)).collect();
    forget(tx, known.values(), &found)?;
    put(tx, &found, known)
}

/// Keeps pairs that were found, a piece of a search through all customers.
pub fn put_all(tx: &mut Tx, found: &[Found]) -> Result<()> {
    let ids: Vec<CustomerId> = found.iter().map(|pair| pair.lower).collect();
    let known = queries::pairs_of(tx, &ids)?;
    put(tx, found, known)
}

fn put(tx: &mut Tx, found: &[Found], known: BTreeMap<(CustomerId, CustomerId), Pair>) -> Result<()> {
    let now = tx.now();
    let (mut fresh, mut same) = (Vec::new(), Vec::new());
    for pair in found {
        let evidence = codes(&pair.evidence);
        match known.get(&(pair.lower, pair.higher)) {
            None => fresh.push((
                duplicate_pairs::lower_id.eq(pair.lower),
                duplicate_pairs::higher_id.eq(pair.higher),
                duplicate_pairs::score.eq(pair.score),
                duplicate_pairs::evidence.eq(evidence),
                duplicate_pairs::state.eq(PairState::Open),
                duplicate_pairs::found_at.eq(now),
                duplicate_pairs::seen_at.eq(now),
            )),
            Some(old) if old.state == PairState::Open && old.evidence() == pair.evidence => same.push(old.id),
            Some(old) => renew(tx, old, pair)?,
        }
    }
    for some in fresh.chunks(CHUNK) {
        // Two who save at the same moment may both find it.
        diesel::insert_or_ignore_into(duplicate_pairs::table).values(some).execute(tx.conn())?;
    }
    for some in same.chunks(CHUNK) {
        diesel::update(duplicate_pairs::table.filter(duplicate_pairs::id.eq_any(some)))
            .set(duplicate_pairs::seen_at.eq(now))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// A pair that is known already: an open one gets what is known today; one that was kept apart is opened again when there
/// is evidence that nobody saw who decided it.
fn renew(tx: &mut Tx, old: &Pair, found: &Found) -> Result<()> {
    let opens = match old.state {
        PairState::Open => true,
        PairState::Apart => rules::has_new_evidence(&old.evidence(), &found.evidence),
        PairState::Merged => false,
    };
    if !opens {
        return Ok(());
    }
    let now = tx.now();
    // What somebody has decided meanwhile stands.
    diesel::update(duplicate_pairs::table.find(old.id))
        .filter(duplicate_pairs::state.eq(old.state))
        .set((
            duplicate_pairs::score.eq(found.score),
            duplicate_pairs::evidence.eq(codes(&found.evidence)),
            duplicate_pairs::state.eq(PairState::Open),
            duplicate_pairs::seen_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets open pairs that nothing speaks for any more. Those with a history of merges stay.
fn forget<'a>(tx: &mut Tx, known: impl Iterator<Item = &'a Pair>, found: &[Found]) -> Result<()> {
    let still = |pair: &Pair| {
        found.iter().any(|found| found.lower == pair.lower_id && found.higher == pair.higher_id)
    };
    let gone: Vec<DuplicatePairId> =
        known.filter(|pair| pair.state == PairState::Open && !still(pair)).map(|pair| pair.id).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let merged = customer_merges::table.select(customer_merges::pair_id);
    let theirs = duplicate_pairs::table
        .filter(duplicate_pairs::id.eq_any(gone))
        .filter(duplicate_pairs::state.eq(PairState::Open));
    diesel::delete(theirs.filter(duplicate_pairs::id.ne_all(merged))).execute(tx.conn())?;
    Ok(())
}

/// Forgets open pairs that a search through all customers, begun at a moment, did not find. Those with a history of
/// merges stay.
fn forget_unseen(tx: &mut Tx, begun: NaiveDateTime) -> Result<usize> {
    let merged = customer_merges::table.select(customer_merges::pair_id);
    let unseen = duplicate_pairs::table
        .filter(duplicate_pairs::state.eq(PairState::Open))
        .filter(duplicate_pairs::seen_at.lt(begun))
        .filter(duplicate_pairs::id.ne_all(merged));
    Ok(diesel::delete(unseen).execute(tx.conn())?)
}

/// Notes that a search through all customers came to its end, and forgets the pairs that it did not find.
pub fn end_search(tx: &mut Tx, begun: NaiveDateTime, customers: usize, pairs: usize) -> Result<()> {
    forget_unseen(tx, begun)?;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let now = tx.now();
    diesel::insert_into(duplicate_searches::table)
        .values((
            duplicate_searches::begun_at.eq(begun),
            duplicate_searches::ended_at.eq(now),
            duplicate_searches::customers.eq(count(customers)),
            duplicate_searches::pairs.eq(count(pairs)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Says that two customers are not the same.
pub fn keep_apart(tx: &mut Tx, id: DuplicatePairId, reason: &str) -> Result<()> {
    let row = queries::lock(tx, Permission::CustomerMerge, id)?;
    if row.pair.state == PairState::Merged {
        return Err(Refusal::new("merged", Tr::duplicates_refused_merged).into());
    }
    decide(tx, id, PairState::Apart, Some(reason))?;
    for customer in [&row.lower, &row.higher] {
        let subject = directory::commands::record(tx, customer)?.subject();
        // The other one is not named: who reads this may not reach it.
        tx.audit(Entry::happened(Action::CustomerKeptApart, subject).because(Some(reason.to_owned())));
    }
    Ok(())
}

/// Puts a pair that was kept apart back into the queue.
pub fn reopen(tx: &mut Tx, id: DuplicatePairId) -> Result<()> {
    let row = queries::lock(tx, Permission::CustomerMerge, id)?;
    if row.pair.state == PairState::Merged {
        return Err(Refusal::new("merged", Tr::duplicates_refused_merged).into());
    }
    decide(tx, id, PairState::Open, None)
}

fn decide(tx: &mut Tx, id: DuplicatePairId, state: PairState, reason: Option<&str>) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().user_id);
    let decided = state != PairState::Open;
    diesel::update(duplicate_pairs::table.find(id))
        .set((
            duplicate_pairs::state.eq(state),
            duplicate_pairs::reason.eq(reason),
            duplicate_pairs::decided_by.eq(by.filter(|_| decided)),
            duplicate_pairs::decided_at.eq(decided.then_some(now)),
            duplicate_pairs::seen_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Merges a pair: one customer stays, the other goes into it with all that hangs on it.
///
/// # Errors
/// [`Error::Refused`] when something has moved since the page was shown, with what.
pub fn merge(tx: &mut Tx, parts: &Mergeable, id: DuplicatePairId, order: &MergeOrder) -> Result<()> {
    let row = queries::lock(tx, Permission::CustomerMerge, id)?;
    rules::can_merge(&row.pair, order)?;
    refuse_gone(&[&row.lower, &row.higher])?;
    refuse_moved(tx, parts, &row, &order.seen)?;
    let (survivor, loser) =
        if order.survivor == row.lower.id { (&row.lower, &row.higher) } else { (&row.higher, &row.lower) };
    refuse_above(tx, survivor, loser)?;
    let after = rules::merged(survivor, loser, &order.from_loser);
    let changes = survivor.fields.difference(&after);
    decide(tx, id, PairState::Merged, order.reason.as_deref())?;
    let mut moved = BTreeMap::new();
    for part in parts.parts() {
        moved.insert(part.code, (part.give)(tx, loser.id, survivor.id)?);
    }
    let said = |other: &Customer| {
        let parts: Vec<String> = [Some(other.label()), order.reason.clone()].into_iter().flatten().collect();
        Some(parts.join(" · "))
    };
    directory::commands::merge_away(tx, loser, survivor.id, said(survivor))?;
    let cause = Cause::by_hand(Action::CustomerMerged, Permission::CustomerMerge)
        .because(said(loser))
        .moving(MoveCause::Merge);
    if changes.is_empty() {
        let subject = directory::commands::record(tx, survivor)?.subject();
        tx.audit(Entry::happened(Action::CustomerMerged, subject).because(said(loser)));
    } else {
        directory::commands::save_all(tx, vec![(survivor.clone(), after)], &cause)?;
    }
    directory::commands::retell_contacts(tx, loser.id)?;
    directory::commands::retell_contacts(tx, survivor.id)?;
    let (now, by) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(customer_merges::table)
        .values((
            customer_merges::pair_id.eq(id),
            customer_merges::survivor_id.eq(survivor.id),
            customer_merges::loser_id.eq(loser.id),
            customer_merges::changes.eq(json(&changes)?),
            customer_merges::moved.eq(json(&moved)?),
            customer_merges::reason.eq(&order.reason),
            customer_merges::merged_by.eq(by),
            customer_merges::merged_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Takes a merge back: both customers are as they were, but for what somebody has edited since, which is left and told.
pub fn unmerge(tx: &mut Tx, parts: &Mergeable, id: DuplicatePairId, reason: Option<String>) -> Result<Left> {
    let row = queries::lock(tx, Permission::CustomerMerge, id)?;
    let Some(merge) = queries::merge_of(tx, id)?.filter(|_| row.pair.state == PairState::Merged) else {
        return Err(Refusal::new("not_merged", Tr::duplicates_refused_not_merged).into());
    };
    let (survivor, loser) =
        if merge.survivor_id == row.lower.id { (row.lower, row.higher) } else { (row.higher, row.lower) };
    if !survivor.is_live() {
        let name = survivor.label();
        return Err(Refusal::new("gone", move |t: Tr| t.duplicates_refused_survivor_gone(&name)).into());
    }
    let (before, fields) = rules::unmerged(&survivor.fields, &merge.changes());
    let mut left = Left { fields, parts: Vec::new() };
    decide(tx, id, PairState::Open, None)?;
    let cause = Cause::by_hand(Action::CustomerUnmerged, Permission::CustomerMerge)
        .because(reason.clone().or_else(|| Some(loser.label())))
        .moving(MoveCause::Undo);
    // The parent comes back last: it may be the customer that comes back, or one that stands below it again.
    let kept = Fields { parent: survivor.fields.parent, ..before.clone() };
    if before == survivor.fields {
        let subject = directory::commands::record(tx, &survivor)?.subject();
        tx.audit(Entry::happened(Action::CustomerUnmerged, subject).because(cause.reason.clone()));
    } else {
        directory::commands::save_all(tx, vec![(survivor.clone(), kept)], &cause)?;
    }
    directory::commands::bring_back(tx, &loser, reason)?;
    let mut moved = merge.moved();
    for part in parts.parts() {
        let Some(given) = moved.remove(part.code) else { continue };
        let elsewhere = (part.take_back)(tx, loser.id, survivor.id, given)?;
        left.parts.extend((elsewhere > 0).then_some((part.code, elsewhere)));
    }
    if before.parent != survivor.fields.parent {
        let now = directory::queries::get(tx, survivor.id)?.ok_or(Error::NotFound)?;
        directory::commands::save_all(tx, vec![(now, before)], &cause)?;
    }
    directory::commands::retell_contacts(tx, survivor.id)?;
    directory::commands::retell_contacts(tx, loser.id)?;
    let (now, by) = (tx.now(), tx.actor().user_id);
    diesel::update(customer_merges::table.find(merge.id))
        .set((customer_merges::unmerged_by.eq(by), customer_merges::unmerged_at.eq(Some(now))))
        .execute(tx.conn())?;
    Ok(left)
}

fn refuse_gone(both: &[&Customer]) -> Result<()> {
    match both.iter().find(|customer| !customer.is_live()) {
        None => Ok(()),
        Some(gone) => {
            let name = gone.label();
            Err(Refusal::new("gone", move |t: Tr| t.duplicates_refused_gone(&name)).into())
        }
    }
}

/// Refuses a merge that would put a customer below one that stands below it. Where the one that goes is the parent itself,
/// the survivor takes its place.
fn refuse_above(tx: &mut Tx, survivor: &Customer, loser: &Customer) -> Result<()> {
    let Some(parent) = survivor.fields.parent.filter(|parent| *parent != loser.id) else { return Ok(()) };
    family::queries::lock_chains(tx, [parent])?;
    let parents = directory::queries::parents(tx)?;
    let (mut above, mut seen) = (Some(parent), BTreeSet::new());
    while let Some(id) = above.filter(|id| seen.insert(*id)) {
        if id == loser.id {
            let (loser, survivor) = (loser.label(), survivor.label());
            let said = move |t: Tr| t.duplicates_refused_above(&loser, &survivor);
            return Err(Refusal::new("above", said).into());
        }
        above = parents.get(&id).copied();
    }
    Ok(())
}

/// Refuses what was confirmed of an older state, naming the fields and the parts that have moved.
fn refuse_moved(tx: &mut Tx, parts: &Mergeable, row: &PairRow, seen: &str) -> Result<()> {
    let now = fingerprint(tx, parts, row)?;
    let Some((fields, counts)) = rules::moved_since(seen, &now) else { return Err(Error::Stale) };
    if fields.is_empty() && counts.is_empty() {
        return Ok(());
    }
    let codes: Vec<&'static str> = parts.parts().iter().chain(parts.parts()).map(|part| part.code).collect();
    Err(Refusal::new("moved", move |t: Tr| {
        let parts = counts.iter().filter_map(|index| codes.get(*index));
        let mut names: Vec<String> = fields.iter().map(|field| field.label(t)).collect();
        names.extend(parts.map(|code| t.label("merge_part", code)));
        names.dedup();
        t.duplicates_refused_moved(t.join(names))
    })
    .into())
}

/// What the page shows of a pair, as whoever confirms sends it back.
pub fn fingerprint(db: &mut crate::db::Db, parts: &Mergeable, row: &PairRow) -> Result<String> {
    let mut counts = parts.counts(db, row.lower.id)?;
    counts.extend(parts.counts(db, row.higher.id)?);
    Ok(rules::fingerprint(&row.lower.fields, &row.higher.fields, &counts))
}

fn codes(evidence: &[Evidence]) -> Value {
    evidence.iter().map(|one| one.as_str()).collect()
}

fn json(value: &impl serde::Serialize) -> Result<Value> {
    Ok(serde_json::to_value(value).context("a merge cannot be kept")?)
}
