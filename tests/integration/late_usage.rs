//! Late usage: what comes after the bill of its month is a line of a later bill that names the original one.

use diesel::connection::SimpleConnection as _;
use opcms::billing::bills;
use opcms::billing::bills::model::{Bill, BillLine};
use opcms::billing::credit_notes::model::Wish;
use opcms::billing::runs;
use opcms::billing::runs::model::{BillRun, RunState, Scope};
use opcms::customers::directory::fields::Field;
use opcms::i18n::Tr;
use opcms::pricing::checker;
use opcms::pricing::rating::{Line, LineKind};
use opcms::types::BillingMonth;
use opcms::types::ids::{BillId, CustomerId};
use opcms::usage::quarantine;
use opcms::usage::records::model::RawRecord;
use rust_decimal::{Decimal, dec};

use crate::support::{TestApp, system};

const T: Tr = Tr::ZhCn;

/// A formal customer with a price of 1.5 from January on.
fn customer(app: &TestApp, code: &str) -> CustomerId {
    let owner = app.world.user("li").to_string();
    let fields = [(Field::Status, "active"), (Field::OpsOwner, owner.as_str())];
    let id = app.customer_with(code, &format!("杭州{code}家居有限公司"), &fields);
    app.price_in_force(id, "2026-01-01", "1.5");
    id
}

async fn billed(app: &TestApp, month: &str) -> BillRun {
    let month: BillingMonth = month.parse().unwrap();
    let id = app.arrange(|tx| runs::commands::plan(tx, month, &Scope::All, &[]));
    app.work_off().await;
    let run = || app.db.read(&system(), |db| runs::queries::get(db, id)).unwrap().unwrap();
    let planned = run();
    assert_eq!(planned.state, RunState::Planned, "{:?}", planned.fault());
    let hash = planned.inputs_hash.clone().unwrap();
    app.arrange(|tx| runs::commands::commit(tx, id, &hash));
    app.work_off().await;
    let committed = run();
    assert_eq!(committed.state, RunState::Committed, "{:?}", committed.fault());
    committed
}

fn bill(app: &TestApp, customer: CustomerId, month: &str) -> (Bill, Vec<BillLine>) {
    let query = format!(
        "SELECT COALESCE(MAX(id), 0) FROM bills WHERE customer_id = {customer} AND month = '{month}-01' \
         AND live_month IS NOT NULL"
    );
    let id = BillId(u64::try_from(app.number(&query)).unwrap());
    app.db
        .read(&system(), |db| Ok((bills::queries::get(db, id)?.unwrap(), bills::queries::lines(db, id)?)))
        .unwrap()
}

fn late(lines: &[BillLine]) -> Vec<&BillLine> {
    lines.iter().filter(|line| line.kind == LineKind::Late).collect()
}

/// The record that waits.
fn waiting(app: &TestApp) -> String {
    let id = app.number("SELECT MAX(id) FROM quarantined_records WHERE state = 'waiting'");
    format!("/usage/quarantine/{id}")
}

fn defer_all(app: &TestApp) {
    for id in app.texts("SELECT CAST(id AS CHAR) FROM quarantined_records WHERE state = 'waiting'") {
        app.arrange(|tx| {
            let id = id.parse().unwrap();
            let version = quarantine::queries::find(tx, id)?.record.version;
            quarantine::deferring::defer(tx, id, version, "补录")
        });
    }
}

/// The lines of a bill are found again from what is stored with them.
fn assert_sound(bill: &Bill, lines: &[BillLine]) {
    let rated: Vec<Line> = lines.iter().map(|line| line.rated().unwrap()).collect();
    assert_eq!(checker::check_lines(&rated).map(|sum| sum.0), Ok(bill.total_amount));
}

