//! What is missing of a customer, and what cannot be right.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use chrono::NaiveDate;

use crate::customers::directory::model::{AccountType, EntityType, Fields};
use crate::customers::status::model::Status;
use crate::types::FieldErrors;
use crate::types::ids::UserId;
use crate::types::tax_number::TaxNumber;

use super::model::{Assessment, Problem, Reachable};

/// The score of a customer that nothing is missing of.
pub const FULL: u32 = 100;

/// What a customer and its contacts say themselves, whatever the day.
pub fn assess(fields: &Fields, contacts: &[Reachable]) -> Assessment {
    let found = |problem: &Problem| has(*problem, fields, contacts);
    of_problems(Problem::ALL.iter().copied().filter(found).collect())
}

/// The assessment with what depends on the day and on who has left.
pub fn assess_today(
    fields: &Fields,
    contacts: &[Reachable],
    left: &BTreeSet<UserId>,
    today: NaiveDate,
) -> Assessment {
    let mut all = assess(fields, contacts).problems;
    if fields.onboarded_on.is_some_and(|day| day > today) {
        all.push(Problem::FutureOnboarding);
    }
    if [fields.sales_owner, fields.ops_owner].iter().flatten().any(|owner| left.contains(owner)) {
        all.push(Problem::OwnerLeft);
    }
    of_problems(all)
}

/// The assessment that follows from problems: each costs its points.
pub fn of_problems(mut problems: Vec<Problem>) -> Assessment {
    problems.sort_by_key(|problem| (std::cmp::Reverse(problem.points()), *problem));
    let lost: u32 = problems.iter().map(|problem| problem.points()).sum();
    Assessment { score: FULL.saturating_sub(lost), problems }
}

/// Problems as they are stored.
pub fn bits(problems: &[Problem]) -> u64 {
    problems.iter().fold(0, |bits, problem| bits | problem.bit())
}

/// Stored problems.
pub fn from_bits(bits: u64) -> Vec<Problem> {
    Problem::ALL.iter().copied().filter(|problem| bits & problem.bit() != 0).collect()
}

fn has(problem: Problem, fields: &Fields, contacts: &[Reachable]) -> bool {
    let is_company = fields.entity_type == EntityType::Enterprise;
    match problem {
        Problem::NoContact => contacts.is_empty(),
        Problem::NoSalesOwner => fields.sales_owner.is_none(),
        Problem::NoOpsOwner => fields.ops_owner.is_none(),
        Problem::NoIndustry => fields.industry.is_none(),
        Problem::NoLevel => fields.level.is_none(),
        Problem::NoCreditCode => is_company && fields.credit_code.is_none(),
        Problem::NoOnboarding => fields.onboarded_on.is_none() && fields.onboarded_text.is_none(),
        Problem::NoSettlementMode => bills(fields) && fields.settlement_mode.is_none(),
        Problem::NoBillingEmail => bills(fields) && fields.billing_emails.is_empty(),
        Problem::NoInvoiceTitle => bills(fields) && fields.invoice_title.is_none(),
        Problem::NoAddress => fields.address.is_none(),
        Problem::OnboardingInWords => fields.onboarded_on.is_none() && fields.onboarded_text.is_some(),
        Problem::InvalidCreditCode => {
            fields.credit_code.as_deref().is_some_and(|code| TaxNumber::from_str(code).is_err())
        }
        Problem::InvalidPhone => {
            contacts.iter().filter_map(|contact| contact.phone.as_deref()).any(|phone| !is_phone(phone))
        }
        Problem::InvalidEmail => {
            let of_contacts = contacts.iter().filter_map(|contact| contact.email.as_deref());
            of_contacts.chain(fields.billing_emails.iter().map(String::as_str)).any(|email| !is_email(email))
        }
        Problem::Unconfirmed => fields.status == Status::Unconfirmed,
        Problem::DisabledButActive => fields.disabled && fields.status == Status::Active,
        Problem::PersonWithCreditCode => !is_company && fields.credit_code.is_some(),
        Problem::BillableNotFormal => fields.billable && fields.account_type != AccountType::Formal,
        Problem::FutureOnboarding | Problem::OwnerLeft => false,
    }
}

/// Whether bills are written for it: of those that get none, nothing is missing that only bills need.
fn bills(fields: &Fields) -> bool {
    fields.billable && fields.account_type == AccountType::Formal
}

/// Whether a text can be dialled: a mobile or a landline of the mainland, a service number, or an international number.
/// Spaces, hyphens and brackets do not count; an extension may follow.
pub fn is_phone(text: &str) -> bool {
    let main = text.split(['转', '#', 'x', 'X', ',']).next().unwrap_or_default();
    let is_mark = |c: char| c.is_whitespace() || "-–—()（）.".contains(c);
    let plain: String = main.chars().filter(|c| !is_mark(*c)).collect();
    let (is_international, digits) = match plain.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let home = digits.strip_prefix("86").filter(|rest| rest.len() >= 10).unwrap_or(digits);
    if is_international && home == digits {
        return (7..=15).contains(&digits.len());
    }
    let second = home.as_bytes().get(1).copied().unwrap_or_default();
    match (home.as_bytes().first(), home.len()) {
        (Some(b'1'), 11) => (b'3'..=b'9').contains(&second),
        (Some(b'4' | b'8'), 10) => home.starts_with("400") || home.starts_with("800"),
        // A landline, with the number of its city or as it is dialled in it.
        (Some(b'0'), 10..=12) | (Some(b'2'..=b'8'), 7 | 8) => true,
        _ => false,
    }
}

fn is_email(text: &str) -> bool {
    let mut errors = FieldErrors::new();
    errors.email("email", text);
    errors.is_empty()
}
