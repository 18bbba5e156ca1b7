use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::types::ids::UserId;
use crate::types::{Actor, DataScope, Origin, Permission, Source};

use super::model::{Batch, BatchRow, BatchState, Body, Change, Correction, RowTab};
use super::rules::{self, Verdict};

fn row(state: BatchState) -> BatchRow {
    let at = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(9, 0, 0).unwrap();
    let batch = Batch::example(state, at);
    BatchRow { batch, created_by: None, committed_by: None, undone_by: None, task: None }
}

fn somebody() -> Actor {
    let origin = Origin { source: Source::Web, request_id: String::new(), address: String::new() };
    let mut actor = Actor::anonymous(origin);
    actor.user_id = Some(UserId(7));
    actor
}

#[test]
fn only_what_was_never_written_and_nobody_came_back_to_is_swept() {
    let made = row(BatchState::Ready).batch.created_at;
    let (same, later) = (made, made + chrono::Duration::seconds(1));
    for state in BatchState::ALL {
        let row = row(*state);
        let is_swept = rules::NEVER_COMMITTED.contains(state);
        assert_eq!(rules::is_left_alone(&row, later), is_swept, "{state}");
        assert!(!rules::is_left_alone(&row, same), "{state}");
        let mut checked = row.clone();
        checked.batch.checked_at = Some(later);
        assert!(!rules::is_left_alone(&checked, later), "{state}");
    }
}

#[test]
fn a_batch_is_committed_once_and_only_as_it_was_looked_at() {
    use BatchState::{
        Checking, Committed, Committing, Discarded, Draft, Failed, Outdated, Ready, Undoing, Undone,
    };
    for (state, seen, verdict) in [
        (Ready, Some(1), Ok(Verdict::Begin)),
        (Ready, None, Ok(Verdict::Begin)),
        (Ready, Some(2), Err("batch_checked_again")),
        (Outdated, Some(1), Err("batch_outdated")),
        (Draft, Some(1), Err("batch_not_checked")),
        (Checking, Some(1), Err("batch_not_checked")),
        (Failed, Some(1), Err("batch_failed")),
        // Nobody is at it any more: it goes on.
        (Committing, Some(1), Ok(Verdict::Begin)),
        (Committed, Some(1), Ok(Verdict::Already)),
        (Undoing, Some(1), Err("batch_undone")),
        (Undone, Some(1), Err("batch_undone")),
        (Discarded, Some(1), Err("batch_discarded")),
    ] {
        let outcome = rules::can_commit(&row(state), seen).map_err(|refusal| refusal.code);
        assert_eq!(outcome, verdict, "{state} {seen:?}");
    }
    let mut nothing = row(Ready);
    nothing.batch.creates = 0;
    assert_eq!(rules::can_commit(&nothing, None).unwrap_err().code, "batch_changes_nothing");
}

#[test]
fn what_is_written_can_be_undone_and_what_is_not_can_be_given_up_or_checked_again() {
    let actor = somebody();
    for state in BatchState::ALL {
        let mut row = row(*state);
        row.batch.created_by = actor.user_id;
        let undo = rules::can_undo(&row) == Ok(Verdict::Begin);
        let discard = rules::can_discard(&row) == Ok(Verdict::Begin);
        assert!(!(undo && discard), "{state}");
        assert_eq!(rules::can_check(&row, &actor).is_ok(), discard, "{state}");
        // Another would work it out with what they may see, for its maker to read.
        row.batch.created_by = Some(UserId(8));
        assert_eq!(rules::can_check(&row, &actor).unwrap_err().code, "batch_of_another");
    }
}

#[test]
fn a_batch_is_seen_by_who_made_it_and_by_who_reaches_everything() {
    let actor = |scope: Option<DataScope>| {
        let mut actor = somebody();
        actor.grants.extend(scope.map(|scope| (Permission::UserImport, scope)));
        actor
    };
    for (scope, created_by, seen) in [
        (Some(DataScope::Own), Some(7), true),
        (Some(DataScope::Own), Some(8), false),
        (Some(DataScope::DepartmentAndBelow), Some(8), false),
        (Some(DataScope::Own), None, false),
        (Some(DataScope::All), Some(8), true),
        (Some(DataScope::All), None, true),
        (None, Some(7), false),
    ] {
        assert_eq!(
            rules::may_see(&actor(scope), Permission::UserImport, created_by),
            seen,
            "{scope:?} {created_by:?}"
        );
    }
}

#[test]
fn the_tabs_begin_with_what_needs_a_person() {
    let mut row = row(BatchState::Ready);
    row.batch.failed = 2;
    let tabs: Vec<RowTab> = rules::tabs(&row, 0).into_iter().map(|(tab, _)| tab).collect();
    assert_eq!(tabs, [RowTab::Failed, RowTab::Create, RowTab::Update, RowTab::Unchanged, RowTab::Corrected]);
    assert_eq!(rules::tabs(&row, 1).first(), Some(&(RowTab::Moved, 1)));
}

#[test]
fn the_body_of_a_row_is_kept_short_and_read_back_whole() {
    let body = Body {
        cells: vec!["KH1".into()],
        corrections: vec![Correction { column: "a".into(), was: " x".into(), becomes: "x".into() }],
        changes: vec![Change { field: "a".into(), was: None, becomes: Some("x".into()) }],
        faults: Vec::new(),
        extra: Value::Null,
    };
    let kept = serde_json::to_value(&body).unwrap();
    assert_eq!(
        kept,
        json!({"cells": ["KH1"], "corrections": [["a", " x", "x"]], "changes": [["a", null, "x"]]})
    );
    assert_eq!(serde_json::from_value::<Body>(kept).unwrap(), body);
}
