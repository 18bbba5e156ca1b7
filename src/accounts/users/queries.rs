//! Reading users, always within the data scope of who asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDateTime;
use diesel::dsl::{count_star, exists};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Unsigned};

use crate::accounts::departments;
use crate::accounts::departments::model::DepartmentTree;
use crate::accounts::roles::model::{ADMIN, Role};
use crate::accounts::roles::queries as role_queries;
use crate::db::listing::{Listing, PageRequest, Sort};
use crate::db::{Db, like, remembered};
use crate::schema::{departments as department_rows, roles, user_roles, users};
use crate::types::audit_entry::{Audited as _, Subject};
use crate::types::ids::{DepartmentId, RoleId, UserId};
use crate::types::{Actor, DataScope, Error, Permission, Result};

use super::model::{FIRST_ADMIN, Person, User, UserColumn, UserFilter, UserRow, UserState};
use super::rules::can_edit;

/// The filtered rows in their order. A macro, because diesel gives each selection a type of its own.
macro_rules! ordered {
    ($query:expr, $conditions:expr, $sort:expr) => {{
        let query = $conditions.into_iter().fold($query, |query, condition| query.filter(condition));
        match ($sort.column, $sort.descending) {
            (UserColumn::Username, false) => query.order((users::username.asc(), users::id.asc())),
            (UserColumn::Username, true) => query.order((users::username.desc(), users::id.desc())),
            (UserColumn::Name, false) => query.order((users::name.asc(), users::id.asc())),
            (UserColumn::Name, true) => query.order((users::name.desc(), users::id.desc())),
            (UserColumn::LastSignedIn, false) => {
                query.order((users::last_signed_in_at.asc(), users::id.asc()))
            }
            (UserColumn::LastSignedIn, true) => {
                query.order((users::last_signed_in_at.desc(), users::id.desc()))
            }
            (UserColumn::Created, false) => query.order((users::created_at.asc(), users::id.asc())),
            (UserColumn::Created, true) => query.order((users::created_at.desc(), users::id.desc())),
        }
    }};
}

type Condition = Box<dyn BoxableExpression<users::table, Mysql, SqlType = Nullable<Bool>>>;

/// Who is within the reach of all these permissions; oneself always is.
fn scoped(actor: &Actor, permissions: &[Permission]) -> Result<Option<Condition>> {
    let mut scope = DataScope::All;
    for permission in permissions {
        scope = scope.min(actor.scope(*permission)?);
    }
    if scope == DataScope::All {
        return Ok(None);
    }
    let oneself = users::id.nullable().eq(actor.user_id);
    let condition: Condition = match (scope, &actor.department) {
        (DataScope::DepartmentAndBelow, Some(own)) => {
            let below = department_rows::table
                .filter(department_rows::path.like(format!("{}%", own.path)))
                .select(department_rows::id.nullable());
            Box::new(oneself.or(users::department_id.eq_any(below)))
        }
        (DataScope::Department, Some(own)) => Box::new(oneself.or(users::department_id.eq(own.id))),
        _ => Box::new(oneself),
    };
    Ok(Some(condition))
}

/// Whether the user is within the reach of `permission`.
pub fn in_reach(actor: &Actor, permission: Permission, row: &UserRow) -> bool {
    let oneself = actor.user_id == Some(row.user.id) && actor.can(permission);
    oneself || actor.reaches(permission, row.department_path.as_deref())
}

/// The users that the filter lets through, within reach.
fn conditions(db: &mut Db, permissions: &[Permission], filter: &UserFilter) -> Result<Vec<Condition>> {
    let mut all: Vec<Condition> = Vec::new();
    all.extend(scoped(db.actor(), permissions)?);
    match filter.state {
        None => all.push(Box::new(users::deleted_at.is_null().nullable())),
        Some(UserState::Deleted) => all.push(Box::new(users::deleted_at.is_not_null().nullable())),
        Some(UserState::Disabled) => {
            all.push(Box::new(users::deleted_at.is_null().and(users::disabled_at.is_not_null()).nullable()));
        }
        Some(UserState::Active) => {
            all.push(Box::new(users::deleted_at.is_null().and(users::disabled_at.is_null()).nullable()));
        }
    }
    if !filter.q.is_empty() {
        let pattern = like::containing(&filter.q);
        all.push(Box::new(
            users::username
                .like(pattern.clone())
                .or(users::name.like(pattern.clone()))
                .nullable()
                .or(users::email.like(pattern)),
        ));
    }
    if let Some(role) = filter.role {
        let holders = user_roles::table
            .filter(user_roles::role_id.eq(role))
            .filter(user_roles::user_id.eq(users::id))
            .select(user_roles::user_id);
        all.push(Box::new(exists(holders).nullable()));
    }
    if let Some(department) = filter.department {
        let path: Option<String> = department_rows::table
            .find(department)
            .select(department_rows::path)
            .first(db.conn())
            .optional()?;
        let below = department_rows::table
            .filter(department_rows::path.like(format!("{}%", path.unwrap_or_else(|| "-".into()))))
            .select(department_rows::id.nullable());
        all.push(Box::new(users::department_id.eq_any(below)));
    }
    Ok(all)
}

