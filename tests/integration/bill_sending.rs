//! Sending bills: one, once more, many; to whom, with what, and what happens when the mail server dies.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use diesel::connection::SimpleConnection as _;
use opcms::billing::bills::model::DocumentState;
use opcms::billing::sending::commands;
use opcms::customers::directory::fields::Field;
use opcms::i18n::Tr;
use opcms::types::BillingMonth;
use opcms::types::ids::{BillId, CustomerId};
use serde_json::json;

use crate::support::smtp::{Mail, Manner, SmtpServer};
use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

async fn with_server(manner: Manner) -> (TestApp, SmtpServer) {
    let server = SmtpServer::start(manner);
    let app = TestApp::with(&[("OPCMS_SMTP_URL", &server.url)]).await;
    (app, server)
}

fn customer(app: &TestApp, number: usize, email: &str) -> CustomerId {
    let (code, name) = (format!("KH{number:04}"), format!("客户{number}有限公司"));
    let id = app.customer_with(&code, &name, &[(Field::BillingEmails, email)]);
    let li = app.world.user("li");
    let owned = format!("UPDATE customers SET ops_owner_id = {li} WHERE id = {id}");
    app.connect().batch_execute(&owned).unwrap();
    id
}

fn month() -> BillingMonth {
    "2026-10".parse().unwrap()
}

fn version(app: &TestApp, id: BillId) -> String {
    app.number(&format!("SELECT CAST(version AS SIGNED) FROM bills WHERE id = {id}")).to_string()
}

async fn send(app: &TestApp, client: &Client, id: BillId) -> Answer {
    let version = version(app, id);
    client.get(&format!("/bills/{id}")).await.ok();
    client.post(&format!("/bills/{id}/send"), &[("version", &version)]).await
}

fn states(app: &TestApp) -> Vec<String> {
    app.texts("SELECT CONCAT(document_state, ' ', COUNT(*)) FROM bills GROUP BY document_state ORDER BY 1")
}

/// The attachments of a mail, decoded, by name.
fn attachment(mail: &Mail, name: &str) -> Vec<u8> {
    let start = mail.content.find(&format!("filename=\"{name}\"")).unwrap_or_else(|| panic!("no {name}"));
    let (_, rest) = mail.content[start..].split_once("\r\n\r\n").unwrap();
    BASE64_STANDARD.decode(rest.split("\r\n--").next().unwrap().replace("\r\n", "")).unwrap()
}

#[actix_web::test]
async fn a_sent_bill_arrives_with_its_link_and_its_files() {
    let (app, server) = with_server(Manner::Polite).await;
    let id = app.bill_of(
        customer(&app, 1, "bills@kehu.example.com"),
        "2026-10",
        "1201.00",
        DocumentState::Approved,
    );
    let finance = app.as_role("finance").await;
    let done = send(&app, &finance, id).await.see_other(&format!("/bills/{id}"));
    assert_eq!(done.flash(), T.bill_sending_sent());
    assert_eq!(states(&app), ["sent 1"]);
    assert_eq!(app.texts("SELECT CAST(due_on AS CHAR) FROM bills"), ["2026-12-20"]);
    app.send_messages().await;
    let mail = server.mails().remove(0);
    assert_eq!(mail.to, ["bills@kehu.example.com"]);
    assert_eq!(mail.header("Subject"), "2026-10 账单 B-202610-000001：CNY 1,201.00");
    let text = mail.part("text/plain");
    assert!(text.contains("2026-12-20"), "{text}");
    assert!(attachment(&mail, "B-202610-000001.pdf").starts_with(b"%PDF"));
    assert!(attachment(&mail, "B-202610-000001.xlsx").starts_with(b"PK"));
    // The link opens the bill; what is kept of the mail has none.
    let path = text.split("http://127.0.0.1:8080").nth(1).unwrap().split_whitespace().next().unwrap();
    app.anonymous().get(path).await.ok().contains("1,201.00");
    let kept = app.texts("SELECT body FROM deliveries").remove(0);
    assert!(kept.contains("/b/________") && !kept.contains(path), "{kept}");
    let page = finance.get(&format!("/bills/{id}")).await.ok();
    page.contains("bills@kehu.example.com").contains(&T.label("delivery_state", "sent"));
    // Not twice: the second one has read an older version, a third one finds it sent.
    let again = finance.post(&format!("/bills/{id}/send"), &[("version", "1")]).await;
    again.status(303);
    assert!(!send(&app, &finance, id).await.status(303).flash().is_empty());
    app.send_messages().await;
    assert_eq!(server.mails().len(), 1);
}

