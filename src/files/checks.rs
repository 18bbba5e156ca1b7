//! What must always be true of files.

use crate::db::Db;
use crate::db::checks::{Check, Finding};
use crate::types::Result;
use crate::types::ids::FileId;

use super::model::StoredFile;
use super::queries;
use super::store::Store;

/// How many files are looked at at once.
const CHUNK: i64 = 500;

/// The checks of the room that need nothing but the database.
pub const ALL: &[Check] = &[Check { code: "files.hashes", find: hashes }];

/// That the bytes of every file are in the store. It needs the store, too: [`objects`] looks.
pub const OBJECTS: &str = "files.objects";

/// A file that is stored as a whole has the hash of its bytes.
fn hashes(db: &mut Db) -> Result<Finding> {
    every(db, |files| {
        let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(files.iter().filter(|file| !file.sha256.as_deref().is_some_and(is_hash)).map(name).collect())
    })
}

/// The bytes of every file are in the store, as many as its row says. Those in the trash, too: they can be brought back.
pub fn objects(db: &mut Db, store: &Store) -> Result<Finding> {
    every(db, |files| {
        let sizes = store.sizes(files.iter().map(|file| file.store_key.clone()).collect())?;
        Ok(files
            .iter()
            .zip(sizes)
            .filter(|(file, size)| *size != Some(file.size))
            .map(|(file, _)| name(file))
            .collect())
    })
}

fn every(db: &mut Db, breaches: impl Fn(&[StoredFile]) -> Result<Vec<String>>) -> Result<Finding> {
    let (mut finding, mut after) = (Finding { examined: 0, breaches: Vec::new() }, FileId(0));
    loop {
        let files = queries::stored_after(db, after, CHUNK)?;
        let Some(last) = files.last() else { return Ok(finding) };
        after = last.id;
        finding.examined += files.len();
        finding.breaches.extend(breaches(&files)?);
    }
}

fn name(file: &StoredFile) -> String {
    format!("{} {}", file.id, file.name)
}
