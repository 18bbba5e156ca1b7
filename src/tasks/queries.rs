//! Reading tasks: one's own always, those of others within the data scope of who asks.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::count_star;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::db::{Db, Tx, like};
use crate::schema::{departments, tasks, users};
use crate::types::audit_entry::{Audited as _, Subject};
use crate::types::ids::{TaskId, UserId};
use crate::types::{Actor, DataScope, Error, Permission, Result};
use crate::web::ui::top_bar::MOST;

use super::model::{Held, Task, TaskFilter, TaskRecord, TaskRow};
use super::rules;

type Condition = Box<dyn BoxableExpression<tasks::table, Mysql, SqlType = Nullable<Bool>>>;

/// The tasks that the actor may see by `permission`: their own, and those of whom their scope reaches. Without the
/// permission only their own. The system's belong to nobody: they are in the widest scope only.
fn reach(actor: &Actor, permission: Permission) -> Option<Condition> {
    let own = tasks::user_id.eq(actor.user_id.map(|id| id.0));
    let scope = actor.scope(permission).unwrap_or(DataScope::Own);
    let pattern = match (scope, &actor.department) {
        (DataScope::All, _) => return None,
        (DataScope::DepartmentAndBelow, Some(department)) => format!("{}%", department.path),
        (DataScope::Department, Some(department)) => department.path.clone(),
        _ => return Some(Box::new(own)),
    };
    let reached = users::table
        .inner_join(departments::table)
        .filter(departments::path.like(pattern))
        .select(users::id.nullable());
    Some(Box::new(own.or(tasks::user_id.eq_any(reached))))
}

/// A piece of the list, the newest first.
pub fn list(db: &mut Db, filter: &TaskFilter, seek: Seek) -> Result<Stream<TaskRow>> {
    let mut query = tasks::table.select(Task::as_select()).limit(PER_PAGE + 1).into_boxed();
    for condition in conditions(db.actor(), filter) {
        query = query.filter(condition);
    }
    query = match seek {
        Seek::Newest => query.order(tasks::id.desc()),
        Seek::OlderThan(id) => query.filter(tasks::id.lt(id)).order(tasks::id.desc()),
        Seek::NewerThan(id) => query.filter(tasks::id.gt(id)).order(tasks::id.asc()),
    };
    let found: Vec<Task> = query.load(db.conn())?;
    let rows = with_users(db, found)?;
    let count = count(db, filter)?;
    Ok(Stream::of(rows, seek, count, |row: &TaskRow| row.task.id.0))
}

fn count(db: &mut Db, filter: &TaskFilter) -> Result<Count> {
    let mut query = tasks::table.select(tasks::id).into_boxed();
    for condition in conditions(db.actor(), filter) {
        query = query.filter(condition);
    }
    Ok(Count::limited(count_up_to_limit(query, db.conn())?))
}

fn conditions(actor: &Actor, filter: &TaskFilter) -> Vec<Condition> {
    let mut all: Vec<Condition> = Vec::new();
    if filter.everybodys {
        all.extend(reach(actor, Permission::TaskView));
    } else {
        all.push(Box::new(tasks::user_id.eq(actor.user_id.map(|id| id.0))));
    }
    if let Some(state) = filter.state {
        all.push(Box::new(tasks::state.eq(state).nullable()));
    }
    if let Some(kind) = &filter.kind {
        all.push(Box::new(tasks::kind.eq(kind.clone()).nullable()));
    }
    if let Some(text) = &filter.text {
        all.push(Box::new(tasks::label.like(like::containing(text)).nullable()));
    }
    all
}

/// One task within reach.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or none that the actor may see.
pub fn find(db: &mut Db, id: TaskId) -> Result<Task> {
    let mut query = tasks::table.filter(tasks::id.eq(id)).select(Task::as_select()).into_boxed();
    if let Some(condition) = reach(db.actor(), Permission::TaskView) {
        query = query.filter(condition);
    }
    Ok(query.first(db.conn())?)
}

/// One task within reach, with who asked for it.
pub fn find_row(db: &mut Db, id: TaskId) -> Result<TaskRow> {
    let task = find(db, id)?;
    with_users(db, vec![task])?.pop().ok_or(Error::NotFound)
}

fn with_users(db: &mut Db, tasks: Vec<Task>) -> Result<Vec<TaskRow>> {
    let ids: BTreeSet<UserId> = tasks.iter().filter_map(|task| task.user_id).collect();
    let names: Vec<(UserId, String)> =
        users::table.filter(users::id.eq_any(ids)).select((users::id, users::name)).load(db.conn())?;
    let names: BTreeMap<UserId, String> = names.into_iter().collect();
    let row = |task: Task| TaskRow { user: task.user_id.and_then(|id| names.get(&id).cloned()), task };
    Ok(tasks.into_iter().map(row).collect())
}

