//! Changing the tree: the only writer of `departments`.

use diesel::prelude::*;

use crate::accounts::users;
use crate::db::{Tx, errors};
use crate::i18n::Tr;
use crate::schema::departments;
use crate::types::ids::DepartmentId;
use crate::types::{Action, DataScope, Entry, Error, FieldErrors, Permission, Result};

use super::model::{Department, DepartmentDraft, DepartmentRecord, split_names};
use super::{queries, rules};

/// Creates a department.
pub fn create(tx: &mut Tx, draft: &DepartmentDraft) -> Result<DepartmentId> {
    let parent = parent_of(tx, draft)?;
    rules::can_hang(parent.as_ref(), 1)?;
    let id = insert(tx, &draft.name, parent.as_ref())?;
    let tree = queries::tree(tx)?;
    let node = tree.get(id).ok_or(Error::NotFound)?;
    tx.audit(Entry::created(Action::DepartmentCreated, &DepartmentRecord::new(&node.department, &tree)));
    Ok(id)
}

/// Renames a department, or moves it with all that is below it.
pub fn update(tx: &mut Tx, id: DepartmentId, version: u32, draft: &DepartmentDraft) -> Result<()> {
    let before = queries::lock(tx, Permission::DepartmentEdit, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    let tree = queries::tree(tx)?;
    let record = DepartmentRecord::new(&before, &tree);
    let moved = before.parent_id != draft.parent_id;
    let parent = if moved { parent_of(tx, draft)? } else { None };
    if moved {
        rules::can_move(&before, parent.as_ref())?;
        relocate(tx, &before, parent.as_ref())?;
    }
    let now = tx.now();
    diesel::update(departments::table.find(id))
        .set((
            departments::name.eq(&draft.name),
            departments::version.eq(departments::version + 1),
            departments::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(errors::unique("departments_sibling_name", name_taken))?;
    let tree = queries::tree(tx)?;
    let node = tree.get(id).ok_or(Error::NotFound)?;
    let entry =
        Entry::changed(Action::DepartmentUpdated, &record, &DepartmentRecord::new(&node.department, &tree));
    if !entry.changes.is_empty() {
        tx.audit(entry);
    }
    Ok(())
}

/// Deletes a department; its people go to `target`.
pub fn delete(tx: &mut Tx, id: DepartmentId, target: Option<DepartmentId>) -> Result<()> {
    let before = queries::lock(tx, Permission::DepartmentEdit, id)?;
    let target = match target {
        Some(target) if target == id => return Err(no_such_target()),
        Some(target) => {
            Some(queries::find(tx, Permission::DepartmentEdit, target).map_err(|_| no_such_target())?)
        }
        None => None,
    };
    let (children, people) = (queries::count_children(tx, id)?, queries::count_people(tx, id)?);
    rules::can_delete(children, people, target.is_some())?;
    let record = DepartmentRecord::new(&before, &queries::tree(tx)?);
    if let Some(target) = &target {
        users::commands::move_all(tx, id, target.id)?;
    }
    diesel::delete(departments::table.find(id)).execute(tx.conn())?;
    tx.audit(Entry::deleted(Action::DepartmentDeleted, &record));
    Ok(())
}

/// The department of a path of names, made where it is missing: for imports.
pub fn find_or_create(tx: &mut Tx, path: &str) -> Result<DepartmentId> {
    if let Some(node) = queries::tree(tx)?.by_names(path) {
        return Ok(node.department.id);
    }
    let mut parent_id = None;
    let mut so_far = String::new();
    for name in split_names(path) {
        so_far = if so_far.is_empty() { name.clone() } else { format!("{so_far} / {name}") };
        let there = queries::tree(tx)?.nodes().iter().find(|n| n.full_name == so_far).map(|n| n.department.id);
        parent_id = Some(match there {
            Some(id) => id,
            None => create(tx, &DepartmentDraft { name, parent_id })?,
        });
    }
    parent_id.ok_or_else(|| FieldErrors::one("department", Tr::field_required).into())
}

fn parent_of(tx: &mut Tx, draft: &DepartmentDraft) -> Result<Option<Department>> {
    let Some(id) = draft.parent_id else {
        // A root belongs to nobody's part of the tree.
        let scope = tx.actor().scope(Permission::DepartmentEdit)?;
        return if scope == DataScope::All { Ok(None) } else { Err(Error::Forbidden) };
    };
    queries::lock(tx, Permission::DepartmentEdit, id)
        .map(Some)
        .map_err(|_| FieldErrors::one("parent_id", Tr::field_unknown_choice).into())
}

fn insert(tx: &mut Tx, name: &str, parent: Option<&Department>) -> Result<DepartmentId> {
    let now = tx.now();
    diesel::insert_into(departments::table)
        .values((
            departments::name.eq(name),
            departments::parent_id.eq(parent.map(|parent| parent.id)),
            departments::path.eq(""),
            departments::created_at.eq(now),
            departments::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(errors::unique("departments_sibling_name", name_taken))?;
    let mut siblings = departments::table.filter(departments::name.eq(name)).into_boxed();
    siblings = match parent {
        Some(parent) => siblings.filter(departments::parent_id.eq(parent.id)),
        None => siblings.filter(departments::parent_id.is_null()),
    };
    let id: DepartmentId = siblings.select(departments::id).first(tx.conn())?;
    diesel::update(departments::table.find(id))
        .set(departments::path.eq(rules::path_below(parent, id)))
        .execute(tx.conn())?;
    Ok(id)
}

fn relocate(tx: &mut Tx, department: &Department, parent: Option<&Department>) -> Result<()> {
    let subtree = queries::subtree(tx, &department.path)?;
    let own_depth = rules::depth(&department.path);
    let height = subtree.iter().map(|below| rules::depth(&below.path) + 1 - own_depth).max().unwrap_or(1);
    rules::can_hang(parent, height)?;
    let path = rules::path_below(parent, department.id);
    for below in &subtree {
        let rest = below.path.strip_prefix(&department.path).unwrap_or_default();
        diesel::update(departments::table.find(below.id))
            .set(departments::path.eq(format!("{path}{rest}")))
            .execute(tx.conn())?;
    }
    diesel::update(departments::table.find(department.id))
        .set(departments::parent_id.eq(parent.map(|parent| parent.id)))
        .execute(tx.conn())
        .map_err(errors::unique("departments_sibling_name", name_taken))?;
    Ok(())
}

fn name_taken() -> FieldErrors {
    FieldErrors::one("name", Tr::departments_name_taken)
}

fn no_such_target() -> Error {
    FieldErrors::one("target", Tr::field_unknown_choice).into()
}
