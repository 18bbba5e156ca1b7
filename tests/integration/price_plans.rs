//! Price plans: drafted by one, approved by another, never edited once in force; the editor without scripts, what it
//! refuses at which field, and what it tries.

use diesel::prelude::*;
use opcms::customers::directory::model::Customer;
use opcms::db::Tx;
use opcms::i18n::Tr;
use opcms::pricing::price_plans::{commands, merging, queries};
use opcms::types::Result;
use opcms::types::ids::{CustomerId, PriceVersionId};

use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

/// The editor's fields of a graduated price.
const GRADUATED: &[(&str, &str)] = &[
    ("valid_from", "2026-12-01"),
    ("charges[0].meter", "1"),
    ("charges[0].model", "graduated"),
    ("charges[0].tiers[0].up_to", "500"),
    ("charges[0].tiers[0].unit_price", "1.0"),
    ("charges[0].tiers[1].up_to", "1,000"),
    ("charges[0].tiers[1].unit_price", "0.8"),
    ("charges[0].tiers[2].unit_price", "0.6"),
];

fn with<'a>(base: &[(&'a str, &'a str)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = base.iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    kept.chain(changed).copied().collect()
}

fn states(app: &TestApp) -> Vec<String> {
    app.texts("SELECT CONCAT('V', number, ' ', state, ' ', valid_from) FROM price_versions ORDER BY customer_id, number")
}

fn last_id(app: &TestApp) -> i64 {
    app.number("SELECT MAX(id) FROM price_versions")
}

/// Drafts and submits a graduated price as somebody who is signed in.
async fn submitted(app: &TestApp, client: &Client, customer: CustomerId) -> i64 {
    let url = format!("/customers/{customer}/prices");
    client.get(&format!("{url}/new")).await.ok();
    let answer = client.post(&url, &with(GRADUATED, &[("act", "submit")])).await.status(303);
    let id = last_id(app);
    assert_eq!(answer.header("location"), Some(format!("/prices/{id}").as_str()));
    id
}

/// Presses the button of a decision.
async fn decide(client: &Client, id: i64, deed: &str, reason: &str) -> Answer {
    let url = format!("/prices/{id}");
    let page = client.get(&url).await.ok();
    let version = page.form(&format!("{url}/{deed}"));
    let version = version.iter().find(|(name, _)| name == "version").map(|(_, value)| value.clone()).unwrap();
    client.post(&format!("{url}/{deed}"), &[("version", &version), ("reason", reason)]).await
}

#[actix_web::test]
async fn what_one_writes_another_approves() {
    let app = TestApp::new().await;
    let (wang, manager) = (app.signed_in("wang").await, app.signed_in("ops_manager").await);
    let customer = app.customer_of("li");
    let id = submitted(&app, &wang, customer).await;
    assert_eq!(states(&app), ["V1 pending 2026-12-01"]);
    // Who wrote it is told why they may not, and the command refuses as well.
    let page = wang.get(&format!("/prices/{id}")).await.ok().contains(T.price_plan_refused_own_work());
    assert!(page.body.contains("disabled"));
    let refused = wang.post(&format!("/prices/{id}/approve"), &[("version", "2")]).await.status(303);
    assert_eq!(refused.flash(), T.price_plan_refused_own_work());
    let page = manager.get(&format!("/prices/{id}")).await.ok();
    page.contains(&T.price_plan_approval_first("2026-12-01"));
    assert_eq!(decide(&manager, id, "approve", "").await.status(303).flash(), T.price_plan_approved());
    assert_eq!(states(&app), ["V1 active 2026-12-01"]);
    let tab = wang.get(&format!("/customers/{customer}/prices")).await.ok();
    tab.contains(&T.price_plan_nothing_before("2026-12-01")).contains(T.price_plan_comes());
    let mut audited = app.audited();
    audited.sort();
    assert_eq!(
        audited,
        [
            "pricing.price_version.approved",
            "pricing.price_version.drafted",
            "pricing.price_version.submitted"
        ]
    );
}

