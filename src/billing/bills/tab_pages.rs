//! The bills of a customer, among the pages of the customer.

use std::sync::Arc;

use askama::Template;

use crate::customers::directory;
use crate::customers::directory::head::Head;
use crate::db::listing::{PageRequest, Sort};
use crate::types::ids::CustomerId;
use crate::types::time::business_day;
use crate::types::{Permission, Result};
use crate::web::tabs::Tabs;
use crate::web::ui::{Badge, Pager, Ui, filters};
use crate::web::{Ctx, Page, Path, Query, Response};

use super::list_forms::{BillColumn, BillFilter, BillQuery};
use super::listing::{self, Sums};
use super::model::Bill;
use super::{badges, urls};

/// A bill of the customer.
struct Row {
    bill: Bill,
    document: Badge,
    settlement: Option<Badge>,
    flags: Vec<Badge>,
}

#[derive(Template)]
#[template(path = "billing/bills/of_customer.html")]
struct OfCustomerView {
    ui: Ui,
    head: Head,
    rows: Vec<Row>,
    pager: Pager,
    sums: Arc<Vec<Sums>>,
}

/// The bills of a customer, the latest first.
pub async fn of_customer(ctx: Ctx, customer: Path<CustomerId>, query: Query<BillQuery>) -> Result<Response> {
    let (ui, id, tabs) = (ctx.ui(), *customer, ctx.state.part::<Tabs>()?);
    let page = PageRequest::parse(&query.page);
    let view = ctx
        .read(move |db| {
            directory::queries::find(db, Permission::BillView, id)?;
            let head = Head::load(db, &ui, &tabs, id, "bills")?;
            let filter = BillFilter { customer: Some(id), ..BillFilter::default() };
            let sort = Sort { column: BillColumn::Number, descending: true };
            let (found, sums) = listing::list(db, &filter, sort, page)?;
            let (t, today) = (ui.t, business_day(db.now()));
            Ok(OfCustomerView {
                pager: Pager::new(&ui, &found),
                rows: found
                    .rows
                    .into_iter()
                    .map(|row| Row {
                        document: badges::document(t, &row.bill),
                        settlement: badges::settlement(t, &row.bill),
                        flags: badges::flags(t, &row.bill, today),
                        bill: row.bill,
                    })
                    .collect(),
                sums,
                head,
                ui,
            })
        })
        .await?;
    let title = ctx.t.bill_of_customer(&view.head.customer.fields.company_name);
    Ok(Page::new(&ctx, title, &view).crumb(ctx.t.customer_title(), directory::urls::INDEX).respond())
}
