use crate::batches::model::{Body, Fault, NewRow, RowOutcome};
use crate::i18n::Said;

use super::forms::NamedFields;
use super::kinds::{Check, Column, ImportKind};
use super::model::{Layout, Unknown};
use super::rules::{self, Unknowns};

const COLUMNS: &[Column] = &[
    Column { code: "code", labels: &["编号"], required: true },
    Column { code: "name", labels: &["名称"], required: false },
];

const KIND: ImportKind = ImportKind {
    code: "test",
    home: "/test",
    template: "/test/template",
    columns: COLUMNS,
    check: |_| -> Box<dyn Check> { unreachable!("no test checks rows") },
    choices: |_, _, _| Ok(Vec::new()),
    at_a_time: ImportKind::CHUNK,
    day: None,
};

fn some(codes: &[&str]) -> Vec<Option<String>> {
    codes.iter().map(|code| Some((*code).to_owned()).filter(|code| !code.is_empty())).collect()
}

#[test]
fn a_matching_names_each_known_column_once() {
    for (chosen, width, matched) in [
        (some(&["code", "name"]), 2, some(&["code", "name"])),
        (some(&["code", "code"]), 2, some(&["code", ""])),
        (some(&["gone", "name"]), 2, some(&["", "name"])),
        (some(&["code"]), 3, some(&["code", "", ""])),
        (some(&["code", "name", "name"]), 1, some(&["code"])),
    ] {
        assert_eq!(rules::matched(&KIND, width, &chosen), matched, "{chosen:?}");
    }
}

#[test]
fn a_table_is_whole_with_the_columns_that_every_row_needs() {
    let layout = |columns: &[&str]| Layout {
        sheet: 0,
        sheet_name: String::new(),
        header_row: 1,
        first_row: 2,
        labels: vec!["编号".into(), "备注".into()],
        columns: some(columns),
    };
    assert!(rules::missing(&KIND, &layout(&["code", ""])).is_empty());
    assert_eq!(rules::missing(&KIND, &layout(&["", "name"]))[0].code, "code");
    assert_eq!(layout(&["code", ""]).ignored(), ["备注"]);
}

#[test]
fn headings_are_remembered_whatever_their_brackets_and_spaces() {
    let key = |labels: &[&str]| {
        rules::key_of_headings(&labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(key(&["公司ID（必填）", "公司 名称"]), key(&["公司id", "公司名称*"]));
    assert_ne!(key(&["公司名称", "公司ID"]), key(&["公司ID", "公司名称"]));
}

#[test]
fn unknown_values_are_asked_for_once_the_most_frequent_first() {
    let row = |code: &str, cell: &str| NewRow {
        number: Some(1),
        outcome: RowOutcome::Failed,
        label: String::new(),
        subject_id: None,
        subject_version: None,
        body: Body {
            faults: vec![Fault {
                column: "name".into(),
                code: code.into(),
                said: Said::new(|_| "?"),
                cell: cell.into(),
            }],
            ..Body::default()
        },
    };
    let mut unknowns = Unknowns::default();
    unknowns.take(&[row("unknown_value", "甲"), row("unknown_user", "乙"), row("required", "")]);
    unknowns.take(&[row("unknown_user", " 乙 ")]);
    let unknown = |text: &str, rows| Unknown { column: "name".into(), text: text.into(), rows };
    assert_eq!(unknowns.list(), [unknown("乙", 2), unknown("甲", 1)]);
}

#[test]
fn the_fields_of_a_form_are_taken_apart_and_what_is_none_is_passed_over() {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let form = NamedFields(vec![
        field("12.name", " 新名 "),
        field("x.name", "?"),
        field("12.gone", "?"),
        field("column.1", "code"),
        field("sheet", "0"),
        field("header_row", "2"),
    ]);
    assert_eq!(form.cells(&KIND), [(12, "name".to_owned(), "新名".to_owned())]);
    assert_eq!(form.columns(2), some(&["", "code"]));
    assert_eq!(form.place(), Some((0, 2)));
}
