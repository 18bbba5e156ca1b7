//! The page of a batch: what would become of its rows, then what became of them; and the buttons that move it on.

use askama::Template;
use askama::filters::Safe;

use crate::audit::entries;
use crate::audit::entries::timeline::{self, Timeline};
use crate::db::Db;
use crate::db::listing::Listing;
use crate::i18n::Tr;
use crate::tasks::model::Task;
use crate::types::Result;
use crate::types::ids::BatchId;
use crate::types::money::grouped;
use crate::web::panels::Panels;
use crate::web::ui::{Badge, Pager, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{CommitForm, RowsQuery};
use super::kinds::{BatchKind, BatchKinds};
use super::model::{Act, BatchRow, BatchState, Body, Change, Fault, KIND, Mark, RowResult, RowTab, RowView};
use super::{commands, queries, rules, urls};

/// A change of a row, in words.
struct ChangeLine {
    field: String,
    was: String,
    becomes: String,
}

/// A fault of a row.
struct FaultLine {
    column: String,
    label: String,
    text: String,
    /// What stands in the cell; `None` for who may not see it.
    cell: Option<String>,
}

/// A row as the page shows it.
struct Line {
    view: RowView,
    page: Option<String>,
    outcome: Badge,
    changes: Vec<ChangeLine>,
    corrections: Vec<ChangeLine>,
    faults: Vec<FaultLine>,
    results: Vec<(Badge, String)>,
}

impl Line {
    /// The record that the row is about: the one that was written, once it is.
    fn subject(&self) -> Option<u64> {
        let written = self.view.results.iter().rev().find_map(|(_, result)| result.subject_id);
        written.or(self.view.row.subject_id)
    }
}

struct Tab {
    label: String,
    count: i64,
    url: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "batches/show.html")]
struct ShowView {
    ui: Ui,
    row: BatchRow,
    badge: Badge,
    fault: Option<String>,
    tabs: Vec<Tab>,
    tab: Option<RowTab>,
    lines: Vec<Line>,
    pager: Pager,
    panels: Safe<String>,
    mend: Option<String>,
    may_check: bool,
    timeline: Option<Timeline>,
}

impl ShowView {
    /// How many rows of a tab there are, as pages show numbers; of all, where it is none of those that are told.
    fn shown(&self, tab: RowTab) -> String {
        let batch = &self.row.batch;
        let count = match tab {
            RowTab::Create => batch.creates,
            RowTab::Update => batch.updates,
            RowTab::Failed => batch.failed,
            _ => batch.total,
        };
        grouped(&count.to_string())
    }

    fn is_live(&self) -> bool {
        self.row.batch.state.is_at_work() && !self.row.is_stalled()
    }

    fn state_label(&self) -> String {
        self.row.batch.state.label(self.ui.t)
    }

    fn can_commit(&self) -> bool {
        matches!(rules::can_commit(&self.row, None), Ok(rules::Verdict::Begin))
    }

    fn can_undo(&self) -> bool {
        matches!(rules::can_undo(&self.row), Ok(rules::Verdict::Begin))
    }

    fn can_discard(&self) -> bool {
        matches!(rules::can_discard(&self.row), Ok(rules::Verdict::Begin))
    }

    fn can_check(&self) -> bool {
        self.may_check && rules::can_check(&self.row, &self.ui.actor).is_ok()
    }

    fn percent(&self) -> Option<u64> {
        self.row.task.as_ref().and_then(Task::percent)
    }

    fn note(&self) -> String {
        let t = self.ui.t;
        let task = self.row.task.as_ref();
        task.and_then(|task| task.note()).map(|said| said.text(t).to_owned()).unwrap_or_default()
    }
}

