//! What is asked of sending, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::types::time::business_day;
use crate::types::{BillingMonth, FieldErrors};
use crate::web::ui::Ui;

/// The most characters of a reason.
const MOST_OF_REASON: usize = 500;

/// Which month.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MonthQuery {
    /// The month, as `2026-10`.
    pub month: String,
}

impl MonthQuery {
    /// The month that is asked for, or the one before this.
    pub fn month(&self, ui: &Ui) -> BillingMonth {
        self.month.parse().unwrap_or_else(|_| BillingMonth::of(business_day(ui.now)).previous())
    }
}

/// Sending a bill, as the page and the API ask for it.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct SendForm {
    /// The version that was read, for the optimistic lock; of no matter for one that is sent once more.
    pub version: String,
    /// `true` to send a bill once more that was sent before.
    pub again: String,
}

impl SendForm {
    /// The version that was read; 0, which no bill has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// Whether the bill is to be sent once more.
    pub fn is_again(&self) -> bool {
        self.again == "true"
    }
}

/// Why a link is ended.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RevokeForm {
    /// Why.
    pub reason: String,
}

impl RevokeForm {
    /// The reason.
    pub fn check(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.required_text("reason", &self.reason, MOST_OF_REASON);
        errors.or(reason)
    }
}
