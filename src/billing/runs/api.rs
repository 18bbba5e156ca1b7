//! Runs over the JSON API: planned and committed by the same commands as on the pages.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::billing::completeness::planning;
use crate::customers::directory;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::types::ids::{BillRunId, CustomerId};
use crate::types::time::machine;
use crate::types::{BillingMonth, Currency, FieldErrors, Permission, Result};
use crate::web::api::{self, Json};
use crate::web::openapi::ApiDoc;
use crate::web::{Ctx, Path, Response, Routes};

use super::model::{BillRun, Scope, Totals};
use super::{commands, queries};

/// The routes of runs in the API.
pub fn routes(r: &mut Routes) {
    r.post("/api/v1/billing/generate", Permission::RunStart, generate)
        .doc(ApiDoc::answers::<RunJson>(Tr::api_runs_generate).takes::<GenerateJson>().creates());
    r.get("/api/v1/billing/runs/{bill_run}", Permission::RunView, show)
        .doc(ApiDoc::answers::<RunJson>(Tr::api_runs_show));
    r.post("/api/v1/billing/runs/{bill_run}/commit", Permission::RunCommit, commit)
        .doc(ApiDoc::answers::<RunJson>(Tr::api_runs_commit).takes::<CommitJson>());
}

/// What is to be planned.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct GenerateJson {
    /// The month, as in 2026-10.
    pub month: String,
    /// The codes of customers; without them, all.
    pub customers: Option<Vec<String>>,
}

impl GenerateJson {
    fn month(&self) -> Result<BillingMonth, FieldErrors> {
        self.month.parse().map_err(|_| FieldErrors::one("month", Tr::run_pages_no_month))
    }

    fn scope(&self, db: &mut Db) -> Result<Scope> {
        let Some(codes) = &self.customers else { return Ok(Scope::All) };
        let codes: Vec<&str> = codes.iter().map(|code| code.trim()).collect();
        let known = directory::queries::ids_by_code(db, &codes)?;
        let id = |code: &&str| {
            known.get(*code).copied().ok_or_else(|| {
                let code = (*code).to_owned();
                FieldErrors::one("customers", move |t: Tr| t.run_pages_no_customer(&code))
            })
        };
        let mut ids = codes.iter().map(id).collect::<Result<Vec<CustomerId>, FieldErrors>>()?;
        ids.sort_unstable();
        ids.dedup();
        Ok(Scope::Customers(ids))
    }
}

/// What was looked at.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CommitJson {
    /// The digest of the plan.
    pub hash: String,
}

/// A run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunJson {
    /// Its id.
    id: u64,
    /// Its month.
    month: String,
    /// `planning`, `planned`, `outdated`, `committing`, `committed`, `discarded` or `failed`.
    state: String,
    /// The digest of all that it was worked out from; null before it is planned. Committing takes it.
    hash: Option<String>,
    /// How many customers it covers, and how many have each outcome.
    counts: BTreeMap<String, u32>,
    /// What the bills come to, by currency.
    totals: Vec<TotalJson>,
    /// Why it is out of date, or could not be planned.
    fault: Option<String>,
    /// The codes of the customers that moved since it was planned.
    moved: Vec<String>,
    /// When it was begun (UTC).
    started_at: String,
    /// When all of it was worked out (UTC).
    planned_at: Option<String>,
    /// When all its bills were written (UTC).
    committed_at: Option<String>,
}

/// What the bills of a run come to in a currency. The four parts of the change sum to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotalJson {
    /// The currency.
    currency: String,
    /// How many bills.
    bills: u32,
    /// What they come to.
    total: String,
    /// What the bills of the month before came to.
    previous: String,
    /// What it is more.
    change: String,
    /// How much of the change is usage.
    usage: String,
    /// How much is prices.
    price: String,
    /// How much is new and lost customers.
    customer: String,
    /// How much was written by hand.
    manual: String,
}

impl TotalJson {
    fn new(sum: &Totals) -> TotalJson {
        let plain = |money: crate::types::Money, currency: Currency| money.plain(currency);
        let currency = sum.currency;
        TotalJson {
            currency: currency.to_string(),
            bills: sum.bills,
            total: plain(sum.total, currency),
            previous: plain(sum.previous, currency),
            change: plain(sum.change, currency),
            usage: plain(sum.usage, currency),
            price: plain(sum.price, currency),
            customer: plain(sum.customer, currency),
            manual: plain(sum.manual, currency),
        }
    }
}

impl RunJson {
    fn new(t: Tr, run: &BillRun) -> Result<RunJson> {
        let fault = run.fault();
        let counts = [
            ("customers", run.customers),
            ("billed", run.billed),
            ("zero", run.zero),
            ("excluded", run.excluded),
            ("failed", run.failed),
            ("look_at", run.look_at),
            ("written", run.written),
            ("left_out", run.left_out),
        ];
        Ok(RunJson {
            id: run.id.0,
            month: run.month().to_string(),
            state: run.state.to_string(),
            hash: run.inputs_hash.clone(),
            counts: counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
            totals: run.totals()?.iter().map(TotalJson::new).collect(),
            moved: fault.iter().flat_map(|fault| &fault.moved).map(|one| one.company_code.clone()).collect(),
            fault: fault.map(|fault| fault.said.text(t).to_owned()),
            started_at: machine(run.started_at),
            planned_at: run.planned_at.map(machine),
            committed_at: run.committed_at.map(machine),
        })
    }
}

async fn generate(ctx: Ctx, body: Json<GenerateJson>) -> Result<Response> {
    let (t, sent) = (ctx.t, body.value);
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx: &mut Tx| {
        queries::reach_all(tx, Permission::RunStart)?;
        let scope = sent.scope(tx)?;
        let id = planning::plan(tx, sent.month()?, &scope)?;
        RunJson::new(t, &queries::find(tx, Permission::RunStart, id)?)
    })
    .await
}

async fn show(ctx: Ctx, run: Path<BillRunId>) -> Result<Response> {
    let (t, id) = (ctx.t, *run);
    let shown = ctx.read(move |db| RunJson::new(t, &queries::find(db, Permission::RunView, id)?)).await?;
    Ok(api::ok(&shown))
}

async fn commit(ctx: Ctx, run: Path<BillRunId>, body: Json<CommitJson>) -> Result<Response> {
    let (t, id, hash) = (ctx.t, *run, body.value.hash);
    api::once(&ctx, &body.hash, StatusCode::OK, move |tx: &mut Tx| {
        queries::find(tx, Permission::RunCommit, id)?;
        commands::commit(tx, id, &hash)?;
        RunJson::new(t, &queries::find(tx, Permission::RunCommit, id)?)
    })
    .await
}
