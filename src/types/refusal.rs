//! A refusal: a rule of the business says no, and says why.

use crate::i18n::{Message, Tr};

/// Why a rule refused what was asked. The code is for machines, the sentence for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// A stable code, for the API and for tests.
    pub code: &'static str,
    /// The sentence that says what is wrong and what to do.
    pub message: Message,
}

impl Refusal {
    /// A refusal with its code and its sentence in each language.
    pub fn new<S: Into<String>>(
        code: &'static str,
        say: impl Fn(Tr) -> S + Send + Sync + 'static,
    ) -> Refusal {
        Refusal { code, message: Message::new(say) }
    }
}
