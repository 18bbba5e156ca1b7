//! The lines of a bill as pages, programs and the command line show them: what each is for, the amount, and the sentences
//! that say how it was found.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::catalog::meters::queries::Meters;
use crate::db::Db;
use crate::i18n::Tr;
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::price_plans::sheet;
use crate::pricing::rating::LineKind;
use crate::types::ids::{BillId, PriceVersionId, UserId};
use crate::types::{BillingMonth, Money, Quantity, Result};

use super::model::{Bill, BillLine};
use super::people::People;
use super::queries;

/// A line in words.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Its place on the bill.
    pub position: u16,
    /// What kind of line it is.
    pub kind: LineKind,
    /// What it is for.
    pub title: String,
    /// The first day that it covers.
    pub from: NaiveDate,
    /// The last day that it covers.
    pub until: NaiveDate,
    /// How much was used, with its unit.
    pub quantity: Option<String>,
    /// The amount.
    pub amount: Money,
    /// How it was found, in whole sentences.
    pub text: Vec<String>,
    /// The version of prices that it follows from, and its number.
    pub price: Option<(PriceVersionId, u32)>,
    /// The bill that late usage should have been on, and its number.
    pub late_of: Option<(BillId, String)>,
    /// The month that late usage is of.
    pub late_month: Option<BillingMonth>,
    /// Why somebody wrote it by hand.
    pub reason: Option<String>,
    /// Who wrote it by hand.
    pub author: Option<String>,
}

impl Explained {
    /// Whether somebody wrote it by hand.
    pub fn is_manual(&self) -> bool {
        self.kind == LineKind::Manual
    }

    /// Whether it does not cover the whole month of its bill.
    pub fn is_part_of(&self, bill: &Bill) -> bool {
        self.from != bill.month().first_day() || self.until != bill.month().last_day()
    }
}

/// The lines of a bill in words.
pub fn lines(db: &mut Db, t: Tr, meters: &Meters, lines: &[BillLine]) -> Result<Vec<Explained>> {
    let late: Vec<BillId> = lines.iter().filter_map(|line| line.late_of).collect();
    let numbers = queries::numbers(db, &late)?;
    let people = People::load(db, lines.iter().map(|line| line.created_by))?;
    lines.iter().map(|line| explained(t, meters, &numbers, &people, line)).collect()
}

fn explained(
    t: Tr,
    meters: &Meters,
    numbers: &BTreeMap<BillId, String>,
    people: &People,
    line: &BillLine,
) -> Result<Explained> {
    let name = |id: UserId| people.name(t, Some(id));
    Ok(Explained {
        position: line.position,
        kind: line.kind,
        title: title(t, meters, line),
        from: line.from_on,
        until: line.until_on,
        quantity: quantity(t, meters, line),
        amount: Money(line.amount),
        text: line.explanation()?.text(t),
        price: line.price_version_id.zip(line.price_number),
        late_of: line.late_of.and_then(|id| Some((id, numbers.get(&id)?.clone()))),
        late_month: line.late_month.map(BillingMonth::of),
        reason: line.reason.clone(),
        author: line.created_by.map(name),
    })
}

/// What a line is for: what somebody wrote, or the kind of line and what it charges.
pub fn title(t: Tr, meters: &Meters, line: &BillLine) -> String {
    if let Some(description) = &line.description {
        return description.clone();
    }
    let kind = t.label("price_line", line.kind.as_str());
    match line.meter_id {
        Some(meter) => {
            let key =
                ChargeKey { meter, device_series: line.device_series.clone(), layer: line.layer.clone() };
            t.price_trial_line(kind, sheet::title(t, meters, &key))
        }
        None => kind,
    }
}

fn quantity(t: Tr, meters: &Meters, line: &BillLine) -> Option<String> {
    let quantity = Quantity(line.quantity?.normalize());
    let unit = line.meter_id.and_then(|id| meters.get(id)).map_or("", |meter| meter.unit(t));
    Some(format!("{quantity} {unit}").trim_end().to_owned())
}
