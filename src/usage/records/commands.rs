//! Taking records of usage: the only writer of `usage_records` and `usage_replacements`.
//!
//! Records are written in the order of their keys, and after them the totals of their days in the order of theirs, so
//! that of two deliveries with the same records one waits, and none gives way.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{BigInt, Datetime, Decimal as Numeric, Unsigned};
use rust_decimal::Decimal;

use crate::customers::status::activity;
use crate::db::Tx;
use crate::periods;
use crate::schema::{usage_records, usage_replacements};
use crate::types::ids::{CustomerId, MeterId, UsageIntakeId, UsageSourceId};
use crate::types::time::business_day;
use crate::types::{Error, Result};
use crate::usage::day_totals::commands::Totals;
use crate::usage::intakes::model::Counts;
use crate::usage::quarantine::model::{Arrival, fingerprints};
use crate::usage::{day_totals, intakes, quarantine, sources};

use super::judging::{self, Judgement};
use super::model::{RawRecord, RecordKey, Rule, Stored, Taken, TakenRecord};
use super::queries;
use super::rules::Calendar;
use super::taking::{Ground, KnownCustomer, UsedDays};

/// How many records go into one statement.
const CHUNK: usize = 3_000;

/// How often records are written anew that somebody else was quicker to write.
const TRIES: usize = 3;

/// Takes the records of a delivery: what no rule catches counts from now on, the rest waits in the quarantine. One answer
/// for each, in their order. Of two with the same key the later one counts.
pub fn take(
    tx: &mut Tx,
    ground: &mut Ground,
    intake: UsageIntakeId,
    records: &[RawRecord],
) -> Result<Vec<TakenRecord>> {
    take_accepted(tx, ground, intake, records, &[])
}

/// Takes records of which somebody has decided that some rules do not matter.
pub fn take_accepted(
    tx: &mut Tx,
    ground: &mut Ground,
    intake: UsageIntakeId,
    records: &[RawRecord],
    waived: &[Rule],
) -> Result<Vec<TakenRecord>> {
    // Customers before months and records, as whoever changes them does.
    ground.hold(tx, records)?;
    let calendar = calendar(tx)?;
    let mut judged = judging::judge(tx, ground, &calendar, records, waived)?;
    meet_sources(tx, ground, &mut judged)?;
    let mut taken = pass_over_known(tx, &judged)?;
    write(tx, ground, intake, &judged, &mut taken)?;
    keep_caught(tx, ground, intake, records, &judged, &mut taken)?;
    let answers: Vec<TakenRecord> = judged
        .into_iter()
        .zip(taken)
        .map(|(judged, taken)| {
            let (rule, facts) = judged.outcome.err().map(|caught| (caught.rule, caught.facts)).unzip();
            let taken = taken.unwrap_or(Taken::Quarantined);
            TakenRecord { taken, rule, facts: facts.unwrap_or_default(), key: judged.key }
        })
        .collect();
    intakes::commands::count(tx, intake, counts(&answers))?;
    Ok(answers)
}

/// Which days records may be of; no month is closed before the transaction ends.
pub fn calendar(tx: &mut Tx) -> Result<Calendar> {
    Ok(Calendar { today: business_day(tx.now()), closed: periods::queries::held_to_usage(tx)? })
}

/// What became of records, in numbers.
pub fn counts(taken: &[TakenRecord]) -> Counts {
    let count = |what: Taken| {
        u32::try_from(taken.iter().filter(|record| record.taken == what).count()).unwrap_or(u32::MAX)
    };
    Counts {
        records: u32::try_from(taken.len()).unwrap_or(u32::MAX),
        added: count(Taken::Added),
        replaced: count(Taken::Replaced),
        unchanged: count(Taken::Unchanged),
        quarantined: count(Taken::Quarantined),
    }
}

/// Gives records their keys whose sources nobody has heard of: those are written down when a record of theirs counts.
/// The ground learns those that are there for good: what this transaction writes down may be undone.
fn meet_sources(tx: &mut Tx, ground: &mut Ground, judged: &mut [Judgement]) -> Result<()> {
    let mut new: HashMap<String, UsageSourceId> = HashMap::new();
    for judged in judged.iter_mut().filter(|judged| judged.key.is_none()) {
        let Ok(sound) = &judged.outcome else { continue };
        let known = new.get(sound.source).copied().or_else(|| ground.source(sound.source));
        let source = match known {
            Some(source) => source,
            None => match sources::queries::by_code(tx, sound.source)? {
                Some(source) => {
                    ground.learn_source(sound.source, source.id);
                    source.id
                }
                None => sources::commands::on_sight(tx, sound.source)?,
            },
        };
        new.insert(sound.source.to_owned(), source);
        judged.key = Some(judging::key(sound, source));
    }
    Ok(())
}

