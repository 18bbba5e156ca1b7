//! The page of a customer and its form: what it shows to whom, and that nobody overwrites anybody unseen.

use std::sync::{Arc, Barrier};
use std::thread;

use opcms::customers::directory;
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::Fields;
use opcms::customers::status::model::Status;
use opcms::db::Tx;
use opcms::i18n::Tr;
use opcms::types::ids::CustomerId;
use opcms::types::{Error, Permission, Result};
use serde_json::json;

use crate::support::{PNG, TestApp};

const T: Tr = Tr::ZhCn;

/// A field of a customer as it is stored.
fn stored(app: &TestApp, id: CustomerId, field: Field) -> Option<String> {
    let customer =
        app.db.read(&app.system(), |db| directory::queries::find(db, Permission::CustomerView, id));
    customer.unwrap().fields.get(field)
}

fn set(tx: &mut Tx, id: CustomerId, field: Field, text: &str) -> Result<()> {
    let before = directory::queries::find(tx, Permission::CustomerView, id)?;
    let mut after = before.fields.clone();
    after.set(field, Some(text)).unwrap();
    directory::commands::update(tx, id, before.version, after)
}

#[actix_web::test]
async fn a_customer_is_created_with_its_creator_as_owner() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let form = li.get("/customers/new").await.ok();
    let own = app.world.user("li").to_string();
    assert!(form.form("/customers").contains(&("ops_owner".into(), own)));
    let filled = [
        ("company_code", "KH1"),
        ("company_name", "杭州诺合公寓管理有限公司"),
        ("status", "onboarding"),
        ("credit_code", "91350100m000100y43"),
        ("billing_emails", "a@x.cn；b@x.cn"),
        ("monthly_average_usage", "1,200"),
        ("spend_level", "C2"),
        ("spend_level_reason", "战略客户"),
    ];
    let answer = li.submit(&form, "/customers", &filled).await.status(303);
    let url = answer.header("location").unwrap().to_owned();
    let page = li.get(&url).await.ok().contains("杭州诺合公寓管理有限公司").contains("91350100M000100Y43");
    page.contains("a@x.cn; b@x.cn")
        .contains("1,200")
        .contains("战略客户")
        .contains(&Status::Onboarding.label(T));
    assert_eq!(app.audited(), ["customers.customer.created"]);
    // Sent twice, it meets itself.
    let again = li.submit(&form, "/customers", &filled).await.status(422);
    assert_eq!(again.field_error("company_code"), T.customers_code_taken());
}

#[actix_web::test]
async fn an_invalid_customer_comes_back_with_its_faults_and_what_was_typed() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let form = li.get("/customers/new").await.ok();
    let good = [("company_code", "KH1"), ("company_name", "诺合"), ("address", "留着我")];
    for (field, text, fault) in [
        ("company_code", "", T.field_required().to_owned()),
        ("company_code", "K H", T.customers_code_spaces().to_owned()),
        ("company_name", "", T.field_required().to_owned()),
        ("industry", "nonsense", T.customers_unknown_value("行业类型", "nonsense")),
        ("level", "<b>", T.customers_unknown_value("客户等级", "<b>")),
        ("status", "gone", T.field_unknown_choice().to_owned()),
        ("sales_owner", "x", T.field_unknown_choice().to_owned()),
        ("sales_owner", "999999", T.customers_unknown_user().to_owned()),
        ("onboarded_on", "2026-02-30", T.field_day().to_owned()),
        ("monthly_average_usage", "许多", T.customer_number().to_owned()),
        ("payment_term_days", "-1", T.customer_number().to_owned()),
        ("payment_term_days", "999", T.customers_term_range(365)),
        ("billing_emails", "nobody", T.customers_email_shape("nobody")),
        ("parent", "查无此人", T.customer_parent_none().to_owned()),
    ] {
        let mut filled: Vec<(&str, &str)> = good.iter().filter(|(name, _)| *name != field).copied().collect();
        filled.push((field, text));
        let answer = li.submit(&form, "/customers", &filled).await.status(422);
        assert_eq!(answer.field_error(field), fault, "{field} {text}");
        answer.contains("留着我");
    }
    let answer = li.submit(
        &form,
        "/customers",
        &[("company_code", "KH1"), ("company_name", "诺合"), ("spend_level", "C1")],
    );
    assert_eq!(answer.await.status(422).field_error("spend_level_reason"), T.customer_level_reason());
    assert_eq!(app.number("SELECT COUNT(*) FROM customers"), 0);
}

