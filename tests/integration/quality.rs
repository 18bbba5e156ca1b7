//! The quality of the data: assessed with every change, counted within reach, mended field by field.

use chrono::Duration;
use diesel::connection::SimpleConnection as _;
use opcms::accounts::users;
use opcms::customers::directory;
use opcms::customers::directory::fields::Field;
use opcms::customers::quality::model::Problem;
use opcms::i18n::Tr;
use opcms::types::ids::CustomerId;
use opcms::types::{Permission, Result};

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

fn score(app: &TestApp, id: CustomerId) -> i64 {
    app.number(&format!("SELECT score FROM customer_quality WHERE customer_id = {id}"))
}

fn save(app: &TestApp, id: CustomerId, field: Field, text: &str) {
    app.arrange(|tx| -> Result<()> {
        let before = directory::commands::lock_live(tx, Permission::CustomerEdit, id)?;
        let mut fields = before.fields.clone();
        fields.set(field, Some(text)).unwrap();
        directory::commands::update(tx, id, before.version, fields)
    });
}

fn rows(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS(' ', customer_id, score, problems) FROM customer_quality ORDER BY customer_id",
    )
}

#[actix_web::test]
async fn a_customer_is_assessed_with_every_change_of_it_and_its_contacts() {
    let app = TestApp::new().await;
    let id = app.customer_with("A1", "甲", &[(Field::Level, "A")]);
    assert_eq!(score(&app, id), 8);
    save(&app, id, Field::Address, "杭州");
    assert_eq!(score(&app, id), 13);
    let contact = format!(
        "INSERT INTO contacts (customer_id, name, name_sort, phone, created_at, updated_at) \
         VALUES ({id}, '张伟', 'zhang wei ', '微信同号', NOW(6), NOW(6))"
    );
    app.connect().batch_execute(&contact).unwrap();
    app.arrange(|tx| directory::commands::retell_contacts(tx, id));
    assert_eq!(score(&app, id), 28);
    let page = app.signed_in("admin").await.get("/customers/quality?problem=invalid_phone").await.ok();
    page.contains("甲").contains(&Problem::InvalidPhone.label(T));
    app.arrange(|tx| directory::commands::delete(tx, id, "不再合作"));
    assert_eq!(rows(&app), Vec::<String>::new());
    app.arrange(|tx| directory::commands::restore(tx, id));
    assert_eq!(score(&app, id), 28);
}

#[actix_web::test]
async fn counts_list_and_filters_agree_and_stay_within_reach() {
    let app = TestApp::new().await;
    let (li, zhao) = (app.world.user("li").to_string(), app.world.user("zhao").to_string());
    app.customer_with("A1", "甲甲", &[(Field::SalesOwner, &li), (Field::Level, "A")]);
    app.customer_with("A2", "乙乙", &[(Field::SalesOwner, &li), (Field::Status, "unconfirmed")]);
    app.customer_with("A3", "丙丙", &[(Field::OpsOwner, &zhao)]);
    let admin = app.signed_in("admin").await;
    let all = admin.get("/customers/quality").await.ok().contains("甲甲").contains("乙乙").contains("丙丙");
    all.contains(&T.quality_summary(13, "3"));
    for (query, there, absent) in [
        ("problem=unconfirmed", vec!["乙乙"], vec!["甲甲", "丙丙"]),
        ("problem=no_level", vec!["乙乙", "丙丙"], vec!["甲甲"]),
        ("owner=mine", vec![], vec!["甲甲", "乙乙", "丙丙"]),
        (&format!("owner={zhao}"), vec!["丙丙"], vec!["甲甲", "乙乙"]),
        (&format!("owner={li}&problem=no_level"), vec!["乙乙"], vec!["甲甲", "丙丙"]),
        ("band=low", vec!["甲甲", "乙乙", "丙丙"], vec![]),
        ("band=full", vec![], vec!["甲甲", "乙乙", "丙丙"]),
        ("problem=nonsense&owner=x&band='&page=-3", vec!["甲甲", "乙乙", "丙丙"], vec![]),
    ] {
        let mut page = admin.get(&format!("/customers/quality?{query}")).await.ok();
        for name in there {
            page = page.contains(name);
        }
        for name in absent {
            page = page.lacks(name);
        }
    }
    let own = app.signed_in("li").await;
    let page = own.get("/customers/quality").await.ok().contains("甲甲").lacks("丙丙");
    page.contains(&T.quality_summary(14, "2"));
    own.get("/customers/quality?owner=mine").await.ok().contains("乙乙");
    own.get(&format!("/customers/quality?owner={zhao}")).await.ok().lacks("丙丙");
    app.signed_in("zhao").await.get("/customers/quality").await.status(403);
}

#[actix_web::test]
async fn what_the_day_and_a_users_leaving_change_is_true_at_once() {
    let app = TestApp::new().await;
    let li = app.world.user("li").to_string();
    app.customer_with("A1", "甲甲", &[(Field::SalesOwner, &li), (Field::OnboardedOn, "2026-11-22")]);
    let admin = app.signed_in("admin").await;
    admin.get("/customers/quality?problem=future_onboarding").await.ok().contains("甲甲");
    let url = "/customers/quality?problem=owner_left";
    admin.get(url).await.ok().lacks("甲甲");
    app.arrange(|tx| users::commands::disable(tx, app.world.user("li"), None));
    admin.get(url).await.ok().contains("甲甲").contains(&Problem::OwnerLeft.label(T));
    app.clock.advance(Duration::days(3));
    let admin = app.signed_in("admin").await;
    admin.get("/customers/quality?problem=future_onboarding").await.ok().lacks("甲甲");
}

#[actix_web::test]
async fn an_assessment_of_all_finds_what_every_change_has_found() {
    let app = TestApp::new().await;
    for number in 0..30_i64 {
        let level = if number % 3 == 0 { "A" } else { "" };
        app.customer_with(&format!("A{number}"), &format!("客户{number}号"), &[(Field::Level, level)]);
    }
    let before = rows(&app);
    assert_eq!(before.len(), 30);
    app.connect().batch_execute("DELETE FROM customer_quality").unwrap();
    let admin = app.signed_in("admin").await;
    admin.get("/customers/quality").await.ok().contains(&T.quality_unassessed("30"));
    admin.post("/customers/quality/assessments", &[]).await.see_other("/customers/quality");
    app.work_off().await;
    assert_eq!(rows(&app), before);
}

#[actix_web::test]
async fn an_empty_ledger_says_what_to_do() {
    let app = TestApp::new().await;
    app.signed_in("admin").await.get("/customers/quality").await.ok().contains(T.quality_empty_help());
}
