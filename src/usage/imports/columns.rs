//! The columns of a file of usage.

use crate::sheets::header::KnownColumn;

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The code of the source.
    Source,
    /// The code of the customer.
    CompanyCode,
    /// The day.
    Day,
    /// The code of the meter.
    Meter,
    /// The series of devices.
    DeviceSeries,
    /// The layer.
    Layer,
    /// The quantity.
    Quantity,
}

/// A column that is known.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What stands in it.
    pub field: Field,
    /// Its code: the name of the field.
    pub code: &'static str,
    /// What it is called at the top of tables; the first is its Chinese name.
    pub labels: &'static [&'static str],
    /// Whether every record needs it: not where it is said for the file as a whole.
    pub required: bool,
}

/// The columns, in the order of the template.
pub const COLUMNS: &[Column] = &[
    Column {
        field: Field::Source,
        code: "source",
        labels: &["来源", "source", "数据来源", "供应商", "vendor"],
        required: false,
    },
    Column {
        field: Field::CompanyCode,
        code: "company_code",
        labels: &["公司ID", "company_code", "公司编码", "客户编码", "客户ID", "company id", "customer code"],
        required: true,
    },
    Column {
        field: Field::Day,
        code: "day",
        labels: &["日期", "day", "date", "用量日期", "使用日期", "拍摄日期"],
        required: true,
    },
    Column { field: Field::Meter, code: "meter", labels: &["计量项", "meter", "计量"], required: false },
    Column {
        field: Field::DeviceSeries,
        code: "device_series",
        labels: &["设备系列", "device_series", "系列", "设备", "series", "device"],
        required: false,
    },
    Column {
        field: Field::Layer, code: "layer", labels: &["层级", "layer", "楼层", "层"], required: false
    },
    Column {
        field: Field::Quantity,
        code: "quantity",
        labels: &["用量", "quantity", "数量", "拍摄量", "张数", "usage"],
        required: true,
    },
];

/// The columns as the search for the header knows them.
pub fn known() -> Vec<KnownColumn> {
    let known = |column: &Column| KnownColumn {
        code: column.code.to_owned(),
        labels: column.labels.iter().map(|label| (*label).to_owned()).collect(),
        required: column.required,
    };
    COLUMNS.iter().map(known).collect()
}
