//! The parameters of the list: its URL is its state, and what views, exports and edits of many keep of it.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::EntityType;
use crate::customers::directory::rules::{is_legal_form, normalised_name};
use crate::customers::directory::terms;
use crate::customers::status::model::Status;
use crate::db::listing::Sort;
use crate::i18n::Tr;
use crate::types::ids::{CustomerId, UserId};
use crate::types::{Actor, FieldErrors};
use crate::web::reason::MAX_REASON;

use super::model::{Column, Filter, PICKED, Pick, Range, Seek, may_be_blank, usual_sort};

/// What stands for an empty field.
pub const BLANK: &str = "-";
/// What stands for whoever asks.
pub const ME: &str = "me";
/// The most words of a search.
const MAX_WORDS: usize = 5;
/// The parameters that filter, but for the picks: those are named after their fields.
const OTHERS: [&str; 9] = [
    "q",
    "owner",
    "onboarded_from",
    "onboarded_to",
    "created_from",
    "created_to",
    "usage_from",
    "usage_to",
    "deleted",
];

/// The parameters, by name. Of one that is named twice the first counts, as in the filter bar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct GridQuery(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for GridQuery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<GridQuery, D::Error> {
        Ok(GridQuery::of(Vec::<(String, String)>::deserialize(deserializer)?))
    }
}

impl GridQuery {
    /// Of names and values; blank ones say nothing.
    pub fn of(parameters: impl IntoIterator<Item = (String, String)>) -> GridQuery {
        let mut all = BTreeMap::new();
        for (name, value) in parameters {
            let value = value.trim();
            if !value.is_empty() {
                all.entry(name).or_insert_with(|| value.to_owned());
            }
        }
        GridQuery(all)
    }

    /// Of the text behind the question mark of a URL.
    pub fn parse(query: &str) -> GridQuery {
        GridQuery::of(serde_html_form::from_str::<Vec<(String, String)>>(query).unwrap_or_default())
    }

    /// The text behind the question mark of a URL.
    pub fn to_text(&self) -> String {
        serde_html_form::to_string(&self.0).unwrap_or_default()
    }

    /// With one parameter set.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> GridQuery {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The value of a parameter; blank when absent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Only what a view keeps: filter, order and columns, and nothing of where in the list one stands.
    #[must_use]
    pub fn kept(&self) -> GridQuery {
        let kept = |name: &str| name == "sort" || name == "cols" || filters(name);
        GridQuery(self.0.iter().filter(|(name, _)| kept(name)).map(|(n, v)| (n.clone(), v.clone())).collect())
    }

    /// Only what filters.
    #[must_use]
    pub fn filters(&self) -> GridQuery {
        GridQuery(
            self.0.iter().filter(|(name, _)| filters(name)).map(|(n, v)| (n.clone(), v.clone())).collect(),
        )
    }

    /// The names of what filters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Which customers are asked for; what cannot be read lets everything through.
    pub fn filter(&self, actor: &Actor) -> Filter {
        self.read(actor, &mut FieldErrors::new())
    }

    /// Which customers are asked for, with nothing passed over: for programs, exports and edits of many, which cannot
    /// look at what they got.
    pub fn check(&self, actor: &Actor) -> Result<Filter, FieldErrors> {
        let mut errors = FieldErrors::new();
        let filter = self.read(actor, &mut errors);
        if !self.get("sort").is_empty() && self.sort_asked().is_none() {
            errors.add("sort", Tr::field_unknown_choice);
        }
        errors.or(filter)
    }

    fn read(&self, actor: &Actor, errors: &mut FieldErrors) -> Filter {
        let mut picks = BTreeMap::new();
        for field in PICKED {
            let text = self.get(field.as_str());
            if text.is_empty() {
                continue;
            }
            match pick(field, text, actor) {
                Some(pick) => {
                    picks.insert(field, pick);
                }
                None => errors.add(field.as_str(), Tr::field_unknown_choice),
            }
        }
        let owner = Some(self.get("owner")).filter(|text| !text.is_empty());
        let found = owner.and_then(|text| user(text, actor));
        if owner.is_some() && found.is_none() {
            errors.add("owner", Tr::field_unknown_choice);
        }
        if !["", "yes"].contains(&self.get("deleted")) {
            errors.add("deleted", Tr::field_unknown_choice);
        }
        Filter {
            words: words(self.get("q")),
            picks,
            owner: found,
            onboarded: self.days(errors, "onboarded_from", "onboarded_to"),
            created: self.days(errors, "created_from", "created_to"),
            usage: Range { from: self.number(errors, "usage_from"), to: self.number(errors, "usage_to") },
            deleted: self.get("deleted") == "yes",
        }
    }

