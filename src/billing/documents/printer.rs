//! The press of bills: made of the fonts of this machine when the first bill is printed, and kept.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;
use typeset::{Fault, Press};

use crate::config::Config;
use crate::i18n::Tr;
use crate::types::{Error, Refusal, Result};

use super::fonts;

/// The template of a bill.
const TEMPLATE: &str = include_str!("bill.typ");

/// The code of the refusal to print without fonts.
pub const NO_FONTS: &str = "fonts_missing";

/// Prints bills. A part of the application.
pub struct Printer {
    folders: Vec<PathBuf>,
    press: OnceLock<Option<Press>>,
}

impl Printer {
    /// A printer that takes its fonts from where the configuration says.
    pub fn new(config: &Config) -> Printer {
        Printer { folders: fonts::folders(config), press: OnceLock::new() }
    }

    /// What keeps it from printing, in a sentence for the operator; `None` when nothing does.
    pub fn complaint(&self) -> Option<String> {
        if !fonts::find(&self.folders).is_empty() {
            return None;
        }
        let folders: Vec<String> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
        Some(format!(
            "Bills cannot be typeset as PDF: there is no NotoSansCJK-Regular.ttc in {}. Install the package \
             fonts-noto-cjk, or name the folder that has it in OPCMS_FONTS, and start again.",
            folders.join(", ")
        ))
    }

    /// Prints the data of a bill, with the logo of the company.
    ///
    /// # Errors
    /// A refusal that says what is missing when there are no fonts.
    pub fn bill(&self, data: &Value, logo: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let press = self.press.get_or_init(|| self.set_up());
        let Some(press) = press else {
            return Err(Refusal::new(NO_FONTS, Tr::bill_paper_no_fonts).into());
        };
        let pictures: Vec<(&str, Vec<u8>)> = logo.into_iter().map(|logo| ("logo", logo)).collect();
        let plain =
            |fault: Fault| Error::Internal(anyhow::Error::new(fault).context("a bill cannot be typeset"));
        match press.pdf(data, &pictures) {
            // A logo that cannot be drawn is no reason to send no bill.
            Err(fault) if !pictures.is_empty() => {
                tracing::warn!(%fault, "a bill is typeset without the logo");
                press.pdf(data, &[]).map_err(plain)
            }
            printed => printed.map_err(plain),
        }
    }

    fn set_up(&self) -> Option<Press> {
        let read = |path: PathBuf| match std::fs::read(&path) {
            Ok(content) => Some(content),
            Err(fault) => {
                tracing::error!(%fault, path = %path.display(), "a font cannot be read");
                None
            }
        };
        let files = fonts::find(&self.folders).into_iter().filter_map(read).collect();
        Press::new(TEMPLATE, fonts::FAMILY, files)
            .inspect_err(|fault| tracing::error!(%fault, folders = ?self.folders, "bills cannot be typeset"))
            .ok()
    }
}
