//! Bills over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog;
use crate::customers::directory::model::Customer;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::pricing::explanation::Explanation;
use crate::types::ids::BillId;
use crate::types::time::{business_day, machine};
use crate::types::{FieldErrors, Permission, Result};
use crate::web::api::Version;
use crate::web::api::{self, Json, PageJson};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::explained;
use super::forms::DeedForm;
use super::list_forms::BillQuery;
use super::model::{Bill, BillLine};
use super::{commands, listing, queries};

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "customer", about: Tr::api_bills_customer },
    Parameter { name: "number", about: Tr::api_bills_number },
    Parameter { name: "month", about: Tr::api_bills_month },
    Parameter { name: "state", about: Tr::api_bills_state },
    Parameter { name: "settlement", about: Tr::api_bills_settlement },
    Parameter { name: "only", about: Tr::api_bills_only },
    Parameter { name: "min", about: Tr::api_bills_min },
    Parameter { name: "max", about: Tr::api_bills_max },
    Parameter { name: "sort", about: Tr::api_sort },
    Parameter { name: "page", about: Tr::api_page },
    Parameter { name: "per_page", about: Tr::api_per_page },
];

/// The routes of bills in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/bills", Permission::BillView, index)
        .doc(ApiDoc::answers::<PageJson<BillJson>>(Tr::api_bills_index).with(PARAMETERS));
    r.get("/api/v1/bills/{bill}", Permission::BillView, show)
        .doc(ApiDoc::answers::<BillJson>(Tr::api_bills_show));
    r.get("/api/v1/bills/{bill}/explanation", Permission::BillView, explanation).doc(ApiDoc::answers::<
        ExplanationJson,
    >(
        Tr::api_bills_explanation,
    ));
    r.post("/api/v1/bills/{bill}/submit", Permission::BillEdit, submit)
        .doc(ApiDoc::answers::<BillJson>(Tr::api_bills_submit).takes::<BillDeedJson>());
    r.post("/api/v1/bills/{bill}/recall", Permission::BillEdit, recall)
        .doc(ApiDoc::answers::<BillJson>(Tr::api_bills_recall).takes::<BillDeedJson>());
    r.post("/api/v1/bills/{bill}/review", Permission::BillApprove, review)
        .doc(ApiDoc::answers::<BillJson>(Tr::api_bills_review).takes::<ReviewJson>());
    r.post("/api/v1/bills/{bill}/void", Permission::BillVoid, void)
        .doc(ApiDoc::answers::<BillJson>(Tr::api_bills_void).takes::<BillDeedJson>());
}

/// Something that is done with a bill.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct BillDeedJson {
    /// The version that was read, as a number or a text, for the optimistic lock; or as `If-Match`.
    #[schema(value_type = String)]
    pub version: Version,
    /// Why: of a bill that is voided.
    pub reason: String,
}

/// A decision about a bill.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReviewJson {
    /// `approve` or `reject`.
    pub decision: String,
    /// The version that was read, as a number or a text, for the optimistic lock; or as `If-Match`.
    #[schema(value_type = String)]
    pub version: Version,
    /// Why: of a rejection.
    pub reason: String,
}

/// A bill.
#[derive(Debug, Serialize, ToSchema)]
pub struct BillJson {
    /// Its id.
    id: u64,
    /// Its number.
    number: String,
    /// `monthly`.
    kind: String,
    /// The code of the customer.
    customer: String,
    /// The month, as `2026-10`.
    month: String,
    /// The currency of all amounts.
    currency: String,
    /// `draft`, `pending_review`, `approved`, `sent` or `void`.
    state: String,
    /// `open`, `partially_paid`, `paid` or `written_off`.
    settlement: String,
    /// The sum of its lines.
    total: String,
    /// What credit notes have taken back.
    credited: String,
    /// What payments have settled.
    settled: String,
    /// What was given up.
    written_off: String,
    /// What is left to be paid.
    balance: String,
    /// When it was sent (UTC).
    sent_at: Option<String>,
    /// Until when it is to be paid.
    due_on: Option<NaiveDate>,
    /// Whether that day has passed, and something is left to be paid.
    overdue: bool,
    /// Whether the customer disputes something.
    disputed: bool,
    /// The number of its invoice, the tax document.
    invoice_number: Option<String>,
    /// The id of the bill that it was issued again for.
    reissue_of: Option<u64>,
    /// How many people have approved it since it was submitted last; of one bill only.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvals: Option<u8>,
    /// Its lines; of one bill only.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<BillLineJson>>,
    /// Counts its changes; send it back with a decision, or as `If-Match`.
    version: u32,
}

