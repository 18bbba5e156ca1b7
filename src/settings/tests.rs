//! What a value must be like, and that the registry agrees with itself.

use std::collections::BTreeSet;

use crate::files::content::FileType;
use crate::i18n::Tr;

use super::model::{Kind, Unit};
use super::pictures::{self, Picture};
use super::registry;
use super::rules::{check, effective, fits};

const DAYS: Kind = Kind::Number { min: 1, max: 3650, unit: Unit::Days };

#[test]
fn a_value_is_kept_in_one_way_of_writing_it() {
    for (kind, typed, kept) in [
        (Kind::Line { max: 5 }, "  某某公司 ", "某某公司"),
        (Kind::Line { max: 5 }, "   ", ""),
        (Kind::Line { max: 5 }, "<b>\"", "<b>\""),
        (Kind::Text { max: 20 }, "开户行\r\n账号\r123\n", "开户行\n账号\n123"),
        (DAYS, " 030 ", "30"),
        (DAYS, "+7", "7"),
        (DAYS, "3650", "3650"),
        (Kind::Email, " bill@example.com", "bill@example.com"),
        (Kind::Email, "", ""),
        (Kind::WebAddress, "www.example.com", "https://www.example.com"),
        (Kind::WebAddress, "http://example.com/公司?a=b", "http://example.com/公司?a=b"),
        (Kind::TaxNumber, "9135 0100 m000100y43", "91350100M000100Y43"),
        (Kind::TaxNumber, "", ""),
        (Kind::Flag, "Yes", "true"),
        (Kind::Flag, "是", "true"),
        (Kind::Flag, "false", "false"),
    ] {
        assert_eq!(check(kind, typed).as_deref(), Ok(kept), "{typed:?}");
        assert_eq!(check(kind, kept).as_deref(), Ok(kept), "{kept:?} stays as it is");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_a_sentence() {
    let t = Tr::En;
    let range = t.settings_number_range(3650, 1);
    for (kind, typed, fault) in [
        (Kind::Line { max: 3 }, "四个字了", t.field_too_long(3)),
        (Kind::Line { max: 9 }, "a\nb", t.field_control_characters().into()),
        (Kind::Line { max: 9 }, "a\tb", t.field_control_characters().into()),
        (Kind::Text { max: 9 }, "a\u{0}b", t.field_control_characters().into()),
        (Kind::Text { max: 9 }, "1234567890", t.field_too_long(9)),
        (DAYS, "", range.clone()),
        (DAYS, "0", range.clone()),
        (DAYS, "-1", range.clone()),
        (DAYS, "3651", range.clone()),
        (DAYS, "1.5", range.clone()),
        (DAYS, "99999999999999999999", range.clone()),
        (DAYS, "三十", range.clone()),
        (Kind::Email, "no address", t.field_email().into()),
        (Kind::Email, "a@b.cn\r\nBcc: x@y.z", t.field_email().into()),
        (Kind::WebAddress, "javascript:alert(1)", t.settings_web_address().into()),
        (Kind::WebAddress, "javascript://example.com/%0aalert(1)", t.settings_web_address().into()),
        (Kind::WebAddress, "https://user:secret@example.com", t.settings_web_address().into()),
        (Kind::WebAddress, "nowhere", t.settings_web_address().into()),
        (Kind::WebAddress, "www.example.com or so", t.settings_web_address().into()),
        (Kind::TaxNumber, "91350100M000100Y44", t.tax_number_check_character().into()),
        (Kind::TaxNumber, "12345", t.tax_number_shape().into()),
        (Kind::Flag, "", t.field_unknown_choice().into()),
        (Kind::Flag, "perhaps", t.field_unknown_choice().into()),
    ] {
        let faults = check(kind, typed).unwrap_err();
        let sentences: Vec<_> = faults.iter().map(|(field, message)| (field, message.text(t))).collect();
        assert_eq!(sentences, [("value", fault)], "{typed:?}");
    }
}

#[test]
fn a_stored_value_that_does_not_fit_counts_as_the_default() {
    let days = &registry::TASKS_KEEP_DAYS.definition;
    for (stored, value) in [
        (None, "30"),
        (Some("7"), "7"),
        (Some("007"), "30"),
        (Some(" 7"), "30"),
        (Some("0"), "30"),
        (Some("9999"), "30"),
        (Some(""), "30"),
        (Some("soon"), "30"),
    ] {
        assert_eq!(effective(days, stored), value, "{stored:?}");
    }
}

#[test]
fn the_registry_agrees_with_itself() {
    let keys: BTreeSet<_> = registry::ALL.iter().map(|definition| definition.key).collect();
    assert_eq!(keys.len(), registry::ALL.len(), "each name stands for one setting");
    for definition in registry::ALL {
        assert!(fits(definition, definition.default), "the default of {} fits", definition.key);
        assert!(definition.key.len() <= 60, "{} fits its column", definition.key);
        assert_eq!(registry::find(definition.key), Some(definition));
        for t in Tr::ALL {
            assert_ne!(definition.label(t), definition.key);
            assert_ne!(definition.help(t), definition.key);
            assert_ne!(t.label("setting_group", definition.group()), definition.group());
        }
    }
    let source = include_str!("registry.rs");
    assert_eq!(source.matches("pub const ").count(), registry::ALL.len() + 1, "none is missing from ALL");
}

/// A PNG, JPEG or WebP of this size, as far as anybody looks.
fn picture(format: FileType, width: u16, height: u16) -> Vec<u8> {
    let (wide, high) = (width.to_be_bytes(), height.to_be_bytes());
    match format {
        FileType::Png => {
            [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0"[..], &wide, &[0, 0], &high, &[8, 6, 0, 0, 0]].concat()
        }
        // A comment, filling, a table and then the frame.
        FileType::Jpeg => [
            &b"\xff\xd8\xff\xfe\0\x04ab\xff\xff\xff\xdb\0\x03x\xff\xc0\0\x11\x08"[..],
            &high,
            &wide,
            &[3, 1, 0x22, 0],
        ]
        .concat(),
        _ => {
            let (wide, high) = (u32::from(width - 1).to_le_bytes(), u32::from(height - 1).to_le_bytes());
            [&b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"[..], &wide[..3], &high[..3]].concat()
        }
    }
}

#[test]
fn a_picture_is_known_by_its_first_bytes() {
    for format in [FileType::Png, FileType::Jpeg, FileType::Webp] {
        let (width, height) = (640, 480);
        assert_eq!(pictures::check(&picture(format, 640, 480)), Ok(Picture { format, width, height }));
        assert_eq!(pictures::check(&picture(format, 4000, 1)).map(|picture| picture.width), Ok(4000));
        let code = |bytes: &[u8]| pictures::check(bytes).unwrap_err().code;
        assert_eq!(code(&picture(format, 4001, 1)), "picture_too_wide");
        assert_eq!(code(&picture(format, 1, 4001)), "picture_too_wide");
        let whole = picture(format, 640, 480);
        assert_eq!(code(&[&whole[..], &vec![0; pictures::MAX_BYTES]].concat()), "picture_too_large");
        for end in 0..whole.len() - 5 {
            // However it was cut, it is a picture or it is not.
            let _ = pictures::check(&whole[..end]);
        }
        assert_eq!(code(&whole[..20]), "picture_unknown");
    }
    // The other two kinds of WebP, as encoders write them.
    let lossless = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\x02\x40\0\0";
    let lossy = b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a\x03\0\x02\0";
    for bytes in [&lossless[..], lossy] {
        let found = pictures::check(bytes).map(|picture| (picture.width, picture.height));
        assert_eq!(found, Ok((3, 2)), "{bytes:?}");
    }
    for bytes in [
        &b""[..],
        b"GIF89a\x01\0\x01\0",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>",
        b"\xff\xd8\xff\xda\0\x02",
        b"\xff\xd8\xff\xe0\0\0\xff\xe0",
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\x01\x08",
        b"RIFF\0\0\0\0WEBPVP9 ",
        b"PK\x03\x04",
    ] {
        assert_eq!(pictures::check(bytes).unwrap_err().code, "picture_unknown", "{bytes:?}");
    }
}
