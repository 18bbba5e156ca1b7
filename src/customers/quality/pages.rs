//! The page of data quality: tiles of problems, and the customers to be mended, the least complete first.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;

use crate::accounts::users;
use crate::customers::directory::model::KIND;
use crate::db::Db;
use crate::db::listing::Listing;
use crate::i18n::Tr;
use crate::types::ids::UserId;
use crate::types::{Permission, Result};
use crate::web::ui::{Badge, Choice, FilterBar, PageUrl, Pager, Tone, Ui, filters};
use crate::web::{Ctx, Page, Query, Response};

use super::forms::QualityQuery;
use super::model::{Band, Problem};
use super::queries::{QualityRow, Tally};
use super::{queries, task, urls};

/// A score with the tone of its band.
pub(super) fn score_badge(t: Tr, score: u32) -> Badge {
    let tone = match Band::of(score) {
        Band::Low => Tone::Bad,
        Band::Middle => Tone::Warn,
        Band::High | Band::Full => Tone::Ok,
    };
    Badge::new(tone, t.quality_score_of(score))
}

/// What is said of a problem: what it is, and what it costs.
pub(super) fn sentence(t: Tr, problem: Problem) -> String {
    match problem.points() {
        0 => problem.label(t),
        points => t.quality_costs(points, problem.label(t)),
    }
}

/// A problem with how many customers have it.
struct Tile {
    label: String,
    count: i64,
    url: String,
    is_on: bool,
}

/// A customer of the list.
struct Line {
    row: QualityRow,
    url: Option<String>,
    owners: String,
}

#[derive(Template)]
#[template(path = "customers/quality/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    tally: Arc<Tally>,
    tiles: Vec<Tile>,
    listing: Listing<Line>,
    pager: Pager,
    may_edit: bool,
}

impl IndexView {
    fn badge(&self, line: &Line) -> Badge {
        score_badge(self.ui.t, line.row.assessment.score)
    }

    /// Where a problem is mended, for who may.
    fn mend(&self, line: &Line, problem: impl Into<Problem>) -> Option<String> {
        (self.may_edit && line.url.is_some()).then(|| urls::mend(line.row.customer.id, problem))
    }
}

/// The list.
pub async fn index(ctx: Ctx, query: Query<QualityQuery>) -> Result<Response> {
    let (ui, query, has_page) = (ctx.ui(), query.0, ctx.page_of(KIND, 0).is_some());
    let view = ctx.read(move |db| index_view(db, ui, &query, has_page)).await?;
    Ok(Page::new(&ctx, ctx.t.quality_title(), &view).respond())
}

fn index_view(db: &mut Db, ui: Ui, query: &QualityQuery, has_page: bool) -> Result<IndexView> {
    let filter = query.filter(ui.actor.user_id);
    let tally = queries::tally(db, filter.owner)?;
    let listing = queries::list(db, &filter, query.page())?;
    let pager = Pager::new(&ui, &listing);
    let people = users::queries::people(db)?;
    let names: BTreeMap<UserId, &str> =
        people.iter().map(|person| (person.id, person.name.as_str())).collect();
    let owners = queries::owners(db)?;
    let line = |row: QualityRow| {
        let fields = &row.customer.fields;
        let mut owners = vec![fields.sales_owner, fields.ops_owner];
        owners.dedup();
        let owners = ui.t.join(owners.iter().flatten().filter_map(|id| names.get(id)));
        Line { url: has_page.then(|| urls::customer(row.customer.id)), owners, row }
    };
    let choices = std::iter::once(Choice::new("mine", ui.t.quality_mine()))
        .chain(owners.iter().filter_map(|id| names.get(id).map(|name| Choice::new(id, *name))));
    Ok(IndexView {
        filter: filter_bar(&ui, choices.collect()),
        tiles: tiles(&ui, &tally, filter.problem),
        may_edit: ui.can(Permission::CustomerEdit),
        listing: listing.map(line),
        tally,
        pager,
        ui,
    })
}

fn filter_bar(ui: &Ui, owners: Vec<Choice>) -> FilterBar {
    let t = ui.t;
    let problems = Problem::ALL.iter().map(|problem| Choice::new(problem, problem.label(t))).collect();
    let bands = Band::ALL.iter().map(|band| Choice::new(band, band.label(t))).collect();
    FilterBar::new(ui, t.quality_filter())
        .select("problem", t.quality_problem(), t.quality_all_problems(), problems)
        .select("owner", t.quality_owner(), t.quality_all_owners(), owners)
        .select("band", t.quality_score(), t.quality_all_scores(), bands)
}

/// The problems that there are, each leading to the customers that have it; the chosen one leads back to all.
fn tiles(ui: &Ui, tally: &Tally, chosen: Option<Problem>) -> Vec<Tile> {
    let url: PageUrl = ui.page_url().without(&["page"]);
    let tile = |(problem, count): &(Problem, i64)| {
        let is_on = chosen == Some(*problem);
        let target = if is_on { url.without(&["problem"]) } else { url.with("problem", problem) };
        Tile { label: problem.label(ui.t), count: *count, url: target.to_string(), is_on }
    };
    tally.problems.iter().map(tile).collect()
}

/// Assesses all customers anew, in the background.
pub async fn assess(ctx: Ctx) -> Result<Response> {
    ctx.write(|tx| tx.enqueue(&task::all())).await?;
    Ok(ctx.done(ctx.page_or(urls::INDEX), ctx.t.quality_assessing()))
}