#[actix_web::test]
async fn customers_that_are_alike_are_named_before_another_one_is_made() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let known = app.customer("KH1", "杭州诺合公寓管理有限公司", None, None);
    let form = admin.get("/customers/new").await.ok();
    let filled = [("company_code", "KH2"), ("company_name", "诺合公寓管理")];
    let asked = admin.submit(&form, "/customers", &filled).await.status(422);
    let asked =
        asked.contains(T.customer_alike()).contains(&format!("/customers/{known}")).contains("value=\"KH2\"");
    assert_eq!(app.number("SELECT COUNT(*) FROM customers"), 1);
    admin.submit(&asked, "/customers", &[("confirmed", "yes")]).await.status(303);
    assert_eq!(app.number("SELECT COUNT(*) FROM customers"), 2);
}

#[actix_web::test]
async fn a_parent_is_found_by_code_and_by_name_and_never_guessed() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let group = app.customer("KH1", "诺合集团有限公司", None, None);
    app.customer("KH2", "诺合公寓有限公司", None, None);
    let child = app.customer("KH3", "苏州雅致酒店", None, None);
    let url = format!("/customers/{child}");
    for text in ["KH1", "诺合集团有限公司", "诺合集团", "KH1 诺合集团有限公司", "诺合集"]
    {
        let form = admin.get(&format!("{url}/edit")).await.ok();
        admin.submit(&form, &url, &[("parent", text)]).await.see_other(&url);
        assert_eq!(stored(&app, child, Field::Parent), Some(group.to_string()), "{text}");
        app.arrange(|tx| {
            let before = directory::queries::find(tx, Permission::CustomerView, child)?;
            let after = Fields { parent: None, ..before.fields.clone() };
            directory::commands::update(tx, child, before.version, after)
        });
    }
    let form = admin.get(&format!("{url}/edit")).await.ok();
    let answer = admin.submit(&form, &url, &[("parent", "诺合")]).await.status(422);
    assert!(
        answer.field_error("parent").contains("KH1 诺合集团有限公司"),
        "{}",
        answer.field_error("parent")
    );
    let itself = admin.submit(&form, &url, &[("parent", "KH3")]).await.status(422);
    assert_eq!(itself.field_error("parent"), T.customers_parent_cycle());
    // What is typed is suggested, within one's reach.
    admin.get("/customers/suggest?parent=nh").await.ok().contains("KH1 诺合集团有限公司").contains("KH2");
    app.signed_in("li").await.get("/customers/suggest?parent=nh").await.ok().lacks("KH1");
}

#[actix_web::test]
async fn a_parent_out_of_reach_is_not_named_and_stays_where_it_is() {
    let app = TestApp::new().await;
    let group = app.customer("KH1", "诺合集团有限公司", None, Some("zhao"));
    let child = app.customer_of("li");
    app.arrange(|tx| set(tx, child, Field::Parent, &group.to_string()));
    let li = app.signed_in("li").await;
    let url = format!("/customers/{child}");
    li.get(&url).await.ok().lacks("诺合集团").contains(T.customer_out_of_reach());
    let form = li.get(&format!("{url}/edit")).await.ok().lacks("诺合集团");
    li.submit(&form, &url, &[("address", "杭州")]).await.see_other(&url);
    assert_eq!(stored(&app, child, Field::Parent), Some(group.to_string()));
    let taken =
        li.submit(&li.get(&format!("{url}/edit")).await.ok(), &url, &[("parent", "KH1")]).await.status(422);
    assert_eq!(taken.field_error("parent"), T.customer_parent_none());
}

