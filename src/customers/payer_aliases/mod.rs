//! Payer aliases 付款户名: the names under which a customer's money arrives at the bank.
//!
//! A name belongs to one customer at a time, in its normalised form, so that a receipt can be told by it.

pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of payer aliases.
pub fn routes(r: &mut Routes) {
    r.post("/customers/{customer}/payer-aliases", Permission::CustomerEdit, pages::add);
    r.post("/payer-aliases/{alias}/remove", Permission::CustomerEdit, pages::remove);
}
