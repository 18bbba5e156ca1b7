//! One version: what it says, what may be done with it, what it changes, and what happened to it; and two side by side.

use askama::Template;
use chrono::NaiveDate;

use crate::audit::entries::batches::BatchLinks;
use crate::audit::entries::{self, timeline::Timeline};
use crate::catalog;
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::db::listing::Seek;
use crate::i18n::Tr;
use crate::pricing::price_plans::model::{KIND, PlanVersion, PriceVersion, VersionState};
use crate::pricing::price_plans::people::People;
use crate::pricing::price_plans::{list, queries, rules, urls};
use crate::types::ids::{PriceVersionId, UserId};
use crate::types::time::business_day;
use crate::types::{Error, FieldErrors, Permission, Refusal, Result};
use crate::web::reason::MAX_REASON;
use crate::web::ui::{Badge, Fields, Ui, filters};
use crate::web::{Ctx, Page, Path, Query, Response};

use super::comparison::Comparison;
use super::decisions::{DecisionForm, QueueQuery};
use super::sheet::Sheet;
use super::story;

/// A thing to do with the version: where, or why not.
struct Deed {
    icon: &'static str,
    label: &'static str,
    url: String,
    refusal: Option<String>,
}

/// What may be done with the version.
#[derive(Default)]
struct Deeds {
    edit: Option<Deed>,
    submit: Option<Deed>,
    recall: Option<Deed>,
    discard: Option<Deed>,
    approve: Option<Deed>,
    withdraw: Option<Deed>,
}

/// The version before and the one behind in the queue of those that wait.
struct Queue {
    previous: Option<PriceVersionId>,
    next: Option<PriceVersionId>,
}

#[derive(Template)]
#[template(path = "pricing/price_plans/version/show.html")]
struct ShowView {
    ui: Ui,
    fields: Fields,
    form: DecisionForm,
    plan: PlanVersion,
    customer: Customer,
    badge: Badge,
    last_day: Option<NaiveDate>,
    sheet: Sheet,
    comparison: Option<Comparison>,
    others: Vec<(PriceVersion, Badge)>,
    people: People,
    timeline: Timeline,
    deeds: Deeds,
    on_approval: String,
    queue: Option<Queue>,
    may_draft: bool,
}

impl ShowView {
    fn version(&self) -> &PriceVersion {
        &self.plan.version
    }

    #[expect(clippy::ref_option, reason = "templates hand on references")]
    fn name(&self, id: &Option<UserId>) -> String {
        self.people.name(self.ui.t, *id)
    }

    fn is_rejected(&self) -> bool {
        self.version().state == VersionState::Draft && self.version().decision_reason.is_some()
    }
}

/// One version.
pub async fn show(ctx: Ctx, version: Path<PriceVersionId>, query: Query<QueueQuery>) -> Result<Response> {
    let form = DecisionForm { queue: query.0.queue, ..DecisionForm::default() };
    show_page(&ctx, *version, form, FieldErrors::new()).await
}

