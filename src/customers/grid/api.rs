//! The list of customers over the JSON API: the same filters as the page, read by key.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::Customer;
use crate::i18n::Tr;
use crate::types::time::machine;
use crate::types::{Permission, Result};
use crate::web::api::{self, Json};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Query, Response, Routes};

use super::export::{self, Export, Manner};
use super::forms::GridQuery;
use super::model::{Column, PER_PAGE};
use super::lines;
use super::queries::{self, Reading};

/// The most customers of one answer.
const MOST: usize = 500;

macro_rules! parameters {
    ($($name:literal => $about:ident),+ $(,)?) => {
        &[$(Parameter { name: $name, about: Tr::$about }),+]
    };
}

const PARAMETERS: &[Parameter] = parameters! {
    "q" => api_customers_q,
    "status" => api_customers_status,
    "level" => api_customers_pick,
    "account_type" => api_customers_pick,
    "industry" => api_customers_pick,
    "erp_system" => api_customers_pick,
    "settlement_mode" => api_customers_pick,
    "spend_level" => api_customers_pick,
    "source" => api_customers_pick,
    "channel" => api_customers_pick,
    "entity_type" => api_customers_entity,
    "billable" => api_customers_yes_no,
    "disabled" => api_customers_yes_no,
    "owner" => api_customers_owner,
    "sales_owner" => api_customers_one_owner,
    "ops_owner" => api_customers_one_owner,
    "onboarded_from" => api_customers_day,
    "onboarded_to" => api_customers_day,
    "created_from" => api_customers_day,
    "created_to" => api_customers_day,
    "usage_from" => api_customers_number,
    "usage_to" => api_customers_number,
    "deleted" => api_customers_deleted,
    "sort" => api_sort,
    "after" => api_customers_after,
    "per_page" => api_per_page,
};

/// The routes of the list in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/customers", Permission::CustomerView, index)
        .doc(ApiDoc::answers::<CustomersJson>(Tr::api_customers_index).with(PARAMETERS));
    r.post("/api/v1/customers/export", Permission::CustomerExport, export)
        .doc(ApiDoc::answers::<ExportTaskJson>(Tr::api_customers_export).takes::<ExportJson>().creates());
}

/// A customer of the list: each field by its name, empty ones left out. Codes, ids of users and customers, days as
/// 2026-10-31, truth values and numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedCustomerJson {
    /// Its id.
    id: u64,
    /// Counts its changes; send it back with a change.
    version: u32,
    /// The fields that are filled in.
    #[schema(value_type = Object)]
    fields: BTreeMap<&'static str, serde_json::Value>,
    /// When it was created (UTC).
    created_at: String,
    /// When it was last changed (UTC).
    updated_at: String,
    /// Since when it is gone (UTC).
    deleted_at: Option<String>,
}

impl ListedCustomerJson {
    fn new(customer: &Customer, sees_contacts: bool) -> ListedCustomerJson {
        let seen = Field::ALL.iter().filter(|field| sees_contacts || !Column::Of(**field).is_personal());
        let value = |field: &Field| {
            let text = customer.fields.get(*field)?;
            Some((field.as_str(), value(*field, text)))
        };
        ListedCustomerJson {
            id: customer.id.0,
            version: customer.version,
            fields: seen.filter_map(value).collect(),
            created_at: machine(customer.created_at),
            updated_at: machine(customer.updated_at),
            deleted_at: customer.deleted_at.map(machine),
        }
    }
}

fn value(field: Field, text: String) -> serde_json::Value {
    match field.holds() {
        FieldType::YesNo => (text == "yes").into(),
        FieldType::Number => text.parse::<i64>().map_or_else(|_| text.into(), Into::into),
        FieldType::Owner | FieldType::Customer => text.parse::<u64>().map_or_else(|_| text.into(), Into::into),
        FieldType::Emails => text.split("; ").map(str::to_owned).collect::<Vec<_>>().into(),
        _ => text.into(),
    }
}

/// A piece of the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomersJson {
    /// The customers.
    items: Vec<ListedCustomerJson>,
    /// All customers that the filter lets through.
    total: i64,
    /// What `after` takes to go on, if there are more.
    next: Option<u64>,
}

async fn index(ctx: Ctx, query: Query<GridQuery>) -> Result<Response> {
    let query = query.0;
    let per_page = query.get("per_page").parse().unwrap_or(PER_PAGE).clamp(1, MOST);
    let sees_contacts = ctx.actor.can(Permission::ContactView);
    let page = ctx
        .read(move |db| {
            let filter = query.check(db.actor())?;
            queries::list(db, &filter, query.sort(), query.seek(), Reading { per_page, ..Reading::default() })
        })
        .await?;
    let next = page.rows.last().filter(|_| page.has_more).map(|customer| customer.id.0);
    let items = page.rows.iter().map(|customer| ListedCustomerJson::new(customer, sees_contacts)).collect();
    Ok(api::ok(&CustomersJson { items, total: page.totals.count, next }))
}

/// An export that is asked for.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct ExportJson {
    /// `xlsx`, `csv` or `json`.
    format: String,
    /// The filter and the order, by the names of the parameters of the list.
    filter: BTreeMap<String, String>,
    /// The columns by the names of their fields; all when there are none.
    columns: Vec<String>,
}

/// The task that makes the file. Once it has succeeded it names the file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportTaskJson {
    /// The id of the task.
    task_id: u64,
}

async fn export(ctx: Ctx, body: Json<ExportJson>) -> Result<Response> {
    let (t, asked) = (ctx.t, body.value);
    let format = export::format_of(&asked.format)?;
    let columns = lines::named(&asked.columns)?;
    let query = GridQuery::of(asked.filter);
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let export =
            Export { query: query.clone(), columns: columns.clone(), format, manner: Manner::Words(t) };
        query.check(tx.actor())?;
        let task = export.task(t, tx);
        Ok(ExportTaskJson { task_id: tx.enqueue(&task)?.0 })
    })
    .await
}
