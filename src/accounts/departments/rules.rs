//! What may be done with departments.

use std::collections::BTreeMap;

use crate::i18n::Tr;
use crate::types::Refusal;
use crate::types::ids::DepartmentId;

use super::model::{Department, People};

/// The deepest level of the tree: deeper than any company, and safely within the path's column.
pub const MAX_DEPTH: usize = 12;

/// The path of a department below `parent`.
pub fn path_below(parent: Option<&Department>, id: DepartmentId) -> String {
    format!("{}{id}/", parent.map_or("/", |parent| parent.path.as_str()))
}

/// The departments whose path is not that of the department above them and their own id. Where there are none, there
/// is no cycle either: a path grows with every step up.
pub fn misplaced(all: &[Department]) -> Vec<&Department> {
    let by_id: BTreeMap<DepartmentId, &Department> =
        all.iter().map(|department| (department.id, department)).collect();
    let is_misplaced = |department: &&Department| match department.parent_id {
        None => department.path != path_below(None, department.id),
        Some(parent) => {
            by_id.get(&parent).is_none_or(|parent| department.path != path_below(Some(parent), department.id))
        }
    };
    all.iter().filter(is_misplaced).collect()
}

/// How many departments a path leads through.
pub fn depth(path: &str) -> usize {
    path.split('/').filter(|id| !id.is_empty()).count()
}

/// A department never comes to stand below itself.
pub fn can_move(department: &Department, parent: Option<&Department>) -> Result<(), Refusal> {
    match parent {
        Some(parent) if parent.path.starts_with(&department.path) => {
            Err(Refusal::new("department_cycle", Tr::departments_refused_cycle))
        }
        _ => Ok(()),
    }
}

/// The tree does not grow deeper than [`MAX_DEPTH`]; `height` counts the levels that are put below `parent`.
pub fn can_hang(parent: Option<&Department>, height: usize) -> Result<(), Refusal> {
    let above = parent.map_or(0, |parent| depth(&parent.path));
    if above + height > MAX_DEPTH {
        return Err(Refusal::new("department_too_deep", |t: Tr| t.departments_refused_depth(MAX_DEPTH)));
    }
    Ok(())
}

/// A department goes only when nothing hangs below it, and its people have somewhere to go.
pub fn can_delete(children: i64, people: People, has_target: bool) -> Result<(), Refusal> {
    if children > 0 {
        return Err(Refusal::new("department_has_children", move |t: Tr| {
            t.departments_refused_children(children)
        }));
    }
    if people.any() && !has_target {
        return Err(Refusal::new("department_has_people", move |t: Tr| {
            t.departments_refused_people(people.sentence(t))
        }));
    }
    Ok(())
}