/// The page of a version, with a decision that comes back where one was sent.
pub(super) async fn show_page(
    ctx: &Ctx,
    id: PriceVersionId,
    form: DecisionForm,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx.read(move |db| load(db, ui, id, form, errors)).await?;
    let customer = &view.customer;
    let title = ctx.t.price_plan_version_of(&customer.fields.company_name, view.plan.version.number);
    let page = Page::new(ctx, title, &view)
        .crumb(ctx.t.price_list_title(), urls::INDEX)
        .crumb(customer.fields.company_name.clone(), urls::of_customer(customer.id));
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(
    db: &mut Db,
    ui: Ui,
    id: PriceVersionId,
    form: DecisionForm,
    errors: FieldErrors,
) -> Result<ShowView> {
    let (t, today) = (ui.t, business_day(db.now()));
    let (plan, customer) = queries::find(db, Permission::PriceView, id)?;
    let plans = queries::of_customer(db, customer.id)?;
    let meters = catalog::meters::queries::all(db)?;
    let entries = entries::queries::of_records(db, &[(KIND, vec![id.0])], Seek::Newest)?;
    let before = story::before(&plans, &plan);
    let queue = if form.queue.is_empty() || !ui.can(Permission::PriceApprove) {
        None
    } else {
        let [previous, next] = list::queries::beside_waiting(db, &plan.version)?;
        Some(Queue { previous, next })
    };
    let version = &plan.version;
    Ok(ShowView {
        fields: Fields::with(t, errors),
        badge: story::badge(t, version, story::last_day(&plans, &plan), today),
        last_day: story::last_day(&plans, &plan),
        sheet: Sheet::new(t, &meters, &plan),
        comparison: before.map(|before| Comparison::new(t, &meters, before, &plan)),
        others: others(t, &plans, id, today),
        people: People::load(db, [version])?,
        timeline: Timeline::of_family(t, KIND, &entries.rows, &BatchLinks::new(), |_, _| None, |_| None),
        deeds: deeds(db, &ui, &plan, &customer, today)?,
        on_approval: story::on_approval(t, &plans, &plan, today),
        may_draft: may(db, &ui, Permission::PriceEdit, &customer)?,
        queue,
        form,
        customer,
        plan,
        ui,
    })
}

/// The other versions of the customer, each with where it stands.
fn others(t: Tr, plans: &[PlanVersion], id: PriceVersionId, today: NaiveDate) -> Vec<(PriceVersion, Badge)> {
    let others = plans.iter().filter(|other| other.version.id != id);
    let badge = |other: &PlanVersion| story::badge(t, &other.version, story::last_day(plans, other), today);
    others.map(|other| (other.version.clone(), badge(other))).collect()
}

fn may(db: &mut Db, ui: &Ui, permission: Permission, customer: &Customer) -> Result<bool> {
    let reaches = ui.can(permission) && Reach::of(db, permission)?.covers(&customer.fields);
    Ok(reaches && customer.is_live())
}

/// What the state allows, and what it does not with the reason; what never fits a state is not shown.
fn deeds(db: &mut Db, ui: &Ui, plan: &PlanVersion, customer: &Customer, today: NaiveDate) -> Result<Deeds> {
    let version = &plan.version;
    let (t, id, state) = (ui.t, version.id, version.state);
    let deed = |icon, label, deed: &str, allowed: Result<(), Refusal>| {
        let refusal = allowed.err().map(|refusal| refusal.message.text(t));
        Some(Deed { icon, label, url: urls::act(id, deed), refusal })
    };
    let mut deeds = Deeds::default();
    if may(db, ui, Permission::PriceEdit, customer)? {
        if state == VersionState::Draft {
            deeds.edit = deed("pencil", t.ui_edit(), "edit", rules::can_edit(version));
            deeds.submit = deed("send", t.price_plan_submit(), "submit", rules::can_submit(version));
        }
        if state == VersionState::Pending {
            deeds.recall = deed("arrow-back-up", t.price_plan_recall(), "recall", rules::can_recall(version));
        }
        if state.is_open() {
            deeds.discard = deed("trash", t.price_plan_discard(), "discard", rules::can_discard(version));
        }
    }
    if may(db, ui, Permission::PriceApprove, customer)? {
        let user = ui.actor.user_id;
        if state == VersionState::Pending {
            deeds.approve = deed("check", t.price_plan_approve(), "approve", rules::can_decide(plan, user));
        }
        if state == VersionState::Active {
            let allowed = rules::can_withdraw(version, today);
            deeds.withdraw = deed("arrow-back-up", t.price_plan_withdraw(), "withdraw", allowed);
        }
    }
    Ok(deeds)
}

#[derive(Template)]
#[template(path = "pricing/price_plans/version/compare.html")]
struct CompareView {
    ui: Ui,
    heading: String,
    first: PriceVersion,
    second: PriceVersion,
    comparison: Comparison,
}

impl CompareView {
    fn said(&self) -> String {
        match self.comparison.differences() {
            0 => self.ui.t.price_compare_none().to_owned(),
            count => self.ui.t.price_compare_count(count),
        }
    }
}

/// Two versions of a customer side by side.
pub async fn compare(ctx: Ctx, both: Path<(PriceVersionId, PriceVersionId)>) -> Result<Response> {
    let (ui, (first, second)) = (ctx.ui(), *both);
    let (view, customer) = ctx
        .read(move |db| {
            let (first, customer) = queries::find(db, Permission::PriceView, first)?;
            let second = queries::find(db, Permission::PriceView, second)?.0;
            if first.version.customer_id != second.version.customer_id {
                return Err(Error::NotFound);
            }
            let meters = catalog::meters::queries::all(db)?;
            let comparison = Comparison::new(ui.t, &meters, &first, &second);
            let heading = heading(ui.t, &customer, &first, &second);
            let (first, second) = (first.version, second.version);
            Ok((CompareView { ui, heading, first, second, comparison }, customer))
        })
        .await?;
    let page = Page::new(&ctx, view.heading.clone(), &view)
        .crumb(ctx.t.customer_title(), directory::urls::INDEX)
        .crumb(customer.fields.company_name.clone(), urls::of_customer(customer.id));
    Ok(page.respond())
}

fn heading(t: Tr, customer: &Customer, first: &PlanVersion, second: &PlanVersion) -> String {
    t.price_compare_of(first.version.number, &customer.fields.company_name, second.version.number)
}
