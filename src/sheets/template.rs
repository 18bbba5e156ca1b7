//! The workbook that people fill in and upload: a header, a row of hints, drop-downs, and a sheet that explains.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format as Style, FormatAlign, FormatBorder, Formula,
    Workbook, Worksheet, XlsxError,
};

use std::io::Seek as _;

use anyhow::Context as _;

use crate::i18n::Tr;
use crate::types::Result;

use super::MAX_ROWS;
use super::fault::column_name;
use super::write::{Finished, Format, cut, sheet_name, temporary, width, xlsx};

/// What kind of value a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Value {
    /// A text; digits are kept as they are typed.
    #[default]
    Text,
    /// A day.
    Day,
    /// A number.
    Number,
}

/// A column of a template.
#[derive(Debug, Clone, Default)]
pub struct TemplateColumn {
    /// Its name in the header.
    pub label: String,
    /// What kind of value it takes.
    pub value: Value,
    /// Whether each row needs one.
    pub required: bool,
    /// What there is to choose from; anything, when empty.
    pub choices: Vec<String>,
    /// A sentence on what belongs there.
    pub help: String,
    /// An example.
    pub example: String,
}

/// A template.
#[derive(Debug, Clone, Default)]
pub struct Template {
    /// The name of the sheet to fill in.
    pub sheet: String,
    /// Its columns.
    pub columns: Vec<TemplateColumn>,
    /// Whether a row of examples stands beneath the hints. Whoever forgets to delete it imports it.
    pub example_row: bool,
}

/// Excel takes a list into the rule itself only when it is no longer than this.
const SHORT_LIST: usize = 255;

impl Template {
    /// Writes the workbook in the words of a language.
    pub fn write(&self, t: Tr) -> Result<Finished> {
        let mut workbook = Workbook::new();
        self.fill_in(&mut workbook, t).map_err(xlsx)?;
        let mut file = temporary()?;
        workbook.save_to_writer(&mut file).map_err(xlsx)?;
        file.rewind().context("the temporary file cannot be read")?;
        Ok(Finished { file, format: Format::Xlsx })
    }

    fn fill_in(&self, workbook: &mut Workbook, t: Tr) -> Result<(), XlsxError> {
        let lists = self.lists(t);
        self.table(workbook.add_worksheet(), &lists, t)?;
        self.explanation(workbook.add_worksheet(), t)?;
        if lists.iter().any(List::is_long) {
            self.long_lists(workbook.add_worksheet(), t)?;
        }
        Ok(())
    }

    /// What there is to choose from in each column.
    fn lists(&self, t: Tr) -> Vec<List> {
        let sheet = sheet_name(t.sheets_template_lists());
        (1_u32..)
            .zip(&self.columns)
            .map(|(column, known)| match known.choices.as_slice() {
                [] => List::Anything,
                choices
                    if choices.iter().map(|choice| choice.chars().count() + 1).sum::<usize>()
                        <= SHORT_LIST
                        && !choices.iter().any(|choice| choice.contains(',')) =>
                {
                    List::Short(choices.to_vec())
                }
                choices => {
                    let letters = column_name(column);
                    List::Long(format!("='{sheet}'!${letters}$2:${letters}${}", choices.len() + 1))
                }
            })
            .collect()
    }

    /// The sheet to fill in.
    fn table(&self, sheet: &mut Worksheet, lists: &[List], t: Tr) -> Result<(), XlsxError> {
        sheet.set_name(sheet_name(&self.sheet))?;
        sheet.set_freeze_panes(2, 0)?;
        let styles = Styles::new();
        for ((place, column), list) in (0_u16..).zip(&self.columns).zip(lists) {
            let style = if column.required { &styles.required } else { &styles.header };
            let hint = column.hint(t);
            sheet.write_string_with_format(0, place, column.heading(), style)?;
            sheet.write_string_with_format(1, place, &hint, &styles.hint)?;
            let wide = width(&column.heading()).max(width(&hint)).max(width(&column.example)).clamp(10, 40);
            sheet.set_column_width(place, wide + 2)?;
            sheet.set_column_format(place, styles.of(column.value))?;
            if self.example_row {
                sheet.write_string_with_format(2, place, &column.example, styles.of(column.value))?;
            }
            if let Some(rule) = list.rule()? {
                let last = u32::try_from(MAX_ROWS).unwrap_or(u32::MAX) + 1;
                sheet.add_data_validation(2, place, last, place, &rule)?;
            }
        }
        Ok(())
    }

