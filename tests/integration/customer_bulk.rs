//! Changing many customers at once: what is shown is what happens, and it can be taken back.

use diesel::connection::SimpleConnection as _;
use opcms::customers::directory::commands::update;
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::queries;
use opcms::i18n::Tr;
use opcms::types::Permission;
use opcms::types::ids::CustomerId;

use crate::customer_list::fill;
use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

async fn plan(client: &Client, sent: &[(&str, &str)]) -> (String, Answer) {
    let answer = client.post("/customers/bulk", sent).await.status(303);
    let url = answer.header("location").unwrap().to_owned();
    let page = client.get(&url).await.ok();
    (url, page)
}

async fn commit(app: &TestApp, client: &Client, url: &str) -> Answer {
    let page = client.get(url).await.ok();
    client.submit(&page, &format!("{url}/commit"), &[]).await.see_other(url);
    app.work_off().await;
    client.get(url).await.ok()
}

async fn undo(app: &TestApp, client: &Client, url: &str) -> Answer {
    client.post(&format!("{url}/undo"), &[]).await.see_other(url);
    app.work_off().await;
    client.get(url).await.ok()
}

fn column(app: &TestApp, name: &str) -> Vec<String> {
    app.texts(&format!("SELECT COALESCE({name}, '-') FROM customers ORDER BY id"))
}

fn set(app: &TestApp, id: CustomerId, field: Field, text: &str) {
    let admin = app.actor("admin");
    let before = app.db.read(&admin, |db| queries::find(db, Permission::CustomerView, id)).unwrap();
    let mut after = before.fields.clone();
    after.set(field, Some(text)).unwrap();
    app.db.write(&admin, |tx| update(tx, id, before.version, after.clone())).unwrap();
}

#[actix_web::test]
async fn many_are_given_a_value_exactly_as_shown_and_have_their_own_back_after_undo() {
    let app = TestApp::new().await;
    let ids = ["甲", "乙", "丙"].map(|name| app.customer(name, &format!("{name}有限公司"), None, Some("li")));
    set(&app, ids[1], Field::Level, "A");
    set(&app, ids[2], Field::Level, "S");
    let li = app.signed_in("li").await;
    let texts = ids.map(|id| id.to_string());
    let chosen: Vec<(&str, &str)> = texts.iter().map(|id| ("id", id.as_str())).collect();
    let query: Vec<String> = texts.iter().map(|id| format!("id={id}")).collect();
    li.get(&format!("/customers/bulk?{}", query.join("&"))).await.ok().contains("丙有限公司");
    let sent = [&chosen[..], &[("level", "S"), ("billable", "no"), ("reason", "年度复核")]].concat();
    let (url, page) = plan(&li, &sent).await;
    page.contains("甲有限公司").contains(&T.batches_lead("0", "0", "3"));
    assert_eq!(column(&app, "level"), ["-", "A", "S"], "nothing is written before somebody says so");
    commit(&app, &li, &url).await;
    assert_eq!(column(&app, "level"), ["S", "S", "S"]);
    assert_eq!(column(&app, "CAST(billable AS CHAR)"), ["0", "0", "0"]);
    let audited = "SELECT COUNT(*) FROM audit_entries WHERE action = 'customers.customer.bulk_edited' \
         AND reason = '年度复核'";
    assert_eq!(app.number(audited), 3);
    // Edited since: that field stays, the others come back.
    set(&app, ids[0], Field::Level, "D");
    undo(&app, &li, &url).await;
    assert_eq!(column(&app, "level"), ["D", "A", "S"]);
    assert_eq!(column(&app, "CAST(billable AS CHAR)"), ["1", "1", "1"]);
    let kept = app.texts("SELECT said FROM batch_results WHERE act = 'undo' AND said IS NOT NULL");
    assert_eq!(kept.len(), 1);
}

