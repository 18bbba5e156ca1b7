//! Bill runs: what is planned is what is written, whatever happens in between.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use opcms::billing::bills;
use opcms::billing::runs::model::{BillRun, Flag, Outcome, Part, PlannedRow, Reason, RunState, Scope};
use opcms::billing::runs::queries::{PlannedFilter, PlannedSort};
use opcms::billing::runs::{commands, queries};
use opcms::customers::directory::fields::Field;
use opcms::db::listing::PageRequest;
use opcms::pricing::checker;
use opcms::pricing::rating::Line;
use opcms::types::ids::{BillId, BillRunId, CustomerId};
use opcms::types::{BillingMonth, Error, Money};

use crate::customer_imports::{Process, until};
use crate::support::{Template, TestApp, TestDatabase, system};
use crate::world_months::{Expected, expected, full_world, take_in};

fn month(text: &str) -> BillingMonth {
    text.parse().unwrap()
}

fn run(app: &TestApp, id: BillRunId) -> BillRun {
    app.db.read(&system(), |db| queries::get(db, id)).unwrap().unwrap()
}

async fn planned_for(app: &TestApp, month: BillingMonth, scope: Scope) -> BillRun {
    let id = app.arrange(|tx| commands::plan(tx, month, &scope, &[]));
    app.work_off().await;
    run(app, id)
}

async fn planned(app: &TestApp, month: BillingMonth) -> BillRun {
    let run = planned_for(app, month, Scope::All).await;
    assert_eq!(run.state, RunState::Planned, "{:?}", run.fault());
    run
}

async fn committed(app: &TestApp, planned: &BillRun) -> BillRun {
    let hash = planned.inputs_hash.clone().unwrap();
    app.arrange(|tx| commands::commit(tx, planned.id, &hash));
    app.work_off().await;
    run(app, planned.id)
}

/// Formal customers with a price of 1.5 who have used so much in October.
fn customers(app: &TestApp, used: &[(&str, &str)]) -> Vec<CustomerId> {
    let customer = |(code, quantity): &(&str, &str)| {
        let id = app.customer_with(code, &format!("杭州{code}家居有限公司"), &[(Field::Status, "active")]);
        app.price_in_force(id, "2026-01-01", "1.5");
        app.usage_of(id, "2026-10-05", "X", quantity);
        id
    };
    used.iter().map(customer).collect()
}

/// The refusal that a command answers with.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    match outcome {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

/// Each bill is the sum of its lines, which are found again from what is stored with them; numbers have no gaps.
fn assert_bills_are_sound(app: &TestApp) {
    let ids = app.texts("SELECT CAST(id AS CHAR) FROM bills ORDER BY id");
    let ids: Vec<BillId> = ids.iter().map(|id| id.parse().unwrap()).collect();
    let all = app.db.read(&system(), |db| bills::queries::by_ids(db, &ids)).unwrap();
    let mut lines = app.db.read(&system(), |db| bills::queries::lines_of(db, &ids)).unwrap();
    for bill in all {
        let of_bill: Vec<Line> =
            lines.remove(&bill.id).unwrap().iter().map(|line| line.rated().unwrap()).collect();
        assert_eq!(checker::check_lines(&of_bill), Ok(Money(bill.total_amount)), "{}", bill.number);
    }
    assert_numbers_have_no_gaps(|query| app.number(query));
}

fn assert_numbers_have_no_gaps(number: impl Fn(&str) -> i64) {
    let query = "SELECT COUNT(*) FROM (SELECT month, COUNT(*) AS bills, MIN(RIGHT(number, 6)) AS lowest, \
                 MAX(CAST(RIGHT(number, 6) AS UNSIGNED)) AS highest FROM bills GROUP BY month) of_month \
                 JOIN bill_sequences ON bill_sequences.month = of_month.month \
                 WHERE lowest <> '000001' OR highest <> bills OR last_bill <> bills";
    assert_eq!(number(query), 0, "a number is lost");
}

