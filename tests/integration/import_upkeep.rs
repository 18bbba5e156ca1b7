//! What is kept of imports and edits of many: what they are called, what was remembered, what leads back to them, and
//! what goes when nobody comes back.

use std::fmt::Write as _;

use chrono::Duration;
use opcms::customers::upkeep::LOOKED_UP;
use opcms::i18n::Tr;
use opcms::jobs::ticker;

use crate::customer_imports::{batch, commit, undo, upload, workbook};
use crate::jobs::tick_and_work;
use crate::support::{Client, TestApp};

const T: Tr = Tr::ZhCn;

const HEADING: &[&str] = &["公司ID", "公司名称", "行业类型"];

/// A text as it stands in an address.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        write!(encoded, "%{byte:02X}").unwrap();
    }
    encoded
}

async fn in_english(app: &TestApp, username: &str) -> Client {
    let client = app.signed_in(username).await;
    client.switch_language("en").await.status(303);
    client
}

#[actix_web::test]
async fn what_an_import_changed_leads_to_it_for_who_may_see_it() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let id = upload(&app, &admin, "新客.xlsx", &workbook(&[HEADING, &["KH1", "杭州诺合有限公司", ""]])).await;
    commit(&app, &admin, id).await;
    let customer = app.number("SELECT id FROM customers WHERE company_code = 'KH1'");
    let (history, link) = (format!("/customers/{customer}/history"), format!("href=\"/batches/{id}\""));
    admin.get(&history).await.ok().contains(&link).contains("新客.xlsx");
    admin.get("/audit?action=customers.customer.imported").await.ok().contains(&link);
    let entry = app.number("SELECT id FROM audit_entries WHERE action = 'customers.customer.imported'");
    admin.get(&format!("/audit/{entry}")).await.ok().contains(&link);
    let json = app.api("admin").get(&format!("/api/v1/audit/entries/{entry}")).await.ok().json();
    assert_eq!(json["batch_id"].as_u64(), Some(id.0));
    // Who sees the customer, but not the batch, is led nowhere.
    app.signed_in("finance").await.get(&history).await.ok().contains("KH1").lacks(&link);
    undo(&app, &admin, id).await;
    assert_eq!(
        app.number(&format!(
            "SELECT COUNT(*) FROM audit_entries WHERE batch_id = {id} AND subject_kind = 'customer'"
        )),
        2
    );
}

#[actix_web::test]
async fn values_of_dictionaries_and_titles_are_read_in_the_language_of_the_reader() {
    let app = TestApp::new().await;
    let customer = app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let id = customer.to_string();
    let answer = admin.post("/customers/bulk", &[("id", &id), ("source", "referral")]).await.status(303);
    let url = answer.header("location").unwrap().to_owned();
    let page = admin.get(&url).await.ok();
    let page = page.contains(&T.customer_bulk_edit(T.label("customer_field", "source")));
    admin.submit(&page, &format!("{url}/commit"), &[]).await.status(303);
    app.work_off().await;
    let json = app.api("admin").get(&format!("/api/v1{url}")).await.ok().json();
    assert_eq!(json["title"], T.customer_bulk_edit(T.label("customer_field", "source")));
    let label = |language: &str| {
        app.texts(&format!("SELECT label_{language} FROM dictionary_values WHERE code = 'referral'"))
            .remove(0)
    };
    let history = format!("/customers/{customer}/history");
    admin.get(&history).await.ok().contains(&label("zh")).lacks(&label("en"));
    let reader = in_english(&app, "admin").await;
    let title = Tr::En.customer_bulk_edit(Tr::En.label("customer_field", "source"));
    reader.get(&history).await.ok().contains(&label("en")).lacks(&label("zh")).contains(&title);
    reader.get(&url).await.ok().contains(&title);
    reader.get("/audit?action=batches.batch.committed").await.ok().contains(&title);
}

