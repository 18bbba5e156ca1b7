//! The pages of departments: the tree, the form of one, its end.

use std::collections::BTreeMap;

use askama::Template;
use serde::Deserialize;

use crate::types::ids::DepartmentId;
use crate::types::{Actor, DataScope, FieldErrors, Permission, Result};
use crate::web::ui::{Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{DeleteForm, DepartmentForm};
use super::model::{Department, DepartmentNode, DepartmentTree, People};
use super::{commands, queries, rules, urls};

/// A department in the tree, with what may be done with it.
struct TreeRow {
    node: DepartmentNode,
    people: i64,
    people_below: i64,
    people_url: Option<String>,
    can_edit: bool,
    no_delete: Option<String>,
}

impl TreeRow {
    /// The row's indentation: its level, from 1 below the root.
    fn class(&self) -> String {
        if self.node.depth == 0 { String::new() } else { format!("lv-{}", self.node.depth) }
    }
}

#[derive(Template)]
#[template(path = "accounts/departments/index.html")]
struct IndexView {
    ui: Ui,
    rows: Vec<TreeRow>,
    people: i64,
    can_create: bool,
    edits_all: bool,
}

/// The tree, as far as the actor reaches it.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let ui = ctx.ui();
    let (tree, people) = ctx
        .read(|db| Ok((queries::tree_in_scope(db, Permission::DepartmentView)?, queries::people(db)?)))
        .await?;
    let rows = tree_rows(&ui, &tree, &people);
    let edits_all = reaches_all(&ui.actor);
    let view = IndexView {
        people: rows.iter().map(|row| row.people).sum(),
        can_create: edits_all || rows.iter().any(|row| row.can_edit),
        edits_all,
        rows,
        ui,
    };
    Ok(Page::new(&ctx, ctx.t.departments_title(), &view).respond())
}

fn tree_rows(ui: &Ui, tree: &DepartmentTree, people: &BTreeMap<DepartmentId, i64>) -> Vec<TreeRow> {
    let with_below = tree.with_those_below(people);
    let mut children: BTreeMap<DepartmentId, i64> = BTreeMap::new();
    for parent in tree.nodes().iter().filter_map(|node| node.department.parent_id) {
        *children.entry(parent).or_default() += 1;
    }
    let row = |node: &DepartmentNode| {
        let (id, path) = (node.department.id, node.department.path.as_str());
        let can_edit = ui.actor.reaches(Permission::DepartmentEdit, Some(path));
        let children = children.get(&id).copied().unwrap_or_default();
        let refusal = rules::can_delete(children, People::default(), false).err();
        TreeRow {
            people: people.get(&id).copied().unwrap_or_default(),
            people_below: with_below.get(&id).copied().unwrap_or_default(),
            people_url: lists_people_below(&ui.actor, path).then(|| urls::people(id)),
            no_delete: refusal.map(|refusal| refusal.message.text(ui.t)),
            node: node.clone(),
            can_edit,
        }
    };
    tree.nodes().iter().map(row).collect()
}

/// Whether the list of users shows all who belong to a department and to those below it, as the tree counts them.
fn lists_people_below(actor: &Actor, path: &str) -> bool {
    actor.reaches(Permission::UserView, Some(path))
        && actor.grants.get(&Permission::UserView) >= Some(&DataScope::DepartmentAndBelow)
}

/// Whether the actor manages the whole tree: only they put a department at its top.
fn reaches_all(actor: &Actor) -> bool {
    actor.reaches(Permission::DepartmentEdit, None)
}

#[derive(Template)]
#[template(path = "accounts/departments/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: DepartmentForm,
    department: Option<Department>,
    heading: String,
    parents: Vec<Choice>,
    can_move: bool,
}

/// The department that a new one is put below.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    parent: String,
}

/// The form of a new department.
pub async fn new(ctx: Ctx, query: Query<NewQuery>) -> Result<Response> {
    let form = DepartmentForm { parent_id: query.0.parent, ..DepartmentForm::default() };
    form_page(&ctx, None, form, FieldErrors::new()).await
}

/// Creates a department.
pub async fn create(ctx: Ctx, form: Form<DepartmentForm>) -> Result<Response> {
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::create(tx, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(_) => Ok(ctx.done(urls::INDEX, ctx.t.departments_created(form.name.trim()))),
        Err(fault) => form_page(&ctx, None, form.0, fault.into_faults("parent_id")?).await,
    }
}

/// The form of an existing department.
pub async fn edit(ctx: Ctx, department: Path<DepartmentId>) -> Result<Response> {
    let id = *department;
    let department = ctx.read(move |db| queries::find(db, Permission::DepartmentEdit, id)).await?;
    let form = DepartmentForm::of(&department);
    form_page(&ctx, Some(department), form, FieldErrors::new()).await
}

