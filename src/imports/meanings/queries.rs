//! Reading remembered meanings.

use diesel::dsl::count_star;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::db::listing::{Listing, PageRequest};
use crate::db::{Db, like};
use crate::imports::rules::folded;
use crate::schema::import_choices;
use crate::types::Result;

use super::model::{Key, Meaning, MeaningFilter};

type Condition = Box<dyn BoxableExpression<import_choices::table, Mysql, SqlType = Nullable<Bool>>>;

fn condition(kind: &str, filter: &MeaningFilter) -> Condition {
    let mut all: Condition = Box::new(import_choices::kind.eq(kind.to_owned()).nullable());
    if let Some(about) = &filter.about {
        all = Box::new(all.and(import_choices::about.eq(about.clone()).nullable()));
    }
    if !filter.q.is_empty() {
        let found = import_choices::shown
            .like(like::containing(&filter.q))
            .or(import_choices::meant.like(like::containing(&folded(&filter.q))).nullable())
            .or(import_choices::choice.eq_any(filter.choices.clone()).nullable());
        all = Box::new(all.and(found));
    }
    all
}

/// A page of the meanings of a kind of import, by column and text.
pub fn list(db: &mut Db, kind: &str, filter: &MeaningFilter, page: PageRequest) -> Result<Listing<Meaning>> {
    let found = || import_choices::table.filter(condition(kind, filter));
    let total: i64 = found().select(count_star()).first(db.conn())?;
    let page = page.within(total);
    let rows = found()
        .order((import_choices::about, import_choices::meant))
        .limit(page.per_page)
        .offset(page.offset())
        .select(Meaning::as_select())
        .load(db.conn())?;
    Ok(Listing { rows, total, page })
}

/// How many meanings are remembered for a kind of import.
pub fn count(db: &mut Db, kind: &str) -> Result<i64> {
    let of_kind = import_choices::table.filter(import_choices::kind.eq(kind));
    Ok(of_kind.select(count_star()).first(db.conn())?)
}

/// One meaning.
pub fn get(db: &mut Db, kind: &str, key: &Key) -> Result<Option<Meaning>> {
    let one = import_choices::table.find((kind, &key.about, &key.meant));
    Ok(one.select(Meaning::as_select()).first(db.conn()).optional()?)
}
