//! Where the list of records is found.

use chrono::NaiveDate;

use crate::web::ui::PageUrl;

/// The list.
pub const INDEX: &str = "/usage/records";

/// Where the list is exported.
pub const EXPORT: &str = "/usage/records/export";

/// What a filter says for records without a series, or without a layer: no code is a hyphen alone.
pub const NONE: &str = "-";

/// A series or a layer as a filter says it.
pub fn or_none(code: &str) -> &str {
    if code.is_empty() { NONE } else { code }
}

/// The records of some days, filtered.
pub fn of(filters: &[(&str, &str)], first: NaiveDate, last: NaiveDate) -> String {
    let url = PageUrl::parse(INDEX).with("from", first).with("to", last);
    filters.iter().fold(url, |url, (name, value)| url.with(name, value)).to_string()
}

/// The records of a customer in some days.
pub fn of_customer(code: &str, meter: &str, first: NaiveDate, last: NaiveDate) -> String {
    of(&[("customer", code), ("meter", meter)], first, last)
}
