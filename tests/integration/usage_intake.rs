//! Usage comes in: what counts, what waits for a person, and what is kept of what was sent before.

use std::sync::Barrier;

use chrono::NaiveDate;
use diesel::connection::SimpleConnection as _;
use opcms::customers::directory;
use opcms::customers::directory::cause::Cause;
use opcms::customers::status::model::{Cause as MoveCause, Status};
use opcms::periods;
use opcms::types::ids::{CustomerId, UsageIntakeId};
use opcms::types::{Action, BillingMonth, Permission};
use opcms::usage::intakes;
use opcms::usage::intakes::model::{IntakeKind, IntakeState, NewIntake};
use opcms::usage::records::commands::{take, take_accepted};
use opcms::usage::records::model::{RawRecord, Rule, Taken};
use opcms::usage::records::taking::Ground;

use crate::support::TestApp;

/// A record of usage as `vendor-a` sends it.
pub fn raw(company_code: &str, day: &str, quantity: &str) -> RawRecord {
    RawRecord {
        line: None,
        source: "vendor-a".into(),
        company_code: company_code.into(),
        day: day.into(),
        meter: "shots".into(),
        device_series: "X".into(),
        layer: String::new(),
        quantity: quantity.into(),
    }
}

fn begin(app: &TestApp) -> UsageIntakeId {
    app.arrange(|tx| {
        let new = NewIntake {
            kind: IntakeKind::Api,
            title: "test",
            source: None,
            details: serde_json::json!({}),
            state: IntakeState::Taking,
        };
        intakes::commands::begin(tx, &new)
    })
}

/// Sends records in a delivery of their own.
fn send(app: &TestApp, records: &[RawRecord]) -> Vec<(Taken, Option<Rule>)> {
    let intake = begin(app);
    send_as(app, intake, records)
}

fn send_as(app: &TestApp, intake: UsageIntakeId, records: &[RawRecord]) -> Vec<(Taken, Option<Rule>)> {
    let taken = app.arrange(|tx| {
        let mut ground = Ground::of(tx, records)?;
        take(tx, &mut ground, intake, records)
    });
    taken.into_iter().map(|record| (record.taken, record.rule)).collect()
}

fn one(app: &TestApp, record: RawRecord) -> (Taken, Option<Rule>) {
    send(app, &[record]).remove(0)
}

fn place(app: &TestApp, id: CustomerId, becomes: Status) {
    app.arrange(|tx| {
        let before = directory::queries::lock(tx, Permission::CustomerEdit, id)?;
        let mut after = before.fields.clone();
        after.status = becomes;
        let cause =
            Cause::by_hand(Action::CustomerImported, Permission::CustomerEdit).moving(MoveCause::Undo);
        directory::commands::save_all(tx, vec![(before, after)], &cause)
    });
}

/// All records as `code day quantity raw`.
fn records(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS(' ', company_code, used_on, quantity, raw_quantity) FROM usage_records \
         JOIN customers ON customers.id = customer_id ORDER BY company_code, used_on, device_series",
    )
}

/// All totals as `day quantity records`.
fn totals(app: &TestApp) -> Vec<String> {
    app.texts("SELECT CONCAT_WS(' ', used_on, quantity, records) FROM usage_day_totals ORDER BY used_on")
}

fn waiting(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS(' ', company_code, day_text, quantity_text, rule) FROM quarantined_records \
         WHERE state = 'waiting' ORDER BY company_code, day_text",
    )
}

