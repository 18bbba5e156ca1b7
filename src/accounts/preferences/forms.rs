//! What is ticked in the choice of columns, checked.

use serde::Deserialize;

use crate::i18n::Tr;
use crate::types::{Error, Result, is_code};

/// The most columns of a list.
const MAX_COLUMNS: usize = 40;

/// The choice of columns, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ColumnsForm {
    /// The list.
    pub list: String,
    /// The columns that were ticked, in their order.
    pub column: Vec<String>,
    /// The page to go back to.
    pub back: String,
}

/// The columns that somebody chose for a list; none for the usual ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    /// The list.
    pub list: String,
    /// The codes of the columns.
    pub columns: Vec<String>,
}

impl ColumnsForm {
    /// The choice that the form asks for.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when a name is no name: nobody can tick that on a page of ours.
    pub fn check(&self) -> Result<ColumnChoice> {
        let names = std::iter::once(&self.list).chain(&self.column);
        if self.column.len() > MAX_COLUMNS || !names.into_iter().all(|name| is_code(name)) {
            return Err(Error::bad_request(Tr::field_unknown_choice));
        }
        Ok(ColumnChoice { list: self.list.clone(), columns: self.column.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_lower_case_letters() {
        for (list, column, good) in [
            ("accounts.users", "last_signed_in", true),
            ("", "name", false),
            ("users", "", false),
            ("Users", "name", false),
            ("users", "name,email", false),
        ] {
            let form = ColumnsForm { list: list.into(), column: vec![column.into()], back: String::new() };
            assert_eq!(form.check().is_ok(), good, "{list} {column}");
        }
    }

    #[test]
    fn a_choice_is_limited_and_may_be_empty() {
        let form = |count| ColumnsForm {
            list: "users".into(),
            column: vec!["name".into(); count],
            back: String::new(),
        };
        assert!(form(0).check().is_ok_and(|choice| choice.columns.is_empty()));
        assert!(form(MAX_COLUMNS).check().is_ok());
        assert!(form(MAX_COLUMNS + 1).check().is_err());
    }
}
