//! Contacts: works, comes back with its faults, is refused, is not there outside of one's reach, is masked for who may not
//! see people, is audited.

use opcms::customers::contacts;
use opcms::customers::contacts::model::ContactDraft;
use opcms::i18n::Tr;
use opcms::types::ids::ContactId;
use opcms::types::{DataScope, Permission};
use serde_json::json;

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

/// The list, searched for a text.
fn searching(q: &str) -> String {
    format!("/contacts?{}", serde_html_form::to_string([("q", q)]).unwrap())
}

fn names(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT(name, IF(is_primary, '*', '')) FROM contacts WHERE deleted_at IS NULL ORDER BY id",
    )
}

#[actix_web::test]
async fn a_contact_is_created_and_the_first_is_the_primary_one() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    let url = format!("/customers/{customer}/contacts");
    li.get(&url).await.ok().contains(T.contacts_none_yet()).contains(&format!("{url}/new"));
    let form = li.get(&format!("{url}/new")).await.ok();
    let filled =
        [("name", " 张伟 "), ("role", "财务"), ("phone", "+86 138-1234-5678"), ("email", "zhang@x.cn")];
    let answer = li.submit(&form, &url, &filled).await.see_other(&url);
    assert_eq!(answer.flash(), T.contacts_created("张伟"));
    li.submit(&form, &url, &[("name", "李娜"), ("primary", "true")]).await.see_other(&url);
    assert_eq!(names(&app), ["张伟", "李娜*"], "one is the primary one");
    let page = li.get(&url).await.ok().contains("13812345678").contains("mailto:zhang@x.cn");
    assert!(page.body.find("李娜") < page.body.find("张伟"), "the primary one comes first");
    let actions = ["customers.contact.created", "customers.contact.created", "customers.contact.updated"];
    let mut audited = app.audited();
    audited.sort();
    assert_eq!(audited, actions);
    // The search of the list of customers finds by what contacts say.
    assert!(app.number("SELECT COUNT(*) FROM customer_terms WHERE personal AND term = '13812345678'") == 1);
}

#[actix_web::test]
async fn an_invalid_contact_comes_back_with_its_faults_and_what_was_typed() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let url = format!("/customers/{}/contacts", app.customer_of("li"));
    li.get(&url).await.ok();
    let long = "字".repeat(101);
    for (name, phone, email, field, fault) in [
        ("", "", "", "name", T.field_required().to_owned()),
        (long.as_str(), "", "", "name", T.field_too_long(100)),
        ("张伟", "没有", "", "phone", T.contacts_phone_shape().to_owned()),
        ("张伟", "", "nobody", "email", T.field_email().to_owned()),
    ] {
        let filled = [("name", name), ("phone", phone), ("email", email), ("remarks", "留着我")];
        let answer = li.post(&url, &filled).await.status(422);
        assert_eq!(answer.field_error(field), fault);
        answer.contains("留着我").contains(&format!("value=\"{name}\""));
    }
    assert_eq!(names(&app), [""; 0]);
}

#[actix_web::test]
async fn the_same_form_twice_makes_one_contact() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let url = format!("/customers/{}/contacts", app.customer_of("li"));
    let form = li.get(&format!("{url}/new")).await.ok();
    let filled = [("name", "张伟"), ("phone", "13812345678")];
    li.submit(&form, &url, &filled).await.see_other(&url);
    let again = li.submit(&form, &url, &filled).await.status(422);
    assert_eq!(again.field_error("name"), T.contacts_refused_same());
    assert_eq!(names(&app), ["张伟*"]);
}

#[actix_web::test]
async fn a_contact_is_edited_and_of_two_who_do_the_second_is_told() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let id = app.contact_of("li");
    let url = format!("/contacts/{id}");
    let form = li.get(&format!("{url}/edit")).await.ok();
    assert!(form.form(&url).contains(&("primary".into(), "true".into())));
    li.submit(&form, &url, &[("phone", "0571-88001234")]).await.see_other(&url);
    let stale = li.submit(&form, &url, &[("phone", "95588")]).await.status(422);
    stale.contains(T.error_stale_text()).contains("value=\"95588\"");
    assert_eq!(app.texts("SELECT phone FROM contacts"), ["0571-88001234"]);
    // What changes nothing is not written.
    let form = li.get(&format!("{url}/edit")).await.ok();
    li.submit(&form, &url, &[]).await.see_other(&url);
    assert_eq!(app.audited(), ["customers.contact.updated"]);
    li.get(&url).await.ok().contains("0571-88001234").contains("138");
}

