//! The form of a copy. What comes of it is a batch, which has a page of its own.

use std::collections::BTreeSet;

use askama::Template;
use chrono::NaiveDate;

use crate::batches;
use crate::batches::model::{BatchRow, NewRow};
use crate::batches::queries::recent;
use crate::catalog::meters;
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::customers::grid::forms::GridQuery;
use crate::customers::grid::{choices, queries as grid};
use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::pricing::openings::ground::named;
use crate::pricing::openings::planning::{self, Wanted as Planned};
use crate::pricing::openings::wording::charge_in_words;
use crate::pricing::price_plans::model::PlanVersion;
use crate::pricing::price_plans::queries;
use crate::types::ids::{BatchId, CustomerId, PriceVersionId};
use crate::types::time::business_day;
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::ui::{Badge, Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::batch::KIND;
use super::forms::CopyForm;
use super::model::Wanted;
use super::urls;

/// The version that is copied, as the form shows it.
struct Source {
    label: String,
    charges: Vec<String>,
}

#[derive(Template)]
#[template(path = "pricing/copies/new.html")]
struct NewView {
    ui: Ui,
    fields: Fields,
    form: CopyForm,
    day: String,
    source: Option<Source>,
    owners: Vec<Choice>,
    recent: Vec<BatchRow>,
}

impl NewView {
    fn badge(&self, row: &BatchRow) -> Badge {
        batches::pages::badge(self.ui.t, row)
    }
}

/// The form.
pub async fn new(ctx: Ctx, form: Query<CopyForm>) -> Result<Response> {
    form_page(&ctx, form.0, FieldErrors::new()).await
}

async fn form_page(ctx: &Ctx, form: CopyForm, errors: FieldErrors) -> Result<Response> {
    let (ui, t, faulty) = (ctx.ui(), ctx.t, !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let source = match form.version() {
                Some(id) => {
                    let found = copyable(db, id)?;
                    Some(source(db, t, &found)?)
                }
                None => None,
            };
            let mut owners = choices::reached_owners(db)?;
            owners.insert(0, Choice::new("", t.price_copies_no_owner()));
            let today = business_day(db.now()).to_string();
            Ok(NewView {
                fields: Fields::with(t, errors),
                day: if form.valid_from.is_empty() { today } else { form.valid_from.clone() },
                source,
                owners,
                recent: recent(db, &KIND)?,
                form,
                ui,
            })
        })
        .await?;
    let page = Page::new(ctx, t.price_copies_title(), &view);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn source(db: &mut Db, t: Tr, (plan, customer): &(PlanVersion, Customer)) -> Result<Source> {
    let meters = meters::queries::all(db)?;
    let charges = plan.charges.iter().map(|charge| {
        let series = &charge.key.device_series;
        let words = charge_in_words(t, &meters, charge);
        if series.is_empty() { words } else { format!("{series} · {words}") }
    });
    Ok(Source {
        label: t.price_copies_source_named(customer.label(), plan.version.number, plan.version.valid_from),
        charges: charges.collect(),
    })
}

/// Works out what would become of the prices, and shows it.
pub async fn create(ctx: Ctx, form: Form<CopyForm>) -> Result<Response> {
    let form = form.0;
    let day = match form.check() {
        Ok(day) => day,
        Err(errors) => return form_page(&ctx, form, errors).await,
    };
    let asked = form.clone();
    let planned = ctx.write(move |tx| plan(tx, &asked, day));
    match planned.await {
        Ok(id) => Ok(ctx.go(batches::urls::batch(id))),
        Err(fault) => form_page(&ctx, form, fault.into_faults("source")?).await,
    }
}

fn plan(tx: &mut Tx, form: &CopyForm, day: NaiveDate) -> Result<BatchId> {
    let (plan, customer) = copied(tx, form, day)?;
    let (ids, unknown) = chosen(tx, form, customer.id)?;
    if ids.is_empty() && unknown.is_empty() {
        return Err(FieldErrors::one("codes", Tr::price_copies_nobody).into());
    }
    let wanted = Wanted { version: plan.version.id, valid_from: day };
    let (code, number) = (&customer.fields.company_code, plan.version.number);
    let title = Said::new(|t: Tr| t.price_copies_named(code, day, number));
    planning::plan(tx, &KIND, &title, Planned::Copy(wanted), &unknown, ids)
}

/// A version that is named, if it is or was in force: what nobody has approved is no plan yet.
fn copyable(db: &mut Db, id: PriceVersionId) -> Result<(PlanVersion, Customer)> {
    let found = queries::find(db, Permission::PriceView, id)?;
    if found.0.version.state.was_in_force() { Ok(found) } else { Err(Error::NotFound) }
}

/// The version that is meant: the one that is named, or the one that the customer has on the first day.
fn copied(db: &mut Db, form: &CopyForm, day: NaiveDate) -> Result<(PlanVersion, Customer)> {
    if let Some(id) = form.version() {
        return copyable(db, id);
    }
    let code = form.source.trim();
    let reach = Reach::of(db, Permission::PriceView)?;
    let customer = directory::queries::by_codes(db, &[code])?.remove(code);
    let unknown = || Error::from(FieldErrors::one("source", Tr::price_copies_no_source));
    let customer = customer.filter(|customer| reach.covers(&customer.fields)).ok_or_else(unknown)?;
    let plans = queries::in_force(db, &[customer.id])?.remove(&customer.id).unwrap_or_default();
    let plan = plans.into_iter().rfind(|plan| plan.version.valid_from <= day).ok_or_else(unknown)?;
    Ok((plan, customer))
}

/// The customers that are meant, but for the one whose plan it is; and rows for codes that no customer within reach has.
fn chosen(db: &mut Db, form: &CopyForm, source: CustomerId) -> Result<(Vec<u64>, Vec<NewRow>)> {
    let (mut ids, unknown) = named(db, &form.codes())?;
    if !form.owner.trim().is_empty() {
        let query = GridQuery::of([("owner".to_owned(), form.owner.clone())]);
        let filter = query.check(db.actor())?;
        let both = [Permission::CustomerView, Permission::PriceEdit];
        ids.extend(grid::ids(db, &both, &filter, query.sort())?);
    }
    let mut known = BTreeSet::from([source]);
    ids.retain(|id| known.insert(*id));
    Ok((ids.into_iter().map(|id| id.0).collect(), unknown))
}
