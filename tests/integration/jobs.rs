//! Jobs: what is due fires once, what was missed can be caught up, who watches is told, and secrets stay secret.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier};
use std::thread;

use chrono::Duration;
use diesel::connection::SimpleConnection as _;
use opcms::i18n::Tr;
use opcms::jobs::catalogue::Catalogue;
use opcms::jobs::runs::model::RunState;
use opcms::jobs::ticker;
use serde_json::json;

use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

/// An application that may call this machine.
async fn local_app() -> TestApp {
    TestApp::with(&[("OPCMS_ALLOW_LOCAL_REQUESTS", "true")]).await
}

/// Looks once at what is due, as the ticker does every second.
#[track_caller]
fn tick(app: &TestApp) -> usize {
    ticker::tick(&app.state).unwrap()
}

/// Looks, and works off what that put into the queue, until nothing is left.
pub async fn tick_and_work(app: &TestApp) {
    tick(app);
    while app.work_off().await > 0 {
        tick(app);
    }
}

/// The fields of a job that posts to an address.
fn fields<'a>(name: &'a str, cron: &'a str, url: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", name),
        ("cron", cron),
        ("misfire", "once"),
        ("timeout_seconds", "5"),
        ("retries", "0"),
        ("watchers", "admin"),
        ("method", "POST"),
        ("url", url),
        ("expected_status", "200-299"),
    ]
}

/// Fields with some of them changed.
fn with<'a>(mut fields: Vec<(&'a str, &'a str)>, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
    fields.extend_from_slice(changed);
    fields
}

/// Makes a job through the page; returns its address.
async fn create(admin: &Client, fields: &[(&str, &str)]) -> String {
    let answer = admin.post("/jobs", fields).await.status(303);
    answer.header("location").unwrap().to_owned()
}

/// The id at the end of a job's address.
fn id(url: &str) -> u64 {
    url.rsplit('/').next().unwrap().parse().unwrap()
}

/// The runs of a job, as `moment state cause`, in the order of their moments.
fn runs(app: &TestApp, job: &str) -> Vec<String> {
    app.texts(&format!(
        "SELECT CONCAT_WS(' ', DATE_FORMAT(fire_at, '%d %H:%i:%s'), state, cause) FROM job_runs \
         WHERE job_id = {} ORDER BY fire_at, id",
        id(job)
    ))
}

fn states(app: &TestApp, job: &str) -> Vec<String> {
    app.texts(&format!("SELECT state FROM job_runs WHERE job_id = {} ORDER BY fire_at, id", id(job)))
}

/// A server that answers each request with the next of these answers; tells what it was sent.
fn serve(answers: &[&'static str]) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    let answers: Vec<&'static str> = answers.to_vec();
    thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut request = String::new();
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut buffer) {
                request.push_str(&String::from_utf8_lossy(&buffer[..read]));
                if is_whole(&request) {
                    break;
                }
            }
            let _ = tell.send(request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, told)
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ndone";
const BROKEN: &str = "HTTP/1.1 500 Broken\r\ncontent-length: 4\r\nconnection: close\r\n\r\noops";

#[actix_web::test]
async fn built_in_jobs_are_written_once_and_stay_as_staff_set_them() {
    let app = TestApp::new().await;
    let all = app.part::<Catalogue>().codes().len();
    assert_eq!(ticker::prepare(&app.state).unwrap(), all);
    assert_eq!(ticker::prepare(&app.state).unwrap(), 0);
    let admin = app.signed_in("admin").await;
    let list = admin.get("/jobs").await.ok();
    let list = list.contains(&T.label("job", "accounts.housekeeping")).contains(&T.jobs_every_day("03:30"));
    list.contains(T.jobs_never_ran()).lacks("accounts.housekeeping");
    let check = app.number("SELECT id FROM jobs WHERE code = 'db.check'");
    let page =
        admin.get(&format!("/jobs/{check}/edit")).await.ok().lacks("name=\"url\"").lacks("name=\"name\"");
    let to = format!("/jobs/{check}");
    admin.submit(&page, &to, &[("cron", "0 5 * * *"), ("retries", "7")]).await.see_other(&to);
    ticker::prepare(&app.state).unwrap();
    let kept = app.texts("SELECT CONCAT(cron, '/', retries) FROM jobs WHERE code = 'db.check'");
    assert_eq!(kept, ["0 5 * * */7"]);
    // Those who administer watch them from the beginning.
    assert_eq!(app.number("SELECT COUNT(*) FROM job_watchers"), i64::try_from(all).unwrap());
    assert_eq!(app.audited(), ["jobs.job.updated"]);
}

#[actix_web::test]
async fn what_is_due_fires_once_and_its_history_tells_what_came_of_it() {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    assert_eq!(tick(&app), 0, "nothing is due yet");
    // It is 10:00 in Shanghai; the housekeeping is due every hour.
    app.clock.advance(Duration::hours(1));
    assert_eq!(tick(&app), 1);
    assert_eq!(tick(&app), 0, "it has fired");
    assert_eq!(app.texts("SELECT kind FROM tasks"), ["jobs.run"]);
    assert_eq!(app.work_off().await, 1);
    let row = app.texts(
        "SELECT CONCAT_WS(' ', state, fire_at, business_date, attempts, task_id IS NOT NULL) FROM job_runs",
    );
    assert_eq!(row, ["succeeded 2026-11-20 03:00:00.000000 2026-11-20 1 1"]);
    assert_eq!(app.texts("SELECT state FROM tasks"), ["succeeded"]);
    let admin = app.signed_in("admin").await;
    admin.get("/jobs").await.ok().contains(&RunState::Succeeded.label(T));
    let job = app.number("SELECT id FROM jobs WHERE code = 'accounts.housekeeping'");
    let run = app.number("SELECT id FROM job_runs");
    let page = admin.get(&format!("/jobs/{job}")).await.ok();
    page.contains(&format!("/jobs/{job}/runs/{run}")).contains("2026-11-20 12:00:00");
    admin.get(&format!("/jobs/{job}/runs/{run}")).await.ok().contains(&T.jobs_done_swept(0));
    let history = format!("/jobs/{job}/runs");
    admin.get(&history).await.ok().contains(&format!("{history}/{run}"));
    admin.get(&format!("{history}?state=failed")).await.ok().contains(T.jobs_runs_none());
    admin.get(&format!("{history}?from=2026-11-21")).await.ok().contains(T.jobs_runs_none());
    admin.get(&format!("{history}?state=x&from=y&older=z")).await.ok().contains(&format!("{history}/{run}"));
}

/// How often three tickers race for what is due.
const ROUNDS: usize = 15;

#[actix_web::test]
async fn three_tickers_fire_each_moment_exactly_once() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let mut jobs = Vec::new();
    for name in ["一", "二", "三"] {
        let fields = fields(name, "* * * * *", "https://example.com/");
        jobs.push(create(&admin, &with(fields, &[("allow_overlap", "true")])).await);
    }
    for _ in 0..ROUNDS {
        app.clock.advance(Duration::minutes(1));
        let start = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    start.wait();
                    ticker::tick(&app.state).unwrap();
                });
            }
        });
    }
    for job in &jobs {
        assert_eq!(states(&app, job).len(), ROUNDS, "{job}");
    }
    let tasks = app.number("SELECT COUNT(*) FROM tasks WHERE kind = 'jobs.run'");
    assert_eq!(usize::try_from(tasks).unwrap(), ROUNDS * jobs.len());
    let begun = app.number("SELECT COUNT(DISTINCT task_id) FROM job_runs");
    assert_eq!(begun, tasks);
}

