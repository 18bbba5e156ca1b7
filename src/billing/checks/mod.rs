//! What must always be true of bills (`domain.md` §7). All of them are looked at, a block of ids at a time: in sums by the
//! database, line by line where the arithmetic is found again, so that millions of lines cost no memory.

pub mod job;
pub mod queries;

use std::collections::{BTreeMap, BTreeSet};

use crate::db::Db;
use crate::db::checks::{Check, Finding};
use crate::pricing::checker;
use crate::types::ids::CustomerId;
use crate::types::{BillingMonth, Result};

use super::bills::model::BillLine;
use queries::{Block, Outcome, Used};

/// The checks of the room.
pub const ALL: &[Check] = &[
    Check { code: "billing.totals", find: totals },
    Check { code: "billing.balances", find: balances },
    Check { code: "billing.settlement", find: settlement },
    Check { code: "billing.live", find: live },
    Check { code: "billing.lines", find: lines },
    Check { code: "billing.usage", find: usage },
];

/// How many ids of bills are summed at once.
const SUMMED: u64 = 20_000;

/// How many bills are read at once with their lines.
const READ: u64 = 1_000;

/// How many ids of customers are compared at once.
const CUSTOMERS: u64 = 1_000;

/// Goes through all bills, a block of ids at a time.
fn each(
    db: &mut Db,
    size: u64,
    look: impl Fn(&mut Db, Block, &mut Finding) -> Result<()>,
) -> Result<Finding> {
    let mut finding = Finding { examined: queries::count_bills(db)?, breaches: Vec::new() };
    let last = queries::last_bill(db)?;
    let mut after = 0;
    while after < last {
        let block = Block { after, until: after + size };
        look(db, block, &mut finding)?;
        after = block.until;
    }
    Ok(finding)
}

/// Invariant 1: the total of a bill is the sum of its lines.
fn totals(db: &mut Db) -> Result<Finding> {
    each(db, SUMMED, |db, block, finding| {
        finding.breaches.extend(queries::wrong_totals(db, block)?);
        Ok(())
    })
}

/// Invariant 2: the balance is the total less what is gone of it, and not below zero; what was credited is the sum of the
/// credit notes that were issued, and a credit note the sum of its lines.
fn balances(db: &mut Db) -> Result<Finding> {
    let mut finding = each(db, SUMMED, |db, block, finding| {
        finding.breaches.extend(queries::wrong_balances(db, block)?);
        Ok(())
    })?;
    finding.breaches.extend(queries::wrong_credit_notes(db)?);
    Ok(finding)
}

/// Invariant 4: the state of settlement is the one that the amounts add up to.
fn settlement(db: &mut Db) -> Result<Finding> {
    each(db, SUMMED, |db, block, finding| {
        finding.breaches.extend(queries::wrong_settlements(db, block)?);
        Ok(())
    })
}

/// Invariant 5: a customer has one bill of a month and kind that counts.
fn live(db: &mut Db) -> Result<Finding> {
    Ok(Finding { examined: queries::count_bills(db)?, breaches: queries::twice_live(db)? })
}

/// Invariant 6: each line is found again from its explanation.
fn lines(db: &mut Db) -> Result<Finding> {
    let mut finding = Finding { examined: 0, breaches: Vec::new() };
    let last = queries::last_bill(db)?;
    let mut after = 0;
    while after < last {
        let block = Block { after, until: after + READ };
        for (number, lines) in queries::bills_with_lines(db, block)? {
            finding.examined += lines.len();
            finding.breaches.extend(wrong_line(&number, &lines));
        }
        after = block.until;
    }
    Ok(finding)
}

/// The first line of a bill that does not hold: the number of the bill, the place of the line, and what is wrong with it.
fn wrong_line(number: &str, lines: &[BillLine]) -> Option<String> {
    let mut rated = Vec::with_capacity(lines.len());
    for line in lines {
        match line.rated() {
            Ok(line) => rated.push(line),
            Err(_) => return Some(format!("{number} #{}: explanation", line.position)),
        }
    }
    let (place, disagreement) = checker::check_lines(&rated).err()?;
    let position = lines.get(place).map_or(0, |line| line.position);
    let stated = disagreement.stated.normalize();
    let found = disagreement.found.map_or_else(|| "?".to_owned(), |found| found.normalize().to_string());
    Some(format!("{number} #{position}: {} {stated} != {found}", disagreement.what.as_str()))
}

/// Invariant 7: the usage of a billed month is what the run saw that wrote the customer's bill, or, where it has none that
/// counts, the latest run that was committed; and late usage is on the line that it is said to be on.
fn usage(db: &mut Db) -> Result<Finding> {
    let months: BTreeSet<BillingMonth> = queries::billed_months(db)?.into_iter().collect();
    let mut finding = Finding { examined: 0, breaches: Vec::new() };
    let last = if months.is_empty() { 0 } else { queries::last_customer(db)? };
    let mut after = 0;
    while after < last {
        let block = Block { after, until: after + CUSTOMERS };
        let used = queries::used(db, block)?;
        let outcomes = queries::outcomes(db, block)?;
        let pairs: BTreeSet<(CustomerId, BillingMonth)> =
            used.keys().chain(outcomes.keys()).filter(|(_, month)| months.contains(month)).copied().collect();
        finding.examined += pairs.len();
        let mut wrong: BTreeMap<(CustomerId, BillingMonth), String> = BTreeMap::new();
        for pair in pairs {
            let used = used.get(&pair).copied().unwrap_or_default();
            if let Some(what) = difference(used, outcomes.get(&pair)) {
                wrong.insert(pair, what);
            }
        }
        finding.breaches.extend(named(db, wrong)?);
        after = block.until;
    }
    finding.breaches.extend(queries::lost_late_usage(db)?);
    Ok(finding)
}

/// How what was used differs from what a run saw.
fn difference(used: Used, outcome: Option<&Outcome>) -> Option<String> {
    let Some(outcome) = outcome else {
        let Used { quantity, records } = used;
        return (records > 0).then(|| format!("{} ({records}) != –", quantity.normalize()));
    };
    let seen = outcome.used;
    (seen != used).then(|| {
        let (has, saw) = (used.quantity.normalize(), seen.quantity.normalize());
        format!("{has} ({}) != {saw} ({})", used.records, seen.records)
    })
}

/// Breaches with the codes of the customers.
fn named(db: &mut Db, wrong: BTreeMap<(CustomerId, BillingMonth), String>) -> Result<Vec<String>> {
    let ids: Vec<CustomerId> = wrong.keys().map(|(id, _)| *id).collect();
    let codes = queries::codes(db, &ids)?;
    let name = |((id, month), what): ((CustomerId, BillingMonth), String)| {
        let code = codes.get(&id).cloned().unwrap_or_else(|| format!("#{id}"));
        format!("{month} {code}: {what}")
    };
    Ok(wrong.into_iter().map(name).collect())
}
