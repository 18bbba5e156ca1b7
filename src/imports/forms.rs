//! What the pages of imports are asked for, and what their forms send.

use serde::Deserialize;

use super::kinds::ImportKind;

/// The fields of a form whose names depend on the file, in their order.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct NamedFields(pub Vec<(String, String)>);

impl NamedFields {
    /// The value of a field; blank when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    /// The cells that were sent: row, column's code and text, from fields named `12.company_name`.
    pub fn cells(&self, kind: &ImportKind) -> Vec<(u32, String, String)> {
        let cell = |(name, text): &(String, String)| {
            let (row, code) = name.split_once('.')?;
            let column = kind.column(code)?;
            Some((row.parse().ok()?, column.code.to_owned(), text.trim().to_owned()))
        };
        self.0.iter().filter_map(cell).collect()
    }

    /// The columns that were chosen, from fields named `column.3`.
    pub fn columns(&self, width: usize) -> Vec<Option<String>> {
        let chosen =
            |place: usize| Some(self.get(&format!("column.{place}"))).filter(|code| !code.is_empty());
        (0..width).map(|place| chosen(place).map(str::to_owned)).collect()
    }

    /// The sheet and the row of the header that were chosen, where they were.
    pub fn place(&self) -> Option<(usize, u32)> {
        Some((self.get("sheet").trim().parse().ok()?, self.get("header_row").trim().parse().ok()?))
    }
}

/// Which table of the file the page of columns shows.
#[derive(Debug, Default, Deserialize)]
pub struct TableQuery {
    /// The place of the sheet.
    #[serde(default)]
    pub sheet: String,
    /// The row of the header.
    #[serde(default)]
    pub header_row: String,
}

impl TableQuery {
    /// The place of the sheet and the row of the header, where they were asked for.
    pub fn place(&self) -> Option<(usize, Option<u32>)> {
        Some((self.sheet.trim().parse().ok()?, self.header_row.trim().parse().ok()))
    }
}
