//! The page of one record of the quarantine: what was sent, why it was caught, and the forms that decide.

use std::collections::BTreeMap;

use askama::Template;

use crate::accounts::users;
use crate::audit::entries;
use crate::audit::entries::batches::BatchLinks;
use crate::audit::entries::timeline::Timeline;
use crate::catalog::meters;
use crate::catalog::meters::queries::Meters;
use crate::customers::directory;
use crate::db::Db;
use crate::db::listing::Seek;
use crate::i18n::Tr;
use crate::periods;
use crate::types::ids::{QuarantinedRecordId, UserId};
use crate::types::{FieldErrors, Result};
use crate::usage::corrections;
use crate::usage::intakes;
use crate::usage::records::model::RawRecord;
use crate::usage::records::taking::Ground;
use crate::web::reason::MAX_REASON;
use crate::web::ui::fields::Field as Control;
use crate::web::ui::{Badge, Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::{DecideForm, Fix, MAX_TEXT};
use super::model::{KIND, QuarantineRow};
use super::{commands, deferring, pages, queries, rules, sentences, urls};

#[derive(Template)]
#[template(path = "usage/quarantine/show.html")]
#[expect(clippy::struct_excessive_bools, reason = "each says what the page offers")]
struct ShowView {
    ui: Ui,
    row: QuarantineRow,
    badge: Badge,
    why: String,
    intake: Option<String>,
    meters: Meters,
    decided_by: String,
    day_url: Option<String>,
    may_fix: bool,
    may_accept: bool,
    may_defer: bool,
    same_code: i64,
    later: Option<QuarantinedRecordId>,
    earlier: Option<QuarantinedRecordId>,
    timeline: Timeline,
    fields: Fields,
    form: DecideForm,
    asks_replace: bool,
}

/// A part of a record as it was sent.
type Part = fn(&RawRecord) -> &String;

impl ShowView {
    /// The fields of a record: label, what was sent, and what it was put right to.
    fn facts(&self) -> Vec<(&'static str, String, Option<String>)> {
        let t = self.ui.t;
        let record = &self.row.record;
        let (raw, mended) = (record.raw(), record.mended());
        let parts: [(&'static str, Part); 7] = [
            (t.usage_pages_company_code(), |raw| &raw.company_code),
            (t.usage_pages_day(), |raw| &raw.day),
            (t.usage_pages_meter(), |raw| &raw.meter),
            (t.meters_device_series(), |raw| &raw.device_series),
            (t.meters_layer(), |raw| &raw.layer),
            (t.usage_pages_source(), |raw| &raw.source),
            (t.usage_pages_quantity(), |raw| &raw.quantity),
        ];
        let fact = |(label, of): (&'static str, fn(&RawRecord) -> &String)| {
            let becomes = mended.as_ref().map(of).filter(|text| *text != of(&raw)).cloned();
            (label, of(&raw).clone(), becomes)
        };
        parts.into_iter().map(fact).collect()
    }

    fn meter_codes(&self) -> String {
        self.ui.t.join(self.meters.in_use().map(|meter| meter.code.as_str()))
    }

    fn pass(&self) -> Control {
        let t = self.ui.t;
        let choices = [Choice::new("yes", t.quarantine_pass()).help(t.quarantine_pass_help())];
        let ticked: Vec<String> = (self.form.pass == "yes").then(|| "yes".to_owned()).into_iter().collect();
        self.fields.checks("pass", t.quarantine_pass_title(), &choices, &ticked).span()
    }

    /// The place of usage that counts, once it is known that there is some.
    fn replace(&self) -> Control {
        let t = self.ui.t;
        let choices = [Choice::new("yes", t.quarantine_replace()).help(t.quarantine_pass_help())];
        let ticked: Vec<String> =
            (self.form.replace == "yes").then(|| "yes".to_owned()).into_iter().collect();
        self.fields.checks("replace", t.quarantine_replace_title(), &choices, &ticked).span()
    }

    fn same_code_url(&self) -> String {
        urls::same_code(&self.row.record.company_code)
    }
}

/// One record.
pub async fn show(ctx: Ctx, record: Path<QuarantinedRecordId>) -> Result<Response> {
    record_page(&ctx, *record, None, FieldErrors::new()).await
}

/// Puts a record right.
pub async fn fix(ctx: Ctx, record: Path<QuarantinedRecordId>, form: Form<DecideForm>) -> Result<Response> {
    let (id, version) = (*record, form.version());
    ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = match form.check_fix() {
        Ok(fix) => {
            ctx.write(move |tx| {
                let fix = Fix {
                    raw: RawRecord { company_code: meant(tx, &fix.raw)?, ..fix.raw.clone() },
                    ..fix.clone()
                };
                commands::fix(tx, id, version, &fix)
            })
            .await
        }
        Err(errors) => Err(errors.into()),
    };
    answer(&ctx, id, outcome, form.0, Tr::quarantine_fixed).await
}

/// Lets a record count as it is.
pub async fn accept(ctx: Ctx, record: Path<QuarantinedRecordId>, form: Form<DecideForm>) -> Result<Response> {
    let (id, version) = (*record, form.version());
    ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = match form.check_accept() {
        Ok(reason) => ctx.write(move |tx| commands::accept(tx, id, version, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    answer(&ctx, id, outcome, form.0, Tr::quarantine_accepted).await
}

/// Lets a record become a line of a later bill.
pub async fn defer(ctx: Ctx, record: Path<QuarantinedRecordId>, form: Form<DecideForm>) -> Result<Response> {
    let (id, version) = (*record, form.version());
    ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = match form.check_defer() {
        Ok(reason) => ctx.write(move |tx| deferring::defer(tx, id, version, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    answer(&ctx, id, outcome, form.0, Tr::quarantine_deferred).await
}

/// Drops a record.
pub async fn drop_record(
    ctx: Ctx,
    record: Path<QuarantinedRecordId>,
    form: Form<DecideForm>,
) -> Result<Response> {
    let (id, version) = (*record, form.version());
    ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = match form.check_drop() {
        Ok(reason) => ctx.write(move |tx| commands::drop_one(tx, id, version, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    answer(&ctx, id, outcome, form.0, Tr::quarantine_dropped).await
}

/// The code of the customer that a text means: the text itself, or its first word, as suggestions write it. Anything else is
/// left to the rules, which say that there is no such customer.
pub fn meant(db: &mut Db, raw: &RawRecord) -> Result<String> {
    let first = raw.company_code.split_whitespace().next().unwrap_or_default().to_owned();
    let both = [raw.clone(), RawRecord { company_code: first.clone(), ..raw.clone() }];
    let ground = Ground::of(db, &both)?;
    let is_whole = ground.customer(&raw.company_code).is_some() || ground.customer(&first).is_none();
    Ok(if is_whole { raw.company_code.clone() } else { first })
}

/// Where one goes on once a record is decided: to the next one that the same rule caught, or to the queue.
async fn answer(
    ctx: &Ctx,
    id: QuarantinedRecordId,
    outcome: Result<()>,
    form: DecideForm,
    done: fn(Tr) -> &'static str,
) -> Result<Response> {
    if let Err(fault) = outcome {
        return record_page(ctx, id, Some(form), fault.into_faults("")?).await;
    }
    let next = ctx
        .read(move |db| {
            let row = queries::find(db, id)?;
            let (later, earlier) = queries::neighbours(db, &row.record)?;
            Ok(earlier.or(later))
        })
        .await?;
    Ok(ctx.done(next.map_or_else(|| urls::INDEX.to_owned(), urls::record), done(ctx.t)))
}

async fn record_page(
    ctx: &Ctx,
    id: QuarantinedRecordId,
    form: Option<DecideForm>,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx.read(move |db| load(db, ui, id, form, errors)).await?;
    let title = ctx.t.quarantine_record(view.row.record.id);
    let page = Page::new(ctx, title, &view).crumb(ctx.t.quarantine_title(), urls::INDEX);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(
    db: &mut Db,
    ui: Ui,
    id: QuarantinedRecordId,
    form: Option<DecideForm>,
    errors: FieldErrors,
) -> Result<ShowView> {
    let row = queries::find(db, id)?;
    let record = &row.record;
    let (later, earlier) = queries::neighbours(db, record)?;
    let entries = entries::queries::of_records(db, &[(KIND, vec![id.0])], Seek::Newest)?;
    let has_code = record.is_waiting() && record.customer_id.is_none() && !record.company_code.is_empty();
    let same_code = if has_code { queries::count_same_code(db, record)? } else { 0 };
    let is_billed = queries::is_billed(db, record)?;
    let day_url = record.customer_id.zip(record.used_on).map(|(id, day)| corrections::urls::day(id, day));
    let form = form.unwrap_or_else(|| DecideForm::of(record));
    Ok(ShowView {
        asks_replace: form.replace == "yes" || errors.get("replace").is_some(),
        badge: pages::badge(ui.t, record.state),
        why: sentences::why(ui.t, record.rule, &record.facts, &record.raw()),
        intake: intakes::queries::title(db, record.intake_id)?,
        meters: meters::queries::all(db)?,
        decided_by: person(db, ui.t, record.decided_by)?,
        may_fix: rules::can_fix(record, &periods::queries::closed_to_usage(db)?).is_ok(),
        may_accept: rules::can_accept(record).is_ok(),
        may_defer: rules::can_defer(record, is_billed).is_ok(),
        timeline: Timeline::of_family(ui.t, KIND, &entries.rows, &BatchLinks::new(), |_, _| None, |_| None),
        form,
        fields: Fields::with(ui.t, errors),
        same_code,
        day_url,
        later,
        earlier,
        row,
        ui,
    })
}

fn person(db: &mut Db, t: Tr, id: Option<UserId>) -> Result<String> {
    let Some(id) = id else { return Ok(t.corrections_by_system().to_owned()) };
    let people: BTreeMap<UserId, _> = users::queries::people_of(db, &[id])?;
    Ok(people.get(&id).map_or_else(String::new, |person| person.name.clone()))
}
