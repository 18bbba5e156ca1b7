//! The pages of months: all of them, and one with its checklist and what may be done about it.

use askama::Template;

use crate::accounts::users;
use crate::billing::runs;
use crate::db::Db;
use crate::db::listing::{Listing, PageRequest};
use crate::types::ids::UserId;
use crate::types::time::business_day;
use crate::types::{BillingMonth, Error, FieldErrors, Permission, Result};
use crate::web::ui::{Badge, Fields, Pager, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{MAX_REASON, MonthForm};
use super::model::{Checked, Item, MonthRow, MonthState, Reopening, ReopeningState};
use super::{checking, commands, findings, queries, rules, urls};

/// The month of a path; what is none is not there.
fn month_of(text: &str) -> Result<BillingMonth> {
    text.parse().map_err(|_| Error::NotFound)
}

/// The parameters of the list.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct MonthQuery {
    /// The page.
    pub page: String,
}

#[derive(Template)]
#[template(path = "billing/closing/index.html")]
struct IndexView {
    ui: Ui,
    rows: Vec<(MonthRow, Badge, String)>,
    pager: Pager,
}

/// All months.
pub async fn index(ctx: Ctx, query: Query<MonthQuery>) -> Result<Response> {
    let (ui, page) = (ctx.ui(), PageRequest::parse(&query.page));
    let view = ctx
        .read(move |db| {
            runs::queries::reach_all(db, Permission::RunView)?;
            let months = queries::months(db)?;
            let total = i64::try_from(months.len()).unwrap_or(i64::MAX);
            let page = page.within(total);
            let (skip, take) = (page.offset(), page.per_page);
            let skip = usize::try_from(skip).unwrap_or_default();
            let shown: Vec<BillingMonth> =
                months.into_iter().skip(skip).take(usize::try_from(take).unwrap_or(50)).collect();
            let rows = queries::rows(db, &shown)?;
            let names = names(db, rows.iter().filter_map(|row| row.since?.1))?;
            let listing = Listing { rows, total, page };
            let pager = Pager::new(&ui, &listing);
            let rows = listing.rows.into_iter().map(|row| {
                let who = row.since.map(|(_, user)| named(&ui, &names, user)).unwrap_or_default();
                (row.clone(), Badge::new(row.state.tone(), row.state.label(ui.t)), who)
            });
            Ok(IndexView { rows: rows.collect(), pager, ui })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.months_title(), &view).listing().respond())
}

type Names = std::collections::BTreeMap<UserId, String>;

fn names(db: &mut Db, users: impl Iterator<Item = UserId>) -> Result<Names> {
    let ids: Vec<UserId> = users.collect();
    let people = users::queries::people_of(db, &ids)?;
    Ok(people.into_iter().map(|(id, person)| (id, person.name)).collect())
}

fn named(ui: &Ui, names: &Names, user: Option<UserId>) -> String {
    let known = user.and_then(|user| names.get(&user).cloned());
    known.unwrap_or_else(|| ui.t.audit_system().to_owned())
}

/// An item as the page shows it.
struct Line {
    label: String,
    badge: Badge,
    said: String,
    checked: Checked,
    signer: String,
    /// Whether its form came back with a fault.
    is_asked: bool,
}

#[derive(Template)]
#[template(path = "billing/closing/show.html")]
struct ShowView {
    ui: Ui,
    fields: Fields,
    form: MonthForm,
    row: MonthRow,
    badge: Badge,
    who: String,
    lines: Vec<Line>,
    reopenings: Vec<(Reopening, Badge, String, String)>,
    no_close: Option<String>,
    no_decide: Option<String>,
    is_checking: bool,
}

impl ShowView {
    fn is_closed(&self) -> bool {
        self.row.state == MonthState::Closed
    }

    fn asked(&self) -> Option<&Reopening> {
        self.reopenings.iter().map(|(one, ..)| one).find(|one| one.state == ReopeningState::Asked)
    }

    fn may_close(&self) -> bool {
        runs::pages::reaches_all(&self.ui, Permission::MonthClose)
    }

    fn may_reopen(&self) -> bool {
        runs::pages::reaches_all(&self.ui, Permission::MonthReopen)
    }

    fn open(&self) -> usize {
        self.lines.iter().filter(|line| line.checked.is_open()).count()
    }
}

/// A month.
pub async fn show(ctx: Ctx, month: Path<String>) -> Result<Response> {
    show_page(&ctx, month_of(&month)?, MonthForm::default(), FieldErrors::new()).await
}

