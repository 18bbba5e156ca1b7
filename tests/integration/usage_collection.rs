//! The daily collection: every way to page and to say who asks, what passes and what does not, a rate that all workers
//! share, workers that die, and days that are never fetched twice at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use chrono::{Duration, NaiveDate};
use opcms::i18n::Tr;
use opcms::jobs::catalogue::Catalogue;
use opcms::jobs::{runs, schedule, ticker};
use opcms::tasks::body::{Registry, Run, TaskKind};
use opcms::tasks::model::Done;
use opcms::tasks::workers;
use opcms::types::ids::UsageSourceId;
use opcms::types::time::business_day;
use opcms::types::{BillingMonth, Result};
use opcms::usage::adapters::{Cursor, DayRange, Fault, Fetching, Page, Source};
use opcms::usage::collection::model::{DayState, Errand};
use opcms::usage::collection::{self, commands, queries, task};
use opcms::usage::records::model::RawRecord;
use opcms::usage::sources;
use opcms::usage::sources::forms::SourceForm;
use opcms::web::State;
use serde_json::json;

use crate::support::vendor::{Reply, Vendor, day_in, json, status};
use crate::support::{Client, TestApp};

const T: Tr = Tr::ZhCn;

/// An application that may call this machine, with two customers.
async fn local_app() -> TestApp {
    let app = TestApp::with(&[("OPCMS_ALLOW_LOCAL_REQUESTS", "true")]).await;
    app.customer("KH1", "杭州一号有限公司", None, Some("li"));
    app.customer("KH2", "杭州二号有限公司", None, Some("li"));
    app
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Yesterday, for the clock of the tests.
const YESTERDAY: &str = "2026-11-19";

/// A source that asks this vendor for a day.
fn source(app: &TestApp, vendor: &Vendor, change: impl Fn(&mut SourceForm)) -> UsageSourceId {
    app.fetched_source("vendor", &format!("{}/usage?day={{day}}", vendor.url), change)
}

/// A page of records: customer and quantity.
fn records(all: &[(&str, &str)]) -> String {
    let one =
        |(code, quantity): &(&str, &str)| format!(r#"{{"company_code":"{code}","quantity":{quantity}}}"#);
    format!(r#"{{"data":[{}]}}"#, all.iter().map(one).collect::<Vec<_>>().join(","))
}

#[track_caller]
fn ask(app: &TestApp, source: UsageSourceId, on: &str) -> bool {
    let on = day(on);
    app.arrange(|tx| {
        let source = sources::queries::find(tx, source)?;
        commands::ask(tx, &source, on)
    })
    .is_some()
}

/// Has a day fetched, with all the tries that it gets.
async fn collect(app: &TestApp, source: UsageSourceId, on: &str) {
    assert!(ask(app, source, on), "somebody is at it");
    for _ in 0..4 {
        app.work_off().await;
        app.clock.advance(Duration::seconds(100));
    }
}

#[track_caller]
fn state_of(app: &TestApp, source: UsageSourceId, on: &str) -> DayState {
    let find = |db: &mut opcms::db::Db| {
        let source = sources::queries::find(db, source)?;
        queries::day(db, &source, day(on))
    };
    app.db.read(&app.system(), find).unwrap().state
}

fn fault_of(app: &TestApp, on: &str) -> String {
    let query = format!(
        "SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(fault, '$.\"zh-CN\"')), '') FROM usage_collections WHERE day = '{on}'"
    );
    app.texts(&query).pop().unwrap_or_default()
}

/// What counts, as `code day quantity`.
fn usage(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS(' ', company_code, used_on, CAST(quantity AS CHAR)) FROM usage_records \
         JOIN customers ON customers.id = customer_id ORDER BY company_code, used_on",
    )
}

/// Runs the job of the night, and works off what it asks for.
async fn night(app: &TestApp) {
    ticker::prepare(&app.state).unwrap();
    let known = app.part::<Catalogue>().codes();
    let today = business_day(app.clock.now());
    app.arrange(|tx| {
        let job = schedule::queries::by_code_or_name(tx, collection::job::CODE)?.unwrap();
        runs::commands::trigger(tx, job.id, today, &known)
    });
    ticker::tick(&app.state).unwrap();
    for _ in 0..4 {
        app.work_off().await;
        app.clock.advance(Duration::seconds(100));
    }
}

#[actix_web::test]
async fn the_night_fetches_yesterday_and_the_holes_of_the_last_days() {
    use DayState::{Collected, Empty, Failed, NotExpected, ToCome};

    let app = local_app().await;
    let vendor = Vendor::start(|_, request| match day_in(request).as_str() {
        "2026-11-18" => json(&records(&[])),
        "2026-11-17" => status(404, "{}"),
        _ => json(&records(&[("KH1", "10.5"), ("KH2", "2"), ("无此客户", "1")])),
    });
    let id = source(&app, &vendor, |form| form.expected_from = "2026-11-16".into());
    night(&app).await;
    let states: Vec<DayState> =
        ["2026-11-15", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]
            .map(|on| state_of(&app, id, on))
            .to_vec();
    assert_eq!(states, [NotExpected, Collected, Failed, Empty, Collected, ToCome]);
    assert_eq!(vendor.paths().len(), 4);
    let wanted = [
        "KH1 2026-11-16 10.5000",
        "KH1 2026-11-19 10.5000",
        "KH2 2026-11-16 2.0000",
        "KH2 2026-11-19 2.0000",
    ];
    assert_eq!(usage(&app), wanted);
    assert_eq!(app.number("SELECT COUNT(*) FROM quarantined_records WHERE rule = 'unknown_customer'"), 2);
    assert_eq!(fault_of(&app, "2026-11-17"), T.sources_fault_status(404));
    // The next night asks for the hole again, and for nothing that is there.
    night(&app).await;
    assert_eq!(vendor.paths().len(), 5);
    // What billing asks.
    let month = BillingMonth::of(day(YESTERDAY));
    let days = app.db.read(&app.system(), |db| queries::completeness(db, month)).unwrap();
    assert_eq!(days.len(), 30);
    let told: Vec<_> = days.iter().filter(|day| day.records > 0 || day.state.is_hole()).collect();
    assert_eq!(
        told.iter().map(|day| (day.records, day.quarantined)).collect::<Vec<_>>(),
        [(2, 1), (0, 0), (2, 1)]
    );
    // A paused source is let alone, and its days are missing.
    app.arrange(|tx| sources::commands::pause(tx, id));
    app.clock.advance(Duration::days(1));
    night(&app).await;
    assert_eq!((vendor.paths().len(), state_of(&app, id, "2026-11-20")), (5, DayState::Missing));
}

#[actix_web::test]
async fn every_kind_of_paging_brings_every_record_once() {
    for paging in ["number", "cursor", "link"] {
        let app = local_app().await;
        let vendor = Vendor::start(|number, _| {
            let (quantity, next) = [(1, "\"b\""), (2, "\"c\""), (3, "null")][number];
            let link = next.replace('b', "/usage?p=b").replace('c', "/usage?p=c");
            let other = if number < 2 { r#",{"company_code":"KH2","quantity":1}"# } else { "" };
            json(&format!(
                r#"{{"data":[{{"company_code":"KH1","quantity":{quantity}}}{other}],"cursor":{next},"link":{link}}}"#
            ))
        });
        let url = format!("{}/usage?day={{day}}&page={{page}}&after={{cursor}}", vendor.url);
        let id = app.fetched_source("vendor", &url, |form| {
            form.paging = paging.into();
            form.page_size = "2".into();
            form.next_path = paging.into();
        });
        collect(&app, id, YESTERDAY).await;
        assert_eq!(
            state_of(&app, id, YESTERDAY),
            DayState::Collected,
            "{paging}: {}",
            fault_of(&app, YESTERDAY)
        );
        let asked: Vec<String> =
            vendor.paths().iter().map(|path| path.replace("/usage?day=2026-11-19&", "")).collect();
        let wanted = match paging {
            "number" => ["page=1&after=", "page=2&after=", "page=3&after="],
            "cursor" => ["page=1&after=", "page=2&after=b", "page=3&after=c"],
            _ => ["page=1&after=", "/usage?p=b", "/usage?p=c"],
        };
        assert_eq!(asked, wanted, "{paging}");
        // What comes again counts once, as it came last.
        assert_eq!(usage(&app), ["KH1 2026-11-19 3.0000", "KH2 2026-11-19 1.0000"], "{paging}");
        assert_eq!(app.number("SELECT records FROM usage_collections"), 5);
        assert_eq!(app.texts("SELECT CONCAT(kind, state, records) FROM usage_intakes"), ["collectiontaken5"]);
    }
}

#[actix_web::test]
async fn every_kind_of_authentication_says_who_asks() {
    for (auth, name, header) in [
        ("none", "", None),
        ("bearer", "", Some("authorization: Bearer geheim-1")),
        ("basic", "op", Some("authorization: Basic b3A6Z2VoZWltLTE=")),
        ("header", "X-Api-Key", Some("x-api-key: geheim-1")),
    ] {
        let app = local_app().await;
        let vendor = Vendor::always(&records(&[("KH1", "1")]));
        let id = source(&app, &vendor, |form| {
            form.auth = auth.into();
            form.auth_name = name.into();
            form.secret = "geheim-1".into();
        });
        collect(&app, id, YESTERDAY).await;
        let asked = vendor.asked().remove(0);
        match header {
            Some(header) => assert!(asked.contains(header), "{auth}: {asked}"),
            None => assert!(!asked.contains("geheim"), "{asked}"),
        }
        assert_eq!(usage(&app).len(), 1, "{auth}");
    }
}

#[actix_web::test]
async fn what_passes_is_tried_again_and_what_does_not_is_told() {
    let large = format!("\"{}\"", "x".repeat(17 * 1024 * 1024));
    for (first, tries, fault) in [
        ("500", 2, None),
        ("garbage", 2, None),
        ("broken", 2, None),
        ("silence", 2, None),
        ("401", 1, Some(T.sources_fault_unauthorised(401))),
        ("302", 1, Some(T.sources_fault_moved(302))),
        ("no list", 1, Some(T.sources_fault_no_list("data[*]"))),
        ("large", 1, Some(T.sources_fault_large(16))),
    ] {
        let app = local_app().await;
        let large = large.clone();
        let vendor = Vendor::start(move |number, _| match first {
            _ if number > 0 => json(&records(&[("KH1", "1")])),
            "500" => status(500, "oops"),
            "garbage" => json("<html>busy</html>"),
            "broken" => Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"data\":[]".to_vec()),
            "silence" => Reply::Silence,
            "401" => status(401, "{}"),
            "302" => Reply::Bytes(
                b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
                    .to_vec(),
            ),
            "no list" => json(r#"{"error":"quota"}"#),
            _ => json(&large),
        });
        let id = source(&app, &vendor, |form| form.timeout_seconds = "1".into());
        collect(&app, id, YESTERDAY).await;
        assert_eq!(vendor.asked().len(), tries, "{first}");
        let wanted = if fault.is_none() { DayState::Collected } else { DayState::Failed };
        assert_eq!(state_of(&app, id, YESTERDAY), wanted, "{first}");
        assert_eq!(fault_of(&app, YESTERDAY), fault.unwrap_or_default(), "{first}");
    }
}

#[actix_web::test]
async fn this_machine_is_not_called() {
    let app = TestApp::new().await;
    // Saved before the rule was there: the form refuses it.
    let id = app.usage_source();
    app.arrange(|tx| {
        use diesel::RunQueryDsl as _;
        diesel::sql_query(
            "UPDATE usage_sources SET settings = JSON_SET(settings, '$.url', 'http://127.0.0.1:9/?day={day}')",
        )
        .execute(tx.conn())?;
        Ok(())
    });
    collect(&app, id, YESTERDAY).await;
    assert_eq!(
        (state_of(&app, id, YESTERDAY), fault_of(&app, YESTERDAY)),
        (DayState::Failed, T.jobs_url_local().into())
    );
}

#[actix_web::test]
async fn the_third_failure_is_told_to_who_watches_once_for_a_source() {
    let app = local_app().await;
    let vendor = Vendor::start(|_, _| status(503, "busy"));
    let id = source(&app, &vendor, |form| form.expected_from = "2026-11-18".into());
    night(&app).await;
    assert_eq!(vendor.asked().len(), 6, "two days, three tries each");
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_collections WHERE state = 'failed' AND tries = 3"), 2);
    let told = app.texts("SELECT kind FROM messages");
    assert_eq!(told, [collection::messages::KIND], "not for every day");
    app.send_messages().await;
    let inbox = app.texts("SELECT CONCAT_WS(' ', subject, body) FROM notifications");
    assert!(inbox[0].contains("来源 vendor") && inbox[0].contains(&T.sources_fault_status(503)), "{inbox:?}");
    let admin = app.signed_in("admin").await;
    let page = admin.get(&format!("/usage/sources/{id}/days/{YESTERDAY}")).await.ok();
    page.contains(&T.sources_fault_status(503)).contains(&DayState::Failed.label(T));
}

#[actix_web::test]
async fn a_replay_replaces_and_does_not_double() {
    let app = local_app().await;
    let vendor = Vendor::start(|number, _| match number {
        0 => json(&records(&[("KH1", "1"), ("KH2", "2")])),
        1 => json(&records(&[("KH1", "1"), ("KH2", "3.25")])),
        _ => json(&records(&[])),
    });
    let id = source(&app, &vendor, |_| {});
    collect(&app, id, YESTERDAY).await;
    let admin = app.signed_in("admin").await;
    let page = admin.get(&format!("/usage/sources/{id}")).await.ok();
    let to = format!("/usage/sources/{id}?month=2026-11");
    let filled = [("from_day", YESTERDAY), ("to_day", "")];
    let answer = admin.submit(&page, &format!("/usage/sources/{id}/replay"), &filled).await.see_other(&to);
    assert_eq!(answer.flash(), T.collection_asked(1, 0));
    app.work_off().await;
    assert_eq!(usage(&app), ["KH1 2026-11-19 1.0000", "KH2 2026-11-19 3.2500"]);
    assert_eq!(app.texts("SELECT CAST(raw_quantity AS CHAR) FROM usage_replacements"), ["2.0000"]);
    assert_eq!(app.number("SELECT SUM(records) FROM usage_day_totals"), 2);
    // An empty answer takes nothing away, and the day stays collected.
    collect(&app, id, YESTERDAY).await;
    assert_eq!((usage(&app).len(), state_of(&app, id, YESTERDAY)), (2, DayState::Collected));
    assert_eq!(app.audited().iter().filter(|action| action.ends_with("replayed")).count(), 1);
}

#[actix_web::test]
async fn a_source_is_asked_no_more_often_than_it_allows() {
    let app = local_app().await;
    let vendor = Vendor::start(|number, _| {
        let rows = if number % 5 < 4 { records(&[("KH1", "1"), ("KH2", "1")]) } else { records(&[]) };
        json(&rows)
    });
    let url = format!("{}/?day={{day}}&page={{page}}", vendor.url);
    let id = app.fetched_source("vendor", &url, |form| {
        form.paging = "number".into();
        form.page_size = "0".into();
        form.per_minute = "3".into();
    });
    // Two days at once: they share what is allowed.
    ask(&app, id, YESTERDAY);
    ask(&app, id, "2026-11-18");
    let mut asked = Vec::new();
    for _ in 0..5 {
        app.work_off().await;
        asked.push(vendor.asked().len());
        app.clock.advance(Duration::minutes(1));
    }
    assert_eq!(asked, [3, 6, 9, 10, 10]);
    let pages: Vec<String> = vendor.paths();
    for on in [YESTERDAY, "2026-11-18"] {
        for page in 1..=5 {
            let wanted = format!("/?day={on}&page={page}");
            assert_eq!(pages.iter().filter(|path| **path == wanted).count(), 1, "{wanted}: {pages:?}");
        }
        assert_eq!(state_of(&app, id, on), DayState::Collected);
    }
    assert_eq!(app.number("SELECT MAX(tries) FROM usage_collections"), 1, "to wait is no new try");
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_intakes"), 2);
}

#[actix_web::test]
async fn what_a_dead_worker_has_left_goes_on_behind_its_last_page() {
    let app = local_app().await;
    let vendor = Vendor::always(&records(&[("KH2", "2")]));
    let url = format!("{}/?day={{day}}&after={{cursor}}", vendor.url);
    let id = app.fetched_source("vendor", &url, |form| {
        form.paging = "cursor".into();
        form.next_path = "next".into();
    });
    ask(&app, id, YESTERDAY);
    let held = app.arrange(|tx| opcms::tasks::commands::claim(tx, "the dead one", 10)).remove(0);
    let errand: Errand = serde_json::from_value(held.input.clone()).unwrap();
    let source = app.db.read(&app.system(), |db| sources::queries::find(db, id)).unwrap();
    let next = Cursor { page: 1, seen: 1, token: Some("b".into()) };
    let raw = RawRecord {
        line: Some(1),
        source: "vendor".into(),
        company_code: "KH1".into(),
        day: YESTERDAY.into(),
        meter: "shots".into(),
        quantity: "1".into(),
        ..RawRecord::default()
    };
    let page = Page { records: vec![raw], next: Some(next.clone()) };
    let now = app.clock.now();
    app.arrange(|tx| {
        commands::begin(tx, &errand, held.id, 1)?;
        commands::take_page(tx, &source, &errand, held.id, &page)?;
        opcms::tasks::commands::keep_checkpoint(tx, held.id, &json!(next), now)
    });
    assert_eq!(app.work_off().await, 0, "its lease holds");
    assert_eq!(state_of(&app, id, YESTERDAY), DayState::UnderWay);
    assert!(!ask(&app, id, YESTERDAY), "it is not fetched twice at once");
    app.clock.advance(Duration::seconds(31));
    app.work_off().await;
    assert_eq!(vendor.paths(), ["/?day=2026-11-19&after=b"]);
    assert_eq!(usage(&app), ["KH1 2026-11-19 1.0000", "KH2 2026-11-19 2.0000"]);
    assert_eq!(
        app.texts("SELECT CONCAT_WS(' ', state, records, tries) FROM usage_collections"),
        ["collected 2 2"]
    );
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_intakes"), 1);
    // The one that was thought dead can write nothing any more.
    let late = app.db.write(&app.system(), |tx| commands::take_page(tx, &source, &errand, held.id, &page));
    assert!(late.is_err());
}

#[actix_web::test]
async fn a_task_that_was_stopped_leaves_a_failed_day_that_can_be_asked_for_again() {
    let app = local_app().await;
    let vendor = Vendor::always(&records(&[("KH1", "1")]));
    let id = source(&app, &vendor, |_| {});
    ask(&app, id, YESTERDAY);
    let task = app.number("SELECT MAX(id) FROM tasks");
    let admin = app.signed_in("admin").await;
    admin.post(&format!("/tasks/{task}/cancel"), &[]).await.status(303);
    assert_eq!(state_of(&app, id, YESTERDAY), DayState::Failed);
    collect(&app, id, YESTERDAY).await;
    assert_eq!(state_of(&app, id, YESTERDAY), DayState::Collected);
    assert_eq!(app.texts("SELECT kind FROM messages"), [""; 0]);
}

#[actix_web::test]
async fn what_a_worker_left_behind_that_died_once_too_often_is_told_by_the_next_night() {
    let app = local_app().await;
    let vendor = Vendor::always(&records(&[("KH1", "1")]));
    let id = source(&app, &vendor, |_| {});
    ask(&app, id, YESTERDAY);
    let task = app.number("SELECT MAX(id) FROM tasks");
    app.signed_in("admin").await.post(&format!("/tasks/{task}/cancel"), &[]).await.status(303);
    night(&app).await;
    assert_eq!(app.texts("SELECT kind FROM messages"), [collection::messages::KIND]);
    assert_eq!(state_of(&app, id, YESTERDAY), DayState::Collected, "and fetched after all");
}

#[actix_web::test]
async fn a_day_that_was_sent_is_not_declared_empty() {
    let app = local_app().await;
    let customer = app.customer_of("li");
    app.usage_of(customer, YESTERDAY, "X", "5");
    let source = app.number("SELECT id FROM usage_sources");
    let finance = app.as_role("finance").await;
    let url = format!("/usage/sources/{source}/days/{YESTERDAY}/declare");
    finance.post(&url, &[("reason", "x")]).await.status(422).contains(T.collection_refused_has_usage());
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_collections"), 0);
}

#[actix_web::test]
async fn two_processes_do_not_fetch_a_day_twice() {
    let app = local_app().await;
    let vendor = Vendor::always(&records(&[("KH1", "1"), ("KH2", "2")]));
    let id = source(&app, &vendor, |_| {});
    let days: Vec<String> = (10..20).map(|number| format!("2026-11-{number}")).collect();
    let (start, asked) = (Barrier::new(3), AtomicUsize::new(0));
    let (replicas, system) = ([app.replica(), app.replica(), app.replica()], app.system());
    thread::scope(|scope| {
        for replica in &replicas {
            scope.spawn(|| {
                start.wait();
                for on in &days {
                    let on = day(on);
                    let task = replica.write(&system, |tx| {
                        let source = sources::queries::find(tx, id)?;
                        commands::ask(tx, &source, on)
                    });
                    asked.fetch_add(usize::from(task.unwrap().is_some()), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(asked.into_inner(), 10);
    let work = |state: Arc<State>| tokio::task::spawn_blocking(move || workers::work_off(&state).unwrap());
    let (one, other) = (work(Arc::clone(&app.state)), work(Arc::clone(&app.state)));
    assert_eq!(one.await.unwrap() + other.await.unwrap(), 10);
    let mut paths = vendor.paths();
    paths.sort();
    let wanted: Vec<String> = days.iter().map(|on| format!("/usage?day={on}")).collect();
    assert_eq!(paths, wanted);
    assert_eq!(usage(&app).len(), 20);
}

#[actix_web::test]
async fn a_day_is_declared_empty_with_a_reason_and_the_declaration_is_withdrawn() {
    let app = local_app().await;
    let vendor = Vendor::always(&records(&[("KH1", "1")]));
    let id = source(&app, &vendor, |_| {});
    let finance = app.as_role("finance").await;
    let url = format!("/usage/sources/{id}/days/{YESTERDAY}");
    let page = finance.get(&url).await.ok().contains(&DayState::Missing.label(T));
    let declare = format!("{url}/declare");
    let faulty = finance.submit(&page, &declare, &[("reason", " ")]).await.status(422);
    assert_eq!(faulty.field_error("reason"), T.field_required());
    let answer = finance.submit(&page, &declare, &[("reason", "机房检修，全天停机")]).await.see_other(&url);
    assert_eq!(answer.flash(), T.collection_declared(YESTERDAY));
    let page = finance
        .get(&url)
        .await
        .ok()
        .contains("机房检修，全天停机")
        .contains(&DayState::DeclaredEmpty.label(T));
    assert_eq!(state_of(&app, id, YESTERDAY), DayState::DeclaredEmpty);
    let twice = finance.post(&declare, &[("reason", "again")]).await.status(422);
    twice.contains(T.collection_refused_declared());
    // The night leaves it alone.
    night(&app).await;
    assert!(vendor.paths().iter().all(|path| !path.contains(YESTERDAY)));
    let withdraw = format!("{url}/withdraw");
    finance.submit(&page, &withdraw, &[("reason", "其实有数据")]).await.see_other(&url);
    finance.post(&withdraw, &[("reason", "again")]).await.status(422);
    assert_eq!(state_of(&app, id, YESTERDAY), DayState::Missing);
    collect(&app, id, YESTERDAY).await;
    finance.post(&declare, &[("reason", "x")]).await.status(422).contains(T.collection_refused_has_usage());
    let reasons =
        app.texts("SELECT reason FROM audit_entries WHERE action LIKE '%declared_empty' ORDER BY id");
    assert_eq!(reasons, ["机房检修，全天停机", "其实有数据"]);
}

#[actix_web::test]
async fn days_are_asked_for_again_within_reason() {
    let app = local_app().await;
    let vendor = Vendor::always(&records(&[]));
    let id = source(&app, &vendor, |_| {});
    let admin = app.signed_in("admin").await;
    let url = format!("/usage/sources/{id}/replay");
    admin.get(&format!("/usage/sources/{id}")).await.ok();
    for (from, to, fault) in [
        ("", "", T.field_required().to_owned()),
        ("昨天", "", T.field_day().to_owned()),
        ("2026-11-20", "2026-11-19", T.collection_days_reversed().to_owned()),
        ("2026-11-21", "", T.collection_refused_to_come().to_owned()),
        ("2026-01-01", "2026-11-19", T.collection_refused_days(92)),
    ] {
        let answer = admin.post(&url, &[("from_day", from), ("to_day", to)]).await.status(422);
        assert_eq!(answer.field_error("from_day"), fault, "{from} {to}");
    }
    let flash = |answer: crate::support::Answer| answer.flash();
    let range = [("from_day", "2026-11-10"), ("to_day", "2026-11-19")];
    assert_eq!(flash(admin.post(&url, &range).await.status(303)), T.collection_asked(10, 0));
    assert_eq!(flash(admin.post(&url, &range).await.status(303)), T.collection_asked(0, 10));
    for path in ["days/2026-02-30", "days/x", "days/2026-11-19/nothing"] {
        admin.get(&format!("/usage/sources/{id}/{path}")).await.status(404);
    }
    let sales = app.as_role("ops").await;
    sales.get(&format!("/usage/sources/{id}")).await.ok().lacks(&url);
    sales.post(&url, &range).await.status(403);
}

#[actix_web::test]
async fn no_more_pages_are_fetched_than_a_day_may_have() {
    let app = local_app().await;
    let vendor = Vendor::always(&records(&[("KH1", "1")]));
    let url = format!("{}/?day={{day}}&page={{page}}", vendor.url);
    let id = app.fetched_source("vendor", &url, |form| {
        form.paging = "number".into();
        form.page_size = "0".into();
        form.max_pages = "3".into();
    });
    collect(&app, id, YESTERDAY).await;
    assert_eq!(vendor.asked().len(), 3);
    assert_eq!(
        (state_of(&app, id, YESTERDAY), fault_of(&app, YESTERDAY)),
        (DayState::Failed, T.sources_fault_pages(3))
    );
    assert_eq!(
        app.texts("SELECT state FROM usage_intakes"),
        ["failed"],
        "what came stands, and is known to be a part"
    );
    assert_eq!(usage(&app).len(), 1);
}

#[actix_web::test]
async fn a_secret_of_another_installation_is_told() {
    let app = local_app().await;
    let vendor = Vendor::always(&records(&[]));
    let id = source(&app, &vendor, |form| (form.auth, form.secret) = ("bearer".into(), "geheim-1".into()));
    app.arrange(|tx| {
        use diesel::RunQueryDsl as _;
        diesel::sql_query("UPDATE usage_sources SET secret = CONCAT('x', secret)").execute(tx.conn())?;
        Ok(())
    });
    collect(&app, id, YESTERDAY).await;
    assert_eq!(fault_of(&app, YESTERDAY), T.sources_fault_secret());
    assert!(vendor.asked().is_empty(), "nobody is asked without it");
}

#[actix_web::test]
async fn a_program_sees_the_days_and_has_them_fetched() {
    let app = local_app().await;
    let vendor = Vendor::always(&records(&[("KH1", "1")]));
    let id = source(&app, &vendor, |_| {});
    let api = app.api("admin");
    let list = api.get("/api/v1/usage/sources").await.ok().json();
    assert_eq!(
        (list["items"][0]["code"].as_str(), list["items"][0]["holes"].as_u64()),
        (Some("vendor"), Some(10))
    );
    let url = format!("/api/v1/usage/sources/{id}");
    let asked = api.post(&format!("{url}/replay"), json!({"from_day": YESTERDAY})).await.status(201).json();
    assert_eq!((asked["asked"].as_u64(), asked["under_way"].as_u64()), (Some(1), Some(0)));
    app.work_off().await;
    let shown = api.get(&format!("{url}?month=2026-11")).await.ok().json();
    let days = shown["days"].as_array().unwrap();
    assert_eq!(
        (days.len(), &days[18]),
        (30, &json!({"day": YESTERDAY, "state": "collected", "records": 1, "quarantined": 0}))
    );
    assert_eq!(days[17]["state"], "missing");
    api.get(&format!("{url}?month=November")).await.status(422);
    api.post(&format!("{url}/replay"), json!({"from_day": "2027-01-01"})).await.status(422);
    api.post(&format!("{url}/replay"), json!({})).await.status(422);
    api.post("/api/v1/usage/sources/999999/replay", json!({"from_day": YESTERDAY})).await.status(404);
}

/// A source that is no server: it fails at its second page, the first time.
struct Shelf;

/// What the shelf was asked for.
static ASKED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

impl Source for Shelf {
    fn fetch<'a>(&'a self, range: DayRange, cursor: &'a Cursor) -> Fetching<'a> {
        let mut asked = ASKED.lock().unwrap();
        asked.push(cursor.page);
        let fails = cursor.page == 1 && asked.iter().filter(|page| **page == 1).count() == 1;
        let record = |code: &str| RawRecord {
            source: "vendor".into(),
            company_code: code.into(),
            day: range.from.to_string(),
            meter: "shots".into(),
            quantity: "7".into(),
            ..RawRecord::default()
        };
        let next = Cursor { page: cursor.page + 1, seen: cursor.seen + 1, token: None };
        let page = Page {
            records: vec![record(if cursor.page == 0 { "KH1" } else { "KH2" })],
            next: (cursor.page < 2).then_some(next),
        };
        let busy = Fault::Passing(opcms::i18n::Said::new(Tr::sources_fault_broken));
        Box::pin(async move { if fails { Err(busy) } else { Ok(page) } })
    }
}

fn from_the_shelf(run: &mut Run) -> Result<Done> {
    task::run_with(run, |_, _| Ok(Box::new(Shelf)))
}

#[actix_web::test]
async fn any_source_goes_on_where_its_last_try_has_ended() {
    let app = local_app().await;
    let id = app.usage_source();
    ask(&app, id, YESTERDAY);
    let parts = opcms::web::state::Parts::default()
        .with(Registry::new([TaskKind { code: commands::TASK, run: from_the_shelf }]))
        .with(opcms::notifications::Kinds::default());
    let state = Arc::new(State::new(
        app.db.clone(),
        app.state.config.clone(),
        app.state.secret.clone(),
        opcms::accounts::sessions::identity::IDENTIFY,
        parts,
    ));
    for _ in 0..2 {
        let state = Arc::clone(&state);
        tokio::task::spawn_blocking(move || workers::work_off(&state).unwrap()).await.unwrap();
        app.clock.advance(Duration::seconds(10));
    }
    assert_eq!(*ASKED.lock().unwrap(), [0, 1, 1, 2], "the first page is not asked for again");
    assert_eq!(state_of(&app, id, YESTERDAY), DayState::Collected);
    assert_eq!(app.texts("SELECT CONCAT_WS(' ', records, tries) FROM usage_collections"), ["3 2"]);
    assert_eq!(usage(&app), ["KH1 2026-11-19 7.0000", "KH2 2026-11-19 7.0000"]);
}

#[actix_web::test]
async fn the_calendar_shows_each_day_in_words_and_the_list_the_last_ones() {
    let app = local_app().await;
    let vendor = Vendor::start(|_, request| match day_in(request).as_str() {
        "2026-11-18" => json(&records(&[])),
        _ => json(&records(&[("KH1", "1")])),
    });
    let id = source(&app, &vendor, |form| form.expected_from = "2026-11-17".into());
    collect(&app, id, YESTERDAY).await;
    collect(&app, id, "2026-11-18").await;
    let admin: Client = app.signed_in("admin").await;
    let page = admin.get(&format!("/usage/sources/{id}")).await.ok();
    for state in
        [DayState::Collected, DayState::Empty, DayState::Missing, DayState::ToCome, DayState::NotExpected]
    {
        page.clone().contains(&state.label(T));
    }
    page.contains(&T.sources_records(1)).contains(&format!("/usage/sources/{id}/days/2026-11-17"));
    let october = admin.get(&format!("/usage/sources/{id}?month=2026-10")).await.ok();
    october.contains("2026-10-31").contains(&T.sources_records_in_all(0));
    admin.get(&format!("/usage/sources/{id}?month=nonsense")).await.ok().contains("2026-11-30");
    let list = admin.get("/usage/sources").await.ok();
    list.contains(&T.sources_days(1)).contains(&format!("/usage/sources/{id}/days/{YESTERDAY}"));
}
