//! Writing a version: the editor of a new one and of a draft, and the trial while one types.

use serde::Deserialize;

use crate::catalog;
use crate::catalog::meters::queries::Meters;
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::db::Db;
use crate::pricing::price_plans::commands::{self, Source};
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::price_plans::model::{PlanVersion, VersionState};
use crate::pricing::price_plans::{queries, rules, urls};
use crate::types::ids::{CustomerId, PriceVersionId};
use crate::types::time::business_day;
use crate::types::{BillingMonth, Error, FieldErrors, Permission, Result};
use crate::web::ui::Fields;
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{Act, PlanForm};
use super::past_usage::PastUsage;
use super::trial::{Asked, Trial};
use super::view::EditorView;

/// The parameters of the editor of a new version.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    /// The version that it begins as.
    pub from: String,
}

/// What the editor is about.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// A new version of a customer.
    New(CustomerId),
    /// A draft.
    Draft(PriceVersionId),
}

/// The editor of a new version: it begins as the one in force, so that one edits a difference.
pub async fn new(ctx: Ctx, customer: Path<CustomerId>, query: Query<NewQuery>) -> Result<Response> {
    let (id, from) = (*customer, query.from.parse().ok());
    let form = ctx
        .read(move |db| {
            let customer = editable(db, id)?;
            let meters = catalog::meters::queries::all(db)?;
            let today = business_day(db.now());
            let next_month = BillingMonth::of(today).next().first_day();
            Ok(match base(db, customer.id, from)? {
                Some(plan) => {
                    let draft = VersionDraft { valid_from: next_month, remarks: None, ..plan.draft() };
                    PlanForm::from_draft(&draft, 0)
                }
                None => PlanForm::first(&meters, BillingMonth::of(today).first_day()),
            })
        })
        .await?;
    editor(&ctx, Of::New(id), form, FieldErrors::new(), false).await
}

/// Drafts a version, or shows it again as a button has changed it.
pub async fn create(ctx: Ctx, customer: Path<CustomerId>, form: Form<PlanForm>) -> Result<Response> {
    let (id, mut form) = (*customer, form.0);
    let act = Act::parse(&form.act);
    let draft = match ready(&ctx, Of::New(id), &mut form, act).await? {
        Ok(draft) => draft,
        Err(errors) => return editor(&ctx, Of::New(id), form, errors, true).await,
    };
    let outcome = ctx
        .write(move |tx| {
            let version = commands::create_once(tx, id, &draft, &Source::HAND)?;
            let stored = queries::get(tx, version)?.ok_or(Error::NotFound)?.version;
            if act == Act::Submit && stored.state == VersionState::Draft {
                commands::submit(tx, version, stored.version)?;
            }
            Ok(version)
        })
        .await;
    match outcome {
        Ok(version) => Ok(ctx.done(urls::version(version), said(&ctx, act))),
        Err(fault) => editor(&ctx, Of::New(id), form, fault.into_faults("")?, true).await,
    }
}

/// The editor of a draft.
pub async fn edit(ctx: Ctx, version: Path<PriceVersionId>) -> Result<Response> {
    let id = *version;
    let plan = ctx.read(move |db| queries::find(db, Permission::PriceEdit, id)).await?.0;
    if let Err(refusal) = rules::can_edit(&plan.version) {
        return Ok(ctx.refused(urls::version(id), refusal.message.text(ctx.t)));
    }
    let form = PlanForm::from_draft(&plan.draft(), plan.version.version);
    editor(&ctx, Of::Draft(id), form, FieldErrors::new(), false).await
}

/// Saves a draft, or shows it again as a button has changed it.
pub async fn update(ctx: Ctx, version: Path<PriceVersionId>, form: Form<PlanForm>) -> Result<Response> {
    let (id, mut form) = (*version, form.0);
    let (act, read) = (Act::parse(&form.act), form.version());
    let draft = match ready(&ctx, Of::Draft(id), &mut form, act).await? {
        Ok(draft) => draft,
        Err(errors) => return editor(&ctx, Of::Draft(id), form, errors, true).await,
    };
    let outcome = ctx
        .write(move |tx| {
            commands::edit(tx, id, read, &draft)?;
            if act == Act::Submit {
                let stored = queries::get(tx, id)?.ok_or(Error::NotFound)?;
                commands::submit(tx, id, stored.version.version)?;
            }
            Ok(())
        })
        .await;
    match outcome {
        Ok(()) => Ok(ctx.done(urls::version(id), said(&ctx, act))),
        Err(fault) => editor(&ctx, Of::Draft(id), form, fault.into_faults("")?, true).await,
    }
}

/// Tries what is typed.
pub async fn trial(ctx: Ctx, customer: Path<CustomerId>, form: Form<PlanForm>) -> Result<Response> {
    let (t, id, mut form, past) = (ctx.t, *customer, form.0, ctx.state.part::<PastUsage>()?);
    let trial = ctx
        .read(move |db| {
            let customer = editable(db, id)?;
            let meters = catalog::meters::queries::all(db)?;
            let mut errors = form.read_texts(Act::Show);
            load_trial(db, t, &meters, *past, &customer, &form, &mut errors)
        })
        .await?;
    Page::part(&trial)
}

