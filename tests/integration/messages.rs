//! The pages and the API of messages: inboxes, the delivery log, templates, robots, announcements.

use actix_web::http::Method;
use chrono::Duration;
use diesel::connection::SimpleConnection as _;
use opcms::i18n::Tr;
use opcms::notifications::Kinds;
use opcms::notifications::robots::rules::SEAL;
use opcms::types::{DataScope, Outgoing, Permission, Recipient};
use serde_json::json;

use crate::support::TestApp;
use crate::support::html::unescape;
use crate::support::smtp::{Manner, SmtpServer};

const T: Tr = Tr::ZhCn;

/// Tells a user something about a page.
async fn tell(app: &TestApp, username: &str, title: &str) {
    let message = Outgoing::new("notifications.announcement", &json!({"title": title, "text": "正文。"}))
        .to(Recipient::User(app.world.user(username)))
        .about("/profile");
    app.arrange(|tx| tx.notify(&message));
    app.send_messages().await;
}

fn id_of(app: &TestApp, query: &str) -> u64 {
    u64::try_from(app.number(query)).unwrap()
}

#[actix_web::test]
async fn the_bell_counts_what_is_unread() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    li.get("/").await.ok().contains(T.inbox_title()).lacks("counter-number");
    for number in 0..3 {
        tell(&app, "li", &format!("第 {number} 条")).await;
    }
    for page in ["/", "/top-bar"] {
        let page = li.get(page).await.ok().contains(&T.inbox_count(3));
        page.contains("<span class=\"counter-number\" aria-hidden=\"true\">3</span>");
    }
    // Nobody else hears of it.
    app.signed_in("zhao").await.get("/").await.ok().lacks("counter-number");
}

#[actix_web::test]
async fn what_a_page_asks_for_by_itself_keeps_no_session_alive() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    for _ in 0..4 {
        app.clock.advance(Duration::minutes(10));
        for path in ["/top-bar", "/tasks"] {
            li.send(li.request(Method::GET, path).insert_header(("x-quiet", "1"))).await;
        }
    }
    li.get("/profile").await.see_other("/sign-in?next=%2Fprofile");
}

#[actix_web::test]
async fn an_announcement_names_its_author() {
    let app = TestApp::new().await;
    let message = Outgoing::new("notifications.announcement", &json!({"title": "开会", "text": "三点"}))
        .to(Recipient::User(app.world.user("zhao")));
    app.db.write(&app.actor("li"), |tx| tx.notify(&message)).unwrap();
    app.send_messages().await;
    app.signed_in("zhao").await.get("/notifications").await.ok().contains("· 李雷");
}

#[actix_web::test]
async fn a_line_leads_to_its_page_and_is_read_then() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    li.get("/notifications").await.ok().contains(T.inbox_none_unread());
    tell(&app, "li", "放假 <b>通知</b>").await;
    let page = li.get("/notifications").await.ok().contains("放假 &#60;b&#62;通知&#60;/b&#62;");
    let id = id_of(&app, "SELECT id FROM notifications");
    let read = format!("/notifications/{id}/read");
    li.submit(&page, &read, &[("open", "1")]).await.see_other("/profile");
    li.get("/notifications").await.ok().contains(T.inbox_none_unread());
    let all = li.get("/notifications?show=all").await.ok().contains("通知").lacks("is-unread");
    all.lacks(&format!(">{}</button>", T.inbox_read()));
    // Read again it stays read, and says so.
    let answer = li.post(&read, &[]).await.see_other("/notifications");
    assert_eq!(answer.flash(), T.inbox_read_done());
    app.signed_in("zhao").await.get("/notifications?show=all").await.ok().lacks("放假");
    let zhao = app.signed_in("zhao").await;
    zhao.get("/notifications").await.ok();
    zhao.post(&read, &[("open", "1")]).await.status(404);
}