/// A line of a bill.
#[derive(Debug, Serialize, ToSchema)]
pub struct BillLineJson {
    /// Its place on the bill.
    position: u16,
    /// `usage`, `annual_fee`, `overage`, `minimum`, `cap`, `discount`, `late` or `manual`.
    kind: String,
    /// What it is for, in words.
    title: String,
    /// The first day that it covers.
    from: NaiveDate,
    /// The last day that it covers.
    until: NaiveDate,
    /// How much was used.
    quantity: Option<String>,
    /// The amount.
    amount: String,
    /// The number of the version of prices that it follows from.
    price_version: Option<u32>,
    /// The id of the bill that late usage should have been on.
    late_of: Option<u64>,
    /// The month that late usage is of.
    late_month: Option<String>,
    /// Why somebody wrote it by hand.
    reason: Option<String>,
}

/// How a bill was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplanationJson {
    /// Its number.
    number: String,
    /// The sum of its lines.
    total: String,
    /// Its lines.
    lines: Vec<ExplainedJson>,
}

/// A line, and how it was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedJson {
    /// Its place on the bill.
    position: u16,
    /// What it is for, in words.
    title: String,
    /// The amount.
    amount: String,
    /// How it was found, from which alone it can be found again.
    #[schema(value_type = Object)]
    explanation: Explanation,
    /// The same in whole sentences.
    text: Vec<String>,
}

impl BillJson {
    fn new(today: NaiveDate, bill: &Bill, customer: &Customer) -> BillJson {
        BillJson {
            id: bill.id.0,
            number: bill.number.clone(),
            kind: bill.kind.to_string(),
            customer: customer.fields.company_code.clone(),
            month: bill.month().to_string(),
            currency: bill.currency.to_string(),
            state: bill.document_state.to_string(),
            settlement: bill.settlement_state.to_string(),
            total: bill.total_amount.to_string(),
            credited: bill.credited_amount.to_string(),
            settled: bill.settled_amount.to_string(),
            written_off: bill.written_off_amount.to_string(),
            balance: bill.balance().0.to_string(),
            sent_at: bill.sent_at.map(machine),
            due_on: bill.due_on,
            overdue: bill.is_overdue(today),
            disputed: bill.open_disputes > 0,
            invoice_number: bill.invoice_number.clone(),
            reissue_of: bill.reissue_of.map(|id| id.0),
            approvals: None,
            lines: None,
            version: bill.version,
        }
    }
}

/// One bill with its lines, within the reach of `permission`.
fn one(db: &mut Db, t: Tr, permission: Permission, id: BillId) -> Result<BillJson> {
    let (bill, customer) = queries::find(db, permission, id)?;
    let meters = catalog::meters::queries::all(db)?;
    let past = queries::pasts(db, std::slice::from_ref(&bill))?.remove(&id).unwrap_or_default();
    let line = |line: &BillLine| BillLineJson {
        position: line.position,
        kind: line.kind.to_string(),
        title: explained::title(t, &meters, line),
        from: line.from_on,
        until: line.until_on,
        quantity: line.quantity.map(|quantity| quantity.normalize().to_string()),
        amount: line.amount.to_string(),
        price_version: line.price_number,
        late_of: line.late_of.map(|id| id.0),
        late_month: line.late_month.map(|day| crate::types::BillingMonth::of(day).to_string()),
        reason: line.reason.clone(),
    };
    let lines = queries::lines(db, id)?.iter().map(line).collect();
    Ok(BillJson {
        approvals: Some(past.approvals),
        lines: Some(lines),
        ..BillJson::new(business_day(db.now()), &bill, &customer)
    })
}

async fn index(ctx: Ctx, query: Query<BillQuery>) -> Result<Response> {
    let query = query.0;
    let listing = ctx
        .read(move |db| {
            let filter = query.check(db.actor())?;
            let (found, _) = listing::list(db, &filter, query.sort(&filter), query.page_with_size())?;
            let today = business_day(db.now());
            Ok(found.map(|row| BillJson::new(today, &row.bill, &row.customer)))
        })
        .await?;
    Ok(api::ok(&PageJson::from(listing)))
}