#[actix_web::test]
async fn usage_that_comes_after_the_bill_is_a_line_of_the_next_one() {
    let app = TestApp::new().await;
    let id = customer(&app, "KH-1");
    app.usage_of(id, "2026-09-05", "X", "100");
    app.usage_of(id, "2026-10-05", "X", "200");
    billed(&app, "2026-09").await;
    app.usage_of(id, "2026-09-06", "X", "40");
    let li = app.signed_in("li").await;
    let url = waiting(&app);
    let form = li.get(&url).await.ok().contains(T.quarantine_billed()).contains(T.quarantine_defer());
    let defer = format!("{url}/defer");
    let again = li.submit(&form, &defer, &[("defer_reason", "")]).await.status(422);
    assert_eq!(again.field_error("defer_reason"), T.field_required());
    let filled = [("defer_reason", "供应商漏传")];
    assert_eq!(li.submit(&form, &defer, &filled).await.status(303).flash(), T.quarantine_deferred());
    li.submit(&form, &defer, &filled).await.status(422);
    li.get(&url).await.ok().contains("供应商漏传");
    assert!(app.audited().contains(&"usage.quarantined_record.deferred".to_owned()));
    billed(&app, "2026-10").await;
    let (first, _) = bill(&app, id, "2026-09");
    let (second, lines) = bill(&app, id, "2026-10");
    let [line] = late(&lines)[..] else { panic!("{lines:?}") };
    assert_eq!((line.amount, line.quantity), (dec!(60.00), Some(dec!(40.0000))));
    assert_eq!((line.late_of, line.late_month), (Some(first.id), Some(first.month)));
    assert_eq!(second.total_amount, dec!(360.00));
    assert_sound(&second, &lines);
    let text = line.explanation().unwrap().text(T).join("");
    assert!(text.contains("2026-09") && text.contains(&first.number) && text.contains("210.00"), "{text}");
    let on = format!(
        "SELECT COUNT(*) FROM late_usages WHERE bill_id = {} AND position = {}",
        second.id, line.position
    );
    assert_eq!(app.number(&on), 1);
    // What is billed is not billed again.
    app.usage_of(id, "2026-09-07", "X", "10");
    defer_all(&app);
    app.arrange(|tx| bills::commands::void(tx, second.id, second.version, "重新出账"));
    billed_again(&app, id, "2026-10").await;
    let (third, lines) = bill(&app, id, "2026-10");
    // The bill that had the forty is void: they and the ten are on the next one.
    assert_eq!(late(&lines).iter().map(|line| line.amount).sum::<Decimal>(), dec!(75.00));
    assert_sound(&third, &lines);
    let check = app.db.read(&system(), opcms::billing::checks::ALL[5].find).unwrap();
    assert!(check.breaches.is_empty(), "{check:?}");
}

async fn billed_again(app: &TestApp, customer: CustomerId, month: &str) {
    let month: BillingMonth = month.parse().unwrap();
    let id = app.arrange(|tx| runs::commands::plan(tx, month, &Scope::Customers(vec![customer]), &[]));
    app.work_off().await;
    let hash = app.db.read(&system(), |db| runs::queries::get(db, id)).unwrap().unwrap().inputs_hash;
    app.arrange(|tx| runs::commands::commit(tx, id, hash.as_deref().unwrap()));
    app.work_off().await;
}

#[actix_web::test]
async fn less_than_was_billed_takes_off_and_the_same_is_refused() {
    let app = TestApp::new().await;
    let id = customer(&app, "KH-1");
    app.usage_of(id, "2026-09-05", "X", "100");
    app.usage_of(id, "2026-10-05", "X", "200");
    billed(&app, "2026-09").await;
    // The source has found out that it was only seventy.
    app.usage_of(id, "2026-09-05", "X", "70");
    defer_all(&app);
    billed(&app, "2026-10").await;
    let (bill, lines) = bill(&app, id, "2026-10");
    let [line] = late(&lines)[..] else { panic!("{lines:?}") };
    assert_eq!((line.amount, line.quantity), (dec!(-45.00), Some(dec!(-30.0000))));
    assert_sound(&bill, &lines);
    // Now seventy are known: to be told so again changes nothing.
    let raw = app.raw_usage(id, "2026-09-05", "X", "71");
    app.usage_sent(&[raw]);
    app.connect()
        .batch_execute("UPDATE quarantined_records SET quantity_text = '70' WHERE state = 'waiting'")
        .unwrap();
    let li = app.signed_in("li").await;
    let url = waiting(&app);
    let fields = [("defer_reason", "x"), ("version", "1")];
    li.post(&format!("{url}/defer"), &fields).await.status(422).contains(T.quarantine_refused_nothing_new());
}

