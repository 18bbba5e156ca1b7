use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::accounts::users::model::Person;
use crate::customers::dictionaries::model::Dictionaries;
use crate::customers::directory::fields::Field;
use crate::i18n::Tr;
use crate::imports::Ground;
use crate::sheets::Cell;
use crate::types::ids::{CustomerId, UserId};

use super::cells::{self, Names, Parent, Readers, Reading};
use super::columns::{COLUMNS, field};

fn person(id: u64, username: &str, name: &str, is_live: bool) -> Person {
    Person { id: UserId(id), username: username.into(), name: name.into(), department_path: None, is_live }
}

/// What a cell of a field says: its canonical text, the code of its fault, or nothing.
fn said(field: Field, cell: &Cell) -> String {
    let people = cells::by_name(&[
        person(1, "lina", "李娜", true),
        person(2, "wang1", "王芳", true),
        person(3, "wang2", "王芳", true),
        person(4, "sun", "孙离", false),
    ]);
    let mut ground = Ground::default();
    ground.choices.0.insert(("sales_owner".into(), "小李".into()), "1".into());
    ground.choices.0.insert(("ops_owner".into(), "无人".into()), String::new());
    let parents = BTreeMap::from([
        ("KH1".to_owned(), Parent { id: CustomerId(9), is_seen: true }),
        ("KH2".to_owned(), Parent { id: CustomerId(10), is_seen: false }),
    ]);
    let dictionaries = Dictionaries::default();
    let names = Names::new(&dictionaries);
    let readers = Readers {
        ground: &ground,
        dictionaries: &dictionaries,
        names: &names,
        people: &people,
        parents: &parents,
    };
    match readers.field(field, cell, None).0 {
        Reading::Nothing => "nothing".into(),
        Reading::Value(text) => text,
        Reading::Fault(code, _) => format!("fault {code}"),
    }
}

#[test]
fn a_cell_becomes_the_canonical_text_of_its_field() {
    let text = |text: &str| Cell::Text(text.into());
    for (field, cell, wanted) in [
        (Field::CompanyCode, text(" ＫＨ10014 "), "KH10014"),
        (Field::CompanyCode, Cell::Number(Decimal::from(10014)), "10014"),
        (Field::CompanyName, text("厦门\u{3000}百途装饰 "), "厦门百途装饰"),
        (Field::Industry, text("无"), "nothing"),
        (Field::Industry, text("没有的行业"), "fault unknown_value"),
        (Field::Remarks, text("#N/A"), "nothing"),
        (Field::Remarks, text("第一行\r\n第二行"), "第一行\n第二行"),
        (Field::SalesOwner, text("李 娜"), "1"),
        (Field::SalesOwner, text("LINA"), "1"),
        (Field::SalesOwner, text("小李"), "1"),
        (Field::SalesOwner, text("王芳"), "fault ambiguous_user"),
        (Field::SalesOwner, text("wang2"), "3"),
        (Field::SalesOwner, text("孙离"), "fault unknown_user"),
        (Field::SalesOwner, text("查无此人"), "fault unknown_user"),
        (Field::OpsOwner, text("无人"), "nothing"),
        (Field::Status, text("近一年未使用"), "dormant"),
        (Field::Status, text("沉睡"), "dormant"),
        (Field::Status, text("沉睡(近一年未使用)"), "dormant"),
        (Field::Status, text("正常使用"), "active"),
        (Field::Status, text("Terminated"), "terminated"),
        (Field::Status, text("说不清"), "unconfirmed"),
        (Field::Billable, text("√"), "yes"),
        (Field::Disabled, Cell::Bool(false), "no"),
        (Field::Disabled, text("也许"), "fault invalid_yes_no"),
        (Field::MonthlyAverageUsage, text("2,818"), "2818"),
        (Field::MonthlyAverageUsage, text("很多"), "fault invalid_number"),
        (Field::MonthlyAverageUsage, text("1.5"), "fault invalid_number"),
        (Field::OnboardedOn, text("2025年2月14日"), "2025-02-14"),
        (Field::OnboardedOn, Cell::Date(NaiveDate::from_ymd_opt(2025, 3, 1).unwrap().into()), "2025-03-01"),
        (Field::OnboardedOn, text("25上半年"), "fault invalid_date"),
        (Field::EntityType, text("个人"), "individual"),
        (Field::EntityType, text("团体"), "fault unknown_value"),
        (Field::Currency, text("人民币"), "CNY"),
        (Field::Currency, text("XYZ"), "fault unknown_value"),
        (Field::Parent, text("kh1"), "fault unknown_customer"),
        (Field::Parent, text("KH1"), "9"),
    ] {
        assert_eq!(said(field, &cell), wanted, "{field} {cell:?}");
    }
}

#[test]
fn prices_are_exact_and_kept_in_their_canonical_text() {
    let say = |read: cells::Read| match read.0 {
        Reading::Nothing => "nothing".to_owned(),
        Reading::Value(text) => text,
        Reading::Fault(code, _) => format!("fault {code}"),
    };
    for (cell, wanted) in [
        ("1.09元", "1.09"),
        ("¥3.029", "3.029"),
        ("１.４", "1.4"),
        ("0", "nothing"),
        ("无", "nothing"),
        ("-1", "fault invalid_number"),
        ("0.0000001", "fault invalid_number"),
        ("1000000000000", "fault invalid_number"),
        ("999999999999", "999999999999"),
        ("面议", "fault invalid_number"),
    ] {
        assert_eq!(say(cells::single_price(&Cell::Text(cell.into()))), wanted, "{cell}");
    }
    for (cell, wanted) in [
        ("0—200：2.66;200~300:2.61;301以上:2.53", "0-200:2.66; 201-300:2.61; 301+:2.53"),
        ("#VALUE!", "nothing"),
        ("0-100:1; 150+:2", "fault invalid_tiers"),
    ] {
        assert_eq!(say(cells::tier_prices(&Cell::Text(cell.into()))), wanted, "{cell}");
    }
}

#[test]
fn every_column_is_a_field_or_a_price_and_is_found_by_what_it_is_called_on_screen() {
    for column in COLUMNS {
        assert!(field(column.code).is_some() || column.code.contains("price"), "{}", column.code);
        for t in Tr::ALL {
            let shown = super::batch::field(t, column.code);
            let found = column
                .labels
                .iter()
                .any(|label| crate::sheets::header::fold(label) == crate::sheets::header::fold(&shown));
            assert!(found, "{}: {shown} is no heading of its column", column.code);
        }
    }
    let mut all: Vec<String> = COLUMNS
        .iter()
        .flat_map(|column| column.labels.iter().map(|label| crate::sheets::header::fold(label)))
        .collect();
    let count = all.len();
    all.sort();
    all.dedup();
    assert!(count - all.len() <= COLUMNS.len(), "headings are told apart");
}
