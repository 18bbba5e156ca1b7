//! What may be done with a run, and what its digest is. Source: `domain.md` §6.

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use crate::i18n::Tr;
use crate::types::ids::CustomerId;
use crate::types::{BillingMonth, Refusal};
use crate::web::secret::in_hexadecimal;

use super::model::{BillRun, RunState, Scope, WaivedHole};

/// How many customers are worked out, and written, at a time.
pub const CHUNK: usize = 1_000;

/// How often a task of a run is tried: each try goes on where the one before was killed.
pub const TRIES: u32 = 20;

/// How many customers somebody may name; who wants more plans all of them.
pub const MOST_NAMED: usize = 1_000;

/// Whether a month may be planned or committed: once it is over, and as long as it is not closed.
pub fn can_bill(month: BillingMonth, today: NaiveDate, is_closed: bool) -> Result<(), Refusal> {
    if is_closed {
        return Err(Refusal::new("month_closed", move |t: Tr| t.bill_runs_refused_closed(month)));
    }
    if today <= month.last_day() {
        return Err(Refusal::new("month_not_over", move |t: Tr| t.bill_runs_refused_not_over(month)));
    }
    Ok(())
}

/// Whether a run may cover these customers.
pub fn can_cover(scope: &Scope) -> Result<(), Refusal> {
    match scope {
        Scope::Customers(named) if named.is_empty() || named.len() > MOST_NAMED => {
            Err(Refusal::new("scope", |t: Tr| t.bill_runs_refused_scope(MOST_NAMED)))
        }
        _ => Ok(()),
    }
}

/// Whether a run of some customers may be committed: once the month is billed, because committing shuts it to usage for all.
pub fn can_go_alone(scope: &Scope, month: BillingMonth, is_billed: bool) -> Result<(), Refusal> {
    if is_billed || *scope == Scope::All {
        return Ok(());
    }
    Err(Refusal::new("month_not_billed", move |t: Tr| t.bill_runs_refused_alone(month)))
}

/// What asking for a run to be committed comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The work begins, or goes on.
    Begin,
    /// Somebody has asked for it already.
    Already,
}

/// A run is committed once, and only as it was shown: `hash` is the digest of what was looked at. One whose task died goes
/// on.
pub fn can_commit(run: &BillRun, hash: &str, is_stalled: bool) -> Result<Verdict, Refusal> {
    let is_shown = run.inputs_hash.as_deref() == Some(hash);
    match run.state {
        RunState::Planning => Err(Refusal::new("run_not_planned", Tr::bill_runs_refused_not_planned)),
        RunState::Outdated => Err(Refusal::new("run_outdated", Tr::bill_runs_refused_outdated)),
        RunState::Discarded => Err(Refusal::new("run_discarded", Tr::bill_runs_refused_discarded)),
        RunState::Failed => Err(Refusal::new("run_failed", Tr::bill_runs_refused_failed)),
        _ if !is_shown => Err(Refusal::new("run_hash", Tr::bill_runs_refused_hash)),
        RunState::Planned if run.billed == 0 => {
            Err(Refusal::new("run_nothing", Tr::bill_runs_refused_nothing))
        }
        RunState::Planned => Ok(Verdict::Begin),
        RunState::Committing if is_stalled => Ok(Verdict::Begin),
        RunState::Committing | RunState::Committed => Ok(Verdict::Already),
    }
}

/// A run is given up as long as none of its bills is written. `is_idle` is one that should be committed, but that nobody is
/// at any more and that has no bill yet.
pub fn can_discard(run: &BillRun, is_idle: bool) -> Result<Verdict, Refusal> {
    match run.state {
        RunState::Planning | RunState::Planned | RunState::Outdated | RunState::Failed => Ok(Verdict::Begin),
        RunState::Committing if is_idle => Ok(Verdict::Begin),
        RunState::Discarded => Ok(Verdict::Already),
        RunState::Committing | RunState::Committed => {
            Err(Refusal::new("run_committed", Tr::bill_runs_refused_committed))
        }
    }
}

/// The digest of a run: of its month, whom it covers, the holes it does without, and every customer in its order.
#[derive(Clone)]
pub struct RunDigest(Sha256);

impl RunDigest {
    /// Begins with what the run is about.
    pub fn new(month: BillingMonth, scope: &Scope, waived: &[WaivedHole]) -> RunDigest {
        let mut digest = Sha256::new();
        let scope = serde_json::to_string(scope).unwrap_or_default();
        digest.update(format!("run 1\n{month}\n{scope}\n"));
        for hole in waived {
            digest.update(format!("{}\u{1f}{}\u{1f}{}\n", hole.source, hole.day, hole.reason));
        }
        RunDigest(digest)
    }

    /// Goes on with a customer.
    pub fn add(&mut self, position: u32, customer: CustomerId, inputs_hash: &str) {
        self.0.update(format!("{position} {customer} {inputs_hash}\n"));
    }

    /// The digest, in hexadecimal.
    pub fn finish(self) -> String {
        in_hexadecimal(&self.0.finalize())
    }
}
