//! A statement in the making: pieces of text that stand in this source, and values that are bound and never written out.
//!
//! Lists of customers are read by hints that diesel cannot express, by conditions that are only known when somebody
//! asks; what somebody typed can still become nothing but a value.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{BigInt, Date, Datetime, Text, Unsigned};

/// A value that is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// An id.
    Id(u64),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// A day.
    Day(NaiveDate),
    /// A moment.
    Moment(NaiveDateTime),
}

/// A statement, or a piece of one.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// Begins with this text.
    pub fn new(text: &'static str) -> Sql {
        Sql { text: text.to_owned(), values: Vec::new() }
    }

    /// Goes on with this text.
    pub fn push(&mut self, text: &'static str) -> &mut Sql {
        self.text.push_str(text);
        self
    }

    /// Goes on with a value.
    pub fn bind(&mut self, value: Value) -> &mut Sql {
        self.text.push('?');
        self.values.push(value);
        self
    }

    /// Goes on with a list of values in brackets. An empty list holds nothing, so that nothing is in it.
    pub fn list(&mut self, values: impl IntoIterator<Item = Value>) -> &mut Sql {
        let before = self.values.len();
        self.text.push('(');
        for value in values {
            if self.values.len() > before {
                self.text.push_str(", ");
            }
            self.bind(value);
        }
        if self.values.len() == before {
            self.text.push_str("NULL");
        }
        self.text.push(')');
        self
    }

    /// Goes on with another piece.
    pub fn add(&mut self, other: &Sql) -> &mut Sql {
        self.text.push_str(&other.text);
        self.values.extend(other.values.iter().cloned());
        self
    }

    /// What tells the statement and its values apart from any other.
    pub fn name(&self) -> String {
        format!("{} {:?}", self.text, self.values)
    }

    /// The statement for diesel.
    pub fn query(&self) -> BoxedSqlQuery<'static, Mysql, SqlQuery> {
        let query = diesel::sql_query(self.text.clone()).into_boxed::<Mysql>();
        self.values.iter().cloned().fold(query, |query, value| match value {
            Value::Id(id) => query.bind::<Unsigned<BigInt>, _>(id),
            Value::Number(number) => query.bind::<BigInt, _>(number),
            Value::Text(text) => query.bind::<Text, _>(text),
            Value::Day(day) => query.bind::<Date, _>(day),
            Value::Moment(moment) => query.bind::<Datetime, _>(moment),
        })
    }
}
