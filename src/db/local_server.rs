//! The private database server: what the product runs on while no `DATABASE_URL` names another one.
//!
//! Everything lives in `<data directory>/mysql/`, a directory of mode 0700, because whoever reaches the
//! socket is the database's root:
//!
//! | entry | what it is |
//! |---|---|
//! | `data/` | the database; it appears under this name only when it is complete (`data.new/` before) |
//! | `server.sock` | the only way in; a short private directory under the temp dir when this path is too long |
//! | `server.lock` | locked by the *owner*, the one process that starts and stops the server |
//! | `server.log` | the server's own words; locked by whoever can write to them, the server included |
//! | `tmp/` | the server's sorting space |
//!
//! Invariants
//! * Both locks are the kernel's (`flock`): they vanish with their holder, so a stale one cannot exist.
//! * The log is the server's standard error, so its lock is inherited and lasts until the last server process
//!   is gone. An owner takes it before it starts or initialises anything: no two servers share a database.
//! * The supervisor, a few lines of shell, holds the reading end of a pipe whose writing end belongs to the
//!   owner. However the owner ends, by `stop`, exit, `kill -9` or exec, the pipe closes and the server is
//!   asked to stop. No process id is ever guessed. A server that crashes is started again.
//! * A process that finds an owner joins as a guest, and becomes the owner should the other one leave: a
//!   `serve` that was started in the middle of an import outlives the import.
//!
//! It is not a pool and knows no schema: it ends where a connection URL begins.

mod program;
mod room;
mod running;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use room::Room;
use running::Running;

/// How long a server may take to answer, to recover or to end before we say so.
const PATIENCE: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(20);
/// How often a guest looks whether the owner has left.
const GUEST_POLL: Duration = Duration::from_millis(500);

/// Why there is no private database server, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "every variant is described by its message")]
pub enum LocalServerError {
    #[error(
        "No database server is installed: `{0}` was not found. Run script/bootstrap, or install MariaDB \
         (Debian and Ubuntu: apt install mariadb-server-core mariadb-client-core; Fedora: dnf install \
         mariadb-server; macOS: brew install mariadb), or set DATABASE_URL to a server of your own."
    )]
    NotInstalled(&'static str),
    #[error("{program} could not be run: {source}. Reinstall the database server, or set DATABASE_URL.")]
    Program { program: PathBuf, source: io::Error },
    #[error(
        "{path} cannot be used: {source}. Give the user who runs opcms the right to write there, or choose \
         another data directory."
    )]
    Directory { path: PathBuf, source: io::Error },
    #[error(
        "{path} belongs to the user with id {owner}, but opcms runs as {user}. Run it as the user who owns \
         the data directory, or change the owner of everything in it."
    )]
    NotOurs { path: PathBuf, owner: u32, user: u32 },
    #[error(
        "The path of the database's socket, {0}, is too long for this system. Choose a data directory with a \
         shorter path, or set TMPDIR to a short one."
    )]
    SocketPathTooLong(PathBuf),
    #[error(
        "The database needs {needed} MB to start, but only {free} MB are free at {path}. Free some space, or \
         choose a data directory on another disk."
    )]
    DiskFull { path: PathBuf, needed: u64, free: u64 },
    #[error(
        "The database in {path} was written by {written_by}, and {found} cannot read it. Install \
         {written_by} or a newer one of its kind, or restore a backup into an empty data directory."
    )]
    WrongServer { path: PathBuf, written_by: String, found: String },
    #[error(
        "The new database could not be initialised; nothing was left behind, so that the next start tries \
         again. The whole log is in {log}; its last lines are:\n{tail}"
    )]
    InitialisationFailed { log: PathBuf, tail: String },
    #[error(
        "The database server ended before it answered. Put right what its last lines say and start again; \
         the whole log is in {log}:\n{tail}"
    )]
    Ended { log: PathBuf, tail: String },
    #[error(
        "The database server did not answer in {seconds} seconds. If the machine is busy, start again; \
         otherwise see the log in {log}. Its last lines are:\n{tail}"
    )]
    NoAnswer { seconds: u64, log: PathBuf, tail: String },
    #[error(
        "A database server of an earlier run still uses {path} after {seconds} seconds. Stop that process \
         (its number is in {path}/data/server.pid) and start again."
    )]
    StillRunning { path: PathBuf, seconds: u64 },
    #[error(
        "The database server did not stop in {seconds} seconds and was killed. Nothing committed is lost: \
         the next start recovers it. The log is in {log}."
    )]
    DidNotStop { seconds: u64, log: PathBuf },
}

