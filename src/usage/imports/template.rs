//! The workbook that people fill in with usage.

use crate::catalog;
use crate::db::Db;
use crate::i18n::Tr;
use crate::sheets::template::{Template, TemplateColumn, Value};
use crate::types::Result;

use super::columns::{COLUMNS, Field};
use super::reading::column;

/// The template, with the meters of this moment.
pub fn template(db: &mut Db, t: Tr) -> Result<Template> {
    let meters = catalog::meters::queries::all(db)?;
    let codes: Vec<String> = meters.in_use().map(|meter| meter.code.clone()).collect();
    let usual = meters.usual().map(|meter| meter.code.clone()).unwrap_or_default();
    let columns = COLUMNS.iter().map(|known| TemplateColumn {
        label: column(t, known.code),
        value: match known.field {
            Field::Day => Value::Day,
            Field::Quantity => Value::Number,
            _ => Value::Text,
        },
        required: known.required || known.field == Field::Source,
        choices: if known.field == Field::Meter { codes.clone() } else { Vec::new() },
        help: match known.field {
            Field::Source => t.usage_imports_help_source().to_owned(),
            Field::CompanyCode => t.usage_imports_help_code().to_owned(),
            Field::Meter => t.usage_imports_help_meter(&usual),
            Field::Quantity => t.usage_imports_help_quantity().to_owned(),
            _ => String::new(),
        },
        example: String::new(),
    });
    Ok(Template {
        sheet: t.usage_imports_template_sheet().to_owned(),
        columns: columns.collect(),
        example_row: false,
    })
}
