//! The workbook that people fill in: the columns under their names, with what there is to choose from.

use crate::catalog::meters;
use crate::db::Db;
use crate::i18n::Tr;
use crate::pricing::models::Model;
use crate::sheets::template::{Template, TemplateColumn, Value};
use crate::types::Result;

use super::cells::TERMS;
use super::columns::{
    self, COLUMNS, COMPANY_CODE, DEVICE_SERIES, FLAT_FEES, METER, MODEL, NUMBERS, TIERS, VALID_FROM, label,
};

/// The template, with the meters of this moment.
pub fn template(db: &mut Db, t: Tr) -> Result<Template> {
    let meters = meters::queries::all(db)?;
    let columns = COLUMNS.iter().map(|column| TemplateColumn {
        label: label(t, column.code),
        value: value(column.code),
        required: column.required,
        choices: match column.code {
            METER => meters.in_use().map(|meter| meter.label(t).to_owned()).collect(),
            MODEL => Model::ALL.iter().map(|model| columns::model(t, *model)).collect(),
            _ => Vec::new(),
        },
        help: help(t, column.code).to_owned(),
        example: String::new(),
    });
    let columns = columns.collect();
    Ok(Template { sheet: t.price_imports_template_sheet().to_owned(), columns, example_row: false })
}

fn value(code: &str) -> Value {
    if code == VALID_FROM {
        Value::Day
    } else if NUMBERS.contains(&code) || TERMS.contains(&code) {
        Value::Number
    } else {
        Value::Text
    }
}

/// What is worth saying of a column, beside its name.
fn help(t: Tr, code: &str) -> &'static str {
    match code {
        COMPANY_CODE => t.price_imports_help_code(),
        VALID_FROM => t.price_imports_help_day(),
        METER => t.price_imports_help_meter(),
        DEVICE_SERIES => t.price_imports_help_series(),
        MODEL => t.price_imports_help_model(),
        TIERS => t.price_imports_help_tiers(),
        FLAT_FEES => t.price_imports_help_fees(),
        "included" => t.price_imports_help_included(),
        "minimum" | "cap" | "discount_percent" => t.price_imports_help_terms(),
        _ => "",
    }
}
