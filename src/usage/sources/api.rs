//! Sources of usage over the JSON API: which there are, and what there is of their days.

use chrono::{Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::ids::UsageSourceId;
use crate::types::time::business_day;
use crate::types::{FieldErrors, Permission, Result};
use crate::usage::collection;
use crate::usage::collection::model::SourceDay;
use crate::web::api::{self, PageJson, Paging};
use crate::web::openapi::{ApiDoc, PAGING, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::MonthQuery;
use super::model::UsageSource;
use super::queries;

const MONTH: &[Parameter] = &[Parameter { name: "month", about: Tr::api_sources_month }];

/// How far back holes are counted.
const HOLES_WITHIN: u64 = 90;

/// The routes of sources in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/usage/sources", Permission::SourceView, index)
        .doc(ApiDoc::answers::<PageJson<SourceJson>>(Tr::api_sources_index).with(PAGING));
    r.get("/api/v1/usage/sources/{source}", Permission::SourceView, show)
        .doc(ApiDoc::answers::<CalendarJson>(Tr::api_sources_show).with(MONTH));
}

/// A source of usage.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceJson {
    /// Its id.
    id: u64,
    /// What records call it.
    code: String,
    /// What people call it.
    name: String,
    /// `push` for one that sends by itself, `http_json` for one that is fetched from.
    kind: String,
    /// Whether nothing is fetched from it for now.
    paused: bool,
    /// From which day on it should have usage of every day.
    expected_from: Option<NaiveDate>,
    /// How many of its last 90 days are missing or failed.
    holes: usize,
    /// Counts its changes.
    version: u32,
}

impl SourceJson {
    fn new(source: &UsageSource, days: &[SourceDay]) -> SourceJson {
        let is_hole = |day: &&SourceDay| day.source == source.id && day.state.is_hole();
        SourceJson {
            id: source.id.0,
            code: source.code.clone(),
            name: source.name.clone(),
            kind: source.kind.to_string(),
            paused: source.is_paused(),
            expected_from: source.expected_from,
            holes: days.iter().filter(is_hole).count(),
            version: source.version,
        }
    }
}

/// A day of a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayJson {
    /// The day.
    day: NaiveDate,
    /// `collected`, `empty`, `declared_empty`, `missing`, `failed`, `under_way`, `to_come` or `not_expected`.
    state: String,
    /// How many records of the day count, of all customers.
    records: u64,
    /// How many records of the last collection a rule caught.
    quarantined: u32,
}

impl From<&SourceDay> for DayJson {
    fn from(day: &SourceDay) -> DayJson {
        DayJson {
            day: day.day,
            state: day.state.to_string(),
            records: day.records,
            quarantined: day.quarantined,
        }
    }
}

/// A source of usage with the days of a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarJson {
    /// The source.
    source: SourceJson,
    /// The month.
    month: String,
    /// Its days.
    days: Vec<DayJson>,
}

async fn index(ctx: Ctx, query: Query<Paging>) -> Result<Response> {
    let all = ctx
        .read(move |db| {
            let today = business_day(db.now());
            let from = today.checked_sub_days(Days::new(HOLES_WITHIN)).unwrap_or(today);
            let sources = queries::all(db)?;
            let days = collection::queries::days(db, &sources, from, today)?;
            Ok(sources.iter().map(|source| SourceJson::new(source, &days)).collect::<Vec<_>>())
        })
        .await?;
    Ok(api::ok(&PageJson::of(all, &query)))
}

async fn show(ctx: Ctx, source: Path<UsageSourceId>, query: Query<MonthQuery>) -> Result<Response> {
    let id = *source;
    if !query.month.is_empty() && query.month.parse::<crate::types::BillingMonth>().is_err() {
        return Err(FieldErrors::one("month", Tr::sources_month_unreadable).into());
    }
    let answer = ctx
        .read(move |db| {
            let today = business_day(db.now());
            let month = query.month(today);
            let source = queries::find(db, id)?;
            let of = std::slice::from_ref(&source);
            let from = today.checked_sub_days(Days::new(HOLES_WITHIN)).unwrap_or(today);
            let recent = collection::queries::days(db, of, from, today)?;
            let days = collection::queries::days(db, of, month.first_day(), month.last_day())?;
            Ok(CalendarJson {
                source: SourceJson::new(&source, &recent),
                month: month.to_string(),
                days: days.iter().map(DayJson::from).collect(),
            })
        })
        .await?;
    Ok(api::ok(&answer))
}
