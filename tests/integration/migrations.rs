//! Migrations: forwards, backwards and forwards again; the same whatever the server's defaults are; safe when several
//! processes start at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness as _;
use opcms::db::migrate::MIGRATIONS;

use crate::support::TestDatabase;
use crate::support::source::{assert_none, files};

fn texts(conn: &mut MysqlConnection, query: &str) -> Vec<String> {
    sql::<Text>(query).load(conn).unwrap()
}

#[derive(QueryableByName)]
struct Created {
    #[diesel(sql_type = Text, column_name = "Create Table")]
    statement: String,
}

const TABLES: &str = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() \
    AND table_name <> '__diesel_schema_migrations' ORDER BY table_name";

/// Every table as the server would make it again.
fn snapshot(conn: &mut MysqlConnection) -> BTreeMap<String, String> {
    let tables = texts(conn, TABLES);
    let create = |conn: &mut MysqlConnection, table: &str| -> String {
        let shown: Created =
            diesel::sql_query(format!("SHOW CREATE TABLE {table}")).get_result(conn).unwrap();
        let counter =
            shown.statement.split(" AUTO_INCREMENT=").nth(1).and_then(|rest| rest.split(' ').next());
        let counter = counter.map(|counter| format!(" AUTO_INCREMENT={counter}")).unwrap_or_default();
        if counter.is_empty() { shown.statement } else { shown.statement.replace(&counter, "") }
    };
    tables.into_iter().map(|table| (table.clone(), create(conn, &table))).collect()
}

#[test]
fn every_step_forward_can_be_taken_back_and_taken_again() {
    let database = TestDatabase::empty();
    let mut conn = database.connect();
    let mut before = snapshot(&mut conn);
    let mut steps = 0;
    while conn.has_pending_migration(MIGRATIONS).unwrap() {
        let name = conn.run_next_migration(MIGRATIONS).unwrap().as_owned();
        let after = snapshot(&mut conn);
        conn.revert_last_migration(MIGRATIONS).unwrap();
        assert_eq!(snapshot(&mut conn), before, "down.sql of {name} does not undo up.sql");
        conn.run_next_migration(MIGRATIONS).unwrap();
        assert_eq!(snapshot(&mut conn), after, "{name} makes something else the second time");
        before = after;
        steps += 1;
    }
    assert!(steps > 10);
}

#[test]
fn the_whole_way_back_leaves_nothing_and_the_whole_way_forward_leads_to_the_same() {
    let database = TestDatabase::empty();
    let mut conn = database.connect();
    conn.run_pending_migrations(MIGRATIONS).unwrap();
    let rows = "SELECT CONCAT(r.code, ' ', p.permission) FROM roles r JOIN role_permissions p ON p.role_id = r.id ORDER BY 1";
    let (tables, grants) = (snapshot(&mut conn), texts(&mut conn, rows));
    conn.revert_all_migrations(MIGRATIONS).unwrap();
    assert_eq!(texts(&mut conn, TABLES), Vec::<String>::new());
    conn.run_pending_migrations(MIGRATIONS).unwrap();
    assert_eq!(snapshot(&mut conn), tables);
    assert_eq!(texts(&mut conn, rows), grants);
}

#[test]
fn every_migration_has_a_way_back_and_makes_one_thing() {
    let files = files("migrations", &["sql"]);
    let mut complaints = Vec::new();
    for up in files.iter().filter(|file| file.path.ends_with("/up.sql")) {
        let down = up.path.replace("up.sql", "down.sql");
        let back =
            files.iter().find(|file| file.path == down).map(|file| file.text.trim()).unwrap_or_default();
        if back.is_empty() {
            complaints.push(format!("{down} is missing or empty"));
        }
        let made = up.code().filter(|(_, line)| {
            let line = line.trim_start().to_uppercase();
            line.starts_with("CREATE TABLE")
                || line.starts_with("ALTER TABLE")
                || line.starts_with("DROP TABLE")
        });
        if made.count() > 1 {
            complaints.push(format!(
                "{}: one table or one ALTER each, because a half-failed migration stays half-done",
                up.path
            ));
        }
    }
    assert_none(&complaints);
}

#[test]
fn tables_are_alike_whatever_the_servers_defaults_are() {
    let database = TestDatabase::empty();
    let mut conn = database.connect();
    conn.batch_execute("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci").unwrap();
    conn.run_pending_migrations(MIGRATIONS).unwrap();
    let strange = texts(
        &mut conn,
        "SELECT CONCAT(table_name, ': ', engine, ' ', table_collation) FROM information_schema.tables \
         WHERE table_schema = DATABASE() AND table_name <> '__diesel_schema_migrations' \
           AND NOT (engine = 'InnoDB' AND table_collation = 'utf8mb4_unicode_520_ci')",
    );
    assert_none(&strange);
    // Codes, hashes and addresses compare byte by byte; MariaDB keeps JSON as utf8mb4_bin.
    let strange = texts(
        &mut conn,
        "SELECT CONCAT(table_name, '.', column_name, ': ', collation_name) FROM information_schema.columns \
         WHERE table_schema = DATABASE() AND table_name <> '__diesel_schema_migrations' \
           AND collation_name NOT IN ('utf8mb4_unicode_520_ci', 'ascii_bin', 'utf8mb4_bin')",
    );
    assert_none(&strange);
}

#[test]
fn several_processes_that_start_at_once_migrate_once() {
    let database = TestDatabase::empty();
    let home = tempfile::tempdir().unwrap();
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_opcms"))
            .arg("migrate")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DATABASE_URL", database.url())
            .env("OPCMS_LOG", "error")
            .current_dir(Path::new(home.path()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let processes = [start(), start(), start(), start()];
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut conn = database.connect();
    assert!(!conn.has_pending_migration(MIGRATIONS).unwrap());
    let done = texts(&mut conn, "SELECT version FROM __diesel_schema_migrations ORDER BY version");
    assert_eq!(done.len(), files("migrations", &["sql"]).len() / 2);
}
