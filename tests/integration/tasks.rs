//! Background tasks: worked off once, resumed where they stopped, seen and steered by those who may.

use std::sync::Arc;
use std::time::Duration;

use opcms::tasks::commands::{self, Ending, Progress};
use opcms::tasks::drill::Drill;
use opcms::tasks::model::{Held, TaskState};
use opcms::tasks::queries;
use opcms::tasks::workers::Workers;
use opcms::types::ids::{ApiTokenId, TaskId};
use opcms::types::{NewTask, Permission};
use serde_json::json;

use crate::support::TestApp;

const EMPTY: Drill = Drill { steps: 0, pause_ms: 0, fails_at: 0, busy_at: 0, report: false };

const PUT_BACK: Ending = Ending::PutBack(chrono::Duration::zero());

fn state(app: &TestApp, id: TaskId) -> TaskState {
    app.db.read(&app.system(), |db| queries::find(db, id)).unwrap().state
}

/// Takes a task as a worker would that dies right after.
fn claim(app: &TestApp, lease: &str) -> Vec<Held> {
    app.arrange(|tx| commands::claim(tx, lease, 10))
}

/// Waits for something that other threads bring about.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

#[actix_web::test]
async fn a_task_is_worked_off_and_says_what_came_of_it() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &Drill { steps: 3, ..EMPTY }.task("第一次"));
    let li = app.signed_in("li").await;
    let waiting = li.get(&format!("/tasks/{id}")).await.ok();
    waiting.contains("演练：第一次").contains("等待中").contains("data-live=\"1\"");
    assert_eq!(app.work_off().await, 1);
    // What is over is not looked at again.
    li.get(&format!("/tasks/{id}")).await.ok().contains("演练完成").contains("步数").lacks("data-live=\"1\"");
    li.get("/tasks").await.ok().contains("演练：第一次").contains("已完成");
    assert_eq!(app.work_off().await, 0, "and not again");
}

#[actix_web::test]
async fn a_task_that_a_rule_refuses_fails_at_once_and_its_owner_is_told() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &Drill { steps: 2, fails_at: 2, ..EMPTY }.task(""));
    app.work_off().await;
    assert_eq!(state(&app, id), TaskState::Failed);
    app.signed_in("li").await.get(&format!("/tasks/{id}")).await.ok().contains("演练按要求在第 2 步失败");
    assert_eq!(app.texts("SELECT kind FROM messages"), ["tasks.task_failed"]);
    assert_eq!(app.texts("SELECT url FROM messages"), [format!("/tasks/{id}")]);
}

#[actix_web::test]
async fn what_may_pass_is_tried_again_later_and_later_and_then_given_up() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &Drill { steps: 3, busy_at: 2, ..EMPTY }.task("").tries(3));
    for (attempt, pause) in [(1, 5), (2, 20)] {
        assert_eq!(app.work_off().await, 1);
        let task = app.db.read(&app.system(), |db| queries::find(db, id)).unwrap();
        assert_eq!((task.state, task.attempts), (TaskState::Waiting, attempt));
        assert!(task.waits_for_next_try());
        app.clock.advance(chrono::Duration::seconds(pause - 1));
        assert_eq!(app.work_off().await, 0, "not before its time");
        app.clock.advance(chrono::Duration::seconds(1));
    }
    app.work_off().await;
    assert_eq!(state(&app, id), TaskState::Failed);
    // How far it came is kept, though it was too quick to be written on the way.
    assert_eq!(app.number("SELECT done FROM tasks"), 1);
}

#[actix_web::test]
async fn a_kind_that_this_version_does_not_know_is_left_to_newer_ones() {
    let app = TestApp::new().await;
    let task = NewTask { kind: "tasks.of_tomorrow", ..Drill::default().task("") };
    let id = app.enqueue_as("li", &task);
    for _ in 0..9 {
        assert_eq!(app.work_off().await, 1);
        app.clock.advance(chrono::Duration::minutes(1));
    }
    let task = app.db.read(&app.system(), |db| queries::find(db, id)).unwrap();
    assert_eq!((task.state, task.attempts), (TaskState::Waiting, 0), "no try counts");
}

#[actix_web::test]
async fn what_is_to_stop_is_not_tried_again() {
    let app = TestApp::new().await;
    let held_at = |steps: Drill| {
        let id = app.enqueue_as("li", &steps.task(""));
        (id, claim(&app, "worker").remove(0))
    };
    let cancel = |id| app.db.write(&app.actor("li"), |tx| commands::cancel(tx, id)).unwrap();
    // Its try ends for another reason after somebody has asked.
    let (first, held) = held_at(EMPTY);
    cancel(first);
    assert!(app.arrange(|tx| commands::end(tx, &held, "worker", &PUT_BACK, Progress::default())));
    assert_eq!(state(&app, first), TaskState::Cancelled);
    // Its worker dies after somebody has asked: the heir does not begin.
    let (second, _) = held_at(Drill { steps: 1, fails_at: 1, ..EMPTY });
    cancel(second);
    app.clock.advance(chrono::Duration::seconds(30));
    app.work_off().await;
    assert_eq!(state(&app, second), TaskState::Cancelled);
}

