//! Disputes: what customers ask on the page of their bill, and what becomes of it.

use opcms::billing::bills::model::DocumentState;
use opcms::billing::links;
use opcms::i18n::Tr;
use opcms::types::ids::BillId;
use serde_json::json;

use crate::support::billing::usage_line;
use crate::support::smtp::{Manner, SmtpServer};
use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

/// A sent bill of li's customer with two lines, and the page of its link.
fn sent(app: &TestApp) -> (BillId, String) {
    let lines = [usage_line("800", "1.5"), usage_line("3", "0.333333")];
    let bill = app.bill_with(app.customer_of("li"), "2026-10", &lines, DocumentState::Sent);
    (bill, links::urls::page(&app.link_to(bill).token))
}

async fn ask(visitor: &Client, page: &str, position: &str, text: &str) -> Answer {
    visitor.get(page).await.ok();
    visitor
        .post(&format!("{page}/questions"), &[("position", position), ("name", "王会计"), ("text", text)])
        .await
}

fn newest(app: &TestApp) -> i64 {
    app.number("SELECT CAST(MAX(id) AS SIGNED) FROM disputes")
}

fn open(app: &TestApp) -> i64 {
    app.number("SELECT CAST(open_disputes AS SIGNED) FROM bills ORDER BY id LIMIT 1")
}

async fn speak(app: &TestApp, client: &Client, text: &str, then: &str) -> Answer {
    let id = newest(app);
    let page = client.get(&format!("/disputes/{id}")).await.ok();
    client.submit(&page, &format!("/disputes/{id}/answer"), &[("text", text), ("then", then)]).await
}

#[actix_web::test]
async fn a_question_is_raised_answered_closed_and_taken_up_again() {
    let server = SmtpServer::start(Manner::Polite);
    let app = TestApp::with(&[("OPCMS_SMTP_URL", &server.url)]).await;
    let (bill, page) = sent(&app);
    app.arrange(|tx| {
        use diesel::RunQueryDsl as _;
        let email = "UPDATE customer_details SET billing_emails = 'bills@kehu.example.com'";
        diesel::sql_query(email).execute(tx.conn()).map_err(Into::into)
    });
    let visitor = app.anonymous();
    ask(&visitor, &page, "1", "数量不对。\n请核对。").await.see_other(&page);
    assert_eq!(open(&app), 1);
    visitor.get(&page).await.ok().contains("请核对。").contains(&T.label("dispute_state", "open"));
    // Whoever looks after the customer is told, and it stands in the queue.
    app.send_messages().await;
    assert_eq!(server.mails().remove(0).to, ["li@example.com"]);
    let ops = app.as_role("ops_manager").await;
    ops.get("/disputes").await.ok().contains("B-202610-000001");
    speak(&app, &ops, "已核对，数量无误。", "").await.see_other(&format!("/disputes/{}", newest(&app)));
    assert_eq!(open(&app), 1);
    app.send_messages().await;
    let mail = server.mails().remove(1);
    assert_eq!(mail.to, ["bills@kehu.example.com"]);
    assert!(mail.part("text/plain").contains("已核对") && mail.part("text/plain").contains(&page));
    visitor.get(&page).await.ok().contains("已核对，数量无误。");
    speak(&app, &ops, "按此结算。", "close").await.status(303);
    assert_eq!(open(&app), 0);
    let id = newest(&app);
    visitor.post(&format!("{page}/questions/{id}"), &[("text", "还有一事")]).await.see_other(&page);
    assert_eq!(open(&app), 1);
    let told = ["opened", "answered", "closed", "written"].map(|what| format!("billing.dispute.{what}"));
    assert_eq!(app.audited(), told);
    ops.get(&format!("/bills/{bill}")).await.ok().contains(&T.disputes_of_place(1));
}

#[actix_web::test]
async fn a_question_is_about_a_line_of_this_bill_or_all_of_it() {
    let app = TestApp::new().await;
    let (_, page) = sent(&app);
    let visitor = app.anonymous();
    for position in ["3", "0", "-1", "99999999999", "一", "1.5"] {
        let refused = ask(&visitor, &page, position, "请核对").await.status(422);
        assert!(!refused.field_error("position").is_empty(), "{position}");
        refused.contains("请核对");
    }
    assert_eq!(ask(&visitor, &page, "", "  ").await.status(422).field_error("text"), T.field_required());
    ask(&visitor, &page, "", &"长".repeat(2_001)).await.status(422);
    assert_eq!(app.number("SELECT COUNT(*) FROM disputes"), 0);
    ask(&visitor, &page, "", "整张账单").await.see_other(&page);
    // The thread of another bill does not exist by this link.
    let other = app.bill_of(app.customer_of("zhao"), "2026-10", "5.00", DocumentState::Sent);
    let others = links::urls::page(&app.link_to(other).token);
    let id = newest(&app);
    visitor.get(&others).await.ok().lacks("整张账单</p>");
    visitor.post(&format!("{others}/questions/{id}"), &[("text", "插话")]).await.status(404);
    assert_eq!(app.number("SELECT COUNT(*) FROM dispute_messages"), 1);
}

