//! Where the list of customers is found.

use crate::customers::directory::fields::Field;
use crate::types::ids::CustomerId;

/// The list.
pub const INDEX: &str = "/customers";
/// The list without any filter, whatever view somebody begins with.
pub const EVERYBODY: &str = "/customers?view=all";
/// Exporting it.
pub const EXPORT: &str = "/customers/export";
/// Changing many at once.
pub const BULK: &str = "/customers/bulk";

/// One row of the list.
pub fn row(id: CustomerId) -> String {
    format!("{INDEX}/{id}/row")
}

/// One row, with a cell of it to be changed.
pub fn edited_row(id: CustomerId, field: Field) -> String {
    format!("{}?edit={field}", row(id))
}

/// One cell of a row, to be changed.
pub fn cell(id: CustomerId, field: Field) -> String {
    format!("{INDEX}/{id}/cells/{field}")
}
