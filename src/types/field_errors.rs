//! What is wrong with a form, field by field.

use std::borrow::Cow;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::i18n::{Message, Tr};

use super::time::parse_day;

/// The faults found in a form, each at the field where it can be mended, in the order of the fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldErrors(Vec<(Cow<'static, str>, Message)>);

impl FieldErrors {
    /// No faults yet.
    pub fn new() -> FieldErrors {
        FieldErrors::default()
    }

    /// Notes a fault. A field keeps its first one: the rest usually follow from it.
    pub fn add<S: Into<String>>(
        &mut self,
        field: &'static str,
        say: impl Fn(Tr) -> S + Send + Sync + 'static,
    ) {
        if self.get(field).is_none() {
            self.0.push((field.into(), Message::new(say)));
        }
    }

    /// Notes a fault of a field whose name is not known beforehand, such as `charges[2].unit_price`.
    pub fn push(&mut self, field: String, message: Message) {
        if self.get(&field).is_none() {
            self.0.push((field.into(), message));
        }
    }

    /// One fault at one field.
    pub fn one<S: Into<String>>(
        field: &'static str,
        say: impl Fn(Tr) -> S + Send + Sync + 'static,
    ) -> FieldErrors {
        let mut errors = FieldErrors::new();
        errors.add(field, say);
        errors
    }

    /// The fault of a field.
    pub fn get(&self, field: &str) -> Option<&Message> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, message)| message)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields with their faults.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Message)> {
        self.0.iter().map(|(field, message)| (field.as_ref(), message))
    }

    /// A text that must be there: trimmed, without control characters, at most `max` characters.
    pub fn required_text(&mut self, field: &'static str, raw: &str, max: usize) -> String {
        let text = self.text(field, raw, max);
        if text.is_empty() {
            self.add(field, Tr::field_required);
        }
        text
    }

    /// A text that may be missing; blank is `None`.
    pub fn optional_text(&mut self, field: &'static str, raw: &str, max: usize) -> Option<String> {
        Some(self.text(field, raw, max)).filter(|text| !text.is_empty())
    }

    fn text(&mut self, field: &'static str, raw: &str, max: usize) -> String {
        let text = raw.trim();
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
            self.add(field, Tr::field_control_characters);
        }
        if text.chars().count() > max {
            self.add(field, move |t| t.field_too_long(max));
        }
        text.to_owned()
    }

    /// A single line of text: as [`FieldErrors::required_text`], and without line breaks or tabs.
    pub fn required_line(&mut self, field: &'static str, raw: &str, max: usize) -> String {
        let line = self.required_text(field, raw, max);
        if line.chars().any(char::is_control) {
            self.add(field, Tr::field_control_characters);
        }
        line
    }

    /// One of the codes of an enum; `None` when blank.
    pub fn code<T: FromStr>(&mut self, field: &'static str, raw: &str) -> Option<T> {
        let raw = raw.trim();
        if raw.is_empty() {
            return None;
        }
        let value = raw.parse().ok();
        if value.is_none() {
            self.add(field, Tr::field_unknown_choice);
        }
        value
    }

    /// A day; `None` when blank.
    pub fn day(&mut self, field: &'static str, raw: &str) -> Option<NaiveDate> {
        let day = parse_day(raw);
        if day.is_none() && !raw.trim().is_empty() {
            self.add(field, Tr::field_day);
        }
        day
    }

    /// An address for mail, by its shape: something, one `@`, a domain; `None` when blank.
    pub fn email(&mut self, field: &'static str, raw: &str) -> Option<String> {
        let email = self.optional_text(field, raw, 254)?;
        let plausible = email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.len() <= 64
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.contains("..")
                && !email
                    .contains(|c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c))
                && !domain.contains('@')
        });
        if !plausible {
            self.add(field, Tr::field_email);
        }
        Some(email)
    }

    /// Takes over the faults of another form.
    pub fn extend(&mut self, other: FieldErrors) {
        for (field, message) in other.0 {
            if self.get(&field).is_none() {
                self.0.push((field, message));
            }
        }
    }

    /// `value` when nothing is wrong.
    pub fn or<T>(self, value: T) -> Result<T, FieldErrors> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_their_faults_named() {
        let long = "字".repeat(51);
        for (raw, text, fault) in [
            ("  张伟 ", "张伟", None),
            ("", "", Some(Tr::En.field_required().to_owned())),
            (" \t ", "", Some(Tr::En.field_required().to_owned())),
            ("a\u{0}b", "a\u{0}b", Some(Tr::En.field_control_characters().to_owned())),
            ("a\nb", "a\nb", Some(Tr::En.field_control_characters().to_owned())),
            ("<b>'; DROP TABLE users;--😀", "<b>'; DROP TABLE users;--😀", None),
            (long.as_str(), long.as_str(), Some(Tr::En.field_too_long(50))),
        ] {
            let mut errors = FieldErrors::new();
            assert_eq!(errors.required_line("name", raw, 50), text);
            assert_eq!(errors.get("name").map(|message| message.text(Tr::En)), fault, "{raw:?}");
        }
    }

    #[test]
    fn an_address_for_mail_has_one_at_sign_and_a_domain() {
        for (raw, good) in [
            ("a@b.cn", true),
            ("wang.fang+bill@mail.example.com", true),
            ("财务@公司.中国", true),
            ("a@b", false),
            ("@b.cn", false),
            ("a b@c.cn", false),
            ("a@b@c.cn", false),
            ("a@b..cn", false),
            ("<a@b.cn>", false),
            ("a@b.cn\r\nBcc: x@y.z", false),
        ] {
            let mut errors = FieldErrors::new();
            errors.email("email", raw);
            assert_eq!(errors.is_empty(), good, "{raw:?}");
        }
        assert_eq!(FieldErrors::new().email("email", "  "), None);
    }

    #[test]
    fn a_field_keeps_its_first_fault() {
        let mut errors = FieldErrors::one("name", Tr::field_required);
        errors.add("name", Tr::field_email);
        assert_eq!(errors.iter().count(), 1);
        assert_eq!(errors.get("name").unwrap().text(Tr::En), Tr::En.field_required());
    }
}
