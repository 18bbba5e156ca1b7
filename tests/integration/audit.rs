//! The audit log and the log of sign-ins: what they tell, to whom, and what leaves the house.

use std::collections::BTreeSet;

use chrono::Duration;
use diesel::connection::SimpleConnection;
use opcms::accounts::{departments, users};
use opcms::audit::entries::queries;
use opcms::i18n::Tr;
use opcms::types::{DataScope, Permission};

use crate::support::{Answer, PASSWORD, TestApp};

const T: Tr = Tr::ZhCn;

/// The entries that a page of the log shows, by their permalinks, in their order.
fn entries(page: &Answer) -> Vec<u64> {
    let links = page.body.split("href=\"/audit/").skip(1);
    links.filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

/// Where the link of that relation leads.
fn link(page: &Answer, rel: &str) -> Option<String> {
    let at = page.body.find(&format!("rel=\"{rel}\""))?;
    let before = &page.body[..at];
    let (_, href) = before.rsplit_once("href=\"")?;
    Some(href.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
}

fn run(app: &TestApp, sql: &str) {
    app.connect().batch_execute(sql).unwrap();
}

/// Adds entries of the system about one user, `seconds` before the clock's moment.
fn add_entries(app: &TestApp, count: usize, seconds: impl Fn(usize) -> usize) {
    let rows: Vec<String> = (0..count)
        .map(|number| {
            format!(
                "('2026-11-20 02:00:00' - INTERVAL {} SECOND, 'system', 'system', 'cli', '', 'test', \
                 'accounts.user.updated', 'user', 999999, 'Nr {number}', '{{}}')",
                seconds(number)
            )
        })
        .collect();
    for rows in rows.chunks(2_000) {
        run(
            app,
            &format!(
                "INSERT INTO audit_entries (at, actor_username, actor_name, source, address, request_id, action, \
                 subject_kind, subject_id, subject_label, changes) VALUES {}",
                rows.join(",")
            ),
        );
    }
}

async fn disable_li(app: &TestApp) {
    let admin = app.signed_in("admin").await;
    let li = app.world.user("li");
    admin.get("/users").await.ok();
    admin.post(&format!("/users/{li}/disable"), &[("reason", "长假")]).await.status(303);
}

#[actix_web::test]
async fn a_write_is_told_as_a_sentence_with_what_it_changed() {
    let app = TestApp::new().await;
    disable_li(&app).await;
    let li = app.world.user("li");
    let auditor = app.as_role("auditor").await;
    let page = auditor.get("/audit?action=accounts.user.disabled&actor=admin").await.ok();
    let page = page
        .contains(&format!("<strong>admin</strong> 停用了用户 <a href=\"/users/{li}\">李雷 (li)</a>"))
        .contains(&T.audit_reason_is("长假"))
        .contains("<del>已启用</del>")
        .contains("<ins>已停用</ins>")
        .contains("2026-11-20 星期五")
        .contains("192.0.2.10 · 网页");
    let [id] = entries(&page)[..] else { panic!("one entry: {}", page.summary()) };
    let one = auditor.get(&format!("/audit/{id}")).await.ok();
    let request = one.contains("<del>已启用</del>").contains(T.audit_same_request());
    let (_, after) = request.body.split_once("/audit?q=").unwrap();
    let same = auditor.get(&format!("/audit?q={}", after.split('"').next().unwrap())).await.ok();
    assert_eq!(entries(&same), [id]);
}

#[actix_web::test]
async fn each_reader_has_it_in_their_language() {
    let app = TestApp::new().await;
    disable_li(&app).await;
    let reader = app.as_role("auditor").await;
    reader.switch_language("en").await.status(303);
    let page = reader.get("/audit?action=accounts.user.disabled&actor=admin").await.ok();
    page.contains("<strong>admin</strong> disabled the user <a")
        .contains("2026-11-20 Friday")
        .contains("State: Active → Disabled<");
}

#[actix_web::test]
async fn who_may_not_read_the_logs_is_told_so() {
    let app = TestApp::new().await;
    let ops = app.as_role("ops").await;
    for path in ["/audit", "/audit/1", "/audit/sign-ins"] {
        ops.get(path).await.status(403);
    }
    for path in ["/audit/export", "/audit/sign-ins/export"] {
        ops.post(path, &[("format", "csv")]).await.status(403);
    }
    let api = app.api("ops");
    for path in ["/api/v1/audit/entries", "/api/v1/audit/entries/1", "/api/v1/audit/sign-ins"] {
        assert_eq!(api.get(path).await.status(403).problem(), "forbidden");
    }
}

#[actix_web::test]
async fn a_part_of_the_house_sees_its_part_of_the_log_and_what_it_did_itself() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let page = wang.get("/audit").await.ok();
    page.contains("李雷 (li)").contains("华东").contains("一组").lacks("赵敏").lacks("组长").lacks("华南");
    let of = |label: &str| {
        app.number(&format!(
            "SELECT CAST(MIN(id) AS SIGNED) FROM audit_entries WHERE subject_label = '{label}'"
        ))
    };
    let (ours, elsewhere, role) = (of("李雷 (li)"), of("赵敏 (zhao)"), of("组长"));
    wang.get(&format!("/audit/{ours}")).await.ok();
    let api = app.api("wang");
    api.get(&format!("/api/v1/audit/entries/{ours}")).await.ok();
    for id in [elsewhere, role] {
        wang.get(&format!("/audit/{id}")).await.status(404);
        api.get(&format!("/api/v1/audit/entries/{id}")).await.status(404);
    }
    api.get("/api/v1/audit/entries").await.ok().contains("李雷").lacks("赵敏");
    // An export belongs to no department; whoever made it sees it, and others of the department do not.
    let file = wang.post("/audit/export", &[("format", "csv")]).await.ok();
    file.contains("李雷").lacks("赵敏");
    let exported = wang.get("/audit?action=audit.entry.exported").await.ok();
    assert_eq!(entries(&exported).len(), 1);
    let zhao = app.world.user("zhao");
    let lead = app.world.role("team_lead");
    run(&app, &format!("INSERT INTO user_roles (user_id, role_id) VALUES ({zhao}, {lead})"));
    let zhao = app.signed_in("zhao").await;
    zhao.get("/audit").await.ok().contains("赵敏").lacks("李雷").lacks("audit-2026");
}

#[actix_web::test]
async fn who_reaches_only_their_own_sees_what_they_did() {
    let app = TestApp::new().await;
    let own = opcms::accounts::roles::model::RoleDraft {
        code: "own_log".into(),
        name: "自己的记录".into(),
        description: String::new(),
        data_scope: DataScope::Own,
        permissions: [Permission::AuditView, Permission::SignInView].into_iter().collect(),
    };
    app.arrange(|tx| opcms::accounts::roles::commands::create(tx, &own));
    let zhao = app.world.user("zhao");
    run(
        &app,
        &format!(
            "UPDATE user_roles SET role_id = (SELECT id FROM roles WHERE code = 'own_log') WHERE user_id = {zhao}"
        ),
    );
    let zhao = app.signed_in("zhao").await;
    zhao.get("/audit").await.ok().contains(T.audit_none());
    let form = zhao.get("/profile").await.ok();
    zhao.submit(&form, "/profile", &[("name", "赵敏敏")]).await.status(303);
    let page = zhao.get("/audit").await.ok().contains("修改了个人资料");
    assert_eq!(entries(&page).len(), 1);
    app.anonymous().sign_in("li", PASSWORD).await.status(303);
    zhao.get("/audit/sign-ins").await.ok().contains(">zhao<").lacks(">li<");
}

#[actix_web::test]
async fn filters_narrow_the_log_and_the_unreadable_filters_nothing() {
    let app = TestApp::new().await;
    disable_li(&app).await;
    let admin = app.signed_in("admin").await;
    let li = app.world.user("li");
    let count = |query: String| {
        let admin = &admin;
        async move { entries(&admin.get(&query).await.ok()).len() }
    };
    let created = app.number(&format!(
        "SELECT COUNT(*) FROM audit_entries WHERE subject_kind = 'user' AND subject_id = {li}"
    ));
    assert_eq!(
        count(format!("/audit?subject_kind=user&subject_id={li}")).await,
        usize::try_from(created).unwrap()
    );
    assert_eq!(count(format!("/audit?subject_kind=user&subject_id={li}&actor=adm")).await, 1);
    assert_eq!(count("/audit?q=%E6%9D%8E%E9%9B%B7&action=accounts.user.disabled".into()).await, 1);
    assert_eq!(count("/audit?q=100%25".into()).await, 0);
    assert_eq!(count("/audit?q=_".into()).await, 2, "the two managers only: no wildcard");
    assert_eq!(count("/audit?actor=nobody".into()).await, 0);
    assert_eq!(count("/audit?from=2026-11-21".into()).await, 0);
    assert_eq!(count("/audit?to=2026-11-19".into()).await, 0);
    let all = count("/audit".into()).await;
    assert!(all > 5);
    assert_eq!(count("/audit?from=2026-11-20&to=2026-11-20".into()).await, all);
    for query in [
        "action=nothing",
        "subject_id=x",
        "from=yesterday&to=9999-12-31",
        "older=99999999999999999999999",
        "older=999999",
        "newer=0",
        "subject_kind=%E7%94%A8%E6%88%B7",
        "page=2&nonsense=%00",
    ] {
        assert_eq!(count(format!("/audit?{query}")).await, all, "{query}");
    }
}

#[actix_web::test]
async fn the_system_is_found_by_its_name() {
    let app = TestApp::new().await;
    disable_li(&app).await;
    let admin = app.signed_in("admin").await;
    for name in ["system", "Sys", "%E7%B3%BB%E7%BB%9F"] {
        let page = admin.get(&format!("/audit?actor={name}")).await.ok();
        assert!(!entries(&page).is_empty(), "{name}");
        page.lacks("<strong>admin</strong> 停用了");
    }
}

#[actix_web::test]
async fn a_search_looks_a_year_back_unless_told_to_look_further() {
    let app = TestApp::new().await;
    add_entries(&app, 1, |_| 400 * 86_400);
    let admin = app.signed_in("admin").await;
    let page = admin.get("/audit?q=Nr%200").await.ok().contains(&T.audit_searched_since("2025-11-19"));
    assert!(entries(&page).is_empty());
    let page = admin.get("/audit?q=Nr%200&from=2025-01-01").await.ok().lacks("2025-11-19");
    assert_eq!(entries(&page).len(), 1);
}

#[actix_web::test]
async fn every_entry_comes_once_however_one_pages() {
    let app = TestApp::new().await;
    // Several share a moment, as those of one transaction do.
    add_entries(&app, 130, |number| number / 7);
    let admin = app.signed_in("admin").await;
    let mut page = admin.get("/audit?subject_kind=user&subject_id=999999").await.ok();
    assert!(link(&page, "prev").is_none());
    let (mut down, mut pages) = (entries(&page), 1);
    while let Some(next) = link(&page, "next") {
        assert!(next.contains("subject_id=999999"), "{next}");
        page = admin.get(&next).await.ok();
        down.extend(entries(&page));
        pages += 1;
    }
    assert_eq!((pages, down.len(), down.iter().collect::<BTreeSet<_>>().len()), (3, 130, 130));
    let mut up = entries(&page);
    while let Some(previous) = link(&page, "prev") {
        page = admin.get(&previous).await.ok();
        up.splice(0..0, entries(&page));
    }
    assert_eq!(up, down);
}

#[actix_web::test]
async fn a_log_is_counted_only_so_far() {
    let app = TestApp::new().await;
    add_entries(&app, 10_001, |number| number);
    let admin = app.signed_in("admin").await;
    admin.get("/audit").await.ok().contains(&T.list_entries_more("10,000"));
    let json =
        app.api("admin").get("/api/v1/audit/entries?subject_id=999999&subject_kind=user").await.ok().json();
    assert_eq!((json["count"].as_i64(), json["more_than_count"].as_bool()), (Some(10_000), Some(true)));
}

#[actix_web::test]
async fn the_export_is_what_the_page_shows_and_is_audited() {
    let app = TestApp::new().await;
    disable_li(&app).await;
    add_entries(&app, 60, |number| number);
    run(&app, "UPDATE audit_entries SET subject_label = '=cmd()' WHERE subject_label = 'Nr 7'");
    let auditor = app.as_role("auditor").await;
    let page = auditor.get("/audit?subject_kind=user&subject_id=999999&older=1&newer=").await.ok();
    let fields = page.form("/audit/export");
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["csrf", "subject_kind", "subject_id"]);
    assert!(!page.body.contains("format=csv"), "an export is no link");
    let file = auditor.submit(&page, "/audit/export", &[("format", "csv")]).await.ok();
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"audit-2026-11-20.csv\""));
    assert_eq!(file.body.lines().count(), 61);
    assert!(file.body.starts_with('\u{feff}') && file.body.contains(",'=cmd(),"), "{}", file.summary());
    let entry = auditor.get("/audit?action=audit.entry.exported").await.ok();
    entry
        .contains("导出了审计日志：<strong>audit-2026-11-20.csv</strong>")
        .contains("<ins>60</ins>")
        .contains("subject_id=999999、subject_kind=user");
    let book = auditor.post("/audit/export", &[("format", "xlsx"), ("actor", "nobody")]).await.ok();
    assert!(book.bytes.starts_with(b"PK"));
    assert_eq!(app.audited()[app.audited().len() - 2..], ["audit.entry.exported", "audit.entry.exported"]);
}

