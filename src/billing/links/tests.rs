use crate::web::secret::random_text;

use super::rules::{BYTES, bucket, is_token};

#[test]
fn a_token_is_32_bytes_in_base64url_and_nothing_else_is() {
    let token = random_text(BYTES);
    assert!(is_token(&token), "{token}");
    for wrong in [
        "",
        "a",
        &token[1..],
        &format!("{token}a"),
        &format!("{}=", &token[1..]),
        &token.replace(&token[..1], "!"),
    ] {
        assert!(!is_token(wrong), "{wrong}");
    }
}

#[test]
fn requests_are_counted_by_what_a_token_begins_with() {
    let token = random_text(BYTES);
    assert_eq!(bucket(&token), format!("bill_link.token.{}", &token[..8]));
    assert_eq!(bucket("../../etc/passwd"), "bill_link.token.none");
    assert_eq!(bucket("账单"), "bill_link.token.none");
}