/// What rows of users are completed with, read once for however many.
pub struct Directory {
    /// All departments.
    pub departments: DepartmentTree,
    /// All roles.
    pub roles: Vec<Role>,
}

impl Directory {
    /// Reads it.
    pub fn load(db: &mut Db) -> Result<Directory> {
        Ok(Directory { departments: departments::queries::tree(db)?, roles: role_queries::choices(db)? })
    }

    fn complete(&self, rows: Vec<(User, Option<String>)>) -> Vec<UserRow> {
        let complete = |(user, role_ids): (User, Option<String>)| {
            let held: Vec<RoleId> =
                role_ids.iter().flat_map(|ids| ids.split(',')).filter_map(|id| id.parse().ok()).collect();
            let roles = self.roles.iter().filter(|role| held.contains(&role.id)).cloned().collect();
            UserRow::new(user, roles, &self.departments)
        };
        rows.into_iter().map(complete).collect()
    }
}

diesel::define_sql_function! {
    /// The values of a group in one text, with commas between them.
    #[aggregate]
    fn group_concat(value: Unsigned<BigInt>) -> Nullable<Text>;
}

/// A user with the ids of their roles, in one row. A macro, because its type cannot be written down.
macro_rules! with_roles {
    () => {{
        let held = user_roles::table.filter(user_roles::user_id.eq(users::id));
        (User::as_select(), held.select(group_concat(user_roles::role_id)).single_value())
    }};
}

/// A page of users.
pub fn list(
    db: &mut Db,
    filter: &UserFilter,
    sort: Sort<UserColumn>,
    page: PageRequest,
) -> Result<Listing<UserRow>> {
    let directory = Directory::load(db)?;
    list_with(db, &directory, filter, sort, page)
}

/// A page of users, for who has read the directory already.
pub fn list_with(
    db: &mut Db,
    directory: &Directory,
    filter: &UserFilter,
    sort: Sort<UserColumn>,
    page: PageRequest,
) -> Result<Listing<UserRow>> {
    let total = count(db, filter)?;
    let page = page.within(total);
    let rows = stretch(db, filter, sort, page)?;
    Ok(Listing { rows: directory.complete(rows), total, page })
}

/// How many users the filter lets through.
pub fn count(db: &mut Db, filter: &UserFilter) -> Result<i64> {
    let mut query = users::table.select(count_star()).into_boxed();
    for condition in conditions(db, &[Permission::UserView], filter)? {
        query = query.filter(condition);
    }
    crate::db::count(db, query)
}

/// The users that the filter lets through, in their order, as far as both viewing and exporting reach. All ids at once,
/// so that nobody is missed or met twice while others write; [`with_ids`] reads the rows piece by piece.
pub fn ids_to_export(db: &mut Db, filter: &UserFilter, sort: Sort<UserColumn>) -> Result<Vec<UserId>> {
    let conditions = conditions(db, &[Permission::UserView, Permission::UserExport], filter)?;
    Ok(ordered!(users::table.select(users::id).into_boxed(), conditions, sort).load(db.conn())?)
}

/// The users of these ids, in the order of the ids.
pub fn with_ids(db: &mut Db, directory: &Directory, ids: &[UserId]) -> Result<Vec<UserRow>> {
    Ok(directory.complete(in_order(db, ids)?))
}

/// Beyond this many rows even an unfiltered list is read by ids first.
const DEEP: i64 = 500;

/// A stretch of the list. Ids first, because they come from indexes, where whole rows would have to be read only to be
/// sorted or passed over; but the first pages of all users come straight from an index in their order.
fn stretch(
    db: &mut Db,
    filter: &UserFilter,
    sort: Sort<UserColumn>,
    page: PageRequest,
) -> Result<Vec<(User, Option<String>)>> {
    let (limit, offset) = (page.per_page, page.offset());
    let conditions = conditions(db, &[Permission::UserView], filter)?;
    let is_plain = filter.is_plain() && db.actor().scope(Permission::UserView)? == DataScope::All;
    if is_plain && offset < DEEP {
        let query = users::table.select(with_roles!()).limit(limit).offset(offset).into_boxed();
        return Ok(ordered!(query, conditions, sort).load(db.conn())?);
    }
    let query = users::table.select(users::id).limit(limit).offset(offset).into_boxed();
    let ids: Vec<UserId> = ordered!(query, conditions, sort).load(db.conn())?;
    in_order(db, &ids)
}

