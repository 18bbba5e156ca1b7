//! Price plans over the JSON API: the same shape as a quote, the same refusals at the same fields.

use serde_json::{Value, json};

use crate::support::TestApp;

const URL: &str = "/api/v1/pricing/config";

fn graduated(customer: &str) -> Value {
    json!({
        "customer": customer,
        "valid_from": "2026-12-01",
        "minimum": "100",
        "charges": [{"model": "graduated", "tiers": [
            {"up_to": 500, "unit_price": "1.0"},
            {"from": 501, "up_to": "1000", "unit_price": 0.8, "flat_fee": "20"},
            {"up_to": null, "unit_price": "0.6"}
        ]}]
    })
}

#[actix_web::test]
async fn a_program_drafts_submits_and_somebody_else_approves() {
    let app = TestApp::new().await;
    app.customer_of("li");
    let (wang, manager) = (app.api("wang"), app.api("ops_manager"));
    let made = wang.post_once(URL, "key-1", graduated("KH-li")).await.status(201).json();
    let again = wang.post_once(URL, "key-1", graduated("KH-li")).await.status(201).json();
    assert_eq!(made, again, "a key answers once");
    assert_eq!(
        (&made["state"], &made["number"], &made["minimum"]),
        (&json!("draft"), &json!(1), &json!("100"))
    );
    assert_eq!(
        made["charges"][0]["tiers"][1],
        json!({"up_to": "1000", "unit_price": "0.8", "flat_fee": "20"})
    );
    let one = format!("{URL}/{}", made["id"]);
    let waiting = wang.post(&format!("{one}/submit"), json!({"version": 1})).await.ok().json();
    assert_eq!(waiting["state"], "pending");
    let refused = wang.post(&format!("{one}/approve"), json!({"version": 2})).await.status(422);
    assert_eq!(refused.problem(), "own_work");
    manager.post(&format!("{one}/approve"), json!({"version": 1})).await.status(409);
    manager.post(&format!("{one}/reject"), json!({"version": 2})).await.status(422);
    let active = manager.post(&format!("{one}/approve"), json!({"version": 2})).await.ok().json();
    assert_eq!(active["state"], "active");
    assert_eq!(app.api("li").get(&one).await.ok().json()["state"], "active");
    let list = app.api("li").get(&format!("{URL}?customer=KH-li&state=active")).await.ok().json();
    assert_eq!((&list["total"], &list["items"][0]["id"]), (&json!(1), &made["id"]));
    assert_eq!(app.api("li").get(&format!("{URL}?customer=nobody")).await.ok().json()["total"], 0);
    app.api("li").get(&format!("{URL}?state=x")).await.status(422);
}

#[actix_web::test]
async fn a_plan_that_makes_no_sense_is_refused_at_its_field() {
    let app = TestApp::new().await;
    app.customer_of("li");
    app.customer_of("zhao");
    let api = app.api("li");
    let tiers = |tiers: Value| json!({"customer": "KH-li", "valid_from": "2026-12-01", "charges": [{"model": "graduated", "tiers": tiers}]});
    let with = |name: &str, value: Value| {
        let mut sent = graduated("KH-li");
        sent[name] = value;
        sent
    };
    let last = json!({"unit_price": "1"});
    let many: Vec<Value> = (1..=41).map(|at| json!({"up_to": at, "unit_price": "1"})).collect();
    for (sent, field) in [
        (
            tiers(json!([{"up_to": 500, "unit_price": 1}, {"from": 600, "unit_price": 1}])),
            "charges[0].tiers[1].from",
        ),
        (
            tiers(json!([{"up_to": 500, "unit_price": 1}, {"from": 400, "unit_price": 1}])),
            "charges[0].tiers[1].from",
        ),
        (
            tiers(json!([{"up_to": 500, "unit_price": 1}, {"up_to": 400, "unit_price": 1}, last])),
            "charges[0].tiers[1].up_to",
        ),
        (tiers(json!([{"up_to": 500, "unit_price": -1}, last])), "charges[0].tiers[0].unit_price"),
        (
            tiers(json!([{"up_to": 500, "unit_price": "0.1234567891"}, last])),
            "charges[0].tiers[0].unit_price",
        ),
        (
            tiers(json!([{"up_to": 500, "unit_price": 1}, {"up_to": 900, "unit_price": 1}])),
            "charges[0].tiers[1].up_to",
        ),
        (tiers(json!([{"up_to": 500}, last])), "charges[0].tiers[0].unit_price"),
        (tiers(json!(many)), "charges[0].tiers"),
        (tiers(json!("0-500:1")), "charges[0].tiers"),
        (with("discount_percent", json!("120")), "discount_percent"),
        (with("discount_percent", json!(10)), "discount_reason"),
        (with("cap", json!(1)), "cap"),
        (with("currency", json!("USD")), "currency"),
        (with("currency", json!("ZZZ")), "currency"),
        (with("valid_from", json!("soon")), "valid_from"),
        (with("valid_form", json!("2026-12-01")), "valid_form"),
        (with("charges", json!([])), "charges"),
        (with("charges", json!([7])), "charges[0]"),
        (with("charges", json!([{"model": "standard"}])), "charges[0].unit_price"),
        (with("charges", json!([{"model": "flat"}])), "charges[0].model"),
        (
            with("charges", json!([{"model": "standard", "unit_price": 1, "meter": "none"}])),
            "charges[0].meter",
        ),
        (
            with(
                "charges",
                json!([{"model": "standard", "unit_price": 1}, {"model": "standard", "unit_price": 2}]),
            ),
            "charges[1].device_series",
        ),
        (with("customer", json!("nobody")), "customer"),
        (with("customer", json!("KH-zhao")), "customer"),
        (with("customer", Value::Null), "customer"),
    ] {
        let answer = api.post(URL, sent.clone()).await.status(422).json();
        assert_eq!(answer["errors"][0]["field"], field, "{sent} → {answer}");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM price_versions"), 0);
}

#[actix_web::test]
async fn a_version_can_be_submitted_at_once_and_what_is_out_of_reach_is_not_there() {
    let app = TestApp::new().await;
    app.customer_of("li");
    let mut sent = graduated("KH-li");
    sent["submit"] = json!(true);
    assert_eq!(app.api("li").post(URL, sent).await.status(201).json()["state"], "pending");
    let theirs = app.price_version_of("zhao");
    app.api("li").get(&format!("{URL}/{theirs}")).await.status(404);
    app.api("li").post(&format!("{URL}/{theirs}/submit"), json!({"version": 1})).await.status(404);
    app.api("analyst").post(URL, graduated("KH-li")).await.status(403);
}