#[actix_web::test]
async fn all_that_the_filter_matches_are_meant_and_who_joins_later_is_not() {
    let app = TestApp::new().await;
    fill(&app, 620, &["li", "zhao"]);
    let matched = app.number("SELECT COUNT(*) FROM customers WHERE billable");
    assert!(matched > 400);
    let admin = app.signed_in("admin").await;
    let form = admin.get("/customers/bulk?all=yes&filter=billable%3Dyes&id=1").await.ok();
    form.contains(&T.customer_bulk_lead_all(matched));
    let all = app.number("SELECT COUNT(*) FROM customers");
    let sent = [("all", "yes"), ("filter", ""), ("channel", "direct"), ("payment_term_days", "45")];
    let (url, _) = plan(&admin, &sent).await;
    app.work_off().await;
    app.customer("NEU", "后来有限公司", None, None);
    let direct = app.number("SELECT COUNT(*) FROM customers WHERE channel = 'direct'");
    assert!(direct < all);
    commit(&app, &admin, &url).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM customers WHERE channel = 'direct'"), all);
    assert_eq!(app.number("SELECT COUNT(*) FROM customer_details WHERE payment_term_days = 45"), all);
    undo(&app, &admin, &url).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM customers WHERE channel = 'direct'"), direct);
    assert_eq!(app.number("SELECT COUNT(*) FROM customer_details WHERE payment_term_days = 45"), 0);
}

#[actix_web::test]
async fn who_cannot_be_changed_so_is_shown_with_the_reason_and_blocks_nobody() {
    let app = TestApp::new().await;
    let lead = app.customer("KH1", "甲有限公司", None, Some("li"));
    let gone = app.customer("KH2", "乙有限公司", None, Some("li"));
    set(&app, gone, Field::Status, "terminated");
    let li = app.signed_in("li").await;
    let (lead_id, gone_id) = (lead.to_string(), gone.to_string());
    let ids = [("id", lead_id.as_str()), ("id", gone_id.as_str())];
    let sent = [&ids[..], &[("status", "trial")]].concat();
    let (url, page) = plan(&li, &sent).await;
    page.contains(&T.batches_lead("0", "1", "1"));
    let failed = li.get(&format!("{url}?tab=failed")).await.ok();
    failed.contains("乙有限公司").contains("终止").contains("试用");
    commit(&app, &li, &url).await;
    assert_eq!(column(&app, "status"), ["trial", "terminated"]);
    let sent = [&ids[..], &[("status", "suspended")]].concat();
    let refused = li.post("/customers/bulk", &sent).await.status(422);
    assert_eq!(refused.field_error("reason"), T.customer_list_reason_required());
}

#[actix_web::test]
async fn customers_are_handed_over_by_who_may_and_only_their_own() {
    let app = TestApp::new().await;
    let ours = app.customer("KH1", "甲有限公司", None, Some("li")).to_string();
    let theirs = app.customer("KH2", "乙有限公司", Some("zhao"), None).to_string();
    let zhao = app.world.user("zhao").to_string();
    let sent = [("id", ours.as_str()), ("id", theirs.as_str()), ("ops_owner", zhao.as_str())];
    // Who may not hand over sees each customer fail that would leave them.
    let (url, page) = plan(&app.signed_in("li").await, &sent).await;
    page.contains(&T.batches_lead_failed(1, 1)).contains("负责人至少有一位应在您的数据范围内");
    assert!(url.starts_with("/batches/"));
    let wang = app.signed_in("wang").await;
    let (url, page) = plan(&wang, &sent).await;
    page.contains(&T.customer_bulk_hand_over(Field::OpsOwner.label(T))).lacks("乙有限公司");
    commit(&app, &wang, &url).await;
    assert_eq!(column(&app, "CAST(ops_owner_id AS CHAR)"), [zhao.clone(), "-".to_owned()]);
    assert!(app.audited().contains(&"customers.customer.handed_over".to_owned()));
    // The customer has left, but what one did oneself one can take back.
    undo(&app, &wang, &url).await;
    let li = app.world.user("li").to_string();
    assert_eq!(column(&app, "CAST(ops_owner_id AS CHAR)"), [li, "-".to_owned()]);
    app.signed_in("zhao").await.post("/customers/bulk", &sent).await.status(403);
}

