//! Customers from files: what is found in them, what is made of them, and how it is taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use opcms::accounts::passwords;
use opcms::accounts::users;
use opcms::batches::model::{BatchState, Row, RowOutcome};
use opcms::batches::{self, BatchKinds};
use opcms::customers::dictionaries::model::Dictionary;
use opcms::customers::directory;
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::Customer;
use opcms::db::{Database, PoolOptions};
use opcms::i18n::Tr;
use opcms::tasks;
use opcms::types::ids::BatchId;
use opcms::types::{Clock, Permission};

use crate::support::{Answer, Client, Template, TestApp, TestDatabase, system};

/// What stands between the parts of an upload.
const BOUNDARY: &str = "----opcms";

const SMALL: &str = "tests/fixtures/world-small";

/// The staff of a world, as users.
pub fn hire(app: &TestApp, world: &Path) {
    // The tests' own 王芳 would make that name ambiguous.
    app.arrange(|tx| users::commands::disable(tx, app.world.user("wang"), Some("调离")));
    let sheet = users::imports::parse(&std::fs::read(world.join("staff.csv")).unwrap()).unwrap();
    let plan = app.db.read(&app.system(), |db| users::imports::plan(db, &sheet)).unwrap();
    let passwords = passwords::one_time_many(plan.newcomers().count(), 2).unwrap();
    app.arrange(|tx| users::imports::commit(tx, &plan, &passwords, "staff.csv").map(|_| ()));
}

pub fn batch_of(answer: &Answer) -> BatchId {
    let location = answer.header("location").unwrap_or_else(|| panic!("{}", answer.summary()));
    location.split('/').nth(2).unwrap().parse().unwrap()
}

/// Uploads a file, and has its rows worked out.
pub async fn upload(app: &TestApp, client: &Client, name: &str, content: &[u8]) -> BatchId {
    client.get("/customers/import").await.ok();
    let answer = client.upload("/customers/import", &[], (name, content)).await.status(303);
    app.work_off().await;
    batch_of(&answer)
}

pub fn batch(app: &TestApp, id: BatchId) -> batches::model::Batch {
    app.db.read(&app.system(), |db| batches::queries::get(db, id)).unwrap().unwrap().batch
}

