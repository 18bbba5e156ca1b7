//! Rows and values of departments.

use std::collections::{BTreeMap, BTreeSet};

use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::i18n::Tr;
use crate::schema::departments;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::DepartmentId;
use crate::types::{Actor, Permission};

/// A department.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = departments, check_for_backend(Mysql))]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// The department above it.
    pub parent_id: Option<DepartmentId>,
    /// Its name, unique among its siblings.
    pub name: String,
    /// The ids from the root to it, as in `/1/4/`.
    pub path: String,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
}

/// How many users belong to a department itself. The deleted ones count too: restored, they need a department.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct People {
    /// Those who work here.
    pub live: i64,
    /// Those who are deleted.
    pub deleted: i64,
}

impl People {
    /// Whether there is anybody at all.
    pub fn any(self) -> bool {
        self.live + self.deleted > 0
    }

    /// The sentence that says how many; blank when there is nobody.
    pub fn sentence(self, t: Tr) -> String {
        match (self.live, self.deleted) {
            (0, 0) => String::new(),
            (live, 0) => t.departments_people_live(live),
            (0, deleted) => t.departments_people_deleted(deleted),
            (live, deleted) => t.departments_people_both(deleted, live),
        }
    }
}

/// A department in its place in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentNode {
    /// The department.
    pub department: Department,
    /// How far below the root it is: 0 at the root.
    pub depth: usize,
    /// The names from the root to it, as in `运营中心 / 华东`.
    pub full_name: String,
}

/// All departments, in the order in which a tree is read.
#[derive(Debug, Clone, Default)]
pub struct DepartmentTree {
    nodes: Vec<DepartmentNode>,
    by_id: BTreeMap<DepartmentId, usize>,
}

impl DepartmentTree {
    /// Builds the tree from its rows, in any order.
    pub fn new(rows: Vec<Department>) -> DepartmentTree {
        let mut children: BTreeMap<Option<DepartmentId>, Vec<Department>> = BTreeMap::new();
        for row in rows {
            children.entry(row.parent_id).or_default().push(row);
        }
        for siblings in children.values_mut() {
            siblings.sort_by_key(|department| std::cmp::Reverse(department.id));
        }
        let mut tree = DepartmentTree::default();
        let mut waiting: Vec<(Department, usize, String)> = children
            .remove(&None)
            .unwrap_or_default()
            .into_iter()
            .map(|root| (root, 0, String::new()))
            .collect();
        while let Some((department, depth, above)) = waiting.pop() {
            let full_name = if above.is_empty() {
                department.name.clone()
            } else {
                format!("{above} / {}", department.name)
            };
            let below = children.remove(&Some(department.id)).unwrap_or_default();
            waiting.extend(below.into_iter().map(|child| (child, depth + 1, full_name.clone())));
            tree.by_id.insert(department.id, tree.nodes.len());
            tree.nodes.push(DepartmentNode { department, depth, full_name });
        }
        tree
    }

    /// The part of the tree that the actor reaches with `permission`. Its roots keep no parent, so that nothing above
    /// them shows.
    #[must_use]
    pub fn within(&self, actor: &Actor, permission: Permission) -> DepartmentTree {
        let reached = |node: &DepartmentNode| actor.reaches(permission, Some(&node.department.path));
        let ids: BTreeSet<DepartmentId> =
            self.nodes.iter().filter(|node| reached(node)).map(|node| node.department.id).collect();
        let cut = |mut department: Department| {
            department.parent_id = department.parent_id.filter(|parent| ids.contains(parent));
            department
        };
        let departments = self.nodes.iter().map(|node| node.department.clone());
        DepartmentTree::new(departments.filter(|department| ids.contains(&department.id)).map(cut).collect())
    }

    /// The departments, each before those below it.
    pub fn nodes(&self) -> &[DepartmentNode] {
        &self.nodes
    }

    /// A department in its place.
    pub fn get(&self, id: DepartmentId) -> Option<&DepartmentNode> {
        self.nodes.get(*self.by_id.get(&id)?)
    }

    /// Adds up what each department has itself (such as people) and what all below it have.
    pub fn with_those_below(&self, own: &BTreeMap<DepartmentId, i64>) -> BTreeMap<DepartmentId, i64> {
        let mut sums: BTreeMap<DepartmentId, i64> = BTreeMap::new();
        // Backwards every department comes after all that are below it.
        for DepartmentNode { department, .. } in self.nodes.iter().rev() {
            let sum = sums.entry(department.id).or_default();
            *sum += own.get(&department.id).copied().unwrap_or_default();
            let sum = *sum;
            if let Some(parent) = department.parent_id {
                *sums.entry(parent).or_default() += sum;
            }
        }
        sums
    }

    /// The names from the root to a department; blank for none.
    pub fn full_name(&self, id: Option<DepartmentId>) -> String {
        id.and_then(|id| self.get(id)).map_or_else(String::new, |node| node.full_name.clone())
    }

    /// The department of a path of names, as in `运营中心/华东`, with `/` or ` / ` between them. A single name that
    /// only one department of the whole tree has names that one.
    pub fn by_names(&self, path: &str) -> Option<&DepartmentNode> {
        let wanted = fold(&split_names(path).join(" / "));
        self.nodes.iter().find(|node| fold(&node.full_name) == wanted).or_else(|| {
            let mut namesakes = self.nodes.iter().filter(|node| fold(&node.department.name) == wanted);
            namesakes.next().filter(|_| namesakes.next().is_none())
        })
    }
}

/// A name as it is compared: case and width do not tell names apart, neither here nor in the database's indexes.
pub fn fold(name: &str) -> String {
    name.nfkc().collect::<String>().to_lowercase()
}

/// The names of a path of names.
pub fn split_names(path: &str) -> Vec<String> {
    path.split(['/', '／']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// A department as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct DepartmentRecord {
    #[serde(skip)]
    id: DepartmentId,
    #[serde(skip)]
    path: String,
    name: String,
    parent: String,
}

impl DepartmentRecord {
    /// The record of a department, with the names above it.
    pub fn new(department: &Department, tree: &DepartmentTree) -> DepartmentRecord {
        DepartmentRecord {
            id: department.id,
            path: department.path.clone(),
            name: department.name.clone(),
            parent: tree.full_name(department.parent_id),
        }
    }
}

impl Audited for DepartmentRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: "department",
            id: Some(self.id.0),
            label: self.name.clone(),
            department_path: Some(self.path.clone()),
        }
    }
}

/// A department as it was asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentDraft {
    /// The name.
    pub name: String,
    /// The department above it.
    pub parent_id: Option<DepartmentId>,
}