type Result<T, E = LocalServerError> = std::result::Result<T, E>;

/// The private server of a data directory, for as long as this value lives.
#[derive(Debug)]
pub struct LocalServer {
    room: Room,
    role: Role,
}

#[derive(Debug)]
enum Role {
    Owner(Running),
    Guest(Guest),
}

impl LocalServer {
    /// Joins the server another process of this data directory runs, or starts our own, initialising the
    /// database on first use. Returns when the server answers.
    ///
    /// # Errors
    /// Whenever there is no answering server in the end; each error is a sentence that says what to do.
    pub fn start(data_dir: &Path) -> Result<LocalServer> {
        let room = Room::open(data_dir)?;
        let lock = room.open_file("server.lock")?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if room.try_lock(&lock)? {
                let running = Running::start(&room, lock)?;
                return Ok(LocalServer { room, role: Role::Owner(running) });
            }
            if room.answers() {
                let guest = Guest::new(&room);
                return Ok(LocalServer { room, role: Role::Guest(guest) });
            }
            if Instant::now() > deadline {
                return Err(room.no_answer(0));
            }
            thread::sleep(POLL);
        }
    }

    /// The connection URL of a database of this server; with an empty name, of the server itself.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.room.url(database)
    }

    /// Whether this process started the server, as against having joined it.
    #[must_use]
    pub fn owns(&self) -> bool {
        matches!(self.role, Role::Owner(_))
    }

    /// Ends this process's use of the server: an owner shuts it down cleanly, a guest leaves it running.
    /// Dropping the value does the same and logs what would have been the error.
    ///
    /// # Errors
    /// When the server did not end in time and had to be killed.
    pub fn stop(self) -> Result<()> {
        match self.role {
            Role::Owner(mut running) => running.end(),
            Role::Guest(mut guest) => guest.leave(),
        }
    }
}

/// The use of a server that another process started. A thread of its own waits for that process to leave and
/// then takes its place.
#[derive(Debug)]
struct Guest {
    leave: Option<Sender<()>>,
    heir: Option<JoinHandle<Option<Running>>>,
}

impl Guest {
    fn new(room: &Room) -> Guest {
        let (leave, left) = mpsc::channel();
        let room = room.clone();
        let heir =
            thread::Builder::new().name("local-server-heir".into()).spawn(move || inherit(&room, &left));
        if let Err(error) = &heir {
            tracing::warn!(%error, "this process cannot take over the private database when its owner leaves");
        }
        Guest { leave: Some(leave), heir: heir.ok() }
    }

    fn leave(&mut self) -> Result<()> {
        drop(self.leave.take());
        let inherited = self.heir.take().and_then(|heir| heir.join().ok()).flatten();
        inherited.map_or(Ok(()), |mut running| running.end())
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::error!(%error, "the private database did not stop cleanly");
        }
    }
}

fn inherit(room: &Room, left: &Receiver<()>) -> Option<Running> {
    while left.recv_timeout(GUEST_POLL) == Err(RecvTimeoutError::Timeout) {
        let Ok(lock) = room.open_file("server.lock") else { continue };
        if !room.try_lock(&lock).unwrap_or(false) {
            continue;
        }
        tracing::info!("the owner of the private database has left; this process takes over");
        match Running::start(room, lock) {
            Ok(running) => {
                let _ = left.recv();
                return Some(running);
            }
            Err(error) => tracing::error!(%error, "the private database could not be taken over"),
        }
    }
    None
}
