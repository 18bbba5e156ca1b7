//! The list of runs, and the buttons that move a run on.

use askama::Template;

use crate::accounts::users;
use crate::billing::completeness::planning;
use crate::db::Db;
use crate::db::listing::PageRequest;
use crate::i18n::Tr;
use crate::pricing::price_plans::version::sheet;
use crate::types::ids::{BillRunId, UserId};
use crate::types::{BillingMonth, DataScope, Permission, Result};
use crate::web::ui::{Badge, Pager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{AgainForm, CommitForm, RunsQuery};
use super::model::{BillRun, Scope, Totals};
use super::{commands, queries, urls};

/// Whether who looks may do this to every customer: what they may not, is not offered.
pub fn reaches_all(ui: &Ui, permission: Permission) -> bool {
    ui.actor.scope(permission).is_ok_and(|scope| scope == DataScope::All)
}

/// Whom a run covers, in words.
pub fn scope(t: Tr, scope: &Scope) -> String {
    match scope {
        Scope::All => t.run_pages_scope_all().to_owned(),
        Scope::Customers(customers) => t.run_pages_scope_customers(customers.len()),
        Scope::FailedOf(run) => t.run_pages_scope_failed(run),
    }
}

/// What bills come to, currency by currency.
pub fn sums(totals: &[Totals]) -> Vec<String> {
    let sum = |sum: &Totals| format!("{} {}", sum.currency, sheet::money(sum.total.0, sum.currency));
    totals.iter().map(sum).collect()
}

/// Who did a thing; the system where nobody did.
pub fn person(db: &mut Db, t: Tr, user: Option<UserId>) -> Result<String> {
    let everybody = users::queries::people(db)?;
    let known = everybody.iter().find(|person| Some(person.id) == user);
    Ok(known.map_or_else(|| t.audit_system().to_owned(), |person| person.name.clone()))
}

/// A run in the list.
struct Line {
    run: BillRun,
    badge: Badge,
    scope: String,
    who: String,
    sums: Vec<String>,
}

#[derive(Template)]
#[template(path = "billing/runs/index.html")]
struct IndexView {
    ui: Ui,
    month: Option<BillingMonth>,
    lines: Vec<Line>,
    pager: Pager,
}

impl IndexView {
    fn may_plan(&self) -> bool {
        reaches_all(&self.ui, Permission::RunStart)
    }
}

/// All runs.
pub async fn index(ctx: Ctx, query: Query<RunsQuery>) -> Result<Response> {
    let (ui, month, page) = (ctx.ui(), query.month.parse().ok(), PageRequest::parse(&query.page));
    let view = ctx
        .read(move |db| {
            queries::reach_all(db, Permission::RunView)?;
            let listing = queries::list(db, month, page)?;
            let pager = Pager::new(&ui, &listing);
            let lines: Result<Vec<Line>> = listing.rows.into_iter().map(|run| line(db, ui.t, run)).collect();
            Ok(IndexView { lines: lines?, pager, month, ui })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.run_pages_title(), &view).listing().respond())
}

fn line(db: &mut Db, t: Tr, run: BillRun) -> Result<Line> {
    Ok(Line {
        badge: Badge::new(run.state.tone(), run.state.label(t)),
        scope: scope(t, &run.scope()?),
        who: person(db, t, run.started_by)?,
        sums: sums(&run.totals()?),
        run,
    })
}

/// Has the bills written, as they were shown.
pub async fn commit(ctx: Ctx, run: Path<BillRunId>, form: Form<CommitForm>) -> Result<Response> {
    let (id, hash) = (*run, form.0.hash);
    let outcome = ctx.write(move |tx| commands::commit(tx, id, &hash)).await;
    ctx.outcome(outcome, urls::run(id), ctx.t.run_pages_commit_asked())
}

/// Plans the same anew.
pub async fn replan(ctx: Ctx, run: Path<BillRunId>) -> Result<Response> {
    let id = *run;
    let outcome = ctx.write(move |tx| planning::replan(tx, id)).await;
    let to = outcome.as_ref().map_or(id, |new| *new);
    ctx.outcome(outcome, urls::run(to), ctx.t.run_pages_replan_asked())
}

/// Gives a run up.
pub async fn discard(ctx: Ctx, run: Path<BillRunId>) -> Result<Response> {
    let id = *run;
    let outcome = ctx.write(move |tx| commands::discard(tx, id)).await;
    ctx.outcome(outcome, urls::run(id), ctx.t.run_pages_discarded())
}

/// Plans those again that could not be billed, or one customer alone.
pub async fn again(ctx: Ctx, run: Path<BillRunId>, form: Form<AgainForm>) -> Result<Response> {
    let (id, position) = (*run, form.position.trim().parse().ok());
    let outcome = ctx.write(move |tx| planning::again(tx, id, position)).await;
    let to = outcome.as_ref().map_or(id, |new| *new);
    ctx.outcome(outcome, urls::run(to), ctx.t.run_pages_again_asked())
}
