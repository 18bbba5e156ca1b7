//! Whose customers somebody reaches: a customer is where its owners are.

use std::collections::BTreeSet;

use crate::accounts::users;
use crate::db::Db;
use crate::types::ids::UserId;
use crate::types::{Permission, Result};

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

    /// Whether a customer with these fields is within it.
    pub fn covers(&self, fields: &Fields) -> bool {
        match self {
            Reach::All => true,
            Reach::OwnedBy(users) => [fields.sales_owner, fields.ops_owner]
                .into_iter()
                .flatten()
                .any(|owner| users.contains(&owner)),
        }
    }
}
