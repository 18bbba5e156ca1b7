//! The pages of runs: a month is planned, looked at, and committed as it was shown; and the job that begins it by itself.

use chrono::Duration;
use opcms::billing::runs::model::{Outcome, Part, Reason, RunState, Scope};
use opcms::billing::runs::{commands, monthly};
use opcms::customers::directory::fields::Field;
use opcms::i18n::Tr;
use opcms::jobs::catalogue::Catalogue;
use opcms::jobs::{runs, schedule, ticker};
use opcms::settings::model::SettingDraft;
use opcms::settings::registry::BILLING_COMMIT_BY_ITSELF;
use opcms::types::ids::{BillRunId, CustomerId};
use opcms::types::time::business_day;
use serde_json::json;

use crate::support::{Client, TestApp};

const T: Tr = Tr::ZhCn;
const FIRST: &str = "/billing/runs/1";

/// A formal customer that has used so much in October, at 1.5 each where there is a price.
fn customer(app: &TestApp, code: &str, quantity: &str, is_priced: bool) -> CustomerId {
    let name = format!("杭州{code}家居有限公司");
    let id = app.customer_with(code, &name, &[(Field::Status, "active")]);
    if is_priced {
        app.price_in_force(id, "2026-01-01", "1.5");
    }
    app.usage_of(id, "2026-10-05", "X", quantity);
    id
}

/// One that is billed 150.00, one that is billed 1,500.00, one without a price, and one that is internal.
fn four(app: &TestApp) -> [CustomerId; 3] {
    app.customer_with("NB", "内部测试公司", &[(Field::AccountType, "internal")]);
    [("KH1", "100", true), ("KH2", "1000", true), ("KH3", "10", false)]
        .map(|(code, quantity, is_priced)| customer(app, code, quantity, is_priced))
}

async fn plan(app: &TestApp, client: &Client) {
    client.get("/billing/runs/new").await.ok();
    client.post("/billing/runs", &[("month", "2026-10")]).await.status(303);
    app.work_off().await;
}

#[actix_web::test]
async fn a_month_is_planned_looked_at_and_committed_as_it_was_shown() {
    let app = TestApp::new().await;
    four(&app);
    let client = app.as_role("finance_manager").await;
    client.get("/billing/runs").await.ok().contains(T.run_pages_blank());
    client.get("/billing/runs/new").await.ok();
    client.post("/billing/runs", &[("month", "2026-10")]).await.see_other(FIRST);
    // While it is worked out the page asks for its newer self; nothing can be committed yet.
    let page = client.get(FIRST).await.ok().contains("data-live=\"1\"").lacks("/commit\"");
    page.contains(&RunState::Planning.label(T));
    app.work_off().await;

    let page = client.get(FIRST).await.ok().contains("1,650.00").contains("KH1").contains("KH2");
    let text = T.run_pages_commit_text("2", "CNY 1,650.00");
    page.clone().contains(&text).contains(&Outcome::Failed.label(T)).contains(&Reason::NoPrice.label(T));
    page.clone().contains(&T.run_pages_failed(1)).contains(T.run_pages_scope_all());
    client.get(&format!("{FIRST}?tab=billed")).await.ok().contains("KH2").lacks("KH3");
    client.get(&format!("{FIRST}?tab=failed")).await.ok().contains("KH3").lacks("KH1<");
    client.get(&format!("{FIRST}?tab=excluded")).await.ok().contains("NB").lacks("KH1<");
    client.get(&format!("{FIRST}?tab=zero")).await.ok().contains(T.run_pages_none());
    client.get(&format!("{FIRST}?q=KH2")).await.ok().contains("KH2").lacks("KH1<");
    client.get(&format!("{FIRST}?q=%25&sort=%27&tab=%22&page=-1")).await.ok();
    client.get(&format!("{FIRST}?q=nobody")).await.ok().contains(T.run_pages_none_found());
    // The most moved comes first, unless they are asked for by their codes.
    let place = |body: &str, code: &str| body.find(&format!("{code}</span></th>")).unwrap();
    assert!(place(&page.body, "KH2") < place(&page.body, "KH1"));
    let by_code = client.get(&format!("{FIRST}?sort=code")).await.ok();
    assert!(place(&by_code.body, "KH1") < place(&by_code.body, "KH2"));
    // Each line with how it was found.
    let of_customer = client.get(&format!("{FIRST}/customers/2")).await.ok();
    of_customer.contains("1,500.00").contains(&T.pricing_standard("1.50", "1,500.00", "1,000"));

    let answer = client.submit(&page, &format!("{FIRST}/commit"), &[]).await.see_other(FIRST);
    assert_eq!(answer.flash(), T.run_pages_commit_asked());
    app.work_off().await;
    // However often it is asked for, there is one set of bills.
    client.submit(&page, &format!("{FIRST}/commit"), &[]).await.see_other(FIRST);
    app.work_off().await;
    assert_eq!(app.texts("SELECT number FROM bills ORDER BY id"), ["B-202610-000001", "B-202610-000002"]);
    let page = client.get(FIRST).await.ok().contains(&RunState::Committed.label(T));
    page.contains(T.run_pages_bills()).contains(T.run_pages_again()).lacks("/discard\"");
    client.get("/billing/runs").await.ok().contains("CNY 1,650.00").contains(&RunState::Committed.label(T));
    client.get("/billing/runs?month=2026-09").await.ok().contains(T.run_pages_blank());
}

