//! Quotes, as a program meets them: `opcms quote` and `POST /api/v1/pricing/quote`.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use actix_web::http::Method;
use opcms::i18n::Tr;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::TestApp;

const QUOTE: &str = "/api/v1/pricing/quote";
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pricing_cases.csv");

/// The questions and the amounts of other vendors.
fn cases() -> Vec<(Value, String)> {
    let mut cases = csv::Reader::from_path(CASES).unwrap();
    let cases = cases.records().map(|case| case.unwrap());
    cases.map(|case| (serde_json::from_str(&case[1]).unwrap(), case[2].to_owned())).collect()
}

/// A question with an amount of 1,200.00.
fn graduated() -> Value {
    json!({
        "model": "graduated", "quantity": "1500",
        "tiers": [
            {"up_to": "500", "unit_price": "1.0", "flat_fee": "0"},
            {"up_to": 1000, "unit_price": 0.8},
            {"up_to": null, "unit_price": "0.6"},
        ],
    })
}

/// Without a database, without configuration.
fn quote(input: impl AsRef<[u8]>, arguments: &[&str]) -> Output {
    let nowhere = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_opcms"));
    command.env_clear().current_dir(nowhere.path()).arg("quote").args(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A verb that refuses early does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    let output = child.wait_with_output().unwrap();
    assert_eq!(nowhere.path().read_dir().unwrap().count(), 0, "a quote leaves nothing behind");
    output
}

#[track_caller]
fn answer(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_command_answers_every_published_case_to_the_cent() {
    let cases = cases();
    assert_eq!(cases.len(), 58);
    let questions: Value = cases.iter().map(|(question, _)| question.clone()).collect();
    let answers = answer(&quote(questions.to_string(), &["-"]), 0);
    for (index, (question, amount)) in cases.iter().enumerate() {
        assert_eq!(answers[index]["amount"], **amount, "{question}");
        assert_eq!(answers[index]["lines"][0]["kind"], "usage");
    }
}

#[test]
fn the_command_reads_a_file_or_what_comes_in_and_speaks_both_languages() {
    let room = TempDir::new().unwrap();
    let file = room.path().join("question.json");
    std::fs::write(&file, format!("\u{feff}{}\n", graduated())).unwrap();
    let english = answer(&quote("", &[file.to_str().unwrap()]), 0);
    assert_eq!(english["amount"], "1200.00");
    assert_eq!(english["lines"][0]["text"][3], "Above 1,000: 500 × 0.60 = 300.00.");
    let chinese = answer(&quote(graduated().to_string(), &["--lang", "zh-CN"]), 0);
    assert_eq!(chinese["lines"][0]["text"][3], "大于 1,000：500 × 0.60 = 300.00。");
    assert_eq!(chinese["lines"][0]["explanation"], english["lines"][0]["explanation"]);
}

#[test]
fn the_command_says_what_is_wrong_with_each_question_and_answers_the_others() {
    let questions = json!([graduated(), {"model": "standard", "unit_price": "-1", "quantity": "1"}]);
    let answers = answer(&quote(questions.to_string(), &[]), 1);
    assert_eq!(answers[0]["amount"], "1200.00");
    assert_eq!(
        answers[1],
        json!({"error": {"field": "unit_price", "message": Tr::En.pricing_fault_negative()}})
    );
    let no_json = answer(&quote("{\"model\": ", &["--lang", "zh"]), 1);
    assert_eq!(no_json["error"]["field"], "");
}

#[test]
fn the_command_complains_of_what_it_cannot_read() {
    let large = " ".repeat(16 * 1024 * 1024 + 1);
    for (input, arguments, code, part) in [
        (&b""[..], &["nowhere.json"][..], 1, "nowhere.json cannot be read"),
        (b"\xff\xfe", &["-"], 1, "no text in UTF-8"),
        (large.as_bytes(), &[], 1, "larger than 16 MB"),
        (b"", &["--lang", "fr"], 2, "the languages are zh-CN and en"),
        (b"", &["--as", "admin"], 2, "acts for nobody"),
    ] {
        let output = quote(input, arguments);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(complaint.contains(part), "{complaint}");
    }
}

#[actix_web::test]
async fn the_api_gives_the_answers_of_the_command() {
    let app = TestApp::new().await;
    let api = app.api_limited("wang", &[]);
    let questions = json!([graduated(), {}]);
    let answers = api.post(QUOTE, questions.clone()).await.ok().json();
    let output = quote(questions.to_string(), &["--lang", "zh-CN"]);
    assert_eq!(answers, answer(&output, 1));
    let one = api.post(QUOTE, graduated()).await.ok().json();
    assert_eq!(one, answers[0]);
    assert!(app.audited().is_empty(), "a quote is asked, nothing is done");
}

#[actix_web::test]
async fn the_api_reads_numbers_as_they_are_written() {
    let app = TestApp::new().await;
    let api = app.api("wang");
    let body = r#"{"model": "standard", "unit_price": 0.000001, "quantity": 99999999999999.9999}"#;
    let request = api.request(Method::POST, QUOTE).insert_header(("content-type", "application/json"));
    let answer = api.send(request.set_payload(body)).await.ok().json();
    assert_eq!(answer["lines"][0]["explanation"]["exact"], "99999999.9999999999");
}

#[actix_web::test]
async fn the_api_refuses_what_makes_no_sense_at_its_field() {
    let app = TestApp::new().await;
    let api = app.api("wang");
    let mut bad = graduated();
    bad["discount_percent"] = json!("120");
    let answer = api.post(QUOTE, bad).await.status(422);
    assert_eq!(answer.problem(), "invalid");
    let fault = json!({"field": "discount_percent", "message": Tr::ZhCn.pricing_fault_discount()});
    assert_eq!(answer.json()["error"], fault);
    for unreadable in [json!([]), json!(7), json!([7]), json!([[]])] {
        api.post(QUOTE, unreadable).await.status(400);
    }
    let many: Value = std::iter::repeat_n(json!({}), 1001).collect();
    api.post(QUOTE, many).await.status(413).contains("1000");
    let request = api.request(Method::POST, QUOTE).set_payload("{}");
    api.send(request).await.status(415);
    app.api_anonymous().post(QUOTE, graduated()).await.status(401);
}