/// Whether the actor may stop the task and start it again: their own, and those that their scope reaches.
pub fn may_manage(db: &mut Db, task: &Task) -> Result<bool> {
    let mut query = tasks::table.filter(tasks::id.eq(task.id)).select(count_star()).into_boxed();
    if let Some(condition) = reach(db.actor(), Permission::TaskManage) {
        query = query.filter(condition);
    }
    let found: i64 = query.get_result(db.conn())?;
    Ok(found > 0)
}

/// One task that the actor wants to stop or start again, locked; with the department of who asked for it.
///
/// # Errors
/// [`Error::NotFound`] when they may not see it, a refusal when they may, but not change it.
pub fn lock_to_manage(tx: &mut Tx, id: TaskId) -> Result<(Task, Option<String>)> {
    let seen = find(tx, id)?;
    rules::can_manage(may_manage(tx, &seen)?)?;
    let task: Task = tasks::table.find(id).select(Task::as_select()).for_update().first(tx.conn())?;
    let path = match task.user_id {
        Some(user) => users::table
            .inner_join(departments::table)
            .filter(users::id.eq(user))
            .select(departments::path)
            .first(tx.conn())
            .optional()?,
        None => None,
    };
    Ok((task, path))
}

/// Tasks as their worker holds them, those that were due first before the others.
pub(super) fn held(db: &mut Db, ids: &[TaskId]) -> Result<Vec<Held>> {
    let mut rows: Vec<Held> =
        tasks::table.filter(tasks::id.eq_any(ids)).select(Held::as_select()).load(db.conn())?;
    rows.sort_by_key(|held| ids.iter().position(|id| *id == held.id));
    Ok(rows)
}

/// Whether a task is due. One look at an index, outside of any transaction: what an idle worker costs.
pub fn is_any_due(db: &mut Db) -> Result<bool> {
    let now = db.now();
    let due: Option<TaskId> = tasks::table
        .filter(tasks::due_at.le(now))
        .order(tasks::due_at.asc())
        .select(tasks::id)
        .first(db.conn())
        .optional()?;
    Ok(due.is_some())
}

/// How many tasks of a user are not over, counted no further than the top bar shows.
pub fn count_unfinished_of(db: &mut Db, user: UserId) -> Result<i64> {
    let unfinished: Vec<TaskId> = tasks::table
        .filter(tasks::user_id.eq(user.0))
        .filter(tasks::due_at.is_not_null())
        .limit(MOST + 1)
        .select(tasks::id)
        .load(db.conn())?;
    Ok(i64::try_from(unfinished.len()).unwrap_or(i64::MAX))
}

/// How many tasks of a kind are not over, from one task to another.
pub fn count_unfinished(db: &mut Db, kind: &str, first: TaskId, last: TaskId) -> Result<i64> {
    let unfinished = tasks::table
        .filter(tasks::kind.eq(kind))
        .filter(tasks::id.between(first, last))
        .filter(tasks::due_at.is_not_null())
        .select(count_star());
    Ok(unfinished.get_result(db.conn())?)
}

/// Those of these tasks that are not over, whoever asks.
pub fn unfinished(db: &mut Db, ids: &[TaskId]) -> Result<BTreeSet<TaskId>> {
    let found: Vec<TaskId> = tasks::table
        .filter(tasks::id.eq_any(ids))
        .filter(tasks::due_at.is_not_null())
        .select(tasks::id)
        .load(db.conn())?;
    Ok(found.into_iter().collect())
}

/// One task, whoever asks.
pub fn get(db: &mut Db, id: TaskId) -> Result<Option<Task>> {
    Ok(tasks::table.find(id).select(Task::as_select()).first(db.conn()).optional()?)
}

/// The latest task of a kind about a thing, whoever asks.
pub fn latest(db: &mut Db, kind: &str, label: &str) -> Result<Option<Task>> {
    Ok(tasks::table
        .filter(tasks::kind.eq(kind))
        .filter(tasks::label.eq(label))
        .order(tasks::id.desc())
        .select(Task::as_select())
        .first(db.conn())
        .optional()?)
}

/// How a task is named, for files that hang on it.
///
/// # Errors
/// [`Error::NotFound`] when the actor may not see it, or not what it has made.
pub fn seen(db: &mut Db, id: u64) -> Result<Subject> {
    let task = find(db, TaskId(id))?;
    if !rules::may_see_file(db.actor(), &task) {
        return Err(Error::NotFound);
    }
    Ok(TaskRecord::new(&task, None).subject())
}
