//! Pages that are opened by their address alone: nobody keeps, lists or passes on what they are.

use actix_web::http::header::{self, HeaderName, HeaderValue};

use super::Response;

/// An answer that no browser keeps, that no searcher lists, and that tells no other site where it was.
pub fn unlisted(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