#[actix_web::test]
async fn a_rejected_version_is_a_draft_again_with_the_reason() {
    let app = TestApp::new().await;
    let (wang, manager) = (app.signed_in("wang").await, app.signed_in("ops_manager").await);
    let id = submitted(&app, &wang, app.customer_of("li")).await;
    let blank = decide(&manager, id, "reject", " ").await.status(422);
    assert_eq!(blank.field_error("reason"), T.field_required());
    decide(&manager, id, "reject", "第三档太低").await.see_other(&format!("/prices/{id}"));
    assert_eq!(states(&app), ["V1 draft 2026-12-01"]);
    wang.get(&format!("/prices/{id}")).await.ok().contains("第三档太低");
    app.send_messages().await;
    let told =
        app.texts(&format!("SELECT subject FROM notifications WHERE user_id = {}", app.world.user("wang")));
    assert_eq!(told, ["定价被驳回：KH-li li 的客户有限公司"]);
    decide(&wang, id, "submit", "").await.status(303);
    let decided = "SELECT COUNT(*) FROM price_versions WHERE COALESCE(decided_by, decided_at, decision_reason) IS NOT NULL";
    assert_eq!(app.number(decided), 0, "what waits anew reads as neither approved nor rejected");
    decide(&wang, id, "recall", "").await.status(303);
    decide(&wang, id, "discard", "").await.status(303);
    assert_eq!(states(&app), ["V1 discarded 2026-12-01"]);
}

#[actix_web::test]
async fn what_is_in_force_is_never_edited_and_only_withdrawn_before_its_first_day() {
    let app = TestApp::new().await;
    let (wang, customer) = (app.signed_in("wang").await, app.customer_of("li"));
    let now = app.price_in_force(customer, "2026-08-01", "1.5");
    let edit = wang.get(&format!("/prices/{now}/edit")).await.see_other(&format!("/prices/{now}"));
    assert_eq!(edit.flash(), T.price_plan_refused_state(T.price_version_state_active()));
    let sent = with(GRADUATED, &[("version", "3")]);
    wang.post(&format!("/prices/{now}"), &sent)
        .await
        .status(422)
        .contains(&T.price_plan_refused_state("已生效"));
    wang.get(&format!("/prices/{now}")).await.ok().contains(&T.price_plan_refused_begun("2026-08-01"));
    let late = wang.post(&format!("/prices/{now}/withdraw"), &[("version", "3"), ("reason", "x")]).await;
    late.status(422).contains(&T.price_plan_refused_begun("2026-08-01"));
    let next = app.price_in_force(customer, "2027-01-01", "2");
    decide(&wang, i64::try_from(next.0).unwrap(), "withdraw", "谈崩了").await.status(303);
    assert_eq!(states(&app), ["V1 active 2026-08-01", "V2 withdrawn 2027-01-01"]);
}

#[actix_web::test]
async fn what_a_withdrawn_version_had_superseded_is_in_force_again() {
    let app = TestApp::new().await;
    let (wang, customer) = (app.signed_in("wang").await, app.customer_of("li"));
    app.price_in_force(customer, "2027-01-01", "1.5");
    let second = app.price_in_force(customer, "2027-01-01", "2");
    decide(&wang, i64::try_from(second.0).unwrap(), "withdraw", "谈崩了").await.status(303);
    assert_eq!(states(&app), ["V1 active 2027-01-01", "V2 withdrawn 2027-01-01"]);
    let ended = "SELECT COUNT(*) FROM price_versions WHERE ended_at IS NOT NULL OR superseded_by IS NOT NULL";
    assert_eq!(app.number(ended), 1);
    assert!(app.audited().contains(&"pricing.price_version.reinstated".to_owned()));
    assert_eq!(app.texts("SELECT end_reason FROM price_versions WHERE number = 2"), ["谈崩了"]);
}

