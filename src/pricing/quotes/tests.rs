use serde_json::{Value, json};

use crate::i18n::Tr;

use super::answers;

fn ask(text: &str) -> Value {
    serde_json::to_value(answers(text, 1000, Tr::En).unwrap()).unwrap()
}

#[track_caller]
fn refused(question: Value, field: &str, part: &str) {
    let answer = ask(&question.to_string());
    assert_eq!(answer["error"]["field"], field, "{question}: {answer}");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains(part), "{question}: {message}");
}

#[test]
fn published_cases_of_other_vendors_come_to_the_cent() {
    let mut cases =
        csv::Reader::from_reader(&include_bytes!("../../../tests/fixtures/pricing_cases.csv")[..]);
    let mut count = 0;
    for case in cases.records() {
        let case = case.unwrap();
        let answer = ask(&case[1]);
        assert_eq!(answer["amount"], case[2], "{}: {}", &case[0], &case[1]);
        count += 1;
    }
    assert_eq!(count, 58);
}

#[test]
fn numbers_are_texts_or_json_numbers_and_read_as_written() {
    for quantity in ["1500", "\"1500\"", "1500.0", "1.5e3", "\" 1500 \"", "1500.0000000000000000000000000"] {
        let question = format!(r#"{{"model": "standard", "unit_price": 0.1, "quantity": {quantity}}}"#);
        assert_eq!(ask(&question)["amount"], "150.00", "{quantity}");
    }
    // 99999999999999.9999 is no binary number: read as one it would be 100000000000000.
    let question = r#"{"model": "standard", "unit_price": 0.000001, "quantity": 99999999999999.9999}"#;
    assert_eq!(ask(question)["lines"][0]["explanation"]["exact"], "99999999.9999999999");
}

#[test]
fn an_answer_has_lines_with_explanation_and_sentences() {
    let answer = ask(
        r#"{"model": "block", "block_size": "10", "free_units": 5, "block_price": "100", "quantity": "3",
            "minimum": "80", "discount_percent": 12.5, "currency": "USD"}"#,
    );
    assert_eq!(answer["amount"], "70.00");
    let kinds: Vec<_> = answer["lines"].as_array().unwrap().iter().map(|line| &line["kind"]).collect();
    assert_eq!(kinds, ["usage", "minimum", "discount"]);
    assert_eq!(answer["lines"][2]["amount"], "-10.00");
    assert_eq!(answer["lines"][0]["explanation"]["arithmetic"]["free_left"], "2");
    assert_eq!(answer["lines"][0]["text"][1], "The amount is USD 0.00.");
}

#[test]
fn an_annual_package_is_asked_with_its_contract_year() {
    let question = json!({
        "model": "annual_package", "annual_fee": "12000", "included": "120", "overage_price": "0.98",
        "month_index": 3, "cumulative_quantity": "150", "billed_overage": "9.80",
    });
    let answer = ask(&question.to_string());
    assert_eq!(answer["amount"], "1019.60");
    assert_eq!(answer["lines"][1]["kind"], "overage");
    assert_eq!(answer["lines"][1]["amount"], "19.60");
    let unlimited =
        json!({"model": "annual_package", "annual_fee": 100, "included": null, "month_index": 12});
    assert_eq!(ask(&unlimited.to_string())["amount"], "8.33");
}

#[test]
fn an_array_is_answered_question_by_question() {
    let good = r#"{"model": "standard", "unit_price": "0.8", "quantity": "1500"}"#;
    let answer = ask(&format!("[{good}, {{}}, 7, {good}]"));
    assert_eq!(answer[0]["amount"], "1200.00");
    assert_eq!(answer[1]["error"]["field"], "model");
    assert_eq!(answer[2]["error"]["message"], Tr::En.pricing_fault_object());
    assert_eq!(answer[3]["amount"], "1200.00");
    assert_eq!(ask("[]"), json!([]));
    assert!(answers("[1, 2]", 1, Tr::En).is_err());
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    let standard = |field: &str, value: Value| {
        let mut question = json!({"model": "standard", "unit_price": "1", "quantity": "1"});
        question[field] = value;
        question
    };
    refused(json!({}), "model", Tr::En.field_required());
    refused(standard("model", json!("per_unit")), "model", "standard, graduated");
    refused(standard("model", json!(7)), "model", "Write a text");
    refused(standard("unit_pirce", json!(1)), "unit_pirce", "no field unit_pirce");
    refused(standard("tiers", json!([])), "tiers", "no field tiers");
    refused(standard("unit_price", Value::Null), "unit_price", Tr::En.field_required());
    refused(standard("unit_price", json!("")), "unit_price", Tr::En.field_required());
    refused(standard("unit_price", json!("one")), "unit_price", "Write a number");
    refused(standard("unit_price", json!([1])), "unit_price", "Write a number");
    refused(standard("unit_price", json!(true)), "unit_price", "Write a number");
    refused(standard("unit_price", json!("1e40")), "unit_price", "more digits");
    refused(standard("unit_price", json!("0.1234567891")), "unit_price", "6 decimals");
    refused(standard("quantity", json!("-1")), "quantity", "below zero");
    refused(standard("currency", json!("EUR")), "currency", "CNY, USD, IDR");
    refused(standard("discount_percent", json!(120)), "discount_percent", "0 and 100");
    let duplicate = r#"{"model": "standard", "quantity": 1, "unit_price": 1, "quantity": 2}"#;
    assert_eq!(ask(duplicate)["error"]["field"], "quantity");
}

#[test]
fn bad_tiers_are_refused_at_the_tier() {
    let tiered = |tiers: Value| json!({"model": "graduated", "tiers": tiers, "quantity": "1"});
    let first = json!({"up_to": "500", "unit_price": "1", "flat_fee": "0"});
    let last = json!({"up_to": null, "unit_price": "1"});
    refused(tiered(Value::Null), "tiers", Tr::En.field_required());
    refused(tiered(json!("0-500:1")), "tiers", "array");
    refused(tiered(json!([])), "tiers", "no tier");
    refused(tiered(json!([first, 7])), "tiers[1]", "object");
    refused(tiered(json!([first, {"unit_price": "1", "price": "2"}])), "tiers[1].price", "no field price");
    refused(tiered(json!([{"up_to": null}])), "tiers[0].unit_price", Tr::En.field_required());
    refused(tiered(json!([first, first, last])), "tiers[1].up_to", "not above");
    refused(tiered(json!([first])), "tiers[0].up_to", "last tier");
    refused(tiered(json!([{"unit_price": "-1"}])), "tiers[0].unit_price", "below zero");
    refused(tiered(json!([first, {"from": "600", "unit_price": "1"}])), "tiers[1].from", "ends at 500");
    refused(tiered(json!([first, {"from": "400", "unit_price": "1"}])), "tiers[1].from", "goes up to 500");
    refused(tiered(Value::Array(vec![last; 41])), "tiers", "41 tiers");
}

#[test]
fn any_text_is_answered() {
    let deep = "[".repeat(100_000);
    let nested = format!(r#"{{"model": {}}}"#, "[".repeat(100_000));
    let long = format!(r#"{{"model": "{}"}}"#, "x".repeat(100_000));
    for text in ["", " ", "null", "7", "\"", "{", "[", "[1,", "{\"model\": }", &deep, &nested, &long, "\u{0}"]
    {
        let answer = ask(text);
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty(), "{text:.20}");
    }
}
