//! Dictionaries: values that come and go, their order, and two that become one.

use opcms::customers::dictionaries;
use opcms::customers::dictionaries::model::Dictionary;
use opcms::customers::directory;
use opcms::customers::directory::cause::Cause;
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::Fields;
use opcms::i18n::Tr;
use opcms::types::ids::DictionaryValueId;
use opcms::types::{Action, Permission};
use serde_json::json;

use crate::locking::at_once;
use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

fn value(app: &TestApp, code: &str) -> DictionaryValueId {
    let query = format!("SELECT id FROM dictionary_values WHERE dictionary = 'industry' AND code = '{code}'");
    DictionaryValueId(u64::try_from(app.number(&query)).unwrap())
}

fn codes(app: &TestApp) -> Vec<String> {
    app.texts("SELECT code FROM dictionary_values WHERE dictionary = 'industry' ORDER BY position, id")
}

#[actix_web::test]
async fn the_page_counts_the_customers_within_reach_and_offers_only_what_may_be_done() {
    let app = TestApp::new().await;
    let (li, zhao) = (app.world.user("li").to_string(), app.world.user("zhao").to_string());
    app.customer_with("A1", "甲公寓", &[(Field::Industry, "rental"), (Field::SalesOwner, &li)]);
    app.customer_with("A2", "乙公寓", &[(Field::Industry, "rental"), (Field::SalesOwner, &zhao)]);
    let counted = |count: i64| format!("<a href=\"/customers?industry=rental\">{count}</a>");
    let admin = app.signed_in("admin").await.get("/dictionaries?dictionary=industry").await.ok();
    admin.contains("长租公寓").contains(&counted(2)).contains("/dictionaries/new?dictionary=industry");
    let own = app.signed_in("li").await.get("/dictionaries?dictionary=industry").await.ok();
    own.contains(&counted(1)).lacks(&counted(2)).lacks("/merge").lacks("/dictionaries/new");
    let fixed = app.signed_in("admin").await.get("/dictionaries?dictionary=account_type").await.ok();
    fixed.contains(T.dictionaries_fixed_help()).lacks("/merge").contains("/move");
    // What cannot be read shows the usual one.
    app.signed_in("admin").await.get("/dictionaries?dictionary=%27;--").await.ok().contains("长租公寓");
}

#[actix_web::test]
async fn a_value_comes_is_renamed_moved_retired_revived_and_goes() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let form = admin.get("/dictionaries/new?dictionary=industry").await.ok();
    let filled = [("label_zh", " 教育培训 "), ("label_en", "Education")];
    let answer = admin.submit(&form, "/dictionaries", &filled).await;
    let answer = answer.see_other("/dictionaries?dictionary=industry");
    assert_eq!(answer.flash(), T.dictionaries_created("教育培训"));
    assert_eq!(codes(&app).last().unwrap(), "jiaoyupeixun");
    let id = value(&app, "jiaoyupeixun");
    let url = format!("/dictionaries/{id}");
    let form = admin.get(&format!("{url}/edit")).await.ok();
    admin.submit(&form, &url, &[("label_zh", "教育")]).await.status(303);
    let stale = admin.submit(&form, &url, &[("label_zh", "培训")]).await.status(422);
    stale.contains(T.error_stale_text()).contains("value=\"培训\"");
    admin.post(&format!("{url}/move"), &[("direction", "up")]).await.status(303);
    assert_eq!(codes(&app).iter().rev().nth(1).unwrap(), "jiaoyupeixun");
    admin.post(&format!("{url}/move"), &[("direction", "sideways")]).await.status(400);
    admin.post(&format!("{url}/retire"), &[]).await.status(303);
    admin.post(&format!("{url}/retire"), &[]).await.status(303);
    let refused = app.db.write(&app.system(), |tx| {
        let fields = Fields {
            company_code: "A9".into(),
            company_name: "甲".into(),
            industry: Some("jiaoyupeixun".into()),
            ..Fields::default()
        };
        directory::commands::create(tx, fields)
    });
    assert!(refused.is_err(), "a retired value is offered to nobody");
    admin.post(&format!("{url}/revive"), &[]).await.status(303);
    let customer = app.customer_with("A1", "甲", &[(Field::Industry, "jiaoyupeixun")]);
    let answer = admin.post(&format!("{url}/delete"), &[]).await.status(303);
    assert_eq!(answer.flash(), T.dictionaries_refused_used(1));
    app.arrange(|tx| {
        let before = directory::commands::lock_live(tx, Permission::CustomerEdit, customer)?;
        let after = Fields { industry: None, ..before.fields.clone() };
        let cause = Cause::by_hand(Action::CustomerUpdated, Permission::CustomerEdit);
        directory::commands::save_all(tx, vec![(before, after)], &cause)
    });
    admin.post(&format!("{url}/delete"), &[]).await.status(303);
    admin.get(&format!("{url}/edit")).await.status(404);
    let audited: Vec<String> =
        app.audited().into_iter().filter(|action| action.contains("dictionary")).collect();
    let verbs = ["created", "updated", "updated", "retired", "revived", "deleted"];
    assert_eq!(audited, verbs.map(|verb| format!("customers.dictionary_value.{verb}")));
}

