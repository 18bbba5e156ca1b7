//! The pages of users: the list, one user, the forms.

use askama::Template;
use askama::filters::Safe;

use crate::accounts::departments;
use crate::accounts::departments::model::DepartmentTree;
use crate::accounts::passwords;
use crate::accounts::preferences;
use crate::accounts::roles;
use crate::accounts::roles::model::{Role, RoleGrants};
use crate::accounts::roles::rules::{can_grant, can_grant_at};
use crate::accounts::sessions;
use crate::accounts::sessions::model::Session;
use crate::audit::entries::{self, timeline, timeline::Timeline};
use crate::db::listing::{Listing, Sort};
use crate::db::remembered;
use crate::i18n::Tr;
use crate::types::ids::UserId;
use crate::types::time::business_day;
use crate::types::{Action, Entry, Error, ExportRecord, FieldErrors, Permission, Result};
use crate::web::download::{Cell, Format, Table};
use crate::web::panels::Panels;
use crate::web::ui::{Badge, Choice, Columns, Fields, FilterBar, Pager, SortHeading, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::commands::NewPassword;
use super::forms::{BulkForm, UserForm, UserQuery};
use super::model::{BulkAction, UserColumn, UserRow, UserState};
use super::queries::Directory;
use super::{commands, queries, rules, urls};

/// The most users that one bulk action changes.
const MAX_BULK: usize = 500;
/// The rows that an export reads at once.
const EXPORT_CHUNK: usize = 2_000;

fn badge(state: UserState, ui: &Ui) -> Badge {
    let tone = match state {
        UserState::Active => Tone::Ok,
        UserState::Disabled => Tone::Off,
        UserState::Deleted => Tone::Bad,
    };
    Badge::new(tone, state.label(ui.t))
}

#[derive(Template)]
#[template(path = "accounts/users/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    columns: Columns,
    sort: Sort<UserColumn>,
    listing: Listing<UserRow>,
    pager: Pager,
    can_change: bool,
}

impl IndexView {
    fn heading(&self, column: UserColumn, label: &str) -> SortHeading {
        SortHeading::new(&self.ui, self.sort, column, label)
    }

    fn badge(&self, row: &UserRow) -> Badge {
        badge(row.user.state(), &self.ui)
    }
}

fn columns(ui: &Ui, chosen: Option<&str>) -> Columns {
    let t = ui.t;
    let all = vec![
        ("name", t.users_name().to_owned()),
        ("department", t.users_department().to_owned()),
        ("roles", t.users_roles().to_owned()),
        ("state", t.users_state().to_owned()),
        ("last_signed_in", t.users_last_signed_in().to_owned()),
        ("email", t.users_email().to_owned()),
        ("created", t.users_created().to_owned()),
    ];
    Columns::new("users", all, &["name", "department", "roles", "state", "last_signed_in"], chosen)
}

fn filter_bar(ui: &Ui, roles: &[Role], tree: &DepartmentTree, columns: &Columns) -> FilterBar {
    let t = ui.t;
    let states = UserState::ALL.iter().map(|state| Choice::new(state, state.label(t))).collect();
    let bar = FilterBar::new(ui, t.users_filter())
        .search(t.users_search())
        .select("role", t.users_role(), t.users_all_roles(), role_choices(ui, roles))
        .select("department", t.users_department(), t.users_all_departments(), department_choices(tree))
        .select("state", t.users_state(), t.users_all_states(), states)
        .columns(columns);
    if ui.can(Permission::UserExport) { bar.export("/users/export") } else { bar }
}

fn role_choices(ui: &Ui, roles: &[Role]) -> Vec<Choice> {
    roles.iter().map(|role| Choice::new(role.id, role.label(ui.t))).collect()
}

fn department_choices(tree: &DepartmentTree) -> Vec<Choice> {
    tree.nodes().iter().map(|node| Choice::new(node.department.id, &node.full_name)).collect()
}

/// The list.
pub async fn index(ctx: Ctx, query: Query<UserQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx
        .read(move |db| {
            let chosen = preferences::queries::columns(db, "users")?;
            let columns = columns(&ui, chosen.as_deref());
            let directory = remembered(db, "accounts.directory", Directory::load)?;
            let within = directory.departments.within(&ui.actor, Permission::UserView);
            let listing = queries::list_with(db, &directory, &query.filter(), query.sort(), query.page())?;
            Ok(IndexView {
                filter: filter_bar(&ui, &directory.roles, &within, &columns),
                pager: Pager::new(&ui, &listing),
                can_change: BulkAction::ALL.iter().any(|action| ui.can(action.permission())),
                sort: query.sort(),
                columns,
                listing,
                ui,
            })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.users_title(), &view).listing().respond())
}

