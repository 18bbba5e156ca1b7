//! Usage from files: looked at before it counts, taken in chunks, and none of it lost or doubled whatever happens.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use opcms::db::Db;
use opcms::types::ids::UsageIntakeId;
use opcms::usage::intakes;
use opcms::usage::intakes::model::{Intake, IntakeState};

use crate::support::{Client, Template, TestApp, TestDatabase};

const SMALL: &str = "tests/fixtures/world-small";

const HEADING: &str = "source,company_code,day,meter,device_series,quantity\n";

fn intake(app: &TestApp, id: UsageIntakeId) -> Intake {
    app.db.read(&app.system(), |db: &mut Db| intakes::queries::get(db, id)).unwrap().unwrap()
}

/// Uploads a file, and has it worked out.
async fn upload(app: &TestApp, client: &Client, name: &str, content: &[u8]) -> UsageIntakeId {
    client.get("/usage/imports/new").await.ok();
    let answer = client.upload("/usage/imports", &[], (name, content)).await.status(303);
    app.work_off().await;
    let location = answer.header("location").unwrap();
    location.rsplit('/').next().unwrap().parse().unwrap()
}

async fn take(app: &TestApp, client: &Client, id: UsageIntakeId) {
    let version = intake(app, id).version.to_string();
    let page = format!("/usage/imports/{id}");
    client.post(&format!("{page}/take"), &[("version", &version)]).await.see_other(&page);
    app.work_off().await;
}

/// `records added replaced unchanged repeated quarantined`.
fn counts(intake: &Intake) -> [u32; 6] {
    let counts = intake.counts();
    [counts.records, counts.added, counts.replaced, counts.unchanged, counts.repeated(), counts.quarantined]
}

/// Makes the customers of a world, by what is expected of it.
fn settle_customers(app: &TestApp, world: &Path) {
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(world.join("customers.expected.json")).unwrap())
            .unwrap();
    for customer in expected["customers"].as_array().unwrap() {
        let text = |field: &str| customer[field].as_str().unwrap().to_owned();
        let sql = "INSERT INTO customers (company_code, company_name, normalised_name, name_sort, entity_type, \
                   account_type, status, billable, disabled, created_at, updated_at) \
                   VALUES (?, ?, ?, '', 'enterprise', ?, ?, 1, 0, NOW(6), NOW(6))";
        diesel::sql_query(sql)
            .bind::<Text, _>(text("company_code"))
            .bind::<Text, _>(text("company_name"))
            .bind::<Text, _>(text("company_code"))
            .bind::<Text, _>(text("account_type"))
            .bind::<Text, _>(text("status"))
            .execute(&mut app.connect())
            .unwrap();
    }
}

#[actix_web::test]
async fn the_files_of_the_small_world_come_in_but_for_six_lines_each() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    settle_customers(&app, Path::new(SMALL));
    for (month, lines) in [("08", 2_615), ("09", 2_691), ("10", 2_799)] {
        let name = format!("usage-2026-{month}.csv");
        let content = std::fs::read(Path::new(SMALL).join(&name)).unwrap();
        let again = sent_twice(&content);
        assert!(again > 0);
        let id = upload(&app, &admin, &name, &content).await;
        assert_eq!(intake(&app, id).state, IntakeState::Ready);
        assert_eq!(app.number(&format!("SELECT COUNT(*) FROM usage_records WHERE intake_id = {id}")), 0);
        let page = admin.get(&format!("/usage/imports/{id}")).await.ok();
        page.contains("检查结果").contains("KHX9999").contains("计量项不存在");
        take(&app, &admin, id).await;
        let taken = intake(&app, id);
        assert_eq!(taken.state, IntakeState::Taken, "{:?}", taken.fault());
        assert_eq!(counts(&taken), [lines, lines - 6 - again, 0, 0, again, 6], "{name}");
        let rules =
            app.texts(&format!("SELECT rule FROM quarantined_records WHERE intake_id = {id} ORDER BY line"));
        assert_eq!(
            rules,
            [
                "unknown_customer",
                "negative_quantity",
                "future_day",
                "unreadable_quantity",
                "unreadable_day",
                "unknown_meter",
            ]
        );
        // The same file once more says nothing new.
        let id = upload(&app, &admin, &name, &content).await;
        take(&app, &admin, id).await;
        let again_taken = intake(&app, id);
        assert_eq!((again_taken.added, again_taken.replaced), (0, 0));
        assert_eq!(again_taken.quarantined, 6);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM quarantined_records WHERE state = 'waiting'"), 18);
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_replacements"), 0);
    assert_eq!(findings(&app), Vec::<String>::new());
    // What came in says of which days customers used something.
    let noted = app.number("SELECT COUNT(*) FROM customer_activity WHERE usage_noted_at IS NOT NULL");
    let formal = app.number(
        "SELECT COUNT(DISTINCT customer_id) FROM usage_records JOIN customers ON customers.id = customer_id \
         WHERE account_type = 'formal' AND quantity > 0",
    );
    assert_eq!(noted, formal);
}

