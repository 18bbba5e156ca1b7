//! Reminding of what is overdue over the JSON API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::{Permission, Result};
use crate::web::api;
use crate::web::openapi::ApiDoc;
use crate::web::{Ctx, Response, Routes};

use super::pages;

/// The routes of dunning in the API.
pub fn routes(r: &mut Routes) {
    r.post("/api/v1/billing/overdue-remind", Permission::BillSend, remind)
        .doc(ApiDoc::answers::<RemindedJson>(Tr::api_billing_remind));
}

/// What came of reminding. Sent again, it finds done what was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemindedJson {
    /// Of how many bills somebody was reminded.
    reminded: u64,
    /// How many were passed over because they are disputed.
    disputed: u64,
    /// How many were passed over because payment is promised.
    promised: u64,
    /// The numbers of those whose customers have no address to write to.
    without_address: Vec<String>,
}

async fn remind(ctx: Ctx) -> Result<Response> {
    let tally = pages::remind_all(&ctx).await?;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Ok(api::ok(&RemindedJson {
        reminded: count(tally.reminded),
        disputed: count(tally.disputed),
        promised: count(tally.promised),
        without_address: tally.without_address,
    }))
}