/// The parts of every change sum to it, and the totals of the run are the sums of its customers and of its bills.
fn assert_run_is_sound(app: &TestApp, run: &BillRun) {
    let id = run.id;
    let uneven = format!(
        "SELECT COUNT(*) FROM bill_run_customers WHERE run_id = {id} AND (change_amount <> total_amount - \
         COALESCE(previous_amount, 0) OR change_amount <> usage_change_amount + price_change_amount + \
         customer_change_amount + manual_change_amount)"
    );
    assert_eq!(app.number(&uneven), 0);
    for sum in run.totals().unwrap() {
        let parts = sum.usage.0 + sum.price.0 + sum.customer.0 + sum.manual.0;
        assert_eq!((sum.change.0, sum.change.0), (parts, sum.total.0 - sum.previous.0));
        let of_bills = format!(
            "SELECT CAST(COALESCE(SUM(total_amount), 0) * 100 AS SIGNED) FROM bills WHERE run_id = {id} AND currency = '{}'",
            sum.currency
        );
        assert_eq!(rust_decimal::Decimal::new(app.number(&of_bills), 2), sum.total.0);
    }
    assert_eq!(run.customers, run.billed + run.zero + run.excluded + run.failed);
    assert_eq!((run.written, run.left_out), (run.billed, 0));
}

/// What the bills of a month are, as the file says it: outcome, total and lines by code.
fn outcomes(app: &TestApp, run: &BillRun) -> BTreeMap<String, (String, String, String)> {
    let rows = app
        .db
        .read(&system(), |db| queries::customers_after(db, run.id, &PlannedFilter::default(), 0, 1_000_000))
        .unwrap();
    let billed: Vec<BillId> = rows.iter().filter_map(|row| row.planned.bill_id).collect();
    let lines = app.db.read(&system(), |db| bills::queries::lines_of(db, &billed)).unwrap();
    let all = app.db.read(&system(), |db| bills::queries::by_ids(db, &billed)).unwrap();
    let totals: BTreeMap<BillId, _> = all.iter().map(|bill| (bill.id, bill.total_amount)).collect();
    let outcome = |row: PlannedRow| {
        let told = row.planned.bill_id.map(|bill| {
            let line = |line: &bills::model::BillLine| format!("{}={:.2}", line.kind.as_str(), line.amount);
            let told = lines[&bill].iter().map(line).collect::<Vec<_>>().join(" ");
            (format!("{:.2}", totals[&bill]), told)
        });
        let (total, lines) = told.unwrap_or_default();
        (row.company_code, (row.planned.outcome.to_string(), total, lines))
    };
    rows.into_iter().map(outcome).collect()
}

async fn bill_the_world(world: &Path) {
    let app = TestApp::new().await;
    take_in(&app, world).await;
    let all = expected(world);
    for of in ["2026-08", "2026-09", "2026-10"] {
        let begin = Instant::now();
        let plan = planned(&app, month(of)).await;
        let shown = begin.elapsed().as_secs_f32();
        let done = committed(&app, &plan).await;
        assert_eq!(done.state, RunState::Committed, "{:?}", done.fault());
        println!("{of}: planned after {shown:.1} s, committed after {:.1} s", begin.elapsed().as_secs_f32());
        assert_run_is_sound(&app, &done);
        let got = outcomes(&app, &done);
        let of_month: Vec<&Expected> = all.iter().filter(|expected| expected.month == month(of)).collect();
        assert_eq!(got.len(), of_month.len(), "not one customer is missing");
        let wrong: Vec<String> = of_month
            .into_iter()
            .filter_map(|expected| {
                // The file tells the lines of what is not billed, too.
                let lines = if expected.outcome == "billed" { expected.lines.clone() } else { String::new() };
                let wanted = (expected.outcome.clone(), expected.total.clone(), lines);
                let got = &got[&expected.company_code];
                (*got != wanted).then(|| format!("{}: {wanted:?}, but got {got:?}", expected.company_code))
            })
            .collect();
        assert!(
            wrong.is_empty(),
            "{of}: {} wrong, such as {:#?}",
            wrong.len(),
            &wrong[..wrong.len().min(20)]
        );
    }
    assert_bills_are_sound(&app);
}

