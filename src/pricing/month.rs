//! Rating a customer's month: every day by the version that is valid on it.
//!
//! Source: `domain.md` §4. Where a version changes within the month, tiers and blocks are counted anew from its first day
//! on. What is due once a month follows the version that is valid on the last day: minimum, cap and discount, the part
//! of an annual fee, and a flat fee that is due without usage. A contract year renews on the anniversary of the version's
//! first day, which divides a month as another version would.

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::types::ids::{MeterId, PriceVersionId};
use crate::types::{BillingMonth, Currency, Money, Quantity};

use super::faults::{Fault, Faults};
use super::models::{Charge, ContractYear, Usage, annual_package};
use super::price_plans::model::{ChargeKey, Content, KeyedCharge};
use super::rating::{Line, LineKind, sum};

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

/// What was used of a meter on a day. For days before the month in question any grouping does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayUsage {
    /// The day.
    pub used_on: NaiveDate,
    /// The meter.
    pub meter: MeterId,
    /// The series of devices; blank for none.
    pub device_series: String,
    /// The layer; blank for none.
    pub layer: String,
    /// How much.
    pub quantity: Decimal,
}

/// What overage is counted by: a charge of a version in a contract year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OverageKey {
    /// The version.
    pub version: PriceVersionId,
    /// What the charge is for.
    pub charge: ChargeKey,
    /// The first day of the contract year.
    pub year_from: NaiveDate,
}

/// A stretch of a month in which one version, and one contract year of it, is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase<'a> {
    /// The version.
    pub version: &'a Dated,
    /// Its first day in the month.
    pub from: NaiveDate,
    /// The day after its last one in the month.
    pub to: NaiveDate,
    /// The first day of the contract year.
    pub year_from: NaiveDate,
    /// Whether it has the last day of the month.
    pub is_last: bool,
}

/// A line of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthLine {
    /// The version that it follows from.
    pub version: PriceVersionId,
    /// The number of that version.
    pub number: u32,
    /// The first day that it covers.
    pub from: NaiveDate,
    /// The last day that it covers.
    pub until: NaiveDate,
    /// What is charged; none for minimum, cap and discount, which follow from all of it.
    pub charge: Option<ChargeKey>,
    /// How much was used; none for what does not follow from usage.
    pub quantity: Option<Quantity>,
    /// The first day of the contract year that an overage is counted in.
    pub year_from: Option<NaiveDate>,
    /// The amount, and how it was found.
    pub line: Line,
}

