//! Moving customers: by hand, by the rules of the night, and by people who decide on what the rules propose.

use chrono::{Duration, NaiveDate};
use diesel::connection::SimpleConnection as _;

use opcms::customers::directory::cause::Cause;
use opcms::customers::directory::commands::save_all;
use opcms::customers::directory::queries;
use opcms::customers::status::model::{Cause as MoveCause, Status};
use opcms::customers::status::{activity, nightly};
use opcms::i18n::Tr;
use opcms::jobs::schedule;
use opcms::jobs::{runs, ticker};
use opcms::types::ids::CustomerId;
use opcms::types::time::business_day;
use opcms::types::{Action, Permission};

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

fn today(app: &TestApp) -> NaiveDate {
    business_day(app.clock.now())
}

/// Puts a customer where it shall begin, as an import does.
fn place(app: &TestApp, id: CustomerId, becomes: Status) {
    app.arrange(|tx| {
        let before = queries::lock(tx, Permission::CustomerEdit, id)?;
        let mut after = before.fields.clone();
        after.status = becomes;
        let cause =
            Cause::by_hand(Action::CustomerImported, Permission::CustomerEdit).moving(MoveCause::Undo);
        save_all(tx, vec![(before, after)], &cause)
    });
}

fn status(app: &TestApp, id: CustomerId) -> String {
    app.texts(&format!("SELECT status FROM customers WHERE id = {id}")).remove(0)
}

fn use_on(app: &TestApp, id: CustomerId, days_ago: i64) {
    app.clock.advance(Duration::seconds(1));
    let day = today(app) - Duration::days(days_ago);
    app.arrange(|tx| activity::commands::note_usage(tx, id, day));
}

fn owe(app: &TestApp, id: CustomerId, days: Option<i64>) {
    let since = days.map(|days| today(app) - Duration::days(days));
    app.arrange(|tx| activity::commands::note_overdue(tx, id, since));
}

/// Runs the job of the night as the schedule does.
async fn night(app: &TestApp) {
    let job =
        app.db.read(&app.system(), |db| schedule::queries::by_code_or_name(db, nightly::job::NIGHTLY.code));
    let job = job.unwrap().unwrap().id;
    let today = today(app);
    app.arrange(|tx| runs::commands::trigger(tx, job, today, &[nightly::job::NIGHTLY.code]));
    ticker::tick(&app.state).unwrap();
    app.work_off().await;
    let state = "SELECT state FROM job_runs ORDER BY id DESC LIMIT 1";
    assert_eq!(
        app.texts(state),
        ["succeeded"],
        "{:?}",
        app.texts("SELECT COALESCE(outcome, '') FROM job_runs")
    );
    app.clock.advance(Duration::minutes(1));
}

async fn with_jobs() -> TestApp {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    app
}

#[actix_web::test]
async fn a_customer_is_moved_only_where_it_may_go_and_with_a_reason_where_it_ends() {
    let app = TestApp::new().await;
    let id = app.customer_of("li");
    let li = app.signed_in("li").await;
    let (url, page) = (format!("/customers/{id}/status"), format!("/customers/{id}"));
    let form = li.get(&url).await.ok().contains("value=\"onboarding\"").lacks("value=\"archived\"");
    for (becomes, reason, field, fault) in [
        ("", "", "becomes", T.field_required().to_owned()),
        ("nonsense", "", "becomes", T.field_unknown_choice().to_owned()),
        ("archived", "x", "becomes", T.status_cannot_move(Status::Archived.label(T), Status::Lead.label(T))),
        ("lead", "", "becomes", T.status_stays().to_owned()),
        ("terminated", " ", "reason", T.field_required().to_owned()),
    ] {
        let answer = li.submit(&form, &url, &[("becomes", becomes), ("reason", reason)]).await.status(422);
        assert_eq!(answer.field_error(field), fault, "{becomes}");
    }
    let moved = li.submit(&form, &url, &[("becomes", "active")]).await.see_other(&page);
    assert_eq!(moved.flash(), T.status_moved(Status::Active.label(T)));
    // The same form once more was read before the move.
    li.submit(&form, &url, &[("becomes", "dormant")]).await.status(422).contains(T.error_stale_text());
    let form = li.get(&url).await.ok();
    li.submit(&form, &url, &[("becomes", "terminated"), ("reason", "合同到期")]).await.see_other(&page);
    li.get(&url).await.ok().contains("合同到期").contains(&Status::Terminated.label(T)).contains("李雷");
    assert_eq!(app.audited(), ["customers.status.moved", "customers.status.moved"]);
    app.as_role("analyst").await.get(&url).await.ok().lacks("name=\"becomes\"");
    app.as_role("analyst").await.post(&url, &[("becomes", "active")]).await.status(403);
    let zhao = app.customer_of("zhao");
    li.post(&format!("/customers/{zhao}/status"), &[("becomes", "active"), ("version", "1")])
        .await
        .status(404);
    li.post(&format!("/customers/{zhao}/status"), &[("becomes", "nonsense")]).await.status(404);
}

