//! The fields of a customer by name, each with a canonical text: a code, a day as 2026-10-31, an id, yes or no, a number.

use std::str::FromStr;

use crate::customers::dictionaries::model::Dictionary;
use crate::i18n::Tr;
use crate::text_enum;
use crate::types::time::parse_day;

use super::model::{Customer, Fields};

text_enum! {
    /// A field that people fill in, by its name in `domain.md` §2.
    pub enum Field {
        /// 公司ID.
        CompanyCode = "company_code",
        /// 公司名称.
        CompanyName = "company_name",
        /// 账号类型.
        AccountType = "account_type",
        /// 行业类型.
        Industry = "industry",
        /// 所属ERP.
        ErpSystem = "erp_system",
        /// 接入时间.
        OnboardedOn = "onboarded_on",
        /// What was written instead of a day.
        OnboardedText = "onboarded_text",
        /// 客户等级.
        Level = "level",
        /// 销售负责人.
        SalesOwner = "sales_owner",
        /// 运营负责人.
        OpsOwner = "ops_owner",
        /// 合作状态.
        Status = "status",
        /// 是否结算.
        Billable = "billable",
        /// 是否停用.
        Disabled = "disabled",
        /// 备注.
        Remarks = "remarks",
        /// 结算方式.
        SettlementMode = "settlement_mode",
        /// 客户消费等级.
        SpendLevel = "spend_level",
        /// Why the spend level was set by hand.
        SpendLevelReason = "spend_level_reason",
        /// 月均拍摄量.
        MonthlyAverageUsage = "monthly_average_usage",
        /// 客户类型: company or person.
        EntityType = "entity_type",
        /// 统一社会信用代码.
        CreditCode = "credit_code",
        /// 来源.
        Source = "source",
        /// 渠道.
        Channel = "channel",
        /// 上级客户.
        Parent = "parent",
        /// 地址.
        Address = "address",
        /// 开票抬头.
        InvoiceTitle = "invoice_title",
        /// 账单邮箱.
        BillingEmails = "billing_emails",
        /// 账期天数.
        PaymentTermDays = "payment_term_days",
        /// 币种.
        Currency = "currency",
    }
}

/// What a field holds: how it is read, shown and chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// A line of text of at most so many characters.
    Line(usize),
    /// Several lines of text of at most so many characters.
    Text(usize),
    /// A code of a dictionary.
    Choice(Dictionary),
    /// A user, by id.
    Owner,
    /// A day.
    Day,
    /// Yes or no.
    YesNo,
    /// A whole number, not negative.
    Number,
    /// Where the customer stands.
    Status,
    /// Company or person.
    EntityType,
    /// A currency.
    Currency,
    /// Another customer, by id.
    Customer,
    /// Mail addresses.
    Emails,
}

impl Field {
    /// What the field is called.
    pub fn label(self, t: Tr) -> String {
        t.label("customer_field", self.as_str())
    }

    /// What it holds.
    pub fn holds(self) -> FieldType {
        match self {
            Field::CompanyCode => FieldType::Line(50),
            Field::CompanyName | Field::InvoiceTitle | Field::SpendLevelReason => FieldType::Line(200),
            Field::OnboardedText => FieldType::Line(100),
            Field::Address => FieldType::Line(300),
            Field::CreditCode => FieldType::Line(18),
            Field::Remarks => FieldType::Text(5_000),
            Field::AccountType => FieldType::Choice(Dictionary::AccountType),
            Field::Industry => FieldType::Choice(Dictionary::Industry),
            Field::ErpSystem => FieldType::Choice(Dictionary::ErpSystem),
            Field::Level => FieldType::Choice(Dictionary::Level),
            Field::SettlementMode => FieldType::Choice(Dictionary::SettlementMode),
            Field::SpendLevel => FieldType::Choice(Dictionary::SpendLevel),
            Field::Source => FieldType::Choice(Dictionary::Source),
            Field::Channel => FieldType::Choice(Dictionary::Channel),
            Field::SalesOwner | Field::OpsOwner => FieldType::Owner,
            Field::OnboardedOn => FieldType::Day,
            Field::Billable | Field::Disabled => FieldType::YesNo,
            Field::MonthlyAverageUsage | Field::PaymentTermDays => FieldType::Number,
            Field::Status => FieldType::Status,
            Field::EntityType => FieldType::EntityType,
            Field::Currency => FieldType::Currency,
            Field::Parent => FieldType::Customer,
            Field::BillingEmails => FieldType::Emails,
        }
    }

    /// Whether a customer cannot be without it.
    pub fn is_required(self) -> bool {
        matches!(
            self,
            Field::CompanyCode
                | Field::CompanyName
                | Field::AccountType
                | Field::EntityType
                | Field::Status
                | Field::Billable
                | Field::Disabled
                | Field::PaymentTermDays
                | Field::Currency
        )
    }
}

/// The canonical text of a yes or no.
pub const fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// Mail addresses out of a text with semicolons, commas or white space between them, none twice.
pub fn emails(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for email in text.split([';', ',', '；', '，', ' ', '\n', '\r', '\t']).filter(|email| !email.is_empty())
    {
        if !all.iter().any(|known| known.eq_ignore_ascii_case(email)) {
            all.push(email.to_owned());
        }
    }
    all
}

/// A text that is no value of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoValue;

