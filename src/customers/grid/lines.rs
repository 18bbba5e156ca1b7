//! The rows of the list as its page shows them, each by itself, so that one can be shown anew.

use crate::accounts::preferences;
use crate::customers::directory::fields::Field;
use crate::customers::directory::model::{Customer, KIND};
use crate::customers::status;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::CustomerId;
use crate::types::{Error, Permission, Result};
use crate::web::Ctx;
use crate::web::ui::{Choice, Columns, Ui};

use super::cells::{Names, Shown};
use super::forms::GridQuery;
use super::model::Column;
use super::urls;

/// The list as it is named in preferences.
pub const LIST: &str = "customers";

/// The columns that everybody begins with. Code and name always stand at the front.
const USUAL: [&str; 11] = [
    "status",
    "level",
    "sales_owner",
    "ops_owner",
    "account_type",
    "industry",
    "settlement_mode",
    "billable",
    "disabled",
    "onboarded_on",
    "monthly_average_usage",
];

/// The columns to choose from, and those that are shown: as the URL says, else as the user chose.
pub fn columns(db: &mut Db, t: Tr, query: &GridQuery) -> Result<Columns> {
    let chosen = match query.columns() {
        Some(columns) => Some(columns.to_owned()),
        None => preferences::queries::columns(db, LIST)?,
    };
    let choosable = Column::all().filter(|column| !is_fixed(*column));
    let all = choosable.map(|column| (column.code(), column.label(t))).collect();
    Ok(Columns::new(LIST, all, &USUAL, chosen.as_deref()).ordered())
}

/// Columns by their codes; all when there are none.
///
/// # Errors
/// [`Error::BadRequest`] when there is no such column.
pub fn named(codes: &[String]) -> Result<Vec<Column>> {
    if codes.is_empty() {
        return Ok(Column::all().collect());
    }
    let column = |code: &String| code.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice));
    codes.iter().map(column).collect()
}

fn is_fixed(column: Column) -> bool {
    matches!(column, Column::Of(Field::CompanyCode | Field::CompanyName))
}

/// The columns that are shown beside code and name, in their order.
pub fn shown(columns: &Columns) -> Vec<Column> {
    columns.shown().filter_map(|(code, _)| code.parse().ok()).collect()
}

/// The form in a cell that is being changed.
pub struct CellForm {
    /// Where it is sent.
    pub action: String,
    /// Where the row is as it was.
    pub cancel: String,
    /// The version of the customer that was read.
    pub version: u32,
    /// What the field is called.
    pub label: String,
    /// What it may become.
    pub choices: Vec<Choice>,
    /// What it is, or was meant to become.
    pub value: String,
    /// The reason that was given; `None` where none is asked for.
    pub reason: Option<String>,
    /// What is wrong.
    pub fault: String,
    /// The page that shows the list.
    pub back: String,
}

/// A cell of a row.
pub struct CellView {
    /// The code of its column.
    pub code: &'static str,
    /// What its column is called.
    pub label: String,
    /// Its classes.
    pub class: &'static str,
    /// What it shows.
    pub shown: Shown,
    /// Where it is changed, as a page and as a part of one; `None` where it is not.
    pub edit: Option<(String, String)>,
    /// The form, while it is being changed.
    pub form: Option<CellForm>,
}

/// A row.
pub struct Line {
    /// The customer.
    pub id: CustomerId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its page, where there is one.
    pub page: Option<String>,
    /// Whether it can be ticked.
    pub can_pick: bool,
    /// Its cells, in the order of the columns.
    pub cells: Vec<CellView>,
}

impl Line {
    /// Puts a form into the cell of a field.
    pub fn open(&mut self, field: Field, form: CellForm) {
        if let Some(cell) = self.cells.iter_mut().find(|cell| cell.code == field.as_str()) {
            cell.form = Some(form);
        }
    }
}

/// Makes rows of customers.
pub struct Lines<'a> {
    ui: &'a Ui,
    names: &'a Names,
    columns: &'a [Column],
    /// The page of each customer, with `{}` for its id.
    page: Option<&'a str>,
}

impl<'a> Lines<'a> {
    /// Rows with these columns; `page` is the page of each customer, with `{}` for its id.
    pub fn new(ui: &'a Ui, names: &'a Names, columns: &'a [Column], page: Option<&'a str>) -> Lines<'a> {
        Lines { ui, names, columns, page }
    }

    /// The row of a customer.
    pub fn line(&self, customer: &Customer) -> Line {
        let (ui, t) = (self.ui, self.ui.t);
        let cell = |column: &Column| {
            let shown = self.names.shown(t, *column, customer);
            CellView {
                code: column.code(),
                label: column.label(t),
                class: class(*column),
                edit: self.edit(*column, customer),
                shown,
                form: None,
            }
        };
        Line {
            id: customer.id,
            code: customer.fields.company_code.clone(),
            name: customer.fields.company_name.clone(),
            page: self.page.map(|page| page.replace("{}", &customer.id.to_string())),
            can_pick: customer.is_live() && ui.can(Permission::CustomerEdit),
            cells: self.columns.iter().map(cell).collect(),
        }
    }

    /// Where a cell is changed, by who may.
    fn edit(&self, column: Column, customer: &Customer) -> Option<(String, String)> {
        let Column::Of(field) = column else { return None };
        let may = customer.is_live() && column.is_editable() && may_edit(self.ui, field);
        let may =
            may && (field != Field::Status || !status::rules::moves_from(customer.fields.status).is_empty());
        may.then(|| (urls::cell(customer.id, field), urls::edited_row(customer.id, field)))
    }
}

/// Whether somebody may change a field right in the list.
pub fn may_edit(ui: &Ui, field: Field) -> bool {
    ui.can(permission(field))
}

/// What it takes to change a field.
pub fn permission(field: Field) -> Permission {
    if field == Field::Status { Permission::StatusMove } else { Permission::CustomerEdit }
}

/// The classes of a column's cells.
pub fn class(column: Column) -> &'static str {
    match column {
        Column::CreatedAt | Column::UpdatedAt | Column::Of(Field::OnboardedOn) => "nowrap",
        Column::Of(Field::MonthlyAverageUsage | Field::PaymentTermDays) => "num",
        Column::Of(Field::Remarks | Field::Address) => "clip",
        Column::Of(_) => "",
    }
}

/// The page of customers with `{}` for the id, where the actor may open it.
pub fn page_of_customers(ctx: &Ctx) -> Option<String> {
    ctx.page_of(KIND, 0).map(|page| page.replace("/0", "/{}"))
}

/// What a field of a customer may become.
pub fn choices(db: &mut Db, t: Tr, field: Field, customer: &Customer) -> Result<Vec<Choice>> {
    let current = customer.fields.get(field);
    let mut all = super::choices::of_field(db, t, field, current.as_deref())?;
    if field == Field::Status {
        let was = customer.fields.status;
        let moves = status::rules::moves_from(was);
        all.retain(|choice| {
            choice.value == was.as_str() || moves.iter().any(|to| to.as_str() == choice.value)
        });
    }
    if !field.is_required() {
        all.insert(0, Choice::new("", t.customer_list_nothing()));
    }
    Ok(all)
}
