//! The end of a month: what has to be in order, who signs what is not, and that a closed month changes no more.

use std::sync::{Arc, Barrier};
use std::thread;

use opcms::billing::bills::commands as bills;
use opcms::billing::bills::model::DocumentState;
use opcms::billing::closing::commands;
use opcms::billing::closing::model::{Item, MonthState};
use opcms::billing::runs::model::{Scope, Totals};
use opcms::i18n::Tr;
use opcms::types::ids::BillId;
use opcms::types::{BillingMonth, Error, Result};

use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;
const MONTH: &str = "/billing/months/2026-10";

fn october() -> BillingMonth {
    "2026-10".parse().unwrap()
}

/// A committed run of all customers of October, without any.
async fn billed(app: &TestApp) {
    let run = app.planned_run("finance", "2026-10").await;
    let _: Vec<Totals> = run.totals().unwrap();
    app.arrange(|tx| opcms::periods::commands::bill(tx, october()));
    // Nothing is due of anybody: the run is committed by hand.
    let commit =
        format!("UPDATE bill_runs SET state = 'committed', committed_at = started_at WHERE id = {}", run.id);
    diesel::RunQueryDsl::execute(diesel::sql_query(commit), &mut app.connect()).unwrap();
}

async fn check(app: &TestApp, client: &Client) {
    client.post(&format!("{MONTH}/check"), &[]).await.see_other(MONTH);
    app.work_off().await;
}

/// Signs an item as its form stands on the page.
async fn sign(client: &Client, item: Item, reason: &str) -> Answer {
    let page = client.get(MONTH).await.ok();
    let digest = digest(&page, item).unwrap_or_default();
    let fields = [("item", item.as_str()), ("digest", digest.as_str()), ("reason", reason)];
    client.post(&format!("{MONTH}/sign"), &fields).await
}

/// The difference that the page shows of an item.
fn digest(page: &Answer, item: Item) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("name=\"item\" value=\"{item}\""))?;
    let (_, rest) = rest.split_once("name=\"digest\" value=\"")?;
    rest.split('"').next().map(str::to_owned)
}

fn is_closed(app: &TestApp) -> bool {
    app.number("SELECT COUNT(*) FROM closed_months") == 1
}

