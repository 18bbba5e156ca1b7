//! Prices from files: what is found in them, what they open, how it is approved, and how it is taken back.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};

use opcms::batches::model::{BatchState, RowOutcome};
use opcms::batches::{self, BatchKinds};
use opcms::db::{Database, PoolOptions};
use opcms::i18n::Tr;
use opcms::types::Clock;
use opcms::types::ids::BatchId;

use crate::customer_imports::{Process, batch, batch_of, commit, hire, rows, undo, until, upload, workbook};
use crate::support::{Client, Template, TestApp, TestDatabase, system};

const SMALL: &str = "tests/fixtures/world-small";
const HEADING: &[&str] = &[
    "公司ID",
    "生效日期",
    "设备系列",
    "计价方式",
    "单价",
    "阶梯",
    "阶梯固定费",
    "每包数量",
    "免费数量",
    "每包价格",
    "年费",
    "包含用量",
    "超量单价",
    "保底",
    "封顶",
    "折扣%",
];

/// Uploads a file of prices, and has its rows worked out.
pub async fn upload_prices(app: &TestApp, client: &Client, name: &str, content: &[u8]) -> BatchId {
    client.get("/prices/imports/new").await.ok();
    let answer = client.upload("/prices/imports/new", &[], (name, content)).await.status(303);
    app.work_off().await;
    batch_of(&answer)
}

/// A row of a file: code, day, series, model and unit price.
pub fn standard<'a>(code: &'a str, day: &'a str, series: &'a str, price: &'a str) -> Vec<&'a str> {
    let mut row = vec![code, day, series, "单价", price];
    row.resize(HEADING.len(), "");
    row
}

pub fn with<'a>(mut row: Vec<&'a str>, column: &str, text: &'a str) -> Vec<&'a str> {
    let place = HEADING.iter().position(|heading| *heading == column).unwrap();
    row[place] = text;
    row
}

pub fn file(rows: &[Vec<&str>]) -> Vec<u8> {
    let mut all: Vec<&[&str]> = vec![HEADING];
    all.extend(rows.iter().map(Vec::as_slice));
    workbook(&all)
}

/// What the tables of prices say, but for what counts and stamps changes.
fn dump(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS('|', c.company_code, v.valid_from, v.state, COALESCE(v.minimum_amount, ''), \
         COALESCE(v.cap_amount, ''), v.discount_percent, p.device_series, p.layer, p.model, COALESCE(p.unit_price, ''), \
         COALESCE(p.annual_fee_amount, '')) FROM price_versions v JOIN customers c ON c.id = v.customer_id \
         JOIN price_charges p ON p.price_version_id = v.id ORDER BY 1",
    )
}

fn states(app: &TestApp) -> Vec<String> {
    app.texts("SELECT state FROM price_versions ORDER BY id")
}

/// The approval of all that a batch has opened, worked out on its page.
pub async fn plan_approval(client: &Client, id: BatchId) -> BatchId {
    let page = client.get(&format!("/batches/{id}")).await.ok();
    page.contains(&format!("/prices/approvals?batch={id}"));
    client.get(&format!("/prices/approvals?batch={id}")).await.ok();
    batch_of(&client.post("/prices/approvals", &[("batch", &id.to_string())]).await.status(303))
}

/// Every charge that there is, as the file of what must come out writes it.
fn charges(app: &TestApp) -> Vec<Value> {
    let number = |text: &str| if text.is_empty() { Value::Null } else { json!(trimmed(text)) };
    let lines = app.texts(
        "SELECT CONCAT_WS('|', p.id, c.company_code, v.valid_from, p.device_series, p.model, COALESCE(p.unit_price, ''), \
         COALESCE(p.block_quantity, ''), COALESCE(p.free_quantity, ''), COALESCE(p.block_price, ''), \
         COALESCE(p.annual_fee_amount, ''), COALESCE(p.included_quantity, ''), COALESCE(p.overage_price, ''), \
         COALESCE(v.minimum_amount, ''), COALESCE(v.cap_amount, ''), v.discount_percent) FROM price_charges p \
         JOIN price_versions v ON v.id = p.price_version_id JOIN customers c ON c.id = v.customer_id \
         WHERE v.origin = 'price_import' AND v.state IN ('pending', 'active') \
         ORDER BY c.company_code, v.valid_from, p.position",
    );
    lines
        .iter()
        .map(|line| {
            let parts: Vec<&str> = line.split('|').collect();
            let tiers = app.texts(&format!(
                "SELECT CONCAT_WS('|', COALESCE(up_to_quantity, ''), unit_price, flat_fee_amount) FROM price_tiers \
                 WHERE price_charge_id = {} ORDER BY position",
                parts[0]
            ));
            let tiers: Vec<Vec<Value>> =
                tiers.iter().map(|tier| tier.split('|').map(number).collect()).collect();
            json!({
                "code": parts[1], "day": parts[2], "series": parts[3], "model": parts[4],
                "unit_price": number(parts[5]), "tiers": tiers, "block_size": number(parts[6]),
                "free_units": number(parts[7]), "block_price": number(parts[8]), "annual_fee": number(parts[9]),
                "included": number(parts[10]), "overage": number(parts[11]), "minimum": number(parts[12]),
                "cap": number(parts[13]), "discount": number(parts[14]),
            })
        })
        .collect()
}

