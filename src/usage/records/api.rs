//! Usage over the JSON API: sent in batches, each record with an answer of its own, and listed.

use actix_web::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::db::Tx;
use crate::i18n::{Message, Tr};
use crate::types::time::machine;
use crate::types::{Error, Permission, Result};
use crate::usage::intakes;
use crate::usage::intakes::model::{IntakeKind, IntakeState, NewIntake};
use crate::web::api::{self, Json, LARGE_JSON};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Query, Response, Routes};

use super::commands;
use super::forms::RecordQuery;
use super::listing::{self, RecordPlace};
use super::model::{RawRecord, TakenRecord};
use super::queries::ListedRecord;
use super::taking::Ground;

/// The most records of a call.
const MOST: usize = 10_000;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "company_code", about: Tr::api_usage_company_code },
    Parameter { name: "from", about: Tr::api_usage_from },
    Parameter { name: "to", about: Tr::api_usage_to },
    Parameter { name: "meter", about: Tr::api_usage_meter },
    Parameter { name: "source", about: Tr::api_usage_source },
    Parameter { name: "device_series", about: Tr::api_usage_device_series },
    Parameter { name: "after", about: Tr::api_usage_after },
    Parameter { name: "limit", about: Tr::api_usage_limit },
];

/// The routes of usage in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/usage", Permission::UsageView, index)
        .doc(ApiDoc::answers::<UsageListJson>(Tr::api_usage_index).with(PARAMETERS));
    r.post("/api/v1/usage", Permission::UsageImport, create)
        .doc(ApiDoc::answers::<UsageAnswerJson>(Tr::api_usage_create).takes::<UsageBatchJson>());
}

/// What is sent: up to 10,000 records.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageBatchJson {
    /// The records, in the order in which they count.
    records: Vec<UsageEntryJson>,
}

/// A record. Sent again with another quantity it takes the place of what was sent before.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UsageEntryJson {
    /// The code of the source.
    #[schema(value_type = String)]
    source: AsWritten,
    /// The code of the customer.
    #[schema(value_type = String)]
    company_code: AsWritten,
    /// The day, as 2026-11-01.
    #[schema(value_type = String)]
    day: AsWritten,
    /// The code of the meter; absent for the usual one.
    #[schema(value_type = Option<String>)]
    meter: AsWritten,
    /// The series of devices.
    #[schema(value_type = Option<String>)]
    device_series: AsWritten,
    /// The layer.
    #[schema(value_type = Option<String>)]
    layer: AsWritten,
    /// The quantity, as a text or a number with up to four decimals.
    #[schema(value_type = String)]
    quantity: AsWritten,
}

/// A value as it is written: a number is its digits, and never a binary floating point number.
#[derive(Debug, Default, Serialize)]
struct AsWritten(String);

impl<'de> Deserialize<'de> for AsWritten {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AsWritten, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        Ok(AsWritten(match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map_err(serde::de::Error::custom)?,
            Some(b'n') => String::new(),
            _ => text.to_owned(),
        }))
    }
}

/// What became of what was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageAnswerJson {
    /// The id of the intake.
    intake: u64,
    /// How many records were new.
    added: u32,
    /// How many took the place of others.
    replaced: u32,
    /// How many said what was known.
    unchanged: u32,
    /// How many a later one of the same call repeated.
    repeated: u32,
    /// How many a rule caught; they wait for a person.
    quarantined: u32,
    /// What became of each, in their order.
    records: Vec<EntryAnswerJson>,
}

/// What became of a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryAnswerJson {
    /// Its place, from 0.
    index: usize,
    /// `added`, `replaced`, `unchanged`, `repeated` or `quarantined`.
    outcome: &'static str,
    /// The rule that caught it.
    rule: Option<&'static str>,
    /// What the rule says.
    message: Option<String>,
}

impl EntryAnswerJson {
    fn of(t: Tr, index: usize, record: &TakenRecord) -> EntryAnswerJson {
        EntryAnswerJson {
            index,
            outcome: record.taken.as_str(),
            rule: record.rule.map(super::model::Rule::as_str),
            message: record.rule.map(|rule| rule.label(t)),
        }
    }
}

/// Records of usage.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageListJson {
    /// The records, the oldest day first.
    items: Vec<UsageJson>,
    /// What to send as `after` for those behind; none at the end.
    next: Option<String>,
}

