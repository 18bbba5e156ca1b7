//! The pages of contacts: all of them, those of a customer, one contact, the form.

use askama::Template;

use crate::audit::entries::batches::BatchLinks;
use crate::audit::entries::{self, timeline::Timeline};
use crate::customers::directory;
use crate::customers::directory::head::Head;
use crate::db::listing::{Listing, Seek, Sort};
use crate::types::ids::{ContactId, CustomerId};
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::tabs::Tabs;
use crate::web::ui::fields::Field as Control;
use crate::web::ui::{Choice, Fields, FilterBar, Pager, SortHeading, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{ContactForm, ContactQuery};
use super::model::{ContactColumn, ContactRow, KIND};
use super::{commands, queries, urls};

#[derive(Template)]
#[template(path = "customers/contacts/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    sort: Sort<ContactColumn>,
    listing: Listing<ContactRow>,
    pager: Pager,
    sees_people: bool,
}

impl IndexView {
    fn heading(&self, column: ContactColumn, label: &str) -> SortHeading {
        SortHeading::new(&self.ui, self.sort, column, label)
    }

    /// Whether nothing is filtered, so that there are no contacts at all.
    fn is_plain(&self) -> bool {
        self.ui.page_url().parameters().is_empty()
    }
}

/// All contacts within reach.
pub async fn index(ctx: Ctx, query: Query<ContactQuery>) -> Result<Response> {
    let (ui, query) = (ctx.ui(), query.0);
    let view = ctx
        .read(move |db| {
            let listing = queries::list(db, &query.filter(), query.sort(), query.page())?;
            let sees_people = queries::sight(db)?.is_some();
            Ok(IndexView {
                filter: filter_bar(&ui, sees_people),
                pager: Pager::new(&ui, &listing),
                sort: query.sort(),
                sees_people,
                listing,
                ui,
            })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.contacts_title(), &view).listing().respond())
}

fn filter_bar(ui: &Ui, sees_people: bool) -> FilterBar {
    let t = ui.t;
    let shows = vec![
        Choice::new("primary", t.contacts_only_primary()),
        Choice::new("deleted", t.contacts_only_deleted()),
    ];
    let search = if sees_people { t.contacts_search() } else { t.contacts_search_customers() };
    FilterBar::new(ui, t.contacts_filter()).search(search).select(
        "show",
        t.contacts_show(),
        t.contacts_all(),
        shows,
    )
}

#[derive(Template)]
#[template(path = "customers/contacts/of_customer.html")]
struct OfCustomerView {
    ui: Ui,
    head: Head,
    rows: Vec<ContactRow>,
    deleted: Vec<ContactRow>,
    may_edit: bool,
}

impl OfCustomerView {
    fn id(&self) -> CustomerId {
        self.head.customer.id
    }
}

/// The contacts of a customer.
pub async fn of_customer(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    let (ui, id, tabs) = (ctx.ui(), *customer, ctx.state.part::<Tabs>()?);
    let view = ctx
        .read(move |db| {
            let head = Head::load(db, &ui, &tabs, id, "contacts")?;
            let may_edit = head.may(db, &ui, Permission::ContactEdit)?;
            let deleted = if may_edit { queries::of_customer(db, id, true)? } else { Vec::new() };
            Ok(OfCustomerView { rows: queries::of_customer(db, id, false)?, deleted, may_edit, head, ui })
        })
        .await?;
    let title = ctx.t.contacts_of(&view.head.customer.fields.company_name);
    Ok(Page::new(&ctx, title, &view).crumb(ctx.t.customer_title(), directory::urls::INDEX).respond())
}

#[derive(Template)]
#[template(path = "customers/contacts/show.html")]
struct ShowView {
    ui: Ui,
    row: ContactRow,
    timeline: Timeline,
    may_edit: bool,
}

/// One contact.
pub async fn show(ctx: Ctx, contact: Path<ContactId>) -> Result<Response> {
    let (ui, id) = (ctx.ui(), *contact);
    let view = ctx
        .read(move |db| {
            let row = queries::find(db, id)?;
            let entries = entries::queries::of_records(db, &[(KIND, vec![id.0])], Seek::Newest)?;
            let may_edit = match queries::find_to_edit(db, id) {
                Ok(_) => true,
                Err(Error::Forbidden | Error::NotFound) => false,
                Err(fault) => return Err(fault),
            };
            let timeline =
                Timeline::of_family(ui.t, KIND, &entries.rows, &BatchLinks::new(), |_, _| None, |_| None);
            Ok(ShowView { ui, row, timeline, may_edit })
        })
        .await?;
    let title = view.row.contact.name.clone();
    Ok(Page::new(&ctx, title, &view).crumb(ctx.t.contacts_title(), urls::INDEX).respond())
}

