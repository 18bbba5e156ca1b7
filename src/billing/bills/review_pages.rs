//! The review: what nothing calls for a look at, approved together with the evidence at hand, and the exceptions one by one.

use askama::Template;
use serde::Deserialize;

use crate::db::Db;
use crate::db::listing::PageRequest;
use crate::i18n::Tr;
use crate::types::money::grouped;
use crate::types::{BillingMonth, Error, Money, Result};
use crate::web::ui::{Choice, FilterBar, Pager, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::change::{self, Change};
use super::decisions::told;
use super::listing::{self, BillRow};
use super::review::{self, AT_ONCE, Bundle, Waiting};
use super::{commands, queries, rules, urls};

/// So many of those that are approved together are shown.
const SHOWN: usize = 50;

/// The parameters of the review.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ReviewQuery {
    /// A month.
    pub month: String,
    /// The page of the exceptions.
    pub page: String,
}

/// The approval of what was shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct BundleForm {
    /// The month that was shown.
    pub month: String,
    /// The digest of the bills that were shown, with their versions.
    pub digest: String,
}

/// A bill in the queue.
struct Line {
    row: BillRow,
    change: Option<Change>,
    approvals: Option<String>,
}

#[derive(Template)]
#[template(path = "billing/bills/review.html")]
struct ReviewView {
    ui: Ui,
    filter: FilterBar,
    month: Option<BillingMonth>,
    waiting: Waiting,
    bundle: Bundle,
    digest: String,
    quiet: Vec<Line>,
    loud: Vec<Line>,
    pager: Pager,
    second_above: Option<Money>,
}

impl ReviewView {
    fn is_empty(&self) -> bool {
        self.waiting.quiet + self.waiting.loud == 0
    }

    fn counted(&self) -> String {
        grouped(&self.bundle.shown.len().to_string())
    }

    fn totals(&self) -> String {
        let totals = self.bundle.totals.iter();
        self.ui.t.join(totals.map(|(currency, total)| format!("{currency} {total}")))
    }

    fn greatest(&self) -> String {
        self.bundle.greatest_change.map_or_else(|| "–".to_owned(), |change| change.to_string())
    }

    /// How many are not among those that are approved at once.
    fn rest(&self) -> Option<String> {
        let rest = self.waiting.quiet - i64::try_from(self.bundle.shown.len()).unwrap_or_default();
        (rest > 0)
            .then(|| self.ui.t.bill_review_rest(grouped(&AT_ONCE.to_string()), grouped(&rest.to_string())))
    }

    /// How many of the bundle are not in sight.
    fn hidden(&self) -> usize {
        self.bundle.shown.len().saturating_sub(self.quiet.len())
    }

    fn month_text(&self) -> String {
        self.month.map_or_else(String::new, |month| month.to_string())
    }
}

/// The review.
pub async fn review(ctx: Ctx, query: Query<ReviewQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx.read(move |db| load(db, ui, &query)).await?;
    let page = Page::new(&ctx, ctx.t.bill_review_title(), &view);
    Ok(page.crumb(ctx.t.bill_list_title(), urls::INDEX).respond())
}

fn load(db: &mut Db, ui: Ui, query: &ReviewQuery) -> Result<ReviewView> {
    let month = query.month.parse().ok();
    let waiting = review::waiting(db, month)?;
    let bundle = review::quiet(db, month, SHOWN)?;
    let loud = review::loud(db, month, waiting.loud, PageRequest::parse(&query.page))?;
    let above = commands::second_approval_above(db)?;
    let t = ui.t;
    let months = listing::months(db)?.iter().map(|month| Choice::new(month, month.to_string())).collect();
    Ok(ReviewView {
        filter: FilterBar::new(&ui, t.bill_list_filter()).select(
            "month",
            t.bill_month(),
            t.bill_list_any_month(),
            months,
        ),
        pager: Pager::new(&ui, &loud),
        quiet: lines(db, t, bundle.rows.clone(), above)?,
        loud: lines(db, t, loud.rows, above)?,
        digest: bundle.digest(),
        second_above: above,
        month,
        waiting,
        bundle,
        ui,
    })
}

fn lines(db: &mut Db, t: Tr, rows: Vec<BillRow>, above: Option<Money>) -> Result<Vec<Line>> {
    let bills: Vec<_> = rows.iter().map(|row| row.bill.clone()).collect();
    let mut changes = change::of_bills(db, &bills)?;
    let pasts = queries::pasts(db, &bills)?;
    let line = |row: BillRow| {
        let needed = rules::approvals_needed(row.bill.total(), above);
        let approvals = pasts.get(&row.bill.id).map_or(0, |past| past.approvals);
        Line {
            change: changes.remove(&row.bill.id),
            approvals: (needed > 1).then(|| t.bill_approvals(approvals, needed)),
            row,
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Approves what was shown together, if it is still what was shown.
pub async fn approve_shown(ctx: Ctx, form: Form<BundleForm>) -> Result<Response> {
    let (month, digest): (Option<BillingMonth>, String) = (form.month.parse().ok(), form.digest.clone());
    let outcomes = ctx
        .write(move |tx| {
            let bundle = review::quiet(tx, month, 0)?;
            if bundle.digest() != digest {
                return Err(Error::Stale);
            }
            commands::approve_shown(tx, &bundle.shown)
        })
        .await;
    match outcomes {
        Ok(outcomes) => Ok(told(&ctx, urls::REVIEW, &outcomes, Tr::bill_approved_many)),
        Err(Error::Stale) => Ok(ctx.refused(ctx.page_or(urls::REVIEW), ctx.t.bill_review_changed())),
        Err(fault) => Err(fault),
    }
}