#[actix_web::test]
async fn a_deleted_contact_is_found_by_nothing_and_comes_back() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let (id, customer) = (app.contact_of("li"), app.customer_of("li"));
    let url = format!("/contacts/{id}");
    li.get(&url).await.ok();
    for _ in 0..2 {
        li.post(&format!("{url}/delete"), &[]).await.see_other(&url);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM customer_terms WHERE personal"), 0);
    li.get("/contacts").await.ok().lacks("张伟");
    li.get("/contacts?show=deleted").await.ok().contains("张伟");
    li.get(&format!("/customers/{customer}/contacts")).await.ok().contains(&T.contacts_deleted_count(1));
    li.get(&format!("{url}/edit")).await.status(404);
    // Meanwhile somebody else has become the primary one.
    let draft = ContactDraft { name: "李娜".into(), ..ContactDraft::default() };
    app.arrange(|tx| contacts::commands::create(tx, customer, &draft));
    for _ in 0..2 {
        li.post(&format!("{url}/restore"), &[]).await.see_other(&url);
    }
    assert_eq!(names(&app), ["张伟", "李娜*"]);
    assert!(app.number("SELECT COUNT(*) FROM customer_terms WHERE personal AND term = '张伟'") == 1);
    assert_eq!(app.audited(), ["customers.contact.deleted", "customers.contact.restored"]);
}

#[actix_web::test]
async fn a_contact_that_was_added_again_is_not_restored_beside() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let (id, customer) = (app.contact_of("li"), app.customer_of("li"));
    li.get("/contacts").await.ok();
    li.post(&format!("/contacts/{id}/delete"), &[]).await.see_other(&format!("/contacts/{id}"));
    let draft = ContactDraft { name: "张伟".into(), ..ContactDraft::default() };
    app.arrange(|tx| contacts::commands::create(tx, customer, &draft));
    let answer = li.post(&format!("/contacts/{id}/restore"), &[]).await.see_other(&format!("/contacts/{id}"));
    assert_eq!(answer.flash(), T.contacts_refused_same());
    assert_eq!(names(&app), ["张伟*"]);
}

#[actix_web::test]
async fn outside_of_ones_reach_there_is_no_contact() {
    let app = TestApp::new().await;
    let (li, theirs, their_customer) =
        (app.signed_in("li").await, app.contact_of("zhao"), app.customer_of("zhao"));
    app.contact_of("li");
    li.get("/contacts").await.ok().contains("li 的客户").lacks("zhao 的客户");
    li.get("/contacts?show=deleted").await.ok().lacks("zhao 的客户");
    li.get(&format!("/contacts?customer={their_customer}")).await.ok().lacks("zhao 的客户");
    for path in [format!("/contacts/{theirs}"), format!("/contacts/{theirs}/edit")] {
        li.get(&path).await.status(404);
    }
    for path in [
        format!("/contacts/{theirs}"),
        format!("/contacts/{theirs}/delete"),
        format!("/contacts/{theirs}/restore"),
    ] {
        li.post(&path, &[("name", "x"), ("version", "1")]).await.status(404);
    }
    let url = format!("/customers/{their_customer}/contacts");
    li.get(&url).await.status(404);
    li.get(&format!("{url}/new")).await.status(404);
    li.post(&url, &[("name", "x")]).await.status(404);
    let wang = app.signed_in("wang").await;
    wang.get("/contacts").await.ok().contains("li 的客户").lacks("zhao 的客户");
    assert_eq!(app.audited(), [""; 0]);
}

#[actix_web::test]
async fn who_may_not_see_people_sees_them_masked_and_does_not_find_by_them() {
    let app = TestApp::new().await;
    let (id, customer) = (app.contact_of("li"), app.customer_of("li"));
    let analyst = app.as_role("analyst").await;
    let history = format!("/customers/{customer}/history");
    for path in
        ["/contacts", &format!("/contacts/{id}"), &format!("/customers/{customer}/contacts"), &history]
    {
        let page = analyst.get(path).await.ok().contains("张**");
        page.lacks("张伟").lacks("13812345678").lacks("zhang.wei");
    }
    analyst
        .get(&format!("/customers/{customer}"))
        .await
        .ok()
        .contains("138****5678")
        .lacks("张伟")
        .lacks("13812345678");
    for (q, found) in [("13812345678", false), ("张伟", false), ("zhang", false), ("li 的客户", true)] {
        let page = analyst.get(&searching(q)).await.ok();
        assert_eq!(page.body.contains("张**"), found, "{q}");
    }
    analyst.get(&format!("/contacts/{id}/edit")).await.status(403);
    analyst.post(&format!("/contacts/{id}/delete"), &[]).await.status(403);
    // Nor does the audit log tell, nor the API.
    app.as_role("auditor").await.get("/audit?kind=contact").await.ok().lacks("张伟").lacks("13812345678");
    let shown = app.api("analyst").get(&format!("/api/v1/contacts/{id}")).await.ok().json();
    assert_eq!(
        (&shown["name"], &shown["phone"], &shown["masked"]),
        (&json!("张**"), &json!("138****5678"), &json!(true))
    );
    let found = app.api("analyst").get("/api/v1/contacts?q=13812345678").await.ok().json();
    assert_eq!(found["total"], 0);
    let li = app.signed_in("li").await;
    for q in ["1381234", "张伟", "zhang.wei"] {
        li.get(&searching(q)).await.ok().contains("13812345678");
    }
}

