//! What must always be true of bills: it is, and when a hand at the database breaks it, the check names what.

use diesel::connection::SimpleConnection as _;
use opcms::billing::bills::model::DocumentState;
use opcms::billing::checks;
use opcms::billing::credit_notes::model::Wish;
use opcms::db::checks::Check;
use opcms::jobs::{runs, schedule, ticker};
use opcms::types::ids::{BillId, CustomerId};
use opcms::types::time::business_day;

use crate::jobs::tick_and_work;
use crate::support::billing::usage_line;
use crate::support::{TestApp, system};

fn check(code: &str) -> &'static Check {
    checks::ALL.iter().find(|check| check.code == code).unwrap()
}

fn breaches(app: &TestApp, code: &str) -> Vec<String> {
    app.db.read(&system(), check(code).find).unwrap().breaches
}

/// All that is wrong, by check.
fn all(app: &TestApp) -> Vec<String> {
    let of = |check: &Check| {
        let found = breaches(app, check.code);
        found.into_iter().map(|one| format!("{}: {one}", check.code)).collect::<Vec<_>>()
    };
    checks::ALL.iter().flat_map(of).collect()
}

/// A customer with usage in October, and its bill of two lines that is sent.
fn sent(app: &TestApp) -> (CustomerId, BillId) {
    let customer = app.customer_of("li");
    app.usage_of(customer, "2026-10-05", "X", "100");
    let lines = [usage_line("100", "1.5"), usage_line("10", "2")];
    (customer, app.bill_with(customer, "2026-10", &lines, DocumentState::Sent))
}

fn run(app: &TestApp, sql: &str) {
    app.connect().batch_execute(sql).unwrap();
}

#[actix_web::test]
async fn bills_credit_notes_and_usage_as_they_are_written_hold() {
    let app = TestApp::new().await;
    let (customer, bill) = sent(&app);
    let other = app.bill_of(customer, "2026-09", "10.00", DocumentState::Sent);
    run(
        &app,
        "INSERT INTO billed_months (month, billed_at) VALUES ('2026-10-01', NOW(6)), ('2026-09-01', NOW(6))",
    );
    app.credited(bill, Wish::Lines(vec![(1, opcms::types::Money("20".parse().unwrap()))]));
    app.credited(other, Wish::Whole);
    assert_eq!(all(&app), Vec::<String>::new());
}

#[actix_web::test]
async fn a_total_that_is_not_the_sum_of_its_lines_is_named() {
    let app = TestApp::new().await;
    let (_, bill) = sent(&app);
    run(&app, &format!("UPDATE bills SET total_amount = total_amount + 0.01 WHERE id = {bill}"));
    assert_eq!(all(&app), ["billing.totals: B-202610-000001: 170.01 != 170.00"]);
}

#[actix_web::test]
async fn what_is_credited_without_a_credit_note_is_named() {
    let app = TestApp::new().await;
    let (_, bill) = sent(&app);
    run(&app, &format!("UPDATE bills SET credited_amount = 5 WHERE id = {bill}"));
    assert_eq!(breaches(&app, "billing.balances"), ["B-202610-000001: 5.00 != 0.00, 165.00"]);
    run(&app, &format!("UPDATE bills SET credited_amount = 0 WHERE id = {bill}"));
    let note = app.credited(bill, Wish::Whole);
    run(&app, &format!("UPDATE bills SET credited_at = NULL WHERE id = {bill}"));
    assert_eq!(breaches(&app, "billing.balances").len(), 1);
    run(&app, &format!("UPDATE bills SET credited_at = NOW(6) WHERE id = {bill}"));
    assert_eq!(all(&app), Vec::<String>::new());
    run(&app, &format!("DELETE FROM credit_note_lines WHERE credit_note_id = {note} AND position = 2"));
    assert_eq!(breaches(&app, "billing.balances"), ["C-202611-000001: 170.00 != 150.00"]);
}

