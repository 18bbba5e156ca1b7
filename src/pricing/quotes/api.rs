//! Quotes over the JSON API.

use serde_json::json;
use utoipa::ToSchema;

use crate::i18n::{Message, Tr};
use crate::types::{Error, Result};
use crate::web::api::{self, Text};
use crate::web::openapi::ApiDoc;
use crate::web::{Access, Ctx, Response, Routes};

use super::answers::{Answer, Answers, RefusedJson, answers};

/// The most questions of a request.
const MAX_QUESTIONS: usize = 1_000;

/// The routes of quotes in the API.
pub fn routes(r: &mut Routes) {
    r.post("/api/v1/pricing/quote", Access::SignedIn, quote)
        .doc(ApiDoc::answers::<Answer>(Tr::api_pricing_quote).takes::<QuestionJson>());
}

/// A question: a price, its terms, and a quantity. An array of questions gets an array of answers. All numbers may be
/// written as texts.
#[derive(Debug, ToSchema)]
pub struct QuestionJson {
    /// `standard`, `graduated`, `volume`, `block` or `annual_package`.
    pub model: String,
    /// What was used in the month.
    pub quantity: Option<String>,
    /// `standard`: the price of one.
    pub unit_price: Option<String>,
    /// `graduated` and `volume`: the tiers, the lowest first; the last without `up_to`.
    pub tiers: Option<Vec<TierJson>>,
    /// `graduated` and `volume`: whether the flat fee of the first tier is due even when nothing was used.
    pub charge_when_zero: Option<bool>,
    /// `block`: the units of a block.
    pub block_size: Option<String>,
    /// `block`: the units that are free.
    pub free_units: Option<String>,
    /// `block`: the price of a block.
    pub block_price: Option<String>,
    /// `annual_package`: the fee of a year.
    pub annual_fee: Option<String>,
    /// `annual_package`: what it includes; absent for all.
    pub included: Option<String>,
    /// `annual_package`: the price of a unit beyond.
    pub overage_price: Option<String>,
    /// `annual_package`: which month of the contract year it is, from 1 to 12.
    pub month_index: Option<u8>,
    /// `annual_package`: what was used in the contract year up to the end of this month.
    pub cumulative_quantity: Option<String>,
    /// `annual_package`: the overage that was billed in the contract year before.
    pub billed_overage: Option<String>,
    /// What a month with usage costs at least.
    pub minimum: Option<String>,
    /// What a month costs at most.
    pub cap: Option<String>,
    /// What is taken off in the end, in percent.
    pub discount_percent: Option<String>,
    /// `CNY`, `USD` or `IDR`; absent for `CNY`.
    pub currency: Option<String>,
}

/// A tier of a question.
#[derive(Debug, ToSchema)]
pub struct TierJson {
    /// Where it begins, to be checked: the `up_to` before it, or the whole number after that.
    pub from: Option<String>,
    /// The largest quantity that it covers; absent for the last.
    pub up_to: Option<String>,
    /// The price of one.
    pub unit_price: String,
    /// What is due as soon as the quantity enters the tier.
    pub flat_fee: Option<String>,
}

async fn quote(ctx: Ctx, body: Text) -> Result<Response> {
    let answers = answers(&body.0, MAX_QUESTIONS, ctx.t).map_err(|many| {
        Error::BadRequest(413, Message::new(move |t| t.pricing_fault_questions(many.count, MAX_QUESTIONS)))
    })?;
    if let Some(fault) = answers.unreadable() {
        let message = fault.message.clone();
        return Err(Error::bad_request(move |_| message.clone()));
    }
    match &answers {
        Answers::Many(all) if all.is_empty() => Err(Error::bad_request(Tr::pricing_fault_no_questions)),
        Answers::One(answer) => Ok(one(answer)),
        Answers::Many(_) => Ok(api::ok(&answers)),
    }
}

/// The answer to one question; a refused one is a problem to whoever looks at the status only, and has its `error` beside.
fn one(answer: &Answer) -> Response {
    let Answer::Refused(RefusedJson { error }) = answer else { return api::ok(answer) };
    let body = json!({
        "type": "urn:opcms:problem:invalid",
        "status": 422,
        "code": "invalid",
        "detail": error.message,
        "errors": [error],
        "error": error,
    });
    Response::UnprocessableEntity().content_type("application/problem+json").body(body.to_string())
}
