//! What becomes of a customer, from its inputs alone: purely, so that many are worked out at the same time, and that the
//! same inputs always come to the same.

use std::thread;

use chrono::NaiveDate;

use rust_decimal::Decimal;

use crate::customers::directory::model::AccountType;
use crate::customers::status::model::Status;
use crate::i18n::Said;
use crate::pricing::faults::Faults;
use crate::pricing::month::{MonthLine, MonthRated, OverageKey, Timeline};
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::rating::Line;
use crate::types::ids::{BillId, PriceVersionId};
use crate::types::{BillingMonth, Currency, Error, Money, Quantity, Result};

use super::change::{Change, Side};
use super::inputs::model::{Hashes, Head, Inputs, PastBill};
use super::late::LateLine;
use super::model::{Flag, Outcome, Reason};
use super::risk::{self, Thresholds};

/// The most money that can be stored.
const MOST: i64 = 9_999_999_999_999_999;

/// At most so many threads work customers out at the same time.
const THREADS: usize = 8;

/// A line that is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// The version of prices that it follows from, and its number; none for late usage.
    pub version: Option<(PriceVersionId, u32)>,
    /// What is charged; none for what follows from all of the month.
    pub charge: Option<ChargeKey>,
    /// The first day that it covers.
    pub from: NaiveDate,
    /// The last day that it covers.
    pub until: NaiveDate,
    /// How much was used.
    pub quantity: Option<Quantity>,
    /// The first day of the contract year that an overage is counted in.
    pub year_from: Option<NaiveDate>,
    /// The bill and the month that late usage is of.
    pub late: Option<(Option<BillId>, BillingMonth)>,
    /// The amount, and how it was found.
    pub line: Line,
}

/// What becomes of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The customer.
    pub head: Head,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why, where it is excluded or failed.
    pub reason: Option<Reason>,
    /// What exactly went wrong, where there is more to say than the reason.
    pub said: Option<Said>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The sum of the lines.
    pub total: Money,
    /// What last month's bill came to.
    pub previous: Option<Money>,
    /// What it is more than last month.
    pub change: Change,
    /// Why somebody should look at it.
    pub flags: Vec<Flag>,
    /// What was used in the month.
    pub usage_quantity: Decimal,
    /// How many records that is.
    pub usage_records: u32,
    /// The bill that it would take the place of.
    pub reissue_of: Option<BillId>,
    /// The lines; none for what is not billed.
    pub lines: Vec<NewLine>,
    /// The digests of the inputs.
    pub hashes: Hashes,
}

impl Head {
    /// Why the customer is not billed, whatever was used. Source: `domain.md` §6.
    pub fn exclusion(&self) -> Option<Reason> {
        if self.account_type != AccountType::Formal {
            return Some(Reason::NotFormal);
        }
        if !self.billable {
            return Some(Reason::NotBillable);
        }
        match self.status {
            Status::Lead => Some(Reason::Lead),
            Status::Unconfirmed => Some(Reason::Unconfirmed),
            Status::Archived => Some(Reason::Archived),
            _ => None,
        }
    }
}

/// The prices that closed the month before, as if they were valid ever since; none where none were.
pub fn closing(timeline: &Timeline, month: BillingMonth) -> Option<Timeline> {
    timeline.on(month.previous().last_day()).map(|version| Timeline::new(vec![version.clone()]))
}

/// What becomes of these customers, in their order: worked out by as many threads as the machine has cores.
///
/// # Errors
/// When a thread died.
pub fn plan_all(month: BillingMonth, all: &[Inputs], thresholds: &Thresholds) -> Result<Vec<Planned>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    let share = all.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let at_work: Vec<_> = all
            .chunks(share)
            .map(|some| {
                scope.spawn(move || {
                    some.iter().map(|inputs| plan(month, inputs, thresholds)).collect::<Vec<_>>()
                })
            })
            .collect();
        let mut planned = Vec::with_capacity(all.len());
        for thread in at_work {
            let some = thread.join();
            planned.extend(
                some.map_err(|_| Error::Internal(anyhow::anyhow!("a thread that plans bills died")))?,
            );
        }
        Ok(planned)
    })
}

/// What was found wrong with a customer: the reason, and what there is to say beyond it.
type Wrong = (Reason, Option<Said>);

/// What a customer is billed: the currency, the lines, and their sum; what was rated of it, and what came late.
struct Billed {
    currency: Currency,
    lines: Vec<NewLine>,
    rated: Money,
    late: Money,
}

impl Billed {
    fn total(&self) -> Money {
        Money(self.rated.0 + self.late.0)
    }
}

/// What becomes of a customer.
pub fn plan(month: BillingMonth, inputs: &Inputs, thresholds: &Thresholds) -> Planned {
    let wrong = match inputs.bills.of_month {
        Some(_) => Some(Reason::BilledAlready),
        None => inputs.head.exclusion(),
    };
    match wrong {
        Some(reason) => without_bill(month, inputs, reason.outcome(), Some((reason, None))),
        None => match bill(month, inputs) {
            Err((reason, said)) => without_bill(month, inputs, reason.outcome(), Some((reason, said))),
            Ok(billed) if billed.total() == Money::ZERO => without_bill(month, inputs, Outcome::Zero, None),
            Ok(billed) => with_bill(month, inputs, billed, thresholds),
        },
    }
}

