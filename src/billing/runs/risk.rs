//! What of a plan somebody should look at, and how urgently.

use rust_decimal::Decimal;

use crate::db::Db;
use crate::settings;
use crate::settings::registry::{
    BILLING_LOOK_AT_CHANGE_AMOUNT, BILLING_LOOK_AT_CHANGE_PERCENT, BILLING_LOOK_AT_TOTAL_ABOVE,
};
use crate::types::{BillingMonth, Money, Result};

use super::inputs::model::{Inputs, PastBill};
use super::model::Flag;

/// From where on somebody should look, as the settings have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// By how many percent a bill may change.
    pub change_percent: Decimal,
    /// By which amount it may change, however many percent that is.
    pub change_amount: Decimal,
    /// What it may come to; none for any amount.
    pub total_above: Option<Decimal>,
}

impl Thresholds {
    /// The thresholds of this moment.
    pub fn read(db: &mut Db) -> Result<Thresholds> {
        let total_above = settings::read(db, &BILLING_LOOK_AT_TOTAL_ABOVE)?;
        Ok(Thresholds {
            change_percent: settings::read(db, &BILLING_LOOK_AT_CHANGE_PERCENT)?.into(),
            change_amount: settings::read(db, &BILLING_LOOK_AT_CHANGE_AMOUNT)?.into(),
            total_above: (total_above > 0).then(|| total_above.into()),
        })
    }

    /// Whether a bill changed by more than it may: by amount and by percentage.
    fn is_much(&self, change: Money, previous: Money) -> bool {
        let change = change.0.abs();
        // What is too large to be multiplied is much.
        let percent = change.checked_mul(Decimal::ONE_HUNDRED);
        let allowed = previous.0.checked_mul(self.change_percent);
        let beyond = match (percent, allowed) {
            (Some(percent), Some(allowed)) => percent > allowed,
            _ => true,
        };
        change > self.change_amount && beyond
    }
}

/// How much a flag asks to be looked at.
fn weight(flag: Flag) -> u16 {
    match flag {
        Flag::ChangedMuch => 40,
        Flag::AboveThreshold => 30,
        Flag::Lost | Flag::Reissue => 20,
        Flag::Late | Flag::NegativeTrend | Flag::ZeroBaseline => 10,
        Flag::FirstTime => 5,
    }
}

/// How much flags ask to be looked at together; 0 for not at all.
pub fn risk(flags: &[Flag]) -> u16 {
    flags.iter().map(|flag| weight(*flag)).sum()
}

/// Why somebody should look at a bill that comes to `total`.
pub fn flags_of_bill(
    inputs: &Inputs,
    month: BillingMonth,
    total: Money,
    previous: Option<&PastBill>,
    thresholds: &Thresholds,
) -> Vec<Flag> {
    let bills = &inputs.bills;
    let change = previous.map(|bill| (Money(total.0 - bill.total.0), bill.total));
    let holds = [
        (Flag::FirstTime, bills.first.is_none()),
        (Flag::ZeroBaseline, bills.first.is_some() && bills.of(month.previous()).is_none()),
        (Flag::NegativeTrend, falls(inputs, month, total)),
        (Flag::ChangedMuch, change.is_some_and(|(change, was)| thresholds.is_much(change, was))),
        (Flag::AboveThreshold, thresholds.total_above.is_some_and(|above| total.0 > above)),
        (Flag::Late, !inputs.late.is_empty()),
        (Flag::Reissue, bills.credited.is_some()),
    ];
    holds.into_iter().filter(|(_, holds)| *holds).map(|(flag, _)| flag).collect()
}

/// Whether a bill is less than the one before, and that less than the one before it, three times in a row.
fn falls(inputs: &Inputs, month: BillingMonth, total: Money) -> bool {
    let totals: Vec<Money> = std::iter::once(Some(total))
        .chain((1..=3).map(|back| inputs.bills.of(month.back(back)).map(|bill| bill.total)))
        .flatten()
        .collect();
    totals.len() == 4 && totals.windows(2).all(|pair| matches!(pair, [later, earlier] if later < earlier))
}
