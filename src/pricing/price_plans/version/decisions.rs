//! Submitting, approving, rejecting, recalling, withdrawing and discarding a version, from its page.

use serde::Deserialize;

use crate::pricing::price_plans::{commands, list, queries, urls};
use crate::types::ids::PriceVersionId;
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::{Ctx, Form, Path, Response, reason};

use super::pages::show_page;

/// A decision about a version.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DecisionForm {
    /// The version that was read, for the optimistic lock.
    pub version: String,
    /// Why.
    pub reason: String,
    /// Whether the next one that waits shall follow.
    pub queue: String,
}

/// The parameters of the page of a version.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct QueueQuery {
    /// Whether somebody goes through those that wait.
    pub queue: String,
}

impl DecisionForm {
    /// The version that was read; 0, which none has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// The reason, which has to be given.
    pub fn reason(&self) -> Result<String, FieldErrors> {
        reason::required("reason", &self.reason)
    }
}

/// Submits a draft for approval.
pub async fn submit(ctx: Ctx, version: Path<PriceVersionId>, form: Form<DecisionForm>) -> Result<Response> {
    let (id, read) = (*version, form.version());
    let outcome = ctx.write(move |tx| commands::submit(tx, id, read)).await;
    ctx.outcome(outcome, urls::version(id), ctx.t.price_plan_submitted())
}

/// Takes a submitted version back.
pub async fn recall(ctx: Ctx, version: Path<PriceVersionId>, form: Form<DecisionForm>) -> Result<Response> {
    let (id, read) = (*version, form.version());
    let outcome = ctx.write(move |tx| commands::recall(tx, id, read)).await;
    ctx.outcome(outcome, urls::version(id), ctx.t.price_plan_recalled())
}

/// Gives a version up that was never approved.
pub async fn discard(ctx: Ctx, version: Path<PriceVersionId>, form: Form<DecisionForm>) -> Result<Response> {
    let (id, read) = (*version, form.version());
    let outcome = ctx.write(move |tx| commands::discard(tx, id, read)).await;
    ctx.outcome(outcome, urls::version(id), ctx.t.price_plan_discarded())
}

/// Approves a submitted version; on the way through those that wait the next one follows.
pub async fn approve(ctx: Ctx, version: Path<PriceVersionId>, form: Form<DecisionForm>) -> Result<Response> {
    let (id, read) = (*version, form.version());
    let next = next_of(&ctx, id, &form).await?;
    let outcome = ctx.write(move |tx| commands::approve(tx, id, read)).await;
    let url = if outcome.is_ok() { next } else { urls::version(id) };
    ctx.outcome(outcome, url, ctx.t.price_plan_approved())
}

/// Rejects a submitted version, with the reason.
pub async fn reject(ctx: Ctx, version: Path<PriceVersionId>, form: Form<DecisionForm>) -> Result<Response> {
    let (id, read) = (*version, form.version());
    let next = next_of(&ctx, id, &form).await?;
    let outcome = match form.reason() {
        Ok(reason) => ctx.write(move |tx| commands::reject(tx, id, read, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(next, ctx.t.price_plan_rejected())),
        Err(fault) => show_page(&ctx, id, form.0, fault.into_faults("")?).await,
    }
}

/// Withdraws an approved version before its first day, with the reason.
pub async fn withdraw(ctx: Ctx, version: Path<PriceVersionId>, form: Form<DecisionForm>) -> Result<Response> {
    let (id, read) = (*version, form.version());
    let outcome = match form.reason() {
        Ok(reason) => ctx.write(move |tx| commands::withdraw(tx, id, read, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::version(id), ctx.t.price_plan_withdrawn())),
        Err(fault) => show_page(&ctx, id, form.0, fault.into_faults("")?).await,
    }
}

/// Where a decision leads to: the next version that waits where somebody goes through them, else its own page.
async fn next_of(ctx: &Ctx, id: PriceVersionId, form: &DecisionForm) -> Result<String> {
    if form.queue.is_empty() {
        return Ok(urls::version(id));
    }
    let next = ctx
        .read(move |db| {
            let plan = match queries::find(db, Permission::PriceApprove, id) {
                Ok((plan, _)) => plan,
                Err(Error::NotFound) => return Ok(None),
                Err(fault) => return Err(fault),
            };
            let [_, next] = list::queries::beside_waiting(db, &plan.version)?;
            Ok(next)
        })
        .await?;
    Ok(next.map_or_else(urls::waiting, urls::queued))
}
