//! The page of a day of a customer: its records, what was sent and what counts, and the form that corrects one.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use chrono::NaiveDate;

use crate::accounts::users;
use crate::accounts::users::model::Person;
use crate::catalog::meters;
use crate::catalog::meters::queries::Meters;
use crate::customers::directory;
use crate::customers::directory::head::Head;
use crate::db::Db;
use crate::periods;
use crate::types::ids::{CustomerId, UsageCorrectionId, UsageSourceId, UserId};
use crate::types::time::parse_day;
use crate::types::{BillingMonth, Error, FieldErrors, Permission, Result};
use crate::usage::by_customer;
use crate::usage::overview::pages::day_label;
use crate::usage::records::model::RecordKey;
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;
use crate::web::reason::MAX_REASON;
use crate::web::tabs::Tabs;
use crate::web::ui::{Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{CorrectionForm, DayQuery, MAX_QUANTITY, key_of, key_text};
use super::model::{Correction, DayRecord};
use super::{commands, queries, urls};

#[derive(Template)]
#[template(path = "usage/corrections/day.html")]
struct DayView {
    ui: Ui,
    head: Head,
    day: NaiveDate,
    records: Vec<DayRecord>,
    meters: Meters,
    sources: BTreeMap<UsageSourceId, UsageSource>,
    people: BTreeMap<UserId, Person>,
    closed: bool,
    may_correct: bool,
    fields: Fields,
    form: CorrectionForm,
    editing: Option<RecordKey>,
}

impl DayView {
    fn label(&self) -> String {
        day_label(self.ui.t, self.day)
    }

    fn neighbour(&self, days: i64) -> String {
        let day = self.day.checked_add_signed(chrono::Duration::days(days)).unwrap_or(self.day);
        urls::day(self.head.customer.id, day)
    }

    fn month_url(&self) -> String {
        by_customer::urls::month(self.head.customer.id, BillingMonth::of(self.day), "")
    }

    fn meter(&self, record: &DayRecord) -> &str {
        self.meters.get(record.key.meter).map_or("", |meter| meter.label(self.ui.t))
    }

    fn unit(&self, record: &DayRecord) -> &str {
        self.meters.get(record.key.meter).map_or("", |meter| meter.unit(self.ui.t))
    }

    fn source(&self, record: &DayRecord) -> &str {
        self.sources.get(&record.key.source).map_or("", |source| source.name.as_str())
    }

    #[expect(clippy::ref_option, reason = "templates hand on references")]
    fn person(&self, id: &Option<UserId>) -> String {
        let person = id.and_then(|id| self.people.get(&id));
        person.map_or_else(|| self.ui.t.corrections_by_system().to_owned(), |person| person.name.clone())
    }

    fn edit_url(&self, record: &DayRecord) -> String {
        urls::edit(self.head.customer.id, self.day, &key_text(&record.key))
    }

    fn end_url(&self, record: &DayRecord) -> String {
        urls::asking_end(self.head.customer.id, self.day, &key_text(&record.key))
    }

    /// The record that the form is about.
    fn asked(&self) -> Option<&DayRecord> {
        let key = self.editing.as_ref().filter(|_| self.may_correct && !self.closed)?;
        self.records.iter().find(|record| record.key == *key)
    }

    /// The record that the form corrects.
    fn edited(&self) -> Option<&DayRecord> {
        self.asked().filter(|_| !self.form.is_end())
    }

    /// The correction that the form takes back, and its record.
    fn ended(&self) -> Option<(&DayRecord, &Correction)> {
        let record = self.asked().filter(|_| self.form.is_end())?;
        Some((record, record.in_force()?))
    }
}

/// A day of a customer.
pub async fn day(ctx: Ctx, path: Path<(CustomerId, String)>, query: Query<DayQuery>) -> Result<Response> {
    let (customer, day) = (path.0, parse_day(&path.1).ok_or(Error::NotFound)?);
    day_page(&ctx, customer, day, query.form(), FieldErrors::new()).await
}

/// Corrects a record of the day.
pub async fn correct(
    ctx: Ctx,
    path: Path<(CustomerId, String)>,
    form: Form<CorrectionForm>,
) -> Result<Response> {
    let (customer, day) = (path.0, parse_day(&path.1).ok_or(Error::NotFound)?);
    ctx.read(move |db| directory::queries::find(db, Permission::UsageCorrect, customer)).await?;
    let key = key_of(customer, day, &form.record).ok_or(Error::NotFound)?;
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::correct(tx, &key, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::day(customer, day), ctx.t.corrections_done())),
        Err(fault) => day_page(&ctx, customer, day, form.0, fault.into_faults("quantity")?).await,
    }
}

/// Takes a correction back.
pub async fn end(
    ctx: Ctx,
    correction: Path<UsageCorrectionId>,
    form: Form<CorrectionForm>,
) -> Result<Response> {
    let id = *correction;
    let found = ctx
        .read(move |db| {
            let found = queries::find(db, id)?;
            directory::queries::find(db, Permission::UsageCorrect, found.customer_id)?;
            Ok(found)
        })
        .await?;
    let outcome = match form.check_end() {
        Ok(reason) => ctx.write(move |tx| commands::end(tx, id, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    let key = found.key();
    match outcome {
        Ok(()) => Ok(ctx.done(urls::day(key.customer, key.used_on), ctx.t.corrections_ended())),
        Err(fault) => {
            let form = CorrectionForm { record: key_text(&key), ends: "yes".to_owned(), ..form.0 };
            day_page(&ctx, key.customer, key.used_on, form, fault.into_faults("reason")?).await
        }
    }
}

async fn day_page(
    ctx: &Ctx,
    customer: CustomerId,
    day: NaiveDate,
    form: CorrectionForm,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, tabs, faulty) = (ctx.ui(), ctx.state.part::<Tabs>()?, !errors.is_empty());
    let view = ctx
        .read(move |db| {
            directory::queries::find(db, Permission::UsageView, customer)?;
            let head = Head::load(db, &ui, &tabs, customer, "usage")?;
            load(db, ui, head, day, (form, errors))
        })
        .await?;
    let name = view.head.customer.fields.company_name.clone();
    let page = Page::new(ctx, ctx.t.corrections_day_of(day, &name), &view)
        .crumb(ctx.t.customer_title(), directory::urls::INDEX)
        .crumb(name, by_customer::urls::of_customer(customer));
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(
    db: &mut Db,
    ui: Ui,
    head: Head,
    day: NaiveDate,
    (mut form, errors): (CorrectionForm, FieldErrors),
) -> Result<DayView> {
    let records = queries::of_day(db, head.customer.id, day)?;
    let editing = key_of(head.customer.id, day, &form.record);
    if let Some(record) = records.iter().find(|record| Some(&record.key) == editing.as_ref())
        && errors.is_empty()
    {
        form.quantity = record.stored.quantity.to_string();
        form.seen = record.stored.quantity.to_string();
    }
    let authors: BTreeSet<UserId> = records
        .iter()
        .flat_map(|record| &record.corrections)
        .flat_map(|correction| [correction.created_by, correction.ended_by])
        .flatten()
        .collect();
    Ok(DayView {
        meters: meters::queries::all(db)?,
        sources: sources::queries::by_id(db)?,
        people: users::queries::people_of(db, &authors.into_iter().collect::<Vec<_>>())?,
        closed: periods::queries::closed_to_usage(db)?.has_day(day),
        may_correct: head.may(db, &ui, Permission::UsageCorrect)?,
        fields: Fields::with(ui.t, errors),
        editing,
        form,
        records,
        day,
        head,
        ui,
    })
}
