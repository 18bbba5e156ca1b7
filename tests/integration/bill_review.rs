//! The review: who may decide about what, together with the evidence at hand, or one by one.

use opcms::billing::bills::commands;
use opcms::billing::bills::model::DocumentState;
use opcms::i18n::Tr;
use opcms::settings;
use opcms::settings::model::SettingDraft;
use opcms::settings::registry::BILLING_SECOND_APPROVAL_ABOVE;
use opcms::types::ids::BillId;

use crate::locking::at_once;
use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

fn states(app: &TestApp) -> Vec<String> {
    app.texts("SELECT CONCAT(number, ' ', document_state) FROM bills ORDER BY id")
}

/// Marks a bill as one that asks to be looked at.
fn risky(app: &TestApp, id: BillId, risk: u16) {
    app.execute(&format!("UPDATE bills SET risk = {risk} WHERE id = {id}"));
}

fn two_above(app: &TestApp, amount: &str) {
    let definition = BILLING_SECOND_APPROVAL_ABOVE.definition;
    app.arrange(|tx| {
        let value = Some(amount.to_owned());
        let draft = SettingDraft { value, reason: Some("内控要求".to_owned()), version: 0 };
        settings::commands::change(tx, &definition, &draft)
    });
}

async fn approve(client: &Client, id: BillId, version: &str) -> Answer {
    client.get(&format!("/bills/{id}")).await.ok();
    client.post(&format!("/bills/{id}/approve"), &[("version", version)]).await
}

#[actix_web::test]
async fn what_nothing_calls_for_a_look_at_is_approved_together_as_it_was_shown() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let other = app.customer("KH-2", "第二客户有限公司", None, Some("li"));
    app.bill_of(customer, "2026-10", "1200.00", DocumentState::PendingReview);
    app.bill_of(other, "2026-10", "300.00", DocumentState::PendingReview);
    let loud = app.bill_of(customer, "2026-09", "90.00", DocumentState::PendingReview);
    risky(&app, loud, 5);
    let manager = app.signed_in("finance_manager").await;
    let page = manager.get("/bills/review").await.ok();
    let page =
        page.contains(&T.bill_review_approve("2")).contains("CNY 1,500.00").contains("B-202609-000001");
    let shown = page.form("/bills/review/approve");
    // Another one comes in between: what would be approved is not what was shown.
    let late = app.bill_of(other, "2026-09", "10.00", DocumentState::PendingReview);
    let sent: Vec<(&str, &str)> = shown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = manager.post("/bills/review/approve", &sent).await.status(303);
    assert_eq!(refused.flash(), T.bill_review_changed());
    assert!(states(&app).iter().all(|state| state.ends_with("pending_review")));
    app.execute(&format!("UPDATE bills SET risk = 1 WHERE id = {late}"));
    let page = manager.get("/bills/review").await.ok();
    let done = manager.submit(&page, "/bills/review/approve", &[]).await.status(303);
    assert_eq!(done.flash(), T.bill_approved_many(2));
    assert_eq!(
        states(&app),
        [
            "B-202610-000001 approved",
            "B-202610-000002 approved",
            "B-202609-000001 pending_review",
            "B-202609-000002 pending_review"
        ]
    );
}

#[actix_web::test]
async fn the_exceptions_are_gone_through_by_risk_then_amount() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let small = app.bill_of(customer, "2026-08", "10.00", DocumentState::PendingReview);
    let large = app.bill_of(customer, "2026-09", "900.00", DocumentState::PendingReview);
    let urgent = app.bill_of(customer, "2026-10", "50.00", DocumentState::PendingReview);
    risky(&app, small, 3);
    risky(&app, large, 3);
    risky(&app, urgent, 8);
    let manager = app.signed_in("finance_manager").await;
    let page = manager.get("/bills/review").await.ok();
    let place = |number: &str| page.body.find(number).unwrap();
    assert!(place("B-202610-000001") < place("B-202609-000001"));
    assert!(place("B-202609-000001") < place("B-202608-000001"));
    let url = format!("/bills/{large}?queue=yes");
    let page = manager.get(&url).await.ok();
    page.contains(&format!("/bills/{urgent}?queue=yes")).contains(&format!("/bills/{small}?queue=yes"));
    // Rejected with a reason, the next one follows.
    let form = [("version", "1"), ("queue", "yes"), ("reason", "")];
    manager.post(&format!("/bills/{large}/reject"), &form).await.status(422).contains(T.field_required());
    let form = [("version", "1"), ("queue", "yes"), ("reason", "用量不对")];
    manager
        .post(&format!("/bills/{large}/reject"), &form)
        .await
        .see_other(&format!("/bills/{small}?queue=yes"));
    let form = [("version", "1"), ("queue", "yes")];
    manager.post(&format!("/bills/{small}/approve"), &form).await.see_other("/bills/review");
    manager.get(&format!("/bills/{large}")).await.ok().contains("用量不对");
    assert_eq!(app.audited(), ["billing.bill.rejected", "billing.bill.approved"]);
}