/// What a month comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthRated {
    /// The currency of all amounts.
    pub currency: Currency,
    /// The lines: by version, then by charge, then what follows from all of it. Empty when nothing is due.
    pub lines: Vec<MonthLine>,
    /// The sum of the lines.
    pub amount: Money,
    /// What was used on days without a version, or of a meter that the version does not charge.
    pub unpriced: Vec<DayUsage>,
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
        let mut phases = Vec::new();
        for (place, version) in self.0.iter().enumerate() {
            let next = self.0.get(place + 1).map_or(end, |next| next.valid_from.min(end));
            let (mut from, to) = (version.valid_from.max(first), next);
            while from < to {
                let (year_from, renewed_on) = contract_year(version.valid_from, from);
                let until = if version.content.has_annual() { to.min(renewed_on) } else { to };
                phases.push(Phase { version, from, to: until, year_from, is_last: until == end });
                from = until;
            }
        }
        phases
    }

    /// The first day whose usage rating a month asks for: that of the month, or of a contract year with a limit.
    pub fn usage_from(&self, month: BillingMonth) -> NaiveDate {
        let phases = self.phases(month);
        let limited = phases.iter().filter(|phase| phase.version.content.has_limit());
        limited.map(|phase| phase.year_from).fold(month.first_day(), NaiveDate::min)
    }

    /// What a month comes to.
    ///
    /// `usage` has the days from [`Timeline::usage_from`] to the last of the month; `billed_overage` tells what was billed
    /// of an overage in earlier months. None when no version is valid on any day of the month.
    ///
    /// # Errors
    /// An amount that has no place, or versions of two currencies in one month.
    pub fn rate(
        &self,
        month: BillingMonth,
        usage: &[DayUsage],
        billed_overage: &dyn Fn(&OverageKey) -> Money,
    ) -> Result<Option<MonthRated>, Faults> {
        let phases = self.phases(month);
        let Some(last) = phases.last() else { return Ok(None) };
        let terms = last.version.content.terms;
        if phases.iter().any(|phase| phase.version.content.terms.currency() != terms.currency()) {
            return Err(Fault::new("currency", Tr::price_month_fault_currencies).into());
        }
        let mut lines = Vec::new();
        for phase in &phases {
            lines.extend(phase.lines(usage, billed_overage)?);
        }
        let has_usage = usage.iter().any(|day| month.contains(day.used_on) && !day.quantity.is_zero());
        let mut all: Vec<Line> = lines.iter().map(|line| line.line.clone()).collect();
        let charged = all.len();
        terms.conclude(&mut all, has_usage)?;
        let amount = sum(&all)?;
        lines.extend(all.into_iter().skip(charged).map(|line| MonthLine {
            from: month.first_day(),
            until: month.last_day(),
            ..last.line(None, None, line)
        }));
        let unpriced = usage
            .iter()
            .filter(|day| month.contains(day.used_on) && !day.quantity.is_zero() && !is_priced(&phases, day));
        let unpriced = unpriced.cloned().collect();
        Ok(Some(MonthRated { currency: terms.currency(), lines, amount, unpriced }))
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

fn is_priced(phases: &[Phase<'_>], day: &DayUsage) -> bool {
    phases.iter().any(|phase| phase.covers(day.used_on) && phase.charge_of(day).is_some())
}

impl Content {
    fn has_annual(&self) -> bool {
        self.charges.iter().any(|charge| matches!(charge.charge, Charge::AnnualPackage(_)))
    }

    fn has_limit(&self) -> bool {
        let has_limit = |charge: &KeyedCharge| match &charge.charge {
            Charge::AnnualPackage(package) => package.included().is_some(),
            _ => false,
        };
        self.charges.iter().any(has_limit)
    }
}

impl Phase<'_> {
    fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && day < self.to
    }

    fn charge_of(&self, day: &DayUsage) -> Option<usize> {
        self.version.content.charge_of(day.meter, &day.device_series, &day.layer)
    }

    /// What was used of a charge from a day on until the phase ends.
    fn used_from(&self, place: usize, from: NaiveDate, usage: &[DayUsage]) -> Decimal {
        let days = usage
            .iter()
            .filter(|day| from <= day.used_on && day.used_on < self.to && self.charge_of(day) == Some(place));
        days.map(|day| day.quantity).sum()
    }

    fn lines(
        &self,
        usage: &[DayUsage],
        billed_overage: &dyn Fn(&OverageKey) -> Money,
    ) -> Result<Vec<MonthLine>, Faults> {
        let mut lines = Vec::new();
        for (place, keyed) in self.version.content.charges.iter().enumerate() {
            let quantity = self.used_from(place, self.from, usage);
            let key =
                OverageKey { version: self.version.id, charge: keyed.key.clone(), year_from: self.year_from };
            let found = match &keyed.charge {
                Charge::AnnualPackage(_) => {
                    let cumulative = self.used_from(place, self.year_from, usage);
                    self.annual(&keyed.charge, quantity, cumulative, billed_overage(&key))?
                }
                charge if quantity.is_zero() => self.without_usage(charge)?,
                charge => charge.lines(&Usage::new(quantity)?, self.currency())?,
            };
            lines.extend(found.into_iter().map(|line| {
                let is_overage = line.kind == LineKind::Overage;
                let quantity = (line.kind != LineKind::AnnualFee).then_some(Quantity(quantity.normalize()));
                MonthLine {
                    year_from: is_overage.then_some(self.year_from),
                    ..self.line(Some(keyed.key.clone()), quantity, line)
                }
            }));
        }
        Ok(lines)
    }

    fn currency(&self) -> Currency {
        self.version.content.terms.currency()
    }

    fn annual(
        &self,
        charge: &Charge,
        quantity: Decimal,
        cumulative: Decimal,
        billed: Money,
    ) -> Result<Vec<Line>, Faults> {
        let months = BillingMonth::of(self.from).months_since(self.year_from).unwrap_or_default();
        let month = (months + 1).min(annual_package::PARTS.into());
        let year = ContractYear::new(Decimal::from(month), cumulative, billed.0, self.currency())?;
        let mut lines = charge.lines(&Usage::new(quantity)?.in_year(year), self.currency())?;
        if !self.is_last {
            lines.retain(|line| line.kind != LineKind::AnnualFee);
        }
        Ok(lines)
    }

    /// What is due when nothing was used: a flat fee, if the charge says so.
    fn without_usage(&self, charge: &Charge) -> Result<Vec<Line>, Faults> {
        if !self.is_last {
            return Ok(Vec::new());
        }
        let mut lines = charge.lines(&Usage::new(Decimal::ZERO)?, self.currency())?;
        lines.retain(|line| line.amount != Money::ZERO);
        Ok(lines)
    }

    fn line(&self, charge: Option<ChargeKey>, quantity: Option<Quantity>, line: Line) -> MonthLine {
        MonthLine {
            version: self.version.id,
            number: self.version.number,
            from: self.from,
            until: self.to.pred_opt().unwrap_or(self.to),
            charge,
            quantity,
            year_from: None,
            line,
        }
    }
}