#[actix_web::test]
async fn what_moved_between_plan_and_commit_is_named_and_planned_anew() {
    let app = TestApp::new().await;
    let [first, ..] = four(&app);
    let client = app.as_role("finance_manager").await;
    plan(&app, &client).await;
    let page = client.get(FIRST).await.ok();
    app.usage_of(first, "2026-10-06", "X", "7");
    client.submit(&page, &format!("{FIRST}/commit"), &[]).await.see_other(FIRST);
    app.work_off().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM bills"), 0);
    let page = client.get(FIRST).await.ok().contains(&RunState::Outdated.label(T)).lacks("/commit\"");
    let moved = page.contains("KH1").contains(&Part::Usage.label(T));
    client.submit(&moved, &format!("{FIRST}/replan"), &[]).await.see_other("/billing/runs/2");
    app.work_off().await;
    client.get("/billing/runs/2").await.ok().contains("1,660.50");
    client.get(FIRST).await.ok().contains(&RunState::Discarded.label(T));
    // What was shown once is not what there is now.
    let answer = client.post("/billing/runs/2/commit", &[("hash", &"0".repeat(64))]).await;
    assert_eq!(answer.flash(), T.bill_runs_refused_hash());
    client.post("/billing/runs/2/discard", &[]).await.see_other("/billing/runs/2");
    client.get("/billing/runs/2").await.ok().contains(&RunState::Discarded.label(T));
}

#[actix_web::test]
async fn those_that_could_not_be_billed_are_run_again_alone_or_together() {
    let app = TestApp::new().await;
    let [_, _, third] = four(&app);
    customer(&app, "KH4", "20", false);
    let client = app.as_role("finance_manager").await;
    plan(&app, &client).await;
    let page = client.get(FIRST).await.ok();
    client.submit(&page, &format!("{FIRST}/commit"), &[]).await;
    app.work_off().await;
    app.price_in_force(third, "2026-01-01", "2");
    let failed = client.get(&format!("{FIRST}/customers/3")).await.ok().contains(T.run_pages_again_one());
    client.submit(&failed, &format!("{FIRST}/again"), &[]).await.see_other("/billing/runs/2");
    client.post(&format!("{FIRST}/again"), &[]).await.see_other("/billing/runs/3");
    app.work_off().await;
    let one =
        client.get("/billing/runs/2").await.ok().contains("20.00").contains(&T.run_pages_scope_customers(1));
    client
        .get("/billing/runs/3")
        .await
        .ok()
        .contains(&T.run_pages_scope_failed(BillRunId(1)))
        .contains("KH4");
    client.submit(&one, "/billing/runs/2/commit", &[]).await;
    app.work_off().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM bills"), 3);
    assert_eq!(app.run(BillRunId(2)).state, RunState::Committed);
    client.get("/billing/runs/99/customers/1").await.status(404);
    client.get(&format!("{FIRST}/customers/99")).await.status(404);
}

