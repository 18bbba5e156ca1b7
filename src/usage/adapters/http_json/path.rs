//! A small language for places in JSON: `data.items[*]`, `customer.code`, `rows[0]["a.b"]`.
//!
//! Names stand between dots, or in brackets and quotes where they hold dots themselves; `[0]` is the first of a list,
//! `[*]` each of them. A leading `$` may be written, and a blank path is the whole. The values are never turned into
//! numbers on the way: what is found is the text that was sent, so that `0.1` stays `0.1` and no digit is lost.

use std::collections::HashMap;

use serde_json::value::RawValue;

/// The most steps of a path.
const MAX_STEPS: usize = 20;

/// The longest text that is taken for a value. What is longer is no code and no number.
const MAX_TEXT: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    Each,
}

/// A place in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<Step>);

/// What is no path: where reading it failed, counted in characters from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPath(pub usize);

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn parse(text: &str) -> Result<Path, NoPath> {
        let text = text.trim();
        let position = |rest: &str| NoPath(text.chars().count() - rest.chars().count() + 1);
        let mut rest = text.strip_prefix('$').unwrap_or(text);
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = if let Some(inner) = rest.strip_prefix('[') {
                bracket(inner).ok_or_else(|| position(rest))?
            } else {
                let is_first = steps.is_empty() && !text.starts_with('$');
                let name = match rest.strip_prefix('.') {
                    Some(name) => name,
                    None if is_first => rest,
                    None => return Err(position(rest)),
                };
                let end = name.find(['.', '[', ']', '"', '\'']).unwrap_or(name.len());
                let (name, after) = name.split_at(end);
                if name.trim().is_empty() || name == "*" {
                    return Err(position(rest));
                }
                (Step::Name(name.trim().to_owned()), after)
            };
            steps.push(step);
            rest = after;
            if steps.len() > MAX_STEPS {
                return Err(position(rest));
            }
        }
        Ok(Path(steps))
    }

    /// Whether it may lead to several places.
    pub fn is_many(&self) -> bool {
        self.0.contains(&Step::Each)
    }

    /// What stands there; none where nothing does.
    pub fn first<'a>(&self, root: &'a RawValue) -> Option<&'a RawValue> {
        self.select(root).ok()?.first().copied()
    }

    /// Everything that stands there: nothing where an empty list does.
    ///
    /// # Errors
    /// When there is no such place.
    pub fn select<'a>(&self, root: &'a RawValue) -> Result<Vec<&'a RawValue>, Absent> {
        let mut found = vec![root];
        for step in &self.0 {
            let mut next = Vec::new();
            for value in found {
                match step {
                    Step::Name(name) => next.push(member(value, name).ok_or(Absent)?),
                    Step::Index(index) => next.push(list(value)?.get(*index).copied().ok_or(Absent)?),
                    Step::Each => next.extend(list(value)?),
                }
            }
            found = next;
        }
        Ok(found)
    }
}

/// That a place is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absent;

/// The members of a list.
///
/// # Errors
/// When it is none.
pub fn list(value: &RawValue) -> Result<Vec<&RawValue>, Absent> {
    serde_json::from_str(value.get()).map_err(|_| Absent)
}

/// Whether a value is a list.
pub fn is_list(value: &RawValue) -> bool {
    value.get().starts_with('[')
}

fn member<'a>(value: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let all: HashMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
    all.get(name).copied()
}

/// A value as it was written: a text without its quotes, a number digit by digit, nothing for `null`.
pub fn text_of(value: &RawValue) -> String {
    let written = value.get();
    let text = match written.as_bytes().first() {
        Some(b'"') => serde_json::from_str(written).unwrap_or_default(),
        Some(b'n') => String::new(),
        _ => written.to_owned(),
    };
    text.trim().chars().take(MAX_TEXT).collect()
}

/// The step in brackets, whose opening one was read, and what comes after it.
fn bracket(inner: &str) -> Option<(Step, &str)> {
    for quote in ['"', '\''] {
        if let Some(quoted) = inner.strip_prefix(quote) {
            let (name, after) = quoted.split_once(quote)?;
            return Some((Step::Name(name.to_owned()), after.strip_prefix(']')?));
        }
    }
    let (index, after) = inner.split_once(']')?;
    let step = match index.trim() {
        "*" => Step::Each,
        number => Step::Index(number.parse().ok().filter(|_| number.len() <= 6)?),
    };
    Some((step, after))
}