#[actix_web::test]
async fn the_bills_of_the_small_world_are_those_that_must_come_out() {
    bill_the_world(Path::new("tests/fixtures/world-small")).await;
}

#[actix_web::test]
async fn the_bills_of_the_full_world_are_those_that_must_come_out() {
    match full_world() {
        Some(world) => bill_the_world(world).await,
        None => println!("skipped: ../shared/world/full is not there"),
    }
}

#[actix_web::test]
async fn a_plan_that_is_committed_is_written_as_it_was_shown() {
    let app = TestApp::new().await;
    let ids = customers(&app, &[("KH2", "200"), ("KH1", "100"), ("KH10", "7")]);
    app.customer_with("KH3", "杭州未确认家居有限公司", &[(Field::Status, "unconfirmed")]);
    let plan = planned(&app, month("2026-10")).await;
    assert_eq!((plan.customers, plan.billed, plan.excluded, plan.look_at), (4, 3, 1, 3));
    assert_eq!(app.number("SELECT COUNT(*) FROM bills"), 0, "nothing is written before it was looked at");
    let shown = app
        .db
        .read(&system(), |db| {
            let page = PageRequest::parse("1");
            queries::customers(db, plan.id, &PlannedFilter::default(), PlannedSort::Moved, page)
        })
        .unwrap();
    let codes: Vec<&str> = shown.rows.iter().map(|row| row.company_code.as_str()).collect();
    assert_eq!(codes, ["KH2", "KH1", "KH10", "KH3"], "who moved most comes first");
    assert_eq!(shown.rows[0].planned.flags(), [Flag::FirstTime]);
    assert_eq!(shown.rows[3].planned.reason, Some(Reason::Unconfirmed));
    let lines = app.db.read(&system(), |db| queries::lines(db, plan.id, 1)).unwrap();
    assert_eq!(
        lines.iter().map(|line| line.rated().unwrap().amount).collect::<Vec<_>>(),
        [Money("150".parse().unwrap())]
    );
    let done = committed(&app, &plan).await;
    assert_eq!((done.state, done.written), (RunState::Committed, 3));
    assert_eq!(
        app.texts("SELECT CONCAT_WS(' ', number, customer_id, CAST(total_amount AS CHAR), document_state, round) FROM bills ORDER BY number"),
        [
            format!("B-202610-000001 {} 150.00 pending_review 1", ids[1]),
            format!("B-202610-000002 {} 10.50 pending_review 1", ids[2]),
            format!("B-202610-000003 {} 300.00 pending_review 1", ids[0]),
        ],
        "numbers go by the order of codes"
    );
    assert_run_is_sound(&app, &done);
    assert_bills_are_sound(&app);
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_run_lines"), 0, "the lines of the plan are gone");
    let late = app.usage_sent(&[app.raw_usage(ids[0], "2026-10-06", "X", "5")]);
    assert_eq!(late[0].rule.unwrap().as_str(), "closed_month", "a billed month takes no usage");
}