#[actix_web::test]
async fn after_a_downtime_each_policy_does_what_it_says() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let mut jobs = Vec::new();
    for misfire in ["skip", "once", "each"] {
        let fields = fields(misfire, "30 * * * *", "https://example.com/");
        jobs.push(create(&admin, &with(fields, &[("misfire", misfire)])).await);
    }
    // Down from 10:00 to 13:00: 10:30, 11:30 and 12:30 were missed.
    app.clock.advance(Duration::hours(3));
    assert_eq!(tick(&app), 3);
    assert_eq!(states(&app, &jobs[0]), ["missed", "missed", "missed"]);
    assert_eq!(states(&app, &jobs[1]), ["missed", "missed", "waiting"]);
    assert_eq!(states(&app, &jobs[2]), ["waiting", "waiting", "waiting"]);
    // One after the other: each of the last job waits for the one before it.
    assert_eq!(app.number("SELECT COUNT(*) FROM tasks"), 2);
    let next = app.texts("SELECT DISTINCT CAST(next_fire_at AS CHAR) FROM jobs");
    assert_eq!(next, ["2026-11-20 05:30:00.000000"]);
    let admin = app.signed_in("admin").await;
    admin.get("/jobs").await.ok().contains(&T.jobs_missed_banner(5));
    // While the runs of a job are unfinished, what falls due is skipped, and says so.
    app.clock.advance(Duration::minutes(30));
    tick(&app);
    assert_eq!(runs(&app, &jobs[2]).last().unwrap(), "20 05:30:00 skipped schedule");
    let admin = app.signed_in("admin").await;
    let page = admin.get(&format!("{}/runs?state=skipped", jobs[2])).await.ok();
    page.contains(T.jobs_outcome_skipped());
    assert_eq!(app.number("SELECT COUNT(*) FROM messages"), 0, "what is skipped is no failure");
}

#[actix_web::test]
async fn a_week_without_an_every_second_job_is_bounded_and_summed_up() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let job =
        create(&admin, &with(fields("秒", "* * * * * *", "https://example.com/"), &[("misfire", "skip")]))
            .await;
    app.clock.advance(Duration::days(7));
    tick(&app);
    // 100 are listed, the older ones are one line; of the 61 on time one waits, the others are skipped.
    assert_eq!(app.number("SELECT COUNT(*) FROM job_runs WHERE state = 'missed'"), 101);
    assert_eq!(app.number("SELECT COUNT(*) FROM job_runs WHERE state = 'skipped'"), 60);
    assert_eq!(app.number("SELECT MAX(covers) FROM job_runs"), 10_000);
    let admin = app.signed_in("admin").await;
    let summed = app.number("SELECT id FROM job_runs WHERE covers > 1").to_string();
    admin.get("/jobs/missed").await.ok().contains(&T.jobs_covers_more(10_000));
    let refused = admin.post("/jobs/missed/catch-up", &[("id", &summed)]).await.status(422);
    refused.contains(T.jobs_refused_summed_up());
    admin
        .post("/jobs/missed/dismiss", &[("id", &summed), ("reason", "停机")])
        .await
        .see_other("/jobs/missed");
    assert_eq!(states(&app, &job)[0], "dismissed");
}

