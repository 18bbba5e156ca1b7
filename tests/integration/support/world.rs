//! The small named world that every test finds: made once per process by the real commands, copied for each test.
//!
//! | department | people |
//! |---|---|
//! | 总公司 | `admin`, `aud` (auditor), one user per built-in role named by its code |
//! | 总公司 / 华东 | `wang` 王芳: `team_lead`, everything, but only for 华东 and below |
//! | 总公司 / 华东 / 一组 | `li` 李雷 (ops), `off` (disabled), `gone` (deleted), `ops_manager` |
//! | 总公司 / 华南 | `zhao` 赵敏 (sales) |

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

use opcms::accounts::departments::model::DepartmentDraft;
use opcms::accounts::roles::model::RoleDraft;
use opcms::accounts::users::commands::NewPassword;
use opcms::accounts::users::model::UserDraft;
use opcms::accounts::{departments, passwords, roles, users};
use opcms::db::{Database, PoolOptions, Tx, migrate};
use opcms::types::ids::{DepartmentId, RoleId, UserId};
use opcms::types::{Actor, Clock, DataScope, Origin, Permission, Result, Source};

use super::server::TestDatabase;

/// When every test begins (UTC): 10 o'clock in Shanghai.
pub const START: &str = "2026-11-20T02:00:00";

/// A moment, written as RFC 3339 without a zone.
pub fn moment(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// The system, as it acts on the command line.
pub fn system() -> Arc<Actor> {
    let origin = Origin { source: Source::Cli, request_id: "test".into(), address: String::new() };
    Arc::new(Actor::system(origin))
}

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery staple";

/// The hash of [`PASSWORD`], computed once: it is dear on purpose.
pub fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| passwords::hash(PASSWORD).unwrap())
}

/// Who and what there is, by name.
#[derive(Debug, Clone, Default)]
pub struct World {
    departments: BTreeMap<&'static str, DepartmentId>,
    roles: BTreeMap<String, RoleId>,
    users: BTreeMap<String, UserId>,
}

impl World {
    /// The department of that name.
    #[track_caller]
    pub fn department(&self, name: &str) -> DepartmentId {
        *self.departments.get(name).unwrap_or_else(|| panic!("no department {name:?} in the world"))
    }

    /// The role of that code.
    #[track_caller]
    pub fn role(&self, code: &str) -> RoleId {
        *self.roles.get(code).unwrap_or_else(|| panic!("no role {code:?} in the world"))
    }

    /// The user of that name.
    #[track_caller]
    pub fn user(&self, username: &str) -> UserId {
        *self.users.get(username).unwrap_or_else(|| panic!("no user {username:?} in the world"))
    }

    /// The codes of the built-in roles.
    pub fn builtin_roles(&self) -> Vec<String> {
        self.roles.keys().filter(|code| *code != "team_lead").cloned().collect()
    }
}

/// A database with the world in it, as the statements that make another one.
pub struct Template {
    /// The statements.
    pub statements: String,
    /// Who is in it.
    pub world: World,
    /// Keeps the rows that the statements copy.
    _database: TestDatabase,
}

impl Template {
    /// The one of this process.
    pub fn get() -> &'static Template {
        static TEMPLATE: OnceLock<Template> = OnceLock::new();
        TEMPLATE.get_or_init(|| {
            let database = TestDatabase::empty();
            let options = PoolOptions { size: 1, patience: std::time::Duration::from_secs(10) };
            let db = Database::new(&database.url(), options, Clock::fixed(moment(START)));
            db.read(&system(), migrate::run).unwrap();
            let world = db.write(&system(), build).unwrap();
            let statements = copy_statements(&database);
            Template { statements, world, _database: database }
        })
    }
}

/// Makes the world.
pub fn build(tx: &mut Tx) -> Result<World> {
    let mut world = World::default();
    let tree = [("总公司", None), ("华东", Some("总公司")), ("一组", Some("华东")), ("华南", Some("总公司"))];
    for (name, parent) in tree {
        let parent_id = parent.map(|parent| world.department(parent));
        let id = departments::commands::create(tx, &DepartmentDraft { name: name.into(), parent_id })?;
        world.departments.insert(name, id);
    }
    let lead = RoleDraft {
        code: "team_lead".into(),
        name: "组长".into(),
        description: String::new(),
        data_scope: DataScope::DepartmentAndBelow,
        permissions: Permission::ALL.iter().copied().collect(),
    };
    roles::commands::create(tx, &lead)?;
    for grants in roles::queries::list(tx)? {
        world.roles.insert(grants.role.code, grants.role.id);
    }
    let mut people = vec![
        ("wang", "王芳", "team_lead", "华东"),
        ("li", "李雷", "ops", "一组"),
        ("zhao", "赵敏", "sales", "华南"),
        ("aud", "钱审", "auditor", "总公司"),
        ("gone", "孙离", "ops", "一组"),
        ("off", "周停", "ops", "一组"),
    ];
    let codes = world.builtin_roles();
    for code in &codes {
        people.push((code, code, code, if code == "ops_manager" { "一组" } else { "总公司" }));
    }
    for (username, name, role, department) in people {
        let draft = UserDraft {
            username: username.into(),
            name: name.into(),
            email: Some(format!("{username}@example.com")),
            department_id: Some(world.department(department)),
            roles: vec![world.role(role)],
        };
        let password = NewPassword { hash: password_hash().into(), must_change: false };
        let id = users::commands::create(tx, &draft, &password)?;
        world.users.insert(username.into(), id);
    }
    users::commands::delete(tx, world.user("gone"), Some("离职"))?;
    users::commands::disable(tx, world.user("off"), Some("长假"))?;
    Ok(world)
}

/// Tables by `SHOW CREATE TABLE`, rows by `INSERT … SELECT`: cheaper than migrating and building anew.
fn copy_statements(template: &TestDatabase) -> String {
    let mut conn = template.connect();
    let name = template.name();
    let tables: Vec<String> =
        sql::<Text>("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
            .load(&mut conn)
            .unwrap();
    let mut statements = String::new();
    for table in tables {
        #[derive(QueryableByName)]
        struct Created {
            #[diesel(sql_type = Text, column_name = "Create Table")]
            statement: String,
        }
        let created: Created =
            diesel::sql_query(format!("SHOW CREATE TABLE `{table}`")).get_result(&mut conn).unwrap();
        writeln!(statements, "{};", created.statement).unwrap();
        let columns: Vec<String> = sql::<Text>(&format!(
            "SELECT CONCAT('`', column_name, '`') FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = '{table}' AND extra NOT LIKE '%GENERATED%' \
             ORDER BY ordinal_position"
        ))
        .load(&mut conn)
        .unwrap();
        let columns = columns.join(", ");
        writeln!(statements, "INSERT INTO `{table}` ({columns}) SELECT {columns} FROM {name}.`{table}`;")
            .unwrap();
    }
    statements
}
