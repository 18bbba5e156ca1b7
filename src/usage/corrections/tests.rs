use rust_decimal::{Decimal, dec};

use super::forms::{CorrectionForm, key_of, key_text};
use super::rules::can_correct;
use crate::types::ids::{CustomerId, MeterId, UsageIntakeId, UsageSourceId};
use crate::usage::records::model::{RecordKey, Stored};

fn stored(quantity: Decimal, raw_quantity: Decimal) -> Stored {
    let received_at = "2026-11-01T00:00:00".parse().unwrap();
    Stored { quantity, raw_quantity, intake: UsageIntakeId(1), received_at }
}

#[test]
fn a_correction_changes_what_counts() {
    for (counts, sent, asked, is_corrected, refused) in [
        (dec!(10), dec!(10), dec!(8), false, None),
        (dec!(10), dec!(10), dec!(10.0000), false, Some("same_quantity")),
        (dec!(8), dec!(10), dec!(7), true, None),
        (dec!(8), dec!(10), dec!(8), true, Some("same_quantity")),
        (dec!(8), dec!(10), dec!(10), true, Some("as_sent")),
    ] {
        let outcome = can_correct(&stored(counts, sent), asked, is_corrected);
        assert_eq!(outcome.err().map(|refusal| refusal.code), refused, "{counts} {sent} {asked}");
    }
}

#[test]
fn a_record_of_a_day_is_named_by_a_text() {
    let key = RecordKey {
        customer: CustomerId(7),
        used_on: "2026-11-01".parse().unwrap(),
        meter: MeterId(1),
        device_series: "X".into(),
        layer: String::new(),
        source: UsageSourceId(3),
    };
    assert_eq!(key_of(key.customer, key.used_on, &key_text(&key)), Some(key));
    for text in ["", "1", "1~X~~y", "1~系~~3", "1~X~~3~4", "1~'; DROP TABLE usage_records; --~~3"] {
        assert_eq!(key_of(CustomerId(7), "2026-11-01".parse().unwrap(), text), None, "{text:?}");
    }
}

#[test]
fn a_form_wants_a_quantity_and_a_reason() {
    for (quantity, reason, faults) in [
        ("12.5", "数错了", vec![]),
        ("1,200", "数错了", vec![]),
        ("", "", vec!["quantity", "reason"]),
        ("-1", "x", vec!["quantity"]),
        ("1.23456", "x", vec!["quantity"]),
        ("很多", "x", vec!["quantity"]),
        ("1e30", "x", vec!["quantity"]),
    ] {
        let form = CorrectionForm {
            quantity: quantity.into(),
            reason: reason.into(),
            seen: "10".into(),
            ..CorrectionForm::default()
        };
        let errors = form.check().err().unwrap_or_default();
        let found: Vec<&str> = errors.iter().map(|(field, _)| field).collect();
        assert_eq!(found, faults, "{quantity} {reason}");
    }
}
