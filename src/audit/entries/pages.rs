//! The pages of the audit log: what happened, day by day, and one entry with all that is known of it.

use askama::Template;
use chrono::{Datelike as _, NaiveDateTime};

use crate::db::listing::Stream;
use crate::i18n::Tr;
use crate::types::ids::AuditEntryId;
use crate::types::time::{business_day, parse_day};
use crate::types::{Action, Entry, Error, ExportRecord, Permission, Result};
use crate::web::download::Format;
use crate::web::ui::{Choice, FilterBar, PageUrl, StreamPager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::batches::{self, BatchLink, BatchLinks, NamesBatches};
use super::changes::ChangeTable;
use super::forms::EntryQuery;
use super::model::AuditEntry;
use super::sentences::{self, Sentence};
use super::{export as file, queries, urls};

/// An entry as a line of the log.
struct Line {
    id: AuditEntryId,
    at: NaiveDateTime,
    sentence: Sentence,
    username: String,
    reason: Option<String>,
    batch: Option<BatchLink>,
    changes: ChangeTable,
    address: String,
    source: String,
    request_id: String,
}

impl Line {
    fn new(ctx: &Ctx, batches: &BatchLinks, entry: AuditEntry) -> Line {
        let t = ctx.t;
        let about = batches::subject(&entry).and_then(|id| batches.get(&id));
        Line {
            sentence: Sentence::new(t, &entry, |kind, id| ctx.page_of(kind, id)).about(about),
            batch: entry.batch_id.and_then(|id| batches.get(&id).cloned()),
            changes: ChangeTable::new(t, &entry.changes),
            source: t.label("source", &entry.source),
            id: entry.id,
            at: entry.at,
            username: entry.actor_username,
            reason: entry.reason,
            address: entry.address,
            request_id: entry.request_id,
        }
    }
}

/// The lines of a day.
struct Day {
    heading: String,
    lines: Vec<Line>,
}

/// The record that the log is narrowed to, and the log without that.
struct Chip {
    label: String,
    kind: String,
    id: String,
    url: String,
}

#[derive(Template)]
#[template(path = "audit/entries/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    chip: Option<Chip>,
    searched_since: Option<String>,
    days: Vec<Day>,
    pager: StreamPager,
}

/// The log.
pub async fn index(ctx: Ctx, query: Query<EntryQuery>) -> Result<Response> {
    let (filter, seek, t) = (query.filter(), query.seek(), ctx.t);
    let names = ctx.state.part::<NamesBatches>()?;
    let (stream, batches) = ctx
        .read(move |db| {
            let stream = queries::list(db, &filter, seek)?;
            let batches = names.of(db, t, &stream.rows)?;
            Ok((stream, batches))
        })
        .await?;
    let ui = ctx.ui();
    let view = IndexView {
        filter: filter_bar(&ui),
        chip: chip(&ui, &query, &stream),
        searched_since: searched_since(&ui, &query),
        pager: StreamPager::new(&ui, &stream),
        days: days(&ctx, &batches, stream.rows),
        ui,
    };
    Ok(Page::new(&ctx, ctx.t.audit_title(), &view).listing().respond())
}

/// Exports exactly what the filter lets through, and notes who took what along.
pub async fn export(ctx: Ctx, form: Form<EntryQuery>) -> Result<Response> {
    let format: Format = form.format.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    let (t, filter) = (ctx.t, form.check()?);
    let (finished, rows) = ctx.read(move |db| file::write(db, t, &filter, format)).await?;
    let name = format!("audit-{}", business_day(ctx.now()));
    let record = ExportRecord::new("entry", format!("{name}.{format}"), rows, &form.0);
    ctx.write(move |tx| {
        tx.audit(Entry::created(Action::AuditExported, &record));
        Ok(())
    })
    .await?;
    Ok(finished.respond(&name))
}