pub fn rows(app: &TestApp, id: BatchId) -> Vec<Row> {
    let read = |after: u32| {
        app.db.read(&app.system(), |db| batches::queries::stretch(db, id, None, after, 1_000)).unwrap()
    };
    let mut all: Vec<Row> = Vec::new();
    loop {
        let some = read(all.last().map_or(0, |row| row.position));
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

pub async fn commit(app: &TestApp, client: &Client, id: BatchId) {
    let version = batch(app, id).version.to_string();
    client
        .post(&format!("/batches/{id}/commit"), &[("version", &version)])
        .await
        .see_other(&format!("/batches/{id}"));
    app.work_off().await;
}

pub async fn undo(app: &TestApp, client: &Client, id: BatchId) {
    client.post(&format!("/batches/{id}/undo"), &[]).await.see_other(&format!("/batches/{id}"));
    app.work_off().await;
}

/// The live customers by code.
pub fn customers(app: &TestApp) -> BTreeMap<String, Customer> {
    let codes = app.texts("SELECT company_code FROM customers WHERE deleted_at IS NULL");
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    app.db.read(&app.system(), |db| directory::queries::by_codes(db, &codes)).unwrap()
}

/// What the customers' tables say, but for what counts and stamps changes.
fn dump(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS('|', company_code, company_name, normalised_name, name_sort, entity_type, account_type, \
         COALESCE(industry, ''), COALESCE(onboarded_on, ''), COALESCE(onboarded_text, ''), COALESCE(level, ''), \
         COALESCE(sales_owner_id, ''), COALESCE(ops_owner_id, ''), status, billable, disabled, \
         COALESCE(settlement_mode, ''), COALESCE(spend_level, ''), COALESCE(monthly_average_usage, ''), \
         COALESCE(deleted_at, ''), COALESCE(d.remarks, ''), COALESCE(d.billing_emails, ''), d.payment_term_days) \
         FROM customers c JOIN customer_details d ON d.customer_id = c.id \
         UNION ALL SELECT CONCAT_WS('|', term, personal, customer_id) FROM customer_terms \
         UNION ALL SELECT CONCAT_WS('|', customer_id, COALESCE(single_price, ''), COALESCE(tier_prices, '')) \
         FROM customer_import_prices ORDER BY 1",
    )
}

/// A workbook of these rows, the first of them the heading.
pub fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

const HEADING: &[&str] = &["公司ID", "公司名称", "行业类型", "销售负责人", "备注"];

/// The customers of a world, as its file of what must come out names them.
fn as_expected(app: &TestApp, expected: &Value) -> Vec<Value> {
    let all = customers(app);
    let priced: BTreeSet<u64> = app
        .texts("SELECT CAST(customer_id AS CHAR) FROM customer_import_prices")
        .into_iter()
        .map(|id| id.parse().unwrap())
        .collect();
    let wanted = expected["customers"].as_array().unwrap();
    let dictionaries = app.db.read(&app.system(), opcms::customers::dictionaries::queries::all).unwrap();
    let people = app.db.read(&app.system(), users::queries::people).unwrap();
    let show = |wanted: &Value| {
        let code = wanted["company_code"].as_str().unwrap();
        let customer = all.get(code).unwrap_or_else(|| panic!("{code} is missing"));
        let field = |field: Field| customer.fields.get(field);
        let label = |dictionary, field: Field| {
            customer.fields.get(field).map(|code| dictionaries.label(dictionary, &code, Tr::ZhCn).to_owned())
        };
        let name = |field: Field| {
            let id = customer.fields.get(field)?;
            people.iter().find(|person| person.id.to_string() == id).map(|person| person.name.clone())
        };
        json!({
            "row": wanted["row"],
            "company_code": code,
            "company_name": field(Field::CompanyName),
            "account_type": field(Field::AccountType),
            "industry": label(Dictionary::Industry, Field::Industry),
            "erp_system": label(Dictionary::ErpSystem, Field::ErpSystem),
            "onboarded_on": field(Field::OnboardedOn),
            "onboarded_text": field(Field::OnboardedText),
            "level": field(Field::Level),
            "sales_owner": name(Field::SalesOwner),
            "ops_owner": name(Field::OpsOwner),
            "status": field(Field::Status),
            "billable": customer.fields.billable,
            "disabled": customer.fields.disabled,
            "settlement_mode": field(Field::SettlementMode),
            "monthly_average_usage": customer.fields.monthly_average_usage,
            "opens_price": priced.contains(&customer.id.0),
        })
    };
    assert_eq!(all.len(), wanted.len());
    wanted.iter().map(show).collect()
}

/// Takes the workbook of a world in, and compares everything with what must come out of it.
async fn take_in(world: &Path) {
    let app = TestApp::new().await;
    hire(&app, world);
    let expected: Value =
        serde_json::from_slice(&std::fs::read(world.join("customers.expected.json")).unwrap()).unwrap();
    let content = std::fs::read(world.join("customers.xlsx")).unwrap();
    let admin = app.signed_in("admin").await;
    let before = dump(&app);
    let id = upload(&app, &admin, "customers.xlsx", &content).await;
    let checked = batch(&app, id);
    assert_eq!(checked.state, BatchState::Ready, "{:?}", checked.fault());
    let all = rows(&app, id);
    assert_eq!(json!(all.len()), expected["rows"]);
    let failed: Vec<Value> = all
        .iter()
        .filter(|row| row.outcome == RowOutcome::Failed)
        .map(|row| {
            let fault = &row.body.faults[0];
            json!({"row": row.number, "column": fault.column, "reason": fault.code})
        })
        .collect();
    assert_eq!(Value::Array(failed), expected["failed"]);
    assert_eq!(json!(checked.creates), expected["ok"]);
    commit(&app, &admin, id).await;
    let committed = batch(&app, id);
    assert_eq!((committed.state, json!(committed.written)), (BatchState::Committed, expected["ok"].clone()));
    for (found, wanted) in as_expected(&app, &expected).iter().zip(expected["customers"].as_array().unwrap())
    {
        assert_eq!(found, wanted);
    }
    // The same file again changes nothing, and has nothing to commit.
    let again = upload(&app, &admin, "customers.xlsx", &content).await;
    let again = batch(&app, again);
    assert_eq!((again.creates, again.updates, json!(again.unchanged)), (0, 0, expected["ok"].clone()));
    assert_eq!(json!(again.failed), json!(expected["failed"].as_array().unwrap().len()));
    // Taken back, everything is as before.
    undo(&app, &admin, id).await;
    let undone = batch(&app, id);
    assert_eq!(
        (undone.state, json!(undone.undone), undone.kept),
        (BatchState::Undone, expected["ok"].clone(), 0)
    );
    assert_eq!(dump(&app), before);
}

#[actix_web::test]
async fn the_small_world_comes_out_row_by_row_and_goes_again() {
    take_in(Path::new(SMALL)).await;
}

#[actix_web::test]
async fn the_full_world_comes_out_row_by_row_and_goes_again() {
    // Beside the repository, or beside the folder of its worktrees.
    let places = [Path::new("../shared/world/full"), Path::new("../../shared/world/full")];
    match places.into_iter().find(|place| place.exists()) {
        Some(world) => take_in(world).await,
        None => eprintln!("skipped: {} is not here", places[0].display()),
    }
}

#[actix_web::test]
async fn a_row_changes_only_the_fields_that_it_fills_in() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "杭州诺合有限公司", Some("zhao"), None);
    let admin = app.signed_in("admin").await;
    let file = workbook(&[
        HEADING,
        &["KH1", "杭州诺合股份有限公司", "", "", "月底对账"],
        &["KH2", "苏州新客有限公司", "无", "赵敏", "#N/A"],
    ]);
    let batch_id = upload(&app, &admin, "客户.xlsx", &file).await;
    let all = rows(&app, batch_id);
    let changed: Vec<&str> = all[0].body.changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!((all[0].outcome, changed), (RowOutcome::Update, vec!["company_name", "remarks"]));
    assert_eq!(all[1].outcome, RowOutcome::Create);
    let page = admin.get(&format!("/batches/{batch_id}?tab=update")).await.ok();
    page.contains("杭州诺合股份有限公司").contains("<del>杭州诺合有限公司</del>").contains("月底对账");
    admin.get(&format!("/batches/{batch_id}?tab=corrected")).await.ok().contains("#N/A");
    commit(&app, &admin, batch_id).await;
    let after = &customers(&app)["KH1"];
    assert_eq!((after.id, after.fields.sales_owner), (id, Some(app.world.user("zhao"))));
    assert_eq!(customers(&app)["KH2"].fields.sales_owner, Some(app.world.user("zhao")));
    // What has come with the import is in the history of the customer, and the batch in the audit log.
    assert_eq!(
        app.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'customers.customer.imported'"),
        2
    );
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'batches.batch.committed'"), 1);
    admin.get(&format!("/batches/{batch_id}")).await.ok().contains("已提交");
}

