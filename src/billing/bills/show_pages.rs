//! One bill: what it says and how each line was found, what may be done with it, and what happened to it.

use std::sync::Arc;

use askama::Template;
use askama::filters::Safe;
use chrono::NaiveDate;

use crate::audit::entries::batches::BatchLinks;
use crate::audit::entries::{self, timeline::Timeline};
use crate::catalog;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::db::listing::Seek;
use crate::i18n::Tr;
use crate::pricing::price_plans;
use crate::types::ids::{BillId, UserId};
use crate::types::time::business_day;
use crate::types::{FieldErrors, Money, Permission, Refusal, Result};
use crate::web::panels::Panels;
use crate::web::ui::{Badge, Fields, Ui, filters};
use crate::web::{Ctx, Page, Path, Query, Response};

use super::change::{self, Change};
use super::explained::{self, Explained};
use super::forms::{DeedForm, MAX_INVOICE, MAX_REASON, QueueQuery};
use super::manual_lines::forms::{MAX_DESCRIPTION, MAX_NUMBER, ManualLineForm};
use super::model::{Bill, Decision, DocumentState, KIND, Verdict};
use super::people::People;
use super::queries::Past;
use super::{badges, commands, queries, review, rules, urls};

/// A thing to do with the bill: where, or why not.
struct Deed {
    icon: &'static str,
    label: &'static str,
    url: String,
    refusal: Option<String>,
}

/// What may be done with the bill. What never fits its state is not there.
#[derive(Default)]
struct Deeds {
    submit: Option<Deed>,
    recall: Option<Deed>,
    approve: Option<Deed>,
    void: Option<Deed>,
    invoice: Option<Deed>,
    uninvoice: Option<Deed>,
    may_write_lines: bool,
}

/// The bill before and the one behind in the queue of those that wait.
struct Queue {
    previous: Option<BillId>,
    next: Option<BillId>,
}

/// What was sent from the page, to come back with its faults; each form keeps its own.
#[derive(Default)]
pub struct Sent {
    queue: String,
    rejection: DeedForm,
    void: DeedForm,
    invoice: DeedForm,
    manual: ManualLineForm,
    /// Which of the forms it was.
    of: &'static str,
}

impl Sent {
    /// A rejection.
    pub fn rejection(form: DeedForm) -> Sent {
        Sent { queue: form.queue.clone(), rejection: form, of: "rejection", ..Sent::default() }
    }

    /// The voiding of the bill.
    pub fn void(form: DeedForm) -> Sent {
        Sent { void: form, of: "void", ..Sent::default() }
    }

    /// An invoice, or its end.
    pub fn invoice(form: DeedForm) -> Sent {
        Sent { invoice: form, of: "invoice", ..Sent::default() }
    }

    /// A line by hand.
    pub fn manual(form: ManualLineForm) -> Sent {
        Sent { manual: form, of: "manual", ..Sent::default() }
    }
}

#[derive(Template)]
#[template(path = "billing/bills/show.html")]
struct ShowView {
    ui: Ui,
    faults: FieldErrors,
    sent: Sent,
    bill: Bill,
    customer: Customer,
    badges: Vec<Badge>,
    lines: Vec<Explained>,
    change: Option<Change>,
    reissued: Option<String>,
    decisions: Vec<Decision>,
    people: People,
    deeds: Deeds,
    approvals: Option<String>,
    queue: Option<Queue>,
    panels: Safe<String>,
    timeline: Timeline,
}

impl ShowView {
    /// The fields of one of the forms, with its faults where it was the one that was sent.
    fn fields(&self, of: &str) -> Fields {
        if self.sent.of == of { Fields::with(self.ui.t, self.faults.clone()) } else { Fields::new(self.ui.t) }
    }

    /// The id of the reason of one of the forms: that of the form that was sent is the one that the summary leads to.
    fn reason_id(&self, of: &str) -> String {
        if self.sent.of == of { "f-reason".to_owned() } else { format!("f-{of}-reason") }
    }

