//! The command line, as an operator or a script meets it: the real binary, its output, its exit codes.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use opcms::accounts::passwords;
use opcms::db::{Database, PoolOptions};
use opcms::i18n::Tr;
use opcms::types::Clock;
use opcms::usage::sources;
use opcms::usage::sources::forms::{Given, SourceForm};
use opcms::web::outbound::Outbound;
use opcms::web::secret::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::vendor::{self, Vendor, day_in};
use crate::support::{PASSWORD, Template, TestDatabase, system};

const STAFF: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/staff.csv");

/// What a verb left behind: its exit code and what it printed.
#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn of(output: Output) -> Said {
        Said {
            code: output.status.code().expect("ended by a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn done(self) -> Said {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        self
    }

    /// Refused, with this in the complaint, which is a sentence and nothing else.
    #[track_caller]
    fn refused(self, part: &str) -> Said {
        assert_eq!(self.code, 1, "{self:?}");
        assert!(self.err.contains(part), "{part:?}: {self:?}");
        assert!(self.err.starts_with("opcms: ") || self.err.starts_with('{'), "{self:?}");
        assert!(!self.err.contains("panicked") && !self.err.contains("Error("), "{self:?}");
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// The binary in a directory of its own, without the variables and the `.env` of whoever runs the tests.
fn opcms(directory: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opcms"));
    command
        .env_clear()
        .envs(std::env::vars().filter(|(name, _)| ["PATH", "HOME", "TMPDIR"].contains(&name.as_str())));
    command
        .env("OPCMS_DATA_DIR", directory.join("data"))
        .env("OPCMS_LISTEN", "127.0.0.1:0")
        .env("OPCMS_LOG", "warn");
    command.envs(variables.iter().copied()).current_dir(directory).args(arguments).stdin(Stdio::null());
    command
}

/// An installation whose database is on the tests' server.
struct Site {
    directory: TempDir,
    database: TestDatabase,
}

impl Site {
    /// A fresh one.
    fn new() -> Site {
        let site = Site::bare();
        site.run(&["migrate"]).done();
        site
    }

    /// One whose database has no tables yet.
    fn bare() -> Site {
        Site { directory: TempDir::new().unwrap(), database: TestDatabase::empty() }
    }

    /// One with the world of the tests in it.
    fn with_world() -> Site {
        let database = TestDatabase::filled(&Template::get().statements);
        Site { directory: TempDir::new().unwrap(), database }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        opcms(self.directory.path(), &[("DATABASE_URL", &self.database.url())], arguments)
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().unwrap())
    }

    #[track_caller]
    fn run_with(&self, input: &str, arguments: &[&str]) -> Said {
        let mut command = self.command(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A verb that refuses early does not read.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Said::of(child.wait_with_output().unwrap())
    }

    /// Imports these bytes.
    #[track_caller]
    fn import(&self, content: impl AsRef<[u8]>) -> Said {
        let file = self.directory.path().join("staff.csv");
        fs::write(&file, content).unwrap();
        self.run(&["import", "staff", "staff.csv", "--json"])
    }

    fn number(&self, query: &str) -> i64 {
        sql::<BigInt>(query).get_result(&mut self.database.connect()).unwrap()
    }

    fn texts(&self, query: &str) -> Vec<String> {
        sql::<Text>(query).load(&mut self.database.connect()).unwrap()
    }

    fn execute(&self, statements: &str) {
        self.database.connect().batch_execute(statements).unwrap();
    }

    fn password_matches(&self, username: &str, password: &str) -> bool {
        let hash =
            &self.texts(&format!("SELECT password_hash FROM users WHERE live_username = '{username}'"))[0];
        passwords::matches(password, hash)
    }

    /// The files of passwords in the data directory.
    fn password_files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.directory.path().join("data")) else { return Vec::new() };
        entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "csv"))
            .collect()
    }
}

