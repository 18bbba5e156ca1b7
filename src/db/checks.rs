//! Checks: what must always be true of the data, and how to find out whether it is.
//!
//! A check stands for something that no code path can break, whatever it does. It finds what only a fault of ours, a
//! hand at the database or a damaged restore can cause. Each room lists its own; `opcms check` runs them all.

use crate::i18n::Tr;
use crate::types::Result;

use super::{Db, migrate};

/// Something that must always be true.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its name, as in `accounts.user_roles`.
    pub code: &'static str,
    /// Looks whether it is true.
    pub find: fn(&mut Db) -> Result<Finding>,
}

impl Check {
    /// What it claims, in words.
    pub fn label(&self, t: Tr) -> String {
        label(t, self.code)
    }
}

/// What a check claims, in words, by its name.
pub fn label(t: Tr, code: &str) -> String {
    t.label("check", code)
}

/// The checks of all rooms. A part of the application's state, for who runs them beside the command line.
#[derive(Debug, Clone, Copy)]
pub struct Checks(pub &'static [&'static [Check]]);

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How many records it looked at.
    pub examined: usize,
    /// The records of which the claim is not true, by a name that tells where to look.
    pub breaches: Vec<String>,
}

/// The checks of the database itself. While one of them fails, no other can be trusted.
pub const ALL: &[Check] = &[Check { code: "db.migrations", find: migrations }];

fn migrations(db: &mut Db) -> Result<Finding> {
    let mut breaches = migrate::pending(db)?;
    breaches.extend(migrate::unknown(db)?);
    Ok(Finding { examined: migrate::count(), breaches })
}
