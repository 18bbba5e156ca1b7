//! What must always be true of usage. Looked at a day at a time, or by the database alone, so that millions of records
//! cost no memory.

use std::collections::BTreeMap;

use crate::db::Db;
use crate::db::checks::{Check, Finding};
use crate::types::Result;

use super::day_totals::queries::{self as totals, Total};
use super::records;

/// The checks of the room.
pub const ALL: &[Check] = &[
    Check { code: "usage.day_totals", find: day_totals },
    Check { code: "usage.references", find: references },
    Check { code: "usage.quantities", find: quantities },
];

/// The totals of each day are the sums of its records.
fn day_totals(db: &mut Db) -> Result<Finding> {
    let mut finding = Finding { examined: 0, breaches: Vec::new() };
    let mut after = None;
    while let Some(day) = totals::next_day(db, after)? {
        after = Some(day);
        let kept = by_key(totals::of_day(db, day)?);
        let summed = by_key(totals::summed(db, day)?);
        finding.examined +=
            summed.values().map(|(_, records)| usize::try_from(*records).unwrap_or(0)).sum::<usize>();
        let keys: std::collections::BTreeSet<&String> = kept.keys().chain(summed.keys()).collect();
        for key in keys {
            let nothing = || (rust_decimal::Decimal::ZERO, 0);
            let kept = kept.get(key).copied().unwrap_or_else(nothing);
            let summed = summed.get(key).copied().unwrap_or_else(nothing);
            if kept != summed {
                finding
                    .breaches
                    .push(format!("{day} {key}: {} ({}) != {} ({})", kept.0, kept.1, summed.0, summed.1));
            }
        }
    }
    Ok(finding)
}

fn by_key(totals: Vec<Total>) -> BTreeMap<String, (rust_decimal::Decimal, i64)> {
    let pair = |total: Total| {
        let Total { source, meter, device_series, layer, quantity, records } = total;
        (format!("{source}/{meter}/{device_series}/{layer}"), (quantity.normalize(), records))
    };
    totals.into_iter().map(pair).collect()
}

/// Each record has a meter, a source and an intake.
fn references(db: &mut Db) -> Result<Finding> {
    Ok(Finding {
        examined: records::queries::count_all(db)?,
        breaches: records::queries::without_references(db)?,
    })
}

/// What counts is what a correction in force says, and otherwise what was sent.
fn quantities(db: &mut Db) -> Result<Finding> {
    Ok(Finding { examined: records::queries::count_all(db)?, breaches: records::queries::unexplained(db)? })
}