fn in_order(db: &mut Db, ids: &[UserId]) -> Result<Vec<(User, Option<String>)>> {
    let mut rows: Vec<(User, Option<String>)> =
        users::table.filter(users::id.eq_any(ids)).select(with_roles!()).load(db.conn())?;
    let places: BTreeMap<UserId, usize> = ids.iter().copied().zip(0..).collect();
    rows.sort_by_key(|(user, _)| places.get(&user.id).copied());
    Ok(rows)
}

/// One user, the deleted ones too, within the reach of `permission`.
pub fn find(db: &mut Db, permission: Permission, id: UserId) -> Result<UserRow> {
    db.actor().need(permission)?;
    let row = get(db, id)?.ok_or(Error::NotFound)?;
    if in_reach(db.actor(), permission, &row) { Ok(row) } else { Err(Error::NotFound) }
}

/// A user as the record that something hangs on, if whoever asks may see them.
pub fn seen(db: &mut Db, id: u64) -> Result<Subject> {
    Ok(find(db, Permission::UserView, UserId(id))?.record().subject())
}

/// A user as the record that something hangs on, if whoever asks may change them.
pub fn changeable(db: &mut Db, id: u64) -> Result<Subject> {
    let row = find(db, Permission::UserEdit, UserId(id))?;
    can_edit(&row.user)?;
    Ok(row.record().subject())
}

/// One user, locked until the transaction ends.
pub fn lock(db: &mut Db, permission: Permission, id: UserId) -> Result<UserRow> {
    users::table.find(id).select(users::id).for_update().first::<UserId>(db.conn())?;
    find(db, permission, id)
}

/// The users of a department itself, the deleted ones too, locked until the transaction ends.
pub fn lock_department(db: &mut Db, id: DepartmentId) -> Result<Vec<UserRow>> {
    let rows: Vec<(User, Option<String>)> = users::table
        .filter(users::department_id.eq(id))
        .order(users::id)
        .select(with_roles!())
        .for_update()
        .load(db.conn())?;
    Ok(Directory::load(db)?.complete(rows))
}

/// One user, whoever asks.
pub fn get(db: &mut Db, id: UserId) -> Result<Option<UserRow>> {
    let directory = Directory::load(db)?;
    get_with(db, &directory, id)
}

/// One user, whoever asks, for who has read the directory already.
pub fn get_with(db: &mut Db, directory: &Directory, id: UserId) -> Result<Option<UserRow>> {
    let row: Option<(User, Option<String>)> =
        users::table.find(id).select(with_roles!()).first(db.conn()).optional()?;
    Ok(directory.complete(row.into_iter().collect()).pop())
}

/// Everybody, the deleted ones too, whoever asks, in the order of their usernames: for choices and names on screen.
pub fn people(db: &mut Db) -> Result<Arc<Vec<Person>>> {
    remembered(db, "accounts.people", |db| persons(db, None))
}

/// The users of these ids, the deleted ones too, whoever asks.
pub fn people_of(db: &mut Db, ids: &[UserId]) -> Result<BTreeMap<UserId, Person>> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(1000) {
        found.extend(persons(db, Some(some))?.into_iter().map(|person| (person.id, person)));
    }
    Ok(found)
}

fn persons(db: &mut Db, ids: Option<&[UserId]>) -> Result<Vec<Person>> {
    let mut query = users::table
        .left_join(department_rows::table)
        .order((users::username, users::id))
        .select((User::as_select(), department_rows::path.nullable()))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(users::id.eq_any(ids));
    }
    let rows: Vec<(User, Option<String>)> = query.load(db.conn())?;
    let person = |(user, department_path): (User, Option<String>)| Person {
        is_live: user.state() == UserState::Active,
        id: user.id,
        username: user.username,
        name: user.name,
        department_path,
    };
    Ok(rows.into_iter().map(person).collect())
}

/// The users within reach of a permission, the deleted ones too: whose records whoever asks may do this to. `None` for
/// everybody's.
pub fn reached(db: &mut Db, permission: Permission) -> Result<Option<Vec<UserId>>> {
    let Some(condition) = scoped(db.actor(), &[permission])? else { return Ok(None) };
    Ok(Some(users::table.filter(condition).order(users::id).select(users::id).load(db.conn())?))
}

/// One user with the path of their department, whoever asks: for every request that somebody makes.
pub fn with_department_path(db: &mut Db, id: UserId) -> Result<Option<(User, Option<String>)>> {
    Ok(users::table
        .left_join(department_rows::table)
        .filter(users::id.eq(id))
        .select((User::as_select(), department_rows::path.nullable()))
        .first(db.conn())
        .optional()?)
}