/// How many of the records behind the six bad ones have the key of an earlier one.
fn sent_twice(content: &[u8]) -> u32 {
    let text = std::str::from_utf8(content).unwrap();
    let keys: Vec<&str> = text.lines().skip(7).filter_map(|line| Some(line.rsplit_once(',')?.0)).collect();
    let distinct: std::collections::BTreeSet<&str> = keys.iter().copied().collect();
    u32::try_from(keys.len() - distinct.len()).unwrap()
}

/// What `opcms check` says of usage.
fn findings(app: &TestApp) -> Vec<String> {
    let all = opcms::usage::checks::ALL.iter().flat_map(|check| {
        let found = app.db.read(&app.system(), |db: &mut Db| (check.find)(db)).unwrap();
        found.breaches.into_iter().map(move |breach| format!("{}: {breach}", check.code))
    });
    all.collect()
}

#[actix_web::test]
async fn the_checks_find_what_was_changed_behind_our_back() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    app.customer("KH1", "甲", None, None);
    let file = format!("{HEADING}v,KH1,2026-11-01,shots,X,5\nv,KH1,2026-11-02,shots,X,6\n");
    let id = upload(&app, &admin, "a.csv", file.as_bytes()).await;
    take(&app, &admin, id).await;
    assert_eq!(findings(&app), Vec::<String>::new());
    for (harm, code) in [
        (
            "UPDATE usage_day_totals SET quantity = quantity + 1 WHERE used_on = '2026-11-01'",
            "usage.day_totals",
        ),
        ("UPDATE usage_records SET quantity = 7 WHERE used_on = '2026-11-02'", "usage.quantities"),
        ("UPDATE usage_records SET source_id = 99 WHERE used_on = '2026-11-02'", "usage.references"),
    ] {
        diesel::sql_query(harm).execute(&mut app.connect()).unwrap();
        assert!(findings(&app).iter().any(|found| found.starts_with(code)), "{harm}: {:?}", findings(&app));
    }
}

#[actix_web::test]
async fn files_come_in_any_encoding_and_as_workbooks() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    app.customer("KH1", "甲", None, None);
    let text =
        "某月用量\n来源;公司ID;日期;设备系列;层级;拍摄量;备注\n\nv1;KH1;2026/11/1;X;L1;\"1,200.5\";好\n";
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let gb = gb.into_owned();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, label) in (0..).zip(["source", "company_code", "day", "series", "layer", "quantity"]) {
        sheet.write_string(0, column, label).unwrap();
    }
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_string(1, 0, "v1").unwrap();
    sheet.write_string(1, 1, "KH1").unwrap();
    sheet.write_number_with_format(1, 2, 46_327.0, &day).unwrap();
    sheet.write_string(1, 3, "X").unwrap();
    sheet.write_string(1, 4, "L1").unwrap();
    sheet.write_number(1, 5, 1_200.5).unwrap();
    let workbook = book.save_to_buffer().unwrap();
    let bom = format!("\u{feff}{text}").into_bytes();
    let plain = text.as_bytes().to_vec();
    for (name, content) in
        [("a.csv", plain), ("b.csv", bom), ("c.csv", utf16), ("d.csv", gb), ("e.xlsx", workbook)]
    {
        let id = upload(&app, &admin, name, &content).await;
        take(&app, &admin, id).await;
        let taken = intake(&app, id);
        assert_eq!(taken.state, IntakeState::Taken, "{name}: {:?}", taken.fault());
        assert_eq!(taken.quarantined, 0, "{name}: {:?}", app.texts("SELECT rule FROM quarantined_records"));
        let stored =
            app.texts("SELECT CONCAT_WS(' ', used_on, device_series, layer, quantity) FROM usage_records");
        assert_eq!(stored, ["2026-11-01 X L1 1200.5000"], "{name}");
    }
}

