//! The form of a customer: a new one, and one that exists.

use askama::Template;

use crate::customers::family;
use crate::customers::family::model::Member;
use crate::types::ids::CustomerId;
use crate::types::{DataScope, Error, FieldErrors, Permission, Result};
use crate::web::ui::fields::Field as FormField;
use crate::web::ui::{Fields as FormFields, Ui};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::{CustomerDraft, CustomerForm, Overtaken};
use super::groups::GROUPS;
use super::model::{Customer, Fields};
use super::overtaken::News;
use super::rules::normalised_name;
use super::words::Words;
use super::{commands, form_fields, parents, queries, urls};

/// Fields of the form that belong together.
struct FormGroup {
    title: &'static str,
    fields: Vec<FormField>,
}

#[derive(Template)]
#[template(path = "customers/directory/form.html")]
struct FormView {
    ui: Ui,
    fields: FormFields,
    form: CustomerForm,
    stored: Option<Customer>,
    heading: String,
    groups: Vec<FormGroup>,
    alike: Vec<Member>,
    news: Option<News>,
}

impl FormView {
    fn action(&self) -> String {
        self.stored.as_ref().map_or_else(|| urls::INDEX.to_owned(), |stored| urls::customer(stored.id))
    }
}

/// What a form that comes back says beside its fields.
#[derive(Default)]
struct Remarks {
    errors: FieldErrors,
    alike: Vec<Member>,
    overtaken: Vec<Overtaken>,
}

impl Remarks {
    fn of(errors: FieldErrors) -> Remarks {
        Remarks { errors, ..Remarks::default() }
    }

    fn any(&self) -> bool {
        !self.errors.is_empty() || !self.alike.is_empty() || !self.overtaken.is_empty()
    }
}

/// The form of a new customer, owned by who creates it unless they say otherwise.
pub async fn new(ctx: Ctx) -> Result<Response> {
    let owns = ctx.actor.scope(Permission::CustomerCreate)? != DataScope::All;
    let fields = Fields { ops_owner: ctx.actor.user_id.filter(|_| owns), ..Fields::default() };
    form_page(&ctx, None, CustomerForm::of(&fields, None, 0), Remarks::default()).await
}

/// Creates a customer. Where there are some that are alike, it asks first.
pub async fn create(ctx: Ctx, form: Form<CustomerForm>) -> Result<Response> {
    let draft = match checked(&ctx, &form, None).await? {
        Ok(draft) => draft,
        Err(remarks) => return form_page(&ctx, None, form.0, remarks).await,
    };
    let outcome = ctx.write(move |tx| {
        let fields = parents::resolved(tx, &draft)?;
        commands::create(tx, fields)
    });
    match outcome.await {
        Ok(id) => Ok(ctx.done(urls::customer(id), ctx.t.customer_created(form.company_name.trim()))),
        Err(fault) => {
            let errors = fault.into_faults("")?;
            form_page(&ctx, None, form.0, Remarks::of(errors)).await
        }
    }
}

/// The form of an existing customer.
pub async fn edit(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    let (stored, form) = stored(&ctx, *customer).await?;
    form_page(&ctx, Some(stored), form, Remarks::default()).await
}

/// Edits a customer.
pub async fn update(ctx: Ctx, customer: Path<CustomerId>, form: Form<CustomerForm>) -> Result<Response> {
    let (id, version) = (*customer, form.version());
    let (stored, _) = stored(&ctx, id).await?;
    if stored.version != version {
        return stale_page(&ctx, id, form.0).await;
    }
    let draft = match checked(&ctx, &form, Some(&stored)).await? {
        Ok(draft) => draft,
        Err(remarks) => return form_page(&ctx, Some(stored), form.0, remarks).await,
    };
    let outcome = ctx.write(move |tx| {
        let fields = parents::resolved(tx, &draft)?;
        commands::update(tx, id, version, fields)
    });
    match outcome.await {
        Ok(()) => Ok(ctx.done(urls::customer(id), ctx.t.customer_updated(form.company_name.trim()))),
        Err(Error::Stale) => stale_page(&ctx, id, form.0).await,
        Err(fault) => {
            let errors = fault.into_faults("")?;
            form_page(&ctx, Some(stored), form.0, Remarks::of(errors)).await
        }
    }
}

