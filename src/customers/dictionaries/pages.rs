//! The pages of dictionaries: one dictionary with its values, the form of a value, a merge before it is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::DictionaryValueId;
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::ui::{Badge, Choice, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::commands::Merged;
use super::forms::{DictionaryQuery, MergeForm, ShiftForm, ValueForm};
use super::model::{Dictionaries, Dictionary, DictionaryValue, Direction};
use super::{commands, queries, rules, urls};

/// A value with what may be done with it.
struct ValueLine {
    value: DictionaryValue,
    customers: i64,
    formerly: String,
    is_first: bool,
    is_last: bool,
}

impl ValueLine {
    fn badge(&self, t: impl Into<Tr>) -> Badge {
        let t = t.into();
        match self.value.retired_at {
            None => Badge::new(Tone::Ok, t.dictionaries_offered()),
            Some(_) => Badge::new(Tone::Off, t.dictionaries_retired()),
        }
    }
}

#[derive(Template)]
#[template(path = "customers/dictionaries/index.html")]
struct IndexView {
    ui: Ui,
    dictionary: Dictionary,
    lines: Vec<ValueLine>,
    may_edit: bool,
    has_grid: bool,
}

impl IndexView {
    /// All dictionaries: label, URL, and whether it is this one.
    fn tabs(&self) -> Vec<(String, String, bool)> {
        let tab = |dictionary: &Dictionary| {
            (dictionary.label(self.ui.t), urls::dictionary(dictionary), *dictionary == self.dictionary)
        };
        Dictionary::ALL.iter().map(tab).collect()
    }

    /// Whether values may come and go.
    fn is_open(&self) -> bool {
        self.may_edit && !self.dictionary.is_fixed()
    }
}

/// One dictionary with its values, and how many customers have each.
pub async fn index(ctx: Ctx, query: Query<DictionaryQuery>) -> Result<Response> {
    let (ui, dictionary) = (ctx.ui(), query.dictionary());
    let has_grid =
        ctx.state.routes().iter().any(|route| route.path == urls::CUSTOMERS && route.menu.is_some());
    let view = ctx
        .read(move |db| {
            let all = queries::shown(db)?;
            let counts = queries::customers_by_code(db, dictionary)?;
            let lines = lines(&all, dictionary, &counts, ui.t);
            Ok(IndexView { may_edit: ui.can(Permission::DictionaryEdit), has_grid, dictionary, lines, ui })
        })
        .await?;
    let title = ctx.t.dictionaries_title();
    Ok(Page::new(&ctx, title, &view).respond())
}

fn lines(
    all: &Dictionaries,
    dictionary: Dictionary,
    counts: &BTreeMap<String, i64>,
    t: Tr,
) -> Vec<ValueLine> {
    let values = all.values(dictionary);
    let line = |(index, value): (usize, &DictionaryValue)| ValueLine {
        customers: counts.get(&value.code).copied().unwrap_or_default(),
        formerly: t.join(
            all.merged(dictionary)
                .iter()
                .filter(|other| other.merged_into_id == Some(value.id))
                .map(|other| other.label(t)),
        ),
        is_first: index == 0,
        is_last: index + 1 == values.len(),
        value: value.clone(),
    };
    values.iter().enumerate().map(line).collect()
}

#[derive(Template)]
#[template(path = "customers/dictionaries/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: ValueForm,
    dictionary: Dictionary,
    value: Option<DictionaryValue>,
    heading: String,
}

/// The form of a new value.
pub async fn new(ctx: Ctx, query: Query<DictionaryQuery>) -> Result<Response> {
    let dictionary = query.dictionary();
    rules::can_change(dictionary)?;
    let form = ValueForm { dictionary: dictionary.to_string(), ..ValueForm::default() };
    Ok(form_page(&ctx, None, dictionary, form, FieldErrors::new()))
}

