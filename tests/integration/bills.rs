//! Bills as staff see them: the page of one, its manual lines, and what may become of it.

use opcms::billing::bills::model::DocumentState;
use opcms::billing::bills::{commands, merging, queries};
use opcms::i18n::Tr;
use opcms::pricing::checker;
use opcms::types::Error;
use opcms::types::ids::BillId;
use serde_json::json;

use crate::locking::at_once;
use crate::support::billing::usage_line;
use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

/// The state, the total and the version of a bill.
fn state(app: &TestApp, id: BillId) -> String {
    let query = format!("SELECT CONCAT(document_state, ' ', total_amount) FROM bills WHERE id = {id}");
    app.texts(&query).remove(0)
}

fn version(app: &TestApp, id: BillId) -> String {
    app.number(&format!("SELECT CAST(version AS SIGNED) FROM bills WHERE id = {id}")).to_string()
}

/// Does a thing with a bill as it is now.
async fn deed(app: &TestApp, client: &Client, id: BillId, deed: &str, more: &[(&str, &str)]) -> Answer {
    let version = version(app, id);
    client.get(&format!("/bills/{id}")).await.ok();
    let fields: Vec<(&str, &str)> = [("version", version.as_str())].iter().chain(more).copied().collect();
    client.post(&format!("/bills/{id}/{deed}"), &fields).await
}

#[actix_web::test]
async fn an_arranged_bill_is_as_a_run_writes_it() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let first = app.bill_of(customer, "2026-09", "1200.50", DocumentState::Sent);
    let lines = [usage_line("800", "1.5"), usage_line("3", "0.333333")];
    let second = app.bill_with(customer, "2026-10", &lines, DocumentState::PendingReview);
    let (first, second, lines) = app
        .db
        .read(&app.system(), |db| {
            Ok((
                queries::get(db, first)?.unwrap(),
                queries::get(db, second)?.unwrap(),
                queries::lines(db, second)?,
            ))
        })
        .unwrap();
    assert_eq!((first.number.as_str(), second.number.as_str()), ("B-202609-000001", "B-202610-000001"));
    assert!(first.is_owed() && first.due_on.is_some());
    assert_eq!(second.total_amount.to_string(), "1201.00");
    let rated: Vec<_> = lines.iter().map(|line| line.rated().unwrap()).collect();
    assert_eq!(checker::check_lines(&rated).map(|amount| amount.0), Ok(second.total_amount));
}

#[actix_web::test]
async fn the_page_of_a_bill_shows_each_line_with_how_it_was_found() {
    let app = TestApp::new().await;
    let lines = [usage_line("800", "1.5"), usage_line("3", "0.333333")];
    let id = app.bill_with(app.customer_of("li"), "2026-10", &lines, DocumentState::Sent);
    let li = app.signed_in("li").await;
    let page = li.get(&format!("/bills/{id}")).await.ok();
    page.contains("B-202610-000001")
        .contains("1,201.00")
        .contains(&T.pricing_standard("1.50", "1,200.00", "800"))
        .contains(&T.pricing_amount_rounded("CNY 1.00", "0.999999"))
        .contains(T.bill_change())
        .lacks(T.bill_manual_add());
    // Who only looks sees no buttons.
    let page = app.signed_in("aud").await.get(&format!("/bills/{id}")).await.ok();
    page.lacks(T.bill_void_reason()).lacks(T.bill_invoice());
}

#[actix_web::test]
async fn a_line_by_hand_is_written_into_a_draft_and_can_be_removed() {
    let app = TestApp::new().await;
    let id = app.bill_of(app.customer_of("li"), "2026-10", "100.00", DocumentState::Draft);
    let (wang, url) = (app.signed_in("wang").await, format!("/bills/{id}"));
    let fields =
        [("description", "加急费"), ("quantity", "3"), ("unit_price", "0.335"), ("reason", "客户要求加急")];
    deed(&app, &wang, id, "lines", &fields).await.see_other(&url);
    assert_eq!(state(&app, id), "draft 101.01");
    let page = wang.get(&url).await.ok();
    page.contains("加急费")
        .contains("客户要求加急")
        .contains(&T.pricing_manual_product("0.335", "1.005", "3"));
    // All lines are found again from what is stored.
    let lines = app.db.read(&app.system(), |db| queries::lines(db, id)).unwrap();
    let rated: Vec<_> = lines.iter().map(|line| line.rated().unwrap()).collect();
    assert_eq!(checker::check_lines(&rated).map(|amount| amount.0.to_string()), Ok("101.01".to_owned()));
    // Taking off more than there is is refused, and so is a line that says nothing.
    let fields = [("description", "减免"), ("amount", "-101.02"), ("reason", "协商")];
    let refused = deed(&app, &wang, id, "lines", &fields).await.status(422);
    assert_eq!(refused.field_error("amount"), T.bills_refused_below_nothing("-0.01"));
    refused.contains("减免");
    for (field, value) in [("amount", "0"), ("amount", "1.001"), ("amount", "1e99"), ("description", " ")] {
        let fields: Vec<_> = [("description", "减免"), ("amount", "-1"), ("reason", "协商")]
            .into_iter()
            .map(|(name, usual)| (name, if name == field { value } else { usual }))
            .collect();
        deed(&app, &wang, id, "lines", &fields).await.status(422).field_error(field);
    }
    assert_eq!(state(&app, id), "draft 101.01");
    deed(&app, &wang, id, "lines/1/remove", &[]).await.status(303);
    assert_eq!(state(&app, id), "draft 101.01", "what the run has found stays");
    deed(&app, &wang, id, "lines/2/remove", &[]).await.status(303);
    assert_eq!(state(&app, id), "draft 100.00");
    assert_eq!(app.audited(), ["billing.bill.line_added", "billing.bill.line_removed"]);
}

