//! What must always be true of customers. All of them are looked at, a piece at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::Db;
use crate::db::checks::{Check, Finding};
use crate::types::Result;
use crate::types::ids::CustomerId;

use super::dictionaries;
use super::directory::fields::{Field, FieldType};
use super::directory::queries;
use super::directory::rules::normalised_name;
use super::directory::terms::{of_customer, sort_key};
use super::status;

/// The checks of the room.
pub const ALL: &[Check] = &[
    Check { code: "customers.details", find: details },
    Check { code: "customers.dictionary_codes", find: dictionary_codes },
    Check { code: "customers.names", find: names },
    Check { code: "customers.terms", find: terms },
    Check { code: "customers.parents", find: parents },
    Check { code: "customers.status", find: status_moves },
];

/// How many customers are read at once.
const PIECE: i64 = 1_000;

/// Goes through all customers, the deleted ones too, a piece at a time.
fn each(
    db: &mut Db,
    mut look: impl FnMut(&mut Db, &[queries::Kept]) -> Result<Vec<String>>,
) -> Result<Finding> {
    let mut finding = Finding { examined: 0, breaches: Vec::new() };
    let mut after = CustomerId(0);
    loop {
        let some = queries::kept_after(db, after, PIECE)?;
        let Some(last) = some.last() else { return Ok(finding) };
        after = last.customer.id;
        finding.examined += some.len();
        finding.breaches.extend(look(db, &some)?);
    }
}

/// Each customer has one row of details.
fn details(db: &mut Db) -> Result<Finding> {
    Ok(Finding { examined: queries::count_all(db)?, breaches: queries::without_details(db)? })
}

/// What customers keep stands in its dictionary.
fn dictionary_codes(db: &mut Db) -> Result<Finding> {
    let dictionaries = dictionaries::queries::all(db)?;
    each(db, |_, some| {
        let mut breaches = Vec::new();
        for kept in some {
            for field in Field::ALL {
                let FieldType::Choice(dictionary) = field.holds() else { continue };
                let code = kept.customer.fields.get(*field);
                if let Some(code) = code.filter(|code| dictionaries.get(dictionary, code).is_none()) {
                    breaches.push(format!("{} {field}={code}", kept.customer.label()));
                }
            }
        }
        Ok(breaches)
    })
}

/// What is derived from a name is what follows from it.
fn names(db: &mut Db) -> Result<Finding> {
    each(db, |_, some| {
        let is_wrong = |kept: &&queries::Kept| {
            let name = &kept.customer.fields.company_name;
            kept.normalised_name != normalised_name(name) || kept.name_sort != sort_key(name)
        };
        Ok(some.iter().filter(is_wrong).map(|kept| kept.customer.label()).collect())
    })
}

/// A customer is found by what it and its contacts say, and by nothing else.
fn terms(db: &mut Db) -> Result<Finding> {
    each(db, |db, some| {
        let ids: Vec<CustomerId> = some.iter().map(|kept| kept.customer.id).collect();
        let mut of_contacts = queries::terms_of_contacts(db, &ids)?;
        let mut stored = queries::stored_terms(db, &ids)?;
        let mut breaches = Vec::new();
        for kept in some {
            let mut wanted = of_customer(&kept.customer.fields);
            wanted.extend(of_contacts.remove(&kept.customer.id).unwrap_or_default());
            if stored.remove(&kept.customer.id).unwrap_or_default() != wanted {
                breaches.push(kept.customer.label());
            }
        }
        Ok(breaches)
    })
}

/// Nobody belongs to themselves, in however many steps.
fn parents(db: &mut Db) -> Result<Finding> {
    let parents = queries::parents(db)?;
    let in_circle = |id: &CustomerId| {
        let (mut above, mut met) = (parents.get(id), BTreeSet::new());
        while let Some(next) = above.filter(|next| met.insert(**next)) {
            if next == id {
                return true;
            }
            above = parents.get(next);
        }
        false
    };
    let breaches = parents.keys().filter(|id| in_circle(id)).map(ToString::to_string).collect();
    Ok(Finding { examined: parents.len(), breaches })
}

/// A customer stands where its last move has brought it.
fn status_moves(db: &mut Db) -> Result<Finding> {
    each(db, |db, some| {
        let ids: Vec<CustomerId> = some.iter().map(|kept| kept.customer.id).collect();
        let moves: BTreeMap<CustomerId, _> = status::queries::last_of(db, &ids)?;
        let is_wrong = |kept: &&queries::Kept| {
            moves.get(&kept.customer.id).map(|one| one.becomes) != Some(kept.customer.fields.status)
        };
        Ok(some.iter().filter(is_wrong).map(|kept| kept.customer.label()).collect())
    })
}
