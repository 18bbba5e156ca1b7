//! What makes a customer right in itself, whatever stands in the database.

use std::str::FromStr as _;

use unicode_normalization::UnicodeNormalization as _;

use crate::i18n::{Message, Said, Tr};
use crate::types::FieldErrors;
use crate::types::tax_number::TaxNumber;

use super::fields::{Field, FieldType};
use super::model::{EntityType, Fields};

/// The longest name in its normalised form: what is written in one character can become many.
pub const MAX_NORMALISED: usize = 255;
/// The longest payment term, in days.
pub const MAX_PAYMENT_TERM: u32 = 365;
/// The most mail addresses that bills of one customer go to.
const MAX_EMAILS: usize = 10;
/// The largest monthly usage that is believed.
const MAX_USAGE: i64 = 999_999_999_999;

/// The legal forms that names end in, the longer before what they end in themselves.
const LEGAL_FORMS: [&str; 4] = ["有限责任公司", "股份有限公司", "有限公司", "公司"];

/// A fault of a field: a stable code for machines, a sentence for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The field where it can be mended.
    pub field: Field,
    /// What kind of fault it is, such as `required`.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub message: Message,
}

impl Fault {
    /// A fault with its code and its sentence in each language.
    pub fn new<S: Into<String>>(
        field: Field,
        code: &'static str,
        say: impl Fn(Tr) -> S + Send + Sync + 'static,
    ) -> Fault {
        Fault { field, code, message: Message::new(say) }
    }

    /// The fault in a sentence that is kept, with the field at which it was found.
    pub fn said(&self) -> Said {
        Said::new(|t| t.customers_fault_at(self.field.label(t), self.message.text(t)))
    }
}

/// Faults as a form shows them.
pub fn as_errors(faults: Vec<Fault>) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for fault in faults {
        let message = fault.message;
        errors.add(fault.field.as_str(), move |t| message.text(t));
    }
    errors
}

/// The name by which two customers are told to be the same (`domain.md` §2): NFKC, without white space, in capitals,
/// without the legal form at its end. NFKC turns full-width brackets into half-width ones, too.
pub fn normalised_name(name: &str) -> String {
    let plain: String = name.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    let shorter = LEGAL_FORMS.iter().find_map(|form| plain.strip_suffix(form));
    shorter.filter(|rest| !rest.is_empty()).map_or_else(|| plain.clone(), str::to_owned)
}

/// Whether a word is nothing but a legal form, which names lose, so that nobody is found by it.
pub fn is_legal_form(word: &str) -> bool {
    let plain: String = word.nfkc().filter(|c| !c.is_whitespace()).collect();
    LEGAL_FORMS.contains(&plain.as_str())
}

/// What is wrong with a customer in itself.
pub fn check(fields: &Fields) -> Vec<Fault> {
    let mut faults = Vec::new();
    for field in Field::ALL {
        let value = fields.get(*field);
        match (value, field.holds()) {
            (None, _) if field.is_required() => {
                faults.push(Fault::new(*field, "required", Tr::field_required));
            }
            (Some(text), FieldType::Line(max)) => line(&mut faults, *field, &text, max, false),
            (Some(text), FieldType::Text(max)) => line(&mut faults, *field, &text, max, true),
            _ => {}
        }
    }
    if normalised_name(&fields.company_name).chars().count() > MAX_NORMALISED {
        faults.push(too_long(Field::CompanyName, MAX_NORMALISED));
    }
    if fields.company_code.contains(char::is_whitespace) {
        faults.push(Fault::new(Field::CompanyCode, "invalid_code", Tr::customers_code_spaces));
    }
    if fields.payment_term_days > MAX_PAYMENT_TERM {
        let say = |t: Tr| t.customers_term_range(MAX_PAYMENT_TERM);
        faults.push(Fault::new(Field::PaymentTermDays, "invalid_number", say));
    }
    if fields.monthly_average_usage.is_some_and(|number| !(0..=MAX_USAGE).contains(&number)) {
        faults.push(Fault::new(Field::MonthlyAverageUsage, "invalid_number", Tr::customers_usage_range));
    }
    credit_code(&mut faults, fields);
    billing_emails(&mut faults, &fields.billing_emails);
    faults
}

fn line(faults: &mut Vec<Fault>, field: Field, text: &str, max: usize, breaks: bool) {
    let is_break = |c: char| breaks && matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(|c| c.is_control() && !is_break(c)) {
        faults.push(Fault::new(field, "control_characters", Tr::field_control_characters));
    }
    if text.chars().count() > max {
        faults.push(too_long(field, max));
    }
}

fn too_long(field: Field, max: usize) -> Fault {
    Fault::new(field, "too_long", move |t: Tr| t.field_too_long(max))
}

/// Only companies are registered; a code that is there has to be right, and is kept as it is printed.
fn credit_code(faults: &mut Vec<Fault>, fields: &Fields) {
    let Some(code) = &fields.credit_code else { return };
    if fields.entity_type == EntityType::Individual {
        faults.push(Fault::new(Field::CreditCode, "not_applicable", Tr::customers_credit_code_person));
    } else if let Err(fault) = TaxNumber::from_str(code) {
        faults.push(Fault::new(Field::CreditCode, "invalid_credit_code", move |t| fault.text(t)));
    }
}

fn billing_emails(faults: &mut Vec<Fault>, emails: &[String]) {
    if emails.len() > MAX_EMAILS {
        let say = |t: Tr| t.customers_emails_many(MAX_EMAILS);
        faults.push(Fault::new(Field::BillingEmails, "too_many", say));
    }
    let mut errors = FieldErrors::new();
    for email in emails {
        errors.email(Field::BillingEmails.as_str(), email);
        if errors.get(Field::BillingEmails.as_str()).is_some() {
            let wrong = email.clone();
            let say = move |t: Tr| t.customers_email_shape(&wrong);
            faults.push(Fault::new(Field::BillingEmails, "invalid_email", say));
            return;
        }
    }
}

/// A customer as it is stored: the credit code as it is printed.
pub fn tidy(fields: &mut Fields) {
    if let Some(code) = fields.credit_code.as_deref().and_then(|code| TaxNumber::from_str(code).ok()) {
        fields.credit_code = Some(code.to_string());
    }
}
