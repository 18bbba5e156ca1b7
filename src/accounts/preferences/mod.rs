//! Small choices of a user that are no business of anybody else, such as the columns of a list.

pub mod commands;
pub mod forms;
pub mod pages;
pub mod queries;

use crate::web::{Access, Routes};

/// The routes of one's own choices.
pub fn routes(r: &mut Routes) {
    r.post("/preferences/columns", Access::SignedIn, pages::columns);
}
