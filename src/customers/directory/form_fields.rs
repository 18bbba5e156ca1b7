//! The controls of the form of a customer: one for each field, by what the field holds.

use std::collections::BTreeMap;

use crate::customers::dictionaries::model::Dictionary;
use crate::customers::status::model::Status;
use crate::types::Currency;
use crate::types::ids::UserId;
use crate::web::ui::fields::Field as Control;
use crate::web::ui::{Choice, Fields as FormFields, Ui};

use super::fields::{Field, FieldType, yes_no};
use super::model::{Customer, EntityType};
use super::urls;
use super::words::Words;

/// Makes the controls of one form.
pub struct Maker<'a> {
    ui: &'a Ui,
    words: &'a Words,
    fields: &'a FormFields,
    stored: Option<&'a Customer>,
}

impl<'a> Maker<'a> {
    /// For the form of a customer; `None` for a new one.
    pub fn new(
        ui: &'a Ui,
        words: &'a Words,
        fields: &'a FormFields,
        stored: Option<&'a Customer>,
    ) -> Maker<'a> {
        Maker { ui, words, fields, stored }
    }

    /// The control of a field, with what was typed; `None` for what the form does not hold: where a customer stands is
    /// moved on a page of its own.
    pub fn field(&self, field: Field, texts: &BTreeMap<Field, String>) -> Option<Control> {
        if field == Field::Status && self.stored.is_some() {
            return None;
        }
        let (name, label) = (field.as_str(), field.label(self.ui.t));
        let value = texts.get(&field).map_or("", String::as_str);
        let masked = self.stored.filter(|stored| !self.words.sees_mail(&stored.fields));
        if let (Field::BillingEmails, Some(stored)) = (field, masked) {
            let shown = self.words.of(self.ui.t, &stored.fields, field).unwrap_or_default();
            let control = self.fields.line(name, &label).value(shown).readonly().span();
            return Some(control.help(self.ui.t.customer_mail_masked()));
        }
        let control = match field.holds() {
            FieldType::Line(max) => self.fields.line(name, &label).max(max),
            FieldType::Text(max) => self.fields.text(name, &label).max(max),
            FieldType::Day => self.fields.day(name, &label),
            FieldType::Number => self.fields.line(name, &label).max(15),
            FieldType::Emails => self.fields.text(name, &label).max(1_000),
            FieldType::Customer => self.fields.line(name, &label).suggesting(urls::SUGGEST).max(260),
            _ => self.fields.select(name, &label, &self.choices(field, value)),
        };
        let control = if field.is_required() { control.required() } else { control };
        let control = match self.help(field) {
            Some(help) => control.help(help),
            None => control,
        };
        let is_wide = matches!(
            field,
            Field::CompanyName | Field::Address | Field::Remarks | Field::BillingEmails | Field::InvoiceTitle
        );
        let control = if is_wide { control.span() } else { control };
        Some(control.value(value))
    }

    fn help(&self, field: Field) -> Option<&'static str> {
        let t = self.ui.t;
        Some(match field {
            Field::CompanyCode => t.customer_help_code(),
            Field::CompanyName => t.customer_help_name(),
            Field::CreditCode => t.customer_help_credit_code(),
            Field::Parent => t.customer_help_parent(),
            Field::OnboardedText => t.customer_help_onboarded_text(),
            Field::AccountType => t.customer_help_account_type(),
            Field::Disabled => t.customer_help_disabled(),
            Field::SpendLevelReason => t.customer_help_level_reason(),
            Field::BillingEmails => t.customer_help_emails(),
            Field::PaymentTermDays => t.customer_help_term(),
            _ => return None,
        })
    }

    fn choices(&self, field: Field, value: &str) -> Vec<Choice> {
        let t = self.ui.t;
        let mut choices: Vec<Choice> = match field.holds() {
            FieldType::Choice(dictionary) => self.values(dictionary, value),
            FieldType::Owner => self.owners(value),
            FieldType::YesNo => [true, false]
                .map(|side| Choice::new(yes_no(side), self.words.say(t, field, yes_no(side))))
                .into(),
            FieldType::Status => Status::ALL.iter().map(|one| Choice::new(one, one.label(t))).collect(),
            FieldType::EntityType => {
                EntityType::ALL.iter().map(|one| Choice::new(one, one.label(t))).collect()
            }
            FieldType::Currency => {
                Currency::ALL.iter().map(|one| Choice::new(one, one.to_string())).collect()
            }
            _ => Vec::new(),
        };
        if !field.is_required() {
            choices.insert(0, Choice::new("", t.ui_none()));
        }
        choices
    }

    /// The values that are offered, and the retired one that the customer has already.
    fn values(&self, dictionary: Dictionary, value: &str) -> Vec<Choice> {
        let t = self.ui.t;
        let all = self.words.dictionaries().values(dictionary).iter();
        all.filter(|one| one.retired_at.is_none() || one.code == value)
            .map(|one| match one.retired_at {
                None => Choice::new(&one.code, one.label(t)),
                Some(_) => Choice::new(&one.code, t.customer_value_retired(one.label(t))),
            })
            .collect()
    }

    /// Everybody who can own a customer, and who owns it already.
    fn owners(&self, value: &str) -> Vec<Choice> {
        let current: Option<UserId> = value.parse().ok();
        let people = self.words.people().iter();
        people
            .filter(|person| person.is_live || Some(person.id) == current)
            .map(|person| {
                let name = self.words.name(self.ui.t, person);
                Choice::new(person.id, self.ui.t.customer_person(name, &person.username))
            })
            .collect()
    }
}
