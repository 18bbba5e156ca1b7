//! Customers over the JSON API: the same commands as the pages.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::CustomerId;
use crate::types::personal::masked_email;
use crate::types::time::machine;
use crate::types::{Error, Permission, Result};
use crate::web::api::{self, Json, Patch};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::reason::ReasonForm;
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::CustomerForm;
use super::model::{Customer, Fields};
use super::words::Words;
use super::{commands, parents, queries};

const REASON: &[Parameter] = &[Parameter { name: "reason", about: Tr::api_customers_reason }];

/// The routes of one customer in the API.
pub fn routes(r: &mut Routes) {
    r.post("/api/v1/customers", Permission::CustomerCreate, create)
        .doc(ApiDoc::answers::<CustomerJson>(Tr::api_customers_create).takes::<CustomerForm>().creates());
    r.get("/api/v1/customers/{customer}", Permission::CustomerView, show)
        .doc(ApiDoc::answers::<CustomerJson>(Tr::api_customers_show));
    r.patch("/api/v1/customers/{customer}", Permission::CustomerEdit, update)
        .doc(ApiDoc::answers::<CustomerJson>(Tr::api_customers_update).takes::<CustomerForm>());
    r.delete("/api/v1/customers/{customer}", Permission::CustomerDelete, delete)
        .doc(ApiDoc::silent(Tr::api_customers_delete).with(REASON));
    r.post("/api/v1/customers/{customer}/restore", Permission::CustomerDelete, restore)
        .doc(ApiDoc::answers::<CustomerJson>(Tr::api_customers_restore));
}

/// A customer. Where bills are mailed to is masked for a caller who may not see contacts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CustomerJson {
    /// Its id.
    id: u64,
    /// The code.
    company_code: String,
    /// The name.
    company_name: String,
    /// `enterprise` or `individual`.
    entity_type: String,
    /// 统一社会信用代码.
    credit_code: Option<String>,
    /// Code and name of the customer that it belongs to.
    parent: Option<String>,
    /// A code of the dictionary.
    industry: Option<String>,
    /// The address.
    address: Option<String>,
    /// `formal`, `trial` or `internal`.
    account_type: String,
    /// Where it stands, such as `active`.
    status: String,
    /// A code of the dictionary.
    level: Option<String>,
    /// A code of the dictionary.
    source: Option<String>,
    /// A code of the dictionary.
    channel: Option<String>,
    /// A code of the dictionary.
    erp_system: Option<String>,
    /// A day.
    onboarded_on: Option<String>,
    /// What is known instead of such a day.
    onboarded_text: Option<String>,
    /// Whether the service is stopped.
    disabled: bool,
    /// The id of who sells to it.
    sales_owner: Option<u64>,
    /// The id of who looks after it.
    ops_owner: Option<u64>,
    /// Whether it takes part in settlement.
    billable: bool,
    /// `per_unit`, `tiered` or `annual`.
    settlement_mode: Option<String>,
    /// `C1` to `C6`.
    spend_level: Option<String>,
    /// Why the spend level was set by hand.
    spend_level_reason: Option<String>,
    /// The usual usage of a month.
    monthly_average_usage: Option<i64>,
    /// The days after which a bill is due.
    payment_term_days: u32,
    /// Such as `CNY`.
    currency: String,
    /// The name on invoices.
    invoice_title: Option<String>,
    /// Where bills go.
    billing_emails: Vec<String>,
    /// Remarks.
    remarks: Option<String>,
    /// The id of the customer that it was merged into.
    merged_into: Option<u64>,
    /// When it was created (UTC).
    created_at: String,
    /// When it was last changed (UTC).
    updated_at: String,
    /// Since when it is deleted (UTC); none for a live one.
    deleted_at: Option<String>,
    /// Counts its changes; send it back with a change, or as `If-Match`.
    pub version: u32,
}

