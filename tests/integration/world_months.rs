//! The published world from its files to what its months come to: customers, prices and usage go in as staff bring them
//! in, and the month of each customer is rated line by line as the bills say that must come out.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use opcms::batches::{self, BatchKinds};
use opcms::customers;
use opcms::imports::{self, ImportKind};
use opcms::pricing;
use opcms::pricing::month::{MonthRated, OverageKey, Timeline};
use opcms::pricing::price_plans;
use opcms::types::ids::{BatchId, CustomerId, PriceVersionId};
use opcms::types::{BillingMonth, Money};
use opcms::usage;
use opcms::usage::intakes::model::{IntakeKind, IntakeState, NewIntake};
use opcms::usage::records::model::RawRecord;
use opcms::usage::records::taking::Ground;

use crate::customer_imports::{batch, customers, hire};
use crate::support::TestApp;

/// A line of the file that says what must come out.
pub struct Expected {
    pub month: BillingMonth,
    pub company_code: String,
    pub outcome: String,
    pub total: String,
    pub lines: String,
}

/// The lines of that file.
pub fn expected(world: &Path) -> Vec<Expected> {
    let text = std::fs::read_to_string(world.join("bills.expected.csv")).unwrap();
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let [month, company_code, outcome, total, lines] = cells[..] else { panic!("{line}") };
        Expected {
            month: month.parse().unwrap_or_else(|_| panic!("{line}")),
            company_code: company_code.to_owned(),
            outcome: outcome.to_owned(),
            total: total.to_owned(),
            lines: lines.to_owned(),
        }
    };
    text.lines().skip(1).map(line).collect()
}

/// Takes a workbook in and commits what it says, as far as it makes sense.
async fn import(app: &TestApp, kind: &'static ImportKind, file: PathBuf, from: Option<&str>) -> BatchId {
    let (state, actor) = (app.state.clone(), app.system());
    let day = from.map(|day| day.parse().unwrap());
    let begun = tokio::task::spawn_blocking(move || {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        imports::begin::begin(&state, &actor, kind, &name, File::open(&file).unwrap(), day)
    });
    let id = begun.await.unwrap().unwrap();
    app.work_off().await;
    let (kinds, version) = (app.state.part::<BatchKinds>().unwrap(), batch(app, id).version);
    app.arrange(|tx| batches::commands::commit(tx, &kinds, id, Some(version)));
    app.work_off().await;
    id
}

/// Approves all that waits for it.
fn approve_all(app: &TestApp) {
    let ids = app.texts("SELECT CAST(id AS CHAR) FROM price_versions WHERE state = 'pending'");
    let ids: Vec<PriceVersionId> = ids.iter().map(|id| id.parse().unwrap()).collect();
    let outcomes = app.arrange(|tx| price_plans::commands::approve_all(tx, &ids));
    assert_eq!(outcomes.len(), ids.len());
    assert!(outcomes.iter().all(|(_, refusal)| refusal.is_none()), "{outcomes:?}");
}

/// Takes a file of usage, and tells how many of its records each rule caught.
fn take_usage(app: &TestApp, file: &Path) -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(file).unwrap();
    let raw = |(line, text): (u32, &str)| {
        let cells: Vec<&str> = text.split(',').collect();
        let [source, company_code, day, meter, device_series, quantity] = cells[..] else { panic!("{text}") };
        RawRecord {
            line: Some(line),
            source: source.into(),
            company_code: company_code.into(),
            day: day.into(),
            meter: meter.into(),
            device_series: device_series.into(),
            layer: String::new(),
            quantity: quantity.into(),
        }
    };
    let records: Vec<RawRecord> = (1..).zip(text.lines()).skip(1).map(raw).collect();
    let taken = app.arrange(|tx| {
        let intake = NewIntake {
            kind: IntakeKind::File,
            title: "usage.csv",
            source: None,
            details: serde_json::json!({}),
            state: IntakeState::Taking,
        };
        let intake = usage::intakes::commands::begin(tx, &intake)?;
        let mut ground = Ground::load(tx)?;
        usage::records::commands::take(tx, &mut ground, intake, &records)
    });
    let mut caught = BTreeMap::new();
    for rule in taken.iter().filter_map(|taken| taken.rule) {
        *caught.entry(rule.as_str().to_owned()).or_default() += 1;
    }
    caught
}

