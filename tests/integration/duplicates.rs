//! Likely duplicates: found, decided, merged and taken back.

use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use opcms::customers;
use opcms::customers::directory;
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::KIND;
use opcms::customers::duplicates::merges::Mergeable;
use opcms::customers::duplicates::model::{Evidence, MergeOrder, PairState};
use opcms::customers::duplicates::{commands, queries};
use opcms::files::Record;
use opcms::i18n::Tr;
use opcms::types::ids::{CustomerId, DuplicatePairId};
use opcms::types::{Permission, Result};

use crate::locking::at_once;
use crate::support::{Answer, Client, PNG, TestApp};

const T: Tr = Tr::ZhCn;

const NAMES: [&str; 2] = ["杭州诺合公寓管理有限公司", "诺合公寓管理（杭州）有限公司分部"];

/// Two customers of a user that have an invoice title in common, and the pair that they are.
fn pair(app: &TestApp, username: &str, more: &[(Field, &str)]) -> (CustomerId, CustomerId, DuplicatePairId) {
    let owner = app.world.user(username).to_string();
    let mut has = vec![(Field::SalesOwner, owner.as_str()), (Field::InvoiceTitle, NAMES[0])];
    let one = app.customer_with("KH-1", NAMES[0], &has);
    has.extend(more);
    let other = app.customer_with("KH-2", NAMES[1], &has);
    let id = app.number("SELECT MAX(id) FROM duplicate_pairs");
    (one, other, DuplicatePairId(u64::try_from(id).unwrap()))
}

fn save(app: &TestApp, id: CustomerId, field: Field, text: &str) {
    app.arrange(|tx| -> Result<()> {
        let before = directory::commands::lock_live(tx, Permission::CustomerEdit, id)?;
        let mut fields = before.fields.clone();
        fields.set(field, Some(text)).unwrap();
        directory::commands::update(tx, id, before.version, fields)
    });
}

fn add_contact(app: &TestApp, id: CustomerId, name: &str, phone: &str, primary: bool) {
    let insert = format!(
        "INSERT INTO contacts (customer_id, name, name_sort, phone, is_primary, created_at, updated_at) \
         VALUES ({id}, '{name}', '', '{phone}', {primary}, NOW(6), NOW(6))"
    );
    app.connect().batch_execute(&insert).unwrap();
    app.arrange(|tx| directory::commands::retell_contacts(tx, id));
}

/// All that is kept of customers, but for what counts changes.
fn dump(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS('|', 'c', id, company_code, company_name, normalised_name, name_sort, level, status, \
             sales_owner_id, ops_owner_id, parent_id, merged_into_id, deleted_at, industry, created_at) FROM customers \
         UNION ALL SELECT CONCAT_WS('|', 'd', customer_id, credit_code, address, invoice_title, billing_emails, \
             payment_term_days, remarks) FROM customer_details \
         UNION ALL SELECT CONCAT_WS('|', 't', customer_id, personal, HEX(term)) FROM customer_terms \
         UNION ALL SELECT CONCAT_WS('|', 'n', id, customer_id, name, phone, is_primary, deleted_at) FROM contacts \
         UNION ALL SELECT CONCAT_WS('|', 'a', id, customer_id, name, deleted_at) FROM payer_aliases \
         UNION ALL SELECT CONCAT_WS('|', 'q', customer_id, score, problems) FROM customer_quality \
         UNION ALL SELECT CONCAT_WS('|', 'f', id, subject_kind, subject_id, deleted_at) FROM files \
         ORDER BY 1",
    )
}

async fn merge(client: &Client, id: DuplicatePairId, filled: &[(&str, &str)]) -> Answer {
    let page = client.get(&format!("/customers/duplicates/{id}")).await.ok();
    client.submit(&page, &format!("/customers/duplicates/{id}/merge"), filled).await
}

fn state(app: &TestApp, id: DuplicatePairId) -> String {
    app.texts(&format!("SELECT state FROM duplicate_pairs WHERE id = {id}")).remove(0)
}

