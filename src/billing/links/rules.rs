//! What a token looks like.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The random bytes of a token.
pub const BYTES: usize = 32;

/// How many characters of a token its requests are counted by: enough to tell links apart, too few to open one.
const PREFIX: usize = 8;

/// Under what name a token is sealed.
pub const PURPOSE: &str = "bill link";

/// Whether a text could be a token: 32 bytes in base64url. Whatever else comes is not even looked for.
pub fn is_token(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == BYTES)
}

/// What the requests of a token are counted under; all that is none together.
pub fn bucket(text: &str) -> String {
    let prefix = if is_token(text) { text.get(..PREFIX).unwrap_or_default() } else { "none" };
    format!("bill_link.token.{prefix}")
}
