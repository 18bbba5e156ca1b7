//! The pages of tasks: the list, and one task while it works.

use std::sync::Arc;

use askama::Template;
use chrono::{Duration, NaiveDateTime};

use crate::audit::entries;
use crate::audit::entries::timeline::{self, Timeline};
use crate::files;
use crate::i18n::Tr;
use crate::types::ids::TaskId;
use crate::types::{Permission, Result};
use crate::web::ui::{Badge, Choice, FilterBar, StreamPager, Ui, filters};
use crate::web::{Ctx, Page, Path, Query, Response};

use super::body::Registry;
use super::forms::{EVERYBODYS, TaskQuery};
use super::model::{Done, Task, TaskRow, TaskState};
use super::{commands, queries, rules, urls};

/// A task as the pages show it.
struct Line {
    row: TaskRow,
    title: String,
    badge: Badge,
    progress: Progress,
    duration: Option<String>,
    /// Why it failed, or why its last try did.
    error: Option<String>,
    /// What came of it.
    result: Option<String>,
    file: Option<String>,
}

/// How far a task is.
struct Progress {
    percent: Option<u64>,
    text: String,
}

impl Line {
    fn new(ui: &Ui, row: TaskRow) -> Line {
        let (t, task) = (ui.t, &row.task);
        Line {
            title: task.title(t),
            badge: badge(t, task),
            progress: progress(t, task),
            duration: task.duration(ui.now).map(|duration| in_words(t, duration)),
            error: task.error().map(|said| said.text(t).to_owned()),
            result: task.result().map(|done| done.text.text(t).to_owned()),
            file: task.file_id.filter(|_| rules::may_see_file(&ui.actor, task)).map(files::urls::file),
            row,
        }
    }

    fn is_running(&self) -> bool {
        self.row.task.state == TaskState::Running
    }

    fn is_unfinished(&self) -> bool {
        !self.row.task.state.is_over()
    }

    fn can_cancel(&self) -> bool {
        rules::can_cancel(&self.row.task).is_ok()
    }

    fn can_retry(&self) -> bool {
        rules::can_retry(&self.row.task).is_ok()
    }
}

fn badge(t: Tr, task: &Task) -> Badge {
    let label = if task.is_stopping() {
        t.tasks_stopping().to_owned()
    } else if task.waits_for_next_try() {
        t.tasks_waits_again().to_owned()
    } else {
        task.state.label(t)
    };
    Badge::new(task.state.tone(), label)
}

fn progress(t: Tr, task: &Task) -> Progress {
    let counted = match task.total {
        Some(total) => t.tasks_done_of(task.done, total),
        None if task.done > 0 => t.tasks_done(task.done),
        None => String::new(),
    };
    let note = task.note().map(|said| said.text(t).to_owned()).unwrap_or_default();
    let parts = [counted, note].into_iter().filter(|part| !part.is_empty());
    Progress { percent: task.percent(), text: parts.collect::<Vec<_>>().join(" · ") }
}

/// A duration as people say it: with the two greatest units that are not zero.
fn in_words(t: Tr, duration: Duration) -> String {
    let (hours, minutes) = (duration.num_hours(), duration.num_minutes() % 60);
    let (seconds, tenths) = (duration.num_seconds() % 60, duration.num_milliseconds() % 1000 / 100);
    if hours > 0 {
        t.tasks_hours(hours, minutes)
    } else if minutes > 0 {
        t.tasks_minutes(minutes, seconds)
    } else {
        t.tasks_seconds(format!("{seconds}.{tenths}"))
    }
}

#[derive(Template)]
#[template(path = "tasks/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    everybodys: bool,
    filtered: bool,
    lines: Vec<Line>,
    pager: StreamPager,
}

impl IndexView {
    /// Whether something on the page may still change, so that it is worth looking again.
    fn is_live(&self) -> bool {
        self.lines.iter().any(Line::is_unfinished)
    }
}