/// What a rule catches now, but was taken before and says the same, changes nothing and troubles nobody again: a record
/// of a month that was closed since, or that somebody has accepted.
fn pass_over_known(tx: &mut Tx, judged: &[Judgement]) -> Result<Vec<Option<Taken>>> {
    let mut taken = vec![None; judged.len()];
    let caught = || {
        judged.iter().enumerate().filter_map(|(place, judged)| {
            let sound = judged.outcome.as_ref().err()?.sound.as_ref()?;
            Some((place, sound.quantity, judged.key.as_ref()?))
        })
    };
    let wanted: Vec<&RecordKey> = caught().map(|(_, _, key)| key).collect();
    if wanted.is_empty() {
        return Ok(taken);
    }
    let stored = queries::stored(tx, &wanted, false)?;
    for (place, quantity, key) in caught() {
        let is_known = stored.get(key).is_some_and(|stored| stored.raw_quantity == quantity);
        if let Some(slot) = taken.get_mut(place).filter(|_| is_known) {
            *slot = Some(Taken::Unchanged);
        }
    }
    Ok(taken)
}

/// A record on its way into the table.
struct Incoming<'a> {
    place: usize,
    key: &'a RecordKey,
    quantity: Decimal,
    customer: KnownCustomer,
}

/// Writes the records that count, says what became of each, and tells the status of their customers.
fn write(
    tx: &mut Tx,
    ground: &mut Ground,
    intake: UsageIntakeId,
    judged: &[Judgement],
    taken: &mut [Option<Taken>],
) -> Result<()> {
    let mut latest: HashMap<&RecordKey, Incoming> = HashMap::with_capacity(judged.len());
    for (place, judged) in judged.iter().enumerate() {
        let (Ok(sound), Some(key)) = (&judged.outcome, &judged.key) else { continue };
        let incoming = Incoming { place, key, quantity: sound.quantity, customer: sound.customer };
        if let Some(slot) = taken.get_mut(place) {
            *slot = Some(Taken::Repeated);
        }
        latest.insert(key, incoming);
    }
    let mut incoming: Vec<Incoming> = latest.into_values().collect();
    incoming.sort_unstable_by(|one, other| one.key.cmp(other.key));
    let mut totals = Totals::default();
    let mut used = UsedDays::default();
    for chunk in incoming.chunks(CHUNK) {
        let written = write_chunk(tx, ground, intake, chunk, &mut totals)?;
        for (incoming, outcome) in chunk.iter().zip(written) {
            let counts = matches!(outcome, Taken::Added | Taken::Replaced | Taken::Repeated);
            if counts && incoming.quantity > Decimal::ZERO {
                used.note(&incoming.customer, incoming.key.used_on);
            }
            if let Some(slot) = taken.get_mut(incoming.place) {
                *slot = Some(outcome);
            }
        }
    }
    day_totals::commands::change(tx, totals)?;
    activity::commands::note_usage_all(tx, &used.0)
}

/// Writes records with different keys, and says what became of each.
fn write_chunk(
    tx: &mut Tx,
    ground: &mut Ground,
    intake: UsageIntakeId,
    chunk: &[Incoming],
    totals: &mut Totals,
) -> Result<Vec<Taken>> {
    let mut stored: HashMap<RecordKey, Stored> = HashMap::new();
    let mut looks = ground.finds_known;
    for _ in 0..TRIES {
        if looks {
            let keys: Vec<&RecordKey> = chunk.iter().map(|incoming| incoming.key).collect();
            stored = queries::stored(tx, &keys, true)?;
        }
        let new: Vec<&Incoming> =
            chunk.iter().filter(|incoming| !stored.contains_key(incoming.key)).collect();
        match insert(tx, intake, &new) {
            Ok(()) => {
                ground.finds_known = !stored.is_empty();
                for incoming in new {
                    totals.add(incoming.key, incoming.quantity, 1);
                }
                replace(tx, intake, chunk, &stored, totals)?;
                return Ok(chunk.iter().map(|incoming| outcome(incoming, intake, &stored)).collect());
            }
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => looks = true,
            Err(fault) => return Err(fault.into()),
        }
    }
    Err(Error::Contended)
}

