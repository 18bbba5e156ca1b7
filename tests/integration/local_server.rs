//! The private database server, with real servers and real processes: what it must never lose.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use opcms::db::local_server::{LocalServer, LocalServerError};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(20);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn execute(url: &str, statements: &[&str]) {
    let mut db = MysqlConnection::establish(url).unwrap();
    for statement in statements {
        diesel::sql_query(*statement).execute(&mut db).unwrap();
    }
}

fn write_a_row(server: &LocalServer) {
    execute(
        &server.url(""),
        &[
            "CREATE DATABASE IF NOT EXISTS kept",
            "CREATE TABLE IF NOT EXISTS kept.notes (id BIGINT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(20))",
            "INSERT INTO kept.notes (text) VALUES ('留下来')",
        ],
    );
}

fn count_rows(url: &str) -> QueryResult<i64> {
    let mut db = MysqlConnection::establish(url).map_err(|_| diesel::result::Error::NotFound)?;
    let found: Count =
        diesel::sql_query("SELECT COUNT(*) AS n FROM notes WHERE text = '留下来'").get_result(&mut db)?;
    Ok(found.n)
}

/// Waits until the condition holds, and says what it waited for when it never does.
fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn answers(url: &str) -> bool {
    MysqlConnection::establish(url).is_ok()
}

fn server_pid(data: &Path) -> Option<String> {
    fs::read_to_string(data.join("mysql/data/server.pid")).ok().map(|pid| pid.trim().to_owned())
}

/// No process of the server is left: its log, which they all hold, can be locked.
fn is_deserted(data: &Path) -> bool {
    fs::File::open(data.join("mysql/server.log")).unwrap().try_lock().is_ok()
}

fn kill_9(pid: &str) {
    assert!(Command::new("kill").args(["-9", pid]).status().unwrap().success());
}

/// Another process that uses the server of a data directory until it is told to leave.
struct Other {
    child: Child,
    said: Receiver<String>,
}

impl Other {
    fn start(data: &Path) -> Other {
        Other::start_with(data, |_| ())
    }

    fn start_with(data: &Path, adapt: impl FnOnce(&mut Command)) -> Other {
        let (_, module) = module_path!().split_once("::").unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "--ignored", "--nocapture", &format!("{module}::another_process")])
            .env("OPCMS_TEST_DATA", data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        adapt(&mut command);
        let mut child = command.spawn().unwrap();
        let (tell, said) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some((_, words)) = line.split_once("another process: ") {
                    let _ = tell.send(words.to_owned());
                }
            }
        });
        Other { child, said }
    }

    fn hear(&self) -> String {
        self.said.recv_timeout(LIMIT).unwrap()
    }

    fn leave(mut self) {
        drop(self.child.stdin.take());
        assert_eq!(self.hear(), "stopped");
        assert!(self.child.wait().unwrap().success());
    }

    fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "not a test: the other process of the tests below"]
fn another_process() {
    let Some(data) = std::env::var_os("OPCMS_TEST_DATA") else { return };
    match LocalServer::start(Path::new(&data)) {
        Err(error) => println!("another process: {}", error.to_string().replace('\n', " ")),
        Ok(server) => {
            println!("another process: {}", if server.owns() { "owner" } else { "guest" });
            let _ = std::io::stdin().read_line(&mut String::new());
            server.stop().unwrap();
            println!("another process: stopped");
        }
    }
    std::io::stdout().flush().unwrap();
}

#[test]
fn first_use_makes_a_private_database_and_nothing_beside_it() {
    let data = TempDir::new().unwrap();
    let room = data.path().join("deep/er/mysql");
    let server = LocalServer::start(&data.path().join("deep/er")).unwrap();
    assert!(server.owns());
    assert!(server.url("opcms").starts_with("mysql://root@localhost/opcms?unix_socket=/"));
    assert_eq!(fs::metadata(&room).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::read_dir(data.path().join("deep/er")).unwrap().count(), 1);
    assert!(room.join("server.sock").exists());
    server.stop().unwrap();
    assert!(!room.join("server.sock").exists());
    assert!(!room.join("data.new").exists());
}