    /// The sheet that explains each column.
    fn explanation(&self, sheet: &mut Worksheet, t: Tr) -> Result<(), XlsxError> {
        sheet.set_name(sheet_name(t.sheets_template_explanation()))?;
        sheet.set_freeze_panes(1, 0)?;
        let styles = Styles::new();
        let headings = [
            (t.sheets_template_column(), 20),
            (t.sheets_template_required(), 10),
            (t.sheets_template_help(), 60),
            (t.sheets_template_example(), 28),
            (t.sheets_template_choices(), 60),
        ];
        for (place, (heading, width)) in (0_u16..).zip(headings) {
            sheet.write_string_with_format(0, place, heading, &styles.header)?;
            sheet.set_column_width(place, width)?;
        }
        for (row, column) in (1_u32..).zip(&self.columns) {
            let required = if column.required { t.sheets_yes() } else { t.sheets_no() };
            let choices = t.join(&column.choices);
            let texts = [column.label.as_str(), required, &column.help, &column.example, &choices];
            for (place, text) in (0_u16..).zip(texts) {
                sheet.write_string_with_format(row, place, cut(text), &styles.wrapped)?;
            }
        }
        Ok(())
    }

    /// The lists that are too long for their rule, on a hidden sheet: each in the column of its own column.
    fn long_lists(&self, sheet: &mut Worksheet, t: Tr) -> Result<(), XlsxError> {
        sheet.set_name(sheet_name(t.sheets_template_lists()))?;
        sheet.set_hidden(true);
        for (place, column) in (0_u16..).zip(&self.columns) {
            if column.choices.is_empty() {
                continue;
            }
            sheet.write_string(0, place, &column.label)?;
            for (row, choice) in (1_u32..).zip(&column.choices) {
                sheet.write_string(row, place, choice)?;
            }
        }
        Ok(())
    }
}

impl TemplateColumn {
    /// The name in the header, an asterisk behind it where a value is required.
    fn heading(&self) -> String {
        if self.required { format!("{} *", self.label) } else { self.label.clone() }
    }

    /// What stands beneath the header; [`super::header`] knows these words and takes the row for no data.
    fn hint(&self, t: Tr) -> String {
        let kind = match self.value {
            _ if !self.choices.is_empty() => t.sheets_template_hint_choice(),
            Value::Day => t.sheets_template_hint_day(),
            Value::Number => t.sheets_template_hint_number(),
            Value::Text => t.sheets_template_hint_text(),
        };
        if self.required {
            t.sheets_template_hint_required(kind)
        } else {
            t.sheets_template_hint_optional(kind)
        }
    }
}

/// What there is to choose from.
enum List {
    Anything,
    /// Written into the rule.
    Short(Vec<String>),
    /// The cells of the hidden sheet, as a formula.
    Long(String),
}

impl List {
    fn is_long(&self) -> bool {
        matches!(self, List::Long(_))
    }

    /// The rule of the column. Other values are warned of and not forbidden: an import can map them.
    fn rule(&self) -> Result<Option<DataValidation>, XlsxError> {
        let rule = match self {
            List::Anything => return Ok(None),
            List::Short(choices) => DataValidation::new().allow_list_strings(choices)?,
            List::Long(cells) => DataValidation::new().allow_list_formula(Formula::new(cells)),
        };
        Ok(Some(rule.set_error_style(DataValidationErrorStyle::Warning)))
    }
}

struct Styles {
    header: Style,
    required: Style,
    hint: Style,
    wrapped: Style,
    text: Style,
    day: Style,
    number: Style,
}

impl Styles {
    fn new() -> Styles {
        let header = Style::new()
            .set_bold()
            .set_background_color(Color::RGB(0x00E9_EEF6))
            .set_border_bottom(FormatBorder::Thin);
        Styles {
            required: header.clone().set_font_color(Color::RGB(0x00C0_2B2B)),
            header,
            hint: Style::new().set_font_color(Color::RGB(0x006B_7280)).set_italic(),
            wrapped: Style::new().set_text_wrap().set_align(FormatAlign::Top),
            text: Style::new().set_num_format("@"),
            day: Style::new().set_num_format("yyyy-mm-dd"),
            number: Style::new(),
        }
    }

    fn of(&self, value: Value) -> &Style {
        match value {
            Value::Text => &self.text,
            Value::Day => &self.day,
            Value::Number => &self.number,
        }
    }
}