#[actix_web::test]
async fn all_that_came_late_of_a_month_is_one_line() {
    let app = TestApp::new().await;
    let id = customer(&app, "KH-1");
    for (day, quantity) in [("2026-08-05", "5"), ("2026-09-05", "80"), ("2026-10-05", "10")] {
        app.usage_of(id, day, "X", quantity);
    }
    billed(&app, "2026-08").await;
    billed(&app, "2026-09").await;
    for (day, quantity) in [("2026-08-06", "2"), ("2026-09-06", "30"), ("2026-09-07", "6")] {
        app.usage_of(id, day, "X", quantity);
    }
    defer_all(&app);
    billed(&app, "2026-10").await;
    let (bill, lines) = bill(&app, id, "2026-10");
    let amounts: Vec<String> = late(&lines).iter().map(|line| line.amount.to_string()).collect();
    assert_eq!(amounts, ["3.00", "54.00"]);
    assert_sound(&bill, &lines);
}

#[actix_web::test]
async fn a_month_that_came_to_nothing_is_billed_by_what_came_late_of_it() {
    let app = TestApp::new().await;
    let id = customer(&app, "KH-1");
    let other = customer(&app, "KH-2");
    app.usage_of(other, "2026-09-05", "X", "1");
    app.usage_of(id, "2026-10-05", "X", "10");
    billed(&app, "2026-09").await;
    app.usage_of(id, "2026-09-06", "X", "8");
    defer_all(&app);
    billed(&app, "2026-10").await;
    let (bill, lines) = bill(&app, id, "2026-10");
    let [line] = late(&lines)[..] else { panic!("{lines:?}") };
    assert_eq!((line.amount, line.late_of, bill.total_amount), (dec!(12.00), None, dec!(27.00)));
    assert_sound(&bill, &lines);
}

#[actix_web::test]
async fn only_what_is_right_and_billed_is_deferred() {
    let app = TestApp::new().await;
    let id = customer(&app, "KH-1");
    let unpriced = app.customer("KH-2", "没有价格的客户有限公司", None, Some("li"));
    app.usage_of(id, "2026-09-05", "X", "100");
    let month: BillingMonth = "2026-09".parse().unwrap();
    app.arrange(|tx| opcms::periods::commands::bill(tx, month));
    let li = app.signed_in("li").await;
    let fields = [("defer_reason", "x"), ("version", "1")];
    app.usage_of(unpriced, "2026-09-06", "X", "10");
    let url = waiting(&app);
    li.post(&format!("{url}/defer"), &fields).await.status(422).contains(T.quarantine_refused_no_price());
    app.usage_sent(&[RawRecord { source: "vendor-new".into(), ..app.raw_usage(id, "2026-09-06", "X", "1") }]);
    let url = waiting(&app);
    li.post(&format!("{url}/defer"), &fields).await.status(422).contains(T.quarantine_refused_source());
    app.usage_of(id, "2026-09-08", "X", "12");
    let url = waiting(&app);
    li.post(&format!("{url}/defer"), &[("defer_reason", "x"), ("version", "9")]).await.status(422);
    // The month takes usage again: the record can be put right, and is not billed later.
    app.arrange(|tx| opcms::periods::commands::unbill(tx, month, None));
    li.post(&format!("{url}/defer"), &fields).await.status(422).contains(T.quarantine_refused_defer());
    assert_eq!(app.number("SELECT COUNT(*) FROM late_usages"), 0);
    let zhao = app.signed_in("zhao").await;
    assert!([403, 404].contains(&zhao.post(&format!("{url}/defer"), &fields).await.status));
}

#[actix_web::test]
async fn a_bill_that_is_taken_back_sets_its_late_usage_free() {
    let app = TestApp::new().await;
    let id = customer(&app, "KH-1");
    app.usage_of(id, "2026-09-05", "X", "100");
    app.usage_of(id, "2026-10-05", "X", "200");
    billed(&app, "2026-09").await;
    app.usage_of(id, "2026-09-06", "X", "40");
    defer_all(&app);
    billed(&app, "2026-10").await;
    let (october, _) = bill(&app, id, "2026-10");
    app.connect()
        .batch_execute(&format!(
            "UPDATE bills SET document_state = 'sent', sent_at = NOW(6), due_on = '2026-12-01' WHERE id = {}",
            october.id
        ))
        .unwrap();
    app.credited(october.id, Wish::Whole);
    billed_again(&app, id, "2026-10").await;
    let (again, lines) = bill(&app, id, "2026-10");
    assert_eq!((again.reissue_of, again.total_amount), (Some(october.id), dec!(360.00)));
    assert_eq!(late(&lines).len(), 1);
    assert_sound(&again, &lines);
}
