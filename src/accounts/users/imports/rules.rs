//! What becomes of each row of a file, judged against what is there.

use std::collections::{BTreeMap, BTreeSet};

use crate::accounts::departments;
use crate::accounts::departments::model::{DepartmentTree, fold, split_names};
use crate::accounts::roles;
use crate::accounts::roles::model::RoleGrants;
use crate::accounts::users::forms::check_username;
use crate::accounts::users::model::{UserDraft, UserRow};
use crate::i18n::Tr;
use crate::types::ids::{DepartmentId, RoleId};
use crate::types::{Actor, DataScope, FieldErrors, Permission, Refusal};

use super::model::{Newcomer, Plan, PlannedRow, Sheet, SheetRow, Verdict};

/// What is there, as far as the file speaks of it.
pub(super) struct Known<'a> {
    /// Who imports.
    pub(super) actor: &'a Actor,
    /// The users whose names the file uses, whoever may see them.
    pub(super) users: &'a [UserRow],
    /// All roles.
    pub(super) roles: &'a [RoleGrants],
    /// All departments.
    pub(super) tree: &'a DepartmentTree,
}

/// Judges every row.
pub(super) fn plan(sheet: &Sheet, known: &Known<'_>) -> Plan {
    let mut judge = Judge {
        known,
        users: known.users.iter().map(|row| (fold(&row.user.username), row)).collect(),
        lines: BTreeMap::new(),
        places: Places::new(known.actor, known.tree),
    };
    let rows =
        sheet.rows.iter().map(|row| PlannedRow { verdict: judge.verdict(row), row: row.clone() }).collect();
    Plan { rows, departments: judge.places.planned, ignored: sheet.ignored.clone() }
}

/// A value of the file as a sentence can show it.
fn shown(value: &str) -> String {
    if value.chars().count() <= 60 {
        value.to_owned()
    } else {
        value.chars().take(60).chain(['…']).collect()
    }
}

struct Judge<'a> {
    known: &'a Known<'a>,
    users: BTreeMap<String, &'a UserRow>,
    /// The line on which each username of the file stands first.
    lines: BTreeMap<String, usize>,
    places: Places<'a>,
}