#[actix_web::test]
async fn whoever_has_edited_a_version_does_not_approve_it_whoever_edits_it_later() {
    let app = TestApp::new().await;
    let (manager, customer) = (app.signed_in("ops_manager").await, app.customer_of("li"));
    let id = app.draft_price(customer, "2026-12-01", "1.5");
    let edit = |who: &str, version: u32, remarks: &str| {
        let edited = |tx: &mut Tx| {
            let mut draft = queries::get(tx, id)?.unwrap().draft();
            draft.remarks = Some(remarks.to_owned());
            commands::edit(tx, id, version, &draft)
        };
        app.db.write(&app.actor(who), edited).unwrap();
    };
    edit("wang", 1, "甲");
    edit("ops_manager", 2, "乙");
    edit("wang", 3, "丙");
    app.db.write(&app.actor("wang"), |tx| commands::submit(tx, id, 4)).unwrap();
    let refused = manager.post(&format!("/prices/{id}/approve"), &[("version", "5")]).await.status(303);
    assert_eq!(refused.flash(), T.price_plan_refused_own_work());
    // Nor does it stand on their way through those that wait.
    let other = app.draft_price(customer, "2027-01-01", "1.6");
    app.arrange(|tx| commands::submit(tx, other, 1));
    let queued = format!("/prices/{id}?queue=yes");
    manager.get(&format!("/prices/{other}?queue=yes")).await.ok().lacks(&queued);
    app.signed_in("admin").await.get(&format!("/prices/{other}?queue=yes")).await.ok().contains(&queued);
}

#[actix_web::test]
async fn no_two_versions_are_in_force_from_one_day_whoever_writes_them() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    app.price_in_force(customer, "2026-08-01", "1.5");
    app.price_in_force(customer, "2026-08-01", "1.6");
    assert_eq!(states(&app), ["V1 superseded 2026-08-01", "V2 active 2026-08-01"]);
    // Nor by a hand at the database.
    let copy = "INSERT INTO price_versions (customer_id, number, state, valid_from, currency, origin, created_at, updated_at) \
                SELECT customer_id, 9, 'active', valid_from, currency, origin, created_at, updated_at \
                FROM price_versions WHERE number = 2";
    let refused = diesel::sql_query(copy).execute(&mut app.connect()).unwrap_err().to_string();
    assert!(refused.contains("price_versions_in_force"), "{refused}");
}

#[actix_web::test]
async fn of_two_who_approve_at_once_the_second_is_told() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let id = app.draft_price(customer, "2026-12-01", "1.5");
    app.arrange(|tx| commands::submit(tx, id, 1));
    let (first, second) = (app.signed_in("wang").await, app.signed_in("ops_manager").await);
    let url = format!("/prices/{id}/approve");
    first.get(&format!("/prices/{id}")).await.ok();
    second.get(&format!("/prices/{id}")).await.ok();
    assert_eq!(first.post(&url, &[("version", "2")]).await.status(303).flash(), T.price_plan_approved());
    assert_eq!(second.post(&url, &[("version", "2")]).await.status(303).flash(), T.error_stale_text());
    assert_eq!(app.audited().iter().filter(|action| action.ends_with("approved")).count(), 1);
}

#[actix_web::test]
async fn the_same_form_twice_is_one_draft() {
    let app = TestApp::new().await;
    let (li, customer) = (app.signed_in("li").await, app.customer_of("li"));
    let url = format!("/customers/{customer}/prices");
    li.get(&format!("{url}/new")).await.ok();
    for act in ["save", "save", "submit", "submit"] {
        li.post(&url, &with(GRADUATED, &[("act", act)])).await.status(303);
    }
    assert_eq!(states(&app), ["V1 pending 2026-12-01"]);
    // Nor does a discount of nothing make it another.
    for _ in 0..2 {
        let sent =
            with(GRADUATED, &[("act", "save"), ("valid_from", "2027-12-01"), ("discount_percent", "0")]);
        li.post(&url, &sent).await.status(303);
    }
    assert_eq!(states(&app).len(), 2);
}

