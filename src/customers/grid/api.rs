//! The list of customers over the JSON API: the same filters as the page, read by key.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::customers::directory::api::{self as customers, CustomerJson};
use crate::i18n::Tr;
use crate::types::{Permission, Result};
use crate::web::api::{self, Json};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Query, Response, Routes};

use super::export::{self, Export, Manner};
use super::forms::GridQuery;
use super::lines;
use super::model::PER_PAGE;
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

/// A piece of the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomersJson {
    /// The customers.
    items: Vec<CustomerJson>,
    /// All customers that the filter lets through.
    total: i64,
    /// What `after` takes to go on, if there are more.
    next: Option<u64>,
}

async fn index(ctx: Ctx, query: Query<GridQuery>) -> Result<Response> {
    let query = query.0;
    let per_page = query.get("per_page").parse().unwrap_or(PER_PAGE).clamp(1, MOST);
    let (items, total, next) = ctx
        .read(move |db| {
            let filter = query.check(db.actor())?;
            let reading = Reading { per_page, ..Reading::default() };
            let page = queries::list(db, &filter, query.sort(), query.seek(), reading)?;
            let next = page.rows.last().filter(|_| page.has_more).map(|customer| customer.id.0);
            Ok((customers::many(db, page.rows)?, page.totals.count, next))
        })
        .await?;
    Ok(api::ok(&CustomersJson { items, total, next }))
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
