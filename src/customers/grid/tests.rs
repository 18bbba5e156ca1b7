//! The rules of the list, as tables of cases.

use std::cmp::Ordering;

use crate::customers::directory::fields::Field;
use crate::db::listing::Sort;
use crate::types::{Actor, Origin, Source};

use super::forms::{GridQuery, words};
use super::model::{Column, Filter, Pick, Seek};
use super::orders::{Plan, Segment, order};
use super::sql::{Sql, Value};
use crate::types::ids::CustomerId;

fn somebody() -> Actor {
    let origin = Origin { source: Source::Web, request_id: String::new(), address: String::new() };
    Actor::anonymous(origin)
}

#[test]
fn a_search_is_taken_apart_into_words_as_customers_are_found_by_them() {
    for (text, found) in [
        ("", vec![]),
        ("  诺合  公寓 ", vec!["诺合", "公寓"]),
        ("杭州诺合公寓管理有限公司", vec!["杭州诺合公寓管理"]),
        ("ＡＢＣ abc", vec!["abc"]),
        ("一 二 三 四 五 六", vec!["一", "二", "三", "四", "五"]),
        ("诺合（杭州）", vec!["诺合(杭州)"]),
        ("诺合 有限公司", vec!["诺合"]),
        ("有限公司", vec!["有限公司"]),
        ("公司管理", vec!["公司管理"]),
    ] {
        assert_eq!(words(text), found, "{text}");
    }
    assert_eq!(words(&"长".repeat(500)).first().map(|word| word.chars().count()), Some(20));
}

#[test]
fn what_cannot_be_read_lets_everything_through_and_is_named_to_programs() {
    for (query, wrong) in [
        ("level=S", None),
        ("level=-&industry=rental", None),
        ("status=-", Some("status")),
        ("status=nope", Some("status")),
        ("billable=1", Some("billable")),
        ("sales_owner=x", Some("sales_owner")),
        ("owner=me", Some("owner")),
        ("created_from=2026-02-30", Some("created_from")),
        ("usage_to=many", Some("usage_to")),
        ("deleted=1", Some("deleted")),
        ("sort=remarks", Some("sort")),
        ("sort=-level", None),
        ("nonsense=1", None),
    ] {
        let checked = GridQuery::parse(query).check(&somebody());
        let named = checked.err().and_then(|errors| errors.iter().next().map(|(name, _)| name.to_owned()));
        assert_eq!(named.as_deref(), wrong, "{query}");
    }
    assert_eq!(GridQuery::parse("status=nope&owner=me&usage_to=x").filter(&somebody()), Filter::default());
    let filter = GridQuery::parse("level=-&level=S").filter(&somebody());
    assert_eq!(filter.picks.get(&Field::Level), Some(&Pick::Blank), "the first counts");
}

#[test]
fn the_address_says_from_where_the_list_is_read() {
    for (query, seek) in [
        ("", Seek::First),
        ("after=7&at=50", Seek::After(CustomerId(7), 50)),
        ("before=7&at=-3", Seek::Before(CustomerId(7), 0)),
        ("after=x&page=last", Seek::Last),
        ("page=3", Seek::First),
    ] {
        assert_eq!(GridQuery::parse(query).seek(), seek, "{query}");
    }
    let kept = GridQuery::parse("after=7&at=50&view=3&q=a&cols=level&sort=level&x=1").kept();
    assert_eq!(kept.to_text(), "cols=level&q=a&sort=level");
}

#[test]
fn every_column_has_one_code_and_those_with_an_order_an_index() {
    for column in Column::all() {
        assert_eq!(column.code().parse(), Ok(column));
        assert_eq!(order(column).is_some(), column.is_sortable());
    }
    assert_eq!(Column::all().filter(|column| column.is_sortable()).count(), 20);
    assert!("nonsense".parse::<Column>().is_err());
}

fn plan(descending: bool) -> Plan {
    let column = Column::Of(Field::Level);
    let known = ["S", "A"].map(|code| Value::Text(code.to_owned())).to_vec();
    Plan::new(Sort { column, descending }, order(column).unwrap(), known)
}

#[test]
fn who_has_no_value_stands_last_whichever_way_the_rest_is_ordered() {
    let is = |code: &str| Segment::Is(Value::Text(code.to_owned()));
    assert_eq!(plan(false).segments, [is("S"), is("A"), Segment::Rest, Segment::Null]);
    assert_eq!(plan(true).segments, [Segment::Rest, is("A"), is("S"), Segment::Null]);
    for descending in [false, true] {
        let plan = plan(descending);
        let place = |id: u64, code: Option<&str>| plan.place(Some(Field::Level), id, code.map(str::to_owned));
        let expected = if descending { Ordering::Greater } else { Ordering::Less };
        assert_eq!(plan.compare(&place(1, Some("S")), &place(2, Some("A"))), expected);
        assert_eq!(plan.compare(&place(1, Some("S")), &place(2, Some("S"))), expected);
        assert_eq!(plan.compare(&place(9, Some("gone")), &place(1, None)), Ordering::Less);
        assert_eq!(plan.compare(&place(3, None), &place(3, None)), Ordering::Equal);
    }
}

#[test]
fn what_was_typed_is_only_ever_a_value() {
    let mut sql = Sql::new("SELECT 1 WHERE a = ");
    sql.bind(Value::Text("'; DROP TABLE customers --".to_owned())).push(" AND b IN ").list([]);
    sql.push(" AND c IN ").list([Value::Id(1), Value::Number(2)]);
    let name = sql.name();
    assert!(name.starts_with("SELECT 1 WHERE a = ? AND b IN (NULL) AND c IN (?, ?) "), "{name}");
}