#[actix_web::test]
async fn missed_runs_are_caught_up_once_by_their_own_day() {
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    let (address, told) = serve(&[OK, OK]);
    let url = format!("{address}/?day={{business_date}}");
    let job = create(&admin, &with(fields("日报", "0 2 * * *", &url), &[("misfire", "skip")])).await;
    app.clock.advance(Duration::days(3));
    tick(&app);
    assert_eq!(states(&app, &job), ["missed", "missed", "missed"]);
    let admin = app.signed_in("admin").await;
    let ids = app.texts("SELECT CAST(id AS CHAR) FROM job_runs ORDER BY fire_at");
    let page = admin.get("/jobs/missed").await.ok().contains("2026-11-21").contains("2026-11-23");
    assert!(page.form("/jobs/missed/catch-up").iter().all(|(name, _)| name != "id"), "nothing is chosen yet");
    let none = admin.post("/jobs/missed/catch-up", &[]).await.status(422);
    none.contains(T.jobs_missed_choose());
    let chosen = [("id", ids[0].as_str()), ("id", ids[2].as_str())];
    let answer = admin.post("/jobs/missed/catch-up", &chosen).await.see_other("/jobs/missed");
    assert_eq!(answer.flash(), T.jobs_caught_up(2));
    // The same form once more finds nothing left to do.
    admin.post("/jobs/missed/catch-up", &chosen).await.status(422).contains(T.jobs_refused_not_missed());
    tick_and_work(&app).await;
    assert_eq!(states(&app, &job), ["succeeded", "missed", "succeeded"]);
    let asked: Vec<String> = told.iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    assert_eq!(asked, ["POST /?day=2026-11-21 HTTP/1.1", "POST /?day=2026-11-23 HTTP/1.1"]);
    let dismissed = [("id", ids[1].as_str()), ("reason", "")];
    let faulty = admin.post("/jobs/missed/dismiss", &dismissed).await.status(422);
    assert_eq!(faulty.field_error("reason"), T.field_required());
    faulty.contains(&format!("value=\"{}\"", ids[1])).contains(" checked");
    let dismissed = [("id", ids[1].as_str()), ("reason", "周末不需要")];
    admin.post("/jobs/missed/dismiss", &dismissed).await.see_other("/jobs/missed");
    let run = admin.get(&format!("{job}/runs/{}", ids[1])).await.ok();
    run.contains("周末不需要").contains(&RunState::Dismissed.label(T));
    admin.get("/jobs/missed").await.ok().contains(T.jobs_missed_none());
    assert_eq!(app.audited(), ["jobs.job.created", "jobs.job.caught_up", "jobs.job.dismissed"]);
    // Hostile ids name nothing.
    for id in ["0", "-1", "x", "99999999999999999999"] {
        let answer = admin.post("/jobs/missed/catch-up", &[("id", id)]).await;
        assert!([303, 422].contains(&answer.status), "{}", answer.summary());
    }
}

#[actix_web::test]
async fn a_failure_is_told_at_once_then_hourly_then_that_it_works_again() {
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    let (address, _told) = serve(&[BROKEN, BROKEN, BROKEN, OK, OK]);
    let job =
        create(&admin, &with(fields("同步", "*/30 * * * *", &address), &[("watchers", "admin, wang")])).await;
    let messages = || app.texts("SELECT kind FROM messages ORDER BY id");
    let mut expected = Vec::new();
    for wanted in
        [Some("jobs.job_failed"), None, Some("jobs.job_still_failing"), Some("jobs.job_recovered"), None]
    {
        app.clock.advance(Duration::minutes(30));
        tick_and_work(&app).await;
        expected.extend(wanted);
        assert_eq!(messages(), expected);
    }
    assert_eq!(states(&app, &job), ["failed", "failed", "failed", "succeeded", "succeeded"]);
    app.send_messages().await;
    let inbox = app.texts("SELECT CONCAT_WS(' ', subject, body) FROM notifications ORDER BY id");
    assert_eq!(inbox.len(), 6, "three messages for two people: {inbox:?}");
    assert!(inbox.iter().any(|text| text.contains("同步") && text.contains("2026-11-20 10:30")), "{inbox:?}");
    assert!(inbox.iter().any(|text| text.contains(&T.jobs_http_status("200-299", 500))), "{inbox:?}");
    let recipients = app.texts("SELECT recipients FROM messages LIMIT 1").remove(0);
    for name in ["admin", "wang"] {
        let user = app.world.user(name);
        assert!(
            recipients.contains(&format!("\"user\": {user}"))
                || recipients.contains(&format!("\"user\":{user}"))
        );
    }
    let told = app.texts("SELECT variables FROM messages ORDER BY id");
    assert!(told[0].contains("同步") && told[0].contains("2026-11-20T02:30:00"), "{}", told[0]);
    assert!(told[0].contains(&T.jobs_http_status("200-299", 500)), "{}", told[0]);
    assert!(told[1].contains("\"failures\":3") || told[1].contains("\"failures\": 3"), "{}", told[1]);
    assert!(told[2].contains("\"failures\":3") || told[2].contains("\"failures\": 3"), "{}", told[2]);
}

