//! Credit notes: asked for by one, approved by another, and the bill written again; by whoever reaches its customer.

use opcms::billing::bills;
use opcms::billing::bills::model::{Bill, DocumentState, SettlementState};
use opcms::billing::credit_notes::model::{CreditNoteState, Wish};
use opcms::billing::runs;
use opcms::billing::runs::model::RunState;
use opcms::customers::directory::fields::Field;
use opcms::i18n::Tr;
use opcms::types::ids::{BillId, BillRunId};
use opcms::types::{Money, Permission};
use rust_decimal::dec;
use serde_json::json;

use crate::support::billing::usage_line;
use crate::support::{TestApp, system};

const T: Tr = Tr::ZhCn;

fn bill(app: &TestApp, id: BillId) -> Bill {
    app.db.read(&system(), |db| bills::queries::get(db, id)).unwrap().unwrap()
}

/// The credit notes as `number state amount`, in their order.
fn notes(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS(' ', COALESCE(CAST(number AS CHAR), '-'), CAST(state AS CHAR), amount) \
         FROM credit_notes ORDER BY id",
    )
}

fn newest(app: &TestApp) -> i64 {
    app.number("SELECT MAX(id) FROM credit_notes")
}

#[actix_web::test]
async fn a_bill_is_taken_back_as_a_whole_and_owes_nothing_more() {
    let app = TestApp::new().await;
    let id = app.bill_of(app.customer_of("li"), "2026-10", "1200.00", DocumentState::Sent);
    let (finance, manager) = (app.as_role("finance").await, app.as_role("finance_manager").await);
    let page = finance.get(&format!("/bills/{id}")).await.ok();
    page.contains(&format!("/bills/{id}/credit"));
    let url = format!("/bills/{id}/credit");
    let form = finance.get(&url).await.ok().contains("B-202610-000001").contains("1,200.00");
    let again = finance.submit(&form, &url, &[("part", "whole"), ("reason", " ")]).await.status(422);
    assert_eq!(again.field_error("reason"), T.field_required());
    // Who has typed amounts did not mean all of it.
    let both = [("part", "whole"), ("amount", "5"), ("reason", "x")];
    finance.submit(&form, &url, &both).await.status(422).contains(T.credit_notes_fault_both());
    let answer = finance.submit(&form, &url, &[("part", "whole"), ("reason", "客户名称开错")]).await;
    let note = format!("/credit-notes/{}", newest(&app));
    assert_eq!(answer.see_other(&note).flash(), T.credit_notes_asked());
    assert_eq!((notes(&app), bill(&app, id).credited_amount), (vec!["- asked 1200.00".into()], dec!(0.00)));
    // Sent again: the other one waits.
    let twice = finance.submit(&form, &url, &[("part", "whole"), ("reason", "x")]).await.status(422);
    twice.contains(T.credit_notes_refused_pending());
    // Nobody approves a request of their own.
    finance.get(&note).await.ok().contains("客户名称开错").lacks(&format!("{note}/approve"));
    let page = manager.get(&note).await.ok();
    let approve = format!("{note}/approve");
    let done = manager.submit(&page, &approve, &[]).await.see_other(&note);
    assert_eq!(done.flash(), T.credit_notes_issued());
    assert_eq!(notes(&app), ["C-202611-000001 issued 1200.00"]);
    let after = bill(&app, id);
    assert_eq!((after.credited_amount, after.balance()), (dec!(1200.00), Money::ZERO));
    assert!(!after.is_live());
    assert_eq!(after.settlement_state, SettlementState::Paid);
    let twice = manager.submit(&page, &approve, &[]).await.status(422);
    twice.contains(&T.credit_notes_refused_decided(CreditNoteState::Issued.label(T)));
    manager
        .get(&format!("/bills/{id}"))
        .await
        .ok()
        .contains("C-202611-000001")
        .contains(T.credit_notes_story());
    let list =
        manager.get("/credit-notes").await.ok().contains("C-202611-000001").contains("B-202610-000001");
    list.contains(&format!("href=\"{note}\""));
    manager.get("/credit-notes?state=asked").await.ok().contains(T.credit_notes_none());
    manager.get("/credit-notes?q=C-2026").await.ok().contains("C-202611-000001");
    manager.get("/credit-notes?q=%25%27%22").await.ok().contains(T.credit_notes_none());
    let audited = app.audited();
    for action in ["billing.credit_note.asked", "billing.credit_note.issued", "billing.bill.credited"] {
        assert!(audited.contains(&action.to_owned()), "{action} of {audited:?}");
    }
}

