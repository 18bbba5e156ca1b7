//! Links to bills: what opens one, what opens nothing, and what is kept of who came.

use chrono::Duration;
use opcms::billing::bill_page::guard::{PER_ADDRESS, PER_TOKEN};
use opcms::billing::bills::model::DocumentState;
use opcms::billing::links;
use opcms::i18n::Tr;
use opcms::types::ids::BillId;

use crate::support::billing::usage_line;
use crate::support::{Answer, TestApp};

const T: Tr = Tr::ZhCn;

fn sent(app: &TestApp) -> BillId {
    let lines = [usage_line("800", "1.5"), usage_line("3", "0.333333")];
    app.bill_with(app.customer_of("li"), "2026-10", &lines, DocumentState::Sent)
}

/// What every token gets that opens nothing.
fn is_over(answer: Answer) -> String {
    let answer = answer.status(404).contains(T.bill_page_over_title()).lacks("B-202610");
    // What differs from request to request is no news.
    opcms_text(&answer)
}

fn opcms_text(answer: &Answer) -> String {
    crate::support::html::visible_text(&answer.body)
}

#[actix_web::test]
async fn a_link_opens_its_bill_for_who_never_signed_in() {
    let app = TestApp::new().await;
    let link = app.link_to(sent(&app));
    let visitor = app.anonymous();
    let page = visitor.get(&links::urls::page(&link.token)).await.ok();
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
    page.contains("B-202610-000001")
        .contains("1,201.00")
        .contains(&T.pricing_standard("1.50", "1,200.00", "800"))
        .contains(T.bill_page_confirm())
        .lacks("/bills/");
    // In the language that the browser was given, and in no other room.
    visitor.set_cookie("opcms_language", "en");
    visitor.get(&links::urls::page(&link.token)).await.ok().contains("How it was found");
    visitor.get("/bills").await.see_other("/sign-in?next=%2Fbills");
}

#[actix_web::test]
async fn whatever_opens_nothing_gets_the_same_page() {
    let app = TestApp::new().await;
    let bill = sent(&app);
    let visitor = app.anonymous();
    let (expired, revoked, changed) = (app.link_to(bill), app.link_to(bill), app.link_to(bill));
    let first = if changed.token.starts_with('A') { "B" } else { "A" };
    let changed = format!("{first}{}", &changed.token[1..]);
    app.arrange(|tx| links::commands::revoke(tx, revoked.id, "发错了人"));
    let wrong = is_over(visitor.get(&links::urls::page(&changed)).await);
    for token in
        ["x", "%00", "..%2F..%2Fetc", "%E8%B4%A6", &"A".repeat(43), &"A".repeat(5_000), &revoked.token]
    {
        assert_eq!(is_over(visitor.get(&links::urls::page(token)).await), wrong, "{token}");
    }
    visitor.get(&links::urls::page(&expired.token)).await.ok();
    app.clock.advance(Duration::days(91));
    assert_eq!(is_over(visitor.get(&links::urls::page(&expired.token)).await), wrong);
    for path in ["bill.pdf", "bill.xlsx"] {
        assert_eq!(is_over(visitor.get(&format!("/b/{}/{path}", expired.token)).await), wrong);
    }
    let path = format!("/b/{}/confirm", expired.token);
    assert_eq!(is_over(visitor.post(&path, &[("name", "王")]).await), wrong);
}

#[actix_web::test]
async fn the_table_keeps_no_token() {
    let app = TestApp::new().await;
    let link = app.link_to(sent(&app));
    let kept = app.texts("SELECT CONCAT(token_hash, ' ', sealed_token) FROM bill_links").remove(0);
    assert!(!kept.contains(&link.token) && !kept.contains(&link.token[..16]), "{kept}");
    assert_eq!(link.token.len(), 43);
}

#[actix_web::test]
async fn a_thousand_requests_a_minute_are_told_to_wait() {
    let app = TestApp::new().await;
    let link = app.link_to(sent(&app));
    let page = links::urls::page(&link.token);
    let greedy = app.anonymous().from("203.0.113.7");
    let mut opened = 0;
    for _ in 0..1_000 {
        let answer = greedy.get(&page).await;
        match answer.status {
            200 => opened += 1,
            429 => {
                let left = answer.header("retry-after").unwrap().parse::<u32>().unwrap();
                assert!((1..=60).contains(&left));
            }
            other => panic!("{other}: {}", answer.summary()),
        }
    }
    assert_eq!(opened, PER_TOKEN);
    // Whoever guesses comes no further by changing tokens; somebody else with a link of their own gets in.
    let guesser = app.anonymous().from("203.0.113.8");
    let mut refused = 0;
    for number in 0..=PER_ADDRESS {
        let token = format!("{number:043}");
        refused += u32::from(guesser.get(&links::urls::page(&token)).await.status == 429);
    }
    assert!(refused > 0);
    let other = app.link_to(app.bill_of(app.customer_of("zhao"), "2026-10", "7.00", DocumentState::Sent));
    app.anonymous().from("203.0.113.9").get(&links::urls::page(&other.token)).await.ok();
    app.clock.advance(Duration::minutes(1));
    greedy.get(&page).await.ok();
}

