//! The pages of settings: all of them, and one with its form and its history.

use askama::Template;

use crate::audit::entries::{self, timeline, timeline::Timeline};
use crate::files;
use crate::i18n::Tr;
use crate::types::ids::{FileId, SettingId};
use crate::types::{Error, FieldErrors, Result};
use crate::web::reason::MAX_REASON;
use crate::web::ui::fields::Field;
use crate::web::ui::{Choice, Fields, FilterBar, Ui, filters};
use crate::web::{Ctx, Form, Incoming, Page, Path, Query, Response, Upload};

use super::forms::{SettingForm, SettingQuery};
use super::letterhead::Letterhead;
use super::model::{Definition, Kind, NO, SettingRow, YES, yes_no};
use super::pictures::MAX_BYTES;
use super::receive::{self, FILE};
use super::rules::VALUE;
use super::{commands, queries, registry, urls};

/// The settings that belong together.
struct Group {
    label: String,
    rows: Vec<SettingRow>,
}

#[derive(Template)]
#[template(path = "settings/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    groups: Vec<Group>,
    letterheads: Vec<Letterhead>,
}

impl IndexView {
    fn count(&self) -> usize {
        self.groups.iter().map(|group| group.rows.len()).sum()
    }
}

/// Where the picture that a setting holds is to be seen.
fn picture_url(row: &SettingRow) -> Option<String> {
    let id: Option<FileId> = row.value().parse().ok();
    id.filter(|_| row.definition.kind == Kind::Picture).map(files::urls::preview)
}

/// All settings, or those that are looked for.
pub async fn index(ctx: Ctx, query: Query<SettingQuery>) -> Result<Response> {
    let ui = ctx.ui();
    let view = ctx
        .read(move |db| {
            let mut rows = queries::list(db)?;
            rows.retain(|row| query.admits(row, ui.t));
            let mut letterheads = Vec::new();
            for t in Tr::ALL {
                letterheads.push(Letterhead::read(db, t)?);
            }
            letterheads.retain(|letterhead| !letterhead.is_blank());
            let filter = FilterBar::new(&ui, ui.t.settings_filter()).search(ui.t.settings_search());
            Ok(IndexView { filter, groups: in_groups(rows, ui.t), letterheads, ui })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.settings_title(), &view).respond())
}

