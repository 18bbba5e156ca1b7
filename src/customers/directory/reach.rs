//! Whose customers somebody reaches: a customer is where its owners are.

use std::collections::BTreeSet;

use crate::accounts::users;
use crate::db::Db;
use crate::types::ids::UserId;
use crate::types::{Error, Permission, Result};

use super::model::Fields;

/// The customers that somebody may do a thing to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All.
    All,
    /// Those that one of these users owns.
    OwnedBy(BTreeSet<UserId>),
}

impl Reach {
    /// The reach of whoever asks.
    ///
    /// # Errors
    /// [`Forbidden`](crate::types::Error::Forbidden) when they lack the permission altogether.
    pub fn of(db: &mut Db, permission: Permission) -> Result<Reach> {
        let users = users::queries::reached(db, permission)?;
        Ok(users.map_or(Reach::All, |users| Reach::OwnedBy(users.into_iter().collect())))
    }

    /// The reach of whoever asks; `None` when they lack the permission altogether.
    pub fn held(db: &mut Db, permission: Permission) -> Result<Option<Reach>> {
        match Reach::of(db, permission) {
            Ok(reach) => Ok(Some(reach)),
            Err(Error::Forbidden) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Whether a customer with these fields is within it.
    pub fn covers(&self, fields: &Fields) -> bool {
        self.covers_owned_by([fields.sales_owner, fields.ops_owner])
    }

    /// Whether a customer with these owners is within it.
    pub fn covers_owned_by(&self, owners: [Option<UserId>; 2]) -> bool {
        match self {
            Reach::All => true,
            Reach::OwnedBy(users) => owners.into_iter().flatten().any(|owner| users.contains(&owner)),
        }
    }
}
