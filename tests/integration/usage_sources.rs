//! Sources of usage: connected, tried out before anything is saved, refused at the field, paused; and their secrets, which
//! nobody sees again.

use opcms::i18n::Tr;
use opcms::types::{DataScope, Permission};
use opcms::usage::collection::model::DayState;
use opcms::usage::records::model::Rule;
use opcms::usage::sources;
use opcms::usage::sources::forms::{LIST, PLACE};
use opcms::usage::sources::model::SourceKind;

use crate::support::vendor::{Reply, Vendor, json, status};
use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

const SECRET: &str = "geheim-2026/\"x\"";

async fn local_app() -> TestApp {
    let app = TestApp::with(&[("OPCMS_ALLOW_LOCAL_REQUESTS", "true")]).await;
    app.customer("KH1", "杭州一号有限公司", None, Some("li"));
    app
}

/// The fields of a source at this address.
fn fields(url: &str) -> Vec<(&str, &str)> {
    vec![("code", "vendor"), ("name", "影像平台"), ("url", url), ("auth", "bearer"), ("secret", SECRET)]
}

/// Fills in the form of a new source.
async fn connect(client: &Client, filled: &[(&str, &str)]) -> Answer {
    let form = client.get("/usage/sources/new").await.ok();
    client.submit(&form, "/usage/sources", filled).await
}

/// Everything that the database keeps in texts that could hold a secret.
fn kept(app: &TestApp) -> String {
    let columns = [
        ("secret", "usage_sources"),
        ("settings", "usage_sources"),
        ("changes", "audit_entries"),
        ("input", "tasks"),
    ];
    let texts = |(column, table): (&str, &str)| {
        app.texts(&format!("SELECT COALESCE(CAST({column} AS CHAR), '') FROM {table}"))
    };
    columns.into_iter().flat_map(texts).collect::<Vec<_>>().join("\n")
}

#[actix_web::test]
async fn a_source_is_connected_and_its_secret_is_never_seen_again() {
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    admin.get("/usage/sources").await.ok().contains(T.sources_blank());
    let filled = fields("https://api.example.com/usage?day={day}");
    let answer = connect(&admin, &filled).await.status(303);
    let url = answer.header("location").unwrap().to_owned();
    assert_eq!(answer.flash(), T.sources_created("影像平台"));
    assert_eq!(app.audited(), ["usage.usage_source.created"]);
    let page = admin.get(&url).await.ok().contains("api.example.com").contains("影像平台");
    let edit = admin.get(&format!("{url}/edit")).await.ok().contains(T.sources_secret_kept());
    let log = admin.get("/audit").await.ok();
    for page in [&page.body, &edit.body, &log.body, &kept(&app)] {
        assert!(!page.contains("geheim"), "{page}");
    }
    // A blank secret keeps the one that there is, as long as it goes where it went.
    let sealed = app.texts("SELECT secret FROM usage_sources");
    let to = [("name", "影像平台（新）"), ("url", "https://api.example.com/v2/usage?day={day}")];
    admin.submit(&edit, &url, &to).await.see_other(&url);
    assert_eq!(app.texts("SELECT secret FROM usage_sources"), sealed);
    let edit = admin.get(&format!("{url}/edit")).await.ok();
    for (field, value) in [
        ("url", "https://evil.example/usage?day={day}"),
        ("url", "http://api.example.com/?day={day}"),
        ("auth", "basic"),
    ] {
        let answer = admin.submit(&edit, &url, &[(field, value), ("auth_name", "op")]).await.status(422);
        assert_eq!(answer.field_error("secret"), T.sources_secret_elsewhere(), "{value}");
    }
    admin
        .submit(&edit, &url, &[("url", "https://other.example/?day={day}"), ("secret", "neu-2026")])
        .await
        .see_other(&url);
    assert_ne!(app.texts("SELECT secret FROM usage_sources"), sealed);
    // Without authentication there is nothing to keep.
    let edit = admin.get(&format!("{url}/edit")).await.ok();
    admin.submit(&edit, &url, &[("auth", "none")]).await.see_other(&url);
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_sources WHERE secret IS NULL"), 1);
    // Who read it before all this is told so.
    admin
        .submit(&edit, &url, &[("name", "x"), ("auth", "none")])
        .await
        .status(422)
        .contains(T.error_stale_text());
    let list = admin.get("/usage/sources").await.ok();
    list.contains("影像平台（新）").contains(&SourceKind::HttpJson.label(T));
}

