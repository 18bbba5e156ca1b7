//! Inboxes: what each user was told within the product.

pub mod commands;
pub mod model;
pub mod queries;

use crate::web::Routes;

/// The routes of inboxes.
pub fn routes(_: &mut Routes) {}