#[actix_web::test]
async fn what_the_page_shows_is_what_the_night_does() {
    let app = with_jobs().await;
    let make = |code: &str, becomes: Status| {
        let id = app.customer(code, &format!("{code} 公司"), None, Some("li"));
        place(&app, id, becomes);
        id
    };
    let (fresh, idle, woken, silent) = (
        make("A1", Status::Onboarding),
        make("A2", Status::Active),
        make("A3", Status::Dormant),
        make("A4", Status::Active),
    );
    use_on(&app, fresh, 1);
    use_on(&app, idle, 400);
    use_on(&app, woken, 2);
    let li = app.signed_in("li").await;
    let page =
        li.get("/customers/status").await.ok().contains("A1 公司").contains("A2 公司").contains("A3 公司");
    let page = page.lacks("A4 公司");
    let day = |days: i64| (today(&app) - Duration::days(days)).to_string();
    page.contains(&T.status_told_no_usage(day(400), 401)).contains(&T.status_told_first_usage(day(1)));
    app.signed_in("zhao")
        .await
        .get("/customers/status")
        .await
        .ok()
        .lacks("A1 公司")
        .contains(T.nightly_none());
    night(&app).await;
    let all = [fresh, idle, woken, silent].map(|id| status(&app, id));
    assert_eq!(all, ["active", "dormant", "active", "active"]);
    let causes = app.texts("SELECT CONCAT(cause, ' ', JSON_UNQUOTE(JSON_EXTRACT(facts, '$.days'))) FROM status_moves WHERE facts IS NOT NULL ORDER BY customer_id");
    assert_eq!(causes, ["first_usage 1", "no_usage 400", "usage_again 2"]);
    // Once more changes nothing, and says so beforehand.
    li.get("/customers/status").await.ok().contains(T.nightly_none());
    let moves = app.number("SELECT COUNT(*) FROM status_moves");
    night(&app).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM status_moves"), moves);
    // The history tells the rule and what it saw.
    li.get(&format!("/customers/{idle}/history")).await.ok().contains(&T.status_told_no_usage(day(400), 400));
}