#[actix_web::test]
async fn nobody_decides_about_their_own_work() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let started = app.bill_of(customer, "2026-10", "100.00", DocumentState::PendingReview);
    app.run_started_by(started, "finance_manager");
    let manager = app.signed_in("finance_manager").await;
    let page = manager.get("/bills/review").await.ok();
    page.contains(&T.bill_review_own(1)).contains(T.bill_review_none()).lacks("B-202610-000001");
    // The page of the bill says so beforehand, and the command refuses as well.
    manager.get(&format!("/bills/{started}")).await.ok().contains(T.bills_refused_own_work());
    assert_eq!(approve(&manager, started, "1").await.status(303).flash(), T.bills_refused_own_work());
    // Who submitted it, and who wrote a line of it, does not either.
    let wang = app.signed_in("wang").await;
    let draft = app.bill_of(customer, "2026-09", "100.00", DocumentState::Draft);
    let line = [("version", "1"), ("description", "加急费"), ("amount", "5"), ("reason", "客户要求")];
    wang.get("/bills").await.ok();
    wang.post(&format!("/bills/{draft}/lines"), &line).await.status(303);
    wang.post(&format!("/bills/{draft}/submit"), &[("version", "2")]).await.status(303);
    assert_eq!(approve(&wang, draft, "3").await.status(303).flash(), T.bills_refused_own_work());
    approve(&manager, draft, "3").await.status(303);
    approve(&wang, started, "1").await.status(303);
    assert_eq!(states(&app), ["B-202610-000001 approved", "B-202609-000001 approved"]);
}

#[actix_web::test]
async fn a_large_bill_takes_two_people() {
    let app = TestApp::new().await;
    two_above(&app, "1000");
    let customer = app.customer_of("li");
    let id = app.bill_of(customer, "2026-10", "1000.01", DocumentState::PendingReview);
    let (manager, wang) = (app.signed_in("finance_manager").await, app.signed_in("wang").await);
    manager.get(&format!("/bills/{id}")).await.ok().contains(&T.bill_approvals(0, 2));
    approve(&manager, id, "1").await.status(303);
    assert_eq!(states(&app), ["B-202610-000001 pending_review"]);
    wang.get(&format!("/bills/{id}")).await.ok().contains(&T.bill_approvals(1, 2));
    assert_eq!(approve(&manager, id, "1").await.status(303).flash(), T.bills_refused_own_work());
    approve(&wang, id, "1").await.status(303);
    assert_eq!(states(&app), ["B-202610-000001 approved"]);
}

#[actix_web::test]
async fn two_approvals_at_once_are_two_and_one_of_two_deeds_is_refused() {
    let app = TestApp::new().await;
    let id = app.bill_of(app.customer_of("li"), "2026-10", "100.00", DocumentState::PendingReview);
    let outcomes =
        at_once(&app, |tx| commands::approve(tx, id, 1), |tx| commands::reject(tx, id, 1, "用量不对"));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_decisions"), 1);
}

#[actix_web::test]
async fn chosen_bills_are_dealt_with_each_or_not_and_it_is_said_why() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let waits = app.bill_of(customer, "2026-08", "10.00", DocumentState::PendingReview);
    let own = app.bill_of(customer, "2026-09", "20.00", DocumentState::PendingReview);
    let draft = app.bill_of(customer, "2026-10", "30.00", DocumentState::Draft);
    let elsewhere = app.bill_of(app.customer_of("zhao"), "2026-10", "40.00", DocumentState::PendingReview);
    app.run_started_by(own, "wang");
    let wang = app.signed_in("wang").await;
    wang.get("/bills").await.ok();
    let all = [waits, own, draft, elsewhere].map(|id| format!("{id}-1"));
    let chosen: Vec<(&str, &str)> = all.iter().map(|key| ("bill", key.as_str())).collect();
    let done = wang.post("/bills/approve", &chosen).await.status(303);
    let text = done.flash();
    assert!(
        text.starts_with(&T.bill_approved_many(1)) && text.contains(T.bills_refused_own_work()),
        "{text}"
    );
    assert_eq!(
        states(&app),
        [
            "B-202608-000001 approved",
            "B-202609-000001 pending_review",
            "B-202610-000001 draft",
            "B-202610-000002 pending_review"
        ]
    );
    let key = format!("{draft}-1");
    wang.post("/bills/submit", &[("bill", &key)]).await.status(303);
    assert_eq!(wang.post("/bills/void", &[("bill", &key)]).await.flash(), T.bill_void_needs_reason());
    // It is not as it was shown any more.
    let stale = wang.post("/bills/void", &[("bill", &key), ("reason", "重复")]).await.status(303);
    assert!(stale.flash().contains(T.bills_refused_changed()), "{}", stale.flash());
    let key = format!("{draft}-2");
    let done = wang.post("/bills/void", &[("bill", &key), ("reason", "重复")]).await.status(303);
    assert_eq!(done.flash(), T.bill_voided_many(1));
    assert_eq!(wang.post("/bills/submit", &[]).await.flash(), T.bill_none_chosen());
    app.signed_in("li").await.post("/bills/approve", &chosen).await.status(403);
}
