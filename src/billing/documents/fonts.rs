//! The fonts that documents are typeset in: files of this machine, read once.

use std::path::{Path, PathBuf};

use crate::config::Config;

/// The family of all documents: it has Chinese and Latin.
pub const FAMILY: &str = "Noto Sans CJK SC";

/// The weights that documents use. The first one is enough.
const WEIGHTS: [&str; 2] = ["Regular", "Bold"];

/// What the file of a weight may be called.
const NAMES: [&str; 4] =
    ["NotoSansCJK-{}.ttc", "NotoSansCJKsc-{}.otf", "NotoSansCJK-{}.otc", "NotoSansCJKsc-{}.ttf"];

/// Where systems have them: Debian, Fedora, Arch, what is installed by hand, Homebrew.
const FOLDERS: [&str; 7] = [
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/google-noto-sans-cjk-fonts",
    "/usr/share/fonts/google-noto-cjk",
    "/usr/share/fonts/noto-cjk",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/opt/homebrew/share/fonts",
];

/// The folders that are looked at: the configured one alone, or all where systems have them.
pub fn folders(config: &Config) -> Vec<PathBuf> {
    match &config.fonts {
        Some(folder) => vec![folder.clone()],
        None => {
            std::iter::once(config.data_dir.join("fonts")).chain(FOLDERS.iter().map(PathBuf::from)).collect()
        }
    }
}

/// The files of the fonts, the regular weight first; none where that is missing.
pub fn find(folders: &[PathBuf]) -> Vec<PathBuf> {
    let found = |folder: &PathBuf| {
        let all: Vec<PathBuf> = WEIGHTS.iter().filter_map(|weight| in_folder(folder, weight)).collect();
        in_folder(folder, WEIGHTS[0]).map(|_| all)
    };
    folders.iter().find_map(found).unwrap_or_default()
}

fn in_folder(folder: &Path, weight: &str) -> Option<PathBuf> {
    NAMES.iter().map(|name| folder.join(name.replace("{}", weight))).find(|path| path.is_file())
}
