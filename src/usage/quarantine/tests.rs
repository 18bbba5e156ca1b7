use serde_json::json;

use super::forms::{BulkForm, DecideForm, QuarantineQuery};
use super::model::{Decision, MendedField, QuarantineState};
use super::rules::{PASSABLE, can_be_wrong, field_of, with_field};
use super::sentences::why;
use crate::i18n::Tr;
use crate::usage::records::model::{RawRecord, Rule};

fn raw() -> RawRecord {
    RawRecord {
        line: Some(7),
        source: "vendor-a".into(),
        company_code: "KH-1".into(),
        day: "2026-13-01".into(),
        meter: "shots".into(),
        device_series: "X".into(),
        layer: String::new(),
        quantity: "十".into(),
    }
}

#[test]
fn only_rules_of_judgement_can_be_wrong() {
    let passable: Vec<Rule> = Rule::ALL.iter().copied().filter(|rule| can_be_wrong(*rule)).collect();
    assert_eq!(passable, [Rule::TerminatedCustomer, Rule::AbsurdQuantity]);
    assert!(PASSABLE.iter().all(|rule| can_be_wrong(*rule)));
}

#[test]
fn every_rule_says_why_in_both_languages_and_at_which_field() {
    let fields = ["company_code", "meter", "day", "quantity", "device_series"];
    for t in Tr::ALL {
        for rule in Rule::ALL {
            let sentence = why(t, *rule, &json!({}), &raw());
            assert!(sentence.ends_with(['。', '.']), "{rule}: {sentence}");
            assert!(fields.contains(&field_of(*rule)));
        }
    }
    let facts = json!({"largest": "120", "largest_on": "2026-10-01", "quantity": "5000"});
    let sentence = why(Tr::En, Rule::AbsurdQuantity, &facts, &raw());
    assert!(["120", "2026-10-01", "5000"].iter().all(|fact| sentence.contains(fact)), "{sentence}");
    assert_ne!(
        why(Tr::En, Rule::UnknownMeter, &json!({}), &raw()),
        why(Tr::En, Rule::UnknownMeter, &json!({"retired": true}), &raw())
    );
    let blank = RawRecord { company_code: " ".into(), ..raw() };
    assert_eq!(
        why(Tr::ZhCn, Rule::UnknownCustomer, &json!({}), &blank),
        Tr::ZhCn.quarantine_why_no_customer()
    );
}

#[test]
fn one_field_is_put_right_and_the_others_stay() {
    for field in MendedField::ALL {
        let mended = with_field(raw(), *field, "new");
        let changed = [
            mended.company_code != raw().company_code,
            mended.meter != raw().meter,
            mended.day != raw().day,
            mended.device_series != raw().device_series,
            mended.layer != raw().layer,
            mended.source != raw().source,
        ];
        assert_eq!(changed.iter().filter(|changed| **changed).count(), 1, "{field}");
        assert_eq!((mended.quantity, mended.line), (raw().quantity, raw().line));
    }
}

#[test]
fn a_filter_that_cannot_be_read_asks_for_what_waits() {
    let query = QuarantineQuery {
        state: "x".into(),
        rule: "y".into(),
        intake: "z".into(),
        from: "gestern".into(),
        q: " KH ".into(),
        ..QuarantineQuery::default()
    };
    let filter = query.filter();
    assert_eq!((filter.state, filter.rule, filter.intake), (QuarantineState::Waiting, None, None));
    assert_eq!((filter.from, filter.q.as_deref()), (None, Some("KH")));
}

#[test]
fn forms_say_what_is_missing() {
    let faults = |form: BulkForm| {
        let errors = form.check().err().unwrap_or_default();
        errors.iter().map(|(field, _)| field.to_owned()).collect::<Vec<String>>()
    };
    let form = |action: &str, field: &str, value: &str, reason: &str| BulkForm {
        action: action.into(),
        field: field.into(),
        value: value.into(),
        reason: reason.into(),
        ..BulkForm::default()
    };
    for (asked, missing) in [
        (form("", "", "", ""), ["action", "reason"].as_slice()),
        (form("drop", "", "", ""), &["reason"]),
        (form("accept", "", "", "x"), &[]),
        (form("fix", "", "", ""), &["reason", "field", "value"]),
        (form("fix", "company_code", "", "x"), &["value"]),
        (form("fix", "layer", "", "x"), &[]),
        (form("fix", "company_code", "KH-1", ""), &["reason"]),
        (form("fix", "company_code", "KH-1", "x"), &[]),
        (form("eat", "colour", "", "x"), &["action", "field"]),
    ] {
        assert_eq!(faults(asked.clone()), missing, "{asked:?}");
    }
    let order = form("fix", "meter", "shots", "x").check().unwrap();
    assert_eq!((order.decision, order.fix), (Decision::Fix, Some((MendedField::Meter, "shots".into()))));
    let empty = DecideForm::default().check_fix().unwrap_err();
    let missing: Vec<String> = empty.iter().map(|(field, _)| field.to_owned()).collect();
    assert_eq!(missing, ["company_code", "day", "meter", "source", "quantity", "fix_reason"]);
}