#[actix_web::test]
async fn all_is_read_but_what_came_meanwhile() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    tell(&app, "li", "甲").await;
    tell(&app, "li", "乙").await;
    let page = li.get("/notifications").await.ok();
    tell(&app, "li", "丙").await;
    let answer = li.submit(&page, "/notifications/read-all", &[]).await.see_other("/notifications");
    assert_eq!(answer.flash(), T.inbox_read_all_done(2));
    li.get("/notifications").await.ok().contains("丙").lacks("甲");
}

#[actix_web::test]
async fn a_program_reads_its_owners_inbox() {
    let app = TestApp::new().await;
    tell(&app, "li", "甲").await;
    let api = app.api("li");
    let line = api.get("/api/v1/notifications").await.ok().json()["items"][0].clone();
    assert_eq!((line["subject"].as_str(), line["read_at"].as_str()), (Some("甲"), None));
    api.post(&format!("/api/v1/notifications/{}/read", line["id"]), json!({})).await.status(204);
    assert_eq!(api.get("/api/v1/notifications").await.ok().json()["items"], json!([]));
    assert!(api.get("/api/v1/notifications?show=all").await.ok().json()["items"][0]["read_at"].is_string());
    tell(&app, "li", "乙").await;
    assert_eq!(api.post("/api/v1/notifications/read-all", json!({})).await.ok().json(), json!({"read": 1}));
}

#[actix_web::test]
async fn the_log_shows_what_became_of_each_message_and_sends_it_again() {
    let server = SmtpServer::start(Manner::Answers("RCPT", "550 no such user"));
    let app = TestApp::with(&[("OPCMS_SMTP_URL", &server.url)]).await;
    let admin = app.signed_in("admin").await;
    admin.get("/messages").await.ok().contains(T.messages_blank()).lacks(T.messages_no_server());
    tell(&app, "li", "甲").await;
    tell(&app, "zhao", "乙").await;
    let page = admin.get("/messages").await.ok().contains("550 no such user").contains("甲").contains("乙");
    page.contains("data-confirm");
    admin.get("/messages?q=%E6%9D%8E").await.ok().contains("甲").lacks(">乙</a>");
    admin.get("/messages?state=sent").await.ok().contains(T.messages_none());
    admin.get("/messages?state=%27&from=x&older=99999999999999999999").await.ok().contains("甲");
    let id = id_of(&app, "SELECT MIN(id) FROM deliveries");
    let show =
        admin.get(&format!("/messages/{id}")).await.ok().contains("<p>正文。<").contains("li@example.com");
    server.behave(Manner::Polite);
    let answer = admin.submit(&show, &format!("/messages/{id}/resend"), &[]).await;
    assert_eq!(answer.see_other(&format!("/messages/{id}")).flash(), T.messages_resent());
    // Twice is once: it is on its way already.
    let again = admin.submit(&show, &format!("/messages/{id}/resend"), &[]).await;
    assert_eq!(again.flash(), T.messages_refused_on_its_way());
    app.send_messages().await;
    assert_eq!(server.mails().len(), 1);
    // All failed ones of a filter at once.
    let page = admin.get("/messages?channel=mail").await.ok();
    let answer = admin.submit(&page, "/messages/resend-failed", &[]).await.see_other("/messages");
    assert_eq!(answer.flash(), T.messages_resent_all(1));
    app.send_messages().await;
    assert_eq!(server.mails().len(), 2);
    assert_eq!(app.audited(), ["notifications.message.resent"; 2]);
    admin.post("/messages/resend-failed", &[("state", "nonsense")]).await.status(422);
}

#[actix_web::test]
async fn without_a_server_the_log_says_so_and_shows_the_mail() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    tell(&app, "li", "甲").await;
    admin
        .get("/messages")
        .await
        .ok()
        .contains(T.messages_no_server())
        .contains(&T.label("delivery_state", "kept"));
    let id = app.delivery_to("li");
    admin.get(&format!("/messages/{id}")).await.ok().contains("正文。").contains(T.messages_no_server());
}

