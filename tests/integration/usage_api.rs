//! Usage over the API: batches with an answer for each record, and the list.

use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use opcms::types::Permission;

use crate::support::TestApp;

fn record(company_code: &str, day: &str, quantity: Value) -> Value {
    json!({"source": "vendor-a", "company_code": company_code, "day": day, "meter": "shots", "device_series": "X",
           "quantity": quantity})
}

#[actix_web::test]
async fn each_record_has_an_answer_of_its_own() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let api = app.api("admin");
    let sent = json!({"records": [
        record("KH1", "2026-11-01", json!("5")),
        record("KH1", "2026-11-02", json!(7.25)),
        record("KH9", "2026-11-01", json!(1)),
        record("KH1", "2026-11-01", json!("6")),
        {"source": "vendor-a", "company_code": "KH1", "day": "2026-11-03", "quantity": 1.5},
        {"company_code": "KH1"},
    ]});
    let answer = api.post("/api/v1/usage", sent.clone()).await.ok().json();
    let outcomes: Vec<&str> =
        answer["records"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["repeated", "added", "quarantined", "added", "added", "quarantined"]);
    assert_eq!(answer["records"][2]["rule"], "unknown_customer");
    assert!(answer["records"][2]["message"].as_str().unwrap().len() > 5);
    assert_eq!(answer["records"][5]["rule"], "unreadable_day");
    assert_eq!(answer["records"][3]["index"], 3);
    assert_eq!(
        (&answer["added"], &answer["repeated"], &answer["quarantined"]),
        (&json!(3), &json!(1), &json!(2))
    );
    let again = api.post("/api/v1/usage", sent).await.ok().json();
    assert_eq!((&again["unchanged"], &again["quarantined"]), (&json!(3), &json!(2)));
    assert_eq!(app.number("SELECT COUNT(*) FROM quarantined_records"), 2);
}

#[actix_web::test]
async fn numbers_are_read_as_they_are_written() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let api = app.api("admin");
    for (day, written, stored) in [
        ("2026-11-01", "99999999999999.9999", "99999999999999.9999"),
        ("2026-11-02", "0.1", "0.1000"),
        ("2026-11-03", "1.5e3", "1500.0000"),
        ("2026-11-04", "\"1,200\"", "1200.0000"),
    ] {
        let body = format!(
            "{{\"records\": [{{\"source\": \"v\", \"company_code\": \"KH1\", \"day\": \"{day}\", \"quantity\": {written}}}]}}"
        );
        let request = api
            .request(actix_web::http::Method::POST, "/api/v1/usage")
            .insert_header(("content-type", "application/json"))
            .set_payload(body);
        api.send(request).await.ok();
        let found =
            app.texts(&format!("SELECT CAST(quantity AS CHAR) FROM usage_records WHERE used_on = '{day}'"));
        assert_eq!(found, [stored], "{written}");
    }
}

#[actix_web::test]
async fn what_is_no_batch_is_refused_and_ten_thousand_are_taken() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let api = app.api("admin");
    for (body, status) in [
        (json!({}), 400),
        (json!({"records": []}), 400),
        (json!({"records": [7]}), 400),
        (json!({"records": [{"companyCode": "KH1"}]}), 400),
        (json!([]), 400),
    ] {
        api.post("/api/v1/usage", body.clone()).await.status(status);
    }
    let many = |count: usize| -> Value {
        let records: Vec<Value> = (0..count)
            .map(|n| {
                let mut one = record("KH1", &format!("2026-10-{:02}", n % 31 + 1), json!("1"));
                one["layer"] = json!(format!("L{}", n / 31));
                one
            })
            .collect();
        json!({"records": records})
    };
    let answer = api.post("/api/v1/usage", many(10_000)).await.ok().json();
    assert_eq!(answer["added"], 10_000);
    api.post("/api/v1/usage", many(10_001)).await.status(413);
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_records"), 10_000);
}

#[actix_web::test]
async fn a_call_with_a_key_is_done_once() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let api = app.api("admin");
    let send = |quantity: &str| {
        let body = json!({"records": [record("KH1", "2026-11-01", json!(quantity))]}).to_string();
        api.send(
            api.request(actix_web::http::Method::POST, "/api/v1/usage")
                .insert_header(("content-type", "application/json"))
                .insert_header(("idempotency-key", "batch-1"))
                .set_payload(body),
        )
    };
    let first = send("5").await.ok().json();
    assert_eq!(send("5").await.ok().json(), first);
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_intakes"), 1);
    send("6").await.status(422);
}

