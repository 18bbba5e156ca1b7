//! What somebody else has changed while one was typing, field by field.

use askama::Template;
use chrono::NaiveDateTime;

use crate::audit::entries;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::Result;
use crate::web::ui::{Ui, filters, piece};

use super::forms::Overtaken;
use super::model::{Customer, KIND};
use super::words::Words;

/// A field that changed.
struct Line {
    label: String,
    was: Option<String>,
    now: String,
    is_kept: bool,
}

/// What has changed, and who was the last to change something.
#[derive(Template)]
#[template(path = "customers/directory/overtaken.html")]
pub struct News {
    t: Tr,
    who: Option<(String, NaiveDateTime)>,
    lines: Vec<Line>,
}

piece!(News);

impl News {
    /// Reads who it was.
    pub fn load(
        db: &mut Db,
        ui: &Ui,
        words: &Words,
        stored: &Customer,
        overtaken: &[Overtaken],
    ) -> Result<News> {
        let t = ui.t;
        let last = entries::queries::last_of_record(db, KIND, stored.id.0)?;
        let who = last.map(|entry| (entries::sentences::actor(t, &entry), entry.at));
        let say = |one: &Overtaken, text: &str| match text {
            "" => t.audit_empty().to_owned(),
            // The parent stands in the form as people write it.
            _ if one.field == super::fields::Field::Parent => text.to_owned(),
            _ => words.say(t, one.field, text),
        };
        let line = |one: &Overtaken| Line {
            label: one.field.label(t),
            was: one.was.as_deref().map(|was| say(one, was)),
            now: say(one, &one.now),
            is_kept: one.is_kept,
        };
        Ok(News { t, who, lines: overtaken.iter().map(line).collect() })
    }
}
