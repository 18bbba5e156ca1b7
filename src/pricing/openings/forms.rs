//! What the forms of prices of many have in common: customers that are named by their codes.

use std::collections::BTreeSet;

/// The most codes that can be named.
pub const MAX_CODES: usize = 5_000;
/// The most characters of a code that are looked at.
const MAX_CODE: usize = 50;

/// Codes as people list them: with white space, commas or semicolons between them, each once.
pub fn codes(text: &str) -> Vec<String> {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | '，' | ';' | '；' | '、');
    let mut codes: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    for code in text.split(separates).filter(|code| !code.is_empty()) {
        let code: String = code.chars().take(MAX_CODE).collect();
        if known.insert(code.clone()) {
            codes.push(code);
        }
    }
    codes
}