#[actix_web::test]
async fn nobody_overwrites_what_somebody_else_has_changed_meanwhile() {
    let app = TestApp::new().await;
    let id = app.customer_of("li");
    let li = app.signed_in("li").await;
    let url = format!("/customers/{id}");
    let form = li.get(&format!("{url}/edit")).await.ok();
    app.arrange(|tx| set(tx, id, Field::Address, "杭州市西湖区"));
    app.arrange(|tx| set(tx, id, Field::Level, "A"));
    let typed = [("level", "S"), ("remarks", "我写的备注")];
    let stale = li.submit(&form, &url, &typed).await.status(422);
    let stale = stale.contains(T.customer_overtaken()).contains("我写的备注").contains("杭州市西湖区");
    let stale = stale.contains(T.customer_overtaken_kept()).contains(T.customer_overtaken_taken());
    assert_eq!(stored(&app, id, Field::Remarks), None, "nothing is saved yet");
    let fields = stale.form(&url);
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).unwrap().1.clone();
    assert_eq!((field("level").as_str(), field("address").as_str()), ("S", "杭州市西湖区"));
    // Sent once more, it is meant, and what the other did beside it stays.
    li.submit(&stale, &url, &[]).await.see_other(&url);
    assert_eq!(stored(&app, id, Field::Level).as_deref(), Some("S"));
    assert_eq!(stored(&app, id, Field::Address).as_deref(), Some("杭州市西湖区"));
    assert_eq!(stored(&app, id, Field::Remarks).as_deref(), Some("我写的备注"));
}

#[actix_web::test]
async fn the_page_says_who_it_is_and_what_may_be_done() {
    let app = TestApp::new().await;
    let id = app.customer_of("li");
    let url = format!("/customers/{id}");
    let li = app.signed_in("li").await.get(&url).await.ok();
    li.contains("李雷")
        .contains(&format!("{url}/edit"))
        .contains(&format!("{url}/status"))
        .lacks(&format!("{url}/delete"));
    let analyst = app.as_role("analyst").await.get(&url).await.ok();
    analyst.lacks(&format!("{url}/edit")).lacks(&format!("{url}/hand-over"));
    let admin = app.signed_in("admin").await.get(&url).await.ok();
    admin.contains(&format!("{url}/hand-over")).contains(&format!("{url}/delete"));
    app.signed_in("zhao").await.get(&url).await.status(404);
    for path in ["/contacts", "/files", "/status", "/history"] {
        app.signed_in("zhao").await.get(&format!("{url}{path}")).await.status(404);
        app.signed_in("li").await.get(&format!("{url}{path}")).await.ok().contains("aria-current=\"page\"");
    }
    // The audit log leads here.
    app.signed_in("admin").await.get("/audit").await.ok().contains(&format!("href=\"{url}\""));
}

#[actix_web::test]
async fn the_history_is_one_stream_of_everything_and_open_to_whoever_sees_the_customer() {
    let app = TestApp::new().await;
    let id = app.customer_of("li");
    app.contact_of("li");
    app.alias_of("li");
    let url = format!("/customers/{id}");
    let li = app.signed_in("li").await;
    let fields = [("kind", "customer"), ("id", &id.to_string())];
    li.upload("/files", &fields, ("合同.png", PNG)).await.status(303);
    let page = li.get(&format!("{url}/status")).await.ok();
    li.submit(&page, &format!("{url}/status"), &[("becomes", "active"), ("reason", "已接入")])
        .await
        .see_other(&url);
    let history = li.get(&format!("{url}/history")).await.ok();
    for text in [
        "创建了客户",
        "新增了联系人",
        "张伟",
        "添加了付款户名",
        "添加了附件",
        "变更了客户的合作状态",
        "已接入",
    ] {
        assert!(history.body.contains(text), "{text}: {}", history.summary());
    }
    li.get(&format!("{url}/files")).await.ok().contains("合同.png");
    app.as_role("analyst").await.get(&format!("{url}/history")).await.ok().lacks("张伟");
}

