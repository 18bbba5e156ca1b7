//! The menu that takes along what a page of usage shows, as a file. A form, because who takes what along is written down.

use std::sync::Arc;

use askama::Template;

use crate::i18n::Tr;
use crate::web::ui::{Ui, filters, piece};

/// The menu.
#[derive(Template)]
#[template(path = "usage/export_menu.html")]
pub struct ExportMenu {
    t: Tr,
    csrf: Arc<str>,
    action: String,
    fields: Vec<(&'static str, String)>,
}

piece!(ExportMenu);

impl ExportMenu {
    /// A menu that sends these fields to `action`, with the kind of file as `format`.
    pub fn new(ui: &Ui, action: impl Into<String>, fields: Vec<(&'static str, String)>) -> ExportMenu {
        ExportMenu { t: ui.t, csrf: Arc::clone(&ui.csrf), action: action.into(), fields }
    }
}
