//! Which version is valid when: the timeline of a customer, and the stretches that it divides a month into.

use chrono::{Months, NaiveDate};

use crate::pricing::models::Charge;
use crate::pricing::price_plans::model::{Content, KeyedCharge};
use crate::types::BillingMonth;
use crate::types::ids::PriceVersionId;

/// A version that is in force, and from when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Its id.
    pub id: PriceVersionId,
    /// Its number among the versions of the customer.
    pub number: u32,
    /// The first day on which it is valid.
    pub valid_from: NaiveDate,
    /// What it says.
    pub content: Content,
}

/// The versions of a customer that are in force, each until the next one begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline(Vec<Dated>);

/// A stretch of a month in which one version is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase<'a> {
    /// The version.
    pub version: &'a Dated,
    /// Its first day in the month.
    pub from: NaiveDate,
    /// The day after its last one in the month.
    pub to: NaiveDate,
    /// Whether it has the last day of the month.
    pub is_last: bool,
}

/// A stretch of a phase that is in one contract year: what an annual package is rated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearPart {
    /// Its first day in the month.
    pub from: NaiveDate,
    /// The day after its last one in the month.
    pub to: NaiveDate,
    /// The first day of the contract year.
    pub year_from: NaiveDate,
}

impl Timeline {
    /// The timeline of these versions, in whatever order.
    pub fn new(mut versions: Vec<Dated>) -> Timeline {
        versions.sort_by_key(|version| version.valid_from);
        Timeline(versions)
    }

    /// The versions, the earliest first.
    pub fn versions(&self) -> &[Dated] {
        &self.0
    }

    /// The version that is valid on a day.
    pub fn on(&self, day: NaiveDate) -> Option<&Dated> {
        self.0.iter().rev().find(|version| version.valid_from <= day)
    }

    /// The day on which a version ends, because another one begins; none for the last.
    pub fn end_of(&self, id: PriceVersionId) -> Option<NaiveDate> {
        let place = self.0.iter().position(|version| version.id == id)?;
        self.0.get(place + 1).map(|next| next.valid_from)
    }

    /// The stretches of a month, the earliest first.
    pub fn phases(&self, month: BillingMonth) -> Vec<Phase<'_>> {
        let (first, end) = (month.first_day(), month.next().first_day());
        let placed = self.0.iter().enumerate().map(|(place, version)| {
            let to = self.0.get(place + 1).map_or(end, |next| next.valid_from.min(end));
            Phase { version, from: version.valid_from.max(first), to, is_last: to == end }
        });
        placed.filter(|phase| phase.from < phase.to).collect()
    }

    /// The first day whose usage rating a month asks for: that of the month, or of a contract year with a limit.
    pub fn usage_from(&self, month: BillingMonth) -> NaiveDate {
        let phases = self.phases(month);
        let limited = phases.iter().filter(|phase| phase.version.content.has_limit());
        let years = limited.flat_map(Phase::years);
        years.map(|year| year.year_from).fold(month.first_day(), NaiveDate::min)
    }
}

impl Phase<'_> {
    /// The contract years that the stretch is in: one, or two in the month of the anniversary.
    pub fn years(&self) -> Vec<YearPart> {
        let (mut years, mut from) = (Vec::new(), self.from);
        while from < self.to {
            let (year_from, renewed_on) = contract_year(self.version.valid_from, from);
            let to = self.to.min(renewed_on);
            years.push(YearPart { from, to, year_from });
            from = to;
        }
        years
    }
}

/// The contract year that a day is in: its first day, and that of the next one.
fn contract_year(valid_from: NaiveDate, day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let anniversary =
        |years: u32| valid_from.checked_add_months(Months::new(12 * years)).unwrap_or(NaiveDate::MAX);
    let years = day.years_since(valid_from).unwrap_or_default();
    // A 29th of February has its anniversary on the 28th, which `years_since` counts a day later.
    let years = if anniversary(years + 1) <= day { years + 1 } else { years };
    (anniversary(years), anniversary(years + 1))
}

impl Content {
    /// Whether rating asks for what was used in the contract year so far.
    fn has_limit(&self) -> bool {
        let has_limit = |charge: &KeyedCharge| match &charge.charge {
            Charge::AnnualPackage(package) => package.included().is_some(),
            _ => false,
        };
        self.charges.iter().any(has_limit)
    }
}