#[actix_web::test]
async fn where_bills_are_mailed_to_is_masked_and_kept() {
    let app = TestApp::new().await;
    let id = app.customer_of("li");
    app.arrange(|tx| set(tx, id, Field::BillingEmails, "zhang@x.cn"));
    let analyst = app.as_role("analyst").await;
    let url = format!("/customers/{id}");
    analyst.get(&url).await.ok().contains("z***@x.cn").lacks("zhang@x.cn");
    analyst.get(&format!("{url}/history")).await.ok().lacks("zhang@x.cn");
    let blind = [Permission::CustomerView, Permission::CustomerEdit];
    let api = app.api_limited("admin", &blind);
    let shown = api.get(&format!("/api/v1/customers/{id}")).await.ok().json();
    assert_eq!(shown["billing_emails"], json!(["z***@x.cn"]));
    api.patch(&format!("/api/v1/customers/{id}"), shown).await.ok();
    assert_eq!(stored(&app, id, Field::BillingEmails).as_deref(), Some("zhang@x.cn"));
}

#[actix_web::test]
async fn a_customer_is_deleted_with_a_reason_and_comes_back() {
    let app = TestApp::new().await;
    let id = app.customer_of("li");
    let child = app.customer("KH9", "下级客户", None, Some("li"));
    app.arrange(|tx| set(tx, child, Field::Parent, &id.to_string()));
    let admin = app.signed_in("admin").await;
    let url = format!("/customers/{id}");
    admin
        .get(&format!("{url}/delete"))
        .await
        .ok()
        .contains(&T.customers_delete_children(1))
        .lacks("btn-danger");
    admin
        .post(&format!("{url}/delete"), &[("reason", "x")])
        .await
        .status(422)
        .contains(&T.customers_delete_children(1));
    app.arrange(|tx| directory::commands::delete(tx, child, "并入"));
    let page = admin.get(&format!("{url}/delete")).await.ok().contains(T.customer_delete_text());
    let blank = admin.submit(&page, &format!("{url}/delete"), &[]).await.status(422);
    assert_eq!(blank.field_error("reason"), T.field_required());
    admin.submit(&page, &format!("{url}/delete"), &[("reason", "重复录入")]).await.see_other(&url);
    let gone = admin.get(&url).await.ok().contains(T.customer_is_deleted()).contains("重复录入");
    gone.lacks(&format!("{url}/edit"));
    admin.get(&format!("{url}/edit")).await.status(404);
    admin.post(&format!("{url}/restore"), &[]).await.see_other(&url);
    admin.get(&url).await.ok().lacks(T.customer_is_deleted());
    app.signed_in("li").await.post(&format!("{url}/delete"), &[("reason", "x")]).await.status(403);
    assert_eq!(app.audited(), ["customers.customer.deleted", "customers.customer.restored"]);
}

