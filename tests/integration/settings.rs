//! Settings: who may change what, what a change needs, when it is effective, and what is kept of it.

use diesel::connection::SimpleConnection as _;

use opcms::db::{Database, Db};
use opcms::i18n::Tr;
use opcms::settings::model::SettingDraft;
use opcms::settings::{Letterhead, commands, queries, read, registry};
use opcms::types::Result;
use serde_json::{Value, json};

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

/// What the setting amounts to, for whoever reads it through this database.
fn keep_days(app: &TestApp, db: &Database) -> i64 {
    db.read(&app.system(), |db: &mut Db| read(db, &registry::TASKS_KEEP_DAYS)).unwrap()
}

fn draft(value: &str, version: u32) -> SettingDraft {
    SettingDraft { value: Some(value.into()), reason: None, version }
}

fn set_keep_days(app: &TestApp, value: &str, version: u32) -> Result<()> {
    let actor = app.system();
    app.db.write(&actor, |tx| {
        commands::change(tx, &registry::TASKS_KEEP_DAYS.definition, &draft(value, version))
    })
}

#[actix_web::test]
async fn the_page_shows_every_setting_with_its_value_and_finds_it_by_any_of_its_words() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let page = admin.get("/settings").await.ok();
    for definition in registry::ALL {
        page.clone().contains(&format!("/settings/{}\"", definition.key)).contains(&definition.label(T));
    }
    let page = page.contains(T.settings_never()).contains(&T.settings_days(180));
    page.contains(&T.settings_count(registry::ALL.len())).contains(T.letterhead_blank());
    for (q, found, hidden) in [
        ("收款", "company.bank_details", "tasks.keep_days"),
        ("keep_days", "tasks.keep_days", "company.name"),
        ("180", "notifications.keep_days", "tasks.keep_days"),
        ("定时任务", "jobs.history_days", "files.trash_days"),
    ] {
        let query = serde_html_form::to_string([("q", q)]).unwrap();
        let page = admin.get(&format!("/settings?{query}")).await.ok();
        page.contains(&format!("/settings/{found}\"")).lacks(&format!("/settings/{hidden}\""));
    }
    let page = admin.get("/settings?q=%3Cscript%3Ealert(1)").await.ok();
    page.contains(T.settings_none()).lacks("<script>alert(1)");
}

#[actix_web::test]
async fn a_change_is_shown_kept_with_its_reason_and_can_be_taken_back() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let url = "/settings/tasks.keep_days";
    let form = admin.get(url).await.ok().contains("value=\"30\"").lacks("/reset");
    let change = [("value", " 014 "), ("reason", "磁盘紧张")];
    let answer = admin.submit(&form, url, &change).await.see_other("/settings");
    assert_eq!(answer.flash(), T.settings_changed("后台任务保留期"));
    assert_eq!(keep_days(&app, &app.db), 14);
    admin.get("/settings").await.ok().contains(&T.settings_days(14)).contains("磁盘紧张");
    let page =
        admin.get(url).await.ok().contains("磁盘紧张").contains("<del>30</del>").contains("<ins>14</ins>");
    // Sent twice is harmless.
    admin.submit(&form, url, &change).await.see_other("/settings");
    let reset = format!("{url}/reset");
    let fields = [("value", "whatever"), ("version", "1"), ("reason", "")];
    page.contains(&format!("formaction=\"{reset}\""));
    admin.post(&reset, &fields).await.see_other("/settings");
    assert_eq!(keep_days(&app, &app.db), 30);
    admin.get(url).await.ok().contains("value=\"30\"").lacks("formaction");
    assert_eq!(app.audited(), ["settings.setting.changed", "settings.setting.changed"]);
    assert_eq!(app.texts("SELECT COALESCE(value, '-') FROM settings"), ["-"]);
    // Set to what it is by default, it is as if it had never been changed.
    admin.post(url, &[("value", "30"), ("version", "2"), ("reason", "")]).await.see_other("/settings");
    assert_eq!(app.audited().len(), 2);
}

#[actix_web::test]
async fn the_audit_log_names_the_setting_in_the_language_of_the_reader_and_leads_to_it() {
    let app = TestApp::new().await;
    set_keep_days(&app, "7", 0).unwrap();
    let id = app.number("SELECT CAST(id AS SIGNED) FROM settings");
    let admin = app.signed_in("admin").await;
    let log = admin.get("/audit").await.ok();
    log.contains("后台任务保留期").contains(&format!("/settings/{id}\""));
    admin.get(&format!("/settings/{id}")).await.see_other("/settings/tasks.keep_days");
    admin.get(&format!("/settings/{}", id + 1)).await.status(404);
    admin.set_cookie("opcms_language", "en");
    admin.get("/audit").await.ok().contains("Keep finished tasks").lacks("后台任务保留期");
}

