//! What stands between a month and its bills: days without usage, who waives them, and what a plan keeps of that.

use opcms::billing::runs::model::RunState;
use opcms::i18n::Tr;
use opcms::types::ids::{BillRunId, UsageSourceId};
use serde_json::json;

use crate::support::{Client, TestApp};

const T: Tr = Tr::ZhCn;
const NEW: &str = "/billing/runs/new?month=2026-10";

/// A source that should have usage of the last two days of October, and has none.
fn source(app: &TestApp) -> UsageSourceId {
    app.fetched_source("vendor", "https://example.invalid/usage?day={day}", |form| {
        form.expected_from = "2026-10-30".into();
    })
}

fn holes(source: UsageSourceId) -> [String; 2] {
    [format!("{source}.2026-10-30"), format!("{source}.2026-10-31")]
}

async fn waive(client: &Client, holes: &[String], reason: &str) -> crate::support::Answer {
    let mut fields = vec![("month", "2026-10"), ("reason", reason)];
    fields.extend(holes.iter().map(|hole| ("hole", hole.as_str())));
    client.post("/billing/waivers", &fields).await
}

#[actix_web::test]
async fn a_month_is_planned_once_each_hole_is_there_or_waived_by_name_and_reason() {
    let app = TestApp::new().await;
    let holes = holes(source(&app));
    let client = app.as_role("finance").await;
    let named = T.join(["来源 vendor 2026-10-30", "来源 vendor 2026-10-31"]);
    let refusal = T.completeness_refused_holes(2, &named);
    let page = client.get(NEW).await.ok().contains(&refusal).contains("10-30–10-31");
    page.contains(&T.completeness_holes(2));
    let answer = client.post("/billing/runs", &[("month", "2026-10")]).await;
    assert_eq!((answer.flash(), app.number("SELECT COUNT(*) FROM bill_runs")), (refusal.clone(), 0));

    let page = waive(&client, &holes[..1], " ").await.status(422);
    assert_eq!(page.field_error("reason"), T.field_required());
    assert!(page.body.contains(&format!("value=\"{}\" checked", holes[0])), "what was chosen is kept");
    waive(&client, &[], "供应商确认无数据").await.status(422).contains(T.completeness_choose_days());
    waive(&client, &holes[..1], "供应商停机，确认当天没有拍摄").await.see_other(NEW);
    let one = T.completeness_refused_holes(1, T.join(["来源 vendor 2026-10-31"]));
    client.get(NEW).await.ok().contains(&one).contains("供应商停机，确认当天没有拍摄").contains("finance");
    // Both together: what is waived already stays as it is.
    let answer = waive(&client, &holes, "供应商停机").await;
    assert_eq!(answer.flash(), T.completeness_waived(1));
    client.get(NEW).await.ok().contains(T.completeness_ready());

    client.post("/billing/runs", &[("month", "2026-10")]).await.see_other("/billing/runs/1");
    app.work_off().await;
    let run = app.run(BillRunId(1));
    let waived: Vec<_> = run.waived().unwrap();
    let told: Vec<_> = waived.iter().map(|hole| (hole.day.to_string(), hole.reason.as_str())).collect();
    let first = ("2026-10-30".to_owned(), "供应商停机，确认当天没有拍摄");
    assert_eq!(told, [first, ("2026-10-31".to_owned(), "供应商停机")]);
    assert!(waived.iter().all(|hole| hole.by == Some(app.world.user("finance")) && hole.source == "vendor"));
    assert_eq!(run.state, RunState::Planned);
    client.get("/billing/runs/1").await.ok().contains(&T.run_pages_waived(2));

    let id = app.texts("SELECT CAST(MAX(id) AS CHAR) FROM usage_waivers").remove(0);
    let back = [("month", "2026-10"), ("waiver", id.as_str())];
    client.post("/billing/waivers/take-back", &back).await.see_other(NEW);
    client.get(NEW).await.ok().contains(&one);
    assert_eq!(app.run(BillRunId(1)).waived().unwrap(), waived, "a plan keeps what it was made with");
    // Twice is once.
    let answer = client.post("/billing/waivers/take-back", &back).await;
    assert_eq!(answer.flash(), T.completeness_taken_back(0));
    let audited = "SELECT action FROM audit_entries WHERE action LIKE 'billing.waiver%' ORDER BY id";
    let given = "billing.waiver.given";
    assert_eq!(app.texts(audited), [given, given, "billing.waiver.taken_back"]);
}

