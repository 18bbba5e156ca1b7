//! Reading the list of records, within the reach of who asks: along the index of days, or within the records of one
//! customer.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{count_star, sum};
use diesel::helper_types::InnerJoinQuerySource;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use rust_decimal::Decimal;

use crate::catalog::meters::queries::Meters;
use crate::customers::directory::reach::Reach;
use crate::customers::family;
use crate::db::Db;
use crate::db::listing::PER_PAGE;
use crate::schema::{customers, usage_day_totals, usage_records};
use crate::types::ids::{CustomerId, MeterId, UsageIntakeId, UsageSourceId, UserId};
use crate::types::time::business_day;
use crate::types::{Permission, Result};
use crate::usage::records::model::RecordKey;
use crate::usage::sources;

use super::forms::RecordQuery;
use super::model::{Cursor, RecordFilter, RecordPage, RecordRow, Totals};
use super::urls::NONE;

/// A condition on records and their customers.
type Condition = Box<
    dyn BoxableExpression<
            InnerJoinQuerySource<usage_records::table, customers::table>,
            Mysql,
            SqlType = Nullable<Bool>,
        >,
>;

/// Which records are asked for; `None` where a customer, a meter or a source is named that there is not.
pub fn filter(db: &mut Db, query: &RecordQuery, meters: &Meters) -> Result<Option<RecordFilter>> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let code = |text: &str| given(text).map(|code| if code == NONE { String::new() } else { code });
    // A code has ASCII characters only: nothing has any other one.
    if ![&query.series, &query.layer, &query.source].iter().all(|code| code.is_ascii()) {
        return Ok(None);
    }
    let mut filter = RecordFilter {
        span: query.span(business_day(db.now())),
        customer: None,
        meter: None,
        device_series: code(&query.series),
        layer: code(&query.layer),
        source: None,
        intake: query.intake.trim().parse().ok(),
        corrected: query.show == "corrected",
    };
    if let Some(text) = given(&query.customer) {
        match family::queries::meant(db, &text)?.as_slice() {
            [one] => filter.customer = Some(one.id),
            _ => return Ok(None),
        }
    }
    if let Some(code) = given(&query.meter) {
        let Some(meter) = meters.of_code(&code) else { return Ok(None) };
        filter.meter = Some(meter.id);
    }
    if let Some(code) = given(&query.source) {
        let Some(source) = sources::queries::by_code(db, &code)? else { return Ok(None) };
        filter.source = Some(source.id);
    }
    Ok(Some(filter))
}

/// A page of records, the latest day first, after `after`.
pub fn page(db: &mut Db, filter: &RecordFilter, after: Option<&Cursor>) -> Result<RecordPage> {
    let mut rows = rows(db, filter, after, PER_PAGE + 1)?;
    let per_page = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let has_more = rows.len() > per_page;
    rows.truncate(per_page);
    let next = rows.last().filter(|_| has_more).map(|row| Cursor(row.key.clone()));
    Ok(RecordPage { rows, next, totals: totals(db, filter)? })
}

/// So many records after one of them.
pub fn rows(db: &mut Db, filter: &RecordFilter, after: Option<&Cursor>, most: i64) -> Result<Vec<RecordRow>> {
    use usage_records as records;
    let mut query = records::table
        .inner_join(customers::table)
        .order((
            records::used_on.desc(),
            records::source_id.desc(),
            records::customer_id.desc(),
            records::meter_id.desc(),
            records::device_series.desc(),
            records::layer.desc(),
        ))
        .limit(most)
        .select((
            (
                records::customer_id,
                records::used_on,
                records::meter_id,
                records::device_series,
                records::layer,
                records::source_id,
            ),
            (customers::company_code, customers::company_name),
            (records::quantity, records::raw_quantity, records::intake_id, records::received_at),
        ))
        .into_boxed();
    for condition in conditions(db, filter)? {
        query = query.filter(condition);
    }
    if let Some(Cursor(key)) = after {
        query = query.filter(records::used_on.le(key.used_on)).filter(following(key));
    }
    let found: Vec<(KeyColumns, (String, String), ValueColumns)> = query.load(db.conn())?;
    Ok(found.into_iter().map(row).collect())
}

type KeyColumns = (CustomerId, NaiveDate, MeterId, String, String, UsageSourceId);

type ValueColumns = (Decimal, Decimal, UsageIntakeId, NaiveDateTime);

