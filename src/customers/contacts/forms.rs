//! What is typed into the forms of contacts, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::listing::{PageRequest, Sort};
use crate::i18n::Tr;
use crate::types::FieldErrors;

use super::model::{Contact, ContactColumn, ContactDraft, ContactFilter};
use super::rules::tidy_phone;

/// The contact form, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct ContactForm {
    /// The id of the customer; fixed once the contact exists.
    pub customer_id: String,
    /// Their name.
    pub name: String,
    /// What they do there; may be blank.
    pub role: String,
    /// Where they are called; may be blank.
    pub phone: String,
    /// Where mail reaches them; may be blank.
    pub email: String,
    /// Remarks; may be blank.
    pub remarks: String,
    /// `true` for the one to begin with: whoever was it before is it no more.
    pub primary: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl ContactForm {
    /// The form of an existing contact.
    pub fn of(contact: &Contact) -> ContactForm {
        ContactForm {
            customer_id: contact.customer_id.to_string(),
            name: contact.name.clone(),
            role: contact.role.clone().unwrap_or_default(),
            phone: contact.phone.clone().unwrap_or_default(),
            email: contact.email.clone().unwrap_or_default(),
            remarks: contact.remarks.clone().unwrap_or_default(),
            primary: if contact.is_primary { "true".into() } else { String::new() },
            version: contact.version.to_string(),
        }
    }

    /// The contact that the form asks for.
    pub fn check(&self) -> Result<ContactDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = errors.required_line("name", &self.name, 100);
        let role = Some(self.role.trim()).filter(|role| !role.is_empty());
        let role = role.map(|role| errors.required_line("role", role, 60));
        let phone = errors.optional_text("phone", &self.phone, 40);
        let phone = phone.map(|phone| {
            tidy_phone(&phone).unwrap_or_else(|| {
                errors.add("phone", Tr::contacts_phone_shape);
                phone
            })
        });
        let email = errors.email("email", &self.email);
        let remarks = errors.optional_text("remarks", &self.remarks, 500);
        errors.or(ContactDraft { name, role, phone, email, remarks, is_primary: self.is_primary() })
    }

    /// Whether they shall be the one to begin with.
    pub fn is_primary(&self) -> bool {
        matches!(self.primary.trim(), "true" | "on")
    }

    /// The version that was read; 0, which no contact has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// The parameters of the list.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ContactQuery {
    /// Part of the name, the phone or the address for mail.
    pub q: String,
    /// The id of a customer.
    pub customer: String,
    /// `primary` or `deleted`.
    pub show: String,
    /// The column to sort by.
    pub sort: String,
    /// The page.
    pub page: String,
    /// Records on a page; the API's.
    pub per_page: String,
}

impl ContactQuery {
    /// Which contacts are asked for, with nothing passed over: for programs, which cannot look at what they got.
    pub fn check(&self) -> Result<ContactFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        let customer = errors.code("customer", &self.customer);
        let q = errors.optional_text("q", &self.q, 100).unwrap_or_default();
        if !["", "primary", "deleted"].contains(&self.show.as_str()) {
            errors.add("show", Tr::field_unknown_choice);
        }
        errors.or(ContactFilter { q, customer, ..self.filter() })
    }

    /// Which contacts are asked for.
    pub fn filter(&self) -> ContactFilter {
        ContactFilter {
            q: self.q.trim().chars().take(100).collect(),
            customer: self.customer.parse().ok(),
            primary: self.show == "primary",
            deleted: self.show == "deleted",
        }
    }

    /// In which order.
    pub fn sort(&self) -> Sort<ContactColumn> {
        Sort::parse(&self.sort, Sort::ascending(ContactColumn::Name))
    }

    /// Which page.
    pub fn page(&self) -> PageRequest {
        if self.per_page.is_empty() {
            PageRequest::parse(&self.page)
        } else {
            PageRequest::with_size(&self.page, &self.per_page)
        }
    }
}