#[test]
fn a_user_is_created_with_roles_a_department_and_a_password() {
    let site = Site::with_world();
    let create = ["user", "create", "chen", "--name", "陈晨", "--role", "ops,sales", "--role", "finance"];
    let more = ["--department", "总公司/华东", "--email", "chen@example.com", "--password-stdin"];
    let said = site.run_with(&format!("{PASSWORD}\r\nrest\n"), &[&create[..], &more[..]].concat()).done();
    assert_eq!(said.out, "Created chen (陈晨). The password has to be changed at the next sign-in.\n");
    assert!(site.password_matches("chen", PASSWORD));
    let user = "FROM users JOIN departments ON departments.id = department_id WHERE username = 'chen'";
    assert_eq!(
        site.texts(&format!("SELECT CONCAT(departments.name, email, must_change_password) {user}")),
        ["华东chen@example.com1"]
    );
    let roles = "SELECT code FROM roles JOIN user_roles ON role_id = roles.id JOIN users ON users.id = user_id \
                 WHERE username = 'chen' ORDER BY code";
    assert_eq!(site.texts(roles), ["finance", "ops", "sales"]);
    let audited =
        "SELECT CONCAT(action, ' ', actor_username, ' ', source) FROM audit_entries ORDER BY id DESC LIMIT 1";
    assert_eq!(site.texts(audited), ["accounts.user.created system cli"]);

    let said = site.run(&["user", "create", "lin", "--name", "林", "--role", "ops", "--json"]).done().json();
    assert_eq!(said["must_change_password"], true);
    assert!(said["id"].is_u64());
    assert!(site.password_matches("lin", said["password"].as_str().unwrap()));

    let keep = [
        "user",
        "create",
        "kept",
        "--name",
        "K",
        "--role",
        "ops",
        "--password-stdin",
        "--no-change",
        "--json",
    ];
    let said = site.run_with(PASSWORD, &keep).done().json();
    assert_eq!((&said["must_change_password"], &said["password"]), (&json!(false), &Value::Null));
}

#[test]
fn a_user_who_cannot_be_created_is_refused_with_the_reason() {
    let site = Site::with_world();
    let users = site.number("SELECT COUNT(*) FROM users");
    let create = |username: &str, role: &str, more: &[&str]| {
        let arguments = ["user", "create", username, "--name", "陈晨", "--role", role];
        site.run_with("1234567890\n", &[&arguments[..], more].concat())
    };
    create("wang", "ops", &[]).refused("username: This username is taken.");
    create("WANG", "ops", &[]).refused("username: This username is taken.");
    create("chen", "boss", &[]).refused("roles: There is no role \"boss\". The roles are admin, ");
    create("chen", "", &[]).refused("roles: There is no role \"\"");
    create("chen", "ops", &["--department", "无此部门"])
        .refused("department: There is no department \"无此部门\"");
    create("chen", "ops", &["--password-stdin"]).refused("password: This password is easily guessed.");
    create("chen", "ops", &["--email", "nonsense"]).refused("email: ");
    let said = create("陈", "ops", &["--password-stdin", "--json"]).refused("");
    let object: Value = serde_json::from_str(&said.err).unwrap();
    let fields = object["fields"].as_object().unwrap();
    assert!(fields.contains_key("password") && fields.contains_key("username"), "{fields:?}");
    let empty =
        site.run_with("", &["user", "create", "chen", "--name", "C", "--role", "ops", "--password-stdin"]);
    empty.refused("password: This is required.");
    assert_eq!(site.number("SELECT COUNT(*) FROM users"), users);
}

#[test]
fn a_password_is_reset_and_every_session_ended() {
    let site = Site::with_world();
    site.execute(
        "INSERT INTO sessions (key_hash, user_id, address, user_agent, created_at, last_seen_at, expires_at) \
         SELECT REPEAT('a', 64), id, '', '', NOW(6), NOW(6), NOW(6) + INTERVAL 1 DAY FROM users WHERE username = 'wang'",
    );
    let said = site.run(&["user", "reset-password", "wang"]).done();
    assert!(said.out.starts_with("Reset the password of wang (王芳).\n\n  Password  "));
    let password = said.out.split_once("Password  ").unwrap().1.lines().next().unwrap();
    assert!(site.password_matches("wang", password));
    assert_eq!(site.number("SELECT COUNT(*) FROM sessions"), 0);
    assert_eq!(
        site.number("SELECT CAST(must_change_password AS SIGNED) FROM users WHERE username = 'wang'"),
        1
    );

    let typed = "a much better password than before";
    site.run_with(typed, &["user", "reset-password", "wang", "--password-stdin"]).done();
    assert!(site.password_matches("wang", typed));
    site.run_with("wang", &["user", "reset-password", "wang", "--password-stdin"])
        .refused("At least 10 characters.");
    site.run(&["user", "reset-password", "nobody"]).refused("There is no user \"nobody\".");
    site.run(&["user", "reset-password", "gone"]).refused("There is no user \"gone\".");
    assert!(site.password_matches("wang", typed));
}

