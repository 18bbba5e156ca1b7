//! The files of one record, as its page shows them: the list, and the form that adds to it.

use askama::Template;

use crate::db::Db;
use crate::db::listing::Seek;
use crate::types::{Error, FieldErrors, Result};
use crate::web::ui::{Fields, StreamPager, Ui, filters, piece};

use super::model::FileRow;
use super::queries::{self, Kept};
use super::records::{Record, Records};
use super::urls;

/// The files of a record.
#[derive(Template)]
#[template(path = "files/panel.html")]
pub struct Panel {
    ui: Ui,
    record: Record,
    rows: Vec<FileRow>,
    count: i64,
    deleted: i64,
    pager: Option<StreamPager>,
    may_change: bool,
    refusal: Option<String>,
    max_upload: usize,
    endings: Vec<&'static str>,
    fields: Fields,
}

piece!(Panel);

impl Panel {
    /// Reads the newest files of a record, if whoever asks may see it; `max_upload` is the largest file that is taken.
    pub fn load(db: &mut Db, ui: &Ui, records: &Records, record: Record, max_upload: usize) -> Result<Panel> {
        let rows = queries::newest(db, record)?;
        Panel::of(db, ui, records, record, max_upload, rows)
    }

    /// [`load`](Panel::load) with a piece of all files, and the ways to the others.
    pub fn load_piece(
        db: &mut Db,
        ui: &Ui,
        records: &Records,
        record: Record,
        max_upload: usize,
        seek: Seek,
    ) -> Result<Panel> {
        let piece = queries::list(db, record, Kept::OnRecord, seek)?;
        let pager = StreamPager::new(ui, &piece);
        let panel = Panel::of(db, ui, records, record, max_upload, piece.rows)?;
        Ok(Panel { pager: Some(pager), ..panel })
    }

    fn of(
        db: &mut Db,
        ui: &Ui,
        records: &Records,
        record: Record,
        max_upload: usize,
        rows: Vec<FileRow>,
    ) -> Result<Panel> {
        records.see(db, record.kind, record.id)?;
        let (may_change, refusal) = match records.change(db, record.kind, record.id) {
            Ok(_) => (true, None),
            Err(Error::Refused(refusal)) => (false, Some(refusal.message.text(ui.t))),
            Err(Error::NotFound | Error::Forbidden) => (false, None),
            Err(fault) => return Err(fault),
        };
        Ok(Panel {
            rows,
            count: queries::count(db, record, Kept::OnRecord)?,
            deleted: queries::count(db, record, Kept::Deleted)?,
            pager: None,
            endings: records.takes(record)?.iter().map(|one| one.as_str()).collect(),
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

    /// How many of the files these are, where there are more and no way to them from here.
    fn cut(&self) -> Option<String> {
        let shown = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        let is_cut = self.pager.is_none() && self.count > shown;
        is_cut.then(|| self.ui.t.files_newest_of(shown, self.count))
    }

    /// Whether whoever looks may add files and take them off.
    pub fn may_change(&self) -> bool {
        self.may_change
    }
}
