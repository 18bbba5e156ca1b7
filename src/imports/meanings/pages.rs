//! The page of remembered meanings of a kind of import.

use askama::Template;
use chrono::NaiveDateTime;

use crate::batches::{BatchKind, BatchKinds};
use crate::db::listing::Listing;
use crate::i18n::Tr;
use crate::imports::kinds::{ImportKind, ImportKinds};
use crate::types::{Error, Result};
use crate::web::ui::{Choice, FilterBar, Pager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{ForgetForm, HEADINGS, MeaningQuery};
use super::model::{Key, Meaning, MeaningFilter};
use super::words::Words;
use super::{commands, queries, urls};

/// A meaning as the page shows it.
struct Line {
    key: Key,
    column: String,
    text: String,
    means: String,
    at: NaiveDateTime,
}

impl Line {
    fn new(words: &Words, meaning: &Meaning) -> Line {
        Line {
            key: meaning.key(),
            column: words.column(meaning),
            text: meaning.text(),
            means: words.choice(meaning),
            at: meaning.chosen_at,
        }
    }
}

#[derive(Template)]
#[template(path = "imports/meanings/index.html")]
struct IndexView {
    ui: Ui,
    kind: ImportKind,
    filter: FilterBar,
    is_filtered: bool,
    listing: Listing<Line>,
    pager: Pager,
}

/// The meanings that are remembered.
pub async fn index(ctx: Ctx, import: Path<String>, query: Query<MeaningQuery>) -> Result<Response> {
    let (kind, batch_kind) = kinds(&ctx, &import)?;
    let (ui, t, query) = (ctx.ui(), ctx.t, query.0);
    let view = ctx
        .read(move |db| {
            let words = Words::load(db, t, &kind, &batch_kind)?;
            let q = query.q.trim().to_owned();
            let choices = if q.is_empty() { Vec::new() } else { words.meaning(&q) };
            let filter = MeaningFilter { q, choices, about: query.about() };
            let listing = queries::list(db, kind.code, &filter, query.page())?;
            let listing = listing.map(|meaning| Line::new(&words, &meaning));
            Ok(IndexView {
                filter: filter_bar(&ui, &words.columns(&kind), batch_kind.field),
                is_filtered: !filter.q.is_empty() || filter.about.is_some(),
                pager: Pager::new(&ui, &listing),
                listing,
                kind,
                ui,
            })
        })
        .await?;
    let page = Page::new(&ctx, t.import_meanings_title(), &view);
    Ok(page.crumb(t.label("batch_kind", kind.code), kind.home).listing().respond())
}

fn filter_bar(ui: &Ui, columns: &[&'static str], field: fn(Tr, &str) -> String) -> FilterBar {
    let t = ui.t;
    let mut choices = vec![Choice::new(HEADINGS, t.import_meaning_headings())];
    choices.extend(columns.iter().map(|code| Choice::new(code, field(t, code))));
    FilterBar::new(ui, t.import_meanings_filter()).search(t.import_meanings_search()).select(
        "column",
        t.import_column(),
        t.import_meanings_all_columns(),
        choices,
    )
}

/// A kind of import, for who may begin one; to others it is not there.
fn kinds(ctx: &Ctx, code: &str) -> Result<(ImportKind, BatchKind)> {
    let (batches, imports) = (ctx.state.part::<BatchKinds>()?, ctx.state.part::<ImportKinds>()?);
    let (kind, batch_kind) = (*imports.get(code)?, *batches.get(code)?);
    if !ctx.actor.can(batch_kind.permission) {
        return Err(Error::NotFound);
    }
    Ok((kind, batch_kind))
}

/// Forgets some of them.
pub async fn forget(ctx: Ctx, import: Path<String>, form: Form<ForgetForm>) -> Result<Response> {
    let (kind, batch_kind) = kinds(&ctx, &import)?;
    let (keys, back) = (form.keys(), urls::of_kind(kind.code));
    if keys.is_empty() {
        return Ok(ctx.refused(back, ctx.t.import_meanings_none_chosen()));
    }
    let forgotten = ctx.write(move |tx| commands::forget(tx, &kind, &batch_kind, &keys)).await?;
    Ok(ctx.done(back, ctx.t.import_meanings_forgotten(forgotten)))
}
