//! What may become of a version, and by whom. Source: `domain.md` §1 (separation of duties) and §4.

use chrono::NaiveDate;

use crate::i18n::Tr;
use crate::periods::queries::ClosedMonths;
use crate::types::ids::UserId;
use crate::types::{Currency, Refusal};

use super::model::{PlanVersion, PriceVersion, VersionState};

/// Whether a version may be edited: only a draft, whoever asks.
pub fn can_edit(version: &PriceVersion) -> Result<(), Refusal> {
    must_be(version, &[VersionState::Draft])
}

/// Whether a version may be submitted for approval.
pub fn can_submit(version: &PriceVersion) -> Result<(), Refusal> {
    must_be(version, &[VersionState::Draft])
}

/// Whether a submitted version may be made a draft again by those who write versions.
pub fn can_recall(version: &PriceVersion) -> Result<(), Refusal> {
    must_be(version, &[VersionState::Pending])
}

/// Whether a version may be given up.
pub fn can_discard(version: &PriceVersion) -> Result<(), Refusal> {
    must_be(version, &[VersionState::Draft, VersionState::Pending])
}

/// Whether `user` may decide about a version. Whoever has had a hand in it does not approve it; the system, which has no
/// user, is the operator of the machine and is free of that.
pub fn can_decide(plan: &PlanVersion, user: Option<UserId>) -> Result<(), Refusal> {
    must_be(&plan.version, &[VersionState::Pending])?;
    if user.is_some_and(|user| plan.is_work_of(user)) {
        return Err(Refusal::new("own_work", |t: Tr| t.price_plan_refused_own_work()));
    }
    Ok(())
}

/// Whether an approved version may still be withdrawn: before its first day, as long as no bill can have used it.
pub fn can_withdraw(version: &PriceVersion, today: NaiveDate) -> Result<(), Refusal> {
    must_be(version, &[VersionState::Active])?;
    if version.valid_from <= today {
        let since = version.valid_from;
        return Err(Refusal::new("begun", move |t: Tr| t.price_plan_refused_begun(since)));
    }
    Ok(())
}

/// Whether a version may come into force: no closed month between its first day and the next version would be rated by
/// another price than it was, and bills are written in the customer's currency.
pub fn can_come_into_force(
    version: &PriceVersion,
    next_from: Option<NaiveDate>,
    closed: &ClosedMonths,
    currency: Currency,
) -> Result<(), Refusal> {
    if let Some(month) = closed.first_within(version.valid_from, next_from) {
        return Err(Refusal::new("closed_month", move |t: Tr| t.price_plan_refused_closed_month(month)));
    }
    if version.currency != currency {
        let written = version.currency;
        return Err(Refusal::new("currency", move |t: Tr| t.price_plan_refused_currency(currency, written)));
    }
    Ok(())
}

fn must_be(version: &PriceVersion, states: &[VersionState]) -> Result<(), Refusal> {
    if states.contains(&version.state) {
        return Ok(());
    }
    let state = version.state;
    Err(Refusal::new("state", move |t: Tr| t.price_plan_refused_state(state.label(t))))
}
