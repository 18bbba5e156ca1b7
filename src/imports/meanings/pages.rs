//! The page of remembered meanings of a kind of import.

use std::collections::BTreeMap;

use askama::Template;
use chrono::NaiveDateTime;

use crate::batches::{BatchKind, BatchKinds};
use crate::db::Db;
use crate::db::listing::Listing;
use crate::i18n::Tr;
use crate::imports::kinds::{ImportKind, ImportKinds};
use crate::types::Result;
use crate::web::ui::{Choice, FilterBar, Pager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{ForgetForm, HEADINGS, MeaningQuery};
use super::model::{Key, Meaning, MeaningFilter};
use super::{commands, queries, urls};

/// What texts of columns can mean: by column and value the label.
struct Labels(BTreeMap<(&'static str, String), String>);

impl Labels {
    fn load(db: &mut Db, t: Tr, kind: &ImportKind) -> Result<Labels> {
        let mut labels = BTreeMap::new();
        for column in kind.columns {
            let choices = (kind.choices)(db, t, column.code)?.into_iter();
            labels.extend(choices.map(|choice| ((column.code, choice.value), choice.label)));
        }
        Ok(Labels(labels))
    }

    /// The columns whose texts can be said to mean something.
    fn columns(&self, kind: &ImportKind) -> Vec<&'static str> {
        let asked = |code: &&str| self.0.keys().any(|(column, _)| column == code);
        kind.columns.iter().map(|column| column.code).filter(asked).collect()
    }

    /// The values whose labels have a text in them.
    fn meaning(&self, text: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let found = self.0.iter().filter(|(_, label)| label.to_lowercase().contains(&text));
        found.map(|((_, value), _)| value.clone()).collect()
    }

    /// A value in words; one that is offered no longer by its code.
    fn of(&self, t: Tr, column: &str, value: &str) -> String {
        if value.is_empty() {
            return t.import_meaning_nothing().to_owned();
        }
        let found = self.0.iter().find(|((code, other), _)| *code == column && other == value);
        found.map_or_else(|| value.to_owned(), |(_, label)| label.clone())
    }
}

/// A meaning as the page shows it.
struct Line {
    key: Key,
    column: String,
    text: String,
    means: String,
    at: NaiveDateTime,
}

impl Line {
    fn new(t: Tr, kind: &BatchKind, labels: &Labels, meaning: &Meaning) -> Line {
        let field = |code: &str| (kind.field)(t, code);
        let matched = |(heading, code): (String, String)| match heading.as_str() {
            "" => field(&code),
            heading => t.import_meaning_heading(field(&code), heading),
        };
        let of_headings = meaning.is_of_headings();
        Line {
            key: meaning.key(),
            column: if of_headings { t.import_meaning_headings().into() } else { field(&meaning.about) },
            text: meaning.text(),
            means: if of_headings {
                t.join(meaning.headings().into_iter().map(matched))
            } else {
                labels.of(t, &meaning.about, &meaning.choice)
            },
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
            let labels = Labels::load(db, t, &kind)?;
            let q = query.q.trim().to_owned();
            let choices = if q.is_empty() { Vec::new() } else { labels.meaning(&q) };
            let filter = MeaningFilter { q, choices, about: query.about() };
            let listing = queries::list(db, kind.code, &filter, query.page())?;
            let listing = listing.map(|meaning| Line::new(t, &batch_kind, &labels, &meaning));
            Ok(IndexView {
                filter: filter_bar(&ui, &labels.columns(&kind), batch_kind.field),
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

/// A kind of import, for who may begin one.
fn kinds(ctx: &Ctx, code: &str) -> Result<(ImportKind, BatchKind)> {
    let (batches, imports) = (ctx.state.part::<BatchKinds>()?, ctx.state.part::<ImportKinds>()?);
    let (kind, batch_kind) = (*imports.get(code)?, *batches.get(code)?);
    ctx.actor.need(batch_kind.permission)?;
    Ok((kind, batch_kind))
}

/// Forgets some of them.
pub async fn forget(ctx: Ctx, import: Path<String>, form: Form<ForgetForm>) -> Result<Response> {
    let (kind, _) = kinds(&ctx, &import)?;
    let (keys, back) = (form.keys(), urls::of_kind(kind.code));
    if keys.is_empty() {
        return Ok(ctx.refused(back, ctx.t.import_meanings_none_chosen()));
    }
    let forgotten = ctx.write(move |tx| commands::forget(tx, kind.code, &keys)).await?;
    Ok(ctx.done(back, ctx.t.import_meanings_forgotten(forgotten)))
}