/// Exports exactly what the filter lets through, and notes who took what along.
pub async fn export(ctx: Ctx, form: Form<UserQuery>) -> Result<Response> {
    let (t, query) = (ctx.t, form.0);
    let format: Format = query.format.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    let name = format!("users-{}", business_day(ctx.now()));
    let file = format!("{name}.{format}");
    let finished = ctx
        .write(move |tx| {
            let heading = [
                t.users_username(),
                t.users_name(),
                t.users_email(),
                t.users_department(),
                t.users_roles(),
                t.users_state(),
                t.users_last_signed_in(),
                t.users_created(),
            ];
            let mut table = Table::begin(format, t.users_title(), &heading.map(str::to_owned))?;
            let directory = Directory::load(tx)?;
            let ids = queries::ids_to_export(tx, &query.check()?, query.sort())?;
            for some in ids.chunks(EXPORT_CHUNK) {
                for row in &queries::with_ids(tx, &directory, some)? {
                    table.row(&cells(row, t))?;
                }
            }
            let record = ExportRecord::new("user", file.clone(), ids.len(), &query);
            tx.audit(Entry::created(Action::UserExported, &record));
            table.finish()
        })
        .await?;
    Ok(finished.respond(&name))
}

fn cells(row: &UserRow, t: Tr) -> [Cell; 8] {
    let user = &row.user;
    [
        user.username.as_str().into(),
        user.name.as_str().into(),
        user.email.clone().into(),
        row.department.as_str().into(),
        t.join(row.roles.iter().map(|role| role.label(t))).into(),
        user.state().label(t).into(),
        user.last_signed_in_at.into(),
        user.created_at.into(),
    ]
}

#[derive(Template)]
#[template(path = "accounts/users/show.html")]
struct ShowView {
    ui: Ui,
    row: UserRow,
    badge: Badge,
    grants: Vec<(String, String)>,
    sessions: Option<Vec<Session>>,
    history: Option<Timeline>,
    panels: Safe<String>,
    charge: Option<String>,
    disable: Option<String>,
    delete: Option<String>,
}

impl ShowView {
    /// Whether the actor may do this to this very user.
    fn may(&self, permission: Permission) -> bool {
        queries::in_reach(&self.ui.actor, permission, &self.row)
    }
}

/// One user: who they are, what they may do, where they are signed in.
pub async fn show(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    let (ui, id, panels) = (ctx.ui(), *user, ctx.state.part::<Panels>()?);
    let view = ctx
        .read(move |db| {
            let row = queries::find(db, Permission::UserView, id)?;
            let grants = roles::queries::grants_of(db, id)?;
            let sees_sessions = queries::in_reach(&ui.actor, Permission::UserSignOut, &row);
            let sessions = sees_sessions.then(|| sessions::queries::of_user(db, id)).transpose()?;
            let history = entries::queries::of_subject(db, "user", id.0, timeline::LENGTH)?;
            let admins = queries::active_admins(db)?;
            let target = commands::target(&row, &admins);
            let why =
                |outcome: Result<(), crate::types::Refusal>| outcome.err().map(|no| no.message.text(ui.t));
            let oneself = ui.actor.user_id == Some(id);
            let path = row.department_path.as_deref();
            Ok(ShowView {
                charge: if oneself { None } else { why(can_grant_at(&ui.actor, &grants, path)) },
                disable: why(rules::can_disable(&ui.actor, &target)),
                delete: why(rules::can_delete(&ui.actor, &target)),
                badge: badge(row.user.state(), &ui),
                grants: grants.iter().map(|(p, scope)| (p.label(ui.t), scope.label(ui.t))).collect(),
                sessions,
                history: history.map(|entries| Timeline::new(ui.t, "user", id.0, &entries)),
                panels: panels.of(db, &ui, "user", id.0)?,
                row,
                ui,
            })
        })
        .await?;
    let title = view.row.user.name.clone();
    Ok(Page::new(&ctx, title, &view).crumb(ctx.t.users_title(), urls::INDEX).respond())
}

#[derive(Template)]
#[template(path = "accounts/users/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: UserForm,
    id: Option<UserId>,
    heading: String,
    roles: Vec<Choice>,
    departments: Vec<Choice>,
}

/// The form of a new user.
pub async fn new(ctx: Ctx) -> Result<Response> {
    form_page(&ctx, None, UserForm::default(), FieldErrors::new()).await
}

/// Creates a user, and shows their password this once.
pub async fn create(ctx: Ctx, form: Form<UserForm>) -> Result<Response> {
    let draft = match form.check() {
        Ok(draft) => draft,
        Err(errors) => return form_page(&ctx, None, form.0, errors).await,
    };
    let password = passwords::one_time();
    let typed = password.clone();
    let hash = ctx.hash(move || passwords::hash(&typed)).await?;
    let new = NewPassword { hash, must_change: true };
    match ctx.write(move |tx| commands::create(tx, &draft, &new)).await {
        Ok(id) => super::state_pages::show_password(&ctx, id, password, ctx.t.users_created_title()).await,
        Err(fault) => form_page(&ctx, None, form.0, fault.into_faults("roles")?).await,
    }
}

/// The form of an existing user.
pub async fn edit(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    let id = *user;
    let form = ctx
        .read(move |db| {
            let row = queries::find(db, Permission::UserEdit, id)?;
            rules::can_edit(&row.user)?;
            Ok(UserForm::of(&row))
        })
        .await?;
    form_page(&ctx, Some(id), form, FieldErrors::new()).await
}

