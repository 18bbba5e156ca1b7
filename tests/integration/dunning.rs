//! Reminders: the step that is due, once; paused by a dispute or a promise; to those who can be reached.

use chrono::Duration;
use diesel::connection::SimpleConnection as _;
use opcms::billing::bills::model::DocumentState;
use opcms::billing::dunning::commands;
use opcms::customers::directory::fields::Field;
use opcms::i18n::Tr;
use opcms::types::ids::{BillId, CustomerId};
use opcms::types::time::business_day;
use serde_json::json;

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

/// A customer that mail reaches, of these owners.
fn customer(app: &TestApp, code: &str, owner: &str) -> CustomerId {
    let owner = app.world.user(owner).to_string();
    let fields = [(Field::BillingEmails, "caiwu@kehu.cn"), (Field::OpsOwner, owner.as_str())];
    app.customer_with(code, &format!("杭州{code}家居有限公司"), &fields)
}

fn owed(app: &TestApp, code: &str, due_on: &str) -> BillId {
    let id = app.bill_of(customer(app, code, "li"), "2026-09", "1200.00", DocumentState::Sent);
    app.bill_due(id, "2026-10-01", due_on);
    id
}

/// The reminders as `number days`, in their order.
fn reminders(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS(' ', CAST(bills.number AS CHAR), days) FROM dunning_reminders \
         JOIN bills ON bills.id = bill_id ORDER BY bills.number, days",
    )
}

fn messages(app: &TestApp) -> Vec<String> {
    app.texts("SELECT CAST(kind AS CHAR) FROM messages WHERE kind LIKE 'billing.%' ORDER BY id")
}

/// What a morning does, so many days from now.
fn morning(app: &TestApp, after_days: i64, ids: &[BillId]) -> opcms::billing::dunning::model::Tally {
    let day = business_day(app.clock.now()) + Duration::days(after_days);
    app.arrange(|tx| commands::remind(tx, &app.state.secret, day, ids))
}

#[actix_web::test]
async fn each_step_is_sent_once_and_a_missed_day_sends_the_latest_only() {
    let app = TestApp::new().await;
    // Today is the 20th of November: a day overdue.
    let id = owed(&app, "KH-1", "2026-11-19");
    assert_eq!(morning(&app, 0, &[id]).reminded, 1);
    assert_eq!(morning(&app, 0, &[id]).reminded, 0, "never twice");
    assert_eq!(reminders(&app), ["B-202609-000001 1"]);
    assert_eq!(messages(&app), ["billing.reminder_plain", "billing.reminder_told"]);
    // Nobody was there from the 7th to the 20th day: only the step of the 15th is sent.
    assert_eq!(morning(&app, 19, &[id]).reminded, 1);
    assert_eq!(reminders(&app), ["B-202609-000001 1", "B-202609-000001 15"]);
    assert_eq!(morning(&app, 25, &[id]).reminded, 0);
    assert_eq!(morning(&app, 29, &[id]).reminded, 1);
    assert_eq!(morning(&app, 400, &[id]).reminded, 0, "the ladder has an end");
    assert_eq!(messages(&app).len(), 6);
    let audited = app.texts("SELECT action FROM audit_entries WHERE action = 'billing.bill.reminded'");
    assert_eq!(audited.len(), 3);
}

#[actix_web::test]
async fn before_the_due_day_one_is_told_unless_the_bill_has_just_been_sent() {
    let app = TestApp::new().await;
    let soon = owed(&app, "KH-1", "2026-11-23");
    let fresh = owed(&app, "KH-2", "2026-11-22");
    app.bill_due(fresh, "2026-11-20", "2026-11-22");
    let later = owed(&app, "KH-3", "2026-11-24");
    assert_eq!(morning(&app, 0, &[soon, fresh, later]).reminded, 1);
    assert_eq!(reminders(&app), ["B-202609-000001 -3"]);
    assert_eq!(messages(&app), ["billing.reminder_before"]);
}