#[actix_web::test]
async fn a_draft_is_edited_and_of_two_who_do_the_second_is_told_and_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let id = app.price_version_of("li");
    let url = format!("/prices/{id}");
    let form = li.get(&format!("{url}/edit")).await.ok();
    li.submit(&form, &url, &[("act", "save"), ("charges[0].unit_price", "1.75")]).await.see_other(&url);
    assert_eq!(app.texts("SELECT unit_price FROM price_charges"), ["1.750000"]);
    let stale =
        li.submit(&form, &url, &[("act", "save"), ("charges[0].unit_price", "9.99")]).await.status(422);
    stale.contains(T.error_stale_text()).contains("value=\"9.99\"");
    assert_eq!(app.texts("SELECT unit_price FROM price_charges"), ["1.750000"]);
}

#[actix_web::test]
async fn a_plan_that_makes_no_sense_is_refused_at_the_field_and_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let (li, customer) = (app.signed_in("li").await, app.customer_of("li"));
    let url = format!("/customers/{customer}/prices");
    li.get(&format!("{url}/new")).await.ok();
    let standard =
        [("valid_from", "2026-12-01"), ("charges[0].meter", "1"), ("charges[0].model", "standard")];
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("charges[0].tiers[1].up_to", "400")], "charges[0].tiers[1].up_to"),
        (&[("charges[0].tiers[1].up_to", "500")], "charges[0].tiers[1].up_to"),
        (&[("charges[0].tiers[2].up_to", "2000")], "charges[0].tiers[2].up_to"),
        (&[("charges[0].tiers[1].up_to", "")], "charges[0].tiers[1].up_to"),
        (&[("charges[0].tiers[1].unit_price", "-1")], "charges[0].tiers[1].unit_price"),
        (&[("charges[0].tiers[1].unit_price", "0.1234567891")], "charges[0].tiers[1].unit_price"),
        (&[("charges[0].tiers[1].unit_price", "")], "charges[0].tiers[1].unit_price"),
        (&[("charges[0].tiers[1].unit_price", "一块")], "charges[0].tiers[1].unit_price"),
        (&[("charges[0].tiers[0].flat_fee", "0.001")], "charges[0].tiers[0].flat_fee"),
        (&[("discount_percent", "120"), ("discount_reason", "x")], "discount_percent"),
        (&[("discount_percent", "10")], "discount_reason"),
        (&[("minimum", "100"), ("cap", "50")], "cap"),
        (&[("valid_from", "")], "valid_from"),
        (&[("valid_from", "9999-12-31")], "valid_from"),
        (&[("charges[0].device_series", "系列")], "charges[0].device_series"),
        (&[("charges[0].text", "0-500:1; 600+:2")], "charges[0].text"),
    ];
    for (changed, field) in cases {
        let sent = with(GRADUATED, &with(&[("act", "save"), ("remarks", "留着我")], changed));
        let answer = li.post(&url, &sent).await.status(422);
        assert!(!answer.field_error(field).is_empty(), "{changed:?}");
        answer.contains("留着我");
    }
    let nothing = with(&standard, &[("act", "save")]);
    assert_eq!(
        li.post(&url, &nothing).await.status(422).field_error("charges[0].unit_price"),
        T.field_required()
    );
    let text = (0..41).map(|at| format!("charges[0].tiers[{at}].unit_price")).collect::<Vec<_>>();
    let mut many = with(&standard, &[("act", "save"), ("charges[0].model", "graduated")]);
    many.extend(text.iter().map(|name| (name.as_str(), "1")));
    li.post(&url, &many).await.status(422).contains(&T.pricing_fault_many_tiers(41, 40));
    let without = [("valid_from", "2026-12-01"), ("act", "save")];
    li.post(&url, &without).await.status(422).contains(T.price_plan_fault_no_charges());
    assert_eq!(states(&app), [""; 0]);
}

