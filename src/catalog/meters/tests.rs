use super::forms::MeterForm;
use super::rules::{MAX_METERS, can_add, can_retire, is_code};

#[test]
fn a_code_of_a_meter_begins_with_a_letter() {
    let (longest, too_long) = ("a".repeat(50), "a".repeat(51));
    for (text, good) in [
        ("shots", true),
        ("vr_shots-2", true),
        (longest.as_str(), true),
        (too_long.as_str(), false),
        ("", false),
        ("2d", false),
        ("Shots", false),
        ("a b", false),
        ("拍摄", false),
        ("a.b", false),
        ("a'; --", false),
    ] {
        assert_eq!(is_code(text), good, "{text}");
    }
}

#[test]
fn meters_have_an_end_and_one_stays_in_use() {
    assert!(can_add(MAX_METERS - 1).is_ok());
    assert_eq!(can_add(MAX_METERS).unwrap_err().code, "too_many_meters");
    assert!(can_retire(1).is_ok());
    assert_eq!(can_retire(0).unwrap_err().code, "last_meter");
}

#[test]
fn a_form_says_what_is_wrong_at_each_field() {
    let form = MeterForm { code: "航拍".into(), unit: "很".repeat(21), ..MeterForm::default() };
    let errors = form.check_new().unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["code", "name", "name_en", "unit", "unit_en"]);
    let form = MeterForm {
        code: " flights ".into(),
        name: "航拍".into(),
        name_en: "Flights".into(),
        unit: "架次".into(),
        unit_en: "flights".into(),
        dimensions: vec!["layer".into(), "nonsense".into()],
        version: String::new(),
    };
    let (code, draft) = form.check_new().unwrap();
    assert_eq!((code.as_str(), draft.has_device_series, draft.has_layer), ("flights", false, true));
}