/// A number of the database without superfluous zeros.
pub fn trimmed(text: &str) -> String {
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    text.to_owned()
}

/// Takes the customers and the prices of a world in: how many rows, how many versions.
async fn take_in(world: &Path, counts: (u32, i64)) -> (TestApp, BatchId) {
    let app = TestApp::new().await;
    hire(&app, world);
    let admin = app.signed_in("admin").await;
    let customers =
        upload(&app, &admin, "customers.xlsx", &std::fs::read(world.join("customers.xlsx")).unwrap()).await;
    commit(&app, &admin, customers).await;
    let content = std::fs::read(world.join("prices.xlsx")).unwrap();
    let id = upload_prices(&app, &admin, "prices.xlsx", &content).await;
    let checked = batch(&app, id);
    assert_eq!(checked.state, BatchState::Ready, "{:?}", checked.fault());
    assert_eq!((checked.creates, checked.failed, checked.skipped), (counts.0, 0, 0));
    commit(&app, &admin, id).await;
    assert_eq!(batch(&app, id).written, counts.0);
    let opened = "SELECT COUNT(*) FROM price_versions WHERE origin = 'price_import' AND state = 'pending'";
    assert_eq!(app.number(opened), counts.1);
    // The same file again, under whatever name, changes nothing.
    let again = upload_prices(&app, &admin, "价格（新）.xlsx", &content).await;
    let again = batch(&app, again);
    assert_eq!((again.creates, again.unchanged, again.failed), (0, counts.0, 0));
    (app, id)
}

#[actix_web::test]
async fn the_small_world_comes_out_charge_by_charge_is_approved_and_goes_again() {
    let (app, id) = take_in(Path::new(SMALL), (58, 49)).await;
    let expected: Vec<Value> =
        serde_json::from_slice(&std::fs::read(format!("{SMALL}/prices.expected.json")).unwrap()).unwrap();
    let found = charges(&app);
    assert_eq!(found.len(), expected.len());
    // Minimum, cap and discount may stand on any row of a version: they are compared with what its rows say together.
    for (found, wanted) in found.iter().zip(&expected) {
        for key in wanted.as_object().unwrap().keys().filter(|key| key.as_str() != "discount") {
            let of_version = ["minimum", "cap"].contains(&key.as_str()) && wanted[key].is_null();
            assert!(of_version || found[key] == wanted[key], "{key}: {found} {wanted}");
        }
        assert_eq!(found["discount"], json!(wanted["discount"].as_str().unwrap_or("0")), "{wanted}");
    }
    // Who imported does not approve.
    let admin = app.signed_in("admin").await;
    let own = plan_approval(&admin, id).await;
    assert_eq!((batch(&app, own).failed, batch(&app, own).updates), (49, 0));
    widen(&app);
    let boss = app.signed_in("ops_manager").await;
    let approval = plan_approval(&boss, id).await;
    assert_eq!((batch(&app, approval).failed, batch(&app, approval).updates), (0, 49));
    commit(&app, &boss, approval).await;
    assert_eq!(batch(&app, approval).written, 49);
    assert_eq!(app.number("SELECT COUNT(*) FROM price_versions WHERE state = 'active'"), 49);
    // What is in force by now stays, and the list of the undo names it; what has not begun is withdrawn.
    undo(&app, &admin, id).await;
    let undone = batch(&app, id);
    let begun = "SELECT COUNT(*) FROM price_versions WHERE state = 'active' AND origin = 'price_import'";
    assert_eq!(app.number(begun), 49, "all of them have begun");
    assert_eq!((undone.undone, undone.kept), (0, 58));
    admin.get(&format!("/batches/{id}?tab=kept")).await.ok().contains("已生效");
}