    fn summary(&self) -> crate::web::ui::fields::Summary {
        Fields::with(self.ui.t, self.faults.clone()).summary()
    }

    #[expect(clippy::ref_option, reason = "templates hand on references")]
    fn name(&self, id: &Option<UserId>) -> String {
        self.people.name(self.ui.t, *id)
    }

    fn verdict(&self, decision: &Decision) -> String {
        self.ui.t.label("bill_verdict", decision.decision.as_str())
    }

    /// The rejection that a draft came back with.
    fn rejection(&self) -> Option<&Decision> {
        let last = self.decisions.last()?;
        let is_one = last.decision == Verdict::Rejected && self.bill.document_state == DocumentState::Draft;
        is_one.then_some(last)
    }

    fn is_void(&self) -> bool {
        self.bill.document_state == DocumentState::Void
    }

    fn remove_url(&self, line: &Explained) -> String {
        urls::remove_line(self.bill.id, line.position)
    }

    /// The parts of the change, in their order, with their names.
    fn parts<'a>(&self, change: &'a Change) -> [(&'static str, &'a Money); 4] {
        let t = self.ui.t;
        [
            (t.bill_change_usage(), &change.usage),
            (t.bill_change_price(), &change.price),
            (t.bill_change_customer(), &change.customer),
            (t.bill_change_manual(), &change.manual),
        ]
    }

    /// What is gone of the bill, where something is.
    fn gone(&self) -> Vec<(&'static str, Money)> {
        let (t, amounts) = (self.ui.t, self.bill.amounts());
        let gone = [
            (t.bill_credited(), amounts.credited),
            (t.bill_settled(), amounts.settled),
            (t.bill_written_off(), amounts.written_off),
        ];
        gone.into_iter().filter(|(_, one)| !one.is_zero()).map(|(label, one)| (label, Money(-one))).collect()
    }
}

/// One bill.
pub async fn show(ctx: Ctx, bill: Path<BillId>, query: Query<QueueQuery>) -> Result<Response> {
    let sent = Sent { queue: query.0.queue, ..Sent::default() };
    show_page(&ctx, *bill, sent, FieldErrors::new()).await
}

