//! How the list is ordered, so that an index serves every order.
//!
//! An order is a row of *segments*. A column with many values (a code, a name, a day, a number) has one segment, ordered
//! by the value. A column with few (a dictionary, the status, an owner, yes or no) has one for each value, in the order
//! in which people know them, and customers stand in it by id. Who has no value comes last, whichever way the rest is
//! ordered. Within equal values the id decides, so that the order is total.

use crate::customers::dictionaries::model::Dictionaries;
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::{Customer, EntityType};
use crate::customers::directory::terms;
use crate::customers::status::model::Status;
use crate::db::listing::Sort;

use super::model::Column;
use super::sql::{Sql, Value};

/// What serves the order of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column of the table.
    pub column: &'static str,
    /// The index that is in its order.
    pub index: &'static str,
    /// The column as a text that sorts like it.
    pub key: &'static str,
    /// Whether it has few values, each of which makes a segment.
    pub is_grouped: bool,
    /// Whether it may be empty.
    pub is_nullable: bool,
}

/// An order, in a macro because no name is put together at run time.
macro_rules! order {
    ($column:literal by $index:literal, $key:expr, grouped: $grouped:literal, nullable: $nullable:literal) => {
        Some(Order {
            column: concat!("c.", $column),
            index: concat!(" FORCE INDEX (", $index, ")"),
            key: $key,
            is_grouped: $grouped,
            is_nullable: $nullable,
        })
    };
}

/// The order of a column with many values.
macro_rules! many {
    ($column:literal by $index:literal, $key:literal) => {
        order!($column by $index, $key, grouped: false, nullable: false)
    };
    ($column:literal by $index:literal, $key:literal, nullable) => {
        order!($column by $index, $key, grouped: false, nullable: true)
    };
}

/// The order of a column with few values.
macro_rules! few {
    ($column:literal by $index:literal) => {
        order!($column by $index, concat!("CAST(c.", $column, " AS CHAR)"), grouped: true, nullable: false)
    };
    ($column:literal by $index:literal, nullable) => {
        order!($column by $index, concat!("CAST(c.", $column, " AS CHAR)"), grouped: true, nullable: true)
    };
}

/// What serves the order of a column; `None` where nothing does, so that the list cannot be sorted by it.
pub fn order(column: Column) -> Option<Order> {
    match column {
        Column::CreatedAt => many!("created_at" by "customers_created", "CAST(c.created_at AS CHAR)"),
        Column::UpdatedAt => many!("updated_at" by "customers_updated", "CAST(c.updated_at AS CHAR)"),
        Column::Of(field) => order_of(field),
    }
}

fn order_of(field: Field) -> Option<Order> {
    match field {
        Field::CompanyCode => many!("company_code" by "customers_code", "c.company_code"),
        Field::CompanyName => many!("name_sort" by "customers_name_sort", "c.name_sort"),
        Field::OnboardedOn => {
            many!("onboarded_on" by "customers_onboarded", "CAST(c.onboarded_on AS CHAR)", nullable)
        }
        Field::MonthlyAverageUsage => many!(
            "monthly_average_usage" by "customers_monthly_average_usage",
            "LPAD(c.monthly_average_usage, 20, '0')",
            nullable
        ),
        Field::AccountType => few!("account_type" by "customers_account_type"),
        Field::Industry => few!("industry" by "customers_industry", nullable),
        Field::ErpSystem => few!("erp_system" by "customers_erp_system", nullable),
        Field::Level => few!("level" by "customers_level", nullable),
        Field::SalesOwner => few!("sales_owner_id" by "customers_sales_owner", nullable),
        Field::OpsOwner => few!("ops_owner_id" by "customers_ops_owner", nullable),
        Field::Status => few!("status" by "customers_status"),
        Field::Billable => few!("billable" by "customers_billable"),
        Field::Disabled => few!("disabled" by "customers_disabled"),
        Field::SettlementMode => few!("settlement_mode" by "customers_settlement_mode", nullable),
        Field::SpendLevel => few!("spend_level" by "customers_spend_level", nullable),
        Field::EntityType => few!("entity_type" by "customers_entity_type"),
        Field::Source => few!("source" by "customers_source", nullable),
        Field::Channel => few!("channel" by "customers_channel", nullable),
        _ => None,
    }
}