async fn show(ctx: Ctx, bill: Path<BillId>) -> Result<Response> {
    let (id, t) = (*bill, ctx.t);
    let shown = ctx.read(move |db| one(db, t, Permission::BillView, id)).await?;
    Ok(api::tagged(shown.version, &shown))
}

async fn explanation(ctx: Ctx, bill: Path<BillId>) -> Result<Response> {
    let (id, t) = (*bill, ctx.t);
    let shown = ctx
        .read(move |db| {
            let (bill, _) = queries::find(db, Permission::BillView, id)?;
            explain(db, t, &bill)
        })
        .await?;
    Ok(api::ok(&shown))
}

/// How each line of a bill was found: what the API and the command line answer.
///
/// # Errors
/// When a line was written by something else than this program.
pub fn explain(db: &mut Db, t: Tr, bill: &Bill) -> Result<ExplanationJson> {
    let meters = catalog::meters::queries::all(db)?;
    let line = |line: &BillLine| {
        let explanation = line.explanation()?;
        Ok(ExplainedJson {
            position: line.position,
            title: explained::title(t, &meters, line),
            amount: line.amount.to_string(),
            text: explanation.text(t),
            explanation,
        })
    };
    let lines = queries::lines(db, bill.id)?.iter().map(line).collect::<Result<_>>()?;
    Ok(ExplanationJson { number: bill.number.clone(), total: bill.total_amount.to_string(), lines })
}

impl ExplanationJson {
    /// The same as a text for people: each line, and below it how it was found.
    pub fn plain(&self) -> String {
        let mut text = vec![format!("{}  {}", self.number, self.total)];
        for line in &self.lines {
            text.push(format!("{:>3}  {}  {}", line.position, line.amount, line.title));
            text.extend(line.text.iter().map(|sentence| format!("       {sentence}")));
        }
        text.join("\n")
    }
}

/// A thing that is done with a bill.
type Deed = fn(&mut Tx, BillId, u32, &DeedForm) -> Result<()>;

/// Does a thing with the bill that was read, and answers with what became of it.
async fn decide(
    ctx: Ctx,
    bill: Path<BillId>,
    (hash, version): (String, Version),
    form: DeedForm,
    permission: Permission,
    deed: Deed,
) -> Result<Response> {
    let (id, t, tag) = (*bill, ctx.t, api::if_match(&ctx));
    let sent = version.to_string();
    api::once(&ctx, &hash, StatusCode::OK, move |tx| {
        queries::find(tx, permission, id)?;
        deed(tx, id, api::version(tag.as_deref(), &sent)?, &form)?;
        one(tx, t, permission, id)
    })
    .await
}

/// A thing that is done without more than a reason.
async fn act(
    ctx: Ctx,
    bill: Path<BillId>,
    body: Json<BillDeedJson>,
    permission: Permission,
    deed: Deed,
) -> Result<Response> {
    let form = DeedForm { reason: body.value.reason, ..DeedForm::default() };
    decide(ctx, bill, (body.hash, body.value.version), form, permission, deed).await
}

async fn submit(ctx: Ctx, bill: Path<BillId>, body: Json<BillDeedJson>) -> Result<Response> {
    act(ctx, bill, body, Permission::BillEdit, |tx, id, read, _| commands::submit(tx, id, read)).await
}

async fn recall(ctx: Ctx, bill: Path<BillId>, body: Json<BillDeedJson>) -> Result<Response> {
    act(ctx, bill, body, Permission::BillEdit, |tx, id, read, _| commands::recall(tx, id, read)).await
}

async fn void(ctx: Ctx, bill: Path<BillId>, body: Json<BillDeedJson>) -> Result<Response> {
    act(ctx, bill, body, Permission::BillVoid, |tx, id, read, form| {
        commands::void(tx, id, read, &form.reason()?)
    })
    .await
}

async fn review(ctx: Ctx, bill: Path<BillId>, body: Json<ReviewJson>) -> Result<Response> {
    let ReviewJson { decision, version, reason } = body.value;
    let form = DeedForm { reason, decision, ..DeedForm::default() };
    decide(ctx, bill, (body.hash, version), form, Permission::BillApprove, |tx, id, read, form| {
        match form.decision.trim() {
            "approve" => commands::approve(tx, id, read),
            "reject" => commands::reject(tx, id, read, &form.reason()?),
            "" => Err(FieldErrors::one("decision", Tr::field_required).into()),
            _ => Err(FieldErrors::one("decision", Tr::field_unknown_choice).into()),
        }
    })
    .await
}
