//! The engine room with real processes: two `opcms serve` on one database, one of them killed again and again. Every
//! task is done, and a job that fires every second fires exactly once for every second.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use opcms::db::{Database, PoolOptions};
use opcms::jobs::cron::Expression;
use opcms::jobs::http::model::{HttpDraft, Method};
use opcms::jobs::schedule;
use opcms::jobs::schedule::model::{JobDraft, MadeDraft, Misfire};
use opcms::tasks::drill::Drill;
use opcms::types::ids::JobId;
use opcms::types::{Actor, Clock};
use tempfile::TempDir;

use crate::support::robot::ChatServer;
use crate::support::{Template, TestDatabase, system};

const TASKS: u64 = 2_000;
const DRILL: Drill = Drill { steps: 3, pause_ms: 20, fails_at: 0, busy_at: 0, report: false };

/// Long enough for a lease to run out behind the last kill.
const PATIENCE: Duration = Duration::from_mins(4);

/// A process that serves; it is killed with the value.
struct Serve {
    child: Child,
    _home: TempDir,
}

impl Serve {
    fn start(database: &TestDatabase) -> Serve {
        let home = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_opcms"))
            .arg("serve")
            .current_dir(home.path())
            .env("DATABASE_URL", database.url())
            .env("OPCMS_DATA_DIR", home.path())
            .env("OPCMS_LISTEN", address.to_string())
            .env("OPCMS_SECRET", "the same for both, 32 characters or more")
            .env("OPCMS_ALLOW_LOCAL_REQUESTS", "true")
            .env("OPCMS_TASK_WORKERS", "2")
            .env("OPCMS_LOG", "error")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let serve = Serve { child, _home: home };
        until("the process listens", || TcpStream::connect(address).is_ok());
        serve
    }
}

impl Drop for Serve {
    /// `kill -9`.
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn every_second(db: &Database, actor: &Arc<Actor>, url: &str) -> JobId {
    let http = HttpDraft {
        method: Method::Get,
        url: format!("{url}?at={{fire_time}}"),
        headers: Vec::new(),
        body: String::new(),
        expected_status: "200".into(),
        secrets: Vec::new(),
    };
    let draft = JobDraft {
        cron: Expression::read("* * * * * *").unwrap(),
        misfire: Misfire::Each,
        timeout_seconds: 20,
        retries: 5,
        allow_overlap: true,
        watchers: Vec::new(),
        made: Some(MadeDraft { name: "every second".into(), description: String::new(), http }),
    };
    db.write(actor, |tx| schedule::commands::create(tx, &draft)).unwrap()
}

#[test]
fn two_processes_lose_nothing_and_do_nothing_twice_though_one_is_killed_twice() {
    let database = TestDatabase::filled(&Template::get().statements);
    let options = PoolOptions { size: 2, patience: Duration::from_secs(5) };
    let (db, actor) = (Database::new(&database.url(), options, Clock::System), system());
    let number = |query: &str| sql::<BigInt>(query).get_result::<i64>(&mut database.connect()).unwrap();
    let chat = ChatServer::start("{}");

    let _steady = Serve::start(&database);
    let mut killed = Serve::start(&database);
    let job = every_second(&db, &actor, &chat.url);
    db.write(&actor, |tx| (0..TASKS).try_for_each(|n| tx.enqueue(&DRILL.task(n.to_string())).map(|_| ())))
        .unwrap();

    let fired = format!("SELECT COUNT(*) FROM job_runs WHERE job_id = {job}");
    for seconds in [10, 25] {
        until("the job has fired for a while", || number(&fired) >= seconds);
        let holds = "SELECT COUNT(*) FROM tasks WHERE state = 'running'";
        until("tasks are at work", || number(holds) > 2);
        drop(killed);
        killed = Serve::start(&database);
    }
    until("the job has fired for a minute", || number(&fired) >= 60);
    db.write(&actor, |tx| schedule::commands::pause(tx, job)).unwrap();
    until("everything is over", || number("SELECT COUNT(*) FROM tasks WHERE due_at IS NOT NULL") == 0);

    let done = "SELECT COUNT(*) FROM tasks WHERE kind = 'tasks.drill' AND state = 'succeeded' \
                AND checkpoint = '3' AND attempts BETWEEN 1 AND 5";
    assert_eq!(number(done), i64::try_from(TASKS).unwrap(), "every task is done, to its last step");
    assert!(number("SELECT COUNT(*) FROM tasks WHERE attempts > 1") > 0, "the kills have hit nothing");

    let runs = number(&fired);
    let seconds =
        "SELECT TIMESTAMPDIFF(SECOND, MIN(fire_at), MAX(fire_at)) + 1 FROM job_runs WHERE job_id = ";
    assert_eq!(runs, number(&format!("{seconds}{job}")), "one run for every second, none missing");
    assert_eq!(number(&format!("{fired} AND state = 'succeeded'")), runs, "and each was done");

    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for request in chat.told() {
        *told.entry(request.path).or_default() += 1;
    }
    assert_eq!(i64::try_from(told.len()).unwrap(), runs, "each has called once for its own second");
    // A process that is killed between the call and its record leaves a call that its heir makes again.
    let again = told.values().filter(|calls| **calls > 1).count();
    let retried = number("SELECT COUNT(*) FROM tasks WHERE kind = 'jobs.run' AND attempts > 1");
    assert!(i64::try_from(again).unwrap() <= retried, "{again} called twice, but {retried} were tried twice");
}
