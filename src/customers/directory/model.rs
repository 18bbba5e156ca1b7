//! Rows and values of customers.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::customers::status::model::Status;
use crate::i18n::Tr;
use crate::schema::{customer_details, customers};
use crate::text_enum;
use crate::types::Currency;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{CustomerId, UserId};

/// Customers as the audit log and the files name them.
pub const KIND: &str = "customer";

text_enum! {
    /// What the customer is.
    pub enum EntityType {
        /// A company.
        Enterprise = "enterprise",
        /// A person.
        Individual = "individual",
    }
}

impl EntityType {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("entity_type", self.as_str())
    }
}

text_enum! {
    /// What kind of account it is. The codes of the dictionary of that name.
    pub enum AccountType {
        /// A paying customer: the only kind that is billed.
        Formal = "formal",
        /// A customer who tries the service.
        Trial = "trial",
        /// One of our own.
        Internal = "internal",
    }
}

text_enum! {
    /// How the customer is charged. The codes of the dictionary of that name.
    pub enum SettlementMode {
        /// A price for each unit.
        PerUnit = "per_unit",
        /// Prices by tiers of quantity.
        Tiered = "tiered",
        /// A fee for a year.
        Annual = "annual",
    }
}

text_enum! {
    /// How much the customer spends in a year. The codes of the dictionary of that name.
    pub enum SpendLevel {
        /// The most.
        C1 = "C1",
        /// Less than C1.
        C2 = "C2",
        /// Less than C2.
        C3 = "C3",
        /// Less than C3.
        C4 = "C4",
        /// Less than C4.
        C5 = "C5",
        /// The rest.
        C6 = "C6",
    }
}

/// The days after which a bill is due, unless agreed otherwise.
pub const PAYMENT_TERM_DAYS: u32 = 30;

/// What people fill in of a customer (`domain.md` §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The code, by which usage finds the customer.
    pub company_code: String,
    /// The name, as in the contract.
    pub company_name: String,
    /// Company or person.
    pub entity_type: EntityType,
    /// What kind of account it is.
    pub account_type: AccountType,
    /// The line of business: a code of the dictionary.
    pub industry: Option<String>,
    /// The business system: a code of the dictionary.
    pub erp_system: Option<String>,
    /// When the customer came aboard.
    pub onboarded_on: Option<NaiveDate>,
    /// What was written instead of such a day, word by word.
    pub onboarded_text: Option<String>,
    /// How important the customer is: a code of the dictionary.
    pub level: Option<String>,
    /// Who sells to them.
    pub sales_owner: Option<UserId>,
    /// Who looks after them.
    pub ops_owner: Option<UserId>,
    /// Where the customer stands.
    pub status: Status,
    /// Whether the customer takes part in settlement.
    pub billable: bool,
    /// Whether the service is stopped.
    pub disabled: bool,
    /// Remarks.
    pub remarks: Option<String>,
    /// How the customer is charged.
    pub settlement_mode: Option<SettlementMode>,
    /// How much the customer spends.
    pub spend_level: Option<SpendLevel>,
    /// Why the spend level was set by hand.
    pub spend_level_reason: Option<String>,
    /// The usual usage of a month, as it was imported.
    pub monthly_average_usage: Option<i64>,
    /// 统一社会信用代码.
    pub credit_code: Option<String>,
    /// How the customer came: a code of the dictionary.
    pub source: Option<String>,
    /// By which channel the customer is served: a code of the dictionary.
    pub channel: Option<String>,
    /// The customer that this one belongs to.
    pub parent: Option<CustomerId>,
    /// The address.
    pub address: Option<String>,
    /// The name on invoices.
    pub invoice_title: Option<String>,
    /// Where bills go: mail addresses, none twice.
    pub billing_emails: Vec<String>,
    /// The days after which a bill is due.
    pub payment_term_days: u32,
    /// The currency of bills.
    pub currency: Currency,
}