/// A canonical text as it is bound to the column of its field.
pub fn stored(field: Field, text: &str) -> Option<Value> {
    match field.holds() {
        FieldType::YesNo => Some(Value::Number(i64::from(text == "yes"))),
        FieldType::Owner => text.parse().ok().map(Value::Id),
        _ => Some(Value::Text(text.to_owned())),
    }
}

/// The values of a field with few of them, as canonical texts, in the order in which people know them. Those of owners
/// depend on the data.
pub fn known_values(field: Field, dictionaries: &Dictionaries) -> Vec<String> {
    match field.holds() {
        FieldType::Choice(dictionary) => {
            dictionaries.values(dictionary).iter().map(|value| value.code.clone()).collect()
        }
        FieldType::Status => Status::ALL.iter().map(ToString::to_string).collect(),
        FieldType::EntityType => EntityType::ALL.iter().map(ToString::to_string).collect(),
        FieldType::YesNo => vec!["yes".to_owned(), "no".to_owned()],
        _ => Vec::new(),
    }
}

/// A stretch of the order that one look at an index reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// All who have a value, by the value.
    Values,
    /// Those with this value, by id.
    Is(Value),
    /// Those with a value that is none of the known ones, by id.
    Rest,
    /// Those without a value, by id.
    Null,
}

/// An order, taken apart.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What serves it.
    pub order: Order,
    /// Whether it goes from the largest to the smallest.
    pub descending: bool,
    /// Its segments, in its direction.
    pub segments: Vec<Segment>,
    known: Vec<Value>,
}

/// Where a customer stands in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The segment.
    pub segment: usize,
    /// The value within it, as it is stored.
    pub value: Option<Value>,
    /// The value as a text that sorts like it.
    pub key: String,
    /// The id.
    pub id: u64,
}

impl Plan {
    /// The segments of an order; `known` are the values of a field with few of them, as they are stored.
    pub fn new(sort: Sort<Column>, order: Order, known: Vec<Value>) -> Plan {
        let mut segments: Vec<Segment> = if order.is_grouped {
            known.iter().cloned().map(Segment::Is).chain([Segment::Rest]).collect()
        } else {
            vec![Segment::Values]
        };
        if sort.descending {
            segments.reverse();
        }
        if order.is_nullable {
            segments.push(Segment::Null);
        }
        Plan { order, descending: sort.descending, segments, known }
    }

    fn segment_of(&self, segment: &Segment) -> usize {
        self.segments.iter().position(|other| other == segment).unwrap_or(self.segments.len())
    }

    /// The place of a row whose sort column holds this text.
    pub fn place(&self, field: Option<Field>, id: u64, key: Option<String>) -> Place {
        let Some(key) = key else {
            return Place { segment: self.segment_of(&Segment::Null), value: None, key: String::new(), id };
        };
        if !self.order.is_grouped {
            // Trailing blanks count for nothing in the collations of the database.
            let key = key.trim_end_matches(' ').to_owned();
            return Place { segment: self.segment_of(&Segment::Values), value: None, key, id };
        }
        let value = match field.map(Field::holds) {
            Some(FieldType::YesNo) => key.parse().ok().map(Value::Number),
            Some(FieldType::Owner) => key.parse().ok().map(Value::Id),
            _ => Some(Value::Text(key)),
        };
        let is = value.map(Segment::Is).filter(|is| self.segments.contains(is)).unwrap_or(Segment::Rest);
        Place { segment: self.segment_of(&is), value: None, key: String::new(), id }
    }