#[actix_web::test]
async fn however_many_ask_a_batch_is_committed_once() {
    let app = TestApp::new().await;
    let (admin, other) = (app.signed_in("admin").await, app.signed_in("admin").await);
    let file = workbook(&[HEADING, &["KH1", "杭州诺合有限公司", "", "", ""]]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    let version = batch(&app, id).version.to_string();
    for client in [&admin, &other, &admin] {
        client.get("/").await.ok();
        client.post(&format!("/batches/{id}/commit"), &[("version", &version)]).await.status(303);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM tasks WHERE kind = 'batches.commit'"), 1);
    app.work_off().await;
    admin.post(&format!("/batches/{id}/commit"), &[("version", &version)]).await.status(303);
    assert_eq!(app.work_off().await, 0);
    assert_eq!((customers(&app).len(), batch(&app, id).written), (1, 1));
    // Two of the real commands at the same moment come to the same.
    let second =
        upload(&app, &admin, "客户.xlsx", &workbook(&[HEADING, &["KH2", "苏州新客有限公司", "", "", ""]]))
            .await;
    let (db, kinds, actor) = (app.db.clone(), app.part::<BatchKinds>(), app.actor("admin"));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                db.write(&actor, |tx| batches::commands::commit(tx, &kinds, second, None)).unwrap()
            });
        }
    });
    assert_eq!(app.work_off().await, 1);
    assert_eq!(customers(&app).len(), 2);
}

#[actix_web::test]
async fn what_was_checked_again_is_not_committed_by_who_has_not_seen_it() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let id =
        upload(&app, &admin, "客户.xlsx", &workbook(&[HEADING, &["KH1", "杭州诺合有限公司", "", "", ""]]))
            .await;
    let seen = batch(&app, id).version.to_string();
    admin.post(&format!("/batches/{id}/check"), &[]).await.status(303);
    app.work_off().await;
    let answer = admin.post(&format!("/batches/{id}/commit"), &[("version", &seen)]).await.status(303);
    assert!(answer.flash().contains("已重新校验"), "{}", answer.flash());
    assert_eq!(batch(&app, id).state, BatchState::Ready);
}

/// Edits a field of a customer by hand.
pub fn edit(app: &TestApp, code: &str, field: Field, text: &str) {
    let before = customers(app)[code].clone();
    let mut after = before.fields.clone();
    after.set(field, Some(text)).unwrap();
    app.arrange(|tx| directory::commands::update(tx, before.id, before.version, after.clone()));
}

