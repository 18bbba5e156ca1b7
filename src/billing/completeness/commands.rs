//! Waiving days without usage, and taking waivers back: the only writer of `usage_waivers`.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::billing::runs::queries::reach_all;
use crate::db::Tx;
use crate::i18n::Tr;
use crate::schema::usage_waivers;
use crate::types::ids::{UsageSourceId, UsageWaiverId};
use crate::types::{Action, BillingMonth, Entry, FieldErrors, Permission, Result};
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;

use super::model::{WaiverDraft, WaiverRecord};
use super::queries;

/// How many rows one statement writes.
const CHUNK: usize = 500;

/// Lets a month be billed without the usage of these days. What is waived already stays as it is. Returns how many are
/// waived now that were not.
///
/// # Errors
/// [`Error::Invalid`](crate::types::Error::Invalid) when a day is no hole: it came in meanwhile, or never was missing.
pub fn waive(tx: &mut Tx, draft: &WaiverDraft) -> Result<usize> {
    reach_all(tx, Permission::RunStart)?;
    let completeness = queries::of(tx, draft.month)?;
    let days = completeness.sources.iter().flat_map(|one| &one.days);
    let holes: BTreeMap<_, bool> = days
        .filter(|day| day.is_hole())
        .map(|day| ((day.found.source, day.found.day), day.waiver.is_some()))
        .collect();
    if let Some((_, day)) = draft.holes.iter().find(|hole| !holes.contains_key(hole)).copied() {
        return Err(FieldErrors::one("hole", move |t: Tr| t.completeness_no_hole(day)).into());
    }
    let new: Vec<_> = draft.holes.iter().filter(|hole| holes.get(hole) == Some(&false)).copied().collect();
    let (now, user) = (tx.now(), tx.actor().user_id);
    let mut written = 0;
    for some in new.chunks(CHUNK) {
        let rows: Vec<_> = some
            .iter()
            .map(|(source, day)| {
                (
                    usage_waivers::source_id.eq(*source),
                    usage_waivers::day.eq(*day),
                    usage_waivers::reason.eq(&draft.reason),
                    usage_waivers::waived_by.eq(user),
                    usage_waivers::waived_at.eq(now),
                )
            })
            .collect();
        // Of two who waive the same day at once the first counts.
        written += diesel::insert_or_ignore_into(usage_waivers::table).values(rows).execute(tx.conn())?;
    }
    if written > 0 {
        let names = sources::queries::by_id(tx)?;
        let record = WaiverRecord::new(draft.month, new.iter().map(|hole| named(&names, *hole)).collect());
        tx.audit(Entry::created(Action::HoleWaived, &record).because(Some(draft.reason.clone())));
    }
    Ok(written)
}

/// Takes waivers back: their days are missing again. Plans that were made with them stay what they were. Twice is once.
pub fn take_back(tx: &mut Tx, ids: &[UsageWaiverId]) -> Result<usize> {
    reach_all(tx, Permission::RunStart)?;
    let waivers = queries::lock(tx, ids)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    let found: Vec<UsageWaiverId> = waivers.iter().map(|waiver| waiver.id).collect();
    diesel::update(usage_waivers::table.filter(usage_waivers::id.eq_any(&found)))
        .set((usage_waivers::taken_back_at.eq(Some(now)), usage_waivers::taken_back_by.eq(user)))
        .execute(tx.conn())?;
    let names = sources::queries::by_id(tx)?;
    let mut by_month: BTreeMap<BillingMonth, Vec<String>> = BTreeMap::new();
    for waiver in &waivers {
        let day = named(&names, (waiver.source_id, waiver.day));
        by_month.entry(BillingMonth::of(waiver.day)).or_default().push(day);
    }
    for (month, days) in by_month {
        tx.audit(Entry::deleted(Action::WaiverTakenBack, &WaiverRecord::new(month, days)));
    }
    Ok(found.len())
}

fn named(
    names: &BTreeMap<UsageSourceId, UsageSource>,
    (source, day): (UsageSourceId, chrono::NaiveDate),
) -> String {
    format!("{} {day}", names.get(&source).map_or("", |source| source.code.as_str()))
}
