//! What is found of a month, item by item.

use crate::billing::bills::model::DocumentState;
use crate::billing::completeness;
use crate::billing::completeness::model::Completeness;
use crate::billing::runs;
use crate::billing::runs::model::{BillRun, RunState, Scope};
use crate::db::Db;
use crate::db::listing::Count;
use crate::i18n::{Said, Tr};
use crate::tasks;
use crate::tasks::model::TaskState;
use crate::types::time::show;
use crate::types::{BillingMonth, Result};
use crate::usage::collection::model::DayState;
use crate::usage::quarantine;

use super::model::{Checked, Finding, Item};
use super::{checking, queries, rules};

/// Whether a run is, or may be, committed yet.
fn is_open(state: RunState) -> bool {
    matches!(state, RunState::Planning | RunState::Planned | RunState::Committing)
}

/// The most customers that are told apart; so many without a bill are one difference.
const MOST: i64 = 10_000;

/// How many are named.
const NAMED: usize = 12;

/// The checklist of a month, in its order, each item with the signature that covers it.
pub fn of(db: &mut Db, month: BillingMonth) -> Result<Vec<Checked>> {
    let completeness = completeness::queries::of(db, month)?;
    let all = runs::queries::of_month(db, month)?;
    let findings = [
        usage(&completeness),
        waiting(db, &completeness)?,
        committed(&all),
        plans(&all),
        failed(db, month)?,
        bills(db, month)?,
        credit_notes(db, month)?,
        disputes(db, month)?,
        invariants(db, month)?,
    ];
    let mut signatures = queries::signatures(db, month)?;
    let checked = |finding: Finding| {
        let signature = signatures.remove(&(finding.item, finding.digest.clone()));
        Checked { signature: signature.filter(|_| !finding.is_clean), finding }
    };
    Ok(findings.into_iter().map(checked).collect())
}

fn usage(completeness: &Completeness) -> Finding {
    let open = completeness.open();
    let (holes, waived) = (open.len(), completeness.waived().len());
    let others = completeness.count(DayState::UnderWay) + completeness.count(DayState::ToCome);
    if holes + others == 0 {
        return Finding::clean(Item::Usage, |t| match waived {
            0 => t.closing_usage_complete().to_owned(),
            waived => t.closing_usage_waived(waived),
        });
    }
    let named: Vec<String> =
        open.iter().take(NAMED).map(|(source, day)| format!("{} {day}", source.name)).collect();
    let canonical: Vec<String> = open.iter().map(|(source, day)| format!("{} {day}", source.code)).collect();
    let canonical = format!("{others} {}", canonical.join("\n"));
    Finding::open(Item::Usage, &canonical, |t| t.closing_usage_missing(holes, others))
        .naming(named)
        .at(runs::urls::new_of(completeness.month))
}

fn waiting(db: &mut Db, completeness: &Completeness) -> Result<Finding> {
    let count = completeness.quarantined;
    if count == Count::Exactly(0) {
        return Ok(Finding::clean(Item::Quarantine, |t| t.closing_quarantine_empty()));
    }
    let (from, to) = (completeness.month.first_day(), completeness.month.last_day());
    let latest = quarantine::queries::latest_waiting_of_days(db, from, to)?;
    let canonical = format!("{count} {}", latest.map_or(0, |id| id.0));
    Ok(Finding::open(Item::Quarantine, &canonical, |t| t.closing_quarantine_waiting(count.to_string()))
        .at(quarantine::urls::of_days(from, to)))
}

fn committed(all: &[BillRun]) -> Finding {
    let whole = all
        .iter()
        .find(|run| run.state == RunState::Committed && run.scope().is_ok_and(|scope| scope == Scope::All));
    match whole {
        Some(run) => {
            Finding::clean(Item::Run, |t| t.closing_run_committed(run.written)).at(runs::urls::run(run.id))
        }
        None => Finding::open(Item::Run, "", |t| t.closing_run_none()).at(runs::urls::INDEX),
    }
}

fn plans(all: &[BillRun]) -> Finding {
    let open: Vec<&BillRun> = all.iter().filter(|run| is_open(run.state)).collect();
    let Some(first) = open.first() else { return Finding::clean(Item::Plans, |t| t.closing_plans_none()) };
    let canonical: Vec<String> = open.iter().map(|run| format!("{} {}", run.id, run.state)).collect();
    let count = open.len();
    Finding::open(Item::Plans, &canonical.join("\n"), |t| t.closing_plans_open(count))
        .at(runs::urls::run(first.id))
}

