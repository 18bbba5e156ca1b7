//! Members of families.

use diesel::prelude::*;

use crate::customers::status::model::Status;
use crate::types::ids::{CustomerId, UserId};

/// A customer as a member of its family.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Member {
    /// The customer.
    pub id: CustomerId,
    /// Its code.
    pub company_code: String,
    /// Its name.
    pub company_name: String,
    /// Where it stands.
    pub status: Status,
    /// The customer that it belongs to.
    pub parent: Option<CustomerId>,
    /// Who sells to it.
    pub sales_owner: Option<UserId>,
    /// Who looks after it.
    pub ops_owner: Option<UserId>,
}

impl Member {
    /// What it is recognised by in a line of text, and what a form takes for it.
    pub fn label(&self) -> String {
        format!("{} {}", self.company_code, self.company_name)
    }
}

/// A line of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// How far below the top, from 0.
    pub depth: usize,
    /// The customer; `None` for one that whoever asks does not reach.
    pub member: Option<Member>,
    /// Whether it is the one that the tree is about.
    pub is_self: bool,
}