#[actix_web::test]
async fn what_is_no_table_of_usage_is_refused_with_a_sentence_and_leaves_nothing() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let before = app.data();
    admin.get("/usage/imports/new").await.ok();
    for (name, content, sentence) in [
        ("a.csv", b"".as_slice(), "空"),
        ("a.csv", "什么也不是\n就是这样\n".as_bytes(), "表头"),
        ("a.csv", "公司ID,日期\nKH1,2026-11-01\n".as_bytes(), "用量"),
        ("a.csv", "公司ID,日期,用量\nKH1,2026-11-01,5\n".as_bytes(), "来源"),
        ("a.csv", "source,company_code,day,quantity\nv,\"KH1,2026-11-01,5\n".as_bytes(), "引号"),
        ("a.csv", b"\x00\x01\x02\xff\xfe\x00 a\x00b", ""),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ""),
    ] {
        let answer = admin.upload("/usage/imports", &[], (name, content)).await.status(422);
        assert!(answer.field_error("file").contains(sentence), "{}", answer.field_error("file"));
    }
    let answer = admin.upload_exactly("/usage/imports", &[("csrf", &admin.csrf_token())], None).await;
    assert!(answer.status(422).body.contains("文件"));
    assert_eq!(app.data(), before);
}

#[actix_web::test]
async fn a_file_is_taken_once_from_what_was_shown_and_can_be_given_up_before() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    app.customer("KH1", "甲", None, None);
    let file = "公司ID,日期,用量\nKH1,2026-11-01,5\n";
    admin.get("/usage/imports/new").await.ok();
    let answer = admin
        .upload("/usage/imports", &[("source", "vendor-b")], ("a.csv", file.as_bytes()))
        .await
        .status(303);
    let page = answer.header("location").unwrap().to_owned();
    let id: UsageIntakeId = page.rsplit('/').next().unwrap().parse().unwrap();
    app.work_off().await;
    // Checked again meanwhile: what the first page showed is not what would be taken.
    let seen = intake(&app, id).version.to_string();
    admin.post(&format!("{page}/check"), &[]).await.see_other(&page);
    app.work_off().await;
    let refused = admin.post(&format!("{page}/take"), &[("version", &seen)]).await.see_other(&page);
    assert!(refused.flash().contains("重新检查"), "{}", refused.flash());
    let version = intake(&app, id).version.to_string();
    for _ in 0..2 {
        admin.post(&format!("{page}/take"), &[("version", &version)]).await.see_other(&page);
    }
    app.work_off().await;
    admin.post(&format!("{page}/take"), &[("version", &version)]).await.see_other(&page);
    app.work_off().await;
    assert_eq!(counts(&intake(&app, id)), [1, 1, 0, 0, 0, 0]);
    assert_eq!(app.texts("SELECT code FROM usage_sources"), ["vendor-b"]);
    let refused = admin.post(&format!("{page}/discard"), &[]).await.see_other(&page);
    assert!(refused.flash().contains("已经导入"), "{}", refused.flash());
    // Another is given up.
    let id = upload(&app, &admin, "b.csv", format!("{HEADING}v,KH1,2026-11-02,shots,X,5\n").as_bytes()).await;
    let page = format!("/usage/imports/{id}");
    admin.post(&format!("{page}/discard"), &[]).await.see_other(&page);
    let version = intake(&app, id).version.to_string();
    admin.post(&format!("{page}/take"), &[("version", &version)]).await.see_other(&page);
    app.work_off().await;
    assert_eq!((intake(&app, id).state, intake(&app, id).records), (IntakeState::Discarded, 0));
}

