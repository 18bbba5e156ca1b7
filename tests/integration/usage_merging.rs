//! Usage goes along when customers are merged, and comes back: nothing is lost, and the totals stay.

use opcms::i18n::Tr;
use opcms::periods;
use opcms::types::BillingMonth;
use opcms::types::ids::CustomerId;

use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

/// Two customers that are likely to be the same: the one that stays, the one that goes, and the page of the pair.
fn pair(app: &TestApp) -> (CustomerId, CustomerId, String) {
    let id = app.pair_of("li");
    let end = |side: &str| {
        let found = app.number(&format!("SELECT {side} FROM duplicate_pairs WHERE id = {id}"));
        CustomerId(u64::try_from(found).unwrap())
    };
    (end("lower_id"), end("higher_id"), format!("/customers/duplicates/{id}"))
}

async fn merge(admin: &Client, url: &str, survivor: CustomerId) -> Answer {
    let page = admin.get(url).await.ok();
    admin.submit(&page, &format!("{url}/merge"), &[("survivor", &survivor.to_string())]).await
}

async fn unmerge(admin: &Client, url: &str) -> Answer {
    let page = admin.get(url).await.ok();
    admin.submit(&page, &format!("{url}/unmerge"), &[]).await
}

/// All that is known of usage, as it is stored.
fn dump(app: &TestApp) -> Vec<String> {
    let key = "customer_id, used_on, meter_id, CAST(device_series AS CHAR), CAST(layer AS CHAR), source_id";
    app.texts(&format!(
        "SELECT CONCAT_WS(' ', 'record', {key}, quantity, raw_quantity) FROM usage_records \
         UNION ALL SELECT CONCAT_WS(' ', 'correction', {key}, quantity, raw_quantity, ended_at IS NULL) FROM usage_corrections \
         UNION ALL SELECT CONCAT_WS(' ', 'earlier', {key}, raw_quantity) FROM usage_replacements \
         UNION ALL SELECT CONCAT_WS(' ', 'caught', id, customer_id, CAST(state AS CHAR)) FROM quarantined_records \
         UNION ALL SELECT CONCAT_WS(' ', 'total', used_on, source_id, CAST(device_series AS CHAR), quantity, records) \
         FROM usage_day_totals ORDER BY 1"
    ))
}

fn records_of(app: &TestApp, id: CustomerId) -> i64 {
    app.number(&format!("SELECT COUNT(*) FROM usage_records WHERE customer_id = {id}"))
}

#[actix_web::test]
async fn usage_goes_along_with_all_that_was_said_of_it_and_comes_back_to_the_letter() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (stays, goes, url) = pair(&app);
    app.usage_of(stays, "2026-11-01", "X", "10");
    app.usage_of(goes, "2026-11-02", "X", "20");
    app.usage_of(goes, "2026-11-02", "X", "25");
    app.usage_of(goes, "2026-11-18", "N", "30");
    app.usage_of(goes, "2027-01-01", "X", "5");
    let day = "2026-11-18".parse().unwrap();
    app.arrange(|tx| {
        use opcms::usage::corrections::{commands, model::CorrectionDraft, queries};
        let record = queries::of_day(tx, goes, day)?.remove(0);
        let (seen, quantity) = (record.stored.quantity, 28.into());
        commands::correct(tx, &record.key, &CorrectionDraft { seen, quantity, reason: "数错".into() })
    });
    let before = dump(&app);
    merge(&admin, &url, stays).await.status(303);
    assert_eq!((records_of(&app, stays), records_of(&app, goes)), (3, 0));
    let of_goes = format!(" {goes} ");
    let moved = dump(&app);
    assert!(
        moved.iter().filter(|line| !line.starts_with("total")).all(|line| !line.contains(&of_goes)),
        "{moved:?}"
    );
    let totals = |lines: &[String]| -> Vec<String> {
        lines.iter().filter(|line| line.starts_with("total")).cloned().collect()
    };
    assert_eq!(totals(&moved), totals(&before));
    // The page of the customer that stays shows them.
    admin.get(&format!("/customers/{stays}/usage/2026-11-18")).await.ok().contains("28").contains("数错");
    unmerge(&admin, &url).await.status(303);
    assert_eq!(dump(&app), before);
}

#[actix_web::test]
async fn customers_with_usage_under_the_same_key_are_not_merged() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (stays, goes, url) = pair(&app);
    for (customer, quantity) in [(stays, "10"), (goes, "20")] {
        app.usage_of(customer, "2026-11-01", "X", quantity);
        app.usage_of(customer, "2026-11-03", "X", quantity);
    }
    let before = dump(&app);
    let refused = merge(&admin, &url, stays).await.status(422);
    refused.contains(&T.usage_merge_refused(2, "2026-11-01", "2026-11-03"));
    assert_eq!(dump(&app), before);
}

#[actix_web::test]
async fn usage_of_closed_months_stays_with_who_was_billed_for_it() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (stays, goes, url) = pair(&app);
    app.usage_of(goes, "2026-10-31", "X", "10");
    app.usage_of(goes, "2026-11-01", "X", "20");
    let month: BillingMonth = "2026-10".parse().unwrap();
    app.arrange(|tx| periods::commands::close(tx, month));
    merge(&admin, &url, stays).await.status(303);
    assert_eq!((records_of(&app, stays), records_of(&app, goes)), (1, 1));
}

#[actix_web::test]
async fn what_was_sent_again_for_the_one_that_stayed_stays_there() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (stays, goes, url) = pair(&app);
    app.usage_of(goes, "2026-11-01", "X", "10");
    app.usage_of(goes, "2026-11-02", "X", "20");
    merge(&admin, &url, stays).await.status(303);
    app.usage_of(stays, "2026-11-02", "X", "22");
    let answer = unmerge(&admin, &url).await.status(303);
    let left = T.duplicates_left_part(1, T.label("merge_part", "usage_records"));
    assert_eq!(answer.flash(), T.duplicates_done_unmerged_left(T.join([left])));
    assert_eq!((records_of(&app, stays), records_of(&app, goes)), (1, 1));
}
