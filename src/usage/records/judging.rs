//! What the rules make of records, held against what is known: for taking them, and for showing what taking them would
//! come to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::json;

use crate::db::Db;
use crate::types::Result;
use crate::types::ids::{CustomerId, MeterId, UsageSourceId};

use super::model::{RawRecord, RecordKey, Rule};
use super::queries;
use super::rules::{self, Calendar, Caught, History, Sound, WINDOW_DAYS};
use super::taking::{Ground, MOST_NEW_SOURCES};

/// What the rules make of a record.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    /// The record, where nothing caught it.
    pub outcome: Result<Sound<'a>, Box<Caught<'a>>>,
    /// What it is known by, where it could be read and its source was seen before.
    pub key: Option<RecordKey>,
}

impl Judgement<'_> {
    /// The record, as far as it could be read.
    pub fn readable(&self) -> Option<&Sound<'_>> {
        match &self.outcome {
            Ok(sound) => Some(sound),
            Err(caught) => caught.sound.as_ref(),
        }
    }
}

/// Asks all rules of some records, but those in `waived`. Quantities are absurd beside what is known, and beside what the
/// same records say of the days before.
pub fn judge<'a>(
    db: &mut Db,
    ground: &mut Ground,
    calendar: &Calendar,
    records: &'a [RawRecord],
    waived: &[Rule],
) -> Result<Vec<Judgement<'a>>> {
    let judgement = |raw: &'a RawRecord| {
        let mut judged = Judgement { outcome: rules::check(raw, ground, calendar, waived), key: None };
        judged.key = judged.readable().and_then(|sound| Some(key(sound, ground.source(sound.source)?)));
        judged
    };
    let mut judged: Vec<Judgement> = records.iter().map(judgement).collect();
    catch_new_sources(ground, &mut judged);
    if !waived.contains(&Rule::AbsurdQuantity) {
        catch_absurd(db, &mut judged)?;
    }
    Ok(judged)
}

/// Catches the records of new sources beyond those that a delivery may bring.
fn catch_new_sources(ground: &mut Ground, judged: &mut [Judgement]) {
    for judged in judged.iter_mut().filter(|judged| judged.key.is_none()) {
        let Ok(sound) = &judged.outcome else { continue };
        if ground.admits_source(sound.source) {
            continue;
        }
        judged.outcome = Err(Box::new(Caught {
            rule: Rule::UnreadableKey,
            facts: json!({"new_sources": MOST_NEW_SOURCES}),
            customer: Some(sound.customer.id),
            used_on: Some(sound.used_on),
            sound: None,
        }));
    }
}

/// What a record is known by.
pub fn key(sound: &Sound, source: UsageSourceId) -> RecordKey {
    RecordKey {
        customer: sound.customer.id,
        used_on: sound.used_on,
        meter: sound.meter,
        device_series: sound.device_series.to_owned(),
        layer: sound.layer.to_owned(),
        source,
    }
}

/// The records that are large enough to be absurd: day and place.
fn suspects(judged: &[Judgement]) -> BTreeSet<(NaiveDate, usize)> {
    judged
        .iter()
        .enumerate()
        .filter_map(|(place, judged)| Some((place, judged.outcome.as_ref().ok()?)))
        .filter(|(_, sound)| rules::may_be_absurd(sound.quantity))
        .map(|(place, sound)| (sound.used_on, place))
        .collect()
}

/// Catches quantities far beyond what their customers ever used. In the order of their days, so that one that is caught
/// does not make the next one look usual.
fn catch_absurd(db: &mut Db, judged: &mut [Judgement]) -> Result<()> {
    let suspects = suspects(judged);
    let (Some((first, _)), Some((last, _))) = (suspects.first(), suspects.last()) else { return Ok(()) };
    let customers: BTreeSet<CustomerId> = suspects
        .iter()
        .filter_map(|(_, place)| Some(judged.get(*place)?.outcome.as_ref().ok()?.customer.id))
        .collect();
    let from = first.checked_sub_days(Days::new(WINDOW_DAYS)).unwrap_or(*first);
    let ids: Vec<CustomerId> = customers.iter().copied().collect();
    let mut histories = queries::histories(db, &ids, from, *last)?;
    let mut known = known(db, &customers, judged)?;
    for (place, judged) in judged.iter().enumerate() {
        if let Ok(sound) = &judged.outcome
            && customers.contains(&sound.customer.id)
            && !suspects.contains(&(sound.used_on, place))
        {
            add(&mut histories, &mut known, sound, judged.key.as_ref());
        }
    }
    for (day, place) in suspects {
        let Some(judgement) = judged.get_mut(place) else { continue };
        let Ok(sound) = &judgement.outcome else { continue };
        let history = histories.get(&(sound.customer.id, sound.meter));
        let Some(facts) = history.and_then(|history| rules::absurd(day, sound.quantity, history)) else {
            add(&mut histories, &mut known, sound, judgement.key.as_ref());
            continue;
        };
        judgement.outcome = Err(Box::new(Caught {
            rule: Rule::AbsurdQuantity,
            facts,
            customer: Some(sound.customer.id),
            used_on: Some(day),
            sound: Some(sound.clone()),
        }));
    }
    Ok(())
}

/// What counts already of the records of some customers.
fn known(
    db: &mut Db,
    customers: &BTreeSet<CustomerId>,
    judged: &[Judgement],
) -> Result<HashMap<RecordKey, Decimal>> {
    let keys: Vec<&RecordKey> = judged
        .iter()
        .filter(|judged| judged.outcome.is_ok())
        .filter_map(|judged| judged.key.as_ref().filter(|key| customers.contains(&key.customer)))
        .collect();
    let stored = queries::stored(db, &keys, false)?;
    Ok(stored.into_iter().map(|(key, stored)| (key, stored.quantity)).collect())
}

/// A record counts: what was known under its key counts no more.
fn add(
    histories: &mut BTreeMap<(CustomerId, MeterId), History>,
    known: &mut HashMap<RecordKey, Decimal>,
    sound: &Sound,
    key: Option<&RecordKey>,
) {
    let before = key.and_then(|key| known.insert(key.clone(), sound.quantity)).unwrap_or_default();
    let history = histories.entry((sound.customer.id, sound.meter)).or_default();
    *history.entry(sound.used_on).or_default() += sound.quantity - before;
}