#[actix_web::test]
async fn without_an_address_the_primary_contact_gets_it_and_without_one_nothing_is_sent() {
    let (app, server) = with_server(Manner::Polite).await;
    let id = customer(&app, 1, "");
    let bill = app.bill_of(id, "2026-10", "10.00", DocumentState::Approved);
    let finance = app.as_role("finance").await;
    let refused = send(&app, &finance, bill).await.status(303).flash();
    assert!(refused.contains("KH0001") && refused.contains("邮箱"), "{refused}");
    assert_eq!(states(&app), ["approved 1"]);
    finance.get("/billing/sending?month=2026-10").await.ok().contains("客户1有限公司").contains("KH0001");
    let contact = format!(
        "INSERT INTO contacts (customer_id, name, name_sort, email, is_primary, created_at, updated_at) \
         VALUES ({id}, '王会计', 'wang', 'wang@kehu.example.com', TRUE, NOW(6), NOW(6))"
    );
    app.connect().batch_execute(&contact).unwrap();
    finance.get("/billing/sending?month=2026-10").await.ok().lacks("KH0001");
    send(&app, &finance, bill).await.see_other(&format!("/bills/{bill}"));
    app.send_messages().await;
    assert_eq!(server.mails().remove(0).to, ["wang@kehu.example.com"]);
}

#[actix_web::test]
async fn once_more_is_another_link_of_the_same_bill() {
    let (app, server) = with_server(Manner::Polite).await;
    let bill = app.bill_of(
        customer(&app, 1, "a@kehu.example.com; b@kehu.example.com"),
        "2026-10",
        "10.00",
        DocumentState::Approved,
    );
    let finance = app.as_role("finance").await;
    finance.get(&format!("/bills/{bill}")).await.ok();
    // Not before the first time.
    let early = finance.post(&format!("/bills/{bill}/send-again"), &[]).await.status(303).flash();
    assert!(early.contains(&DocumentState::Approved.label(T)), "{early}");
    send(&app, &finance, bill).await.status(303);
    finance.post(&format!("/bills/{bill}/send-again"), &[]).await.see_other(&format!("/bills/{bill}"));
    app.send_messages().await;
    assert_eq!(server.mails().len(), 4);
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_links"), 2);
    assert_eq!(app.audited(), ["billing.bill.sent", "billing.bill.sent_again"]);
}

