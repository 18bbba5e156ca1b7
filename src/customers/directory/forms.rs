//! What is typed into the form of a customer, checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::FieldErrors;

use super::fields::{Field, FieldType, yes_no};
use super::model::Fields;
use super::rules;

/// The customer form, as it was sent: by the page and by the API. The fields are those of `domain.md` §2, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct CustomerForm {
    /// The code, by which usage finds the customer; unique.
    pub company_code: String,
    /// The name; unique in its normalised form.
    pub company_name: String,
    /// `enterprise` or `individual`.
    pub entity_type: String,
    /// 统一社会信用代码; may be blank.
    pub credit_code: String,
    /// The customer that this one belongs to: its code, or its name; may be blank.
    pub parent: String,
    /// A code of the dictionary; may be blank.
    pub industry: String,
    /// The address; may be blank.
    pub address: String,
    /// `formal`, `trial` or `internal`.
    pub account_type: String,
    /// Where a new customer stands; it is moved from there by moves of its own.
    pub status: String,
    /// A code of the dictionary; may be blank.
    pub level: String,
    /// A code of the dictionary; may be blank.
    pub source: String,
    /// A code of the dictionary; may be blank.
    pub channel: String,
    /// A code of the dictionary; may be blank.
    pub erp_system: String,
    /// A day, such as `2026-10-31`; may be blank.
    pub onboarded_on: String,
    /// What is known instead of such a day; may be blank.
    pub onboarded_text: String,
    /// `yes` where the service is stopped.
    pub disabled: String,
    /// The id of a user; may be blank.
    pub sales_owner: String,
    /// The id of a user; may be blank.
    pub ops_owner: String,
    /// `yes` or `no`.
    pub billable: String,
    /// `per_unit`, `tiered` or `annual`; may be blank.
    pub settlement_mode: String,
    /// `C1` to `C6`; may be blank.
    pub spend_level: String,
    /// Why the spend level is set by hand: needed where it changes.
    pub spend_level_reason: String,
    /// A whole number; may be blank.
    pub monthly_average_usage: String,
    /// Days.
    pub payment_term_days: String,
    /// Such as `CNY`.
    pub currency: String,
    /// The name on invoices; may be blank.
    pub invoice_title: String,
    /// Where bills go.
    pub billing_emails: Vec<String>,
    /// Remarks; may be blank.
    pub remarks: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
    /// The fields as they were when the page was opened, so that it can tell who changed what; the page's own.
    #[schema(ignore)]
    pub original: String,
    /// `yes` once whoever types has seen the customers that are alike; the page's own.
    #[schema(ignore)]
    pub confirmed: String,
}

/// A customer as it was asked for, but for the parent, who has to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerDraft {
    /// The fields, with the parent as it is.
    pub fields: Fields,
    /// What was typed for the parent; `None` where it was left alone.
    pub parent: Option<String>,
}

impl CustomerForm {
    /// The form of a customer; `parent` is its parent as the form writes it.
    pub fn of(fields: &Fields, parent: Option<&str>, version: u32) -> CustomerForm {
        let mut texts = BTreeMap::new();
        for field in Field::ALL.iter().filter(|field| !is_listed(**field)) {
            texts.insert(field.as_str(), fields.get(*field).unwrap_or_default());
        }
        texts.insert(Field::Parent.as_str(), parent.unwrap_or_default().to_owned());
        let form = CustomerForm::from_texts(&texts);
        CustomerForm { billing_emails: fields.billing_emails.clone(), version: version.to_string(), ..form }
    }

    /// The text of each field, by its name.
    pub fn texts(&self) -> BTreeMap<Field, String> {
        let value = serde_json::to_value(self).unwrap_or_default();
        let text = |field: Field| match value.get(field.as_str()) {
            Some(serde_json::Value::String(text)) => text.trim().to_owned(),
            _ => self.billing_emails.join("; ").trim().to_owned(),
        };
        Field::ALL.iter().map(|field| (*field, text(*field))).collect()
    }

    fn from_texts<K: AsRef<str> + Serialize + Ord>(texts: &BTreeMap<K, String>) -> CustomerForm {
        let value = serde_json::to_value(texts).unwrap_or_default();
        serde_json::from_value(value).unwrap_or_default()
    }