#[actix_web::test]
async fn each_rule_catches_what_it_is_for_and_the_first_one_is_told() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let ended = app.customer("KH2", "乙", None, None);
    place(&app, ended, Status::Terminated);
    app.arrange(|tx| periods::commands::close(tx, "2026-09".parse::<BillingMonth>().unwrap()));
    app.connect().batch_execute("UPDATE meters SET retired_at = NULL; INSERT INTO meters (code, name, name_en, unit, unit_en, has_device_series, has_layer, retired_at, created_at, updated_at) VALUES ('old', '旧', 'Old', '次', 'times', TRUE, TRUE, NOW(6), NOW(6), NOW(6))").unwrap();
    let with = |change: fn(&mut RawRecord)| {
        let mut record = raw("KH1", "2026-11-01", "5");
        change(&mut record);
        record
    };
    for (record, rule) in [
        (with(|_| {}), None),
        (with(|r| r.day = " 2026/11/2 ".into()), None),
        (with(|r| r.day = "2026年11月3日".into()), None),
        (with(|r| r.day = "20261104".into()), None),
        (with(|r| r.day = "2026-11-20".into()), None),
        (with(|r| r.quantity = "0".into()), None),
        (with(|r| r.quantity = "12,345.6789".into()), Some(Rule::UnknownMeter)),
        (with(|r| r.company_code = "KH9".into()), Some(Rule::UnknownCustomer)),
        (with(|r| r.company_code = "kh1".into()), Some(Rule::UnknownCustomer)),
        (with(|r| r.company_code = String::new()), Some(Rule::UnknownCustomer)),
        (with(|r| r.meter = "flights".into()), Some(Rule::UnknownMeter)),
        (with(|r| r.meter = "old".into()), Some(Rule::UnknownMeter)),
        (with(|r| r.day = "2026-11-31".into()), Some(Rule::UnreadableDay)),
        (with(|r| r.day = "2026-10-31x".into()), Some(Rule::UnreadableDay)),
        (with(|r| r.day = String::new()), Some(Rule::UnreadableDay)),
        (with(|r| r.day = "0026-11-01".into()), Some(Rule::UnreadableDay)),
        (with(|r| r.quantity = "n/a".into()), Some(Rule::UnreadableQuantity)),
        (with(|r| r.quantity = String::new()), Some(Rule::UnreadableQuantity)),
        (with(|r| r.quantity = "1.23456".into()), Some(Rule::UnreadableQuantity)),
        (with(|r| r.quantity = "100000000000000".into()), Some(Rule::UnreadableQuantity)),
        (with(|r| r.quantity = "5元".into()), Some(Rule::UnreadableQuantity)),
        (with(|r| r.device_series = "X'--".into()), Some(Rule::UnreadableKey)),
        (with(|r| r.layer = "a".repeat(21)), Some(Rule::UnreadableKey)),
        (with(|r| r.source = String::new()), Some(Rule::UnreadableKey)),
        (with(|r| r.source = "来源".into()), Some(Rule::UnreadableKey)),
        (with(|r| r.day = "2026-11-21".into()), Some(Rule::FutureDay)),
        (with(|r| r.day = "2035-11-07".into()), Some(Rule::FutureDay)),
        (with(|r| r.day = "2026-09-30".into()), Some(Rule::ClosedMonth)),
        (with(|r| r.company_code = "KH2".into()), Some(Rule::TerminatedCustomer)),
        (with(|r| r.quantity = "-3".into()), Some(Rule::NegativeQuantity)),
        (with(|r| r.quantity = "-0".into()), None),
    ] {
        // The one record that only shows that separators are read is caught by another rule on purpose.
        let mut record = record;
        if record.quantity.contains(',') {
            record.meter = "flights".into();
        }
        let (taken, caught) = one(&app, record.clone());
        assert_eq!(caught, rule, "{record:?}");
        assert_eq!(taken == Taken::Quarantined, rule.is_some(), "{record:?}");
    }
    // Of several faults the first rule of the list is told.
    let mut worst = raw("KH2", "2035-01-01", "-1");
    let mut told = Vec::new();
    for mend in [
        |r: &mut RawRecord| r.meter = "flights".into(),
        |r: &mut RawRecord| r.meter = "shots".into(),
        |r: &mut RawRecord| r.day = "2026-09-01".into(),
        |r: &mut RawRecord| r.day = "2026-10-01".into(),
        |r: &mut RawRecord| r.company_code = "KH1".into(),
    ] {
        mend(&mut worst);
        told.push(one(&app, worst.clone()).1.unwrap());
    }
    assert_eq!(
        told,
        [
            Rule::UnknownMeter,
            Rule::FutureDay,
            Rule::ClosedMonth,
            Rule::TerminatedCustomer,
            Rule::NegativeQuantity
        ]
    );
}

