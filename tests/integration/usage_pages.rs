//! The pages of usage: a month of all customers, a customer's months and days, the list of records. Every number leads to
//! its records, and whoever reaches less sees less.

use diesel::connection::SimpleConnection as _;
use opcms::i18n::Tr;
use opcms::types::ids::CustomerId;
use opcms::usage::records::model::RawRecord;

use crate::support::html::unescape;
use crate::support::{Answer, TestApp};

const T: Tr = Tr::ZhCn;

/// October and November of two customers, of li and of zhao.
fn usage(app: &TestApp) -> (CustomerId, CustomerId) {
    let (ours, theirs) = (app.customer_of("li"), app.customer_of("zhao"));
    for (customer, day, series, quantity) in [
        (ours, "2026-10-05", "X", "100"),
        (ours, "2026-10-25", "X", "50"),
        (ours, "2026-11-05", "X", "120.5"),
        (ours, "2026-11-06", "N", "30"),
        (theirs, "2026-10-05", "X", "1000"),
        (theirs, "2026-11-05", "L", "700"),
    ] {
        app.usage_of(customer, day, series, quantity);
    }
    (ours, theirs)
}

/// The large number of the page.
fn total(page: &Answer) -> String {
    let rest = page.body.split("class=\"big\"").nth(1).unwrap();
    rest.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[actix_web::test]
async fn the_overview_adds_up_what_each_reaches() {
    let app = TestApp::new().await;
    usage(&app);
    let (admin, li) = (app.signed_in("admin").await, app.signed_in("li").await);
    let all = admin.get("/usage?month=2026-11").await.ok();
    assert_eq!(total(&all), "850.5");
    // The month is not over: it is compared with as many days of the one before.
    let all = all.contains(&T.usage_pages_compared("2026-10-01", "2026-10-20"));
    let all = all.contains(&T.usage_pages_was("1,100")).contains("-249.5").contains("-22.7%");
    for series in ["X", "N", "L"] {
        assert!(all.body.contains(&format!("data-series>{series}</th>")), "{series}");
    }
    let own = li.get("/usage?month=2026-11").await.ok();
    assert_eq!(total(&own), "150.5");
    own.contains("+50.5").lacks("data-series>L</th>");
    assert_eq!(total(&li.get("/usage?month=2026-10").await.ok()), "150");
    // Days without any delivery are no zeros.
    let page = admin.get("/usage?month=2026-11").await.ok();
    assert_eq!(page.body.matches(&format!(">{}</span>", T.usage_pages_hole())).count(), 17);
    page.contains("2 / 19");
    // What cannot be read is now; a month without usage says so.
    for query in ["month=2026-13", "month=x&meter=y", ""] {
        admin.get(&format!("/usage?{query}")).await.ok().contains("2026-11");
    }
    admin.get("/usage?month=2019-01").await.ok().contains(&T.usage_pages_blank("2019-01"));
}

#[actix_web::test]
async fn every_number_of_the_overview_leads_to_its_records() {
    let app = TestApp::new().await;
    usage(&app);
    let admin = app.signed_in("admin").await;
    let page = admin.get("/usage?month=2026-10").await.ok();
    let links: Vec<String> = page
        .body
        .split("href=\"/usage/records?")
        .skip(1)
        .map(|rest| {
            format!(
                "/usage/records?{}",
                rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&")
            )
        })
        .collect();
    assert!(links.len() > 5, "{links:?}");
    for link in &links {
        admin.get(link).await.ok().lacks(T.usage_records_none());
    }
    let of_day = admin.get("/usage/records?from=2026-10-05&to=2026-10-05&meter=shots").await.ok();
    of_day.contains("1,100").contains("KH-li").contains("KH-zhao");
}

#[actix_web::test]
async fn customers_are_ranked_by_size_and_by_how_they_moved() {
    let app = TestApp::new().await;
    usage(&app);
    let admin = app.signed_in("admin").await;
    let order = |page: &Answer| {
        let at = |code: &str| page.body.find(&format!(">{code}</span>"));
        (at("KH-li"), at("KH-zhao"))
    };
    let page = admin.get("/usage/customers?month=2026-11&order=largest").await.ok();
    let (li, zhao) = order(&page);
    assert!(zhao < li && zhao.is_some());
    assert!(matches!(
        order(&admin.get("/usage/customers?month=2026-11&order=risen").await.ok()),
        (Some(_), None)
    ));
    assert!(matches!(
        order(&admin.get("/usage/customers?month=2026-11&order=fallen").await.ok()),
        (None, Some(_))
    ));
    let own = app.signed_in("li").await.get("/usage/customers?month=2026-11&order=fallen").await.ok();
    own.lacks("KH-zhao").contains(T.usage_pages_customers_none());
}

#[actix_web::test]
async fn the_ranking_says_what_the_pages_say_that_it_leads_to() {
    let app = TestApp::new().await;
    let (ours, theirs) = usage(&app);
    let admin = app.signed_in("admin").await;
    // October is over, and is compared with the whole of September; November goes on, and has twenty days.
    for (month, customer, now, before) in [
        ("2026-10", ours, "150", "0"),
        ("2026-10", theirs, "1,000", "0"),
        ("2026-11", ours, "150.5", "100"),
        ("2026-11", theirs, "700", "1,000"),
    ] {
        let url = format!("/customers/{customer}/usage?month={month}&meter=shots");
        let ranking = admin.get(&format!("/usage/customers?month={month}&order=largest")).await.ok();
        let body = unescape(&ranking.body);
        let row = body.split("<tr>").find(|row| row.contains(&url)).unwrap();
        let cells: Vec<&str> =
            row.split("<td ").skip(1).map(|cell| cell.split(['>', '<']).nth(1).unwrap()).collect();
        assert_eq!(cells.first_chunk(), Some(&[now, before]), "{url}");
        let page = admin.get(&url).await.ok().contains(&T.usage_pages_was(before));
        assert_eq!(total(&page), now, "{url}");
    }
}

#[actix_web::test]
async fn a_customer_has_its_months_and_days_with_holes_and_corrections() {
    let app = TestApp::new().await;
    let (ours, theirs) = usage(&app);
    app.correction_of("li");
    let li = app.signed_in("li").await;
    let url = format!("/customers/{ours}/usage");
    let page = li.get(&format!("{url}?month=2026-11")).await.ok();
    assert_eq!(total(&page), "230.5");
    let page =
        page.contains("2025-11").contains(&format!("{url}/2026-11-06")).contains("data-chart=\"bars\"");
    let page = page.contains(T.usage_pages_corrected()).contains(T.usage_pages_hole());
    page.contains(&format!("href=\"/customers/{ours}/usage\" aria-current"));
    let earlier = li.get(&format!("{url}?month=2026-10")).await.ok();
    assert_eq!(total(&earlier), "150");
    li.get(&format!("{url}/2026-11-05")).await.ok().contains("120.5").contains("vendor-a");
    li.get(&format!("{url}/2026-11-04")).await.ok().contains(T.corrections_none());
    li.get(&format!("/customers/{theirs}/usage")).await.status(404);
    let blank = app.customer("KH-0", "没有用量的客户", None, Some("li"));
    li.get(&format!("/customers/{blank}/usage")).await.ok().contains(T.usage_pages_customer_blank());
    li.get(&format!("/customers/{ours}")).await.ok().contains(&format!("href=\"{url}\""));
}

#[actix_web::test]
async fn each_meter_is_shown_by_itself() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    app.arrange(|tx| {
        use opcms::catalog::meters::{commands, model::MeterDraft};
        let draft = MeterDraft {
            name: "航拍".into(),
            name_en: "Flights".into(),
            unit: "架次".into(),
            unit_en: "flights".into(),
            ..MeterDraft::default()
        };
        commands::create(tx, "flights", &draft)
    });
    app.usage_of(customer, "2026-11-05", "X", "120");
    let raw = app.raw_usage(customer, "2026-11-05", "", "3");
    app.usage_sent(&[RawRecord { meter: "flights".into(), ..raw }]);
    let li = app.signed_in("li").await;
    for url in ["/usage", &format!("/customers/{customer}/usage")] {
        let shots = li.get(url).await.ok();
        assert_eq!(total(&shots), "120", "{url}");
        shots.contains("meter=flights");
        let flights = li.get(&format!("{url}?meter=flights")).await.ok();
        assert_eq!(total(&flights), "3", "{url}");
        flights.contains("架次");
    }
    li.get("/usage/records").await.ok().contains("航拍").contains(&T.list_entries(2));
}