#[actix_web::test]
async fn what_does_not_fit_comes_back_with_the_sentence_that_says_why() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/settings").await.ok();
    let (huge, long) = ("9".repeat(3000), "长".repeat(2000));
    let days = T.settings_number_range(3650, 1);
    for (key, value, fault) in [
        ("tasks.keep_days", "", days.clone()),
        ("tasks.keep_days", "0", days.clone()),
        ("tasks.keep_days", "-1", days.clone()),
        ("tasks.keep_days", huge.as_str(), days.clone()),
        ("jobs.alarm_every_minutes", "4", T.settings_number_range(1440, 5)),
        ("company.name", long.as_str(), T.field_too_long(100)),
        ("company.name", "a\u{0}b", T.field_control_characters().into()),
        ("company.name", "a\nb", T.field_control_characters().into()),
        ("company.tax_number", "91350100M000100Y44", T.tax_number_check_character().into()),
        ("company.website", "javascript:alert(1)", T.settings_web_address().into()),
        ("mail.from_address", "a@b.cn\r\nBcc: x@y.z", T.field_email().into()),
    ] {
        let fields = [("value", value), ("reason", "测试"), ("version", "0")];
        let answer = admin.post(&format!("/settings/{key}"), &fields).await.status(422);
        assert_eq!(answer.field_error("value"), fault, "{key}");
        answer.contains("value=\"测试\"");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM settings"), 0);
    for key in ["company", "company.nothing", "COMPANY.NAME", "company.name%00", "%2e%2e"] {
        admin.get(&format!("/settings/{key}")).await.status(404);
        admin.post(&format!("/settings/{key}"), &[("value", "x"), ("version", "0")]).await.status(404);
    }
}

#[actix_web::test]
async fn html_stays_text_and_lines_stay_lines() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let markup = "<script>alert(1)</script>\"'";
    admin.get("/settings").await.ok();
    admin.post("/settings/company.name", &[("value", markup), ("version", "0")]).await.see_other("/settings");
    let lines = [("value", "户名：某某\r\n账号：<b>1</b>"), ("reason", "启用"), ("version", "0")];
    admin.post("/settings/company.bank_details", &lines).await.see_other("/settings");
    assert_eq!(
        app.texts("SELECT value FROM settings WHERE setting_key = 'company.bank_details'"),
        ["户名：某某\n账号：<b>1</b>"]
    );
    for path in ["/settings", "/settings/company.name", "/settings/company.bank_details", "/audit"] {
        admin.get(path).await.ok().lacks("<script>alert").lacks("<b>1</b>");
    }
}

#[actix_web::test]
async fn what_stands_on_bills_is_not_changed_without_a_reason() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    for (key, value) in [("company.bank_details", "账号：1"), ("company.tax_number", "91350100M000100Y43")]
    {
        let url = format!("/settings/{key}");
        let form = admin.get(&url).await.ok().contains(T.settings_reason_needed());
        let answer = admin.submit(&form, &url, &[("value", value), ("reason", " ")]).await.status(422);
        assert_eq!(answer.field_error("reason"), T.field_required());
        answer.contains(value);
        admin.submit(&form, &url, &[("value", value), ("reason", "换了")]).await.see_other("/settings");
        let blank = [("version", "1"), ("reason", "")];
        admin.post(&format!("{url}/reset"), &blank).await.status(422);
    }
    assert_eq!(app.texts("SELECT reason FROM settings"), ["换了", "换了"]);
}

#[actix_web::test]
async fn whoever_is_slower_is_told_what_it_is_now_and_loses_nothing() {
    let app = TestApp::new().await;
    let (admin, other) = (app.signed_in("admin").await, app.as_role("finance_manager").await);
    let url = "/settings/company.name";
    let (mine, theirs) = (admin.get(url).await.ok(), other.get(url).await.ok());
    other.submit(&theirs, url, &[("value", "甲公司")]).await.see_other("/settings");
    let answer = admin.submit(&mine, url, &[("value", "乙公司"), ("reason", "更名")]).await.status(422);
    let who = app.texts("SELECT name FROM users WHERE username = 'finance_manager'").remove(0);
    let answer = answer.contains(&askama_escaped(&T.settings_stale("甲公司", who)));
    let answer = answer.contains("value=\"乙公司\"").contains("value=\"更名\"");
    // Sent once more, it is meant.
    admin.submit(&answer, url, &[]).await.see_other("/settings");
    assert_eq!(app.texts("SELECT value FROM settings"), ["乙公司"]);
}

