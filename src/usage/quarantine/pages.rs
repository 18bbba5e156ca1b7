//! The queue.

use std::collections::BTreeMap;

use askama::Template;

use crate::db::Db;
use crate::db::listing::{Count, Stream};
use crate::i18n::Tr;
use crate::types::Result;
use crate::usage::intakes;
use crate::usage::overview;
use crate::usage::records::model::Rule;
use crate::usage::sources;
use crate::web::ui::{Badge, Choice, FilterBar, PageUrl, StreamPager, Tone, Ui, filters};
use crate::web::{Ctx, Page, Query, Response};

use super::forms::QuarantineQuery;
use super::model::{QuarantineRow, QuarantineState, Quarantined};
use super::{queries, sentences, urls};

/// A rule, and how many records it caught among those that are shown.
struct Segment {
    label: String,
    url: String,
    count: Count,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "usage/quarantine/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    segments: Vec<Segment>,
    stream: Stream<QuarantineRow>,
    pager: StreamPager,
    kept: String,
    intake: Option<String>,
    is_waiting: bool,
    is_plain: bool,
}

impl IndexView {
    fn why(&self, record: &Quarantined) -> String {
        sentences::why(self.ui.t, record.rule, &record.facts, &record.raw())
    }

    fn rule(&self, record: &Quarantined) -> String {
        record.rule.label(self.ui.t)
    }
}

/// What became of a record, as a badge.
pub fn badge(t: Tr, state: QuarantineState) -> Badge {
    let tone = match state {
        QuarantineState::Waiting => Tone::Warn,
        QuarantineState::Fixed | QuarantineState::Accepted | QuarantineState::Deferred => Tone::Ok,
        QuarantineState::Dropped | QuarantineState::Replaced => Tone::Off,
    };
    Badge::new(tone, state.label(t))
}

/// The queue.
pub async fn index(ctx: Ctx, query: Query<QuarantineQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx.read(move |db| load(db, ui, &query)).await?;
    let page = Page::new(&ctx, ctx.t.quarantine_title(), &view);
    Ok(page.crumb(ctx.t.usage_pages_title(), overview::urls::INDEX).listing().respond())
}

fn load(db: &mut Db, ui: Ui, query: &QuarantineQuery) -> Result<IndexView> {
    let filter = query.filter();
    let counts = queries::by_rule(db, &filter)?;
    let all = counts.values().fold(Count::Exactly(0), |sum, count| sum + *count);
    let count = filter.rule.map_or(all, |rule| counts.get(&rule).copied().unwrap_or(Count::Exactly(0)));
    let stream = queries::list(db, &filter, query.seek(), count)?;
    let intake = match filter.intake {
        Some(id) => intakes::queries::title(db, id)?,
        None => None,
    };
    let sources = sources::queries::all(db)?;
    let choices = sources.iter().map(|source| Choice::new(&source.code, &source.name)).collect();
    Ok(IndexView {
        filter: filter_bar(&ui, choices),
        segments: segments(&ui, &counts, all, filter.rule),
        pager: StreamPager::new(&ui, &stream),
        kept: query.to_text(),
        intake,
        is_waiting: filter.state == QuarantineState::Waiting,
        is_plain: ui.page_url().parameters().is_empty(),
        stream,
        ui,
    })
}

/// All rules that caught something, and all of them together.
fn segments(ui: &Ui, counts: &BTreeMap<Rule, Count>, sum: Count, current: Option<Rule>) -> Vec<Segment> {
    let url = ui.page_url().without(&["older", "newer", "rule"]);
    let to = |rule: Option<Rule>| -> PageUrl { url.with("rule", rule.map_or("", Rule::as_str)) };
    let all = Segment {
        label: ui.t.quarantine_all_rules().to_owned(),
        url: to(None).to_string(),
        count: sum,
        is_current: current.is_none(),
    };
    let of_rule = |(rule, count): (&Rule, &Count)| Segment {
        label: rule.label(ui.t),
        url: to(Some(*rule)).to_string(),
        count: *count,
        is_current: current == Some(*rule),
    };
    std::iter::once(all).chain(counts.iter().map(of_rule)).collect()
}

fn filter_bar(ui: &Ui, sources: Vec<Choice>) -> FilterBar {
    let t = ui.t;
    let others = QuarantineState::ALL.iter().filter(|state| **state != QuarantineState::Waiting);
    let states = others.map(|state| Choice::new(state, state.label(t))).collect();
    FilterBar::new(ui, t.quarantine_filter())
        .search(t.quarantine_search())
        .select("state", t.quarantine_state(), &QuarantineState::Waiting.label(t), states)
        .select("source", t.usage_pages_source(), t.usage_records_all_sources(), sources)
        .days()
}