async fn show_page(ctx: &Ctx, month: BillingMonth, form: MonthForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx.read(move |db| load(db, ui, month, form, errors)).await?;
    let page = Page::new(ctx, month.to_string(), &view).crumb(ctx.t.months_title(), urls::INDEX);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(db: &mut Db, ui: Ui, month: BillingMonth, form: MonthForm, errors: FieldErrors) -> Result<ShowView> {
    runs::queries::reach_all(db, Permission::RunView)?;
    let row = queries::row(db, month)?;
    let items = findings::of(db, month)?;
    let reopenings = queries::reopenings(db, month)?;
    let signers = items.iter().filter_map(|item| item.signature.as_ref()?.signed_by);
    let askers = reopenings.iter().flat_map(|one| [one.asked_by, one.decided_by]).flatten();
    let names = names(db, signers.chain(askers).chain(row.since.and_then(|since| since.1)))?;
    let today = business_day(db.now());
    let no_close = rules::can_close(month, row.state, &items, today).err();
    let asked = reopenings.iter().find(|one| one.state == ReopeningState::Asked);
    let no_decide = asked.and_then(|asked| rules::can_decide(asked, ui.actor.user_id).err());
    let task = crate::tasks::queries::latest(db, checking::TASK, &month.to_string())?;
    let chosen: Option<Item> = form.item.parse().ok().filter(|_| !errors.is_empty());
    let shown = |one: Reopening| {
        let badge = Badge::new(one.state.tone(), one.state.label(ui.t));
        let (who, decider) = (named(&ui, &names, one.asked_by), named(&ui, &names, one.decided_by));
        (one, badge, who, decider)
    };
    Ok(ShowView {
        fields: Fields::with(ui.t, errors),
        badge: Badge::new(row.state.tone(), row.state.label(ui.t)),
        who: row.since.map(|(_, user)| named(&ui, &names, user)).unwrap_or_default(),
        lines: items.into_iter().map(|item| line(&ui, &names, chosen, item)).collect(),
        reopenings: reopenings.into_iter().map(shown).collect(),
        no_close: no_close.map(|no| no.message.text(ui.t)),
        no_decide: no_decide.map(|no| no.message.text(ui.t)),
        is_checking: task.is_some_and(|task| !task.state.is_over()),
        row,
        form,
        ui,
    })
}

fn line(ui: &Ui, names: &Names, asked: Option<Item>, checked: Checked) -> Line {
    let t = ui.t;
    let badge = match (&checked.signature, checked.finding.is_clean) {
        (_, true) => Badge::new(Tone::Ok, t.closing_in_order()),
        (Some(_), false) => Badge::new(Tone::Warn, t.closing_signed()),
        (None, false) => Badge::new(Tone::Bad, t.closing_open()),
    };
    let signer = checked.signature.as_ref().map(|signature| named(ui, names, signature.signed_by));
    Line {
        label: checked.finding.item.label(t),
        badge,
        said: checked.finding.said.text(t).to_owned(),
        signer: signer.unwrap_or_default(),
        is_asked: asked == Some(checked.finding.item),
        checked,
    }
}

/// Has the invariants looked at.
pub async fn check(ctx: Ctx, month: Path<String>) -> Result<Response> {
    let month = month_of(&month)?;
    let outcome = ctx.write(move |tx| commands::check(tx, month)).await;
    ctx.outcome(outcome, urls::month(month), ctx.t.closing_check_asked())
}

/// Signs a difference.
pub async fn sign(ctx: Ctx, month: Path<String>, form: Form<MonthForm>) -> Result<Response> {
    let month = month_of(&month)?;
    let digest = form.digest.clone();
    let outcome = match form.check_signature() {
        Ok((item, reason)) => ctx.write(move |tx| commands::sign(tx, month, item, &digest, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    let done = |ctx: &Ctx| ctx.t.closing_signed_done().to_owned();
    answer(&ctx, month, form.0, outcome, done).await
}

/// Closes a month.
pub async fn close(ctx: Ctx, month: Path<String>) -> Result<Response> {
    let month = month_of(&month)?;
    let outcome = ctx.write(move |tx| commands::close(tx, month)).await;
    ctx.outcome(outcome, urls::month(month), ctx.t.months_closed(month))
}

/// Asks for a closed month to be opened again.
pub async fn ask(ctx: Ctx, month: Path<String>, form: Form<MonthForm>) -> Result<Response> {
    let month = month_of(&month)?;
    let outcome = match form.check() {
        Ok(reason) => ctx.write(move |tx| commands::ask(tx, month, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    answer(&ctx, month, form.0, outcome, |ctx| ctx.t.months_reopening_asked().to_owned()).await
}

/// Opens a month that somebody asks for.
pub async fn approve(ctx: Ctx, month: Path<String>) -> Result<Response> {
    let month = month_of(&month)?;
    let outcome = ctx.write(move |tx| commands::approve(tx, month)).await;
    ctx.outcome(outcome, urls::month(month), ctx.t.months_reopened(month))
}

/// Leaves a month closed that somebody asks for.
pub async fn reject(ctx: Ctx, month: Path<String>, form: Form<MonthForm>) -> Result<Response> {
    let month = month_of(&month)?;
    let outcome = match form.check() {
        Ok(reason) => ctx.write(move |tx| commands::reject(tx, month, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    answer(&ctx, month, form.0, outcome, |ctx| ctx.t.months_reopening_rejected().to_owned()).await
}

/// Goes back to the month; a form with faults comes back with what was typed.
async fn answer(
    ctx: &Ctx,
    month: BillingMonth,
    form: MonthForm,
    outcome: Result<()>,
    done: impl Fn(&Ctx) -> String,
) -> Result<Response> {
    match outcome {
        Ok(()) => Ok(ctx.done(urls::month(month), done(ctx))),
        Err(fault @ (Error::Refused(_) | Error::Stale)) => {
            Ok(ctx.refused(urls::month(month), fault.message(ctx.t)))
        }
        Err(fault) => show_page(ctx, month, form, fault.into_faults("reason")?).await,
    }
}
