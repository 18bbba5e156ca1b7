//! What a batch shows, writes and takes back follows the rights of who asks, and not those of whoever made it.

use serde_json::json;

use opcms::batches::model::{BatchState, RowOutcome};
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::Customer;
use opcms::types::{DataScope, Permission};

use crate::customer_imports::{batch, commit, customers, edit, rows, undo, upload, workbook};
use crate::support::TestApp;

const IMPORTER: &[Permission] =
    &[Permission::CustomerView, Permission::CustomerEdit, Permission::CustomerImport];

const MAIL: &[&str] = &["公司ID", "公司名称", "账单邮箱", "备注"];

fn execute(app: &TestApp, statement: &str) {
    diesel::RunQueryDsl::execute(diesel::sql_query(statement), &mut app.connect()).unwrap();
}

fn mails(customer: &Customer) -> String {
    customer.fields.get(Field::BillingEmails).unwrap_or_default()
}

#[actix_web::test]
async fn who_sees_no_contacts_reads_no_address_in_the_batches_of_others() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    edit(&app, "KH1", Field::BillingEmails, "secret-old@x.cn");
    let role = app.arrange_role("importer", DataScope::All, IMPORTER);
    app.give_roles("zhao", &[role]);
    let (admin, zhao) = (app.signed_in("admin").await, app.signed_in("zhao").await);
    let file = workbook(&[
        MAIL,
        &["KH1", "", "  secret-new@x.cn", ""],
        &["KH2", "苏州新客有限公司", "secret-broken", ""],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    assert_eq!((batch(&app, id).updates, batch(&app, id).failed), (1, 1));
    admin.get(&format!("/batches/{id}?tab=failed")).await.ok().contains("name=\"3.billing_emails\"");
    let api = app.api("zhao");
    for tab in ["update", "failed", "corrected"] {
        let page = zhao.get(&format!("/batches/{id}?tab={tab}")).await.ok();
        page.lacks("secret-").lacks("name=\"3.billing_emails\"").lacks("href=\"/files/");
        api.get(&format!("/api/v1/batches/{id}/rows?tab={tab}")).await.ok().lacks("secret-");
    }
    let file = app.number("SELECT file_id FROM imports");
    admin.get(&format!("/files/{file}")).await.ok();
    zhao.get(&format!("/files/{file}")).await.status(404);
    let failed = zhao.post(&format!("/imports/{id}/failed"), &[]).await.ok();
    let copy = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(copy.path(), &failed.bytes).unwrap();
    let found = opcms::sheets::Book::open_path(copy.path()).unwrap().first_rows(0, 9).unwrap();
    assert!(!format!("{found:?}").contains("secret-"), "{found:?}");
    // What moved is told without it, too.
    edit(&app, "KH1", Field::BillingEmails, "secret-since@x.cn");
    commit(&app, &admin, id).await;
    assert_eq!(batch(&app, id).state, BatchState::Outdated);
    zhao.get(&format!("/batches/{id}?tab=moved")).await.ok().contains("KH1").lacks("secret-");
}

#[actix_web::test]
async fn addresses_are_taken_over_only_from_who_sees_them_and_never_masked() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    edit(&app, "KH1", Field::BillingEmails, "zhang@x.cn");
    let role = app.arrange_role("importer", DataScope::All, IMPORTER);
    app.give_roles("zhao", &[role]);
    for (username, sent, kept) in [
        ("zhao", "other@x.cn", "zhang@x.cn"),
        ("admin", "z***@x.cn", "zhang@x.cn"),
        ("admin", "other@x.cn", "other@x.cn"),
    ] {
        let client = app.signed_in(username).await;
        let remarks = format!("{username} {sent}");
        let id = upload(&app, &client, "客户.xlsx", &workbook(&[MAIL, &["KH1", "", sent, &remarks]])).await;
        let row = &rows(&app, id)[0];
        assert_eq!(row.outcome, RowOutcome::Update, "{:?}", row.body);
        let passed_over = row.body.corrections.iter().any(|one| one.column == "billing_emails");
        assert_eq!(passed_over, kept == "zhang@x.cn", "{username} {sent}");
        commit(&app, &client, id).await;
        let after = &customers(&app)["KH1"];
        assert_eq!((mails(after).as_str(), after.fields.remarks.clone()), (kept, Some(remarks)));
    }
}