/// The list: one's own tasks, or those of all within reach.
pub async fn index(ctx: Ctx, query: Query<TaskQuery>) -> Result<Response> {
    let (filter, seek) = (query.filter(), query.seek());
    let stream = ctx.read(move |db| queries::list(db, &filter, seek)).await?;
    let ui = ctx.ui();
    let registry = ctx.state.part::<Registry>()?;
    let view = IndexView {
        filter: filter_bar(&ui, &registry),
        everybodys: query.whose == EVERYBODYS,
        filtered: [&query.q, &query.state, &query.kind].iter().any(|text| !text.is_empty()),
        pager: StreamPager::new(&ui, &stream),
        lines: stream.rows.into_iter().map(|row| Line::new(&ui, row)).collect(),
        ui,
    };
    Ok(Page::new(&ctx, ctx.t.tasks_title(), &view).listing().respond())
}

fn filter_bar(ui: &Ui, registry: &Arc<Registry>) -> FilterBar {
    let t = ui.t;
    let states = TaskState::ALL.iter().map(|state| Choice::new(state, state.label(t))).collect();
    let kinds = registry.codes().map(|code| Choice::new(code, t.label("task_kind", code))).collect();
    let bar = FilterBar::new(ui, t.tasks_filter())
        .search(t.tasks_search())
        .select("state", t.tasks_state(), t.tasks_all_states(), states)
        .select("kind", t.tasks_kind(), t.tasks_all_kinds(), kinds);
    if !ui.can(Permission::TaskView) {
        return bar;
    }
    bar.select("whose", t.tasks_whose(), t.tasks_mine(), vec![Choice::new(EVERYBODYS, t.tasks_everybodys())])
}

#[derive(Template)]
#[template(path = "tasks/show.html")]
struct ShowView {
    ui: Ui,
    line: Line,
    counts: Vec<(String, i64)>,
    may_manage: bool,
    timeline: Option<Timeline>,
}

impl ShowView {
    fn task(&self) -> &Task {
        &self.line.row.task
    }

    fn next_try_at(&self) -> Option<NaiveDateTime> {
        self.task().due_at.filter(|due| self.task().state == TaskState::Waiting && *due > self.ui.now)
    }
}

/// One task.
pub async fn show(ctx: Ctx, task: Path<TaskId>) -> Result<Response> {
    let (id, ui) = (*task, ctx.ui());
    let view = ctx
        .read(move |db| {
            let row = queries::find_row(db, id)?;
            let may_manage = queries::may_manage(db, &row.task)?;
            let history = entries::queries::of_subject(db, "task", id.0, timeline::LENGTH)?;
            let history = history.filter(|entries| !entries.is_empty());
            let timeline = history.map(|entries| Timeline::new(ui.t, "task", id.0, &entries));
            let counts = counts(ui.t, row.task.result());
            Ok(ShowView { line: Line::new(&ui, row), counts, may_manage, timeline, ui })
        })
        .await?;
    Ok(Page::new(&ctx, view.line.title.clone(), &view).crumb(ctx.t.tasks_title(), urls::INDEX).respond())
}

fn counts(t: Tr, done: Option<Done>) -> Vec<(String, i64)> {
    let counts = done.map(|done| done.counts).unwrap_or_default();
    let labelled = |(code, number): (String, u64)| {
        (t.label("task_count", &code), i64::try_from(number).unwrap_or(i64::MAX))
    };
    counts.into_iter().map(labelled).collect()
}

/// Asks for a task to stop.
pub async fn cancel(ctx: Ctx, task: Path<TaskId>) -> Result<Response> {
    let id = *task;
    let outcome = ctx.write(move |tx| commands::cancel(tx, id)).await;
    let said = match &outcome {
        Ok(task) if !task.state.is_over() => ctx.t.tasks_cancel_asked(),
        _ => ctx.t.tasks_cancelled(),
    };
    ctx.outcome(outcome, urls::task(id), said)
}

/// Starts a task again.
pub async fn retry(ctx: Ctx, task: Path<TaskId>) -> Result<Response> {
    let id = *task;
    let outcome = ctx.write(move |tx| commands::retry(tx, id)).await;
    ctx.outcome(outcome, urls::task(id), ctx.t.tasks_retried())
}