impl Judge<'_> {
    fn verdict(&mut self, row: &SheetRow) -> Verdict {
        let mut errors = FieldErrors::new();
        if let Some((values, columns)) = row.surplus {
            errors.add("row", move |t: Tr| t.imports_surplus(columns, values));
            return Verdict::Failed(errors);
        }
        let username = check_username(&mut errors, &row.username);
        self.check_first(&mut errors, &username, row.line);
        let name = errors.required_line("name", &row.name, 100);
        let roles = self.roles(&mut errors, &row.role);
        let place = self.places.find(&mut errors, &row.department);
        let existing = self.users.get(&fold(&username)).copied();
        match (existing, place) {
            (Some(existing), place) if errors.is_empty() => {
                self.compare(&mut errors, existing, &name, &roles, place.as_ref());
                if errors.is_empty() { Verdict::Unchanged } else { Verdict::Failed(errors) }
            }
            (None, Some(place)) if errors.is_empty() => {
                let path = self.places.path(&place);
                if let Err(refusal) = self.may_grant(&roles, path.as_deref()) {
                    return Verdict::Failed(FieldErrors::one("role", move |t| refusal.message.text(t)));
                }
                let (department_id, new_department) = match place {
                    Place::There(id, _) => (Some(id), None),
                    Place::New(full_name) => (None, Some(self.places.promise(full_name))),
                };
                let draft = UserDraft { username, name, email: None, department_id, roles };
                Verdict::Create(Newcomer { draft, new_department })
            }
            _ => Verdict::Failed(errors),
        }
    }

    fn check_first(&mut self, errors: &mut FieldErrors, username: &str, line: usize) {
        if username.is_empty() {
            return;
        }
        let first = *self.lines.entry(fold(username)).or_insert(line);
        if first != line {
            errors.add("username", move |t: Tr| t.imports_duplicate(first));
        }
    }

    /// The roles of a cell: one, by its code or by its name in either language, or several of them.
    fn roles(&self, errors: &mut FieldErrors, cell: &str) -> Vec<RoleId> {
        if cell.is_empty() {
            errors.add("role", Tr::field_required);
            return Vec::new();
        }
        let mut found: Vec<&RoleGrants> = Vec::new();
        // A name of its own may contain a separator.
        let whole = self.role(cell);
        let parts: Vec<&str> = if whole.is_some() { vec![cell] } else { cell.split(SEPARATORS).collect() };
        for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
            if let Some(role) = self.role(part) {
                found.push(role);
            } else {
                let part = shown(part);
                errors.add("role", move |t: Tr| t.imports_role_unknown(&part));
            }
        }
        if found.is_empty() {
            errors.add("role", Tr::field_required);
        }
        found.iter().map(|role| role.role.id).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn may_grant(&self, roles: &[RoleId], path: Option<&str>) -> Result<(), Refusal> {
        let granted =
            self.known.roles.iter().filter(|role| roles.contains(&role.role.id)).map(RoleGrants::grants);
        roles::rules::can_grant_at(self.known.actor, &roles::rules::union(granted), path)
    }

    fn role(&self, wanted: &str) -> Option<&RoleGrants> {
        let wanted = fold(wanted);
        let by_code = self.known.roles.iter().find(|role| role.role.code == wanted);
        by_code.or_else(|| {
            let named = |role: &&RoleGrants| Tr::ALL.iter().any(|t| fold(&role.role.label(*t)) == wanted);
            let mut namesakes = self.known.roles.iter().filter(named);
            namesakes.next().filter(|_| namesakes.next().is_none())
        })
    }

    /// Whether the user is just as the row says; a user out of reach is only said to be there.
    fn compare(
        &self,
        errors: &mut FieldErrors,
        existing: &UserRow,
        name: &str,
        roles: &[RoleId],
        place: Option<&Place>,
    ) {
        if !self.known.actor.reaches(Permission::UserCreate, existing.department_path.as_deref()) {
            errors.add("username", Tr::users_username_taken);
            return;
        }
        if existing.user.name != name {
            let theirs = existing.user.name.clone();
            errors.add("name", move |t: Tr| t.imports_exists_otherwise(&theirs));
        }
        let held: BTreeSet<RoleId> = existing.roles.iter().map(|role| role.id).collect();
        if !held.iter().eq(roles) {
            let theirs = existing.roles.clone();
            errors.add("role", move |t: Tr| {
                t.imports_exists_otherwise(t.join(theirs.iter().map(|role| role.label(t))))
            });
        }
        let is_there = matches!(place, Some(Place::There(id, _)) if existing.user.department_id == Some(*id));
        if !is_there {
            let theirs = existing.department.clone();
            errors.add("department", move |t: Tr| t.imports_exists_otherwise(&theirs));
        }
    }
}

/// What may stand between several roles in a cell.
const SEPARATORS: [char; 7] = [',', '，', '、', ';', '；', '|', '/'];

/// The department of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// It exists, at this path of ids.
    There(DepartmentId, String),
    /// It is to be created, under this full name.
    New(String),
}

/// The departments that exist and those that the import will have created so far.
struct Places<'a> {
    actor: &'a Actor,
    by_full_name: BTreeMap<String, Place>,
    /// The full names, folded, of the departments that share a last name.
    namesakes: BTreeMap<String, Vec<String>>,
    /// The full names to create, each after the one above it.
    planned: Vec<String>,
}