#[actix_web::test]
async fn a_customer_that_is_saved_is_looked_up_at_once() {
    let app = TestApp::new().await;
    let (_, other, id) = pair(&app, "li", &[]);
    let page = app.signed_in("admin").await.get("/customers/duplicates").await.ok();
    page.contains(NAMES[0]).contains(NAMES[1]).contains(&Evidence::TitleIsName.label(T));
    save(&app, other, Field::InvoiceTitle, "别的抬头");
    save(&app, other, Field::CompanyName, "完全不同的名字");
    assert_eq!(app.number(&format!("SELECT COUNT(*) FROM duplicate_pairs WHERE id = {id}")), 0);
    save(&app, other, Field::CreditCode, "91350100M000100Y43");
    let third = app.customer_with("KH-3", "第三个客户", &[(Field::CreditCode, "91350100M000100Y43")]);
    let found =
        format!("SELECT COUNT(*) FROM duplicate_pairs WHERE lower_id = {other} AND higher_id = {third}");
    assert_eq!(app.number(&found), 1);
    add_contact(&app, third, "张伟", "13812345678", true);
    let fourth = app.customer_with("KH-4", "第四位", &[]);
    add_contact(&app, fourth, "张先生", "+86 138-1234-5678", true);
    let found =
        format!("SELECT COUNT(*) FROM duplicate_pairs WHERE lower_id = {third} AND higher_id = {fourth}");
    assert_eq!(app.number(&found), 1, "the same phone, however it is written");
}

#[actix_web::test]
async fn a_pair_with_one_end_out_of_reach_is_nothing() {
    let app = TestApp::new().await;
    let (_, other, id) = pair(&app, "li", &[]);
    let own = app.signed_in("li").await;
    own.get("/customers/duplicates")
        .await
        .ok()
        .contains(NAMES[0])
        .contains("<span class=\"side-count\">1</span>");
    // Who may look may not merge.
    let url = format!("/customers/duplicates/{id}");
    own.get(&url).await.ok().lacks(T.duplicates_merge_help());
    own.post(&format!("{url}/merge"), &[]).await.status(403);
    let zhao = app.world.user("zhao").to_string();
    save(&app, other, Field::SalesOwner, &zhao);
    own.get("/customers/duplicates")
        .await
        .ok()
        .lacks(NAMES[0])
        .contains("<span class=\"side-count\">0</span>");
    own.get(&url).await.status(404);
    let manager = app.as_role("ops_manager").await;
    manager.get(&url).await.status(404);
    for verb in ["merge", "apart", "reopen", "unmerge"] {
        manager.post(&format!("{url}/{verb}"), &[("reason", "x")]).await.status(404);
    }
    assert_eq!(state(&app, id), "open");
}

#[actix_web::test]
async fn contacts_are_hidden_from_who_may_not_see_them() {
    let app = TestApp::new().await;
    let (one, _, id) = pair(&app, "li", &[(Field::BillingEmails, "bill@secret.cn")]);
    add_contact(&app, one, "张伟", "13812345678", true);
    let url = format!("/customers/duplicates/{id}");
    app.signed_in("admin").await.get(&url).await.ok().contains("13812345678").contains("bill@secret.cn");
    let page = app.as_role("executive").await.get(&url).await.ok();
    page.lacks("13812345678").lacks("张伟").lacks("bill@secret.cn").contains(&T.duplicates_masked_emails(1));
}