#[actix_web::test]
async fn parts_of_lines_are_taken_back_and_never_more_than_is_left() {
    let app = TestApp::new().await;
    let lines = [usage_line("100", "1"), usage_line("50", "2")];
    let id = app.bill_with(app.customer_of("li"), "2026-10", &lines, DocumentState::Sent);
    let admin = app.signed_in("admin").await;
    let url = format!("/bills/{id}/credit");
    let form = admin.get(&url).await.ok();
    let version = bill(&app, id).version.to_string();
    let ask = |amounts: [&'static str; 2], version: String| {
        let (admin, url) = (&admin, &url);
        async move {
            let fields = [
                ("part", "lines"),
                ("position", "1"),
                ("amount", amounts[0]),
                ("position", "2"),
                ("amount", amounts[1]),
                ("reason", "计数错误"),
                ("version", version.as_str()),
            ];
            admin.post(url, &fields).await
        }
    };
    form.contains("100.00");
    for (amounts, says) in [
        (["100.01", ""], T.credit_notes_fault_beyond_line(Money(dec!(100.00)))),
        (["-1", ""], T.credit_notes_fault_beyond_line(Money(dec!(100.00)))),
        (["1.005", ""], T.credit_notes_fault_decimals().to_owned()),
        (["一百", ""], T.credit_notes_fault_number().to_owned()),
        (["9999999999999999999999999999999999", ""], T.credit_notes_fault_number().to_owned()),
        (["", ""], T.credit_notes_fault_nothing().to_owned()),
        (["0", "0.00"], T.credit_notes_fault_nothing().to_owned()),
    ] {
        let answer = ask(amounts, version.clone()).await.status(422);
        // What was typed is still there.
        answer.contains(&says).contains(&format!("value=\"{}\"", amounts[0]));
    }
    ask(["10", "20.50"], "9".into()).await.status(422).contains(T.error_stale_text());
    assert!(notes(&app).is_empty());
    ask(["10", "20.50"], version.clone()).await.status(303);
    assert_eq!(notes(&app), ["- asked 30.50"]);
    app.arrange(|tx| {
        opcms::billing::credit_notes::commands::approve(
            tx,
            opcms::types::ids::CreditNoteId(u64::try_from(newest(&app)).unwrap()),
            1,
        )
    });
    let after = bill(&app, id);
    assert_eq!((after.balance(), after.is_live()), (Money(dec!(169.50)), true));
    // Of the first line ninety are left.
    let version = after.version.to_string();
    let answer = ask(["90.01", ""], version.clone()).await.status(422);
    answer.contains(&T.credit_notes_fault_beyond_line(Money(dec!(90.00))));
    // The rest of all lines is the whole.
    ask(["90", "79.50"], version).await.status(303);
    assert_eq!(app.number("SELECT COUNT(*) FROM credit_notes WHERE whole"), 1);
}