#[actix_web::test]
async fn an_export_takes_the_right_and_the_token_and_a_format() {
    let app = TestApp::new().await;
    let executive = app.as_role("executive").await;
    executive.get("/audit").await.ok().lacks("/audit/export");
    executive.get("/audit/sign-ins").await.ok().lacks("/audit/sign-ins/export");
    executive.post("/audit/export", &[("format", "csv")]).await.status(403);
    let auditor = app.as_role("auditor").await;
    for path in ["/audit/export", "/audit/sign-ins/export"] {
        auditor.get(path).await.status(405);
        auditor.post_exactly(path, &[("format", "csv")]).await.status(403).contains(T.error_csrf_text());
        auditor.post(path, &[("format", "pdf")]).await.status(400);
        auditor.post(path, &[]).await.status(400);
    }
    assert!(!app.audited().iter().any(|action| action.ends_with("exported")));
}

#[actix_web::test]
async fn what_leads_elsewhere_stays_a_text() {
    let app = TestApp::new().await;
    add_entries(&app, 1, |_| 0);
    run(
        &app,
        "UPDATE audit_entries SET subject_label = '<script>alert(1)</script>', reason = '<img src=x>', \
         action = 'harbour.ship.launched', changes = '{\"<b>\": {\"was\": \"<i>\", \"becomes\": null}}' \
         WHERE subject_id = 999999",
    );
    let admin = app.signed_in("admin").await;
    let page = admin.get("/audit?subject_kind=user&subject_id=999999").await.ok();
    page.lacks("<script>alert")
        .lacks("<img src=x>")
        .lacks("<b>")
        .lacks("<i>")
        .contains("harbour.ship.launched");
}

