//! The list of credit notes, and the form that asks for one.

use askama::Template;

use crate::billing::bills;
use crate::billing::bills::model::Bill;
use crate::customers::directory::model::Customer;
use crate::db::Db;
use crate::db::listing::Stream;
use crate::types::ids::BillId;
use crate::types::{FieldErrors, Money, Permission, Result};
use crate::web::ui::{Badge, Choice, Fields, FilterBar, StreamPager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{AskForm, CreditNoteQuery, MAX_REASON};
use super::model::{CreditNoteState, LeftOver};
use super::queries::CreditNoteRow;
use super::{commands, queries, rules, urls};

#[derive(Template)]
#[template(path = "billing/credit_notes/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    month: String,
    stream: Stream<CreditNoteRow>,
    pager: StreamPager,
    is_plain: bool,
}

impl IndexView {
    fn badge(&self, row: &CreditNoteRow) -> Badge {
        row.note.state.badge(self.ui.t)
    }
}

/// All credit notes within reach.
pub async fn index(ctx: Ctx, query: Query<CreditNoteQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx
        .read(move |db| {
            let stream = queries::list(db, &query.filter(), query.seek())?;
            Ok(IndexView {
                filter: filter_bar(&ui),
                month: query.month.clone(),
                pager: StreamPager::new(&ui, &stream),
                is_plain: ui.page_url().parameters().is_empty(),
                stream,
                ui,
            })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.credit_notes_title(), &view).listing().respond())
}

fn filter_bar(ui: &Ui) -> FilterBar {
    let t = ui.t;
    let states = CreditNoteState::ALL.iter().map(|state| Choice::new(state, state.label(t))).collect();
    FilterBar::new(ui, t.credit_notes_filter()).search(t.credit_notes_search()).select(
        "state",
        t.credit_notes_state(),
        t.credit_notes_all_states(),
        states,
    )
}

#[derive(Template)]
#[template(path = "billing/credit_notes/new.html")]
struct NewView {
    ui: Ui,
    fields: Fields,
    form: AskForm,
    bill: Bill,
    customer: Customer,
    lines: Vec<LeftOver>,
    refusal: Option<String>,
}

impl NewView {
    fn left(&self) -> Money {
        rules::left_of(&self.lines)
    }

    fn total(&self) -> Money {
        Money(self.bill.total_amount)
    }

    fn balance(&self) -> Money {
        self.bill.balance()
    }

    /// Whether all that is left can be taken back: nothing of it was paid.
    fn may_whole(&self) -> bool {
        self.left() <= self.balance()
    }

    fn is_whole(&self) -> bool {
        self.form.part == "whole" || (self.form.part.is_empty() && self.may_whole())
    }

    fn label(&self, one: &LeftOver) -> String {
        let line = &one.line;
        match &line.description {
            Some(description) => description.clone(),
            None => self.ui.t.label("price_line", line.kind.as_str()),
        }
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn field(&self, one: &LeftOver) -> String {
        rules::field_of(one.line.position)
    }

    fn fault(&self, one: &LeftOver) -> String {
        self.fields.fault(&self.field(one))
    }
}

/// The form that asks for a credit note of a bill.
pub async fn new(ctx: Ctx, bill: Path<BillId>) -> Result<Response> {
    form_page(&ctx, *bill, None, FieldErrors::new()).await
}

/// Asks for a credit note of a bill.
pub async fn create(ctx: Ctx, bill: Path<BillId>, form: Form<AskForm>) -> Result<Response> {
    let (id, version) = (*bill, form.version());
    ctx.read(move |db| bills::queries::find(db, Permission::CreditNoteCreate, id)).await?;
    let outcome = match form.check() {
        Ok(ask) => ctx.write(move |tx| commands::ask(tx, id, version, &ask)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(note) => Ok(ctx.done(urls::note(note), ctx.t.credit_notes_asked())),
        Err(fault) => form_page(&ctx, id, Some(form.0), fault.into_faults("")?).await,
    }
}

async fn form_page(ctx: &Ctx, id: BillId, form: Option<AskForm>, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx.read(move |db| load(db, ui, id, form, errors)).await?;
    let page = Page::new(ctx, ctx.t.credit_notes_new_of(&view.bill.number), &view)
        .crumb(ctx.t.credit_notes_title(), urls::INDEX)
        .crumb(view.bill.number.clone(), urls::bill(id));
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(db: &mut Db, ui: Ui, id: BillId, form: Option<AskForm>, errors: FieldErrors) -> Result<NewView> {
    let (bill, customer) = bills::queries::find(db, Permission::CreditNoteCreate, id)?;
    let pending = queries::pending(db, id)?;
    let refusal = rules::can_ask(&bill, pending.as_ref()).err();
    let form = form.unwrap_or_else(|| AskForm { version: bill.version.to_string(), ..AskForm::default() });
    Ok(NewView {
        fields: Fields::with(ui.t, errors),
        lines: queries::left_over(db, id)?,
        refusal: refusal.map(|refusal| refusal.message.text(ui.t)),
        form,
        bill,
        customer,
        ui,
    })
}