/// A batch.
pub async fn show(ctx: Ctx, batch: Path<BatchId>, query: Query<RowsQuery>) -> Result<Response> {
    let (id, ui) = (*batch, ctx.ui());
    let (kinds, panels) = (ctx.state.part::<BatchKinds>()?, ctx.state.part::<Panels>()?);
    let (tab, page) = (query.tab(), query.page());
    let (mut view, kind) = ctx
        .read(move |db| {
            let (row, kind) = queries::find(db, &kinds, id)?;
            let moved = queries::count_results(db, id, Act::Compare, Mark::Left)?;
            let counted = rules::tabs(&row, moved);
            let first = || counted.iter().find(|(_, count)| *count > 0).map(|(tab, _)| *tab);
            let tab = tab.filter(|tab| counted.iter().any(|(other, _)| other == tab)).or_else(first);
            let empty = Listing { rows: Vec::new(), total: 0, page };
            let listing = tab.map(|tab| queries::rows(db, id, tab, page)).transpose()?.unwrap_or(empty);
            let pager = Pager::new(&ui, &listing);
            let lines = lines(db, &ui, kind, listing.rows)?;
            let history = entries::queries::of_subject(db, KIND, id.0, timeline::LENGTH)?;
            let history = history.filter(|entries| !entries.is_empty());
            let can_mend = tab == Some(RowTab::Failed) && rules::can_check(&row, &ui.actor).is_ok();
            let view = ShowView {
                badge: badge(ui.t, &row),
                fault: row.batch.fault().map(|said| said.text(ui.t).to_owned()),
                tabs: tabs(&ui, &counted, tab),
                tab,
                lines,
                pager,
                panels: panels.of(db, &ui, KIND, id.0)?,
                mend: kind.mend.filter(|_| can_mend).map(|mend| mend(id)),
                may_check: kind.check.is_some(),
                timeline: history.map(|entries| Timeline::new(ui.t, KIND, id.0, &entries)),
                row,
                ui,
            };
            Ok((view, *kind))
        })
        .await?;
    for line in &mut view.lines {
        line.page = line.subject().and_then(|id| ctx.page_of(kind.subject, id));
    }
    let crumb = ctx.t.label("batch_kind", kind.code);
    Ok(Page::new(&ctx, view.row.batch.name(ctx.t), &view).crumb(crumb, kind.home).respond())
}

/// The badge of a batch.
pub fn badge(t: Tr, row: &BatchRow) -> Badge {
    if row.is_stalled() {
        return Badge::new(Tone::Bad, t.batches_stalled());
    }
    Badge::new(row.batch.state.tone(), row.batch.state.label(t))
}

fn tabs(ui: &Ui, counted: &[(RowTab, u32)], current: Option<RowTab>) -> Vec<Tab> {
    let url = ui.page_url().without(&["page"]);
    let tab = |(tab, count): &(RowTab, u32)| Tab {
        label: tab.label(ui.t),
        count: i64::from(*count),
        url: url.with("tab", tab).to_string(),
        is_current: current == Some(*tab),
    };
    counted.iter().map(tab).collect()
}

fn lines(db: &mut Db, ui: &Ui, kind: &BatchKind, rows: Vec<RowView>) -> Result<Vec<Line>> {
    let t = ui.t;
    let changes: Vec<Change> = rows.iter().flat_map(|view| changes_and_corrections(&view.row.body)).collect();
    let values = (kind.values)(db, t, &changes)?;
    let actor = std::sync::Arc::clone(&ui.actor);
    let hidden = || (t.batches_hidden().to_owned(), t.batches_hidden().to_owned());
    let seen = changes.iter().zip(values);
    let mut values =
        seen.map(|(change, words)| if (kind.may_see)(&actor, &change.field) { words } else { hidden() });
    let mut line = |view: RowView| {
        let body = &view.row.body;
        let changes = body.changes.iter().map(|change| {
            let (was, becomes) = values.next().unwrap_or_default();
            ChangeLine { field: (kind.field)(t, &change.field), was, becomes }
        });
        let changes = changes.collect();
        let corrections = body.corrections.iter().map(|correction| {
            let (was, becomes) = values.next().unwrap_or_default();
            ChangeLine { field: (kind.field)(t, &correction.column), was, becomes }
        });
        let corrections: Vec<ChangeLine> = corrections.collect();
        let faults = body.faults.iter().map(|fault| fault_line(ui, kind, fault)).collect();
        Line {
            page: None,
            outcome: Badge::new(view.row.outcome.tone(), view.row.outcome.label(t)),
            changes,
            corrections,
            faults,
            results: results(t, &view),
            view,
        }
    };
    Ok(rows.into_iter().map(&mut line).collect())
}

