//! The list of versions: what waits for approval, what one is writing, what comes, who has no price, and all of them.

use std::collections::BTreeSet;

use askama::Template;
use chrono::NaiveDateTime;

use crate::batches;
use crate::batches::BatchKinds;
use crate::catalog;
use crate::catalog::meters::queries::Meters;
use crate::customers::directory::head;
use crate::customers::directory::model::Customer;
use crate::customers::grid::choices;
use crate::db::Db;
use crate::db::listing::{Listing, Sort};
use crate::i18n::Tr;
use crate::pricing::models::Model;
use crate::pricing::price_plans::model::{Origin, PlanVersion, VersionState};
use crate::pricing::price_plans::people::People;
use crate::pricing::price_plans::version::{sheet, story};
use crate::pricing::price_plans::{self, rules, urls};
use crate::types::ids::{BatchId, CustomerId};
use crate::types::money::grouped;
use crate::types::time::business_day;
use crate::types::{Permission, Result};
use crate::web::ui::{Badge, Choice, FilterBar, Pager, SortHeading, Ui, filters};
use crate::web::{Ctx, Page, Query, Response};

use super::forms::{PlanColumn, PlanFilter, PlanQuery, Show};
use super::queries::{self, Meant, PlanRow};

/// The page on which many are approved at once, where there is one.
const APPROVALS: &str = "/prices/approvals";

/// A segment of the list.
struct Segment {
    label: String,
    url: String,
    count: Option<String>,
    is_current: bool,
}

/// A version in the list.
struct Line {
    row: PlanRow,
    badge: Badge,
    brief: String,
    author: String,
    waits: Option<String>,
    /// Whether whoever looks may approve it.
    is_mine_to_decide: bool,
    url: String,
}

/// The batch that opened all that is shown.
struct OfBatch {
    id: BatchId,
    /// Whether whoever looks may see its page.
    is_seen: bool,
    /// Where all of them that wait are approved at once, and how many they are.
    approval: Option<(String, String)>,
}

/// What the list shows.
enum Body {
    Versions { lines: Vec<Line>, pager: Pager },
    Customers { rows: Vec<Customer>, pager: Pager },
}

#[derive(Template)]
#[template(path = "pricing/price_plans/list/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    asked: PlanFilter,
    sort: Sort<PlanColumn>,
    segments: Vec<Segment>,
    body: Body,
    batch: Option<OfBatch>,
    approvals: Option<&'static str>,
}

impl IndexView {
    fn heading(&self, column: PlanColumn, label: &str) -> SortHeading {
        SortHeading::new(&self.ui, self.sort, column, label)
    }

    fn is_empty(&self) -> bool {
        match &self.body {
            Body::Versions { lines, .. } => lines.is_empty(),
            Body::Customers { rows, .. } => rows.is_empty(),
        }
    }

    fn empty_title(&self) -> String {
        self.ui.t.label("price_show_none", self.asked.show.as_str())
    }

    fn empty_help(&self) -> String {
        self.ui.t.label("price_show_none_help", self.asked.show.as_str())
    }

    fn segment_url(&self) -> String {
        format!("{}?show={}", urls::INDEX, self.asked.show)
    }

    fn status(&self, customer: &Customer) -> Badge {
        head::badge(customer.fields.status, &self.ui)
    }

    fn new_url(&self, customer: &Customer) -> Option<String> {
        self.ui.can(Permission::PriceEdit).then(|| urls::new(customer.id))
    }
}

/// The list.
pub async fn index(ctx: Ctx, query: Query<PlanQuery>) -> Result<Response> {
    let (ui, query, approvals) = (ctx.ui(), query.0, ctx.may_open(APPROVALS));
    let approvals = approvals.filter(|_| ui.can(Permission::PriceApprove));
    let kinds = ctx.state.part::<BatchKinds>()?;
    let view = ctx
        .read(move |db| {
            let filter = query.filter();
            Ok(IndexView {
                segments: segments(db, &ui, &filter)?,
                filter: filter_bar(db, &ui, &filter)?,
                sort: query.sort(),
                body: body(db, &ui, &query, &filter)?,
                batch: filter.batch.map(|id| of_batch(db, &kinds, id, approvals)).transpose()?,
                approvals: approvals.filter(|_| filter.show == Show::Waiting),
                asked: filter,
                ui,
            })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.price_list_title(), &view).listing().respond())
}

/// The batch of the filter. Whoever may not see its page may well approve what it opened.
fn of_batch(db: &mut Db, kinds: &BatchKinds, id: BatchId, approvals: Option<&str>) -> Result<OfBatch> {
    let count = if approvals.is_some() { queries::count_waiting(db, &Meant::OfBatch(id))? } else { 0 };
    let approval = approvals.filter(|_| count > 0).map(|url| format!("{url}?batch={id}"));
    Ok(OfBatch {
        id,
        is_seen: batches::queries::is_seen(db, kinds, id)?,
        approval: approval.map(|url| (url, grouped(&count.to_string()))),
    })
}

