//! The form of an edit of many. What comes of it is a batch, which has a page of its own.

use askama::Template;

use crate::batches;
use crate::batches::model::BatchRow;
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::queries as directory_queries;
use crate::customers::directory::reach::Reach;
use crate::customers::grid::forms::BLANK;
use crate::customers::grid::urls;
use crate::customers::grid::{choices, queries};
use crate::db::Db;
use crate::db::listing::Seek;
use crate::i18n::Said;
use crate::types::ids::CustomerId;
use crate::types::money::grouped;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::reason::MAX_REASON;
use crate::web::ui::{Badge, Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::batch::KIND;
use super::forms::BulkForm;
use super::model::{FIELDS, Wanted};
use super::planning;

/// How many of those that are meant are named.
const NAMED: usize = 5;
/// How many of the edits before are listed.
const RECENT: usize = 5;

/// A field that may be set.
struct Set {
    field: Field,
    label: String,
    is_number: bool,
    choices: Vec<Choice>,
    value: String,
}

#[derive(Template)]
#[template(path = "customers/bulk/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: BulkForm,
    sets: Vec<Set>,
    count: usize,
    named: String,
    back: String,
    recent: Vec<BatchRow>,
}

impl FormView {
    fn counted(&self) -> String {
        grouped(&self.count.to_string())
    }

    fn badge(&self, row: &BatchRow) -> Badge {
        batches::pages::badge(self.ui.t, row)
    }
}

/// The form.
pub async fn new(ctx: Ctx, form: Query<BulkForm>) -> Result<Response> {
    form_page(&ctx, form.0, FieldErrors::new()).await
}

async fn form_page(ctx: &Ctx, form: BulkForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let ids = chosen(db, &form)?;
            let recent = batches::queries::list(db, &KIND, Seek::Newest)?.rows.into_iter().take(RECENT);
            Ok(FormView {
                fields: Fields::with(ui.t, errors),
                sets: sets(db, &ui, &form)?,
                count: ids.len(),
                named: named(db, &ui, &ids)?,
                back: format!("{}?{}", urls::INDEX, form.filter().kept().with("view", "all").to_text()),
                recent: recent.collect(),
                form,
                ui,
            })
        })
        .await?;
    let title = ctx.t.customer_bulk_title();
    let page = Page::new(ctx, title, &view).crumb(ctx.t.customer_list_title(), view.back.clone());
    Ok(if faulty { page.invalid() } else { page }.respond())
}

/// The customers that are meant, as far as seeing and changing both reach.
fn chosen(db: &mut Db, form: &BulkForm) -> Result<Vec<CustomerId>> {
    if form.is_all() {
        let query = form.filter();
        let filter = query.check(db.actor())?;
        return queries::ids(
            db,
            &[Permission::CustomerView, Permission::CustomerEdit],
            &filter,
            query.sort(),
        );
    }
    let reach = Reach::of(db, Permission::CustomerEdit)?;
    let found = directory_queries::by_ids(db, form.ids())?;
    let reached = found.values().filter(|customer| customer.is_live() && reach.covers(&customer.fields));
    Ok(reached.map(|customer| customer.id).collect())
}

fn named(db: &mut Db, ui: &Ui, ids: &[CustomerId]) -> Result<String> {
    let some: Vec<CustomerId> = ids.iter().copied().take(NAMED).collect();
    let found = directory_queries::by_ids(db, &some)?;
    let names =
        some.iter().filter_map(|id| found.get(id)).map(|customer| customer.fields.company_name.clone());
    let names = ui.t.join(names);
    Ok(if ids.len() > NAMED { ui.t.customer_bulk_and_more(names) } else { names })
}

fn sets(db: &mut Db, ui: &Ui, form: &BulkForm) -> Result<Vec<Set>> {
    let t = ui.t;
    let mut sets = Vec::new();
    for field in FIELDS {
        if field == Field::Status && !ui.can(Permission::StatusMove) {
            continue;
        }
        let mut choices = vec![Choice::new("", t.customer_bulk_leave())];
        choices.extend(choices::of_field(db, t, field, None)?);
        if !field.is_required() {
            choices.push(Choice::new(BLANK, t.customer_bulk_empty()));
        }
        sets.push(Set {
            field,
            label: field.label(t),
            is_number: field.holds() == FieldType::Number,
            choices,
            value: form.value(field).to_owned(),
        });
    }
    Ok(sets)
}

/// Works out what would become of the customers, and shows it; what only chooses customers gets the form.
pub async fn create(ctx: Ctx, form: Form<BulkForm>) -> Result<Response> {
    let form = form.0;
    if form.is_choice() {
        return form_page(&ctx, form, FieldErrors::new()).await;
    }
    let wanted = match form.check() {
        Ok(wanted) => wanted,
        Err(errors) => return form_page(&ctx, form, errors).await,
    };
    if wanted.sets(Field::Status) {
        ctx.actor.need(Permission::StatusMove)?;
    }
    let (title, asked) = (title(&wanted), form.clone());
    let planned = ctx.write(move |tx| {
        let ids = chosen(tx, &asked)?;
        if ids.is_empty() {
            return Err(FieldErrors::one("", |t| t.customer_bulk_nobody()).into());
        }
        planning::plan(tx, &title, wanted.clone(), ids)
    });
    match planned.await {
        Ok(id) => Ok(ctx.go(batches::urls::batch(id))),
        Err(fault) => form_page(&ctx, form, fault.into_faults("")?).await,
    }
}

fn title(wanted: &Wanted) -> Said {
    Said::new(|t| {
        let fields = t.join(wanted.fields.iter().map(|(field, _)| field.label(t)));
        if wanted.is_hand_over() { t.customer_bulk_hand_over(fields) } else { t.customer_bulk_edit(fields) }
    })
}
