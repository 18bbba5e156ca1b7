//! Versions over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog;
use crate::catalog::meters::queries::Meters;
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::db::Db;
use crate::i18n::Tr;
use crate::pricing::models::TierDraft;
use crate::pricing::price_plans::commands::{self, Source, as_errors};
use crate::pricing::price_plans::draft::ChargeDraft;
use crate::pricing::price_plans::list::forms::ConfigQuery;
use crate::pricing::price_plans::model::PlanVersion;
use crate::pricing::price_plans::version::decisions::DecisionForm;
use crate::pricing::price_plans::{list, queries};
use crate::types::ids::PriceVersionId;
use crate::types::time::machine;
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::api::{self, Json, PageJson, Version};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::reading::{NewVersionJson, Sent};

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "customer", about: Tr::api_prices_customer },
    Parameter { name: "state", about: Tr::api_prices_state },
    Parameter { name: "page", about: Tr::api_page },
    Parameter { name: "per_page", about: Tr::api_per_page },
];

/// The routes of versions in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/pricing/config", Permission::PriceView, index)
        .doc(ApiDoc::answers::<PageJson<VersionJson>>(Tr::api_prices_index).with(PARAMETERS));
    r.post("/api/v1/pricing/config", Permission::PriceEdit, create)
        .doc(ApiDoc::answers::<VersionJson>(Tr::api_prices_create).takes::<NewVersionJson>().creates());
    r.get("/api/v1/pricing/config/{version}", Permission::PriceView, show)
        .doc(ApiDoc::answers::<VersionJson>(Tr::api_prices_show));
    r.post("/api/v1/pricing/config/{version}/submit", Permission::PriceEdit, submit)
        .doc(ApiDoc::answers::<VersionJson>(Tr::api_prices_submit).takes::<DecisionJson>());
    r.post("/api/v1/pricing/config/{version}/approve", Permission::PriceApprove, approve)
        .doc(ApiDoc::answers::<VersionJson>(Tr::api_prices_approve).takes::<DecisionJson>());
    r.post("/api/v1/pricing/config/{version}/reject", Permission::PriceApprove, reject)
        .doc(ApiDoc::answers::<VersionJson>(Tr::api_prices_reject).takes::<DecisionJson>());
}

/// A decision about a version.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct DecisionJson {
    /// The version that was read, as a number or a text, for the optimistic lock; or as `If-Match`.
    #[schema(value_type = String)]
    pub version: Version,
    /// Why: of a rejection.
    pub reason: String,
}

/// A version of the prices of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionJson {
    /// Its id.
    id: u64,
    /// The code of the customer.
    customer: String,
    /// Its number among the versions of the customer.
    number: u32,
    /// `draft`, `pending`, `active`, `superseded`, `withdrawn` or `discarded`.
    state: String,
    /// The first day on which it is valid.
    valid_from: NaiveDate,
    /// The currency of all amounts.
    currency: String,
    /// What a month with usage costs at least.
    minimum: Option<String>,
    /// What a month costs at most.
    cap: Option<String>,
    /// What is taken off in the end, in percent.
    discount_percent: Option<String>,
    /// Why there is a discount.
    discount_reason: Option<String>,
    /// Why there is this version.
    remarks: Option<String>,
    /// `hand`, `customer_import`, `price_import`, `copy` or `raise`.
    origin: String,
    /// The batch that made it.
    batch_id: Option<u64>,
    /// What it charges.
    charges: Vec<StoredChargeJson>,
    /// When it was submitted (UTC).
    submitted_at: Option<String>,
    /// When it was approved or rejected last (UTC).
    decided_at: Option<String>,
    /// What was said then.
    decision_reason: Option<String>,
    /// Counts its changes; send it back with a decision, or as `If-Match`.
    version: u32,
}

/// A charge of a version.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredChargeJson {
    /// The code of the meter.
    meter: String,
    /// The series of devices that it is for; blank for the rest.
    device_series: String,
    /// The layer that it is for; blank for the rest.
    layer: String,
    /// Its model.
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tiers: Option<Vec<StoredTierJson>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    charge_when_zero: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    block_size: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free_units: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block_price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annual_fee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    included: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overage_price: Option<String>,
}

/// A tier of a charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredTierJson {
    /// The largest quantity that it covers; null for the last.
    up_to: Option<String>,
    /// The price of one.
    unit_price: String,
    /// What is due as soon as the quantity enters the tier.
    flat_fee: String,
}

fn plain(number: rust_decimal::Decimal) -> String {
    number.normalize().to_string()
}

impl StoredChargeJson {
    fn new(meters: &Meters, charge: &ChargeDraft) -> StoredChargeJson {
        let tier = |tier: &TierDraft| StoredTierJson {
            up_to: tier.up_to.map(plain),
            unit_price: plain(tier.unit_price),
            flat_fee: plain(tier.flat_fee),
        };
        let meter = meters.get(charge.key.meter);
        StoredChargeJson {
            meter: meter.map(|meter| meter.code.clone()).unwrap_or_default(),
            device_series: charge.key.device_series.clone(),
            layer: charge.key.layer.clone(),
            model: charge.model.to_string(),
            unit_price: charge.unit_price.map(plain),
            tiers: (!charge.tiers.is_empty()).then(|| charge.tiers.iter().map(tier).collect()),
            charge_when_zero: charge.charge_when_zero,
            block_size: charge.block_size.map(plain),
            free_units: charge.free_units.map(plain),
            block_price: charge.block_price.map(plain),
            annual_fee: charge.annual_fee.map(plain),
            included: charge.included.map(plain),
            overage_price: charge.overage_price.map(plain),
        }
    }
}

