//! The records of usage as a list: found by customer, day, meter, series, layer and source, the latest day first.
//!
//! There are millions of them, so that the list looks at some months at a time, and is read by key.

pub mod export;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of the list.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::UsageView, pages::index);
    r.post(urls::EXPORT, Permission::UsageView, pages::export);
}