/// What became of a record that was held against what was known.
fn outcome(incoming: &Incoming, intake: UsageIntakeId, stored: &HashMap<RecordKey, Stored>) -> Taken {
    match stored.get(incoming.key) {
        None => Taken::Added,
        Some(stored) if stored.intake == intake => Taken::Repeated,
        Some(stored) if stored.raw_quantity == incoming.quantity => Taken::Unchanged,
        Some(_) => Taken::Replaced,
    }
}

#[derive(Insertable)]
#[diesel(table_name = usage_records)]
struct NewRow<'a> {
    customer_id: CustomerId,
    used_on: NaiveDate,
    meter_id: MeterId,
    device_series: &'a str,
    layer: &'a str,
    source_id: UsageSourceId,
    quantity: Decimal,
    raw_quantity: Decimal,
    intake_id: UsageIntakeId,
    received_at: NaiveDateTime,
}

impl<'a> NewRow<'a> {
    fn of(
        key: &'a RecordKey,
        quantity: Decimal,
        raw_quantity: Decimal,
        intake_id: UsageIntakeId,
        received_at: NaiveDateTime,
    ) -> NewRow<'a> {
        NewRow {
            customer_id: key.customer,
            used_on: key.used_on,
            meter_id: key.meter,
            device_series: &key.device_series,
            layer: &key.layer,
            source_id: key.source,
            quantity,
            raw_quantity,
            intake_id,
            received_at,
        }
    }
}

/// Writes new records: all of them, or none where one is there already. As one text, because thirty thousand bound values
/// cost more than the rows: ids, days, decimals, and codes of ASCII letters, digits, `_`, `.` and `-`, so that nothing in
/// it can end a text.
fn insert(tx: &mut Tx, intake: UsageIntakeId, new: &[&Incoming]) -> Result<(), DieselError> {
    if new.is_empty() {
        return Ok(());
    }
    let now = tx.now().format("%Y-%m-%d %H:%M:%S%.6f").to_string();
    let mut text = String::with_capacity(256 + new.len() * 96);
    text.push_str(
        "INSERT INTO usage_records (customer_id, used_on, meter_id, device_series, layer, source_id, quantity, \
         raw_quantity, intake_id, received_at) VALUES ",
    );
    for (place, incoming) in new.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let RecordKey { customer, used_on, meter, device_series, layer, source } = incoming.key;
        let quantity = incoming.quantity;
        let _ = write!(
            text,
            "{comma}({customer},'{used_on}',{meter},'{device_series}','{layer}',{source},{quantity},{quantity},\
             {intake},'{now}')"
        );
    }
    diesel::sql_query(text).execute(tx.conn()).map(|_| ())
}

#[derive(Insertable)]
#[diesel(table_name = usage_replacements)]
struct ReplacementRow<'a> {
    customer_id: CustomerId,
    used_on: NaiveDate,
    meter_id: MeterId,
    device_series: &'a str,
    layer: &'a str,
    source_id: UsageSourceId,
    raw_quantity: Decimal,
    intake_id: UsageIntakeId,
    received_at: NaiveDateTime,
    replaced_by: UsageIntakeId,
    replaced_at: NaiveDateTime,
}

