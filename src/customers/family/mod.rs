//! Families: which customer belongs to which, and finding one by what somebody types.
//!
//! The parent is a field of the customer, written by the directory; here is what it means: the tree that it makes, the
//! locks that keep it a tree, and the way from a text to the customer that is meant.

pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;

use crate::customers::directory;
use crate::types::Permission;
use crate::web::Routes;

/// The routes of families.
pub fn routes(r: &mut Routes) {
    r.get(directory::urls::SUGGEST, Permission::CustomerView, pages::suggest).part();
}
