//! Keeping records that a rule caught: the only writer of `quarantined_records`.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Date, Datetime, Integer, Json, Nullable, Text, Unsigned};
use serde_json::Value;

use crate::db::Tx;
use crate::schema::quarantined_records;
use crate::types::Result;
use crate::types::ids::{CustomerId, UsageIntakeId};
use crate::usage::records::model::Rule;

use super::model::{Arrival, QuarantineState};

/// How many records go into one statement.
const CHUNK: usize = 1_000;

/// The most characters that are kept of a text.
const MAX_TEXT: usize = 200;

/// Keeps records that a rule caught. One that waits already is what was sent last. Written in the order of the
/// fingerprints, so that two deliveries wait for each other at most.
pub fn keep(tx: &mut Tx, intake: UsageIntakeId, arrivals: &mut [Arrival]) -> Result<()> {
    arrivals.sort_unstable_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    let now = tx.now();
    for chunk in arrivals.chunks(CHUNK) {
        let rows: Vec<Row> = chunk.iter().map(|arrival| Row::of(arrival, intake, now)).collect();
        diesel::insert_into(quarantined_records::table)
            .values(&rows)
            .on_conflict(diesel::dsl::DuplicatedKeys)
            .do_update()
            .set((
                quarantined_records::intake_id
                    .eq(sql::<Unsigned<diesel::sql_types::BigInt>>("VALUES(intake_id)")),
                quarantined_records::line.eq(sql::<Nullable<Unsigned<Integer>>>("VALUES(line)")),
                quarantined_records::quantity_text.eq(sql::<Text>("VALUES(quantity_text)")),
                quarantined_records::rule.eq(sql::<Text>("VALUES(rule)")),
                quarantined_records::facts.eq(sql::<Json>("VALUES(facts)")),
                quarantined_records::customer_id
                    .eq(sql::<Nullable<Unsigned<diesel::sql_types::BigInt>>>("VALUES(customer_id)")),
                quarantined_records::used_on.eq(sql::<Nullable<Date>>("VALUES(used_on)")),
                quarantined_records::received_at.eq(sql::<Datetime>("VALUES(received_at)")),
                quarantined_records::version.eq(quarantined_records::version + 1),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// What waits from other intakes under these fingerprints was sent again, and that one counts.
pub fn answer(tx: &mut Tx, intake: UsageIntakeId, fingerprints: &mut Vec<String>) -> Result<()> {
    fingerprints.sort_unstable();
    fingerprints.dedup();
    let now = tx.now();
    for chunk in fingerprints.chunks(CHUNK) {
        diesel::update(quarantined_records::table)
            .filter(quarantined_records::waiting_fingerprint.eq_any(chunk))
            .filter(quarantined_records::intake_id.ne(intake))
            .set((
                quarantined_records::state.eq(QuarantineState::Replaced),
                quarantined_records::decided_at.eq(Some(now)),
                quarantined_records::version.eq(quarantined_records::version + 1),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = quarantined_records)]
struct Row<'a> {
    intake_id: UsageIntakeId,
    line: Option<u32>,
    source_code: String,
    company_code: String,
    day_text: String,
    meter_code: String,
    device_series: String,
    layer: String,
    quantity_text: String,
    rule: Rule,
    facts: &'a Value,
    customer_id: Option<CustomerId>,
    used_on: Option<chrono::NaiveDate>,
    state: QuarantineState,
    fingerprint: &'a str,
    received_at: NaiveDateTime,
}

impl<'a> Row<'a> {
    fn of(arrival: &'a Arrival, intake_id: UsageIntakeId, received_at: NaiveDateTime) -> Row<'a> {
        let kept = |text: &str| text.trim().chars().take(MAX_TEXT).collect::<String>();
        let raw = arrival.raw;
        Row {
            intake_id,
            line: raw.line,
            source_code: kept(&raw.source),
            company_code: kept(&raw.company_code),
            day_text: kept(&raw.day),
            meter_code: kept(&raw.meter),
            device_series: kept(&raw.device_series),
            layer: kept(&raw.layer),
            quantity_text: kept(&raw.quantity),
            rule: arrival.rule,
            facts: &arrival.facts,
            customer_id: arrival.customer,
            used_on: arrival.used_on,
            state: QuarantineState::Waiting,
            fingerprint: &arrival.fingerprint,
            received_at,
        }
    }
}