#[actix_web::test]
async fn only_a_sent_bill_is_credited_and_the_asker_alone_withdraws() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let draft = app.bill_of(customer, "2026-08", "10.00", DocumentState::Approved);
    let sent = app.bill_of(customer, "2026-10", "10.00", DocumentState::Sent);
    let (finance, manager) = (app.as_role("finance").await, app.as_role("finance_manager").await);
    let state = DocumentState::Approved.label(T);
    let number = bill(&app, draft).number;
    finance
        .get(&format!("/bills/{draft}/credit"))
        .await
        .ok()
        .contains(&T.bills_refused_state(&number, state));
    let fields = [("part", "whole"), ("reason", "x"), ("version", "1")];
    finance.post(&format!("/bills/{draft}/credit"), &fields).await.status(422);
    assert!(notes(&app).is_empty());
    finance.post(&format!("/bills/{sent}/credit"), &fields).await.status(303);
    let note = format!("/credit-notes/{}", newest(&app));
    // Others reject, and say why.
    let version = [("version", "1")];
    manager
        .post(&format!("{note}/withdraw"), &version)
        .await
        .status(422)
        .contains(T.credit_notes_refused_not_own());
    manager.post(&format!("{note}/reject"), &[("version", "1"), ("reason", "")]).await.status(422);
    finance.post(&format!("{note}/withdraw"), &version).await.see_other(&note);
    assert_eq!(notes(&app), ["- withdrawn 10.00"]);
    finance.post(&format!("/bills/{sent}/credit"), &fields).await.status(303);
    let note = format!("/credit-notes/{}", newest(&app));
    let rejected = [("version", "1"), ("reason", "金额没有错")];
    manager.post(&format!("{note}/reject"), &rejected).await.see_other(&note);
    manager.get(&note).await.ok().contains("金额没有错");
    assert_eq!(notes(&app), ["- withdrawn 10.00", "- rejected 10.00"]);
    // Neither took a number.
    assert_eq!(app.number("SELECT COALESCE(MAX(last_credit_note), 0) FROM bill_sequences"), 0);
}

#[actix_web::test]
async fn out_of_reach_there_are_no_credit_notes() {
    let app = TestApp::new().await;
    let theirs = app.credit_note_of("zhao");
    let bill = app.number("SELECT MAX(id) FROM bills");
    let wang = app.signed_in("wang").await;
    for url in [format!("/credit-notes/{theirs}"), format!("/bills/{bill}/credit")] {
        wang.get(&url).await.status(404);
    }
    for verb in ["approve", "reject", "withdraw"] {
        let fields = [("version", "1"), ("reason", "x")];
        wang.post(&format!("/credit-notes/{theirs}/{verb}"), &fields).await.status(404);
    }
    wang.get("/credit-notes").await.ok().contains(T.credit_notes_blank());
    let li = app.signed_in("li").await;
    li.get(&format!("/bills/{bill}/credit")).await.status(403);
    let api = app.api("wang");
    api.get(&format!("/api/v1/bills/{bill}/credit-notes")).await.status(404);
    api.post(&format!("/api/v1/credit-notes/{theirs}/approve"), json!({"version": 1})).await.status(404);
}

#[actix_web::test]
async fn the_api_asks_lists_approves_and_rejects() {
    let app = TestApp::new().await;
    let id = app.bill_of(app.customer_of("li"), "2026-10", "100.00", DocumentState::Sent);
    let (finance, manager) = (app.api("finance"), app.api("finance_manager"));
    let url = format!("/api/v1/bills/{id}/credit-notes");
    for (body, status) in [
        (json!({"whole": true}), 422),
        (json!({"reason": "x"}), 422),
        (json!({"whole": true, "lines": [{"position": 1, "amount": "1"}], "reason": "x"}), 422),
        (json!({"lines": [{"position": 7, "amount": "1"}], "reason": "x"}), 422),
        (
            json!({"lines": [{"position": 1, "amount": "1"}, {"position": 1, "amount": "2"}], "reason": "x"}),
            422,
        ),
        (json!({"lines": [{"position": "x", "amount": "1"}], "reason": "x"}), 400),
        (json!({"nonsense": 1}), 400),
    ] {
        finance.post(&url, body).await.status(status);
    }
    let body = json!({"lines": [{"position": 1, "amount": "40.00"}], "reason": "多计"});
    let made = finance.post_once(&url, "k1", body.clone()).await.status(201).json();
    let again = finance.post_once(&url, "k1", body).await.status(201).json();
    assert_eq!((made["state"].as_str(), made["id"].clone()), (Some("asked"), again["id"].clone()));
    let note = format!("/api/v1/credit-notes/{}", made["id"]);
    let own = finance.post(&format!("{note}/approve"), json!({"version": 1})).await;
    own.status(403);
    manager.post(&format!("{note}/approve"), json!({})).await.status(422);
    let issued = manager.post(&format!("{note}/approve"), json!({"version": 1})).await.status(200).json();
    assert_eq!(issued["number"].as_str(), Some("C-202611-000001"));
    let listed = finance.get(&url).await.status(200).json();
    assert_eq!((listed["total"].as_i64(), listed["items"][0]["amount"].as_str()), (Some(1), Some("40.00")));
    let body = json!({"whole": true, "reason": "其余也不对"});
    let rest = finance.post(&url, body).await.status(201).json();
    let reject = format!("/api/v1/credit-notes/{}/reject", rest["id"]);
    let rejected = manager.post(&reject, json!({"version": 1, "reason": "对的"})).await.status(200).json();
    assert_eq!((rejected["state"].as_str(), rejected["number"].as_str()), (Some("rejected"), None));
}

