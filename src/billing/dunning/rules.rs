//! Which step of the ladder is due for a bill. Pure.

use chrono::NaiveDate;

use crate::billing::bills::model::Bill;
use crate::types::Refusal;
use crate::types::ids::DunningStepId;
use crate::types::time::business_day;

use super::model::{DunningStep, Hindrance};

/// The fewest and the most days of a step.
pub const DAYS: std::ops::RangeInclusive<i16> = -60..=365;

/// The step that is due for a bill on a day: the latest one that was reached, unless it or a later one was taken before
/// (`taken`: the steps, and where they stood then). A step that was reached before the customer had the bill is passed over.
pub fn due<'a>(
    steps: &'a [DunningStep],
    bill: &Bill,
    taken: &[(DunningStepId, i16)],
    today: NaiveDate,
) -> Option<&'a DunningStep> {
    let (due_on, sent_on) = (bill.due_on?, business_day(bill.sent_at?));
    if !bill.is_owed() {
        return None;
    }
    let reached = steps.iter().filter(|step| {
        let day = step.day(due_on);
        // That a bill is due soon is not said of one that is overdue.
        let is_too_late = step.days <= 0 && today > due_on;
        step.paused_at.is_none() && day <= today && day > sent_on && !is_too_late
    });
    let latest = reached.max_by_key(|step| step.days)?;
    let was_taken = taken.iter().any(|(id, days)| *id == latest.id || *days >= latest.days);
    (!was_taken).then_some(latest)
}

/// What keeps a bill from being reminded of on a day.
pub fn hindrance(bill: &Bill, today: NaiveDate) -> Option<Hindrance> {
    if bill.open_disputes > 0 {
        return Some(Hindrance::Disputed);
    }
    bill.promised_on.filter(|promised| *promised >= today).map(Hindrance::Promised)
}

/// The next step that a bill will reach after a day, and when.
pub fn next<'a>(
    steps: &'a [DunningStep],
    bill: &Bill,
    today: NaiveDate,
) -> Option<(&'a DunningStep, NaiveDate)> {
    let due_on = bill.due_on?;
    let live = steps.iter().filter(|step| step.paused_at.is_none());
    let coming = live.map(|step| (step, step.day(due_on))).filter(|(_, day)| *day > today);
    coming.min_by_key(|(_, day)| *day)
}

/// Whether a promise can be noted: of a bill that is with the customer, and of which something is left to be paid.
pub fn can_promise(bill: &Bill) -> Result<(), Refusal> {
    if bill.is_owed() {
        return Ok(());
    }
    let number = bill.number.clone();
    Err(Refusal::new("not_owed", move |t| t.dunning_refused_not_owed(&number)))
}