#[actix_web::test]
async fn a_payer_name_belongs_to_one_customer() {
    let app = TestApp::new().await;
    let (id, other) = (app.customer_of("li"), app.customer("KH9", "别家", None, Some("li")));
    let li = app.signed_in("li").await;
    let url = |id: CustomerId| format!("/customers/{id}/payer-aliases");
    li.get(&format!("/customers/{id}")).await.ok().contains(T.aliases_none());
    let page = format!("/customers/{id}#payer-aliases");
    for name in ["诺合（杭州）有限公司", "诺合(杭州)有限公司 "] {
        li.post(&url(id), &[("alias", name)]).await.see_other(&page);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM payer_aliases"), 1, "the same name is not added again");
    let taken = li.post(&url(other), &[("alias", "诺合（杭州）有限公司")]).await.status(422);
    assert_eq!(taken.field_error("alias"), T.aliases_taken());
    taken.contains("value=\"诺合（杭州）有限公司\"");
    assert_eq!(
        li.post(&url(id), &[("alias", "")]).await.status(422).field_error("alias"),
        T.field_required()
    );
    let alias = app.number("SELECT id FROM payer_aliases");
    app.signed_in("zhao").await.get("/contacts").await.ok();
    for _ in 0..2 {
        li.post(&format!("/payer-aliases/{alias}/remove"), &[]).await.see_other(&page);
    }
    li.post(&url(other), &[("alias", "诺合（杭州）有限公司")]).await.status(303);
    // A deleted customer lets go of its names when another one asks for them.
    app.arrange(|tx| directory::commands::delete(tx, other, "x"));
    li.post(&url(id), &[("alias", "诺合（杭州）有限公司")]).await.see_other(&page);
    let audited = app.audited();
    assert_eq!(audited.iter().filter(|action| action.contains("payer_alias.added")).count(), 3);
    li.post(&url(app.customer_of("zhao")), &[("alias", "x")]).await.status(404);
    li.post(&format!("/payer-aliases/{}/remove", app.alias_of("zhao")), &[]).await.status(404);
}

#[actix_web::test]
async fn a_customer_is_handed_over_and_its_new_owner_is_told() {
    let app = TestApp::new().await;
    let id = app.customer_of("li");
    let manager = app.as_role("ops_manager").await;
    let url = format!("/customers/{id}/hand-over");
    let form = manager.get(&url).await.ok();
    let zhao = app.world.user("zhao").to_string();
    let blank = manager.submit(&form, &url, &[("ops_owner", &zhao)]).await.status(422);
    assert_eq!(blank.field_error("reason"), T.field_required());
    let filled = [("ops_owner", zhao.as_str()), ("reason", "区域调整")];
    // Out of the manager's own department: they are led to the list.
    let answer = manager.submit(&form, &url, &filled).await.see_other("/customers");
    assert_eq!(answer.flash(), T.hand_over_done_away());
    manager.submit(&form, &url, &filled).await.status(404);
    assert_eq!(stored(&app, id, Field::OpsOwner), Some(zhao));
    app.send_messages().await;
    let told =
        app.texts(&format!("SELECT subject FROM notifications WHERE user_id = {}", app.world.user("zhao")));
    assert_eq!(told, ["客户移交给您：KH-li li 的客户有限公司"]);
    assert_eq!(app.audited(), ["customers.customer.handed_over"]);
    app.signed_in("li").await.get(&url).await.status(403);
    let stale = app.signed_in("admin").await;
    let form = stale.get(&url).await.ok();
    app.arrange(|tx| set(tx, id, Field::Level, "S"));
    let own = app.world.user("li").to_string();
    stale
        .submit(&form, &url, &[("ops_owner", &own), ("reason", "x")])
        .await
        .status(422)
        .contains(T.error_stale_text());
}

#[actix_web::test]
async fn a_program_creates_shows_edits_deletes_and_restores() {
    let app = TestApp::new().await;
    let (api, li) = (app.api("admin"), app.world.user("li").0);
    let body = json!({"company_code": "KH1", "company_name": "诺合", "ops_owner": li, "billing_emails": ["a@x.cn"], "billable": false});
    let made = api.post_once("/api/v1/customers", "k1", body.clone()).await.status(201).json();
    assert_eq!(api.post_once("/api/v1/customers", "k1", body).await.status(201).json(), made);
    assert_eq!(
        (&made["billable"], &made["status"], &made["payment_term_days"]),
        (&json!(false), &json!("lead"), &json!(30))
    );
    let url = format!("/api/v1/customers/{}", made["id"]);
    let shown = api.get(&url).await.ok();
    assert_eq!(shown.header("etag"), Some("\"1\""));
    // What was read can be sent back, and changes nothing.
    assert_eq!(api.patch(&url, shown.json()).await.ok().json(), made);
    api.patch(&url, json!({"level": "S"})).await.status(422);
    let patch = |tag: &str, body: serde_json::Value| {
        let request =
            api.request(actix_web::http::Method::PATCH, &url).insert_header(("if-match", tag.to_owned()));
        api.send(request.set_json(body))
    };
    let changed = patch("\"1\"", json!({"level": "S"})).await.ok();
    assert_eq!((changed.header("etag"), &changed.json()["level"]), (Some("\"2\""), &json!("S")));
    assert_eq!(patch("\"1\"", json!({"level": "A"})).await.status(409).problem(), "stale");
    patch("*", json!({"level": "A"})).await.status(409);
    patch("\"2\"", json!({"level": "nonsense"})).await.status(422);
    patch("\"2\"", json!({"status": "active"})).await.status(422);
    let moved =
        api.post(&format!("{url}/status"), json!({"becomes": "active", "version": 2})).await.ok().json();
    assert_eq!(moved["status"], "active");
    api.post(&format!("{url}/status"), json!({"becomes": "archived", "reason": "x", "version": 3}))
        .await
        .status(422);
    api.post(&format!("{url}/status"), json!({"becomes": "suspended", "version": 3})).await.status(422);
    api.delete(&url).await.status(422);
    api.delete(&format!("{url}?reason=x")).await.status(204);
    api.patch(&url, json!({"version": 4})).await.status(404);
    let back = api.post(&format!("{url}/restore"), json!({})).await.ok().json();
    assert!(back["deleted_at"].is_null());
    app.api("li").get(&format!("/api/v1/customers/{}", app.customer_of("zhao"))).await.status(404);
    app.api("analyst").patch(&url, json!({"version": 1})).await.status(403);
}

#[actix_web::test]
async fn two_moves_below_each_other_never_make_a_circle() {
    let app = TestApp::new().await;
    let (one, other) = (app.customer("KH1", "甲公司", None, None), app.customer("KH2", "乙公司", None, None));
    for _ in 0..10 {
        let start = Barrier::new(2);
        let (db, actor) = (app.db.clone(), app.system());
        let below = |id: CustomerId, parent: CustomerId| {
            start.wait();
            db.write(&Arc::clone(&actor), |tx| set(tx, id, Field::Parent, &parent.to_string()))
        };
        let outcomes: Vec<Result<()>> = thread::scope(|scope| {
            let first = scope.spawn(|| below(one, other));
            let second = scope.spawn(|| below(other, one));
            [first, second].into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let lost = outcomes.into_iter().find_map(Result::err).unwrap();
        assert!(matches!(lost, Error::Invalid(ref errors) if errors.get("parent").is_some()), "{lost}");
        for id in [one, other] {
            app.arrange(|tx| {
                let before = directory::queries::find(tx, Permission::CustomerView, id)?;
                let after = Fields { parent: None, ..before.fields.clone() };
                directory::commands::update(tx, id, before.version, after)
            });
        }
    }
}

#[actix_web::test]
async fn the_checks_find_what_a_hand_at_the_database_has_done() {
    use diesel::connection::SimpleConnection as _;
    let app = TestApp::new().await;
    let (one, other) = (app.customer_of("li"), app.customer_of("zhao"));
    app.contact_of("li");
    let breaches = |app: &TestApp| -> Vec<&'static str> {
        let all = opcms::customers::checks::ALL.iter();
        all.filter(|check| !app.db.read(&app.system(), check.find).unwrap().breaches.is_empty())
            .map(|check| check.code)
            .collect()
    };
    assert_eq!(breaches(&app), [""; 0]);
    for (code, harm) in [
        (
            "customers.dictionary_codes",
            format!("UPDATE customers SET industry = 'nonsense' WHERE id = {one}"),
        ),
        ("customers.names", format!("UPDATE customers SET name_sort = 'x' WHERE id = {one}")),
        ("customers.terms", format!("DELETE FROM customer_terms WHERE personal AND customer_id = {one}")),
        ("customers.status", format!("UPDATE customers SET status = 'active' WHERE id = {one}")),
        (
            "customers.parents",
            format!(
                "UPDATE customers SET parent_id = IF(id = {one}, {other}, {one}) WHERE id IN ({one}, {other})"
            ),
        ),
        ("customers.details", format!("DELETE FROM customer_details WHERE customer_id = {other}")),
    ] {
        app.connect().batch_execute(&harm).unwrap();
        assert!(breaches(&app).contains(&code), "{code}: {:?}", breaches(&app));
    }
}
