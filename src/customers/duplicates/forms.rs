//! What is asked of pairs, and what is decided, checked.

use std::collections::HashMap;

use serde::Deserialize;

use crate::customers::directory::fields::Field;
use crate::db::listing::PageRequest;
use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::CustomerId;

use super::model::{MergeOrder, Pair, PairState};

/// The longest reason.
pub const MAX_REASON: usize = 300;

/// The parameters of the queue.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DuplicatesQuery {
    /// The code of a state; blank for what nobody has decided.
    pub state: String,
    /// The page.
    pub page: String,
}

impl DuplicatesQuery {
    /// The state that is asked for.
    pub fn state(&self) -> PairState {
        self.state.parse().unwrap_or(PairState::Open)
    }

    /// The page that is asked for.
    pub fn page(&self) -> PageRequest {
        PageRequest::parse(&self.page)
    }
}

/// The form of a merge, as it was sent: which customer stays, and for each field that differs whose value it is, `lower`
/// or `higher`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct MergeForm(HashMap<String, String>);

impl MergeForm {
    /// The form as it is proposed.
    pub fn proposed(survivor: CustomerId, from: impl Iterator<Item = (Field, &'static str)>) -> MergeForm {
        let mut all: HashMap<String, String> =
            from.map(|(field, side)| (field.to_string(), side.to_owned())).collect();
        all.insert("survivor".into(), survivor.to_string());
        MergeForm(all)
    }

    /// What was sent under a name; blank when nothing was.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The merge that the form asks for.
    pub fn check(&self, pair: &Pair) -> Result<MergeOrder, FieldErrors> {
        let mut errors = FieldErrors::new();
        let survivor = errors.code::<CustomerId>("survivor", self.get("survivor"));
        let survivor = survivor.filter(|id| pair.ids().contains(id));
        if survivor.is_none() {
            errors.add("survivor", Tr::duplicates_refused_survivor);
        }
        let reason = errors.optional_text("reason", self.get("reason"), MAX_REASON);
        let loser_side = if survivor == Some(pair.lower_id) { "higher" } else { "lower" };
        let from_loser =
            Field::ALL.iter().copied().filter(|field| self.get(field.as_str()) == loser_side).collect();
        let order = MergeOrder {
            survivor: survivor.unwrap_or(pair.lower_id),
            from_loser,
            seen: self.get("seen").to_owned(),
            reason,
        };
        errors.or(order)
    }
}

/// Why two customers are not the same, or why a merge is taken back.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ReasonForm {
    /// The reason.
    pub reason: String,
}

impl ReasonForm {
    /// A reason that has to be given.
    pub fn required(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        errors.or(reason)
    }

    /// A reason that may be given.
    pub fn optional(&self) -> Result<Option<String>, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.optional_text("reason", &self.reason, MAX_REASON);
        errors.or(reason)
    }
}