#[actix_web::test]
async fn a_request_carries_its_placeholders_and_its_secret_is_told_nowhere() {
    const SECRET: &str = "sk-very/secret+value";
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    let echo = "HTTP/1.1 200 OK\r\ncontent-length: 78\r\nconnection: close\r\n\r\n\
                you sent sk-very/secret+value, sk-very%2fsecret%2bvalue, sk-very\\/secret+value";
    let (address, told) = serve(&[echo, OK]);
    let url = format!("{address}/hook?key={{secret.KEY}}");
    let made = with(
        fields("推送", "0 2 * * *", &url),
        &[
            ("headers", "Authorization: Bearer {secret.KEY}\nX-Fire: {fire_time}"),
            ("body", "{\"day\":\"{business_date}\"}"),
            ("secret_name", "KEY"),
            ("secret_value", SECRET),
        ],
    );
    let job = create(&admin, &made).await;
    admin.post(&format!("{job}/run"), &[("business_date", "2026-10-31")]).await.status(303);
    tick_and_work(&app).await;
    assert_eq!(states(&app, &job), ["succeeded"]);
    let request = told.recv().unwrap();
    assert!(request.contains("POST /hook?key=sk-very%2Fsecret%2Bvalue HTTP/1.1"), "{request}");
    assert!(request.contains(&format!("authorization: Bearer {SECRET}")), "{request}");
    assert!(request.contains("x-fire: 2026-11-20T02:00:00.000000Z"), "{request}");
    assert!(request.ends_with("{\"day\":\"2026-10-31\"}"), "{request}");
    let edit = admin.get(&format!("{job}/edit")).await.ok();
    let edit = edit.contains("value=\"KEY\"").contains(T.jobs_secret_kept());
    // Blank keeps it.
    let saved = admin.submit(&edit, &job, &[("description", "每晚推送")]).await.see_other(&job);
    assert_eq!(saved.flash(), T.jobs_updated("推送"));
    admin.post(&format!("{job}/run"), &[]).await.status(303);
    tick_and_work(&app).await;
    assert!(told.recv().unwrap().contains(SECRET));
    let run = app.number("SELECT MIN(id) FROM job_runs");
    let mut seen: Vec<Answer> = Vec::new();
    for page in [
        job.clone(),
        format!("{job}/edit"),
        format!("{job}/runs"),
        format!("{job}/runs/{run}"),
        "/audit".into(),
    ] {
        seen.push(admin.get(&page).await.ok());
    }
    for path in [format!("/api/v1{job}"), format!("/api/v1{job}/logs"), "/api/v1/audit/entries".into()] {
        seen.push(app.api("admin").get(&path).await.ok());
    }
    for answer in &seen {
        assert!(!answer.body.contains("sk-very"), "{}", answer.summary());
    }
    assert!(seen[3].body.contains("••••"), "{}", seen[3].summary());
    for query in [
        "SELECT CONCAT_WS(' ', request, description) FROM jobs",
        "SELECT CONCAT_WS(' ', outcome, log_lines) FROM job_runs",
        "SELECT CONCAT_WS(' ', input, result, error) FROM tasks",
        "SELECT changes FROM audit_entries",
    ] {
        assert!(app.texts(query).iter().all(|text| !text.contains("sk-very")), "{query}");
    }
}

#[actix_web::test]
async fn a_redirect_is_not_followed_and_no_answer_is_told_from_no_connection() {
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (address, _told) = serve(&[moved]);
    let closed = format!("http://{}/", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let never_answers = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}/", never_answers.local_addr().unwrap());
    for (name, url, state, said) in [
        ("转移", &address, "failed", T.jobs_http_status("200-299", 302)),
        ("没人", &closed, "failed", T.jobs_http_unreached().to_owned()),
        ("沉默", &silent, "timed_out", T.jobs_http_timed_out(1)),
    ] {
        let job = create(&admin, &with(fields(name, "0 2 * * *", url), &[("timeout_seconds", "1")])).await;
        admin.post(&format!("{job}/run"), &[]).await.status(303);
        tick_and_work(&app).await;
        assert_eq!(states(&app, &job), [state], "{name}");
        let run = app.number(&format!("SELECT id FROM job_runs WHERE job_id = {}", id(&job)));
        admin.get(&format!("{job}/runs/{run}")).await.ok().contains(&said);
    }
}

#[actix_web::test]
async fn a_fault_that_may_pass_is_tried_again_as_often_as_the_job_says() {
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    let (address, _told) = serve(&[BROKEN, BROKEN, OK]);
    let job = create(&admin, &with(fields("重试", "0 2 * * *", &address), &[("retries", "2")])).await;
    admin.post(&format!("{job}/run"), &[]).await.status(303);
    for wanted in ["waiting", "waiting", "succeeded"] {
        tick_and_work(&app).await;
        assert_eq!(states(&app, &job), [wanted]);
        app.clock.advance(Duration::minutes(2));
    }
    assert_eq!(app.number("SELECT attempts FROM job_runs"), 3);
    assert_eq!(app.number("SELECT COUNT(*) FROM messages"), 0, "it went well in the end");
    let run = app.number("SELECT id FROM job_runs");
    admin.get(&format!("{job}/runs/{run}")).await.ok().contains(&T.jobs_log_attempt(3)).contains("oops");
}

#[actix_web::test]
async fn what_must_not_be_done_twice_is_not_sent_twice_when_its_ending_is_lost() {
    let app = local_app().await;
    let admin = app.signed_in("admin").await;
    let (address, told) = serve(&[OK, OK]);
    let job = create(&admin, &with(fields("扣款", "0 2 * * *", &address), &[("retries", "2")])).await;
    admin.post(&format!("{job}/run"), &[]).await.status(303);
    // It is sent and answered, but how it ended cannot be written down.
    app.connect()
        .batch_execute("ALTER TABLE job_runs ADD CONSTRAINT lost CHECK (finished_at IS NULL)")
        .unwrap();
    tick_and_work(&app).await;
    assert_eq!(states(&app, &job), ["running"]);
    app.connect().batch_execute("ALTER TABLE job_runs DROP CONSTRAINT lost").unwrap();
    app.clock.advance(Duration::minutes(1));
    tick_and_work(&app).await;
    assert_eq!(states(&app, &job), ["failed"]);
    assert_eq!(told.try_iter().count(), 1, "it was sent once");
    let run = app.number("SELECT id FROM job_runs");
    admin.get(&format!("{job}/runs/{run}")).await.ok().contains(&T.jobs_http_may_be_done(1));
    // Somebody has looked, and runs it again.
    app.clock.advance(Duration::minutes(1));
    admin.post(&format!("{job}/run"), &[]).await.status(303);
    tick_and_work(&app).await;
    assert_eq!(states(&app, &job), ["failed", "succeeded"]);
    assert_eq!(told.try_iter().count(), 1);
}

