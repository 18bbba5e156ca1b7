//! What is done with a bill from its page, and with several from their list.

use crate::i18n::Tr;
use crate::types::ids::BillId;
use crate::types::{Error, Permission, Refusal, Result};
use crate::web::{Ctx, Form, Path, Response};

use super::forms::{ChosenForm, DeedForm};
use super::show_pages::{Sent, show_page};
use super::{commands, queries, review, urls};

/// Submits a draft for review.
pub async fn submit(ctx: Ctx, bill: Path<BillId>, form: Form<DeedForm>) -> Result<Response> {
    let (id, read) = (*bill, form.version());
    let outcome = ctx.write(move |tx| commands::submit(tx, id, read)).await;
    ctx.outcome(outcome, urls::bill(id), ctx.t.bill_submitted())
}

/// Takes a submitted bill back.
pub async fn recall(ctx: Ctx, bill: Path<BillId>, form: Form<DeedForm>) -> Result<Response> {
    let (id, read) = (*bill, form.version());
    let outcome = ctx.write(move |tx| commands::recall(tx, id, read)).await;
    ctx.outcome(outcome, urls::bill(id), ctx.t.bill_recalled())
}

/// Approves a bill; on the way through those that wait the next one follows.
pub async fn approve(ctx: Ctx, bill: Path<BillId>, form: Form<DeedForm>) -> Result<Response> {
    let (id, read) = (*bill, form.version());
    let next = next_of(&ctx, id, &form).await?;
    let outcome = ctx.write(move |tx| commands::approve(tx, id, read)).await;
    let url = if outcome.is_ok() { next } else { urls::bill(id) };
    ctx.outcome(outcome, url, ctx.t.bill_approved())
}

/// Rejects a bill, with the reason.
pub async fn reject(ctx: Ctx, bill: Path<BillId>, form: Form<DeedForm>) -> Result<Response> {
    let (id, read) = (*bill, form.version());
    let next = next_of(&ctx, id, &form).await?;
    let outcome = match form.reason() {
        Ok(reason) => ctx.write(move |tx| commands::reject(tx, id, read, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(next, ctx.t.bill_rejected())),
        Err(fault) => show_page(&ctx, id, Sent::rejection(form.0), fault.into_faults("")?).await,
    }
}

/// Voids a bill that was not sent, with the reason.
pub async fn void(ctx: Ctx, bill: Path<BillId>, form: Form<DeedForm>) -> Result<Response> {
    let (id, read) = (*bill, form.version());
    let outcome = match form.reason() {
        Ok(reason) => ctx.write(move |tx| commands::void(tx, id, read, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::bill(id), ctx.t.bill_voided())),
        Err(fault) => show_page(&ctx, id, Sent::void(form.0), fault.into_faults("")?).await,
    }
}

/// Notes the invoice of a sent bill.
pub async fn invoice(ctx: Ctx, bill: Path<BillId>, form: Form<DeedForm>) -> Result<Response> {
    let (id, read) = (*bill, form.version());
    let outcome = match form.invoice_number() {
        Ok(number) => ctx.write(move |tx| commands::invoice(tx, id, read, &number)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::bill(id), ctx.t.bill_invoiced())),
        Err(fault) => show_page(&ctx, id, Sent::invoice(form.0), fault.into_faults("")?).await,
    }
}

/// Takes the invoice of a bill back, with the reason.
pub async fn uninvoice(ctx: Ctx, bill: Path<BillId>, form: Form<DeedForm>) -> Result<Response> {
    let (id, read) = (*bill, form.version());
    let outcome = match form.reason() {
        Ok(reason) => ctx.write(move |tx| commands::uninvoice(tx, id, read, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::bill(id), ctx.t.bill_uninvoiced())),
        Err(fault) => show_page(&ctx, id, Sent::invoice(form.0), fault.into_faults("")?).await,
    }
}

/// Submits the bills that were chosen.
pub async fn submit_chosen(ctx: Ctx, form: Form<ChosenForm>) -> Result<Response> {
    let shown = form.shown();
    let outcomes = ctx.write(move |tx| commands::each(tx, &shown, commands::submit)).await?;
    Ok(told(&ctx, urls::INDEX, &outcomes, Tr::bill_submitted_many))
}

/// Approves the bills that were chosen.
pub async fn approve_chosen(ctx: Ctx, form: Form<ChosenForm>) -> Result<Response> {
    let shown = form.shown();
    let outcomes = ctx.write(move |tx| commands::approve_shown(tx, &shown)).await?;
    Ok(told(&ctx, urls::INDEX, &outcomes, Tr::bill_approved_many))
}

/// Voids the bills that were chosen, with the reason.
pub async fn void_chosen(ctx: Ctx, form: Form<ChosenForm>) -> Result<Response> {
    let (shown, given) = (form.shown(), DeedForm { reason: form.0.reason, ..DeedForm::default() });
    let Ok(reason) = given.reason() else {
        return Ok(ctx.refused(ctx.page_or(urls::INDEX), ctx.t.bill_void_needs_reason()));
    };
    let outcomes = ctx
        .write(move |tx| commands::each(tx, &shown, |tx, id, read| commands::void(tx, id, read, &reason)))
        .await?;
    Ok(told(&ctx, urls::INDEX, &outcomes, Tr::bill_voided_many))
}

/// Says what became of several: how many were done, how many not, and why the first was not.
pub(super) fn told(
    ctx: &Ctx,
    from: &str,
    outcomes: &[(BillId, Option<Refusal>)],
    say: fn(Tr, usize) -> String,
) -> Response {
    let url = ctx.page_or(from);
    let done = outcomes.iter().filter(|(_, refusal)| refusal.is_none()).count();
    let refused = outcomes.len() - done;
    let Some(why) = outcomes.iter().find_map(|(_, refusal)| refusal.as_ref()) else {
        return if done == 0 {
            ctx.refused(url, ctx.t.bill_none_chosen())
        } else {
            ctx.done(url, say(ctx.t, done))
        };
    };
    let left = ctx.t.bill_left_out(refused, why.message.text(ctx.t));
    if done == 0 { ctx.refused(url, left) } else { ctx.done(url, format!("{} {left}", say(ctx.t, done))) }
}

/// Where a decision leads to: the next bill that waits where somebody goes through them, else its own page.
async fn next_of(ctx: &Ctx, id: BillId, form: &DeedForm) -> Result<String> {
    if form.queue.is_empty() {
        return Ok(urls::bill(id));
    }
    let next = ctx
        .read(move |db| {
            let bill = match queries::find(db, Permission::BillApprove, id) {
                Ok((bill, _)) => bill,
                Err(Error::NotFound) => return Ok(None),
                Err(fault) => return Err(fault),
            };
            let [_, next] = review::beside(db, &bill)?;
            Ok(next)
        })
        .await?;
    Ok(next.map_or_else(|| urls::REVIEW.to_owned(), urls::queued))
}