#[actix_web::test]
async fn the_plan_with_other_waivers_is_another_plan() {
    let app = TestApp::new().await;
    let holes = holes(source(&app));
    let client = app.as_role("finance").await;
    let mut hashes = Vec::new();
    for reason in ["供应商停机", "合同约定不计"] {
        waive(&client, &holes, reason).await.see_other(NEW);
        client.post("/billing/runs", &[("month", "2026-10")]).await.status(303);
        app.work_off().await;
        hashes.extend(app.texts("SELECT inputs_hash FROM bill_runs ORDER BY id DESC LIMIT 1"));
        for id in app.texts("SELECT CAST(id AS CHAR) FROM usage_waivers WHERE taken_back_at IS NULL") {
            client.post("/billing/waivers/take-back", &[("month", "2026-10"), ("waiver", &id)]).await;
        }
    }
    assert_ne!(hashes[0], hashes[1]);
}

#[actix_web::test]
async fn only_holes_of_the_month_are_waived() {
    let app = TestApp::new().await;
    let source = source(&app);
    let client = app.as_role("finance").await;
    client.get(NEW).await.ok();
    let absent = app.number("SELECT MAX(id) + 1 FROM usage_sources");
    for (hole, said) in [
        (format!("{source}.2026-11-15"), T.field_unknown_choice().to_owned()),
        (format!("{source}.2026-10-99"), T.field_unknown_choice().to_owned()),
        ("<script>".to_owned(), T.field_unknown_choice().to_owned()),
        (String::new(), T.field_unknown_choice().to_owned()),
        (format!("{source}.2026-10-29"), T.completeness_no_hole("2026-10-29")),
        (format!("{absent}.2026-10-30"), T.completeness_no_hole("2026-10-30")),
    ] {
        waive(&client, &[hole], "没有").await.status(422).contains(&said).lacks("<script>\"");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_waivers"), 0);
}

#[actix_web::test]
async fn what_waits_besides_is_counted_and_leads_on() {
    let app = TestApp::new().await;
    let li = app.customer_of("li");
    app.usage_sent(&[{
        let mut record = app.raw_usage(li, "2026-10-08", "X", "5");
        record.company_code = "无此客户".into();
        record
    }]);
    let version = app.draft_price(li, "2026-10-15", "1.2");
    app.arrange(|tx| opcms::pricing::price_plans::commands::submit(tx, version, 1));
    let client = app.as_role("admin").await;
    let page = client.get(NEW).await.ok().contains(T.completeness_besides_help());
    page.contains("/usage/quarantine?from=2026-10-01&#38;to=2026-10-31\">1</a>");
    client.get("/billing/runs/new?month=2026-09").await.ok().contains(T.completeness_clean());
}

#[actix_web::test]
async fn a_month_that_is_not_over_cannot_be_planned_and_what_is_no_month_is_the_last_one() {
    let app = TestApp::new().await;
    let client = app.as_role("finance").await;
    let refusal = T.completeness_refused_not_over("2026-11");
    client.get("/billing/runs/new?month=2026-11").await.ok().contains(&refusal);
    assert_eq!(client.post("/billing/runs", &[("month", "2026-11")]).await.flash(), refusal);
    for query in ["", "?month=", "?month=2026-13", "?month=%3Cscript%3E", "?month=99999-01"] {
        let page = client.get(&format!("/billing/runs/new{query}")).await.ok();
        page.contains(&T.run_pages_new_title("2026-10")).lacks("<script>\"");
    }
    client.post("/billing/runs", &[("month", "十月")]).await.status(400);
}

#[actix_web::test]
async fn programs_are_told_what_is_missing() {
    let app = TestApp::new().await;
    source(&app);
    let answer = app.api("finance").post("/api/v1/billing/generate", json!({"month": "2026-10"})).await;
    assert_eq!((answer.status, answer.problem()), (422, "usage_missing".to_owned()));
}

#[actix_web::test]
async fn who_reaches_a_part_of_the_customers_neither_plans_nor_waives() {
    let app = TestApp::new().await;
    let holes = holes(source(&app));
    let wang = app.signed_in("wang").await;
    wang.get(NEW).await.status(404);
    waive(&wang, &holes, "没有").await.status(404);
    wang.post("/billing/waivers/take-back", &[("month", "2026-10"), ("waiver", "1")]).await.status(404);
    wang.post("/billing/runs", &[("month", "2026-10")]).await.status(404);
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_waivers"), 0);
}