#[actix_web::test]
async fn editing_contacts_takes_seeing_them() {
    let app = TestApp::new().await;
    let id = app.contact_of("li");
    app.arrange_role("blind", DataScope::All, &[Permission::CustomerView, Permission::ContactEdit]);
    let api = app.api_limited("admin", &[Permission::CustomerView, Permission::ContactEdit]);
    api.patch(&format!("/api/v1/contacts/{id}"), json!({"version": 1, "name": "x"})).await.status(403);
    api.get(&format!("/api/v1/contacts/{id}")).await.ok().contains("张**");
}

#[actix_web::test]
async fn the_list_is_sorted_as_a_chinese_dictionary_and_paged() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    for name in ["赵敏", "安宁", "李娜"] {
        let draft = ContactDraft { name: name.into(), ..ContactDraft::default() };
        app.arrange(|tx| contacts::commands::create(tx, customer, &draft));
    }
    let api = app.api("li");
    let order = |json: serde_json::Value| -> Vec<String> {
        json["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().into()).collect()
    };
    let names = |answer: crate::support::Answer| order(answer.ok().json());
    assert_eq!(names(api.get("/api/v1/contacts").await), ["安宁", "李娜", "赵敏"]);
    assert_eq!(names(api.get("/api/v1/contacts?sort=-name&per_page=2").await), ["赵敏", "李娜"]);
    assert_eq!(names(api.get("/api/v1/contacts?per_page=2&page=2").await), ["赵敏"]);
    assert_eq!(names(api.get("/api/v1/contacts?show=primary").await), ["赵敏"]);
    for sort in ["customer", "-customer", "updated", "-updated"] {
        assert_eq!(names(api.get(&format!("/api/v1/contacts?sort={sort}")).await).len(), 3);
    }
    api.get("/api/v1/contacts?customer=x").await.status(422);
}

#[actix_web::test]
async fn a_program_does_what_the_pages_do() {
    let app = TestApp::new().await;
    let (api, customer) = (app.api("li"), app.customer_of("li"));
    let body = json!({"customer_id": customer.0, "name": "张伟", "phone": "138 1234 5678", "primary": true});
    let made = api.post_once("/api/v1/contacts", "key-1", body.clone()).await.status(201).json();
    let again = api.post_once("/api/v1/contacts", "key-1", body).await.status(201).json();
    assert_eq!(made, again, "once per key");
    let url = format!("/api/v1/contacts/{}", made["id"]);
    let shown = api.get(&url).await.ok();
    assert_eq!(shown.header("etag"), Some("\"1\""));
    assert_eq!(shown.json(), made);
    api.patch(&url, json!({"role": "财务"})).await.status(422);
    let request = api.request(actix_web::http::Method::PATCH, &url).insert_header(("if-match", "\"1\""));
    let changed = api.send(request.set_json(json!({"role": "财务"}))).await.ok();
    assert_eq!((changed.header("etag"), &changed.json()["role"]), (Some("\"2\""), &json!("财务")));
    assert_eq!(api.patch(&url, json!({"version": 1, "role": "x"})).await.status(409).problem(), "stale");
    api.patch(&url, json!({"version": 2, "customer_id": 999})).await.status(422);
    api.delete(&url).await.status(204);
    api.delete(&url).await.status(204);
    api.post(&format!("{url}/restore"), json!({})).await.ok();
    assert!(api.get(&url).await.ok().json()["deleted_at"].is_null());
    api.post("/api/v1/contacts", json!({"name": "x"})).await.status(422);
    api.post("/api/v1/contacts", json!({"name": "x", "customer_id": app.customer_of("zhao").0}))
        .await
        .status(404);
    let id = ContactId(made["id"].as_u64().unwrap());
    let kept = app.db.read(&app.system(), |db| contacts::queries::get(db, id)).unwrap().unwrap();
    assert_eq!(kept.phone.as_deref(), Some("13812345678"));
}
