//! The page of a run: how far it is, what it comes to, and what it makes of each customer.

use askama::Template;

use crate::db::Db;
use crate::i18n::Tr;
use crate::pricing::price_plans::editor::trial::Difference;
use crate::pricing::price_plans::version::sheet;
use crate::tasks;
use crate::tasks::model::Task;
use crate::types::ids::{BillRunId, CustomerId};
use crate::types::money::grouped;
use crate::types::{Currency, Money, Permission, Result};
use crate::usage::export_menu::ExportMenu;
use crate::web::ui::{Badge, Choice, FilterBar, PageUrl, Pager, Tone, Ui, filters};
use crate::web::{Ctx, Page, Path, Query, Response};

use super::forms::{RunQuery, RunTab};
use super::model::{BillRun, Moved, Outcome, PlannedCustomer, PlannedRow, RunFault, RunState, Scope, Totals};
use super::queries::PlannedSort;
use super::rules::{self, Verdict};
use super::{pages, queries, urls};

/// How many customers that moved are named.
const NAMED: usize = 20;

/// Some of the customers of a run.
struct Tab {
    label: String,
    url: String,
    count: String,
    is_current: bool,
}

/// What a run makes of a customer, in words.
pub struct Line {
    /// What it makes of it.
    pub row: PlannedRow,
    /// The outcome.
    pub outcome: Badge,
    /// Why, where there is something to say.
    pub why: Option<String>,
    /// Why somebody should look at it.
    pub flags: Vec<String>,
    /// The page of the bill that was written.
    pub bill_url: Option<String>,
}

impl Line {
    /// What a run makes of a customer, in the words of a language.
    pub fn new(t: Tr, row: PlannedRow) -> Line {
        let planned = &row.planned;
        let outcome = if planned.is_left_out() {
            Badge::new(Tone::Bad, RunTab::LeftOut.label(t))
        } else {
            Badge::new(planned.outcome.tone(), planned.outcome.label(t))
        };
        let reason = planned.reason.map(|reason| reason.label(t));
        Line {
            outcome,
            why: planned.said().map(|said| said.text(t).to_owned()).or(reason),
            flags: planned.flags().into_iter().map(|flag| flag.label(t)).collect(),
            bill_url: None,
            row,
        }
    }

    fn planned(&self) -> &PlannedCustomer {
        &self.row.planned
    }

    /// Whether it comes to what it came to last month.
    fn stands_still(&self) -> bool {
        self.planned().change_amount.is_zero()
    }

    /// What it is more or less than last month.
    pub fn difference(&self) -> Difference {
        let change = self.planned().change_amount;
        let previous = self.planned().previous_amount.unwrap_or_default();
        Difference::of(Money(previous), Money(previous + change))
    }
}

#[derive(Template)]
#[template(path = "billing/runs/show.html")]
struct ShowView {
    ui: Ui,
    run: BillRun,
    badge: Badge,
    scope: Scope,
    starter: String,
    committer: String,
    ender: String,
    totals: Vec<Totals>,
    waived: usize,
    fault: Option<RunFault>,
    is_stalled: bool,
    /// Whether nobody is at it, and it has no bill yet.
    is_idle: bool,
    task: Option<Task>,
    task_url: Option<String>,
    tabs: Vec<Tab>,
    query: RunQuery,
    filter: FilterBar,
    export: ExportMenu,
    lines: Vec<Line>,
    pager: Pager,
    moved: Vec<(Moved, Option<String>)>,
}

impl ShowView {
    fn is_live(&self) -> bool {
        self.run.state.is_at_work() && !self.is_stalled
    }

    fn has_plan(&self) -> bool {
        self.run.planned_at.is_some()
    }

    fn is_done(&self) -> bool {
        self.run.state == RunState::Committed
    }

    fn scope_label(&self) -> String {
        pages::scope(self.ui.t, &self.scope)
    }

    fn may(&self, permission: Permission) -> bool {
        pages::reaches_all(&self.ui, permission)
    }

    fn hash(&self) -> &str {
        self.run.inputs_hash.as_deref().unwrap_or_default()
    }

    fn short_hash(&self) -> &str {
        self.hash().get(..12).unwrap_or_default()
    }

    /// Why it cannot be committed, where it waits for that; blank where it can.
    fn commit_refusal(&self) -> Option<String> {
        let verdict = rules::can_commit(&self.run, self.hash(), self.is_stalled);
        verdict.err().map(|no| no.message.text(self.ui.t))
    }

    fn can_commit(&self) -> bool {
        let verdict = rules::can_commit(&self.run, self.hash(), self.is_stalled);
        self.may(Permission::RunCommit) && matches!(verdict, Ok(Verdict::Begin))
    }

    fn can_discard(&self) -> bool {
        self.may(Permission::RunStart)
            && matches!(rules::can_discard(&self.run, self.is_idle), Ok(Verdict::Begin))
    }

    fn can_replan(&self) -> bool {
        self.can_discard() && !self.is_live()
    }

    fn can_run_again(&self) -> bool {
        self.may(Permission::RunStart) && self.is_done() && self.run.failed + self.run.left_out > 0
    }

    fn commit_text(&self) -> String {
        let sums = self.ui.t.join(pages::sums(&self.totals));
        self.ui.t.run_pages_commit_text(grouped(&self.run.billed.to_string()), sums)
    }

    fn percent(&self) -> Option<u64> {
        self.task.as_ref().and_then(Task::percent)
    }

    fn note(&self) -> String {
        let note = self.task.as_ref().and_then(Task::note);
        note.map(|said| said.text(self.ui.t).to_owned()).unwrap_or_default()
    }