#[actix_web::test]
async fn a_job_that_is_pointed_elsewhere_has_to_be_told_its_secrets_again() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let made = with(
        fields("推送", "0 2 * * *", "https://api.example.com/a?key={secret.KEY}"),
        &[("secret_name", "KEY"), ("secret_value", "top-secret")],
    );
    let job = create(&admin, &made).await;
    let edit = admin.get(&format!("{job}/edit")).await.ok();
    for url in [
        "https://evil.example.com/a?key={secret.KEY}",
        "http://api.example.com/a?key={secret.KEY}",
        "https://api.example.com:8443/a?key={secret.KEY}",
    ] {
        let refused = admin.submit(&edit, &job, &[("url", url)]).await.status(422);
        assert_eq!(refused.field_error("secrets"), T.jobs_secret_elsewhere(), "{url}");
    }
    admin.submit(&edit, &job, &[("url", "https://api.example.com/b?key={secret.KEY}")]).await.see_other(&job);
    let edit = admin.get(&format!("{job}/edit")).await.ok();
    let moved = [("url", "https://new.example.com/?key={secret.KEY}"), ("secret_value", "another-secret")];
    admin.submit(&edit, &job, &moved).await.see_other(&job);
    assert!(app.texts("SELECT request FROM jobs")[0].contains("new.example.com"));
}

#[actix_web::test]
async fn a_job_that_cannot_be_fired_holds_up_no_other() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let poisoned = create(&admin, &fields("毒", "0 * * * *", "https://example.com/")).await;
    let due = create(&admin, &fields("好", "0 * * * *", "https://example.com/")).await;
    let asked = create(&admin, &fields("手动", "0 0 1 1 *", "https://example.com/")).await;
    admin.post(&format!("{asked}/run"), &[]).await.status(303);
    app.connect()
        .batch_execute(&format!(
            "ALTER TABLE job_runs ADD CONSTRAINT poison CHECK (job_id <> {})",
            id(&poisoned)
        ))
        .unwrap();
    app.clock.advance(Duration::hours(1));
    tick(&app);
    assert_eq!(states(&app, &due), ["waiting"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM tasks"), 2, "what is due and what was asked for have begun");
    let next = app.texts("SELECT CAST(next_fire_at AS CHAR) FROM jobs WHERE name = '毒'");
    assert_eq!(next, ["2026-11-20 04:00:00.000000"], "it is put off to its next time");
    assert_eq!(tick(&app), 0);
}

#[actix_web::test]
async fn a_name_hides_no_job_that_is_built_in() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    create(&admin, &fields("db.check", "0 2 * * *", "https://example.com/")).await;
    ticker::prepare(&app.state).unwrap();
    let found = app.arrange(|tx| opcms::jobs::schedule::queries::by_code_or_name(tx, "db.check"));
    assert_eq!(found.and_then(|job| job.code).as_deref(), Some("db.check"));
}

#[actix_web::test]
async fn addresses_of_this_machine_are_refused_unless_allowed() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    for url in
        ["http://127.0.0.1:3306/", "http://169.254.169.254/latest", "http://[::1]/", "http://localhost/"]
    {
        let answer = admin.post("/jobs", &fields("本机", "0 2 * * *", url)).await.status(422);
        assert_eq!(answer.field_error("url"), T.jobs_url_local(), "{url}");
    }
    // One that was made while it was allowed is refused when it is sent.
    let job = create(&admin, &fields("本机", "0 2 * * *", "http://example.com/")).await;
    app.connect()
        .batch_execute("UPDATE jobs SET request = REPLACE(request, 'example.com', '127.0.0.1')")
        .unwrap();
    admin.post(&format!("{job}/run"), &[]).await.status(303);
    tick_and_work(&app).await;
    assert_eq!(states(&app, &job), ["failed"]);
    let run = app.number("SELECT id FROM job_runs");
    admin.get(&format!("{job}/runs/{run}")).await.ok().contains(T.jobs_url_local());
}