#[actix_web::test]
async fn a_plan_that_has_moved_is_refused_as_a_whole() {
    let app = TestApp::new().await;
    let first = app.customer("KH1", "甲有限公司", None, Some("li"));
    app.customer("KH2", "乙有限公司", None, Some("li"));
    let li = app.signed_in("li").await;
    let (url, _) = plan(&li, &[("all", "yes"), ("filter", ""), ("level", "B")]).await;
    set(&app, first, Field::Level, "S");
    commit(&app, &li, &url).await.contains("甲有限公司");
    assert_eq!(column(&app, "level"), ["S", "-"]);
}

#[actix_web::test]
async fn a_form_that_makes_no_sense_says_so_and_keeps_what_was_chosen() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "甲有限公司", None, Some("li")).to_string();
    let li = app.signed_in("li").await;
    let id = ("id", id.as_str());
    li.post("/customers/bulk", &[id]).await.status(422).contains(T.customer_bulk_nothing());
    li.post("/customers/bulk", &[("level", "S")]).await.status(422).contains(T.customer_bulk_nobody());
    li.get("/customers/bulk").await.ok().contains(T.customer_bulk_nobody());
    let wrong =
        li.post("/customers/bulk", &[id, ("payment_term_days", "-3"), ("level", "S")]).await.status(422);
    assert!(!wrong.field_error("payment_term_days").is_empty());
    li.post("/customers/bulk", &[id, ("status", "nope")]).await.status(422);
    li.post("/customers/bulk", &[id, ("account_type", "-")]).await.status(422);
    li.post("/customers/bulk", &[("all", "yes"), ("filter", "level=é"), ("level", "S")]).await.status(422);
    let unknown = plan(&li, &[id, ("level", "Z")]).await.1;
    unknown.contains(&T.batches_lead_failed(1, 1));
    assert_eq!(column(&app, "level"), ["-"]);
}

#[actix_web::test]
async fn what_an_undo_puts_back_may_have_left_or_been_retired_or_merged_meanwhile() {
    let app = TestApp::new().await;
    let ids = ["甲", "乙"].map(|name| app.customer(name, &format!("{name}有限公司"), None, Some("li")));
    set(&app, ids[0], Field::Level, "A");
    set(&app, ids[1], Field::Level, "S");
    let admin = app.signed_in("admin").await;
    let zhao = app.world.user("zhao").to_string();
    let sent = [("all", "yes"), ("filter", ""), ("level", "D"), ("ops_owner", zhao.as_str())];
    let (url, _) = plan(&admin, &sent).await;
    commit(&app, &admin, &url).await;
    assert_eq!(column(&app, "level"), ["D", "D"]);
    let li = app.world.user("li");
    for change in [
        format!("UPDATE users SET disabled_at = NOW(6) WHERE id = {li}"),
        "UPDATE dictionary_values SET retired_at = NOW(6) WHERE dictionary = 'level' AND code = 'A'"
            .to_owned(),
        "UPDATE dictionary_values one JOIN dictionary_values other USING (dictionary) \
         SET one.merged_into_id = other.id, one.retired_at = NOW(6) \
         WHERE one.dictionary = 'level' AND one.code = 'S' AND other.code = 'B'"
            .to_owned(),
    ] {
        app.connect().batch_execute(&change).unwrap();
    }
    undo(&app, &admin, &url).await;
    assert_eq!(column(&app, "level"), ["A", "B"]);
    assert_eq!(column(&app, "CAST(ops_owner_id AS CHAR)"), [li.to_string(), li.to_string()]);
}
