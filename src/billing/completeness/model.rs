//! Rows and values of completeness.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::billing::runs::model::WaivedHole;
use crate::db::listing::Count;
use crate::schema::usage_waivers;
use crate::types::BillingMonth;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{UsageSourceId, UsageWaiverId, UserId};
use crate::usage::collection::model::{DayState, SourceDay};
use crate::usage::sources::model::UsageSource;

/// Who lets a month be billed without the usage of a day, and why.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = usage_waivers, check_for_backend(Mysql))]
pub struct Waiver {
    /// Its id.
    pub id: UsageWaiverId,
    /// The source.
    pub source_id: UsageSourceId,
    /// The day.
    pub day: NaiveDate,
    /// Why.
    pub reason: String,
    /// Who; none for the operator of the machine.
    pub waived_by: Option<UserId>,
    /// When.
    pub waived_at: NaiveDateTime,
}

/// A day of a source, with the waiver in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// What there is of it.
    pub found: SourceDay,
    /// Who lets it be billed without.
    pub waiver: Option<Waiver>,
}

impl Day {
    /// Whether it should be there, and is not.
    pub fn is_hole(&self) -> bool {
        self.found.state.is_hole()
    }

    /// Whether it is a hole that nobody has waived.
    pub fn is_open(&self) -> bool {
        self.is_hole() && self.waiver.is_none()
    }
}

/// What there is of a source in a month.
#[derive(Debug, Clone)]
pub struct SourceMonth {
    /// The source.
    pub source: UsageSource,
    /// The days of the month.
    pub days: Vec<Day>,
}

impl SourceMonth {
    /// How many of the days are in one of these states.
    pub fn count(&self, states: &[DayState]) -> usize {
        self.days.iter().filter(|day| states.contains(&day.found.state)).count()
    }

    /// How many days there should be usage of, or at least a word.
    pub fn expected(&self) -> usize {
        self.days.len() - self.count(&[DayState::NotExpected])
    }

    /// How many of them are there, or are known to be empty.
    pub fn present(&self) -> usize {
        self.count(&[DayState::Collected, DayState::Empty, DayState::DeclaredEmpty])
    }

    /// How many records count.
    pub fn records(&self) -> i64 {
        let all: u64 = self.days.iter().map(|day| day.found.records).sum();
        i64::try_from(all).unwrap_or(i64::MAX)
    }

    /// The holes that nobody has waived.
    pub fn open(&self) -> Vec<&Day> {
        self.days.iter().filter(|day| day.is_open()).collect()
    }

    /// The holes that somebody has waived.
    pub fn waived(&self) -> Vec<&Day> {
        self.days.iter().filter(|day| day.is_hole() && day.waiver.is_some()).collect()
    }
}

/// What stands between a month and its bills.
#[derive(Debug, Clone)]
pub struct Completeness {
    /// The month.
    pub month: BillingMonth,
    /// What there is of each source.
    pub sources: Vec<SourceMonth>,
    /// How many records of the month wait in the quarantine.
    pub quarantined: Count,
    /// How many versions of prices that begin before the month ends wait for approval.
    pub prices_waiting: i64,
}

impl Completeness {
    /// How many days of sources are in a state.
    pub fn count(&self, state: DayState) -> usize {
        self.sources.iter().map(|source| source.count(&[state])).sum()
    }

    /// The holes that nobody has waived, with their sources.
    pub fn open(&self) -> Vec<(&UsageSource, NaiveDate)> {
        let of = |one: &SourceMonth| one.open().iter().map(|day| day.found.day).collect::<Vec<_>>();
        self.sources.iter().flat_map(|one| of(one).into_iter().map(|day| (&one.source, day))).collect()
    }

    /// The holes that somebody has waived, as a plan keeps them.
    pub fn waived(&self) -> Vec<WaivedHole> {
        let hole = |one: &SourceMonth, day: &Day| {
            let waiver = day.waiver.as_ref().filter(|_| day.is_hole())?;
            Some(WaivedHole {
                source: one.source.code.clone(),
                day: waiver.day,
                by: waiver.waived_by,
                reason: waiver.reason.clone(),
            })
        };
        let all = self.sources.iter().flat_map(|one| one.days.iter().map(move |day| (one, day)));
        all.filter_map(|(one, day)| hole(one, day)).collect()
    }

    /// Whether everything is there, and nothing waits for anybody.
    pub fn is_clean(&self) -> bool {
        self.quarantined == Count::Exactly(0) && self.prices_waiting == 0
    }
}

/// Holes that somebody waives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverDraft {
    /// The month that they are in.
    pub month: BillingMonth,
    /// The days, with their sources.
    pub holes: Vec<(UsageSourceId, NaiveDate)>,
    /// Why.
    pub reason: String,
}

/// Waived days as the audit log shows them.
#[derive(Debug, Serialize)]
pub(super) struct WaiverRecord {
    month: String,
    days: Vec<String>,
}

impl WaiverRecord {
    pub(super) fn new(month: BillingMonth, days: Vec<String>) -> WaiverRecord {
        WaiverRecord { month: month.to_string(), days }
    }
}

impl Audited for WaiverRecord {
    fn subject(&self) -> Subject {
        Subject { kind: "waiver", id: None, label: self.month.clone(), department_path: None }
    }
}
