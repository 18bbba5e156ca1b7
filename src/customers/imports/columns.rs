//! The columns of the workbook, and what people call them.

use crate::customers::directory::fields::Field;
use crate::imports::Column;

/// The column of the one price.
pub const SINGLE_PRICE: &str = "single_price";
/// The column of prices by tiers.
pub const TIER_PRICES: &str = "tier_prices";

/// All columns: the 18 in the order in which staff are used to them, then those beyond.
pub const COLUMNS: &[Column] = &[
    required(
        "company_code",
        &[
            "公司ID",
            "公司编码",
            "公司编号",
            "客户编码",
            "客户编号",
            "客户ID",
            "company_code",
            "company code",
            "company id",
            "customer code",
        ],
    ),
    required(
        "company_name",
        &[
            "公司名称",
            "客户名称",
            "公司全称",
            "客户全称",
            "企业名称",
            "company_name",
            "company name",
            "customer name",
        ],
    ),
    optional("account_type", &["账号类型", "帐号类型", "账户类型", "account_type", "account type"]),
    optional("industry", &["行业类型", "行业", "所属行业", "industry"]),
    optional("erp_system", &["所属ERP", "ERP", "ERP系统", "erp_system", "erp system"]),
    optional("onboarded_on", &["接入时间", "接入日期", "onboarded_on", "onboarded on", "onboarded"]),
    optional("level", &["客户等级", "客户级别", "level", "customer level"]),
    optional("sales_owner", &["销售负责人", "销售", "sales_owner", "sales owner"]),
    optional("ops_owner", &["运营负责人", "运营", "ops_owner", "ops owner", "operations owner"]),
    optional("status", &["合作状态", "客户状态", "status"]),
    optional("billable", &["是否结算", "billable"]),
    optional("disabled", &["是否停用", "disabled", "service stopped"]),
    optional("remarks", &["备注", "备注信息", "remarks", "remark", "note", "notes"]),
    optional("settlement_mode", &["结算方式", "settlement_mode", "settlement mode", "settlement"]),
    optional(SINGLE_PRICE, &["单层定价", "单价", "single_price", "single price", "unit price"]),
    optional(
        TIER_PRICES,
        &["多层定价", "阶梯定价", "阶梯价格", "tier_prices", "tier prices", "tiered prices"],
    ),
    optional("spend_level", &["客户消费等级", "消费等级", "spend_level", "spend level"]),
    optional(
        "monthly_average_usage",
        &[
            "月均拍摄量",
            "月均用量",
            "monthly_average_usage",
            "monthly average usage",
            "average monthly usage",
        ],
    ),
    optional(
        "entity_type",
        &["客户类型", "企业/个人", "主体类型", "entity_type", "entity type", "customer type"],
    ),
    optional(
        "credit_code",
        &["统一社会信用代码", "信用代码", "税号", "credit_code", "credit code", "unified social credit code"],
    ),
    optional("source", &["来源", "客户来源", "source"]),
    optional("channel", &["渠道", "客户渠道", "channel"]),
    optional("parent", &["上级客户", "上级客户ID", "上级公司", "parent", "parent customer"]),
    optional("address", &["地址", "公司地址", "address"]),
    optional("invoice_title", &["开票抬头", "发票抬头", "invoice_title", "invoice title"]),
    optional(
        "billing_emails",
        &["账单邮箱", "结算邮箱", "billing_emails", "billing email", "billing emails"],
    ),
    optional(
        "payment_term_days",
        &[
            "账期天数",
            "账期",
            "payment_term_days",
            "payment term",
            "payment term days",
            "payment term in days",
        ],
    ),
    optional("currency", &["币种", "结算币种", "currency"]),
    optional("spend_level_reason", &["消费等级调整原因", "spend_level_reason", "reason for the spend level"]),
];

const fn required(code: &'static str, labels: &'static [&'static str]) -> Column {
    Column { code, labels, required: true }
}

const fn optional(code: &'static str, labels: &'static [&'static str]) -> Column {
    Column { code, labels, required: false }
}

/// The field that a column fills; `None` for the prices.
pub fn field(code: &str) -> Option<Field> {
    code.parse().ok()
}
