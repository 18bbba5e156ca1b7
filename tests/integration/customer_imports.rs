//! Customers from files: what is found in them, what is made of them, and how it is taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use opcms::accounts::passwords;
use opcms::accounts::users;
use opcms::batches::model::{BatchState, Row, RowOutcome};
use opcms::batches::{self, BatchKinds};
use opcms::customers::directory;
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::Customer;
use opcms::i18n::Tr;
use opcms::tasks;
use opcms::types::Permission;
use opcms::types::ids::{BatchId, CustomerId};

use crate::support::{Answer, Client, TestApp};

const SMALL: &str = "tests/fixtures/world-small";

/// The staff of a world, as users.
fn hire(app: &TestApp, world: &Path) {
    // The tests' own 王芳 would make that name ambiguous.
    app.arrange(|tx| users::commands::disable(tx, app.world.user("wang"), Some("调离")).map(|_| ()));
    let sheet = users::imports::parse(&std::fs::read(world.join("staff.csv")).unwrap()).unwrap();
    let plan = app.db.read(&app.system(), |db| users::imports::plan(db, &sheet)).unwrap();
    let passwords = passwords::one_time_many(plan.newcomers().count(), 2).unwrap();
    app.arrange(|tx| users::imports::commit(tx, &plan, &passwords, "staff.csv").map(|_| ()));
}

fn batch_of(answer: &Answer) -> BatchId {
    let location = answer.header("location").unwrap_or_else(|| panic!("{}", answer.summary()));
    location.split('/').nth(2).unwrap().parse().unwrap()
}

/// Uploads a file, and has its rows worked out.
async fn upload(app: &TestApp, client: &Client, name: &str, content: &[u8]) -> BatchId {
    client.get("/customers/import").await.ok();
    let answer = client.upload("/customers/import", &[], (name, content)).await.status(303);
    app.work_off().await;
    batch_of(&answer)
}

fn batch(app: &TestApp, id: BatchId) -> batches::model::Batch {
    app.db.read(&app.system(), |db| batches::queries::get(db, id)).unwrap().unwrap().batch
}

fn rows(app: &TestApp, id: BatchId) -> Vec<Row> {
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

async fn commit(app: &TestApp, client: &Client, id: BatchId) {
    let version = batch(app, id).version.to_string();
    client
        .post(&format!("/batches/{id}/commit"), &[("version", &version)])
        .await
        .see_other(&format!("/batches/{id}"));
    app.work_off().await;
}

async fn undo(app: &TestApp, client: &Client, id: BatchId) {
    client.post(&format!("/batches/{id}/undo"), &[]).await.see_other(&format!("/batches/{id}"));
    app.work_off().await;
}

/// The live customers by code.
fn customers(app: &TestApp) -> BTreeMap<String, Customer> {
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
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
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
        use opcms::customers::dictionaries::model::Dictionary;
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
