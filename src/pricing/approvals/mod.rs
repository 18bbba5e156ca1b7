//! Approving many versions at once: what an import or a raise has opened, or what somebody ticked in the list.
//!
//! What would change for each customer is shown first, as a batch; committing approves what may be approved, and says of
//! the rest why not. Undoing withdraws what has not begun.

pub mod batch;
pub mod commands;
pub mod forms;
mod pages;
pub mod urls;

use crate::types::Permission::PriceApprove;
use crate::web::Routes;

/// The routes of approving many.
pub fn routes(r: &mut Routes) {
    r.get(urls::NEW, PriceApprove, pages::new);
    r.post(urls::NEW, PriceApprove, pages::create);
}