#[actix_web::test]
async fn a_merge_moves_all_and_is_taken_back_to_the_letter() {
    let app = TestApp::new().await;
    let (one, other, id) = pair(
        &app,
        "li",
        &[(Field::Level, "B"), (Field::Address, "杭州市文三路一百号"), (Field::Status, "active")],
    );
    save(&app, one, Field::Level, "A");
    add_contact(&app, one, "王芳", "13900000001", true);
    add_contact(&app, other, "张伟", "13900000002", true);
    add_contact(&app, other, "李强", "13900000003", false);
    let alias = format!(
        "INSERT INTO payer_aliases (customer_id, name, normalised_name, created_at) VALUES ({other}, '诺合', '诺合', NOW(6))"
    );
    app.connect().batch_execute(&alias).unwrap();
    let child = app.customer_with("KH-9", "下级客户", &[(Field::Parent, &other.to_string())]);
    let file = app.put_file(Record { kind: KIND, id: other.0 }, "合同.png", PNG);
    let before = dump(&app);
    let admin = app.signed_in("admin").await;
    let choice = [
        ("survivor", one.to_string()),
        ("level", "higher".into()),
        ("company_code", "higher".into()),
        ("status", "lower".into()),
    ];
    let choice: Vec<(&str, &str)> = choice.iter().map(|(name, value)| (*name, value.as_str())).collect();
    merge(&admin, id, &choice).await.see_other("/customers/duplicates");
    assert_eq!(state(&app, id), "merged");
    let merged =
        format!("SELECT CONCAT_WS('|', company_code, level, status) FROM customers WHERE id = {one}");
    assert_eq!(app.texts(&merged), ["KH-2|B|lead"]);
    let of = |what: &str, id: CustomerId| app.number(&format!("SELECT COUNT(*) FROM {what} = {id}"));
    assert_eq!(of("contacts WHERE customer_id", one), 3);
    assert_eq!(of("contacts WHERE is_primary AND customer_id", one), 1);
    assert_eq!(of("payer_aliases WHERE customer_id", one), 1);
    assert_eq!(of("customers WHERE parent_id", one), 1);
    assert_eq!(of(&format!("files WHERE id = {file} AND subject_id"), one), 1);
    assert_eq!(
        of(
            "customers WHERE deleted_at IS NOT NULL AND merged_into_id = {one} AND id"
                .replace("{one}", &one.to_string())
                .as_str(),
            other
        ),
        1
    );
    assert_eq!(
        app.number(&format!("SELECT COUNT(*) FROM customer_terms WHERE customer_id = {other} AND personal")),
        0
    );
    let restored = app.db.write(&app.system(), |tx| directory::commands::restore(tx, other));
    assert!(restored.is_err(), "a merged customer comes back by taking the merge back");
    merge_again_is_refused(&admin, id).await;
    let page =
        admin.get(&format!("/customers/duplicates/{id}")).await.ok().contains(T.duplicates_unmerge_help());
    let url = format!("/customers/duplicates/{id}/unmerge");
    let answer = admin.submit(&page, &url, &[]).await.status(303);
    assert_eq!(answer.flash(), T.duplicates_done_unmerged());
    assert_eq!(dump(&app), before);
    assert_eq!(state(&app, id), "open");
    let twice = admin.submit(&page, &url, &[]).await.status(422);
    twice.contains(T.duplicates_refused_not_merged());
    assert_eq!(dump(&app), before);
    let _ = child;
    let audited = app.audited();
    for action in ["customers.customer.merged", "customers.customer.unmerged"] {
        assert!(audited.iter().filter(|one| *one == action).count() >= 2, "{audited:?}");
    }
}

async fn merge_again_is_refused(client: &Client, id: DuplicatePairId) {
    let page = client.get(&format!("/customers/duplicates/{id}")).await.ok();
    page.lacks(T.duplicates_merge_help());
    let again = client.post(&format!("/customers/duplicates/{id}/merge"), &[("survivor", "1")]).await;
    again.status(422);
}

#[actix_web::test]
async fn what_was_edited_since_a_merge_stays_and_is_told() {
    let app = TestApp::new().await;
    let (one, other, id) = pair(&app, "li", &[(Field::Level, "B"), (Field::Address, "杭州市文三路一百号")]);
    add_contact(&app, other, "张伟", "13900000002", true);
    let admin = app.signed_in("admin").await;
    let survivor = one.to_string();
    let choice = [("survivor", survivor.as_str()), ("level", "higher"), ("address", "higher")];
    merge(&admin, id, &choice).await.status(303);
    save(&app, one, Field::Level, "C");
    app.connect().batch_execute("UPDATE contacts SET deleted_at = NOW(6) WHERE name = '张伟'").unwrap();
    let page = admin.get(&format!("/customers/duplicates/{id}")).await.ok();
    let answer = admin.submit(&page, &format!("/customers/duplicates/{id}/unmerge"), &[]).await.status(303);
    let names = T.join([Field::Level.label(T), T.duplicates_left_part(1, "联系人")]);
    assert_eq!(answer.flash(), T.duplicates_done_unmerged_left(names));
    let level = |id: CustomerId| app.texts(&format!("SELECT level FROM customers WHERE id = {id}")).remove(0);
    assert_eq!((level(one).as_str(), level(other).as_str()), ("C", "B"));
    assert_eq!(
        app.number(&format!("SELECT COUNT(address) FROM customer_details WHERE customer_id = {one}")),
        0
    );
}