#[actix_web::test]
async fn a_record_sent_again_replaces_and_never_doubles() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let day = "2026-11-01";
    assert_eq!(one(&app, raw("KH1", day, "5")), (Taken::Added, None));
    assert_eq!(one(&app, raw("KH1", day, "5.0")), (Taken::Unchanged, None));
    assert_eq!(one(&app, raw("KH1", day, "7.5")), (Taken::Replaced, None));
    assert_eq!(records(&app), ["KH1 2026-11-01 7.5000 7.5000"]);
    assert_eq!(totals(&app), ["2026-11-01 7.5000 1"]);
    let kept =
        app.texts("SELECT CONCAT_WS(' ', raw_quantity, intake_id, replaced_by) FROM usage_replacements");
    assert_eq!(kept, ["5.0000 1 3"]);
    let counts = app.texts(
        "SELECT CONCAT_WS(' ', records, added, replaced, unchanged, quarantined) FROM usage_intakes ORDER BY id",
    );
    assert_eq!(counts, ["1 1 0 0 0", "1 0 0 1 0", "1 0 1 0 0"]);
}

#[actix_web::test]
async fn within_a_delivery_the_later_of_two_same_records_counts() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let (day, other) = ("2026-11-01", "2026-11-02");
    let sent =
        [raw("KH1", day, "5"), raw("KH1", other, "1"), raw("KH1", "2026/11/1", "8"), raw("KH1", other, "1")];
    let taken: Vec<Taken> = send(&app, &sent).into_iter().map(|(taken, _)| taken).collect();
    assert_eq!(taken, [Taken::Repeated, Taken::Repeated, Taken::Added, Taken::Added]);
    assert_eq!(records(&app), ["KH1 2026-11-01 8.0000 8.0000", "KH1 2026-11-02 1.0000 1.0000"]);
    // The delivery goes on in another part: still the same delivery.
    let intake = begin(&app);
    send_as(&app, intake, &[raw("KH1", day, "9"), raw("KH1", "2026-11-03", "4")]);
    let again = send_as(&app, intake, &[raw("KH1", day, "10"), raw("KH1", "2026-11-03", "4")]);
    assert_eq!(again, [(Taken::Repeated, None), (Taken::Repeated, None)]);
    assert_eq!(records(&app)[0], "KH1 2026-11-01 10.0000 10.0000");
    assert_eq!(totals(&app), ["2026-11-01 10.0000 1", "2026-11-02 1.0000 1", "2026-11-03 4.0000 1"]);
    assert_eq!(app.texts("SELECT CAST(raw_quantity AS CHAR) FROM usage_replacements"), ["8.0000"]);
}

#[actix_web::test]
async fn a_correction_stands_beside_what_is_sent_again() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "甲", None, None);
    one(&app, raw("KH1", "2026-11-01", "5"));
    let correct = format!(
        "UPDATE usage_records SET quantity = 4; UPDATE usage_day_totals SET quantity = 4; \
         INSERT INTO usage_corrections (customer_id, used_on, meter_id, device_series, layer, source_id, raw_quantity, \
         quantity, reason, created_at) SELECT {id}, used_on, meter_id, device_series, layer, source_id, 5, 4, '试拍', \
         NOW(6) FROM usage_records"
    );
    app.connect().batch_execute(&correct).unwrap();
    assert_eq!(one(&app, raw("KH1", "2026-11-01", "6")), (Taken::Replaced, None));
    assert_eq!(records(&app), ["KH1 2026-11-01 4.0000 6.0000"]);
    assert_eq!(totals(&app), ["2026-11-01 4.0000 1"]);
}