#[actix_web::test]
async fn an_invalid_job_comes_back_with_its_faults_and_what_was_typed() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/jobs/new").await.ok();
    let good = fields("好", "0 2 * * *", "https://example.com/");
    let long = "字".repeat(101);
    for (field, value, at, fault) in [
        ("name", "", "name", T.field_required().to_owned()),
        ("name", long.as_str(), "name", T.field_too_long(100)),
        ("cron", "", "cron", T.field_required().to_owned()),
        ("cron", "0 0 31 2 *", "cron", T.jobs_cron_never().to_owned()),
        ("cron", "99 * * * *", "cron", T.jobs_cron_field(T.label("cron_field", "minute"), "99")),
        ("cron", "<script>", "cron", T.jobs_cron_shape().to_owned()),
        ("misfire", "x", "misfire", T.field_unknown_choice().to_owned()),
        ("timeout_seconds", "0", "timeout_seconds", T.jobs_number_between(1, 600)),
        ("timeout_seconds", "601", "timeout_seconds", T.jobs_number_between(1, 600)),
        ("retries", "-1", "retries", T.jobs_number_between(0, 10)),
        ("watchers", "admin, nobody", "watchers", T.jobs_watchers_unknown("nobody")),
        ("method", "TRACE", "method", T.field_unknown_choice().to_owned()),
        ("url", "not an address", "url", T.jobs_url_unreadable().to_owned()),
        ("url", "https://example.com/{secret.A}", "secrets", T.jobs_secret_missing("A")),
        ("headers", "no colon", "headers", T.jobs_headers_line(1)),
        ("headers", "Authorization: Bearer abc", "headers", T.jobs_headers_secret("Authorization")),
        ("expected_status", "2xx", "expected_status", T.jobs_expected_status_unreadable().to_owned()),
    ] {
        let answer = admin.post("/jobs", &with(good.clone(), &[(field, value)])).await.status(422);
        assert_eq!(answer.field_error(at), fault, "{field}={value:?}");
        answer.lacks("<script>").contains("value=\"admin");
    }
    for (name, value, fault) in [
        ("a b", "long enough", T.jobs_secret_name().to_owned()),
        ("KEY", "", T.jobs_secret_value_required().to_owned()),
        ("KEY", "abc", T.jobs_secret_short(4)),
    ] {
        let secret = [("secret_name", name), ("secret_value", value)];
        let answer = admin.post("/jobs", &with(good.clone(), &secret)).await.status(422);
        assert_eq!(answer.field_error("secrets"), fault);
        assert!(value.len() < 4 || !answer.body.contains(value));
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM jobs"), 0);
    create(&admin, &good).await;
    let twice = admin.post("/jobs", &good).await.status(422);
    assert_eq!(twice.field_error("name"), T.jobs_name_taken());
}

#[actix_web::test]
async fn the_next_times_are_shown_while_the_expression_is_typed() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let part = admin.get_part("/jobs/new?cron=30+9+*+*+1-5").await.ok();
    part.contains(&T.jobs_every_workday("09:30"))
        .contains("2026-11-23 09:30:00")
        .contains("2026-11-27 09:30:00");
    admin
        .get_part("/jobs/new?cron=61+9+*+*+*")
        .await
        .ok()
        .contains(&T.jobs_cron_field(T.label("cron_field", "minute"), "61"));
    // Without a script a button of the form asks for them, and nothing typed is lost.
    let asked = with(fields("预览", "0 8 1 * *", "https://example.com/"), &[("preview", "1")]);
    let shown = admin.post("/jobs", &asked).await.ok();
    shown.contains("2026-12-01 08:00:00").contains("value=\"预览\"");
    assert_eq!(app.number("SELECT COUNT(*) FROM jobs"), 0);
}

#[actix_web::test]
async fn an_edit_of_what_somebody_else_has_changed_is_refused() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let job = create(&admin, &fields("甲", "0 2 * * *", "https://example.com/")).await;
    let form = admin.get(&format!("{job}/edit")).await.ok();
    admin.submit(&form, &job, &[("cron", "0 3 * * *")]).await.see_other(&job);
    let stale = admin.submit(&form, &job, &[("cron", "0 4 * * *")]).await.status(422);
    stale.contains(T.error_stale_text()).contains("0 4 * * *");
    assert_eq!(app.texts("SELECT cron FROM jobs"), ["0 3 * * *"]);
    let next = app.texts("SELECT CAST(next_fire_at AS CHAR) FROM jobs");
    assert_eq!(next, ["2026-11-20 19:00:00.000000"], "another expression begins anew");
    admin.get(&job).await.ok().contains("0 2 * * *").contains(&T.label("audited", "cron"));
}

#[actix_web::test]
async fn a_paused_job_fires_nothing_and_misses_nothing() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let job = create(&admin, &fields("甲", "0 * * * *", "https://example.com/")).await;
    admin.post(&format!("{job}/pause"), &[]).await.see_other(&job);
    assert_eq!(admin.post(&format!("{job}/pause"), &[]).await.flash(), T.jobs_refused_paused());
    admin.get(&job).await.ok().contains(T.jobs_state_paused()).contains(T.jobs_paused_since());
    app.clock.advance(Duration::days(2));
    assert_eq!(tick(&app), 0);
    let admin = app.signed_in("admin").await;
    admin.post(&format!("{job}/resume"), &[]).await.see_other(&job);
    assert_eq!(admin.post(&format!("{job}/resume"), &[]).await.flash(), T.jobs_refused_not_paused());
    assert_eq!(tick(&app), 0);
    assert!(runs(&app, &job).is_empty());
    app.clock.advance(Duration::hours(1));
    assert_eq!(tick(&app), 1);
    assert_eq!(app.audited(), ["jobs.job.created", "jobs.job.paused", "jobs.job.resumed"]);
}