#[actix_web::test]
async fn the_list_is_filtered_and_read_by_key() {
    let app = TestApp::new().await;
    let (ours, _) = usage(&app);
    let admin = app.signed_in("admin").await;
    for (query, count) in [
        ("", 6),
        ("customer=KH-li", 4),
        ("customer=KH-li+li+%E7%9A%84%E5%AE%A2%E6%88%B7%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8", 4),
        ("customer=nobody", 0),
        ("series=X", 4),
        ("series=-", 0),
        ("layer=-", 6),
        ("meter=shots", 6),
        ("meter=drones", 0),
        ("source=vendor-a", 6),
        ("source=vendor-z", 0),
        ("from=2026-11-05&to=2026-11-05", 2),
        ("from=2026-11-05&customer=KH-li", 2),
        ("from=2020-01-01&to=2020-02-01", 0),
        ("show=corrected", 0),
        ("intake=999999", 0),
    ] {
        let page = admin.get(&format!("/usage/records?{query}")).await.ok();
        let rows = page.body.matches("data-row-link").count();
        assert_eq!(rows, count, "{query}");
        if count > 0 {
            page.contains(&T.list_entries(count));
        }
    }
    // Sixty more, read in pages.
    let more: Vec<RawRecord> = (0..60)
        .map(|n| {
            app.raw_usage(ours, &format!("2026-09-{:02}", 1 + n % 30), if n < 30 { "X" } else { "N" }, "1")
        })
        .collect();
    app.usage_sent(&more);
    let mut url = "/usage/records?customer=KH-li".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = admin.get(&url).await.ok();
        seen.push(page.body.matches("data-row-link").count());
        let next =
            page.body.split("id=\"page-next\"").next().filter(|_| page.body.contains("id=\"page-next\""));
        let Some(before) = next else { break };
        let href = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
        url = href.replace("&amp;", "&").replace("&#38;", "&");
    }
    assert_eq!(seen, [50, 14]);
    admin.get("/usage/records?after=nonsense").await.ok();
    let own = app.signed_in("li").await.get("/usage/records?customer=KH-zhao").await.ok();
    own.contains(T.usage_records_none());
}