#[actix_web::test]
async fn what_was_remembered_is_seen_searched_and_forgotten() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let page = admin.get("/imports/meanings/customers.import").await.ok();
    page.contains(T.import_meanings_blank());
    let file = workbook(&[HEADING, &["KH1", "杭州诺合有限公司", "民宿酒店"]]);
    let id = upload(&app, &admin, "a.xlsx", &file).await;
    let page = admin.get(&format!("/batches/{id}")).await.ok();
    let value =
        app.texts("SELECT code FROM dictionary_values WHERE dictionary = 'industry' ORDER BY id").remove(0);
    let label = app
        .texts("SELECT label_zh FROM dictionary_values WHERE dictionary = 'industry' ORDER BY id")
        .remove(0);
    admin.submit(&page, &format!("/imports/{id}/values"), &[("value.0", &value)]).await.status(303);
    app.work_off().await;
    assert_eq!(batch(&app, id).creates, 1);
    let matching = [
        ("sheet", "0"),
        ("header_row", "1"),
        ("column.0", "company_code"),
        ("column.1", "company_name"),
        ("column.2", "industry"),
    ];
    admin.post(&format!("/imports/{id}/columns"), &matching).await.status(303);
    app.work_off().await;
    admin.get("/customers/import").await.ok().contains(&T.import_meanings_count(2));
    let all = admin.get("/imports/meanings/customers.import").await.ok();
    all.contains("民宿酒店").contains(&label).contains("公司名称");
    let found = |q: String| {
        let admin = &admin;
        async move { admin.get(&format!("/imports/meanings/customers.import?q={}", encoded(&q))).await.ok() }
    };
    found("民宿".into()).await.contains("民宿酒店");
    found(label.clone()).await.contains("民宿酒店");
    found("没有".into()).await.contains(T.import_meanings_none());
    let of_column = admin.get("/imports/meanings/customers.import?column=-").await.ok();
    of_column.lacks("民宿酒店").contains("公司名称");
    // Who may not import sees none, and forgets none.
    app.signed_in("finance").await.get("/imports/meanings/customers.import").await.status(404);
    let forget = "/imports/meanings/customers.import/forget";
    admin.post(forget, &[]).await.status(303);
    let key = [("meaning", "industry:民宿酒店"), ("meaning", "nonsense")];
    let answer = admin.post(forget, &key).await.see_other("/imports/meanings/customers.import");
    assert_eq!(answer.flash(), T.import_meanings_forgotten(1));
    assert_eq!(admin.post(forget, &key).await.status(303).flash(), T.import_meanings_forgotten(0));
    assert!(app.audited().contains(&"imports.meaning.forgotten".to_owned()));
    let again = upload(&app, &admin, "b.xlsx", &file).await;
    assert_eq!(batch(&app, again).failed, 1, "it is asked for again");
    admin.get("/imports/meanings/nothing").await.status(404);
}

#[actix_web::test]
async fn after_a_large_import_duplicates_are_looked_for_and_the_queue_says_when() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let queue = admin.get("/customers/duplicates").await.ok();
    queue.contains(T.duplicates_not_yet()).contains(T.duplicates_never_searched());
    let names: Vec<(String, String)> = (0..=LOOKED_UP)
        .map(|number| {
            let name = ["杭州诺合公寓管理有限公司", "诺合公寓管理（杭州）有限公司"].get(number);
            let name = name.map_or_else(|| format!("第{number}独立商行"), |name| (*name).to_owned());
            (format!("KH{number}"), name)
        })
        .collect();
    let rows: Vec<[&str; 3]> = names.iter().map(|(code, name)| [code.as_str(), name.as_str(), ""]).collect();
    let lines: Vec<&[&str]> = std::iter::once(HEADING).chain(rows.iter().map(|row| &row[..])).collect();
    let id = upload(&app, &admin, "many.xlsx", &workbook(&lines)).await;
    commit(&app, &admin, id).await;
    assert_eq!(usize::try_from(batch(&app, id).written).unwrap(), LOOKED_UP + 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM tasks WHERE kind = 'customers.find_duplicates'"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM duplicate_searches"), 1);
    let queue = admin.get("/customers/duplicates").await.ok();
    queue.contains(T.duplicates_searched()).lacks(T.duplicates_never_searched());
    // A small one is looked up at once.
    let id = upload(&app, &admin, "one.xlsx", &workbook(&[HEADING, &["NEU", "独一无二有限公司", ""]])).await;
    commit(&app, &admin, id).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM duplicate_searches"), 1);
}

#[actix_web::test]
async fn batches_that_nobody_commits_go_after_a_while_with_their_rows_and_files() {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    let admin = app.signed_in("admin").await;
    let file = |code: &str| workbook(&[HEADING, &[code, &format!("{code}有限公司"), ""]]);
    let old = upload(&app, &admin, "old.xlsx", &file("KH1")).await;
    let kept = upload(&app, &admin, "kept.xlsx", &file("KH2")).await;
    commit(&app, &admin, kept).await;
    app.clock.advance(Duration::days(31));
    let admin = app.signed_in("admin").await;
    let fresh = upload(&app, &admin, "fresh.xlsx", &file("KH3")).await;
    let job = format!("/jobs/{}/run", app.number("SELECT id FROM jobs WHERE code = 'batches.sweep'"));
    let form = admin.get(&job).await.ok();
    admin.submit(&form, &job, &[]).await.status(303);
    tick_and_work(&app).await;
    let said = app.texts("SELECT CAST(result AS CHAR) FROM tasks WHERE kind = 'jobs.run' ORDER BY id DESC");
    let ids = app.texts("SELECT CAST(id AS CHAR) FROM batches ORDER BY id");
    assert_eq!(ids, [kept.to_string(), fresh.to_string()], "{said:?}");
    for table in ["batch_rows", "imports"] {
        let left = format!("SELECT COUNT(*) FROM {table} WHERE batch_id = {old}");
        assert_eq!(app.number(&left), 0, "{table}");
    }
    let file = format!(
        "SELECT COUNT(*) FROM files WHERE subject_kind = 'batch' AND subject_id = {old} AND deleted_at IS NULL"
    );
    assert_eq!(app.number(&file), 0);
    admin.get(&format!("/batches/{old}")).await.status(404);
    commit(&app, &admin, fresh).await;
    assert_eq!(batch(&app, fresh).written, 1);
}
