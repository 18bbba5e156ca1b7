//! Tasks over the JSON API.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::ids::TaskId;
use crate::types::time::machine;
use crate::types::{Actor, Result};
use crate::web::api::{self, StreamJson};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Access, Ctx, Path, Query, Response, Routes};

use super::forms::TaskQuery;
use super::model::{Task, TaskRow};
use super::{commands, queries, rules};

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "q", about: |t| t.api_tasks_q() },
    Parameter { name: "state", about: |t| t.api_tasks_state() },
    Parameter { name: "kind", about: |t| t.api_tasks_kind() },
    Parameter { name: "whose", about: |t| t.api_tasks_whose() },
    Parameter { name: "older", about: |t| t.api_older() },
];

/// The routes of tasks in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/tasks", Access::SignedIn, index)
        .doc(ApiDoc::answers::<StreamJson<TaskJson>>(Tr::api_tasks_index).with(PARAMETERS));
    r.get("/api/v1/tasks/{task}", Access::SignedIn, show)
        .doc(ApiDoc::answers::<TaskJson>(Tr::api_tasks_show));
    r.post("/api/v1/tasks/{task}/cancel", Access::SignedIn, cancel)
        .doc(ApiDoc::answers::<TaskJson>(Tr::api_tasks_cancel));
    r.post("/api/v1/tasks/{task}/retry", Access::SignedIn, retry)
        .doc(ApiDoc::answers::<TaskJson>(Tr::api_tasks_retry));
}

/// A piece of background work.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskJson {
    /// Its id.
    id: u64,
    /// What kind of work it is.
    kind: String,
    /// What it is about.
    label: String,
    /// Who asked for it; nothing for the system.
    user_id: Option<u64>,
    /// `waiting`, `running`, `succeeded`, `failed` or `cancelled`.
    state: String,
    /// Whether it is asked to stop, but has not yet.
    stopping: bool,
    /// How many steps are done.
    done: u64,
    /// Of how many, where that is known.
    total: Option<u64>,
    /// What it said last of its progress, in the language of the request.
    note: Option<String>,
    /// What came of it, in the language of the request.
    result: Option<String>,
    /// What was counted, by code.
    counts: BTreeMap<String, u64>,
    /// The file that was made; only who asked for the task gets it.
    file_id: Option<u64>,
    /// Why it failed, or why its last try did, in the language of the request.
    error: Option<String>,
    /// How often it was begun.
    attempts: u32,
    /// How often it is begun at most.
    max_attempts: u32,
    /// When it was asked for (UTC).
    created_at: String,
    /// When it was begun the last time (UTC).
    started_at: Option<String>,
    /// When it was over (UTC).
    finished_at: Option<String>,
}

impl TaskJson {
    fn new(t: Tr, actor: &Actor, task: Task) -> TaskJson {
        let file_id = task.file_id.filter(|_| rules::may_see_file(actor, &task));
        let result = task.result();
        let in_words = |said: Option<crate::i18n::Said>| said.map(|said| said.text(t).to_owned());
        TaskJson {
            id: task.id.0,
            state: task.state.to_string(),
            stopping: task.is_stopping(),
            note: in_words(task.note()),
            result: result.as_ref().map(|done| done.text.text(t).to_owned()),
            counts: result.map(|done| done.counts).unwrap_or_default(),
            error: in_words(task.error()),
            kind: task.kind,
            label: task.label,
            user_id: task.user_id.map(|id| id.0),
            done: task.done,
            total: task.total,
            file_id: file_id.map(|id| id.0),
            attempts: task.attempts,
            max_attempts: task.max_attempts,
            created_at: machine(task.created_at),
            started_at: task.started_at.map(machine),
            finished_at: task.finished_at.map(machine),
        }
    }
}

async fn index(ctx: Ctx, query: Query<TaskQuery>) -> Result<Response> {
    let (t, filter, seek) = (ctx.t, query.check()?, query.seek());
    let stream = ctx.read(move |db| queries::list(db, &filter, seek)).await?;
    Ok(api::ok(&StreamJson::of(stream, |row: TaskRow| TaskJson::new(t, &ctx.actor, row.task))))
}

async fn show(ctx: Ctx, task: Path<TaskId>) -> Result<Response> {
    let id = *task;
    let task = ctx.read(move |db| queries::find(db, id)).await?;
    Ok(api::ok(&TaskJson::new(ctx.t, &ctx.actor, task)))
}

async fn cancel(ctx: Ctx, task: Path<TaskId>) -> Result<Response> {
    let id = *task;
    let task = ctx.write(move |tx| commands::cancel(tx, id)).await?;
    Ok(api::ok(&TaskJson::new(ctx.t, &ctx.actor, task)))
}

async fn retry(ctx: Ctx, task: Path<TaskId>) -> Result<Response> {
    let id = *task;
    let task = ctx.write(move |tx| commands::retry(tx, id)).await?;
    Ok(api::ok(&TaskJson::new(ctx.t, &ctx.actor, task)))
}