#[actix_web::test]
async fn everybody_sees_their_own_files_and_customers_out_of_reach_are_unknown() {
    let app = TestApp::new().await;
    let (li, ops) = (app.signed_in("li").await, app.signed_in("ops_manager").await);
    app.customer("KH1", "甲", None, Some("li"));
    app.customer("KH2", "乙", Some("zhao"), None);
    let file = format!("{HEADING}v,KH1,2026-11-01,shots,X,5\nv,KH2,2026-11-01,shots,X,5\n");
    let id = upload(&app, &li, "我的.csv", file.as_bytes()).await;
    take(&app, &li, id).await;
    assert_eq!(counts(&intake(&app, id)), [2, 1, 0, 0, 0, 1]);
    assert_eq!(
        app.texts("SELECT CONCAT_WS(' ', rule, company_code) FROM quarantined_records"),
        ["unknown_customer KH2"]
    );
    li.get("/usage/imports").await.ok().contains("我的.csv");
    let page = format!("/usage/imports/{id}");
    let caught = li.post(&format!("{page}/caught"), &[]).await.ok();
    caught.contains("KH2").contains("客户不存在");
    let exported = "SELECT subject_label FROM audit_entries WHERE action = 'usage.usage_record.exported'";
    assert!(app.texts(exported)[0].contains("我的"), "{:?}", app.texts(exported));
    ops.get("/usage/imports").await.ok().lacks("我的.csv");
    ops.get(&page).await.status(404);
    ops.get(&format!("/usage/quarantine?intake={id}")).await.ok().lacks("我的.csv");
    app.signed_in("admin").await.get("/usage/imports?kind=file").await.ok().contains("我的.csv");
    app.signed_in("admin").await.get("/usage/imports?kind=api").await.ok().lacks("我的.csv");
}

#[actix_web::test]
async fn the_template_can_be_filled_in_and_uploaded_again() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let answer = admin.get("/usage/imports/template").await.ok();
    let id = upload(&app, &admin, "模板.xlsx", &answer.bytes).await;
    let empty = intake(&app, id);
    assert_eq!((empty.state, empty.records), (IntakeState::Ready, 0), "{:?}", empty.fault());
}

/// A process of the product, killed with the value.
struct Process(std::process::Child);

fn command(database: &TestDatabase, home: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_opcms"));
    command
        .args(arguments)
        .current_dir(home)
        .env("DATABASE_URL", database.url())
        .env("OPCMS_DATA_DIR", home)
        .env("OPCMS_LISTEN", "127.0.0.1:0")
        .env("OPCMS_SECRET", "the same for both, 32 characters or more")
        .env("OPCMS_LOG", "error");
    command
}

