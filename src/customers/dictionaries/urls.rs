//! Where dictionaries are found.

use crate::types::ids::DictionaryValueId;

use super::model::Dictionary;

/// All of them, one at a time.
pub const INDEX: &str = "/dictionaries";

/// The list of customers.
pub const CUSTOMERS: &str = "/customers";

/// One dictionary.
pub fn dictionary(dictionary: impl Into<Dictionary>) -> String {
    format!("{INDEX}?dictionary={}", dictionary.into())
}

/// The form of a new value.
pub fn new(dictionary: impl Into<Dictionary>) -> String {
    format!("{INDEX}/new?dictionary={}", dictionary.into())
}

/// One value, where its form is sent to.
pub fn value(id: impl Into<DictionaryValueId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Editing a value.
pub fn edit(id: impl Into<DictionaryValueId>) -> String {
    format!("{}/edit", value(id))
}

/// Moving a value among the others.
pub fn shift(id: impl Into<DictionaryValueId>) -> String {
    format!("{}/move", value(id))
}

/// Offering a value no more.
pub fn retire(id: impl Into<DictionaryValueId>) -> String {
    format!("{}/retire", value(id))
}

/// Offering a retired value again.
pub fn revive(id: impl Into<DictionaryValueId>) -> String {
    format!("{}/revive", value(id))
}

/// Deleting a value.
pub fn delete(id: impl Into<DictionaryValueId>) -> String {
    format!("{}/delete", value(id))
}

/// Merging a value into another.
pub fn merge(id: impl Into<DictionaryValueId>) -> String {
    format!("{}/merge", value(id))
}

/// The customers that have a value.
pub fn customers(dictionary: impl Into<Dictionary>, code: &str) -> String {
    format!("{CUSTOMERS}?{}={code}", dictionary.into())
}
