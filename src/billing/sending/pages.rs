//! The page of what is ready to be sent, and what is done on the page of a bill: sending it, its links, its files.

use askama::Template;

use crate::billing::bills;
use crate::billing::bills::forms::ChosenForm;
use crate::billing::bills::model::DocumentState;
use crate::billing::documents::{Statement, paper, sheet};
use crate::billing::links;
use crate::customers::directory;
use crate::db::Db;
use crate::files::Store;
use crate::tasks;
use crate::types::ids::{BillId, BillLinkId};
use crate::types::money::grouped;
use crate::types::{BillingMonth, Permission, Result};
use crate::web::download;
use crate::web::ui::{Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{MonthQuery, RevokeForm, SendForm};
use super::recipients::LANGUAGE;
use super::{commands, queries, urls};

#[derive(Template)]
#[template(path = "billing/sending/index.html")]
struct IndexView {
    ui: Ui,
    month: BillingMonth,
    waiting: i64,
    approved: i64,
    sent: i64,
    without: i64,
    kept: Vec<queries::Kept>,
}

impl IndexView {
    fn ready(&self) -> i64 {
        self.approved - self.without
    }

    fn ready_text(&self) -> String {
        grouped(&self.ready().to_string())
    }

    fn shown(&self) -> i64 {
        queries::MOST_SHOWN.min(self.without)
    }

    fn is_cut(&self) -> bool {
        self.without > self.shown()
    }
}

/// What is ready of a month, and what lacks an address.
pub async fn index(ctx: Ctx, query: Query<MonthQuery>) -> Result<Response> {
    let ui = ctx.ui();
    let month = query.month(&ui);
    let view = ctx.read(move |db| load(db, ui, month)).await?;
    Ok(Page::new(&ctx, ctx.t.bill_sending_title(), &view).respond())
}

fn load(db: &mut Db, ui: Ui, month: BillingMonth) -> Result<IndexView> {
    let counts = queries::counts(db, month)?;
    let count = |state| counts.get(&state).copied().unwrap_or_default();
    let (kept, without) = queries::without_address(db, month)?;
    Ok(IndexView {
        waiting: count(DocumentState::Draft) + count(DocumentState::PendingReview),
        approved: count(DocumentState::Approved),
        sent: count(DocumentState::Sent),
        without,
        kept,
        month,
        ui,
    })
}

/// Has all approved bills of a month sent.
pub async fn send_month(ctx: Ctx, form: Form<MonthQuery>) -> Result<Response> {
    let month = form.month(&ctx.ui());
    let task = ctx.write(move |tx| commands::send_month(tx, month, None)).await?;
    Ok(ctx.done(tasks::urls::task(task), ctx.t.bill_sending_begun(month)))
}

/// Has those of the chosen bills sent that are approved.
pub async fn send_chosen(ctx: Ctx, form: Form<ChosenForm>) -> Result<Response> {
    let chosen: Vec<BillId> = form.shown().into_iter().map(|(id, _)| id).collect();
    if chosen.is_empty() {
        return Ok(ctx.refused(ctx.came_from(bills::urls::INDEX), ctx.t.bill_sending_none_chosen()));
    }
    let task = ctx.write(move |tx| commands::send_chosen(tx, chosen.clone())).await?;
    Ok(ctx.done(tasks::urls::task(task), ctx.t.bill_sending_begun_chosen()))
}

/// Sends a bill.
pub async fn send(ctx: Ctx, bill: Path<BillId>, form: Form<SendForm>) -> Result<Response> {
    let (id, version, state) = (*bill, form.version(), ctx.state.clone());
    let outcome = ctx.write(move |tx| commands::send(tx, &state.secret, id, version)).await;
    ctx.outcome(outcome, bills::urls::bill(id), ctx.t.bill_sending_sent())
}

/// Sends a bill once more.
pub async fn send_again(ctx: Ctx, bill: Path<BillId>) -> Result<Response> {
    let (id, state) = (*bill, ctx.state.clone());
    let outcome = ctx.write(move |tx| commands::send_again(tx, &state.secret, id)).await;
    ctx.outcome(outcome, bills::urls::bill(id), ctx.t.bill_sending_sent_again())
}

#[derive(Template)]
#[template(path = "billing/sending/made.html")]
struct MadeView {
    ui: Ui,
    address: String,
    back: String,
}

/// Makes a link to take along, and shows it this once.
pub async fn take_along(ctx: Ctx, bill: Path<BillId>) -> Result<Response> {
    let (id, state) = (*bill, ctx.state.clone());
    let made = ctx.write(move |tx| links::commands::take_along(tx, &state.secret, id, LANGUAGE)).await;
    let link = match made {
        Ok(link) => link,
        refused => return ctx.outcome(refused, bills::urls::bill(id), ""),
    };
    let base = ctx.state.config.base_url.as_str().trim_end_matches('/').to_owned();
    let address = format!("{base}{}", links::urls::page(&link.token));
    let view = MadeView { ui: ctx.ui(), address, back: bills::urls::bill(id) };
    Ok(Page::new(&ctx, ctx.t.bill_links_made_title(), &view).once().respond())
}

/// Ends a link.
pub async fn revoke(ctx: Ctx, link: Path<BillLinkId>, form: Form<RevokeForm>) -> Result<Response> {
    let id = *link;
    let bill = ctx
        .read(move |db| {
            let bill = links::queries::get(db, id)?.bill_id;
            bills::queries::find(db, Permission::BillSend, bill).map(|(bill, _)| bill.id)
        })
        .await?;
    let outcome = match form.check() {
        Ok(reason) => ctx.write(move |tx| links::commands::revoke(tx, id, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    ctx.outcome(outcome, bills::urls::bill(bill), ctx.t.bill_links_revoked())
}

/// A bill as PDF.
pub async fn pdf(ctx: Ctx, bill: Path<BillId>) -> Result<Response> {
    let (statement, logo) = statement(&ctx, *bill).await?;
    let (state, name) = (ctx.state.clone(), format!("{}.pdf", statement.file_name()));
    let content = ctx.block(move || paper::pdf(&state, &statement, logo)).await?;
    Ok(download::pdf(content, &name))
}

/// A bill as a workbook.
pub async fn xlsx(ctx: Ctx, bill: Path<BillId>) -> Result<Response> {
    let (statement, _) = statement(&ctx, *bill).await?;
    let name = statement.file_name().to_owned();
    let workbook = ctx.block(move || sheet::workbook(&statement)).await?;
    Ok(workbook.respond(&name))
}

/// A bill within reach in the language of who looks, with the logo.
async fn statement(ctx: &Ctx, id: BillId) -> Result<(Statement, Option<Vec<u8>>)> {
    let (t, store) = (ctx.t, ctx.state.part::<Store>()?);
    ctx.read(move |db| {
        let (bill, customer) = bills::queries::find(db, Permission::BillView, id)?;
        let statement = Statement::load(db, t, bill, customer)?;
        let logo = paper::logo(db, &store, statement.letterhead.logo)?;
        Ok((statement, logo))
    })
    .await
}