#[actix_web::test]
async fn the_log_reaches_as_far_as_its_reader() {
    let app = TestApp::new().await;
    tell(&app, "li", "给李雷").await;
    tell(&app, "zhao", "给赵敏").await;
    let wang = app.signed_in("wang").await;
    wang.get("/messages").await.ok().contains("给李雷").lacks("给赵敏");
    let (ours, theirs) = (app.delivery_to("li"), app.delivery_to("zhao"));
    wang.get(&format!("/messages/{ours}")).await.ok();
    wang.get(&format!("/messages/{theirs}")).await.status(404);
    wang.post(&format!("/messages/{theirs}/resend"), &[]).await.status(404);
    let items = app.api("wang").get("/api/v1/messages/logs").await.ok().json()["items"].clone();
    assert!(items.as_array().unwrap().iter().all(|item| item["recipient"] == "李雷"), "{items}");
    app.api("wang").get("/api/v1/messages/logs?state=x").await.status(422);
}

#[actix_web::test]
async fn messages_that_cannot_be_spread_are_shown_and_tried_again() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    app.connect()
        .batch_execute(
            "INSERT INTO messages (kind, recipients, variables, created_at, due_at) \
             VALUES ('nobody.knows', '[]', '{}', '2026-11-20 01:00:00', '2026-11-20 01:00:00')",
        )
        .unwrap();
    app.send_messages().await;
    let page = admin.get("/messages").await.ok().contains(&T.messages_stuck(1));
    admin.submit(&page, "/messages/retry", &[]).await.see_other("/messages");
    app.send_messages().await;
    assert_eq!(app.number("SELECT attempts FROM messages"), 1);
}

const TEMPLATE: &str = "/messages/templates/notifications.announcement/zh-CN";

#[actix_web::test]
async fn a_template_is_changed_and_gets_its_original_words_back() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/messages/templates").await.ok().contains(TEMPLATE).contains(T.templates_original());
    let page = admin.get(TEMPLATE).await.ok().contains(T.templates_example_made_up());
    let words =
        [("subject", "【{{ company }}】{{ title }}"), ("body", "{{ recipient }}：\r\n\r\n{{ text }}")];
    let answer = admin.submit(&page, TEMPLATE, &words).await.see_other(TEMPLATE);
    assert_eq!(answer.flash(), T.templates_saved());
    tell(&app, "li", "放假").await;
    assert_eq!(
        app.texts("SELECT CONCAT(subject, '|', body) FROM deliveries"),
        ["【OP-CMS】放假|李雷：\n\n正文。"]
    );
    // Whoever has read the words before is told that they are others now.
    let stale = admin.submit(&page, TEMPLATE, &[("subject", "别的")]).await.status(422);
    stale.contains(T.error_stale_text()).contains("value=\"别的\"");
    // A real message to preview on.
    let id = app.number("SELECT id FROM messages");
    let preview = format!("{TEMPLATE}/preview");
    let fields = [("subject", "看：{{ title }}"), ("body", "好"), ("example", &id.to_string())];
    admin.post(&preview, &fields).await.ok().contains("看：放假");
    assert_eq!(app.number("SELECT COUNT(*) FROM message_templates"), 1);
    let page = admin.get(TEMPLATE).await.ok();
    admin.submit(&page, &format!("{TEMPLATE}/restore"), &[]).await.see_other(TEMPLATE);
    admin.post(&format!("{TEMPLATE}/restore"), &[]).await.see_other(TEMPLATE);
    assert_eq!(app.number("SELECT COUNT(*) FROM message_templates"), 0);
    assert_eq!(app.audited(), ["notifications.template.updated", "notifications.template.restored"]);
    admin.get("/messages/templates/nobody.knows/zh-CN").await.status(404);
    admin.get("/messages/templates/notifications.announcement/fr").await.status(404);
}