#[actix_web::test]
async fn the_api_reads_the_log_piece_by_piece() {
    let app = TestApp::new().await;
    add_entries(&app, 60, |number| number);
    let api = app.api("auditor");
    let first = api.get("/api/v1/audit/entries?subject_kind=user&subject_id=999999").await.ok().json();
    assert_eq!((first["items"].as_array().unwrap().len(), first["count"].as_i64()), (50, Some(60)));
    let entry = &first["items"][0];
    assert_eq!(entry["at"], "2026-11-20T02:00:00.000000Z");
    assert_eq!(entry["actor"]["id"], serde_json::Value::Null);
    assert_eq!(entry["subject"]["label"], "Nr 0");
    let older = first["older"].as_u64().unwrap();
    let rest = api
        .get(&format!("/api/v1/audit/entries?subject_kind=user&subject_id=999999&older={older}"))
        .await
        .ok()
        .json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["older"]), (10, &serde_json::Value::Null));
    let one = api.get(&format!("/api/v1/audit/entries/{}", entry["id"])).await.ok().json();
    assert_eq!(&one, entry);
    assert_eq!(api.get("/api/v1/audit/entries/999999999").await.status(404).problem(), "not_found");
    let limited = app.api_limited("auditor", &[Permission::UserView]);
    limited.get("/api/v1/audit/entries").await.status(403);
    app.api_anonymous().get("/api/v1/audit/entries").await.status(401);
}

