//! Reading intakes of usage. Everybody sees their own, and with the scope "all" those of everybody.

use std::collections::BTreeMap;

use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::batches::rules::may_see;
use crate::db::Db;
use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::schema::{tasks, usage_intakes, users};
use crate::tasks::model::Task;
use crate::types::audit_entry::{Audited as _, Subject};
use crate::types::ids::{TaskId, UsageIntakeId, UserId};
use crate::types::{DataScope, Error, Permission, Result};

use super::model::{Intake, IntakeKind, IntakeRecord};

/// An intake with what stands around it.
#[derive(Debug, Clone)]
pub struct IntakeRow {
    /// The intake.
    pub intake: Intake,
    /// Who brought it; none for the system.
    pub created_by: Option<String>,
    /// The work that is or was done on it.
    pub task: Option<Task>,
}

impl IntakeRow {
    /// Whether work should be under way, and nobody is at it.
    pub fn is_stalled(&self) -> bool {
        self.intake.state.is_at_work() && self.task.as_ref().is_none_or(|task| task.state.is_over())
    }

    /// Whether work is under way.
    pub fn is_live(&self) -> bool {
        self.intake.state.is_at_work() && !self.is_stalled()
    }
}

/// One intake, whoever asks.
pub fn get(db: &mut Db, id: UsageIntakeId) -> Result<Option<Intake>> {
    Ok(usage_intakes::table.find(id).select(Intake::as_select()).first(db.conn()).optional()?)
}

/// One intake, whoever asks, locked until the transaction ends.
pub fn lock(db: &mut Db, id: UsageIntakeId) -> Result<Intake> {
    let found: Option<Intake> =
        usage_intakes::table.find(id).select(Intake::as_select()).for_update().first(db.conn()).optional()?;
    found.ok_or(Error::NotFound)
}

/// One intake that whoever asks may see.
pub fn find(db: &mut Db, id: UsageIntakeId) -> Result<IntakeRow> {
    let intake = get(db, id)?.ok_or(Error::NotFound)?;
    if !may_see(db.actor(), Permission::UsageImport, intake.created_by.map(|user| user.0)) {
        return Err(Error::NotFound);
    }
    with_surroundings(db, vec![intake])?.pop().ok_or(Error::NotFound)
}

/// The title of an intake, if whoever asks may see it.
pub fn title(db: &mut Db, id: UsageIntakeId) -> Result<Option<String>> {
    match find(db, id) {
        Ok(row) => Ok(Some(row.intake.title)),
        Err(Error::NotFound) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// One intake that whoever asks may see, locked until the transaction ends.
pub fn lock_seen(db: &mut Db, id: UsageIntakeId) -> Result<IntakeRow> {
    lock(db, id)?;
    find(db, id)
}

/// An intake as the record that its file hangs on, if whoever asks may see it.
pub fn seen(db: &mut Db, id: u64) -> Result<Subject> {
    let row = find(db, UsageIntakeId(id))?;
    Ok(IntakeRecord::new(&row.intake).subject())
}

fn with_surroundings(db: &mut Db, found: Vec<Intake>) -> Result<Vec<IntakeRow>> {
    let people: Vec<UserId> = found.iter().filter_map(|intake| intake.created_by).collect();
    let names: BTreeMap<UserId, String> = users::table
        .filter(users::id.eq_any(people))
        .select((users::id, users::name))
        .load(db.conn())?
        .into_iter()
        .collect();
    let ids: Vec<TaskId> = found.iter().filter_map(|intake| intake.task_id).collect();
    let at_work: Vec<Task> =
        tasks::table.filter(tasks::id.eq_any(ids)).select(Task::as_select()).load(db.conn())?;
    let at_work: BTreeMap<TaskId, Task> = at_work.into_iter().map(|task| (task.id, task)).collect();
    let complete = |intake: Intake| IntakeRow {
        created_by: intake.created_by.and_then(|user| names.get(&user).cloned()),
        task: intake.task_id.and_then(|id| at_work.get(&id).cloned()),
        intake,
    };
    Ok(found.into_iter().map(complete).collect())
}

type Condition = Box<dyn BoxableExpression<usage_intakes::table, Mysql, SqlType = Bool>>;

/// A piece of the intakes that whoever asks may see, the newest first: of one kind, or of all.
pub fn list(db: &mut Db, kind: Option<IntakeKind>, seek: Seek) -> Result<Stream<IntakeRow>> {
    let (scope, own) = (db.actor().scope(Permission::UsageImport)?, db.actor().user_id);
    let conditions = move || -> Vec<Condition> {
        let mut all: Vec<Condition> = Vec::new();
        if let Some(kind) = kind {
            all.push(Box::new(usage_intakes::kind.eq(kind)));
        }
        if scope != DataScope::All {
            let own = own.unwrap_or(UserId(0));
            all.push(Box::new(usage_intakes::created_by.assume_not_null().eq(own)));
        }
        all
    };
    let mut query = usage_intakes::table.select(Intake::as_select()).limit(PER_PAGE + 1).into_boxed();
    let mut counted = usage_intakes::table.select(usage_intakes::id).into_boxed();
    for condition in conditions() {
        query = query.filter(condition);
    }
    for condition in conditions() {
        counted = counted.filter(condition);
    }
    query = match seek {
        Seek::Newest => query.order(usage_intakes::id.desc()),
        Seek::OlderThan(id) => query.filter(usage_intakes::id.lt(id)).order(usage_intakes::id.desc()),
        Seek::NewerThan(id) => query.filter(usage_intakes::id.gt(id)).order(usage_intakes::id.asc()),
    };
    let found: Vec<Intake> = query.load(db.conn())?;
    let rows = with_surroundings(db, found)?;
    let count = Count::limited(count_up_to_limit(counted, db.conn())?);
    Ok(Stream::of(rows, seek, count, |row: &IntakeRow| row.intake.id.0))
}