#[actix_web::test]
async fn a_stale_page_is_refused_with_what_moved() {
    let app = TestApp::new().await;
    let (one, other, id) = pair(&app, "li", &[]);
    let admin = app.signed_in("admin").await;
    let url = format!("/customers/duplicates/{id}/merge");
    let page = admin.get(&format!("/customers/duplicates/{id}")).await.ok();
    save(&app, other, Field::Level, "B");
    add_contact(&app, one, "张伟", "13900000002", true);
    let answer = admin.submit(&page, &url, &[("reason", "看起来一样")]).await.status(422);
    let names = T.join([Field::Level.label(T), T.label("merge_part", "contacts")]);
    let answer = answer.contains(&T.duplicates_refused_moved(names)).contains("看起来一样");
    assert_eq!(state(&app, id), "open");
    for (field, value) in [("survivor", "999"), ("survivor", ""), ("seen", "nonsense"), ("seen", "")] {
        admin.submit(&answer, &url, &[(field, value)]).await.status(422);
    }
    admin.submit(&answer, &url, &[]).await.status(303);
    assert_eq!(state(&app, id), "merged");
}

#[actix_web::test]
async fn who_is_kept_apart_is_proposed_again_only_for_new_reasons() {
    let app = TestApp::new().await;
    let (one, other, id) = pair(&app, "li", &[]);
    let admin = app.signed_in("admin").await;
    let url = format!("/customers/duplicates/{id}/apart");
    admin.get(&format!("/customers/duplicates/{id}")).await.ok();
    admin.post(&url, &[("reason", " ")]).await.status(422).contains(T.field_required());
    let answer = admin.post(&url, &[("reason", "两家独立的公司")]).await.see_other("/customers/duplicates");
    assert_eq!(answer.flash(), T.duplicates_done_apart());
    save(&app, one, Field::Remarks, "又保存了一次");
    admin.post("/customers/duplicates/searches", &[]).await.status(303);
    app.work_off().await;
    assert_eq!(state(&app, id), "apart");
    let apart = admin.get("/customers/duplicates?state=apart").await.ok();
    apart.contains("两家独立的公司");
    save(&app, other, Field::BillingEmails, "same@b.cn");
    assert_eq!(state(&app, id), "apart");
    save(&app, one, Field::BillingEmails, "same@b.cn");
    assert_eq!(state(&app, id), "open", "a mail address in common is news");
    admin.post(&url, &[("reason", "还是两家")]).await.status(303);
    admin.post(&format!("/customers/duplicates/{id}/reopen"), &[]).await.status(303);
    assert_eq!(state(&app, id), "open");
    let kept = app.audited().into_iter().filter(|action| action == "customers.customer.kept_apart").count();
    assert_eq!(kept, 4, "in the history of both customers, each time");
}

#[actix_web::test]
async fn the_search_of_all_finds_what_saving_found_and_forgets_what_is_no_more() {
    let app = TestApp::new().await;
    pair(&app, "li", &[]);
    for (number, name) in
        ["杭州合诺公寓管理有限公司", "上海百博置业有限公司", "上海白博置业有限公司"].iter().enumerate()
    {
        app.customer_with(&format!("X{number}"), name, &[]);
    }
    let pairs = || {
        app.texts("SELECT CONCAT_WS(' ', lower_id, higher_id, score, state) FROM duplicate_pairs ORDER BY lower_id, higher_id")
    };
    let before = pairs();
    assert!(before.len() >= 3, "{before:?}");
    let admin = app.signed_in("admin").await;
    app.connect().batch_execute("DELETE FROM duplicate_pairs").unwrap();
    admin.post("/customers/duplicates/searches", &[]).await.status(303);
    app.work_off().await;
    assert_eq!(pairs(), before);
    // Changed without anybody being told: the search notices.
    app.connect()
        .batch_execute("UPDATE customers SET company_name = CONCAT('无关', HEX(id * 7919), company_code)")
        .unwrap();
    app.connect().batch_execute("UPDATE customer_details SET invoice_title = NULL").unwrap();
    app.clock.advance(chrono::Duration::seconds(10));
    admin.post("/customers/duplicates/searches", &[]).await.status(303);
    app.work_off().await;
    assert_eq!(pairs(), Vec::<String>::new());
}