fn row(
    (key, (company_code, company_name), values): (KeyColumns, (String, String), ValueColumns),
) -> RecordRow {
    let (customer, used_on, meter, device_series, layer, source) = key;
    let (quantity, raw_quantity, intake, received_at) = values;
    let key = RecordKey { customer, used_on, meter, device_series, layer, source };
    RecordRow { key, company_code, company_name, quantity, raw_quantity, intake, received_at }
}

/// The records that follow one in the order of the list.
fn following(key: &RecordKey) -> Condition {
    use usage_records as records;
    let by_layer = records::layer.lt(key.layer.clone());
    let by_series = records::device_series
        .lt(key.device_series.clone())
        .or(records::device_series.eq(key.device_series.clone()).and(by_layer));
    let by_meter = records::meter_id.lt(key.meter).or(records::meter_id.eq(key.meter).and(by_series));
    let by_customer =
        records::customer_id.lt(key.customer).or(records::customer_id.eq(key.customer).and(by_meter));
    let by_source = records::source_id.lt(key.source).or(records::source_id.eq(key.source).and(by_customer));
    let by_day = records::used_on.lt(key.used_on).or(records::used_on.eq(key.used_on).and(by_source));
    Box::new(by_day.nullable())
}

/// The records that the filter lets through, within reach.
fn conditions(db: &mut Db, filter: &RecordFilter) -> Result<Vec<Condition>> {
    use usage_records as records;
    let mut all: Vec<Condition> =
        vec![Box::new(records::used_on.between(filter.span.first, filter.span.last).nullable())];
    if let Reach::OwnedBy(users) = Reach::of(db, Permission::UsageView)? {
        let users: Vec<UserId> = users.into_iter().collect();
        let owned = customers::sales_owner_id.eq_any(users.clone()).or(customers::ops_owner_id.eq_any(users));
        all.push(Box::new(owned));
    }
    if let Some(customer) = filter.customer {
        all.push(Box::new(records::customer_id.eq(customer).nullable()));
    }
    if let Some(meter) = filter.meter {
        all.push(Box::new(records::meter_id.eq(meter).nullable()));
    }
    if let Some(series) = &filter.device_series {
        all.push(Box::new(records::device_series.eq(series.clone()).nullable()));
    }
    if let Some(layer) = &filter.layer {
        all.push(Box::new(records::layer.eq(layer.clone()).nullable()));
    }
    if let Some(source) = filter.source {
        all.push(Box::new(records::source_id.eq(source).nullable()));
    }
    if let Some(intake) = filter.intake {
        all.push(Box::new(records::intake_id.eq(intake).nullable()));
    }
    if filter.corrected {
        all.push(Box::new(records::quantity.ne(records::raw_quantity).nullable()));
    }
    Ok(all)
}

/// How many records the filter lets through, and what they add up to. Of all customers that is kept by day; else the
/// records are looked at.
pub fn totals(db: &mut Db, filter: &RecordFilter) -> Result<Totals> {
    use usage_records as records;
    let is_kept = filter.customer.is_none() && filter.intake.is_none() && !filter.corrected;
    if is_kept && Reach::of(db, Permission::UsageView)? == Reach::All {
        return kept_totals(db, filter);
    }
    let mut query = records::table
        .inner_join(customers::table)
        .select((count_star(), sum(records::quantity)))
        .into_boxed();
    for condition in conditions(db, filter)? {
        query = query.filter(condition);
    }
    let (records, quantity): (i64, Option<Decimal>) = query.first(db.conn())?;
    Ok(Totals { records, quantity: quantity.unwrap_or_default() })
}

fn kept_totals(db: &mut Db, filter: &RecordFilter) -> Result<Totals> {
    use usage_day_totals as totals;
    let mut query = totals::table
        .filter(totals::used_on.between(filter.span.first, filter.span.last))
        .select((totals::records, totals::quantity))
        .into_boxed();
    if let Some(meter) = filter.meter {
        query = query.filter(totals::meter_id.eq(meter));
    }
    if let Some(series) = &filter.device_series {
        query = query.filter(totals::device_series.eq(series));
    }
    if let Some(layer) = &filter.layer {
        query = query.filter(totals::layer.eq(layer));
    }
    if let Some(source) = filter.source {
        query = query.filter(totals::source_id.eq(source));
    }
    let days: Vec<(u32, Decimal)> = query.load(db.conn())?;
    let records = days.iter().map(|(records, _)| i64::from(*records)).sum();
    Ok(Totals { records, quantity: days.iter().map(|(_, quantity)| *quantity).sum() })
}
