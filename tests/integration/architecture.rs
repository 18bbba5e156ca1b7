//! The house stays as it was drawn: who may use whom, where SQL and HTTP live, what is never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::source::{SourceFile, assert_none, files};

/// What the crate's root offers beside its rooms: macros.
const MACROS: [(&str, &str); 1] = [("text_enum", "types")];

/// The rooms in the order of `lib.rs`.
fn rooms() -> Vec<String> {
    let lib = files("src", &["rs"]).into_iter().find(|file| file.path == "src/lib.rs").unwrap();
    let modules = lib.text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    modules.map(str::to_owned).collect()
}

fn room_of(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap();
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The rooms that a line of code names behind `crate::`, one or a group in braces.
fn named(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let before = line[..at].chars().next_back().unwrap_or(' ');
        if before.is_alphanumeric() || before == '_' || before == '$' {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => found.push(identifier(rest)),
            Some(group) => found.extend(top_level(group)),
        }
    }
    found
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn top_level(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = vec![String::new()];
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ if depth == 0 => names.last_mut().unwrap().push(character),
            _ => {}
        }
    }
    names.iter().map(|name| identifier(name.trim())).filter(|name| !name.is_empty()).collect()
}

/// Joins the lines of a `use` that spans several, so that groups are seen as a whole.
fn statements(file: &SourceFile) -> Vec<(usize, String)> {
    let mut statements: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    let without_tests = file.without_tests().lines().count();
    for (number, line) in file.code().take_while(|(number, _)| *number <= without_tests) {
        match statements.last_mut() {
            Some((_, statement)) if open => statement.push_str(line.trim()),
            _ => statements.push((number, line.to_owned())),
        }
        let begins = line.trim_start().starts_with("use ") || line.trim_start().starts_with("pub use ");
        open = (open || begins) && !line.contains(';');
    }
    statements
}

#[test]
fn a_room_uses_only_rooms_listed_above_it() {
    let rooms = rooms();
    let floor = |room: &str| rooms.iter().position(|other| other == room);
    let mut complaints = Vec::new();
    for file in files("src", &["rs"]) {
        let own = room_of(&file.path);
        if ["lib", "main"].contains(&own) {
            continue;
        }
        let Some(own_floor) = floor(own) else {
            complaints.push(format!("{}: the room {own:?} is not listed in src/lib.rs", file.path));
            continue;
        };
        for (line, statement) in statements(&file) {
            for target in named(&statement) {
                let target =
                    MACROS.iter().find(|(name, _)| *name == target).map_or(target.as_str(), |(_, room)| room);
                match floor(target) {
                    None => complaints.push(format!("{}:{line}: `crate::{target}` is no room of src/lib.rs", file.path)),
                    Some(floor) if floor > own_floor => complaints.push(format!(
                        "{}:{line}: {own} uses {target}, which stands below it in src/lib.rs; turn the edge around",
                        file.path
                    )),
                    Some(_) => {}
                }
            }
        }
    }
    assert_none(&complaints);
}

/// Who may name tables: the homes of SQL; a `model.rs` only imports the table that its row derives from.
fn may_name_tables(path: &str, line: &str) -> bool {
    let file = path.rsplit('/').next().unwrap();
    ["queries.rs", "commands.rs", "schema.rs"].contains(&file)
        || path.starts_with("src/db/")
        || (file == "model.rs" && line.trim_start().starts_with("use crate::schema::"))
}