/// Adds a value.
pub async fn create(ctx: Ctx, form: Form<ValueForm>) -> Result<Response> {
    let dictionary = form.dictionary.parse().unwrap_or(Dictionary::Industry);
    let outcome = match form.check_new() {
        Ok((dictionary, draft)) => ctx.write(move |tx| commands::create(tx, dictionary, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(_) => Ok(ctx.done(urls::dictionary(dictionary), ctx.t.dictionaries_created(form.label_zh.trim()))),
        Err(fault) => Ok(form_page(&ctx, None, dictionary, form.0, fault.into_faults("")?)),
    }
}

/// The form of an existing value. A value that was merged leads to what it became.
pub async fn edit(ctx: Ctx, value: Path<DictionaryValueId>) -> Result<Response> {
    let id = *value;
    let value = ctx.read(move |db| queries::find_current(db, id)).await?;
    let form = ValueForm::of(&value);
    Ok(form_page(&ctx, Some(value.clone()), value.dictionary, form, FieldErrors::new()))
}

/// Changes the labels of a value.
pub async fn update(ctx: Ctx, value: Path<DictionaryValueId>, form: Form<ValueForm>) -> Result<Response> {
    let (id, version) = (*value, form.version());
    let stored = ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::update(tx, id, version, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    let dictionary = stored.dictionary;
    match outcome {
        Ok(()) => {
            Ok(ctx.done(urls::dictionary(dictionary), ctx.t.dictionaries_updated(form.label_zh.trim())))
        }
        Err(fault) => Ok(form_page(&ctx, Some(stored), dictionary, form.0, fault.into_faults("")?)),
    }
}

fn form_page(
    ctx: &Ctx,
    value: Option<DictionaryValue>,
    dictionary: Dictionary,
    form: ValueForm,
    errors: FieldErrors,
) -> Response {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let t = ui.t;
    let heading = match &value {
        None => t.dictionaries_new_of(dictionary.label(t)),
        Some(value) => t.dictionaries_edit_of(value.label(t)),
    };
    let view = FormView { fields: Fields::with(t, errors), form, dictionary, value, heading, ui };
    let mut page = Page::new(ctx, view.heading.clone(), &view)
        .crumb(t.dictionaries_title(), urls::INDEX)
        .crumb(dictionary.label(t), urls::dictionary(dictionary));
    if faulty {
        page = page.invalid();
    }
    page.respond()
}

/// Moves a value up or down.
pub async fn shift(ctx: Ctx, value: Path<DictionaryValueId>, form: Form<ShiftForm>) -> Result<Response> {
    let id = *value;
    let stored = ctx.read(move |db| queries::find(db, id)).await?;
    let direction: Direction =
        form.direction.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    ctx.write(move |tx| commands::shift(tx, id, direction)).await?;
    let said = ctx.t.dictionaries_shifted(stored.label(ctx.t));
    Ok(ctx.done(urls::dictionary(stored.dictionary), said))
}

/// Offers a value no more.
pub async fn retire(ctx: Ctx, value: Path<DictionaryValueId>) -> Result<Response> {
    let id = *value;
    let stored = ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = ctx.write(move |tx| commands::retire(tx, id)).await;
    let said = ctx.t.dictionaries_done_retired(stored.label(ctx.t));
    ctx.outcome(outcome, urls::dictionary(stored.dictionary), said)
}

/// Offers a retired value again.
pub async fn revive(ctx: Ctx, value: Path<DictionaryValueId>) -> Result<Response> {
    let id = *value;
    let stored = ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = ctx.write(move |tx| commands::revive(tx, id)).await;
    let said = ctx.t.dictionaries_done_revived(stored.label(ctx.t));
    ctx.outcome(outcome, urls::dictionary(stored.dictionary), said)
}

/// Deletes a value that nobody has.
pub async fn delete(ctx: Ctx, value: Path<DictionaryValueId>) -> Result<Response> {
    let id = *value;
    let stored = ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = ctx.write(move |tx| commands::delete(tx, id)).await;
    let said = ctx.t.dictionaries_done_deleted(stored.label(ctx.t));
    ctx.outcome(outcome, urls::dictionary(stored.dictionary), said)
}

#[derive(Template)]
#[template(path = "customers/dictionaries/merge.html")]
struct MergeView {
    ui: Ui,
    fields: Fields,
    form: MergeForm,
    value: DictionaryValue,
    targets: Vec<Choice>,
    customers: i64,
    within_reach: i64,
}

/// What would become of a value and of its customers.
pub async fn preview_merge(ctx: Ctx, value: Path<DictionaryValueId>) -> Result<Response> {
    merge_page(&ctx, *value, MergeForm::default(), FieldErrors::new()).await
}

/// Merges a value into another.
pub async fn merge(ctx: Ctx, value: Path<DictionaryValueId>, form: Form<MergeForm>) -> Result<Response> {
    let id = *value;
    let stored = ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = match form.check() {
        Ok((into, shown)) => ctx.write(move |tx| commands::merge(tx, id, into, shown)).await,
        Err(errors) => Err(errors.into()),
    };
    let (t, dictionary) = (ctx.t, stored.dictionary);
    let (url, name) = (urls::dictionary(dictionary), stored.label(t));
    match outcome {
        Ok(Merged::Now(customers)) => Ok(ctx.done(url, t.dictionaries_done_merged(customers, name))),
        Ok(Merged::By(_, customers)) => Ok(ctx.done(url, t.dictionaries_done_merging(customers, name))),
        Err(fault) => merge_page(&ctx, id, form.0, fault.into_faults("")?).await,
    }
}

async fn merge_page(
    ctx: &Ctx,
    id: DictionaryValueId,
    form: MergeForm,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx.read(move |db| merge_view(db, ui, id, form, errors)).await?;
    let t = ctx.t;
    let mut page = Page::new(ctx, t.dictionaries_merge_of(view.value.label(t)), &view)
        .crumb(t.dictionaries_title(), urls::INDEX)
        .crumb(view.value.dictionary.label(t), urls::dictionary(view.value.dictionary));
    if faulty {
        page = page.invalid();
    }
    Ok(page.respond())
}

fn merge_view(
    db: &mut Db,
    ui: Ui,
    id: DictionaryValueId,
    form: MergeForm,
    errors: FieldErrors,
) -> Result<MergeView> {
    let value = queries::find(db, id)?;
    rules::can_change(value.dictionary)?;
    let all: Arc<Dictionaries> = queries::shown(db)?;
    let others = all.offered(value.dictionary).filter(|other| other.id != id);
    let targets = std::iter::once(Choice::new("", ui.t.dictionaries_into_choose()))
        .chain(others.map(|other| Choice::new(other.id, other.label(ui.t))))
        .collect();
    let counts = queries::customers_by_code(db, value.dictionary)?;
    Ok(MergeView {
        within_reach: counts.get(&value.code).copied().unwrap_or_default(),
        customers: queries::count_customers(db, &value)?,
        fields: Fields::with(ui.t, errors),
        form,
        value,
        targets,
        ui,
    })
}
