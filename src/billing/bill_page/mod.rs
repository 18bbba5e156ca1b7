//! The page of a bill for its customer: opened by a link, without signing in, on a phone or printed.
//!
//! Whoever comes is the customer, be they signed in or not. A token that opens nothing gets one page, whatever is wrong
//! with it. How often an address and a token may come is counted before anything is looked for.

pub mod forms;
pub mod guard;
pub mod opened;
pub mod pages;

use crate::web::Routes;
use crate::web::routes::Access;

/// The routes of the page.
pub fn routes(r: &mut Routes) {
    r.get("/b/{key}", Access::Public, pages::show);
    r.get("/b/{key}/bill.pdf", Access::Public, pages::pdf);
    r.get("/b/{key}/bill.xlsx", Access::Public, pages::xlsx);
    r.post("/b/{key}/confirm", Access::Public, pages::confirm);
    r.post("/b/{key}/questions", Access::Public, pages::ask);
    r.post("/b/{key}/questions/{dispute}", Access::Public, pages::write);
}