/// What the form asks for, or what it says when it comes back.
async fn checked(
    ctx: &Ctx,
    form: &CustomerForm,
    stored: Option<&Customer>,
) -> Result<Result<CustomerDraft, Remarks>> {
    let sees_mail = match stored {
        Some(stored) => sees_mail(ctx, stored).await?,
        None => true,
    };
    let draft = match form.check(stored.map(|stored| &stored.fields), sees_mail) {
        Ok(draft) => draft,
        Err(errors) => return Ok(Err(Remarks::of(errors))),
    };
    let alike = look_alike(ctx, form, &draft.fields, stored).await?;
    Ok(if alike.is_empty() { Ok(draft) } else { Err(Remarks { alike, ..Remarks::default() }) })
}

/// A live customer that whoever asks may edit, and its form.
async fn stored(ctx: &Ctx, id: CustomerId) -> Result<(Customer, CustomerForm)> {
    ctx.read(move |db| {
        let customer = queries::find(db, Permission::CustomerEdit, id)?;
        if !customer.is_live() {
            return Err(Error::NotFound);
        }
        let parent = parents::text(db, customer.fields.parent)?;
        let mut form = CustomerForm::of(&customer.fields, parent.as_deref(), customer.version);
        if !Words::load(db, [])?.sees_mail(&customer.fields) {
            form.billing_emails.clear();
        }
        form.original = form.kept();
        Ok((customer, form))
    })
    .await
}

async fn sees_mail(ctx: &Ctx, stored: &Customer) -> Result<bool> {
    let fields = stored.fields.clone();
    ctx.read(move |db| Ok(Words::load(db, [])?.sees_mail(&fields))).await
}

/// Customers that may be the same, where the name or the credit code is new and nobody has said that it is none of them.
async fn look_alike(
    ctx: &Ctx,
    form: &CustomerForm,
    fields: &Fields,
    stored: Option<&Customer>,
) -> Result<Vec<Member>> {
    let is_new = stored.is_none_or(|stored| {
        stored.fields.company_name != fields.company_name || stored.fields.credit_code != fields.credit_code
    });
    if form.confirmed == "yes" || !is_new {
        return Ok(Vec::new());
    }
    let (name, code, but) =
        (fields.company_name.clone(), fields.credit_code.clone(), stored.map(|stored| stored.id));
    let own_code = fields.company_code.clone();
    let mut alike = ctx.read(move |db| family::queries::alike(db, &name, code.as_deref(), but)).await?;
    // The very same code or name is refused anyway, and more clearly.
    let normalised = normalised_name(&fields.company_name);
    let is_same = |member: &Member| {
        member.company_code == own_code || normalised_name(&member.company_name) == normalised
    };
    if alike.iter().any(is_same) {
        alike.clear();
    }
    Ok(alike)
}

/// Somebody else was faster: the form comes back with what was typed and with what they changed, and nothing is
/// overwritten unseen. Sent once more, it is meant.
async fn stale_page(ctx: &Ctx, id: CustomerId, sent: CustomerForm) -> Result<Response> {
    let (stored, as_stored) = stored(ctx, id).await?;
    let (form, overtaken) = sent.over(&as_stored);
    form_page(ctx, Some(stored), form, Remarks { overtaken, ..Remarks::default() }).await
}

async fn form_page(
    ctx: &Ctx,
    stored: Option<Customer>,
    form: CustomerForm,
    remarks: Remarks,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), remarks.any());
    let view = ctx
        .read(move |db| {
            let words = Words::load(db, stored.iter().map(|stored| &stored.fields))?;
            let fields = FormFields::with(ui.t, remarks.errors);
            let texts = form.texts();
            let maker = form_fields::Maker::new(&ui, &words, &fields, stored.as_ref());
            let groups = GROUPS.iter().map(|group| FormGroup {
                title: (group.title)(ui.t),
                fields: group.fields.iter().filter_map(|field| maker.field(*field, &texts)).collect(),
            });
            let groups = groups.collect();
            let is_overtaken = stored.as_ref().filter(|_| faulty && !remarks.overtaken.is_empty());
            let news = match is_overtaken {
                Some(stored) => Some(News::load(db, &ui, &words, stored, &remarks.overtaken)?),
                None => None,
            };
            Ok(FormView {
                heading: stored.as_ref().map_or_else(
                    || ui.t.customer_new().to_owned(),
                    |stored| ui.t.customer_edit_of(&stored.fields.company_name),
                ),
                alike: remarks.alike,
                groups,
                fields,
                form,
                stored,
                news,
                ui,
            })
        })
        .await?;
    let mut page = Page::new(ctx, view.heading.clone(), &view).crumb(ctx.t.customer_title(), urls::INDEX);
    if let Some(stored) = &view.stored {
        page = page.crumb(stored.fields.company_name.clone(), urls::customer(stored.id));
    }
    Ok(if faulty { page.invalid() } else { page }.respond())
}
