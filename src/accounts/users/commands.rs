//! Changing users: the only writer of `users` and `user_roles`. Pages, API and command line call the same verbs.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::accounts::departments::model::DepartmentTree;
use crate::accounts::roles::rules::Grants;
use crate::accounts::{departments, roles, sessions};
use crate::db::{Db, Tx, errors};
use crate::i18n::Tr;
use crate::schema::{user_roles, users};
use crate::types::ids::{DepartmentId, RoleId, UserId};
use crate::types::{Action, Actor, Entry, Error, FieldErrors, Permission, Result};

use super::model::{FIRST_ADMIN, ProfileDraft, User, UserDraft, UserRow};
use super::queries::Directory;
use super::rules::Target;
use super::{queries, rules};

/// A password as it is stored, and whether its owner has to replace it at the next sign-in.
#[derive(Debug, Clone)]
pub struct NewPassword {
    /// The argon2id hash.
    pub hash: String,
    /// Whether it is for once.
    pub must_change: bool,
}

/// What new users are checked against, read once for however many.
pub struct Surroundings {
    directory: Directory,
    grants: BTreeMap<RoleId, Grants>,
}

impl Surroundings {
    /// Reads them.
    pub fn load(db: &mut Db) -> Result<Surroundings> {
        Ok(Surroundings { directory: Directory::load(db)?, grants: roles::queries::grants(db)? })
    }
}

/// Creates a user.
pub fn create(tx: &mut Tx, draft: &UserDraft, password: &NewPassword) -> Result<UserId> {
    let surroundings = Surroundings::load(tx)?;
    create_within(tx, &surroundings, draft, password)
}

/// Creates a user, for who has read the surroundings already.
pub fn create_within(
    tx: &mut Tx,
    surroundings: &Surroundings,
    draft: &UserDraft,
    password: &NewPassword,
) -> Result<UserId> {
    let Surroundings { directory, grants } = surroundings;
    let path = check_place(tx.actor(), &directory.departments, Permission::UserCreate, draft.department_id)?;
    check_roles(tx.actor(), grants, &draft.roles, path.as_deref())?;
    let id = insert(tx, draft, password)?;
    let after = queries::get_with(tx, directory, id)?.ok_or(Error::NotFound)?;
    tx.audit(Entry::created(Action::UserCreated, &after.record()));
    Ok(id)
}

/// Creates `admin` where nobody administers yet, even if an import came first; whether it did. Of two processes that
/// start at the same moment one does.
pub fn create_first_admin(tx: &mut Tx, password: &NewPassword) -> Result<bool> {
    queries::lock_active_admins(tx)?;
    if !queries::awaits_first_admin(tx)? {
        return Ok(false);
    }
    let role = roles::queries::by_code(tx, roles::model::ADMIN)?.ok_or(Error::NotFound)?;
    let draft = UserDraft {
        username: FIRST_ADMIN.into(),
        name: "Admin".into(),
        email: None,
        department_id: None,
        roles: vec![role.id],
    };
    create(tx, &draft, password).map(|_| true)
}

