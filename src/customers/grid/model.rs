//! What the list of customers is asked for, and what it answers.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::Customer;
use crate::db::listing::Sort;
use crate::i18n::Tr;
use crate::types::ids::{CustomerId, UserId};

/// Rows on a page.
pub const PER_PAGE: usize = 50;

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A field of customers.
    Of(Field),
    /// When the customer was created.
    CreatedAt,
    /// When the customer was last changed.
    UpdatedAt,
}

/// A text that names no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoColumn;

impl Column {
    /// All columns, in the order of the workbook that staff kept (`domain.md` §2).
    pub fn all() -> impl Iterator<Item = Column> {
        Field::ALL.iter().copied().map(Column::Of).chain([Column::CreatedAt, Column::UpdatedAt])
    }

    /// The code in URLs, preferences and files.
    pub fn code(self) -> &'static str {
        match self {
            Column::Of(field) => field.as_str(),
            Column::CreatedAt => "created_at",
            Column::UpdatedAt => "updated_at",
        }
    }

    /// What it is called.
    pub fn label(self, t: Tr) -> String {
        match self {
            Column::Of(field) => field.label(t),
            Column::CreatedAt => t.customer_list_created().to_owned(),
            Column::UpdatedAt => t.customer_list_updated().to_owned(),
        }
    }

    /// Whether the list can be sorted by it.
    pub fn is_sortable(self) -> bool {
        super::orders::order(self).is_some()
    }

    /// Whether its cells can be changed right in the list.
    pub fn is_editable(self) -> bool {
        matches!(
            self,
            Column::Of(
                Field::SalesOwner
                    | Field::OpsOwner
                    | Field::Level
                    | Field::Status
                    | Field::Billable
                    | Field::Disabled
            )
        )
    }

    /// Whether it tells of people at the customer, so that only those see it who may see contacts.
    pub fn is_personal(self) -> bool {
        matches!(self, Column::Of(Field::BillingEmails))
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Column {
    type Err = NoColumn;

    fn from_str(code: &str) -> Result<Column, NoColumn> {
        Column::all().find(|column| column.code() == code).ok_or(NoColumn)
    }
}

/// The order in which the list stands unless asked otherwise.
pub fn usual_sort() -> Sort<Column> {
    Sort::ascending(Column::Of(Field::CompanyCode))
}

/// What a field has to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// This canonical text.
    Is(String),
    /// Nothing.
    Blank,
}

/// The fields that the list can be filtered by, one value each.
pub const PICKED: [Field; 14] = [
    Field::Status,
    Field::Level,
    Field::AccountType,
    Field::Industry,
    Field::ErpSystem,
    Field::SettlementMode,
    Field::SpendLevel,
    Field::Source,
    Field::Channel,
    Field::EntityType,
    Field::Billable,
    Field::Disabled,
    Field::SalesOwner,
    Field::OpsOwner,
];

/// Whether a field may be empty, so that one can look for those in whom it is.
pub fn may_be_blank(field: Field) -> bool {
    !field.is_required() && matches!(field.holds(), FieldType::Choice(_) | FieldType::Owner)
}

/// A range, both ends included; an end that is open lets everything through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range<T> {
    /// The first.
    pub from: Option<T>,
    /// The last.
    pub to: Option<T>,
}

impl<T> Default for Range<T> {
    fn default() -> Range<T> {
        Range { from: None, to: None }
    }
}

impl<T> Range<T> {
    /// Whether it lets everything through.
    pub fn is_open(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }
}

/// Which customers are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words, each of which the customer has to be found by.
    pub words: Vec<String>,
    /// What fields have to hold.
    pub picks: BTreeMap<Field, Pick>,
    /// Who owns them, in either way.
    pub owner: Option<UserId>,
    /// When they came aboard.
    pub onboarded: Range<NaiveDate>,
    /// When they were created.
    pub created: Range<NaiveDate>,
    /// How much they usually use in a month.
    pub usage: Range<i64>,
    /// The deleted ones instead of the live.
    pub deleted: bool,
}

/// From where the list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// From its beginning.
    First,
    /// After this customer, before whom stand so many rows with it.
    After(CustomerId, i64),
    /// Up to this customer, before the page stand so many rows.
    Before(CustomerId, i64),
    /// Its end.
    Last,
}

/// How many customers the filter lets through, and what they add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub count: i64,
    /// Their monthly average usage together.
    pub usage: i64,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct GridPage {
    /// Its customers.
    pub rows: Vec<Customer>,
    /// Of how many.
    pub totals: Totals,
    /// How many rows stand before the page.
    pub before: i64,
    /// Whether there are more after it.
    pub has_more: bool,
}

impl GridPage {
    /// The position of the last row, from 1.
    pub fn last(&self) -> i64 {
        self.before + i64::try_from(self.rows.len()).unwrap_or_default()
    }
}