/// A fault, for who may see the cell; its sentence may quote it.
fn fault_line(ui: &Ui, kind: &BatchKind, fault: &Fault) -> FaultLine {
    let (t, is_shown) = (ui.t, (kind.may_see)(&ui.actor, &fault.column));
    FaultLine {
        column: fault.column.clone(),
        label: if fault.column.is_empty() { String::new() } else { (kind.field)(t, &fault.column) },
        text: if is_shown { fault.said.text(t) } else { t.batches_hidden() }.to_owned(),
        cell: is_shown.then(|| fault.cell.clone()),
    }
}

/// The changes of a row, then its corrections as changes: what stands in a cell is no canonical text, and stays as it is.
fn changes_and_corrections(body: &Body) -> Vec<Change> {
    let corrections = body.corrections.iter().map(|correction| Change {
        field: correction.column.clone(),
        was: Some(correction.was.clone()),
        becomes: Some(correction.becomes.clone()),
    });
    body.changes.iter().cloned().chain(corrections).collect()
}

fn results(t: Tr, view: &RowView) -> Vec<(Badge, String)> {
    let line = |(act, result): &(Act, RowResult)| {
        let (tone, tab) = match (act, result.mark) {
            (Act::Compare, _) => (Tone::Bad, RowTab::Moved),
            (Act::Commit, Mark::Done) => (Tone::Ok, RowTab::Written),
            (Act::Commit, Mark::Left) => (Tone::Bad, RowTab::LeftOut),
            (Act::Undo, Mark::Done) => (Tone::Off, RowTab::Undone),
            (Act::Undo, Mark::Left) => (Tone::Bad, RowTab::Kept),
        };
        let said = result.said.as_ref().map(|said| said.text(t).to_owned()).unwrap_or_default();
        (Badge::new(tone, tab.label(t)), said)
    };
    view.results.iter().map(line).collect()
}

/// Makes the changes.
pub async fn commit(ctx: Ctx, batch: Path<BatchId>, form: Form<CommitForm>) -> Result<Response> {
    let (id, seen) = (*batch, form.version());
    let kinds = ctx.state.part::<BatchKinds>()?;
    let outcome = ctx.write(move |tx| commands::commit(tx, &kinds, id, Some(seen))).await;
    ctx.outcome(outcome, urls::batch(id), ctx.t.batches_commit_asked())
}

/// Takes the changes back.
pub async fn undo(ctx: Ctx, batch: Path<BatchId>) -> Result<Response> {
    let id = *batch;
    let kinds = ctx.state.part::<BatchKinds>()?;
    let outcome = ctx.write(move |tx| commands::undo(tx, &kinds, id)).await;
    ctx.outcome(outcome, urls::batch(id), ctx.t.batches_undo_asked())
}

/// Gives the batch up.
pub async fn discard(ctx: Ctx, batch: Path<BatchId>) -> Result<Response> {
    let id = *batch;
    let kinds = ctx.state.part::<BatchKinds>()?;
    let outcome = ctx.write(move |tx| commands::discard(tx, &kinds, id)).await;
    ctx.outcome(outcome, urls::batch(id), ctx.t.batches_discarded())
}

/// Works the batch out anew.
pub async fn check(ctx: Ctx, batch: Path<BatchId>) -> Result<Response> {
    let id = *batch;
    let kinds = ctx.state.part::<BatchKinds>()?;
    let outcome = ctx.write(move |tx| commands::check(tx, &kinds, id)).await;
    ctx.outcome(outcome, urls::batch(id), ctx.t.batches_check_asked())
}
