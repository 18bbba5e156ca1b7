//! The directory of one private server: its paths, its locks, and what can be told from them about who is there.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::{Connection, MysqlConnection};
use rustix::process::geteuid;
use sha2::{Digest, Sha256};

use super::{LocalServerError, PATIENCE, POLL, Result};

/// `sun_path` holds 104 bytes on macOS and 108 on Linux, the closing zero included.
const SOCKET_PATH_LIMIT: usize = 103;
const LOG_LIMIT: u64 = 4 << 20;

/// The directory of one server.
#[derive(Debug, Clone)]
pub(super) struct Room {
    pub(super) path: PathBuf,
    pub(super) socket: PathBuf,
}

impl Room {
    pub(super) fn open(data_dir: &Path) -> Result<Room> {
        let path = data_dir.join("mysql");
        let failed = |source| LocalServerError::Directory { path: path.clone(), source };
        fs::create_dir_all(data_dir).map_err(failed)?;
        create_private_directory(&path)?;
        require_private(&path, &fs::metadata(&path).map_err(failed)?)?;
        let path = path.canonicalize().map_err(failed)?;
        let socket = choose_socket(&path)?;
        Ok(Room { path, socket })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Written by the server when it is ready, removed by it when it has ended well.
    pub(super) fn pid_file(&self) -> PathBuf {
        self.data().join("server.pid")
    }

    pub(super) fn tmp(&self) -> PathBuf {
        self.path.join("tmp")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("server.log")
    }

    pub(super) fn failed(&self, source: io::Error) -> LocalServerError {
        LocalServerError::Directory { path: self.path.clone(), source }
    }

    pub(super) fn open_file(&self, name: &str) -> Result<File> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600).open(self.path.join(name)).map_err(|e| self.failed(e))
    }

    pub(super) fn try_lock(&self, file: &File) -> Result<bool> {
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(self.failed(source)),
        }
    }

    /// The log, locked: nothing of an earlier server lives any more. One whose owner was killed is already
    /// being stopped by its supervisor; it is asked again here, in case the supervisor was killed as well.
    pub(super) fn claim_log(&self) -> Result<File> {
        let log = self.open_file("server.log")?;
        let deadline = Instant::now() + PATIENCE;
        while !self.try_lock(&log)? {
            if Instant::now() > deadline {
                return Err(LocalServerError::StillRunning {
                    path: self.path.clone(),
                    seconds: PATIENCE.as_secs(),
                });
            }
            if let Ok(mut orphan) = MysqlConnection::establish(&self.url("")) {
                let _ = orphan.batch_execute("SHUTDOWN");
            }
            thread::sleep(POLL);
        }
        if log.metadata().map_err(|e| self.failed(e))?.len() > LOG_LIMIT {
            log.set_len(0).map_err(|e| self.failed(e))?;
        }
        Ok(log)
    }

    pub(super) fn url(&self, database: &str) -> String {
        let mut url = format!("mysql://root@localhost/{database}?unix_socket=");
        for &byte in self.socket.as_os_str().as_bytes() {
            if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
                url.push(char::from(byte));
            } else {
                let _ = write!(url, "%{byte:02X}");
            }
        }
        url
    }

    pub(super) fn answers(&self) -> bool {
        MysqlConnection::establish(&self.url("")).is_ok()
    }

    /// What the server said last, its routine notes left out.
    pub(super) fn tail(&self, from: u64) -> String {
        let mut bytes = Vec::new();
        let read = File::open(self.log()).and_then(|mut log| {
            log.seek(SeekFrom::Start(from))?;
            log.take(LOG_LIMIT).read_to_end(&mut bytes)
        });
        if let Err(error) = read {
            return format!("(the log cannot be read: {error})");
        }
        let text = String::from_utf8_lossy(&bytes);
        let told =
            |line: &&str| !(line.trim().is_empty() || line.contains("[Note]") || line.contains("[System]"));
        let mut lines: Vec<&str> = text.lines().rev().filter(told).take(12).collect();
        lines.reverse();
        lines.join("\n")
    }

    pub(super) fn no_answer(&self, from: u64) -> LocalServerError {
        LocalServerError::NoAnswer { seconds: PATIENCE.as_secs(), log: self.log(), tail: self.tail(from) }
    }

    pub(super) fn require_space(&self, needed: u64) -> Result<()> {
        let disk = rustix::fs::statvfs(&self.path).map_err(|e| self.failed(e.into()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free >= needed {
            return Ok(());
        }
        Err(LocalServerError::DiskFull { path: self.path.clone(), needed: needed >> 20, free: free >> 20 })
    }

    /// Removes what a killed server leaves behind; called only while no server of this room lives. MySQL
    /// keeps a lock file beside its socket and believes it when another process has come by the same number.
    pub(super) fn sweep(&self) -> Result<()> {
        for file in [self.socket.clone(), self.socket.with_extension("sock.lock")] {
            unless_missing(fs::remove_file(file)).map_err(|e| self.failed(e))?;
        }
        unless_missing(fs::remove_dir_all(self.tmp())).map_err(|e| self.failed(e))?;
        create_private_directory(&self.tmp())?;
        // Whoever tidies the temp dir may have removed it since we chose it.
        choose_socket(&self.path).map(|_| ())
    }
}

/// The socket in the room, or in a private directory of the temp dir, whose name every process derives from
/// the room's path, when the system or the connection URL could not carry that path.
fn choose_socket(room: &Path) -> Result<PathBuf> {
    let fits = |socket: &PathBuf| socket.to_str().is_some_and(|text| text.len() <= SOCKET_PATH_LIMIT);
    let socket = room.join("server.sock");
    if fits(&socket) {
        return Ok(socket);
    }
    let mut name = String::from("opcms-");
    for byte in Sha256::digest(room.as_os_str().as_bytes()).iter().take(8) {
        let _ = write!(name, "{byte:02x}");
    }
    let directory = std::env::temp_dir().join(name);
    let socket = directory.join("server.sock");
    if !fits(&socket) {
        return Err(LocalServerError::SocketPathTooLong(socket));
    }
    create_private_directory(&directory)?;
    let found = fs::symlink_metadata(&directory)
        .map_err(|source| LocalServerError::Directory { path: directory.clone(), source })?;
    require_private(&directory, &found)?;
    Ok(socket)
}

fn create_private_directory(path: &Path) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            Err(LocalServerError::Directory { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

fn require_private(path: &Path, found: &Metadata) -> Result<()> {
    let failed = |source| LocalServerError::Directory { path: path.to_owned(), source };
    let user = geteuid().as_raw();
    if !found.is_dir() {
        return Err(failed(io::ErrorKind::NotADirectory.into()));
    }
    if found.uid() != user {
        return Err(LocalServerError::NotOurs { path: path.to_owned(), owner: found.uid(), user });
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

pub(super) fn unless_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