/// A sentence as it stands in a page.
fn askama_escaped(text: &str) -> String {
    text.replace('"', "&#34;")
}

#[actix_web::test]
async fn each_role_changes_what_it_may_and_reads_the_rest_with_the_reason() {
    let app = TestApp::new().await;
    let finance = app.as_role("finance_manager").await;
    finance.get("/settings/company.phone").await.ok().contains("action=\"/settings/company.phone\"");
    let locked = T.settings_locked("修改系统参数");
    finance.get("/settings/tasks.keep_days").await.ok().contains(&locked).lacks("name=\"value\"");
    let fields = [("value", "7"), ("version", "0")];
    finance.post("/settings/tasks.keep_days", &fields).await.status(403);
    finance.post("/settings/tasks.keep_days/reset", &fields).await.status(403);
    finance
        .post("/settings/company.phone", &[("value", "021-1"), ("version", "0")])
        .await
        .see_other("/settings");
    // Without the audit log there is still who changed it last, and when.
    finance.get("/settings/company.phone").await.ok().contains(T.settings_last_change()).lacks("event-mark");
    let auditor = app.as_role("auditor").await;
    let page = auditor.get("/settings/company.phone").await.ok().contains("event-mark");
    page.contains(&T.settings_locked("修改公司信息")).contains("021-1");
    auditor.post("/settings/company.phone", &fields).await.status(403);
    app.as_role("sales").await.get("/settings").await.status(403);
    assert_eq!(app.audited().len(), 1);
}

#[actix_web::test]
async fn a_change_is_effective_on_another_replica_with_its_next_unit_of_work() {
    let app = TestApp::new().await;
    let replica = app.replica();
    assert_eq!((keep_days(&app, &app.db), keep_days(&app, &replica)), (30, 30));
    for (version, days) in [(0, 7), (1, 8), (2, 9)] {
        set_keep_days(&app, &days.to_string(), version).unwrap();
        assert_eq!((keep_days(&app, &app.db), keep_days(&app, &replica)), (days, days));
    }
}

#[actix_web::test]
async fn a_value_that_does_not_fit_any_more_counts_as_the_default_and_is_found() {
    let app = TestApp::new().await;
    app.connect()
        .batch_execute(
            "INSERT INTO settings (setting_key, value, updated_at) VALUES ('tasks.keep_days', '99999', NOW(6)), \
             ('mail.reply_to', 'nobody', NOW(6)), ('nothing.known', 'x', NOW(6)), ('jobs.history_days', '5', NOW(6))",
        )
        .unwrap();
    assert_eq!(keep_days(&app, &app.db), 30);
    let check = opcms::settings::checks::ALL[0];
    let finding = app.db.read(&app.system(), check.find).unwrap();
    assert_eq!(finding.examined, 4);
    assert_eq!(finding.breaches, ["mail.reply_to", "nothing.known", "tasks.keep_days"]);
    // The page offers the way back, and takes it.
    let admin = app.signed_in("admin").await;
    let page =
        admin.get("/settings/tasks.keep_days").await.ok().contains("value=\"30\"").contains("formaction");
    let fields = page.form("/settings/tasks.keep_days");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    admin.post_exactly("/settings/tasks.keep_days/reset", &fields).await.see_other("/settings");
    let finding = app.db.read(&app.system(), check.find).unwrap();
    assert_eq!(finding.breaches, ["mail.reply_to", "nothing.known"]);
}

#[actix_web::test]
async fn the_letterhead_is_in_the_language_of_its_reader_and_falls_back() {
    let app = TestApp::new().await;
    let set = |key: &str, value: &str| {
        let definition = registry::find(key).unwrap();
        app.arrange(|tx| {
            let version = queries::find(tx, definition)?.version();
            commands::change(tx, definition, &draft(value, version))
        });
    };
    set("company.name", "上海某某有限公司");
    set("company.address", "上海市浦东新区");
    set("company.name_en", "Some Company Ltd.");
    let letterhead = |t: Tr| {
        let letterhead = app.db.read(&app.system(), |db| Letterhead::read(db, t)).unwrap();
        letterhead.to_string()
    };
    let (chinese, english) = (letterhead(Tr::ZhCn), letterhead(Tr::En));
    assert!(chinese.contains("上海某某有限公司") && chinese.contains("上海市浦东新区"), "{chinese}");
    assert!(english.contains("Some Company Ltd.") && english.contains("上海市浦东新区"), "{english}");
    assert!(!english.contains("上海某某有限公司"), "{english}");
    let admin = app.signed_in("admin").await;
    admin.get("/settings").await.ok().contains("lang=\"en\"").contains("Some Company Ltd.");
}