#[actix_web::test]
async fn a_record_that_waits_is_what_was_sent_last_and_goes_when_a_good_one_comes() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    assert_eq!(one(&app, raw("KH1", "2026-11-01", "-5")).0, Taken::Quarantined);
    assert_eq!(one(&app, raw("KH1", "2026/11/1", "-6")).0, Taken::Quarantined);
    assert_eq!(waiting(&app), ["KH1 2026-11-01 -6 negative_quantity"]);
    // Two in one delivery: the later one waits, also beside a good one, which it may not be hidden by.
    let taken = send(&app, &[raw("KH1", "2026-11-02", "x"), raw("KH1", "2026-11-02", "-1")]);
    assert_eq!(
        taken.iter().map(|(taken, _)| *taken).collect::<Vec<_>>(),
        [Taken::Repeated, Taken::Quarantined]
    );
    send(&app, &[raw("KH1", "2026-11-03", "x"), raw("KH1", "2026-11-03", "2")]);
    assert_eq!(
        waiting(&app),
        [
            "KH1 2026-11-01 -6 negative_quantity",
            "KH1 2026-11-02 -1 negative_quantity",
            "KH1 2026-11-03 x unreadable_quantity",
        ]
    );
    send(&app, &[raw("KH1", "2026-11-03", "2")]);
    assert_eq!(one(&app, raw("KH1", "2026-11-01", "6")), (Taken::Added, None));
    assert_eq!(waiting(&app), ["KH1 2026-11-02 -1 negative_quantity"]);
    // A customer that is known only since.
    one(&app, raw("KH2", "2026-11-05", "3"));
    app.customer("KH2", "乙", None, None);
    one(&app, raw("KH2", "2026-11-05", "3"));
    assert_eq!(app.texts("SELECT state FROM quarantined_records WHERE company_code = 'KH2'"), ["replaced"]);
}

#[actix_web::test]
async fn a_quantity_is_absurd_only_beside_a_month_of_history() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let absurd = (Taken::Quarantined, Some(Rule::AbsurdQuantity));
    // Without history nothing is absurd.
    assert_eq!(one(&app, raw("KH1", "2026-10-01", "5000")).0, Taken::Added);
    app.connect().batch_execute("DELETE FROM usage_records; DELETE FROM usage_day_totals").unwrap();
    send(&app, &[raw("KH1", "2026-10-01", "80"), raw("KH1", "2026-10-05", "120")]);
    assert_eq!(one(&app, raw("KH1", "2026-10-30", "5000")).0, Taken::Added, "only 29 days of history");
    app.connect().batch_execute("DELETE FROM usage_records WHERE used_on = '2026-10-30'").unwrap();
    assert_eq!(one(&app, raw("KH1", "2026-10-31", "1201")), absurd);
    assert_eq!(one(&app, raw("KH1", "2026-10-31", "1200")).0, Taken::Added, "ten times, not more");
    let facts = app.texts("SELECT facts FROM quarantined_records WHERE rule = 'absurd_quantity'");
    let facts: serde_json::Value = serde_json::from_str(&facts[0]).unwrap();
    assert_eq!(facts, serde_json::json!({"largest": "120", "largest_on": "2026-10-05", "quantity": "1201"}));
    // What the same delivery says of the days before counts, what it has caught does not.
    app.customer("KH2", "乙", None, None);
    let mut sent: Vec<RawRecord> = vec![raw("KH2", "2026-11-02", "30000"), raw("KH2", "2026-11-03", "30001")];
    sent.push(raw("KH2", "2026-10-01", "100"));
    let taken: Vec<_> = send(&app, &sent).into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(taken, [Some(Rule::AbsurdQuantity), Some(Rule::AbsurdQuantity), None]);
    // A person who accepts it waives the rule; sent again it troubles nobody.
    let record = raw("KH2", "2026-11-02", "30000");
    let intake = begin(&app);
    app.arrange(|tx| {
        let records = [record.clone()];
        let mut ground = Ground::of(tx, &records)?;
        take_accepted(tx, &mut ground, intake, &records, &[Rule::AbsurdQuantity])
    });
    assert_eq!(one(&app, record).0, Taken::Unchanged);
}

