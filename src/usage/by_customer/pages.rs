//! The page of a customer's usage, and the file of a month.

use std::collections::BTreeSet;

use askama::Template;
use chrono::NaiveDate;

use crate::catalog::meters;
use crate::catalog::meters::model::Meter;
use crate::customers::directory;
use crate::customers::directory::head::Head;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::CustomerId;
use crate::types::time::business_day;
use crate::types::{BillingMonth, Error, Permission, Result};
use crate::usage::change::Change;
use crate::usage::corrections;
use crate::usage::export_menu::ExportMenu;
use crate::usage::exports::{self, Export};
use crate::usage::listing;
use crate::usage::overview::pages::day_label;
use crate::usage::overview::rules::{self as spans, Span, Sums};
use crate::usage::pivot::Pivot;
use crate::usage::pivot_table::{Line, PivotTable};
use crate::usage::records::model::KIND;
use crate::usage::sources;
use crate::usage::switcher::{ShownQuery, Switcher};
use crate::web::download::{Cell, Finished, Format, Table};
use crate::web::tabs::Tabs;
use crate::web::ui::{Badge, Chart, Shape, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::model::Known;
use super::{queries, rules, urls};

#[derive(Template)]
#[template(path = "usage/by_customer/show.html")]
struct ShowView {
    ui: Ui,
    head: Head,
    switcher: Switcher,
    export: ExportMenu,
    month: BillingMonth,
    meter: Meter,
    sums: Sums,
    compared_with: String,
    holes: usize,
    corrected: usize,
    months_chart: Chart,
    months: PivotTable,
    days_chart: Chart,
    days: PivotTable,
    records_url: String,
    is_blank: bool,
}

impl ShowView {
    fn change(&self) -> Change {
        Change::new(self.ui.t, self.sums.before, self.sums.now)
    }
}

/// The usage of a customer.
pub async fn show(ctx: Ctx, customer: Path<CustomerId>, query: Query<ShownQuery>) -> Result<Response> {
    let (ui, id, query, tabs) = (ctx.ui(), *customer, query.0, ctx.state.part::<Tabs>()?);
    let view = ctx
        .read(move |db| {
            directory::queries::find(db, Permission::UsageView, id)?;
            let head = Head::load(db, &ui, &tabs, id, "usage")?;
            load(db, ui, head, &query)
        })
        .await?;
    let title = ctx.t.usage_pages_of(&view.head.customer.fields.company_name);
    Ok(Page::new(&ctx, title, &view).crumb(ctx.t.customer_title(), directory::urls::INDEX).respond())
}

fn load(db: &mut Db, ui: Ui, head: Head, query: &ShownQuery) -> Result<ShowView> {
    let (t, id) = (ui.t, head.customer.id);
    let meters = meters::queries::all(db)?;
    let meter = query.meter(&meters).cloned().ok_or(Error::NotFound)?;
    let (month, today) = (query.month(&ui), business_day(ui.now));
    let months = rules::months(month, BillingMonth::of(today));
    let (now, before) = spans::compared(month, today);
    let first = months.first().map_or(before.first, |first| first.first_day().min(before.first));
    let last = months.last().map_or(now.last, |last| last.last_day());
    let known = queries::known(db, id, meter.id, Span { first, last })?;
    let holes = rules::holes(&known, month.days(), today);
    let (code, unit) = (meter.code.as_str(), meter.unit(t));
    let fields = vec![("month", month.to_string()), ("meter", code.to_owned())];
    let all = spans::compare(&known.records, (now, before), |_| ());
    let in_month = |day: &&NaiveDate| month.contains(**day);
    Ok(ShowView {
        switcher: Switcher::new(&ui, month, &meter, &meters),
        export: ExportMenu::new(&ui, urls::export(id), fields),
        sums: all.get(&()).copied().unwrap_or_default(),
        compared_with: t.usage_pages_compared(before.first, before.last),
        holes: holes.len(),
        corrected: known.corrected.iter().filter(in_month).count(),
        months_chart: Chart::new(Shape::Bars, "t-months", t.usage_pages_chart_months()).unit(unit),
        months: months_table(&ui, id, (month, code), &months, &known),
        days_chart: Chart::new(Shape::Bars, "t-days", t.usage_pages_chart_days(month)).unit(unit),
        days: days_table(&ui, id, month, &known, &holes),
        records_url: listing::urls::of_customer(
            &head.customer.fields.company_code,
            code,
            now.first,
            now.last,
        ),
        is_blank: known.records.is_empty(),
        month,
        meter,
        head,
        ui,
    })
}

/// The months, each beside the one before; the latest first.
fn months_table(
    ui: &Ui,
    id: CustomerId,
    (chosen, meter): (BillingMonth, &str),
    months: &[BillingMonth],
    known: &Known,
) -> PivotTable {
    let t = ui.t;
    let pivot = Pivot::of(months.iter().copied(), &rules::by_month(&known.records));
    let mut before = None;
    let mut lines = Vec::new();
    for row in &pivot.rows {
        // Beside a month without usage there is nothing to compare.
        let change = row.total.zip(before).map(|(now, before)| Change::new(t, before, now));
        lines.push(Line {
            url: Some(urls::month(id, row.key, meter)),
            change,
            is_current: row.key == chosen,
            ..Line::of(row, row.key.to_string())
        });
        before = row.total;
    }
    let head = ("t-months", t.usage_pages_months().to_owned(), t.usage_pages_month());
    PivotTable::new(t, head, &pivot, lines).latest_first()
}

/// The days of a month that have begun, with what is to be known of them.
fn days_table(
    ui: &Ui,
    id: CustomerId,
    month: BillingMonth,
    known: &Known,
    holes: &BTreeSet<NaiveDate>,
) -> PivotTable {
    let (t, today) = (ui.t, business_day(ui.now));
    let facts: Vec<_> =
        rules::by_day(&known.records).into_iter().filter(|fact| month.contains(fact.key)).collect();
    let pivot = Pivot::of(month.days().filter(|day| *day <= today), &facts);
    let lines = pivot.rows.iter().map(|row| {
        let note = if holes.contains(&row.key) {
            Some(Badge::new(Tone::Warn, t.usage_pages_hole()))
        } else {
            known.corrected.contains(&row.key).then(|| Badge::new(Tone::Plain, t.usage_pages_corrected()))
        };
        Line {
            short: row.key.format("%-d").to_string(),
            url: Some(corrections::urls::day(id, row.key)),
            note,
            ..Line::of(row, day_label(t, row.key))
        }
    });
    let head = ("t-days", t.usage_pages_days_of(month), t.usage_pages_day());
    PivotTable::new(t, head, &pivot, lines.collect())
}

/// A month of a customer as a file: its records as they count.
pub async fn export(ctx: Ctx, customer: Path<CustomerId>, form: Form<ShownQuery>) -> Result<Response> {
    let id = *customer;
    ctx.read(move |db| directory::queries::find(db, Permission::UsageView, id)).await?;
    let format: Format = form.format.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    let (t, month, query) = (ctx.t, form.checked_month()?, form.0.clone());
    let (finished, rows, code) = ctx.read(move |db| file(db, t, id, month, &query, format)).await?;
    let name = format!("usage-{code}-{month}");
    let export = Export { kind: KIND, name, format, file: finished, rows };
    exports::respond(&ctx, export, &form.0).await
}

fn file(
    db: &mut Db,
    t: Tr,
    id: CustomerId,
    month: BillingMonth,
    query: &ShownQuery,
    format: Format,
) -> Result<(Finished, usize, String)> {
    let code = directory::queries::find(db, Permission::UsageView, id)?.fields.company_code;
    let meters = meters::queries::all(db)?;
    let meter = query.meter(&meters).ok_or(Error::NotFound)?;
    let span = Span { first: month.first_day(), last: month.last_day() };
    let (records, sources) = (queries::records(db, id, meter.id, span)?, sources::queries::by_id(db)?);
    let heading = [
        t.usage_pages_company_code(),
        t.usage_pages_day(),
        t.usage_pages_meter(),
        t.meters_device_series(),
        t.meters_layer(),
        t.usage_pages_source(),
        t.usage_pages_quantity(),
    ];
    let mut table = Table::begin(format, t.usage_pages_title(), &heading.map(str::to_owned))?;
    for record in &records {
        let source = sources.get(&record.source).map_or("", |source| source.code.as_str());
        table.row(&[
            code.as_str().into(),
            Cell::Day(record.used_on),
            meter.code.as_str().into(),
            record.device_series.as_str().into(),
            record.layer.as_str().into(),
            source.into(),
            Cell::Decimal(record.quantity.normalize()),
        ])?;
    }
    Ok((table.finish()?, records.len(), code))
}