#[actix_web::test]
async fn nothing_is_written_into_a_bill_that_is_no_draft() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let wang = app.signed_in("wang").await;
    let states =
        [DocumentState::PendingReview, DocumentState::Approved, DocumentState::Sent, DocumentState::Void];
    for (month, document) in ["2026-07", "2026-08", "2026-09", "2026-10"].into_iter().zip(states) {
        let id = app.bill_of(customer, month, "100.00", document);
        let fields = [("description", "加急费"), ("amount", "5"), ("reason", "客户要求")];
        deed(&app, &wang, id, "lines", &fields).await.status(422);
        assert!(state(&app, id).ends_with(" 100.00"));
    }
}

#[actix_web::test]
async fn a_bill_is_voided_before_it_is_sent_and_only_with_a_reason() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let wang = app.signed_in("wang").await;
    let id = app.bill_of(customer, "2026-10", "100.00", DocumentState::Approved);
    let blank = deed(&app, &wang, id, "void", &[("reason", " ")]).await.status(422);
    blank.contains(T.field_required());
    wang.post(&format!("/bills/{id}/void"), &[("version", "7"), ("reason", "重复")]).await.status(422);
    assert_eq!(state(&app, id), "approved 100.00");
    deed(&app, &wang, id, "void", &[("reason", "价格有误")]).await.see_other(&format!("/bills/{id}"));
    assert_eq!(state(&app, id), "void 100.00");
    wang.get(&format!("/bills/{id}")).await.ok().contains("价格有误");
    let sent = app.bill_of(customer, "2026-09", "100.00", DocumentState::Sent);
    wang.get(&format!("/bills/{sent}"))
        .await
        .ok()
        .contains(&T.bills_refused_state("B-202609-000001", T.document_state_sent()));
    deed(&app, &wang, sent, "void", &[("reason", "价格有误")]).await.status(422);
    assert_eq!(state(&app, sent), "sent 100.00");
}

#[actix_web::test]
async fn the_invoice_of_a_sent_bill_is_noted_and_taken_back() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let wang = app.signed_in("wang").await;
    let id = app.bill_of(customer, "2026-10", "100.00", DocumentState::Sent);
    deed(&app, &wang, id, "invoice", &[("invoice_number", "")])
        .await
        .status(422)
        .field_error("invoice_number");
    deed(&app, &wang, id, "invoice", &[("invoice_number", "24312000000012345678")]).await.status(303);
    wang.get(&format!("/bills/{id}")).await.ok().contains("24312000000012345678");
    deed(&app, &wang, id, "invoice", &[("invoice_number", "2")]).await.status(422);
    deed(&app, &wang, id, "uninvoice", &[("reason", "")]).await.status(422);
    deed(&app, &wang, id, "uninvoice", &[("reason", "开票有误")]).await.status(303);
    let none = format!(
        "SELECT COUNT(*) FROM bills WHERE id = {id} AND invoice_number IS NULL AND invoiced_at IS NULL"
    );
    assert_eq!(app.number(&none), 1);
    let draft = app.bill_of(customer, "2026-09", "100.00", DocumentState::Draft);
    deed(&app, &wang, draft, "invoice", &[("invoice_number", "2")]).await.status(422);
}

#[actix_web::test]
async fn bills_of_others_are_not_there() {
    let app = TestApp::new().await;
    let id = app.bill_of(app.customer_of("zhao"), "2026-10", "100.00", DocumentState::PendingReview);
    let (li, wang) = (app.signed_in("li").await, app.signed_in("wang").await);
    li.get(&format!("/bills/{id}")).await.status(404);
    wang.get(&format!("/bills/{id}")).await.status(404);
    for deed in ["approve", "reject", "void", "recall", "submit", "invoice", "lines"] {
        let fields = [
            ("version", "1"),
            ("reason", "看看"),
            ("invoice_number", "1"),
            ("description", "x"),
            ("amount", "1"),
        ];
        wang.post(&format!("/bills/{id}/{deed}"), &fields).await.status(404);
    }
    let api = app.api("wang");
    api.get(&format!("/api/v1/bills/{id}")).await.status(404);
    api.get(&format!("/api/v1/bills/{id}/explanation")).await.status(404);
    api.post(&format!("/api/v1/bills/{id}/void"), json!({"version": 1, "reason": "x"})).await.status(404);
    assert_eq!(app.audited(), [""; 0]);
    li.get("/bills/999999").await.status(404);
}