#[actix_web::test]
async fn buttons_change_the_form_and_save_nothing() {
    let app = TestApp::new().await;
    let (li, customer) = (app.signed_in("li").await, app.customer_of("li"));
    let url = format!("/customers/{customer}/prices");
    li.get(&format!("{url}/new")).await.ok();
    let press = async |act: &str, changed: &[(&str, &str)]| {
        let sent = with(GRADUATED, &with(&[("act", act)], changed));
        let page = li.post(&url, &sent).await.ok();
        let form = page.form(&url);
        let tiers = form.iter().filter(|(name, _)| name.ends_with("].unit_price") && name.contains("tiers"));
        tiers.map(|(_, value)| value.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(press("add_tier:0", &[]).await, "1.0 0.8  0.6");
    assert_eq!(press("remove_tier:0:1", &[]).await, "1.0 0.6");
    assert_eq!(press("raise_tier:0:1", &[]).await, "0.8 1.0 0.6");
    assert_eq!(press("lower_tier:0:1", &[]).await, "1.0 0.6 0.8");
    assert_eq!(press("lower_tier:0:2", &[]).await, "1.0 0.8 0.6");
    assert_eq!(press("remove_tier:7:99999999999999999999", &[]).await, "1.0 0.8 0.6");
    let typed = [("charges[0].text", "0~100：3；>100：2.5")];
    assert_eq!(press("read_text:0", &typed).await, "3 2.5");
    let page = li.post(&url, &with(GRADUATED, &[("act", "add_charge")])).await.ok();
    page.contains("charges[1].unit_price").contains("0-500:1.0; 501-1000:0.8; 1001+:0.6");
    // A text that was typed and never read counts when the form is saved.
    li.post(&url, &with(GRADUATED, &[("act", "save"), typed[0]])).await.status(303);
    assert_eq!(app.texts("SELECT unit_price FROM price_tiers ORDER BY position"), ["3.000000", "2.500000"]);
}

#[actix_web::test]
async fn a_new_version_begins_as_the_one_in_force() {
    let app = TestApp::new().await;
    let (li, customer) = (app.signed_in("li").await, app.customer_of("li"));
    app.price_in_force(customer, "2026-08-01", "1.5");
    app.price_in_force(customer, "2027-03-01", "9.5");
    let form = li.get(&format!("/customers/{customer}/prices/new")).await.ok();
    form.contains("value=\"1.5\"").contains("value=\"2026-12-01\"").lacks("9.5");
}

#[actix_web::test]
async fn the_trial_prices_the_last_three_months_beside_what_was_in_force() {
    let app = TestApp::new().await;
    let (li, customer) = (app.signed_in("li").await, app.customer_of("li"));
    app.price_in_force(customer, "2026-09-01", "1");
    for (day, quantity) in
        [("2026-08-31", 10), ("2026-09-01", 400), ("2026-09-30", 200), ("2026-10-15", 1500)]
    {
        diesel::sql_query(format!(
            "INSERT INTO usage_records (customer_id, used_on, meter_id, device_series, layer, source_id, quantity, \
             raw_quantity, intake_id, received_at) \
             VALUES ({customer}, '{day}', 1, 'X', '', 1, {quantity}, {quantity}, 1, '2026-11-01')"
        ))
        .execute(&mut app.connect())
        .unwrap();
    }
    li.get(&format!("/customers/{customer}/prices/new")).await.ok();
    let url = format!("/customers/{customer}/prices/trial");
    let part = li
        .post(
            &url,
            &with(
                GRADUATED,
                &[("trial.quantity", "800"), ("discount_percent", "10"), ("discount_reason", "x")],
            ),
        )
        .await
        .ok();
    // 500 × 1.0 + 300 × 0.8 = 740.00, less 10 %.
    let part = part.contains("CNY 666.00").contains("-74.00");
    // August had no price; September 600 against 500 + 80 less 10 %; October 1500 against 1200 less 10 %.
    for amount in ["600.00", "522.00", "78.00", "1,500.00", "1,080.00", "420.00", "2,100.00"] {
        assert!(part.body.contains(amount), "{amount}: {}", part.body);
    }
    let part = part.contains(T.price_trial_no_price()).contains(&T.price_trial_pretended("2026-08-01"));
    part.contains("data-text-of=\"charges[0].text\"");
    let faulty = li.post(&url, &with(GRADUATED, &[("charges[0].tiers[1].up_to", "1")])).await.ok();
    faulty.contains("data-fault-of=\"charges[0].tiers[1].up_to\"").contains(T.price_trial_incomplete());
    let hostile = with(GRADUATED, &[("trial.quantity", "<script>"), ("charges[999999999999].model", "x")]);
    li.post(&url, &hostile).await.ok().lacks("<script>");
    assert_eq!(app.audited(), [""; 0], "trying writes nothing");
}

#[actix_web::test]
async fn outside_of_ones_reach_there_is_no_price() {
    let app = TestApp::new().await;
    let (li, theirs, customer) =
        (app.signed_in("li").await, app.price_version_of("zhao"), app.customer_of("zhao"));
    let ours = app.price_version_of("li");
    for path in [
        format!("/prices/{theirs}"),
        format!("/prices/{theirs}/edit"),
        format!("/prices/{theirs}/compare/{ours}"),
        format!("/prices/{ours}/compare/{theirs}"),
        format!("/customers/{customer}/prices"),
        format!("/customers/{customer}/prices/new"),
        format!("/customers/{customer}/prices/new?from={ours}"),
    ] {
        li.get(&path).await.status(404);
    }
    li.get(&format!("/customers/{}/prices/new?from={theirs}", app.customer_of("li"))).await.status(404);
    for path in [format!("/prices/{theirs}/submit"), format!("/prices/{theirs}/discard")] {
        li.post(&path, &[("version", "1")]).await.status(404);
    }
    li.post(&format!("/prices/{theirs}"), GRADUATED).await.status(404);
    li.get("/prices?show=all").await.ok().contains("li 的客户").lacks("zhao 的客户");
    li.get("/prices?show=without").await.ok().lacks("zhao 的客户");
    assert_eq!(states(&app).len(), 2);
}

#[actix_web::test]
async fn the_list_has_what_waits_what_comes_and_who_has_none() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let admin = app.signed_in("admin").await;
    diesel::sql_query("UPDATE customers SET billable = TRUE, account_type = 'formal', status = 'active'")
        .execute(&mut app.connect())
        .unwrap();
    admin.get("/prices").await.ok().contains(&T.label("price_show_none", "waiting"));
    admin.get("/prices?show=without").await.ok().contains("li 的客户");
    let id = app.draft_price(customer, "2026-12-01", "1.5");
    app.arrange(|tx| commands::submit(tx, id, 1));
    let page = admin.get("/prices").await.ok().contains("li 的客户").contains(T.price_list_mine_to_decide());
    page.contains(&format!("/prices/{id}?queue=yes"));
    for filter in ["q=li", "model=standard", "origin=hand", "from=2026-12-01&to=2026-12-31", "q=kh-li"] {
        admin.get(&format!("/prices?{filter}")).await.ok().contains(&format!("/prices/{id}?queue=yes"));
    }
    for filter in ["q=nobody", "model=block", "origin=raise", "from=2027-01-01", "batch=1"] {
        admin.get(&format!("/prices?{filter}")).await.ok().contains(T.price_list_none());
    }
    app.arrange(|tx| commands::approve(tx, id, 2));
    admin.get("/prices?show=coming").await.ok().contains("li 的客户");
    admin.get("/prices?show=without").await.ok().contains("li 的客户");
    app.price_in_force(customer, "2026-01-01", "1");
    admin.get("/prices?show=without").await.ok().lacks("li 的客户");
    for sort in ["valid_from", "-valid_from", "written", "-submitted", "'; DROP TABLE x"] {
        let query = serde_html_form::to_string([("show", "all"), ("sort", sort)]).unwrap();
        admin.get(&format!("/prices?{query}")).await.ok().contains("li 的客户");
    }
    let file = admin.post("/prices/export", &[("format", "csv"), ("show", "all")]).await.ok();
    file.contains("KH-li").contains("V2");
}

#[actix_web::test]
async fn on_the_way_through_those_that_wait_the_next_one_follows() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let ids: Vec<PriceVersionId> = ["li", "zhao"].iter().map(|user| app.price_version_of(user)).collect();
    for id in &ids {
        app.arrange(|tx| commands::submit(tx, *id, 1));
    }
    let first = format!("/prices/{}", ids[0]);
    admin.get(&format!("{first}?queue=yes")).await.ok().contains(&format!("/prices/{}?queue=yes", ids[1]));
    let answer = admin.post(&format!("{first}/approve"), &[("version", "2"), ("queue", "yes")]).await;
    answer.see_other(&format!("/prices/{}?queue=yes", ids[1]));
    let answer =
        admin.post(&format!("/prices/{}/approve", ids[1]), &[("version", "2"), ("queue", "yes")]).await;
    answer.see_other("/prices?show=waiting");
}