#[actix_web::test]
async fn a_task_may_do_no_more_than_the_token_that_asked_for_it() {
    let app = TestApp::new().await;
    let mut limited = (*app.actor("admin")).clone();
    limited.grants.retain(|permission, _| *permission == Permission::TaskView);
    limited.token_id = Some(ApiTokenId(app.token_of("admin")));
    app.db.write(&Arc::new(limited), |tx| tx.enqueue(&EMPTY.task(""))).unwrap();
    app.enqueue_as("admin", &EMPTY.task(""));
    let kept = app.texts("SELECT COALESCE(permissions, 'all') FROM tasks ORDER BY id");
    assert_eq!(kept, ["[\"tasks.task.view\"]", "all"]);
    assert_eq!(app.work_off().await, 2);
}

#[actix_web::test]
async fn a_lease_is_renewed_unless_its_body_is_just_writing() {
    let app = TestApp::new().await;
    app.enqueue_as("li", &EMPTY.task(""));
    app.enqueue_as("li", &EMPTY.task(""));
    let held = claim(&app, "worker");
    let ids: Vec<TaskId> = held.iter().map(|held| held.id).collect();
    app.clock.advance(chrono::Duration::seconds(20));
    let ours = app.arrange(|tx| {
        commands::look(tx, &held[0], "worker")?;
        // Another connection, as the heartbeat has; it must not wait for the one that writes.
        app.db.write(&app.system(), |tx| commands::renew(tx, "worker", &ids))
    });
    assert_eq!(ours, [((ids[0], 1), false), ((ids[1], 1), false)], "both are still ours");
    app.clock.advance(chrono::Duration::seconds(15));
    assert_eq!(claim(&app, "heir").iter().map(|held| held.id).collect::<Vec<_>>(), [ids[0]]);
}

#[actix_web::test]
async fn what_a_dead_worker_has_left_goes_on_from_its_last_step() {
    let app = TestApp::new().await;
    // Begun from the first step, it would fail at the second.
    let id = app.enqueue_as("li", &Drill { steps: 5, fails_at: 2, ..EMPTY }.task(""));
    let held = claim(&app, "the dead one").remove(0);
    let now = app.clock.now();
    app.arrange(|tx| commands::keep_checkpoint(tx, held.id, &json!(4), now));
    assert_eq!(app.work_off().await, 0, "its lease holds");
    app.clock.advance(chrono::Duration::seconds(30));
    assert_eq!(app.work_off().await, 1);
    let task = app.db.read(&app.system(), |db| queries::find(db, id)).unwrap();
    assert_eq!((task.state, task.attempts), (TaskState::Succeeded, 2));
}

#[actix_web::test]
async fn a_worker_that_was_thought_dead_can_write_nothing_any_more() {
    let app = TestApp::new().await;
    app.enqueue_as("li", &EMPTY.task(""));
    let late = claim(&app, "the late one").remove(0);
    app.clock.advance(chrono::Duration::seconds(30));
    let now = claim(&app, "its heir").remove(0);
    assert_eq!((late.attempts, now.attempts), (1, 2));
    let put_back = |held: &Held, lease: &str| {
        app.arrange(|tx| commands::end(tx, held, lease, &PUT_BACK, Progress::default()))
    };
    assert!(!put_back(&late, "the late one"));
    assert!(!put_back(&late, "its heir"), "not even under the heir's mark");
    assert!(put_back(&now, "its heir"));
}

#[actix_web::test]
async fn a_task_whose_workers_always_die_is_given_up() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &EMPTY.task("").tries(2));
    for _ in 0..2 {
        assert_eq!(claim(&app, "killed").len(), 1);
        app.clock.advance(chrono::Duration::seconds(30));
    }
    app.work_off().await;
    assert_eq!(state(&app, id), TaskState::Failed);
    app.signed_in("li").await.get(&format!("/tasks/{id}")).await.ok().contains("多次中途终止");
}