#[actix_web::test]
async fn what_a_closed_month_knows_already_is_no_news() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    one(&app, raw("KH1", "2026-10-05", "5"));
    app.arrange(|tx| periods::commands::close(tx, "2026-10".parse::<BillingMonth>().unwrap()));
    assert_eq!(one(&app, raw("KH1", "2026-10-05", "5")).0, Taken::Unchanged);
    assert_eq!(one(&app, raw("KH1", "2026-10-05", "6")), (Taken::Quarantined, Some(Rule::ClosedMonth)));
    assert_eq!(records(&app), ["KH1 2026-10-05 5.0000 5.0000"]);
}

#[actix_web::test]
async fn usage_of_formal_accounts_is_told_to_their_status() {
    let app = TestApp::new().await;
    let formal = app.customer("KH1", "甲", None, None);
    let trial = app.customer("KH2", "乙", None, None);
    let sql = format!("UPDATE customers SET account_type = 'trial' WHERE id = {trial}");
    app.connect().batch_execute(&sql).unwrap();
    let day = |day: &str| day.parse::<NaiveDate>().unwrap().to_string();
    send(
        &app,
        &[raw("KH1", "2026-11-05", "1"), raw("KH1", "2026-11-03", "2"), raw("KH1", "2026-11-01", "0")],
    );
    send(&app, &[raw("KH2", "2026-11-05", "1"), raw("KH1", "2026-11-04", "2")]);
    let noted = app.texts(
        "SELECT CONCAT_WS(' ', customer_id, first_used_on, last_used_on) FROM customer_activity \
         WHERE usage_noted_at IS NOT NULL",
    );
    assert_eq!(noted, [format!("{formal} {} {}", day("2026-11-03"), day("2026-11-05"))]);
}

#[actix_web::test]
async fn who_goes_while_a_delivery_runs_is_unknown_from_then_on() {
    let app = TestApp::new().await;
    let gone = app.customer("KH1", "甲", None, Some("li"));
    let given = app.customer("KH2", "乙", None, Some("li"));
    app.customer("KH3", "丙", None, Some("li"));
    let intake = begin(&app);
    let li = app.actor("li");
    let mut ground = app.db.read(&li, |db| Ground::load(db)?.within(db, Permission::UsageImport)).unwrap();
    app.connect()
        .batch_execute(&format!(
            "UPDATE customers SET deleted_at = NOW(6) WHERE id = {gone}; \
             UPDATE customers SET ops_owner_id = NULL WHERE id = {given}"
        ))
        .unwrap();
    let sent = [raw("KH1", "2026-11-01", "1"), raw("KH2", "2026-11-01", "2"), raw("KH3", "2026-11-01", "3")];
    let ground = std::cell::RefCell::new(&mut ground);
    let taken = app.db.write(&li, |tx| take(tx, &mut ground.borrow_mut(), intake, &sent)).unwrap();
    let rules: Vec<_> = taken.into_iter().map(|record| record.rule).collect();
    assert_eq!(rules, [Some(Rule::UnknownCustomer), Some(Rule::UnknownCustomer), None]);
    assert_eq!(records(&app), ["KH3 2026-11-01 3.0000 3.0000"]);
}

#[actix_web::test]
async fn records_that_name_nobody_do_not_hide_each_other() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let nobodys =
        |line: u32, quantity: &str| RawRecord { line: Some(line), ..raw(" ", "2026-11-01", quantity) };
    let taken: Vec<Taken> =
        send(&app, &[nobodys(1, "1"), nobodys(2, "2")]).into_iter().map(|(taken, _)| taken).collect();
    assert_eq!(taken, [Taken::Quarantined, Taken::Quarantined]);
    send(&app, &[nobodys(1, "3"), raw("KH1", "2026-11-01", "4")]);
    assert_eq!(app.number("SELECT COUNT(*) FROM quarantined_records WHERE state = 'waiting'"), 3);
}

