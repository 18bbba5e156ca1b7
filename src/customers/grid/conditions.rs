//! The filter of the list as conditions of SQL, each of which an index can serve.

use crate::customers::directory::fields::Field;
use crate::customers::directory::reach::Reach;
use crate::db::like;
use crate::types::time::day_start;

use super::model::{Filter, Pick, Range};
use super::orders::{order, stored};
use super::sql::{Sql, Value};

/// Where customers have to be, and whether words may be of people at the customer.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Within all of these.
    pub reaches: Vec<Reach>,
    /// Whether contacts count.
    pub sees_contacts: bool,
}

/// All conditions but those of words.
pub fn conditions(filter: &Filter, bounds: &Bounds) -> Sql {
    let live = if filter.deleted { "c.deleted_at IS NOT NULL" } else { "c.deleted_at IS NULL" };
    let mut sql = Sql::new(live);
    for reach in &bounds.reaches {
        reached(&mut sql, reach);
    }
    for (field, pick) in &filter.picks {
        picked(&mut sql, *field, pick);
    }
    if let Some(owner) = filter.owner {
        sql.push(" AND (c.sales_owner_id = ").bind(Value::Id(owner.0));
        sql.push(" OR c.ops_owner_id = ").bind(Value::Id(owner.0)).push(")");
    }
    let Range { from, to } = filter.onboarded;
    between(&mut sql, "c.onboarded_on", from.map(Value::Day), to.map(Value::Day), " <= ");
    let Range { from, to } = filter.created;
    let before = to.and_then(|day| day.succ_opt()).map(day_start).map(Value::Moment);
    between(&mut sql, "c.created_at", from.map(day_start).map(Value::Moment), before, " < ");
    let Range { from, to } = filter.usage;
    between(&mut sql, "c.monthly_average_usage", from.map(Value::Number), to.map(Value::Number), " <= ");
    sql
}

fn reached(sql: &mut Sql, reach: &Reach) {
    let Reach::OwnedBy(users) = reach else { return };
    let ids = || users.iter().map(|user| Value::Id(user.0));
    sql.push(" AND (c.sales_owner_id IN ").list(ids());
    sql.push(" OR c.ops_owner_id IN ").list(ids()).push(")");
}

fn picked(sql: &mut Sql, field: Field, pick: &Pick) {
    let Some(order) = order(super::model::Column::Of(field)) else { return };
    sql.push(" AND ").push(order.column);
    match pick {
        Pick::Blank => sql.push(" IS NULL"),
        Pick::Is(text) => match stored(field, text) {
            Some(value) => sql.push(" = ").bind(value),
            None => sql.push(" IS NULL AND FALSE"),
        },
    };
}

fn between(sql: &mut Sql, column: &'static str, from: Option<Value>, to: Option<Value>, up_to: &'static str) {
    if let Some(from) = from {
        sql.push(" AND ").push(column).push(" >= ").bind(from);
    }
    if let Some(to) = to {
        sql.push(" AND ").push(column).push(up_to).bind(to);
    }
}

/// A term that begins with a word.
pub fn begins(word: &str, bounds: &Bounds) -> Sql {
    let mut sql = Sql::new("t.term LIKE ");
    sql.bind(Value::Text(like::beginning(word)));
    if !bounds.sees_contacts {
        sql.push(" AND t.personal = 0");
    }
    sql
}

/// That a customer is found by each of these words: a look at its own terms. As a value and not as `EXISTS`, which a
/// server would turn around, reading all terms that begin so.
pub fn found_by<'a>(words: impl IntoIterator<Item = &'a String>, bounds: &Bounds) -> Sql {
    let mut sql = Sql::default();
    for word in words {
        sql.push(
            " AND (SELECT 1 FROM customer_terms t FORCE INDEX (customer_terms_customer) \
             WHERE t.customer_id = c.id AND ",
        );
        sql.add(&begins(word, bounds)).push(" LIMIT 1) IS NOT NULL");
    }
    sql
}