#[actix_web::test]
async fn customers_out_of_reach_are_unknown_and_not_listed() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, Some("li"));
    app.customer("KH2", "乙", Some("zhao"), None);
    let both =
        json!({"records": [record("KH1", "2026-11-01", json!(1)), record("KH2", "2026-11-01", json!(1))]});
    let answer = app.api("li").post("/api/v1/usage", both.clone()).await.ok().json();
    assert_eq!(answer["records"][1]["rule"], "unknown_customer");
    app.api("admin").post("/api/v1/usage", both).await.ok();
    let seen = app.api("li").get("/api/v1/usage").await.ok().json();
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.api("li").get("/api/v1/usage?company_code=KH2").await.ok().json()["items"], json!([]));
    app.api_limited("admin", &[Permission::CustomerView]).get("/api/v1/usage").await.status(403);
    app.api_limited("admin", &[Permission::UsageView])
        .post("/api/v1/usage", json!({"records": [record("KH1", "2026-11-01", json!(1))]}))
        .await
        .status(403);
}

#[actix_web::test]
async fn the_list_is_read_piece_by_piece_and_filtered() {
    let app = TestApp::new().await;
    for code in ["KH1", "KH2"] {
        app.customer(code, code, None, None);
    }
    let api = app.api("admin");
    let mut records = Vec::new();
    for day in 1..=9 {
        for code in ["KH1", "KH2"] {
            let mut one = record(code, &format!("2026-11-0{day}"), json!(day));
            records.push(one.clone());
            one["device_series"] = json!("N");
            records.push(one);
        }
    }
    api.post("/api/v1/usage", json!({"records": records})).await.ok();
    for (filter, count) in [
        ("", 36),
        ("&company_code=KH1", 18),
        ("&company_code=KH1&device_series=N", 9),
        ("&from=2026-11-03&to=2026-11-04", 8),
        ("&source=vendor-a&meter=shots", 36),
        ("&source=nobody", 0),
        ("&meter=nothing", 0),
    ] {
        let (mut after, mut seen) = (String::new(), Vec::new());
        loop {
            let path = format!("/api/v1/usage?limit=5{filter}&after={after}");
            let piece = api.get(&path).await.ok().json();
            seen.extend(piece["items"].as_array().unwrap().iter().map(ToString::to_string));
            let Some(next) = piece["next"].as_str() else { break };
            after = next.to_owned();
        }
        let distinct: std::collections::BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (count, count), "{filter}");
    }
    for bad in ["from=soon", "after=x", "limit=many"] {
        api.get(&format!("/api/v1/usage?{bad}")).await.status(422);
    }
}

#[actix_web::test]
async fn what_waits_of_a_customer_out_of_reach_stays_as_it_is() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", Some("zhao"), None);
    let waiting = "SELECT CONCAT_WS(' ', rule, quantity_text) FROM quarantined_records WHERE state = 'waiting' ORDER BY id";
    let sent = |quantity: &str| json!({"records": [record("KH1", "2026-11-01", json!(quantity))]});
    app.api("admin").post("/api/v1/usage", sent("-5")).await.ok();
    app.api("li").post("/api/v1/usage", sent("7")).await.ok();
    assert_eq!(app.texts(waiting), ["negative_quantity -5", "unknown_customer 7"]);
    // A good one answers both.
    app.api("admin").post("/api/v1/usage", sent("6")).await.ok();
    assert_eq!(app.texts(waiting), [""; 0]);
}

#[actix_web::test]
async fn the_usage_of_a_deleted_customer_is_listed_like_on_the_pages() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "甲", None, None);
    let api = app.api("admin");
    api.post("/api/v1/usage", json!({"records": [record("KH1", "2026-11-01", json!(5))]})).await.ok();
    let delete = format!("UPDATE customers SET deleted_at = NOW(6) WHERE id = {id}");
    app.connect().batch_execute(&delete).unwrap();
    let listed = api.get("/api/v1/usage").await.ok().json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
}