#[actix_web::test]
async fn the_log_of_sign_ins_tells_who_tried_and_how_it_ended() {
    let app = TestApp::new().await;
    app.anonymous().sign_in("li", "not the password").await.status(422);
    app.anonymous().from("198.51.100.7").sign_in("nobody", "x").await.status(422);
    app.anonymous().sign_in("off", PASSWORD).await.status(422);
    let auditor = app.as_role("auditor").await;
    let page = auditor.get("/audit/sign-ins").await.ok();
    let li = app.world.user("li");
    page.contains(&format!("<a href=\"/users/{li}\" data-row-link>li</a>"))
        .contains(&T.label("outcome", "wrong_password"))
        .contains(&T.label("outcome", "unknown_user"))
        .contains("nobody")
        .contains(&T.list_entries(4));
    for (query, shown, hidden) in [
        ("q=l", "li<", "nobody"),
        ("q=198.51", "nobody", ">li<"),
        ("q=1&outcome=success", "data-count", "nobody"),
        ("outcome=disabled", "off", "nobody"),
        ("outcome=nonsense", "nobody", "nothing"),
        ("from=2026-11-20&to=2026-11-20", "nobody", "nothing"),
    ] {
        auditor.get(&format!("/audit/sign-ins?{query}")).await.ok().contains(shown).lacks(hidden);
    }
    auditor.get("/audit/sign-ins?to=2026-11-19").await.ok().contains(T.sign_ins_none());
    // Nobody's attempts belong to nobody's department.
    let wang = app.signed_in("wang").await;
    wang.get("/audit/sign-ins")
        .await
        .ok()
        .contains(">li<")
        .contains(">wang<")
        .lacks("nobody")
        .lacks("auditor");
    let json = app.api("auditor").get("/api/v1/audit/sign-ins?q=nobody").await.ok().json();
    assert_eq!(json["items"][0]["outcome"], "unknown_user");
    assert_eq!(json["items"][0]["user_id"], serde_json::Value::Null);
}