#[actix_web::test]
async fn programs_list_show_explain_and_decide() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let id = app.bill_of(customer, "2026-10", "1200.00", DocumentState::PendingReview);
    app.bill_of(customer, "2026-09", "80.00", DocumentState::Sent);
    let api = app.api("finance_manager");
    let list = api.get("/api/v1/bills?month=2026-10").await.ok().json();
    assert_eq!(
        (list["total"].as_i64(), list["items"][0]["number"].as_str()),
        (Some(1), Some("B-202610-000001"))
    );
    api.get("/api/v1/bills?month=october").await.status(422);
    api.get("/api/v1/bills?sort=color").await.status(422);
    let shown = api.get(&format!("/api/v1/bills/{id}")).await.ok();
    assert_eq!(shown.header("etag"), Some("\"1\""));
    let bill = shown.json();
    assert_eq!(
        (bill["total"].as_str(), bill["lines"][0]["amount"].as_str()),
        (Some("1200.00"), Some("1200.00"))
    );
    let how = api.get(&format!("/api/v1/bills/{id}/explanation")).await.ok().json();
    assert_eq!(how["lines"][0]["explanation"]["arithmetic"]["model"], "standard");
    let url = format!("/api/v1/bills/{id}/review");
    api.post(&url, json!({"version": 1})).await.status(422);
    api.post(&url, json!({"decision": "perhaps", "version": 1})).await.status(422);
    api.post(&url, json!({"decision": "reject", "version": 1})).await.status(422);
    assert_eq!(
        api.post(&url, json!({"decision": "approve", "version": 9})).await.status(409).problem(),
        "stale"
    );
    let body = json!({"decision": "approve", "version": 1});
    let done = api.post_once(&url, "approve-1", body.clone()).await.ok().json();
    assert_eq!(done["state"], "approved");
    // The same again is the same answer, and nothing more happens.
    assert_eq!(api.post_once(&url, "approve-1", body).await.ok().json(), done);
    assert_eq!(app.audited(), ["billing.bill.approved"]);
    let void = json!({"version": 2, "reason": "价格有误"});
    assert_eq!(api.post(&format!("/api/v1/bills/{id}/void"), void).await.ok().json()["state"], "void");
    // Who may only look decides nothing.
    app.api("aud").post(&url, json!({"decision": "approve", "version": 1})).await.status(403);
}

#[actix_web::test]
async fn the_customer_has_a_page_of_its_bills() {
    let app = TestApp::new().await;
    let (customer, none) = (app.customer_of("li"), app.customer("KH-0", "没有账单的客户", None, Some("li")));
    let li = app.signed_in("li").await;
    li.get(&format!("/customers/{none}/bills")).await.ok().contains(T.bill_tab_none());
    app.bill_of(customer, "2026-09", "80.00", DocumentState::Void);
    app.bill_of(customer, "2026-10", "1200.00", DocumentState::Sent);
    let page = li.get(&format!("/customers/{customer}/bills")).await.ok();
    page.contains("B-202609-000001").contains("B-202610-000001").contains("1,200.00").lacks("1,280.00");
    app.signed_in("zhao").await.get(&format!("/customers/{customer}/bills")).await.status(404);
}

#[actix_web::test]
async fn bills_go_along_when_customers_are_merged_unless_both_have_one_of_a_month() {
    let app = TestApp::new().await;
    let (kept, gone) =
        (app.customer_of("li"), app.customer("KH-gone", "离开的客户有限公司", Some("li"), None));
    let bill = app.bill_of(gone, "2026-09", "100.00", DocumentState::Sent);
    let owner =
        |id: BillId| app.number(&format!("SELECT CAST(customer_id AS SIGNED) FROM bills WHERE id = {id}"));
    let given = app.arrange(|tx| (merging::PART.give)(tx, gone, kept));
    assert_eq!(owner(bill), i64::try_from(kept.0).unwrap());
    assert_eq!(app.arrange(|tx| (merging::PART.take_back)(tx, gone, kept, given.clone())), 0);
    assert_eq!(owner(bill), i64::try_from(gone.0).unwrap());
    // A void one of the same month is in nobody's way, a live one is.
    app.bill_of(kept, "2026-09", "70.00", DocumentState::Void);
    app.arrange(|tx| (merging::PART.give)(tx, gone, kept));
    app.bill_of(gone, "2026-09", "50.00", DocumentState::Draft);
    let outcome = app.db.write(&app.system(), |tx| (merging::PART.give)(tx, gone, kept));
    assert!(matches!(outcome, Err(Error::Refused(_))), "{outcome:?}");
}

#[actix_web::test]
async fn of_two_who_change_a_draft_at_once_one_is_told_that_it_has_changed() {
    let app = TestApp::new().await;
    let id = app.bill_of(app.customer_of("li"), "2026-10", "100.00", DocumentState::Draft);
    let outcomes = at_once(&app, |tx| commands::submit(tx, id, 1), |tx| commands::void(tx, id, 1, "重复"));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().any(|outcome| matches!(outcome, Err(Error::Stale))), "{outcomes:?}");
}
