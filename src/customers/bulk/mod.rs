//! Changing many customers at once: handing them over, moving them, giving them another level.
//!
//! What would become of each is worked out first, and shown as a batch; nothing is written before somebody has looked at
//! it and said so. What the filter matched is frozen when the batch is made: who joins later is not touched.

pub mod batch;
pub mod forms;
pub mod model;
pub mod pages;
pub mod planning;
pub mod rules;

use crate::customers::grid::urls;
use crate::types::Permission;
use crate::web::Routes;

/// The routes of edits of many.
pub fn routes(r: &mut Routes) {
    r.get(urls::BULK, Permission::CustomerEdit, pages::new);
    r.post(urls::BULK, Permission::CustomerEdit, pages::create);
}
