//! The page of one credit note, made to be printed, and what is decided on it.

use std::collections::BTreeMap;

use askama::Template;

use crate::accounts::users;
use crate::audit::entries;
use crate::audit::entries::batches::BatchLinks;
use crate::audit::entries::timeline::Timeline;
use crate::billing::bills;
use crate::billing::bills::model::{Bill, BillLine};
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::db::listing::Seek;
use crate::i18n::Tr;
use crate::settings::Letterhead;
use crate::types::ids::{CreditNoteId, UserId};
use crate::types::{FieldErrors, Money, Permission, Result};
use crate::web::ui::{Badge, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::{DecisionForm, MAX_REASON};
use super::model::{CreditNote, CreditNoteState, KIND};
use super::story::{Here, Story};
use super::{commands, queries, rules, urls};

#[derive(Template)]
#[template(path = "billing/credit_notes/show.html")]
struct ShowView {
    ui: Ui,
    fields: Fields,
    form: DecisionForm,
    note: CreditNote,
    bill: Bill,
    customer: Customer,
    lines: Vec<(BillLine, Money, Money)>,
    sum: Money,
    letterhead: Letterhead,
    people: BTreeMap<UserId, String>,
    story: Story,
    timeline: Timeline,
    /// Whether whoever looks may decide, and why they cannot.
    #[expect(clippy::option_option, reason = "who may not, who may, and who may but cannot now")]
    deciding: Option<Option<String>>,
    may_withdraw: bool,
}

impl ShowView {
    fn badge(&self) -> Badge {
        self.note.state.badge(self.ui.t)
    }

    fn is_issued(&self) -> bool {
        self.note.state == CreditNoteState::Issued
    }

    #[expect(clippy::ref_option, reason = "templates hand on references")]
    fn name(&self, id: &Option<UserId>) -> String {
        let name = id.and_then(|id| self.people.get(&id).cloned());
        name.unwrap_or_else(|| self.ui.t.credit_notes_by_system().to_owned())
    }

    fn label(&self, line: &BillLine) -> String {
        match &line.description {
            Some(description) => description.clone(),
            None => self.ui.t.label("price_line", line.kind.as_str()),
        }
    }
}

/// One credit note.
pub async fn show(ctx: Ctx, note: Path<CreditNoteId>) -> Result<Response> {
    show_page(&ctx, *note, DecisionForm::default(), FieldErrors::new()).await
}

/// Approves a credit note.
pub async fn approve(ctx: Ctx, note: Path<CreditNoteId>, form: Form<DecisionForm>) -> Result<Response> {
    let (id, version) = (*note, form.version());
    ctx.read(move |db| queries::find(db, Permission::CreditNoteApprove, id)).await?;
    let outcome = ctx.write(move |tx| commands::approve(tx, id, version)).await;
    answer(&ctx, id, outcome, form.0, Tr::credit_notes_issued).await
}

/// Does not approve a credit note.
pub async fn reject(ctx: Ctx, note: Path<CreditNoteId>, form: Form<DecisionForm>) -> Result<Response> {
    let (id, version) = (*note, form.version());
    ctx.read(move |db| queries::find(db, Permission::CreditNoteApprove, id)).await?;
    let outcome = match form.reason() {
        Ok(reason) => ctx.write(move |tx| commands::reject(tx, id, version, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    answer(&ctx, id, outcome, form.0, Tr::credit_notes_rejected).await
}

/// Takes a credit note back that one has asked for.
pub async fn withdraw(ctx: Ctx, note: Path<CreditNoteId>, form: Form<DecisionForm>) -> Result<Response> {
    let (id, version) = (*note, form.version());
    ctx.read(move |db| queries::find(db, Permission::CreditNoteCreate, id)).await?;
    let outcome = ctx.write(move |tx| commands::withdraw(tx, id, version)).await;
    answer(&ctx, id, outcome, form.0, Tr::credit_notes_withdrawn).await
}

async fn answer(
    ctx: &Ctx,
    id: CreditNoteId,
    outcome: Result<()>,
    form: DecisionForm,
    done: fn(Tr) -> &'static str,
) -> Result<Response> {
    match outcome {
        Ok(()) => Ok(ctx.done(urls::note(id), done(ctx.t))),
        Err(fault) => show_page(ctx, id, form, fault.into_faults("")?).await,
    }
}

async fn show_page(ctx: &Ctx, id: CreditNoteId, form: DecisionForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx.read(move |db| load(db, ui, id, form, errors)).await?;
    let title = ctx.t.credit_notes_one(view.note.name());
    let page = Page::new(ctx, title, &view)
        .crumb(ctx.t.credit_notes_title(), urls::INDEX)
        .crumb(view.bill.number.clone(), urls::bill(view.bill.id));
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(db: &mut Db, ui: Ui, id: CreditNoteId, form: DecisionForm, errors: FieldErrors) -> Result<ShowView> {
    let t = ui.t;
    let (note, bill, customer) = queries::find(db, Permission::BillView, id)?;
    let mut of_bill: BTreeMap<u16, BillLine> =
        bills::queries::lines(db, bill.id)?.into_iter().map(|line| (line.position, line)).collect();
    let lines = queries::lines(db, id)?.into_iter();
    let lines = lines.filter_map(|one| {
        let line = of_bill.remove(&one.position)?;
        let amount = Money(line.amount);
        Some((line, amount, Money(-one.amount)))
    });
    let lines = lines.collect();
    let hands: Vec<UserId> = [note.asked_by, note.decided_by].into_iter().flatten().collect();
    let people = users::queries::people_of(db, &hands)?.into_iter();
    let entries = entries::queries::of_records(db, &[(KIND, vec![id.0])], Seek::Newest)?;
    let user = ui.actor.user_id;
    let is_asked = note.state == CreditNoteState::Asked;
    let decides = is_asked && may(db, &ui, Permission::CreditNoteApprove, &customer)?;
    let refusal = rules::can_decide(&note, user).err().map(|refusal| refusal.message.text(t));
    Ok(ShowView {
        fields: Fields::with(t, errors),
        letterhead: Letterhead::read(db, t)?,
        people: people.map(|(id, person)| (id, person.name)).collect(),
        story: Story::load(db, t, &bill, Here::Note(id))?,
        timeline: Timeline::of_family(t, KIND, &entries.rows, &BatchLinks::new(), |_, _| None, |_| None),
        deciding: decides.then_some(refusal),
        may_withdraw: rules::can_withdraw(&note, user).is_ok()
            && may(db, &ui, Permission::CreditNoteCreate, &customer)?,
        sum: Money(-note.amount),
        form,
        note,
        bill,
        customer,
        lines,
        ui,
    })
}

fn may(db: &mut Db, ui: &Ui, permission: Permission, customer: &Customer) -> Result<bool> {
    Ok(ui.can(permission) && Reach::of(db, permission)?.covers(&customer.fields))
}