impl CustomerJson {
    fn of(customer: Customer, parent: Option<String>, sees_mail: bool) -> CustomerJson {
        let Customer { id, fields, merged_into, version, created_at, updated_at, deleted_at } = customer;
        let emails = fields.billing_emails;
        CustomerJson {
            id: id.0,
            company_code: fields.company_code,
            company_name: fields.company_name,
            entity_type: fields.entity_type.to_string(),
            credit_code: fields.credit_code,
            parent,
            industry: fields.industry,
            address: fields.address,
            account_type: fields.account_type.to_string(),
            status: fields.status.to_string(),
            level: fields.level,
            source: fields.source,
            channel: fields.channel,
            erp_system: fields.erp_system,
            onboarded_on: fields.onboarded_on.map(|day| day.to_string()),
            onboarded_text: fields.onboarded_text,
            disabled: fields.disabled,
            sales_owner: fields.sales_owner.map(|owner| owner.0),
            ops_owner: fields.ops_owner.map(|owner| owner.0),
            billable: fields.billable,
            settlement_mode: fields.settlement_mode.map(|mode| mode.to_string()),
            spend_level: fields.spend_level.map(|level| level.to_string()),
            spend_level_reason: fields.spend_level_reason,
            monthly_average_usage: fields.monthly_average_usage,
            payment_term_days: fields.payment_term_days,
            currency: fields.currency.to_string(),
            invoice_title: fields.invoice_title,
            billing_emails: if sees_mail {
                emails
            } else {
                emails.iter().map(|one| masked_email(one)).collect()
            },
            remarks: fields.remarks,
            merged_into: merged_into.map(|other| other.0),
            created_at: machine(created_at),
            updated_at: machine(updated_at),
            deleted_at: deleted_at.map(machine),
            version,
        }
    }
}

/// One customer within the reach of `permission`, as the API shows it.
pub fn one(db: &mut Db, permission: Permission, id: CustomerId) -> Result<CustomerJson> {
    let customer = queries::find(db, permission, id)?;
    many(db, vec![customer])?.pop().ok_or(Error::NotFound)
}

/// Customers that whoever asks was found to see, as the API shows them.
pub fn many(db: &mut Db, customers: Vec<Customer>) -> Result<Vec<CustomerJson>> {
    let ids: BTreeSet<CustomerId> = customers.iter().filter_map(|customer| customer.fields.parent).collect();
    let parents = parents::texts(db, &ids.into_iter().collect::<Vec<_>>())?;
    let words = Words::load(db, [])?;
    let json = |customer: Customer| {
        let parent = customer.fields.parent.and_then(|id| parents.get(&id).cloned());
        let sees_mail = words.sees_mail(&customer.fields);
        CustomerJson::of(customer, parent, sees_mail)
    };
    Ok(customers.into_iter().map(json).collect())
}

async fn show(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    let id = *customer;
    let json = ctx.read(move |db| one(db, Permission::CustomerView, id)).await?;
    Ok(api::tagged(json.version, &json))
}

async fn create(ctx: Ctx, body: Json<Patch>) -> Result<Response> {
    let blank = CustomerForm { version: String::new(), ..CustomerForm::of(&Fields::default(), None, 0) };
    let draft = body.value.over(&blank)?.check(None, true)?;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let fields = parents::resolved(tx, &draft)?;
        let id = commands::create(tx, fields)?;
        one(tx, Permission::CustomerCreate, id)
    })
    .await
}

async fn update(ctx: Ctx, customer: Path<CustomerId>, body: Json<Patch>) -> Result<Response> {
    let (id, patch, tag) = (*customer, body.value, api::if_match(&ctx));
    let json = ctx
        .write(move |tx| {
            let stored = queries::find(tx, Permission::CustomerEdit, id)?;
            if !stored.is_live() {
                return Err(Error::NotFound);
            }
            let parent = parents::text(tx, stored.fields.parent)?;
            let form = CustomerForm::of(&stored.fields, parent.as_deref(), stored.version);
            let form = patch.over(&CustomerForm { version: String::new(), ..form })?;
            let version = api::version(tag.as_deref(), &form.version)?;
            if form.status != stored.fields.status.to_string() {
                let elsewhere = crate::types::FieldErrors::one("status", Tr::customer_status_elsewhere);
                return Err(elsewhere.into());
            }
            let sees_mail = Words::load(tx, [])?.sees_mail(&stored.fields);
            let draft = form.check(Some(&stored.fields), sees_mail)?;
            let fields = parents::resolved(tx, &draft)?;
            commands::update(tx, id, version, fields)?;
            one(tx, Permission::CustomerEdit, id)
        })
        .await?;
    Ok(api::tagged(json.version, &json))
}

async fn delete(ctx: Ctx, customer: Path<CustomerId>, query: Query<ReasonForm>) -> Result<Response> {
    let id = *customer;
    ctx.read(move |db| queries::find(db, Permission::CustomerDelete, id)).await?;
    let reason = query.check()?;
    ctx.write(move |tx| commands::delete(tx, id, &reason)).await?;
    Ok(api::no_content())
}

async fn restore(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    let id = *customer;
    let json = ctx
        .write(move |tx| {
            commands::restore(tx, id)?;
            one(tx, Permission::CustomerDelete, id)
        })
        .await?;
    Ok(api::tagged(json.version, &json))
}