#[actix_web::test]
async fn hostile_words_are_shown_as_they_were_written() {
    let app = TestApp::new().await;
    let (_, page) = sent(&app);
    let visitor = app.anonymous();
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}";
    visitor.get(&page).await.ok();
    let fields = [("position", "1"), ("name", hostile), ("text", hostile)];
    visitor.post(&format!("{page}/questions"), &fields).await.see_other(&page);
    let shown = visitor.get(&page).await.ok();
    shown.lacks("<script>alert").lacks("<img src=x").contains("&#60;script&#62;alert");
    let admin = app.signed_in("admin").await;
    let shown = admin.get(&format!("/disputes/{}", newest(&app))).await.ok();
    shown.lacks("<script>alert").lacks("<img src=x").contains("{{ 7*7 }}");
    app.send_messages().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM messages WHERE spread_at IS NULL"), 0);
}

#[actix_web::test]
async fn there_are_only_so_many_questions_and_words() {
    let app = TestApp::new().await;
    let (_, page) = sent(&app);
    let visitor = app.anonymous();
    for number in 0..20 {
        ask(&visitor, &page, "1", &format!("第 {number} 问")).await.status(303);
        app.clock.advance(chrono::Duration::minutes(1));
    }
    let refused = ask(&visitor, &page, "1", "第 21 问").await.status(422);
    refused.contains(&T.disputes_refused_too_many(20));
    assert_eq!(open(&app), 20);
}

#[actix_web::test]
async fn disputes_of_others_do_not_exist_and_who_may_not_answer_is_told() {
    let app = TestApp::new().await;
    let (_, page) = sent(&app);
    ask(&app.anonymous(), &page, "1", "请核对").await.status(303);
    let id = newest(&app);
    let role = app.arrange_role(
        "answers",
        opcms::types::DataScope::Department,
        &[opcms::types::Permission::DisputeAnswer],
    );
    app.give_roles("zhao", &[role]);
    let zhao = app.signed_in("zhao").await;
    zhao.get("/disputes").await.ok().lacks("B-202610-000001");
    zhao.get(&format!("/disputes/{id}")).await.status(404);
    zhao.post(&format!("/disputes/{id}/answer"), &[("text", "好"), ("version", "1")]).await.status(404);
    app.signed_in("aud").await.get("/disputes").await.status(403);
}

#[actix_web::test]
async fn two_answers_at_once_are_one_and_a_closed_one_takes_none() {
    let app = TestApp::new().await;
    let (_, page) = sent(&app);
    ask(&app.anonymous(), &page, "1", "请核对").await.status(303);
    let (admin, id) = (app.signed_in("admin").await, newest(&app));
    let stale = admin.get(&format!("/disputes/{id}")).await.ok();
    speak(&app, &admin, "第一个答复", "close").await.status(303);
    let answer = format!("/disputes/{id}/answer");
    let late = admin.submit(&stale, &answer, &[("text", "第二个答复")]).await;
    assert_ne!(late.status, 303);
    assert_eq!(app.number("SELECT COUNT(*) FROM dispute_messages"), 2);
    let closed = admin.get(&format!("/disputes/{id}")).await.ok().contains(T.disputes_reopen());
    admin.submit(&closed, &format!("/disputes/{id}/reopen"), &[]).await.status(303);
    assert_eq!(open(&app), 1);
}

#[actix_web::test]
async fn programs_list_answer_and_close() {
    let app = TestApp::new().await;
    let (_, page) = sent(&app);
    ask(&app.anonymous(), &page, "2", "请核对").await.status(303);
    let (api, id) = (app.api("admin"), newest(&app));
    let list = api.get("/api/v1/disputes").await.ok().json();
    assert_eq!((&list["total"], &list["items"][0]["position"]), (&json!(1), &json!(2)));
    api.get("/api/v1/disputes?state=nonsense").await.status(422);
    let one = api.get(&format!("/api/v1/disputes/{id}")).await.ok().json();
    assert_eq!(one["messages"][0]["text"], "请核对");
    let path = format!("/api/v1/disputes/{id}");
    api.post(&format!("{path}/answer"), json!({"text": "好的"})).await.status(422);
    let version = &one["version"];
    let answered =
        api.post(&format!("{path}/answer"), json!({"text": "好的", "version": version})).await.ok().json();
    assert_eq!(answered["state"], "answered");
    let version = &answered["version"];
    let closed =
        api.post(&format!("{path}/close"), json!({"text": "完", "version": version})).await.ok().json();
    assert_eq!((&closed["state"], closed["messages"].as_array().unwrap().len()), (&json!("closed"), 3));
    assert_eq!(api.get("/api/v1/disputes").await.ok().json()["total"], 0);
    assert_eq!(api.get("/api/v1/disputes?state=all").await.ok().json()["total"], 1);
}