#[actix_web::test]
async fn a_commit_is_refused_as_a_whole_when_the_data_moved_and_says_what() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let file = workbook(&[
        HEADING,
        &["KH1", "杭州诺合有限公司", "", "", "来自文件"],
        &["KH2", "苏州新客有限公司", "", "", ""],
        &["KH3", "无锡三号有限公司", "", "", ""],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    edit(&app, "KH1", Field::Remarks, "手工修改");
    app.customer("KH3", "别家", None, None);
    let before = dump(&app);
    commit(&app, &admin, id).await;
    assert_eq!((batch(&app, id).state, dump(&app)), (BatchState::Outdated, before));
    let page = admin.get(&format!("/batches/{id}?tab=moved")).await.ok();
    page.contains("没有写入任何一行")
        .contains("备注（原为“空”，现为“手工修改”）")
        .contains("公司ID 已被其他客户使用。");
    // Checked again, the plan is that of the data as it is now.
    admin.post(&format!("/batches/{id}/check"), &[]).await.status(303);
    app.work_off().await;
    let again = batch(&app, id);
    assert_eq!((again.state, again.creates, again.updates), (BatchState::Ready, 1, 2));
    let all = rows(&app, id);
    assert_eq!(all[0].body.changes[0].was.as_deref(), Some("手工修改"));
    commit(&app, &admin, id).await;
    assert_eq!(customers(&app)["KH1"].fields.remarks.as_deref(), Some("来自文件"));
    assert_eq!(customers(&app)["KH3"].fields.company_name, "无锡三号有限公司");
}

#[actix_web::test]
async fn a_field_that_somebody_else_changed_does_not_matter_to_a_row_that_leaves_it() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let id = upload(&app, &admin, "客户.xlsx", &workbook(&[HEADING, &["KH1", "", "", "", "来自文件"]])).await;
    assert_eq!(rows(&app, id)[0].outcome, RowOutcome::Update, "{:?}", rows(&app, id));
    edit(&app, "KH1", Field::Address, "西湖区");
    commit(&app, &admin, id).await;
    let after = &customers(&app)["KH1"].fields;
    assert_eq!((after.remarks.as_deref(), after.address.as_deref()), (Some("来自文件"), Some("西湖区")));
}

