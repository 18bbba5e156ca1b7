//! Where the overview is found.

use crate::types::BillingMonth;
use crate::web::ui::PageUrl;

/// The overview.
pub const INDEX: &str = "/usage";

/// Where a month is exported.
pub const EXPORT: &str = "/usage/export";

/// The customers of a month, ranked.
pub const CUSTOMERS: &str = "/usage/customers";

/// The customers of a month, ranked in an order.
pub fn customers(month: BillingMonth, meter: &str, order: &str) -> String {
    let url = PageUrl::parse(CUSTOMERS).with("month", month).with("meter", meter);
    url.with("order", order).to_string()
}
