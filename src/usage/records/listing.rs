//! The list of records of usage, read by key within the reach of who asks.
//!
//! The records of one customer are read along the primary key, those of all along the index of days: either way in the
//! order of that index, so that a piece costs as much as it has rows.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::catalog;
use crate::customers::directory;
use crate::customers::directory::reach::Reach;
use crate::customers::grid::sql::{Sql, Value};
use crate::db::Db;
use crate::types::ids::{CustomerId, MeterId, UsageSourceId};
use crate::types::{Permission, Result};
use crate::usage::sources;

use super::queries::ListedRecord;

/// Which records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Of the customer of this code.
    pub company_code: Option<String>,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Up to this day.
    pub to: Option<NaiveDate>,
    /// Of the meter of this code.
    pub meter: Option<String>,
    /// Of the source of this code.
    pub source: Option<String>,
    /// Of this series of devices.
    pub device_series: Option<String>,
    /// Behind this one.
    pub after: Option<RecordPlace>,
    /// So many.
    pub limit: i64,
}

/// The place of a record in the list, as the next piece names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlace {
    used_on: NaiveDate,
    source: u64,
    customer: u64,
    meter: u64,
    device_series: String,
    layer: String,
}

impl RecordPlace {
    /// The place of a record.
    pub fn of(record: &ListedRecord) -> RecordPlace {
        RecordPlace {
            used_on: record.used_on,
            source: record.source_id.0,
            customer: record.customer_id.0,
            meter: record.meter_id.0,
            device_series: record.device_series.clone(),
            layer: record.layer.clone(),
        }
    }
}

impl fmt::Display for RecordPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RecordPlace { used_on, source, customer, meter, device_series, layer } = self;
        write!(f, "{used_on},{source},{customer},{meter},{device_series},{layer}")
    }
}

/// What is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for RecordPlace {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<RecordPlace, NoPlace> {
        let parts: Vec<&str> = text.split(',').collect();
        let [used_on, source, customer, meter, device_series, layer] = parts.as_slice() else {
            return Err(NoPlace);
        };
        let number = |text: &str| text.parse::<u64>().map_err(|_| NoPlace);
        Ok(RecordPlace {
            used_on: used_on.parse().map_err(|_| NoPlace)?,
            source: number(source)?,
            customer: number(customer)?,
            meter: number(meter)?,
            device_series: (*device_series).to_owned(),
            layer: (*layer).to_owned(),
        })
    }
}

/// What the names of a filter stand for; nothing where one stands for nothing.
struct Meant {
    customer: Option<CustomerId>,
    meter: Option<MeterId>,
    source: Option<UsageSourceId>,
    reach: Reach,
}

fn meant(db: &mut Db, filter: &RecordFilter) -> Result<Option<Meant>> {
    let reach = Reach::of(db, Permission::UsageView)?;
    let mut meant = Meant { customer: None, meter: None, source: None, reach };
    if let Some(code) = &filter.company_code {
        let mut found = directory::queries::by_codes(db, &[code])?;
        let seen = found.remove(code).filter(|customer| meant.reach.covers(&customer.fields));
        let Some(customer) = seen else { return Ok(None) };
        meant.customer = Some(customer.id);
    }
    if let Some(code) = &filter.meter {
        let meters = catalog::meters::queries::all(db)?;
        let Some(meter) = meters.of_code(code) else { return Ok(None) };
        meant.meter = Some(meter.id);
    }
    if let Some(code) = &filter.source {
        let Some(source) = sources::queries::by_code(db, code)? else { return Ok(None) };
        meant.source = Some(source.id);
    }
    Ok(Some(meant))
}

/// A piece of the records that a filter lets through, the oldest day first, and one more where there are more.
pub fn list(db: &mut Db, filter: &RecordFilter) -> Result<Vec<ListedRecord>> {
    let Some(meant) = meant(db, filter)? else { return Ok(Vec::new()) };
    Ok(statement(filter, &meant).query().load(db.conn())?)
}

fn statement(filter: &RecordFilter, meant: &Meant) -> Sql {
    let mut sql = Sql::new(
        "SELECT STRAIGHT_JOIN record.customer_id, customer.company_code, record.used_on, record.meter_id, \
         meter.code AS meter_code, record.device_series, record.layer, record.source_id, source.code AS source_code, \
         record.quantity, record.raw_quantity, record.intake_id, record.received_at FROM usage_records record ",
    );
    sql.push(match meant.customer {
        Some(_) => "FORCE INDEX (PRIMARY) ",
        None => "FORCE INDEX (usage_records_day) ",
    });
    sql.push(
        "JOIN customers customer ON customer.id = record.customer_id JOIN meters meter ON meter.id = record.meter_id \
         JOIN usage_sources source ON source.id = record.source_id WHERE TRUE",
    );
    if let Reach::OwnedBy(users) = &meant.reach {
        let owners = || users.iter().map(|user| Value::Id(user.0));
        sql.push(" AND (customer.sales_owner_id IN ").list(owners());
        sql.push(" OR customer.ops_owner_id IN ").list(owners()).push(")");
    }
    if let Some(id) = meant.customer {
        sql.push(" AND record.customer_id = ").bind(Value::Id(id.0));
    }
    if let Some(day) = filter.from {
        sql.push(" AND record.used_on >= ").bind(Value::Day(day));
    }
    if let Some(day) = filter.to {
        sql.push(" AND record.used_on <= ").bind(Value::Day(day));
    }
    if let Some(id) = meant.meter {
        sql.push(" AND record.meter_id = ").bind(Value::Id(id.0));
    }
    if let Some(id) = meant.source {
        sql.push(" AND record.source_id = ").bind(Value::Id(id.0));
    }
    if let Some(series) = &filter.device_series {
        sql.push(" AND record.device_series = ").bind(Value::Text(series.clone()));
    }
    let order = order(meant.customer.is_some());
    if let Some(after) = &filter.after {
        behind(&mut sql, order, after);
    }
    for (place, column) in order.iter().enumerate() {
        sql.push(if place == 0 { " ORDER BY " } else { ", " }).push(column);
    }
    sql.push(" LIMIT ").bind(Value::Number(filter.limit + 1));
    sql
}

/// The columns of the index that is read, in its order.
fn order(is_of_customer: bool) -> &'static [&'static str] {
    if is_of_customer {
        return &[
            "record.used_on",
            "record.meter_id",
            "record.device_series",
            "record.layer",
            "record.source_id",
        ];
    }
    &[
        "record.used_on",
        "record.source_id",
        "record.customer_id",
        "record.meter_id",
        "record.device_series",
        "record.layer",
    ]
}

/// The condition that a record stands behind a place, written out so that both servers find it in the index.
fn behind(sql: &mut Sql, order: &[&'static str], after: &RecordPlace) {
    let value = |column: &str| match column {
        "record.used_on" => Value::Day(after.used_on),
        "record.source_id" => Value::Id(after.source),
        "record.customer_id" => Value::Id(after.customer),
        "record.meter_id" => Value::Id(after.meter),
        "record.device_series" => Value::Text(after.device_series.clone()),
        _ => Value::Text(after.layer.clone()),
    };
    sql.push(" AND record.used_on >= ").bind(Value::Day(after.used_on)).push(" AND (");
    for (place, column) in order.iter().enumerate() {
        sql.push(if place == 0 { "(" } else { " OR (" });
        for equal in order.iter().take(place) {
            sql.push(equal).push(" = ").bind(value(equal)).push(" AND ");
        }
        sql.push(column).push(" > ").bind(value(column)).push(")");
    }
    sql.push(")");
}
