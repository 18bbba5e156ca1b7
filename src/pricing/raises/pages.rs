//! The form of a raise. What comes of it is a batch, which has a page of its own.

use std::collections::BTreeSet;

use askama::Template;

use crate::batches;
use crate::batches::model::{BatchRow, NewRow};
use crate::batches::queries::recent;
use crate::customers::directory::fields::Field;
use crate::customers::grid::{choices, queries as grid};
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::pricing::imports::columns;
use crate::pricing::models::Model;
use crate::pricing::openings::ground::named;
use crate::pricing::openings::planning::{self, Wanted as Planned};
use crate::pricing::price_plans::queries;
use crate::types::ids::CustomerId;
use crate::types::time::business_day;
use crate::types::{BillingMonth, FieldErrors, Permission, Result, UnitPrice};
use crate::web::ui::{Badge, Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::batch::KIND;
use super::forms::RaiseForm;
use super::model::{Part, Wanted};
use super::urls;

/// The decimals of new prices where nobody says otherwise.
const USUAL_DECIMALS: u32 = 4;

#[derive(Template)]
#[template(path = "pricing/raises/new.html")]
struct NewView {
    ui: Ui,
    fields: Fields,
    form: RaiseForm,
    day: String,
    decimals: String,
    parts: Vec<Choice>,
    ticked: Vec<String>,
    owners: Vec<Choice>,
    industries: Vec<Choice>,
    levels: Vec<Choice>,
    modes: Vec<Choice>,
    models: Vec<Choice>,
    scales: Vec<Choice>,
    recent: Vec<BatchRow>,
}

impl NewView {
    fn badge(&self, row: &BatchRow) -> Badge {
        batches::pages::badge(self.ui.t, row)
    }
}

/// The form.
pub async fn new(ctx: Ctx, form: Query<RaiseForm>) -> Result<Response> {
    form_page(&ctx, form.0, FieldErrors::new()).await
}

async fn form_page(ctx: &Ctx, form: RaiseForm, errors: FieldErrors) -> Result<Response> {
    let (ui, t, faulty) = (ctx.ui(), ctx.t, !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let next = BillingMonth::of(business_day(db.now())).next().first_day();
            let given = |name: &str, usual: String| match form.get(name) {
                "" if form.is_fresh() => usual,
                text => text.to_owned(),
            };
            let any = |mut choices: Vec<Choice>| {
                choices.insert(0, Choice::new("", t.price_raises_any()));
                choices
            };
            Ok(NewView {
                fields: Fields::with(t, errors),
                day: given("valid_from", next.to_string()),
                decimals: given("decimals", USUAL_DECIMALS.to_string()),
                parts: Part::ALL.iter().map(|part| Choice::new(part, part.label(t))).collect(),
                ticked: form.parts(),
                owners: any(choices::to_filter(db, t, Field::SalesOwner)?),
                industries: any(choices::to_filter(db, t, Field::Industry)?),
                levels: any(choices::to_filter(db, t, Field::Level)?),
                modes: any(choices::to_filter(db, t, Field::SettlementMode)?),
                models: any(Model::ALL
                    .iter()
                    .map(|model| Choice::new(model, columns::model(t, *model)))
                    .collect()),
                scales: (0..=UnitPrice::DECIMALS).map(|n| Choice::new(n, n.to_string())).collect(),
                recent: recent(db, &KIND)?,
                form,
                ui,
            })
        })
        .await?;
    let page = Page::new(ctx, t.price_raises_title(), &view);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

/// Works out what would become of the prices, and shows it.
pub async fn create(ctx: Ctx, form: Form<RaiseForm>) -> Result<Response> {
    let form = form.0;
    let wanted = match form.check() {
        Ok(wanted) => wanted,
        Err(errors) => return form_page(&ctx, form, errors).await,
    };
    let (title, asked) = (title(&wanted), form.clone());
    let planned = ctx.write(move |tx| {
        let (ids, astray) = chosen(tx, &asked, &wanted)?;
        if ids.is_empty() && astray.is_empty() {
            return Err(FieldErrors::one("", |t| t.price_raises_nobody()).into());
        }
        planning::plan(tx, &KIND, &title, Planned::Raise(wanted.clone()), &astray, ids)
    });
    match planned.await {
        Ok(id) => Ok(ctx.go(batches::urls::batch(id))),
        Err(fault) => form_page(&ctx, form, fault.into_faults("")?).await,
    }
}

fn title(wanted: &Wanted) -> Said {
    let sign = if wanted.percent.is_sign_negative() { "" } else { "+" };
    let by = format!("{sign}{} %", wanted.percent);
    Said::new(|t: Tr| t.price_raises_named(&by, wanted.valid_from))
}

/// The customers that are meant and have prices, as far as seeing and changing both reach; and rows for codes that no
/// customer within reach has.
fn chosen(db: &mut Db, form: &RaiseForm, wanted: &Wanted) -> Result<(Vec<u64>, Vec<NewRow>)> {
    let query = form.filter();
    let filter = query.check(db.actor())?;
    let both = [Permission::CustomerView, Permission::PriceEdit];
    let mut ids = grid::ids(db, &both, &filter, query.sort())?;
    if let Some(batch) = form.batch() {
        let opened: BTreeSet<CustomerId> =
            queries::of_batch(db, batch)?.into_iter().map(|version| version.customer_id).collect();
        ids.retain(|id| opened.contains(id));
    }
    let codes = form.codes();
    let (named, astray) = named(db, &codes)?;
    if !codes.is_empty() {
        let named: BTreeSet<CustomerId> = named.into_iter().collect();
        ids.retain(|id| named.contains(id));
    }
    let priced = queries::priced_on(db, &ids, wanted.valid_from, wanted.model)?;
    Ok((ids.into_iter().filter(|id| priced.contains(id)).map(|id| id.0).collect(), astray))
}
