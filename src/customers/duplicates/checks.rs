//! What must always be true of merges.

use crate::db::Db;
use crate::db::checks::{Check, Finding};
use crate::types::Result;

use super::queries;

/// The checks of merges.
pub const ALL: &[Check] = &[Check { code: "customers.merges", find: merges }];

/// Who was merged into another customer is deleted, and its merge can be taken back.
fn merges(db: &mut Db) -> Result<Finding> {
    let (examined, breaches) = queries::broken_merges(db)?;
    Ok(Finding { examined, breaches })
}