    fn days(
        &self,
        errors: &mut FieldErrors,
        from: &'static str,
        to: &'static str,
    ) -> Range<chrono::NaiveDate> {
        Range { from: errors.day(from, self.get(from)), to: errors.day(to, self.get(to)) }
    }

    fn number(&self, errors: &mut FieldErrors, name: &'static str) -> Option<i64> {
        errors.code(name, self.get(name))
    }

    /// In which order.
    pub fn sort(&self) -> Sort<Column> {
        self.sort_asked().unwrap_or_else(usual_sort)
    }

    fn sort_asked(&self) -> Option<Sort<Column>> {
        let text = self.get("sort");
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
        let column = Column::from_str(name).ok().filter(|column| column.is_sortable())?;
        Some(Sort { column, descending })
    }

    /// Which page.
    pub fn seek(&self) -> Seek {
        let before = self.get("at").parse().unwrap_or(0).max(0);
        let customer = |name: &str| self.get(name).parse().ok().map(CustomerId);
        match (customer("after"), customer("before"), self.get("page")) {
            (Some(id), _, _) => Seek::After(id, before),
            (_, Some(id), _) => Seek::Before(id, before),
            (_, _, "last") => Seek::Last,
            _ => Seek::First,
        }
    }

    /// The columns that the URL names, if it names some.
    pub fn columns(&self) -> Option<&str> {
        Some(self.get("cols")).filter(|text| !text.is_empty())
    }
}

fn filters(name: &str) -> bool {
    OTHERS.contains(&name) || PICKED.iter().any(|field| field.as_str() == name)
}

/// The words of a search as customers are found by them. A full name loses its legal form, as names do; a word that is
/// nothing else counts only when it stands alone.
pub fn words(text: &str) -> Vec<String> {
    let text: String = text.chars().take(200).collect();
    let is_told_by_forms = only_legal_forms(&text).is_some();
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace().filter(|word| is_told_by_forms || !is_legal_form(word)) {
        let folded = terms::folded(&normalised_name(word));
        let word: String = folded.chars().take(terms::MAX_TERM).collect();
        if !word.is_empty() && !words.contains(&word) && words.len() < MAX_WORDS {
            words.push(word);
        }
    }
    words
}

/// The search, where it is for nothing but legal forms such as 有限公司: by these nobody is found.
pub fn only_legal_forms(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && text.split_whitespace().all(is_legal_form)).then_some(text)
}

fn user(text: &str, actor: &Actor) -> Option<UserId> {
    if text == ME { actor.user_id } else { text.parse().ok() }
}

fn pick(field: Field, text: &str, actor: &Actor) -> Option<Pick> {
    if text == BLANK {
        return may_be_blank(field).then_some(Pick::Blank);
    }
    let canonical = match field.holds() {
        FieldType::Owner => user(text, actor)?.to_string(),
        FieldType::Status => text.parse::<Status>().ok()?.to_string(),
        FieldType::EntityType => text.parse::<EntityType>().ok()?.to_string(),
        FieldType::YesNo => Some(text).filter(|text| ["yes", "no"].contains(text))?.to_owned(),
        // Codes are kept in ASCII: nothing else is one, whatever the dictionary holds.
        _ => Some(text)
            .filter(|text| text.len() <= 40 && text.bytes().all(|b| b.is_ascii_graphic()))?
            .to_owned(),
    };
    Some(Pick::Is(canonical))
}

/// What a row is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RowQuery {
    /// The field whose cell is to be changed.
    pub edit: String,
}

/// A cell, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CellEdit {
    /// The version of the customer that was read.
    pub version: String,
    /// What the field shall hold; blank for nothing.
    pub value: String,
    /// Why.
    pub reason: String,
    /// The page that shows the list.
    pub back: String,
    /// Whether the row alone is asked for.
    pub part: String,
}

impl CellEdit {
    /// The version that was read; 0, which no customer has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// The reason, if one was given.
    pub fn reason(&self) -> Result<Option<String>, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.optional_text("reason", &self.reason, MAX_REASON);
        errors.or(reason)
    }

    /// Whether the row alone is asked for.
    pub fn is_part(&self) -> bool {
        self.part == "yes"
    }
}