#[test]
fn staff_are_imported_once_however_often_the_file_is() {
    let site = Site::new();
    let rehearsal = site.run(&["import", "staff", STAFF, "--dry-run"]).done();
    assert!(rehearsal.out.starts_with(
        "15 would be created, 0 unchanged, 0 failed.\nDepartments would be created: 华东销售部, "
    ));
    assert_eq!(
        site.number("SELECT COUNT(*) FROM users") + site.number("SELECT COUNT(*) FROM departments"),
        0
    );
    assert!(site.password_files().is_empty());

    let said = site.run(&["import", "staff", STAFF, "--json"]).done().json();
    assert_eq!((&said["created"], &said["unchanged"], &said["failed"]), (&json!(15), &json!(0), &json!([])));
    assert_eq!(said["departments"].as_array().unwrap().len(), 11);
    let file = PathBuf::from(said["passwords_file"].as_str().unwrap());
    assert_eq!(site.password_files(), std::slice::from_ref(&file));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let mut table = csv::Reader::from_path(&file).unwrap();
    assert_eq!(table.headers().unwrap(), vec!["username", "name", "password"]);
    let rows: Vec<_> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 15);
    assert_eq!((&rows[2][0], &rows[2][1]), ("lina", "李娜"));
    assert!(site.password_matches("lina", &rows[2][2]) && site.password_matches("hubo", &rows[14][2]));
    let audited = "SELECT CONCAT(action, ' ', COUNT(*)) FROM audit_entries GROUP BY action ORDER BY action";
    let once = ["accounts.department.created 11", "accounts.user.created 15", "accounts.user.imported 1"];
    assert_eq!(site.texts(audited), once);
    let label = "SELECT subject_label FROM audit_entries WHERE action = 'accounts.user.imported'";
    assert_eq!(site.texts(label), ["staff.csv"]);

    let again = site.run(&["import", "staff", STAFF, "--json"]).done().json();
    assert_eq!(
        (&again["created"], &again["unchanged"], &again["passwords_file"]),
        (&json!(0), &json!(15), &Value::Null)
    );
    assert_eq!(site.texts(audited), once, "nothing was done, nothing is audited");
    assert_eq!(site.password_files(), [file]);
}