#[actix_web::test]
async fn a_delivery_brings_few_new_sources() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let of = |number: u32| RawRecord { source: format!("s{number}"), ..raw("KH1", "2026-11-01", "1") };
    let sent: Vec<RawRecord> = (1..=25).map(of).collect();
    let caught = send(&app, &sent).into_iter().filter(|(_, rule)| *rule == Some(Rule::UnreadableKey)).count();
    assert_eq!((caught, app.number("SELECT COUNT(*) FROM usage_sources")), (5, 20));
    // What is known does not count against the next delivery, which goes on in parts.
    let intake = begin(&app);
    let ground = std::cell::RefCell::new(app.arrange(|tx| Ground::load(tx)));
    let part = |numbers: std::ops::Range<u32>| {
        let sent: Vec<RawRecord> = numbers.map(of).collect();
        let taken = app.arrange(|tx| take(tx, &mut ground.borrow_mut(), intake, &sent));
        taken.into_iter().filter(|record| record.rule.is_some()).count()
    };
    assert_eq!((part(1..31), part(31..42)), (0, 1), "twenty known, ten new; ten new, one too many");
}

#[actix_web::test]
async fn what_is_sent_again_does_not_make_the_absurd_look_usual() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲", None, None);
    let before = [raw("KH1", "2026-10-01", "80"), raw("KH1", "2026-10-05", "120")];
    send(&app, &before);
    let [first, second] = before;
    // Added up with what is known the largest day would be 240, and 1,300 within ten times of it.
    let taken = send(&app, &[first, second, raw("KH1", "2026-11-05", "1300")]);
    assert_eq!(taken[2], (Taken::Quarantined, Some(Rule::AbsurdQuantity)));
}

#[actix_web::test]
async fn totals_of_any_day_are_looked_at() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "甲", None, None);
    one(&app, raw("KH1", "1960-05-01", "5"));
    let next = app.arrange(|tx| opcms::usage::day_totals::queries::next_day(tx, None));
    assert_eq!(next, "1960-05-01".parse().ok(), "of {id}");
}

#[actix_web::test]
async fn two_who_send_the_same_at_the_same_moment_write_it_once() {
    let app = TestApp::new().await;
    for code in 0..20 {
        app.customer(&format!("KH{code}"), &format!("客户{code}"), None, None);
    }
    let days: Vec<NaiveDate> = "2026-10".parse::<BillingMonth>().unwrap().days().collect();
    let sent = |turn: u32| -> Vec<RawRecord> {
        let records = (0..20).flat_map(|code| {
            days.iter().map(move |day| raw(&format!("KH{code}"), &day.to_string(), &format!("{}", 10 + turn)))
        });
        if turn.is_multiple_of(2) {
            records.collect()
        } else {
            records.collect::<Vec<_>>().into_iter().rev().collect()
        }
    };
    let intakes: Vec<UsageIntakeId> = (0..2).map(|_| begin(&app)).collect();
    let gate = Barrier::new(2);
    let gate = &gate;
    std::thread::scope(|scope| {
        for (turn, intake) in (0..).zip(intakes) {
            let records = sent(turn);
            let (db, system) = (app.replica(), app.system());
            scope.spawn(move || {
                gate.wait();
                let written = db.write(&system, |tx| {
                    let mut ground = Ground::load(tx)?;
                    take(tx, &mut ground, intake, &records)
                });
                written.unwrap();
            });
        }
    });
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_records"), 620);
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_replacements"), 620);
    let agree = app.number(
        "SELECT COUNT(*) FROM usage_day_totals totals JOIN (SELECT used_on, SUM(quantity) AS quantity, COUNT(*) AS \
         records FROM usage_records GROUP BY used_on) sums USING (used_on) WHERE totals.quantity = sums.quantity AND \
         totals.records = sums.records",
    );
    assert_eq!(agree, 31);
}