#[actix_web::test]
async fn disputes_promises_payment_and_missing_addresses_hold_reminders_back() {
    let app = TestApp::new().await;
    let ids: Vec<BillId> = (1..=5).map(|n| owed(&app, &format!("KH-{n}"), "2026-11-19")).collect();
    let nowhere = app.customer("KH-9", "没有邮箱的客户有限公司", None, Some("li"));
    let mute = app.bill_of(nowhere, "2026-09", "5.00", DocumentState::Sent);
    app.bill_due(mute, "2026-10-01", "2026-11-19");
    let [disputed, promised, paid, broken, free] = ids[..] else { panic!() };
    let sql = format!(
        "UPDATE bills SET open_disputes = 1 WHERE id = {disputed}; \
         UPDATE bills SET promised_on = '2026-11-20' WHERE id = {promised}; \
         UPDATE bills SET settled_amount = total_amount, settlement_state = 'paid' WHERE id = {paid}; \
         UPDATE bills SET promised_on = '2026-11-19' WHERE id = {broken};"
    );
    app.connect().batch_execute(&sql).unwrap();
    let admin = app.signed_in("admin").await;
    let next = admin.get("/bills/overdue/next").await.ok();
    next.contains(T.dunning_paused_disputed()).contains("B-202609-000004").lacks("B-202609-000003");
    let list = admin.get("/bills/overdue").await.ok();
    list.contains("B-202609-000001").lacks("B-202609-000003").contains("4,805.00");
    let tally = app.api("admin").post("/api/v1/billing/overdue-remind", json!({})).await.status(200).json();
    assert_eq!((tally["reminded"].as_i64(), tally["disputed"].as_i64()), (Some(2), Some(1)));
    assert_eq!(tally["promised"].as_i64(), Some(1));
    assert_eq!(tally["without_address"], json!(["B-202609-000006"]));
    assert_eq!(reminders(&app), ["B-202609-000004 1", "B-202609-000005 1"]);
    assert!(free > broken);
    // What was held back is sent once nothing holds it.
    app.connect().batch_execute("UPDATE bills SET open_disputes = 0, promised_on = NULL").unwrap();
    assert_eq!(admin.post("/bills/overdue/remind", &[]).await.status(303).flash(), T.dunning_done(1, 0, 2));
}

#[actix_web::test]
async fn one_reminds_only_of_what_one_reaches() {
    let app = TestApp::new().await;
    let ours = owed(&app, "KH-1", "2026-11-19");
    let theirs = app.bill_of(customer(&app, "KH-2", "zhao"), "2026-09", "7.00", DocumentState::Sent);
    app.bill_due(theirs, "2026-10-01", "2026-11-19");
    let wang = app.signed_in("wang").await;
    wang.get("/bills/overdue").await.ok().contains("B-202609-000001").lacks("B-202609-000002");
    wang.get("/bills/overdue/next").await.ok().contains("B-202609-000001").lacks("B-202609-000002");
    assert_eq!(wang.post("/bills/overdue/remind", &[]).await.flash(), T.dunning_done(0, 0, 1));
    assert_eq!(reminders(&app), ["B-202609-000001 1"]);
    wang.get(&format!("/bills/{theirs}/promise")).await.status(404);
    let fields = [("promised_on", "2026-11-25"), ("note", "x"), ("version", "1")];
    wang.post(&format!("/bills/{theirs}/promise"), &fields).await.status(404);
    app.signed_in("li").await.post(&format!("/bills/{ours}/promise"), &fields).await.status(403);
}

