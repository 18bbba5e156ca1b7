//! Messages on their way: from the transaction that causes them to inboxes, mail servers and group chats, whatever
//! those do.

use chrono::Duration;
use diesel::connection::SimpleConnection as _;
use opcms::i18n::{Said, Tr};
use opcms::notifications::robots::model::{RobotDraft, SecretDraft, Vendor};
use opcms::notifications::robots::rules::SEAL;
use opcms::notifications::{deliveries, robots};
use opcms::types::ids::{DeliveryId, RobotId};
use opcms::types::{Outgoing, Recipient};
use serde_json::json;

use crate::support::TestApp;
use crate::support::robot::ChatServer;
use crate::support::smtp::{Manner, SmtpServer};

/// Causes an announcement to a user.
fn announce(app: &TestApp, username: &str, title: &str) {
    let user = app.world.user(username);
    let message = Outgoing::new("notifications.announcement", &json!({"title": title, "text": "正文。"}));
    let message = message.to(Recipient::User(user));
    assert!(app.arrange(|tx| tx.notify(&message)));
}

fn to_address(email: &str, name: &str, title: &str) -> Outgoing {
    let message = Outgoing::new("notifications.announcement", &json!({"title": title, "text": "正文。"}));
    message.to(Recipient::Address { email: email.into(), name: name.into(), language: "zh-CN".into() })
}

/// State, tries and error of all deliveries, the oldest first.
fn log(app: &TestApp) -> Vec<String> {
    app.texts("SELECT CONCAT(state, ' ', attempts) FROM deliveries ORDER BY id")
}

fn fault(app: &TestApp) -> String {
    app.texts(
        "SELECT JSON_UNQUOTE(JSON_EXTRACT(error, '$.\"zh-CN\"')) FROM deliveries ORDER BY id DESC LIMIT 1",
    )
    .remove(0)
}

async fn with_server(manner: Manner) -> (TestApp, SmtpServer) {
    let server = SmtpServer::start(manner);
    let app = TestApp::with(&[("OPCMS_SMTP_URL", &server.url), ("OPCMS_ALLOW_LOCAL_REQUESTS", "true")]).await;
    (app, server)
}

#[actix_web::test]
async fn a_message_reaches_the_inbox_and_the_mailbox_in_chinese() {
    let (app, server) = with_server(Manner::Polite).await;
    let title =
        "〖通知〗张伟的客户「北京·云图」已欠费：￥12,345.60，请尽快处理，逾期将停止服务并通知财务部门";
    announce(&app, "li", title);
    app.send_messages().await;
    assert_eq!(log(&app), ["sent 1"]);
    let mail = server.mails().remove(0);
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("noreply@localhost", ["li@example.com".to_owned()].as_slice())
    );
    assert_eq!(mail.header("Subject"), title);
    assert_eq!(mail.header("To"), "李雷 <li@example.com>");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.header("Date"), "Fri, 20 Nov 2026 02:00:00 +0000");
    assert_eq!(mail.part("text/plain").trim(), "正文。");
    assert!(mail.part("text/html").contains("<p>正文。</p>"));
    let inbox = app.texts("SELECT CONCAT(subject, '|', body) FROM notifications");
    assert_eq!(inbox, [format!("{title}|正文。")]);
    assert_eq!(app.texts("SELECT remote_id FROM deliveries"), ["queued as 1"]);
    // Nothing is left to do.
    app.send_messages().await;
    assert_eq!(server.mails().len(), 1);
}

#[actix_web::test]
async fn whoever_reads_english_is_written_to_in_english() {
    let (app, server) = with_server(Manner::Polite).await;
    app.connect().batch_execute("UPDATE users SET language = 'en' WHERE username = 'li'").unwrap();
    let reason = Said::new(|t: Tr| t.error_unavailable_text());
    let message = Outgoing::new("tasks.task_failed", &json!({"task": "导入客户", "reason": reason}))
        .to(Recipient::User(app.world.user("li")))
        .to(Recipient::User(app.world.user("zhao")))
        .about("/tasks/7");
    app.arrange(|tx| tx.notify(&message));
    app.send_messages().await;
    let mails = server.mails();
    assert_eq!(mails[0].header("Subject"), "Task failed: 导入客户");
    assert!(mails[0].part("text/plain").contains(Tr::En.error_unavailable_text()));
    assert!(mails[0].part("text/plain").contains("http://127.0.0.1:8080/tasks/7"));
    assert_eq!(mails[1].header("Subject"), "后台任务失败：导入客户");
    assert!(mails[1].part("text/plain").contains(Tr::ZhCn.error_unavailable_text()));
}

