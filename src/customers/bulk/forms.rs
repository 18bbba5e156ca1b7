//! Which customers are meant, and what they shall be given.

use serde::{Deserialize, Deserializer};

use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::Fields;
use crate::customers::directory::rules::MAX_PAYMENT_TERM;
use crate::customers::grid::forms::{BLANK, GridQuery};
use crate::customers::status;
use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::CustomerId;
use crate::web::reason::MAX_REASON;

use super::model::{FIELDS, Wanted};

/// The most customers that can be ticked on a page.
const MAX_TICKED: usize = 500;

/// The form, as it was sent: the ids that were ticked, and everything else by name.
#[derive(Debug, Clone, Default)]
pub struct BulkForm {
    ids: Vec<CustomerId>,
    rest: GridQuery,
}

impl<'de> Deserialize<'de> for BulkForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BulkForm, D::Error> {
        let all = Vec::<(String, String)>::deserialize(deserializer)?;
        let (ids, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(name, _)| name == "id");
        let mut ids: Vec<CustomerId> = ids.into_iter().filter_map(|(_, id)| id.parse().ok()).collect();
        ids.truncate(MAX_TICKED);
        ids.sort_unstable();
        ids.dedup();
        Ok(BulkForm { ids, rest: GridQuery::of(rest) })
    }
}

impl BulkForm {
    /// The customers that were ticked.
    pub fn ids(&self) -> &[CustomerId] {
        &self.ids
    }

    /// Whether it only says which customers are meant, as the list does.
    pub fn is_choice(&self) -> bool {
        self.rest.get("step") == "choose"
    }

    /// Whether all that the filter matches are meant.
    pub fn is_all(&self) -> bool {
        self.rest.get("all") == "yes"
    }

    /// The filter of the list, as it was sent.
    pub fn filter_text(&self) -> &str {
        self.rest.get("filter")
    }

    /// The filter and the order of the list.
    pub fn filter(&self) -> GridQuery {
        GridQuery::parse(self.filter_text())
    }

    /// What was chosen for a field; blank to leave it as it is.
    pub fn value(&self, field: Field) -> &str {
        self.rest.get(field.as_str())
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        self.rest.get("reason")
    }

    /// What the customers shall be given.
    pub fn check(&self) -> Result<Wanted, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut fields = Vec::new();
        for field in FIELDS.into_iter().filter(|field| !self.value(*field).is_empty()) {
            let text = Some(self.value(field)).filter(|text| *text != BLANK);
            let mut trial = Fields::default();
            let can_be = text.is_some() || !field.is_required();
            if can_be && trial.set(field, text).is_ok() && within(&trial) {
                fields.push((field, text.map(str::to_owned)));
            } else if field.holds() == FieldType::Number {
                errors.add(field.as_str(), |t| t.customers_term_range(MAX_PAYMENT_TERM));
            } else {
                errors.add(field.as_str(), Tr::field_unknown_choice);
            }
        }
        let reason = errors.optional_text("reason", self.reason(), MAX_REASON);
        let ends = |(field, text): &(Field, Option<String>)| {
            *field == Field::Status
                && text.as_deref().and_then(|text| text.parse().ok()).is_some_and(status::rules::needs_reason)
        };
        if reason.is_none() && fields.iter().any(ends) {
            errors.add("reason", Tr::customer_list_reason_required);
        }
        if fields.is_empty() && errors.is_empty() {
            errors.add("", Tr::customer_bulk_nothing);
        }
        errors.or(Wanted { fields, reason })
    }
}

fn within(fields: &Fields) -> bool {
    fields.payment_term_days <= MAX_PAYMENT_TERM
}