#[actix_web::test]
async fn a_broken_template_is_refused_when_it_is_saved() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let page = admin.get(TEMPLATE).await.ok();
    for (field, text, fault) in [
        ("body", "{{ title", T.templates_fault_syntax(1)),
        ("body", "一\r\n{{ titel }}", T.templates_fault_unknown("titel")),
        ("body", "{% for a in b %}", T.templates_fault_statement(1, "for")),
        ("subject", "", T.field_required().to_owned()),
    ] {
        let answer = admin.submit(&page, TEMPLATE, &[(field, text)]).await.status(422);
        assert_eq!(answer.field_error(field), fault, "{text}");
        let other = if field == "body" { "subject" } else { "body" };
        let preview = admin.post(&format!("{TEMPLATE}/preview"), &[(field, text), (other, "好")]).await;
        assert!(unescape(&preview.status(422).body).contains(&fault));
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM message_templates"), 0);
    // Who only reads them is shown no way to change them.
    let finance = app.as_role("finance").await;
    finance.get(TEMPLATE).await.ok().contains("readonly").lacks("form-foot");
}

#[actix_web::test]
async fn a_program_changes_a_template() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let url = "/api/v1/messages/templates/notifications.announcement/en";
    let template = api.get(url).await.ok().json();
    assert_eq!((template["version"].as_u64(), template["edited"].as_bool()), (Some(0), Some(false)));
    api.patch(url, json!({"subject": "Hear: {{ title }}"})).await.status(422);
    let changed = api.patch(url, json!({"subject": "Hear: {{ title }}", "version": 0})).await.ok().json();
    assert_eq!((changed["version"].as_u64(), changed["body"].as_str()), (Some(1), template["body"].as_str()));
    assert_eq!(api.patch(url, json!({"subject": "x", "version": 0})).await.status(409).problem(), "stale");
    api.patch(url, json!({"body": "{{ nonsense }}", "version": 1})).await.status(422);
    let kinds = app.part::<Kinds>().all().len();
    assert_eq!(api.get("/api/v1/messages/templates").await.ok().json()["total"], 2 * kinds);
}

const HOOK: &str = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef";

#[actix_web::test]
async fn a_robot_keeps_its_keys_to_itself() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/messages/robots").await.ok().contains(T.robots_blank());
    let form = admin.get("/messages/robots/new").await.ok();
    let filled = [
        ("name", " 运营群 "),
        ("vendor", "dingtalk"),
        ("url", HOOK),
        ("secret", "SEC1"),
        ("kinds", "jobs.job_failed"),
    ];
    let answer = admin.submit(&form, "/messages/robots", &filled).await.see_other("/messages/robots");
    assert_eq!(answer.flash(), T.robots_created("运营群"));
    let again = admin.submit(&form, "/messages/robots", &filled).await.status(422);
    assert_eq!(again.field_error("name"), T.robots_name_taken());
    assert!(!again.body.contains("SEC1"), "a secret is not sent back");
    let stored = app.texts("SELECT CONCAT(sealed_url, sealed_secret) FROM robots").remove(0);
    assert!(!stored.contains("0123456789abcdef") && !stored.contains("SEC1"));
    let id = app.robot();
    for page in ["/messages/robots".to_owned(), format!("/messages/robots/{id}/edit"), "/audit".to_owned()] {
        admin.get(&page).await.ok().lacks("0123456789abcdef").lacks("SEC1").contains("cdef");
    }
    // What is left blank stays; a secret can be taken away.
    let edit = admin.get(&format!("/messages/robots/{id}/edit")).await.ok();
    let url = format!("/messages/robots/{id}");
    admin.submit(&edit, &url, &[("name", "财务群")]).await.see_other("/messages/robots");
    let sealed = app.texts("SELECT sealed_secret FROM robots").remove(0);
    assert_eq!(app.state.secret.open(SEAL, &sealed).as_deref(), Some("SEC1"));
    admin.submit(&edit, &url, &[("name", "x")]).await.status(422).contains(T.error_stale_text());
    let edit = admin.get(&format!("/messages/robots/{id}/edit")).await.ok();
    admin.submit(&edit, &url, &[("unsigned", "1"), ("paused", "1")]).await.see_other("/messages/robots");
    assert_eq!(app.number("SELECT sealed_secret IS NULL AND paused_at IS NOT NULL FROM robots"), 1);
    let page = admin.get(&format!("/messages/robots/{id}/delete")).await.ok();
    admin.submit(&page, &format!("/messages/robots/{id}/delete"), &[]).await.see_other("/messages/robots");
    admin.post(&format!("/messages/robots/{id}/delete"), &[]).await.status(404);
    assert_eq!(app.audited().len(), 4);
}

