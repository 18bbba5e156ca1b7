//! The page of the log of sign-ins.

use askama::Template;

use crate::i18n::Tr;
use crate::types::time::business_day;
use crate::types::{Action, Entry, Error, ExportRecord, Outcome, Permission, Result};
use crate::web::download::Format;
use crate::web::ui::{Badge, Choice, FilterBar, StreamPager, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::forms::SignInQuery;
use super::model::SignIn;
use super::{export as file, queries, urls};

/// An attempt as a line of the table.
struct Line {
    row: SignIn,
    user: Option<String>,
    badge: Badge,
}

impl Line {
    fn new(ctx: &Ctx, row: SignIn) -> Line {
        let tone = match row.outcome.parse() {
            Ok(Outcome::Success) => Tone::Ok,
            Ok(Outcome::Throttled) => Tone::Warn,
            Ok(Outcome::Disabled) => Tone::Off,
            Ok(Outcome::UnknownUser | Outcome::WrongPassword) => Tone::Bad,
            Err(_) => Tone::Plain,
        };
        Line {
            badge: Badge::new(tone, ctx.t.label("outcome", &row.outcome)),
            user: row.user_id.and_then(|id| ctx.page_of("user", id.0)),
            row,
        }
    }
}

#[derive(Template)]
#[template(path = "audit/sign_ins/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    lines: Vec<Line>,
    pager: StreamPager,
}

/// The log.
pub async fn index(ctx: Ctx, query: Query<SignInQuery>) -> Result<Response> {
    let (filter, seek) = (query.filter(), query.seek());
    let stream = ctx.read(move |db| queries::list(db, &filter, seek)).await?;
    let ui = ctx.ui();
    let view = IndexView {
        filter: filter_bar(&ui),
        pager: StreamPager::new(&ui, &stream),
        lines: stream.rows.into_iter().map(|row| Line::new(&ctx, row)).collect(),
        ui,
    };
    Ok(Page::new(&ctx, ctx.t.sign_ins_title(), &view).listing().respond())
}

/// Exports exactly what the filter lets through, and notes who took what along.
pub async fn export(ctx: Ctx, form: Form<SignInQuery>) -> Result<Response> {
    let format: Format = form.format.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    let (t, filter) = (ctx.t, form.check()?);
    let (finished, rows) = ctx.read(move |db| file::write(db, t, &filter, format)).await?;
    let name = format!("sign-ins-{}", business_day(ctx.now()));
    let record = ExportRecord::new("sign_in", format!("{name}.{format}"), rows, &form.0);
    ctx.write(move |tx| {
        tx.audit(Entry::created(Action::SignInsExported, &record));
        Ok(())
    })
    .await?;
    Ok(finished.respond(&name))
}

fn filter_bar(ui: &Ui) -> FilterBar {
    let t = ui.t;
    let outcomes = Outcome::ALL.iter().map(|outcome| Choice::new(outcome, outcome.label(t))).collect();
    let bar = FilterBar::new(ui, t.sign_ins_filter())
        .search(t.sign_ins_search())
        .select("outcome", t.sign_ins_outcome(), t.sign_ins_all_outcomes(), outcomes)
        .days();
    if ui.can(Permission::AuditExport) { bar.export(urls::EXPORT) } else { bar }
}