#[actix_web::test]
async fn two_who_merge_at_the_same_moment_merge_once() {
    let app = TestApp::new().await;
    let (one, other, id) = pair(&app, "li", &[]);
    let parts = customers::mergeable();
    let seen = app
        .db
        .read(&app.system(), |db| {
            let row = queries::find(db, Permission::CustomerMerge, id)?;
            commands::fingerprint(db, &parts, &row)
        })
        .unwrap();
    let order =
        |survivor: CustomerId| MergeOrder { survivor, from_loser: vec![], seen: seen.clone(), reason: None };
    let (keep_one, keep_other) = (order(one), order(other));
    let outcomes = at_once(
        &app,
        |tx| commands::merge(tx, &parts, id, &keep_one),
        |tx| commands::merge(tx, &parts, id, &keep_other),
    );
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(app.number("SELECT COUNT(*) FROM customer_merges"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM customers WHERE deleted_at IS NULL"), 1);
    assert_eq!(state(&app, id), PairState::Merged.as_str());
}

#[actix_web::test]
async fn a_merge_whose_code_is_taken_by_now_is_not_taken_back() {
    let app = TestApp::new().await;
    let (one, _, id) = pair(&app, "li", &[]);
    let admin = app.signed_in("admin").await;
    merge(&admin, id, &[("survivor", &one.to_string())]).await.status(303);
    app.customer_with("KH-2", "后来的客户", &[]);
    let page = admin.get(&format!("/customers/duplicates/{id}")).await.ok();
    let answer = admin.submit(&page, &format!("/customers/duplicates/{id}/unmerge"), &[]).await.status(422);
    answer.contains(T.customers_code_taken());
    assert_eq!(state(&app, id), "merged");
}

#[actix_web::test]
async fn an_empty_queue_says_that_nothing_waits() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/customers/duplicates").await.ok().contains(T.duplicates_not_yet_help());
    admin.post("/customers/duplicates/searches", &[]).await.status(303);
    app.work_off().await;
    admin.get("/customers/duplicates").await.ok().contains(T.duplicates_none_help());
}

#[actix_web::test]
async fn a_survivor_takes_the_place_of_its_parent_and_gives_it_back() {
    let app = TestApp::new().await;
    // Parent and child are likely duplicates only where much speaks for it.
    let code = (Field::CreditCode, "91350100M000100Y43");
    let (one, other, id) = pair(&app, "li", &[code]);
    save(&app, one, code.0, code.1);
    let top = app.customer_with("KH-0", "集团", &[]);
    save(&app, one, Field::Parent, &other.to_string());
    save(&app, other, Field::Parent, &top.to_string());
    let before = dump(&app);
    let admin = app.signed_in("admin").await;
    merge(&admin, id, &[("survivor", &one.to_string())]).await.status(303);
    let parent = format!("SELECT CAST(parent_id AS CHAR) FROM customers WHERE id = {one}");
    assert_eq!(app.texts(&parent), [top.to_string()]);
    let page = admin.get(&format!("/customers/duplicates/{id}")).await.ok();
    admin.submit(&page, &format!("/customers/duplicates/{id}/unmerge"), &[]).await.status(303);
    assert_eq!(dump(&app), before);
}

#[actix_web::test]
async fn who_stands_further_above_is_not_merged_into_who_stands_below() {
    let app = TestApp::new().await;
    let (one, other, id) = pair(&app, "li", &[]);
    let between = app.customer_with("KH-5", "中间一层", &[(Field::Parent, &other.to_string())]);
    save(&app, one, Field::Parent, &between.to_string());
    let before = dump(&app);
    let answer =
        merge(&app.signed_in("admin").await, id, &[("survivor", &one.to_string())]).await.status(422);
    let label = |code: &str, name: &str| format!("{code} {name}");
    answer.contains(&T.duplicates_refused_above(label("KH-2", NAMES[1]), label("KH-1", NAMES[0])));
    assert_eq!(dump(&app), before);
}

#[actix_web::test]
async fn who_may_merge_may_take_it_back_without_being_allowed_to_delete() {
    let app = TestApp::new().await;
    let (one, other, id) = pair(&app, "li", &[]);
    merge(&app.signed_in("admin").await, id, &[("survivor", &one.to_string())]).await.status(303);
    let mut actor = (*app.actor("admin")).clone();
    actor.grants.remove(&Permission::CustomerDelete);
    let parts = app.part::<Mergeable>();
    app.db.write(&Arc::new(actor), |tx| commands::unmerge(tx, &parts, id, None)).unwrap();
    assert_eq!(app.number(&format!("SELECT COUNT(deleted_at) FROM customers WHERE id = {other}")), 0);
}

#[actix_web::test]
async fn the_log_of_who_was_kept_apart_names_only_the_reason() {
    let app = TestApp::new().await;
    let (_, _, id) = pair(&app, "li", &[]);
    app.arrange(|tx| commands::keep_apart(tx, id, "两家独立公司"));
    let said = "SELECT DISTINCT reason FROM audit_entries WHERE action = 'customers.customer.kept_apart'";
    assert_eq!(app.texts(said), ["两家独立公司"]);
}