#[actix_web::test]
async fn a_robot_with_a_foreign_address_is_refused() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let form = admin.get("/messages/robots/new").await.ok();
    let long = format!("{HOOK}{}", "x".repeat(1000));
    for (vendor, url, field) in [
        ("dingtalk", "https://169.254.169.254/latest", "url"),
        ("dingtalk", "http://oapi.dingtalk.com/robot/send", "url"),
        ("feishu", HOOK, "url"),
        ("dingtalk", "nonsense", "url"),
        ("dingtalk", "", "url"),
        ("dingtalk", long.as_str(), "url"),
        ("", HOOK, "vendor"),
        ("slack", HOOK, "vendor"),
    ] {
        let filled = [("name", "群"), ("vendor", vendor), ("url", url)];
        let answer = admin.submit(&form, "/messages/robots", &filled).await.status(422);
        assert!(!answer.field_error(field).is_empty(), "{vendor} {url}");
    }
    let unknown = [("name", "群"), ("vendor", "dingtalk"), ("url", HOOK), ("kinds", "nobody.knows")];
    admin.submit(&form, "/messages/robots", &unknown).await.status(422);
    assert_eq!(app.number("SELECT COUNT(*) FROM robots"), 0);
}

#[actix_web::test]
async fn an_address_counts_as_it_is_sent_and_does_not_come_back() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let form = admin.get("/messages/robots/new").await.ok();
    let long = format!("{HOOK}{}", "字".repeat(330));
    let filled = [("name", "群"), ("vendor", "dingtalk"), ("url", long.as_str())];
    let answer = admin.submit(&form, "/messages/robots", &filled).await.status(422);
    assert_eq!(answer.field_error("url"), T.field_too_long(1_000));
    answer.lacks("0123456789abcdef").contains("value=\"群\"");
}

#[actix_web::test]
async fn what_was_said_is_an_example_only_to_those_who_may_read_it_all() {
    let app = TestApp::new().await;
    let li = app.world.user("li");
    let said = Outgoing::new("notifications.announcement", &json!({"title": "机密的事", "text": "x"}));
    let said = said.to(Recipient::User(li));
    assert!(app.arrange(|tx| tx.notify(&said)));
    let id = app.number("SELECT MAX(id) FROM messages");
    let page = format!("{TEMPLATE}?example={id}");
    app.signed_in("admin").await.get(&page).await.ok().contains("机密的事");
    for reader in ["auditor", "wang"] {
        app.signed_in(reader).await.get(&page).await.ok().lacks("机密的事");
    }
}

#[actix_web::test]
async fn a_paused_robot_is_not_announced_to() {
    let app = TestApp::new().await;
    let robot = app.robot().to_string();
    app.connect().batch_execute("UPDATE robots SET paused_at = created_at").unwrap();
    let body = json!({"title": "放假", "text": "周五", "audience": "nobody", "robots": [robot]});
    let refused = app.api("admin").post("/api/v1/messages/send", body).await.status(422);
    refused.contains("robots").contains("运营群");
    assert_eq!(app.number("SELECT COUNT(*) FROM messages"), 0);
}

#[actix_web::test]
async fn a_robot_is_tried() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let id = app.robot();
    let page = admin.get("/messages/robots").await.ok();
    let answer = admin.submit(&page, &format!("/messages/robots/{id}/test"), &[]).await;
    assert_eq!(answer.see_other("/messages/robots").flash(), T.robots_test_sent());
    assert_eq!(app.number("SELECT COUNT(*) FROM messages WHERE kind = 'notifications.robot_test'"), 1);
}

