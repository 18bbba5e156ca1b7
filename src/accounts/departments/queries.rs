//! Reading departments.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::{departments, users};
use crate::types::ids::DepartmentId;
use crate::types::{Error, Permission, Result};

use super::model::{Department, DepartmentTree, People};

/// All departments, oldest first.
pub fn all(db: &mut Db) -> Result<Vec<Department>> {
    Ok(departments::table.order(departments::id).select(Department::as_select()).load(db.conn())?)
}

/// The whole tree, for names and choices.
pub fn tree(db: &mut Db) -> Result<DepartmentTree> {
    Ok(DepartmentTree::new(all(db)?))
}

/// The part of the tree that the actor reaches with `permission`.
pub fn tree_in_scope(db: &mut Db, permission: Permission) -> Result<DepartmentTree> {
    db.actor().need(permission)?;
    Ok(tree(db)?.within(db.actor(), permission))
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

/// How many users belong to a department itself.
pub fn count_people(db: &mut Db, id: DepartmentId) -> Result<People> {
    let theirs = users::table.filter(users::department_id.eq(id));
    Ok(People {
        live: theirs.filter(users::deleted_at.is_null()).count().get_result(db.conn())?,
        deleted: theirs.filter(users::deleted_at.is_not_null()).count().get_result(db.conn())?,
    })
}

/// A department and all below it, locked until the transaction ends: nothing can be put below them meanwhile.
pub fn lock_subtree(db: &mut Db, path: &str) -> Result<Vec<Department>> {
    Ok(departments::table
        .filter(departments::path.like(format!("{path}%")))
        .order(departments::path)
        .select(Department::as_select())
        .for_update()
        .load(db.conn())?)
}
