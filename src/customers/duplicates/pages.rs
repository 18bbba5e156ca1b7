//! The queue of likely duplicates, and what is decided of a pair.

use std::collections::BTreeMap;

use askama::Template;
use chrono::NaiveDateTime;

use crate::db::listing::Listing;
use crate::i18n::Tr;
use crate::types::ids::DuplicatePairId;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::ui::{Badge, Pager, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{DuplicatesQuery, MergeForm, ReasonForm};
use super::merges::Mergeable;
use super::model::{Evidence, Left, Pair, PairState};
use super::queries::PairRow;
use super::show_pages::pair_page;
use super::{commands, queries, task, urls};

/// How likely a pair is, in a badge.
pub(super) fn score_badge(t: Tr, score: u32) -> Badge {
    let tone = if score >= 70 { Tone::Bad } else { Tone::Warn };
    Badge::new(tone, t.duplicates_score_of(score))
}

/// What speaks for or against a pair, in badges.
pub(super) fn evidence_badges(t: Tr, evidence: &[Evidence]) -> Vec<Badge> {
    let badge = |one: &Evidence| {
        let tone = if one.is_against() { Tone::Off } else { Tone::Plain };
        Badge::new(tone, one.label(t))
    };
    evidence.iter().map(badge).collect()
}

#[derive(Template)]
#[template(path = "customers/duplicates/index.html")]
struct IndexView {
    ui: Ui,
    state: PairState,
    counts: BTreeMap<PairState, i64>,
    searched_at: Option<NaiveDateTime>,
    listing: Listing<PairRow>,
    pager: Pager,
}

impl IndexView {
    /// The states: label, URL, how many pairs, and whether it is this one.
    fn tabs(&self) -> Vec<(String, String, i64, bool)> {
        let tab = |state: &PairState| {
            let url = match state {
                PairState::Open => urls::INDEX.to_owned(),
                state => format!("{}?state={state}", urls::INDEX),
            };
            let count = self.counts.get(state).copied().unwrap_or_default();
            (state.label(self.ui.t), url, count, *state == self.state)
        };
        PairState::ALL.iter().map(tab).collect()
    }

    /// Whether these wait for a decision.
    fn is_open(&self) -> bool {
        self.state == PairState::Open
    }

    fn badge(&self, pair: &Pair) -> Badge {
        score_badge(self.ui.t, pair.score)
    }

    fn evidence(&self, pair: &Pair) -> Vec<Badge> {
        evidence_badges(self.ui.t, &pair.evidence())
    }
}

/// The queue: the likeliest pairs first.
pub async fn index(ctx: Ctx, query: Query<DuplicatesQuery>) -> Result<Response> {
    let (ui, state, page) = (ctx.ui(), query.state(), query.page());
    let view = ctx
        .read(move |db| {
            let listing = queries::list(db, state, page)?;
            let mut counts = BTreeMap::new();
            for state in PairState::ALL {
                counts.insert(*state, queries::count(db, *state)?);
            }
            let searched_at = queries::last_search(db)?;
            Ok(IndexView { pager: Pager::new(&ui, &listing), state, counts, searched_at, listing, ui })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.duplicates_title(), &view).listing().respond())
}

/// Looks among all customers, in the background.
pub async fn search(ctx: Ctx) -> Result<Response> {
    ctx.write(|tx| tx.enqueue(&task::all())).await?;
    Ok(ctx.done(urls::INDEX, ctx.t.duplicates_searching()))
}

/// One pair, side by side.
pub async fn show(ctx: Ctx, pair: Path<DuplicatePairId>) -> Result<Response> {
    pair_page(&ctx, *pair, None, String::new(), FieldErrors::new()).await
}

/// Merges a pair, and goes on to the next.
pub async fn merge(ctx: Ctx, pair: Path<DuplicatePairId>, form: Form<MergeForm>) -> Result<Response> {
    let (id, parts) = (*pair, ctx.state.part::<Mergeable>()?);
    let row = ctx.read(move |db| queries::find(db, Permission::CustomerMerge, id)).await?;
    let outcome = match form.check(&row.pair) {
        Ok(order) => ctx.write(move |tx| commands::merge(tx, &parts, id, &order)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => go_on(&ctx, row.pair, ctx.t.duplicates_done_merged().to_owned()).await,
        Err(fault) => {
            let errors = as_summary(fault.into_faults("")?);
            pair_page(&ctx, id, Some(form.0), String::new(), errors).await
        }
    }
}

/// A merged customer may be wrong in fields that the page has no controls for: all that is said of it stands above.
fn as_summary(errors: FieldErrors) -> FieldErrors {
    let messages: Vec<_> = errors.iter().map(|(_, message)| message.clone()).collect();
    FieldErrors::one("", move |t: Tr| {
        messages.iter().map(|message| message.text(t)).collect::<Vec<_>>().join(" ")
    })
}

/// Says that two customers are not the same, and goes on to the next.
pub async fn keep_apart(ctx: Ctx, pair: Path<DuplicatePairId>, form: Form<ReasonForm>) -> Result<Response> {
    let id = *pair;
    let row = ctx.read(move |db| queries::find(db, Permission::CustomerMerge, id)).await?;
    let outcome = match form.required() {
        Ok(reason) => ctx.write(move |tx| commands::keep_apart(tx, id, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => go_on(&ctx, row.pair, ctx.t.duplicates_done_apart().to_owned()).await,
        Err(fault) => pair_page(&ctx, id, None, form.0.reason, fault.into_faults("")?).await,
    }
}

/// Puts a pair back into the queue.
pub async fn reopen(ctx: Ctx, pair: Path<DuplicatePairId>) -> Result<Response> {
    let id = *pair;
    let outcome = ctx.write(move |tx| commands::reopen(tx, id)).await;
    ctx.outcome(outcome, urls::pair(id), ctx.t.duplicates_done_reopened())
}

/// Takes a merge back, and says what could not be.
pub async fn unmerge(ctx: Ctx, pair: Path<DuplicatePairId>, form: Form<ReasonForm>) -> Result<Response> {
    let (id, parts) = (*pair, ctx.state.part::<Mergeable>()?);
    ctx.read(move |db| queries::find(db, Permission::CustomerMerge, id)).await?;
    let outcome = match form.optional() {
        Ok(reason) => ctx.write(move |tx| commands::unmerge(tx, &parts, id, reason.clone())).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(left) => Ok(ctx.done(urls::pair(id), unmerged_sentence(ctx.t, &left))),
        Err(fault) => pair_page(&ctx, id, None, form.0.reason, as_summary(fault.into_faults("")?)).await,
    }
}

fn unmerged_sentence(t: Tr, left: &Left) -> String {
    let mut names: Vec<String> = left.fields.iter().map(|field| field.label(t)).collect();
    names.extend(
        left.parts.iter().map(|(code, count)| t.duplicates_left_part(count, t.label("merge_part", code))),
    );
    if names.is_empty() {
        return t.duplicates_done_unmerged().to_owned();
    }
    t.duplicates_done_unmerged_left(t.join(names))
}

/// The next pair of the queue; the queue itself when it was the last.
async fn go_on(ctx: &Ctx, pair: Pair, said: String) -> Result<Response> {
    let next = ctx.read(move |db| queries::neighbours(db, &pair)).await?;
    let next = next.1.or(next.0);
    Ok(ctx.done(next.map_or_else(|| urls::INDEX.to_owned(), urls::pair), said))
}