#[actix_web::test]
async fn the_api_does_what_the_pages_do() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let all = api.get("/api/v1/settings?per_page=500").await.ok().json();
    assert_eq!(all["total"], json!(registry::ALL.len()));
    let path = "/api/v1/settings/tasks.keep_days";
    let one = api.get(path).await.ok().json();
    assert_eq!((&one["value"], &one["version"], &one["unit"]), (&json!("30"), &json!(0), &json!("days")));
    let change = json!({"value": 7, "reason": "磁盘紧张", "version": 0});
    let changed = api.patch(path, change.clone()).await.ok().json();
    assert_eq!((&changed["value"], &changed["version"]), (&json!("7"), &json!(1)));
    assert_eq!((&changed["reason"], changed["changed_by"].is_string()), (&json!("磁盘紧张"), true));
    // The same again is done already; another one has read what is no longer true.
    api.patch(path, change).await.ok();
    let late = api.patch(path, json!({"value": 8, "version": 0})).await.status(409);
    assert_eq!(late.problem(), "stale");
    for (body, field) in [
        (json!({"value": 8}), "version"),
        (json!({"value": 0, "version": 1}), "value"),
        (json!({"value": null, "version": 1}), "value"),
    ] {
        let answer = api.patch(path, body).await.status(422).json();
        assert_eq!(answer["errors"][0]["field"], Value::from(field));
    }
    api.delete(path).await.status(422);
    let reset = api.delete(&format!("{path}?version=1&reason=done")).await.ok().json();
    assert_eq!((&reset["value"], &reset["version"]), (&json!("30"), &json!(2)));
    api.get("/api/v1/settings/nothing").await.status(404);
    let finance = app.api("finance_manager");
    finance.patch(path, json!({"value": 7, "version": 2})).await.status(403);
    finance.delete(&format!("{path}?version=2")).await.status(403);
    let tax = "/api/v1/settings/company.tax_number";
    let blank = finance.patch(tax, json!({"value": "91350100M000100Y43", "version": 0})).await.status(422);
    assert_eq!(blank.json()["errors"][0]["field"], "reason");
    assert_eq!(app.audited(), ["settings.setting.changed", "settings.setting.changed"]);
}

/// A PNG of this size, as far as anybody looks.
fn png(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &size, &[8, 6, 0, 0, 0]].concat()
}

const LOGO: &str = "/settings/company.logo";
const SEND: &str = "/settings/company.logo/picture";

#[actix_web::test]
async fn a_logo_is_sent_shown_to_all_staff_replaced_and_removed() {
    let app = TestApp::new().await;
    let finance = app.as_role("finance_manager").await;
    let page = finance.get(LOGO).await.ok().contains(T.settings_picture_none());
    assert!(page.form(SEND).contains(&("version".into(), "0".into())));
    let first = png(300, 90);
    let fields = [("version", "0"), ("reason", "新徽标")];
    let sent = finance.upload(SEND, &fields, ("../标志.jpeg", &first)).await.see_other("/settings");
    assert_eq!(sent.flash(), T.settings_changed("公司徽标"));
    let value = || app.texts("SELECT COALESCE(value, '-') FROM settings").remove(0);
    let preview = format!("/files/{}/preview", value());
    finance.get("/settings").await.ok().contains(&format!("src=\"{preview}\""));
    finance.get(LOGO).await.ok().contains(&format!("src=\"{preview}\""));
    let seen = app.signed_in("li").await.get(&preview).await.ok();
    assert_eq!((seen.header("content-type"), &seen.bytes), (Some("image/png"), &first));
    app.anonymous().get(&preview).await.status(303);
    // Twice is harmless, and another one takes its place.
    finance.upload(SEND, &fields, ("a.png", &first)).await.see_other("/settings");
    let before = value();
    finance.upload(SEND, &[("version", "1")], ("b.png", &png(10, 10))).await.see_other("/settings");
    assert_ne!(value(), before);
    // What was replaced is still there, and one can go back to it.
    let api = app.api("finance_manager");
    api.patch("/api/v1/settings/company.logo", json!({"value": before, "version": 2})).await.ok();
    let fields = [("version", "3"), ("reason", "")];
    finance.post(&format!("{LOGO}/reset"), &fields).await.see_other("/settings");
    assert_eq!(value(), "-");
    finance.get("/settings").await.ok().lacks("letterhead-logo");
    assert_eq!(app.audited(), ["settings.setting.changed"; 4]);
    let named = "SELECT DISTINCT JSON_UNQUOTE(JSON_EXTRACT(changes, '$.value.becomes')) FROM audit_entries \
                 WHERE reason = '新徽标'";
    assert_eq!(app.texts(named), ["标志.png"]);
}

