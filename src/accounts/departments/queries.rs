//! Reading departments.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::{departments, users};
use crate::types::ids::DepartmentId;
use crate::types::{DataScope, Error, Permission, Result};

use super::model::{Department, DepartmentTree};

/// All departments, oldest first.
pub fn all(db: &mut Db) -> Result<Vec<Department>> {
    Ok(departments::table.order(departments::id).select(Department::as_select()).load(db.conn())?)
}

/// The whole tree, for names and choices.
pub fn tree(db: &mut Db) -> Result<DepartmentTree> {
    Ok(DepartmentTree::new(all(db)?))
}

/// The part of the tree that the actor reaches with `permission`. Its roots keep no parent, so that nothing above
/// them shows.
pub fn tree_in_scope(db: &mut Db, permission: Permission) -> Result<DepartmentTree> {
    let scope = db.actor().scope(permission)?;
    let own = match (scope, db.actor().department.clone()) {
        (DataScope::All, _) => return tree(db),
        (DataScope::DepartmentAndBelow | DataScope::Department, Some(own)) => own,
        // A department is nobody's own.
        _ => return Ok(DepartmentTree::default()),
    };
    let mut query = departments::table.order(departments::id).select(Department::as_select()).into_boxed();
    query = match scope {
        DataScope::DepartmentAndBelow => query.filter(departments::path.like(format!("{}%", own.path))),
        _ => query.filter(departments::id.eq(own.id)),
    };
    let mut rows = query.load(db.conn())?;
    for row in &mut rows {
        if row.id == own.id {
            row.parent_id = None;
        }
    }
    Ok(DepartmentTree::new(rows))
}

/// One department within the actor's reach.
pub fn find(db: &mut Db, permission: Permission, id: DepartmentId) -> Result<Department> {
    db.actor().need(permission)?;
    let department: Department =
        departments::table.find(id).select(Department::as_select()).first(db.conn())?;
    if db.actor().reaches(permission, Some(&department.path)) { Ok(department) } else { Err(Error::NotFound) }
}

/// One department within the actor's reach, locked until the transaction ends.
pub fn lock(db: &mut Db, permission: Permission, id: DepartmentId) -> Result<Department> {
    departments::table.find(id).select(departments::id).for_update().first::<DepartmentId>(db.conn())?;
    find(db, permission, id)
}

/// How many live users each department has, without those below it.
pub fn people(db: &mut Db) -> Result<BTreeMap<DepartmentId, i64>> {
    let rows: Vec<(Option<DepartmentId>, i64)> = users::table
        .filter(users::deleted_at.is_null())
        .filter(users::department_id.is_not_null())
        .group_by(users::department_id)
        .select((users::department_id, diesel::dsl::count_star()))
        .load(db.conn())?;
    Ok(rows.into_iter().filter_map(|(id, count)| Some((id?, count))).collect())
}

/// How many departments stand directly below one.
pub fn count_children(db: &mut Db, id: DepartmentId) -> Result<i64> {
    Ok(departments::table.filter(departments::parent_id.eq(id)).count().get_result(db.conn())?)
}

/// How many users, the deleted ones too, belong to a department.
pub fn count_people(db: &mut Db, id: DepartmentId) -> Result<i64> {
    Ok(users::table.filter(users::department_id.eq(id)).count().get_result(db.conn())?)
}

/// A department and all below it.
pub fn subtree(db: &mut Db, path: &str) -> Result<Vec<Department>> {
    Ok(departments::table
        .filter(departments::path.like(format!("{path}%")))
        .order(departments::id)
        .select(Department::as_select())
        .load(db.conn())?)
}