/// Lets the manager of operations reach all customers.
pub fn widen(app: &TestApp) {
    let widen = "UPDATE roles SET data_scope = 'all' WHERE code = 'ops_manager'";
    diesel::RunQueryDsl::execute(diesel::sql_query(widen), &mut app.connect()).unwrap();
}

#[actix_web::test]
async fn the_full_world_comes_out_with_all_its_numbers() {
    let places = [Path::new("../shared/world/full"), Path::new("../../shared/world/full")];
    let Some(world) = places.into_iter().find(|place| place.exists()) else {
        eprintln!("skipped: {} is not here", places[0].display());
        return;
    };
    let (app, id) = take_in(world, (829, 728)).await;
    // Added up from the file itself, by another program.
    let of_import = "FROM price_charges p JOIN price_versions v ON v.id = p.price_version_id WHERE v.origin = 'price_import'";
    let of_versions = "FROM price_versions v WHERE v.origin = 'price_import'";
    let of_tiers = "FROM price_tiers t JOIN price_charges p ON p.id = t.price_charge_id \
        JOIN price_versions v ON v.id = p.price_version_id WHERE v.origin = 'price_import'";
    for (what, source, sum) in [
        ("SUM(p.model = 'standard')", of_import, "267"),
        ("SUM(p.model = 'graduated')", of_import, "187"),
        ("SUM(p.model = 'volume')", of_import, "118"),
        ("SUM(p.model = 'block')", of_import, "94"),
        ("SUM(p.model = 'annual_package')", of_import, "163"),
        ("SUM(p.unit_price)", of_import, "469.9147"),
        ("SUM(p.block_quantity)", of_import, "5290"),
        ("SUM(p.free_quantity)", of_import, "3020"),
        ("SUM(p.block_price)", of_import, "3130.22"),
        ("SUM(p.annual_fee_amount)", of_import, "6858367"),
        ("SUM(p.included_quantity)", of_import, "70260"),
        ("SUM(p.overage_price)", of_import, "147.02"),
        ("SUM(v.minimum_amount)", of_versions, "50400"),
        ("SUM(v.cap_amount)", of_versions, "320000"),
        ("SUM(v.discount_percent)", of_versions, "752"),
        ("COUNT(*)", of_tiers, "918"),
        ("SUM(t.up_to_quantity)", of_tiers, "757600"),
        ("SUM(t.unit_price)", of_tiers, "1913.57"),
        ("SUM(t.flat_fee_amount)", of_tiers, "3310"),
        ("COUNT(DISTINCT v.customer_id)", of_versions, "686"),
    ] {
        let found = app.texts(&format!("SELECT CAST({what} AS CHAR) {source}"));
        assert_eq!(trimmed(&found[0]), sum, "{what}");
    }
    // What nobody has approved goes.
    let admin = app.signed_in("admin").await;
    undo(&app, &admin, id).await;
    assert_eq!((batch(&app, id).undone, batch(&app, id).kept), (829, 0));
    let left = "SELECT COUNT(*) FROM price_versions WHERE origin = 'price_import' AND state <> 'discarded'";
    assert_eq!(app.number(left), 0);
}