#[actix_web::test]
async fn a_month_is_sent_in_the_background_and_what_lacks_an_address_stays() {
    let app = TestApp::new().await;
    for number in 1..=7 {
        let email = if number == 4 { String::new() } else { format!("k{number}@example.com") };
        app.bill_of(customer(&app, number, &email), "2026-10", "10.00", DocumentState::Approved);
    }
    app.bill_of(customer(&app, 8, "k8@example.com"), "2026-10", "10.00", DocumentState::PendingReview);
    app.bill_of(customer(&app, 9, "k9@example.com"), "2026-09", "10.00", DocumentState::Approved);
    let finance = app.as_role("finance").await;
    let page = finance.get("/billing/sending?month=2026-10").await.ok();
    let answer = finance.submit(&page, "/billing/sending", &[]).await.status(303);
    assert_eq!(answer.flash(), T.bill_sending_begun("2026-10"));
    app.work_off().await;
    let task = app.texts("SELECT CONCAT(state, ' ', JSON_EXTRACT(result, '$.counts.bills')) FROM tasks");
    assert_eq!(task, ["succeeded 6"]);
    assert_eq!(states(&app), ["approved 2", "pending_review 1", "sent 6"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM messages WHERE kind = 'billing.bill_sent'"), 6);
    assert_eq!(app.number("SELECT COUNT(*) FROM files WHERE subject_kind = 'task'"), 1);
    // Once more there is nothing to do.
    app.arrange(|tx| commands::send_month(tx, month(), None));
    app.work_off().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM messages WHERE kind = 'billing.bill_sent'"), 6);
}

#[actix_web::test]
async fn chosen_bills_are_sent_as_far_as_they_are_approved() {
    let app = TestApp::new().await;
    let first = app.bill_of(customer(&app, 1, "a@example.com"), "2026-10", "10.00", DocumentState::Approved);
    let second = app.bill_of(customer(&app, 2, "b@example.com"), "2026-09", "10.00", DocumentState::Draft);
    app.bill_of(customer(&app, 3, "c@example.com"), "2026-10", "10.00", DocumentState::Approved);
    let finance = app.as_role("finance").await;
    finance.get("/bills").await.ok().contains("/bills/send");
    assert_eq!(finance.post("/bills/send", &[]).await.status(303).flash(), T.bill_sending_none_chosen());
    let (first, second) = (format!("{first}-1"), format!("{second}-1"));
    finance.post("/bills/send", &[("bill", &first), ("bill", &second)]).await.status(303);
    app.work_off().await;
    assert_eq!(states(&app), ["approved 1", "draft 1", "sent 1"]);
}

#[actix_web::test]
async fn a_mail_server_that_dies_half_way_neither_loses_nor_doubles_a_bill() {
    let (app, server) = with_server(Manner::Polite).await;
    for number in 1..=4 {
        app.bill_of(
            customer(&app, number, &format!("k{number}@example.com")),
            "2026-10",
            "10.00",
            DocumentState::Approved,
        );
    }
    let ids: Vec<BillId> = app
        .texts("SELECT CAST(id AS CHAR) FROM bills ORDER BY id")
        .iter()
        .map(|id| id.parse().unwrap())
        .collect();
    let secret = &app.state.secret;
    app.arrange(|tx| commands::send_all(tx, secret, &ids[..2]).map(|_| ()));
    app.send_messages().await;
    server.behave(Manner::HangsUpAt("RCPT"));
    app.arrange(|tx| commands::send_all(tx, secret, &ids).map(|_| ()));
    app.send_messages().await;
    assert_eq!(app.texts("SELECT state FROM deliveries ORDER BY id"), ["sent", "sent", "waiting", "waiting"]);
    assert_eq!(states(&app), ["sent 4"]);
    server.behave(Manner::Polite);
    app.clock.advance(chrono::Duration::hours(1));
    app.send_messages().await;
    app.send_messages().await;
    let mut to: Vec<String> = server.mails().into_iter().flat_map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, ["k1@example.com", "k2@example.com", "k3@example.com", "k4@example.com"]);
}

#[actix_web::test]
async fn a_bounce_shows_on_the_bill_and_a_link_that_is_over_is_not_mailed() {
    let (app, server) = with_server(Manner::Answers("RCPT", "550 5.1.1 no such user")).await;
    let bill =
        app.bill_of(customer(&app, 1, "gone@example.com"), "2026-10", "10.00", DocumentState::Approved);
    let finance = app.as_role("finance").await;
    send(&app, &finance, bill).await.status(303);
    app.send_messages().await;
    finance.get(&format!("/bills/{bill}")).await.ok().contains("550").contains("gone@example.com");
    server.behave(Manner::Polite);
    app.arrange(|tx| opcms::billing::links::commands::revoke_all(tx, bill, "账单已红冲"));
    let delivery = app.number("SELECT CAST(MAX(id) AS SIGNED) FROM deliveries");
    let delivery = opcms::types::ids::DeliveryId(u64::try_from(delivery).unwrap());
    app.arrange(|tx| opcms::notifications::deliveries::commands::resend(tx, delivery));
    app.send_messages().await;
    assert!(server.mails().is_empty());
    assert_eq!(app.texts("SELECT state FROM deliveries"), ["failed"]);
}

#[actix_web::test]
async fn bills_of_others_cannot_be_sent() {
    let app = TestApp::new().await;
    let customer = app.customer_of("zhao");
    let bill = app.bill_of(customer, "2026-10", "10.00", DocumentState::Approved);
    app.arrange_role("sender", opcms::types::DataScope::Department, &[opcms::types::Permission::BillSend]);
    app.give_roles(
        "li",
        &[app.arrange_role(
            "sender2",
            opcms::types::DataScope::Department,
            &[opcms::types::Permission::BillSend, opcms::types::Permission::BillView],
        )],
    );
    let li = app.signed_in("li").await;
    li.get("/billing/sending?month=2026-10").await.ok().contains(&T.bill_sending_nothing("2026-10"));
    li.post(&format!("/bills/{bill}/send"), &[("version", "1")]).await.status(404);
    li.get(&format!("/bills/{bill}/pdf")).await.status(404);
    // Without the permission nobody even comes to the rule.
    app.signed_in("aud").await.post(&format!("/bills/{bill}/send"), &[("version", "1")]).await.status(403);
    assert_eq!(states(&app), ["approved 1"]);
}

#[actix_web::test]
async fn a_program_sends_a_bill_once_per_key() {
    let app = TestApp::new().await;
    let bill = app.bill_of(customer(&app, 1, "a@example.com"), "2026-10", "10.00", DocumentState::Approved);
    let api = app.api("admin");
    let path = format!("/api/v1/bills/{bill}/send");
    api.post(&path, json!({})).await.status(422);
    assert_eq!(api.post(&path, json!({"version": 99})).await.status(409).problem(), "stale");
    let version = version(&app, bill);
    let sent = api.post_once(&path, "k1", json!({"version": version})).await.ok().json();
    assert_eq!((&sent["document_state"], &sent["recipients"]), (&json!("sent"), &json!("a@example.com")));
    assert_eq!(api.post_once(&path, "k1", json!({"version": version})).await.ok().json(), sent);
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_links"), 1);
    api.post(&path, json!({"again": true})).await.ok();
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_links"), 2);
}
