//! Rows and values of contacts.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::schema::contacts;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{ContactId, CustomerId};

use super::rules::{masked_email, masked_name, masked_phone};

/// Contacts as the audit log names them.
pub const KIND: &str = "contact";

/// A person at a customer.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = contacts, check_for_backend(Mysql))]
pub struct Contact {
    /// Their id.
    pub id: ContactId,
    /// The customer.
    pub customer_id: CustomerId,
    /// Their name.
    pub name: String,
    /// What they do there.
    pub role: Option<String>,
    /// Where they are called.
    pub phone: Option<String>,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// Remarks.
    pub remarks: Option<String>,
    /// Whether they are the one to begin with; at most one live contact of a customer is.
    pub is_primary: bool,
    /// Counts their changes, for the optimistic lock.
    pub version: u32,
    /// When they were written down.
    pub created_at: NaiveDateTime,
    /// When they were last changed.
    pub updated_at: NaiveDateTime,
    /// Since when they are gone.
    pub deleted_at: Option<NaiveDateTime>,
}

impl Contact {
    /// Whether they are not deleted.
    pub fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// With what is personal masked. Remarks may say anything of somebody, and go altogether.
    #[must_use]
    pub fn masked(self) -> Contact {
        Contact {
            name: masked_name(&self.name),
            phone: self.phone.as_deref().map(masked_phone),
            email: self.email.as_deref().map(masked_email),
            remarks: None,
            ..self
        }
    }
}

/// A contact with their customer: a row of the list, and the page of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// The contact, masked for who may not see contacts of this customer.
    pub contact: Contact,
    /// The code of the customer.
    pub customer_code: String,
    /// The name of the customer.
    pub customer_name: String,
    /// Whether whoever asks sees what is personal.
    pub is_seen: bool,
}

text_enum! {
    /// What the list can be sorted by.
    pub enum ContactColumn {
        /// The name.
        Name = "name",
        /// The name of the customer.
        Customer = "customer",
        /// The last change.
        Updated = "updated",
    }
}

/// Which contacts a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Part of the name, the phone or the address for mail; of the customer's name or code for who may not see contacts.
    pub q: String,
    /// Those of this customer.
    pub customer: Option<CustomerId>,
    /// Only the primary ones.
    pub primary: bool,
    /// The deleted ones instead.
    pub deleted: bool,
}

/// A contact as they were asked for, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactDraft {
    /// Their name.
    pub name: String,
    /// What they do there.
    pub role: Option<String>,
    /// Where they are called.
    pub phone: Option<String>,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// Remarks.
    pub remarks: Option<String>,
    /// Whether they are the one to begin with.
    pub is_primary: bool,
}

/// A contact as the audit log shows them.
#[derive(Debug, Serialize)]
pub struct ContactRecord {
    #[serde(skip)]
    id: ContactId,
    #[serde(skip)]
    department_path: Option<String>,
    customer: String,
    name: String,
    role: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    remarks: Option<String>,
    primary: bool,
}

impl ContactRecord {
    /// The record of a contact of a customer, which is itself named as the audit log names it.
    pub fn new(contact: &Contact, customer: &Subject) -> ContactRecord {
        ContactRecord {
            id: contact.id,
            department_path: customer.department_path.clone(),
            customer: customer.label.clone(),
            name: contact.name.clone(),
            role: contact.role.clone(),
            phone: contact.phone.clone(),
            email: contact.email.clone(),
            remarks: contact.remarks.clone(),
            primary: contact.is_primary,
        }
    }
}

impl Audited for ContactRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: KIND,
            id: Some(self.id.0),
            label: self.name.clone(),
            department_path: self.department_path.clone(),
        }
    }
}
