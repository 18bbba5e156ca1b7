//! The customers of a month: the largest, and those that rose and fell most on the month before.

use askama::Template;

use crate::catalog::meters;
use crate::catalog::meters::model::Meter;
use crate::types::time::business_day;
use crate::types::{BillingMonth, Error, Result};
use crate::usage::by_customer;
use crate::usage::change::Change;
use crate::usage::switcher::Switcher;
use crate::web::ui::{Ui, filters};
use crate::web::{Ctx, Page, Query, Response};

use super::forms::RankingQuery;
use super::model::{RankedRow, Ranking};
use super::{queries, rules, urls};

/// How many customers the page shows.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "usage/overview/customers.html")]
struct CustomersView {
    ui: Ui,
    switcher: Switcher,
    month: BillingMonth,
    meter: Meter,
    ranking: Ranking,
    compared_with: String,
    rows: Vec<RankedRow>,
}

impl CustomersView {
    /// The orders: label, URL, and whether it is this one.
    fn orders(&self) -> Vec<(&'static str, String, bool)> {
        let t = self.ui.t;
        let order = |ranking: Ranking| {
            let label = match ranking {
                Ranking::Largest => t.usage_pages_largest(),
                Ranking::Risen => t.usage_pages_risen(),
                Ranking::Fallen => t.usage_pages_fallen(),
            };
            let url = urls::customers(self.month, &self.meter.code, ranking.as_str());
            (label, url, ranking == self.ranking)
        };
        Ranking::ALL.iter().copied().map(order).collect()
    }

    fn change(&self, row: &RankedRow) -> Change {
        Change::new(self.ui.t, row.moved.before, row.moved.now)
    }

    fn url(&self, row: &RankedRow) -> String {
        by_customer::urls::month(row.moved.customer, self.month, &self.meter.code)
    }
}

/// The ranking.
pub async fn index(ctx: Ctx, query: Query<RankingQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx
        .read(move |db| {
            let (meters, shown) = (meters::queries::all(db)?, query.shown());
            let meter = shown.meter(&meters).cloned().ok_or(Error::NotFound)?;
            let (month, ranking) = (shown.month(&ui), query.ranking());
            let spans = rules::compared(month, business_day(ui.now));
            let rows = queries::ranking(db, meter.id, spans, ranking, SHOWN)?;
            let compared_with = ui.t.usage_pages_compared(spans.1.first, spans.1.last);
            let switcher = Switcher::new(&ui, month, &meter, &meters);
            Ok(CustomersView { ui, switcher, month, meter, ranking, compared_with, rows })
        })
        .await?;
    let page = Page::new(&ctx, ctx.t.usage_pages_customers(), &view);
    Ok(page.crumb(ctx.t.usage_pages_title(), urls::INDEX).respond())
}