#[actix_web::test]
async fn what_is_shown_leaves_as_a_file() {
    let app = TestApp::new().await;
    four(&app);
    let client = app.as_role("finance").await;
    plan(&app, &client).await;
    let answer = client.post(&format!("{FIRST}/export"), &[("format", "csv")]).await.ok();
    assert_eq!(answer.body.trim().lines().count(), 5, "{}", answer.body);
    answer.contains("KH2").contains("1500").contains(&Reason::NoPrice.label(T));
    let answer = client.post(&format!("{FIRST}/export"), &[("format", "csv"), ("tab", "billed")]).await.ok();
    assert_eq!(answer.body.trim().lines().count(), 3);
    client.post(&format!("{FIRST}/export"), &[("format", "xlsx")]).await.ok();
    client.post(&format!("{FIRST}/export"), &[("format", "exe")]).await.status(400);
    let audited = "SELECT COUNT(*) FROM audit_entries WHERE action = 'billing.bill_run.exported'";
    assert_eq!(app.number(audited), 3);
}

#[actix_web::test]
async fn programs_plan_and_commit_too() {
    let app = TestApp::new().await;
    four(&app);
    let api = app.api("finance_manager");
    let answer = api.post("/api/v1/billing/generate", json!({"month": "2026-10"})).await.status(201);
    let id = answer.json()["id"].as_u64().unwrap();
    assert_eq!((answer.json()["state"].as_str(), answer.json()["hash"].is_null()), (Some("planning"), true));
    // The same once more, while it is worked out, is the same run.
    let again = api.post("/api/v1/billing/generate", json!({"month": "2026-10"})).await.status(201);
    assert_eq!(again.json()["id"], id);
    app.work_off().await;
    let path = format!("/api/v1/billing/runs/{id}");
    let shown = api.get(&path).await.ok().json();
    assert_eq!((&shown["state"], &shown["counts"]["failed"]), (&json!("planned"), &json!(1)));
    let total = &shown["totals"][0];
    assert_eq!((&total["currency"], &total["total"]), (&json!("CNY"), &json!("1650.00")));
    let commit = format!("{path}/commit");
    let refused = api.post(&commit, json!({"hash": "0"})).await;
    assert_eq!((refused.status, refused.problem()), (422, "run_hash".to_owned()));
    let done = api.post(&commit, json!({"hash": shown["hash"]})).await.ok();
    assert_eq!(done.json()["state"], "committing");
    app.work_off().await;
    assert_eq!(api.get(&path).await.ok().json()["counts"]["written"], 2);

    let one = api.post("/api/v1/billing/generate", json!({"month": "2026-10", "customers": ["KH3"]})).await;
    let run = app.run(BillRunId(one.status(201).json()["id"].as_u64().unwrap()));
    assert!(matches!(run.scope().unwrap(), Scope::Customers(ids) if ids.len() == 1));
    for (body, code) in [
        (json!({"month": "2026-13"}), 422),
        (json!({}), 422),
        (json!({"month": "2026-10", "customers": ["无此客户"]}), 422),
        (json!({"month": "2026-10", "customers": []}), 422),
        (json!({"month": "2026-11"}), 422),
        (json!({"month": 202_610}), 400),
    ] {
        let answer = api.post("/api/v1/billing/generate", body.clone()).await;
        assert_eq!(answer.status, code, "{body}");
    }
}