    fn state_label(&self) -> String {
        self.run.state.label(self.ui.t)
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references")]
    fn amount(&self, amount: &rust_decimal::Decimal, currency: &Currency) -> String {
        sheet::money(*amount, *currency)
    }

    /// A part of a change; a dash where it is none of it.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references")]
    fn part(&self, amount: &rust_decimal::Decimal, currency: &Currency) -> String {
        if amount.is_zero() { "–".to_owned() } else { self.amount(amount, currency) }
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn difference(&self, totals: &Totals) -> Difference {
        Difference::of(totals.previous, Money(totals.previous.0 + totals.change.0))
    }

    fn parts(&self, moved: &Moved) -> String {
        self.ui.t.join(moved.parts.iter().map(|part| part.label(self.ui.t)))
    }

    fn more_moved(&self) -> usize {
        self.fault.as_ref().map_or(0, |fault| fault.moved.len()).saturating_sub(self.moved.len())
    }

    fn left_out_url(&self) -> String {
        PageUrl::parse(&urls::run(self.run.id)).with("tab", RunTab::LeftOut).to_string()
    }

    fn failed_url(&self) -> String {
        PageUrl::parse(&urls::run(self.run.id)).with("tab", RunTab::Failed).to_string()
    }

    fn bills_url(&self) -> String {
        format!("/bills?month={}", self.run.month())
    }
}

/// A run.
pub async fn show(ctx: Ctx, run: Path<BillRunId>, query: Query<RunQuery>) -> Result<Response> {
    let (id, ui, query) = (*run, ctx.ui(), query.0);
    let mut view = ctx.read(move |db| load(db, ui, id, query)).await?;
    view.task_url = view.run.task_id.and_then(|task| ctx.page_of(tasks::model::KIND, task.0));
    for line in &mut view.lines {
        let bill = line.row.planned.bill_id;
        line.bill_url = bill.and_then(|bill| ctx.page_of(crate::billing::bills::model::KIND, bill.0));
    }
    for (moved, url) in &mut view.moved {
        let CustomerId(id) = moved.customer;
        *url = ctx.page_of(crate::customers::directory::model::KIND, id);
    }
    let title = ctx.t.run_pages_run_title(view.run.month());
    Ok(Page::new(&ctx, title, &view).crumb(ctx.t.run_pages_title(), urls::INDEX).respond())
}

fn load(db: &mut Db, ui: Ui, id: BillRunId, query: RunQuery) -> Result<ShowView> {
    let run = queries::find(db, Permission::RunView, id)?;
    let t = ui.t;
    let is_stalled = queries::is_stalled(db, &run)?;
    let task = match run.task_id.filter(|_| run.state.is_at_work()) {
        Some(task) => tasks::queries::get(db, task)?,
        None => None,
    };
    let listing = queries::customers(db, id, &query.filter(), query.sort(), query.page())?;
    let pager = Pager::new(&ui, &listing);
    let fault = run.fault();
    let moved = fault.iter().flat_map(|fault| fault.moved.iter().take(NAMED).cloned());
    let badge = if is_stalled {
        Badge::new(Tone::Bad, t.batches_stalled())
    } else {
        Badge::new(run.state.tone(), run.state.label(t))
    };
    let fields = vec![("tab", query.tab().to_string()), ("q", query.q.clone())];
    Ok(ShowView {
        badge,
        scope: run.scope()?,
        starter: pages::person(db, t, run.started_by)?,
        committer: pages::person(db, t, run.committed_by)?,
        ender: pages::person(db, t, run.ended_by)?,
        totals: run.totals()?,
        waived: run.waived()?.len(),
        moved: moved.map(|moved| (moved, None)).collect(),
        tabs: tabs(&ui, &run, query.tab()),
        filter: filter_bar(&ui, id, &query),
        export: ExportMenu::new(&ui, urls::export(id), fields),
        lines: listing.rows.into_iter().map(|row| Line::new(t, row)).collect(),
        fault,
        is_idle: is_stalled && !queries::has_written(db, id)?,
        is_stalled,
        task,
        task_url: None,
        pager,
        query,
        run,
        ui,
    })
}

fn tabs(ui: &Ui, run: &BillRun, current: RunTab) -> Vec<Tab> {
    let counted = [
        (RunTab::All, run.customers),
        (RunTab::LookAt, run.look_at),
        (RunTab::Billed, run.billed),
        (RunTab::Zero, run.zero),
        (RunTab::Excluded, run.excluded),
        (RunTab::Failed, run.failed),
        (RunTab::LeftOut, run.left_out),
    ];
    let url = ui.page_url().without(&["page"]);
    let shown = counted.into_iter().filter(|(tab, count)| *tab != RunTab::LeftOut || *count > 0);
    let tab = |(tab, count): (RunTab, u32)| Tab {
        label: tab.label(ui.t),
        url: url.with("tab", tab).to_string(),
        count: grouped(&count.to_string()),
        is_current: tab == current,
    };
    shown.map(tab).collect()
}

fn filter_bar(ui: &Ui, id: BillRunId, query: &RunQuery) -> FilterBar {
    let t = ui.t;
    let others = PlannedSort::ALL.iter().filter(|sort| **sort != PlannedSort::Moved);
    let sorts = others.map(|sort| Choice::new(sort, t.label("run_sort", sort.as_str()))).collect();
    let usual = t.label("run_sort", PlannedSort::Moved.as_str());
    FilterBar::new(ui, t.run_pages_filter())
        .search(t.run_pages_search())
        .select("sort", t.run_pages_sort(), &usual, sorts)
        .clear_to(PageUrl::parse(&urls::run(id)).with("tab", query.tab()).to_string())
}
