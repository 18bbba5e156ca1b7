//! Corrections: what counts instead of what was sent, with a reason; the source may send what it likes.

use diesel::connection::SimpleConnection as _;
use opcms::i18n::Tr;
use opcms::periods;
use opcms::types::BillingMonth;
use opcms::types::ids::CustomerId;

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;
const DAY: &str = "2026-11-18";

fn url(customer: CustomerId) -> String {
    format!("/customers/{customer}/usage/{DAY}")
}

/// The record of the day, as the page names it.
fn record(app: &TestApp) -> String {
    app.texts(&format!(
        "SELECT CONCAT_WS('~', meter_id, CAST(device_series AS CHAR), CAST(layer AS CHAR), source_id) \
         FROM usage_records WHERE used_on = '{DAY}' ORDER BY device_series"
    ))
    .remove(0)
}

/// What counts and what was sent, and the total of the day.
fn counts(app: &TestApp) -> (String, String) {
    let pair = "SELECT CONCAT(quantity + 0e0, ' ', raw_quantity + 0e0) FROM usage_records";
    let total = "SELECT CAST(SUM(quantity) AS CHAR) FROM usage_day_totals";
    (app.texts(pair).join(", "), app.texts(total).remove(0))
}

#[actix_web::test]
async fn a_record_is_corrected_and_what_was_sent_stays_beside_it() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    app.usage_of(customer, DAY, "X", "100");
    let (page, record) = (url(customer), record(&app));
    let form = li.get(&format!("{page}?edit={record}")).await.ok().contains("value=\"100\"");
    let correct = format!("{page}/correct");
    let filled = [("quantity", "85.5"), ("reason", "重复计数")];
    let answer = li.submit(&form, &correct, &filled).await.see_other(&page);
    assert_eq!(answer.flash(), T.corrections_done());
    assert_eq!(counts(&app), ("85.5 100".into(), "85.5000".into()));
    li.get(&page).await.ok().contains("85.5").contains("重复计数").contains("李雷");
    // The same form once more is done already.
    li.submit(&form, &correct, &filled).await.see_other(&page);
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_corrections"), 1);
    assert_eq!(app.audited(), ["usage.usage_record.corrected"]);
    // Another one who still saw what was sent is told.
    let stale = li.submit(&form, &correct, &[("quantity", "90"), ("reason", "x")]).await.status(422);
    stale.contains(T.error_stale_text()).contains("value=\"90\"");
}

#[actix_web::test]
async fn a_correction_stands_when_the_source_sends_again_and_can_be_taken_back() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    let id = app.correction_of("li");
    assert_eq!(counts(&app), ("80 100".into(), "80.0000".into()));
    app.usage_of(customer, DAY, "X", "120");
    assert_eq!(app.texts("SELECT CAST(quantity AS CHAR) FROM usage_records"), ["80.0000"]);
    let page = li.get(&url(customer)).await.ok();
    page.contains(T.corrections_overtaken()).contains("120");
    let end = format!("/usage/corrections/{id}/end");
    let form = li.get(&format!("{}?end={}", url(customer), record(&app))).await.ok().contains(&end);
    let unexplained = li.submit(&form, &end, &[("reason", " ")]).await.status(422);
    assert_eq!(unexplained.field_error("reason"), T.field_required());
    for _ in 0..2 {
        li.post(&end, &[("reason", "客户更正了数据")]).await.see_other(&url(customer));
    }
    assert_eq!(
        app.texts("SELECT reason FROM audit_entries WHERE action LIKE '%correction_ended'"),
        ["客户更正了数据"]
    );
    assert_eq!(app.texts("SELECT CAST(quantity AS CHAR) FROM usage_records"), ["120.0000"]);
    assert_eq!(app.texts("SELECT CAST(SUM(quantity) AS CHAR) FROM usage_day_totals"), ["120.0000"]);
    assert_eq!(app.audited(), ["usage.usage_record.correction_ended"]);
    let page = li.get(&url(customer)).await.ok();
    page.contains(&T.corrections_told_ended("李雷")).contains(&T.corrections_told_earlier("100"));
}

#[actix_web::test]
async fn an_invalid_correction_comes_back_with_its_faults() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    app.usage_of(customer, DAY, "X", "100");
    let (page, record) = (url(customer), record(&app));
    let form = li.get(&format!("{page}?edit={record}")).await.ok();
    for (quantity, reason, field, fault) in [
        ("", "x", "quantity", T.field_required().to_owned()),
        ("-1", "x", "quantity", T.corrections_quantity_shape().to_owned()),
        ("1.23456", "x", "quantity", T.corrections_quantity_shape().to_owned()),
        ("5", "", "reason", T.field_required().to_owned()),
        ("100", "x", "quantity", T.corrections_refused_same("100")),
    ] {
        let filled = [("quantity", quantity), ("reason", reason)];
        let answer = li.submit(&form, &format!("{page}/correct"), &filled).await.status(422);
        assert_eq!(answer.field_error(field), fault);
    }
    // A record that is not there, and a day that is none.
    li.post(&format!("{page}/correct"), &[("record", "1~Z~~1"), ("quantity", "5"), ("reason", "x")])
        .await
        .status(404);
    li.post(&format!("{page}/correct"), &[("record", "'; --")]).await.status(404);
    li.get(&format!("/customers/{customer}/usage/2026-02-30")).await.status(404);
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_corrections"), 0);
}

#[actix_web::test]
async fn in_a_closed_month_nothing_is_corrected() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    let id = app.correction_of("li");
    let (page, record) = (url(customer), record(&app));
    let form = li.get(&format!("{page}?edit={record}")).await.ok();
    let month: BillingMonth = "2026-11".parse().unwrap();
    app.arrange(|tx| periods::commands::close(tx, month));
    li.get(&format!("{page}?edit={record}")).await.ok().contains(T.corrections_closed()).lacks("/correct\"");
    let answer =
        li.submit(&form, &format!("{page}/correct"), &[("quantity", "1"), ("reason", "x")]).await.status(422);
    answer.contains(&T.corrections_refused_closed(month));
    let ended = li.post(&format!("/usage/corrections/{id}/end"), &[("reason", "x")]).await.status(422);
    ended.contains(&T.corrections_refused_closed(month));
    assert_eq!(app.texts("SELECT CAST(quantity AS CHAR) FROM usage_records"), ["80.0000"]);
}

#[actix_web::test]
async fn outside_of_ones_reach_nothing_is_corrected_and_without_the_right_neither() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let theirs = app.customer_of("zhao");
    let id = app.correction_of("zhao");
    li.get("/usage").await.ok();
    li.get(&url(theirs)).await.status(404);
    li.post(&format!("{}/correct", url(theirs)), &[]).await.status(404);
    li.post(&format!("/usage/corrections/{id}/end"), &[]).await.status(404);
    let analyst = app.as_role("analyst").await;
    let page = analyst.get(&url(theirs)).await.ok();
    page.lacks("?edit=").contains("重复计数");
    analyst.post(&format!("/usage/corrections/{id}/end"), &[]).await.status(403);
    app.connect().batch_execute("UPDATE customers SET deleted_at = NOW(6)").unwrap();
    let admin = app.signed_in("admin").await;
    admin.get(&url(theirs)).await.ok().lacks("?edit=");
    admin.post(&format!("/usage/corrections/{id}/end"), &[("reason", "x")]).await.status(404);
}
