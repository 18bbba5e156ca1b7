//! The database server of the tests: private, in memory where the system offers that, shared by all test processes
//! that run at the same moment, and gone a second after the last of them.
//!
//! Every test process holds a shared lock on `users.lock` for as long as it lives. A supervisor, a few lines of shell
//! in a session of its own, owns the server: it kills it and removes everything when nobody holds that lock any more,
//! however the processes ended. Nothing here is durable: that is what makes a database per test cheap.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// `$1` is the directory, `$2` its lock for supervisors, the rest the server's command line.
const SUPERVISOR: &str = r#"
directory=$1; shift
exec 9>"$directory/supervisor.lock"
flock -n 9 || exit 1
"$@" >"$directory/log" 2>&1 9>&- &
server=$!
echo "$server" >"$directory/pid"
while sleep 1; do
    flock -n -x "$directory/users.lock" -c "kill -9 $server; rm -rf '$directory/data' '$directory/sock'" && exit
    kill -0 "$server" 2>/dev/null || exit
done"#;

const PATIENCE: Duration = Duration::from_secs(30);

struct Server {
    socket: PathBuf,
    /// Held, not used: as long as it is open, the server stays.
    _user: File,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let directory = base.join(format!("opcms-tests-{}", rustix::process::getuid().as_raw()));
        fs::create_dir_all(&directory).unwrap();
        let user = File::create(directory.join("users.lock")).unwrap();
        user.lock_shared().unwrap();
        let server = Server { socket: directory.join("sock"), _user: user };
        let start = File::create(directory.join("start.lock")).unwrap();
        start.lock().unwrap();
        if !is_supervised(&directory) {
            kill_orphan(&directory);
        }
        if connect_to(&server.socket, "mysql").is_err() {
            begin(&directory, &server.socket);
        }
        sweep(&server.socket);
        server
    })
}

fn is_supervised(directory: &Path) -> bool {
    File::create(directory.join("supervisor.lock")).unwrap().try_lock().is_err()
}

/// A server whose supervisor was killed would outlive everybody.
fn kill_orphan(directory: &Path) {
    let Ok(pid) = fs::read_to_string(directory.join("pid")) else { return };
    let line = fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
    if String::from_utf8_lossy(&line).contains(directory.to_str().unwrap()) {
        let _ = Command::new("kill").args(["-9", pid.trim()]).status();
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn begin(directory: &Path, socket: &Path) {
    let data = directory.join("data");
    let _ = fs::remove_dir_all(&data);
    let _ = fs::remove_file(socket);
    let as_root = rustix::process::getuid().is_root().then_some("--user=root");
    let installed = Command::new("mariadb-install-db")
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .args(["--innodb-log-file-size=10M", &format!("--datadir={}", data.display())])
        // In the common temporary directory, every other server that starts sweeps our files away.
        .env("TMPDIR", directory)
        .args(as_root)
        .output()
        .unwrap_or_else(|fault| panic!("no database server is installed ({fault}): run script/bootstrap"));
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    let mariadbd = ["/usr/sbin/mariadbd", "/usr/libexec/mariadbd", "/opt/homebrew/bin/mariadbd"];
    let program = mariadbd.into_iter().find(|path| Path::new(path).exists()).unwrap_or("mariadbd");
    let started = Command::new("sh")
        .args(["-c", "setsid sh -c \"$0\" \"$@\" &", SUPERVISOR])
        .args(["opcms-test-database", directory.to_str().unwrap(), program])
        .args(["--no-defaults", &format!("--datadir={}", data.display())])
        .arg(format!("--socket={}", socket.display()))
        .arg(format!("--tmpdir={}", data.display()))
        .args(["--skip-networking", "--skip-name-resolve", "--skip-log-bin", "--performance-schema=0"])
        .args([
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync",
            "--innodb-doublewrite=0",
        ])
        .args(["--innodb-file-per-table=0", "--innodb-stats-persistent=0", "--innodb-log-file-size=32M"])
        .args(["--max-connections=500", "--character-set-server=utf8mb4"])
        // On purpose not ours: what relies on the server's default shows itself.
        .arg("--collation-server=utf8mb4_general_ci")
        .args(as_root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(started.unwrap().success());
    let deadline = Instant::now() + PATIENCE;
    while connect_to(socket, "mysql").is_err() {
        let log = fs::read_to_string(directory.join("log")).unwrap_or_default();
        assert!(Instant::now() < deadline, "the database server did not answer:\n{log}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Drops what a killed test process left in a server that others kept alive.
fn sweep(socket: &Path) {
    let mut conn = connect_to(socket, "mysql").unwrap();
    let names: Vec<String> =
        sql::<Text>("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 't\\_%'")
            .load(&mut conn)
            .unwrap();
    for name in names {
        let owner = name.split('_').nth(1).unwrap_or_default();
        if !Path::new("/proc").join(owner).exists() {
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name}"));
        }
    }
}

fn url_of(socket: &Path, database: &str) -> String {
    format!("mysql://root@localhost/{database}?unix_socket={}", socket.display())
}

fn connect_to(socket: &Path, database: &str) -> ConnectionResult<MysqlConnection> {
    MysqlConnection::establish(&url_of(socket, database))
}

/// A database of the test server, dropped with this value.
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// A fresh one without tables.
    pub fn empty() -> TestDatabase {
        let database = TestDatabase::reserve();
        let mut conn = connect_to(&server().socket, "mysql").unwrap();
        conn.batch_execute(&database.create_statement()).unwrap();
        database
    }

    /// A fresh one, filled by `statements`.
    pub fn filled(statements: &str) -> TestDatabase {
        let database = TestDatabase::reserve();
        let mut conn = connect_to(&server().socket, "mysql").unwrap();
        let (create, name) = (database.create_statement(), &database.name);
        let batch =
            format!("{create} USE {name}; SET foreign_key_checks = 0; SET NAMES utf8mb4; {statements}");
        conn.batch_execute(&batch).unwrap();
        database
    }

    fn reserve() -> TestDatabase {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        TestDatabase { name: format!("t_{}_{number}", std::process::id()) }
    }

    fn create_statement(&self) -> String {
        format!("CREATE DATABASE {} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;", self.name)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its connection URL.
    pub fn url(&self) -> String {
        url_of(&server().socket, &self.name)
    }

    /// A connection of one's own.
    pub fn connect(&self) -> MysqlConnection {
        connect_to(&server().socket, &self.name).unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Ok(mut conn) = connect_to(&server().socket, "mysql") {
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {}", self.name));
        }
    }
}
