//! Meters: created, edited, retired and restored; the code stays; the last one in use stays, too.

use opcms::i18n::Tr;

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

const FLIGHTS: [(&str, &str); 6] = [
    ("code", "flights"),
    ("name", "航拍"),
    ("name_en", "Flights"),
    ("unit", "架次"),
    ("unit_en", "flights"),
    ("dimensions", "layer"),
];

#[actix_web::test]
async fn a_meter_is_created_edited_and_its_code_stays() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let form = admin.get("/meters/new").await.ok();
    let answer = admin.submit(&form, "/meters", &FLIGHTS).await.see_other("/meters");
    assert_eq!(answer.flash(), T.meters_created("航拍"));
    admin.get("/meters").await.ok().contains("航拍").contains("flights").contains("架次");
    let id = app.number("SELECT id FROM meters WHERE code = 'flights'");
    let url = format!("/meters/{id}");
    let page = admin.get(&format!("{url}/edit")).await.ok().contains(T.meters_code_stays());
    admin.submit(&page, &url, &[("name", "无人机"), ("code", "drones")]).await.see_other("/meters");
    let stored =
        app.texts("SELECT CONCAT_WS(' ', CAST(code AS CHAR), name, has_layer) FROM meters ORDER BY id");
    assert_eq!(stored, ["shots 拍摄 1", "flights 无人机 1"]);
    let stale = admin.submit(&page, &url, &[("name", "别的")]).await.status(422);
    stale.contains(T.error_stale_text()).contains("value=\"别的\"");
    assert_eq!(app.audited(), ["catalog.meter.created", "catalog.meter.updated"]);
}

#[actix_web::test]
async fn an_invalid_meter_comes_back_with_its_faults_and_what_was_typed() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/meters/new").await.ok();
    let long = "长".repeat(101);
    for (code, name, field, fault) in [
        ("", "航拍", "code", T.field_required().to_owned()),
        ("航拍", "航拍", "code", T.meters_code_shape().to_owned()),
        ("shots", "航拍", "code", T.meters_code_taken().to_owned()),
        ("flights", long.as_str(), "name", T.field_too_long(100)),
        ("flights", "", "name", T.field_required().to_owned()),
    ] {
        let filled =
            [("code", code), ("name", name), ("name_en", "F"), ("unit", "架次"), ("unit_en", "flights")];
        let answer = admin.post("/meters", &filled).await.status(422);
        assert_eq!(answer.field_error(field), fault);
        answer.contains(&format!("value=\"{code}\""));
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM meters"), 1);
}

#[actix_web::test]
async fn a_retired_meter_takes_no_usage_and_the_last_one_is_not_retired() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let shots = app.meter();
    admin.get("/meters").await.ok();
    let refused = admin.post(&format!("/meters/{shots}/retire"), &[]).await.see_other("/meters");
    assert_eq!(refused.flash(), T.meters_refused_last());
    admin.post("/meters", &FLIGHTS).await.see_other("/meters");
    for _ in 0..2 {
        admin.post(&format!("/meters/{shots}/retire"), &[]).await.see_other("/meters");
    }
    let customer = app.customer_of("li");
    app.usage_of(customer, "2026-11-18", "X", "5");
    let why = app.texts("SELECT CAST(rule AS CHAR) FROM quarantined_records");
    assert_eq!(why, ["unknown_meter"]);
    for _ in 0..2 {
        admin.post(&format!("/meters/{shots}/restore"), &[]).await.see_other("/meters");
    }
    app.usage_of(customer, "2026-11-18", "X", "5");
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_records"), 1);
    let audited = ["catalog.meter.created", "catalog.meter.retired", "catalog.meter.restored"];
    assert_eq!(app.audited(), audited);
}

#[actix_web::test]
async fn programs_read_the_meters_and_who_may_not_edit_sees_them() {
    let app = TestApp::new().await;
    let listed = app.api("sales").get("/api/v1/meters").await.ok().json();
    assert_eq!((&listed["items"][0]["code"], &listed["total"]), (&"shots".into(), &1.into()));
    assert_eq!(listed["items"][0]["in_use"], true);
    let sales = app.as_role("sales").await;
    sales.get("/meters").await.ok().lacks("/meters/new");
    sales.get("/meters/new").await.status(403);
    sales.post(&format!("/meters/{}/retire", app.meter()), &[]).await.status(403);
}
