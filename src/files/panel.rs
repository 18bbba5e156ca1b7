//! The files of one record, as its page shows them: the list, and the form that adds to it.

use askama::Template;

use crate::db::Db;
use crate::types::{Error, FieldErrors, Result};
use crate::web::ui::{Fields, Ui, filters, piece};

use super::content::FileType;
use super::model::FileRow;
use super::records::{Record, Records};
use super::{queries, urls};

/// The files of a record.
#[derive(Template)]
#[template(path = "files/panel.html")]
pub struct Panel {
    ui: Ui,
    record: Record,
    rows: Vec<FileRow>,
    deleted: i64,
    may_change: bool,
    refusal: Option<String>,
    max_upload: usize,
    fields: Fields,
}

piece!(Panel);

impl Panel {
    /// Reads the files of a record, if whoever asks may see it; `max_upload` is the largest file that is taken.
    pub fn load(db: &mut Db, ui: &Ui, records: &Records, record: Record, max_upload: usize) -> Result<Panel> {
        records.see(db, record.kind, record.id)?;
        let (may_change, refusal) = match records.change(db, record.kind, record.id) {
            Ok(_) => (true, None),
            Err(Error::Refused(refusal)) => (false, Some(refusal.message.text(ui.t))),
            Err(Error::NotFound | Error::Forbidden) => (false, None),
            Err(fault) => return Err(fault),
        };
        Ok(Panel {
            rows: queries::of_record(db, record, false)?,
            deleted: queries::count_deleted(db, record)?,
            fields: Fields::new(ui.t),
            ui: ui.clone(),
            record,
            may_change,
            refusal,
            max_upload,
        })
    }

    /// With what is wrong with the files that were sent.
    #[must_use]
    pub fn with_faults(mut self, errors: FieldErrors) -> Panel {
        self.fields = Fields::with(self.ui.t, errors);
        self
    }

    /// Whether whoever looks may add files and take them off.
    pub fn may_change(&self) -> bool {
        self.may_change
    }

    /// The endings that are taken.
    fn endings(&self) -> Vec<&'static str> {
        FileType::ALL.iter().map(|one| one.as_str()).collect()
    }
}
