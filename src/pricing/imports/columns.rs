//! The columns of a file of prices, what people call them, and the words for models of charging.

use crate::i18n::Tr;
use crate::imports::Column;
use crate::imports::rules::folded;
use crate::pricing::models::Model;

/// The customer's code.
pub const COMPANY_CODE: &str = "company_code";
/// The first day of the version.
pub const VALID_FROM: &str = "valid_from";
/// The meter.
pub const METER: &str = "meter";
/// The series of devices.
pub const DEVICE_SERIES: &str = "device_series";
/// The layer.
pub const LAYER: &str = "layer";
/// The model of charging.
pub const MODEL: &str = "model";
/// The tiers, as text.
pub const TIERS: &str = "tiers";
/// The flat fees of the tiers, as text.
pub const FLAT_FEES: &str = "flat_fees";
/// Why there is a discount.
pub const DISCOUNT_REASON: &str = "discount_reason";
/// Why there is the version.
pub const REMARKS: &str = "remarks";

/// All columns, in the order in which staff are used to them.
pub const COLUMNS: &[Column] = &[
    required(
        COMPANY_CODE,
        &[
            "公司ID",
            "公司编码",
            "公司编号",
            "客户编码",
            "客户编号",
            "客户ID",
            "company_code",
            "company code",
            "customer code",
        ],
    ),
    required(
        VALID_FROM,
        &["生效日期", "生效日", "起始日期", "valid_from", "valid from", "effective date", "effective on"],
    ),
    optional(METER, &["计量项", "meter"]),
    optional(DEVICE_SERIES, &["设备系列", "系列", "device_series", "device series", "series"]),
    optional(LAYER, &["层级", "layer"]),
    required(MODEL, &["计价方式", "计费方式", "model", "charge model", "pricing model"]),
    optional("unit_price", &["单价", "单层定价", "unit_price", "unit price", "price"]),
    optional(TIERS, &["阶梯", "阶梯价格", "阶梯定价", "多层定价", "tiers", "tier prices"]),
    optional(FLAT_FEES, &["阶梯固定费", "固定费", "flat_fees", "flat fees", "tier flat fees"]),
    optional("block_size", &["每包数量", "block_size", "block size", "units per block"]),
    optional("free_units", &["免费数量", "free_units", "free units"]),
    optional("block_price", &["每包价格", "block_price", "block price", "price per block"]),
    optional("annual_fee", &["年费", "annual_fee", "annual fee"]),
    optional("included", &["包含用量", "included", "included usage", "included units"]),
    optional("overage_price", &["超量单价", "overage_price", "overage price"]),
    optional("minimum", &["保底", "每月保底", "minimum", "monthly minimum"]),
    optional("cap", &["封顶", "每月封顶", "cap", "monthly cap"]),
    optional(
        "discount_percent",
        &["折扣%", "折扣", "discount_percent", "discount %", "discount percent", "discount"],
    ),
    optional(DISCOUNT_REASON, &["折扣原因", "discount_reason", "discount reason", "reason for the discount"]),
    optional(REMARKS, &["备注", "备注信息", "remarks", "remark", "note", "notes"]),
];

const fn required(code: &'static str, labels: &'static [&'static str]) -> Column {
    Column { code, labels, required: true }
}

const fn optional(code: &'static str, labels: &'static [&'static str]) -> Column {
    Column { code, labels, required: false }
}

/// What a column is called on screen.
pub fn label(t: Tr, code: &str) -> String {
    t.label("price_column", code)
}

/// What a model is called in files.
pub fn model(t: Tr, model: Model) -> String {
    t.label("price_column_model", model.as_str())
}

/// What workbooks call a model beside that.
const ALIASES: [(&str, Model); 15] = [
    ("统一单价", Model::Standard),
    ("定价", Model::Standard),
    ("定价结算", Model::Standard),
    ("per unit", Model::Standard),
    ("累进", Model::Graduated),
    ("累进阶梯", Model::Graduated),
    ("阶梯", Model::Graduated),
    ("阶梯结算", Model::Graduated),
    ("tiered", Model::Graduated),
    ("全量", Model::Volume),
    ("全量阶梯", Model::Volume),
    ("按包计费", Model::Block),
    ("包年套餐", Model::AnnualPackage),
    ("annual", Model::AnnualPackage),
    ("annual package", Model::AnnualPackage),
];

/// The model that a text names: by its code, its label or one of the words that workbooks use.
pub fn model_of(text: &str) -> Option<Model> {
    let text = folded(text);
    let is_named = |named: &Model| {
        let labels = Tr::ALL.into_iter().map(|t| model(t, *named));
        labels.chain([named.to_string()]).any(|label| folded(&label) == text)
    };
    let alias = || ALIASES.iter().find(|(alias, _)| folded(alias) == text).map(|(_, model)| *model);
    Model::ALL.iter().copied().find(is_named).or_else(alias)
}

/// The columns of numbers that a model asks for.
pub fn numbers_of(model: Model) -> &'static [&'static str] {
    match model {
        Model::Standard => &["unit_price"],
        Model::Graduated | Model::Volume => &[],
        Model::Block => &["block_size", "free_units", "block_price"],
        Model::AnnualPackage => &["annual_fee", "included", "overage_price"],
    }
}

/// All columns of numbers that belong to one model or another.
pub const NUMBERS: [&str; 7] =
    ["unit_price", "block_size", "free_units", "block_price", "annual_fee", "included", "overage_price"];

/// The column at which a field of a charge is put right.
pub fn column_of(field: &str) -> &str {
    match field.split_once('.').map_or(field, |(_, last)| last) {
        "flat_fee" => FLAT_FEES,
        "up_to" | "from" => TIERS,
        "unit_price" if field.starts_with(TIERS) => TIERS,
        _ => field,
    }
}
