//! Contacts over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::ids::ContactId;
use crate::types::time::machine;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::api::{self, Json, PageJson, Patch};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::{ContactForm, ContactQuery};
use super::model::ContactRow;
use super::{commands, queries};

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "q", about: Tr::api_contacts_q },
    Parameter { name: "customer", about: Tr::api_contacts_customer },
    Parameter { name: "show", about: Tr::api_contacts_shown },
    Parameter { name: "sort", about: Tr::api_sort },
    Parameter { name: "page", about: Tr::api_page },
    Parameter { name: "per_page", about: Tr::api_per_page },
];

/// The routes of contacts in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/contacts", Permission::CustomerView, index)
        .doc(ApiDoc::answers::<PageJson<ContactJson>>(Tr::api_contacts_index).with(PARAMETERS));
    r.post("/api/v1/contacts", Permission::ContactEdit, create)
        .doc(ApiDoc::answers::<ContactJson>(Tr::api_contacts_create).takes::<ContactForm>().creates());
    r.get("/api/v1/contacts/{contact}", Permission::CustomerView, show)
        .doc(ApiDoc::answers::<ContactJson>(Tr::api_contacts_show));
    r.patch("/api/v1/contacts/{contact}", Permission::ContactEdit, update)
        .doc(ApiDoc::answers::<ContactJson>(Tr::api_contacts_update).takes::<ContactForm>());
    r.delete("/api/v1/contacts/{contact}", Permission::ContactEdit, delete)
        .doc(ApiDoc::silent(Tr::api_contacts_delete));
    r.post("/api/v1/contacts/{contact}/restore", Permission::ContactEdit, restore).doc(ApiDoc::answers::<
        ContactJson,
    >(
        Tr::api_contacts_restore,
    ));
}

/// A contact. What is personal is masked for a caller who may not see contacts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactJson {
    /// Their id.
    id: u64,
    /// The id of the customer.
    customer_id: u64,
    /// The code of the customer.
    customer_code: String,
    /// Their name.
    name: String,
    /// What they do there.
    role: Option<String>,
    /// Where they are called.
    phone: Option<String>,
    /// Where mail reaches them.
    email: Option<String>,
    /// Remarks.
    remarks: Option<String>,
    /// Whether they are the one to begin with.
    primary: bool,
    /// Whether name, phone, mail and remarks are masked.
    masked: bool,
    /// When they were last changed (UTC).
    updated_at: String,
    /// Since when they are deleted (UTC); none for a live one.
    deleted_at: Option<String>,
    /// Counts their changes; send it back with a change, or as `If-Match`.
    version: u32,
}

impl From<ContactRow> for ContactJson {
    fn from(row: ContactRow) -> ContactJson {
        let contact = row.contact;
        ContactJson {
            id: contact.id.0,
            customer_id: contact.customer_id.0,
            customer_code: row.customer_code,
            name: contact.name,
            role: contact.role,
            phone: contact.phone,
            email: contact.email,
            remarks: contact.remarks,
            primary: contact.is_primary,
            masked: !row.is_seen,
            updated_at: machine(contact.updated_at),
            deleted_at: contact.deleted_at.map(machine),
            version: contact.version,
        }
    }
}

async fn index(ctx: Ctx, query: Query<ContactQuery>) -> Result<Response> {
    let query = query.0;
    let listing = ctx.read(move |db| queries::list(db, &query.check()?, query.sort(), query.page())).await?;
    Ok(api::ok(&PageJson::from(listing.map(ContactJson::from))))
}

async fn show(ctx: Ctx, contact: Path<ContactId>) -> Result<Response> {
    let id = *contact;
    let row = ctx.read(move |db| queries::find(db, id)).await?;
    Ok(api::tagged(row.contact.version, &ContactJson::from(row)))
}

async fn create(ctx: Ctx, body: Json<Patch>) -> Result<Response> {
    let form = body.value.over(&ContactForm::default())?;
    let mut errors = FieldErrors::new();
    let customer = errors.code("customer_id", &form.customer_id);
    let Some(customer) = customer else {
        errors.add("customer_id", Tr::field_required);
        return Err(errors.into());
    };
    let draft = form.check()?;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let id = commands::create(tx, customer, &draft)?;
        Ok(ContactJson::from(queries::find(tx, id)?))
    })
    .await
}

async fn update(ctx: Ctx, contact: Path<ContactId>, body: Json<Patch>) -> Result<Response> {
    let (id, patch, tag) = (*contact, body.value, api::if_match(&ctx));
    let row = ctx
        .write(move |tx| {
            let stored = ContactForm::of(&queries::find_to_edit(tx, id)?);
            let form = patch.over(&ContactForm { version: String::new(), ..stored.clone() })?;
            if form.customer_id != stored.customer_id {
                return Err(FieldErrors::one("customer_id", Tr::contacts_customer_fixed).into());
            }
            let version = api::version(tag.as_deref(), &form.version)?;
            commands::update(tx, id, version, &form.check()?)?;
            queries::find(tx, id)
        })
        .await?;
    Ok(api::tagged(row.contact.version, &ContactJson::from(row)))
}

async fn delete(ctx: Ctx, contact: Path<ContactId>) -> Result<Response> {
    let id = *contact;
    ctx.write(move |tx| commands::delete(tx, id)).await?;
    Ok(api::no_content())
}

async fn restore(ctx: Ctx, contact: Path<ContactId>) -> Result<Response> {
    let id = *contact;
    let row = ctx
        .write(move |tx| {
            commands::restore(tx, id)?;
            queries::find(tx, id)
        })
        .await?;
    Ok(api::tagged(row.contact.version, &ContactJson::from(row)))
}