#[actix_web::test]
async fn a_run_is_for_who_reaches_every_customer() {
    let app = TestApp::new().await;
    four(&app);
    app.planned_run("finance", "2026-10").await;
    let wang = app.signed_in("wang").await;
    for path in ["/billing/runs", "/billing/runs/new", FIRST, "/billing/runs/1/customers/1"] {
        wang.get(path).await.status(404);
    }
    for deed in ["commit", "replan", "discard", "again", "export"] {
        wang.post(&format!("{FIRST}/{deed}"), &[("format", "csv")]).await.status(404);
    }
    app.api("wang").get("/api/v1/billing/runs/1").await.status(404);
    // Who only looks gets no buttons, and is told so when they try.
    let aud = app.signed_in("aud").await;
    let page = aud.get(FIRST).await.ok().contains("1,650.00");
    page.lacks("/commit\"").lacks("/replan\"").lacks("/discard\"");
    aud.post(&format!("{FIRST}/commit"), &[("hash", "0")]).await.status(403);
    let finance = app.signed_in("finance").await;
    finance.get(FIRST).await.ok().contains("/replan\"").contains("/commit\"");
    assert_eq!(app.run(BillRunId(1)).state, RunState::Planned);
}

/// Fires the job of the month, and works off what it asks for.
async fn monthly_job(app: &TestApp) {
    ticker::prepare(&app.state).unwrap();
    let known = app.part::<Catalogue>().codes();
    let today = business_day(app.clock.now());
    app.arrange(|tx| {
        let job = schedule::queries::by_code_or_name(tx, monthly::CODE)?.unwrap();
        runs::commands::trigger(tx, job.id, today, &known)
    });
    ticker::tick(&app.state).unwrap();
    for _ in 0..3 {
        app.work_off().await;
        app.clock.advance(Duration::seconds(40));
    }
    app.send_messages().await;
}

fn inbox(app: &TestApp) -> Vec<String> {
    app.texts("SELECT subject FROM notifications JOIN users ON users.id = notifications.user_id WHERE username = 'finance_manager' ORDER BY notifications.id")
}

#[actix_web::test]
async fn the_job_of_the_month_waits_for_completeness_and_stops_at_the_plan() {
    let app = TestApp::new().await;
    four(&app);
    let source = app.fetched_source("vendor", "https://example.invalid/usage?day={day}", |form| {
        form.expected_from = "2026-10-31".into();
    });
    monthly_job(&app).await;
    monthly_job(&app).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_runs"), 0);
    assert_eq!(inbox(&app).len(), 1, "told once a day: {:?}", inbox(&app));
    let day = "2026-10-31".parse().unwrap();
    app.arrange(|tx| opcms::usage::collection::commands::declare(tx, source, day, "当天无拍摄"));
    monthly_job(&app).await;
    monthly_job(&app).await;
    assert_eq!(app.texts("SELECT state FROM bill_runs"), ["planned"]);
    assert_eq!(inbox(&app).len(), 2, "{:?}", inbox(&app));
    assert!(inbox(&app)[1].contains("2026-10"), "{:?}", inbox(&app));
    assert_eq!(app.number("SELECT COUNT(*) FROM bills"), 0);
}

#[actix_web::test]
async fn the_job_commits_by_itself_where_a_setting_says_so_and_nothing_is_to_be_looked_at() {
    for (is_clean, wanted) in [(true, "committed"), (false, "planned")] {
        let app = TestApp::new().await;
        let definition = &BILLING_COMMIT_BY_ITSELF.definition;
        let draft = SettingDraft { value: Some("true".into()), reason: Some("放心".into()), version: 0 };
        app.arrange(|tx| opcms::settings::commands::change(tx, definition, &draft));
        let ids = [customer(&app, "KH1", "100", true), customer(&app, "KH2", "90", true)];
        // A month before of the same amounts, so that nothing is new.
        for (id, quantity) in ids.into_iter().zip(["100", "90"]) {
            app.usage_of(id, "2026-09-05", "X", quantity);
        }
        let september = app.arrange(|tx| commands::plan(tx, "2026-09".parse().unwrap(), &Scope::All, &[]));
        app.work_off().await;
        app.commit_run("finance_manager", &app.run(september)).await;
        if !is_clean {
            customer(&app, "KH9", "5", false);
        }
        monthly_job(&app).await;
        monthly_job(&app).await;
        let states = app.texts("SELECT state FROM bill_runs WHERE month = '2026-10-01'");
        assert_eq!(states, [wanted], "{:?}", app.texts("SELECT CAST(flags AS CHAR) FROM bill_run_customers"));
    }
}
