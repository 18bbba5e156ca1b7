//! What a template may be, and what becomes of it.
//!
//! A template is text with variables in `{{ }}` and conditions in `{% if %}`: no loops, no macros, so that none can run
//! for ever. What is filled in stays text: nothing of a value is read as part of the template.

use chrono::DateTime;
use minijinja::value::Value as Filled;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value};

use crate::i18n::{Message, Tr};
use crate::notifications::kinds::Kind;
use crate::types::{FieldErrors, time};

use super::model::{MAX_BODY, MAX_SUBJECT, Words};

/// The most characters of a subject that is sent.
pub const SUBJECT_SENT: usize = 200;

/// The most characters of a text that is sent.
pub const BODY_SENT: usize = 100_000;

/// The statements that a template may use.
const STATEMENTS: [&str; 4] = ["if", "elif", "else", "endif"];

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
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
    let subject = environment.render_str(&words.subject, &values)?;
    let body = environment.render_str(&words.body, &values)?;
    let subject = one_line(&subject).chars().take(SUBJECT_SENT).collect();
    Ok(Words { subject, body: tidy(&body).chars().take(BODY_SENT).collect() })
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
        template.render(Filled::from_serialize(values)).map_err(|fault| explain(&fault))?;
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