fn filter_bar(ui: &Ui) -> FilterBar {
    let t = ui.t;
    let bar = FilterBar::new(ui, t.audit_filter())
        .search(t.audit_search())
        .text("actor", t.audit_actor_filter())
        .select_grouped("action", t.audit_action(), t.audit_all_actions(), action_groups(t))
        .days();
    if ui.can(Permission::AuditExport) { bar.export(urls::EXPORT) } else { bar }
}

/// All actions, under the resource that their codes name.
fn action_groups(t: Tr) -> Vec<(String, Vec<Choice>)> {
    let mut groups: Vec<(&str, Vec<Choice>)> = Vec::new();
    for action in Action::ALL {
        let resource = action.as_str().split('.').nth(1).unwrap_or_default();
        let choice = Choice::new(action, sentences::action_name(t, action.as_str()));
        match groups.iter_mut().find(|(name, _)| *name == resource) {
            Some((_, choices)) => choices.push(choice),
            None => groups.push((resource, vec![choice])),
        }
    }
    groups.into_iter().map(|(resource, choices)| (t.label("subject", resource), choices)).collect()
}

fn chip(ui: &Ui, query: &EntryQuery, stream: &Stream<AuditEntry>) -> Option<Chip> {
    let filter = query.filter();
    if filter.subject_kind.is_empty() {
        return None;
    }
    let kind = sentences::kind(ui.t, &filter.subject_kind);
    let name = match (filter.subject_id, stream.rows.first()) {
        (Some(_), Some(entry)) => sentences::subject(ui.t, entry),
        (Some(id), None) => format!("#{id}"),
        (None, _) => String::new(),
    };
    let url = ui.page_url().without(&["subject_kind", "subject_id", "older", "newer"]).to_string();
    let id = filter.subject_id.map_or_else(String::new, |id| id.to_string());
    Some(Chip { label: format!("{kind} {name}").trim_end().to_owned(), kind: filter.subject_kind, id, url })
}

/// Since when a search looks that names no first day.
fn searched_since(ui: &Ui, query: &EntryQuery) -> Option<String> {
    let unbounded = !query.q.trim().is_empty() && parse_day(&query.from).is_none();
    unbounded.then(|| ui.t.audit_searched_since(business_day(queries::search_start(ui.now))))
}

fn days(ctx: &Ctx, batches: &BatchLinks, entries: Vec<AuditEntry>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let date = business_day(entry.at);
        let weekday = ctx.t.label("weekday", &date.weekday().to_string().to_lowercase());
        let heading = format!("{date} {weekday}");
        let line = Line::new(ctx, batches, entry);
        match days.last_mut().filter(|day| day.heading == heading) {
            Some(day) => day.lines.push(line),
            None => days.push(Day { heading, lines: vec![line] }),
        }
    }
    days
}

#[derive(Template)]
#[template(path = "audit/entries/show.html")]
struct ShowView {
    ui: Ui,
    line: Line,
    action: String,
    kind: String,
    subject_url: Option<String>,
    request_url: String,
}

/// One entry.
pub async fn show(ctx: Ctx, entry: Path<AuditEntryId>) -> Result<Response> {
    let id = *entry;
    let (ui, t, names) = (ctx.ui(), ctx.t, ctx.state.part::<NamesBatches>()?);
    let (entry, batches) = ctx
        .read(move |db| {
            let entry = queries::find(db, id)?;
            let batches = names.of(db, t, std::slice::from_ref(&entry))?;
            Ok((entry, batches))
        })
        .await?;
    let view = ShowView {
        action: sentences::action_name(t, &entry.action),
        kind: sentences::kind(t, &entry.subject_kind),
        subject_url: entry.subject_id.map(|id| urls::of_subject(&entry.subject_kind, id)),
        request_url: PageUrl::parse(urls::INDEX).with("q", &entry.request_id).to_string(),
        line: Line::new(&ctx, &batches, entry),
        ui,
    };
    Ok(Page::new(&ctx, t.audit_entry_title(id), &view).crumb(t.audit_title(), urls::INDEX).respond())
}