#[test]
fn a_row_that_fails_blocks_no_other_and_the_exit_code_tells() {
    let site = Site::with_world();
    let rows = "username,name,role,department,电话\r\n\
        chen,\"陈, 晨\",运营专员,总公司/华东/二组,1\r\n\
        wang,王芳,team_lead,总公司/华东,2\r\n\
        wang2,=cmd|' /C calc'!A0,销售、finance,华南,3\r\n\
        chen,陈晨,ops,华南,4\r\n\
        li,李磊,ops,一组,5\r\n\
        zhou,周,boss,华南,6\r\n\
        wu,吴,ops,,7\r\n\
        \u{202e}bad,x,ops,华南,8\r\n\
        zheng,郑,ops,华南,9,10\r\n";
    let said = site.import(rows);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    let json = said.json();
    assert_eq!((&json["created"], &json["unchanged"]), (&json!(2), &json!(1)));
    assert_eq!(json["departments"], json!(["总公司 / 华东 / 二组"]));
    assert_eq!(json["ignored_columns"], json!(["电话"]));
    let failed: Vec<_> = json["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["line"].as_u64().unwrap(), row["column"].clone()))
        .collect();
    let expected = [(5, "username"), (6, "name"), (7, "role"), (8, "department"), (9, "username")];
    let mut expected: Vec<_> = expected.map(|(line, column)| (line, json!(column))).to_vec();
    expected.push((10, Value::Null));
    assert_eq!(failed, expected);
    assert_eq!(site.texts("SELECT name FROM users WHERE username LIKE 'wang2'"), ["=cmd|' /C calc'!A0"]);
    let file = fs::read_to_string(json["passwords_file"].as_str().unwrap()).unwrap();
    assert!(file.contains("\nwang2,'=cmd|' /C calc'!A0,") && file.lines().count() == 3, "{file}");
    let told = site.run(&["import", "staff", "staff.csv"]);
    assert!(told.out.contains("\nLine 7, role: No role, or more than one, is called “boss”."), "{told:?}");
}

#[test]
fn a_hostile_file_is_refused_in_a_sentence() {
    let site = Site::new();
    let wide = format!("username,name,role,department{}\nlina,李娜,sales,销售部\n", ",x".repeat(300));
    let gb18030 = encoding_rs::GB18030.encode("用户名,姓名,角色,部门\nlin,林㐂,销售,财务部\n").0.into_owned();
    for (content, part) in [
        (b"".to_vec(), "staff.csv: The file is empty."),
        (b"username,name,role,department\n".to_vec(), "no staff below it"),
        (b"a,b\n1,2\n".to_vec(), "lacks these columns: username, name, role, department"),
        (b"PK\x03\x04 and more".to_vec(), "Excel workbook"),
        (vec![0; 100], "no text file"),
        (b"username,name,role,department\n\"a,b,ops,c\n".to_vec(), "line 2 is never closed"),
        (vec![b'x'; 6 * 1024 * 1024], "larger than 5 MB"),
    ] {
        let said = site.import(content).refused(part);
        assert!(serde_json::from_str::<Value>(&said.err).unwrap()["error"].is_string());
    }
    assert_eq!(site.import(wide).done().json()["created"], 1);
    assert_eq!(site.import(gb18030).done().json()["created"], 1);
    assert_eq!(site.texts("SELECT name FROM users WHERE username = 'lin'"), ["林㐂"]);
    site.run(&["import", "staff", "nowhere.csv"]).refused("nowhere.csv cannot be read: No such file");
    site.run(&["import", "staff", "data"]).refused("data cannot be read: Is a directory");
}

#[test]
fn passwords_are_never_written_over_another_file_nor_left_without_their_users() {
    let site = Site::new();
    let mine = site.directory.path().join("mine.csv");
    fs::write(&mine, "precious").unwrap();
    let into = |path: &str| site.run(&["import", "staff", STAFF, "--passwords", path]);
    into("mine.csv").refused("mine.csv exists already and is not written over.");
    assert_eq!(fs::read_to_string(&mine).unwrap(), "precious");
    into("/proc/nowhere/passwords.csv").refused("/proc/nowhere/passwords.csv cannot be written: ");
    site.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON audit_entries FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'",
    );
    into("other.csv").refused("no");
    assert!(!site.directory.path().join("other.csv").exists(), "nobody has these passwords");
    assert_eq!(site.number("SELECT COUNT(*) FROM users"), 0);
    site.execute("DROP TRIGGER refuse");
    into("other.csv").done();
    assert_eq!(fs::read_to_string(site.directory.path().join("other.csv")).unwrap().lines().count(), 16);
}