#[actix_web::test]
async fn what_is_no_logo_is_refused_at_its_field_and_nothing_of_it_stays() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get(LOGO).await.ok();
    let large = [png(10, 10), vec![0; 600 * 1024]].concat();
    for (name, content, fault) in [
        ("", &b""[..], T.settings_picture_choose_first().to_owned()),
        ("a.png", b"", T.settings_picture_choose_first().into()),
        ("a.png", b"GIF89a\x01\0\x01\0", T.settings_picture_unknown().into()),
        ("a.png", b"<svg onload='alert(1)'/>", T.settings_picture_unknown().into()),
        ("a.png", &png(10, 10)[..15], T.settings_picture_unknown().into()),
        ("a.png", &png(0, 10), T.settings_picture_unknown().into()),
        ("a.png", &png(4001, 10), T.settings_picture_too_wide(10, 4000, 4001)),
        ("a.png", &large, T.settings_picture_too_large(512)),
    ] {
        let fields = [("version", "0"), ("reason", "为何")];
        let answer = admin.upload(SEND, &fields, (name, content)).await.status(422);
        assert_eq!(answer.field_error("file"), fault, "{name}");
        answer.contains("value=\"为何\"");
    }
    let stale = admin.upload(SEND, &[("version", "7")], ("a.png", &png(10, 10))).await.status(422);
    stale.contains("version\" value=\"0\"");
    assert_eq!(app.number("SELECT COUNT(*) FROM settings WHERE value IS NOT NULL"), 0);
    assert!(app.audited().is_empty());
    // A picture goes to settings that hold one, and through their page only.
    let other = "/settings/company.name/picture";
    admin.upload(other, &[("version", "0")], ("a.png", &png(10, 10))).await.status(404);
    let id = app.number("SELECT CAST(id AS SIGNED) FROM settings").to_string();
    let fields = [("kind", "setting"), ("id", id.as_str())];
    admin.upload("/files", &fields, ("a.png", &png(10, 10))).await.status(403);
    app.as_role("auditor").await.upload(SEND, &[("version", "0")], ("a.png", &png(9, 9))).await.status(403);
}

#[actix_web::test]
async fn a_logo_is_shown_whatever_its_file_is_called() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    for (version, (sent, kept)) in
        [(".png", "logo.png"), ("..PNG", "logo.png"), ("徽标", "徽标.png"), ("a.b.gif", "a.b.png")]
            .iter()
            .enumerate()
    {
        let picture = png(10, 10 + u32::try_from(version).unwrap());
        let fields = [("version", version.to_string())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        admin.upload(SEND, &fields, (sent, &picture)).await.see_other("/settings");
        assert_eq!(app.texts("SELECT name FROM files ORDER BY id DESC LIMIT 1"), [*kept], "{sent}");
        let value = app.texts("SELECT value FROM settings").remove(0);
        let preview = format!("/files/{value}/preview");
        admin.get("/settings").await.ok().contains(&format!("src=\"{preview}\""));
        assert_eq!(admin.get(&preview).await.ok().bytes, picture, "{sent}");
    }
}

#[actix_web::test]
async fn no_other_file_becomes_the_logo() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.upload(SEND, &[("version", "0")], ("a.png", &png(10, 10))).await.see_other("/settings");
    let secret = app.file_of("li");
    let api = app.api("admin");
    for value in [json!(secret), json!(secret + 100), json!("x"), json!("-1")] {
        let change = json!({"value": value, "version": 1});
        let answer = api.patch("/api/v1/settings/company.logo", change).await.status(422).json();
        assert_eq!(answer["errors"][0]["field"], "value", "{value}");
    }
}