#[actix_web::test]
async fn a_view_is_noted_once_a_minute_from_an_address() {
    let app = TestApp::new().await;
    let link = app.link_to(sent(&app));
    let page = links::urls::page(&link.token);
    let phone = app.anonymous().from("203.0.113.1");
    phone.get(&page).await.ok();
    phone.get(&page).await.ok();
    app.anonymous().from("203.0.113.2").get(&page).await.ok();
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_views"), 2);
    app.clock.advance(Duration::minutes(1));
    phone.get(&page).await.ok();
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_views"), 3);
}

#[actix_web::test]
async fn a_bill_is_confirmed_once() {
    let app = TestApp::new().await;
    let bill = sent(&app);
    let (first, second) = (app.link_to(bill), app.link_to(bill));
    let visitor = app.anonymous();
    let page = links::urls::page(&first.token);
    let shown = visitor.get(&page).await.ok();
    let done =
        visitor.submit(&shown, &format!("{page}/confirm"), &[("name", "王会计")]).await.see_other(&page);
    assert_eq!(done.flash(), T.bill_page_confirmed());
    // Twice, and by another link.
    for link in [&first, &second] {
        let path = format!("{}/confirm", links::urls::page(&link.token));
        assert_eq!(visitor.post(&path, &[]).await.status(303).flash(), T.bill_page_confirmed_before());
    }
    assert_eq!(app.texts("SELECT confirmed_by FROM bill_links WHERE confirmed_at IS NOT NULL"), ["王会计"]);
    assert_eq!(app.audited(), ["billing.bill.confirmed"]);
    assert_eq!(
        app.texts("SELECT actor_name FROM audit_entries ORDER BY id DESC LIMIT 1"),
        ["li 的客户有限公司"]
    );
    visitor.get(&page).await.ok().lacks(T.bill_page_confirm());
    // Not from another site.
    visitor.post_exactly(&format!("{page}/confirm"), &[("csrf", "x")]).await.status(403);
}

#[actix_web::test]
async fn staff_make_links_and_end_them_with_a_reason() {
    let app = TestApp::new().await;
    let bill = sent(&app);
    let finance = app.as_role("finance").await;
    finance.get(&format!("/bills/{bill}")).await.ok().contains(T.bill_links_make());
    let made = finance.post(&format!("/bills/{bill}/links"), &[]).await.ok();
    let address = made.attribute_of("secret", "value");
    let path = address.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
    let visitor = app.anonymous();
    visitor.get(&path).await.ok();
    let link = app.number("SELECT CAST(MAX(id) AS SIGNED) FROM bill_links");
    let revoke = format!("/bill-links/{link}/revoke");
    assert_eq!(finance.post(&revoke, &[("reason", " ")]).await.status(303).flash(), T.field_required());
    finance.post(&revoke, &[("reason", "发错了群")]).await.see_other(&format!("/bills/{bill}"));
    is_over(visitor.get(&path).await);
    let page = finance.get(&format!("/bills/{bill}")).await.ok();
    page.contains("发错了群").contains(T.bill_links_state_revoked());
    assert_eq!(
        finance.post(&revoke, &[("reason", "又")]).await.status(303).flash(),
        T.bill_links_refused_revoked()
    );
    assert_eq!(app.audited(), ["billing.bill.link_made", "billing.bill.link_revoked"]);
}

#[actix_web::test]
async fn a_credit_note_ends_all_links_and_a_part_of_it_is_named_on_the_page() {
    let app = TestApp::new().await;
    let bill = sent(&app);
    let link = app.link_to(bill);
    app.link_to(bill);
    app.arrange(|tx| {
        use diesel::RunQueryDsl as _;
        let note = format!(
            "INSERT INTO credit_notes (bill_id, number, state, whole, amount, reason, asked_at, decided_at) \
             VALUES ({bill}, 'C-202611-000001', 'issued', FALSE, 200.00, '少算', NOW(6), NOW(6))"
        );
        diesel::sql_query(note).execute(tx.conn())?;
        diesel::sql_query(format!("UPDATE bills SET credited_amount = 200 WHERE id = {bill}"))
            .execute(tx.conn())?;
        Ok(())
    });
    let page = links::urls::page(&link.token);
    let visitor = app.anonymous();
    visitor.get(&page).await.ok().contains("C-202611-000001").contains("1,001.00");
    app.arrange(|tx| links::commands::revoke_all(tx, bill, "账单已红冲"));
    is_over(visitor.get(&page).await);
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_links WHERE revoked_at IS NULL"), 0);
}