impl Default for Fields {
    fn default() -> Fields {
        Fields {
            company_code: String::new(),
            company_name: String::new(),
            entity_type: EntityType::Enterprise,
            account_type: AccountType::Formal,
            industry: None,
            erp_system: None,
            onboarded_on: None,
            onboarded_text: None,
            level: None,
            sales_owner: None,
            ops_owner: None,
            status: Status::Lead,
            billable: true,
            disabled: false,
            remarks: None,
            settlement_mode: None,
            spend_level: None,
            spend_level_reason: None,
            monthly_average_usage: None,
            credit_code: None,
            source: None,
            channel: None,
            parent: None,
            address: None,
            invoice_title: None,
            billing_emails: Vec::new(),
            payment_term_days: PAYMENT_TERM_DAYS,
            currency: Currency::Cny,
        }
    }
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// What people filled in.
    pub fields: Fields,
    /// The customer that this one was merged into.
    pub merged_into: Option<CustomerId>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
    /// When it was created.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
    /// Since when it is gone.
    pub deleted_at: Option<NaiveDateTime>,
}

/// A customer that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Its id.
    pub id: CustomerId,
    /// Its version now.
    pub version: u32,
}

/// A row of `customers`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = customers, check_for_backend(Mysql))]
pub(super) struct Row {
    id: CustomerId,
    company_code: String,
    company_name: String,
    entity_type: EntityType,
    account_type: AccountType,
    industry: Option<String>,
    erp_system: Option<String>,
    onboarded_on: Option<NaiveDate>,
    onboarded_text: Option<String>,
    level: Option<String>,
    sales_owner_id: Option<UserId>,
    ops_owner_id: Option<UserId>,
    status: Status,
    billable: bool,
    disabled: bool,
    settlement_mode: Option<SettlementMode>,
    spend_level: Option<SpendLevel>,
    monthly_average_usage: Option<i64>,
    source: Option<String>,
    channel: Option<String>,
    parent_id: Option<CustomerId>,
    merged_into_id: Option<CustomerId>,
    version: u32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    deleted_at: Option<NaiveDateTime>,
}

/// A row of `customer_details`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = customer_details, check_for_backend(Mysql))]
pub(super) struct Details {
    credit_code: Option<String>,
    address: Option<String>,
    invoice_title: Option<String>,
    billing_emails: Option<String>,
    payment_term_days: u32,
    currency: Currency,
    spend_level_reason: Option<String>,
    remarks: Option<String>,
}

impl From<(Row, Details)> for Customer {
    fn from((row, details): (Row, Details)) -> Customer {
        Customer {
            id: row.id,
            merged_into: row.merged_into_id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
            fields: Fields {
                company_code: row.company_code,
                company_name: row.company_name,
                entity_type: row.entity_type,
                account_type: row.account_type,
                industry: row.industry,
                erp_system: row.erp_system,
                onboarded_on: row.onboarded_on,
                onboarded_text: row.onboarded_text,
                level: row.level,
                sales_owner: row.sales_owner_id,
                ops_owner: row.ops_owner_id,
                status: row.status,
                billable: row.billable,
                disabled: row.disabled,
                remarks: details.remarks,
                settlement_mode: row.settlement_mode,
                spend_level: row.spend_level,
                spend_level_reason: details.spend_level_reason,
                monthly_average_usage: row.monthly_average_usage,
                credit_code: details.credit_code,
                source: row.source,
                channel: row.channel,
                parent: row.parent_id,
                address: details.address,
                invoice_title: details.invoice_title,
                billing_emails: super::fields::emails(details.billing_emails.as_deref().unwrap_or_default()),
                payment_term_days: details.payment_term_days,
                currency: details.currency,
            },
        }
    }
}

/// A customer as the audit log shows it: each field by its name, in words that stay readable when dictionaries and users
/// have changed.
#[derive(Debug, Serialize)]
pub struct CustomerRecord {
    /// The customer.
    #[serde(skip)]
    pub id: CustomerId,
    /// What it is recognised by.
    #[serde(skip)]
    pub label: String,
    /// Where its owners stand in the tree.
    #[serde(skip)]
    pub department_path: Option<String>,
    /// The fields.
    #[serde(flatten)]
    pub fields: BTreeMap<&'static str, Value>,
}

impl Audited for CustomerRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: KIND,
            id: Some(self.id.0),
            label: self.label.clone(),
            department_path: self.department_path.clone(),
        }
    }
}