/// Puts what was sent now in the place of what was sent before, which is kept unless the same delivery brought it. What
/// somebody has corrected counts as corrected all the same.
fn replace(
    tx: &mut Tx,
    intake: UsageIntakeId,
    chunk: &[Incoming],
    stored: &HashMap<RecordKey, Stored>,
    totals: &mut Totals,
) -> Result<()> {
    let changed: Vec<(&Incoming, &Stored)> = chunk
        .iter()
        .filter_map(|incoming| Some((incoming, stored.get(incoming.key)?)))
        .filter(|(incoming, stored)| stored.raw_quantity != incoming.quantity)
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let keys: Vec<&RecordKey> = changed.iter().map(|(incoming, _)| incoming.key).collect();
    let corrected: HashSet<RecordKey> = queries::corrected(tx, &keys)?.into_iter().collect();
    let before: Vec<ReplacementRow> = changed
        .iter()
        .filter(|(_, stored)| stored.intake != intake)
        .map(|(incoming, stored)| replacement(incoming.key, stored, intake, now))
        .collect();
    if !before.is_empty() {
        diesel::insert_into(usage_replacements::table).values(&before).execute(tx.conn())?;
    }
    let mut after = Vec::with_capacity(changed.len());
    for (incoming, stored) in &changed {
        let is_corrected = corrected.contains(incoming.key);
        let quantity = if is_corrected { stored.quantity } else { incoming.quantity };
        totals.add(incoming.key, quantity - stored.quantity, 0);
        after.push(NewRow::of(incoming.key, quantity, incoming.quantity, intake, now));
    }
    diesel::insert_into(usage_records::table)
        .values(&after)
        .on_conflict(diesel::dsl::DuplicatedKeys)
        .do_update()
        .set((
            usage_records::quantity.eq(sql::<Numeric>("VALUES(quantity)")),
            usage_records::raw_quantity.eq(sql::<Numeric>("VALUES(raw_quantity)")),
            usage_records::intake_id.eq(sql::<Unsigned<BigInt>>("VALUES(intake_id)")),
            usage_records::received_at.eq(sql::<Datetime>("VALUES(received_at)")),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn replacement<'a>(
    key: &'a RecordKey,
    stored: &Stored,
    replaced_by: UsageIntakeId,
    replaced_at: NaiveDateTime,
) -> ReplacementRow<'a> {
    ReplacementRow {
        customer_id: key.customer,
        used_on: key.used_on,
        meter_id: key.meter,
        device_series: &key.device_series,
        layer: &key.layer,
        source_id: key.source,
        raw_quantity: stored.raw_quantity,
        intake_id: stored.intake,
        received_at: stored.received_at,
        replaced_by,
        replaced_at,
    }
}

/// What counts of a record from now on, whatever was sent: for a correction, or its end. The caller has locked nothing;
/// the record is locked here.
pub fn set_quantity(tx: &mut Tx, key: &RecordKey, quantity: Decimal) -> Result<Stored> {
    let stored = queries::stored(tx, &[key], true)?.remove(key).ok_or(Error::NotFound)?;
    diesel::update(usage_records::table.find((
        key.customer,
        key.used_on,
        key.meter,
        &key.device_series,
        &key.layer,
        key.source,
    )))
    .set(usage_records::quantity.eq(quantity))
    .execute(tx.conn())?;
    let mut totals = Totals::default();
    totals.add(key, quantity - stored.quantity, 0);
    day_totals::commands::change(tx, totals)?;
    Ok(stored)
}

/// Keeps what rules caught in the quarantine. Of two that a rule caught with the same key the later one waits. What waited
/// there from other deliveries goes when a record with its key counts now; within one delivery a good record does not
/// hide a bad one. What somebody has dropped does not wait again unless it says something else.
fn keep_caught(
    tx: &mut Tx,
    ground: &mut Ground,
    intake: UsageIntakeId,
    records: &[RawRecord],
    judged: &[Judgement],
    taken: &mut [Option<Taken>],
) -> Result<()> {
    let has_caught = taken.iter().any(Option::is_none);
    if ground.nothing_waits() && !has_caught {
        return Ok(());
    }
    let mut arrivals: BTreeMap<String, (usize, Arrival)> = BTreeMap::new();
    let mut answered: Vec<String> = Vec::new();
    for (place, (raw, judged)) in records.iter().zip(judged).enumerate() {
        let is_caught = taken.get(place).is_some_and(Option::is_none);
        match &judged.outcome {
            Err(caught) if is_caught => {
                let arrival = Arrival::new(raw, caught, intake);
                let earlier = arrivals.insert(arrival.fingerprint.clone(), (place, arrival));
                if let Some(slot) = earlier.and_then(|(place, _)| taken.get_mut(place)) {
                    *slot = Some(Taken::Repeated);
                }
            }
            Err(caught) => answered.extend(fingerprints(raw, caught.used_on, caught.customer)),
            Ok(sound) => answered.extend(fingerprints(raw, Some(sound.used_on), Some(sound.customer.id))),
        }
    }
    let dropped = quarantine::queries::dropped(tx, arrivals.values().map(|(_, arrival)| arrival))?;
    arrivals.retain(|fingerprint, (place, _)| {
        let is_dropped = dropped.contains(fingerprint);
        if let Some(slot) = taken.get_mut(*place).filter(|_| is_dropped) {
            *slot = Some(Taken::Unchanged);
        }
        !is_dropped
    });
    answered.retain(|fingerprint| ground.may_wait(fingerprint) && !arrivals.contains_key(fingerprint));
    quarantine::commands::answer(tx, intake, &mut answered)?;
    let mut arrivals: Vec<Arrival> = arrivals.into_values().map(|(_, arrival)| arrival).collect();
    quarantine::commands::keep(tx, intake, &mut arrivals)?;
    for arrival in &arrivals {
        ground.learn_waiting(&arrival.fingerprint);
    }
    Ok(())
}