#[actix_web::test]
async fn two_who_approve_at_once_credit_once() {
    let app = TestApp::new().await;
    let id = app.bill_of(app.customer_of("li"), "2026-10", "100.00", DocumentState::Sent);
    let note = app.credit_asked(id, Wish::Whole);
    let approve = || {
        let (db, actor) = (app.db.clone(), system());
        std::thread::spawn(move || {
            db.write(&actor, |tx| opcms::billing::credit_notes::commands::approve(tx, note, 1)).is_ok()
        })
    };
    let both = [approve(), approve()];
    let done = both.into_iter().filter(|_| true).map(|one| one.join().unwrap()).filter(|done| *done).count();
    assert_eq!((done, bill(&app, id).credited_amount), (1, dec!(100.00)));
    assert_eq!(app.number("SELECT MAX(last_credit_note) FROM bill_sequences"), 1);
}

#[actix_web::test]
async fn a_bill_that_was_taken_back_is_written_again_and_both_tell_the_story() {
    let app = TestApp::new().await;
    let customer = app.customer_with("KH-1", "杭州一号家居有限公司", &[(Field::Status, "active")]);
    app.price_in_force(customer, "2026-01-01", "1.5");
    app.usage_of(customer, "2026-10-05", "X", "100");
    let first = app.bill_of(customer, "2026-10", "999.00", DocumentState::Sent);
    app.arrange(|tx| opcms::periods::commands::bill(tx, "2026-10".parse().unwrap()));
    let admin = app.signed_in("admin").await;
    let url = format!("/bills/{first}/reissue");
    // As long as it counts it is not written again.
    admin.get(&format!("/bills/{first}")).await.ok().lacks(&url);
    assert_eq!(admin.post(&url, &[]).await.flash(), T.credit_notes_refused_counts());
    app.credited(first, Wish::Whole);
    let page = admin.get(&format!("/bills/{first}")).await.ok().contains(&url);
    assert_eq!(admin.submit(&page, &url, &[]).await.status(303).flash(), T.credit_notes_reissue_started());
    app.work_off().await;
    let run = BillRunId(u64::try_from(app.number("SELECT MAX(id) FROM bill_runs")).unwrap());
    let planned = app.db.read(&system(), |db| runs::queries::get(db, run)).unwrap().unwrap();
    assert_eq!((planned.state, planned.customers, planned.billed), (RunState::Planned, 1, 1));
    let hash = planned.inputs_hash.clone().unwrap();
    app.arrange(|tx| runs::commands::commit(tx, run, &hash));
    app.work_off().await;
    let second = BillId(u64::try_from(app.number("SELECT MAX(id) FROM bills")).unwrap());
    let reissued = bill(&app, second);
    assert_eq!((reissued.reissue_of, reissued.total_amount), (Some(first), dec!(150.00)));
    for id in [first, second] {
        let page = admin.get(&format!("/bills/{id}")).await.ok();
        page.contains("C-202611-000001").contains("B-202610-000001").contains("B-202610-000002");
    }
    assert_eq!(admin.post(&url, &[]).await.flash(), T.credit_notes_refused_reissued());
    let li = app.signed_in("li").await;
    assert!(!app.actor("li").can(Permission::RunStart));
    li.post(&url, &[]).await.status(403);
}
