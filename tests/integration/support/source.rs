//! The repository's own files, for the tests that read the source.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file of the repository.
pub struct SourceFile {
    /// Its path from the root, as in `src/web/page.rs`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl SourceFile {
    /// The lines of code with their numbers: comments are blanked out.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| {
            let code = line.trim_start();
            (index + 1, if code.starts_with("//") { "" } else { line })
        })
    }

    /// The file without its inline tests.
    pub fn without_tests(&self) -> &str {
        self.text.split_once("#[cfg(test)]\nmod tests {").map_or(self.text.as_str(), |(code, _)| code)
    }
}

/// All files below a folder of the repository with one of the endings, sorted by path.
pub fn files(folder: &str, endings: &[&str]) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| path.extension().is_some_and(|own| own == *ending)) {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push(SourceFile { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Fails with all complaints at once.
#[track_caller]
pub fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
