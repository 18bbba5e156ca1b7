//! What a run makes of a customer: the lines of the bill to be, each with how it was found.

use askama::Template;
use rust_decimal::Decimal;

use crate::catalog;
use crate::catalog::meters::queries::Meters;
use crate::db::Db;
use crate::i18n::Tr;
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::price_plans::version::sheet;
use crate::types::ids::BillRunId;
use crate::types::{Permission, Result};
use crate::web::ui::{Ui, filters};
use crate::web::{Ctx, Page, Path, Response};

use super::model::{BillRun, Outcome, PlannedLine, RunState};
use super::show_pages::Line;
use super::{pages, queries, urls};

/// A line of the bill to be, in words.
struct Explained {
    label: String,
    days: String,
    quantity: Option<Decimal>,
    amount: String,
    text: Vec<String>,
    late_url: Option<String>,
}

#[derive(Template)]
#[template(path = "billing/runs/customer.html")]
struct CustomerView {
    ui: Ui,
    run: BillRun,
    line: Line,
    lines: Vec<Explained>,
    customer_url: Option<String>,
}

impl CustomerView {
    fn amount(&self, amount: &Decimal) -> String {
        sheet::money(*amount, self.line.row.planned.currency)
    }

    fn previous(&self) -> String {
        self.line.row.planned.previous_amount.map_or_else(|| "–".to_owned(), |amount| self.amount(&amount))
    }

    fn is_billed(&self) -> bool {
        self.line.row.planned.outcome == Outcome::Billed
    }

    /// A customer is run again once the run is committed, and it is left without a bill that it should have.
    fn can_run_again(&self) -> bool {
        let planned = &self.line.row.planned;
        let is_without = planned.outcome == Outcome::Failed || planned.is_left_out();
        pages::reaches_all(&self.ui, Permission::RunStart)
            && self.run.state == RunState::Committed
            && is_without
    }
}

/// What a run makes of a customer.
pub async fn show(ctx: Ctx, path: Path<(BillRunId, u32)>) -> Result<Response> {
    let ((id, position), ui) = (path.into_inner(), ctx.ui());
    let (mut view, late) = ctx.read(move |db| load(db, ui, id, position)).await?;
    let page_of = |kind, id: Option<u64>| id.and_then(|id| ctx.page_of(kind, id));
    let planned = &view.line.row.planned;
    let (customer, bill) = (planned.customer_id.0, planned.bill_id.map(|bill| bill.0));
    view.customer_url = page_of(crate::customers::directory::model::KIND, Some(customer));
    view.line.bill_url = page_of(crate::billing::bills::model::KIND, bill);
    for (line, late) in view.lines.iter_mut().zip(late) {
        line.late_url = page_of(crate::billing::bills::model::KIND, late);
    }
    let title = format!("{} {}", view.line.row.company_code, view.line.row.company_name);
    let run = ctx.t.run_pages_run_title(view.run.month());
    let page = Page::new(&ctx, title, &view).crumb(ctx.t.run_pages_title(), urls::INDEX);
    Ok(page.crumb(run, urls::run(id)).respond())
}

fn load(db: &mut Db, ui: Ui, id: BillRunId, position: u32) -> Result<(CustomerView, Vec<Option<u64>>)> {
    let run = queries::find(db, Permission::RunView, id)?;
    let row = queries::customer(db, id, position)?;
    let planned = queries::lines(db, id, position)?;
    let meters = catalog::meters::queries::all(db)?;
    let currency = row.planned.currency;
    let lines: Result<Vec<Explained>> =
        planned.iter().map(|line| explained(ui.t, &meters, line, currency)).collect();
    let late = planned.iter().map(|line| line.late_of.map(|bill| bill.0)).collect();
    let view = CustomerView { line: Line::new(ui.t, row), lines: lines?, run, customer_url: None, ui };
    Ok((view, late))
}

fn explained(
    t: Tr,
    meters: &Meters,
    line: &PlannedLine,
    currency: crate::types::Currency,
) -> Result<Explained> {
    let kind = t.label("price_line", line.kind.as_str());
    let key = line.meter_id.map(|meter| ChargeKey {
        meter,
        device_series: line.device_series.clone(),
        layer: line.layer.clone(),
    });
    let label = match key {
        Some(key) => t.price_trial_line(kind, sheet::title(t, meters, &key)),
        None => kind,
    };
    Ok(Explained {
        label,
        days: format!("{} – {}", line.from_on, line.until_on),
        quantity: line.quantity,
        amount: sheet::money(line.amount, currency),
        text: line.explanation()?.text(t),
        late_url: None,
    })
}