#[actix_web::test]
async fn an_invalid_value_comes_back_with_its_faults() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let long = "字".repeat(61);
    for (code, zh, en, field, fault) in [
        ("", "", "X", "label_zh", T.field_required().to_owned()),
        ("", "新", " ", "label_en", T.field_required().to_owned()),
        ("", long.as_str(), "X", "label_zh", T.field_too_long(60)),
        ("", "长租公寓", "X", "label_zh", T.dictionaries_taken().to_owned()),
        ("", "新", "long-TERM rental", "label_en", T.dictionaries_taken().to_owned()),
        ("rental", "新", "X", "code", T.dictionaries_taken().to_owned()),
        ("a b", "新", "X", "code", T.dictionaries_code_shape().to_owned()),
        ("", "新\u{7}", "X", "label_zh", T.field_control_characters().to_owned()),
    ] {
        let fields = [("dictionary", "industry"), ("code", code), ("label_zh", zh), ("label_en", en)];
        let answer = admin.post("/dictionaries", &fields).await.status(422);
        assert_eq!(answer.field_error(field), fault, "{code:?} {zh:?} {en:?}");
    }
    for dictionary in ["account_type", "settlement_mode", "spend_level"] {
        let fields = [("dictionary", dictionary), ("label_zh", "新"), ("label_en", "New")];
        admin.post("/dictionaries", &fields).await.status(422);
        admin.get(&format!("/dictionaries/new?dictionary={dictionary}")).await.status(422);
    }
    assert_eq!(codes(&app).len(), 7);
}

#[actix_web::test]
async fn a_merge_changes_all_customers_and_keeps_the_name_understood() {
    let app = TestApp::new().await;
    let mine = app.customer_with("A1", "甲", &[(Field::Industry, "rental")]);
    let gone = app.customer_with("A2", "乙", &[(Field::Industry, "rental")]);
    app.arrange(|tx| directory::commands::delete(tx, gone, "不再合作"));
    let (old, new) = (value(&app, "rental"), value(&app, "hospitality"));
    let admin = app.signed_in("admin").await;
    let url = format!("/dictionaries/{old}/merge");
    let page = admin.get(&url).await.ok();
    let page = page
        .contains(&T.dictionaries_merge_customers("2", "长租公寓"))
        .contains(&T.dictionaries_merge_reach("1"));
    admin.submit(&page, &url, &[]).await.status(422).contains(T.field_required());
    admin.submit(&page, &url, &[("into", &old.to_string())]).await.status(422);
    admin.submit(&page, &url, &[("into", "999999")]).await.status(422);
    app.customer_with("A3", "丙", &[(Field::Industry, "rental")]);
    let moved = admin.submit(&page, &url, &[("into", &new.to_string())]).await.status(422);
    let moved = moved.contains(&T.dictionaries_refused_moved(3, 2));
    let answer = admin.submit(&moved, &url, &[("into", &new.to_string())]).await.status(303);
    assert_eq!(answer.flash(), T.dictionaries_done_merged(3, "长租公寓"));
    assert_eq!(app.number("SELECT COUNT(*) FROM customers WHERE industry = 'hospitality'"), 3);
    let entries = format!(
        "SELECT COUNT(*) FROM audit_entries WHERE subject_kind = 'customer' AND subject_id = {mine} \
         AND action = 'customers.customer.updated' AND reason = '长租公寓 → 酒店民宿'"
    );
    assert_eq!(app.number(&entries), 1);
    admin.submit(&moved, &url, &[("into", &new.to_string())]).await.status(404);
    let all = app.db.read(&app.system(), dictionaries::queries::all).unwrap();
    for text in ["长租公寓", "LONG-TERM RENTAL", "rental", "酒店民宿"] {
        let meant = all.meant(Dictionary::Industry, text).map(|value| value.code.as_str());
        assert_eq!(meant, Some("hospitality"), "{text}");
    }
    let page = admin.get("/dictionaries?dictionary=industry").await.ok();
    page.contains(&T.dictionaries_formerly("长租公寓"));
    // Its name cannot be given to another value, and what it became cannot go.
    let fields = [("dictionary", "industry"), ("label_zh", "长租公寓"), ("label_en", "Flats")];
    admin.post("/dictionaries", &fields).await.status(422).contains(&T.dictionaries_label_merged("酒店民宿"));
    // A second merge carries the first along.
    let third = value(&app, "commercial").to_string();
    admin.post(&format!("/dictionaries/{new}/merge"), &[("into", &third)]).await.status(303);
    let all = app.db.read(&app.system(), dictionaries::queries::all).unwrap();
    let current = all.current(Dictionary::Industry, "rental").map(|value| value.code.as_str());
    assert_eq!(current, Some("commercial"));
}

