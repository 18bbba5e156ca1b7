//! The customers of a run as a file: exactly what is shown, in the order of their codes. Read in pieces, so that a large run
//! costs no memory.

use serde_json::json;

use crate::db::Tx;
use crate::i18n::Tr;
use crate::sheets::write::{Cell, Finished, Format, Table};
use crate::types::ids::BillRunId;
use crate::types::{Action, Entry, Error, ExportRecord, Permission, Result};
use crate::web::{Ctx, Form, Path, Response};

use super::forms::{ExportForm, RunQuery};
use super::model::{KIND, PlannedRow};
use super::queries;

/// How many customers are read at a time.
const CHUNK: i64 = 2_000;

/// Exports what the page shows.
pub async fn export(ctx: Ctx, run: Path<BillRunId>, form: Form<ExportForm>) -> Result<Response> {
    let (t, id, form) = (ctx.t, *run, form.0);
    ctx.read(move |db| queries::find(db, Permission::RunView, id)).await?;
    let format: Format = form.format.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    let (finished, name) = ctx.write(move |tx| make(tx, t, id, &form.query, format)).await?;
    Ok(finished.respond(&name))
}

fn make(tx: &mut Tx, t: Tr, id: BillRunId, query: &RunQuery, format: Format) -> Result<(Finished, String)> {
    let run = queries::find(tx, Permission::RunView, id)?;
    let name = format!("{}-{}", t.run_pages_run_title(run.month()), id);
    let mut table = Table::begin(format, t.run_pages_title(), &heading(t))?;
    let (mut after, mut written) = (0, 0);
    loop {
        let rows = queries::customers_after(tx, id, &query.filter(), after, CHUNK)?;
        for row in &rows {
            table.row(&cells(t, row))?;
        }
        written += rows.len();
        match rows.last() {
            Some(last) if rows.len() == usize::try_from(CHUNK).unwrap_or(usize::MAX) => {
                after = last.planned.position;
            }
            _ => break,
        }
    }
    let record = ExportRecord::new(KIND, format!("{name}.{format}"), written, &json!(query));
    tx.audit(Entry::created(Action::RunExported, &record));
    Ok((table.finish()?, name))
}

fn heading(t: Tr) -> Vec<String> {
    let heading = [
        t.run_pages_code(),
        t.run_pages_customer(),
        t.run_pages_outcome(),
        t.run_pages_reason(),
        t.run_pages_currency(),
        t.run_pages_total(),
        t.run_pages_previous(),
        t.run_pages_change(),
        t.run_pages_part_usage(),
        t.run_pages_part_price(),
        t.run_pages_part_customer(),
        t.run_pages_part_manual(),
        t.run_pages_used(),
        t.run_pages_flags(),
    ];
    heading.map(str::to_owned).into()
}

fn cells(t: Tr, row: &PlannedRow) -> Vec<Cell> {
    let planned = &row.planned;
    let reason = planned.said().map(|said| said.text(t).to_owned());
    let reason = reason.or_else(|| planned.reason.map(|reason| reason.label(t))).unwrap_or_default();
    let flags: Vec<String> = planned.flags().into_iter().map(|flag| flag.label(t)).collect();
    vec![
        row.company_code.as_str().into(),
        row.company_name.as_str().into(),
        planned.outcome.label(t).into(),
        reason.into(),
        planned.currency.as_str().into(),
        Cell::Decimal(planned.total_amount),
        planned.previous_amount.map_or(Cell::Blank, Cell::Decimal),
        Cell::Decimal(planned.change_amount),
        Cell::Decimal(planned.usage_change_amount),
        Cell::Decimal(planned.price_change_amount),
        Cell::Decimal(planned.customer_change_amount),
        Cell::Decimal(planned.manual_change_amount),
        Cell::Decimal(planned.usage_quantity.normalize()),
        t.join(&flags).into(),
    ]
}
