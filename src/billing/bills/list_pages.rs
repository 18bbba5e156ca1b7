//! The list of bills, and its file.

use std::sync::Arc;

use askama::Template;

use crate::accounts::departments;
use crate::customers::grid::choices;
use crate::customers::grid::forms::ME;
use crate::db::Db;
use crate::db::listing::Sort;
use crate::i18n::Tr;
use crate::sheets::write::Format;
use crate::types::time::business_day;
use crate::types::{Error, Permission, Result};
use crate::web::ui::{Badge, Choice, FilterBar, Pager, SortHeading, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::forms::MAX_REASON;
use super::list_forms::{BillColumn, BillQuery, Only};
use super::listing::{self, BillRow, Sums};
use super::model::{DocumentState, SettlementState};
use super::{badges, export, urls};

/// A bill in the list.
struct Line {
    row: BillRow,
    document: Badge,
    settlement: Option<Badge>,
    flags: Vec<Badge>,
    /// What names it as it is shown, for what is done with many.
    key: String,
}

#[derive(Template)]
#[template(path = "billing/bills/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    is_narrowed: bool,
    sort: Sort<BillColumn>,
    lines: Vec<Line>,
    pager: Pager,
    sums: Arc<Vec<Sums>>,
}

impl IndexView {
    fn heading(&self, column: BillColumn, label: &str) -> SortHeading {
        SortHeading::new(&self.ui, self.sort, column, label)
    }

    /// Whether whoever looks may do something with many at once.
    fn has_deeds(&self) -> bool {
        let deeds = [Permission::BillEdit, Permission::BillApprove, Permission::BillVoid];
        deeds.into_iter().any(|deed| self.ui.can(deed))
    }

    fn may_edit(&self) -> bool {
        self.ui.can(Permission::BillEdit)
    }

    fn may_approve(&self) -> bool {
        self.ui.can(Permission::BillApprove)
    }

    fn may_void(&self) -> bool {
        self.ui.can(Permission::BillVoid)
    }
}

/// The list.
pub async fn index(ctx: Ctx, query: Query<BillQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx
        .read(move |db| {
            let filter = query.filter(&ui.actor);
            let sort = query.sort(&filter);
            let (found, sums) = listing::list(db, &filter, sort, query.page())?;
            Ok(IndexView {
                filter: filter_bar(db, &ui)?,
                is_narrowed: filter.is_narrowed(),
                pager: Pager::new(&ui, &found),
                lines: found.rows.into_iter().map(|row| line(&ui, row)).collect(),
                sums,
                sort,
                ui,
            })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.bill_list_title(), &view).listing().respond())
}

fn line(ui: &Ui, row: BillRow) -> Line {
    let (t, bill) = (ui.t, &row.bill);
    Line {
        document: badges::document(t, bill),
        settlement: badges::settlement(t, bill),
        flags: badges::flags(t, bill, business_day(ui.now)),
        key: format!("{}-{}", bill.id, bill.version),
        row,
    }
}

fn filter_bar(db: &mut Db, ui: &Ui) -> Result<FilterBar> {
    let t = ui.t;
    let months = listing::months(db)?.iter().map(|month| Choice::new(month, month.to_string())).collect();
    let states = DocumentState::ALL.iter().map(|state| Choice::new(state, state.label(t))).collect();
    let settlements = SettlementState::ALL.iter().map(|state| Choice::new(state, state.label(t))).collect();
    let onlys = Only::ALL.iter().map(|only| Choice::new(only, only.label(t))).collect();
    let mut owners = vec![Choice::new(ME, t.customer_list_me())];
    owners.extend(choices::reached_owners(db)?);
    let tree = departments::queries::tree_in_scope(db, Permission::BillView)?;
    let departments =
        tree.nodes().iter().map(|node| Choice::new(node.department.id, &node.full_name)).collect();
    let bar = FilterBar::new(ui, t.bill_list_filter())
        .search(t.bill_list_search())
        .select("month", t.bill_month(), t.bill_list_any_month(), months)
        .select("state", t.bill_document_state(), t.bill_list_any_state(), states)
        .select("only", t.bill_list_only(), t.bill_list_any_only(), onlys)
        .more_select("settlement", t.bill_settlement_state(), t.bill_list_any_settlement(), settlements)
        .more_select("owner", t.bill_list_owner(), t.bill_list_any_owner(), owners)
        .more_select("department", t.bill_list_department(), t.bill_list_any_department(), departments)
        .more_numbers(t.bill_list_amount(), "min", "max");
    Ok(if ui.can(Permission::BillExport) { bar.export(urls::EXPORT) } else { bar })
}

/// The form of an export: the parameters of the list, and the kind of file.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct ExportForm {
    /// The kind of file.
    #[serde(default)]
    pub format: String,
    /// What the list shows.
    #[serde(flatten)]
    pub query: BillQuery,
}

/// Exports exactly what the filter lets through.
pub async fn export(ctx: Ctx, form: Form<ExportForm>) -> Result<Response> {
    let (t, form) = (ctx.t, form.0);
    let format: Format = form.format.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))?;
    let made = ctx.write(move |tx| export::of_list(tx, t, &form.query, format)).await;
    match made {
        Ok((finished, name)) => Ok(finished.respond(&name)),
        Err(fault @ (Error::Refused(_) | Error::Invalid(_))) => {
            Ok(ctx.refused(ctx.page_or(urls::INDEX), fault.message(t)))
        }
        Err(fault) => Err(fault),
    }
}