/// Edits a user.
pub async fn update(ctx: Ctx, user: Path<UserId>, form: Form<UserForm>) -> Result<Response> {
    let (id, version) = (*user, form.version());
    // Outside of their reach there is no user, whatever the form says.
    ctx.read(move |db| queries::find(db, Permission::UserEdit, id)).await?;
    let draft = match form.check() {
        Ok(draft) => draft,
        Err(errors) => return form_page(&ctx, Some(id), form.0, errors).await,
    };
    match ctx.write(move |tx| commands::update(tx, id, version, &draft)).await {
        Ok(()) => Ok(ctx.done(urls::user(id), ctx.t.users_updated())),
        Err(fault) => form_page(&ctx, Some(id), form.0, fault.into_faults("roles")?).await,
    }
}

async fn form_page(ctx: &Ctx, id: Option<UserId>, form: UserForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let permission = if id.is_some() { Permission::UserEdit } else { Permission::UserCreate };
    let view = ctx
        .read(move |db| {
            let roles = roles::queries::list(db)?;
            let tree = departments::queries::tree_in_scope(db, permission)?;
            let row = id.map(|id| queries::find(db, permission, id)).transpose()?;
            let t = ui.t;
            Ok(FormView {
                fields: Fields::with(t, errors),
                heading: row
                    .as_ref()
                    .map_or_else(|| t.users_new().into(), |row| t.users_edit_of(&row.user.name)),
                roles: roles.iter().map(|grants| role_choice(&ui, grants)).collect(),
                departments: place_choices(&ui, permission, &tree, row.as_ref()),
                form,
                id,
                ui,
            })
        })
        .await?;
    let mut page = Page::new(ctx, view.heading.clone(), &view).crumb(ctx.t.users_title(), urls::INDEX);
    if faulty {
        page = page.invalid();
    }
    Ok(page.respond())
}

/// A role, locked when the actor may not hand it out.
fn role_choice(ui: &Ui, grants: &RoleGrants) -> Choice {
    let choice = Choice::new(grants.role.id, grants.role.label(ui.t))
        .help(ui.t.roles_reach(grants.permissions.len(), grants.role.data_scope.label(ui.t)));
    match can_grant(&ui.actor, &grants.grants()) {
        Ok(()) => choice,
        Err(refusal) => choice.locked(refusal.message.text(ui.t)),
    }
}

/// The departments within reach, and where the user is already: nobody has to move them in order to save. No department
/// is a choice for who reaches everything, too.
fn place_choices(
    ui: &Ui,
    permission: Permission,
    tree: &DepartmentTree,
    row: Option<&UserRow>,
) -> Vec<Choice> {
    let current = row.and_then(|row| row.user.department_id);
    let mut all = Vec::new();
    let has_none = row.is_some() && current.is_none();
    if has_none || ui.actor.reaches(permission, None) {
        all.push(Choice::new("", ui.t.users_no_department()));
    }
    all.extend(
        row.filter(|_| current.is_some_and(|id| tree.get(id).is_none()))
            .map(|row| Choice::new(current.map_or_else(String::new, |id| id.to_string()), &row.department)),
    );
    all.extend(department_choices(tree));
    all
}

/// One action on all users that were ticked. Those whom it does not apply to are left as they are, and counted.
pub async fn bulk(ctx: Ctx, form: Form<BulkForm>) -> Result<Response> {
    let action: BulkAction = form.action.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    ctx.actor.need(action.permission())?;
    let ids: Vec<UserId> = form.id.iter().filter_map(|id| id.parse().ok()).take(MAX_BULK).collect();
    let (mut done, mut left) = (0, 0);
    for id in &ids {
        match one_of_many(&ctx, action, *id).await {
            Ok(()) => done += 1,
            Err(Error::Refused(_) | Error::NotFound | Error::Busy(..) | Error::Deadlock) => left += 1,
            Err(Error::Unavailable(_)) if done > 0 => {
                // Nobody else can be changed now, and what was done is not kept quiet.
                left = ids.len() - done;
                break;
            }
            Err(fault) => return Err(fault),
        }
    }
    let back = crate::web::ctx::safe_path(&form.back).unwrap_or(urls::INDEX).to_owned();
    Ok(match (done, left) {
        (0, 0) => ctx.refused(back, ctx.t.users_bulk_nobody()),
        (0, left) => ctx.refused(back, ctx.t.users_bulk_none(left)),
        (done, 0) => ctx.done(back, ctx.t.users_bulk_done(done)),
        (done, left) => ctx.done(back, ctx.t.users_bulk_some(done, left)),
    })
}

async fn one_of_many(ctx: &Ctx, action: BulkAction, id: UserId) -> Result<()> {
    ctx.write(move |tx| match action {
        BulkAction::Enable => commands::enable(tx, id),
        BulkAction::Disable => commands::disable(tx, id, None),
        BulkAction::SignOut => commands::sign_out(tx, id).map(|_| ()),
    })
    .await
}
