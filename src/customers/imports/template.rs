//! The workbook that people fill in: the columns under their names, with what there is to choose from.

use crate::accounts::users;
use crate::customers::dictionaries;
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::EntityType;
use crate::customers::status::model::Status;
use crate::db::Db;
use crate::i18n::Tr;
use crate::sheets::template::{Template, TemplateColumn, Value};
use crate::types::{Currency, Result};

use super::columns::{COLUMNS, SINGLE_PRICE, field};

/// The template, with the dictionaries and the users of this moment.
pub fn template(db: &mut Db, t: Tr) -> Result<Template> {
    let columns = COLUMNS.iter().map(|column| {
        let field = field(column.code);
        Ok(TemplateColumn {
            label: super::batch::field(t, column.code),
            value: value(column.code, field),
            required: column.required,
            choices: field.map_or_else(|| Ok(Vec::new()), |field| choices(db, t, field))?,
            help: help(t, column.code),
            example: String::new(),
        })
    });
    let columns = columns.collect::<Result<Vec<TemplateColumn>>>()?;
    Ok(Template { sheet: t.customer_imports_template_sheet().to_owned(), columns, example_row: false })
}

fn value(code: &str, field: Option<Field>) -> Value {
    match field.map(Field::holds) {
        Some(FieldType::Day) => Value::Day,
        Some(FieldType::Number) => Value::Number,
        None if code == SINGLE_PRICE => Value::Number,
        _ => Value::Text,
    }
}

fn choices(db: &mut Db, t: Tr, field: Field) -> Result<Vec<String>> {
    Ok(match field.holds() {
        FieldType::Choice(dictionary) => {
            let dictionaries = dictionaries::queries::shown(db)?;
            dictionaries.offered(dictionary).map(|value| value.label(t).to_owned()).collect()
        }
        FieldType::Owner => {
            let people = users::queries::people(db)?;
            people.iter().filter(|person| person.is_live).map(|person| person.name.clone()).collect()
        }
        FieldType::YesNo => vec![t.sheets_yes().to_owned(), t.sheets_no().to_owned()],
        FieldType::Status => Status::ALL.iter().map(|status| status.label(t)).collect(),
        FieldType::EntityType => EntityType::ALL.iter().map(|kind| kind.label(t)).collect(),
        FieldType::Currency => Currency::ALL.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    })
}

/// What is worth saying of a column, beside its name.
fn help(t: Tr, code: &str) -> String {
    match code {
        "company_code" => t.customer_imports_help_code(),
        "company_name" => t.customer_imports_help_name(),
        "onboarded_on" => t.customer_imports_help_onboarded(),
        "sales_owner" | "ops_owner" => t.customer_imports_help_owner(),
        "single_price" => t.customer_imports_help_single_price(),
        "tier_prices" => t.customer_imports_help_tier_prices(),
        "parent" => t.customer_imports_help_parent(),
        "billing_emails" => t.customer_imports_help_emails(),
        _ => "",
    }
    .to_owned()
}