#[actix_web::test]
async fn files_hold_what_the_pages_show_and_say_who_took_them() {
    let app = TestApp::new().await;
    let (ours, theirs) = usage(&app);
    let li = app.signed_in("li").await;
    li.get("/usage").await.ok();
    let of_month =
        li.post("/usage/export", &[("month", "2026-11"), ("meter", "shots"), ("format", "csv")]).await.ok();
    assert_eq!(of_month.body.lines().count(), 3);
    of_month.contains("2026-11-05,shots,vendor-a,X,,120.5,1");
    let url = format!("/customers/{ours}/usage/export");
    let of_customer = li.post(&url, &[("month", "2026-10"), ("format", "csv")]).await.ok();
    of_customer.contains("KH-li,2026-10-05,shots,X,,vendor-a,100");
    let listed = li.post("/usage/records/export", &[("format", "csv")]).await.ok();
    assert_eq!(listed.body.lines().count(), 5);
    li.post("/usage/records/export", &[("customer", "nobody"), ("format", "csv")]).await.ok().lacks("KH-li");
    li.post(&format!("/customers/{theirs}/usage/export"), &[("month", "2026-10"), ("format", "csv")])
        .await
        .status(404);
    li.post("/usage/export", &[("month", "x"), ("format", "csv")]).await.status(422);
    li.post("/usage/export", &[("month", "2026-11"), ("format", "exe")]).await.status(400);
    assert_eq!(app.audited().iter().filter(|action| *action == "usage.usage_record.exported").count(), 4);
    for path in ["/usage/export", "/usage/records/export"] {
        let workbook = li.post(path, &[("month", "2026-11"), ("format", "xlsx")]).await.ok();
        assert!(workbook.bytes.starts_with(b"PK"));
    }
}

#[actix_web::test]
async fn a_day_of_a_deleted_customer_is_still_shown() {
    let app = TestApp::new().await;
    let (ours, _) = usage(&app);
    app.connect()
        .batch_execute(&format!("UPDATE customers SET deleted_at = NOW(6) WHERE id = {ours}"))
        .unwrap();
    let admin = app.signed_in("admin").await;
    admin.get(&format!("/customers/{ours}/usage?month=2026-11")).await.ok().contains("150.5");
}