#[actix_web::test]
async fn a_task_that_waits_is_cancelled_at_once_and_can_be_started_again() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &EMPTY.task(""));
    let li = app.signed_in("li").await;
    li.post(&format!("/tasks/{id}/cancel"), &[]).await.see_other(&format!("/tasks/{id}"));
    assert_eq!(state(&app, id), TaskState::Cancelled);
    assert_eq!(app.work_off().await, 0);
    // A second click changes nothing and says so.
    li.post(&format!("/tasks/{id}/cancel"), &[]).await.see_other(&format!("/tasks/{id}"));
    li.get(&format!("/tasks/{id}")).await.ok().contains("任务已经结束");
    li.post(&format!("/tasks/{id}/retry"), &[]).await.see_other(&format!("/tasks/{id}"));
    assert_eq!(app.work_off().await, 1);
    assert_eq!(state(&app, id), TaskState::Succeeded);
    li.post(&format!("/tasks/{id}/retry"), &[]).await.see_other(&format!("/tasks/{id}"));
    assert_eq!(state(&app, id), TaskState::Succeeded, "what is done is not done again");
    assert!(app.audited().is_empty(), "what people do with their own tasks is no news");
}

#[actix_web::test]
async fn a_task_at_work_stops_at_its_next_step_when_it_is_cancelled() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &Drill { steps: 100_000, pause_ms: 5, ..EMPTY }.task(""));
    let workers = Workers::start(Arc::clone(&app.state), 1).unwrap();
    until("the task is at work", || app.number("SELECT done FROM tasks") > 0).await;
    let li = app.signed_in("li").await;
    li.post(&format!("/tasks/{id}/cancel"), &[]).await.see_other(&format!("/tasks/{id}"));
    until("the task is cancelled", || state(&app, id) == TaskState::Cancelled).await;
    workers.stop(Duration::from_secs(10)).await;
}

#[actix_web::test]
async fn a_process_that_ends_puts_its_tasks_back() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &Drill { steps: 100_000, pause_ms: 5, ..EMPTY }.task(""));
    let workers = Workers::start(Arc::clone(&app.state), 2).unwrap();
    until("the task is at work", || state(&app, id) == TaskState::Running).await;
    workers.stop(Duration::from_secs(10)).await;
    let task = app.db.read(&app.system(), |db| queries::find(db, id)).unwrap();
    assert_eq!((task.state, task.attempts), (TaskState::Waiting, 0), "the try does not count");
}

#[actix_web::test]
async fn two_processes_share_the_work_and_do_each_task_once() {
    let app = TestApp::new().await;
    app.arrange(|tx| (0..200).try_for_each(|number| tx.enqueue(&EMPTY.task(number.to_string())).map(|_| ())));
    let pools = [1, 3].map(|size| Workers::start(Arc::clone(&app.state), size).unwrap());
    until("all are done", || app.number("SELECT COUNT(*) FROM tasks WHERE state = 'succeeded'") == 200).await;
    for pool in pools {
        pool.stop(Duration::from_secs(10)).await;
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM tasks WHERE attempts <> 1"), 0);
}

#[actix_web::test]
async fn a_task_runs_with_the_rights_of_its_owner_or_not_at_all() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("zhao", &EMPTY.task(""));
    let zhao = app.world.user("zhao");
    app.signed_in("admin")
        .await
        .post(&format!("/users/{zhao}/disable"), &[])
        .await
        .see_other(&format!("/users/{zhao}"));
    app.work_off().await;
    assert_eq!(state(&app, id), TaskState::Failed);
    app.signed_in("admin").await.get(&format!("/tasks/{id}")).await.ok().contains("发起人已无法登录");
}

#[actix_web::test]
async fn people_see_their_own_tasks_and_those_that_their_scope_reaches() {
    let app = TestApp::new().await;
    let tasks =
        ["li", "zhao", "wang"].map(|user| (user, app.enqueue_as(user, &EMPTY.task(format!("von-{user}")))));
    let system = app.arrange(|tx| tx.enqueue(&EMPTY.task("von-system")));
    // wang leads 华东 and below: li is there, zhao is not; the system is nobody's.
    for (viewer, seen) in
        [("li", vec!["li"]), ("wang", vec!["li", "wang"]), ("admin", vec!["li", "zhao", "wang", "system"])]
    {
        let client = app.signed_in(viewer).await;
        let list = client.get("/tasks?whose=all").await.ok();
        for name in ["li", "zhao", "wang", "system"] {
            assert_eq!(
                list.body.contains(&format!("von-{name}")),
                seen.contains(&name),
                "{viewer} and {name}'s"
            );
        }
        for (owner, id) in tasks.iter().map(|(owner, id)| (*owner, *id)).chain([("system", system)]) {
            let status = client.get(&format!("/tasks/{id}")).await.status;
            assert_eq!(status, if seen.contains(&owner) { 200 } else { 404 }, "{viewer} and {owner}'s");
            let cancelled = client.post(&format!("/tasks/{id}/cancel"), &[]).await.status;
            assert_eq!(cancelled == 404, !seen.contains(&owner), "{viewer} cancels {owner}'s");
        }
        let own = client.get("/tasks").await.ok();
        assert_eq!(own.body.contains("von-li"), viewer == "li", "{viewer}");
    }
}

