//! The file that an import writes its one-time passwords to.
//!
//! Readable by its owner only, never written over another file, and complete on the disk before the users whom it is
//! about are committed: a crash leaves at worst passwords of nobody, never users without a password.

use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::NaiveDateTime;

use crate::accounts::users::imports::model::Created;
use crate::types::{Result, time};
use crate::web::download::neutral;

/// A new file. It is removed again unless it is kept.
pub(super) struct PasswordFile {
    path: PathBuf,
    file: File,
    written: Cell<bool>,
    kept: Cell<bool>,
}

impl PasswordFile {
    /// A file at this path, where there must be none.
    pub(super) fn create(path: &Path) -> anyhow::Result<PasswordFile> {
        PasswordFile::open(path).map_err(|fault| match fault.kind() {
            io::ErrorKind::AlreadyExists => {
                anyhow::anyhow!("{} exists already and is not written over.", path.display())
            }
            _ => anyhow::anyhow!("{} cannot be written: {fault}.", path.display()),
        })
    }

    /// A file in a directory, named after the moment; with a number, where several are made within a second.
    pub(super) fn create_in(directory: &Path, now: NaiveDateTime) -> anyhow::Result<PasswordFile> {
        let digits: String = time::show_seconds(now).chars().filter(char::is_ascii_digit).collect();
        let (day, clock) = digits.split_at_checked(8).unwrap_or((&digits, ""));
        let mut path = directory.join(format!("staff-passwords-{day}-{clock}.csv"));
        for number in 2..100 {
            match PasswordFile::open(&path) {
                Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {}
                Err(_) => break,
                Ok(file) => return Ok(file),
            }
            path = directory.join(format!("staff-passwords-{day}-{clock}-{number}.csv"));
        }
        PasswordFile::create(&path)
    }

    fn open(path: &Path) -> io::Result<PasswordFile> {
        fs::create_dir_all(directory_of(path))?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(PasswordFile { path: path.to_owned(), file, written: Cell::new(false), kept: Cell::new(false) })
    }

    /// Writes the passwords of these users, and no others, down to the disk. May be called again: a transaction is.
    pub(super) fn write(&self, created: &[Created]) -> Result<()> {
        self.try_write(created).with_context(|| format!("{} cannot be written", self.path.display()))?;
        self.written.set(true);
        Ok(())
    }

    fn try_write(&self, created: &[Created]) -> io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.rewind()?;
        let mut table = csv::Writer::from_writer(io::BufWriter::new(file));
        table.write_record(["username", "name", "password"])?;
        for user in created {
            table.write_record([&user.username, &neutral(&user.name), &user.password])?;
        }
        table.flush()?;
        drop(table);
        file.sync_all()?;
        // The name of a new file is in its directory.
        File::open(directory_of(&self.path))?.sync_all()
    }

    /// Whether there is anything in it to lose.
    pub(super) fn is_written(&self) -> bool {
        self.written.get()
    }

    /// Leaves the file where it is, and tells where that is.
    pub(super) fn keep(&self) -> PathBuf {
        self.kept.set(true);
        self.path.clone()
    }
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Drop for PasswordFile {
    fn drop(&mut self) {
        if !self.kept.get() {
            // What remains then is a file of passwords that nobody has.
            let _ = fs::remove_file(&self.path);
        }
    }
}
