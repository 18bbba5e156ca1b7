//! The quarantine: records that a rule caught are put right, accepted or dropped, one by one and many at once; by whoever
//! reaches them, and once.

use diesel::connection::SimpleConnection as _;
use opcms::i18n::Tr;
use opcms::periods;
use opcms::types::BillingMonth;
use opcms::usage::quarantine::model::QuarantineState;
use opcms::usage::records::model::{RawRecord, Rule};

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

/// The records of the quarantine as `rule state`, in the order in which they came.
fn states(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS(' ', CAST(rule AS CHAR), CAST(state AS CHAR)) FROM quarantined_records ORDER BY id",
    )
}

/// What counts, as `day quantity`.
fn counted(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT CONCAT_WS(' ', used_on, quantity + 0e0) FROM usage_records ORDER BY used_on, device_series",
    )
}

fn url(app: &TestApp, place: usize) -> String {
    let ids = app.texts("SELECT CAST(id AS CHAR) FROM quarantined_records ORDER BY id");
    format!("/usage/quarantine/{}", ids[place])
}

#[actix_web::test]
async fn a_record_that_names_nobody_is_put_right_and_counts() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let customer = app.customer_of("li");
    let unknown =
        RawRecord { company_code: "KH-lee".into(), ..app.raw_usage(customer, "2026-11-17", "X", "7") };
    app.usage_sent(&[unknown]);
    let page = admin.get("/usage/quarantine").await.ok();
    page.contains(&T.quarantine_why_unknown_customer("KH-lee")).contains(&Rule::UnknownCustomer.label(T));
    let url = url(&app, 0);
    for field in ["company_code", "value"] {
        admin.get_part(&format!("/customers/suggest?{field}=KH-l")).await.ok().contains("KH-li");
    }
    let form = admin.get(&url).await.ok();
    let fix = format!("{url}/fix");
    // Still nobody.
    let again =
        admin.submit(&form, &fix, &[("company_code", "KH-nobody"), ("fix_reason", "x")]).await.status(422);
    assert_eq!(again.field_error("company_code"), T.quarantine_why_unknown_customer("KH-nobody"));
    again.contains("value=\"KH-nobody\"");
    assert_eq!((states(&app), counted(&app).len()), (vec!["unknown_customer waiting".to_owned()], 0));
    // As suggestions write it.
    let unexplained = admin.submit(&form, &fix, &[("company_code", "KH-li")]).await.status(422);
    assert_eq!(unexplained.field_error("fix_reason"), T.field_required());
    let filled = [("company_code", "KH-li li 的客户有限公司"), ("fix_reason", "编码写错了")];
    let answer = admin.submit(&form, &fix, &filled).await.see_other("/usage/quarantine");
    assert_eq!(answer.flash(), T.quarantine_fixed());
    assert_eq!(counted(&app), ["2026-11-17 7"]);
    assert_eq!(states(&app), ["unknown_customer fixed"]);
    // What was sent stays beside what it was put right to.
    admin
        .get(&url)
        .await
        .ok()
        .contains("KH-lee")
        .contains("KH-li")
        .contains("编码写错了")
        .contains(&QuarantineState::Fixed.label(T));
    let twice = admin.submit(&form, &fix, &filled).await.status(422);
    twice.contains(&T.quarantine_refused_decided(QuarantineState::Fixed.label(T)));
    assert_eq!(counted(&app), ["2026-11-17 7"]);
    let audited = app.audited();
    assert!(audited.contains(&"usage.quarantined_record.fixed".to_owned()), "{audited:?}");
}