#[actix_web::test]
async fn what_moved_since_the_plan_is_named_and_nothing_is_written() {
    let app = TestApp::new().await;
    let ids = customers(&app, &[("KH1", "100"), ("KH2", "200"), ("KH3", "300")]);
    let plan = planned(&app, month("2026-10")).await;
    app.price_in_force(ids[0], "2026-10-20", "1.8");
    app.usage_of(ids[1], "2026-10-21", "X", "1");
    app.customer_with("KH0", "杭州新来家居有限公司", &[]);
    let outdated = committed(&app, &plan).await;
    assert_eq!(outdated.state, RunState::Outdated);
    let fault = outdated.fault().unwrap();
    let moved: Vec<(&str, &[Part])> =
        fault.moved.iter().map(|moved| (moved.company_code.as_str(), moved.parts.as_slice())).collect();
    assert_eq!(moved, [("KH0", &[Part::New][..]), ("KH1", &[Part::Prices]), ("KH2", &[Part::Usage])]);
    let said = fault.said.text(opcms::i18n::Tr::ZhCn);
    assert!(said.contains("KH1：价格") && said.contains("KH2：用量"), "{said}");
    assert_eq!(app.number("SELECT COUNT(*) FROM bills"), 0);
    assert_eq!(app.number("SELECT COUNT(*) FROM billed_months"), 0, "the month takes usage again");
    let hash = plan.inputs_hash.clone().unwrap();
    let again = app.db.write(&system(), |tx| commands::commit(tx, plan.id, &hash));
    assert_eq!(refused(again), "run_outdated");
    let anew = app.arrange(|tx| commands::replan(tx, plan.id, &[]));
    app.work_off().await;
    assert_eq!(run(&app, plan.id).state, RunState::Discarded);
    let done = committed(&app, &run(&app, anew)).await;
    assert_eq!((done.state, done.written), (RunState::Committed, 3));
}

#[actix_web::test]
async fn who_commits_says_what_they_have_seen() {
    let app = TestApp::new().await;
    customers(&app, &[("KH1", "100")]);
    let plan = planned(&app, month("2026-10")).await;
    let other = app.db.write(&system(), |tx| commands::commit(tx, plan.id, &"0".repeat(64)));
    assert_eq!(refused(other), "run_hash");
    let unfinished = app.db.write(&system(), |tx| commands::plan(tx, month("2026-11"), &Scope::All, &[]));
    assert_eq!(refused(unfinished), "month_not_over");
    let nobody = app
        .db
        .write(&system(), |tx| commands::plan(tx, month("2026-10"), &Scope::Customers(Vec::new()), &[]));
    assert_eq!(refused(nobody), "scope");
    app.arrange(|tx| opcms::periods::commands::close(tx, month("2026-09")));
    let closed = app.db.write(&system(), |tx| commands::plan(tx, month("2026-09"), &Scope::All, &[]));
    assert_eq!(refused(closed), "month_closed");
    for (user, allowed) in [("finance", true), ("finance_manager", true), ("ops", false), ("wang", false)] {
        let outcome =
            app.db.write(&app.actor(user), |tx| commands::plan(tx, month("2026-10"), &Scope::All, &[]));
        assert_eq!(outcome.is_ok(), allowed, "{user}: a run covers everybody");
    }
}

#[actix_web::test]
async fn however_often_and_by_however_many_it_is_committed_there_is_one_set_of_bills() {
    let app = TestApp::new().await;
    customers(&app, &[("KH1", "100"), ("KH2", "200")]);
    let (first, second) = (planned(&app, month("2026-10")).await, planned(&app, month("2026-10")).await);
    assert_eq!(first.inputs_hash, second.inputs_hash, "the same inputs have the same digest");
    let hash = first.inputs_hash.clone().unwrap();
    let tasks: Vec<_> = (0..2).map(|_| app.arrange(|tx| commands::commit(tx, first.id, &hash))).collect();
    assert_eq!(tasks[0], tasks[1]);
    let other = app.db.write(&system(), |tx| commands::commit(tx, second.id, &hash));
    assert_eq!(refused(other), "run_another");
    app.work_off().await;
    assert_eq!(
        app.arrange(|tx| commands::commit(tx, first.id, &hash)),
        tasks[0],
        "asked once more, it is done"
    );
    let outdated = committed(&app, &second).await;
    assert_eq!(outdated.state, RunState::Outdated);
    assert_eq!(outdated.fault().unwrap().moved[0].parts, [Part::Bills]);
    assert_eq!(app.number("SELECT COUNT(*) FROM bills"), 2);
    assert_eq!(app.number("SELECT COUNT(*) FROM billed_months"), 1, "there are bills of the month");
    let third = planned(&app, month("2026-10")).await;
    assert_eq!((third.billed, third.excluded), (0, 2), "who is billed already is not billed again");
    let nothing =
        app.db.write(&system(), |tx| commands::commit(tx, third.id, third.inputs_hash.as_deref().unwrap()));
    assert_eq!(refused(nothing), "run_nothing");
}

