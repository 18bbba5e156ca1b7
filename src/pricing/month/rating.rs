//! What a month comes to: the lines of each stretch, and what follows from all of them.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::pricing::faults::{Fault, Faults};
use crate::pricing::models::{Charge, ContractYear, Usage, annual_package};
use crate::pricing::price_plans::model::{ChargeKey, KeyedCharge};
use crate::pricing::rating::{Line, LineKind, sum};
use crate::types::{BillingMonth, Currency, Money, Quantity};

use super::model::{DayUsage, MonthLine, MonthRated, OverageKey};
use super::timeline::{Phase, Timeline, YearPart};

impl Timeline {
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

fn is_priced(phases: &[Phase<'_>], day: &DayUsage) -> bool {
    phases.iter().any(|phase| phase.covers(day.used_on) && phase.charge_of(day).is_some())
}

impl Phase<'_> {
    fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && day < self.to
    }

    fn charge_of(&self, day: &DayUsage) -> Option<usize> {
        self.version.content.charge_of(day.meter, &day.device_series, &day.layer)
    }

    /// What was used of a charge from a day on and before another.
    fn used(&self, place: usize, from: NaiveDate, to: NaiveDate, usage: &[DayUsage]) -> Decimal {
        let days = usage
            .iter()
            .filter(|day| from <= day.used_on && day.used_on < to && self.charge_of(day) == Some(place));
        days.map(|day| day.quantity).sum()
    }

    fn lines(
        &self,
        usage: &[DayUsage],
        billed_overage: &dyn Fn(&OverageKey) -> Money,
    ) -> Result<Vec<MonthLine>, Faults> {
        let mut lines = Vec::new();
        for (place, keyed) in self.version.content.charges.iter().enumerate() {
            if matches!(keyed.charge, Charge::AnnualPackage(_)) {
                for year in self.years() {
                    lines.extend(self.annual(place, keyed, year, usage, billed_overage)?);
                }
                continue;
            }
            let quantity = self.used(place, self.from, self.to, usage);
            let found = if quantity.is_zero() {
                self.without_usage(&keyed.charge)?
            } else {
                keyed.charge.lines(&Usage::new(quantity)?, self.currency())?
            };
            let quantity = Some(Quantity(quantity.normalize()));
            lines.extend(found.into_iter().map(|line| self.line(Some(keyed.key.clone()), quantity, line)));
        }
        Ok(lines)
    }

    fn currency(&self) -> Currency {
        self.version.content.terms.currency()
    }

    /// What an annual package comes to in one contract year: its part of the fee where the month ends in it, and what
    /// went beyond.
    fn annual(
        &self,
        place: usize,
        keyed: &KeyedCharge,
        year: YearPart,
        usage: &[DayUsage],
        billed_overage: &dyn Fn(&OverageKey) -> Money,
    ) -> Result<Vec<MonthLine>, Faults> {
        let YearPart { from, to, year_from } = year;
        let quantity = self.used(place, from, to, usage);
        let cumulative = self.used(place, year_from, to, usage);
        let key = OverageKey { version: self.version.id, charge: keyed.key.clone(), year_from };
        let months = BillingMonth::of(from).months_since(year_from).unwrap_or_default();
        let month = (months + 1).min(annual_package::PARTS.into());
        let billed = billed_overage(&key);
        let contract = ContractYear::new(Decimal::from(month), cumulative, billed.0, self.currency())?;
        let mut found = keyed.charge.lines(&Usage::new(quantity)?.in_year(contract), self.currency())?;
        let has_last_day = self.is_last && to == self.to;
        found.retain(|line| has_last_day || line.kind != LineKind::AnnualFee);
        let placed = found.into_iter().map(|line| {
            let is_overage = line.kind == LineKind::Overage;
            let quantity = is_overage.then_some(Quantity(quantity.normalize()));
            MonthLine {
                from,
                until: to.pred_opt().unwrap_or(to),
                year_from: is_overage.then_some(year_from),
                ..self.line(Some(keyed.key.clone()), quantity, line)
            }
        });
        Ok(placed.collect())
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
