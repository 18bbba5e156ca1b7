//! Keeping records that a rule caught, and deciding about them: the only writer of `quarantined_records`.
//!
//! A record is marked as decided before it is taken: what comes in with the key of one that waits would take it out of the
//! queue by itself.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Date, Datetime, Integer, Json, Nullable, Text, Unsigned};
use serde_json::{Value, json};

use crate::customers::directory;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::periods;
use crate::schema::quarantined_records;
use crate::types::audit_entry::Audited as _;
use crate::types::ids::{CustomerId, QuarantinedRecordId, UsageIntakeId};
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Quantity, Result};
use crate::usage::corrections;
use crate::usage::intakes::model::{IntakeKind, IntakeState, NewIntake};
use crate::usage::records::model::{RawRecord, Rule, Taken, TakenRecord};
use crate::usage::records::taking::Ground;
use crate::usage::{intakes, records};

use super::forms::{Fix, Order};
use super::model::{Arrival, Decision, QuarantineState, Quarantined, QuarantinedEntry, kept};
use super::{queries, rules, sentences};

/// How many records go into one statement.
const CHUNK: usize = 1_000;

/// The most records that are decided about at once.
pub const MOST: i64 = 5_000;

/// How often those are left out that a rule would catch: what counts may make another one absurd.
const ROUNDS: usize = 4;