#[actix_web::test]
async fn merging_customers_leaves_the_plan_of_the_one_that_stays_and_is_taken_back_exactly() {
    let app = TestApp::new().await;
    let (kept, gone) = (app.customer_of("li"), app.customer_of("zhao"));
    app.price_in_force(kept, "2026-08-01", "1.5");
    app.price_in_force(gone, "2026-08-01", "9");
    app.price_in_force(gone, "2027-01-01", "8");
    app.draft_price(gone, "2027-02-01", "7");
    let before = states(&app);
    let given = app.arrange(|tx| (merging::PART.give)(tx, gone, kept));
    assert_eq!(app.number(&format!("SELECT COUNT(*) FROM price_versions WHERE customer_id = {gone}")), 0);
    assert_eq!(
        states(&app),
        [
            "V1 active 2026-08-01",
            "V2 superseded 2026-08-01",
            "V3 superseded 2027-01-01",
            "V4 draft 2027-02-01"
        ]
    );
    assert_eq!(app.arrange(|tx| (merging::PART.take_back)(tx, gone, kept, given.clone())), 0);
    assert_eq!(states(&app), before);
    assert_eq!(app.number("SELECT COUNT(*) FROM price_versions WHERE ended_at IS NOT NULL"), 0);
    // Who has no price in force takes over the other one's.
    app.arrange(|tx| (merging::PART.give)(tx, kept, app.customer("KH-new", "新客户有限公司", None, None)));
    assert!(states(&app).iter().any(|state| state == "V1 active 2026-08-01"));
}