/// Edits a user. The username stays.
pub fn update(tx: &mut Tx, id: UserId, version: u32, draft: &UserDraft) -> Result<()> {
    // The role before the user, as everywhere: whoever locks both waits for nobody who waits for them.
    let admins = queries::lock_active_admins(tx)?;
    let before = queries::lock(tx, Permission::UserEdit, id)?;
    rules::can_edit(&before.user)?;
    if before.user.version != version {
        return Err(Error::Stale);
    }
    check_charge(tx, &before)?;
    let grants = roles::queries::grants(tx)?;
    if before.user.department_id == draft.department_id {
        let held: Vec<RoleId> = before.roles.iter().map(|role| role.id).collect();
        let added: Vec<RoleId> = draft.roles.iter().copied().filter(|role| !held.contains(role)).collect();
        check_roles(tx.actor(), &grants, &added, before.department_path.as_deref())?;
    } else {
        // Elsewhere the roles that are kept reach something else, too.
        let tree = departments::queries::tree(tx)?;
        let path = check_place(tx.actor(), &tree, Permission::UserEdit, draft.department_id)?;
        check_roles(tx.actor(), &grants, &draft.roles, path.as_deref())?;
    }
    let loses_admin = before.roles.iter().any(|role| role.is_admin() && !draft.roles.contains(&role.id));
    if loses_admin {
        rules::can_lose_admin(&target(&before, &admins))?;
    }
    let now = tx.now();
    diesel::update(users::table.find(id))
        .set((
            users::name.eq(&draft.name),
            users::email.eq(&draft.email),
            users::department_id.eq(draft.department_id),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(errors::missing("users_department", || unknown("department_id")))?;
    diesel::delete(user_roles::table.filter(user_roles::user_id.eq(id))).execute(tx.conn())?;
    give_roles(tx, id, &draft.roles)?;
    audit_change(tx, Action::UserUpdated, &before, None)
}

/// Disables a user, and signs them out everywhere.
pub fn disable(tx: &mut Tx, id: UserId, reason: Option<&str>) -> Result<()> {
    let admins = queries::lock_active_admins(tx)?;
    let before = queries::lock(tx, Permission::UserDisable, id)?;
    rules::can_disable(tx.actor(), &target(&before, &admins))?;
    check_charge(tx, &before)?;
    let now = tx.now();
    mark(tx, id, Marks { disabled_at: Some(Some(now)), ..Marks::default() })?;
    sessions::commands::end_all(tx, id)?;
    audit_change(tx, Action::UserDisabled, &before, reason)
}

/// Enables a user again.
pub fn enable(tx: &mut Tx, id: UserId) -> Result<()> {
    let before = queries::lock(tx, Permission::UserDisable, id)?;
    rules::can_enable(&before.user)?;
    check_charge(tx, &before)?;
    mark(tx, id, Marks { disabled_at: Some(None), ..Marks::default() })?;
    audit_change(tx, Action::UserEnabled, &before, None)
}

/// Deletes a user, and signs them out everywhere. Their row stays, because history names them.
pub fn delete(tx: &mut Tx, id: UserId, reason: Option<&str>) -> Result<()> {
    let admins = queries::lock_active_admins(tx)?;
    let before = queries::lock(tx, Permission::UserDelete, id)?;
    rules::can_delete(tx.actor(), &target(&before, &admins))?;
    check_charge(tx, &before)?;
    let now = tx.now();
    mark(tx, id, Marks { deleted_at: Some(Some(now)), ..Marks::default() })?;
    sessions::commands::end_all(tx, id)?;
    audit_change(tx, Action::UserDeleted, &before, reason)
}

/// Brings a deleted user back as they were.
pub fn restore(tx: &mut Tx, id: UserId) -> Result<()> {
    let before = queries::lock(tx, Permission::UserDelete, id)?;
    let taken = queries::by_username(tx, &before.user.username)?.is_some();
    rules::can_restore(&before.user, taken)?;
    check_charge(tx, &before)?;
    let now = tx.now();
    diesel::update(users::table.find(id))
        .set((
            users::deleted_at.eq(None::<NaiveDateTime>),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(tx.conn())
        // Somebody took the name between our look and our write.
        .map_err(errors::unique("users_live_username", || {
            FieldErrors::one("username", Tr::users_refused_name_taken)
        }))?;
    audit_change(tx, Action::UserRestored, &before, None)
}

/// Gives a user a password for once, and signs them out everywhere.
pub fn reset_password(tx: &mut Tx, id: UserId, password: &NewPassword) -> Result<()> {
    let before = queries::lock(tx, Permission::UserResetPassword, id)?;
    rules::can_edit(&before.user)?;
    check_charge(tx, &before)?;
    set_password(tx, id, password)?;
    sessions::commands::end_all(tx, id)?;
    tx.audit(Entry::happened(Action::UserPasswordReset, subject(&before)));
    Ok(())
}

/// Signs a user out everywhere; returns of how many browsers.
pub fn sign_out(tx: &mut Tx, id: UserId) -> Result<usize> {
    let before = queries::lock(tx, Permission::UserSignOut, id)?;
    let ended = sessions::commands::end_all(tx, id)?;
    tx.audit(Entry::happened(Action::UserSignedOut, subject(&before)));
    Ok(ended)
}

/// Stores a password: for the owner, who has shown the old one, and for [`reset_password`].
pub(in crate::accounts) fn set_password(tx: &mut Tx, id: UserId, password: &NewPassword) -> Result<()> {
    let now = tx.now();
    diesel::update(users::table.find(id))
        .set((
            users::password_hash.eq(&password.hash),
            users::password_changed_at.eq(now),
            users::must_change_password.eq(password.must_change),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Stores what somebody may change of themselves.
pub(in crate::accounts) fn set_profile(
    tx: &mut Tx,
    id: UserId,
    version: u32,
    profile: &ProfileDraft,
) -> Result<()> {
    users::table.find(id).select(users::id).for_update().first::<UserId>(tx.conn())?;
    let before = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    if before.user.version != version {
        return Err(Error::Stale);
    }
    let now = tx.now();
    diesel::update(users::table.find(id))
        .set((
            users::name.eq(&profile.name),
            users::email.eq(&profile.email),
            users::language.eq(profile.language.map(Tr::tag)),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    audit_change(tx, Action::ProfileUpdated, &before, None)
}

/// Stores the language that somebody chose with the switch: a matter of taste, not of audit.
pub(in crate::accounts) fn set_language(tx: &mut Tx, id: UserId, language: Tr) -> Result<()> {
    diesel::update(users::table.find(id)).set(users::language.eq(language.tag())).execute(tx.conn())?;
    Ok(())
}

/// Notes that somebody has just signed in.
pub(in crate::accounts) fn note_sign_in(tx: &mut Tx, id: UserId) -> Result<()> {
    let now = tx.now();
    diesel::update(users::table.find(id)).set(users::last_signed_in_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// Moves all users of one department, the deleted ones too, to another.
pub(in crate::accounts) fn move_all(tx: &mut Tx, from: DepartmentId, to: DepartmentId) -> Result<()> {
    let theirs = queries::lock_department(tx, from)?;
    let (tree, now) = (departments::queries::tree(tx)?, tx.now());
    diesel::update(users::table.filter(users::department_id.eq(from)))
        .set((users::department_id.eq(to), users::version.eq(users::version + 1), users::updated_at.eq(now)))
        .execute(tx.conn())?;
    for before in theirs {
        let moved = User { department_id: Some(to), ..before.user.clone() };
        let after = UserRow::new(moved, before.roles.clone(), &tree);
        tx.audit(Entry::changed(Action::UserUpdated, &before.record(), &after.record()));
    }
    Ok(())
}

fn insert(tx: &mut Tx, draft: &UserDraft, password: &NewPassword) -> Result<UserId> {
    let now = tx.now();
    diesel::insert_into(users::table)
        .values((
            users::username.eq(&draft.username),
            users::name.eq(&draft.name),
            users::email.eq(&draft.email),
            users::department_id.eq(draft.department_id),
            users::password_hash.eq(&password.hash),
            users::password_changed_at.eq(now),
            users::must_change_password.eq(password.must_change),
            users::created_at.eq(now),
            users::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(|fault| {
            if errors::is_unique_violation(&fault, "users_live_username") {
                FieldErrors::one("username", Tr::users_username_taken).into()
            } else {
                errors::missing("users_department", || unknown("department_id"))(fault)
            }
        })?;
    let id: UserId =
        users::table.filter(users::live_username.eq(&draft.username)).select(users::id).first(tx.conn())?;
    give_roles(tx, id, &draft.roles)?;
    Ok(id)
}

fn give_roles(tx: &mut Tx, id: UserId, roles: &[RoleId]) -> Result<()> {
    let rows: Vec<_> =
        roles.iter().map(|role| (user_roles::user_id.eq(id), user_roles::role_id.eq(*role))).collect();
    diesel::insert_into(user_roles::table)
        .values(rows)
        .execute(tx.conn())
        .map_err(errors::missing("user_roles_role", || unknown("roles")))?;
    Ok(())
}

/// The marks on a user that change one at a time; `None` leaves a mark as it is.
#[expect(
    clippy::option_option,
    reason = "for diesel the outer `None` leaves a column, the inner one clears it"
)]
#[derive(Default, AsChangeset)]
#[diesel(table_name = users)]
struct Marks {
    disabled_at: Option<Option<NaiveDateTime>>,
    deleted_at: Option<Option<NaiveDateTime>>,
}

fn mark(tx: &mut Tx, id: UserId, marks: Marks) -> Result<()> {
    let now = tx.now();
    diesel::update(users::table.find(id))
        .set((marks, users::version.eq(users::version + 1), users::updated_at.eq(now)))
        .execute(tx.conn())?;
    Ok(())
}

/// The path of the department, which exists and lies within the actor's reach. Outside of everything only who reaches
/// all may put one.
fn check_place(
    actor: &Actor,
    tree: &DepartmentTree,
    permission: Permission,
    department: Option<DepartmentId>,
) -> Result<Option<String>> {
    let path = match department {
        None => None,
        Some(id) => Some(tree.get(id).map(|node| node.department.path.clone()).ok_or_else(out_of_reach)?),
    };
    actor.need(permission)?;
    if actor.reaches(permission, path.as_deref()) { Ok(path) } else { Err(out_of_reach()) }
}

fn out_of_reach() -> Error {
    FieldErrors::one("department_id", Tr::users_department_out_of_reach).into()
}

/// The roles exist, and the actor may hand them out to somebody in the department at `path`.
fn check_roles(
    actor: &Actor,
    known: &BTreeMap<RoleId, Grants>,
    ids: &[RoleId],
    path: Option<&str>,
) -> Result<()> {
    let found: Option<Vec<Grants>> = ids.iter().map(|id| known.get(id).cloned()).collect();
    let grants = roles::rules::union(found.ok_or_else(|| unknown("roles"))?);
    Ok(roles::rules::can_grant_at(actor, &grants, path)?)
}

/// A role or department that does not exist, or not any more.
fn unknown(field: &'static str) -> FieldErrors {
    FieldErrors::one(field, Tr::field_unknown_choice)
}

/// Nobody takes charge of somebody who may do more than they.
fn check_charge(tx: &mut Tx, row: &UserRow) -> Result<()> {
    if tx.actor().user_id == Some(row.user.id) {
        return Ok(());
    }
    let grants = roles::queries::grants_of(tx, row.user.id)?;
    Ok(roles::rules::can_grant_at(tx.actor(), &grants, row.department_path.as_deref())?)
}

/// What the rules need to know of a user about to be changed.
pub(super) fn target<'a>(row: &'a UserRow, admins: &[UserId]) -> Target<'a> {
    Target {
        user: &row.user,
        is_active_admin: admins.contains(&row.user.id),
        active_admins: i64::try_from(admins.len()).unwrap_or(i64::MAX),
    }
}

fn subject(row: &UserRow) -> crate::types::Subject {
    use crate::types::audit_entry::Audited as _;
    row.record().subject()
}

fn audit_change(tx: &mut Tx, action: Action, before: &UserRow, reason: Option<&str>) -> Result<()> {
    let after = queries::get(tx, before.user.id)?.ok_or(Error::NotFound)?;
    let entry = Entry::changed(action, &before.record(), &after.record());
    if action != Action::UserUpdated && action != Action::ProfileUpdated || !entry.changes.is_empty() {
        tx.audit(entry.because(reason.map(str::to_owned)));
    }
    Ok(())
}
