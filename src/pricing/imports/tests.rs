use crate::i18n::Tr;
use crate::pricing::models::Model;
use crate::sheets::header::fold;

use super::columns::{COLUMNS, column_of, label, model, model_of};

#[test]
fn every_column_is_found_by_what_it_is_called_on_screen_and_none_is_called_like_another() {
    let mut all: Vec<String> = Vec::new();
    for column in COLUMNS {
        let mut folded: Vec<String> = column.labels.iter().map(|label| fold(label)).collect();
        for t in Tr::ALL {
            let shown = label(t, column.code);
            assert!(folded.contains(&fold(&shown)), "{}: {shown} is no heading of its column", column.code);
        }
        folded.sort();
        folded.dedup();
        all.extend(folded);
    }
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(count, all.len(), "headings are told apart");
}

#[test]
fn a_model_is_known_by_its_code_its_labels_and_the_words_of_workbooks() {
    for named in Model::ALL {
        for t in Tr::ALL {
            assert_eq!(model_of(&model(t, *named)), Some(*named));
        }
        assert_eq!(model_of(named.as_str()), Some(*named));
    }
    for (text, named) in [
        ("单 价", Some(Model::Standard)),
        ("累进", Some(Model::Graduated)),
        ("全量阶梯", Some(Model::Volume)),
        ("按包计费", Some(Model::Block)),
        ("包年套餐", Some(Model::AnnualPackage)),
        ("ANNUAL PACKAGE", Some(Model::AnnualPackage)),
        ("面议", None),
        ("", None),
    ] {
        assert_eq!(model_of(text), named, "{text}");
    }
}

#[test]
fn every_field_of_a_charge_is_put_right_at_a_column() {
    for (field, column) in [
        ("unit_price", "unit_price"),
        ("tiers", "tiers"),
        ("tiers[2].up_to", "tiers"),
        ("tiers[0].unit_price", "tiers"),
        ("tiers[1].flat_fee", "flat_fees"),
        ("block_size", "block_size"),
        ("annual_fee", "annual_fee"),
        ("device_series", "device_series"),
    ] {
        assert_eq!(column_of(field), column, "{field}");
        assert!(COLUMNS.iter().any(|known| known.code == column_of(field)), "{field}");
    }
}
