//! `src/schema.rs` is what the migrations make: the same tables and columns, in the same order, of the same types.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::support::TestApp;
use crate::support::source::{assert_none, files};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    nullable: i64,
    #[diesel(sql_type = BigInt)]
    generated: i64,
    #[diesel(sql_type = BigInt)]
    json: i64,
}

const COLUMNS: &str = "SELECT c.table_name AS table_of, c.column_name AS name, c.column_type AS kind, \
        c.is_nullable = 'YES' AS nullable, c.extra LIKE '%GENERATED%' AS generated, \
        EXISTS (SELECT 1 FROM information_schema.check_constraints k \
            WHERE k.constraint_schema = c.table_schema AND k.constraint_name = c.column_name \
              AND k.check_clause LIKE 'json_valid(%') AS json \
    FROM information_schema.columns c \
    WHERE c.table_schema = DATABASE() AND c.table_name <> '__diesel_schema_migrations' \
    ORDER BY c.table_name, c.ordinal_position";

const KEYS: &str = "SELECT CONCAT(table_name, ' ', GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ', ')) \
    FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = 'PRIMARY' \
      AND table_name <> '__diesel_schema_migrations' GROUP BY table_name";

/// The type as diesel prints it.
fn diesel_type(column: &Column) -> String {
    let (base, unsigned) = (column.kind.split(['(', ' ']).next().unwrap(), column.kind.contains("unsigned"));
    let name = match (base, column.kind.as_str()) {
        (_, "tinyint(1)") => "Bool",
        ("longtext", _) if column.json == 1 => "Json",
        ("int", _) => "Integer",
        ("bigint", _) => "BigInt",
        ("smallint", _) => "Smallint",
        ("tinyint", _) => "TinyInt",
        (other, _) => return plain_type(column, other),
    };
    wrap(column, if unsigned { format!("Unsigned<{name}>") } else { name.to_owned() })
}

fn plain_type(column: &Column, base: &str) -> String {
    let (first, rest) = base.split_at(1);
    wrap(column, format!("{}{rest}", first.to_uppercase()))
}

fn wrap(column: &Column, name: String) -> String {
    if column.nullable == 1 { format!("Nullable<{name}>") } else { name }
}

/// Each table's lines: the key first, then its columns.
type Tables = BTreeMap<String, Vec<String>>;

fn written() -> Tables {
    let file = files("src", &["rs"]).into_iter().find(|file| file.path == "src/schema.rs").unwrap();
    let mut tables = Tables::new();
    for block in file.text.split("diesel::table! {").skip(1) {
        let (head, body) = block.split_once('{').unwrap();
        let (name, key) = head.trim().split_once(' ').unwrap();
        let mut lines = vec![key.trim().to_owned()];
        let columns = body.split('}').next().unwrap().lines().map(str::trim);
        lines.extend(columns.filter(|line| line.contains("->")).map(str::to_owned));
        tables.insert(name.to_owned(), lines);
    }
    tables
}

#[actix_web::test]
async fn the_schema_file_is_that_of_the_migrated_database() {
    let app = TestApp::new().await;
    let keys = app.texts(KEYS);
    let mut live: Tables = BTreeMap::new();
    for key in keys {
        let (table, columns) = key.split_once(' ').unwrap();
        live.insert(table.to_owned(), vec![format!("({columns})")]);
    }
    let written = written();
    let columns: Vec<Column> = diesel::sql_query(COLUMNS).load(&mut app.connect()).unwrap();
    for column in columns {
        let line = format!("{} -> {},", column.name, diesel_type(&column));
        let known = written.get(&column.table_of).is_some_and(|lines| lines.contains(&line));
        // A generated column serves an index; code that never reads it need not know of it.
        if column.generated == 0 || known {
            live.get_mut(&column.table_of).expect("every table has a primary key").push(line);
        }
    }
    let mut complaints = Vec::new();
    for (table, lines) in &live {
        let body = lines[1..].join("\n        ");
        let right = format!("diesel::table! {{\n    {table} {} {{\n        {body}\n    }}\n}}", lines[0]);
        if written.get(table) != Some(lines) {
            complaints.push(format!("src/schema.rs differs from the database; write:\n{right}"));
        }
    }
    for table in written.keys().filter(|table| !live.contains_key(*table)) {
        complaints.push(format!("src/schema.rs has the table {table}, which no migration makes"));
    }
    assert!(live.len() > 10, "{live:?}");
    assert_none(&complaints);
}
