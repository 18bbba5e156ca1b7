//! What an import shows on the page of its batch: the file, what was ignored in it, the values that nobody knows, and the
//! rows that failed.

use askama::Template;

use crate::batches::model::BatchState;
use crate::batches::{self, BatchKinds};
use crate::db::Db;
use crate::files;
use crate::i18n::Tr;
use crate::types::Result;
use crate::types::ids::BatchId;
use crate::web::ui::{Choice, Ui, filters};

use super::kinds::{ImportKind, ImportKinds};
use super::model::{Layout, Unknown};
use super::{queries, rules, urls};

/// A value that nobody knows, with what it can mean.
struct Question {
    number: usize,
    unknown: Unknown,
    column: String,
    choices: Vec<Choice>,
}

/// The panel.
#[derive(Template)]
#[template(path = "imports/panel.html")]
pub struct Panel {
    ui: Ui,
    id: BatchId,
    file: Option<(String, String)>,
    layout: Layout,
    ignored: String,
    missing: String,
    questions: Vec<Question>,
    failed: u32,
    can_change: bool,
    home: &'static str,
}

impl Panel {
    /// The panel of a batch; `None` where it is no import.
    pub fn load(
        db: &mut Db,
        ui: &Ui,
        batches: &BatchKinds,
        kinds: &ImportKinds,
        id: u64,
    ) -> Result<Option<Panel>> {
        let id = BatchId(id);
        let Some(import) = queries::get(db, id)? else { return Ok(None) };
        let (row, batch_kind) = batches::queries::find(db, batches, id)?;
        let kind = kinds.get(&import.kind)?;
        let (t, layout) = (ui.t, import.layout());
        let can_change = batches::rules::can_check(&row, &ui.actor).is_ok();
        let missing =
            rules::missing(kind, &layout).into_iter().map(|column| (batch_kind.field)(t, column.code));
        let file = match import.file_id {
            Some(file) if rules::sees_file(&ui.actor, &row.batch, batch_kind, kind) => {
                files::queries::get(db, file)?
            }
            _ => None,
        };
        let questions = if can_change && row.batch.state != BatchState::Draft {
            questions(db, t, kind, batch_kind.field, import.unknown())?
        } else {
            Vec::new()
        };
        Ok(Some(Panel {
            id,
            file: file.map(|file| (files::urls::file(file.id), file.name)),
            ignored: t.join(layout.ignored()),
            missing: t.join(missing),
            layout,
            questions,
            failed: row.batch.failed,
            can_change,
            home: kind.home,
            ui: ui.clone(),
        }))
    }
}

fn questions(
    db: &mut Db,
    t: Tr,
    kind: &ImportKind,
    field: fn(Tr, &str) -> String,
    unknown: Vec<Unknown>,
) -> Result<Vec<Question>> {
    let mut questions = Vec::new();
    for (number, unknown) in unknown.into_iter().enumerate() {
        let choices = (kind.choices)(db, t, &unknown.column)?;
        if !choices.is_empty() {
            questions.push(Question { number, column: field(t, &unknown.column), choices, unknown });
        }
    }
    Ok(questions)
}