/// The live user of a username, whoever asks.
pub fn by_username(db: &mut Db, username: &str) -> Result<Option<User>> {
    Ok(users::table
        .filter(users::live_username.eq(username))
        .select(User::as_select())
        .first(db.conn())
        .optional()?)
}

/// The live users of these usernames, whoever asks: for imports.
pub fn by_usernames(db: &mut Db, usernames: &[&str]) -> Result<Vec<UserRow>> {
    let mut found: Vec<(User, Option<String>)> = Vec::new();
    for some in usernames.chunks(1000) {
        found.extend(
            users::table
                .filter(users::live_username.eq_any(some))
                .order(users::id)
                .select(with_roles!())
                .load(db.conn())?,
        );
    }
    Ok(Directory::load(db)?.complete(found))
}

/// The live user of a username with the hash of their password: for signing in.
pub fn credentials(db: &mut Db, username: &str) -> Result<Option<(User, String)>> {
    Ok(users::table
        .filter(users::live_username.eq(username))
        .select((User::as_select(), users::password_hash))
        .first(db.conn())
        .optional()?)
}

/// The hash of a user's password.
pub fn password_hash(db: &mut Db, id: UserId) -> Result<String> {
    Ok(users::table.find(id).select(users::password_hash).first(db.conn())?)
}

/// The hash of a user's password, with the user locked until the transaction ends.
pub fn lock_password_hash(db: &mut Db, id: UserId) -> Result<String> {
    Ok(users::table.find(id).select(users::password_hash).for_update().first(db.conn())?)
}

/// One user, the path of their department and the hash of their password, with the user locked until the transaction
/// ends.
pub fn lock_credentials(db: &mut Db, id: UserId) -> Result<Option<(User, Option<String>, String)>> {
    // The user alone first: a lock on the department too could cross with whoever moves it.
    let lock = users::table.find(id).select(users::password_hash).for_update();
    let hash: Option<String> = lock.first(db.conn()).optional()?;
    let found = with_department_path(db, id)?;
    Ok(found.zip(hash).map(|((user, path), hash)| (user, path, hash)))
}

/// When the live user of a username got their password.
pub fn password_changed_at(db: &mut Db, username: &str) -> Result<Option<NaiveDateTime>> {
    Ok(users::table
        .filter(users::live_username.eq(username))
        .select(users::password_changed_at)
        .first(db.conn())
        .optional()?)
}

/// The admins who can sign in.
pub fn active_admins(db: &mut Db) -> Result<Vec<UserId>> {
    Ok(user_roles::table
        .inner_join(users::table)
        .inner_join(roles::table)
        .filter(roles::code.eq(ADMIN))
        .filter(users::deleted_at.is_null())
        .filter(users::disabled_at.is_null())
        .select(users::id)
        .load(db.conn())?)
}

/// The admins who can sign in, with their role locked: two admins cannot remove each other at the same moment.
pub fn lock_active_admins(db: &mut Db) -> Result<Vec<UserId>> {
    roles::table
        .filter(roles::code.eq(ADMIN))
        .select(roles::id)
        .for_update()
        .first::<RoleId>(db.conn())
        .optional()?;
    active_admins(db)
}

/// Whether `opcms serve` has yet to make the first admin: nobody, deleted or not, holds the role that administers, and
/// nobody has taken the name.
pub fn awaits_first_admin(db: &mut Db) -> Result<bool> {
    let admins =
        user_roles::table.inner_join(roles::table).filter(roles::code.eq(ADMIN)).select(user_roles::user_id);
    let is_administered: bool = diesel::select(exists(admins)).get_result(db.conn())?;
    Ok(!is_administered && by_username(db, FIRST_ADMIN)?.is_none())
}

/// How many users there are, without the deleted.
pub fn count_live(db: &mut Db) -> Result<usize> {
    let count: i64 = users::table.filter(users::deleted_at.is_null()).count().get_result(db.conn())?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The usernames of those who belong to a department that does not exist.
pub fn in_no_department(db: &mut Db) -> Result<Vec<String>> {
    Ok(users::table
        .left_join(department_rows::table)
        .filter(users::department_id.is_not_null())
        .filter(department_rows::id.is_null())
        .order(users::id)
        .select(users::username)
        .load(db.conn())?)
}

/// The usernames of those who hold no role, without the deleted.
pub fn without_role(db: &mut Db) -> Result<Vec<String>> {
    let held = user_roles::table.inner_join(roles::table).filter(user_roles::user_id.eq(users::id));
    Ok(users::table
        .filter(users::deleted_at.is_null())
        .filter(diesel::dsl::not(exists(held.select(user_roles::user_id))))
        .order(users::id)
        .select(users::username)
        .load(db.conn())?)
}
