//! What goes along of usage when two customers are merged.
//!
//! Records go to the customer that stays, with what was sent before and their corrections; totals of days do not change,
//! because nothing more was used. Where both have a record under the same key, both are real, since they were sent for two
//! codes: the merge is refused rather than lose one. Records of closed months stay with the customer that was billed for
//! them. Records that wait in the quarantine go along, too.

mod commands;

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::customers::duplicates::merges::Part;
use crate::db::Tx;
use crate::periods;
use crate::types::Result;
use crate::types::ids::{CustomerId, QuarantinedRecordId, UsageIntakeId};

use super::records::model::RecordKey;
use super::{corrections, quarantine, records};

/// What of usage goes along.
pub const PARTS: &[Part] = &[
    Part {
        code: "usage_records",
        count: records::queries::count,
        give: |tx, from, to| Ok(serde_json::to_value(give(tx, from, to)?).context(UNKEPT)?),
        take_back: |tx, from, to, given| {
            let given: Vec<Given> = serde_json::from_value(given).context(UNKEPT)?;
            take_back(tx, from, to, given)
        },
    },
    Part {
        code: "quarantined_records",
        count: quarantine::queries::count_of_customer,
        give: |tx, from, to| {
            Ok(serde_json::to_value(quarantine::commands::give_all(tx, from, to)?).context(UNKEPT)?)
        },
        take_back: |tx, from, to, given| {
            let given: Vec<QuarantinedRecordId> = serde_json::from_value(given).context(UNKEPT)?;
            quarantine::commands::take_back(tx, from, to, &given)
        },
    },
];

const UNKEPT: &str = "the usage that went along cannot be kept";

/// A record that went along: its key without the customer, and the intake that had brought it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given(String, UsageIntakeId);

fn give(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Vec<Given>> {
    let given = commands::give_all(tx, from, to)?;
    let keys: Vec<&RecordKey> = given.iter().map(|(key, _)| key).collect();
    corrections::commands::hand_over(tx, &keys, to)?;
    Ok(given.iter().map(|(key, intake)| Given(text(key), *intake)).collect())
}

/// Takes back the records that are still as they were given. One that was sent again since was sent for the customer that
/// stayed, and one of a month that was closed since was billed to it: these stay.
fn take_back(tx: &mut Tx, from: CustomerId, to: CustomerId, given: Vec<Given>) -> Result<usize> {
    let closed = periods::queries::held_to_usage(tx)?;
    let there: BTreeMap<String, (RecordKey, UsageIntakeId)> = records::queries::of_customer(tx, to)?
        .into_iter()
        .map(|(key, intake)| (text(&key), (key, intake)))
        .collect();
    let is_as_given = |Given(text, intake): &Given| {
        let (key, now) = there.get(text)?;
        (now == intake && !closed.has_day(key.used_on)).then_some(key)
    };
    let keys: Vec<&RecordKey> = given.iter().filter_map(is_as_given).collect();
    commands::hand_over(tx, &keys, from)?;
    corrections::commands::hand_over(tx, &keys, from)?;
    Ok(given.len() - keys.len())
}

/// A key as it is kept, without the customer.
fn text(key: &RecordKey) -> String {
    let RecordKey { used_on, meter, device_series, layer, source, .. } = key;
    format!("{used_on}~{meter}~{device_series}~{layer}~{source}")
}
