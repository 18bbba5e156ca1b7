//! The pages of disputes: those that wait, and one with its thread.

use askama::Template;

use crate::billing::bills::urls as bills;
use crate::billing::documents::Statement;
use crate::customers::directory;
use crate::db::listing::Listing;
use crate::types::ids::DisputeId;
use crate::types::{FieldErrors, Money, Result};
use crate::web::ui::{Badge, Choice, Fields, FilterBar, Pager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{AnswerForm, DisputeQuery};
use super::model::{DisputeRow, DisputeState};
use super::rules::MOST_CHARACTERS;
use super::thread::{self, Thread};
use super::{commands, queries, urls};

#[derive(Template)]
#[template(path = "billing/disputes/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    listing: Listing<DisputeRow>,
    pager: Pager,
}

impl IndexView {
    /// Whether nothing is filtered, so that nothing waits at all.
    fn is_plain(&self) -> bool {
        self.ui.page_url().parameters().is_empty()
    }

    fn badge(&self, row: &DisputeRow) -> Badge {
        row.dispute.state.badge(self.ui.t)
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn balance(&self, row: &DisputeRow) -> String {
        row.bill.balance().to_string()
    }

    fn about(&self, row: &DisputeRow) -> String {
        let t = self.ui.t;
        row.dispute
            .position
            .map_or_else(|| t.disputes_of_whole().to_owned(), |line| t.disputes_of_place(line))
    }
}

/// The disputes that wait, the one that does so longest first.
pub async fn index(ctx: Ctx, query: Query<DisputeQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx
        .read(move |db| {
            let listing = queries::list(db, &query.filter(), query.page())?;
            Ok(IndexView { filter: filter_bar(&ui), pager: Pager::new(&ui, &listing), listing, ui })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.disputes_title(), &view).listing().respond())
}

fn filter_bar(ui: &Ui) -> FilterBar {
    let t = ui.t;
    let states = DisputeState::ALL.iter().map(|state| Choice::new(state, state.label(t)));
    let all = states.chain([Choice::new("all", t.disputes_all())]).collect();
    FilterBar::new(ui, t.disputes_filter()).select("state", t.disputes_state(), t.disputes_waiting(), all)
}

#[derive(Template)]
#[template(path = "billing/disputes/show.html")]
struct ShowView {
    ui: Ui,
    row: DisputeRow,
    about: String,
    amount: Option<String>,
    explanation: Vec<String>,
    thread: Option<Thread>,
    fields: Fields,
    form: AnswerForm,
}

impl ShowView {
    fn badge(&self) -> Badge {
        self.row.dispute.state.badge(self.ui.t)
    }

    fn total(&self) -> Money {
        Money(self.row.bill.total_amount)
    }

    fn balance(&self) -> Money {
        self.row.bill.balance()
    }

    fn is_closed(&self) -> bool {
        self.row.dispute.state == DisputeState::Closed
    }
}

/// One dispute.
pub async fn show(ctx: Ctx, dispute: Path<DisputeId>) -> Result<Response> {
    page(&ctx, *dispute, AnswerForm::default(), FieldErrors::new()).await
}

async fn page(ctx: &Ctx, id: DisputeId, form: AnswerForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let row = queries::find(db, id)?;
            let statement = Statement::load(db, ui.t, row.bill.clone(), row.customer.clone())?;
            let line = statement.lines.iter().find(|line| Some(line.position) == row.dispute.position);
            let name = row.customer.fields.company_name.clone();
            let all = std::slice::from_ref(&row.dispute);
            Ok(ShowView {
                about: thread::about(&statement, &row.dispute),
                amount: line.map(|line| statement.amount(&line.amount)),
                explanation: line.map(|line| line.text.clone()).unwrap_or_default(),
                thread: thread::threads(db, ui.t, all, &name)?.remove(&id),
                fields: Fields::with(ui.t, errors),
                form,
                row,
                ui,
            })
        })
        .await?;
    let title = ctx.t.disputes_of(&view.row.bill.number);
    let page = Page::new(ctx, title, &view).crumb(ctx.t.disputes_title(), urls::INDEX);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

/// Answers a dispute, and closes it if asked for.
pub async fn answer(ctx: Ctx, dispute: Path<DisputeId>, form: Form<AnswerForm>) -> Result<Response> {
    let (id, version, closes, state) = (*dispute, form.version(), form.closes(), ctx.state.clone());
    let outcome = match form.check() {
        Ok(text) => {
            ctx.write(move |tx| commands::answer(tx, &state.secret, id, version, &text, closes)).await
        }
        Err(errors) => Err(errors.into()),
    };
    let done = if closes { ctx.t.disputes_closed() } else { ctx.t.disputes_answered() };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::dispute(id), done)),
        Err(fault) => page(&ctx, id, form.0, fault.into_faults("text")?).await,
    }
}

/// Opens a closed dispute again.
pub async fn reopen(ctx: Ctx, dispute: Path<DisputeId>, form: Form<AnswerForm>) -> Result<Response> {
    let (id, version) = (*dispute, form.version());
    let outcome = ctx.write(move |tx| commands::reopen(tx, id, version)).await;
    ctx.outcome(outcome, urls::dispute(id), ctx.t.disputes_reopened())
}