#[actix_web::test]
async fn every_bad_price_is_refused_at_its_column_with_a_sentence() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let plain = || standard("KH1", "2027-01-01", "", "");
    let model = |model: &'static str| with(plain(), "计价方式", model);
    let tiers = |text: &'static str| with(model("阶梯累进"), "阶梯", text);
    let many: String = (0..41).fold(String::new(), |mut text, n| {
        let bound = if n == 40 { "+".to_owned() } else { format!("-{}", (n + 1) * 10) };
        write!(text, "{}{bound}:1;", if n == 0 { 0 } else { n * 10 + 1 }).unwrap();
        text
    });
    let cases: Vec<(Vec<&str>, &str, &str)> = vec![
        (tiers("0-100:1;150+:2"), "tiers", "101"),
        (tiers("0-100:1;50-200:2;201+:3"), "tiers", "101"),
        (tiers("0-100:1;101-50:2;51+:3"), "tiers", "100"),
        (tiers("0-100:-1;101+:2"), "tiers", "不小于 0"),
        (tiers("0-100:1;101-200:2"), "tiers", "201+"),
        (tiers("0-100:0.1234567890;101+:2"), "tiers", "位"),
        (with(model("阶梯全量"), "阶梯", &many), "tiers", "40"),
        (tiers(""), "tiers", "请填写"),
        (with(tiers("0-100:1;101+:2"), "阶梯固定费", "0/0/20"), "flat_fees", "2 档"),
        (with(tiers("0-100:1;101+:2"), "阶梯固定费", "免费"), "flat_fees", "0/0/20"),
        (with(tiers("0-100:1;101+:2"), "阶梯固定费", "-5/0"), "flat_fees", "不能小于零"),
        (with(plain(), "单价", "-0.5"), "unit_price", "不能小于零"),
        (with(plain(), "单价", "0.1234567891"), "unit_price", "6 位"),
        (with(plain(), "单价", "面议"), "unit_price", "数字"),
        (with(plain(), "单价", "9999999999999"), "unit_price", "12 位"),
        (plain(), "unit_price", "请填写"),
        (with(with(plain(), "单价", "1"), "折扣%", "120"), "discount_percent", "100"),
        (with(with(with(plain(), "单价", "1"), "保底", "100"), "封顶", "50"), "cap", "低于保底"),
        (with(with(plain(), "单价", "1"), "年费", "100"), "annual_fee", "不使用此列"),
        (with(with(plain(), "单价", "1"), "阶梯", "0+:1"), "tiers", "不使用此列"),
        (with(with(plain(), "单价", "1"), "设备系列", "大疆"), "device_series", "字母"),
        (model("按包"), "block_size", "请填写"),
        (with(with(model("按包"), "每包数量", "0"), "每包价格", "5"), "block_size", "大于零"),
        (model("包年"), "annual_fee", "请填写"),
        (with(model("随便"), "单价", "1"), "model", "随便"),
        (with(model(""), "单价", "1"), "model", "请填写"),
        (standard("KH9", "2027-01-01", "", "1"), "company_code", "公司ID"),
        (standard("", "2027-01-01", "", "1"), "company_code", "请填写"),
        (standard("KH1", "明天", "", "1"), "valid_from", "日期"),
        (standard("KH1", "", "", "1"), "valid_from", "请填写"),
    ];
    for (row, column, part) in &cases {
        let id = upload_prices(&app, &admin, "坏价格.xlsx", &file(std::slice::from_ref(row))).await;
        let found = rows(&app, id);
        assert_eq!(found[0].outcome, RowOutcome::Failed, "{row:?}");
        let faults = &found[0].body.faults;
        let fault = faults.iter().find(|fault| fault.column == *column);
        let fault = fault.unwrap_or_else(|| panic!("{row:?}: {faults:?}"));
        assert!(fault.said.text(Tr::ZhCn).contains(part), "{row:?}: {}", fault.said.text(Tr::ZhCn));
        admin.get(&format!("/batches/{id}?tab=failed")).await.ok();
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM price_versions"), 0);
}

#[actix_web::test]
async fn rows_of_one_customer_and_day_are_one_version_and_come_in_together_or_not_at_all() {
    let app = TestApp::new().await;
    for code in ["KH1", "KH2", "KH3", "KH4"] {
        app.customer(code, &format!("{code}有限公司"), None, None);
    }
    let admin = app.signed_in("admin").await;
    let day = "2027-01-01";
    let rows_of_file = [
        with(standard("KH1", day, "", "1"), "保底", "300"),
        standard("KH2", day, "", "1"),
        // Apart from the row that it belongs to.
        standard("KH1", day, "L", "0.8"),
        standard("KH2", day, "L", "-1"),
        with(standard("KH3", day, "", "1"), "保底", "300"),
        with(standard("KH3", day, "L", "1"), "保底", "200"),
        standard("KH4", day, "X", "1"),
        standard("KH4", day, "X", "2"),
    ];
    let id = upload_prices(&app, &admin, "价格.xlsx", &file(&rows_of_file)).await;
    let all = rows(&app, id);
    let outcomes: Vec<bool> = all.iter().map(|row| row.outcome == RowOutcome::Create).collect();
    assert_eq!(outcomes, [true, false, true, false, false, false, false, false]);
    let said = |row: usize| all[row].body.faults[0].said.text(Tr::ZhCn).to_owned();
    assert!(said(1).contains("第 5 行有误"), "{}", said(1));
    assert_eq!(all[5].body.faults[0].column, "minimum");
    assert!(said(5).contains("第 6 行"), "{}", said(5));
    assert!(said(4).contains("第 7 行有误"), "{}", said(4));
    assert_eq!(all[7].body.faults[0].column, "device_series");
    commit(&app, &admin, id).await;
    assert_eq!(dump(&app).len(), 2, "one version with two charges: {:?}", dump(&app));
    assert_eq!(app.number("SELECT COUNT(*) FROM price_versions"), 1);
    assert_eq!(batch(&app, id).written, 2);
}

