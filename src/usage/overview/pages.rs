//! The overview of a month, and its file.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::catalog::meters;
use crate::catalog::meters::model::Meter;
use crate::db::Db;
use crate::db::listing::Count;
use crate::i18n::Tr;
use crate::types::ids::UsageSourceId;
use crate::types::time::business_day;
use crate::types::{BillingMonth, Error, Permission, Result};
use crate::usage::change::Change;
use crate::usage::export_menu::ExportMenu;
use crate::usage::exports::{self, Export};
use crate::usage::listing;
use crate::usage::pivot::{Column, Fact, Pivot};
use crate::usage::pivot_table::{Line, PivotTable, column_name};
use crate::usage::quarantine;
use crate::usage::records::model::KIND;
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;
use crate::usage::switcher::{ShownQuery, Switcher};
use crate::web::download::{Cell, Finished, Format, Table};
use crate::web::ui::{Badge, Chart, Shape, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::model::DayTotal;
use super::rules::{self, Span, Sums};
use super::{queries, urls};

/// A line of a breakdown: what it is, its quantity, its share of all.
struct Part {
    label: String,
    url: String,
    now: Decimal,
    share: String,
    change: Change,
}

/// The month told apart by something.
struct Breakdown {
    id: &'static str,
    title: &'static str,
    parts: Vec<Part>,
}

#[derive(Template)]
#[template(path = "usage/overview/index.html")]
struct IndexView {
    ui: Ui,
    switcher: Switcher,
    export: ExportMenu,
    month: BillingMonth,
    meter: Meter,
    sums: Sums,
    records_url: String,
    compared_with: String,
    collected: usize,
    passed: usize,
    waiting: Option<Count>,
    chart: Chart,
    days: PivotTable,
    breakdowns: Vec<Breakdown>,
    ranking_url: String,
}

impl IndexView {
    fn is_blank(&self) -> bool {
        self.sums == Sums::default()
    }

    fn change(&self) -> Change {
        Change::new(self.ui.t, self.sums.before, self.sums.now)
    }

    fn has_holes(&self) -> bool {
        self.collected < self.passed
    }
}

/// The month.
pub async fn index(ctx: Ctx, query: Query<ShownQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx.read(move |db| load(db, ui, &query)).await?;
    Ok(Page::new(&ctx, ctx.t.usage_pages_title(), &view).respond())
}

fn load(db: &mut Db, ui: Ui, query: &ShownQuery) -> Result<IndexView> {
    let meters = meters::queries::all(db)?;
    let meter = query.meter(&meters).cloned().ok_or(Error::NotFound)?;
    let (month, today) = (query.month(&ui), business_day(ui.now));
    let (now, before) = rules::compared(month, today);
    let totals = queries::day_totals(db, meter.id, Span { first: before.first, last: now.last })?;
    let sources = sources::queries::by_id(db)?;
    let collected: BTreeSet<NaiveDate> = queries::days_with_records(db, now)?.into_iter().collect();
    let passed = month.days().filter(|day| *day < today).count();
    let waiting =
        if ui.can(Permission::UsageCorrect) { Some(quarantine::queries::count_queue(db)?) } else { None };
    let code = meter.code.clone();
    let fields = vec![("month", month.to_string()), ("meter", code.clone())];
    let all = rules::compare(&totals, (now, before), |_| ());
    Ok(IndexView {
        switcher: Switcher::new(&ui, month, &meter, &meters),
        export: ExportMenu::new(&ui, urls::EXPORT, fields),
        sums: all.get(&()).copied().unwrap_or_default(),
        records_url: listing::urls::of(&[("meter", &code)], now.first, now.last),
        compared_with: ui.t.usage_pages_compared(before.first, before.last),
        collected: collected.iter().filter(|day| **day < today).count(),
        passed,
        waiting,
        chart: Chart::new(Shape::Bars, "t-days", ui.t.usage_pages_chart_days(month)).unit(meter.unit(ui.t)),
        days: days(&ui, &meter, month, &totals, &collected),
        breakdowns: breakdowns(&ui, &meter, &totals, (now, before), &sources),
        ranking_url: urls::customers(month, &code, ""),
        month,
        meter,
        ui,
    })
}

/// The days of the month that have begun, those without any record marked.
fn days(
    ui: &Ui,
    meter: &Meter,
    month: BillingMonth,
    totals: &[DayTotal],
    collected: &BTreeSet<NaiveDate>,
) -> PivotTable {
    let (t, today) = (ui.t, business_day(ui.now));
    let facts: Vec<Fact<NaiveDate>> = totals
        .iter()
        .map(|total| Fact {
            key: total.used_on,
            series: total.device_series.clone(),
            quantity: total.quantity,
            records: total.records,
        })
        .collect();
    let facts: Vec<_> = facts.into_iter().filter(|fact| month.contains(fact.key)).collect();
    let pivot = Pivot::of(month.days().filter(|day| *day <= today), &facts);
    let lines = pivot.rows.iter().map(|row| {
        let hole = !collected.contains(&row.key) && row.key < today;
        Line {
            short: row.key.format("%-d").to_string(),
            url: row.total.map(|_| listing::urls::of(&[("meter", &meter.code)], row.key, row.key)),
            note: hole.then(|| Badge::new(Tone::Warn, t.usage_pages_hole())),
            ..Line::of(row, day_label(t, row.key))
        }
    });
    let head = ("t-days", t.usage_pages_days_of(month), t.usage_pages_day());
    PivotTable::new(t, head, &pivot, lines.collect())
}

/// A day with its weekday.
pub fn day_label(t: Tr, day: NaiveDate) -> String {
    use chrono::Datelike as _;
    format!("{day} {}", t.label("weekday_short", &day.weekday().to_string().to_lowercase()))
}

fn breakdowns(
    ui: &Ui,
    meter: &Meter,
    totals: &[DayTotal],
    spans: (Span, Span),
    sources: &BTreeMap<UsageSourceId, UsageSource>,
) -> Vec<Breakdown> {
    let t = ui.t;
    let by_series = rules::compare(totals, spans, |total| total.device_series.clone());
    let by_layer = rules::compare(totals, spans, |total| total.layer.clone());
    let by_source = rules::compare(totals, spans, |total| total.source);
    let named = |name: &'static str, value: &str| {
        listing::urls::of(
            &[("meter", &meter.code), (name, listing::urls::or_none(value))],
            spans.0.first,
            spans.0.last,
        )
    };
    let series = by_series
        .into_iter()
        .map(|(code, sums)| (column_name(t, &Column::Series(code.clone())), named("series", &code), sums));
    let layers = by_layer.into_iter().map(|(code, sums)| {
        let label = if code.is_empty() { t.usage_pages_no_layer().to_owned() } else { code.clone() };
        (label, named("layer", &code), sums)
    });
    let sources = by_source.into_iter().filter_map(|(id, sums)| {
        let source = sources.get(&id)?;
        Some((source.name.clone(), named("source", &source.code), sums))
    });
    vec![
        breakdown(t, ("b-series", t.usage_pages_by_series()), series.collect()),
        breakdown(t, ("b-layers", t.usage_pages_by_layer()), layers.collect()),
        breakdown(t, ("b-sources", t.usage_pages_by_source()), sources.collect()),
    ]
}

