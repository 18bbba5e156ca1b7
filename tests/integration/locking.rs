//! Two at the same moment: the rules hold, and the loser gets a sentence.

use std::sync::{Arc, Barrier};
use std::thread;

use opcms::accounts::departments::model::DepartmentDraft;
use opcms::accounts::users::commands::NewPassword;
use opcms::accounts::users::model::UserDraft;
use opcms::accounts::{departments, users};
use opcms::db::{Tx, rate};
use opcms::settings::model::SettingDraft;
use opcms::settings::{self, registry};
use opcms::types::ids::{DepartmentId, UserId};
use opcms::types::{Error, Result};

use crate::support::TestApp;

/// Does both pieces of work at the same moment, and again and again: a race that can be lost is lost sooner or later.
pub fn at_once<T: Send>(
    app: &TestApp,
    one: impl Fn(&mut Tx) -> Result<T> + Sync,
    other: impl Fn(&mut Tx) -> Result<T> + Sync,
) -> [Result<T>; 2] {
    let start = Barrier::new(2);
    let (db, actor) = (app.db.clone(), app.system());
    let run = |work: &(dyn Fn(&mut Tx) -> Result<T> + Sync)| {
        start.wait();
        db.write(&Arc::clone(&actor), |tx| work(tx))
    };
    thread::scope(|scope| {
        let first = scope.spawn(|| run(&one));
        let second = scope.spawn(|| run(&other));
        [first.join().unwrap(), second.join().unwrap()]
    })
}

const ROUNDS: usize = 10;

#[actix_web::test]
async fn two_admins_cannot_remove_each_other() {
    let app = TestApp::new().await;
    let first = app.world.user("admin");
    let role = app.world.role("admin");
    let draft = UserDraft {
        username: "second".into(),
        name: "第二管理员".into(),
        email: None,
        department_id: None,
        roles: vec![role],
    };
    let password = NewPassword { hash: "x".into(), must_change: false };
    let second: UserId = app.arrange(|tx| users::commands::create(tx, &draft, &password));
    for _ in 0..ROUNDS {
        let outcomes = at_once(
            &app,
            |tx| users::commands::disable(tx, first, None),
            |tx| users::commands::delete(tx, second, None),
        );
        let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(done, 1, "{outcomes:?}");
        for outcome in outcomes {
            if let Err(fault) = outcome {
                assert!(
                    matches!(fault, Error::Refused(ref refusal) if refusal.code == "last_admin"),
                    "{fault:?}"
                );
            }
        }
        // As before, for the next round.
        let _ = app.db.write(&app.system(), |tx| users::commands::enable(tx, first));
        let _ = app.db.write(&app.system(), |tx| users::commands::restore(tx, second));
    }
}

#[actix_web::test]
async fn two_moves_never_make_a_circle() {
    let app = TestApp::new().await;
    let (east, south) = (app.world.department("华东"), app.world.department("华南"));
    let move_below = |tx: &mut Tx, id: DepartmentId, name: &str, parent: DepartmentId| {
        let version = departments::queries::tree(tx)?.get(id).map_or(0, |node| node.department.version);
        let draft = DepartmentDraft { name: name.into(), parent_id: Some(parent) };
        departments::commands::update(tx, id, version, &draft)
    };
    for _ in 0..ROUNDS {
        let outcomes =
            at_once(&app, |tx| move_below(tx, east, "华东", south), |tx| move_below(tx, south, "华南", east));
        assert!(outcomes.iter().any(Result::is_ok), "{outcomes:?}");
        assert!(outcomes.iter().any(Result::is_err), "{outcomes:?}");
        let rows = app.number("SELECT COUNT(*) FROM departments");
        let tree = app.db.read(&app.system(), departments::queries::tree).unwrap();
        assert_eq!(i64::try_from(tree.nodes().len()).unwrap(), rows, "every department hangs in the tree");
        let root = app.world.department("总公司");
        app.arrange(|tx| move_below(tx, east, "华东", root));
        app.arrange(|tx| move_below(tx, south, "华南", root));
    }
}

#[actix_web::test]
async fn one_username_goes_to_one_of_two() {
    let app = TestApp::new().await;
    let role = app.world.role("ops");
    for round in 0..ROUNDS {
        let draft = UserDraft {
            username: format!("twin{round}"),
            name: "双胞胎".into(),
            email: None,
            department_id: None,
            roles: vec![role],
        };
        let password = NewPassword { hash: "x".into(), must_change: false };
        let create = |tx: &mut Tx| users::commands::create(tx, &draft, &password);
        let outcomes = at_once(&app, create, create);
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().any(
            |outcome| matches!(outcome, Err(Error::Invalid(errors)) if errors.get("username").is_some())
        ));
    }
    assert_eq!(
        app.number("SELECT COUNT(*) FROM users WHERE name = '双胞胎'"),
        i64::try_from(ROUNDS).unwrap()
    );
}

#[actix_web::test]
async fn requests_of_a_token_are_counted_one_by_one() {
    let app = TestApp::new().await;
    let (db, actor) = (app.db.clone(), app.system());
    let spent: usize = thread::scope(|scope| {
        let spend =
            || (0..50).filter(|_| db.read(&actor, |db| rate::spend(db, "token:test", 60)).is_ok()).count();
        let racers: Vec<_> = (0..4).map(|_| scope.spawn(spend)).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).sum()
    });
    assert!((57..=60).contains(&spent), "{spent} of 60 were let through");
    assert_eq!(app.number("SELECT hits FROM rate_counters WHERE bucket = 'token:test'"), 200);
}

#[actix_web::test]
async fn of_two_changes_of_a_setting_one_is_told_that_it_was_slower() {
    let app = TestApp::new().await;
    let definition = &registry::TASKS_KEEP_DAYS.definition;
    let set = |tx: &mut Tx, value: &str, version: u32| {
        let draft = SettingDraft { value: Some(value.into()), reason: None, version };
        settings::commands::change(tx, definition, &draft)
    };
    // The first round is about who writes the row, the others about who changes it.
    for version in 0..u32::try_from(ROUNDS).unwrap() {
        let (one, other) = (format!("{}", 100 + version), format!("{}", 200 + version));
        let outcomes = at_once(&app, |tx| set(tx, &one, version), |tx| set(tx, &other, version));
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Err(Error::Stale))), "{outcomes:?}");
        assert_eq!(app.number("SELECT CAST(MAX(version) AS SIGNED) FROM settings"), i64::from(version) + 1);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM settings"), 1);
}
