//! The pages of sources: all of them with their last days, and one with its calendar.

use askama::Template;
use chrono::{Datelike as _, Days, NaiveDate};

use crate::audit::entries;
use crate::audit::entries::timeline::{self, Timeline};
use crate::db::Db;
use crate::types::ids::UsageSourceId;
use crate::types::time::business_day;
use crate::types::{BillingMonth, FieldErrors, Permission, Result};
use crate::usage::adapters::http_json::settings::{Auth, HttpSettings};
use crate::usage::collection;
use crate::usage::collection::forms::ReplayForm;
use crate::usage::collection::model::{DayState, SourceDay};
use crate::web::ui::{Badge, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Page, Path, Query, Response};

use super::forms::MonthQuery;
use super::model::{KIND, UsageSource};
use super::{commands, queries, urls};

/// How many days the list shows of each source.
const STRIP: usize = 14;

/// How far back the list counts holes.
const HOLES_WITHIN: u64 = 90;

/// Whether a source is fetched from.
fn badge(ui: &Ui, source: &UsageSource) -> Badge {
    let t = ui.t;
    match (source.is_fetched(), source.is_paused()) {
        (false, _) => Badge::new(Tone::Plain, t.sources_state_push()),
        (true, true) => Badge::new(Tone::Off, t.sources_state_paused()),
        (true, false) => Badge::new(Tone::Ok, t.sources_state_on()),
    }
}

/// A source as a line of the list.
struct Line {
    source: UsageSource,
    state: Badge,
    strip: Vec<SourceDay>,
    holes: usize,
}

#[derive(Template)]
#[template(path = "usage/sources/index.html")]
struct IndexView {
    ui: Ui,
    lines: Vec<Line>,
}

/// The list.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let ui = ctx.ui();
    let view = ctx
        .read(move |db| {
            let today = business_day(db.now());
            let sources = queries::all(db)?;
            let days = collection::queries::days(db, &sources, back(today, HOLES_WITHIN), today)?;
            let line = |source: UsageSource| {
                let own: Vec<&SourceDay> = days.iter().filter(|day| day.source == source.id).collect();
                Line {
                    state: badge(&ui, &source),
                    holes: own.iter().filter(|day| day.state.is_hole()).count(),
                    strip: own.iter().rev().skip(1).take(STRIP).rev().map(|day| (*day).clone()).collect(),
                    source,
                }
            };
            Ok(IndexView { lines: sources.into_iter().map(line).collect(), ui })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.sources_title(), &view).listing().respond())
}

fn back(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

#[derive(Template)]
#[template(path = "usage/sources/show.html")]
struct ShowView {
    ui: Ui,
    fields: Fields,
    source: UsageSource,
    state: Badge,
    http: Option<HttpSettings>,
    month: BillingMonth,
    today: NaiveDate,
    weeks: Vec<Vec<Option<SourceDay>>>,
    days: Vec<SourceDay>,
    replay: ReplayForm,
    history: Option<Timeline>,
}

impl ShowView {
    /// The states that the month has, each with how many days are in it.
    fn legend(&self) -> Vec<(DayState, usize)> {
        let count = |state: DayState| self.days.iter().filter(|day| day.state == state).count();
        DayState::ALL.iter().map(|state| (*state, count(*state))).filter(|(_, count)| *count > 0).collect()
    }

    fn records(&self) -> u64 {
        self.days.iter().map(|day| day.records).sum()
    }

    fn weekdays(&self) -> Vec<String> {
        let codes = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        codes.into_iter().map(|code| self.ui.t.label("weekday_short", code)).collect()
    }

    fn is_today(&self, day: &SourceDay) -> bool {
        day.day == self.today
    }

    fn is_this_month(&self) -> bool {
        self.month.contains(self.today)
    }

    fn is_live(&self) -> bool {
        self.days.iter().any(|day| day.state == DayState::UnderWay)
    }
}

/// One source, with the calendar of a month.
pub async fn show(ctx: Ctx, source: Path<UsageSourceId>, query: Query<MonthQuery>) -> Result<Response> {
    let today = business_day(ctx.now());
    show_page(&ctx, *source, query.month(today), None, FieldErrors::new()).await
}

/// The page of a source; with a form for collecting days again that came back with its faults.
pub async fn show_page(
    ctx: &Ctx,
    id: UsageSourceId,
    month: BillingMonth,
    replay: Option<ReplayForm>,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx.read(move |db| load_show(db, ui, id, month, (replay, errors))).await?;
    let page = Page::new(ctx, view.source.name.clone(), &view).crumb(ctx.t.sources_title(), urls::INDEX);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load_show(
    db: &mut Db,
    ui: Ui,
    id: UsageSourceId,
    month: BillingMonth,
    (replay, errors): (Option<ReplayForm>, FieldErrors),
) -> Result<ShowView> {
    let today = business_day(db.now());
    let source = queries::find(db, id)?;
    let of = std::slice::from_ref(&source);
    let days = collection::queries::days(db, of, month.first_day(), month.last_day())?;
    let history = entries::queries::of_subject(db, KIND, id.0, timeline::LENGTH)?;
    Ok(ShowView {
        fields: Fields::with(ui.t, errors),
        state: badge(&ui, &source),
        http: source.http(),
        weeks: weeks(&days),
        replay: replay.unwrap_or_else(|| ReplayForm::of(back(today, 1))),
        history: history.map(|entries| Timeline::new(ui.t, KIND, id.0, &entries)),
        source,
        month,
        today,
        days,
        ui,
    })
}

/// The days of a month, week by week from Monday on, with blanks before the first and after the last.
fn weeks(days: &[SourceDay]) -> Vec<Vec<Option<SourceDay>>> {
    let before = days.first().map_or(0, |day| day.day.weekday().num_days_from_monday());
    let blanks = std::iter::repeat_n(None, before as usize);
    let cells: Vec<Option<SourceDay>> = blanks.chain(days.iter().cloned().map(Some)).collect();
    let week = |cells: &[Option<SourceDay>]| {
        let mut week = cells.to_vec();
        week.resize(7, None);
        week
    };
    cells.chunks(7).map(week).collect()
}

/// Pauses a source.
pub async fn pause(ctx: Ctx, source: Path<UsageSourceId>) -> Result<Response> {
    let id = *source;
    let outcome = ctx.write(move |tx| commands::pause(tx, id)).await;
    ctx.outcome(outcome, urls::source(id), ctx.t.sources_paused())
}

/// Resumes a source.
pub async fn resume(ctx: Ctx, source: Path<UsageSourceId>) -> Result<Response> {
    let id = *source;
    let outcome = ctx.write(move |tx| commands::resume(tx, id)).await;
    ctx.outcome(outcome, urls::source(id), ctx.t.sources_resumed())
}