/// The rows by the group that they belong to, in the order of the registry.
fn in_groups(rows: Vec<SettingRow>, t: Tr) -> Vec<Group> {
    let mut groups: Vec<(&'static str, Group)> = Vec::new();
    for row in rows {
        let code = row.definition.group();
        match groups.last_mut() {
            Some((last, group)) if *last == code => group.rows.push(row),
            _ => groups.push((code, Group { label: t.label("setting_group", code), rows: vec![row] })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

#[derive(Template)]
#[template(path = "settings/show.html")]
struct ShowView {
    ui: Ui,
    row: SettingRow,
    label: String,
    fields: Fields,
    form: SettingForm,
    /// What happened to it; `None` for who may not read the audit log.
    history: Option<Timeline>,
}

impl ShowView {
    fn can_edit(&self) -> bool {
        self.ui.can(self.row.definition.permission)
    }

    /// The field that the value is typed into.
    fn field(&self) -> Field {
        let fields = &self.fields;
        let field = match self.row.definition.kind {
            Kind::Text { max } => fields.text(VALUE, &self.label).max(max),
            Kind::Line { max } => fields.line(VALUE, &self.label).max(max),
            Kind::Email => fields.email(VALUE, &self.label).max(254),
            Kind::Number { .. } => fields.line(VALUE, &self.label).required(),
            Kind::Flag => fields.select(VALUE, &self.label, &self.yes_or_no()),
            Kind::WebAddress | Kind::TaxNumber | Kind::Picture => fields.line(VALUE, &self.label),
        };
        field.value(&self.form.value).help(self.help()).span()
    }

    fn yes_or_no(&self) -> [Choice; 2] {
        [(YES, true), (NO, false)].map(|(value, yes)| Choice::new(value, yes_no(self.ui.t, yes)))
    }

    /// What it does, and what its value may be.
    fn help(&self) -> String {
        let (t, definition) = (self.ui.t, self.row.definition);
        match definition.kind {
            Kind::Number { min, max, unit } => {
                let range = t.settings_number_rule(
                    definition.shown(definition.default, t),
                    unit.of(t, &max.to_string()),
                    min,
                );
                t.settings_help_and_rule(definition.help(t), range)
            }
            _ => definition.help(t),
        }
    }

    /// The picture that it holds.
    fn picture(&self) -> Option<String> {
        picture_url(&self.row)
    }

    /// Whether there is a default to go back to.
    fn can_reset(&self) -> bool {
        !self.row.is_default() && !self.row.definition.default.is_empty()
    }
}

/// One setting, by its name. The audit log knows settings by number and is led on from there.
pub async fn show(ctx: Ctx, setting: Path<String>) -> Result<Response> {
    if let Ok(id) = setting.parse::<SettingId>() {
        let key = ctx.read(move |db| queries::key_of(db, id)).await?;
        let definition = registry::find(&key).ok_or(Error::NotFound)?;
        return Ok(ctx.go(urls::setting(definition)));
    }
    let definition = registry::find(&setting).ok_or(Error::NotFound)?;
    show_page(&ctx, definition, None, FieldErrors::new()).await
}

/// The setting of a name, for somebody who may change it.
fn changeable(ctx: &Ctx, key: &str) -> Result<&'static Definition> {
    let definition = registry::find(key).ok_or(Error::NotFound)?;
    ctx.actor.need(definition.permission)?;
    Ok(definition)
}

/// Changes a setting.
pub async fn update(ctx: Ctx, setting: Path<String>, form: Form<SettingForm>) -> Result<Response> {
    let definition = changeable(&ctx, &setting)?;
    let outcome = match form.check(definition) {
        Ok(draft) => ctx.write(move |tx| commands::change(tx, definition, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    answer(&ctx, definition, form.0, outcome).await
}

/// Takes a picture in as the value of a setting.
pub async fn upload(ctx: Ctx, setting: Path<String>, incoming: Incoming) -> Result<Response> {
    // The token of the form is looked at before anything else.
    let upload = Upload::read(incoming, MAX_BYTES).await?;
    let definition = changeable(&ctx, &setting)?;
    if definition.kind != Kind::Picture {
        return Err(Error::NotFound);
    }
    let form = receive::fields(&upload);
    let outcome = receive::store(&ctx, definition, upload).await;
    answer(&ctx, definition, form, outcome).await
}

/// Puts a setting back to its default.
pub async fn reset(ctx: Ctx, setting: Path<String>, form: Form<SettingForm>) -> Result<Response> {
    let definition = changeable(&ctx, &setting)?;
    let outcome = match form.check_reset(definition) {
        Ok(draft) => ctx.write(move |tx| commands::change(tx, definition, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    answer(&ctx, definition, form.0, outcome).await
}

async fn answer(
    ctx: &Ctx,
    definition: &'static Definition,
    form: SettingForm,
    outcome: Result<()>,
) -> Result<Response> {
    match outcome {
        Ok(()) => Ok(ctx.done(urls::INDEX, ctx.t.settings_changed(definition.label(ctx.t)))),
        Err(Error::Stale) => stale_page(ctx, definition, form).await,
        Err(fault) => {
            let field = if definition.kind == Kind::Picture { FILE } else { VALUE };
            show_page(ctx, definition, Some(form), fault.into_faults(field)?).await
        }
    }
}

/// Somebody else was faster: the form comes back with what was typed and says what the value is now. Sent once more, it
/// is meant.
async fn stale_page(ctx: &Ctx, definition: &'static Definition, form: SettingForm) -> Result<Response> {
    let row = ctx.read(move |db| queries::find(db, definition)).await?;
    let form = SettingForm { version: row.version().to_string(), ..form };
    let errors = FieldErrors::one("", move |t| {
        let who = row.changer(t);
        match row.shown(t) {
            value if value.is_empty() => t.settings_stale_blank(who),
            value => t.settings_stale(value, who),
        }
    });
    show_page(ctx, definition, Some(form), errors).await
}

async fn show_page(
    ctx: &Ctx,
    definition: &'static Definition,
    sent: Option<SettingForm>,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let row = queries::find(db, definition)?;
            let id = row.stored.as_ref().map_or(0, |stored| stored.id.0);
            let history = entries::queries::of_subject(db, "setting", id, timeline::LENGTH)?;
            Ok(ShowView {
                label: definition.label(ui.t),
                fields: Fields::with(ui.t, errors),
                form: sent.unwrap_or_else(|| SettingForm::of(&row)),
                history: history.map(|entries| Timeline::new(ui.t, "setting", id, &entries).unfolded()),
                row,
                ui,
            })
        })
        .await?;
    let page = Page::new(ctx, view.label.clone(), &view).crumb(ctx.t.settings_title(), urls::INDEX);
    Ok(if faulty { page.invalid() } else { page }.respond())
}