    /// The place of a customer.
    pub fn place_of(&self, column: Column, customer: &Customer) -> Place {
        let (value, key) = value_of(column, customer);
        let field = if let Column::Of(field) = column { Some(field) } else { None };
        Place { value, ..self.place(field, customer.id.0, key) }
    }

    /// Which of two places comes first.
    pub fn compare(&self, one: &Place, other: &Place) -> std::cmp::Ordering {
        let within = one.key.cmp(&other.key).then(one.id.cmp(&other.id));
        let within = if self.descending { within.reverse() } else { within };
        one.segment.cmp(&other.segment).then(within)
    }

    /// The condition of a segment, and the part of it that lies beyond a place, read forward or backward.
    pub fn within(&self, segment: &Segment, beyond: Option<&Place>, forward: bool) -> Sql {
        let column = self.order.column;
        let mut sql = Sql::default();
        match segment {
            Segment::Values if self.order.is_nullable => sql.push(column).push(" IS NOT NULL"),
            Segment::Values => sql.push("TRUE"),
            Segment::Null => sql.push(column).push(" IS NULL"),
            Segment::Is(value) => sql.push(column).push(" = ").bind(value.clone()),
            Segment::Rest => {
                sql.push(column).push(" IS NOT NULL");
                if !self.known.is_empty() {
                    sql.push(" AND ").push(column).push(" NOT IN ").list(self.known.iter().cloned());
                }
                &mut sql
            }
        };
        let Some(place) = beyond else { return sql };
        let (strictly, or_equal) = if forward == self.descending { (" < ", " <= ") } else { (" > ", " >= ") };
        match (segment, &place.value) {
            (Segment::Values, Some(value)) => {
                sql.push(" AND ").push(column).push(or_equal).bind(value.clone()).push(" AND (");
                sql.push(column).push(strictly).bind(value.clone()).push(" OR c.id");
                sql.push(strictly).bind(Value::Id(place.id)).push(")");
            }
            _ => {
                sql.push(" AND c.id").push(strictly).bind(Value::Id(place.id));
            }
        }
        sql
    }

    /// The order within a segment, read forward or backward.
    pub fn order_by(&self, segment: &Segment, forward: bool) -> Sql {
        let direction = if forward == self.descending { " DESC" } else { " ASC" };
        let mut sql = Sql::new(" ORDER BY ");
        if *segment == Segment::Values {
            sql.push(self.order.column).push(direction).push(", ");
        }
        sql.push("c.id").push(direction);
        sql
    }
}

/// The value of a customer in a column, as it is bound and as a text that sorts like it.
fn value_of(column: Column, customer: &Customer) -> (Option<Value>, Option<String>) {
    let fields = &customer.fields;
    let text = |text: String| (Some(Value::Text(text.clone())), Some(text));
    let moment = |moment: chrono::NaiveDateTime| {
        (Some(Value::Moment(moment)), Some(moment.format("%Y-%m-%d %H:%M:%S%.6f").to_string()))
    };
    match column {
        Column::CreatedAt => moment(customer.created_at),
        Column::UpdatedAt => moment(customer.updated_at),
        Column::Of(Field::CompanyCode) => text(fields.company_code.clone()),
        Column::Of(Field::CompanyName) => text(terms::sort_key(&fields.company_name)),
        Column::Of(Field::OnboardedOn) => {
            (fields.onboarded_on.map(Value::Day), fields.onboarded_on.map(|day| day.to_string()))
        }
        Column::Of(Field::MonthlyAverageUsage) => {
            let usage = fields.monthly_average_usage;
            (usage.map(Value::Number), usage.map(|usage| format!("{usage:0>20}")))
        }
        Column::Of(field) => {
            let key = fields.get(field).and_then(|text| stored(field, &text));
            let key = key.map(|value| match value {
                Value::Number(number) => number.to_string(),
                Value::Id(id) => id.to_string(),
                Value::Text(text) => text,
                Value::Day(_) | Value::Moment(_) => String::new(),
            });
            (None, key)
        }
    }
}
