//! The values that every room shares. Depends on nothing but the words of [`crate::i18n`].
//!
//! Domain quantities are never bare primitives: an id, an amount, a permission or a moment has a type of its own,
//! and each type has one file here.

mod action;
pub mod actor;
pub mod audit_entry;
pub mod billing_month;
pub mod code;
pub mod device;
pub mod error;
pub mod field_errors;
pub mod ids;
pub mod money;
pub mod numbers;
pub mod outcome;
pub mod outgoing;
pub mod permission;
pub mod price_tiers;
pub mod personal;
pub mod refusal;
pub mod task;
pub mod tax_number;
pub mod text_enum;
pub mod time;

pub use action::Action;
pub use actor::{Actor, DepartmentRef, Origin, Source};
pub use audit_entry::{Entry, ExportRecord, Subject};
pub use billing_month::BillingMonth;
pub use code::is_code;
pub use error::{Error, Result};
pub use field_errors::FieldErrors;
pub use money::{Currency, Money, Quantity, UnitPrice};
pub use outcome::Outcome;
pub use outgoing::{Outgoing, Recipient};
pub use permission::{DataScope, Permission};
pub use price_tiers::{PriceTier, PriceTiers};
pub use refusal::Refusal;
pub use task::NewTask;
pub use tax_number::TaxNumber;
pub use time::Clock;