#[actix_web::test]
async fn a_run_by_hand_asks_for_its_day_and_waits_for_the_one_before() {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    let admin = app.signed_in("admin").await;
    let job = format!("/jobs/{}", app.number("SELECT id FROM jobs WHERE code = 'accounts.housekeeping'"));
    let form = admin.get(&format!("{job}/run")).await.ok().contains("value=\"2026-11-20\"");
    for (day, fault) in [("2026-11-21", T.jobs_business_date_future()), ("31.10.2026", T.field_day())] {
        let answer = admin.submit(&form, &format!("{job}/run"), &[("business_date", day)]).await.status(422);
        assert_eq!(answer.field_error("business_date"), fault);
    }
    let answer =
        admin.submit(&form, &format!("{job}/run"), &[("business_date", "2026-10-31")]).await.status(303);
    assert_eq!(answer.flash(), T.jobs_triggered());
    // Sent twice is harmless.
    let again =
        admin.submit(&form, &format!("{job}/run"), &[("business_date", "2026-10-31")]).await.status(422);
    again.contains(T.jobs_refused_busy());
    admin.get(&job).await.ok().contains(T.jobs_refused_busy());
    assert_eq!(app.number("SELECT COUNT(*) FROM tasks"), 0, "the ticker begins it");
    tick_and_work(&app).await;
    let row = "SELECT CONCAT_WS(' ', business_date, state, cause) FROM job_runs";
    assert_eq!(app.texts(row), ["2026-10-31 succeeded manual"]);
    // It runs in the name of the system, and the audit log knows who asked.
    assert_eq!(app.number("SELECT COUNT(*) FROM tasks WHERE user_id IS NULL"), 1);
    assert_eq!(app.audited(), ["jobs.job.triggered"]);
    let auditor = app.as_role("auditor").await;
    auditor.get(&job).await.ok().lacks(&format!("{job}/run\"")).lacks(&format!("{job}/edit"));
}

#[actix_web::test]
async fn a_run_agrees_with_a_task_that_ended_without_it() {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    let admin = app.signed_in("admin").await;
    let job = format!("/jobs/{}", app.number("SELECT id FROM jobs WHERE code = 'accounts.housekeeping'"));
    let ask = || async {
        admin.post(&format!("{job}/run"), &[]).await.status(303);
        tick(&app);
        app.number("SELECT MAX(id) FROM tasks")
    };
    // Stopped before it began.
    let task = ask().await;
    admin.post(&format!("/tasks/{task}/cancel"), &[]).await.status(303);
    tick(&app);
    assert_eq!(states(&app, &job), ["cancelled"]);
    // Given up with its worker: the worker was killed at its last try.
    app.clock.advance(Duration::minutes(1));
    let task = ask().await;
    app.connect()
        .batch_execute(&format!(
            "UPDATE tasks SET attempts = max_attempts WHERE id = {task}; \
            UPDATE job_runs SET state = 'running', attempts = 1 WHERE task_id = {task}"
        ))
        .unwrap();
    tick_and_work(&app).await;
    assert_eq!(states(&app, &job), ["cancelled", "failed"]);
    assert_eq!(app.texts("SELECT kind FROM messages"), ["jobs.job_failed"]);
    // A worker was killed between the end of the run and the end of its task: the task finds nothing to do.
    app.clock.advance(Duration::minutes(1));
    let task = ask().await;
    app.connect()
        .batch_execute(&format!(
            "UPDATE job_runs SET state = 'succeeded', started_at = created_at, \
            finished_at = created_at WHERE task_id = {task}"
        ))
        .unwrap();
    assert_eq!(app.work_off().await, 1);
    assert_eq!(states(&app, &job), ["cancelled", "failed", "succeeded"]);
    // Its task is gone altogether.
    app.clock.advance(Duration::minutes(1));
    let task = ask().await;
    app.connect()
        .batch_execute(&format!("UPDATE job_runs SET state = 'running' WHERE task_id = {task}; DELETE FROM tasks WHERE id = {task}"))
        .unwrap();
    tick(&app);
    assert_eq!(states(&app, &job).last().unwrap(), "failed");
}

#[actix_web::test]
async fn a_breach_fails_the_check_and_its_log_names_it() {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    let admin = app.signed_in("admin").await;
    let job = format!("/jobs/{}", app.number("SELECT id FROM jobs WHERE code = 'db.check'"));
    admin.post(&format!("{job}/run"), &[]).await.status(303);
    tick_and_work(&app).await;
    assert_eq!(states(&app, &job), ["succeeded"]);
    let east = app.world.department("华东");
    app.connect().batch_execute(&format!("UPDATE departments SET path = '/99/' WHERE id = {east}")).unwrap();
    app.clock.advance(Duration::minutes(1));
    admin.post(&format!("{job}/run"), &[]).await.status(303);
    tick_and_work(&app).await;
    assert_eq!(states(&app, &job), ["succeeded", "failed"]);
    assert_eq!(
        app.number("SELECT attempts FROM job_runs ORDER BY id DESC LIMIT 1"),
        1,
        "it will be no better"
    );
    let run = app.number("SELECT MAX(id) FROM job_runs");
    admin.get(&format!("{job}/runs/{run}")).await.ok().contains("华东");
    assert_eq!(app.texts("SELECT kind FROM messages"), ["jobs.job_failed"]);
}

#[actix_web::test]
async fn old_runs_are_forgotten_after_the_days_of_the_settings() {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    app.clock.advance(Duration::hours(1));
    tick_and_work(&app).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM job_runs"), 1);
    app.connect().batch_execute("UPDATE jobs SET paused_at = created_at, next_fire_at = NULL").unwrap();
    app.clock.advance(Duration::days(91));
    let job = format!("/jobs/{}", app.number("SELECT id FROM jobs WHERE code = 'jobs.forget_old'"));
    let admin = app.signed_in("admin").await;
    admin.post(&format!("{job}/run"), &[]).await.status(303);
    tick_and_work(&app).await;
    let left = app.texts("SELECT jobs.code FROM job_runs JOIN jobs ON jobs.id = job_id");
    assert_eq!(left, ["jobs.forget_old"]);
    admin.get("/jobs").await.ok();
}