#[actix_web::test]
async fn a_customer_whose_price_begins_later_takes_the_other_ones_over_until_then() {
    let app = TestApp::new().await;
    let (kept, gone) = (app.customer_of("li"), app.customer_of("zhao"));
    app.price_in_force(kept, "2027-01-01", "1.5");
    app.price_in_force(gone, "2026-08-01", "9");
    app.price_in_force(gone, "2027-01-01", "8");
    let before = states(&app);
    let given = app.arrange(|tx| (merging::PART.give)(tx, gone, kept));
    let after = ["V1 active 2027-01-01", "V2 active 2026-08-01", "V3 superseded 2027-01-01"];
    assert_eq!(states(&app), after);
    let noted = "SELECT COUNT(*) FROM audit_entries WHERE action = 'pricing.price_version.handed_over'";
    assert_eq!(app.number(noted), 2);
    assert_eq!(app.arrange(|tx| (merging::PART.take_back)(tx, gone, kept, given.clone())), 0);
    assert_eq!(states(&app), before);
    // What could not come into force there waits for somebody to say so.
    let other = app.customer("KH-usd", "外币客户有限公司", None, None);
    diesel::sql_query(format!("UPDATE customer_details SET currency = 'USD' WHERE customer_id = {other}"))
        .execute(&mut app.connect())
        .unwrap();
    app.arrange(|tx| (merging::PART.give)(tx, gone, other));
    assert_eq!(
        app.texts(&format!("SELECT state FROM price_versions WHERE customer_id = {other}")),
        ["pending"; 2]
    );
}