#[actix_web::test]
async fn a_promise_pauses_until_its_day_has_passed() {
    let app = TestApp::new().await;
    let id = owed(&app, "KH-1", "2026-11-19");
    let finance = app.as_role("finance").await;
    let url = format!("/bills/{id}/promise");
    let form = finance.get(&url).await.ok();
    for (day, note, field) in
        [("2026-11-19", "x", "promised_on"), ("明天", "x", "promised_on"), ("2026-11-25", "", "note")]
    {
        let again = finance.submit(&form, &url, &[("promised_on", day), ("note", note)]).await.status(422);
        assert_ne!(again.field_error(field), "", "{day} {note}");
    }
    let filled = [("promised_on", "2026-11-25"), ("note", "张总电话承诺下周三付款")];
    let answer = finance.submit(&form, &url, &filled).await.see_other(&format!("/bills/{id}"));
    assert_eq!(answer.flash(), T.dunning_promise_noted());
    finance.submit(&form, &url, &filled).await.status(422).contains(T.error_stale_text());
    finance.get(&format!("/bills/{id}")).await.ok().contains("张总电话承诺下周三付款");
    assert_eq!((morning(&app, 5, &[id]).promised, morning(&app, 6, &[id]).reminded), (1, 1));
    assert!(app.audited().contains(&"billing.bill.promised".to_owned()));
}

#[actix_web::test]
async fn the_ladder_is_changed_on_its_page() {
    let app = TestApp::new().await;
    let manager = app.as_role("finance_manager").await;
    let page = manager.get("/bills/overdue/steps").await.ok();
    page.contains(&T.dunning_before_due(3)).contains(&T.dunning_after_due(30));
    let form = manager.get("/bills/overdue/steps/new").await.ok();
    for days in ["", "x", "-61", "366", "1.5", "99999999999"] {
        let again = manager.submit(&form, "/bills/overdue/steps", &[("days", days)]).await.status(422);
        assert_eq!(again.field_error("days"), T.dunning_fault_days(-60, 365), "{days}");
    }
    let taken = manager.submit(&form, "/bills/overdue/steps", &[("days", "7")]).await.status(422);
    assert_eq!(taken.field_error("days"), T.dunning_fault_days_taken());
    let added = manager.submit(&form, "/bills/overdue/steps", &[("days", "45"), ("tone", "firm")]).await;
    assert_eq!(added.see_other("/bills/overdue/steps").flash(), T.dunning_step_saved());
    let url = format!("/bills/overdue/steps/{}", app.number("SELECT id FROM dunning_steps WHERE days = 1"));
    let form = manager.get(&url).await.ok();
    manager.submit(&form, &url, &[("days", "2"), ("paused", "yes")]).await.see_other("/bills/overdue/steps");
    manager.submit(&form, &url, &[("days", "3")]).await.status(422).contains(T.error_stale_text());
    // A step that is switched off is passed over.
    let id = owed(&app, "KH-1", "2026-11-17");
    assert_eq!(morning(&app, 0, &[id]).reminded, 0);
    app.as_role("finance").await.get(&url).await.status(403);
    assert_eq!(app.audited(), ["billing.dunning_step.created", "billing.dunning_step.updated"]);
}

#[actix_web::test]
async fn the_words_of_a_reminder_name_the_bill_and_what_is_left() {
    let app = TestApp::new().await;
    let id = owed(&app, "KH-1", "2026-11-19");
    morning(&app, 0, &[id]);
    let kinds = app.part::<opcms::notifications::Kinds>();
    let all = || {
        app.arrange(|tx| {
            let sender = opcms::notifications::sender::Sender::read(tx, &app.state.config)?;
            while let Some(message) = opcms::notifications::outbox::commands::take(tx)? {
                opcms::notifications::outbox::commands::spread(tx, &kinds, &sender, &message)?;
            }
            Ok(())
        });
    };
    all();
    let mails = app.texts("SELECT CONCAT_WS(' ', target, subject, body) FROM deliveries ORDER BY id");
    let customers = mails.iter().find(|mail| mail.starts_with("caiwu@kehu.cn")).unwrap();
    for part in ["B-202609-000001", "CNY 1,200.00", "2026-11-19", "杭州KH-1家居有限公司", "1 天"] {
        assert!(customers.contains(part), "{part} of {customers}");
    }
    assert!(!customers.contains("/bills/"), "no page of ours for the customer: {customers}");
    let li = mails.iter().find(|mail| mail.starts_with("li@example.com")).unwrap();
    assert!(li.contains(&format!("/bills/{id}")), "{li}");
}