#[actix_web::test]
async fn without_a_server_mail_is_kept() {
    let app = TestApp::new().await;
    announce(&app, "li", "放假");
    app.send_messages().await;
    assert_eq!(log(&app), ["kept 1"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM notifications"), 1);
}

#[actix_web::test]
async fn a_server_that_misbehaves_is_understood() {
    for (manner, state, said) in [
        (Manner::Answers("RCPT", "550 5.1.1 no such user"), "failed 1", "550"),
        (Manner::Answers("RCPT", "451 4.7.1 greylisted"), "waiting 1", "451"),
        (Manner::Answers("MAIL", "421 4.3.2 shutting down"), "waiting 1", "421"),
        (Manner::Answers("MAIL", "553 sender refused"), "failed 1", "553"),
        (Manner::Answers("EHLO", "554 go away"), "waiting 1", "554"),
        (Manner::AnswersContent("554 5.7.1 spam"), "failed 1", "554"),
        (Manner::AnswersContent("452 4.2.2 mailbox full"), "waiting 1", "452"),
        (Manner::NeverGreets, "waiting 1", Tr::ZhCn.mail_fault_slow()),
        (Manner::HangsUpAt("RCPT"), "waiting 1", ""),
        (Manner::NeverAnswersContent, "uncertain 1", Tr::ZhCn.mail_fault_no_answer()),
        (Manner::HangsUpAfterContent, "uncertain 1", Tr::ZhCn.mail_fault_no_answer()),
    ] {
        let (app, server) = with_server(manner).await;
        announce(&app, "li", "放假");
        app.send_messages().await;
        assert_eq!(log(&app), [state], "{manner:?}: {}", fault(&app));
        assert!(fault(&app).contains(said), "{manner:?}: {}", fault(&app));
        // What may have arrived, and what will not be had, is not sent again by itself; all else is.
        server.behave(Manner::Polite);
        app.clock.advance(Duration::days(1));
        app.send_messages().await;
        let wanted = if state.starts_with("waiting") { "sent 2" } else { state };
        assert_eq!(log(&app), [wanted], "{manner:?}");
    }
}

#[actix_web::test]
async fn a_server_that_is_down_is_tried_six_times() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let app = TestApp::with(&[("OPCMS_SMTP_URL", &format!("smtp://{closed}"))]).await;
    announce(&app, "li", "放假");
    app.send_messages().await;
    assert_eq!(log(&app), ["waiting 1"]);
    // Not before its time.
    app.clock.advance(Duration::seconds(59));
    app.send_messages().await;
    assert_eq!(log(&app), ["waiting 1"]);
    for (minutes, wanted) in [
        (1, "waiting 2"),
        (5, "waiting 3"),
        (15, "waiting 4"),
        (60, "waiting 5"),
        (240, "failed 6"),
        (999, "failed 6"),
    ] {
        app.clock.advance(Duration::minutes(minutes));
        app.send_messages().await;
        assert_eq!(log(&app), [wanted]);
    }
}

#[actix_web::test]
async fn a_password_is_not_sent_in_the_clear() {
    let server = SmtpServer::start(Manner::Polite);
    let url = server.url.replace("smtp://", "smtp://user:secret@");
    let app = TestApp::with(&[("OPCMS_SMTP_URL", &url)]).await;
    announce(&app, "li", "放假");
    app.send_messages().await;
    assert_eq!(
        (log(&app), fault(&app).as_str()),
        (vec!["waiting 1".to_owned()], Tr::ZhCn.mail_fault_unencrypted())
    );
}

#[actix_web::test]
async fn who_dies_while_sending_leaves_it_uncertain_and_nobody_sends_it_twice() {
    let (app, server) = with_server(Manner::Polite).await;
    announce(&app, "li", "放假");
    // A process takes the delivery and hands it over, but dies before it can note so.
    app.connect().batch_execute("UPDATE users SET email = NULL WHERE username <> 'li'").unwrap();
    app.send_messages().await;
    app.connect()
        .batch_execute("UPDATE deliveries SET state = 'sending', attempts = 1, due_at = '2026-11-20 02:10:00', sent_at = NULL")
        .unwrap();
    app.clock.advance(Duration::minutes(9));
    app.send_messages().await;
    assert_eq!(log(&app), ["sending 1"], "whoever has it may still be at it");
    app.clock.advance(Duration::minutes(2));
    app.send_messages().await;
    assert_eq!(
        (log(&app), fault(&app).as_str()),
        (vec!["uncertain 1".to_owned()], Tr::ZhCn.messages_fault_died())
    );
    app.clock.advance(Duration::days(9));
    app.send_messages().await;
    assert_eq!(server.mails().len(), 1);
    // Somebody may send it again on purpose; it is another mail then.
    let id = DeliveryId(u64::try_from(app.number("SELECT id FROM deliveries")).unwrap());
    app.arrange(|tx| deliveries::commands::resend(tx, id));
    app.send_messages().await;
    let mails = server.mails();
    assert_eq!((log(&app), mails.len()), (vec!["sent 1".to_owned()], 2));
    assert_ne!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
}

#[actix_web::test]
async fn a_retry_carries_the_id_of_the_first_try() {
    let (app, server) = with_server(Manner::HangsUpAfterContent).await;
    announce(&app, "li", "放假");
    app.send_messages().await;
    server.behave(Manner::Polite);
    // What the server would see if the same try came twice.
    app.connect()
        .batch_execute("UPDATE deliveries SET state = 'waiting', due_at = '2026-11-20 02:00:00'")
        .unwrap();
    app.send_messages().await;
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
}

#[actix_web::test]
async fn two_dispatchers_send_everything_once() {
    let (app, server) = with_server(Manner::Polite).await;
    for number in 0..30 {
        let message = to_address(&format!("guest{number}@example.com"), "客人", &format!("第 {number} 封"));
        app.arrange(|tx| tx.notify(&message));
    }
    futures_util::join!(app.send_messages(), app.send_messages(), app.send_messages());
    let mut recipients: Vec<String> = server.mails().into_iter().flat_map(|mail| mail.to).collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!((server.mails().len(), recipients.len()), (30, 30));
    assert_eq!(app.number("SELECT COUNT(*) FROM deliveries WHERE state = 'sent' AND attempts = 1"), 30);
}

#[actix_web::test]
async fn a_poisoned_message_holds_up_no_other() {
    let (app, server) = with_server(Manner::Polite).await;
    for (kind, variables) in [
        ("nobody.knows", "{}"),
        ("jobs.job_failed", "{}"),
        ("notifications.announcement", "[1, 2]"),
        ("notifications.announcement", "\"text\""),
    ] {
        let user = app.world.user("li");
        app.connect()
            .batch_execute(&format!(
                "INSERT INTO messages (kind, recipients, variables, created_at, due_at) VALUES \
                 ('{kind}', '[{{\"user\": {user}}}]', '{variables}', '2026-11-20 01:00:00', '2026-11-20 01:00:00')"
            ))
            .unwrap();
    }
    announce(&app, "li", "放假");
    app.send_messages().await;
    assert_eq!((log(&app), server.mails().len()), (vec!["sent 1".to_owned()], 1));
    assert_eq!(
        app.number(
            "SELECT COUNT(*) FROM messages WHERE spread_at IS NULL AND attempts = 1 AND error IS NOT NULL"
        ),
        4
    );
    // They are tried again, and at last given up.
    for _ in 0..6 {
        app.clock.advance(Duration::hours(5));
        app.send_messages().await;
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM messages WHERE due_at IS NULL AND attempts = 6"), 4);
}

#[actix_web::test]
async fn a_message_that_breaks_the_connection_holds_up_no_other() {
    let (app, server) = with_server(Manner::Polite).await;
    // The name of the constraint is what a server says that has gone away.
    app.connect()
        .batch_execute("ALTER TABLE notifications ADD CONSTRAINT `gone away` CHECK (subject <> 'poison')")
        .unwrap();
    announce(&app, "li", "poison");
    announce(&app, "li", "放假");
    app.send_messages().await;
    assert_eq!((log(&app), server.mails().len()), (vec!["sent 1".to_owned()], 1));
    let put_off =
        "SELECT COUNT(*) FROM messages WHERE spread_at IS NULL AND attempts = 1 AND due_at > created_at";
    assert_eq!(app.number(put_off), 1);
}

#[actix_web::test]
async fn a_long_message_to_many_is_written_in_pieces() {
    let app = TestApp::new().await;
    let text = "长".repeat(99_000);
    let message = Outgoing::new("notifications.announcement", &json!({"title": "放假", "text": text}));
    let message = (0..100).fold(message, |message, number| {
        message.to(Recipient::Address {
            email: format!("guest{number}@example.com"),
            name: "客人".into(),
            language: "zh-CN".into(),
        })
    });
    assert!(app.arrange(|tx| tx.notify(&message)));
    app.send_messages().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM deliveries WHERE state = 'kept'"), 100);
}

#[actix_web::test]
async fn nothing_breaks_out_of_a_header() {
    let (app, server) = with_server(Manner::Polite).await;
    let hostile = "a\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>";
    let message = to_address("guest@example.com", hostile, hostile);
    app.arrange(|tx| tx.notify(&message));
    app.send_messages().await;
    let mail = server.mails().remove(0);
    assert_eq!(mail.to, ["guest@example.com"]);
    assert!(!mail.header_names().contains(&"Bcc".to_owned()), "{}", mail.content);
    assert_eq!(mail.header("Subject"), "a Bcc: evil@example.com <script>alert(1)</script>");
    assert!(!mail.part("text/html").contains("<script>"));
    for address in ["a@b.cn\r\nRCPT TO:<evil@example.com>", "no address", "@", "a@", ""] {
        app.arrange(|tx| tx.notify(&to_address(address, "", "x")));
    }
    app.send_messages().await;
    assert_eq!(server.mails().len(), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM deliveries WHERE state = 'failed'"), 5);
}

#[actix_web::test]
async fn whoever_is_gone_gets_nothing_and_a_key_sends_once() {
    let (app, server) = with_server(Manner::Polite).await;
    announce(&app, "gone", "x");
    announce(&app, "off", "x");
    app.send_messages().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM notifications"), 0);
    let message = to_address("guest@example.com", "", "x").once("bill 7 overdue");
    assert!(app.arrange(|tx| tx.notify(&message)));
    assert!(!app.arrange(|tx| tx.notify(&message)));
    app.send_messages().await;
    assert_eq!(server.mails().len(), 1);
}

/// Connects a robot that is told of failed tasks.
fn arrange_robot(app: &TestApp, name: &str, vendor: Vendor, url: &str, secret: Option<&str>) -> RobotId {
    let seal = |text: &str| app.state.secret.seal(SEAL, text).unwrap();
    let draft = RobotDraft {
        name: name.into(),
        vendor,
        language: Tr::ZhCn,
        url: Some((seal(url), "hint".into())),
        secret: secret.map_or(SecretDraft::Clear, |secret| SecretDraft::Set(seal(secret))),
        kinds: vec!["tasks.task_failed".into()],
        paused: false,
    };
    app.arrange(|tx| robots::commands::create(tx, &draft))
}

fn task_failed(app: &TestApp) {
    let message = Outgoing::new("tasks.task_failed", &json!({"task": "导入", "reason": "磁盘已满"}));
    app.arrange(|tx| tx.notify(&message));
}

#[actix_web::test]
async fn robots_are_told_what_they_listen_to_each_as_its_vendor_wants() {
    let (app, _) = with_server(Manner::Polite).await;
    let chat = ChatServer::start(r#"{"errcode": 0, "code": 0}"#);
    for (name, vendor) in [("甲", Vendor::DingTalk), ("乙", Vendor::WeCom), ("丙", Vendor::Feishu)] {
        arrange_robot(&app, name, vendor, &format!("{}{vendor}?key=k", chat.url), Some("SEC1"));
    }
    task_failed(&app);
    app.send_messages().await;
    assert_eq!(log(&app), ["sent 1"; 3]);
    let mut told = chat.told();
    told.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(told[0].path.starts_with("/dingtalk?key=k&timestamp=1795140000000&sign="), "{}", told[0].path);
    assert!(told[1].body.contains("\"timestamp\":\"1795140000\"") && told[1].body.contains("\"sign\":"));
    assert_eq!(told[2].path, "/wecom?key=k");
    assert!(
        told.iter().all(|told| told.body.contains("后台任务失败：导入") && told.body.contains("磁盘已满"))
    );
    // An announcement is none of their business.
    announce(&app, "li", "放假");
    app.send_messages().await;
    assert_eq!(chat.told().len(), 3);
}

#[actix_web::test]
async fn a_robot_that_refuses_or_is_gone_says_why() {
    let (app, _) = with_server(Manner::Polite).await;
    let chat = ChatServer::start(r#"{"errcode": 310000, "errmsg": "sign not match"}"#);
    let robot = arrange_robot(&app, "甲", Vendor::DingTalk, &chat.url, None);
    task_failed(&app);
    app.send_messages().await;
    assert_eq!(log(&app), ["failed 1"]);
    assert!(fault(&app).contains("310000 sign not match"), "{}", fault(&app));
    // Too many at once: later.
    chat.answer(r#"{"errcode": 130101, "errmsg": "send too fast"}"#);
    task_failed(&app);
    app.send_messages().await;
    chat.answer("");
    task_failed(&app);
    app.send_messages().await;
    assert_eq!(log(&app), ["failed 1", "waiting 1", "uncertain 1"]);
    app.arrange(|tx| robots::commands::delete(tx, robot));
    app.clock.advance(Duration::minutes(1));
    app.send_messages().await;
    assert_eq!(log(&app), ["failed 1", "failed 2", "uncertain 1"]);
    assert_eq!(
        app.texts(
            "SELECT JSON_UNQUOTE(JSON_EXTRACT(error, '$.\"zh-CN\"')) FROM deliveries WHERE attempts = 2"
        ),
        [Tr::ZhCn.robots_fault_gone()]
    );
}

#[actix_web::test]
async fn a_robot_never_calls_this_machine_unless_it_is_allowed_to() {
    let app = TestApp::new().await;
    let chat = ChatServer::start(r#"{"errcode": 0}"#);
    arrange_robot(&app, "甲", Vendor::DingTalk, &chat.url, None);
    task_failed(&app);
    app.send_messages().await;
    assert_eq!(
        (log(&app), fault(&app).as_str()),
        (vec!["failed 1".to_owned()], Tr::ZhCn.robots_fault_forbidden())
    );
    assert_eq!(chat.told().len(), 0);
}

#[actix_web::test]
async fn a_fault_of_ours_before_a_word_is_said_is_tried_again() {
    let (app, _) = with_server(Manner::Polite).await;
    let chat = ChatServer::start(r#"{"errcode": 130101, "errmsg": "send too fast"}"#);
    arrange_robot(&app, "甲", Vendor::DingTalk, &chat.url, None);
    task_failed(&app);
    app.send_messages().await;
    app.connect().batch_execute("UPDATE robots SET vendor = 'nobody'").unwrap();
    app.clock.advance(Duration::minutes(1));
    app.send_messages().await;
    assert_eq!(
        (log(&app), fault(&app).as_str()),
        (vec!["waiting 2".to_owned()], Tr::ZhCn.messages_fault_unprepared())
    );
    app.connect().batch_execute("UPDATE robots SET vendor = 'dingtalk'").unwrap();
    chat.answer(r#"{"errcode": 0}"#);
    app.clock.advance(Duration::minutes(5));
    app.send_messages().await;
    assert_eq!(log(&app), ["sent 3"]);
}

#[actix_web::test]
async fn a_message_of_which_something_is_on_its_way_is_not_forgotten() {
    let (app, _) = with_server(Manner::Answers("RCPT", "451 4.7.1 greylisted")).await;
    announce(&app, "li", "放假");
    app.send_messages().await;
    let later = app.clock.now() + Duration::days(999);
    let forget = |state: &str| {
        app.connect().batch_execute(&format!("UPDATE deliveries SET state = '{state}'")).unwrap();
        app.arrange(|tx| opcms::notifications::outbox::commands::forget_before(tx, later))
    };
    for (state, forgotten) in [("waiting", 0), ("sending", 0), ("failed", 1)] {
        assert_eq!(forget(state), forgotten, "{state}");
    }
}