#[test]
fn tables_are_named_only_where_sql_lives() {
    let mut complaints = Vec::new();
    for file in files("src", &["rs"]) {
        for (number, line) in file.code() {
            if line.contains("schema::") && !may_name_tables(&file.path, line) {
                complaints.push(format!(
                    "{}:{number}: SQL lives in queries.rs (reading) and commands.rs (writing): {}",
                    file.path,
                    line.trim()
                ));
            }
            let writes =
                ["insert_into(", "diesel::update(", "diesel::delete("].iter().any(|verb| line.contains(verb));
            if writes && !file.path.ends_with("/commands.rs") && !file.path.starts_with("src/db/") {
                complaints.push(format!(
                    "{}:{number}: only a commands.rs writes: {}",
                    file.path,
                    line.trim()
                ));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_table_has_one_writer() {
    let mut writers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // What transactions carry along is put down by the database's own room, and is its owner's from then on.
    for file in files("src", &["rs"]).into_iter().filter(|file| file.path != "src/db/carried.rs") {
        let code: String = file.code().map(|(_, line)| line.trim()).collect();
        for verb in
            ["insert_into(", "insert_or_ignore_into(", "replace_into(", "diesel::update(", "diesel::delete("]
        {
            for (at, _) in code.match_indices(verb) {
                let target = code[at + verb.len()..].trim_start_matches("crate::schema::");
                let Some((table, _)) = target.split_once("::table") else { continue };
                if identifier(table) == table {
                    writers.entry(table.to_owned()).or_default().insert(file.path.clone());
                }
            }
        }
    }
    // What any transaction may carry along is put into its table in one place, and belongs to its room from there on.
    for table in ["tasks", "messages"] {
        writers.entry(table.to_owned()).or_default().remove("src/db/carried.rs");
    }
    let shared = writers.iter().filter(|(_, files)| files.len() > 1);
    let complaints: Vec<_> = shared
        .map(|(table, files)| format!("the table {table} is written by several files: {files:?}"))
        .collect();
    assert!(writers.len() > 5, "the test finds no writers any more: {writers:?}");
    assert_none(&complaints);
}

/// Where HTTP is known. The store of sessions implements a trait of actix-session; `serve` runs the server.
fn may_know_http(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap();
    path.starts_with("src/web/")
        || ["pages.rs", "api.rs"].contains(&file)
        || ["src/app.rs", "src/cli/serve.rs", "src/accounts/sessions/store.rs"].contains(&path)
}

#[test]
fn http_is_known_only_at_the_edge() {
    let mut complaints = Vec::new();
    for file in files("src", &["rs"]) {
        for (number, line) in file.code() {
            if line.contains("actix") && !may_know_http(&file.path) {
                complaints.push(format!(
                    "{}:{number}: actix belongs in web/, pages.rs, api.rs and app.rs: {}",
                    file.path,
                    line.trim()
                ));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn the_logs_are_only_ever_added_to() {
    let mut complaints = Vec::new();
    for file in files("src", &["rs", "sql"]).into_iter().chain(files("migrations", &["sql"])) {
        let code = file.code().map(|(_, line)| line.trim()).collect::<Vec<_>>().join(" ");
        let folded = code.to_lowercase().replace(' ', "");
        for log in ["audit_entries", "sign_ins"] {
            for verb in
                ["update(", "delete(", "replace_into(", "update", "deletefrom", "truncate", "truncatetable"]
            {
                let prefixes = ["", "crate::schema::", "schema::"];
                if prefixes.iter().any(|prefix| folded.contains(&format!("{verb}{prefix}{log}"))) {
                    complaints.push(format!("{}: changes {log}, which nobody may", file.path));
                }
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_template_is_used_by_the_module_that_it_mirrors() {
    let sources = files("src", &["rs"]);
    let templates = files("templates", &["html"]);
    let mut complaints = Vec::new();
    for template in &templates {
        let name = template.path.strip_prefix("templates/").unwrap();
        let derived = format!("path = \"{name}\"");
        let included = ["include", "import", "extends"].map(|word| format!("{word} \"{name}\""));
        let users: Vec<&str> = sources
            .iter()
            .filter(|file| file.text.contains(&derived))
            .map(|file| file.path.as_str())
            .collect();
        let is_included =
            templates.iter().any(|other| included.iter().any(|phrase| other.text.contains(phrase)));
        if users.is_empty() && !is_included {
            complaints.push(format!("{}: nothing uses it", template.path));
        }
        let Some((folder, _)) = name.rsplit_once('/') else { continue };
        let home = if folder == "ui" { "src/web/ui".to_owned() } else { format!("src/{folder}") };
        if !Path::new(env!("CARGO_MANIFEST_DIR")).join(&home).is_dir() {
            complaints.push(format!("{}: there is no {home} that it could mirror", template.path));
        }
        for user in users.iter().filter(|user| !user.starts_with(&format!("{home}/"))) {
            complaints.push(format!("{}: used by {user}, which is not in {home}", template.path));
        }
    }
    assert_none(&complaints);
}

#[test]
fn files_are_short_enough_to_be_read() {
    let long = files("src", &["rs"]).into_iter().chain(files("static/js", &["js"]));
    // The schema is read by diesel, not by people.
    let long = long.filter(|file| !file.path.ends_with("tests.rs") && file.path != "src/schema.rs");
    let long = long.filter_map(|file| {
        let lines = file.without_tests().lines().count();
        (lines > 500)
            .then(|| format!("{}: {lines} lines, more than 500; split it by what it is about", file.path))
    });
    assert_none(&long.collect::<Vec<_>>());
}

/// A bracket that a merge has lost makes everything beneath it a part of the rule before, on phones only perhaps.
#[test]
fn every_rule_of_the_style_sheet_is_closed() {
    let mut complaints = Vec::new();
    for file in files("static/css", &["css"]) {
        let mut depth = 0_usize;
        for (index, line) in file.text.lines().enumerate() {
            let begins = line.starts_with(|first: char| !first.is_whitespace() && first != '}');
            if begins && depth > 0 {
                complaints.push(format!("{}:{}: a rule above is not closed: {line}", file.path, index + 1));
                break;
            }
            depth = (depth + line.matches('{').count()).saturating_sub(line.matches('}').count());
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_module_says_what_it_is() {
    let silent = files("src", &["rs"]).into_iter().chain(files("tests", &["rs"])).filter(|file| {
        let first = file.text.lines().next().unwrap_or_default();
        let is_tests = file.path.starts_with("src/") && file.path.ends_with("/tests.rs");
        !first.starts_with("//! ") && file.path != "src/schema.rs" && !is_tests
    });
    let complaints: Vec<_> = silent
        .map(|file| format!("{}:1: begin with a line of `//!` that says what it is", file.path))
        .collect();
    assert_none(&complaints);
}

#[test]
fn nothing_is_left_for_later() {
    let mut complaints = Vec::new();
    let all = ["src", "tests", "templates", "static/js", "static/css"];
    for file in all.into_iter().flat_map(|folder| files(folder, &["rs", "html", "js", "css"])) {
        for (index, line) in file.text.lines().enumerate() {
            let marks = ["TO", "FIX", "XX", "HA"].into_iter().zip(["DO", "ME", "X", "CK"]);
            for (start, end) in marks {
                let mark = format!("{start}{end}");
                let words = line.split(|c: char| !c.is_alphanumeric());
                if words.into_iter().any(|word| word == mark) && !file.path.contains("/vendor/") {
                    complaints.push(format!("{}:{}: {}", file.path, index + 1, line.trim()));
                }
            }
        }
    }
    assert_none(&complaints);
}