#[test]
fn whom_the_operator_acts_as_decides_what_may_be_done() {
    let site = Site::with_world();
    let create = |actor: &str, username: &str, role: &str, department: &str| {
        let arguments = ["--as", actor, "user", "create", username, "--name", "新", "--role", role];
        site.run(&[&arguments[..], &["--department", department]].concat())
    };
    create("li", "new1", "ops", "一组").refused("None of your roles allows this.");
    create("nobody", "new1", "ops", "一组").refused("There is no user \"nobody\" who can sign in.");
    create("off", "new1", "ops", "一组").refused("There is no user \"off\" who can sign in.");
    create("gone", "new1", "ops", "一组").refused("There is no user \"gone\" who can sign in.");
    create("wang", "new1", "ops", "华南").refused("department_id: ");
    create("wang", "new1", "admin", "一组").refused("This goes beyond what you may do yourself.");
    create("wang", "new1", "ops", "一组").done();
    let actor = "SELECT actor_username FROM audit_entries ORDER BY id DESC LIMIT 1";
    assert_eq!(site.texts(actor), ["wang"]);

    site.run(&["--as", "wang", "user", "reset-password", "zhao"]).refused("There is no user \"zhao\".");
    site.run(&["--as", "li", "user", "reset-password", "new1"]).refused("None of your roles allows this.");
    site.run(&["--as", "wang", "user", "reset-password", "new1"]).done();

    let file = site.directory.path().join("staff.csv");
    fs::write(&file, "username,name,role,department\nnew2,新,ops,华南\nnew3,新,ops,总公司/华东/二组\n")
        .unwrap();
    site.run(&["--as", "li", "import", "staff", "staff.csv"]).refused("None of your roles allows this.");
    let said = site.run(&["--as", "wang", "import", "staff", "staff.csv", "--json"]);
    assert_eq!((said.code, &said.json()["created"]), (1, &json!(1)));
    assert_eq!(said.json()["failed"][0]["column"], "department");
}

#[test]
fn settings_are_shown_and_changed_as_on_their_page() {
    let site = Site::with_world();
    let list = site.run(&["settings", "list"]).done();
    assert!(list.out.contains("tasks.keep_days                30 days  (default)\n"), "{list:?}");
    let set = ["settings", "set", "tasks.keep_days", " 014", "--because", "磁盘紧张"];
    assert_eq!(site.run(&set).done().out, "tasks.keep_days is 14 days.\n");
    assert_eq!(site.run(&["settings", "get", "tasks.keep_days"]).done().out, "14\n");
    let kept = "SELECT CONCAT(action, ' ', actor_username, ' ', source, ' ', reason) FROM audit_entries \
                ORDER BY id DESC LIMIT 1";
    assert_eq!(site.texts(kept), ["settings.setting.changed system cli 磁盘紧张"]);
    let got = site.run(&["settings", "get", "tasks.keep_days", "--json"]).done().json();
    assert_eq!(
        (&got["value"], &got["is_default"], &got["version"]),
        (&json!("14"), &json!(false), &json!(1))
    );
    let all = site.run(&["settings", "list", "--json"]).done().json();
    assert!(all["settings"].as_array().unwrap().contains(&got));
    site.run(&["settings", "reset", "tasks.keep_days"]).done();
    assert_eq!(site.run(&["settings", "get", "tasks.keep_days"]).done().out, "30\n");

    site.run(&["settings", "set", "tasks.keep_days", "-1"]).refused("value: Enter a whole number");
    site.run(&["settings", "set", "company.bank_details", "x"]).refused("reason: ");
    for verb in [&["settings", "get", "nothing"][..], &["settings", "set", "nothing", "1"]] {
        site.run(verb).refused("There is no setting \"nothing\". opcms settings list names all of them.");
    }
    let as_finance = |key: &str| site.run(&["settings", "set", key, "10", "--as", "finance_manager"]);
    as_finance("tasks.keep_days").refused("");
    assert_eq!(as_finance("company.phone").done().out, "company.phone is 10.\n");
    assert_eq!(site.number("SELECT COUNT(*) FROM settings WHERE updated_by IS NOT NULL"), 1);
}

