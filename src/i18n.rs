//! The words on screen, in both languages.
//!
//! `build.rs` makes one method of [`Tr`] from every key of `locales/<language>/*.json`; a word that is missing
//! in a language, or whose placeholders differ, does not compile. [`Message`] is a sentence whose language is
//! chosen at the edge, so that rules can refuse without knowing who will read it.
//!
//! The arguments of a method are the placeholders of its message in alphabetical order: an order that no rewording of
//! either language changes.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A language of the screens, and at the same time the catalogue of its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Tr {
    /// Simplified Chinese, the default.
    #[default]
    ZhCn,
    /// English.
    En,
}

#[expect(
    clippy::doc_markdown,
    clippy::match_same_arms,
    clippy::uninlined_format_args,
    reason = "made from the words by build.rs"
)]
mod catalogue {
    use super::Tr;

    include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
}

pub use catalogue::KEYS;

impl Tr {
    /// Both languages, in the order in which they are offered.
    pub const ALL: [Tr; 2] = [Tr::ZhCn, Tr::En];

    /// The BCP 47 tag, as in `<html lang>`, the cookie and the user's record.
    pub const fn tag(self) -> &'static str {
        match self {
            Tr::ZhCn => "zh-CN",
            Tr::En => "en",
        }
    }

    /// The language's own name.
    pub const fn name(self) -> &'static str {
        match self {
            Tr::ZhCn => "中文",
            Tr::En => "English",
        }
    }

    /// The language of a tag such as `zh`, `zh-CN` or `en-GB`; `None` for one that is not spoken here.
    pub fn from_tag(tag: &str) -> Option<Tr> {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "zh" => Some(Tr::ZhCn),
            "en" => Some(Tr::En),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` header, by its weights, that is spoken here.
    pub fn from_accept_language(header: &str) -> Option<Tr> {
        let mut wishes: Vec<(u16, Tr)> = header
            .split(',')
            .take(20)
            .filter_map(|wish| {
                let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
                Some((per_mille(weight.trim().strip_prefix("q=")?), Tr::from_tag(tag.trim())?))
            })
            .filter(|(weight, _)| *weight > 0)
            .collect();
        // A stable sort keeps the order of the header among equal weights.
        wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        wishes.first().map(|(_, language)| *language)
    }

    /// The words of `prefix.code`, or the code itself where there are none: the label of a stored code.
    pub fn label(self, prefix: &str, code: &str) -> String {
        self.lookup(&format!("{prefix}.{code}")).map_or_else(|| code.to_owned(), str::to_owned)
    }

    /// Joins parts of an enumeration: `A、B` or `A, B`.
    pub fn join<S: AsRef<str>>(self, parts: impl IntoIterator<Item = S>) -> String {
        let separator = match self {
            Tr::ZhCn => "、",
            Tr::En => ", ",
        };
        parts.into_iter().map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join(separator)
    }

    /// Joins whole sentences to a paragraph.
    pub fn paragraph<S: AsRef<str>>(self, sentences: impl IntoIterator<Item = S>) -> String {
        let space = if self == Tr::En { " " } else { "" };
        sentences.into_iter().map(|sentence| sentence.as_ref().to_owned()).collect::<Vec<_>>().join(space)
    }
}

/// Templates hand on references.
impl From<&Tr> for Tr {
    fn from(t: &Tr) -> Tr {
        *t
    }
}

/// `0.8` → 800. Weights of a header, never money.
fn per_mille(weight: &str) -> u16 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u16 = whole.parse().unwrap_or(0);
    whole.min(1) * 1000 + if whole == 0 { fraction.parse().unwrap_or(0) } else { 0 }
}

/// A sentence that knows how to say itself in each language.
#[derive(Clone)]
pub struct Message(Arc<dyn Fn(Tr) -> String + Send + Sync>);

impl Message {
    /// The message that `say` makes of a language.
    pub fn new<S: Into<String>>(say: impl Fn(Tr) -> S + Send + Sync + 'static) -> Message {
        Message(Arc::new(move |t| say(t).into()))
    }

    /// The sentence in one language.
    pub fn text(&self, t: Tr) -> String {
        (self.0)(t)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text(Tr::En))
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Message) -> bool {
        Tr::ALL.iter().all(|t| self.text(*t) == other.text(*t))
    }
}

/// A sentence that was said and is kept: in both languages, since whoever reads it later may read either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    #[serde(rename = "zh-CN")]
    zh_cn: String,
    en: String,
}

impl Said {
    /// What `say` makes of either language.
    pub fn new<S: Into<String>>(say: impl Fn(Tr) -> S) -> Said {
        Said { zh_cn: say(Tr::ZhCn).into(), en: say(Tr::En).into() }
    }

    /// The sentence in one language.
    pub fn text(&self, t: impl Into<Tr>) -> &str {
        match t.into() {
            Tr::ZhCn => &self.zh_cn,
            Tr::En => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_a_header_goes_by_weight_then_by_order() {
        for (header, wanted) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Tr::ZhCn)),
            ("en-US,en;q=0.9", Some(Tr::En)),
            ("fr, en;q=0.2, zh;q=0.7", Some(Tr::ZhCn)),
            ("fr-CH, de;q=0.5", None),
            ("zh;q=0, en", Some(Tr::En)),
            ("", None),
            (";;;,,,q=", None),
            ("en;q=nonsense", None),
        ] {
            assert_eq!(Tr::from_accept_language(header), wanted, "{header}");
        }
    }

    #[test]
    fn an_unknown_code_is_its_own_label() {
        assert_eq!(Tr::En.label("role", "my_role"), "my_role");
    }
}
