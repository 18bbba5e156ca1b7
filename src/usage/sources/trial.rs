//! Trying a source out: one request, and what would become of the records that it brings. Nothing is kept of it.

use std::cell::RefCell;

use chrono::NaiveDate;
use serde_json::json;

use crate::db::{Tx, rate};
use crate::i18n::Tr;
use crate::types::{Error, Permission, Refusal, Result};
use crate::usage::adapters::DayRange;
use crate::usage::adapters::http_json::settings::{HttpSettings, Paging};
use crate::usage::adapters::http_json::{HttpJson, Look};
use crate::usage::collection::task::bucket;
use crate::usage::intakes;
use crate::usage::intakes::model::{IntakeKind, IntakeState, NewIntake};
use crate::usage::records;
use crate::usage::records::model::{RawRecord, TakenRecord};
use crate::usage::records::taking::Ground;
use crate::web::Ctx;
use crate::web::outbound::Outbound;

use super::model::UsageSource;

/// How many records a preview shows.
pub const SHOWN: usize = 20;

/// How long somebody waits for an answer at most.
const MAX_SECONDS: u32 = 60;

/// How often somebody may try within a minute.
const PER_MINUTE: u32 = 20;

/// What is tried out.
pub struct Tried {
    /// The code of the source.
    pub code: String,
    /// What is sent and how the answer is read.
    pub settings: HttpSettings,
    /// The secret in clear.
    pub secret: Option<String>,
    /// The day that is asked for.
    pub day: NaiveDate,
    /// Whether the records are to be looked at.
    pub is_preview: bool,
}

/// A record with what would become of it.
pub struct Row {
    /// The record, as it was read.
    pub raw: RawRecord,
    /// What would become of it.
    pub taken: TakenRecord,
}

/// What came of it.
pub struct Trial {
    /// What was sent and what came back.
    pub look: Look,
    /// The first records, for a preview.
    pub rows: Vec<Row>,
    /// How many records a page should have, where the first one has fewer: then it is the last one.
    pub short_of: Option<u32>,
}

/// Sends one request, and tells what came back. Counted as a request to the source, and as one of who tries.
pub async fn run(ctx: &Ctx, source: Option<&UsageSource>, tried: Tried) -> Result<Trial> {
    let own = format!("usage.trial.{}", ctx.actor.user_id.map(|user| user.0).unwrap_or_default());
    let (bucket, per_minute) = (source.map(bucket), tried.settings.per_minute);
    ctx.read(move |db| {
        rate::spend(db, &own, PER_MINUTE)?;
        bucket.map_or(Ok(()), |bucket| rate::spend(db, &bucket, per_minute))
    })
    .await?;
    let outbound = (*ctx.state.part::<Outbound>()?).clone();
    let timeout_seconds = tried.settings.timeout_seconds.min(MAX_SECONDS);
    let settings = HttpSettings { timeout_seconds, ..tried.settings };
    let page_size = Some(settings.page_size).filter(|_| settings.paging == Paging::Number);
    let adapter = HttpJson::new(&tried.code, outbound, settings, tried.secret)?;
    let look = adapter.look(DayRange::day(tried.day)).await;
    let first = look.page.as_ref().map(|page| page.records.iter().take(SHOWN).cloned().collect());
    let first: Vec<RawRecord> = if tried.is_preview { first.unwrap_or_default() } else { Vec::new() };
    let rows = if first.is_empty() { Vec::new() } else { judged(ctx, first).await? };
    let found = look.page.as_ref().map_or(0, |page| page.records.len());
    let short_of =
        page_size.filter(|size| found > 0 && usize::try_from(*size).is_ok_and(|size| found < size));
    Ok(Trial { look, rows, short_of })
}

/// What would become of records of customers whose usage whoever tries may see: they are taken by the one verb that takes any, and the transaction is given up.
async fn judged(ctx: &Ctx, records: Vec<RawRecord>) -> Result<Vec<Row>> {
    let (state, actor) = (ctx.state.clone(), ctx.actor.clone());
    ctx.block(move || {
        let kept = RefCell::new(Vec::new());
        let outcome: Result<()> = state.db.write(&actor, |tx| {
            *kept.borrow_mut() = take(tx, &records)?;
            Err(taken_back().into())
        });
        match outcome {
            Err(Error::Refused(refusal)) if refusal.code == TAKEN_BACK => {}
            Err(fault) => return Err(fault),
            Ok(()) => {}
        }
        let row = |(raw, taken)| Row { raw, taken };
        Ok(records.into_iter().zip(kept.into_inner()).map(row).collect())
    })
    .await
}

fn take(tx: &mut Tx, records: &[RawRecord]) -> Result<Vec<TakenRecord>> {
    let new = NewIntake {
        kind: IntakeKind::Collection,
        title: "",
        source: None,
        details: json!({}),
        state: IntakeState::Taking,
    };
    let intake = intakes::commands::begin(tx, &new)?;
    let mut ground = Ground::of(tx, records)?.within(tx, Permission::UsageView)?;
    records::commands::take(tx, &mut ground, intake, records)
}

/// What the transaction of a preview ends with.
const TAKEN_BACK: &str = "trial_taken_back";

fn taken_back() -> Refusal {
    Refusal::new(TAKEN_BACK, Tr::sources_trial_title)
}
