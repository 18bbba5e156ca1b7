//! Rows of late usage.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::pricing::month::DayUsage;
use crate::schema::late_usages;
use crate::types::BillingMonth;
use crate::types::ids::{
    BillId, CustomerId, LateUsageId, MeterId, QuarantinedRecordId, UsageSourceId, UserId,
};

/// Usage that came too late for the bill of its month.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = late_usages, check_for_backend(Mysql))]
pub struct LateUsage {
    /// Its id.
    pub id: LateUsageId,
    /// The record of the quarantine that it was.
    pub record_id: QuarantinedRecordId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The day.
    pub used_on: NaiveDate,
    /// The first day of its month.
    pub month: NaiveDate,
    /// What was used.
    pub meter_id: MeterId,
    /// The series of devices; blank for none.
    pub device_series: String,
    /// The layer; blank for none.
    pub layer: String,
    /// Where it came from.
    pub source_id: UsageSourceId,
    /// What it adds to what was known under its key; below zero where less was used than was billed.
    pub quantity: Decimal,
    /// What was sent.
    pub sent_quantity: Decimal,
    /// Who took responsibility for it; none for the system.
    pub accepted_by: Option<UserId>,
    /// When.
    pub accepted_at: NaiveDateTime,
    /// The bill that it was put on last.
    pub bill_id: Option<BillId>,
    /// The place of its line there.
    pub position: Option<u16>,
}

impl LateUsage {
    /// Its month.
    pub fn month(&self) -> BillingMonth {
        BillingMonth::of(self.month)
    }

    /// What it adds to its day.
    pub fn day(&self) -> DayUsage {
        DayUsage {
            used_on: self.used_on,
            meter: self.meter_id,
            device_series: self.device_series.clone(),
            layer: self.layer.clone(),
            quantity: self.quantity,
        }
    }
}
