//! What the rules of the night do, and what people decide of it: the only writer of `status_proposals`.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::customers::directory;
use crate::customers::directory::cause::Cause;
use crate::customers::status::model::{Cause as MoveCause, Facts, Status};
use crate::db::Tx;
use crate::i18n::Tr;
use crate::schema::status_proposals;
use crate::types::ids::CustomerId;
use crate::types::{Action, Error, Permission, Refusal, Result};

use super::model::{Proposal, ProposalState, Step};
use super::queries;

/// What became of some customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// How many were moved.
    pub moved: usize,
    /// How many were proposed to be suspended.
    pub proposed: usize,
    /// Those whom something else about them kept where they were.
    pub left: Vec<String>,
}

/// Does to these customers what the rules say in the night to `today`. They are looked at again once they are locked:
/// what has changed since is judged as it is now, and who was moved already is not moved twice.
pub fn carry_out(tx: &mut Tx, today: NaiveDate, ids: &[CustomerId]) -> Result<Carried> {
    let mut locked = directory::queries::lock_all(tx, Permission::StatusMove, ids)?;
    let mut done = Carried::default();
    for candidate in queries::of_customers(tx, ids, today)? {
        let Some(customer) = locked.remove(&candidate.named.id) else { continue };
        for step in candidate.steps {
            match step {
                Step::Propose { since, facts } => {
                    propose(tx, customer.id, since, &facts)?;
                    done.proposed += 1;
                }
                Step::Move { becomes, cause, facts } => {
                    let mut after = customer.fields.clone();
                    after.status = becomes;
                    let cause = by_rule(cause, &facts);
                    match directory::commands::save_all(tx, vec![(customer.clone(), after)], &cause) {
                        Ok(()) => done.moved += 1,
                        // Somebody has to mend it first; nobody else waits for that.
                        Err(Error::Invalid(_) | Error::Refused(_)) => done.left.push(customer.label()),
                        Err(fault) => return Err(fault),
                    }
                }
            }
        }
    }
    Ok(done)
}

fn by_rule(cause: MoveCause, facts: &Facts) -> Cause {
    Cause::by_hand(Action::CustomerMoved, Permission::StatusMove).moving(cause).seeing(facts.stored())
}

fn propose(tx: &mut Tx, id: CustomerId, since: NaiveDate, facts: &Facts) -> Result<()> {
    let now = tx.now();
    diesel::insert_or_ignore_into(status_proposals::table)
        .values((
            status_proposals::customer_id.eq(id),
            status_proposals::overdue_since.eq(since),
            status_proposals::state.eq(ProposalState::Open),
            status_proposals::facts.eq(facts.stored()),
            status_proposals::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Suspends a customer as it was proposed.
pub fn approve(tx: &mut Tx, id: u64, reason: Option<String>) -> Result<CustomerId> {
    let proposal = lock(tx, id)?;
    let before = directory::commands::lock_live(tx, Permission::StatusMove, proposal.customer_id)?;
    let mut after = before.fields.clone();
    after.status = Status::Suspended;
    let cause = by_rule(MoveCause::Overdue, &proposal.facts()).because(reason.clone());
    directory::commands::save_all(tx, vec![(before, after)], &cause)?;
    decide(tx, &proposal, ProposalState::Approved, reason)?;
    Ok(proposal.customer_id)
}

/// Leaves a customer as it is, against a proposal.
pub fn reject(tx: &mut Tx, id: u64, reason: String) -> Result<CustomerId> {
    let proposal = lock(tx, id)?;
    directory::commands::lock_live(tx, Permission::StatusMove, proposal.customer_id)?;
    decide(tx, &proposal, ProposalState::Rejected, Some(reason))?;
    Ok(proposal.customer_id)
}

/// A proposal that is open, of a customer within reach. The customer is locked first, as everywhere.
fn lock(tx: &mut Tx, id: u64) -> Result<Proposal> {
    let proposal = queries::proposal(tx, id)?;
    directory::commands::lock_live(tx, Permission::StatusMove, proposal.customer_id)?;
    let proposal = queries::lock_proposal(tx, id)?;
    match proposal.state {
        ProposalState::Open => Ok(proposal),
        _ => Err(Refusal::new("proposal_decided", Tr::nightly_decided).into()),
    }
}

fn decide(tx: &mut Tx, proposal: &Proposal, state: ProposalState, reason: Option<String>) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().user_id);
    diesel::update(status_proposals::table.find(proposal.id))
        .set((
            status_proposals::state.eq(state),
            status_proposals::reason.eq(reason),
            status_proposals::decided_by.eq(by),
            status_proposals::decided_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Lets go of proposals that nothing speaks for any more, a piece at a time. Returns how many.
pub fn lapse(tx: &mut Tx, most: i64) -> Result<usize> {
    let ids = queries::lapsing(tx, most)?;
    let now = tx.now();
    let open = status_proposals::table
        .filter(status_proposals::id.eq_any(&ids))
        .filter(status_proposals::state.eq(ProposalState::Open));
    Ok(diesel::update(open)
        .set((status_proposals::state.eq(ProposalState::Lapsed), status_proposals::decided_at.eq(Some(now))))
        .execute(tx.conn())?)
}