impl Fields {
    /// The canonical text of a field; `None` where it is empty.
    pub fn get(&self, field: Field) -> Option<String> {
        let text = match field {
            Field::CompanyCode => Some(self.company_code.clone()),
            Field::CompanyName => Some(self.company_name.clone()),
            Field::AccountType => Some(self.account_type.to_string()),
            Field::Industry => self.industry.clone(),
            Field::ErpSystem => self.erp_system.clone(),
            Field::OnboardedOn => self.onboarded_on.map(|day| day.to_string()),
            Field::OnboardedText => self.onboarded_text.clone(),
            Field::Level => self.level.clone(),
            Field::SalesOwner => self.sales_owner.map(|id| id.to_string()),
            Field::OpsOwner => self.ops_owner.map(|id| id.to_string()),
            Field::Status => Some(self.status.to_string()),
            Field::Billable => Some(yes_no(self.billable).to_owned()),
            Field::Disabled => Some(yes_no(self.disabled).to_owned()),
            Field::Remarks => self.remarks.clone(),
            Field::SettlementMode => self.settlement_mode.map(|mode| mode.to_string()),
            Field::SpendLevel => self.spend_level.map(|level| level.to_string()),
            Field::SpendLevelReason => self.spend_level_reason.clone(),
            Field::MonthlyAverageUsage => self.monthly_average_usage.map(|number| number.to_string()),
            Field::EntityType => Some(self.entity_type.to_string()),
            Field::CreditCode => self.credit_code.clone(),
            Field::Source => self.source.clone(),
            Field::Channel => self.channel.clone(),
            Field::Parent => self.parent.map(|id| id.to_string()),
            Field::Address => self.address.clone(),
            Field::InvoiceTitle => self.invoice_title.clone(),
            Field::BillingEmails => Some(self.billing_emails.join("; ")),
            Field::PaymentTermDays => Some(self.payment_term_days.to_string()),
            Field::Currency => Some(self.currency.to_string()),
        };
        text.filter(|text| !text.is_empty())
    }

    /// Sets a field from its canonical text; `None` empties it. What belongs to no value of the field, and emptying one
    /// that has to be filled in, changes nothing. Whether the value is right for a customer is for the rules to say.
    pub fn set(&mut self, field: Field, text: Option<&str>) -> Result<(), NoValue> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let owned = text.map(str::to_owned);
        match field {
            // Blank is a value here, and a fault that the rules name.
            Field::CompanyCode => self.company_code = owned.unwrap_or_default(),
            Field::CompanyName => self.company_name = owned.unwrap_or_default(),
            Field::AccountType => self.account_type = required(text)?,
            Field::Industry => self.industry = owned,
            Field::ErpSystem => self.erp_system = owned,
            Field::OnboardedOn => {
                self.onboarded_on = text.map(|text| parse_day(text).ok_or(NoValue)).transpose()?;
            }
            Field::OnboardedText => self.onboarded_text = owned,
            Field::Level => self.level = owned,
            Field::SalesOwner => self.sales_owner = optional(text)?,
            Field::OpsOwner => self.ops_owner = optional(text)?,
            Field::Status => self.status = required(text)?,
            Field::Billable => self.billable = parse_yes_no(text)?,
            Field::Disabled => self.disabled = parse_yes_no(text)?,
            Field::Remarks => self.remarks = owned,
            Field::SettlementMode => self.settlement_mode = optional(text)?,
            Field::SpendLevel => self.spend_level = optional(text)?,
            Field::SpendLevelReason => self.spend_level_reason = owned,
            Field::MonthlyAverageUsage => self.monthly_average_usage = optional(text)?,
            Field::EntityType => self.entity_type = required(text)?,
            Field::CreditCode => self.credit_code = owned,
            Field::Source => self.source = owned,
            Field::Channel => self.channel = owned,
            Field::Parent => self.parent = optional(text)?,
            Field::Address => self.address = owned,
            Field::InvoiceTitle => self.invoice_title = owned,
            Field::BillingEmails => self.billing_emails = emails(text.unwrap_or_default()),
            Field::PaymentTermDays => self.payment_term_days = required(text)?,
            Field::Currency => self.currency = required(text)?,
        }
        Ok(())
    }

    /// The fields in which two customers differ, with both texts.
    pub fn difference(&self, other: &Fields) -> Vec<FieldChange> {
        let change = |field: &Field| {
            let change = FieldChange { field: *field, was: self.get(*field), becomes: other.get(*field) };
            (change.was != change.becomes).then_some(change)
        };
        Field::ALL.iter().filter_map(change).collect()
    }
}

impl Customer {
    /// Whether it is neither deleted nor merged away.
    pub fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// What it is recognised by in a line of text.
    pub fn label(&self) -> String {
        format!("{} {}", self.fields.company_code, self.fields.company_name)
    }
}

/// A field that changes, in canonical texts.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldChange {
    /// The field.
    pub field: Field,
    /// What it was.
    pub was: Option<String>,
    /// What it becomes.
    pub becomes: Option<String>,
}

fn optional<T: FromStr>(text: Option<&str>) -> Result<Option<T>, NoValue> {
    text.map(|text| text.parse().map_err(|_| NoValue)).transpose()
}

fn required<T: FromStr>(text: Option<&str>) -> Result<T, NoValue> {
    text.and_then(|text| text.parse().ok()).ok_or(NoValue)
}

fn parse_yes_no(text: Option<&str>) -> Result<bool, NoValue> {
    match text {
        Some("yes") => Ok(true),
        Some("no") => Ok(false),
        _ => Err(NoValue),
    }
}