fn failed(db: &mut Db, month: BillingMonth) -> Result<Finding> {
    let unbilled = queries::unbilled(db, month, MOST)?;
    if unbilled.is_empty() {
        return Ok(Finding::clean(Item::Failed, |t| t.closing_failed_none()));
    }
    let line = |one: &queries::Unbilled| {
        format!("{} {}", one.customer_id, one.reason.as_deref().unwrap_or_default())
    };
    let canonical: Vec<String> = unbilled.iter().map(line).collect();
    let (count, named) = (unbilled.len(), unbilled.into_iter().take(NAMED).map(|one| one.company_code));
    Ok(Finding::open(Item::Failed, &canonical.join("\n"), |t| t.closing_failed(count))
        .naming(named.collect())
        .at(runs::urls::of_month(month)))
}

fn bills(db: &mut Db, month: BillingMonth) -> Result<Finding> {
    let unsent = queries::unsent(db, month)?;
    if unsent.is_empty() {
        return Ok(Finding::clean(Item::Bills, |t| t.closing_bills_sent()));
    }
    let canonical: Vec<String> =
        unsent.iter().map(|one| format!("{} {} {}", one.state, one.count, one.ids)).collect();
    let counted: Vec<(DocumentState, i64)> = unsent.iter().map(|one| (one.state, one.count)).collect();
    Ok(Finding::open(Item::Bills, &canonical.join("\n"), |t| {
        let of = |(state, count): &(DocumentState, i64)| t.closing_bills_in_state(count, state.label(t));
        t.closing_bills_unsent(t.join(counted.iter().map(of)))
    }))
}

fn credit_notes(db: &mut Db, month: BillingMonth) -> Result<Finding> {
    let asked = queries::asked_credit_notes(db, month)?;
    if asked.is_empty() {
        return Ok(Finding::clean(Item::CreditNotes, |t| t.closing_credit_notes_none()));
    }
    let canonical: Vec<String> = asked.iter().map(|(id, _)| id.to_string()).collect();
    let (count, named) = (asked.len(), asked.into_iter().take(NAMED).map(|(_, number)| number));
    Ok(Finding::open(Item::CreditNotes, &canonical.join("\n"), |t| t.closing_credit_notes_asked(count))
        .naming(named.collect()))
}

fn disputes(db: &mut Db, month: BillingMonth) -> Result<Finding> {
    let disputed = queries::disputed(db, month)?;
    if disputed.is_empty() {
        return Ok(Finding::clean(Item::Disputes, |t| t.closing_disputes_none()));
    }
    let (count, canonical) = (disputed.len(), disputed.join("\n"));
    Ok(Finding::open(Item::Disputes, &canonical, |t| t.closing_disputes_open(count))
        .naming(disputed.into_iter().take(NAMED).collect()))
}

/// The last look at the invariants, as long as it is recent.
fn invariants(db: &mut Db, month: BillingMonth) -> Result<Finding> {
    let Some(task) = tasks::queries::latest(db, checking::TASK, &month.to_string())? else {
        return Ok(Finding::open(Item::Checks, "", |t| t.closing_checks_never()));
    };
    let at = tasks::urls::task(task.id);
    let Some(ended) = task.finished_at else {
        return Ok(Finding::open(Item::Checks, "running", |t| t.closing_checks_running()).at(at));
    };
    let done = task.result().filter(|_| task.state == TaskState::Succeeded);
    let Some(done) = done.filter(|_| rules::is_recent(ended, db.now())) else {
        return Ok(Finding::open(Item::Checks, "", |t| t.closing_checks_old(show(ended))).at(at));
    };
    let breaches = done.counts.get(checking::BREACHES).copied().unwrap_or_default();
    let said = |t| with_moment(t, &done.text, &show(ended));
    Ok(if breaches == 0 {
        Finding::clean(Item::Checks, said).at(at)
    } else {
        Finding::open(Item::Checks, &task.id.to_string(), said).at(at)
    })
}

/// What was found, and when it was looked for.
fn with_moment(t: Tr, said: &Said, ended: &str) -> String {
    t.paragraph([said.text(t).to_owned(), t.closing_checked_at(ended)])
}
