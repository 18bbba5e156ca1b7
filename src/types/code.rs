//! Codes: what kinds, lists and columns are called in URLs and rows, such as `files.sweep`.

/// The longest code.
const MAX_CODE: usize = 60;

/// Whether a text can be a code: small letters of ASCII, dots and underscores.
pub fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte == b'.' || byte == b'_';
    (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_small_letters() {
        let (longest, too_long) = ("a".repeat(60), "a".repeat(61));
        for (text, good) in [
            ("files.sweep", true),
            ("last_signed_in", true),
            (longest.as_str(), true),
            (too_long.as_str(), false),
            ("", false),
            ("Users", false),
            ("name,email", false),
            ("n'; --", false),
            ("名称", false),
        ] {
            assert_eq!(is_code(text), good, "{text}");
        }
    }
}