#[actix_web::test]
async fn what_would_take_the_place_of_usage_that_counts_says_so_and_asks() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let customer = app.customer_of("li");
    app.usage_of(customer, "2026-11-17", "X", "2");
    let unknown =
        RawRecord { company_code: "KH-lee".into(), ..app.raw_usage(customer, "2026-11-17", "X", "12") };
    app.usage_sent(&[unknown.clone(), RawRecord { day: "2026-11-16".into(), ..unknown }]);
    let url = app.texts("SELECT CAST(id AS CHAR) FROM quarantined_records WHERE day_text = '2026-11-17'");
    let url = format!("/usage/quarantine/{}", url[0]);
    let (form, fix) = (admin.get(&url).await.ok().lacks("name=\"replace\""), format!("{url}/fix"));
    let filled = [("company_code", "KH-li"), ("fix_reason", "编码写错了")];
    let asked = admin.submit(&form, &fix, &filled).await.status(422);
    assert_eq!(asked.field_error("replace"), T.quarantine_would_replace("2"));
    assert_eq!(counted(&app), ["2026-11-17 2"], "nothing is written yet");
    // Of many it is said before.
    let many = "/usage/quarantine/bulk?code=KH-lee&rule=unknown_customer&all=yes&action=fix";
    let bulk = admin.get(many).await.ok();
    let preview = [("value", "KH-li"), ("reason", "编码写错了"), ("step", "preview")];
    let preview = admin.submit(&bulk, "/usage/quarantine/bulk", &preview).await.ok();
    preview.contains(&T.quarantine_bulk_would(2)).contains(&T.quarantine_bulk_overlapping(1));
    let filled = [("company_code", "KH-li"), ("fix_reason", "编码写错了"), ("replace", "yes")];
    admin.submit(&asked, &fix, &filled).await.status(303);
    assert_eq!(counted(&app), ["2026-11-17 12"]);
}

#[actix_web::test]
async fn every_field_of_a_record_can_be_put_right_and_is_checked_again() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    let raw = app.raw_usage(customer, "2026-11-17", "X", "7");
    // One by one: what comes together is kept in no order.
    for caught in [
        RawRecord { day: "去年".into(), ..raw.clone() },
        RawRecord { quantity: "很多".into(), layer: "b".into(), ..raw.clone() },
        RawRecord { meter: "flights".into(), ..raw.clone() },
        RawRecord { device_series: "系列".into(), ..raw.clone() },
        RawRecord { quantity: "-3".into(), layer: "c".into(), ..raw.clone() },
        RawRecord { day: "2027-01-01".into(), ..raw },
    ] {
        app.usage_sent(&[caught]);
    }
    for (place, field, wrong, right) in [
        (0, "day", "明天", "2026-11-11"),
        (1, "quantity", "-1", "11"),
        (2, "meter", "drones", "shots"),
        (3, "device_series", "系", "N"),
        (4, "quantity", "1.23456", "3"),
        (5, "day", "2027-02-01", "2026-11-16"),
    ] {
        let url = url(&app, place);
        let form = li.get(&url).await.ok();
        let again =
            li.submit(&form, &format!("{url}/fix"), &[(field, wrong), ("fix_reason", "x")]).await.status(422);
        assert_ne!(again.field_error(field), "", "{field}");
        li.submit(&form, &format!("{url}/fix"), &[(field, right), ("fix_reason", "x")]).await.status(303);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM quarantined_records WHERE state = 'fixed'"), 6);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM quarantined_records"),
        6,
        "nothing new was caught on the way"
    );
    assert_eq!(app.number("SELECT COUNT(*) FROM usage_records"), 6);
    let sums = "SELECT CAST(SUM(quantity) AS CHAR) FROM usage_records \
         UNION ALL SELECT CAST(SUM(quantity) AS CHAR) FROM usage_day_totals";
    assert_eq!(app.texts(sums), ["42.0000", "42.0000"]);
}

#[actix_web::test]
async fn an_absurd_quantity_counts_once_somebody_says_why() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    for day in ["2026-10-01", "2026-11-01"] {
        app.usage_of(customer, day, "X", "100");
    }
    app.usage_of(customer, "2026-11-18", "X", "5000");
    assert_eq!(states(&app), ["absurd_quantity waiting"]);
    let url = url(&app, 0);
    let form = li.get(&url).await.ok();
    form.contains(&T.quarantine_why_absurd("100", "2026-11-01", "5000"));
    let form = li.get(&url).await.ok();
    // Putting it right without saying so does not help.
    let again = li.submit(&form, &format!("{url}/fix"), &[("fix_reason", "x")]).await.status(422);
    assert_eq!(again.field_error("quantity"), T.quarantine_why_absurd("100", "2026-11-01", "5000"));
    li.submit(&form, &format!("{url}/accept"), &[("accept_reason", "")]).await.status(422);
    let filled = [("accept_reason", "双十一大促，客户已确认")];
    let answer = li.submit(&form, &format!("{url}/accept"), &filled).await.see_other("/usage/quarantine");
    assert_eq!(answer.flash(), T.quarantine_accepted());
    assert_eq!(counted(&app).last().map(String::as_str), Some("2026-11-18 5000"));
    assert_eq!(states(&app), ["absurd_quantity accepted"]);
    li.get(&url).await.ok().contains("双十一大促").contains("李雷");
}