impl Drop for Process {
    /// `kill -9`.
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(4);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn execute(database: &TestDatabase, statement: &str) {
    diesel::sql_query(statement).execute(&mut database.connect()).unwrap();
}

fn customers(database: &TestDatabase, count: u32) {
    for from in (0..count).step_by(1_000) {
        let rows: Vec<String> = (from..count.min(from + 1_000))
            .map(|n| {
                format!("('KH{n}','客户{n}','客户{n}','','enterprise','formal','active',1,0,NOW(6),NOW(6))")
            })
            .collect();
        let columns = "company_code, company_name, normalised_name, name_sort, entity_type, account_type, status, \
                       billable, disabled, created_at, updated_at";
        execute(database, &format!("INSERT INTO customers ({columns}) VALUES {}", rows.join(",")));
    }
}

#[test]
fn a_file_whose_taking_is_killed_goes_on_and_ends_in_the_same_records() {
    const CUSTOMERS: u32 = 1_000;
    const LINES: i64 = 1_000 * 40;
    let database = TestDatabase::filled(&Template::get().statements);
    let home = tempfile::tempdir().unwrap();
    customers(&database, CUSTOMERS);
    let mut text = HEADING.to_owned();
    for customer in 0..CUSTOMERS {
        for day in 0..40 {
            let (month, day) = if day < 20 { (9, day + 1) } else { (10, day - 19) };
            writeln!(text, "v,KH{customer},2026-{month:02}-{day:02},shots,X,{day}").unwrap();
        }
    }
    std::fs::write(home.path().join("many.csv"), text).unwrap();
    let number = |query: &str| sql::<BigInt>(query).get_result::<i64>(&mut database.connect()).unwrap();
    let arguments = ["import", "usage", "many.csv", "--commit"];
    let killed = Process(command(&database, home.path(), &arguments).spawn().unwrap());
    until("a chunk is taken", || number("SELECT COUNT(*) FROM usage_records") > 0);
    drop(killed);
    let half = number("SELECT COUNT(*) FROM usage_records");
    assert!(half < LINES, "killed too late to prove anything");
    assert_eq!(
        number("SELECT records FROM usage_intakes"),
        half,
        "records and their count are one transaction"
    );
    // Nobody waits here for the lease of who was killed.
    execute(&database, "UPDATE tasks SET due_at = UTC_TIMESTAMP(6) WHERE state = 'running'");
    let heir = Process(command(&database, home.path(), &["serve"]).spawn().unwrap());
    until("the rest is taken", || number("SELECT COUNT(*) FROM usage_intakes WHERE state = 'taken'") == 1);
    drop(heir);
    for (query, count) in [
        ("SELECT COUNT(*) FROM usage_records", LINES),
        ("SELECT added FROM usage_intakes", LINES),
        ("SELECT CAST(SUM(records) AS SIGNED) FROM usage_day_totals", LINES),
        ("SELECT COUNT(*) FROM usage_replacements", 0),
        ("SELECT COUNT(*) FROM customer_activity WHERE first_used_on = '2026-09-01'", i64::from(CUSTOMERS)),
    ] {
        assert_eq!(number(query), count, "{query}");
    }
    // Begun again from the command line it says nothing new, and every claim holds.
    let again = command(&database, home.path(), &arguments).arg("--json").output().unwrap();
    assert!(again.status.success(), "{again:?}");
    let said: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(said["counts"]["unchanged"], json!(LINES));
    let check = command(&database, home.path(), &["check"]).output().unwrap();
    // The customers of this test are rows without anything beside them; what is said of usage holds.
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(said.contains("ok      usage.day_totals") && !said.contains("BREACH  usage"), "{said}");
}

#[test]
fn the_command_line_says_what_would_become_of_a_file_and_writes_nothing() {
    let database = TestDatabase::filled(&Template::get().statements);
    let home = tempfile::tempdir().unwrap();
    customers(&database, 10);
    let text = "company_code,day,quantity\nKH1,2026-09-01,5\nKH2,2026-09-01,6\nKH1,2026-09-01,5\nKH99,2026-09-01,1\n\
                KH3,someday,1\n";
    std::fs::write(home.path().join("usage.csv"), text).unwrap();
    let run = |arguments: &[&str]| command(&database, home.path(), arguments).output().unwrap();
    let number = |query: &str| sql::<BigInt>(query).get_result::<i64>(&mut database.connect()).unwrap();
    let refused = run(&["import", "usage", "usage.csv"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("Source"), "{refused:?}");
    let checked = run(&["import", "usage", "usage.csv", "--source", "v", "--json"]);
    assert_eq!(checked.status.code(), Some(1), "two lines are caught");
    let said: Value = serde_json::from_slice(&checked.stdout).unwrap();
    let counts =
        json!({"records": 5, "added": 2, "replaced": 0, "unchanged": 0, "repeated": 1, "quarantined": 2});
    assert_eq!((&said["committed"], &said["counts"]), (&json!(false), &counts));
    assert_eq!(said["rules"], json!({"unknown_customer": 1, "unreadable_day": 1}));
    for table in ["usage_records", "usage_intakes", "quarantined_records", "usage_sources", "tasks"] {
        assert_eq!(number(&format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
    }
    let taken = run(&["import", "usage", "usage.csv", "--source", "v", "--commit", "--json"]);
    assert_eq!(taken.status.code(), Some(1), "{taken:?}");
    let said: Value = serde_json::from_slice(&taken.stdout).unwrap();
    assert_eq!((&said["committed"], &said["counts"]), (&json!(true), &counts));
    assert_eq!(number("SELECT COUNT(*) FROM usage_records"), 2);
    let text = run(&["import", "usage", "usage.csv", "--source", "v"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("0 would be added") && text.contains("line 5: v KH99"), "{text}");
    let absent = run(&["import", "usage", "absent.csv"]);
    assert_eq!(absent.status.code(), Some(1));
}

#[actix_web::test]
async fn the_files_of_the_full_world_come_in_completely() {
    let world = Path::new("../shared/world/full");
    let world = if world.exists() { world } else { Path::new("../../shared/world/full") };
    if !world.exists() {
        return;
    }
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    settle_customers(&app, world);
    for month in ["08", "09", "10"] {
        let name = format!("usage-2026-{month}.csv");
        let content = std::fs::read(world.join(&name)).unwrap();
        let lines = u32::try_from(String::from_utf8_lossy(&content).lines().count()).unwrap() - 1;
        let id = upload(&app, &admin, &name, &content).await;
        take(&app, &admin, id).await;
        let taken = intake(&app, id);
        let [records, added, replaced, unchanged, repeated, quarantined] = counts(&taken);
        assert_eq!((records, replaced, unchanged, quarantined), (lines, 0, 0, 6), "{name}");
        assert_eq!(added + repeated + quarantined, lines);
    }
    assert_eq!(findings(&app), Vec::<String>::new());
}
