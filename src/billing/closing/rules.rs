//! What a month needs to be closed, and who may open it again. Source: `domain.md` §1 (separation of duties).

use chrono::{Duration, NaiveDate, NaiveDateTime};

use crate::billing::runs::model::{BillRun, RunState};
use crate::i18n::Tr;
use crate::periods::queries::ClosedMonths;
use crate::types::ids::UserId;
use crate::types::{BillingMonth, Refusal};

use super::model::{Checked, MonthState, Reopening};

/// How long a look at the invariants counts.
const CHECK_LASTS: i64 = 24;

/// Whether a month may still change.
pub fn must_be_open(month: BillingMonth, closed: &ClosedMonths) -> Result<(), Refusal> {
    if closed.has(month) {
        return Err(Refusal::new("month_closed", move |t: Tr| t.months_refused_closed(month)));
    }
    Ok(())
}

/// Whether a month may be closed: it is over, not closed yet, and each item is in order or signed.
pub fn can_close(
    month: BillingMonth,
    state: MonthState,
    items: &[Checked],
    today: NaiveDate,
) -> Result<(), Refusal> {
    if state == MonthState::Closed {
        return Err(Refusal::new("month_closed", move |t: Tr| t.months_refused_closed(month)));
    }
    if month >= BillingMonth::of(today) {
        return Err(Refusal::new("month_not_over", move |t: Tr| t.completeness_refused_not_over(month)));
    }
    let open: Vec<_> = items.iter().filter(|item| item.is_open()).map(|item| item.finding.item).collect();
    if open.is_empty() {
        return Ok(());
    }
    let say = move |t: Tr| t.months_refused_open(t.join(open.iter().map(|item| item.label(t))));
    Err(Refusal::new("month_not_in_order", say))
}

/// Whether no bills of a month are being written: nobody's name lets a month be closed under them.
pub fn must_be_at_rest(runs: &[BillRun]) -> Result<(), Refusal> {
    if runs.iter().any(|run| run.state == RunState::Committing) {
        return Err(Refusal::new("run_committing", Tr::months_refused_committing));
    }
    Ok(())
}

/// Whether somebody may ask for a month to be opened again.
pub fn can_ask(month: BillingMonth, state: MonthState, is_asked: bool) -> Result<(), Refusal> {
    if state != MonthState::Closed {
        return Err(Refusal::new("month_not_closed", move |t: Tr| t.months_refused_not_closed(month)));
    }
    if is_asked {
        return Err(Refusal::new("reopening_asked", Tr::months_refused_asked));
    }
    Ok(())
}

/// Whether `user` may decide about a request: not their own. The operator of the machine is free of that.
pub fn can_decide(reopening: &Reopening, user: Option<UserId>) -> Result<(), Refusal> {
    if user.is_some() && reopening.asked_by == user {
        return Err(Refusal::new("own_work", Tr::months_refused_own));
    }
    Ok(())
}

/// Whether a look at the invariants is recent enough to be believed.
pub fn is_recent(looked_at: NaiveDateTime, now: NaiveDateTime) -> bool {
    now - looked_at <= Duration::hours(CHECK_LASTS)
}