    /// The customer that the form asks for. What the form does not show stays as it is in `stored`: where somebody stands
    /// who exists already, and addresses for mail that are only shown masked.
    pub fn check(&self, stored: Option<&Fields>, sees_mail: bool) -> Result<CustomerDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut fields = stored.cloned().unwrap_or_default();
        for (field, text) in self.texts() {
            let is_left = match field {
                Field::Parent => true,
                Field::Status => stored.is_some(),
                Field::BillingEmails => !sees_mail,
                _ => false,
            };
            let text = canonical(field, &text);
            let is_default = stored.is_none() && text.is_empty() && field.is_required();
            if is_left || (is_default && !matches!(field, Field::CompanyCode | Field::CompanyName)) {
                continue;
            }
            if fields.set(field, Some(&text)).is_err() {
                errors.add(field.as_str(), fault_of(field, &text));
            }
        }
        let changes_level = fields.spend_level != stored.and_then(|stored| stored.spend_level);
        if changes_level && fields.spend_level.is_some() && fields.spend_level_reason.is_none() {
            errors.add(Field::SpendLevelReason.as_str(), Tr::customer_level_reason);
        }
        errors.extend(rules::as_errors(rules::check(&fields)));
        errors.or(CustomerDraft { fields, parent: Some(self.parent.trim().to_owned()) })
    }

    /// The version that was read; 0, which no customer has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// The form as it was opened; as it is now, where nothing is known of it.
    pub fn opened(&self) -> Option<CustomerForm> {
        serde_json::from_str(&self.original).ok()
    }

    /// As a page keeps it beside what is typed.
    pub fn kept(&self) -> String {
        serde_json::to_string(&CustomerForm { original: String::new(), ..self.clone() }).unwrap_or_default()
    }

    /// What becomes of what was typed when somebody else was faster: fields that were left alone follow the other's
    /// change, those that both changed keep what was typed. Tells which fields the other has changed.
    pub fn over(&self, stored: &CustomerForm) -> (CustomerForm, Vec<Overtaken>) {
        let (mine, theirs) = (self.texts(), stored.texts());
        let opened = self.opened().map_or_else(BTreeMap::new, |form| form.texts());
        let (mut result, mut overtaken) = (BTreeMap::new(), Vec::new());
        // Where a customer stands is no part of the form of one that exists.
        for (field, text) in mine.into_iter().filter(|(field, _)| *field != Field::Status) {
            let stored = theirs.get(&field).cloned().unwrap_or_default();
            let was = opened.get(&field).cloned();
            let is_untouched = was.as_ref() == Some(&text);
            if was.as_ref() != Some(&stored) && (stored != text || is_untouched) {
                overtaken.push(Overtaken { field, was, now: stored.clone(), is_kept: !is_untouched });
            }
            result.insert(field, if is_untouched { stored } else { text });
        }
        let emails = result.remove(&Field::BillingEmails).unwrap_or_default();
        let texts: BTreeMap<String, String> =
            result.into_iter().map(|(field, text)| (field.to_string(), text)).collect();
        let form = CustomerForm {
            billing_emails: Some(emails).into_iter().filter(|text| !text.is_empty()).collect(),
            version: stored.version.clone(),
            original: stored.kept(),
            confirmed: self.confirmed.clone(),
            ..CustomerForm::from_texts(&texts)
        };
        (form, overtaken)
    }
}

/// A field that somebody else has changed while one was typing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overtaken {
    /// The field.
    pub field: Field,
    /// What it was when the page was opened; `None` where nothing is known of it.
    pub was: Option<String>,
    /// What it is now.
    pub now: String,
    /// Whether the form keeps something else, which was typed into it.
    pub is_kept: bool,
}

/// Whether the form holds a list for it, and not a line.
fn is_listed(field: Field) -> bool {
    field == Field::BillingEmails
}

/// What was typed, as the field writes it.
fn canonical(field: Field, text: &str) -> String {
    match field.holds() {
        FieldType::YesNo if text == "true" => yes_no(true).to_owned(),
        FieldType::YesNo if text == "false" => yes_no(false).to_owned(),
        FieldType::Number => text.replace([',', '，'], ""),
        _ => text.to_owned(),
    }
}

fn fault_of(field: Field, text: &str) -> fn(Tr) -> &'static str {
    match field.holds() {
        _ if text.is_empty() => Tr::field_required,
        FieldType::Day => Tr::field_day,
        FieldType::Number => Tr::customer_number,
        _ => Tr::field_unknown_choice,
    }
}