#[derive(Template)]
#[template(path = "customers/contacts/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: ContactForm,
    customer: directory::model::Customer,
    id: Option<ContactId>,
    heading: String,
}

impl FormView {
    /// Where the form is sent to, and where one goes back to.
    fn action(&self) -> String {
        self.id.map_or_else(|| urls::of_customer(self.customer.id), urls::contact)
    }

    /// The box to tick for the primary contact.
    fn primary(&self) -> Control {
        let t = self.ui.t;
        let choices = [Choice::new("true", t.contacts_be_primary()).help(t.contacts_be_primary_help())];
        let ticked: Vec<String> = self.form.is_primary().then(|| "true".to_owned()).into_iter().collect();
        self.fields.checks("primary", t.contacts_primary(), &choices, &ticked).span()
    }
}

/// The form of a new contact of a customer.
pub async fn new(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    form_page(&ctx, *customer, None, ContactForm::default(), FieldErrors::new()).await
}

/// Creates a contact.
pub async fn create(ctx: Ctx, customer: Path<CustomerId>, form: Form<ContactForm>) -> Result<Response> {
    let id = *customer;
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::create(tx, id, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(_) => Ok(ctx.done(urls::of_customer(id), ctx.t.contacts_created(form.name.trim()))),
        Err(fault) => form_page(&ctx, id, None, form.0, fault.into_faults("name")?).await,
    }
}

/// The form of an existing contact.
pub async fn edit(ctx: Ctx, contact: Path<ContactId>) -> Result<Response> {
    let id = *contact;
    let contact = ctx.read(move |db| queries::find_to_edit(db, id)).await?;
    if !contact.is_live() {
        return Err(Error::NotFound);
    }
    let form = ContactForm::of(&contact);
    form_page(&ctx, contact.customer_id, Some(id), form, FieldErrors::new()).await
}

/// Edits a contact.
pub async fn update(ctx: Ctx, contact: Path<ContactId>, form: Form<ContactForm>) -> Result<Response> {
    let (id, version) = (*contact, form.version());
    let stored = ctx.read(move |db| queries::find_to_edit(db, id)).await?;
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::update(tx, id, version, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::contact(id), ctx.t.contacts_updated(form.name.trim()))),
        Err(fault) => form_page(&ctx, stored.customer_id, Some(id), form.0, fault.into_faults("name")?).await,
    }
}

/// Deletes a contact.
pub async fn delete(ctx: Ctx, contact: Path<ContactId>) -> Result<Response> {
    let id = *contact;
    let outcome = ctx.write(move |tx| commands::delete(tx, id)).await;
    ctx.outcome(outcome, urls::contact(id), ctx.t.contacts_deleted())
}

/// Brings a deleted contact back.
pub async fn restore(ctx: Ctx, contact: Path<ContactId>) -> Result<Response> {
    let id = *contact;
    let outcome = ctx.write(move |tx| commands::restore(tx, id)).await;
    ctx.outcome(outcome, urls::contact(id), ctx.t.contacts_restored())
}

async fn form_page(
    ctx: &Ctx,
    customer: CustomerId,
    id: Option<ContactId>,
    form: ContactForm,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx
        .read(move |db| {
            queries::may_edit(db, customer)?;
            let customer = directory::queries::find(db, Permission::ContactEdit, customer)?;
            if !customer.is_live() {
                return Err(Error::NotFound);
            }
            let heading = match id {
                None => ui.t.contacts_new_of(&customer.fields.company_name),
                Some(_) => ui.t.contacts_edit_of(&customer.fields.company_name),
            };
            Ok(FormView { fields: Fields::with(ui.t, errors), form, customer, id, heading, ui })
        })
        .await?;
    let customer = &view.customer;
    let page = Page::new(ctx, view.heading.clone(), &view)
        .crumb(ctx.t.customer_title(), directory::urls::INDEX)
        .crumb(customer.fields.company_name.clone(), urls::of_customer(customer.id));
    Ok(if faulty { page.invalid() } else { page }.respond())
}
