//! The list of customers over the JSON API: the same filters as the page, read by key.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::i18n::Tr;
use crate::types::time::machine;
use crate::types::{Permission, Result};
use crate::web::api::{self, Json};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Query, Response, Routes};

use super::export::{self, Export, Manner};
use super::forms::GridQuery;
use super::lines;
use super::model::{Column, PER_PAGE};
use super::queries::{self, Reading};

/// The most customers of one answer.
const MOST: usize = 500;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "q", about: Tr::api_customers_q },
    Parameter { name: "status", about: Tr::api_customers_status },
    Parameter { name: "level", about: Tr::api_customers_pick },
    Parameter { name: "account_type", about: Tr::api_customers_pick },
    Parameter { name: "industry", about: Tr::api_customers_pick },
    Parameter { name: "erp_system", about: Tr::api_customers_pick },
    Parameter { name: "settlement_mode", about: Tr::api_customers_pick },
    Parameter { name: "spend_level", about: Tr::api_customers_pick },
    Parameter { name: "source", about: Tr::api_customers_pick },
    Parameter { name: "channel", about: Tr::api_customers_pick },
    Parameter { name: "entity_type", about: Tr::api_customers_entity },
    Parameter { name: "billable", about: Tr::api_customers_yes_no },
    Parameter { name: "disabled", about: Tr::api_customers_yes_no },
    Parameter { name: "owner", about: Tr::api_customers_owner },
    Parameter { name: "sales_owner", about: Tr::api_customers_one_owner },
    Parameter { name: "ops_owner", about: Tr::api_customers_one_owner },
    Parameter { name: "onboarded_from", about: Tr::api_customers_day },
    Parameter { name: "onboarded_to", about: Tr::api_customers_day },
    Parameter { name: "created_from", about: Tr::api_customers_day },
    Parameter { name: "created_to", about: Tr::api_customers_day },
    Parameter { name: "usage_from", about: Tr::api_customers_number },
    Parameter { name: "usage_to", about: Tr::api_customers_number },
    Parameter { name: "deleted", about: Tr::api_customers_deleted },
    Parameter { name: "sort", about: Tr::api_sort },
    Parameter { name: "after", about: Tr::api_customers_after },
    Parameter { name: "per_page", about: Tr::api_per_page },
];

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
        FieldType::Owner | FieldType::Customer => {
            text.parse::<u64>().map_or_else(|_| text.into(), Into::into)
        }
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
    let (page, sight) = ctx
        .read(move |db| {
            let filter = query.check(db.actor())?;
            let reading = Reading { per_page, ..Reading::default() };
            let page = queries::list(db, &filter, query.sort(), query.seek(), reading)?;
            Ok((page, Reach::held(db, Permission::ContactView)?))
        })
        .await?;
    let next = page.rows.last().filter(|_| page.has_more).map(|customer| customer.id.0);
    let sees = |customer: &Customer| sight.as_ref().is_some_and(|reach| reach.covers(&customer.fields));
    let items = page.rows.iter().map(|customer| ListedCustomerJson::new(customer, sees(customer))).collect();
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