fn breakdown(
    t: Tr,
    (id, title): (&'static str, &'static str),
    mut lines: Vec<(String, String, Sums)>,
) -> Breakdown {
    let all: Decimal = lines.iter().map(|(_, _, sums)| sums.now).sum();
    lines.sort_by(|one, other| other.2.now.cmp(&one.2.now).then_with(|| one.0.cmp(&other.0)));
    let part = |(label, url, sums): (String, String, Sums)| Part {
        label,
        url,
        now: sums.now,
        share: share(sums.now, all),
        change: Change::new(t, sums.before, sums.now),
    };
    Breakdown { id, title, parts: lines.into_iter().map(part).collect() }
}

/// The share of a part in the whole, in per cent.
fn share(part: Decimal, all: Decimal) -> String {
    let share = (part * Decimal::ONE_HUNDRED).checked_div(all).unwrap_or_default();
    let rounded = share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    format!("{rounded:.1}%")
}

/// The month as a file: a line for each day, source, series and layer.
pub async fn export(ctx: Ctx, form: Form<ShownQuery>) -> Result<Response> {
    let format: Format = form.format.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    let (t, month, query) = (ctx.t, form.checked_month()?, form.0.clone());
    let (finished, rows) = ctx.read(move |db| file(db, t, month, &query, format)).await?;
    let name = format!("usage-{month}");
    let export = Export { kind: KIND, name, format, file: finished, rows };
    exports::respond(&ctx, export, &form.0).await
}

fn file(
    db: &mut Db,
    t: Tr,
    month: BillingMonth,
    query: &ShownQuery,
    format: Format,
) -> Result<(Finished, usize)> {
    let meters = meters::queries::all(db)?;
    let meter = query.meter(&meters).ok_or(Error::NotFound)?;
    let span = Span { first: month.first_day(), last: month.last_day() };
    let (totals, sources) = (queries::day_totals(db, meter.id, span)?, sources::queries::by_id(db)?);
    let heading = [
        t.usage_pages_day(),
        t.usage_pages_meter(),
        t.usage_pages_source(),
        t.meters_device_series(),
        t.meters_layer(),
        t.usage_pages_quantity(),
        t.usage_pages_records(),
    ];
    let mut table = Table::begin(format, t.usage_pages_title(), &heading.map(str::to_owned))?;
    for total in &totals {
        let source = sources.get(&total.source).map_or("", |source| source.code.as_str());
        table.row(&[
            Cell::Day(total.used_on),
            meter.code.as_str().into(),
            source.into(),
            total.device_series.as_str().into(),
            total.layer.as_str().into(),
            Cell::Decimal(total.quantity.normalize()),
            Cell::Number(total.records),
        ])?;
    }
    Ok((table.finish()?, totals.len()))
}