/// Keeps records that a rule caught. One that waits already is what was sent last. Written in the order of the
/// fingerprints, so that two deliveries wait for each other at most.
pub fn keep(tx: &mut Tx, intake: UsageIntakeId, arrivals: &mut [Arrival]) -> Result<()> {
    arrivals.sort_unstable_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    let now = tx.now();
    for chunk in arrivals.chunks(CHUNK) {
        let rows: Vec<Row> = chunk.iter().map(|arrival| Row::of(arrival, intake, now)).collect();
        diesel::insert_into(quarantined_records::table)
            .values(&rows)
            .on_conflict(diesel::dsl::DuplicatedKeys)
            .do_update()
            .set((
                quarantined_records::intake_id
                    .eq(sql::<Unsigned<diesel::sql_types::BigInt>>("VALUES(intake_id)")),
                quarantined_records::line.eq(sql::<Nullable<Unsigned<Integer>>>("VALUES(line)")),
                quarantined_records::quantity_text.eq(sql::<Text>("VALUES(quantity_text)")),
                quarantined_records::rule.eq(sql::<Text>("VALUES(rule)")),
                quarantined_records::facts.eq(sql::<Json>("VALUES(facts)")),
                quarantined_records::customer_id
                    .eq(sql::<Nullable<Unsigned<diesel::sql_types::BigInt>>>("VALUES(customer_id)")),
                quarantined_records::used_on.eq(sql::<Nullable<Date>>("VALUES(used_on)")),
                quarantined_records::received_at.eq(sql::<Datetime>("VALUES(received_at)")),
                quarantined_records::version.eq(quarantined_records::version + 1),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// What waits from other intakes under these fingerprints was sent again, and that one counts.
pub fn answer(tx: &mut Tx, intake: UsageIntakeId, fingerprints: &mut Vec<String>) -> Result<()> {
    fingerprints.sort_unstable();
    fingerprints.dedup();
    let now = tx.now();
    for chunk in fingerprints.chunks(CHUNK) {
        diesel::update(quarantined_records::table)
            .filter(quarantined_records::waiting_fingerprint.eq_any(chunk))
            .filter(quarantined_records::intake_id.ne(intake))
            .set((
                quarantined_records::state.eq(QuarantineState::Replaced),
                quarantined_records::decided_at.eq(Some(now)),
                quarantined_records::version.eq(quarantined_records::version + 1),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Puts a record right: it goes through all rules again, and counts. What was sent stays in the quarantine.
///
/// # Errors
/// [`Error::Invalid`] when a rule catches it all the same, at the field that is at fault; and when it would take the place
/// of usage that counts, unless that is meant.
pub fn fix(tx: &mut Tx, id: QuarantinedRecordId, version: u32, fix: &Fix) -> Result<()> {
    let record = lock_one(tx, id, version)?;
    rules::can_fix(&record, &periods::queries::held_to_usage(tx)?)?;
    let waived = if fix.passes { rules::PASSABLE } else { &[] };
    let raw = RawRecord { line: record.line, ..fix.raw.clone() };
    let decided = Decided { state: QuarantineState::Fixed, reason: fix.reason.clone() };
    let taken = take_one(tx, record, raw, waived, &decided)?;
    if fix.replaces { Ok(()) } else { refuse_replaced(tx, taken.as_ref()) }
}

/// Lets a record count as it is, although a rule caught it.
pub fn accept(tx: &mut Tx, id: QuarantinedRecordId, version: u32, reason: &str) -> Result<()> {
    let record = lock_one(tx, id, version)?;
    rules::can_accept(&record)?;
    let raw = record.raw();
    let decided = Decided { state: QuarantineState::Accepted, reason: reason.to_owned() };
    take_one(tx, record, raw, rules::PASSABLE, &decided).map(|_| ())
}

/// Drops a record: it never counts.
pub fn drop_one(tx: &mut Tx, id: QuarantinedRecordId, version: u32, reason: &str) -> Result<()> {
    let record = lock_one(tx, id, version)?;
    rules::can_decide(&record)?;
    let decided = Decided { state: QuarantineState::Dropped, reason: reason.to_owned() };
    let raw = record.raw();
    decide(tx, &[(record, raw)], &decided)
}

/// What became of many records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many were decided.
    pub done: usize,
    /// How many of them take the place of usage that counts, or give it to another one of them.
    pub overlapping: usize,
    /// How many stay in the queue, by the rule that would catch them, or that nobody may pass over.
    pub left: BTreeMap<Rule, usize>,
}

/// Decides about many records at once. Those that are decided already are passed over; those of which it cannot be stay in
/// the queue.
pub fn decide_all(tx: &mut Tx, ids: &[QuarantinedRecordId], order: &Order) -> Result<Tally> {
    let waiting: Vec<Quarantined> =
        queries::lock(tx, ids)?.into_iter().filter(Quarantined::is_waiting).collect();
    let closed = periods::queries::held_to_usage(tx)?;
    let may = |record: &Quarantined| match order.decision {
        Decision::Fix => rules::can_fix(record, &closed).is_ok(),
        Decision::Accept => rules::can_accept(record).is_ok(),
        Decision::Drop => true,
    };
    let (able, unable): (Vec<_>, Vec<_>) = waiting.into_iter().partition(may);
    let mut tally = Tally::default();
    for record in &unable {
        *tally.left.entry(record.rule).or_default() += 1;
    }
    let pairs: Vec<(Quarantined, RawRecord)> = able
        .into_iter()
        .map(|record| {
            let raw = match (&order.fix, order.decision) {
                (Some((field, value)), Decision::Fix) => rules::with_field(record.raw(), *field, value),
                _ => record.raw(),
            };
            (record, raw)
        })
        .collect();
    let state = match order.decision {
        Decision::Fix => QuarantineState::Fixed,
        Decision::Accept => QuarantineState::Accepted,
        Decision::Drop => QuarantineState::Dropped,
    };
    let decided = Decided { state, reason: order.reason.clone() };
    if order.decision == Decision::Drop {
        tally.done = pairs.len();
        decide(tx, &pairs, &decided)?;
        return Ok(tally);
    }
    let waived = if order.decision == Decision::Accept { rules::PASSABLE } else { &[] };
    take_many(tx, pairs, waived, &decided, &mut tally)?;
    Ok(tally)
}

/// What was decided, and why.
pub(super) struct Decided {
    pub(super) state: QuarantineState,
    pub(super) reason: String,
}

/// A record within reach as it was read, locked.
pub(super) fn lock_one(tx: &mut Tx, id: QuarantinedRecordId, version: u32) -> Result<Quarantined> {
    let record = queries::lock(tx, &[id])?.pop().ok_or(Error::NotFound)?;
    // Of one that is decided it says so, and by what.
    if record.is_waiting() && record.version != version {
        return Err(Error::Stale);
    }
    Ok(record)
}

/// Takes a record into what counts, and says what became of it.
fn take_one(
    tx: &mut Tx,
    record: Quarantined,
    raw: RawRecord,
    waived: &[Rule],
    decided: &Decided,
) -> Result<Option<TakenRecord>> {
    let pairs = [(record, raw)];
    decide(tx, &pairs, decided)?;
    let [(_, raw)] = &pairs;
    let taken = take(tx, std::slice::from_ref(raw), waived)?.pop();
    let Some((rule, facts)) = taken.as_ref().and_then(|taken| Some((taken.rule?, taken.facts.clone())))
    else {
        return Ok(taken);
    };
    let raw = raw.clone();
    let say = move |t: Tr| sentences::why(t, rule, &facts, &raw);
    Err(FieldErrors::one(rules::field_of(rule), say).into())
}

/// A record that was put right may have the key of usage that counts: it takes its place and does not add to it, which
/// whoever wrote a code or a day hardly expects.
fn refuse_replaced(tx: &mut Tx, taken: Option<&TakenRecord>) -> Result<()> {
    let replaced = taken.filter(|taken| taken.taken == Taken::Replaced);
    let Some(key) = replaced.and_then(|taken| taken.key.as_ref()) else { return Ok(()) };
    let records = corrections::queries::of_day(tx, key.customer, key.used_on)?;
    let stood = records.iter().find(|record| record.key == *key).and_then(|record| record.earlier.first());
    let quantity = Quantity(stood.map(|stood| stood.raw_quantity).unwrap_or_default());
    Err(FieldErrors::one("replace", move |t: Tr| t.quarantine_would_replace(quantity)).into())
}

/// Takes those of many records that no rule catches; the others stay as they are. What would be caught is found out first
/// by taking all of them, which is undone.
fn take_many(
    tx: &mut Tx,
    mut pairs: Vec<(Quarantined, RawRecord)>,
    waived: &[Rule],
    decided: &Decided,
    tally: &mut Tally,
) -> Result<()> {
    for left in (0..ROUNDS).rev() {
        if pairs.is_empty() {
            return Ok(());
        }
        let (mut caught, mut overlapping) = (Vec::new(), 0);
        let outcome = tx.attempt(|tx| {
            set_decided(tx, &pairs, decided)?;
            let raws: Vec<RawRecord> = pairs.iter().map(|(_, raw)| raw.clone()).collect();
            let taken = take(tx, &raws, waived)?;
            let overlaps = |taken: &&TakenRecord| matches!(taken.taken, Taken::Replaced | Taken::Repeated);
            overlapping = taken.iter().filter(overlaps).count();
            caught = taken.into_iter().map(|taken| taken.rule).collect();
            if caught.iter().any(Option::is_some) { Err(Error::Stale) } else { Ok(()) }
        });
        match outcome {
            Ok(()) => {
                (tally.done, tally.overlapping) = (pairs.len(), overlapping);
                return note(tx, &pairs, decided);
            }
            Err(Error::Stale) => {
                pairs = uncaught(pairs, &caught, left <= 1, tally);
            }
            Err(fault) => return Err(fault),
        }
    }
    for (record, _) in &pairs {
        *tally.left.entry(record.rule).or_default() += 1;
    }
    Ok(())
}

/// Those of many records that nothing caught. Before the last round without all that their customers have among them: one
/// that counts may make another one of the same customer absurd, but none of anybody else.
fn uncaught(
    pairs: Vec<(Quarantined, RawRecord)>,
    caught: &[Option<Rule>],
    is_last: bool,
    tally: &mut Tally,
) -> Vec<(Quarantined, RawRecord)> {
    let of_caught = pairs.iter().zip(caught).filter(|(_, rule)| is_last && rule.is_some());
    let codes: HashSet<String> = of_caught.map(|((_, raw), _)| raw.company_code.clone()).collect();
    let mut good = Vec::with_capacity(pairs.len());
    for ((record, raw), rule) in pairs.into_iter().zip(caught) {
        let left = rule.or_else(|| codes.contains(&raw.company_code).then_some(record.rule));
        match left {
            Some(rule) => *tally.left.entry(rule).or_default() += 1,
            None => good.push((record, raw)),
        }
    }
    good
}

/// Takes records as an intake of their own.
fn take(tx: &mut Tx, raws: &[RawRecord], waived: &[Rule]) -> Result<Vec<TakenRecord>> {
    let title = raws.first().map_or_else(String::new, |raw| format!("{} {}", raw.company_code, raw.day));
    let new = NewIntake {
        kind: IntakeKind::Mend,
        title: title.trim(),
        source: None,
        details: json!({}),
        state: IntakeState::Taking,
    };
    let intake = intakes::commands::begin(tx, &new)?;
    let mut ground = Ground::of(tx, raws)?.within(tx, Permission::UsageCorrect)?;
    let taken = records::commands::take_accepted(tx, &mut ground, intake, raws, waived)?;
    intakes::commands::end(tx, intake, IntakeState::Taken, None)?;
    Ok(taken)
}

/// Writes down what was decided, and tells the audit log.
pub(super) fn decide(tx: &mut Tx, pairs: &[(Quarantined, RawRecord)], decided: &Decided) -> Result<()> {
    set_decided(tx, pairs, decided)?;
    note(tx, pairs, decided)
}

fn set_decided(tx: &mut Tx, pairs: &[(Quarantined, RawRecord)], decided: &Decided) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().user_id);
    for (record, raw) in pairs {
        let facts = if *raw == record.raw() { record.facts.clone() } else { with_mended(&record.facts, raw) };
        diesel::update(quarantined_records::table.find(record.id))
            .set((
                quarantined_records::state.eq(decided.state),
                quarantined_records::facts.eq(facts),
                quarantined_records::reason.eq(Some(&decided.reason)),
                quarantined_records::decided_by.eq(by),
                quarantined_records::decided_at.eq(Some(now)),
                quarantined_records::version.eq(quarantined_records::version + 1),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// What the rule looked at, and beside it how the record was put right.
fn with_mended(facts: &Value, raw: &RawRecord) -> Value {
    let mut facts = facts.as_object().cloned().unwrap_or_default();
    let mended = json!({
        "source": raw.source,
        "company_code": raw.company_code,
        "day": raw.day,
        "meter": raw.meter,
        "device_series": raw.device_series,
        "layer": raw.layer,
        "quantity": raw.quantity,
    });
    facts.insert("mended".to_owned(), mended);
    Value::Object(facts)
}

/// Tells the audit log of each record what was decided.
fn note(tx: &mut Tx, pairs: &[(Quarantined, RawRecord)], decided: &Decided) -> Result<()> {
    let action = match decided.state {
        QuarantineState::Accepted => Action::QuarantineAccepted,
        QuarantineState::Dropped => Action::QuarantineDropped,
        QuarantineState::Deferred => Action::QuarantineDeferred,
        _ => Action::QuarantineFixed,
    };
    let mut paths: BTreeMap<CustomerId, Option<String>> = BTreeMap::new();
    for (record, raw) in pairs {
        let path = match record.customer_id {
            None => None,
            Some(id) if paths.contains_key(&id) => paths.get(&id).cloned().flatten(),
            Some(id) => {
                let path = department_path(tx, id)?;
                paths.insert(id, path.clone());
                path
            }
        };
        let after = Quarantined { state: decided.state, ..record.clone() };
        let before = QuarantinedEntry::new(record, record.raw(), path.clone());
        let after = QuarantinedEntry::new(&after, raw.clone(), path);
        tx.audit(Entry::changed(action, &before, &after).because(Some(decided.reason.clone())));
    }
    Ok(())
}

fn department_path(db: &mut Db, id: CustomerId) -> Result<Option<String>> {
    let Some(customer) = directory::queries::get(db, id)? else { return Ok(None) };
    Ok(directory::commands::record(db, &customer)?.subject().department_path)
}

/// Gives all records of a customer to another one, for a merge.
pub fn give_all(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Vec<QuarantinedRecordId>> {
    let theirs = quarantined_records::table.filter(quarantined_records::customer_id.eq(from));
    let ids: Vec<QuarantinedRecordId> =
        theirs.order(quarantined_records::id).select(quarantined_records::id).for_update().load(tx.conn())?;
    move_to(tx, &ids, to)?;
    Ok(ids)
}

/// Takes back what was given, as far as it is still there; tells how many are not.
pub fn take_back(
    tx: &mut Tx,
    from: CustomerId,
    to: CustomerId,
    given: &[QuarantinedRecordId],
) -> Result<usize> {
    let mut there: Vec<QuarantinedRecordId> = Vec::new();
    for some in given.chunks(CHUNK) {
        let ids: Vec<QuarantinedRecordId> = quarantined_records::table
            .filter(quarantined_records::id.eq_any(some))
            .filter(quarantined_records::customer_id.eq(to))
            .select(quarantined_records::id)
            .for_update()
            .load(tx.conn())?;
        there.extend(ids);
    }
    move_to(tx, &there, from)?;
    Ok(given.len() - there.len())
}

fn move_to(tx: &mut Tx, ids: &[QuarantinedRecordId], to: CustomerId) -> Result<()> {
    for some in ids.chunks(CHUNK) {
        diesel::update(quarantined_records::table.filter(quarantined_records::id.eq_any(some)))
            .set(quarantined_records::customer_id.eq(Some(to)))
            .execute(tx.conn())?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = quarantined_records)]
struct Row<'a> {
    intake_id: UsageIntakeId,
    line: Option<u32>,
    source_code: String,
    company_code: String,
    day_text: String,
    meter_code: String,
    device_series: String,
    layer: String,
    quantity_text: String,
    rule: Rule,
    facts: &'a Value,
    customer_id: Option<CustomerId>,
    used_on: Option<chrono::NaiveDate>,
    state: QuarantineState,
    fingerprint: &'a str,
    received_at: NaiveDateTime,
}

impl<'a> Row<'a> {
    fn of(arrival: &'a Arrival, intake_id: UsageIntakeId, received_at: NaiveDateTime) -> Row<'a> {
        let raw = arrival.raw;
        Row {
            intake_id,
            line: raw.line,
            source_code: kept(&raw.source),
            company_code: kept(&raw.company_code),
            day_text: kept(&raw.day),
            meter_code: kept(&raw.meter),
            device_series: kept(&raw.device_series),
            layer: kept(&raw.layer),
            quantity_text: kept(&raw.quantity),
            rule: arrival.rule,
            facts: &arrival.facts,
            customer_id: arrival.customer,
            used_on: arrival.used_on,
            state: QuarantineState::Waiting,
            fingerprint: &arrival.fingerprint,
            received_at,
        }
    }
}
