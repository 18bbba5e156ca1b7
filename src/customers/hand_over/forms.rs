//! What is typed into the form of handing over, checked.

use serde::Deserialize;

use crate::types::FieldErrors;
use crate::types::ids::UserId;
use crate::web::reason::MAX_REASON;

/// Who owns a customer from now on, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// Who sells to it.
    pub sales_owner: Option<UserId>,
    /// Who looks after it.
    pub ops_owner: Option<UserId>,
    /// Why.
    pub reason: String,
}

/// The form of handing over, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct HandOverForm {
    /// The id of who sells to it; may be blank.
    pub sales_owner: String,
    /// The id of who looks after it; may be blank.
    pub ops_owner: String,
    /// Why.
    pub reason: String,
    /// The version of the customer that was read, for the optimistic lock.
    pub version: String,
}

impl HandOverForm {
    /// What the form asks for.
    pub fn check(&self) -> Result<HandOver, FieldErrors> {
        let mut errors = FieldErrors::new();
        let sales_owner = errors.code("sales_owner", &self.sales_owner);
        let ops_owner = errors.code("ops_owner", &self.ops_owner);
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        errors.or(HandOver { sales_owner, ops_owner, reason })
    }

    /// The version that was read; 0, which no customer has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}