#[actix_web::test]
async fn two_versions_are_compared_with_words_and_symbols() {
    let app = TestApp::new().await;
    let (li, customer) = (app.signed_in("li").await, app.customer_of("li"));
    let first = app.price_in_force(customer, "2026-08-01", "1");
    let second = app.price_in_force(customer, "2026-10-01", "1.05");
    let page = li.get(&format!("/prices/{first}/compare/{second}")).await.ok();
    page.contains(&T.price_compare_more("5")).contains(&T.price_compare_count(1));
    li.get(&format!("/prices/{second}/compare/{first}")).await.ok().contains(&T.price_compare_less("4.76"));
    li.get(&format!("/prices/{second}/compare/{second}")).await.ok().contains(T.price_compare_none());
    // Beside the other versions stands where they are today, not that they were approved.
    li.get(&format!("/prices/{second}")).await.ok().contains(T.price_plan_over());
}

#[actix_web::test]
async fn only_who_has_prices_is_told_that_the_editor_begins_with_them() {
    let app = TestApp::new().await;
    let (li, customer) = (app.signed_in("li").await, app.customer_of("li"));
    let editor = format!("/customers/{customer}/prices/new");
    li.get(&editor).await.ok().contains(T.price_editor_lead_first()).lacks(T.price_editor_lead());
    app.price_in_force(customer, "2026-08-01", "1");
    li.get(&editor).await.ok().contains(T.price_editor_lead());
}

#[actix_web::test]
async fn checks_find_what_a_hand_at_the_database_has_broken() {
    let app = TestApp::new().await;
    let id = app.price_in_force(app.customer_of("li"), "2026-08-01", "1");
    let breaches = || {
        let find = |tx: &mut Tx| -> Result<usize> {
            let mut all = 0;
            for check in opcms::pricing::price_plans::checks::ALL {
                all += (check.find)(tx)?.breaches.len();
            }
            Ok(all)
        };
        app.arrange(find)
    };
    assert_eq!(breaches(), 0);
    let wang = app.world.user("wang");
    for broken in [
        "UPDATE price_charges SET unit_price = NULL".to_owned(),
        format!("UPDATE price_versions SET author_id = {wang}, decided_by = {wang} WHERE id = {id}"),
    ] {
        let was = breaches();
        diesel::sql_query(broken).execute(&mut app.connect()).unwrap();
        assert_eq!(breaches(), was + 1);
    }
}

#[actix_web::test]
async fn a_merged_customer_has_no_editor() {
    let app = TestApp::new().await;
    let (admin, customer) = (app.signed_in("admin").await, app.customer_of("li"));
    app.price_in_force(customer, "2026-08-01", "1");
    diesel::sql_query(format!("UPDATE customers SET deleted_at = NOW(6) WHERE id = {customer}"))
        .execute(&mut app.connect())
        .unwrap();
    admin.get(&format!("/customers/{customer}/prices")).await.ok().lacks("/prices/new");
    admin.get(&format!("/customers/{customer}/prices/new")).await.status(404);
    admin.post(&format!("/customers/{customer}/prices"), GRADUATED).await.status(404);
    let found: Option<Customer> = app.arrange(|tx| opcms::customers::directory::queries::get(tx, customer));
    assert!(found.is_some_and(|customer| !customer.is_live()));
    assert_eq!(app.arrange(|tx| queries::of_customer(tx, customer)).len(), 1);
}