fn code<T: std::fmt::Debug>(outcome: Result<T>) -> &'static str {
    match outcome {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn a_month_is_closed_once_nothing_of_it_is_open() {
    let app = TestApp::new().await;
    let client = app.as_role("finance_manager").await;
    let list = client.get("/billing/months").await.ok();
    list.contains("2026-10").contains(&MonthState::Open.label(T));
    let open = T.months_refused_open(T.join([Item::Run.label(T), Item::Checks.label(T)]));
    client.get(MONTH).await.ok().contains(&T.closing_count_open(2)).lacks("/close\"");
    assert_eq!(client.post(&format!("{MONTH}/close"), &[]).await.flash(), open);
    assert!(!is_closed(&app));

    billed(&app).await;
    check(&app, &client).await;
    let page = client.get(MONTH).await.ok().contains(T.closing_nothing_open());
    client.submit(&page, &format!("{MONTH}/close"), &[]).await.see_other(MONTH);
    assert!(is_closed(&app));
    let page = client.get(MONTH).await.ok().contains(&MonthState::Closed.label(T));
    page.contains(T.months_reopen_title()).lacks("/close\"").lacks("/sign\"");
    client.get("/billing/months").await.ok().contains(&MonthState::Closed.label(T));
    // Twice is refused with a sentence.
    let answer = client.post(&format!("{MONTH}/close"), &[]).await;
    assert_eq!(answer.flash(), T.months_refused_closed("2026-10"));
}

#[actix_web::test]
async fn what_is_not_in_order_is_named_and_may_be_signed_by_name_with_a_reason() {
    let app = TestApp::new().await;
    billed(&app).await;
    let client = app.as_role("finance_manager").await;
    check(&app, &client).await;
    let li = app.customer_of("li");
    app.bill_of(li, "2026-10", "1200.00", DocumentState::PendingReview);
    let said = T.closing_bills_unsent(T.closing_bills_in_state(1, DocumentState::PendingReview.label(T)));
    client.get(MONTH).await.ok().contains(&said).contains("1,200.00");

    let page = sign(&client, Item::Bills, "  ").await.status(422);
    page.contains(T.field_required());
    sign(&client, Item::Bills, "客户改名，下月一并发送").await.see_other(MONTH);
    let page = client.get(MONTH).await.ok().contains(&T.closing_signed_by("finance_manager"));
    page.contains("客户改名，下月一并发送").contains(T.closing_nothing_open());
    // Another difference is another signature.
    let other = app.customer("KH2", "杭州二号有限公司", None, Some("li"));
    app.bill_of(other, "2026-10", "10.00", DocumentState::Draft);
    let page = client.get(MONTH).await.ok().contains(&T.closing_count_open(1));
    let stale = [("item", "bills"), ("digest", &*"0".repeat(64)), ("reason", "一样")];
    let answer = client.post(&format!("{MONTH}/sign"), &stale).await;
    assert_eq!(answer.flash(), T.error_stale_text());
    assert!(digest(&page, Item::Usage).is_none(), "what is in order needs nobody's name");
    sign(&client, Item::Usage, "没有").await.see_other(MONTH);
    assert_eq!(app.number("SELECT COUNT(*) FROM month_signatures"), 1);
    sign(&client, Item::Bills, "同上").await.see_other(MONTH);
    client.post(&format!("{MONTH}/close"), &[]).await.see_other(MONTH);
    assert!(is_closed(&app));
    let audited =
        "SELECT COUNT(*) FROM audit_entries WHERE action = 'billing.month.signed' AND reason IS NOT NULL";
    assert_eq!(app.number(audited), 2);
}

#[actix_web::test]
async fn each_item_says_what_it_found() {
    let app = TestApp::new().await;
    app.fetched_source("vendor", "https://example.invalid/usage?day={day}", |form| {
        form.expected_from = "2026-10-31".into();
    });
    let li = app.customer_of("li");
    app.usage_sent(&[{
        let mut record = app.raw_usage(li, "2026-10-08", "X", "5");
        record.company_code = "无此客户".into();
        record
    }]);
    let bill = app.bill_of(li, "2026-10", "1200.00", DocumentState::Sent);
    let mut conn = app.connect();
    for statement in [
        format!("UPDATE bills SET open_disputes = 1 WHERE id = {bill}"),
        format!(
            "INSERT INTO credit_notes (bill_id, state, whole, amount, reason, asked_at) VALUES ({bill}, 'asked', FALSE, 5, '多计', UTC_TIMESTAMP(6))"
        ),
        "UPDATE bill_run_customers SET outcome = 'failed', reason = 'no_price', bill_id = NULL".to_owned(),
    ] {
        diesel::RunQueryDsl::execute(diesel::sql_query(statement), &mut conn).unwrap();
    }
    app.arrange(|tx| opcms::billing::runs::commands::plan(tx, october(), &Scope::Customers(vec![li]), &[]));
    let client = app.as_role("finance_manager").await;
    let page = client.get(MONTH).await.ok().contains(&T.closing_count_open(8));
    for said in [
        T.closing_usage_missing(1, 0),
        T.closing_quarantine_waiting("1"),
        T.closing_run_none().to_owned(),
        T.closing_plans_open(1),
        T.closing_failed(1),
        T.closing_bills_sent().to_owned(),
        T.closing_credit_notes_asked(1),
        T.closing_disputes_open(1),
        T.closing_checks_never().to_owned(),
    ] {
        page.clone().contains(&said);
    }
    page.contains("KH-li").contains("B-202610-000001");
}

#[actix_web::test]
async fn broken_data_is_named_and_stands_in_the_way() {
    let app = TestApp::new().await;
    app.usage_of(app.customer_of("li"), "2026-10-08", "X", "5");
    billed(&app).await;
    let client = app.as_role("finance_manager").await;
    let broken = "UPDATE usage_day_totals SET quantity = quantity + 1";
    diesel::RunQueryDsl::execute(diesel::sql_query(broken), &mut app.connect()).unwrap();
    check(&app, &client).await;
    client.get(MONTH).await.ok().contains("2026-10-08").contains(&T.closing_count_open(1)).lacks("/close\"");
    // A look that is a day old counts no more.
    app.clock.advance(chrono::Duration::hours(25));
    let client = app.as_role("finance_manager").await;
    client.get(MONTH).await.ok().lacks("2026-10-08").contains(&T.closing_count_open(1));
}

/// Something that somebody does, and what it is called.
type Deed<'a> = (&'a str, &'a dyn Fn(&mut opcms::db::Tx) -> Result<()>);

#[actix_web::test]
async fn nothing_of_a_closed_month_changes() {
    let app = TestApp::new().await;
    let li = app.customer_of("li");
    let pending = app.bill_of(li, "2026-10", "1200.00", DocumentState::PendingReview);
    let other = app.customer("KH2", "杭州二号有限公司", None, Some("li"));
    let draft = app.bill_of(other, "2026-10", "10.00", DocumentState::Draft);
    let planned = app.planned_run("finance", "2026-10").await;
    app.arrange(|tx| opcms::periods::commands::close(tx, october()));
    let as_system = |work: &dyn Fn(&mut opcms::db::Tx) -> Result<()>| app.db.write(&app.system(), work);
    let deeds: [Deed<'_>; 6] = [
        ("void", &|tx| bills::void(tx, pending, 1, "错")),
        ("recall", &|tx| bills::recall(tx, pending, 1)),
        ("reject", &|tx| bills::reject(tx, pending, 1, "错")),
        ("submit", &|tx| bills::submit(tx, draft, 1)),
        ("plan", &|tx| opcms::billing::completeness::planning::plan(tx, october(), &Scope::All).map(|_| ())),
        ("replan", &|tx| opcms::billing::completeness::planning::replan(tx, planned.id).map(|_| ())),
    ];
    for (deed, work) in deeds {
        assert_eq!(code(as_system(work)), "month_closed", "{deed}");
    }
    let states = "SELECT document_state FROM bills ORDER BY id";
    assert_eq!(app.texts(states), ["pending_review", "draft"]);
    assert_ne!(pending, BillId(0));
    let client = app.as_role("finance_manager").await;
    client.get("/billing/runs/new?month=2026-10").await.ok().contains(&T.months_refused_closed("2026-10"));
}

#[actix_web::test]
async fn a_closed_month_is_opened_by_two() {
    let app = TestApp::new().await;
    app.arrange(|tx| opcms::periods::commands::close(tx, october()));
    let (asks, decides) = (app.as_role("finance_manager").await, app.as_role("admin").await);
    asks.get(MONTH).await.ok();
    let reopen = format!("{MONTH}/reopen");
    let page = asks.post(&reopen, &[("reason", " ")]).await.status(422);
    assert_eq!(page.field_error("reason"), T.field_required());
    asks.post(&reopen, &[("reason", "漏计一家客户的用量")]).await.see_other(MONTH);
    assert_eq!(asks.post(&reopen, &[("reason", "再来")]).await.flash(), T.months_refused_asked());
    asks.get(MONTH).await.ok().contains(T.months_refused_own()).contains("漏计一家客户的用量");
    asks.get("/billing/months").await.ok().contains(T.months_reopening_waits());
    let approve = format!("{reopen}/approve");
    assert_eq!(asks.post(&approve, &[]).await.flash(), T.months_refused_own());
    assert!(is_closed(&app));

    decides.get(MONTH).await.ok();
    decides.post(&format!("{reopen}/reject"), &[("reason", "")]).await.status(422);
    decides.post(&format!("{reopen}/reject"), &[("reason", "下月补录即可")]).await.see_other(MONTH);
    assert!(is_closed(&app));
    assert_eq!(decides.post(&approve, &[]).await.flash(), T.error_stale_text(), "nobody asks any more");
    asks.get(MONTH).await.ok().contains("下月补录即可");
    asks.post(&reopen, &[("reason", "金额太大，须当月处理")]).await.see_other(MONTH);
    decides.post(&approve, &[]).await.see_other(MONTH);
    assert!(!is_closed(&app));
    let told =
        "SELECT CONCAT(action, ' ', reason) FROM audit_entries WHERE action LIKE '%reopen%' ORDER BY id";
    assert_eq!(app.texts(told).last().unwrap(), "periods.month.reopened 金额太大，须当月处理");
    assert_eq!(
        asks.post(&reopen, &[("reason", "还没关")]).await.flash(),
        T.months_refused_not_closed("2026-10")
    );
}

#[actix_web::test]
async fn months_are_for_who_reaches_every_customer() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    wang.get("/billing/months").await.status(404);
    wang.get(MONTH).await.status(404);
    for deed in ["check", "close", "reopen/approve"] {
        wang.post(&format!("{MONTH}/{deed}"), &[]).await.status(404);
    }
    for deed in ["sign", "reopen", "reopen/reject"] {
        let fields = [("item", "usage"), ("digest", "0"), ("reason", "没有")];
        wang.post(&format!("{MONTH}/{deed}"), &fields).await.status(404);
    }
    let aud = app.signed_in("aud").await;
    aud.get(MONTH).await.ok().lacks("/close\"").lacks("/sign\"").lacks("/check\"");
    for path in ["/billing/months/2026-13", "/billing/months/x", "/billing/months/2026-10-01"] {
        aud.get(path).await.status(404);
    }
}

#[actix_web::test]
async fn of_two_who_close_at_once_one_closes() {
    let app = TestApp::new().await;
    billed(&app).await;
    let client = app.as_role("finance_manager").await;
    check(&app, &client).await;
    let gate = Arc::new(Barrier::new(2));
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (db, actor, gate) = (app.db.clone(), app.actor("finance_manager"), Arc::clone(&gate));
            thread::spawn(move || {
                gate.wait();
                db.write(&actor, |tx| commands::close(tx, october()))
            })
        })
        .collect();
    let outcomes: Vec<Result<()>> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
    assert!(outcomes.iter().any(Result::is_ok));
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'periods.month.closed'"), 1);
}