#[actix_web::test]
async fn what_cannot_be_right_is_not_accepted_but_dropped() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    app.quarantined_of("li");
    let url = url(&app, 0);
    let form = li.get(&url).await.ok().lacks(&format!("{url}/accept"));
    let refused =
        li.post(&format!("{url}/accept"), &[("accept_reason", "x"), ("version", "1")]).await.status(422);
    refused.contains(T.quarantine_refused_accept());
    let stale = li.post(&format!("{url}/drop"), &[("drop_reason", "x"), ("version", "9")]).await.status(422);
    stale.contains(T.error_stale_text());
    let answer = li.submit(&form, &format!("{url}/drop"), &[("drop_reason", "测试数据")]).await;
    assert_eq!(answer.see_other("/usage/quarantine").flash(), T.quarantine_dropped());
    assert_eq!((states(&app), counted(&app).len()), (vec!["future_day dropped".to_owned()], 0));
    li.get("/usage/quarantine").await.ok().contains(T.quarantine_blank());
    li.get("/usage/quarantine?state=dropped").await.ok().contains("KH-li");
    assert_eq!(app.audited(), ["usage.quarantined_record.dropped"]);
    // Sent again it does not come back, unless it says something else.
    let customer = app.customer_of("li");
    let columns = "CONCAT_WS('|', day_text, device_series, quantity_text)";
    let kept = app.texts(&format!("SELECT {columns} FROM quarantined_records"));
    let parts: Vec<&str> = kept[0].split('|').collect();
    app.usage_of(customer, parts[0], parts[1], parts[2]);
    assert_eq!(states(&app), ["future_day dropped"]);
    app.usage_of(customer, parts[0], parts[1], "987");
    assert_eq!(states(&app), ["future_day dropped", "future_day waiting"]);
}

#[actix_web::test]
async fn accepting_passes_over_all_that_may_be_wrong() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    for day in ["2026-10-01", "2026-11-01"] {
        app.usage_of(customer, day, "X", "100");
    }
    let status = |becomes: &str| {
        let text = format!("UPDATE customers SET status = '{becomes}' WHERE id = {customer}");
        app.connect().batch_execute(&text).unwrap();
    };
    status("terminated");
    app.usage_of(customer, "2026-11-18", "X", "5000");
    assert_eq!(states(&app), ["terminated_customer waiting"]);
    let url = url(&app, 0);
    let form = li.get(&url).await.ok();
    let filled = [("accept_reason", "终止前的最后一天")];
    li.submit(&form, &format!("{url}/accept"), &filled).await.see_other("/usage/quarantine");
    assert_eq!(states(&app), ["terminated_customer accepted"]);
}

#[actix_web::test]
async fn a_long_queue_is_read_by_key() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let customer = app.customer_of("li");
    let sent: Vec<RawRecord> = (1..=60)
        .map(|layer| RawRecord {
            layer: format!("L{layer:02}"),
            ..app.raw_usage(customer, "2027-01-01", "X", "5")
        })
        .collect();
    app.usage_sent(&sent);
    let page = admin.get("/usage/quarantine").await.ok().contains(&T.list_entries("60"));
    let shown = |answer: &crate::support::Answer| answer.body.matches("data-row-link").count();
    assert_eq!(shown(&page), 50);
    let fiftieth =
        app.texts("SELECT CAST(id AS CHAR) FROM quarantined_records ORDER BY id DESC LIMIT 1 OFFSET 49");
    let older = format!("older={}", fiftieth[0]);
    assert_eq!(shown(&page.clone().contains(&older)), 50);
    assert_eq!(shown(&admin.get(&format!("/usage/quarantine?{older}")).await.ok()), 10);
    admin.get("/usage/quarantine?rule=negative_quantity").await.ok().contains(T.quarantine_none());
}

#[actix_web::test]
async fn of_a_closed_month_records_wait_for_billing_or_are_dropped() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    let month: BillingMonth = "2026-10".parse().unwrap();
    app.arrange(|tx| periods::commands::close(tx, month));
    app.usage_of(customer, "2026-10-31", "X", "5");
    let url = url(&app, 0);
    li.get(&url).await.ok().contains(T.quarantine_refused_closed()).lacks(&format!("{url}/fix"));
    let filled = [
        ("company_code", "KH-li"),
        ("day", "2026-11-01"),
        ("meter", "shots"),
        ("source", "vendor-a"),
        ("quantity", "5"),
        ("fix_reason", "x"),
        ("version", "1"),
    ];
    let refused = li.post(&format!("{url}/fix"), &filled).await.status(422);
    refused.contains(T.quarantine_refused_closed());
    // Once the month is open again, it goes through the rules as it is.
    app.arrange(|tx| periods::commands::reopen(tx, month, Some("漏计".into())));
    let form = li.get(&url).await.ok();
    li.submit(&form, &format!("{url}/fix"), &[("fix_reason", "x")]).await.see_other("/usage/quarantine");
    assert_eq!(counted(&app), ["2026-10-31 5"]);
}