#[test]
fn a_job_is_listed_and_asked_to_run_as_its_page_would() {
    let site = Site::with_world();
    site.execute(
        "INSERT INTO jobs (kind, code, description, cron, misfire, timeout_seconds, retries, next_fire_at, created_at, \
         updated_at) VALUES ('builtin', 'db.check', '', '30 3 * * *', 'once', 600, 2, '2040-01-01', NOW(6), NOW(6))",
    );
    let list = site.run(&["job", "list"]).done();
    assert!(list.out.contains("db.check") && list.out.contains("30 3 * * *"), "{list:?}");
    let run = site.run(&["job", "run", "db.check", "--date", "2026-10-31", "--json"]).done().json();
    assert_eq!((&run["job"], &run["business_date"]), (&json!("db.check"), &json!("2026-10-31")));
    let row = "SELECT CONCAT_WS(' ', business_date, state, cause) FROM job_runs";
    assert_eq!(site.texts(row), ["2026-10-31 waiting manual"]);
    site.run(&["job", "run", "db.check"]).refused("former run is unfinished");
    site.run(&["job", "run", "没有这个任务"]).refused("opcms job list");
    site.run(&["job", "run", "db.check", "--date", "2999-01-01"]).refused("business date");
    assert_eq!(site.run(&["job", "run", "db.check", "--date", "yesterday"]).code, 2);
    assert_eq!(site.run(&["--as", "li", "job", "run", "db.check"]).code, 1);
}

#[test]
fn wrong_usage_exits_with_2() {
    let site = Site::bare();
    for arguments in [
        &[][..],
        &["nonsense"],
        &["user"],
        &["user", "create"],
        &["user", "create", "x", "--name", "x"],
        &["user", "create", "x", "--name", "x", "--role", "ops", "--no-change"],
        &["import", "staff"],
        &["import", "staff", "x.csv", "--dry-run", "--passwords", "y"],
        &["check", "--as", "wang"],
        &["serve", "--port", "1"],
    ] {
        let said = site.run(arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}: {said:?}");
        let said = site.run(&[arguments, &["--json"]].concat());
        assert_eq!(said.code, 2);
        let object: Value = serde_json::from_str(&said.err).unwrap_or_else(|_| panic!("no JSON: {said:?}"));
        assert!(object["error"].is_string());
    }
    for arguments in [&["--help"][..], &["user", "create", "--help"], &["--version"]] {
        assert!(!site.run(arguments).done().out.is_empty());
    }
}

#[test]
fn a_database_that_is_not_up_to_date_is_not_touched() {
    let site = Site::bare();
    site.run(&["user", "create", "x", "--name", "x", "--role", "ops"]).refused("Run opcms migrate first.");
    let said = site.run(&["check"]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.starts_with("BREACH  db.migrations") && said.out.ends_with("1 of 1 checks failed.\n"),
        "{said:?}"
    );
    let ran = site.run(&["migrate", "--json"]).done().json();
    assert_eq!(ran["migrations"][0], "2026-11-20-000001_create_departments");
    assert_eq!(site.run(&["migrate"]).done().out, "The database is up to date.\n");
    site.run(&["user", "create", "x", "--name", "x", "--role", "ops"]).done();
}

#[test]
fn a_database_that_cannot_be_used_is_said_with_the_name_of_the_variable() {
    let directory = TempDir::new().unwrap();
    let check =
        |url: &str| Said::of(opcms(directory.path(), &[("DATABASE_URL", url)], &["check"]).output().unwrap());
    let part = "DATABASE_URL is set, but that database cannot be used: ";
    check("mysql://root:hush@localhost/x?unix_socket=/nowhere/sock").refused(part);
    let said = check("mysql://root:hush@127.0.0.1:1/x").refused(part);
    assert!(!said.err.contains("hush"));
    check("postgres://x/y").refused("DATABASE_URL must be a URL that starts with mysql://");
    let faults = [("DATABASE_URL", "x"), ("OPCMS_DB_POOL", "0"), ("OPCMS_LISTEN", "8080")];
    let said =
        Said::of(opcms(directory.path(), &faults, &["serve"]).output().unwrap()).refused("OPCMS_DB_POOL");
    assert_eq!(said.err.lines().filter(|line| line.starts_with("opcms: ")).count(), 3, "{said:?}");
}

#[test]
fn before_the_first_start_no_admin_is_missing() {
    let site = Site::new();
    site.run(&["check"]).done();
    site.run(&["import", "staff", STAFF]).done();
    site.run(&["check"]).done();
    site.execute("DELETE FROM user_roles WHERE role_id = (SELECT id FROM roles WHERE code = 'admin')");
    site.execute("UPDATE users SET username = 'admin' ORDER BY id LIMIT 1");
    assert!(site.run(&["check"]).out.contains("BREACH  accounts.admin "), "the first start makes none here");
}

