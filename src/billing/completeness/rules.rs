//! Whether a month may be billed as it is. Source: `domain.md` §5 and §6.

use chrono::NaiveDate;

use crate::i18n::Tr;
use crate::types::{BillingMonth, Refusal};
use crate::usage::collection::model::DayState;

use super::model::{Completeness, SourceMonth};

/// How many days a sentence names.
const NAMED: usize = 5;

/// Whether the usage of a month is complete, or each hole of it waived; `today` tells whether the month is over.
pub fn can_plan(completeness: &Completeness, today: NaiveDate) -> Result<(), Refusal> {
    let month = completeness.month;
    if month >= BillingMonth::of(today) {
        return Err(Refusal::new("month_not_over", move |t: Tr| t.completeness_refused_not_over(month)));
    }
    // At night the last day of the month is not due yet.
    let to_come = completeness.count(DayState::ToCome);
    if to_come > 0 {
        return Err(Refusal::new("days_to_come", move |t: Tr| t.completeness_refused_to_come(to_come)));
    }
    let under_way = completeness.count(DayState::UnderWay);
    if under_way > 0 {
        let say = move |t: Tr| t.completeness_refused_under_way(under_way);
        return Err(Refusal::new("collections_under_way", say));
    }
    let open = completeness.open();
    if open.is_empty() {
        return Ok(());
    }
    let count = open.len();
    let named: Vec<String> =
        open.iter().take(NAMED).map(|(source, day)| format!("{} {day}", source.name)).collect();
    Err(Refusal::new("usage_missing", move |t: Tr| match count.saturating_sub(NAMED) {
        0 => t.completeness_refused_holes(count, t.join(&named)),
        more => t.completeness_refused_holes_more(count, more, t.join(&named)),
    }))
}

/// Days as people read them: 3–5, 9.
pub fn stretches(source: &SourceMonth) -> Vec<(NaiveDate, NaiveDate)> {
    let mut found: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in source.open().iter().map(|day| day.found.day) {
        match found.last_mut() {
            Some((_, last)) if last.succ_opt() == Some(day) => *last = day,
            _ => found.push((day, day)),
        }
    }
    found
}