#[actix_web::test]
async fn one_unknown_code_is_put_right_in_all_its_records_at_once() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let customer = app.customer_of("li");
    let unknown = |day: u32| RawRecord {
        company_code: "老编码".into(),
        ..app.raw_usage(customer, &format!("2026-10-{day:02}"), "X", "10")
    };
    let mut sent: Vec<RawRecord> = (1..=30).map(unknown).collect();
    sent.push(RawRecord { quantity: "-5".into(), ..unknown(31) });
    sent.push(RawRecord { company_code: "别的".into(), ..unknown(1) });
    app.usage_sent(&sent);
    let page = admin.get(&url(&app, 0)).await.ok().contains(&T.quarantine_same_code("老编码", 30));
    let link = page.body.split("href=\"").find_map(|rest| {
        let url = rest.split('"').next()?;
        url.starts_with("/usage/quarantine/bulk?").then(|| url.replace("&amp;", "&").replace("&#38;", "&"))
    });
    let form = admin.get(&link.unwrap()).await.ok().contains(&T.quarantine_bulk_chosen("31"));
    let filled = [("value", "KH-li li 的客户有限公司"), ("reason", "客户改过编码"), ("step", "preview")];
    let preview = admin.submit(&form, "/usage/quarantine/bulk", &filled).await.ok();
    preview.contains(&T.quarantine_bulk_would(30));
    let preview = admin.submit(&form, "/usage/quarantine/bulk", &filled).await.ok();
    preview.contains(&T.quarantine_bulk_left(1, Rule::NegativeQuantity.label(T)));
    assert_eq!((counted(&app).len(), app.audited()), (0, vec![]), "a preview does nothing");
    let form = admin.submit(&form, "/usage/quarantine/bulk", &filled).await.ok();
    let commit = [("value", "KH-li"), ("reason", "客户改过编码"), ("step", "commit")];
    let done = admin.submit(&form, "/usage/quarantine/bulk", &commit).await.status(303);
    assert_eq!(done.flash(), T.quarantine_bulk_done_but(30, 1));
    assert_eq!(counted(&app).len(), 30);
    let left = states(&app).into_iter().filter(|state| state.ends_with("waiting")).collect::<Vec<_>>();
    assert_eq!(left, ["unknown_customer waiting", "unknown_customer waiting"]);
    // Twice is harmless.
    let again = admin.submit(&form, "/usage/quarantine/bulk", &commit).await.status(303);
    assert_eq!(again.flash(), T.quarantine_bulk_done_but(0, 1));
    assert_eq!(counted(&app).len(), 30);
}

#[actix_web::test]
async fn many_are_accepted_or_dropped_as_far_as_their_rules_allow() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let customer = app.customer_of("li");
    for day in ["2026-10-01", "2026-11-01"] {
        app.usage_of(customer, day, "X", "100");
    }
    app.usage_of(customer, "2026-11-18", "X", "5000");
    app.usage_of(customer, "2027-01-01", "X", "5");
    let ids = app.texts("SELECT CAST(id AS CHAR) FROM quarantined_records ORDER BY id");
    li.get("/usage/quarantine").await.ok();
    let with = |step: &'static str, action: &'static str, reason: &'static str| {
        [("id", ids[0].clone()), ("id", ids[1].clone())]
            .into_iter()
            .chain([("step", step.to_owned()), ("action", action.to_owned()), ("reason", reason.to_owned())])
            .collect::<Vec<_>>()
    };
    let post = |filled: Vec<(&'static str, String)>| {
        let li = &li;
        async move {
            let filled: Vec<(&str, &str)> =
                filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
            li.post("/usage/quarantine/bulk", &filled).await
        }
    };
    post(with("choose", "", "")).await.ok().contains(&T.quarantine_bulk_chosen("2"));
    let faulty = post(with("preview", "accept", "")).await.status(422);
    assert_eq!(faulty.field_error("reason"), T.field_required());
    let faulty = post(with("commit", "", "x")).await.status(422);
    assert_eq!(faulty.field_error("action"), T.quarantine_bulk_choose_action());
    let done = post(with("commit", "accept", "已核实")).await.status(303);
    assert_eq!(done.flash(), T.quarantine_bulk_done_but(1, 1));
    let done = post(with("commit", "drop", "测试")).await.status(303);
    assert_eq!(done.flash(), T.quarantine_bulk_done(1));
    assert_eq!(states(&app), ["absurd_quantity accepted", "future_day dropped"]);
    li.get("/usage/quarantine/bulk").await.ok().contains(T.quarantine_bulk_none());
}