#[test]
fn a_check_holds_until_somebody_breaks_what_it_claims() {
    let site = Site::with_world();
    let green = site.run(&["check", "--json"]).done().json();
    assert_eq!(green["ok"], true);
    let names: Vec<_> =
        green["checks"].as_array().unwrap().iter().map(|check| check["check"].clone()).collect();
    assert!(names.len() >= 7 && names[0] == "db.migrations", "{names:?}");
    assert!(site.run(&["check"]).done().out.ends_with(&format!("All {} checks hold.\n", names.len())));

    for (check, broken, mended) in [
        (
            "accounts.user_roles",
            "DELETE FROM user_roles WHERE user_id = (SELECT id FROM users WHERE username = 'li')",
            "INSERT INTO user_roles SELECT u.id, r.id FROM users u JOIN roles r ON r.code = 'ops' WHERE u.username = 'li'",
        ),
        (
            "accounts.department_paths",
            "UPDATE departments SET path = '/99/' WHERE name = '一组'",
            "UPDATE departments d JOIN departments p ON p.id = d.parent_id SET d.path = CONCAT(p.path, d.id, '/') WHERE d.name = '一组'",
        ),
        (
            "accounts.role_permissions",
            "INSERT INTO role_permissions SELECT id, 'no.such.thing' FROM roles WHERE code = 'ops'",
            "DELETE FROM role_permissions WHERE permission = 'no.such.thing'",
        ),
        (
            "accounts.admin",
            "UPDATE users SET disabled_at = NOW() WHERE username = 'admin'",
            "UPDATE users SET disabled_at = NULL WHERE username = 'admin'",
        ),
        (
            "accounts.admin_role",
            "UPDATE roles SET data_scope = 'own' WHERE code = 'admin'",
            "UPDATE roles SET data_scope = 'all' WHERE code = 'admin'",
        ),
        (
            "accounts.user_departments",
            "SET foreign_key_checks = 0; UPDATE users SET department_id = 999 WHERE username = 'zhao'",
            "UPDATE users SET department_id = 1 WHERE username = 'zhao'",
        ),
        (
            "db.migrations",
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')",
            "DELETE FROM __diesel_schema_migrations WHERE version = '29990101000000'",
        ),
    ] {
        site.execute(broken);
        let said = site.run(&["check", "--json"]);
        assert_eq!(said.code, 1, "{check}");
        let checks = said.json()["checks"].as_array().unwrap().clone();
        let red: Vec<_> =
            checks.iter().filter(|check| check["ok"] == false).map(|check| check["check"].clone()).collect();
        assert_eq!(red, [check]);
        site.execute(mended);
        assert_eq!(site.run(&["check", "--json"]).code, 0, "{check} after mending");
    }
}

#[test]
fn a_store_that_is_down_takes_no_other_finding_away() {
    let site = Site::with_world();
    let file = tempfile::NamedTempFile::new().unwrap();
    let url = format!("file://{}/files", file.path().display());
    let output = site.command(&["check", "--json"]).env("OPCMS_FILES_URL", url).output().unwrap();
    let said = Said::of(output);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    let checks = said.json()["checks"].as_array().unwrap().clone();
    let red: Vec<_> = checks.iter().filter(|check| check["ok"] == false).collect();
    assert_eq!((red.len(), &red[0]["check"]), (1, &json!("files.objects")));
    assert!(red[0]["examples"][0].as_str().unwrap().contains("that folder cannot be written"), "{red:?}");
    assert!(checks.len() >= 7, "{checks:?}");
}