#[actix_web::test]
async fn a_status_is_moved_only_by_who_may_move_it() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "杭州诺合有限公司", None, Some("li"));
    let status = || customers(&app)["KH1"].fields.status.to_string();
    let role = app.arrange_role("importer", DataScope::All, IMPORTER);
    let own = app.arrange_role("mover", DataScope::Own, &[Permission::StatusMove]);
    app.give_roles("zhao", &[role, own]);
    let (li, zhao) = (app.signed_in("li").await, app.signed_in("zhao").await);
    // By an import.
    let file = workbook(&[&["公司ID", "公司名称", "合作状态"], &["KH1", "", "试用"]]);
    let import = upload(&app, &zhao, "客户.xlsx", &file).await;
    let fault = &rows(&app, import)[0].body.faults[0];
    assert_eq!((fault.column.as_str(), fault.code.as_str()), ("status", "status_forbidden"));
    // By the edit of many that somebody else has planned.
    let planned = [("id", id.to_string()), ("status", "trial".to_owned())];
    let planned = planned.each_ref().map(|(name, value)| (*name, value.as_str()));
    let bulk = async || {
        let answer = li.post("/customers/bulk", &planned).await.status(303);
        crate::customer_imports::batch_of(&answer)
    };
    let first = bulk().await;
    commit(&app, &zhao, first).await;
    assert_eq!((batch(&app, first).state, status().as_str()), (BatchState::Outdated, "lead"));
    let second = bulk().await;
    commit(&app, &li, second).await;
    assert_eq!(status(), "trial");
    undo(&app, &zhao, second).await;
    assert_eq!((batch(&app, second).kept, status().as_str()), (1, "trial"));
}

#[actix_web::test]
async fn an_edit_of_many_is_taken_back_only_where_customers_are_within_reach_still() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "杭州诺合有限公司", None, Some("li")).to_string();
    let li = app.signed_in("li").await;
    let answer = li.post("/customers/bulk", &[("id", &id), ("level", "S")]).await.status(303);
    let edited = crate::customer_imports::batch_of(&answer);
    commit(&app, &li, edited).await;
    edit(&app, "KH1", Field::OpsOwner, &app.world.user("zhao").to_string());
    undo(&app, &li, edited).await;
    assert_eq!(customers(&app)["KH1"].fields.level.as_deref(), Some("S"));
}

#[actix_web::test]
async fn the_undo_of_an_import_keeps_whom_people_have_worked_on() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let file = workbook(&[
        &["公司ID", "公司名称"],
        &["KH1", "有联系人有限公司"],
        &["KH2", "有付款户名有限公司"],
        &["KH3", "有文件有限公司"],
        &["KH4", "什么都没有有限公司"],
    ]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    commit(&app, &admin, id).await;
    let [one, two, three] = ["KH1", "KH2", "KH3"].map(|code| customers(&app)[code].id);
    execute(
        &app,
        &format!(
            "INSERT INTO contacts (customer_id, name, name_sort, created_at, updated_at) \
             VALUES ({one}, '李姐', 'li jie ', NOW(6), NOW(6))"
        ),
    );
    execute(
        &app,
        &format!(
            "INSERT INTO payer_aliases (customer_id, name, normalised_name, created_at) \
             VALUES ({two}, '张三', '张三', NOW(6))"
        ),
    );
    execute(
        &app,
        &format!(
            "INSERT INTO files (store_key, name, media_type, size, subject_kind, subject_id, created_at) \
             VALUES ('x', '合同.pdf', 'application/pdf', 1, 'customer', {three}, NOW(6))"
        ),
    );
    undo(&app, &admin, id).await;
    assert_eq!(customers(&app).into_keys().collect::<Vec<_>>(), ["KH1", "KH2", "KH3"]);
    assert_eq!((batch(&app, id).undone, batch(&app, id).kept), (1, 3));
    admin.get(&format!("/batches/{id}?tab=kept")).await.ok().contains("已有联系人、付款户名或文件");
}

