//! The page of a day of a source, and what may be done about it.

use askama::Template;
use chrono::NaiveDate;

use crate::accounts::users;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::types::ids::UsageSourceId;
use crate::types::time::parse_day;
use crate::types::{BillingMonth, Error, FieldErrors, Permission, Refusal, Result};
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;
use crate::web::reason::{MAX_REASON, ReasonForm};
use crate::web::ui::{Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::ReplayForm;
use super::model::{Collection, SourceDay};
use super::{commands, queries, rules, urls};

/// The day of a path; what is none is not there.
fn day_of(text: &str) -> Result<NaiveDate> {
    parse_day(text).ok_or(Error::NotFound)
}

#[derive(Template)]
#[template(path = "usage/collection/show.html")]
struct ShowView {
    ui: Ui,
    fields: Fields,
    form: ReasonForm,
    source: UsageSource,
    found: SourceDay,
    kept: Option<Collection>,
    declared_by: Option<String>,
    intake_url: Option<String>,
    task_url: Option<String>,
    no_collect: Option<String>,
    no_declare: Option<String>,
    is_declared: bool,
}

impl ShowView {
    fn before(&self) -> NaiveDate {
        self.found.day.pred_opt().unwrap_or(self.found.day)
    }

    fn after(&self) -> NaiveDate {
        self.found.day.succ_opt().unwrap_or(self.found.day)
    }

    fn is_live(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.state.is_under_way()) && !self.found.state.is_hole()
    }
}

/// A day of a source.
pub async fn show(ctx: Ctx, path: Path<(UsageSourceId, String)>) -> Result<Response> {
    let (source, day) = path.into_inner();
    show_page(&ctx, source, day_of(&day)?, ReasonForm::default(), FieldErrors::new()).await
}

async fn show_page(
    ctx: &Ctx,
    source: UsageSourceId,
    day: NaiveDate,
    form: ReasonForm,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let mut view = ctx.read(move |db| load(db, ui, (source, day), form, errors)).await?;
    let page_of = |kind, id: Option<u64>| id.and_then(|id| ctx.page_of(kind, id));
    view.intake_url = page_of("usage_intake", view.kept.as_ref().and_then(|kept| Some(kept.intake_id?.0)));
    view.task_url = page_of("task", view.kept.as_ref().and_then(|kept| Some(kept.task_id?.0)));
    let month = sources::urls::month(source, BillingMonth::of(day));
    let page = Page::new(ctx, ctx.t.collection_day_title(day, &view.source.name), &view)
        .crumb(ctx.t.sources_title(), sources::urls::INDEX)
        .crumb(view.source.name.clone(), month);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(
    db: &mut Db,
    ui: Ui,
    (source, day): (UsageSourceId, NaiveDate),
    form: ReasonForm,
    errors: FieldErrors,
) -> Result<ShowView> {
    let source = sources::queries::find(db, source)?;
    let (found, kept) = (queries::day(db, &source, day)?, queries::get(db, source.id, day)?);
    let declared_by = match kept.as_ref().and_then(|kept| kept.declared_by) {
        Some(user) => users::queries::get(db, user)?.map(|row| row.user.name),
        None => None,
    };
    let why = |outcome: Result<(), Refusal>| outcome.err().map(|no| no.message.text(ui.t));
    Ok(ShowView {
        fields: Fields::with(ui.t, errors),
        no_collect: why(rules::can_collect(&source, day, day, ui.now)),
        no_declare: why(rules::can_declare(&found, ui.now)),
        is_declared: rules::can_withdraw(kept.as_ref().map(|kept| kept.state)).is_ok(),
        intake_url: None,
        task_url: None,
        declared_by,
        source,
        found,
        kept,
        form,
        ui,
    })
}

/// Has days of a source fetched again.
pub async fn replay(ctx: Ctx, source: Path<UsageSourceId>, form: Form<ReplayForm>) -> Result<Response> {
    let id = *source;
    let outcome = match form.check() {
        Ok((from, to)) => ctx.write(move |tx| Ok((commands::replay(tx, id, from, to)?, from))).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok((asked, from)) => {
            let to = sources::urls::month(id, BillingMonth::of(from));
            Ok(ctx.done(to, ctx.t.collection_asked(asked.asked, asked.under_way)))
        }
        Err(fault) => {
            let month = parse_day(&form.from_day).map(BillingMonth::of);
            let month =
                month.unwrap_or_else(|| BillingMonth::of(crate::types::time::business_day(ctx.now())));
            sources::pages::show_page(&ctx, id, month, Some(form.0), fault.into_faults("from_day")?).await
        }
    }
}

/// Has a day fetched again.
pub async fn replay_day(ctx: Ctx, path: Path<(UsageSourceId, String)>) -> Result<Response> {
    let (source, day) = path.into_inner();
    let day = day_of(&day)?;
    let outcome = ctx.write(move |tx| commands::replay(tx, source, day, day)).await;
    let said = outcome.as_ref().map(|asked| ctx.t.collection_asked(asked.asked, asked.under_way));
    let said = said.unwrap_or_default();
    ctx.outcome(outcome, urls::day(source, day), said)
}

/// Declares a day empty.
pub async fn declare(
    ctx: Ctx,
    path: Path<(UsageSourceId, String)>,
    form: Form<ReasonForm>,
) -> Result<Response> {
    decide(ctx, path, form, commands::declare, |t, day| t.collection_declared(day)).await
}

/// Withdraws that a day is empty.
pub async fn withdraw(
    ctx: Ctx,
    path: Path<(UsageSourceId, String)>,
    form: Form<ReasonForm>,
) -> Result<Response> {
    decide(ctx, path, form, commands::withdraw, |t, day| t.collection_withdrawn(day)).await
}

/// What is done with a day for a reason that somebody gives.
type Deed = fn(&mut Tx, UsageSourceId, NaiveDate, &str) -> Result<()>;

/// Does a thing with a day, and says what was done.
async fn decide(
    ctx: Ctx,
    path: Path<(UsageSourceId, String)>,
    form: Form<ReasonForm>,
    deed: Deed,
    said: fn(Tr, NaiveDate) -> String,
) -> Result<Response> {
    let (source, day) = path.into_inner();
    let day = day_of(&day)?;
    let outcome = match form.check() {
        Ok(reason) => ctx.write(move |tx| deed(tx, source, day, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::day(source, day), said(ctx.t, day))),
        Err(fault) => show_page(&ctx, source, day, form.0, fault.into_faults("reason")?).await,
    }
}
