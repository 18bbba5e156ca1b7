//! Changing the tree: the only writer of `departments`.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::accounts::users;
use crate::db::{Tx, errors};
use crate::i18n::Tr;
use crate::schema::departments;
use crate::types::ids::DepartmentId;
use crate::types::{Action, DataScope, Entry, Error, FieldErrors, Permission, Result};

use super::model::{Department, DepartmentDraft, DepartmentNode, DepartmentRecord, fold, split_names};
use super::{queries, rules};

#[diesel::declare_sql_function]
extern "SQL" {
    /// Two texts in one.
    fn concat(start: Text, rest: Text) -> Text;
    /// A text from its n-th character on, counted from 1.
    fn substring(text: Text, from: BigInt) -> Text;
}

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
    if before.parent_id != draft.parent_id {
        relocate(tx, &before, draft)?;
    }
    let now = tx.now();
    diesel::update(departments::table.find(id))
        .set((
            departments::name.eq(&draft.name),
            departments::parent_id.eq(draft.parent_id),
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
        Some(target) if target == id => return Err(unknown("target")(Error::NotFound)),
        Some(target) => {
            Some(queries::lock(tx, Permission::DepartmentEdit, target).map_err(unknown("target"))?)
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
        let there = |node: &&DepartmentNode| fold(&node.full_name) == fold(&so_far);
        parent_id =
            Some(match queries::tree(tx)?.nodes().iter().find(there).map(|node| node.department.id) {
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
        return match scope {
            DataScope::All => Ok(None),
            _ => Err(FieldErrors::one("parent_id", Tr::departments_parent_required).into()),
        };
    };
    queries::lock(tx, Permission::DepartmentEdit, id).map(Some).map_err(unknown("parent_id"))
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

/// Gives a department and all below it the paths of their new place.
fn relocate(tx: &mut Tx, department: &Department, draft: &DepartmentDraft) -> Result<()> {
    let parent = parent_of(tx, draft)?;
    rules::can_move(department, parent.as_ref())?;
    let subtree = queries::lock_subtree(tx, &department.path)?;
    let own_depth = rules::depth(&department.path);
    let height = subtree.iter().map(|below| rules::depth(&below.path) + 1 - own_depth).max().unwrap_or(1);
    rules::can_hang(parent.as_ref(), height)?;
    let path = rules::path_below(parent.as_ref(), department.id);
    let rest = i64::try_from(department.path.len()).unwrap_or(i64::MAX) + 1;
    diesel::update(departments::table.filter(departments::path.like(format!("{}%", department.path))))
        .set(departments::path.eq(concat(path, substring(departments::path, rest))))
        .execute(tx.conn())?;
    Ok(())
}

fn name_taken() -> FieldErrors {
    FieldErrors::one("name", Tr::departments_name_taken)
}

/// A department that does not exist, or is out of reach, is no choice of the field. Any other fault stays what it is:
/// a deadlock wants its second try.
fn unknown(field: &'static str) -> impl FnOnce(Error) -> Error {
    move |fault| match fault {
        Error::NotFound => FieldErrors::one(field, Tr::field_unknown_choice).into(),
        fault => fault,
    }
}
