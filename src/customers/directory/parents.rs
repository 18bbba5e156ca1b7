//! The parent of a customer as forms write it: a text for people, and the customer that is meant by it.

use std::collections::BTreeMap;

use crate::customers::family;
use crate::customers::family::model::Member;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::CustomerId;
use crate::types::{FieldErrors, Permission, Result};

use super::fields::Field;
use super::forms::CustomerDraft;
use super::model::{Customer, Fields};
use super::queries;
use super::reach::Reach;

/// How many of those that may be meant are named.
const NAMED: usize = 5;

/// A parent as a form writes it: code and name; the bare number of one that whoever asks does not reach, so that it can
/// be left as it is.
pub fn text(db: &mut Db, parent: Option<CustomerId>) -> Result<Option<String>> {
    let Some(id) = parent else { return Ok(None) };
    Ok(texts(db, &[id])?.remove(&id))
}

/// The same of many.
pub fn texts(db: &mut Db, parents: &[CustomerId]) -> Result<BTreeMap<CustomerId, String>> {
    if parents.is_empty() {
        return Ok(BTreeMap::new());
    }
    let reach = Reach::held(db, Permission::CustomerView)?;
    let found = queries::by_ids(db, parents)?;
    let text = |id: &CustomerId| {
        let parent = found.get(id);
        let seen = parent.filter(|parent| reach.as_ref().is_some_and(|reach| reach.covers(&parent.fields)));
        (*id, seen.map_or_else(|| format!("#{id}"), Customer::label))
    };
    Ok(parents.iter().map(text).collect())
}

/// The fields that a form asks for, with the parent that is meant. What stands there already stays.
///
/// # Errors
/// [`Invalid`](crate::types::Error::Invalid) when no customer or more than one is meant.
pub fn resolved(db: &mut Db, draft: &CustomerDraft) -> Result<Fields> {
    let mut fields = draft.fields.clone();
    let Some(typed) = draft.parent.as_deref() else { return Ok(fields) };
    if typed.is_empty() {
        fields.parent = None;
    } else if text(db, fields.parent)?.as_deref() != Some(typed) {
        fields.parent = Some(one(&family::queries::meant(db, typed)?)?);
    }
    Ok(fields)
}

fn one(found: &[Member]) -> Result<CustomerId, FieldErrors> {
    match found {
        [one] => Ok(one.id),
        [] => Err(FieldErrors::one(Field::Parent.as_str(), Tr::customer_parent_none)),
        many => {
            let names: Vec<String> = many.iter().take(NAMED).map(Member::label).collect();
            Err(FieldErrors::one(Field::Parent.as_str(), move |t| t.customer_parent_many(t.join(&names))))
        }
    }
}
