//! Rows and values of meters.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::i18n::Tr;
use crate::schema::meters;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::MeterId;

/// Meters as the audit log names them.
pub const KIND: &str = "meter";

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = meters, check_for_backend(Mysql))]
pub struct Meter {
    /// Its id.
    pub id: MeterId,
    /// What records of usage call it.
    pub code: String,
    /// Its Chinese name.
    pub name: String,
    /// Its English name.
    pub name_en: String,
    /// The Chinese name of its unit.
    pub unit: String,
    /// The English name of its unit.
    pub unit_en: String,
    /// Whether its usage is told apart by series of devices.
    pub has_device_series: bool,
    /// Whether its usage is told apart by layers.
    pub has_layer: bool,
    /// Since when it takes no usage.
    pub retired_at: Option<NaiveDateTime>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
    /// When it was written down.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
}

impl Meter {
    /// Its name on screen.
    pub fn label(&self, t: impl Into<Tr>) -> &str {
        match t.into() {
            Tr::ZhCn => &self.name,
            Tr::En => &self.name_en,
        }
    }

    /// Its unit on screen.
    pub fn unit(&self, t: impl Into<Tr>) -> &str {
        match t.into() {
            Tr::ZhCn => &self.unit,
            Tr::En => &self.unit_en,
        }
    }

    /// Whether it takes usage.
    pub fn is_in_use(&self) -> bool {
        self.retired_at.is_none()
    }
}

/// A meter as it was asked for, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeterDraft {
    /// Its Chinese name.
    pub name: String,
    /// Its English name.
    pub name_en: String,
    /// The Chinese name of its unit.
    pub unit: String,
    /// The English name of its unit.
    pub unit_en: String,
    /// Whether its usage is told apart by series of devices.
    pub has_device_series: bool,
    /// Whether its usage is told apart by layers.
    pub has_layer: bool,
}

/// A meter as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct MeterRecord {
    #[serde(skip)]
    id: MeterId,
    code: String,
    name: String,
    name_en: String,
    unit: String,
    unit_en: String,
    device_series: bool,
    layer: bool,
    retired: bool,
}

impl From<&Meter> for MeterRecord {
    fn from(meter: &Meter) -> MeterRecord {
        MeterRecord {
            id: meter.id,
            code: meter.code.clone(),
            name: meter.name.clone(),
            name_en: meter.name_en.clone(),
            unit: meter.unit.clone(),
            unit_en: meter.unit_en.clone(),
            device_series: meter.has_device_series,
            layer: meter.has_layer,
            retired: !meter.is_in_use(),
        }
    }
}

impl Audited for MeterRecord {
    fn subject(&self) -> Subject {
        Subject { kind: KIND, id: Some(self.id.0), label: self.name.clone(), department_path: None }
    }
}