#[actix_web::test]
async fn an_invalid_source_comes_back_with_its_faults_and_what_was_typed() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let good = "https://api.example.com/usage?day={day}";
    for (field, value, fault) in [
        ("code", "影像", T.sources_code_shape().to_owned()),
        ("name", "", T.field_required().to_owned()),
        ("url", "http://127.0.0.1/{day}", T.jobs_url_local().to_owned()),
        ("url", "http://169.254.169.254/", T.jobs_url_local().to_owned()),
        ("url", "javascript:alert(1)", T.jobs_url_scheme().to_owned()),
        ("headers", "Authorization: Bearer x", T.jobs_headers_secret("Authorization")),
        ("paging", "cursor", T.sources_paging_placeholder("{cursor}")),
        ("records_path", "data[", T.sources_path_unreadable(LIST, PLACE, 5)),
        ("code_table", "a = ", T.sources_code_table_line(1)),
        ("per_minute", "1e3", T.jobs_number_between(1, 600)),
        ("expected_from", "", T.field_required().to_owned()),
    ] {
        let filled: Vec<_> =
            fields(good).into_iter().filter(|(name, _)| *name != field).chain([(field, value)]).collect();
        let answer = connect(&admin, &filled).await.status(422);
        assert_eq!(answer.field_error(field), fault, "{value}");
        assert!(!answer.body.contains("geheim"));
        if field != "name" {
            answer.contains("影像平台");
        }
    }
    connect(&admin, &fields(good)).await.status(303);
    let twice = connect(&admin, &fields(good)).await.status(422);
    assert_eq!(twice.field_error("code"), T.sources_code_taken());
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_sources"), 1);
}

#[actix_web::test]
async fn a_source_is_tried_out_before_it_is_saved_and_nothing_is_written() {
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    let body = format!(
        r#"{{"you_sent":{},"data":[{{"company_code":"KH1","quantity":1.10}},{{"company_code":"ZZ","quantity":2}},
        {{"company_code":"KH1","quantity":-3,"series":"x"}},{{"company_code":"KH1","quantity":"viel","series":"y"}}]}}"#,
        serde_json::Value::from(SECRET)
    );
    let vendor = Vendor::always(&body);
    let url = format!("{}/usage?day={{day}}", vendor.url);
    let mut filled = fields(&url);
    filled.extend([("series_path", "series"), ("trial", "preview"), ("trial_day", "2026-11-12")]);
    let page = connect(&admin, &filled).await.ok().contains(T.sources_trial_title());
    page.clone().contains(&T.sources_trial_good(4)).contains("1.10").contains(T.sources_trial_added());
    for rule in [Rule::UnknownCustomer, Rule::NegativeQuantity, Rule::UnreadableQuantity] {
        page.clone().contains(&rule.label(T));
    }
    assert!(
        !page.body.contains("geheim") && page.body.contains("••••"),
        "what the other side repeats is blotted out"
    );
    assert_eq!(vendor.paths(), ["/usage?day=2026-11-12"]);
    let written = "SELECT (SELECT COUNT(*) FROM usage_sources) + (SELECT COUNT(*) FROM usage_records) + \
                   (SELECT COUNT(*) FROM usage_intakes) + (SELECT COUNT(*) FROM quarantined_records) + \
                   (SELECT COUNT(*) FROM usage_day_totals)";
    assert_eq!(app.number(written), 0);
    assert_eq!(app.audited(), [""; 0]);
    // The secret need not be typed again.
    let answer = admin.submit(&page, "/usage/sources", &[("secret", "")]).await.status(303);
    let saved = answer.header("location").unwrap().to_owned();
    // A test sends one request as the form says, with the secret that is kept.
    let edit = admin.get(&format!("{saved}/edit")).await.ok();
    let page = admin.submit(&edit, &saved, &[("trial", "test")]).await.ok();
    page.contains(&T.sources_trial_status(200)).lacks(Rule::UnknownCustomer.label(T).as_str());
    let asked = vendor.asked();
    assert_eq!(asked.len(), 2);
    assert!(
        asked.iter().all(|request| request.contains(&format!("authorization: Bearer {SECRET}"))),
        "{asked:?}"
    );
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_records"), 0);
}