#[actix_web::test]
async fn an_announcement_goes_to_whom_it_names_and_once() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let robot = app.robot().to_string();
    let form = admin.get("/messages/new").await.ok();
    let filled = [
        ("title", "放假"),
        ("text", "周五放假。"),
        ("audience", "users"),
        ("users", "li, ZHAO"),
        ("robots", robot.as_str()),
        ("addresses", "张伟 <guest@example.com>"),
    ];
    let answer = admin.submit(&form, "/messages", &filled).await.see_other("/messages");
    assert_eq!(answer.flash(), T.announcements_sent(1, 1, 2));
    // The same form twice is sent once.
    admin.submit(&form, "/messages", &filled).await.see_other("/messages");
    assert_eq!(app.number("SELECT COUNT(*) FROM messages"), 1);
    assert_eq!(app.audited(), ["notifications.message.sent"]);
    let recipients = app.texts("SELECT CAST(recipients AS CHAR) FROM messages").remove(0);
    let recipients: serde_json::Value = serde_json::from_str(&recipients).unwrap();
    assert_eq!(recipients.as_array().unwrap().len(), 4);
    admin.get("/audit").await.ok().contains("放假").contains("guest@example.com");
}

#[actix_web::test]
async fn an_announcement_reaches_as_far_as_its_sender() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let form = wang.get("/messages/new").await.ok().lacks("name=\"addresses\"").lacks("华南");
    let (east, south) = (app.world.department("华东").to_string(), app.world.department("华南").to_string());
    let robot = app.robot().to_string();
    let base = [("title", "放假"), ("text", "周五放假。")];
    for (fields, field) in [
        ([("audience", "users"), ("users", "zhao")], "users"),
        ([("audience", "department"), ("department", south.as_str())], "department"),
        ([("audience", "nobody"), ("addresses", "guest@example.com")], "addresses"),
        ([("audience", "nobody"), ("robots", robot.as_str())], "robots"),
    ] {
        let answer = wang.submit(&form, "/messages", &[&base[..], &fields[..]].concat()).await.status(422);
        answer.contains("value=\"放假\"").contains(&format!("#f-{field}"));
    }
    let fields = [("audience", "department"), ("department", east.as_str())];
    wang.submit(&form, "/messages", &[&base[..], &fields[..]].concat()).await.see_other("/messages");
    app.send_messages().await;
    let told = app
        .texts("SELECT u.username FROM notifications n JOIN users u ON u.id = n.user_id ORDER BY u.username");
    assert_eq!(told, ["li", "ops_manager", "wang"], "those of 华东 and below who can sign in");
}

#[actix_web::test]
async fn a_program_sends_an_announcement_once_per_key() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let role = app.world.role("sales").to_string();
    let body = json!({"title": "放假", "text": "周五放假。", "audience": "role", "role": role});
    let first = api.post_once("/api/v1/messages/send", "key-1", body.clone()).await.status(201).json();
    assert_eq!(first, json!({"users": 2, "robots": 0, "addresses": 0}));
    assert_eq!(api.post_once("/api/v1/messages/send", "key-1", body).await.status(201).json(), first);
    assert_eq!(app.number("SELECT COUNT(*) FROM messages"), 1);
    api.post("/api/v1/messages/send", json!({"title": "x"})).await.status(422);
    api.post(
        "/api/v1/messages/send",
        json!({"title": "x", "text": "x", "audience": "users", "users": "nobody"}),
    )
    .await
    .status(422);
}

#[actix_web::test]
async fn whoever_sends_only_for_themselves_reaches_nobody_else() {
    let app = TestApp::new().await;
    let role =
        app.arrange_role("writer", DataScope::Own, &[Permission::MessageSend, Permission::MessageView]);
    app.connect()
        .batch_execute(&format!(
            "INSERT INTO user_roles (user_id, role_id) VALUES ({}, {role})",
            app.world.user("li")
        ))
        .unwrap();
    let li = app.signed_in("li").await;
    let form = li.get("/messages/new").await.ok();
    let filled = [("title", "提醒"), ("text", "记得。"), ("audience", "everybody")];
    li.submit(&form, "/messages", &filled).await.see_other("/messages");
    app.send_messages().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM notifications"), 1);
    // What one has caused oneself one may read.
    li.get("/messages").await.ok().contains("提醒");
}