#[actix_web::test]
async fn a_job_of_staff_goes_with_its_history_and_a_built_in_one_stays() {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    let admin = app.signed_in("admin").await;
    let builtin = format!("/jobs/{}", app.number("SELECT MIN(id) FROM jobs"));
    admin.get(&format!("{builtin}/delete")).await.ok().contains(T.jobs_refused_builtin());
    let refused = admin.post(&format!("{builtin}/delete"), &[]).await.see_other(&builtin);
    assert_eq!(refused.flash(), T.jobs_refused_builtin());
    let job = create(&admin, &fields("甲", "0 2 * * *", "https://example.invalid/")).await;
    admin.post(&format!("{job}/run"), &[]).await.status(303);
    let busy = admin.post(&format!("{job}/delete"), &[]).await.see_other(&job);
    assert_eq!(busy.flash(), T.jobs_refused_delete_busy());
    tick_and_work(&app).await;
    admin.get(&format!("{job}/delete")).await.ok().contains(T.jobs_delete_text());
    assert_eq!(
        admin.post(&format!("{job}/delete"), &[]).await.see_other("/jobs").flash(),
        T.jobs_deleted("甲")
    );
    assert_eq!(app.number("SELECT COUNT(*) FROM job_runs"), 0);
    admin.get(&job).await.status(404);
    admin.post(&format!("{job}/run"), &[]).await.status(404);
}

#[actix_web::test]
async fn a_built_in_job_that_is_gone_is_shown_as_such_and_never_fires() {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    app.connect()
        .batch_execute("UPDATE jobs SET code = 'old.room' WHERE code = 'accounts.housekeeping'")
        .unwrap();
    app.clock.advance(Duration::hours(2));
    assert_eq!(tick(&app), 0);
    let admin = app.signed_in("admin").await;
    let job = format!("/jobs/{}", app.number("SELECT id FROM jobs WHERE code = 'old.room'"));
    admin.get("/jobs").await.ok().contains(T.jobs_state_gone());
    admin.get(&job).await.ok().contains(T.jobs_gone_text()).contains(T.jobs_refused_gone());
    admin.post(&format!("{job}/run"), &[]).await.status(422).contains(T.jobs_refused_gone());
}

#[actix_web::test]
async fn the_api_does_what_the_pages_do() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let body = json!({
        "name": "接口任务", "cron": "0 2 * * *", "url": "https://example.invalid/{business_date}", "method": "GET",
        "headers": "X-Key: {secret.KEY}", "secrets": [{"name": "KEY", "value": "top-secret"}], "retries": 0,
        "watchers": "admin",
    });
    let made = api.post_once("/api/v1/jobs", "one", body.clone()).await.status(201).lacks("top-secret");
    api.post_once("/api/v1/jobs", "one", body.clone()).await.status(201);
    let job = made.json();
    assert_eq!(
        (&job["secrets"], &job["kind"], &job["watchers"]),
        (&json!(["KEY"]), &json!("http"), &json!("admin"))
    );
    let path = format!("/api/v1/jobs/{}", job["id"]);
    api.post("/api/v1/jobs", body).await.status(422).contains("name");
    api.patch(&path, json!({"cron": "0 3 * * *"})).await.status(422);
    let changed = api.patch(&path, json!({"cron": "0 3 * * *", "version": job["version"]})).await.ok().json();
    assert_eq!((&changed["cron"], &changed["secrets"]), (&json!("0 3 * * *"), &json!(["KEY"])));
    api.patch(&path, json!({"cron": "0 4 * * *", "version": job["version"]})).await.status(409);
    assert_eq!(api.get("/api/v1/jobs").await.ok().json()["total"], 1);
    assert_eq!(api.post(&format!("{path}/pause"), json!({})).await.ok().json()["paused"], true);
    assert_eq!(api.post(&format!("{path}/pause"), json!({})).await.status(422).problem(), "job_is_paused");
    assert_eq!(api.post(&format!("{path}/resume"), json!({})).await.ok().json()["paused"], false);
    let run =
        api.post(&format!("{path}/trigger"), json!({"business_date": "2026-10-31"})).await.status(201).json();
    assert_eq!((&run["business_date"], &run["state"]), (&json!("2026-10-31"), &json!("waiting")));
    let again = api.post(&format!("{path}/trigger"), json!({"business_date": "2026-10-31"})).await;
    assert_eq!(again.status(422).problem(), "job_is_busy");
    api.post(&format!("{path}/trigger"), json!({})).await.status(422).contains("business_date");
    api.post(&format!("{path}/trigger"), json!({"business_date": "2099-01-01"})).await.status(422);
    tick_and_work(&app).await;
    let logs = api.get(&format!("{path}/logs")).await.ok().json();
    assert_eq!(logs["items"][0]["state"], "failed");
    api.get(&format!("{path}/logs?state=x")).await.status(422);
    api.delete(&path).await.status(204);
    api.get(&path).await.status(404);
}

#[actix_web::test]
async fn the_ticker_beats_by_itself_and_stops_when_it_is_told_to() {
    let app = TestApp::new().await;
    ticker::prepare(&app.state).unwrap();
    app.clock.advance(Duration::hours(1));
    let schedule = ticker::Schedule::start(Arc::clone(&app.state)).await.unwrap();
    let mut looks = 0;
    while app.number("SELECT COUNT(*) FROM job_runs") == 0 {
        looks += 1;
        assert!(looks < 200, "the ticker does not beat");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    schedule.stop().await;
    assert_eq!(app.number("SELECT COUNT(*) FROM job_runs"), 1);
}