#[test]
fn committed_rows_survive_stop_and_start() {
    let data = TempDir::new().unwrap();
    let server = LocalServer::start(data.path()).unwrap();
    write_a_row(&server);
    server.stop().unwrap();
    assert!(is_deserted(data.path()));

    let begun = Instant::now();
    let server = LocalServer::start(data.path()).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
    assert_eq!(count_rows(&server.url("kept")), Ok(1));
}

#[test]
fn a_second_process_joins_and_leaves_the_server_running() {
    let data = TempDir::new().unwrap();
    let server = LocalServer::start(data.path()).unwrap();
    let other = Other::start(data.path());
    assert_eq!(other.hear(), "guest");
    other.leave();
    assert!(answers(&server.url("")));
}

#[test]
fn a_guest_takes_over_when_the_owner_leaves() {
    let data = TempDir::new().unwrap();
    let owner = Other::start(data.path());
    assert_eq!(owner.hear(), "owner");
    let guest = LocalServer::start(data.path()).unwrap();
    assert!(!guest.owns());
    write_a_row(&guest);
    owner.leave();
    eventually("the guest answers for the owner", || count_rows(&guest.url("kept")) == Ok(1));
    guest.stop().unwrap();
    assert!(is_deserted(data.path()));
}

#[test]
fn of_two_processes_at_the_same_moment_one_owns_and_one_joins() {
    let data = TempDir::new().unwrap();
    let both = [Other::start(data.path()), Other::start(data.path())];
    let mut roles = both.each_ref().map(Other::hear);
    roles.sort();
    assert_eq!(roles, ["guest", "owner"]);
    for other in both {
        other.leave();
    }
    assert!(is_deserted(data.path()));
}

#[test]
fn the_server_follows_a_killed_owner_and_keeps_what_was_committed() {
    let data = TempDir::new().unwrap();
    let owner = Other::start(data.path());
    assert_eq!(owner.hear(), "owner");
    let guest = LocalServer::start(data.path()).unwrap();
    write_a_row(&guest);
    let url = guest.url("kept");
    guest.stop().unwrap();

    owner.kill_9();
    eventually("the orphaned server ends", || is_deserted(data.path()));
    assert!(!answers(&url));
    let server = LocalServer::start(data.path()).unwrap();
    assert!(server.owns());
    assert_eq!(count_rows(&url), Ok(1));
}

#[test]
fn a_new_owner_does_not_wait_in_vain_for_an_orphan_without_supervisor() {
    let data = TempDir::new().unwrap();
    let owner = Other::start(data.path());
    assert_eq!(owner.hear(), "owner");
    let orphan = server_pid(data.path()).unwrap();
    let parents = Command::new("ps").args(["-o", "ppid=", "-p", &orphan]).output().unwrap();
    let supervisor = String::from_utf8(parents.stdout).unwrap().trim().to_owned();
    let watch = Command::new("ps").args(["-o", "pid=", "--ppid", &supervisor]).output().unwrap();
    for pid in String::from_utf8(watch.stdout).unwrap().split_whitespace().filter(|pid| *pid != orphan) {
        kill_9(pid);
    }
    kill_9(&supervisor);
    owner.kill_9();
    assert!(!is_deserted(data.path()));

    let server = LocalServer::start(data.path()).unwrap();
    assert!(server.owns());
    assert_ne!(server_pid(data.path()).unwrap(), orphan);
}

#[test]
fn a_killed_server_is_started_again_and_has_lost_nothing() {
    let data = TempDir::new().unwrap();
    let server = LocalServer::start(data.path()).unwrap();
    write_a_row(&server);
    kill_9(&server_pid(data.path()).unwrap());
    eventually("the server is back", || count_rows(&server.url("kept")) == Ok(1));
    write_a_row(&server);
    server.stop().unwrap();

    let server = LocalServer::start(data.path()).unwrap();
    assert_eq!(count_rows(&server.url("kept")), Ok(2));
}