#[actix_web::test]
async fn a_discount_without_a_reason_gets_one_and_says_so() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let row = with(standard("KH1", "2027-01-01", "", "1"), "折扣%", "5");
    let id = upload_prices(&app, &admin, "价格表.xlsx", &file(&[row])).await;
    admin.get(&format!("/batches/{id}?tab=corrected")).await.ok().contains("来自文件 价格表.xlsx");
    commit(&app, &admin, id).await;
    assert_eq!(app.texts("SELECT discount_reason FROM price_versions"), ["来自文件 价格表.xlsx"]);
}

#[actix_web::test]
async fn what_moved_since_the_check_is_refused_as_a_whole_and_of_two_commits_one_writes() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let content = file(&[standard("KH1", "2027-01-01", "", "1"), standard("KH1", "2027-01-01", "L", "2")]);
    let first = upload_prices(&app, &admin, "一.xlsx", &content).await;
    let second = upload_prices(&app, &admin, "二.xlsx", &content).await;
    // Two of the real commands at the same moment.
    let (db, kinds, actor) = (app.db.clone(), app.part::<BatchKinds>(), app.actor("admin"));
    std::thread::scope(|scope| {
        for id in [first, second, first] {
            let (db, kinds, actor) = (&db, &kinds, &actor);
            scope
                .spawn(move || db.write(actor, |tx| batches::commands::commit(tx, kinds, id, None)).unwrap());
        }
    });
    app.work_off().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM price_versions"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM price_charges"), 2);
    let states = [first, second].map(|id| batch(&app, id).state);
    assert!(states.contains(&BatchState::Committed) && states.contains(&BatchState::Outdated), "{states:?}");
    let late = if states[0] == BatchState::Outdated { first } else { second };
    admin.get(&format!("/batches/{late}?tab=moved")).await.ok().contains("相同的价格已存在");
    // Worked out anew, it has nothing to do.
    admin.post(&format!("/batches/{late}/check"), &[]).await.status(303);
    app.work_off().await;
    assert_eq!((batch(&app, late).creates, batch(&app, late).unchanged), (0, 2));
}

#[actix_web::test]
async fn an_undo_takes_back_what_waits_withdraws_what_has_not_begun_and_leaves_what_was_edited() {
    use opcms::pricing::price_plans::{commands, queries};

    let app = TestApp::new().await;
    let codes = ["KH1", "KH2", "KH3"];
    let ids = codes.map(|code| app.customer(code, &format!("{code}有限公司"), None, None));
    let admin = app.signed_in("admin").await;
    let content = file(&codes.map(|code| standard(code, "2027-01-01", "", "1.5")));
    let id = upload_prices(&app, &admin, "价格.xlsx", &content).await;
    commit(&app, &admin, id).await;
    let version = |customer: u64| {
        let found = app.number(&format!("SELECT id FROM price_versions WHERE customer_id = {customer}"));
        opcms::types::ids::PriceVersionId(u64::try_from(found).unwrap())
    };
    app.arrange(|tx| opcms::pricing::price_plans::commands::approve(tx, version(ids[1].0), 1));
    app.arrange(|tx| {
        commands::recall(tx, version(ids[2].0), 1)?;
        let mut draft = queries::get(tx, version(ids[2].0))?.unwrap().draft();
        draft.charges[0].unit_price = "1.6".parse().ok();
        commands::edit(tx, version(ids[2].0), 2, &draft)
    });
    undo(&app, &admin, id).await;
    assert_eq!(states(&app), ["discarded", "withdrawn", "draft"]);
    assert_eq!((batch(&app, id).undone, batch(&app, id).kept), (2, 1));
    admin.get(&format!("/batches/{id}?tab=kept")).await.ok().contains("有人修改过该版本");
}