#[actix_web::test]
async fn prices_are_forgotten_only_of_rows_that_came_back() {
    let app = TestApp::new().await;
    app.customer("KH1", "旧名有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let file = workbook(&[&["公司ID", "公司名称", "单层定价"], &["KH1", "新名有限公司", "1.5"]]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    commit(&app, &admin, id).await;
    // The old name is taken: the row stays as it is, with its price.
    app.customer("KH2", "旧名有限公司", None, None);
    undo(&app, &admin, id).await;
    assert_eq!((batch(&app, id).kept, app.number("SELECT COUNT(*) FROM customer_import_prices")), (1, 1));
}

#[actix_web::test]
async fn a_parent_out_of_sight_is_not_chosen_and_stays_where_it_is() {
    let app = TestApp::new().await;
    let far = app.customer("KH1", "华南客户有限公司", Some("zhao"), None);
    app.customer("KH2", "自己的客户有限公司", None, Some("li"));
    app.customer("KH3", "自己的分店有限公司", None, Some("li"));
    edit(&app, "KH3", Field::Parent, &far.to_string());
    let li = app.signed_in("li").await;
    let file = workbook(&[
        &["公司ID", "公司名称", "上级客户", "备注"],
        &["KH2", "", "KH1", "x"],
        &["KH3", "", "KH1", "y"],
    ]);
    let id = upload(&app, &li, "客户.xlsx", &file).await;
    let all = rows(&app, id);
    assert_eq!(
        all.iter().map(|row| row.outcome).collect::<Vec<_>>(),
        [RowOutcome::Failed, RowOutcome::Update]
    );
    assert_eq!(all[0].body.faults[0].code, "unknown_customer");
}

#[actix_web::test]
async fn only_who_made_an_import_has_it_worked_out_anew() {
    let app = TestApp::new().await;
    let (li, admin) = (app.signed_in("li").await, app.signed_in("admin").await);
    let heading: &[&str] = &["公司ID", "公司名称", "运营负责人"];
    let file = workbook(&[heading, &["KH1", "别人的新客户有限公司", ""]]);
    let id = upload(&app, &li, "客户.xlsx", &file).await;
    admin.get(&format!("/batches/{id}")).await.ok().lacks(&format!("/batches/{id}/check"));
    for (path, sent) in [
        (format!("/batches/{id}/check"), &[][..]),
        (format!("/imports/{id}/cells"), &[("2.ops_owner", "李雷")][..]),
    ] {
        let answer = admin.post(&path, sent).await.status(303);
        assert!(answer.flash().contains("由他人发起"), "{}", answer.flash());
    }
    assert_eq!((app.work_off().await, rows(&app, id)[0].outcome), (0, RowOutcome::Failed));
    li.get(&format!("/batches/{id}")).await.ok().contains(&format!("/batches/{id}/check"));
}

#[actix_web::test]
async fn a_program_commits_what_its_tag_says_that_it_has_seen() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let file = workbook(&[&["公司ID", "公司名称"], &["KH1", "杭州诺合有限公司"]]);
    let id = upload(&app, &admin, "客户.xlsx", &file).await;
    let api = app.api("admin");
    let seen = api.get(&format!("/api/v1/batches/{id}")).await.ok();
    let tag = seen.header("etag").unwrap().to_owned();
    let path = format!("/api/v1/batches/{id}/commit");
    for (tag, status) in [("\"99\"", 422), (tag.as_str(), 200)] {
        let request = api
            .request(actix_web::http::Method::POST, &path)
            .insert_header(("if-match", tag.to_owned()))
            .set_json(json!({}));
        api.send(request).await.status(status);
    }
}
