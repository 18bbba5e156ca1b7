//! The pages of roles: the matrix of what they grant, one role, its form, its end.

use askama::Template;
use serde::Deserialize;

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::RoleId;
use crate::types::{DataScope, FieldErrors, Permission, Refusal, Result};
use crate::web::ui::{Badge, Choice, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::RoleForm;
use super::model::{Role, RoleGrants};
use super::rules::Grants;
use super::{commands, queries, rules, urls};

/// The permissions of a room, each with what a page says of it.
struct Room<T> {
    label: String,
    permissions: Vec<T>,
}

/// All rooms, with what `show` makes of each permission; rooms in which that is nothing are left out.
fn rooms<T>(t: Tr, show: impl Fn(Permission) -> Option<T>) -> Vec<Room<T>> {
    let all = Permission::by_room().into_iter().map(|(room, permissions)| Room {
        label: t.label("room", room),
        permissions: permissions.into_iter().filter_map(&show).collect(),
    });
    all.filter(|room| !room.permissions.is_empty()).collect()
}

/// The sentence of a refusal, for a button that cannot be pressed.
fn why(outcome: Result<(), Refusal>, t: Tr) -> Option<String> {
    outcome.err().map(|refusal| refusal.message.text(t))
}

/// Whether the number of holders is also that of the list behind it.
fn may_list_holders(ui: &Ui) -> bool {
    ui.actor.grants.get(&Permission::UserView) == Some(&DataScope::All)
}

/// A row of the matrix: a permission, and for every role whether it grants it.
struct MatrixRow {
    label: String,
    granted: Vec<bool>,
}

#[derive(Template)]
#[template(path = "accounts/roles/index.html")]
struct IndexView {
    ui: Ui,
    roles: Vec<RoleGrants>,
    rooms: Vec<Room<MatrixRow>>,
    lists_holders: bool,
}

/// What every role grants.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let (ui, roles) = (ctx.ui(), ctx.read(queries::list).await?);
    let row = |permission: Permission| {
        let granted = roles.iter().map(|grants| grants.permissions.contains(&permission)).collect();
        Some(MatrixRow { label: permission.label(ui.t), granted })
    };
    let view = IndexView { rooms: rooms(ui.t, row), lists_holders: may_list_holders(&ui), roles, ui };
    Ok(Page::new(&ctx, ctx.t.roles_title(), &view).respond())
}

#[derive(Template)]
#[template(path = "accounts/roles/show.html")]
struct ShowView {
    ui: Ui,
    grants: RoleGrants,
    rooms: Vec<Room<String>>,
    lists_holders: bool,
    no_edit: Option<String>,
    no_delete: Option<String>,
}

/// One role: what it grants, and how many hold it.
pub async fn show(ctx: Ctx, role: Path<RoleId>) -> Result<Response> {
    let (ui, id) = (ctx.ui(), *role);
    let read = move |db: &mut Db| Ok((queries::find(db, id)?, queries::count_deleted_holders(db, id)?));
    let (grants, deleted_holders) = ctx.read(read).await?;
    let granted = |permission| grants.permissions.contains(&permission).then(|| permission.label(ui.t));
    let in_charge = || rules::can_grant(&ui.actor, &grants.grants());
    let view = ShowView {
        rooms: rooms(ui.t, granted),
        lists_holders: may_list_holders(&ui),
        no_edit: why(rules::can_change(&grants.role).and_then(|()| in_charge()), ui.t),
        no_delete: why(
            rules::can_delete(&grants.role, grants.users, deleted_holders).and_then(|()| in_charge()),
            ui.t,
        ),
        grants,
        ui,
    };
    Ok(Page::new(&ctx, view.grants.role.label(ctx.t), &view).crumb(ctx.t.roles_menu(), urls::INDEX).respond())
}

#[derive(Template)]
#[template(path = "accounts/roles/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: RoleForm,
    role: Option<Role>,
    heading: String,
    scopes: Vec<Choice>,
    rooms: Vec<Room<Choice>>,
}

impl FormView {
    fn new(ui: Ui, role: Option<Role>, form: RoleForm, errors: FieldErrors) -> FormView {
        let t = ui.t;
        let scopes =
            DataScope::ALL.iter().map(|scope| Choice::new(scope, t.label("scope_help", scope.as_str())));
        FormView {
            fields: Fields::with(t, errors),
            heading: role
                .as_ref()
                .map_or_else(|| t.roles_new().to_owned(), |role| t.roles_edit_of(role.label(t))),
            scopes: std::iter::once(Choice::new("", t.roles_data_scope_choose())).chain(scopes).collect(),
            rooms: rooms(t, |permission| Some(permission_choice(&ui, &form, permission))),
            form,
            role,
            ui,
        }
    }

    /// The name on screen: of a built-in role that of the catalogue of words.
    fn name(&self) -> String {
        match &self.role {
            Some(role) if role.builtin => role.label(self.ui.t),
            _ => self.form.name.clone(),
        }
    }