#[actix_web::test]
async fn outside_of_ones_reach_there_is_nothing_and_what_is_nobodys_is_for_who_reaches_all() {
    let app = TestApp::new().await;
    let (theirs, ours) = (app.quarantined_of("zhao"), app.quarantined_of("li"));
    let raw = app.raw_usage(app.customer_of("li"), "2026-11-17", "X", "7");
    app.usage_sent(&[RawRecord { company_code: "KH-ghost".into(), ..raw }]);
    let nobodys = app.number("SELECT MAX(id) FROM quarantined_records");
    let li = app.signed_in("li").await;
    li.get("/usage/quarantine").await.ok().contains("KH-li").lacks("KH-zhao").lacks("KH-ghost");
    for id in [i64::try_from(theirs).unwrap(), nobodys] {
        let url = format!("/usage/quarantine/{id}");
        li.get(&url).await.status(404);
        for verb in ["fix", "accept", "drop"] {
            li.post(&format!("{url}/{verb}"), &[("reason", "x"), ("version", "1")]).await.status(404);
        }
    }
    let filled = [("all", "yes"), ("step", "commit"), ("action", "drop"), ("reason", "x")];
    assert_eq!(li.post("/usage/quarantine/bulk", &filled).await.flash(), T.quarantine_bulk_done(1));
    let by_id = [("id", theirs.to_string()), ("id", ours.to_string())];
    let by_id: Vec<(&str, &str)> = by_id.iter().map(|(name, id)| (*name, id.as_str())).collect();
    let by_id: Vec<(&str, &str)> = by_id.into_iter().chain(filled.into_iter().skip(1)).collect();
    assert_eq!(li.post("/usage/quarantine/bulk", &by_id).await.flash(), T.quarantine_bulk_done(0));
    // A record of one's own does not become that of a customer out of reach.
    app.usage_of(app.customer_of("li"), "2027-01-02", "X", "5");
    let own = app.number("SELECT MAX(id) FROM quarantined_records");
    let url = format!("/usage/quarantine/{own}");
    let form = li.get(&url).await.ok();
    let filled = [("company_code", "KH-zhao"), ("day", "2026-11-01"), ("fix_reason", "x")];
    let refused = li.submit(&form, &format!("{url}/fix"), &filled).await.status(422);
    assert_eq!(refused.field_error("company_code"), T.quarantine_why_unknown_customer("KH-zhao"));
    app.as_role("analyst").await.get("/usage/quarantine").await.status(403);
    let admin = app.signed_in("admin").await;
    admin.get("/usage/quarantine").await.ok().contains("KH-zhao").contains("KH-ghost");
}

#[actix_web::test]
async fn the_queue_is_filtered_by_rule_source_day_and_customer() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    app.quarantined_of("li");
    let raw = app.raw_usage(app.customer_of("zhao"), "2026-11-17", "X", "-7");
    app.usage_sent(&[RawRecord { source: "vendor-b".into(), ..raw }]);
    let first = app.number("SELECT MIN(intake_id) FROM quarantined_records");
    let of_first = format!("intake={first}");
    for (query, li, zhao) in [
        ("rule=negative_quantity", false, true),
        ("rule=future_day", true, false),
        ("rule=nonsense", true, true),
        ("source=vendor-b", false, true),
        ("from=2026-12-01", true, false),
        ("to=2026-12-01", false, true),
        ("q=KH-zh", false, true),
        ("q=li+%E7%9A%84%E5%AE%A2%E6%88%B7", true, false),
        ("q=%25", false, false),
        ("state=fixed", false, false),
        (of_first.as_str(), true, false),
    ] {
        let page = admin.get(&format!("/usage/quarantine?{query}")).await.ok();
        let row = |code: &str| page.body.contains(&format!(">{code}</span></a>"));
        assert_eq!((row("KH-li"), row("KH-zhao")), (li, zhao), "{query}");
    }
}
