//! What a value must be like. A value is kept as text, in one way of writing it.

use url::Url;

use crate::i18n::Tr;
use crate::types::ids::FileId;
use crate::types::{FieldErrors, TaxNumber};

use super::model::{Definition, Kind, NO, YES};

/// The field that a value is typed into.
pub const VALUE: &str = "value";

/// The longest address of a site.
const MAX_WEB_ADDRESS: usize = 200;

/// What was typed, as it is kept; or what is wrong with it.
pub fn check(kind: Kind, typed: &str) -> Result<String, FieldErrors> {
    let mut errors = FieldErrors::new();
    let typed = typed.trim();
    let kept = match kind {
        Kind::Number { min, max, .. } => number(&mut errors, typed, min, max),
        Kind::Flag => flag(&mut errors, typed),
        _ if typed.is_empty() => String::new(),
        Kind::Line { max } => errors.required_line(VALUE, typed, max),
        Kind::Text { max } => errors.required_text(VALUE, &with_plain_line_ends(typed), max),
        Kind::Email => errors.email(VALUE, typed).unwrap_or_default(),
        Kind::WebAddress => web_address(&mut errors, typed),
        Kind::Picture => picture(&mut errors, typed),
        Kind::TaxNumber => match typed.parse::<TaxNumber>() {
            Ok(number) => number.to_string(),
            Err(fault) => {
                errors.add(VALUE, move |t| fault.text(t));
                String::new()
            }
        },
    };
    errors.or(kept)
}

/// What a setting amounts to, given what is stored of it: a value that does not fit any more counts as the default.
pub fn effective<'a>(definition: &Definition, stored: Option<&'a str>) -> &'a str {
    stored.filter(|value| fits(definition, value)).unwrap_or(definition.default)
}

/// Whether a stored value is one that could have been typed.
pub fn fits(definition: &Definition, stored: &str) -> bool {
    check(definition.kind, stored).is_ok_and(|kept| kept == stored)
}

fn number(errors: &mut FieldErrors, typed: &str, min: i64, max: i64) -> String {
    let number = typed.parse().ok().filter(|number| (min..=max).contains(number));
    if number.is_none() {
        errors.add(VALUE, move |t| t.settings_number_range(max, min));
    }
    number.unwrap_or(min).to_string()
}

/// Yes or no, as forms, programs and people at the command line write it.
fn flag(errors: &mut FieldErrors, typed: &str) -> String {
    match typed.to_lowercase().as_str() {
        YES | "yes" | "1" | "是" => YES.to_owned(),
        NO | "no" | "0" | "否" => NO.to_owned(),
        _ => {
            errors.add(VALUE, Tr::field_unknown_choice);
            NO.to_owned()
        }
    }
}

/// The id of a file; whether it hangs on the setting is asked when it is written.
fn picture(errors: &mut FieldErrors, typed: &str) -> String {
    errors.code::<FileId>(VALUE, typed).map_or_else(String::new, |id| id.to_string())
}

/// Browsers end the lines of a form in their own way.
fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// An address of the web, with or without `https://` before it.
fn web_address(errors: &mut FieldErrors, typed: &str) -> String {
    let line = errors.required_line(VALUE, typed, MAX_WEB_ADDRESS);
    let full = if line.contains("://") { line } else { format!("https://{line}") };
    let url = Url::parse(&full).ok().filter(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.host_str().is_some_and(|host| host.contains('.'))
            && url.username().is_empty()
            && url.password().is_none()
            && !full.contains(char::is_whitespace)
    });
    if url.is_none() {
        errors.add(VALUE, Tr::settings_web_address);
    }
    full
}
