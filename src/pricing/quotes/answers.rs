//! Answers questions.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::pricing::explanation::Explanation;
use crate::pricing::faults::Fault;
use crate::pricing::rating::{self, Line, LineKind, Rated};
use crate::types::Currency;

use super::forms::Quote;

/// The answer to a question: what it costs, or what is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Answer {
    /// What it costs.
    Rated(RatedJson),
    /// What is wrong with the question.
    Refused(RefusedJson),
}

/// What a quantity costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatedJson {
    /// The sum of the lines.
    amount: String,
    /// The lines.
    lines: Vec<LineJson>,
}

/// A line of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineJson {
    /// `usage`, `annual_fee`, `overage`, `minimum`, `cap` or `discount`.
    #[schema(value_type = String)]
    kind: LineKind,
    /// The amount, rounded to the minor unit of the currency.
    amount: String,
    /// How it was found, from which alone it can be found again.
    #[schema(value_type = Object)]
    explanation: Explanation,
    /// The same in whole sentences.
    text: Vec<String>,
}

/// What is wrong with a question.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedJson {
    /// What is wrong, and where.
    pub(super) error: FaultJson,
}

/// What is wrong, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaultJson {
    /// The field, such as `tiers[2].unit_price`; blank for the question as a whole.
    field: String,
    /// What is wrong with it.
    pub(super) message: String,
}

/// The answers to one question, or to an array of them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answers {
    /// To one question.
    One(Box<Answer>),
    /// To an array of questions, in their order.
    Many(Vec<Answer>),
}

impl Answers {
    /// Whether every question has an amount for its answer.
    pub fn is_complete(&self) -> bool {
        match self {
            Answers::One(answer) => answer.is_rated(),
            Answers::Many(answers) => answers.iter().all(Answer::is_rated),
        }
    }
}

impl Answers {
    /// The first fault that is at no field: what was sent is no JSON, or no question.
    pub(super) fn unreadable(&self) -> Option<&FaultJson> {
        let all = match self {
            Answers::One(answer) => std::slice::from_ref(answer.as_ref()),
            Answers::Many(answers) => answers,
        };
        all.iter().find_map(|answer| match answer {
            Answer::Refused(RefusedJson { error }) if error.field.is_empty() => Some(error),
            _ => None,
        })
    }
}

impl Answer {
    fn is_rated(&self) -> bool {
        matches!(self, Answer::Rated(_))
    }

    /// The answer to one question.
    pub fn to(question: &RawValue, t: Tr) -> Answer {
        let quote = match Quote::read(question) {
            Ok(quote) => quote,
            Err(faults) => return Answer::first_of(faults.iter(), t),
        };
        match rating::rate(&quote.charge, &quote.usage, &quote.terms) {
            Ok(rated) => Answer::Rated(RatedJson::new(rated, quote.terms.currency(), t)),
            Err(fault) => Answer::first_of([&fault].into_iter(), t),
        }
    }

    fn first_of<'a>(mut faults: impl Iterator<Item = &'a Fault>, t: Tr) -> Answer {
        let first = faults.next();
        let field = first.map(|fault| fault.field.clone()).unwrap_or_default();
        let message = first.map(|fault| fault.message.text(t)).unwrap_or_default();
        Answer::Refused(RefusedJson { error: FaultJson { field, message } })
    }
}

impl RatedJson {
    fn new(rated: Rated, currency: Currency, t: Tr) -> RatedJson {
        let line = |line: Line| LineJson {
            kind: line.kind,
            amount: line.amount.plain(currency),
            text: line.explanation.text(t),
            explanation: line.explanation,
        };
        RatedJson { amount: rated.amount.plain(currency), lines: rated.lines.into_iter().map(line).collect() }
    }
}

/// How many questions an array may have, and why not more than that.
#[derive(Debug, Clone, Copy)]
pub struct TooMany {
    /// How many there are.
    pub count: usize,
}

/// Answers a text: one question, or an array of them. What is no JSON is one question with a fault.
///
/// # Errors
/// When there are more than `most` questions.
pub fn answers(text: &str, most: usize, t: Tr) -> Result<Answers, TooMany> {
    let no_json = |fault: serde_json::Error| {
        let place = fault.to_string();
        let fault = Fault::new("", move |t| t.error_json_text(&place));
        Ok(Answers::One(Box::new(Answer::first_of([&fault].into_iter(), t))))
    };
    if text.trim_start().starts_with('[') {
        let questions: Vec<&RawValue> = match serde_json::from_str(text) {
            Ok(questions) => questions,
            Err(fault) => return no_json(fault),
        };
        if questions.len() > most {
            return Err(TooMany { count: questions.len() });
        }
        return Ok(Answers::Many(questions.into_iter().map(|question| Answer::to(question, t)).collect()));
    }
    match serde_json::from_str::<&RawValue>(text) {
        Ok(question) => Ok(Answers::One(Box::new(Answer::to(question, t)))),
        Err(fault) => no_json(fault),
    }
}