/// The lines of a month as the file of what must come out writes them.
fn lines(rated: &MonthRated) -> String {
    let line =
        |line: &pricing::month::MonthLine| format!("{}={:.2}", line.line.kind.as_str(), line.line.amount.0);
    rated.lines.iter().map(line).collect::<Vec<_>>().join(" ")
}

/// What a month of a customer comes to, as that file says it.
fn outcome(rated: Option<&MonthRated>, has_usage: bool) -> (&'static str, String, String) {
    match rated {
        Some(rated) if !rated.unpriced.is_empty() => ("failed", String::new(), String::new()),
        Some(rated) if rated.amount == Money::ZERO => ("zero", String::new(), lines(rated)),
        Some(rated) => ("billed", format!("{:.2}", rated.amount.0), lines(rated)),
        None if has_usage => ("failed", String::new(), String::new()),
        None => ("zero", String::new(), String::new()),
    }
}

/// Takes the files of a world in.
pub async fn take_in(app: &TestApp, world: &Path) {
    hire(app, world);
    import(app, &customers::imports::IMPORT, world.join("customers.xlsx"), Some("2026-01-01")).await;
    approve_all(app);
    import(app, &pricing::imports::IMPORT, world.join("prices.xlsx"), None).await;
    approve_all(app);
    for month in ["2026-08", "2026-09", "2026-10"] {
        let caught = take_usage(app, &world.join(format!("usage-{month}.csv")));
        let six = [
            "future_day",
            "negative_quantity",
            "unknown_customer",
            "unknown_meter",
            "unreadable_day",
            "unreadable_quantity",
        ];
        let six: BTreeMap<String, usize> = six.map(|rule| (rule.to_owned(), 1)).into_iter().collect();
        assert_eq!(caught, six, "{month}");
    }
}

async fn take_in_and_rate(world: &Path) {
    let app = TestApp::new().await;
    let begin = Instant::now();
    take_in(&app, world).await;
    println!("usage is there after {:.1} s", begin.elapsed().as_secs_f32());
    let ids: BTreeMap<String, CustomerId> =
        customers(&app).into_iter().map(|(code, customer)| (code, customer.id)).collect();
    let all: Vec<CustomerId> = ids.values().copied().collect();
    let timelines = app.db.read(&app.system(), |db| price_plans::queries::timelines(db, &all)).unwrap();
    let none = Timeline::default();
    let mut billed: BTreeMap<OverageKey, Money> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    for expected in expected(world).into_iter().filter(|expected| expected.outcome != "excluded") {
        let (id, month) = (ids[&expected.company_code], expected.month);
        let timeline = timelines.get(&id).unwrap_or(&none);
        let (from, until) = (timeline.usage_from(month), month.last_day());
        let days =
            app.db.read(&app.system(), |db| usage::past::queries::by_day(db, id, from, until)).unwrap();
        let rated = timeline.rate(month, &days, &|key| billed.get(key).copied().unwrap_or_default()).unwrap();
        for line in rated.iter().flat_map(|rated| &rated.lines) {
            let (Some(charge), Some(year_from)) = (line.charge.clone(), line.year_from) else { continue };
            billed.entry(OverageKey { version: line.version, charge, year_from }).or_default().0 +=
                line.line.amount.0;
        }
        let has_usage = days.iter().any(|day| month.contains(day.used_on));
        let got = outcome(rated.as_ref(), has_usage);
        if got != (expected.outcome.as_str(), expected.total.clone(), expected.lines.clone()) {
            let Expected { company_code, outcome, total, lines, .. } = &expected;
            wrong.push(format!("{month} {company_code}: {outcome} {total} {lines}, but got {got:?}"));
        }
    }
    println!("all months are rated after {:.1} s", begin.elapsed().as_secs_f32());
    assert!(wrong.is_empty(), "{} wrong, such as\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

/// The folder of the full world: beside the checkout, or beside the folder of worktrees that this one is in.
pub fn full_world() -> Option<&'static Path> {
    let places = [Path::new("../shared/world/full"), Path::new("../../shared/world/full")];
    places.into_iter().find(|place| place.exists())
}

#[actix_web::test]
async fn the_months_of_the_small_world_come_to_what_its_bills_say() {
    take_in_and_rate(Path::new("tests/fixtures/world-small")).await;
}

#[actix_web::test]
async fn the_months_of_the_full_world_come_to_what_its_bills_say() {
    match full_world() {
        Some(world) => take_in_and_rate(world).await,
        None => println!("skipped: ../shared/world/full is not there"),
    }
}