fn said(ctx: &Ctx, act: Act) -> &'static str {
    if act == Act::Submit { ctx.t.price_plan_submitted() } else { ctx.t.price_plan_saved() }
}

/// A live customer whose prices whoever asks may write.
fn editable(db: &mut Db, id: CustomerId) -> Result<Customer> {
    let customer = directory::queries::find(db, Permission::PriceEdit, id)?;
    if customer.is_live() { Ok(customer) } else { Err(Error::NotFound) }
}

/// The version that a new one begins as: the one that is named, or the last one in force.
fn base(db: &mut Db, customer: CustomerId, from: Option<PriceVersionId>) -> Result<Option<PlanVersion>> {
    if let Some(id) = from {
        let named = queries::get(db, id)?.filter(|plan| plan.version.customer_id == customer);
        return named.map(Some).ok_or(Error::NotFound);
    }
    let today = business_day(db.now());
    let in_force = queries::in_force(db, &[customer])?.remove(&customer).unwrap_or_default();
    let now = in_force.iter().rev().find(|plan| plan.version.valid_from <= today);
    Ok(now.or(in_force.first()).cloned())
}

/// The version that the form asks for, when something shall be stored and nothing is wrong; else what is wrong, which is
/// nothing where a button only changes the form.
async fn ready(
    ctx: &Ctx,
    of: Of,
    form: &mut PlanForm,
    act: Act,
) -> Result<std::result::Result<VersionDraft, FieldErrors>> {
    let (customer, meters) =
        ctx.read(move |db| Ok((customer_of(db, of)?, catalog::meters::queries::all(db)?))).await?;
    if !act.is_final() {
        return Ok(Err(form.apply(act, &meters)));
    }
    let mut errors = form.read_texts(act);
    Ok(match form.check(customer.fields.currency, &meters) {
        Ok(draft) => errors.or(draft),
        Err(others) => {
            errors.extend(others);
            Err(errors)
        }
    })
}

fn customer_of(db: &mut Db, of: Of) -> Result<Customer> {
    match of {
        Of::New(id) => editable(db, id),
        Of::Draft(id) => Ok(queries::find(db, Permission::PriceEdit, id)?.1),
    }
}

fn load_trial(
    db: &mut Db,
    t: crate::i18n::Tr,
    meters: &Meters,
    past: PastUsage,
    customer: &Customer,
    form: &PlanForm,
    errors: &mut FieldErrors,
) -> Result<Trial> {
    let (draft, unreadable) = form.read(customer.fields.currency, meters);
    errors.extend(unreadable);
    if let Err(faults) = draft.check() {
        errors.extend(commands::as_errors(&faults));
    }
    let today = business_day(db.now());
    Trial::load(db, t, meters, past, &Asked { form, draft: &draft, errors, customer: customer.id, today })
}

async fn editor(
    ctx: &Ctx,
    of: Of,
    mut form: PlanForm,
    errors: FieldErrors,
    is_dirty: bool,
) -> Result<Response> {
    let (ui, past, faulty) = (ctx.ui(), ctx.state.part::<PastUsage>()?, !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let (t, customer) = (ui.t, customer_of(db, of)?);
            let meters = catalog::meters::queries::all(db)?;
            for charge in form.charges.iter_mut().filter(|charge| !faulty || charge.tiers.is_empty()) {
                charge.complete();
            }
            let trial = load_trial(db, t, &meters, *past, &customer, &form, &mut FieldErrors::new())?;
            let (id, number) = match of {
                Of::New(_) => (None, None),
                Of::Draft(id) => (Some(id), queries::get(db, id)?.map(|plan| plan.version.number)),
            };
            let is_first = base(db, customer.id, None)?.is_none();
            let lead = if is_first { t.price_editor_lead_first() } else { t.price_editor_lead() };
            let name = &customer.fields.company_name;
            Ok(EditorView {
                heading: match number {
                    Some(number) => t.price_editor_edit_of(name, number),
                    None => t.price_editor_new_of(name),
                },
                lead: number.is_none().then(|| lead.to_owned()),
                fields: Fields::with(t, errors.clone()),
                customer,
                meters,
                form,
                errors,
                trial,
                id,
                is_dirty,
                ui,
            })
        })
        .await?;
    let customer = &view.customer;
    let page = Page::new(ctx, view.heading.clone(), &view)
        .crumb(ctx.t.customer_title(), directory::urls::INDEX)
        .crumb(customer.fields.company_name.clone(), urls::of_customer(customer.id));
    let is_refused = faulty && Act::parse(&view.form.act).is_final();
    Ok(if is_refused { page.invalid() } else { page }.respond())
}