impl<'a> Places<'a> {
    fn new(actor: &'a Actor, tree: &DepartmentTree) -> Places<'a> {
        let (by_full_name, namesakes) = (BTreeMap::new(), BTreeMap::new());
        let mut places = Places { actor, by_full_name, namesakes, planned: Vec::new() };
        for node in tree.nodes() {
            let place = Place::There(node.department.id, node.department.path.clone());
            places.note(&node.full_name, &node.department.name, place);
        }
        places
    }

    fn note(&mut self, full_name: &str, name: &str, place: Place) {
        self.namesakes.entry(fold(name)).or_default().push(fold(full_name));
        self.by_full_name.insert(fold(full_name), place);
    }

    /// The department of a path of names. A single name that only one department of the whole tree has names that one.
    fn find(&self, errors: &mut FieldErrors, cell: &str) -> Option<Place> {
        let names = split_names(cell);
        if names.is_empty() {
            errors.add("department", Tr::field_required);
            return None;
        }
        let full_name = join(&names);
        let known = match (self.by_full_name.get(&fold(&full_name)), names.as_slice()) {
            (None, [name]) => match self.namesakes.get(&fold(name)).map_or(&[][..], Vec::as_slice) {
                [] => None,
                [only] => self.by_full_name.get(only),
                _ => {
                    let name = shown(name);
                    errors.add("department", move |t: Tr| t.imports_department_ambiguous(&name));
                    return None;
                }
            },
            (known, _) => known,
        };
        match known {
            Some(Place::There(_, path)) if !self.actor.reaches(Permission::UserCreate, Some(path)) => {
                errors.add("department", move |t: Tr| t.imports_department_unknown(shown(&full_name)));
                None
            }
            Some(place) => Some(place.clone()),
            None => self.may_create(errors, &names).then_some(Place::New(full_name)),
        }
    }

    /// Where a department is or will be.
    fn path(&self, place: &Place) -> Option<String> {
        let full_name = match place {
            Place::There(_, path) => return Some(path.clone()),
            Place::New(full_name) => full_name,
        };
        let names = split_names(full_name);
        (0..names.len()).fold(None, |above, depth| {
            let so_far = join(names.get(..=depth).unwrap_or_default());
            match self.by_full_name.get(&fold(&so_far)) {
                Some(Place::There(_, path)) => Some(path.clone()),
                _ => Some(path_of_new(above.as_deref())),
            }
        })
    }

    /// Whether the names can be a department, and the actor may create it and put users there.
    fn may_create(&self, errors: &mut FieldErrors, names: &[String]) -> bool {
        let mut good = true;
        for name in names {
            let mut faults = FieldErrors::new();
            faults.required_line("department", name, 100);
            good &= faults.is_empty();
            errors.extend(faults);
        }
        if names.len() > departments::rules::MAX_DEPTH {
            errors.add("department", |t: Tr| t.departments_refused_depth(departments::rules::MAX_DEPTH));
            return false;
        }
        let mut path: Option<String> = None;
        for (depth, _) in names.iter().enumerate() {
            let full_name = join(names.get(..=depth).unwrap_or_default());
            if let Some(Place::There(_, there)) = self.by_full_name.get(&fold(&full_name)) {
                path = Some(there.clone());
                continue;
            }
            let everywhere = self.actor.grants.get(&Permission::DepartmentEdit) == Some(&DataScope::All);
            if !(everywhere
                || path.is_some() && self.actor.reaches(Permission::DepartmentEdit, path.as_deref()))
            {
                errors.add("department", move |t: Tr| t.imports_department_unknown(shown(&full_name)));
                return false;
            }
            path = Some(path_of_new(path.as_deref()));
        }
        if self.actor.reaches(Permission::UserCreate, path.as_deref()) {
            return good;
        }
        let full_name = join(names);
        errors.add("department", move |t: Tr| t.imports_department_unknown(shown(&full_name)));
        false
    }

    /// Counts on the department from here on, and on those above it.
    fn promise(&mut self, full_name: String) -> String {
        let names = split_names(&full_name);
        for (depth, name) in names.iter().enumerate() {
            let above = join(names.get(..=depth).unwrap_or_default());
            if !self.by_full_name.contains_key(&fold(&above)) {
                self.note(&above, name, Place::New(above.clone()));
                self.planned.push(above);
            }
        }
        full_name
    }
}

/// The path of a department to be created. The id that it will have is not known; 0 is nobody's.
fn path_of_new(above: Option<&str>) -> String {
    format!("{}0/", above.unwrap_or("/"))
}

fn join(names: &[String]) -> String {
    names.join(" / ")
}