#[actix_web::test]
async fn sign_ins_are_exported_and_the_export_is_audited() {
    let app = TestApp::new().await;
    app.anonymous().sign_in("nobody", "x").await.status(422);
    let auditor = app.as_role("auditor").await;
    let page = auditor.get("/audit/sign-ins?outcome=unknown_user").await.ok();
    let file = auditor.submit(&page, "/audit/sign-ins/export", &[("format", "csv")]).await.ok();
    assert_eq!(file.body.lines().count(), 2, "{}", file.summary());
    assert_eq!(app.audited().last().map(String::as_str), Some("audit.sign_in.exported"));
    let wang = app.signed_in("wang").await;
    wang.get("/audit/sign-ins").await.ok();
    wang.post("/audit/sign-ins/export", &[("format", "csv")]).await.ok().lacks("nobody").contains("wang");
}

#[actix_web::test]
async fn a_record_has_a_history_for_who_may_read_the_log() {
    let app = TestApp::new().await;
    let li = app.world.user("li");
    app.clock.advance(Duration::minutes(1));
    app.arrange(|tx| users::commands::disable(tx, li, Some("长假")));
    app.clock.advance(Duration::minutes(1));
    app.arrange(|tx| users::commands::enable(tx, li));
    let history = |username: &str, kind: &'static str, id: u64, limit: i64| {
        let actor = app.actor(username);
        let found = app.db.read(&actor, |db| queries::of_subject(db, kind, id, limit)).unwrap();
        found.map(|entries| entries.into_iter().map(|entry| entry.action).collect::<Vec<_>>())
    };
    let (enabled, disabled) = ("accounts.user.enabled".to_owned(), "accounts.user.disabled".to_owned());
    assert_eq!(history("auditor", "user", li.0, 2), Some(vec![enabled.clone(), disabled]));
    assert_eq!(history("wang", "user", li.0, 1), Some(vec![enabled]));
    assert_eq!(history("wang", "user", app.world.user("zhao").0, 9), Some(vec![]));
    assert_eq!(history("ops", "user", li.0, 9), None);
}

#[actix_web::test]
async fn a_department_that_moves_takes_its_people_along_but_not_the_past() {
    let app = TestApp::new().await;
    let department = app.world.department("华南");
    let version = u32::try_from(
        app.number(&format!("SELECT CAST(version AS SIGNED) FROM departments WHERE id = {department}")),
    )
    .unwrap();
    let draft = departments::model::DepartmentDraft {
        name: "华南".into(),
        parent_id: Some(app.world.department("华东")),
    };
    app.arrange(|tx| departments::commands::update(tx, department, version, &draft));
    let wang = app.signed_in("wang").await;
    // What is written from now on is within her reach; what was written before stays where it was.
    let page = wang.get("/audit?subject_kind=department").await.ok();
    page.contains("修改了部门").contains("华南");
    wang.get("/audit?q=%E8%B5%B5%E6%95%8F").await.ok().contains(T.audit_none());
}
