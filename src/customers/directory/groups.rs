//! The fields in the groups in which people think of them: on the profile, and in the form.

use crate::i18n::Tr;

use super::fields::Field;

/// Fields that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// What they are called together.
    pub title: fn(Tr) -> &'static str,
    /// The fields, in their order.
    pub fields: &'static [Field],
}

/// All of them.
pub const GROUPS: &[Group] = &[
    Group {
        title: Tr::customer_group_identity,
        fields: &[
            Field::CompanyCode,
            Field::CompanyName,
            Field::EntityType,
            Field::CreditCode,
            Field::Industry,
            Field::Parent,
            Field::Address,
        ],
    },
    Group {
        title: Tr::customer_group_cooperation,
        fields: &[
            Field::Status,
            Field::AccountType,
            Field::Level,
            Field::ErpSystem,
            Field::Source,
            Field::Channel,
            Field::OnboardedOn,
            Field::OnboardedText,
            Field::Disabled,
        ],
    },
    Group { title: Tr::customer_group_owners, fields: &[Field::SalesOwner, Field::OpsOwner] },
    Group {
        title: Tr::customer_group_settlement,
        fields: &[
            Field::Billable,
            Field::SettlementMode,
            Field::SpendLevel,
            Field::SpendLevelReason,
            Field::MonthlyAverageUsage,
            Field::PaymentTermDays,
            Field::Currency,
        ],
    },
    Group { title: Tr::customer_group_invoicing, fields: &[Field::InvoiceTitle, Field::BillingEmails] },
    Group { title: Tr::customer_group_remarks, fields: &[Field::Remarks] },
];