#[test]
fn a_listener_that_left_is_no_reason_to_panic() {
    let site = Site::with_world();
    let mut child = site.command(&["check"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let output = site.command(&["check"]).stdout(full).output().unwrap();
        Said::of(output).refused("The result cannot be printed: No space left on device");
    }
}

/// A running `opcms serve`, killed with this value.
struct Serving {
    child: Child,
    announced: Value,
}

impl Serving {
    fn start(directory: &Path, variables: &[(&str, &str)]) -> Serving {
        let mut child =
            opcms(directory, variables, &["serve", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let announced = serde_json::from_str(&line).unwrap_or_else(|_| panic!("it announced {line:?}"));
        Serving { child, announced }
    }

    fn address(&self) -> &str {
        self.announced["url"].as_str().unwrap().trim_start_matches("http://").trim_end_matches('/')
    }

    /// The status with which it answers.
    fn status(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address())
            .unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_import_may_come_before_the_first_start_during_a_start_and_after_a_crash() {
    let directory = TempDir::new().unwrap();
    let run = |arguments: &[&str]| Said::of(opcms(directory.path(), &[], arguments).output().unwrap());
    assert_eq!(run(&["import", "staff", STAFF, "--json"]).done().json()["created"], 15);

    let mut serving = Serving::start(directory.path(), &[]);
    assert_eq!(serving.announced["first_admin"]["username"], "admin", "an import makes nobody admin");
    assert_eq!(serving.announced["first_admin"]["password"].as_str().unwrap().len(), 16);
    assert_eq!(serving.status("/readyz"), "200");
    assert_eq!(run(&["import", "staff", STAFF, "--json"]).done().json()["unchanged"], 15);
    run(&["user", "create", "chen", "--name", "陈晨", "--role", "ops", "--department", "财务部"]).done();
    run(&["check"]).done();
    assert_eq!(serving.status("/readyz"), "200", "the verbs joined its database and left it running");

    let listening = [("OPCMS_LISTEN", serving.address())];
    let second = Said::of(opcms(directory.path(), &listening, &["serve"]).output().unwrap());
    second.refused("but another process listens there.");
    assert_eq!(serving.status("/readyz"), "200");

    serving.signal("-9");
    serving.child.wait().unwrap();
    drop(serving);
    let mut serving = Serving::start(directory.path(), &[]);
    assert_eq!(serving.announced["first_admin"], Value::Null);
    assert_eq!(serving.status("/readyz"), "200");
    let examined = run(&["check", "--json"]).done().json()["checks"][1]["examined"].clone();
    assert_eq!(examined, 17, "15 of the file, chen and admin");

    let begun = Instant::now();
    serving.signal("-TERM");
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_day_of_a_source_is_collected_and_its_end_waited_for() {
    let site = Site::with_world();
    let options = PoolOptions { size: 2, patience: Duration::from_secs(5) };
    let db = Database::new(&site.database.url(), options, Clock::System);
    let vendor = Vendor::start(|_, request| match day_in(request).as_str() {
        "2026-11-18" => vendor::status(404, "{}"),
        _ => vendor::json(r#"{"data":[{"company_code":"nobody","quantity":1}]}"#),
    });
    let form = SourceForm {
        code: "vendor".into(),
        name: "影像平台".into(),
        expected_from: "2026-11-01".into(),
        url: format!("{}/?day={{day}}", vendor.url),
        auth: "none".into(),
        ..SourceForm::default()
    };
    let (outbound, secret) = (Outbound::new(true), Secret::fixed("a secret"));
    let given = Given { outbound: &outbound, secret: &secret, source: None, user: None };
    let draft = form.check(&given).unwrap();
    db.write(&system(), |tx| sources::commands::create(tx, &draft)).unwrap();
    let collect = |source: &str, day: &str| {
        let mut command = site.command(&["usage", "collect", "--source", source, "--day", day, "--json"]);
        Said::of(command.env("OPCMS_ALLOW_LOCAL_REQUESTS", "true").output().unwrap())
    };
    let collected = collect("vendor", "2026-11-17").done().json();
    assert_eq!((&collected["state"], &collected["records"]), (&json!("collected"), &json!(1)));
    assert_eq!(collected["quarantined"], json!(1));
    let failed = collect("vendor", "2026-11-18");
    assert_eq!((failed.code, &failed.json()["state"]), (1, &json!("failed")));
    assert_eq!(failed.json()["fault"], json!(Tr::En.sources_fault_status(404)));
    collect("nobody", "2026-11-17").refused("There is no source \\\"nobody\\\".");
    collect("vendor", "9000-01-01").refused(Tr::En.collection_refused_to_come());
    assert_eq!(collect("vendor", "gestern").code, 2);
}