#[actix_web::test]
async fn a_secret_in_the_body_is_sealed_too() {
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    let vendor = Vendor::always(&format!(r#"{{"you_sent":{},"data":[]}}"#, serde_json::Value::from(SECRET)));
    let url = format!("{}/usage?day={{day}}", vendor.url);
    let with = |body: &'static str, auth: &'static str| {
        let mut filled = fields(&url);
        filled.retain(|(name, _)| *name != "auth");
        filled.extend([("method", "POST"), ("body", body), ("auth", auth)]);
        filled
    };
    let open =
        connect(&admin, &with(r#"{"a":[{"Password":"hunter2"}],"page":1}"#, "bearer")).await.status(422);
    assert_eq!(open.field_error("body"), T.sources_body_secret("Password", "{secret}"));
    let lone = connect(&admin, &with(r#"{"token":"{secret}"}"#, "bearer")).await.status(422);
    lone.contains("{secret}");
    let mut filled = with(r#"{"token":"{secret}","day":"{day}"}"#, "body");
    filled.extend([("trial", "test"), ("trial_day", "2026-11-12")]);
    let page = connect(&admin, &filled).await.ok();
    assert!(!page.body.contains("geheim") && page.body.contains("••••"), "blotted out");
    let asked = vendor.asked();
    assert!(asked[0].contains(r#"{"token":"geheim-2026/\"x\"","day":"2026-11-12"}"#), "{asked:?}");
}

#[actix_web::test]
async fn the_preview_knows_only_customers_within_reach_and_says_when_the_first_page_is_short() {
    let app = local_app().await;
    app.customer("KH2", "二号", Some("zhao"), None);
    let permissions = [Permission::SourceEdit, Permission::SourceView, Permission::UsageView];
    let role = app.arrange_role("connector", DataScope::Own, &permissions);
    app.give_roles("li", &[role]);
    let vendor = Vendor::always(r#"{"data":[{"company_code":"KH2","quantity":2}]}"#);
    let url = format!("{}/usage?day={{day}}&page={{page}}", vendor.url);
    let mut filled = fields(&url);
    filled.extend([
        ("trial", "preview"),
        ("trial_day", "2026-11-12"),
        ("paging", "number"),
        ("page_size", "100"),
    ]);
    let all = connect(&app.signed_in("admin").await, &filled).await.ok();
    all.contains(T.sources_trial_added()).contains(&T.sources_trial_short(1, 100));
    let own = connect(&app.signed_in("li").await, &filled).await.ok();
    own.contains(&Rule::UnknownCustomer.label(T)).lacks(T.sources_trial_added());
}

#[actix_web::test]
async fn what_is_wrong_with_a_source_is_told_in_words_when_it_is_tried() {
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    for (what, fault) in [
        ("500", T.sources_fault_status(500)),
        ("401", T.sources_fault_unauthorised(401)),
        ("302", T.sources_fault_moved(302)),
        ("garbage", T.sources_fault_not_json().to_owned()),
        ("no list", T.sources_fault_no_list("data[*]")),
        ("silence", T.sources_fault_late(1)),
        ("broken", T.sources_fault_broken().to_owned()),
    ] {
        let vendor = Vendor::start(move |_, _| match what {
            "500" => status(500, "<b>no</b>"),
            "401" => status(401, "{}"),
            "302" => Reply::Bytes(
                b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n".to_vec(),
            ),
            "garbage" => json("<html>"),
            "no list" => json("{}"),
            "silence" => Reply::Silence,
            _ => Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
        });
        let mut filled = fields(&vendor.url);
        filled.extend([("trial", "preview"), ("timeout_seconds", "1")]);
        let page = connect(&admin, &filled).await.ok().contains(&fault);
        page.lacks("<b>no</b>").contains(&vendor.url);
        assert_eq!(vendor.asked().len(), 1, "{what}");
    }
    // Whoever tries too often waits.
    let vendor = Vendor::always("[]");
    let mut filled = fields(&vendor.url);
    filled.push(("trial", "test"));
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(connect(&admin, &filled).await.status);
    }
    assert_eq!((answers[0], answers[19]), (200, 429));
}

#[actix_web::test]
async fn a_source_that_sends_by_itself_is_known_on_sight_and_can_be_expected() {
    let app = TestApp::new().await;
    let id = app.arrange(|tx| sources::commands::on_sight(tx, "drone-park"));
    let admin = app.signed_in("admin").await;
    let url = format!("/usage/sources/{id}");
    admin.get(&url).await.ok().contains(T.sources_push_text()).lacks("replay");
    let edit = admin.get(&format!("{url}/edit")).await.ok().lacks("name=\"url\"").lacks("name=\"secret\"");
    admin
        .submit(&edit, &url, &[("name", "无人机园区"), ("expected_from", "2026-11-18")])
        .await
        .see_other(&url);
    let page = admin.get(&url).await.ok().contains("无人机园区").contains(&DayState::Missing.label(T));
    page.contains(&T.sources_days(2));
    let refused = admin.post(&format!("{url}/pause"), &[]).await.see_other(&url);
    assert_eq!(refused.flash(), T.sources_refused_push());
    let replay = admin.post(&format!("{url}/replay"), &[("from_day", "2026-11-18")]).await.status(422);
    replay.contains(T.collection_refused_push());
    assert_eq!(app.audited(), ["usage.usage_source.updated"]);
}

#[actix_web::test]
async fn a_source_is_paused_and_resumed() {
    let app = TestApp::new().await;
    let id = app.usage_source();
    let admin = app.signed_in("admin").await;
    let url = format!("/usage/sources/{id}");
    admin.get(&url).await.ok();
    for _ in 0..2 {
        let answer = admin.post(&format!("{url}/pause"), &[]).await.see_other(&url);
        assert_eq!(answer.flash(), T.sources_paused());
    }
    admin.get(&url).await.ok().contains(T.sources_paused_since()).contains(T.sources_state_paused());
    admin.post(&format!("{url}/resume"), &[]).await.see_other(&url);
    admin.get(&url).await.ok().lacks(T.sources_paused_since());
    assert_eq!(app.audited(), ["usage.usage_source.paused", "usage.usage_source.resumed"]);
    // Who may only look is offered nothing.
    let analyst = app.as_role("analyst").await;
    analyst.get(&url).await.ok().lacks(&format!("{url}/edit")).lacks(&format!("{url}/pause")).lacks("replay");
    let limited = app.api_limited("admin", &[Permission::SourceView]);
    limited.get(&format!("/api/v1{url}")).await.ok();
    limited
        .post(&format!("/api/v1{url}/replay"), serde_json::json!({"from_day": "2026-11-18"}))
        .await
        .status(403);
}