#[actix_web::test]
async fn a_settlement_that_the_amounts_do_not_say_is_named() {
    let app = TestApp::new().await;
    let (_, bill) = sent(&app);
    run(&app, &format!("UPDATE bills SET settlement_state = 'paid' WHERE id = {bill}"));
    assert_eq!(all(&app), ["billing.settlement: B-202610-000001: paid, 170.00"]);
}

#[actix_web::test]
async fn two_bills_of_a_month_that_count_are_named() {
    let app = TestApp::new().await;
    let (customer, _) = sent(&app);
    run(&app, "ALTER TABLE bills DROP INDEX bills_live");
    app.bill_of(customer, "2026-10", "1.00", DocumentState::Draft);
    assert_eq!(breaches(&app, "billing.live"), ["2026-10 KH-li: 2"]);
}

#[actix_web::test]
async fn a_line_that_is_not_what_its_explanation_comes_to_is_named() {
    let app = TestApp::new().await;
    let (_, bill) = sent(&app);
    run(
        &app,
        &format!(
            "UPDATE bill_lines SET amount = amount + 1 WHERE bill_id = {bill} AND position = 2; \
             UPDATE bills SET total_amount = total_amount + 1 WHERE id = {bill}"
        ),
    );
    assert_eq!(all(&app), ["billing.lines: B-202610-000001 #2: amount 21 != 20"]);
    run(&app, &format!("UPDATE bill_lines SET explanation = '{{}}' WHERE bill_id = {bill} AND position = 1"));
    assert_eq!(breaches(&app, "billing.lines"), ["B-202610-000001 #1: explanation"]);
}

#[actix_web::test]
async fn usage_of_a_billed_month_that_no_run_saw_is_named() {
    let app = TestApp::new().await;
    let (customer, _) = sent(&app);
    let nobody = app.customer("KH-none", "没有出账的客户有限公司", None, Some("li"));
    app.usage_of(nobody, "2026-10-06", "X", "7");
    run(&app, "INSERT INTO billed_months (month, billed_at) VALUES ('2026-10-01', NOW(6))");
    assert_eq!(breaches(&app, "billing.usage"), ["2026-10 KH-none: 7 (1) != –"]);
    run(&app, &format!("DELETE FROM usage_records WHERE customer_id = {nobody}"));
    assert_eq!(all(&app), Vec::<String>::new());
    run(&app, &format!("UPDATE usage_records SET quantity = 101 WHERE customer_id = {customer}"));
    assert_eq!(breaches(&app, "billing.usage"), ["2026-10 KH-li: 101 (1) != 100 (1)"]);
    run(&app, &format!("DELETE FROM usage_records WHERE customer_id = {customer}"));
    assert_eq!(breaches(&app, "billing.usage"), ["2026-10 KH-li: 0 (0) != 100 (1)"]);
}

/// Runs the job now.
async fn fire(app: &TestApp) {
    ticker::prepare(&app.state).unwrap();
    app.arrange(|tx| {
        let job = schedule::queries::by_code_or_name(tx, "billing.check")?.unwrap();
        let today = business_day(tx.now());
        runs::commands::trigger(tx, job.id, today, &["billing.check"])
    });
    tick_and_work(app).await;
}

#[actix_web::test]
async fn the_job_of_the_night_fails_and_names_what_does_not_hold() {
    let app = TestApp::new().await;
    let (_, bill) = sent(&app);
    let last = |app: &TestApp| {
        let query = "SELECT CONCAT_WS(' ', CAST(job_runs.state AS CHAR), COALESCE(CAST(outcome AS CHAR), '')) \
            FROM job_runs JOIN jobs ON jobs.id = job_id WHERE code = 'billing.check' ORDER BY job_runs.id";
        app.texts(query).pop().unwrap()
    };
    fire(&app).await;
    assert!(last(&app).starts_with("succeeded"), "{}", last(&app));
    run(&app, &format!("UPDATE bills SET total_amount = total_amount + 0.01 WHERE id = {bill}"));
    fire(&app).await;
    let said = last(&app);
    assert!(said.starts_with("failed") && said.contains("B-202610-000001"), "{said}");
}