#[actix_web::test]
async fn a_merge_of_many_customers_is_done_by_a_task() {
    let app = TestApp::new().await;
    let all: Vec<Fields> = (0..2_500)
        .map(|number| Fields {
            company_code: format!("M{number}"),
            company_name: format!("客户{number}号"),
            industry: Some("rental".into()),
            ..Fields::default()
        })
        .collect();
    let cause = Cause::by_hand(Action::CustomerImported, Permission::CustomerCreate);
    app.arrange(|tx| directory::commands::create_all(tx, all.clone(), &cause));
    let (old, new) = (value(&app, "rental"), value(&app, "agency").to_string());
    let admin = app.signed_in("admin").await;
    let url = format!("/dictionaries/{old}/merge");
    let page = admin.get(&url).await.ok();
    let answer = admin.submit(&page, &url, &[("into", &new)]).await.status(303);
    assert_eq!(answer.flash(), T.dictionaries_done_merging(2_500, "长租公寓"));
    let with = |code: &str| app.number(&format!("SELECT COUNT(*) FROM customers WHERE industry = '{code}'"));
    assert_eq!((with("rental"), with("agency")), (2_500, 0));
    // Until it is done they still show what they are.
    admin.get("/dictionaries?dictionary=industry").await.ok().contains("房产经纪");
    app.work_off().await;
    assert_eq!((with("rental"), with("agency")), (0, 2_500));
    let entries = "SELECT COUNT(*) FROM audit_entries WHERE action = 'customers.customer.updated'";
    assert_eq!(app.number(entries), 2_500);
}

#[actix_web::test]
async fn two_values_cannot_become_each_other() {
    let app = TestApp::new().await;
    let (one, other) = (value(&app, "rental"), value(&app, "agency"));
    let outcomes = at_once(
        &app,
        |tx| dictionaries::commands::merge(tx, one, other, None),
        |tx| dictionaries::commands::merge(tx, other, one, None),
    );
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(app.number("SELECT COUNT(*) FROM dictionary_values WHERE merged_into_id IS NOT NULL"), 1);
}

#[actix_web::test]
async fn the_api_does_what_the_pages_do() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let list = api.get("/api/v1/dictionaries?dictionary=level").await.ok().json();
    assert_eq!(list["total"], 5);
    assert_eq!(list["items"][0]["code"], "S");
    api.get("/api/v1/dictionaries?dictionary=nonsense").await.status(422);
    let made = json!({"dictionary": "level", "label_zh": "特级", "label_en": "Special", "code": "SS"});
    let made = api.post("/api/v1/dictionaries", made).await.status(201).json();
    let url = format!("/api/v1/dictionaries/{}", made["id"]);
    api.patch(&url, json!({"label_en": "Extra"})).await.status(422);
    let changed = api.patch(&url, json!({"label_en": "Extra", "version": 1})).await.ok().json();
    assert_eq!((&changed["label_en"], &changed["version"]), (&json!("Extra"), &json!(2)));
    api.patch(&url, json!({"label_en": "Other", "version": 1})).await.status(409);
    api.patch(&url, json!({"code": "X", "version": 2})).await.status(422);
    assert_eq!(api.post(&format!("{url}/retire"), json!({})).await.ok().json()["retired"], true);
    assert_eq!(api.post(&format!("{url}/revive"), json!({})).await.ok().json()["retired"], false);
    let customer = app.customer_with("A1", "甲", &[(Field::Level, "SS")]);
    let into = api.get("/api/v1/dictionaries?dictionary=level").await.ok().json()["items"][0]["id"].clone();
    let merged = api.post(&format!("{url}/merge"), json!({"into": into})).await.ok().json();
    assert_eq!((&merged["customers"], &merged["task"]), (&json!(1), &json!(null)));
    assert_eq!(app.texts(&format!("SELECT level FROM customers WHERE id = {customer}")), ["S"]);
    api.get(&url).await.status(404);
    app.api("li").delete(&url).await.status(403);
}