    fn respond(&self, ctx: &Ctx, faulty: bool) -> Response {
        let mut page = Page::new(ctx, self.heading.clone(), self).crumb(ctx.t.roles_menu(), urls::INDEX);
        if faulty {
            page = page.invalid();
        }
        page.respond()
    }
}

/// A permission to tick, locked when the actor could not even grant its narrowest form; one that is granted stays free
/// to be taken away.
fn permission_choice(ui: &Ui, form: &RoleForm, permission: Permission) -> Choice {
    let choice = Choice::new(permission, permission.label(ui.t));
    let narrowest = Grants::from([(permission, DataScope::Own)]);
    let is_granted = form.permissions.iter().any(|code| code == permission.as_str());
    if is_granted || rules::can_grant(&ui.actor, &narrowest).is_ok() {
        choice
    } else {
        choice.locked(ui.t.roles_permission_locked())
    }
}

/// The role that a new one begins as a copy of.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    copy: String,
}

/// The form of a new role.
pub async fn new(ctx: Ctx, query: Query<NewQuery>) -> Result<Response> {
    let form = match query.copy.parse::<RoleId>() {
        Err(_) => RoleForm::default(),
        Ok(id) => {
            let original = ctx.read(move |db| queries::find(db, id)).await?;
            let name = ctx.t.roles_copy_name(original.role.label(ctx.t)).chars().take(100).collect();
            RoleForm { code: String::new(), name, ..RoleForm::of(&original) }
        }
    };
    Ok(FormView::new(ctx.ui(), None, form, FieldErrors::new()).respond(&ctx, false))
}

/// Creates a role.
pub async fn create(ctx: Ctx, form: Form<RoleForm>) -> Result<Response> {
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::create(tx, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(id) => Ok(ctx.done(urls::role(id), ctx.t.roles_created(form.name.trim()))),
        Err(fault) => Ok(FormView::new(ctx.ui(), None, form.0, fault.into_faults("")?).respond(&ctx, true)),
    }
}

/// The form of an existing role; that of a fixed one leads back to it, and says why.
pub async fn edit(ctx: Ctx, role: Path<RoleId>) -> Result<Response> {
    let id = *role;
    let grants = ctx.read(move |db| queries::find(db, id)).await?;
    if let Some(why) = why(rules::can_change(&grants.role), ctx.t) {
        return Ok(ctx.refused(urls::role(id), why));
    }
    let form = RoleForm::of(&grants);
    Ok(FormView::new(ctx.ui(), Some(grants.role), form, FieldErrors::new()).respond(&ctx, false))
}

/// Edits a role.
pub async fn update(ctx: Ctx, role: Path<RoleId>, form: Form<RoleForm>) -> Result<Response> {
    let id = *role;
    let stored = ctx.read(move |db| queries::find(db, id)).await?.role;
    let form = form.0.keeping_fixed(&stored);
    let version = form.version();
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::update(tx, id, version, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => {
            let named = Role { name: form.name.trim().to_owned(), ..stored };
            Ok(ctx.done(urls::role(id), ctx.t.roles_updated(named.label(ctx.t))))
        }
        Err(fault) => {
            Ok(FormView::new(ctx.ui(), Some(stored), form, fault.into_faults("")?).respond(&ctx, true))
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/roles/delete.html")]
struct DeleteView {
    ui: Ui,
    grants: RoleGrants,
    name: String,
    refusal: Option<String>,
    deleted_holders: i64,
}

/// Asks before a role goes, or says why it stays.
pub async fn confirm_delete(ctx: Ctx, role: Path<RoleId>) -> Result<Response> {
    Ok(delete_page(&ctx, *role).await?.respond(&ctx, false))
}

/// Deletes a role.
pub async fn delete(ctx: Ctx, role: Path<RoleId>) -> Result<Response> {
    let id = *role;
    let page = delete_page(&ctx, id).await?;
    match ctx.write(move |tx| commands::delete(tx, id)).await {
        Ok(()) => Ok(ctx.done(urls::INDEX, ctx.t.roles_deleted(page.name))),
        Err(fault) => {
            let refusal = fault.into_faults("")?.get("").map(|message| message.text(ctx.t));
            Ok(DeleteView { refusal, ..page }.respond(&ctx, true))
        }
    }
}

async fn delete_page(ctx: &Ctx, id: RoleId) -> Result<DeleteView> {
    let ui = ctx.ui();
    ctx.read(move |db| {
        let grants = queries::find(db, id)?;
        let deleted_holders = queries::count_deleted_holders(db, id)?;
        let may = rules::can_delete(&grants.role, grants.users, deleted_holders)
            .and_then(|()| rules::can_grant(&ui.actor, &grants.grants()));
        Ok(DeleteView { refusal: why(may, ui.t), deleted_holders, name: grants.role.label(ui.t), grants, ui })
    })
    .await
}

impl DeleteView {
    fn respond(&self, ctx: &Ctx, faulty: bool) -> Response {
        let mut page = Page::new(ctx, ctx.t.roles_delete(), self)
            .crumb(ctx.t.roles_menu(), urls::INDEX)
            .crumb(self.name.clone(), urls::role(self.grants.role.id));
        if faulty {
            page = page.invalid();
        }
        page.respond()
    }
}