#[actix_web::test]
async fn who_may_see_a_task_may_not_for_that_stop_it() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &EMPTY.task(""));
    let auditor = app.signed_in("auditor").await;
    auditor.post(&format!("/tasks/{id}/cancel"), &[]).await.see_other(&format!("/tasks/{id}"));
    auditor.get(&format!("/tasks/{id}")).await.ok().contains("可以查看").lacks("停止任务");
    assert_eq!(state(&app, id), TaskState::Waiting);
    let admin = app.signed_in("admin").await;
    admin.post(&format!("/tasks/{id}/cancel"), &[]).await.see_other(&format!("/tasks/{id}"));
    assert_eq!(app.audited(), ["tasks.task.cancelled"], "what is done to others' tasks is in the audit log");
}

#[actix_web::test]
async fn a_program_lists_cancels_and_retries() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &Drill { steps: 1, fails_at: 1, ..EMPTY }.task("api"));
    let api = app.api("li");
    let list = api.get("/api/v1/tasks").await.json();
    assert_eq!(list["items"][0]["state"], "waiting");
    app.work_off().await;
    let task = api.get(&format!("/api/v1/tasks/{id}")).await.json();
    assert_eq!((&task["state"], &task["attempts"]), (&json!("failed"), &json!(1)));
    assert!(task["error"].as_str().unwrap().contains('1'), "{task}");
    let task = api.post(&format!("/api/v1/tasks/{id}/retry"), json!({})).await.json();
    assert_eq!(task["state"], "waiting");
    let task = api.post(&format!("/api/v1/tasks/{id}/cancel"), json!({})).await.json();
    assert_eq!(task["state"], "cancelled");
    for query in ["state=nonsense", "kind=%25", "whose=theirs"] {
        assert_eq!(api.get(&format!("/api/v1/tasks?{query}")).await.status, 422, "{query}");
    }
}

#[actix_web::test]
async fn a_file_that_a_task_made_is_for_who_asked_for_it() {
    let app = TestApp::new().await;
    let id = app.enqueue_as("li", &Drill { steps: 2, report: true, ..EMPTY }.task("report"));
    app.work_off().await;
    let file = app.number("SELECT file_id FROM tasks");
    let (li, wang, zhao) =
        (app.signed_in("li").await, app.signed_in("wang").await, app.signed_in("zhao").await);
    li.get(&format!("/tasks/{id}")).await.ok().contains(&format!("/files/{file}"));
    let path = format!("/files/{file}");
    assert_eq!(li.get(&path).await.ok().body, "1\n2\n");
    // Who may see the task sees it without what was made with the rights of somebody else.
    wang.get(&format!("/tasks/{id}")).await.ok().lacks(&path);
    wang.get("/tasks?whose=all").await.ok().lacks(&path);
    for other in [&wang, &zhao] {
        assert_eq!(other.get(&path).await.status, 404);
    }
    let seen = app.api("admin").get(&format!("/api/v1/tasks/{id}")).await.json();
    assert_eq!(seen["file_id"], json!(null));
    assert_eq!(app.api("li").get(&format!("/api/v1/tasks/{id}")).await.json()["file_id"], file);
}

#[actix_web::test]
async fn old_tasks_are_forgotten_and_the_files_that_they_made() {
    let app = TestApp::new().await;
    app.enqueue_as("li", &Drill { steps: 1, report: true, ..EMPTY }.task("old"));
    app.arrange(|tx| tx.enqueue(&EMPTY.task("of the system")));
    app.work_off().await;
    app.enqueue_as("li", &EMPTY.task("waits"));
    app.clock.advance(chrono::Duration::days(2));
    assert_eq!(app.arrange(commands::forget_old), 1, "what the system did without trouble goes after a day");
    app.clock.advance(chrono::Duration::days(29));
    assert_eq!(app.arrange(commands::forget_old), 1);
    assert_eq!(app.texts("SELECT label FROM tasks"), ["waits"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM files WHERE deleted_at IS NULL"), 0);
}

#[actix_web::test]
async fn the_top_bar_counts_ones_own_tasks_that_are_not_over() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    li.get("/").await.ok().contains("后台任务：0 个未完成").lacks("counter-number");
    app.enqueue_as("li", &EMPTY.task(""));
    app.enqueue_as("wang", &EMPTY.task(""));
    li.get("/").await.ok().contains("后台任务：1 个未完成").contains("counter-number");
    li.get_part("/top-bar").await.ok().contains("后台任务：1 个未完成").lacks("<h1");
    app.work_off().await;
    li.get_part("/top-bar").await.ok().contains("后台任务：0 个未完成");
}
