//! The page of the list of records, and its file.

use std::collections::BTreeMap;

use askama::Template;

use crate::catalog::meters;
use crate::catalog::meters::queries::Meters;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::UsageSourceId;
use crate::types::time::business_day;
use crate::types::{Error, Result};
use crate::usage::corrections;
use crate::usage::exports::{self, Export};
use crate::usage::overview;
use crate::usage::overview::rules::Span;
use crate::usage::records::model::KIND;
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;
use crate::web::download::Format;
use crate::web::ui::{Choice, FilterBar, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::export as file;
use super::forms::RecordQuery;
use super::model::{RecordPage, RecordRow, Totals};
use super::{queries, urls};

#[derive(Template)]
#[template(path = "usage/listing/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    page: RecordPage,
    span: Option<Span>,
    meters: Meters,
    sources: BTreeMap<UsageSourceId, UsageSource>,
    has_sum: bool,
    newest: Option<String>,
}

impl IndexView {
    fn meter(&self, row: &RecordRow) -> String {
        self.meters.get(row.key.meter).map_or_else(String::new, |meter| meter.label(self.ui.t).to_owned())
    }

    fn unit(&self) -> String {
        let code = self.ui.page_url().get("meter").to_owned();
        let meter = self.meters.of_code(&code).or_else(|| self.meters.usual());
        meter.map_or_else(String::new, |meter| meter.unit(self.ui.t).to_owned())
    }

    fn source(&self, row: &RecordRow) -> &str {
        self.sources.get(&row.key.source).map_or("", |source| source.name.as_str())
    }

    #[expect(clippy::unused_self, reason = "templates call it on the view")]
    fn day_url(&self, row: &RecordRow) -> String {
        corrections::urls::day(row.key.customer, row.key.used_on)
    }

    /// The next page.
    fn next(&self) -> Option<String> {
        let cursor = self.page.next.as_ref()?;
        Some(self.ui.page_url().with("after", cursor.to_text()).to_string())
    }
}

/// The list.
pub async fn index(ctx: Ctx, query: Query<RecordQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx.read(move |db| load(db, ui, &query)).await?;
    let page = Page::new(&ctx, ctx.t.usage_records_title(), &view);
    Ok(page.crumb(ctx.t.usage_pages_title(), overview::urls::INDEX).listing().respond())
}

fn load(db: &mut Db, ui: Ui, query: &RecordQuery) -> Result<IndexView> {
    let meters = meters::queries::all(db)?;
    let sources = sources::queries::by_id(db)?;
    let filter = queries::filter(db, query, &meters)?;
    let today = business_day(db.now());
    let page = match &filter {
        Some(filter) => queries::page(db, filter, query.cursor().as_ref())?,
        None => RecordPage { rows: Vec::new(), next: None, totals: Totals::default() },
    };
    let is_one_meter =
        meters.iter().count() == 1 || filter.as_ref().is_some_and(|filter| filter.meter.is_some());
    Ok(IndexView {
        filter: filter_bar(&ui, &meters, &sources),
        span: query.is_cut(today).then(|| query.span(today)),
        has_sum: is_one_meter,
        newest: query.cursor().map(|_| ui.page_url().with("after", "").to_string()),
        page,
        meters,
        sources,
        ui,
    })
}

fn filter_bar(ui: &Ui, meters: &Meters, sources: &BTreeMap<UsageSourceId, UsageSource>) -> FilterBar {
    let t = ui.t;
    let by_meter = meters.iter().map(|meter| Choice::new(&meter.code, meter.label(t))).collect();
    let by_source = sources.values().map(|source| Choice::new(&source.code, &source.name)).collect();
    let shows = vec![Choice::new("corrected", t.usage_records_only_corrected())];
    FilterBar::new(ui, t.usage_records_filter())
        .text("customer", t.usage_records_customer())
        .days()
        .text("series", t.meters_device_series())
        .text("layer", t.meters_layer())
        .select("meter", t.usage_pages_meter(), t.usage_records_all_meters(), by_meter)
        .select("source", t.usage_pages_source(), t.usage_records_all_sources(), by_source)
        .select("show", t.usage_records_show(), t.usage_records_all(), shows)
        .export(urls::EXPORT)
}

/// Exports exactly what the filter lets through.
pub async fn export(ctx: Ctx, form: Form<RecordQuery>) -> Result<Response> {
    let format: Format = form.format.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    let (t, query) = (ctx.t, form.0.clone());
    let (finished, rows) = ctx
        .read(move |db| {
            let meters = meters::queries::all(db)?;
            let filter = queries::filter(db, &query, &meters)?;
            file::write(db, t, filter.as_ref(), &meters, format)
        })
        .await?;
    let name = format!("usage-records-{}", business_day(ctx.now()));
    let export = Export { kind: KIND, name, format, file: finished, rows };
    exports::respond(&ctx, export, &form.0).await
}