#[actix_web::test]
async fn one_customer_that_cannot_be_moved_holds_up_no_other() {
    let app = with_jobs().await;
    let (bad, good) = (app.customer("B1", "坏公司", None, None), app.customer("B2", "好公司", None, None));
    for id in [bad, good] {
        place(&app, id, Status::Onboarding);
        use_on(&app, id, 1);
    }
    app.connect()
        .batch_execute(&format!("UPDATE customers SET company_code = 'B 1' WHERE id = {bad}"))
        .unwrap();
    night(&app).await;
    assert_eq!([bad, good].map(|id| status(&app, id)), ["onboarding", "active"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM job_runs WHERE log_lines LIKE '%坏公司%'"), 1);
}

#[actix_web::test]
async fn an_overdue_customer_is_suspended_by_a_person_and_restored_when_it_has_paid() {
    let app = with_jobs().await;
    let id = app.customer_of("li");
    place(&app, id, Status::Trial);
    owe(&app, id, Some(30));
    let li = app.signed_in("li").await;
    li.get("/customers/status").await.ok().contains(T.nightly_proposed());
    night(&app).await;
    assert_eq!(status(&app, id), "trial", "the rule only proposes");
    night(&app).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM status_proposals"), 1);
    let proposal = app.number("SELECT id FROM status_proposals");
    let url = format!("/customers/status/proposals/{proposal}");
    let page = li.get("/customers/status/proposals").await.ok().contains("li 的客户有限公司");
    app.as_role("analyst").await.get("/customers/status/proposals").await.ok().lacks("/approve");
    app.as_role("analyst").await.post(&format!("{url}/approve"), &[]).await.status(403);
    assert_eq!(page.form(&format!("{url}/approve")).len(), 2);
    li.post(&format!("{url}/approve"), &[]).await.see_other("/customers/status/proposals");
    assert_eq!(status(&app, id), "suspended");
    let again = li.post(&format!("{url}/approve"), &[]).await.see_other("/customers/status/proposals");
    assert_eq!(again.flash(), T.nightly_decided());
    night(&app).await;
    assert_eq!(status(&app, id), "suspended", "it still owes");
    owe(&app, id, None);
    li.get("/customers/status").await.ok().contains(T.status_told_paid_up());
    night(&app).await;
    assert_eq!(status(&app, id), "trial");
}

#[actix_web::test]
async fn a_proposal_is_rejected_with_a_reason_or_lapses() {
    let app = with_jobs().await;
    let (one, other) = (app.customer_of("li"), app.customer("C2", "另一家", None, Some("li")));
    for id in [one, other] {
        place(&app, id, Status::Active);
        owe(&app, id, Some(60));
    }
    night(&app).await;
    let of =
        |id: CustomerId| app.number(&format!("SELECT id FROM status_proposals WHERE customer_id = {id}"));
    let li = app.signed_in("li").await;
    li.get("/customers/status/proposals").await.ok();
    let url = format!("/customers/status/proposals/{}/reject", of(one));
    let blank = li.post(&url, &[]).await.see_other("/customers/status/proposals");
    assert_eq!(blank.flash(), T.nightly_reason_needed());
    li.post(&url, &[("reason", "已约定分期")]).await.see_other("/customers/status/proposals");
    owe(&app, other, None);
    night(&app).await;
    let states = app.texts("SELECT state FROM status_proposals ORDER BY customer_id");
    assert_eq!(states, ["rejected", "lapsed"]);
    night(&app).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM status_proposals"), 2, "what was decided is not asked again");
    assert_eq!([one, other].map(|id| status(&app, id)), ["active", "active"]);
    let theirs = app.customer_of("zhao");
    place(&app, theirs, Status::Active);
    owe(&app, theirs, Some(60));
    night(&app).await;
    li.post(&format!("/customers/status/proposals/{}/approve", of(theirs)), &[]).await.status(404);
    li.post("/customers/status/proposals/999/approve", &[]).await.status(404);
    li.get("/customers/status/proposals").await.ok().lacks("zhao 的客户");
}

#[actix_web::test]
async fn who_has_not_used_the_service_for_long_is_warned_about() {
    let app = TestApp::new().await;
    for (code, days) in [("D1", 89), ("D2", 90), ("D3", 364), ("D4", 365)] {
        let id = app.customer(code, &format!("{code} 公司"), None, Some("li"));
        place(&app, id, Status::Active);
        use_on(&app, id, days);
    }
    let page = app.signed_in("li").await.get("/customers/status/warnings").await.ok();
    page.lacks("D1 公司").contains("D2 公司").contains("D3 公司").lacks("D4 公司");
}

#[actix_web::test]
async fn the_lists_of_the_night_go_on_where_a_page_ends() {
    let app = TestApp::new().await;
    for number in 0..60 {
        let id = app.customer(&format!("E{number:02}"), &format!("第{number}家公司"), None, Some("li"));
        place(&app, id, Status::Onboarding);
        use_on(&app, id, 1);
    }
    let li = app.signed_in("li").await;
    let first = li.get("/customers/status").await.ok().contains(&T.nightly_shown(50));
    let next = first.body.split("href=\"").find(|rest| rest.starts_with("/customers/status?after=")).unwrap();
    let next = next.split('"').next().unwrap();
    li.get(next).await.ok().contains(&T.nightly_shown(10)).contains("第59家公司").lacks("第49家公司");
    li.get("/customers/status?after=x").await.ok().contains("第0家公司");
}