#[actix_web::test]
async fn an_undo_leaves_what_was_edited_even_when_it_was_approved_since() {
    use opcms::pricing::price_plans::{commands, queries};

    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let heading: &[&str] = &["公司ID", "公司名称", "结算方式", "单层定价"];
    let content = workbook(&[
        heading,
        &["KH1", "一号有限公司", "定价结算", "2.5"],
        &["KH2", "二号有限公司", "定价结算", "2.5"],
    ]);
    let customers = upload(&app, &admin, "客户.xlsx", &content).await;
    commit(&app, &admin, customers).await;
    let prices =
        upload_prices(&app, &admin, "价格.xlsx", &file(&[standard("KH2", "2027-01-01", "", "7")])).await;
    commit(&app, &admin, prices).await;
    let edited = |batch: BatchId, code: &str| {
        let id = format!(
            "SELECT v.id FROM price_versions v JOIN customers c ON c.id = v.customer_id \
             WHERE v.batch_id = {batch} AND c.company_code = '{code}'"
        );
        let id = opcms::types::ids::PriceVersionId(u64::try_from(app.number(&id)).unwrap());
        app.arrange(|tx| {
            commands::recall(tx, id, 1)?;
            let mut draft = queries::get(tx, id)?.unwrap().draft();
            draft.remarks = Some("谈过".into());
            commands::edit(tx, id, 2, &draft)?;
            commands::submit(tx, id, 3)
        });
        id
    };
    let one = edited(prices, "KH2");
    app.arrange(|tx| commands::approve(tx, one, 4));
    edited(customers, "KH1");
    undo(&app, &admin, prices).await;
    assert_eq!((batch(&app, prices).undone, batch(&app, prices).kept), (0, 1));
    undo(&app, &admin, customers).await;
    assert_eq!(batch(&app, customers).kept, 2, "both have prices that somebody has worked on");
    assert_eq!(states(&app), ["pending", "pending", "active"]);
}

#[actix_web::test]
async fn a_customer_out_of_reach_is_unknown() {
    let app = TestApp::new().await;
    app.customer("KH1", "华南客户有限公司", Some("zhao"), None);
    app.customer("KH2", "自己的客户有限公司", None, Some("li"));
    let li = app.signed_in("li").await;
    let content = file(&[standard("KH1", "2027-01-01", "", "1"), standard("KH2", "2027-01-01", "", "1")]);
    let id = upload_prices(&app, &li, "价格.xlsx", &content).await;
    let all = rows(&app, id);
    assert_eq!(all[0].body.faults[0].code, "unknown_customer");
    li.get(&format!("/batches/{id}?tab=failed")).await.ok().lacks("华南客户");
    commit(&app, &li, id).await;
    assert_eq!(batch(&app, id).written, 1);
}

#[actix_web::test]
async fn the_template_can_be_filled_in_and_uploaded_again_and_an_unknown_model_is_asked_for_once() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let answer = admin.get("/prices/imports/template").await.ok();
    let id = upload_prices(&app, &admin, "模板.xlsx", &answer.bytes).await;
    assert_eq!((batch(&app, id).state, batch(&app, id).total), (BatchState::Ready, 0));
    let import = app.db.read(&app.system(), |db| opcms::imports::queries::get(db, id)).unwrap().unwrap();
    assert!(import.layout().columns.iter().all(Option::is_some), "{:?}", import.layout());
    let row = with(standard("KH1", "2027-01-01", "", "1"), "计价方式", "一口价");
    let id = upload_prices(&app, &admin, "价格.xlsx", &file(&[row])).await;
    assert_eq!(batch(&app, id).failed, 1);
    admin.post(&format!("/imports/{id}/values"), &[("value.0", "standard")]).await.status(303);
    app.work_off().await;
    assert_eq!((batch(&app, id).failed, batch(&app, id).creates), (0, 1));
}

#[actix_web::test]
async fn the_workbook_of_customers_opens_versions_and_its_undo_takes_them_back() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let heading: &[&str] = &["公司ID", "公司名称", "结算方式", "单层定价", "多层定价"];
    let content = workbook(&[
        heading,
        &["KH1", "一号有限公司", "定价结算", "2.5", ""],
        &["KH2", "二号有限公司", "阶梯结算", "2.5", "0-500:1;501+:0.8"],
        &["KH3", "三号有限公司", "定价结算", "2.5", "0-500:1;501+:0.8"],
        &["KH4", "四号有限公司", "", "", ""],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &content).await;
    commit(&app, &admin, id).await;
    let year = &app.texts("SELECT CAST(YEAR(MIN(created_at)) AS CHAR) FROM price_versions")[0];
    let opened = |code: &str, model: &str, price: &str| {
        format!("{code}|{year}-01-01|pending|||0.0000|||{model}|{price}|")
    };
    assert_eq!(
        dump(&app),
        [
            opened("KH1", "standard", "2.500000"),
            opened("KH2", "graduated", ""),
            opened("KH3", "standard", "2.500000"),
        ]
    );
    admin.get(&format!("/batches/{id}")).await.ok().contains("本批次开立的价格版本");
    // The same prices again open nothing.
    let again = upload(&app, &admin, "客户.xlsx", &content).await;
    assert_eq!(batch(&app, again).changes(), 0);
    // One is approved: that customer stays, the others go with what was opened for them.
    let one = app.number("SELECT MIN(id) FROM price_versions");
    let one = opcms::types::ids::PriceVersionId(u64::try_from(one).unwrap());
    app.arrange(|tx| opcms::pricing::price_plans::commands::approve(tx, one, 1));
    undo(&app, &admin, id).await;
    assert_eq!(app.texts("SELECT company_code FROM customers"), ["KH1"]);
    assert_eq!(states(&app), ["active"]);
    admin.get(&format!("/batches/{id}?tab=kept")).await.ok().contains("编写或审批过价格");
}

