//! The rules of dictionaries, as tables of cases.

use super::model::{Dictionaries, Dictionary, DictionaryValue, Direction};
use super::rules::{can_add, can_delete, can_merge, is_code, moved, proposed_code};
use crate::types::ids::DictionaryValueId;

fn value(id: u64, code: &str, label_zh: &str) -> DictionaryValue {
    DictionaryValue {
        id: DictionaryValueId(id),
        dictionary: Dictionary::Industry,
        code: code.into(),
        label_zh: label_zh.into(),
        label_en: code.to_uppercase(),
        position: u32::try_from(id).unwrap(),
        retired_at: None,
        merged_into_id: None,
        version: 1,
    }
}

#[test]
fn a_code_is_of_letters_digits_and_a_few_marks() {
    for (code, good) in
        [("S", true), ("new_homes", true), ("erp-2.0", true), ("", false), ("a b", false), ("房", false)]
    {
        assert_eq!(is_code(code), good, "{code:?}");
    }
    assert!(!is_code(&"a".repeat(41)));
}

#[test]
fn a_code_is_proposed_by_the_sounds_of_the_label() {
    for (label, code) in [
        ("房产经纪", "fangchanjingji"),
        ("绿地 ERP（新）", "lvdi_erp_xin"),
        ("360平台", "360pingtai"),
        ("？！", "value"),
        ("😀", "value"),
    ] {
        assert_eq!(proposed_code(label, |_| false), code, "{label}");
    }
    assert_eq!(proposed_code("自研", |code| code == "ziyan"), "ziyan_2");
    assert!(is_code(&proposed_code(&"房产经纪".repeat(15), |code| !code.contains('_'))));
}

#[test]
fn what_was_merged_leads_to_what_it_became() {
    let mut old = value(2, "old", "老名称");
    old.merged_into_id = Some(DictionaryValueId(1));
    let all = Dictionaries::new(vec![value(1, "rental", "长租公寓"), old, value(3, "own", "自研")]);
    let code = |text: &str| all.meant(Dictionary::Industry, text).map(|value| value.code.as_str());
    assert_eq!(code("老名称"), Some("rental"));
    assert_eq!(code("OLD"), Some("rental"));
    assert_eq!(code("长租公寓"), Some("rental"));
    assert_eq!(code("没有的"), None);
    assert_eq!(all.current(Dictionary::Industry, "old").map(|value| value.id), Some(DictionaryValueId(1)));
    assert_eq!(all.values(Dictionary::Industry).len(), 2);
    assert_eq!(all.get(Dictionary::Industry, "old").map(|value| value.id), Some(DictionaryValueId(2)));
}

#[test]
fn a_value_that_is_used_or_fixed_stays() {
    let mine = value(1, "rental", "长租公寓");
    assert!(can_delete(&mine, 0, 0).is_ok());
    assert_eq!(can_delete(&mine, 3, 0).unwrap_err().code, "in_use");
    assert_eq!(can_delete(&mine, 0, 1).unwrap_err().code, "has_merged");
    let fixed = DictionaryValue { dictionary: Dictionary::SpendLevel, ..mine.clone() };
    assert_eq!(can_delete(&fixed, 0, 0).unwrap_err().code, "fixed");
    assert_eq!(can_add(Dictionary::Level, 500).unwrap_err().code, "too_many");
    let (other, mut retired) = (value(2, "b", "乙"), value(3, "c", "丙"));
    assert!(can_merge(&mine, &other).is_ok());
    assert_eq!(can_merge(&mine, &mine).unwrap_err().code, "no_target");
    retired.retired_at = Some("2026-11-20T02:00:00".parse().unwrap());
    assert_eq!(can_merge(&mine, &retired).unwrap_err().code, "no_target");
}

#[test]
fn a_value_moves_by_one_place() {
    for (which, direction, order) in [
        (2, Direction::Up, [2, 1, 3]),
        (2, Direction::Down, [1, 3, 2]),
        (1, Direction::Up, [1, 2, 3]),
        (3, Direction::Down, [1, 2, 3]),
        (9, Direction::Up, [1, 2, 3]),
    ] {
        assert_eq!(moved(&[1, 2, 3], which, direction), order, "{which} {direction}");
    }
}
