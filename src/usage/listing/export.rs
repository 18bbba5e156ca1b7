//! The list as a file: for people under the headings of the page, codes as programs read them. Read in pieces, so that a
//! large list costs no memory.

use std::collections::BTreeMap;

use crate::catalog::meters::queries::Meters;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::UsageSourceId;
use crate::types::money::grouped;
use crate::types::{Refusal, Result};
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;
use crate::web::download::{Cell, Finished, Format, Table};

use super::model::{Cursor, RecordFilter, RecordRow};
use super::queries;

/// How many rows leave at most: more than people look through.
pub const MOST: i64 = 200_000;

/// How many rows are read at a time.
const CHUNK: i64 = 5_000;

/// Writes the records that the filter lets through; tells how many there are.
///
/// # Errors
/// When there are too many.
pub fn write(
    db: &mut Db,
    t: Tr,
    filter: Option<&RecordFilter>,
    meters: &Meters,
    format: Format,
) -> Result<(Finished, usize)> {
    let mut table = Table::begin(format, t.usage_pages_title(), &heading(t))?;
    let Some(filter) = filter else { return Ok((table.finish()?, 0)) };
    let total = queries::totals(db, filter)?.records;
    if total > MOST {
        let (total, most) = (grouped(&total.to_string()), grouped(&MOST.to_string()));
        let say = move |t: Tr| t.usage_records_refused_many(&total, &most);
        return Err(Refusal::new("too_many_rows", say).into());
    }
    let sources = sources::queries::by_id(db)?;
    let (mut after, mut written) = (None, 0);
    loop {
        let rows = queries::rows(db, filter, after.as_ref(), CHUNK)?;
        for row in &rows {
            table.row(&cells(row, meters, &sources))?;
        }
        written += rows.len();
        after = rows.last().map(|row| Cursor(row.key.clone()));
        if rows.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX) {
            return Ok((table.finish()?, written));
        }
    }
}

fn heading(t: Tr) -> Vec<String> {
    let heading = [
        t.usage_pages_company_code(),
        t.usage_pages_customer(),
        t.usage_pages_day(),
        t.usage_pages_meter(),
        t.meters_device_series(),
        t.meters_layer(),
        t.usage_pages_source(),
        t.usage_pages_quantity(),
        t.usage_pages_raw(),
        t.usage_pages_received(),
    ];
    heading.map(str::to_owned).into()
}

fn cells(row: &RecordRow, meters: &Meters, sources: &BTreeMap<UsageSourceId, UsageSource>) -> [Cell; 10] {
    let key = &row.key;
    [
        row.company_code.as_str().into(),
        row.company_name.as_str().into(),
        Cell::Day(key.used_on),
        meters.get(key.meter).map_or("", |meter| meter.code.as_str()).into(),
        key.device_series.as_str().into(),
        key.layer.as_str().into(),
        sources.get(&key.source).map_or("", |source| source.code.as_str()).into(),
        Cell::Decimal(row.quantity.normalize()),
        Cell::Decimal(row.raw_quantity.normalize()),
        Cell::Moment(row.received_at),
    ]
}
