//! The server that is installed on this machine: which one it is, and how it is told what to do.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::geteuid;

use super::room::{Room, unless_missing};
use super::running::{SPACE_TO_START, wait_or_kill};
use super::{LocalServerError, Result};

/// What a new database needs, its redo log included, with room for the first rows.
const SPACE_FOR_A_NEW_DATABASE: u64 = 256 << 20;

/// Prints the first of its arguments that is a program; `sbin` is missing from many users' `PATH`.
const SEARCH: &str = r#"
PATH="$PATH:/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin:/usr/libexec"
for name; do command -v "$name" && exit; done; exit 1"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    MariaDb,
    MySql,
}

/// The installed server program.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    kind: Kind,
    version: (u32, u32),
}

impl Program {
    pub(super) fn find() -> Result<Program> {
        let path = search(&["mariadbd", "mysqld"])?;
        let failed = |source| LocalServerError::Program { program: path.clone(), source };
        let output = Command::new(&path).args(["--no-defaults", "--version"]).output().map_err(failed)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let number = text.split_whitespace().skip_while(|word| *word != "Ver").nth(1).unwrap_or_default();
        let version =
            parse_version(number).ok_or_else(|| failed(io::Error::other("it does not tell its version")))?;
        let kind = if text.contains("MariaDB") { Kind::MariaDb } else { Kind::MySql };
        Ok(Program { path, kind, version })
    }

    pub(super) fn title(&self) -> String {
        let name = match self.kind {
            Kind::MariaDb => "MariaDB",
            Kind::MySql => "MySQL",
        };
        format!("{name} {}.{}", self.version.0, self.version.1)
    }

    /// Leaves in a database which server has written it.
    pub(super) fn sign(&self, data: &Path) -> io::Result<()> {
        let file = data.join("written-by");
        if fs::read_to_string(&file).is_ok_and(|title| title == self.title()) {
            return Ok(());
        }
        fs::write(file, self.title())
    }

    pub(super) fn require_own_kind(&self, data: &Path) -> Result<()> {
        let written_by = fs::read_to_string(data.join("written-by")).unwrap_or_default();
        let Some((kind, number)) = written_by.split_once(' ') else { return Ok(()) };
        let same_kind = self.title().starts_with(kind);
        if same_kind && parse_version(number).is_none_or(|version| version <= self.version) {
            return Ok(());
        }
        Err(LocalServerError::WrongServer { path: data.to_owned(), written_by, found: self.title() })
    }

    /// Makes a new database beside its place and moves it there when it is complete and on the disk.
    pub(super) fn initialise(&self, room: &Room, log: &File) -> Result<()> {
        room.require_space(SPACE_FOR_A_NEW_DATABASE)?;
        let fresh = room.path.join("data.new");
        unless_missing(fs::remove_dir_all(&fresh)).map_err(|e| room.failed(e))?;
        let from = log.metadata().map_err(|e| room.failed(e))?.len();
        let mut installer = self.installer(room)?;
        let out = log.try_clone().map_err(|e| room.failed(e))?;
        let err = log.try_clone().map_err(|e| room.failed(e))?;
        installer.process_group(0).stdin(Stdio::null()).stdout(out).stderr(err);
        let mut child = installer.spawn().map_err(|source| LocalServerError::Program {
            program: PathBuf::from(installer.get_program()),
            source,
        })?;
        if !wait_or_kill(&mut child).is_some_and(|status| status.success()) {
            let space = room.require_space(SPACE_TO_START);
            unless_missing(fs::remove_dir_all(&fresh)).map_err(|e| room.failed(e))?;
            // On a full disk the log has nothing to tell.
            space?;
            return Err(LocalServerError::InitialisationFailed { log: room.log(), tail: room.tail(from) });
        }
        self.sign(&fresh)
            .and_then(|()| fs::rename(&fresh, room.data()))
            .and_then(|()| File::open(&room.path)?.sync_all())
            .map_err(|e| room.failed(e))
    }

    /// The installer of MariaDB is a shell script that does not quote the data directory: it gets a relative
    /// one. `--rpm` keeps it from looking up the host's name and from touching the system's plugins.
    fn installer(&self, room: &Room) -> Result<Command> {
        let mut command;
        match self.kind {
            Kind::MariaDb => {
                command = Command::new(search(&["mariadb-install-db", "mysql_install_db"])?);
                command.args(["--no-defaults", "--datadir=./data.new", "--rpm", "--skip-test-db"]);
                command.arg("--auth-root-authentication-method=normal");
            }
            Kind::MySql => {
                command = Command::new(&self.path);
                command.args(["--no-defaults", "--initialize-insecure"]);
                command.arg(option("--datadir=", &room.path.join("data.new")));
            }
        }
        // In the common temporary directory, every other server that starts sweeps our files away.
        command.env("TMPDIR", ".");
        command.args(as_root()).current_dir(&room.path);
        Ok(command)
    }

    /// The server's command line, program first.
    pub(super) fn command_line(&self, room: &Room) -> Vec<OsString> {
        let mut line = vec![self.path.clone().into_os_string(), "--no-defaults".into()];
        line.push(option("--datadir=", &room.data()));
        line.push(option("--socket=", &room.socket));
        line.push(option("--pid-file=", &room.pid_file()));
        line.push(option("--tmpdir=", &room.tmp()));
        line.extend(SETTINGS.map(OsString::from));
        line.extend((self.kind == Kind::MySql).then(|| OsString::from("--mysqlx=OFF")));
        line.extend(as_root().map(OsString::from));
        line
    }
}

/// What is committed survives a power cut; strangers cannot connect; both kinds of server behave alike.
const SETTINGS: [&str; 14] = [
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-doublewrite=ON",
    "--innodb-buffer-pool-size=256M",
    "--max-connections=200",
    "--max-allowed-packet=64M",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_520_ci",
    "--default-time-zone=+00:00",
    "--performance-schema=OFF",
    "--skip-log-bin",
    "--skip-networking",
    "--skip-name-resolve",
    "--local-infile=OFF",
    "--event-scheduler=OFF",
];

fn search(names: &[&'static str]) -> Result<PathBuf> {
    let program = PathBuf::from("/bin/sh");
    let output = Command::new(&program).args(["-c", SEARCH, "search"]).args(names).output();
    let output = output.map_err(|source| LocalServerError::Program { program, source })?;
    match String::from_utf8_lossy(&output.stdout).trim() {
        "" => Err(LocalServerError::NotInstalled(names.first().copied().unwrap_or_default())),
        path => Ok(PathBuf::from(path)),
    }
}

fn parse_version(number: &str) -> Option<(u32, u32)> {
    let mut parts = number.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}

/// Both servers refuse to run as root unless they are told that it is meant.
fn as_root() -> Option<&'static str> {
    geteuid().is_root().then_some("--user=root")
}
