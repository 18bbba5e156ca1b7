//! What a template may be, and what becomes of it.
//!
//! A template is text with variables in `{{ }}` and conditions in `{% if %}`: no loops, no macros and no arithmetic, so that
//! none can run for ever or eat all memory. What is filled in stays text: nothing of a value is read as part of the
//! template.

use std::io::{self, Write};

use chrono::DateTime;
use minijinja::value::Value as Filled;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value};

use crate::i18n::{Message, Tr};
use crate::notifications::kinds::Kind;
use crate::types::{FieldErrors, time};

use super::model::{MAX_BODY, MAX_SUBJECT, Words};
use super::tags;

/// The most characters of a subject that is sent.
pub const SUBJECT_SENT: usize = 200;

/// The most characters of a text that is sent.
pub const BODY_SENT: usize = 100_000;

/// The most bytes that filling in one text writes: room for as many characters as are sent, of whatever kind.
const WRITTEN: usize = 4 * BODY_SENT;

/// The most steps that filling in one text takes: more than a text of the greatest length has.
const FUEL: u64 = 100_000;

/// The statements that a template may use.
const STATEMENTS: [&str; 4] = ["if", "elif", "else", "endif"];

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("moment", |text: String| shown(&text, time::show));
    environment
        .add_filter("day", |text: String| shown(&text, |moment| time::business_day(moment).to_string()));
    environment.add_filter("upper", minijinja::filters::upper);
    environment.add_filter("lower", minijinja::filters::lower);
    environment.add_filter("length", minijinja::filters::length);
    environment
}

/// A moment in RFC 3339 as people write it; anything else as it is.
fn shown(text: &str, show: impl Fn(chrono::NaiveDateTime) -> String) -> String {
    DateTime::parse_from_rfc3339(text).map_or_else(|_| text.to_owned(), |moment| show(moment.naive_utc()))
}

/// Fills the variables in. The subject becomes one line, the text loses the empty lines that its conditions leave.
///
/// # Errors
/// The fault of the first that cannot be filled in.
pub fn fill(words: &Words, values: &Map<String, Value>) -> Result<Words, minijinja::Error> {
    let environment = environment();
    let values = Filled::from_serialize(values);
    let subject = written(&environment, &words.subject, &values)?;
    let body = written(&environment, &words.body, &values)?;
    let subject = one_line(&subject).chars().take(SUBJECT_SENT).collect();
    Ok(Words { subject, body: tidy(&body).chars().take(BODY_SENT).collect() })
}

/// A text filled in, cut where it grows beyond all measure. One that holds what no template may, because it was kept
/// before that was refused, is not even begun.
fn written(environment: &Environment<'_>, text: &str, values: &Filled) -> Result<String, minijinja::Error> {
    if let Some((line, sign)) = tags::foreign(text) {
        let why = format!("line {line} uses {sign:?}");
        return Err(minijinja::Error::new(ErrorKind::InvalidOperation, why));
    }
    let mut page = Page::default();
    match environment.template_from_str(text)?.render_captured_to(values, &mut page) {
        Err(fault) if !page.is_full => Err(fault),
        _ => Ok(String::from_utf8_lossy(&page.text).trim_end_matches('\u{fffd}').to_owned()),
    }
}

/// What a text is written on: no more than it holds.
#[derive(Default)]
struct Page {
    text: Vec<u8>,
    is_full: bool,
}

impl Write for Page {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let fits = piece.len().min(WRITTEN - self.text.len());
        self.text.extend(piece.iter().take(fits));
        self.is_full = fits < piece.len();
        if self.is_full { Err(io::Error::other("the text is too long")) } else { Ok(fits) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A text as one line: whatever breaks or hides is a space.
pub fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn tidy(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_owned()
}

/// The values as a reader of one language sees them: of a sentence that is kept in both, the one in theirs.
pub fn in_language(value: &Value, t: Tr) -> Value {
    match value {
        Value::Object(fields) => match fields.get(t.tag()) {
            Some(said) if Tr::ALL.iter().all(|other| fields.contains_key(other.tag())) => said.clone(),
            _ => Value::Object(
                fields.iter().map(|(name, field)| (name.clone(), in_language(field, t))).collect(),
            ),
        },
        Value::Array(items) => items.iter().map(|item| in_language(item, t)).collect(),
        Value::Null => Value::String(String::new()),
        other => other.clone(),
    }
}

/// Refuses words that would fail when they are needed: too long, not understood, with a variable that the kind has not,
/// or that cannot be filled in.
pub fn check(kind: &Kind, t: Tr, words: &Words) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::new();
    for (field, text, max) in [("subject", &words.subject, MAX_SUBJECT), ("body", &words.body, MAX_BODY)] {
        if text.trim().is_empty() {
            errors.add(field, Tr::field_required);
        } else if text.chars().count() > max {
            errors.add(field, move |t| t.field_too_long(max));
        } else if let Err(fault) = check_text(kind, text, &kind.samples(t)) {
            errors.add(field, move |t| fault.text(t));
        }
    }
    if words.subject.trim().contains('\n') {
        errors.add("subject", Tr::templates_subject_line);
    }
    errors.or(())
}

fn check_text(kind: &Kind, text: &str, samples: &Map<String, Value>) -> Result<(), Message> {
    if let Some((line, word)) = unknown_statement(text) {
        return Err(Message::new(move |t| t.templates_fault_statement(line, &word)));
    }
    if let Some((line, sign)) = tags::foreign(text) {
        return Err(Message::new(move |t| t.templates_fault_sign(line, &sign)));
    }
    let environment = environment();
    let template = environment.template_from_str(text).map_err(|fault| explain(&fault))?;
    let known: Vec<&str> = kind.all_variables().map(|variable| variable.name).collect();
    let mut unknown: Vec<String> = template
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| !known.contains(&name.as_str()))
        .collect();
    unknown.sort();
    if !unknown.is_empty() {
        return Err(Message::new(move |t| t.templates_fault_unknown(t.join(&unknown))));
    }
    // Once with every condition true, and once with every text blank, so that both sides of each are tried.
    let blank: Map<String, Value> = samples
        .iter()
        .map(|(name, sample)| {
            (name.clone(), if sample.is_string() { Value::String(String::new()) } else { sample.clone() })
        })
        .collect();
    for values in [samples, &blank] {
        let filled = template.render_captured_to(Filled::from_serialize(values), Page::default());
        filled.map_err(|fault| explain(&fault))?;
    }
    Ok(())
}

/// The first statement that a template may not use, and its line.
fn unknown_statement(text: &str) -> Option<(usize, String)> {
    let mut line = 1;
    for (index, piece) in text.split("{%").enumerate() {
        let word: String = piece
            .trim_start_matches(['-', '+'])
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .take(30)
            .collect();
        if index > 0 && !STATEMENTS.contains(&word.as_str()) {
            return Some((line, word));
        }
        line += piece.matches('\n').count();
    }
    None
}

/// A fault of the template language in our words: its own are English.
fn explain(fault: &minijinja::Error) -> Message {
    let line = fault.line().unwrap_or(1);
    match fault.kind() {
        ErrorKind::SyntaxError => Message::new(move |t| t.templates_fault_syntax(line)),
        ErrorKind::UnknownFilter
        | ErrorKind::UnknownTest
        | ErrorKind::UnknownFunction
        | ErrorKind::UnknownMethod => Message::new(move |t| t.templates_fault_filter(line)),
        _ => Message::new(move |t| t.templates_fault_value(line)),
    }
}
