//! The list as a file: exactly what is filtered, each version in a row.

use serde_json::json;

use crate::catalog;
use crate::pricing::price_plans::model::KIND;
use crate::pricing::price_plans::people::People;
use crate::pricing::price_plans::urls;
use crate::pricing::price_plans::version::sheet;
use crate::sheets::write::{Cell, Finished, Format, Table};
use crate::types::time::business_day;
use crate::types::{Action, Entry, Error, ExportRecord, Result};
use crate::web::{Ctx, Form, Response};
use crate::{db::Tx, i18n::Tr};

use super::forms::{PlanFilter, PlanQuery, Show};
use super::queries::{self, PlanRow};

/// So many versions leave in one file; who wants more filters, and takes several.
const MOST: usize = 20_000;
/// How many are read at a time.
const CHUNK: usize = 1_000;

/// The form of an export: the parameters of the list, and the kind of file.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct ExportForm {
    /// The kind of file.
    #[serde(default)]
    pub format: String,
    /// What the list shows.
    #[serde(flatten)]
    pub query: PlanQuery,
}

/// Exports what the filter lets through.
pub async fn export(ctx: Ctx, form: Form<ExportForm>) -> Result<Response> {
    let (t, form) = (ctx.t, form.0);
    let format: Format = form.format.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    let mut filter = form.query.filter();
    if filter.show == Show::Without {
        filter.show = Show::All;
    }
    let made = ctx.write(move |tx| make(tx, t, &filter, &form.query, format)).await?;
    Ok(match made {
        Some((finished, name)) => finished.respond(&name),
        None => ctx.refused(urls::INDEX, t.price_list_export_many(MOST)),
    })
}

fn make(
    tx: &mut Tx,
    t: Tr,
    filter: &PlanFilter,
    query: &PlanQuery,
    format: Format,
) -> Result<Option<(Finished, String)>> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let ids = queries::first_ids(tx, filter, query.sort(), most + 1)?;
    if ids.len() > MOST {
        return Ok(None);
    }
    let meters = catalog::meters::queries::all(tx)?;
    let heading = [
        t.price_list_code(),
        t.price_list_customer(),
        t.price_plan_version(),
        t.price_plan_state(),
        t.price_plan_valid_from(),
        t.price_plan_prices(),
        t.price_plan_minimum(),
        t.price_plan_cap(),
        t.price_plan_discount_percent(),
        t.price_plan_currency(),
        t.price_plan_author(),
        t.price_plan_origin(),
    ];
    let mut table = Table::begin(format, t.price_list_title(), &heading.map(str::to_owned))?;
    for some in ids.chunks(CHUNK) {
        let rows = queries::rows(tx, some)?;
        let people = People::load(tx, rows.iter().map(|row| &row.plan.version))?;
        for row in &rows {
            table.row(&cells(t, &sheet::brief(t, &meters, &row.plan), &people, row))?;
        }
    }
    let name = format!("{}-{}", t.price_list_title(), business_day(tx.now()));
    let record = ExportRecord::new(KIND, format!("{name}.{format}"), ids.len(), &json!(query));
    tx.audit(Entry::created(Action::PriceExported, &record));
    Ok(Some((table.finish()?, name)))
}

fn cells(t: Tr, brief: &str, people: &People, row: &PlanRow) -> Vec<Cell> {
    let (version, customer) = (&row.plan.version, &row.customer.fields);
    let amount = |amount: Option<rust_decimal::Decimal>| amount.map_or(Cell::Blank, Cell::Decimal);
    vec![
        Cell::Text(customer.company_code.clone()),
        Cell::Text(customer.company_name.clone()),
        Cell::Text(format!("V{}", version.number)),
        Cell::Text(version.state.label(t)),
        Cell::Day(version.valid_from),
        Cell::Text(brief.to_owned()),
        amount(version.minimum_amount),
        amount(version.cap_amount),
        amount(version.terms().discount_percent.map(|percent| percent.normalize())),
        Cell::Text(version.currency.to_string()),
        Cell::Text(people.name(t, version.author_id)),
        Cell::Text(version.origin.label(t)),
    ]
}