/// Renames or moves a department.
pub async fn update(
    ctx: Ctx,
    department: Path<DepartmentId>,
    form: Form<DepartmentForm>,
) -> Result<Response> {
    let (id, version) = (*department, form.version());
    let stored = ctx.read(move |db| queries::find(db, Permission::DepartmentEdit, id)).await?;
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::update(tx, id, version, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::INDEX, ctx.t.departments_updated(form.name.trim()))),
        Err(fault) => form_page(&ctx, Some(stored), form.0, fault.into_faults("parent_id")?).await,
    }
}

async fn form_page(
    ctx: &Ctx,
    department: Option<Department>,
    form: DepartmentForm,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let tree = ctx.read(|db| queries::tree_in_scope(db, Permission::DepartmentEdit)).await?;
    let view = FormView {
        fields: Fields::with(ui.t, errors),
        heading: match &department {
            None => ui.t.departments_new().to_owned(),
            Some(department) => ui.t.departments_edit_of(&department.name),
        },
        parents: parent_choices(&ui, &tree, department.as_ref()),
        can_move: department.as_ref().is_none_or(|department| can_move(&ui.actor, department)),
        department,
        form,
        ui,
    };
    let mut page = Page::new(ctx, view.heading.clone(), &view).crumb(ctx.t.departments_title(), urls::INDEX);
    if faulty {
        page = page.invalid();
    }
    Ok(page.respond())
}

/// The top of what somebody manages hangs below a department that they do not manage: there it stays.
fn can_move(actor: &Actor, department: &Department) -> bool {
    reaches_all(actor) || actor.department.as_ref().is_none_or(|own| own.id != department.id)
}

/// Below which departments one can stand: below all but itself and its own.
fn parent_choices(ui: &Ui, tree: &DepartmentTree, department: Option<&Department>) -> Vec<Choice> {
    let nobody = if reaches_all(&ui.actor) {
        ui.t.departments_parent_none()
    } else {
        ui.t.departments_parent_choose()
    };
    let fits = |node: &&DepartmentNode| {
        department.is_none_or(|department| rules::can_move(department, Some(&node.department)).is_ok())
    };
    let below = tree.nodes().iter().filter(fits).map(|node| Choice::new(node.department.id, &node.full_name));
    std::iter::once(Choice::new("", nobody)).chain(below).collect()
}

#[derive(Template)]
#[template(path = "accounts/departments/delete.html")]
struct DeleteView {
    ui: Ui,
    fields: Fields,
    department: Department,
    text: String,
    refusal: Option<String>,
    /// Where its people can go; empty when it has none.
    targets: Vec<Choice>,
    target: String,
}

/// Asks before a department goes, and where its people go; or says why it stays.
pub async fn confirm_delete(ctx: Ctx, department: Path<DepartmentId>) -> Result<Response> {
    delete_page(&ctx, *department, DeleteForm::default(), FieldErrors::new()).await
}

/// Deletes a department.
pub async fn delete(ctx: Ctx, department: Path<DepartmentId>, form: Form<DeleteForm>) -> Result<Response> {
    let id = *department;
    let stored = ctx.read(move |db| queries::find(db, Permission::DepartmentEdit, id)).await?;
    let outcome = match form.check() {
        Ok(target) => ctx.write(move |tx| commands::delete(tx, id, target)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::INDEX, ctx.t.departments_deleted(stored.name))),
        Err(fault) => delete_page(&ctx, id, form.0, fault.into_faults("target")?).await,
    }
}

async fn delete_page(ctx: &Ctx, id: DepartmentId, form: DeleteForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let department = queries::find(db, Permission::DepartmentEdit, id)?;
            let (children, people) = (queries::count_children(db, id)?, queries::count_people(db, id)?);
            let tree = queries::tree_in_scope(db, Permission::DepartmentEdit)?;
            let targets = target_choices(&ui, &tree, id, people);
            let t = ui.t;
            let nowhere = people.any() && targets.is_empty();
            let refusal = match rules::can_delete(children, people, true) {
                Err(refusal) => Some(refusal.message.text(t)),
                Ok(()) => nowhere.then(|| t.departments_refused_nowhere(people.sentence(t))),
            };
            let text = if people.any() {
                t.departments_delete_move(people.sentence(t))
            } else {
                t.departments_delete_empty().to_owned()
            };
            let fields = Fields::with(t, if refusal.is_some() { FieldErrors::new() } else { errors });
            Ok(DeleteView { fields, department, text, refusal, targets, target: form.target, ui })
        })
        .await?;
    let mut page =
        Page::new(ctx, ctx.t.departments_delete(), &view).crumb(ctx.t.departments_title(), urls::INDEX);
    if faulty {
        page = page.invalid();
    }
    Ok(page.respond())
}

/// Where the people of a department can go: to any other that the actor manages.
fn target_choices(ui: &Ui, tree: &DepartmentTree, id: DepartmentId, people: People) -> Vec<Choice> {
    let others = tree.nodes().iter().filter(|node| people.any() && node.department.id != id);
    let mut choices: Vec<Choice> =
        others.map(|node| Choice::new(node.department.id, &node.full_name)).collect();
    if !choices.is_empty() {
        choices.insert(0, Choice::new("", ui.t.departments_target_choose()));
    }
    choices
}
