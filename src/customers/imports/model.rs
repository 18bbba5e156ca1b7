//! The prices that imports brought.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::types::ids::{BatchId, CustomerId};

/// What an import said of a customer's prices. The pricing room opens a version from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedPrices {
    /// The customer.
    pub customer_id: CustomerId,
    /// The import.
    pub batch_id: BatchId,
    /// The one price.
    pub single_price: Option<Decimal>,
    /// The tiers, in their canonical text.
    pub tier_prices: Option<String>,
    /// From which day on, if the import says so.
    pub effective_on: Option<NaiveDate>,
}
