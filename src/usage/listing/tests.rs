use super::forms::{MOST_DAYS, RecordQuery};
use super::model::Cursor;

#[test]
fn a_cursor_is_read_as_it_was_written_and_nothing_else_is_one() {
    let cursor = Cursor::parse("2026-10-31~3~17~1~X~").unwrap();
    assert_eq!(cursor.0.device_series, "X");
    assert_eq!(Cursor::parse(&cursor.to_text()), Some(cursor));
    for text in
        ["", "2026-10-31", "2026-13-01~3~17~1~X~", "2026-10-31~x~17~1~X~", "2026-10-31~3~17~1~系~", "~~~~~"]
    {
        assert_eq!(Cursor::parse(text), None, "{text:?}");
    }
}

#[test]
fn a_list_looks_at_some_months_at_a_time() {
    let today = "2026-11-20".parse().unwrap();
    let query =
        |from: &str, to: &str| RecordQuery { from: from.into(), to: to.into(), ..RecordQuery::default() };
    for (from, to, first, last) in [
        ("2026-10-01", "2026-10-31", "2026-10-01", "2026-10-31"),
        ("", "", "2026-08-20", "2026-11-20"),
        ("", "2026-01-31", "2025-10-31", "2026-01-31"),
        ("2026-01-01", "", "2026-01-01", "2026-04-03"),
        ("2020-01-01", "2026-10-31", "2026-07-31", "2026-10-31"),
        ("2026-10-31", "2026-10-01", "2026-07-01", "2026-10-01"),
        ("x", "y", "2026-08-20", "2026-11-20"),
    ] {
        let span = query(from, to).span(today);
        assert_eq!(
            (span.first.to_string().as_str(), span.last.to_string().as_str()),
            (first, last),
            "{from} {to}"
        );
        assert!((span.last - span.first).num_days() <= MOST_DAYS);
    }
}
