//! Rows of payer aliases.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::schema::payer_aliases;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{CustomerId, PayerAliasId};

/// Payer aliases as the audit log names them.
pub const KIND: &str = "payer_alias";

/// A name under which a customer's money arrives.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = payer_aliases, check_for_backend(Mysql))]
pub struct PayerAlias {
    /// Its id.
    pub id: PayerAliasId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The name, as the bank writes it.
    pub name: String,
    /// When it was added.
    pub created_at: NaiveDateTime,
    /// Since when it is gone.
    pub deleted_at: Option<NaiveDateTime>,
}

/// An alias as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct PayerAliasRecord {
    #[serde(skip)]
    id: PayerAliasId,
    #[serde(skip)]
    department_path: Option<String>,
    name: String,
    customer: String,
}

impl PayerAliasRecord {
    /// The record of an alias of a customer, which is itself named as the audit log names it.
    pub fn new(id: PayerAliasId, name: &str, customer: &Subject) -> PayerAliasRecord {
        PayerAliasRecord {
            id,
            department_path: customer.department_path.clone(),
            name: name.to_owned(),
            customer: customer.label.clone(),
        }
    }
}

impl Audited for PayerAliasRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: KIND,
            id: Some(self.id.0),
            label: self.name.clone(),
            department_path: self.department_path.clone(),
        }
    }
}