#[test]
fn everything_killed_at_once_is_recovered() {
    let data = TempDir::new().unwrap();
    let owner = Other::start(data.path());
    assert_eq!(owner.hear(), "owner");
    let guest = LocalServer::start(data.path()).unwrap();
    write_a_row(&guest);
    guest.stop().unwrap();
    kill_9(&server_pid(data.path()).unwrap());
    owner.kill_9();

    let server = LocalServer::start(data.path()).unwrap();
    assert!(server.owns());
    assert_eq!(count_rows(&server.url("kept")), Ok(1));
}

#[test]
fn a_half_made_database_is_made_anew() {
    let data = TempDir::new().unwrap();
    let owner = Other::start(data.path());
    let half_made = data.path().join("mysql/data.new");
    eventually("the initialisation is under way", || half_made.join("ibdata1").exists());
    owner.kill_9();

    let server = LocalServer::start(data.path()).unwrap();
    assert!(server.owns());
    write_a_row(&server);
    assert!(!half_made.exists());
}

#[test]
fn a_path_too_long_or_too_strange_for_a_socket_works() {
    let data = TempDir::new().unwrap();
    let deep = data.path().join("运营 结算+100%#数据").join("d".repeat(100));
    let server = LocalServer::start(&deep).unwrap();
    write_a_row(&server);
    let other = Other::start(&deep);
    assert_eq!(other.hear(), "guest");
    other.leave();
    let (_, socket) =
        server.url("").split_once("unix_socket=").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(
        fs::metadata(Path::new(&socket).parent().unwrap()).unwrap().permissions().mode() & 0o777,
        0o700
    );
    server.stop().unwrap();
    fs::remove_dir(Path::new(&socket).parent().unwrap()).unwrap();

    let strange = data.path().join("结 算+%#?");
    let server = LocalServer::start(&strange).unwrap();
    write_a_row(&server);
    assert!(strange.join("mysql/server.sock").exists());
}

#[test]
fn a_temp_dir_too_long_for_a_socket_is_refused_in_words() {
    let data = TempDir::new().unwrap();
    let long: PathBuf = data.path().join("t".repeat(120));
    let other = Other::start_with(&long, |command| {
        command.env("TMPDIR", &long);
    });
    assert!(other.hear().contains("set TMPDIR to a short one"));
}

#[test]
fn a_database_of_a_newer_server_is_left_alone() {
    let data = TempDir::new().unwrap();
    let database = data.path().join("mysql/data");
    fs::create_dir_all(&database).unwrap();
    for stranger in ["MariaDB 99.1", "OtherSQL 1.0"] {
        fs::write(database.join("written-by"), stranger).unwrap();
        let error = LocalServer::start(data.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("was written by {stranger}")), "{error}");
    }
}

#[test]
fn a_server_that_cannot_start_is_reported_with_its_last_words() {
    let data = TempDir::new().unwrap();
    LocalServer::start(data.path()).unwrap().stop().unwrap();
    fs::write(data.path().join("mysql/data/ibdata1"), "not a database").unwrap();
    let error = LocalServer::start(data.path()).unwrap_err();
    assert!(matches!(error, LocalServerError::Ended { .. }), "{error}");
    assert!(error.to_string().contains("[ERROR]"), "{error}");
    assert!(error.to_string().contains("server.log"), "{error}");
    assert!(is_deserted(data.path()));
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let data = TempDir::new().unwrap();
    let file = data.path().join("file");
    fs::write(&file, "").unwrap();
    let error = LocalServer::start(&file).unwrap_err();
    assert!(matches!(error, LocalServerError::Directory { .. }), "{error}");
    assert!(error.to_string().contains("choose another data directory"), "{error}");
}

#[test]
fn a_missing_server_says_which_package_to_install() {
    let message = LocalServerError::NotInstalled("mariadbd").to_string();
    assert!(message.contains("script/bootstrap"), "{message}");
    assert!(message.contains("apt install mariadb-server"), "{message}");
}