#[actix_web::test]
async fn who_moves_while_others_are_written_is_left_out_and_run_again() {
    let app = TestApp::new().await;
    let ids = customers(&app, &[("KH1", "100"), ("KH2", "200")]);
    let plan = planned(&app, month("2026-10")).await;
    let hash = plan.inputs_hash.clone().unwrap();
    app.arrange(|tx| commands::commit(tx, plan.id, &hash));
    // As if a task had died that has written the first bill of two.
    app.arrange(|tx| {
        bills::opening::commands::prepare(tx, month("2026-10"))?;
        bills::opening::commands::open(tx, plan.id, month("2026-10"), &[1], 0)?;
        opcms::periods::commands::bill(tx, month("2026-10"))
    });
    app.price_in_force(ids[1], "2026-10-20", "1.8");
    app.work_off().await;
    let done = run(&app, plan.id);
    assert_eq!((done.state, done.written, done.left_out), (RunState::Committed, 1, 1));
    let left = app.db.read(&system(), |db| queries::of_customer(db, plan.id, ids[1])).unwrap().unwrap();
    assert!(left.is_left_out());
    assert!(left.said().unwrap().text(opcms::i18n::Tr::ZhCn).contains("价格"), "{:?}", left.said());
    let again = planned_for(&app, month("2026-10"), Scope::FailedOf(plan.id)).await;
    committed(&app, &again).await;
    let numbers = "SELECT CONCAT_WS(' ', number, customer_id) FROM bills ORDER BY number";
    let wanted = [format!("B-202610-000001 {}", ids[0]), format!("B-202610-000002 {}", ids[1])];
    assert_eq!(app.texts(numbers), wanted);
    assert_bills_are_sound(&app);
}

#[actix_web::test]
async fn a_commit_that_was_stopped_goes_on_or_is_given_up() {
    let app = TestApp::new().await;
    customers(&app, &[("KH1", "100")]);
    let plan = planned(&app, month("2026-10")).await;
    let hash = plan.inputs_hash.clone().unwrap();
    let stop = || {
        let task = app.arrange(|tx| commands::commit(tx, plan.id, &hash));
        app.arrange(|tx| opcms::periods::commands::bill(tx, month("2026-10")));
        let over = format!("UPDATE tasks SET state = 'failed', due_at = NULL WHERE id = {task}");
        diesel::sql_query(over).execute(&mut app.connect()).unwrap();
        task
    };
    assert_ne!(stop(), stop(), "another task goes on");
    app.arrange(|tx| commands::discard(tx, plan.id));
    assert_eq!(app.number("SELECT COUNT(*) FROM billed_months"), 0, "the month takes usage again");
    app.work_off().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_run_lines"), 0);
    let given_up = app.db.write(&system(), |tx| commands::commit(tx, plan.id, &hash));
    assert_eq!(refused(given_up), "run_discarded");
}

#[actix_web::test]
async fn those_that_failed_are_run_again_and_numbers_go_on() {
    let app = TestApp::new().await;
    customers(&app, &[("KH1", "100")]);
    let unpriced = app.customer_with("KH0", "杭州无价家居有限公司", &[(Field::Status, "active")]);
    app.usage_of(unpriced, "2026-10-05", "X", "10");
    let first = planned(&app, month("2026-10")).await;
    assert_eq!((first.billed, first.failed), (1, 1));
    committed(&app, &first).await;
    app.price_in_force(unpriced, "2026-10-01", "2");
    let again = planned_for(&app, month("2026-10"), Scope::FailedOf(first.id)).await;
    assert_eq!((again.customers, again.billed), (1, 1));
    let done = committed(&app, &again).await;
    assert_eq!(done.state, RunState::Committed, "{:?}", done.fault());
    let numbers = "SELECT CONCAT_WS(' ', number, CAST(total_amount AS CHAR)) FROM bills ORDER BY number";
    assert_eq!(app.texts(numbers), ["B-202610-000001 150.00", "B-202610-000002 20.00"]);
    assert_bills_are_sound(&app);
}

