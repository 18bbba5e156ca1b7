//! The rules of tables: what a cell means, where a table begins.

use chrono::NaiveDate;
use rust_decimal::{Decimal, dec};

use super::clean::{
    Becomes, Cleaned, Correction, Unreadable, code, date, decimal, name, text, whole, yes_no,
};
use super::fault::column_name;
use super::header::{KnownColumn, Table, find_in, fold};
use super::{Cell, DateSystem, Row};
use crate::i18n::Tr;

fn number(value: Decimal) -> Cell {
    Cell::Number(value)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What a cell became: the value, and whether that is a correction.
fn said<T: std::fmt::Display>(cleaned: &Cleaned<T>) -> (String, bool) {
    let value = cleaned.value.as_ref().map_or(String::new(), T::to_string);
    (value, cleaned.correction.is_some())
}

#[test]
fn a_text_is_trimmed_and_what_says_nothing_is_nothing() {
    for (cell, value, is_corrected) in [
        (Cell::Blank, "", false),
        ("   ".into(), "", false),
        ("\u{3000}".into(), "", false),
        ("房产经纪".into(), "房产经纪", false),
        (" 房产经纪\u{3000}".into(), "房产经纪", false),
        ("价格见合同补充协议\r\n2025版".into(), "价格见合同补充协议\n2025版", false),
        ("看不见\u{200b}的字\u{0}符".into(), "看不见的字符", false),
        ("#N/A".into(), "", true),
        (Cell::Error("#VALUE!".into()), "", true),
        (Cell::Error("#REF!".into()), "", true),
        ("nan".into(), "", true),
        ("NaN".into(), "", true),
        ("-".into(), "", true),
        ("－".into(), "", true),
        ("无".into(), "", true),
        ("0".into(), "", true),
        (number(dec!(0)), "", true),
        ("无锡".into(), "无锡", false),
        ("00".into(), "00", false),
        (number(dec!(12.50)), "12.5", false),
        (Cell::Bool(true), "TRUE", false),
        ("A　B".into(), "A　B", false),
    ] {
        assert_eq!(said(&text(&cell)), (value.to_owned(), is_corrected), "{cell:?}");
    }
}

#[test]
fn white_space_within_chinese_names_goes_and_that_between_words_stays() {
    for (cell, value, is_corrected) in [
        ("厦门\u{3000}百途装饰设计股份有限公司", "厦门百途装饰设计股份有限公司", true),
        (" 重\u{3000}庆卓通房地产经纪有限公司  ", "重庆卓通房地产经纪有限公司", true),
        (" 郑州卓洋酒店管理股份有限公司  ", "郑州卓洋酒店管理股份有限公司", false),
        ("张 伟", "张伟", true),
        ("Acme Trading Ltd", "Acme Trading Ltd", false),
        ("Acme  Trading\u{a0}Ltd", "Acme Trading Ltd", true),
        ("上海 ABC 贸易 （中国） 公司", "上海ABC贸易（中国）公司", true),
        ("#N/A", "", true),
    ] {
        assert_eq!(said(&name(&cell.into())), (value.to_owned(), is_corrected), "{cell}");
    }
}

#[test]
fn a_code_is_half_width_and_without_white_space() {
    for (cell, value, is_corrected) in [
        ("KH10002 ".into(), "KH10002", false),
        (Cell::from("ＫＨ１０００１"), "KH10001", true),
        ("KH 10003".into(), "KH10003", true),
        (number(dec!(10001)), "10001", false),
        (number(dec!(10001.0)), "10001", false),
        ("   ".into(), "", false),
        ("-".into(), "", true),
    ] {
        assert_eq!(said(&code(&cell)), (value.to_owned(), is_corrected), "{cell:?}");
    }
}

#[test]
fn a_day_is_read_however_people_write_it() {
    let march = Some(day("2025-03-01"));
    let moment = Cell::Date("2025-03-01T10:30:00".parse().unwrap());
    for (cell, wanted, is_corrected) in [
        (Cell::Blank, None, false),
        ("无".into(), None, true),
        ("#N/A".into(), None, true),
        (moment, march, false),
        ("2025-03-01".into(), march, false),
        (" 2025-03-01 ".into(), march, false),
        ("2025-3-1".into(), march, true),
        ("2025/3/1".into(), march, true),
        ("2025/03/01 00:00:00".into(), march, true),
        ("2025-03-01T08:00:00".into(), march, true),
        ("2025.3.1".into(), march, true),
        ("2025年3月1日".into(), march, true),
        ("2025年03月01号".into(), march, true),
        ("2025 年 3 月 1 日".into(), march, true),
        ("２０２５／３／１".into(), march, true),
        ("20250301".into(), march, true),
        (number(dec!(20250301)), march, true),
        (number(dec!(45717)), march, true),
        (number(dec!(45717.75)), march, true),
        ("45717".into(), march, true),
        ("2024-02-29".into(), Some(day("2024-02-29")), false),
    ] {
        let cleaned =
            date(&cell, DateSystem::Excel1900).unwrap_or_else(|fault| panic!("{cell:?}: {fault:?}"));
        assert_eq!((cleaned.value, cleaned.correction.is_some()), (wanted, is_corrected), "{cell:?}");
    }
    let cleaned = date(&number(dec!(44255)), DateSystem::Excel1904).unwrap();
    assert_eq!(cleaned.value, march);
}

#[test]
fn what_is_no_day_is_refused() {
    for (cell, fault) in [
        (Cell::from("25上半年"), Unreadable::Date),
        ("2025".into(), Unreadable::Date),
        ("2025-03".into(), Unreadable::Date),
        ("25-3-1".into(), Unreadable::Date),
        ("3/1/2025".into(), Unreadable::Date),
        ("2025-02-29".into(), Unreadable::NoSuchDay),
        ("2025-13-01".into(), Unreadable::NoSuchDay),
        ("20250231".into(), Unreadable::NoSuchDay),
        ("2025年2月".into(), Unreadable::Date),
        ("1899-12-31".into(), Unreadable::Date),
        ("99999999".into(), Unreadable::Date),
        (number(dec!(-1)), Unreadable::Date),
        (number(dec!(56)), Unreadable::Date),
        (number(dec!(9999999999999999)), Unreadable::Date),
        (Cell::Bool(true), Unreadable::Date),
        (Cell::Error("#REF!".into()), Unreadable::Date),
        ("--1".into(), Unreadable::Date),
        ("...".into(), Unreadable::Date),
    ] {
        assert_eq!(date(&cell, DateSystem::Excel1900), Err(fault), "{cell:?}");
    }
}

#[test]
fn serial_numbers_count_from_either_beginning() {
    for (system, serial, wanted) in [
        (DateSystem::Excel1900, dec!(1), "1900-01-01T00:00:00"),
        (DateSystem::Excel1900, dec!(59), "1900-02-28T00:00:00"),
        (DateSystem::Excel1900, dec!(61), "1900-03-01T00:00:00"),
        (DateSystem::Excel1900, dec!(45717.4375), "2025-03-01T10:30:00"),
        (DateSystem::Excel1900, dec!(45716.999999999), "2025-03-01T00:00:00"),
        (DateSystem::Excel1904, dec!(0), "1904-01-01T00:00:00"),
        (DateSystem::Excel1904, dec!(44255), "2025-03-01T00:00:00"),
    ] {
        assert_eq!(system.moment(serial), Some(wanted.parse().unwrap()), "{serial}");
    }
    assert_eq!(DateSystem::Excel1900.moment(dec!(-1)), None);
    assert_eq!(DateSystem::Excel1900.moment(Decimal::MAX), None);
}

#[test]
fn yes_and_no_have_many_names() {
    for (cells, value) in [
        (["是", "Y", "y", "TRUE", "true", "1", "√", "✓", "Yes", "Ｙ"], true),
        (["否", "N", "n", "FALSE", "false", "0", "×", "✗", "no", "x"], false),
    ] {
        for cell in cells {
            let cleaned = yes_no(&cell.into()).unwrap();
            assert_eq!(cleaned.value, Some(value), "{cell}");
            let is_plain = ["是", "否", "Yes", "no"].contains(&cell);
            assert_eq!(cleaned.correction.is_none(), is_plain, "{cell}");
        }
    }
    assert_eq!(said(&yes_no(&Cell::Bool(false)).unwrap()), ("false".to_owned(), false));
    assert_eq!(yes_no(&number(dec!(1))).unwrap().value, Some(true));
    assert_eq!(yes_no(&Cell::Blank).unwrap().value, None);
    assert_eq!(yes_no(&"#N/A".into()).unwrap().value, None);
    for cell in ["maybe", "2", "是的吧", "是/否"] {
        assert_eq!(yes_no(&cell.into()), Err(Unreadable::YesNo), "{cell}");
    }
}

#[test]
fn numbers_are_exact_and_may_be_dressed_up() {
    for (cell, value, is_corrected) in [
        (number(dec!(1.684)), "1.684", false),
        ("1678".into(), "1678", false),
        ("2.0".into(), "2.0", false),
        ("1,226".into(), "1226", true),
        ("12,345,678.50".into(), "12345678.50", true),
        ("1，226".into(), "1226", true),
        ("¥3.029".into(), "3.029", true),
        ("￥ 2.36".into(), "2.36", true),
        ("0.5166元".into(), "0.5166", true),
        ("１２３．５".into(), "123.5", true),
        ("-5".into(), "-5", false),
        ("¥-5".into(), "-5", true),
        ("+5".into(), "5", true),
        (".5".into(), "0.5", true),
        ("0".into(), "0", false),
        ("-".into(), "", true),
        ("无".into(), "", true),
        ("".into(), "", false),
        ("0.1234567890123456789012345".into(), "0.1234567890123456789012345", false),
    ] {
        let cleaned = decimal(&cell).unwrap_or_else(|fault| panic!("{cell:?}: {fault:?}"));
        assert_eq!(said(&cleaned), (value.to_owned(), is_corrected), "{cell:?}");
    }
    for cell in [
        "很多", "1,22", "1,2345", ",123", "1.2.3", "1e5", "12张", "1 226", "0x10", "元", "--5", "1-2", "∞",
        "５分",
    ] {
        assert_eq!(decimal(&cell.into()), Err(Unreadable::Number), "{cell}");
    }
    assert_eq!(decimal(&Cell::Bool(true)), Err(Unreadable::Number));
    assert_eq!(decimal(&"9".repeat(40).as_str().into()), Err(Unreadable::Number));
}

#[test]
fn a_whole_number_has_no_fraction() {
    assert_eq!(whole(&"8,886".into()).unwrap().value, Some(8886));
    assert_eq!(whole(&number(dec!(56.0))).unwrap().value, Some(56));
    assert_eq!(whole(&"".into()).unwrap().value, None);
    assert_eq!(whole(&number(dec!(1.5))), Err(Unreadable::NotWhole));
    assert_eq!(whole(&"99999999999999999999".into()), Err(Unreadable::Number));
}

#[test]
fn a_correction_says_what_was_and_what_became_of_it() {
    let cleaned = yes_no(&" √ ".into()).unwrap();
    let correction = cleaned.correction.unwrap();
    assert_eq!(correction, Correction { was: "√".into(), becomes: Becomes::Yes });
    assert_eq!(
        (correction.becomes.text(Tr::ZhCn), correction.becomes.text(Tr::En)),
        ("是".into(), "Yes".into())
    );
    assert_eq!(text(&"#N/A".into()).correction.unwrap().becomes, Becomes::Nothing);
    let json = serde_json::to_string(&decimal(&"¥2.5".into()).unwrap().correction).unwrap();
    assert_eq!(json, r#"{"was":"¥2.5","becomes":{"text":"2.5"}}"#);
}

#[test]
fn cells_survive_json() {
    let cells = vec![
        Cell::Blank,
        "文本".into(),
        number(dec!(1.50)),
        Cell::Bool(true),
        Cell::Date("2025-03-01T10:30:00".parse().unwrap()),
        Cell::Error("#N/A".into()),
    ];
    let json = serde_json::to_string(&cells).unwrap();
    assert_eq!(json, r##"[null,"文本",{"n":"1.50"},true,{"d":"2025-03-01T10:30:00"},{"e":"#N/A"}]"##);
    assert_eq!(serde_json::from_str::<Vec<Cell>>(&json).unwrap(), cells);
}

#[test]
fn columns_have_the_names_that_spreadsheets_show() {
    let names = [1, 26, 27, 52, 702, 703, 16_384].map(column_name);
    assert_eq!(names, ["A", "Z", "AA", "AZ", "ZZ", "AAA", "XFD"]);
}

fn known() -> Vec<KnownColumn> {
    [
        ("company_code", &["公司ID", "Company code"][..], true),
        ("company_name", &["公司名称", "客户名称", "Company name"][..], true),
        ("account_type", &["账号类型"][..], false),
        ("onboarded_on", &["接入时间"][..], false),
        ("billable", &["是否结算"][..], false),
    ]
    .map(|(code, labels, required)| KnownColumn {
        code: code.into(),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        required,
    })
    .to_vec()
}

/// Rows from texts; a row of one empty text is blank and left out, as in a book.
fn rows(texts: &[&[&str]]) -> Vec<Row> {
    let rows = (1..)
        .zip(texts)
        .map(|(number, texts)| Row { number, cells: texts.iter().map(|text| Cell::from(*text)).collect() });
    rows.filter(|row| row.cells.iter().any(|cell| !cell.is_blank())).collect()
}

fn found(texts: &[&[&str]]) -> Option<Table> {
    find_in(0, &rows(texts), &known())
}

const HEADER: &[&str] = &["公司ID", "公司名称", "账号类型", "接入时间", "是否结算"];

#[test]
fn the_header_is_found_under_titles_and_notes() {
    for (above, texts) in [
        (0, vec![HEADER]),
        (1, vec![&["客户信息台账（2026年）"][..], HEADER]),
        (3, vec![&["公司名称填写说明：与合同一致"][..], &["必填", "必填", "字典"], &[""], HEADER]),
        (2, vec![&["", "公司名称"][..], &["基本信息", "", "", "结算"], HEADER]),
    ] {
        let mut texts = texts;
        texts.push(&["KH1", "甲公司"]);
        let table = found(&texts).unwrap();
        assert_eq!((table.header_row, table.first_row), (above + 1, above + 2), "{texts:?}");
        assert_eq!(table.columns, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
    }
    assert_eq!(found(&[&["姓名", "电话"], &["张伟", "138"]]), None);
    assert_eq!(found(&[&["公司ID"], &["KH1"]]), None);
    assert_eq!(found(&[]), None);
}

#[test]
fn labels_match_whatever_their_dress_and_the_rest_is_listed() {
    let table = found(&[&[
        "*公司 ID（必填）",
        "客户\n名称",
        "电话",
        "ACCOUNT",
        "接入时间：",
        "",
        "公司名称",
        "【公司id】",
    ]])
    .unwrap();
    assert_eq!(table.columns, [Some(0), Some(1), None, None, Some(3), None, None, None]);
    assert_eq!(table.unknown, [2, 3, 6, 7]);
    assert_eq!((table.column(3), table.column(2), table.matched()), (Some(4), None, 3));
    assert_eq!(fold("（公司ID）"), "公司id");
    assert_eq!(fold("单层定价(元/张)"), "单层定价");
}

#[test]
fn rows_beneath_the_header_that_say_how_to_fill_it_in_are_no_data() {
    for notes in [
        &[&["必填", "必填，与合同一致", "字典", "精确到日", "是/否"][..]][..],
        &[&["*必填", "与合同一致", "下拉选择", "2025-01-01"]],
        &[&["（必填）", "（必填）", "", "格式：2025-01-01"]],
        &[&["", "", "字典", "精确到日", "是/否"]],
        &[&["Required", "Required, as in the contract", "Dictionary", "Date", "Yes/No"]],
        &[&["company code", "company name"]],
        &[&["示例：KH10001", "示例：杭州某某公司"], &["必填", "必填"]],
    ] {
        let mut texts: Vec<&[&str]> = vec![HEADER];
        texts.extend(notes);
        texts.push(&["KH1", "甲公司", "正式账号"]);
        let table = found(&texts).unwrap();
        assert_eq!(table.first_row, u32::try_from(notes.len()).unwrap() + 2, "{notes:?}");
    }
}

#[test]
fn a_row_that_could_be_data_is_data() {
    for row in [
        &["KH1", "必填科技有限公司"][..],
        &["KH1", "必填"],
        &["KH1", "示例公司"],
        &["ABC", "示例公司"],
        &["10001", "甲公司", "字典"],
        &["", "", "", "", "是"],
        &["", "", "正式账号"],
        &["", "甲公司", "字典", "精确到日"],
        &["字典公司", "唯一网络"],
        &["", "", "", "", "", "必填"],
    ] {
        let table = found(&[HEADER, row, &["KH2", "乙公司"]]).unwrap();
        assert_eq!(table.first_row, 2, "{row:?}");
    }
}
