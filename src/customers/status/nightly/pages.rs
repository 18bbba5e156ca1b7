//! The pages of the night: who would change and why, who should be looked at, what is proposed.

use std::sync::Arc;

use askama::Template;
use chrono::{Duration, NaiveDate};

use crate::accounts::users;
use crate::accounts::users::model::Person;
use crate::customers::directory;
use crate::customers::directory::head;
use crate::customers::status::model::{Cause, Status};
use crate::db::Db;
use crate::db::listing::{PER_PAGE, Seek};
use crate::types::ids::UserId;
use crate::types::time::business_day;
use crate::types::{Permission, Result};
use crate::web::reason::{MAX_REASON, ReasonForm};
use crate::web::ui::tabs::{TabBar, Way};
use crate::web::ui::{Badge, StreamPager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::NightlyQuery;
use super::model::{Candidate, Idle, Named, Proposal, ProposalState, Step};
use super::{commands, queries, urls};

/// The night that comes: the day of business that begins with it.
fn tonight_of(ui: &Ui) -> NaiveDate {
    business_day(ui.now) + Duration::days(1)
}

/// Names and badges of a list.
struct Shown {
    ui: Ui,
    people: Arc<Vec<Person>>,
    tabs: TabBar,
}

impl Shown {
    fn load(db: &mut Db, ui: Ui, current: &str) -> Result<Shown> {
        let open = queries::count_open(db)?;
        let t = ui.t;
        let way =
            |label, url: &str, count| Way { label, url: url.to_owned(), count, current: url == current };
        let ways = vec![
            way(t.nightly_tonight(), urls::TONIGHT, None),
            way(t.nightly_proposals(), urls::PROPOSALS, Some(open)),
            way(t.nightly_warnings(), urls::WARNINGS, None),
        ];
        let people = users::queries::people(db)?;
        Ok(Shown { tabs: TabBar::new(t.nightly_title(), ways), people, ui })
    }

    fn badge(&self, status: impl Into<Status>) -> Badge {
        head::badge(status.into(), &self.ui)
    }

    fn owners(&self, named: &Named) -> String {
        let name = |id: UserId| self.people.iter().find(|person| person.id == id).map(|person| &person.name);
        let owners = [named.sales_owner, named.ops_owner];
        self.ui.t.join(owners.into_iter().flatten().filter_map(name))
    }

    /// The list after its last customer.
    fn next(&self, last: Option<&Named>, more: bool) -> Option<String> {
        let last = last.filter(|_| more)?;
        Some(self.ui.page_url().with("after", last.id).to_string())
    }
}

fn page_length() -> usize {
    usize::try_from(PER_PAGE).unwrap_or(usize::MAX)
}

#[derive(Template)]
#[template(path = "customers/status/nightly/tonight.html")]
struct TonightView {
    shown: Shown,
    day: NaiveDate,
    candidates: Vec<Candidate>,
    next: Option<String>,
}

impl TonightView {
    fn told(&self, step: &Step) -> String {
        step.facts().told(self.shown.ui.t, step.cause())
    }
}

/// Who would change tonight, and why.
pub async fn tonight(ctx: Ctx, query: Query<NightlyQuery>) -> Result<Response> {
    let (ui, after) = (ctx.ui(), query.after());
    let view = ctx
        .read(move |db| {
            let day = tonight_of(&ui);
            let (candidates, more) = queries::tonight(db, day, after, page_length())?;
            let shown = Shown::load(db, ui, urls::TONIGHT)?;
            let next = shown.next(candidates.last().map(|one| &one.named), more);
            Ok(TonightView { shown, day, candidates, next })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.nightly_tonight(), &view).respond())
}

#[derive(Template)]
#[template(path = "customers/status/nightly/warnings.html")]
struct WarningsView {
    shown: Shown,
    rows: Vec<Idle>,
    next: Option<String>,
}

/// Who has not used the service for a while.
pub async fn warnings(ctx: Ctx, query: Query<NightlyQuery>) -> Result<Response> {
    let (ui, after) = (ctx.ui(), query.after());
    let view = ctx
        .read(move |db| {
            let (rows, more) = queries::warnings(db, business_day(ui.now), after, page_length())?;
            let shown = Shown::load(db, ui, urls::WARNINGS)?;
            let next = shown.next(rows.last().map(|one| &one.named), more);
            Ok(WarningsView { shown, rows, next })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.nightly_warnings(), &view).crumb(ctx.t.nightly_title(), urls::TONIGHT).respond())
}

#[derive(Template)]
#[template(path = "customers/status/nightly/proposals.html")]
struct ProposalsView {
    shown: Shown,
    rows: Vec<(Proposal, Named)>,
    pager: StreamPager,
    may_decide: bool,
}

impl ProposalsView {
    fn told(&self, proposal: &Proposal) -> String {
        proposal.facts().told(self.shown.ui.t, Cause::Overdue)
    }
}

/// What is proposed and not decided.
pub async fn proposals(ctx: Ctx, query: Query<NightlyQuery>) -> Result<Response> {
    let (ui, seek) = (ctx.ui(), Seek::parse(&query.older, &query.newer));
    let view = ctx
        .read(move |db| {
            let stream = queries::proposals(db, ProposalState::Open, seek)?;
            let may_decide = ui.can(Permission::StatusMove);
            let pager = StreamPager::new(&ui, &stream);
            let shown = Shown::load(db, ui, urls::PROPOSALS)?;
            Ok(ProposalsView { shown, rows: stream.rows, pager, may_decide })
        })
        .await?;
    let page = Page::new(&ctx, ctx.t.nightly_proposals(), &view);
    Ok(page.crumb(ctx.t.nightly_title(), urls::TONIGHT).respond())
}

/// Suspends a customer as it was proposed.
pub async fn approve(ctx: Ctx, proposal: Path<u64>, form: Form<ReasonForm>) -> Result<Response> {
    let id = *proposal;
    ctx.read(move |db| queries::find_proposal(db, Permission::StatusMove, id)).await?;
    let outcome = match form.check_optional() {
        Ok(reason) => ctx.write(move |tx| commands::approve(tx, id, reason.clone())).await,
        Err(errors) => Err(errors.into()),
    };
    ctx.outcome(outcome, urls::PROPOSALS, ctx.t.nightly_approved())
}

/// Leaves a customer as it is.
pub async fn reject(ctx: Ctx, proposal: Path<u64>, form: Form<ReasonForm>) -> Result<Response> {
    let id = *proposal;
    ctx.read(move |db| queries::find_proposal(db, Permission::StatusMove, id)).await?;
    let outcome = match form.check() {
        Ok(reason) => ctx.write(move |tx| commands::reject(tx, id, reason.clone())).await,
        Err(_) => return Ok(ctx.refused(urls::PROPOSALS, ctx.t.nightly_reason_needed())),
    };
    ctx.outcome(outcome, urls::PROPOSALS, ctx.t.nightly_rejected())
}