#[actix_web::test]
async fn a_bill_that_was_credited_is_issued_again_and_names_it() {
    let app = TestApp::new().await;
    let ids = customers(&app, &[("KH1", "100"), ("KH2", "200")]);
    let plan = planned(&app, month("2026-10")).await;
    committed(&app, &plan).await;
    let credit = format!(
        "UPDATE bills SET credited_at = NOW(6), credited_amount = total_amount WHERE customer_id = {}",
        ids[1]
    );
    diesel::sql_query(credit).execute(&mut app.connect()).unwrap();
    let again = planned_for(&app, month("2026-10"), Scope::Customers(vec![ids[1]])).await;
    assert_eq!((again.customers, again.billed, again.look_at), (1, 1, 1));
    let done = committed(&app, &again).await;
    assert_eq!((done.state, done.written), (RunState::Committed, 1));
    let reissued = "SELECT CONCAT_WS(' ', again.number, was.number) FROM bills again JOIN bills was ON was.id = again.reissue_of";
    assert_eq!(app.texts(reissued), ["B-202610-000003 B-202610-000002"]);
}

#[actix_web::test]
async fn the_next_month_is_held_against_the_last() {
    let app = TestApp::new().await;
    let ids = customers(&app, &[("KH1", "100"), ("KH2", "200")]);
    for (id, quantity) in [(ids[0], "80"), (ids[1], "200")] {
        app.usage_of(id, "2026-09-05", "X", quantity);
    }
    let september = planned(&app, month("2026-09")).await;
    committed(&app, &september).await;
    app.price_in_force(ids[1], "2026-10-01", "2");
    let october = planned(&app, month("2026-10")).await;
    let change = |customer| {
        let row =
            app.db.read(&system(), |db| queries::of_customer(db, october.id, customer)).unwrap().unwrap();
        assert_eq!(row.outcome, Outcome::Billed);
        [row.previous_amount.unwrap(), row.usage_change_amount, row.price_change_amount]
            .map(|amount| amount.to_string())
    };
    assert_eq!(change(ids[0]), ["120.00", "30.00", "0.00"]);
    assert_eq!(change(ids[1]), ["300.00", "0.00", "100.00"]);
    let total = &october.totals().unwrap()[0];
    assert_eq!(
        (total.usage.0, total.price.0, total.customer.0),
        ("30".parse().unwrap(), "100".parse().unwrap(), "0".parse().unwrap())
    );
}

