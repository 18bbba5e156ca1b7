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
    /// The column to move one place forward, if one is.
    pub up: String,
    /// The column to move one place back, if one is.
    pub down: String,
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
        let mut columns = self.column.clone();
        let place = |code: &str| columns.iter().position(|column| column == code);
        let earlier = place(&self.up).and_then(|at| at.checked_sub(1)).or_else(|| place(&self.down));
        if let Some(at) = earlier.filter(|at| at + 1 < columns.len()) {
            columns.swap(at, at + 1);
        }
        Ok(ColumnChoice { list: self.list.clone(), columns })
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
            let form =
                ColumnsForm { list: list.into(), column: vec![column.into()], ..ColumnsForm::default() };
            assert_eq!(form.check().is_ok(), good, "{list} {column}");
        }
    }

    #[test]
    fn a_column_moves_by_one_place_and_not_beyond_the_ends() {
        for (up, down, becomes) in [
            ("b", "", "b,a,c"),
            ("", "b", "a,c,b"),
            ("a", "", "a,b,c"),
            ("", "c", "a,b,c"),
            ("x", "", "a,b,c"),
            ("", "", "a,b,c"),
        ] {
            let form = ColumnsForm {
                list: "users".into(),
                column: ["a", "b", "c"].map(str::to_owned).to_vec(),
                up: up.into(),
                down: down.into(),
                back: String::new(),
            };
            assert_eq!(form.check().unwrap().columns.join(","), becomes, "{up} {down}");
        }
    }

    #[test]
    fn a_choice_is_limited_and_may_be_empty() {
        let form = |count| ColumnsForm {
            list: "users".into(),
            column: vec!["name".into(); count],
            ..ColumnsForm::default()
        };
        assert!(form(0).check().is_ok_and(|choice| choice.columns.is_empty()));
        assert!(form(MAX_COLUMNS).check().is_ok());
        assert!(form(MAX_COLUMNS + 1).check().is_err());
    }
}
