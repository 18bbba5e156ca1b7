//! What can be wrong with the data of a customer.

use crate::customers::directory::fields::Field;
use crate::i18n::Tr;
use crate::text_enum;

text_enum! {
    /// Something that is missing or cannot be right. The order is the order of the bits in which it is stored: new ones
    /// come at the end.
    pub enum Problem {
        /// Nobody to talk to.
        NoContact = "no_contact",
        /// Nobody sells to them.
        NoSalesOwner = "no_sales_owner",
        /// Nobody looks after them.
        NoOpsOwner = "no_ops_owner",
        /// No line of business.
        NoIndustry = "no_industry",
        /// No level.
        NoLevel = "no_level",
        /// A company without its credit code.
        NoCreditCode = "no_credit_code",
        /// Nothing says when they came aboard.
        NoOnboarding = "no_onboarding",
        /// Nothing says how they are charged.
        NoSettlementMode = "no_settlement_mode",
        /// Bills could not be sent.
        NoBillingEmail = "no_billing_email",
        /// Nothing to write on an invoice.
        NoInvoiceTitle = "no_invoice_title",
        /// No address.
        NoAddress = "no_address",
        /// Words in the place of the day on which they came aboard.
        OnboardingInWords = "onboarding_in_words",
        /// A credit code whose check character is wrong.
        InvalidCreditCode = "invalid_credit_code",
        /// A contact's phone that cannot be dialled.
        InvalidPhone = "invalid_phone",
        /// A mail address, of a contact or for bills, that cannot be one.
        InvalidEmail = "invalid_email",
        /// Nobody has said where they stand.
        Unconfirmed = "unconfirmed",
        /// Stopped, and in use by its status.
        DisabledButActive = "disabled_but_active",
        /// A person with the credit code of a company.
        PersonWithCreditCode = "person_with_credit_code",
        /// To be billed, though only formal accounts are.
        BillableNotFormal = "billable_not_formal",
        /// They came aboard on a day that has not come yet.
        FutureOnboarding = "future_onboarding",
        /// An owner who was disabled or deleted.
        OwnerLeft = "owner_left",
    }
}

/// Templates hand on references.
impl From<&Problem> for Problem {
    fn from(problem: &Problem) -> Problem {
        *problem
    }
}

/// Where a problem is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a field of the customer.
    Field(Field),
    /// Among its contacts.
    Contacts,
}

impl Problem {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("quality_problem", self.as_str())
    }

    /// Its bit among those that are stored.
    pub const fn bit(self) -> u64 {
        1 << self as u64
    }

    /// How many points of completeness it costs; none where something is wrong rather than missing.
    pub const fn points(self) -> u32 {
        match self {
            Problem::NoContact => 15,
            Problem::NoCreditCode | Problem::NoBillingEmail => 12,
            Problem::NoSalesOwner | Problem::NoOpsOwner => 10,
            Problem::NoIndustry | Problem::NoLevel | Problem::NoSettlementMode => 8,
            Problem::NoOnboarding | Problem::NoInvoiceTitle => 6,
            Problem::NoAddress => 5,
            _ => 0,
        }
    }

    /// Whether it may come and go without anybody changing the customer: with the calendar, or with a user.
    pub const fn depends_on_the_day(self) -> bool {
        matches!(self, Problem::FutureOnboarding | Problem::OwnerLeft)
    }

    /// Where it is mended.
    pub const fn place(self) -> Place {
        match self {
            Problem::NoContact | Problem::InvalidPhone => Place::Contacts,
            Problem::NoSalesOwner | Problem::OwnerLeft => Place::Field(Field::SalesOwner),
            Problem::NoOpsOwner => Place::Field(Field::OpsOwner),
            Problem::NoIndustry => Place::Field(Field::Industry),
            Problem::NoLevel => Place::Field(Field::Level),
            Problem::NoCreditCode | Problem::InvalidCreditCode | Problem::PersonWithCreditCode => {
                Place::Field(Field::CreditCode)
            }
            Problem::NoOnboarding | Problem::OnboardingInWords | Problem::FutureOnboarding => {
                Place::Field(Field::OnboardedOn)
            }
            Problem::NoSettlementMode => Place::Field(Field::SettlementMode),
            Problem::NoBillingEmail | Problem::InvalidEmail => Place::Field(Field::BillingEmails),
            Problem::NoInvoiceTitle => Place::Field(Field::InvoiceTitle),
            Problem::NoAddress => Place::Field(Field::Address),
            Problem::Unconfirmed | Problem::DisabledButActive => Place::Field(Field::Status),
            Problem::BillableNotFormal => Place::Field(Field::Billable),
        }
    }
}

/// What is known of a contact that can be wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reachable {
    /// The phone.
    pub phone: Option<String>,
    /// The mail address.
    pub email: Option<String>,
}

/// What was found of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// How complete it is, out of 100.
    pub score: u32,
    /// What is missing or wrong, the dearest first.
    pub problems: Vec<Problem>,
}

text_enum! {
    /// A band of scores.
    pub enum Band {
        /// Below 60.
        Low = "low",
        /// From 60 to 79.
        Middle = "middle",
        /// From 80 to 99.
        High = "high",
        /// 100.
        Full = "full",
    }
}

impl Band {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("quality_band", self.as_str())
    }

    /// Its lowest and its highest score.
    pub const fn range(self) -> (u32, u32) {
        match self {
            Band::Low => (0, 59),
            Band::Middle => (60, 79),
            Band::High => (80, 99),
            Band::Full => (100, 100),
        }
    }

    /// The band of a score.
    pub fn of(score: u32) -> Band {
        Band::ALL.iter().copied().find(|band| score <= band.range().1).unwrap_or(Band::Full)
    }
}

/// What is asked of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QualityFilter {
    /// Only those with this problem.
    pub problem: Option<Problem>,
    /// Only those of this owner.
    pub owner: Option<crate::types::ids::UserId>,
    /// Only those with such a score.
    pub band: Option<Band>,
}