fn segments(db: &mut Db, ui: &Ui, filter: &PlanFilter) -> Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for show in Show::ALL.iter().copied() {
        if show == Show::Mine && !ui.can(Permission::PriceEdit) {
            continue;
        }
        let is_counted = matches!(show, Show::Waiting | Show::Mine | Show::Coming);
        let all = PlanFilter { show, ..PlanFilter::all() };
        let count = if is_counted { Some(grouped(&queries::count(db, &all)?.to_string())) } else { None };
        segments.push(Segment {
            label: show.label(ui.t),
            url: ui.page_url().without(&["page", "sort", "state", "batch"]).with("show", show).to_string(),
            count,
            is_current: show == filter.show,
        });
    }
    Ok(segments)
}

fn body(db: &mut Db, ui: &Ui, query: &PlanQuery, filter: &PlanFilter) -> Result<Body> {
    if filter.show == Show::Without {
        let found = queries::without_price(db, filter, query.page())?;
        return Ok(Body::Customers { pager: Pager::new(ui, &found), rows: found.rows });
    }
    let found: Listing<PlanRow> = queries::list(db, filter, query.sort(), query.page())?;
    let pager = Pager::new(ui, &found);
    let meters = catalog::meters::queries::all(db)?;
    let people = People::load(db, found.rows.iter().map(|row| &row.plan.version))?;
    let now = db.now();
    // One ends where the next one in force begins, which may be on another page of the list.
    let active = found.rows.iter().filter(|row| row.plan.version.state == VersionState::Active);
    let customers: BTreeSet<CustomerId> = active.map(|row| row.customer.id).collect();
    let plans = price_plans::queries::in_force(db, &customers.into_iter().collect::<Vec<_>>())?;
    let lines = found.rows.into_iter().map(|row| {
        let plans = plans.get(&row.customer.id).map_or(&[][..], Vec::as_slice);
        line(ui, &meters, &people, now, filter.show, plans, row)
    });
    Ok(Body::Versions { lines: lines.collect(), pager })
}

fn line(
    ui: &Ui,
    meters: &Meters,
    people: &People,
    now: NaiveDateTime,
    show: Show,
    plans: &[PlanVersion],
    row: PlanRow,
) -> Line {
    let (t, version) = (ui.t, &row.plan.version);
    let is_pending = version.state == VersionState::Pending;
    let may_decide =
        ui.can(Permission::PriceApprove) && rules::can_decide(&row.plan, ui.actor.user_id).is_ok();
    Line {
        badge: story::badge(t, version, story::last_day(plans, &row.plan), business_day(now)),
        brief: sheet::brief(t, meters, &row.plan),
        author: people.name(t, version.author_id),
        waits: version.submitted_at.filter(|_| is_pending).map(|at| waited(t, at, now)),
        is_mine_to_decide: is_pending && may_decide && row.customer.is_live(),
        url: if show == Show::Waiting { urls::queued(version.id) } else { urls::version(version.id) },
        row,
    }
}

/// How long a version has waited.
fn waited(t: Tr, since: NaiveDateTime, now: NaiveDateTime) -> String {
    let time = now - since;
    match (time.num_days(), time.num_hours()) {
        (0, 0) => t.price_list_waits_minutes(time.num_minutes().max(0)),
        (0, hours) => t.price_list_waits_hours(hours),
        (days, _) => t.price_list_waits_days(days),
    }
}

fn filter_bar(db: &mut Db, ui: &Ui, filter: &PlanFilter) -> Result<FilterBar> {
    let t = ui.t;
    let owners = choices::reached_owners(db)?;
    let mut bar = FilterBar::new(ui, t.price_list_filter()).search(t.price_list_search());
    bar = bar.select("owner", t.price_list_owner(), t.price_list_any_owner(), owners);
    if filter.show == Show::Without {
        return Ok(bar);
    }
    if filter.show == Show::All {
        let states = VersionState::ALL.iter().map(|state| Choice::new(state, state.label(t))).collect();
        bar = bar.select("state", t.price_plan_state(), t.price_list_any_state(), states);
    }
    let models = Model::ALL.iter().map(|model| Choice::new(model, sheet::model_label(t, *model))).collect();
    let origins = Origin::ALL.iter().map(|origin| Choice::new(origin, origin.label(t))).collect();
    bar = bar.more_select("model", t.price_plan_model(), t.price_list_any_model(), models);
    bar = bar.more_select("origin", t.price_plan_origin(), t.price_list_any_origin(), origins);
    bar = bar.more_days(t.price_plan_valid_from(), "from", "to");
    Ok(bar.export(urls::EXPORT))
}