/// A record of usage.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageJson {
    /// The code of the customer.
    company_code: String,
    /// The day.
    day: String,
    /// The code of the meter.
    meter: String,
    /// The series of devices; blank for none.
    device_series: String,
    /// The layer; blank for none.
    layer: String,
    /// The code of the source.
    source: String,
    /// What counts.
    quantity: String,
    /// What was sent; it differs where somebody has corrected it.
    raw_quantity: String,
    /// The id of the intake that brought it.
    intake: u64,
    /// When it came (UTC).
    received_at: String,
}

impl From<ListedRecord> for UsageJson {
    fn from(record: ListedRecord) -> UsageJson {
        UsageJson {
            company_code: record.company_code,
            day: record.used_on.to_string(),
            meter: record.meter_code,
            device_series: record.device_series,
            layer: record.layer,
            source: record.source_code,
            quantity: record.quantity.normalize().to_string(),
            raw_quantity: record.raw_quantity.normalize().to_string(),
            intake: record.intake_id.0,
            received_at: machine(record.received_at),
        }
    }
}

async fn index(ctx: Ctx, query: Query<RecordQuery>) -> Result<Response> {
    let filter = query.check()?;
    let limit = usize::try_from(filter.limit).unwrap_or_default();
    let mut found = ctx.read(move |db| listing::list(db, &filter)).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| RecordPlace::of(last).to_string());
    Ok(api::ok(&UsageListJson { items: found.into_iter().map(UsageJson::from).collect(), next }))
}

async fn create(ctx: Ctx, body: Json<UsageBatchJson, LARGE_JSON>) -> Result<Response> {
    let (t, sent) = (ctx.t, body.value.records);
    if sent.is_empty() {
        return Err(Error::bad_request(Tr::usage_api_no_records));
    }
    if sent.len() > MOST {
        let count = sent.len();
        return Err(Error::BadRequest(413, Message::new(move |t: Tr| t.usage_api_too_many(count, MOST))));
    }
    let records: Vec<RawRecord> = (1..).zip(sent).map(|(line, entry)| entry.into_record(line)).collect();
    api::once(&ctx, &body.hash, StatusCode::OK, move |tx| take(tx, t, &records)).await
}

/// Takes the records of a call, within the reach of whoever sends them.
fn take(tx: &mut Tx, t: Tr, records: &[RawRecord]) -> Result<UsageAnswerJson> {
    let mut ground = Ground::of(tx, records)?.within(tx, Permission::UsageImport)?;
    let records = with_usual_meter(&ground, records);
    let title = tx.actor().name.clone();
    let new = NewIntake {
        kind: IntakeKind::Api,
        title: &title,
        source: None,
        details: serde_json::json!({}),
        state: IntakeState::Taking,
    };
    let intake = intakes::commands::begin(tx, &new)?;
    let taken = commands::take(tx, &mut ground, intake, &records)?;
    intakes::commands::end(tx, intake, IntakeState::Taken, None)?;
    let counts = commands::counts(&taken);
    Ok(UsageAnswerJson {
        intake: intake.0,
        added: counts.added,
        replaced: counts.replaced,
        unchanged: counts.unchanged,
        repeated: counts.repeated(),
        quarantined: counts.quarantined,
        records: taken
            .iter()
            .enumerate()
            .map(|(index, record)| EntryAnswerJson::of(t, index, record))
            .collect(),
    })
}

/// A record that names no meter means the usual one.
fn with_usual_meter(ground: &Ground, records: &[RawRecord]) -> Vec<RawRecord> {
    let usual = ground.meters().usual().map(|meter| meter.code.as_str()).unwrap_or_default();
    let named = |raw: &RawRecord| {
        let meter = if raw.meter.trim().is_empty() { usual } else { &raw.meter };
        RawRecord { meter: meter.to_owned(), ..raw.clone() }
    };
    records.iter().map(named).collect()
}

impl UsageEntryJson {
    fn into_record(self, line: u32) -> RawRecord {
        RawRecord {
            line: Some(line),
            source: self.source.0,
            company_code: self.company_code.0,
            day: self.day.0,
            meter: self.meter.0,
            device_series: self.device_series.0,
            layer: self.layer.0,
            quantity: self.quantity.0,
        }
    }
}