impl VersionJson {
    fn new(meters: &Meters, plan: &PlanVersion, customer: &Customer) -> VersionJson {
        let version = &plan.version;
        let terms = version.terms();
        VersionJson {
            id: version.id.0,
            customer: customer.fields.company_code.clone(),
            number: version.number,
            state: version.state.to_string(),
            valid_from: version.valid_from,
            currency: version.currency.to_string(),
            minimum: terms.minimum.map(plain),
            cap: terms.cap.map(plain),
            discount_percent: terms.discount_percent.map(plain),
            discount_reason: version.discount_reason.clone(),
            remarks: version.remarks.clone(),
            origin: version.origin.to_string(),
            batch_id: version.batch_id.map(|batch| batch.0),
            charges: plan.charges.iter().map(|charge| StoredChargeJson::new(meters, charge)).collect(),
            submitted_at: version.submitted_at.map(machine),
            decided_at: version.decided_at.map(machine),
            decision_reason: version.decision_reason.clone(),
            version: version.version,
        }
    }
}

fn one(db: &mut Db, permission: Permission, id: PriceVersionId) -> Result<VersionJson> {
    let (plan, customer) = queries::find(db, permission, id)?;
    let meters = catalog::meters::queries::all(db)?;
    Ok(VersionJson::new(&meters, &plan, &customer))
}

async fn index(ctx: Ctx, query: Query<ConfigQuery>) -> Result<Response> {
    let query = query.0;
    let listing = ctx
        .read(move |db| {
            let filter = query.check()?;
            let meters = catalog::meters::queries::all(db)?;
            let found = list::queries::list(db, &filter, filter.usual_sort(), query.page())?;
            Ok(found.map(|row| VersionJson::new(&meters, &row.plan, &row.customer)))
        })
        .await?;
    Ok(api::ok(&PageJson::from(listing)))
}

async fn show(ctx: Ctx, version: Path<PriceVersionId>) -> Result<Response> {
    let id = *version;
    let shown = ctx.read(move |db| one(db, Permission::PriceView, id)).await?;
    Ok(api::tagged(shown.version, &shown))
}

async fn create(ctx: Ctx, body: Json<Box<serde_json::value::RawValue>>) -> Result<Response> {
    let sent = Sent::new(body.value.get().to_owned()).map_err(|faults| as_errors(&faults))?;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let unknown = || FieldErrors::one("customer", Tr::price_plan_fault_customer);
        let id = directory::queries::ids_by_code(tx, &[&sent.customer])?.remove(&sent.customer);
        let found = directory::queries::find(tx, Permission::PriceEdit, id.ok_or_else(unknown)?);
        let customer = match found {
            Err(Error::NotFound) => return Err(unknown().into()),
            found => found?,
        };
        let meters = catalog::meters::queries::all(tx)?;
        let draft = sent.draft(customer.fields.currency, &meters).map_err(|faults| as_errors(&faults))?;
        let version = commands::create(tx, customer.id, &draft, &Source::HAND)?;
        if sent.submits {
            commands::submit(tx, version, 1)?;
        }
        one(tx, Permission::PriceEdit, version)
    })
    .await
}

/// Does a thing with the version that was read, and answers with what became of it.
async fn decide(
    ctx: Ctx,
    version: Path<PriceVersionId>,
    body: Json<DecisionJson>,
    permission: Permission,
    deed: fn(&mut crate::db::Tx, PriceVersionId, u32, &DecisionForm) -> Result<()>,
) -> Result<Response> {
    let (id, tag) = (*version, api::if_match(&ctx));
    let sent = body.value.version.to_string();
    let form = DecisionForm { reason: body.value.reason, ..DecisionForm::default() };
    api::once(&ctx, &body.hash, StatusCode::OK, move |tx| {
        queries::find(tx, permission, id)?;
        deed(tx, id, api::version(tag.as_deref(), &sent)?, &form)?;
        one(tx, permission, id)
    })
    .await
}

async fn submit(ctx: Ctx, version: Path<PriceVersionId>, body: Json<DecisionJson>) -> Result<Response> {
    decide(ctx, version, body, Permission::PriceEdit, |tx, id, read, _| commands::submit(tx, id, read)).await
}

async fn approve(ctx: Ctx, version: Path<PriceVersionId>, body: Json<DecisionJson>) -> Result<Response> {
    decide(ctx, version, body, Permission::PriceApprove, |tx, id, read, _| commands::approve(tx, id, read))
        .await
}

async fn reject(ctx: Ctx, version: Path<PriceVersionId>, body: Json<DecisionJson>) -> Result<Response> {
    decide(ctx, version, body, Permission::PriceApprove, |tx, id, read, form| {
        commands::reject(tx, id, read, &form.reason()?)
    })
    .await
}
