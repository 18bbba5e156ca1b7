use std::path::PathBuf;

use serde_json::json;

use crate::config::Config;

use super::fonts;
use super::printer::{NO_FONTS, Printer};
use crate::types::Error;

fn config(fonts: &str) -> Config {
    let fonts = fonts.to_owned();
    Config::from(|name| (name == "OPCMS_FONTS").then(|| fonts.clone())).unwrap()
}

#[test]
fn a_folder_that_is_named_is_the_only_one_that_is_looked_at() {
    assert_eq!(fonts::folders(&config("/nowhere")), [PathBuf::from("/nowhere")]);
    assert!(fonts::folders(&config("")).len() > 5);
}

#[test]
fn without_fonts_nothing_is_printed_and_the_sentence_says_what_to_do() {
    let printer = Printer::new(&config("/nowhere"));
    let complaint = printer.complaint().unwrap();
    assert!(complaint.contains("/nowhere") && complaint.contains("OPCMS_FONTS"), "{complaint}");
    let refused = printer.bill(&json!({}), None).unwrap_err();
    assert!(matches!(refused, Error::Refused(refusal) if refusal.code == NO_FONTS));
}