#[actix_web::test]
async fn an_undo_keeps_what_somebody_has_changed_since_and_lists_it() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let file = workbook(&[
        &["公司ID", "公司名称", "备注", "地址", "单层定价"],
        &["KH1", "杭州诺合有限公司", "来自文件", "来自文件", "1.5"],
        &["KH2", "苏州新客有限公司", "", "", "2元"],
        &["KH3", "无锡三号有限公司", "", "", ""],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    commit(&app, &admin, id).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM customer_import_prices"), 2);
    edit(&app, "KH1", Field::Remarks, "后来修改");
    edit(&app, "KH3", Field::Remarks, "后来修改");
    undo(&app, &admin, id).await;
    let undone = batch(&app, id);
    assert_eq!((undone.state, undone.undone, undone.kept), (BatchState::Undone, 1, 2));
    let left = customers(&app);
    assert_eq!(left.keys().collect::<Vec<_>>(), ["KH1", "KH3"]);
    assert_eq!(
        (left["KH1"].fields.remarks.as_deref(), left["KH1"].fields.address.as_deref()),
        (Some("后来修改"), None)
    );
    assert_eq!(app.number("SELECT COUNT(*) FROM customer_import_prices"), 0);
    let kept = admin.get(&format!("/batches/{id}?tab=kept")).await.ok();
    kept.contains("备注（原为“来自文件”，现为“后来修改”）").contains("KH3");
    admin.get(&format!("/batches/{id}?tab=undone")).await.ok().contains("KH2");
}

#[actix_web::test]
async fn an_undo_gives_a_customer_back_to_an_owner_who_has_left_meanwhile() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    app.customer("KH1", "杭州诺合有限公司", Some("zhao"), None);
    let file = workbook(&[HEADING, &["KH1", "杭州诺合有限公司", "", "李雷", "月底对账"]]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    commit(&app, &admin, id).await;
    assert_eq!(customers(&app)["KH1"].fields.sales_owner, Some(app.world.user("li")));
    app.arrange(|tx| users::commands::disable(tx, app.world.user("zhao"), Some("离职")));
    undo(&app, &admin, id).await;
    let back = &customers(&app)["KH1"].fields;
    assert_eq!((back.sales_owner, &back.remarks), (Some(app.world.user("zhao")), &None));
}

#[actix_web::test]
async fn a_customer_that_something_hangs_on_is_deleted_and_not_erased() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let file = workbook(&[
        HEADING,
        &["KH1", "杭州诺合有限公司", "", "", ""],
        &["KH2", "苏州新客有限公司", "", "", ""],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    commit(&app, &admin, id).await;
    let hung = customers(&app)["KH1"].id;
    diesel::RunQueryDsl::execute(
        diesel::sql_query(format!(
            "INSERT INTO contacts (customer_id, name, name_sort, created_at, updated_at, deleted_at) VALUES ({hung}, '李姐', 'li jie ', NOW(6), NOW(6), NOW(6))"
        )),
        &mut app.connect(),
    )
    .unwrap();
    undo(&app, &admin, id).await;
    assert_eq!(app.texts("SELECT company_code FROM customers WHERE deleted_at IS NOT NULL"), ["KH1"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM customers"), 1);
}

#[actix_web::test]
async fn an_unknown_value_is_said_the_meaning_of_once_and_remembered() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let file = workbook(&[
        HEADING,
        &["KH1", "杭州诺合有限公司", "民宿", "小赵", ""],
        &["KH2", "苏州新客有限公司", "民 宿", "", ""],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    assert_eq!(batch(&app, id).failed, 2);
    let page = admin.get(&format!("/batches/{id}")).await.ok();
    page.clone().contains("未知的取值").contains("小赵");
    let zhao = app.world.user("zhao").to_string();
    let form = page.form(&format!("/imports/{id}/values"));
    let names: Vec<&str> =
        form.iter().map(|(name, _)| name.as_str()).filter(|name| name.starts_with("value.")).collect();
    assert_eq!(names.len(), 2, "{form:?}");
    // Which question is which stands in the rows of the table.
    let unknown = app.texts("SELECT unknown FROM imports");
    let unknown: Value = serde_json::from_str(&unknown[0]).unwrap();
    let place = |text: &str| unknown.as_array().unwrap().iter().position(|one| one["text"] == text).unwrap();
    let (guesthouse, person) = (format!("value.{}", place("民宿")), format!("value.{}", place("小赵")));
    admin
        .post(
            &format!("/imports/{id}/values"),
            &[(guesthouse.as_str(), "hospitality"), (person.as_str(), zhao.as_str())],
        )
        .await
        .see_other(&format!("/batches/{id}"));
    app.work_off().await;
    assert_eq!((batch(&app, id).failed, batch(&app, id).creates), (0, 2));
    admin.get(&format!("/batches/{id}?tab=corrected")).await.ok().contains("酒店民宿").contains("赵敏");
    // The next file is not asked about them.
    let next = upload(
        &app,
        &admin,
        "下一份.xlsx",
        &workbook(&[HEADING, &["KH3", "无锡三号有限公司", "民宿", "小赵", ""]]),
    )
    .await;
    assert_eq!((batch(&app, next).failed, batch(&app, next).creates), (0, 1));
}

#[actix_web::test]
async fn cells_are_put_right_in_the_page() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let file = workbook(&[
        HEADING,
        &["KH1", "杭州诺合有限公司", "没有的行业", "查无此人", ""],
        &["", "苏州新客有限公司", "", "", ""],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    let page = admin.get(&format!("/batches/{id}")).await.ok();
    let url = format!("/imports/{id}/cells");
    let answer = admin
        .submit(&page, &url, &[("2.industry", "长租公寓"), ("2.sales_owner", ""), ("3.company_code", "KH2")])
        .await;
    answer.see_other(&format!("/batches/{id}"));
    app.work_off().await;
    let after = batch(&app, id);
    assert_eq!((after.failed, after.creates, after.corrected), (0, 2, 2));
    admin.get(&format!("/batches/{id}?tab=corrected")).await.ok().contains("没有的行业").contains("长租公寓");
    commit(&app, &admin, id).await;
    assert_eq!(customers(&app)["KH1"].fields.industry.as_deref(), Some("rental"));
    // What is committed is no longer changed.
    let late = admin.post(&url, &[("2.industry", "x")]).await.status(303);
    assert!(late.flash().contains("已经提交"), "{}", late.flash());
}

#[actix_web::test]
async fn failed_rows_are_downloaded_with_why_put_right_and_uploaded_again() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let file = workbook(&[
        &["客户台账"],
        HEADING,
        &["必填", "必填，与合同一致", "字典", "", ""],
        &["KH1", "杭州诺合有限公司", "", "", ""],
        &["KH2", "苏州新客有限公司", "没有的行业", "", "=cmd|' /C calc'!A0"],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    assert_eq!(rows(&app, id).iter().map(|row| row.number.unwrap()).collect::<Vec<_>>(), [4, 5]);
    commit(&app, &admin, id).await;
    let answer = admin.post(&format!("/imports/{id}/failed"), &[]).await.ok();
    let copy = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(copy.path(), &answer.bytes).unwrap();
    let mut book = opcms::sheets::Book::open_path(copy.path()).unwrap();
    let found: Vec<Vec<String>> = book
        .first_rows(0, 9)
        .unwrap()
        .iter()
        .map(|row| row.cells.iter().map(|cell| cell.shown().into_owned()).collect())
        .collect();
    assert_eq!(found[0], ["公司ID", "公司名称", "行业类型", "销售负责人", "备注", "失败原因"]);
    assert_eq!(&found[1][..2], ["KH2", "苏州新客有限公司"]);
    assert!(found[1][5].contains("没有的行业"), "{found:?}");
    // Put right, it comes in.
    let mended: Vec<&str> =
        found[1].iter().map(|cell| if cell == "没有的行业" { "长租公寓" } else { cell.as_str() }).collect();
    let heading: Vec<&str> = found[0].iter().map(String::as_str).collect();
    let second = upload(&app, &admin, "失败的行.xlsx", &workbook(&[&heading, &mended])).await;
    assert_eq!((batch(&app, second).creates, batch(&app, second).failed), (1, 0));
    admin.get(&format!("/batches/{second}")).await.ok().contains("失败原因");
}

#[actix_web::test]
async fn columns_that_are_not_found_are_matched_by_hand_and_remembered() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let file = workbook(&[&["编码甲", "名称乙", "说明"], &["KH1", "杭州诺合有限公司", "x"]]);
    admin.get("/customers/import").await.ok();
    let answer = admin.upload("/customers/import", &[], ("客户.xlsx", &file)).await.status(303);
    let id = batch_of(&answer);
    let url = format!("/imports/{id}/columns");
    let page = admin.get(answer.header("location").unwrap()).await.ok();
    page.clone().contains("编码甲").contains("KH1");
    let fields = |code: &'static str, name: &'static str| {
        [("sheet", "0"), ("header_row", "1"), ("column.0", code), ("column.1", name)]
    };
    admin.post(&url, &fields("company_code", "")).await.status(422).contains("还有必须对应的列");
    admin.post(&url, &fields("company_name", "company_name")).await.status(422).contains("对应了多列");
    admin.post(&url, &fields("company_code", "company_name")).await.see_other(&format!("/batches/{id}"));
    app.work_off().await;
    assert_eq!((batch(&app, id).state, batch(&app, id).creates), (BatchState::Ready, 1));
    // The next file with these headings needs nobody.
    let next = upload(&app, &admin, "下一份.xlsx", &file).await;
    assert_eq!((batch(&app, next).state, batch(&app, next).creates), (BatchState::Ready, 1));
}

#[actix_web::test]
async fn a_customer_out_of_reach_is_neither_seen_nor_changed() {
    let app = TestApp::new().await;
    app.customer("KH1", "华南客户有限公司", Some("zhao"), None);
    app.customer("KH2", "自己的客户有限公司", None, Some("li"));
    let li = app.signed_in("li").await;
    let file = workbook(&[
        &["公司ID", "公司名称", "运营负责人", "备注"],
        &["KH1", "随便什么名字", "没有这个人", "x"],
        &["KH2", "自己的客户有限公司", "", "y"],
        &["KH3", "别人的新客户有限公司", "", ""],
        &["KH4", "自己的新客户有限公司", "李雷", ""],
        &["KH1", "", "", ""],
    ]);
    let id = upload(&app, &li, "客户.xlsx", &file).await;
    let all = rows(&app, id);
    let outcomes: Vec<&str> = all.iter().map(|row| row.outcome.as_str()).collect();
    assert_eq!(outcomes, ["failed", "update", "failed", "create", "failed"]);
    // Whatever else stands in such a row: one sentence says that the customer is none of theirs.
    for row in [&all[0], &all[4]] {
        let faults = &row.body.faults;
        assert_eq!((row.subject_id, faults.len(), faults[0].code.as_str()), (None, 1, "duplicate"));
        assert_eq!(faults[0].said.text(Tr::ZhCn), Tr::ZhCn.customer_imports_out_of_reach());
    }
    li.get(&format!("/batches/{id}")).await.ok().lacks("华南客户");
    commit(&app, &li, id).await;
    assert_eq!(customers(&app)["KH1"].fields.company_name, "华南客户有限公司");
    assert_eq!(batch(&app, id).written, 2);
    // Somebody else who may import sees batches of their own only; who reaches everything sees all.
    let colleague = app.signed_in("ops").await;
    for path in [format!("/batches/{id}"), format!("/imports/{id}/columns")] {
        colleague.get(&path).await.status(404);
    }
    colleague.get("/customers/import").await.ok().lacks(&format!("/batches/{id}"));
    app.signed_in("admin").await.get(&format!("/batches/{id}")).await.ok();
}

#[actix_web::test]
async fn a_status_that_cannot_move_so_fails_and_one_that_cannot_be_placed_is_unconfirmed() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let heading: &[&str] = &["公司ID", "公司名称", "合作状态"];
    let file = workbook(&[
        heading,
        &["KH1", "", "归档"],
        &["KH2", "苏州新客有限公司", "不好说"],
        &["KH3", "无锡三号有限公司", ""],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    let all = rows(&app, id);
    assert_eq!(all[0].body.faults[0].column, "status");
    commit(&app, &admin, id).await;
    for code in ["KH2", "KH3"] {
        assert_eq!(customers(&app)[code].fields.status.as_str(), "unconfirmed");
    }
}

#[actix_web::test]
async fn what_is_no_table_is_refused_with_a_sentence_and_leaves_nothing_behind() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/customers/import").await.ok();
    for (name, content) in [
        ("空.xlsx", &b""[..]),
        ("图片.xlsx", crate::support::PNG),
        ("网页.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("截断.xlsx", &workbook(&[HEADING])[..200]),
    ] {
        let answer = admin.upload("/customers/import", &[], (name, content)).await.status(422);
        assert!(!answer.field_error("file").is_empty(), "{name}");
    }
    admin
        .upload("/customers/import", &[("effective_on", "明天")], ("客户.xlsx", &workbook(&[HEADING])))
        .await
        .status(422);
    assert_eq!(app.number("SELECT (SELECT COUNT(*) FROM batches) + (SELECT COUNT(*) FROM imports)"), 0);
    // A heading alone is a table without rows.
    let id = upload(&app, &admin, "只有表头.csv", "公司ID,公司名称\n".as_bytes()).await;
    assert_eq!((batch(&app, id).state, batch(&app, id).total), (BatchState::Ready, 0));
    let answer = admin.post(&format!("/batches/{id}/commit"), &[("version", "2")]).await.status(303);
    assert!(answer.flash().contains("无需提交"), "{}", answer.flash());
    admin.post(&format!("/batches/{id}/discard"), &[]).await.status(303);
    assert_eq!(batch(&app, id).state, BatchState::Discarded);
}

#[actix_web::test]
async fn a_commit_that_was_stopped_on_the_way_can_go_on_or_be_undone() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let file = workbook(&[HEADING, &["KH1", "杭州诺合有限公司", "", "", ""]]);
    for goes_on in [true, false] {
        let id = upload(&app, &admin, "客户.xlsx", &file).await;
        let version = batch(&app, id).version.to_string();
        admin.post(&format!("/batches/{id}/commit"), &[("version", &version)]).await.status(303);
        let task = batch(&app, id).task_id.unwrap();
        app.arrange(|tx| tasks::commands::cancel(tx, task).map(|_| ()));
        app.work_off().await;
        admin.get(&format!("/batches/{id}")).await.ok().contains("已中断");
        if goes_on {
            commit(&app, &admin, id).await;
            assert_eq!((batch(&app, id).state, customers(&app).len()), (BatchState::Committed, 1));
        }
        undo(&app, &admin, id).await;
        assert_eq!((batch(&app, id).state, customers(&app).len()), (BatchState::Undone, 0));
    }
}

#[actix_web::test]
async fn the_template_is_a_file_that_can_be_filled_in_and_uploaded_again() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let answer = admin.get("/customers/import/template").await.ok();
    let id = upload(&app, &admin, "模板.xlsx", &answer.bytes).await;
    let empty = batch(&app, id);
    assert_eq!((empty.state, empty.total), (BatchState::Ready, 0), "{:?}", empty.fault());
    let import = app.db.read(&app.system(), |db| opcms::imports::queries::get(db, id)).unwrap().unwrap();
    assert!(import.layout().ignored().is_empty(), "{:?}", import.layout());
    assert!(import.layout().columns.iter().all(Option::is_some));
}

#[actix_web::test]
async fn programs_upload_look_commit_and_undo() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let file = workbook(&[
        HEADING,
        &["KH1", "杭州诺合有限公司", "没有的行业", "", ""],
        &["KH2", "苏州新客有限公司", "", "", ""],
    ]);
    let mut body =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n")
            .into_bytes();
    body.extend(&file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    let request = api
        .request(actix_web::http::Method::POST, "/api/v1/customers/import")
        .insert_header(("content-type", format!("multipart/form-data; boundary={BOUNDARY}")))
        .set_payload(body);
    let made = api.send(request).await.status(201).json();
    assert_eq!((made["state"].as_str(), made["kind"].as_str()), (Some("checking"), Some("customers.import")));
    app.work_off().await;
    let path = format!("/api/v1/batches/{}", made["id"]);
    let ready = api.get(&path).await.ok().json();
    assert_eq!((ready["creates"].as_i64(), ready["failed"].as_i64()), (Some(1), Some(1)));
    let failed = api.get(&format!("{path}/rows?tab=failed")).await.ok().json();
    assert_eq!(failed["items"][0]["faults"][0]["reason"], "unknown_value");
    let commit = format!("{path}/commit");
    api.post(&commit, json!({})).await.status(422);
    let unseen = ready["version"].as_u64().unwrap() + 1;
    api.post(&commit, json!({"version": unseen})).await.status(422);
    let seen = json!({"version": ready["version"]});
    assert_eq!(api.post(&commit, seen).await.ok().json()["state"], "committing");
    app.work_off().await;
    assert_eq!(api.get(&path).await.ok().json()["written"], 1);
    api.post(&format!("{path}/undo"), json!({})).await.ok();
    app.work_off().await;
    assert_eq!(api.get(&path).await.ok().json()["state"], "undone");
    app.api_limited("admin", &[Permission::CustomerView]).get(&path).await.status(404);
}

/// A process of the product, killed with the value.
pub struct Process(std::process::Child);

impl Process {
    pub fn start(database: &TestDatabase, home: &Path, arguments: &[&str]) -> Process {
        let child = std::process::Command::new(env!("CARGO_BIN_EXE_opcms"))
            .args(arguments)
            .current_dir(home)
            .env("DATABASE_URL", database.url())
            .env("OPCMS_DATA_DIR", home)
            .env("OPCMS_LISTEN", "127.0.0.1:0")
            .env("OPCMS_SECRET", "the same for both, 32 characters or more")
            .env("OPCMS_LOG", "error")
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        Process(child)
    }
}

impl Drop for Process {
    /// `kill -9`.
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(4);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_commit_and_an_undo_that_are_killed_between_chunks_go_on_and_write_nothing_twice() {
    const ROWS: i64 = 5_000;
    let database = TestDatabase::filled(&Template::get().statements);
    let home = tempfile::tempdir().unwrap();
    let mut text = String::from("公司ID,公司名称\n");
    for row in 1..=ROWS {
        writeln!(text, "KH{row},第{row}号客户").unwrap();
    }
    std::fs::write(home.path().join("many.csv"), text).unwrap();
    let number = |query: &str| sql::<BigInt>(query).get_result::<i64>(&mut database.connect()).unwrap();
    let execute = |statement: &str| {
        diesel::RunQueryDsl::execute(diesel::sql_query(statement), &mut database.connect()).unwrap();
    };
    // Nobody waits here for the lease of who was killed.
    let inherit = || execute("UPDATE tasks SET due_at = UTC_TIMESTAMP(6) WHERE state = 'running'");

    let killed = Process::start(&database, home.path(), &["import", "customers", "many.csv", "--commit"]);
    until("a chunk is committed", || number("SELECT COUNT(*) FROM batch_results") > 0);
    drop(killed);
    let half = number("SELECT COUNT(*) FROM batch_results");
    assert_eq!(number("SELECT COUNT(*) FROM customers"), half, "rows and results are one transaction");
    assert!(half < ROWS, "killed too late to prove anything");
    inherit();
    let heir = Process::start(&database, home.path(), &["serve"]);
    until("the rest is committed", || number("SELECT COUNT(*) FROM batches WHERE state = 'committed'") == 1);
    for count in [
        "SELECT COUNT(*) FROM customers",
        "SELECT COUNT(*) FROM batch_results",
        "SELECT COUNT(*) FROM status_moves",
        "SELECT written FROM batches",
        "SELECT COUNT(*) FROM audit_entries WHERE action = 'customers.customer.imported'",
    ] {
        assert_eq!(number(count), ROWS, "{count}");
    }
    drop(heir);

    let kinds = BatchKinds::new([opcms::customers::imports::BATCH]);
    let options = PoolOptions { size: 1, patience: Duration::from_secs(5) };
    let db = Database::new(&database.url(), options, Clock::System);
    let id = BatchId(u64::try_from(number("SELECT id FROM batches")).unwrap());
    db.write(&system(), |tx| batches::commands::undo(tx, &kinds, id)).unwrap();
    let killed = Process::start(&database, home.path(), &["serve"]);
    until("a chunk is undone", || number("SELECT COUNT(*) FROM customers") < ROWS);
    drop(killed);
    inherit();
    let _heir = Process::start(&database, home.path(), &["serve"]);
    until("the rest is undone", || number("SELECT COUNT(*) FROM batches WHERE state = 'undone'") == 1);
    assert_eq!((number("SELECT COUNT(*) FROM customers"), number("SELECT undone FROM batches")), (0, ROWS));
}

#[test]
fn the_command_line_says_what_would_become_of_each_row_and_makes_it_so_with_commit() {
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
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let number = |query: &str| sql::<BigInt>(query).get_result::<i64>(&mut database.connect()).unwrap();
    let staff = format!("{SMALL}/staff.csv");
    let execute = "UPDATE users SET disabled_at = UTC_TIMESTAMP(6) WHERE username = 'wang'";
    diesel::RunQueryDsl::execute(diesel::sql_query(execute), &mut database.connect()).unwrap();
    assert_eq!(run(&["import", "staff", &staff]).0, 0);
    let file = format!("{SMALL}/customers.xlsx");
    let (code, out, _) = run(&["import", "customers", &file, "--json"]);
    let expected: Value =
        serde_json::from_slice(&std::fs::read(format!("{SMALL}/customers.expected.json")).unwrap()).unwrap();
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &found["rows"], &found["ok"]), (1, &expected["rows"], &expected["ok"]));
    let pairs = found["failed"].as_array().unwrap().iter().zip(expected["failed"].as_array().unwrap());
    for (found, wanted) in pairs {
        for key in ["row", "column", "reason"] {
            assert_eq!(found[key], wanted[key]);
        }
    }
    assert_eq!(number("SELECT COUNT(*) FROM customers"), 0, "it only looked");
    let (code, out, _) = run(&["import", "customers", &file, "--commit", "--prices-from", "2026-01-01"]);
    assert_eq!(code, 1, "two rows failed");
    assert!(out.contains("78 created") && out.contains("Row 34, company_code:"), "{out}");
    assert_eq!(number("SELECT COUNT(*) FROM customers"), 78);
    assert!(number("SELECT COUNT(*) FROM customer_import_prices WHERE effective_on = '2026-01-01'") > 0);
    let (code, _, complaint) = run(&["import", "customers", &staff]);
    assert_eq!(code, 1);
    assert!(complaint.contains("company_code"), "{complaint}");
    let (code, _, complaint) = run(&["import", "customers", "nowhere.xlsx"]);
    assert_eq!((code, complaint.contains("nowhere.xlsx")), (1, true), "{complaint}");
    assert_eq!(run(&["import", "customers", &file, "--prices-from", "bald"]).0, 2);
}