/// The lines of a customer.
fn bill(month: BillingMonth, inputs: &Inputs) -> std::result::Result<Billed, Wrong> {
    let rated = inputs.timeline.rate(month, &inputs.usage, &|key| billed_overage(inputs, key));
    let rated = rated.map_err(|faults| reason_of(&faults))?;
    let has_usage = inputs.usage_quantity > Decimal::ZERO;
    let unpriced = match &rated {
        Some(rated) => rated.unpriced.iter().map(|day| day.quantity).sum(),
        None if has_usage => inputs.usage_quantity,
        None => Decimal::ZERO,
    };
    if unpriced > Decimal::ZERO {
        return Err((Reason::NoPrice, None));
    }
    let currency = rated.as_ref().map_or(inputs.head.currency, |rated| rated.currency);
    if currency != inputs.head.currency {
        return Err((Reason::Currency, None));
    }
    let amount = rated.as_ref().map_or(Money::ZERO, |rated| rated.amount);
    let mut lines: Vec<NewLine> = rated.map(of_month).unwrap_or_default();
    lines.extend(inputs.late.iter().map(late_line));
    let late = Money(inputs.late.iter().map(|late| late.line.amount.0).sum());
    let billed = Billed { currency, lines, rated: amount, late };
    let total = billed.total().0;
    if total < Decimal::ZERO {
        return Err((Reason::Negative, None));
    }
    if total > Decimal::from(MOST) || lines_are_too_many(&billed.lines) {
        return Err((Reason::AmountOutOfRange, None));
    }
    Ok(billed)
}

/// Whether there are more lines than places for them.
fn lines_are_too_many(lines: &[NewLine]) -> bool {
    u16::try_from(lines.len()).is_err()
}

fn billed_overage(inputs: &Inputs, key: &OverageKey) -> Money {
    inputs.overage.get(key).copied().unwrap_or_default()
}

/// What is wrong where a month cannot be rated: its versions have two currencies, or an amount has no place.
fn reason_of(faults: &Faults) -> Wrong {
    let is_currency = faults.iter().any(|fault| fault.field == "currency");
    let reason = if is_currency { Reason::Currency } else { Reason::AmountOutOfRange };
    let said = Said::new(|t| t.join(faults.iter().map(|fault| fault.message.text(t))));
    (reason, Some(said))
}

fn of_month(rated: MonthRated) -> Vec<NewLine> {
    let line = |line: MonthLine| NewLine {
        version: Some((line.version, line.number)),
        charge: line.charge,
        from: line.from,
        until: line.until,
        quantity: line.quantity,
        year_from: line.year_from,
        late: None,
        line: line.line,
    };
    rated.lines.into_iter().map(line).collect()
}

fn late_line(late: &LateLine) -> NewLine {
    NewLine {
        version: None,
        charge: None,
        from: late.from,
        until: late.until,
        quantity: late.quantity,
        year_from: None,
        late: Some((late.late_of, late.late_month)),
        line: late.line.clone(),
    }
}

/// Last month's bill, where there is one that amounts of this currency can be held against.
fn previous(month: BillingMonth, inputs: &Inputs, currency: Option<Currency>) -> Option<&PastBill> {
    let last = inputs.bills.of(month.previous());
    last.filter(|bill| currency.is_none_or(|currency| bill.currency == currency))
}

fn side(bill: &PastBill) -> Side {
    Side { total: bill.total, manual: bill.manual }
}

fn without_bill(month: BillingMonth, inputs: &Inputs, outcome: Outcome, wrong: Option<Wrong>) -> Planned {
    let (reason, said) = wrong.unzip();
    // Who has the bill of this month already is not lost.
    let was = previous(month, inputs, None).filter(|_| reason != Some(Reason::BilledAlready));
    let currency = was.map_or(inputs.head.currency, |bill| bill.currency);
    Planned {
        head: inputs.head.clone(),
        outcome,
        reason,
        said: said.flatten(),
        currency,
        total: Money::ZERO,
        previous: was.map(|bill| bill.total),
        change: Change::between(was.map(side), None, Money::ZERO),
        flags: was.map(|_| Flag::Lost).into_iter().collect(),
        usage_quantity: inputs.usage_quantity,
        usage_records: inputs.usage_records,
        reissue_of: None,
        lines: Vec::new(),
        hashes: inputs.hashes(month),
    }
}

fn with_bill(month: BillingMonth, inputs: &Inputs, billed: Billed, thresholds: &Thresholds) -> Planned {
    let was = previous(month, inputs, Some(billed.currency));
    let total = billed.total();
    let now = Side { total, manual: Money::ZERO };
    // What came late was used, too.
    let at_old_prices = was.map(|_| Money(at_old_prices(month, inputs, &billed).0 + billed.late.0));
    Planned {
        head: inputs.head.clone(),
        outcome: Outcome::Billed,
        reason: None,
        said: None,
        currency: billed.currency,
        total,
        previous: was.map(|bill| bill.total),
        change: Change::between(was.map(side), Some(now), at_old_prices.unwrap_or_default()),
        flags: risk::flags_of_bill(inputs, month, total, was, thresholds),
        usage_quantity: inputs.usage_quantity,
        usage_records: inputs.usage_records,
        reissue_of: inputs.bills.credited,
        lines: billed.lines,
        hashes: inputs.hashes(month),
    }
}

/// What this month comes to at the prices that closed last month; what it does come to where there were none, or none that
/// can be worked with.
fn at_old_prices(month: BillingMonth, inputs: &Inputs, billed: &Billed) -> Money {
    let Some(before) = closing(&inputs.timeline, month) else { return billed.rated };
    let is_the_same = matches!(
        (inputs.timeline.phases(month).as_slice(), before.versions()),
        ([phase], [version]) if phase.version.id == version.id
    );
    if is_the_same {
        return billed.rated;
    }
    let rated = before.rate(month, &inputs.usage, &|key| billed_overage(inputs, key));
    let rated = rated.ok().flatten().filter(|rated| rated.currency == billed.currency);
    rated.map_or(billed.rated, |rated| rated.amount)
}
