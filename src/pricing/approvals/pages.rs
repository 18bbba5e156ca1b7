//! Which versions are to be approved. What it would change is a batch, which has a page of its own.

use askama::Template;

use crate::batches;
use crate::batches::BatchKinds;
use crate::batches::model::BatchRow;
use crate::batches::queries::recent;
use crate::db::Db;
use crate::i18n::Tr;
use crate::pricing::price_plans::{self, list};
use crate::types::ids::BatchId;
use crate::types::money::grouped;
use crate::types::{FieldErrors, Result};
use crate::web::ui::{Badge, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::batch::KIND;
use super::forms::ApprovalForm;
use super::{commands, urls};

#[derive(Template)]
#[template(path = "pricing/approvals/new.html")]
struct NewView {
    ui: Ui,
    fields: Fields,
    form: ApprovalForm,
    batch: Option<(BatchId, String, bool)>,
    count: i64,
    recent: Vec<BatchRow>,
}

impl NewView {
    fn counted(&self) -> String {
        grouped(&self.count.to_string())
    }

    fn badge(&self, row: &BatchRow) -> Badge {
        batches::pages::badge(self.ui.t, row)
    }
}

/// What is meant, and how many they are.
pub async fn new(ctx: Ctx, form: Query<ApprovalForm>) -> Result<Response> {
    form_page(&ctx, form.0, FieldErrors::new()).await
}

async fn form_page(ctx: &Ctx, form: ApprovalForm, errors: FieldErrors) -> Result<Response> {
    let (ui, t, faulty) = (ctx.ui(), ctx.t, !errors.is_empty());
    let kinds = ctx.state.part::<BatchKinds>()?;
    let view = ctx
        .read(move |db| {
            let batch = form.batch().map(|id| named(db, &kinds, t, id)).transpose()?.flatten();
            Ok(NewView {
                fields: Fields::with(t, errors),
                count: list::queries::count_waiting(db, &form.meant())?,
                batch,
                recent: recent(db, &KIND)?,
                form,
                ui,
            })
        })
        .await?;
    let page = Page::new(ctx, t.price_approvals_title(), &view);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

/// The batch that opened the versions: its name, and whether whoever looks may see its page.
fn named(db: &mut Db, kinds: &BatchKinds, t: Tr, id: BatchId) -> Result<Option<(BatchId, String, bool)>> {
    let Some(row) = batches::queries::get(db, id)? else { return Ok(None) };
    Ok(Some((id, row.batch.name(t), batches::queries::is_seen(db, kinds, id)?)))
}

/// Works out what would change, and shows it; what only chooses versions gets the page.
pub async fn create(ctx: Ctx, form: Form<ApprovalForm>) -> Result<Response> {
    let form = form.0;
    if form.is_choice() {
        return form_page(&ctx, form, FieldErrors::new()).await;
    }
    let meant = form.meant();
    let planned = ctx.write(move |tx| {
        let nothing = || FieldErrors::one("", |t| t.price_approvals_nothing()).into();
        commands::plan(tx, &meant)?.ok_or_else(nothing)
    });
    match planned.await {
        Ok(id) => Ok(ctx.go(batches::urls::batch(id))),
        Err(fault) => form_page(&ctx, form, fault.into_faults("")?).await,
    }
}
