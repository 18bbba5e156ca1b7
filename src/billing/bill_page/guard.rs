//! What keeps the page to who has a link: counting, and what its answers tell browsers and searchers.

use actix_web::http::header::{self, HeaderName, HeaderValue};

use crate::billing::links;
use crate::db::{Db, rate};
use crate::types::Result;
use crate::web::Response;

/// Requests that an address may make within a minute: an office behind one address reads its bills with it.
pub const PER_ADDRESS: u32 = 120;

/// Requests that may be made of a token within a minute.
pub const PER_TOKEN: u32 = 60;

/// Counts a request, and refuses it where there were too many.
pub fn count(db: &mut Db, address: &str, token: &str) -> Result<()> {
    rate::spend(db, &format!("bill_link.address.{address}"), PER_ADDRESS)?;
    rate::spend(db, &links::rules::bucket(token), PER_TOKEN)
}

/// An answer that nobody keeps, that no searcher lists, and that tells no other site where it was.
pub fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