#[actix_web::test]
async fn a_customer_with_usage_stays_when_its_import_is_undone() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let content = workbook(&[
        &["公司ID", "公司名称", "单层定价"],
        &["KH1", "一号有限公司", "2.5"],
        &["KH2", "二号有限公司", "2.5"],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &content).await;
    commit(&app, &admin, id).await;
    for statement in [
        "INSERT INTO usage_intakes (kind, title, state, details, created_at) VALUES ('file', 'x', 'taken', '{}', NOW(6))",
        "INSERT INTO quarantined_records (intake_id, source_code, company_code, day_text, meter_code, device_series, \
         layer, quantity_text, rule, facts, customer_id, state, fingerprint, received_at) SELECT MIN(i.id), 'a', 'KH1', \
         '2026-11-01', 'shots', '', '', '99999', 'absurd', '{}', MIN(c.id), 'waiting', REPEAT('a', 64), NOW(6) \
         FROM usage_intakes i, customers c",
    ] {
        diesel::RunQueryDsl::execute(diesel::sql_query(statement), &mut app.connect()).unwrap();
    }
    undo(&app, &admin, id).await;
    assert_eq!(app.texts("SELECT company_code FROM customers"), ["KH1"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM customers WHERE deleted_at IS NOT NULL"), 0);
    admin.get(&format!("/batches/{id}?tab=kept")).await.ok().contains("已有用量记录");
}

#[test]
fn a_commit_that_is_killed_between_chunks_goes_on_and_opens_nothing_twice() {
    const CUSTOMERS: i64 = 4_000;
    let database = TestDatabase::filled(&Template::get().statements);
    let home = tempfile::tempdir().unwrap();
    let number = |query: &str| sql::<BigInt>(query).get_result::<i64>(&mut database.connect()).unwrap();
    let execute = |statement: &str| {
        diesel::RunQueryDsl::execute(diesel::sql_query(statement), &mut database.connect()).unwrap();
    };
    let mut text = String::from("公司ID,公司名称\n");
    // Two rows each, far apart, so that every version stands in two chunks.
    let mut prices = String::from("公司ID,生效日期,设备系列,计价方式,单价\n");
    for series in ["", "L"] {
        for row in 1..=CUSTOMERS {
            if series.is_empty() {
                writeln!(text, "KH{row},第{row}号客户").unwrap();
            }
            writeln!(prices, "KH{row},2027-01-01,{series},单价,1.5").unwrap();
        }
    }
    std::fs::write(home.path().join("customers.csv"), text).unwrap();
    std::fs::write(home.path().join("prices.csv"), prices).unwrap();
    let customers =
        Process::start(&database, home.path(), &["import", "customers", "customers.csv", "--commit"]);
    until("the customers are there", || {
        number("SELECT COUNT(*) FROM batches WHERE state = 'committed'") == 1
    });
    drop(customers);
    let killed = Process::start(&database, home.path(), &["import", "prices", "prices.csv", "--commit"]);
    until("a chunk is committed", || number("SELECT COUNT(*) FROM price_versions") > 0);
    drop(killed);
    let half = number("SELECT COUNT(*) FROM price_versions");
    assert!(half < CUSTOMERS, "killed too late to prove anything");
    execute("UPDATE tasks SET due_at = UTC_TIMESTAMP(6) WHERE state = 'running'");
    let _heir = Process::start(&database, home.path(), &["serve"]);
    until("the rest is committed", || number("SELECT COUNT(*) FROM batches WHERE state = 'committed'") == 2);
    for (count, wanted) in [
        ("SELECT COUNT(*) FROM price_versions", CUSTOMERS),
        ("SELECT COUNT(DISTINCT customer_id) FROM price_versions", CUSTOMERS),
        ("SELECT COUNT(*) FROM price_charges", 2 * CUSTOMERS),
        ("SELECT COUNT(*) FROM batch_results WHERE batch_id = 2 AND mark = 'done'", 2 * CUSTOMERS),
        ("SELECT COUNT(*) FROM audit_entries WHERE action = 'pricing.price_version.submitted'", CUSTOMERS),
    ] {
        assert_eq!(number(count), wanted, "{count}");
    }
    let kinds = BatchKinds::new([opcms::pricing::imports::BATCH]);
    let options = PoolOptions { size: 1, patience: Duration::from_secs(5) };
    let db = Database::new(&database.url(), options, Clock::System);
    db.write(&system(), |tx| batches::commands::undo(tx, &kinds, BatchId(2))).unwrap();
    until("all is taken back", || number("SELECT COUNT(*) FROM batches WHERE state = 'undone'") == 1);
    assert_eq!(number("SELECT undone FROM batches WHERE id = 2"), 2 * CUSTOMERS);
    assert_eq!(number("SELECT COUNT(*) FROM price_versions WHERE state = 'discarded'"), CUSTOMERS);
}

#[test]
fn the_command_line_opens_prices_and_approves_them_but_nobody_their_own() {
    let database = TestDatabase::filled(&Template::get().statements);
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_opcms"))
            .args(arguments)
            .env("DATABASE_URL", database.url())
            .env("OPCMS_DATA_DIR", home.path())
            .env("OPCMS_SECRET", "the same for all, 32 characters or more")
            .env("OPCMS_LOG", "error")
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let number = |query: &str| sql::<BigInt>(query).get_result::<i64>(&mut database.connect()).unwrap();
    let disable = "UPDATE users SET disabled_at = UTC_TIMESTAMP(6) WHERE username = 'wang'";
    diesel::RunQueryDsl::execute(diesel::sql_query(disable), &mut database.connect()).unwrap();
    assert_eq!(run(&["import", "staff", &format!("{SMALL}/staff.csv")]).0, 0);
    let customers = format!("{SMALL}/customers.xlsx");
    let (code, out, err) = run(&["import", "customers", &customers, "--commit", "--approve", "--json"]);
    let found: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!((code, &found["approved"], &found["refused"]), (1, &json!(38), &json!([])), "two rows failed");
    let prices = format!("{SMALL}/prices.xlsx");
    let (code, out, _) = run(&["import", "prices", &prices, "--json"]);
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &found["rows"], &found["creates"]), (0, &json!(58), &json!(58)), "{out}");
    assert_eq!(
        number("SELECT COUNT(*) FROM price_versions WHERE origin = 'price_import'"),
        0,
        "it only looked"
    );
    let own = run(&["--as", "admin", "import", "prices", &prices, "--commit", "--approve", "--json"]);
    let found: Value = serde_json::from_str(&own.1).unwrap_or_else(|_| panic!("{}{}", own.1, own.2));
    assert_eq!((own.0, &found["approved"]), (1, &json!(0)));
    assert_eq!(found["refused"].as_array().unwrap().len(), 49);
    let id = number("SELECT MAX(id) FROM batches WHERE state = 'committed'");
    let kinds = BatchKinds::new([opcms::pricing::imports::BATCH]);
    let options = PoolOptions { size: 1, patience: Duration::from_secs(5) };
    let db = Database::new(&database.url(), options, Clock::System);
    let id = BatchId(u64::try_from(id).unwrap());
    db.write(&system(), |tx| batches::commands::undo(tx, &kinds, id)).unwrap();
    let server = Process::start(&database, home.path(), &["serve"]);
    until("it is undone", || number("SELECT COUNT(*) FROM batches WHERE state = 'undone'") == 1);
    drop(server);
    let (code, out, err) = run(&["import", "prices", &prices, "--commit", "--approve"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("49 versions approved, 0 refused."), "{out}");
    assert_eq!(
        number("SELECT COUNT(*) FROM price_versions WHERE origin = 'price_import' AND state = 'active'"),
        49
    );
    let (code, out, _) = run(&["import", "prices", &prices]);
    assert_eq!((code, out.contains("58 unchanged")), (0, true), "{out}");
    assert_eq!(run(&["import", "prices", &prices, "--approve"]).0, 2, "--approve needs --commit");
}
