//! Waiving days without usage, from the page of a new run.

use crate::billing::runs;
use crate::types::{BillingMonth, Error, Result};
use crate::web::{Ctx, Form, Response};

use super::commands;
use super::forms::{TakeBackForm, WaiverForm};

/// Waives days.
pub async fn waive(ctx: Ctx, form: Form<WaiverForm>) -> Result<Response> {
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| Ok((commands::waive(tx, &draft)?, draft.month))).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok((waived, month)) => Ok(ctx.done(runs::urls::new_of(month), ctx.t.completeness_waived(waived))),
        Err(fault) => {
            let month = form.month.parse().ok();
            runs::new_pages::show_page(&ctx, month, form.0, fault.into_faults("reason")?).await
        }
    }
}

/// Takes waivers back.
pub async fn take_back(ctx: Ctx, form: Form<TakeBackForm>) -> Result<Response> {
    let month: Option<BillingMonth> = form.month.parse().ok();
    let back = month.map_or_else(|| runs::urls::NEW.to_owned(), runs::urls::new_of);
    let ids = form.0.waiver;
    match ctx.write(move |tx| commands::take_back(tx, &ids)).await {
        Ok(count) => Ok(ctx.done(back, ctx.t.completeness_taken_back(count))),
        Err(fault @ Error::Refused(_)) => Ok(ctx.refused(back, fault.message(ctx.t))),
        Err(fault) => Err(fault),
    }
}