/// The page of a bill, with a form that comes back where one was sent.
pub async fn show_page(ctx: &Ctx, id: BillId, sent: Sent, faults: FieldErrors) -> Result<Response> {
    let (ui, faulty, panels) = (ctx.ui(), !faults.is_empty(), ctx.state.part::<Panels>()?);
    let view = ctx.read(move |db| load(db, ui, &panels, id, sent, faults)).await?;
    let title = ctx.t.bill_title(&view.bill.number);
    let page = Page::new(ctx, title, &view)
        .crumb(ctx.t.bill_list_title(), urls::INDEX)
        .crumb(view.bill.month().to_string(), urls::of_month(view.bill.month()));
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(
    db: &mut Db,
    ui: Ui,
    panels: &Arc<Panels>,
    id: BillId,
    sent: Sent,
    faults: FieldErrors,
) -> Result<ShowView> {
    let (t, today) = (ui.t, business_day(db.now()));
    let (bill, customer) = queries::find(db, Permission::BillView, id)?;
    let meters = catalog::meters::queries::all(db)?;
    let lines = queries::lines(db, id)?;
    let past = queries::pasts(db, std::slice::from_ref(&bill))?.remove(&id).unwrap_or_default();
    let decisions = queries::decisions(db, id)?;
    let entries = entries::queries::of_records(db, &[(KIND, vec![id.0])], Seek::Newest)?;
    let reissued = queries::numbers(db, &bill.reissue_of.into_iter().collect::<Vec<_>>())?;
    Ok(ShowView {
        badges: badges_of(t, &bill, today),
        lines: explained::lines(db, t, &meters, &lines)?,
        change: change::of_bills(db, std::slice::from_ref(&bill))?.remove(&id),
        reissued: bill.reissue_of.and_then(|id| reissued.get(&id).cloned()),
        people: People::load(db, decisions.iter().map(|decision| decision.decided_by))?,
        approvals: approvals(db, t, &bill, &past)?,
        deeds: deeds(db, &ui, &bill, &past, &customer)?,
        queue: queue(db, &ui, &bill, &sent.queue)?,
        panels: panels.of(db, &ui, KIND, id.0)?,
        timeline: Timeline::of_family(t, KIND, &entries.rows, &BatchLinks::new(), |_, _| None, |_| None),
        decisions,
        sent,
        faults,
        bill,
        customer,
        ui,
    })
}

fn badges_of(t: Tr, bill: &Bill, today: NaiveDate) -> Vec<Badge> {
    let mut badges = vec![badges::document(t, bill)];
    badges.extend(badges::settlement(t, bill));
    badges.extend(badges::flags(t, bill, today));
    badges
}

/// How many of the approvals that it takes there are, where it takes more than one.
fn approvals(db: &mut Db, t: Tr, bill: &Bill, past: &Past) -> Result<Option<String>> {
    let needed = rules::approvals_needed(bill.total(), commands::second_approval_above(db)?);
    let waits = bill.document_state == DocumentState::PendingReview && needed > 1;
    Ok(waits.then(|| t.bill_approvals(past.approvals, needed)))
}

fn queue(db: &mut Db, ui: &Ui, bill: &Bill, asked: &str) -> Result<Option<Queue>> {
    if asked.is_empty() || !ui.can(Permission::BillApprove) {
        return Ok(None);
    }
    let [previous, next] = review::beside(db, bill)?;
    Ok(Some(Queue { previous, next }))
}

/// What the state allows, and what it does not with the reason; what never fits a state is not shown.
fn deeds(db: &mut Db, ui: &Ui, bill: &Bill, past: &Past, customer: &Customer) -> Result<Deeds> {
    let (t, id, state) = (ui.t, bill.id, bill.document_state);
    let deed = |icon, label, deed: &str, allowed: Result<(), Refusal>| {
        let refusal = allowed.err().map(|refusal| refusal.message.text(t));
        Some(Deed { icon, label, url: urls::act(id, deed), refusal })
    };
    let mut deeds = Deeds::default();
    if may(db, ui, Permission::BillEdit, customer)? {
        match state {
            DocumentState::Draft => {
                deeds.submit = deed("send", t.bill_submit(), "submit", rules::can_submit(bill));
                deeds.may_write_lines = true;
            }
            DocumentState::PendingReview => {
                deeds.recall = deed("arrow-back-up", t.bill_recall(), "recall", rules::can_recall(bill));
            }
            DocumentState::Sent if bill.invoice_number.is_some() => {
                let allowed = rules::can_uninvoice(bill);
                deeds.uninvoice = deed("arrow-back-up", t.bill_uninvoice(), "uninvoice", allowed);
            }
            DocumentState::Sent => {
                deeds.invoice = deed("receipt", t.bill_invoice(), "invoice", rules::can_invoice(bill));
            }
            DocumentState::Approved | DocumentState::Void => {}
        }
    }
    if state == DocumentState::PendingReview && may(db, ui, Permission::BillApprove, customer)? {
        let allowed = rules::can_decide(bill, &past.hands, ui.actor.user_id);
        deeds.approve = deed("check", t.bill_approve(), "approve", allowed);
    }
    if state != DocumentState::Void && may(db, ui, Permission::BillVoid, customer)? {
        deeds.void = deed("ban", t.bill_void(), "void", rules::can_void(bill));
    }
    Ok(deeds)
}

fn may(db: &mut Db, ui: &Ui, permission: Permission, customer: &Customer) -> Result<bool> {
    Ok(ui.can(permission) && Reach::of(db, permission)?.covers(&customer.fields))
}