/// Customers by the thousand, each with a price and usage in October, put there within the database.
fn fill(database: &TestDatabase, count: u32) {
    let execute = |statement: &str| {
        diesel::sql_query(statement).execute(&mut database.connect()).unwrap();
    };
    let rows = |row: &dyn Fn(u32) -> String| (1..=count).map(row).collect::<Vec<_>>().join(",");
    execute(&format!(
        "INSERT INTO customers (company_code, company_name, normalised_name, name_sort, entity_type, account_type, \
         status, billable, disabled, created_at, updated_at) VALUES {}",
        rows(&|n| format!(
            "('KH{n:06}','客户{n}','客户{n}','','enterprise','formal','active',1,0,NOW(6),NOW(6))"
        ))
    ));
    for statement in [
        "INSERT INTO customer_details (customer_id, payment_term_days, currency) SELECT id, 30, 'CNY' FROM customers",
        "INSERT INTO price_versions (customer_id, number, state, valid_from, currency, origin, created_at, updated_at) \
         SELECT id, 1, 'active', '2026-01-01', 'CNY', 'hand', NOW(6), NOW(6) FROM customers",
        "INSERT INTO price_charges (price_version_id, position, meter_id, device_series, layer, model, unit_price) \
         SELECT id, 1, 1, '', '', 'standard', 1.5 FROM price_versions",
        "INSERT INTO usage_records (customer_id, used_on, meter_id, device_series, layer, source_id, quantity, \
         raw_quantity, intake_id, received_at) SELECT id, '2026-10-05', 1, 'X', '', 1, 10 + MOD(id, 90), \
         10 + MOD(id, 90), 1, NOW(6) FROM customers",
    ] {
        execute(statement);
    }
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_in_the_same_bills() {
    const CUSTOMERS: u32 = 6_000;
    let database = TestDatabase::filled(&Template::get().statements);
    fill(&database, CUSTOMERS);
    let home = tempfile::tempdir().unwrap();
    let number = |query: &str| sql::<BigInt>(query).get_result::<i64>(&mut database.connect()).unwrap();
    let is_over =
        |state: &str| number(&format!("SELECT COUNT(*) FROM bill_runs WHERE state = '{state}'")) == 1;
    let expire = || {
        let expire = "UPDATE tasks SET due_at = UTC_TIMESTAMP(6) WHERE state = 'running'";
        diesel::sql_query(expire).execute(&mut database.connect()).unwrap();
    };
    let mut kills = 0;
    let mut killed_at = |verb: &[&str], count: &str, at_least: i64, end: &str| {
        let process = Process::start(&database, home.path(), verb);
        until("it has come so far", || number(count) >= at_least || is_over(end));
        drop(process);
        kills += i32::from(!is_over(end));
        expire();
    };
    let plan = ["bill", "plan", "--month", "2026-10"];
    for at_least in [0, 1, 2_001, 4_001] {
        killed_at(&plan, "SELECT COUNT(*) FROM bill_run_customers", at_least, "planned");
    }
    killed_at(&plan, "SELECT 0", 1, "planned");
    assert_eq!(number("SELECT COUNT(*) FROM bill_runs"), 1, "the same run goes on");
    assert_eq!(number("SELECT COUNT(*) FROM bill_run_customers"), i64::from(CUSTOMERS));
    let hash = "SELECT inputs_hash FROM bill_runs";
    let hash: String = sql::<diesel::sql_types::Text>(hash).get_result(&mut database.connect()).unwrap();
    let commit = ["bill", "commit", "--month", "2026-10", "--plan", &hash];
    killed_at(&commit, "SELECT COUNT(*) FROM billed_months", 1, "committed");
    for at_least in [1, 1_001, 2_001, 3_001, 4_001, 5_001] {
        killed_at(&commit, "SELECT COUNT(*) FROM bills", at_least, "committed");
    }
    killed_at(&commit, "SELECT 0", 1, "committed");
    assert!(kills >= 5, "the kills have hit nothing: {kills}");
    for (count, wanted) in [
        ("SELECT COUNT(*) FROM bills", CUSTOMERS.into()),
        ("SELECT COUNT(DISTINCT customer_id) FROM bills", CUSTOMERS.into()),
        ("SELECT COUNT(*) FROM bill_lines", CUSTOMERS.into()),
        ("SELECT COUNT(*) FROM bills JOIN bill_lines ON bill_id = id WHERE total_amount <> amount", 0),
        ("SELECT COUNT(*) FROM bills WHERE total_amount <> (10 + MOD(customer_id, 90)) * 1.5", 0),
        (
            "SELECT COUNT(*) FROM bill_run_customers JOIN bills ON bills.id = bill_id WHERE position <> CAST(RIGHT(number, 6) AS UNSIGNED)",
            0,
        ),
        ("SELECT COUNT(*) FROM audit_entries WHERE action = 'billing.bill_run.committed'", 1),
    ] {
        assert_eq!(number(count), wanted, "{count}");
    }
    assert_numbers_have_no_gaps(number);
}
