//! Reading saved views: one's own, and those that are shared.

use diesel::prelude::*;

use crate::customers::grid::forms::GridQuery;
use crate::db::Db;
use crate::schema::{default_views, saved_views, users};
use crate::types::ids::{SavedViewId, UserId};
use crate::types::{Error, Result};

use super::model::{LIST, SavedView, ViewRow};

fn whoever_asks(db: &Db) -> Result<UserId> {
    db.actor().user_id.ok_or(Error::SignIn)
}

/// All views that whoever asks may open: their own first, each by name.
pub fn list(db: &mut Db) -> Result<Vec<ViewRow>> {
    let Some(user) = db.actor().user_id else { return Ok(Vec::new()) };
    let default = default_of(db)?;
    let rows: Vec<(SavedView, String)> = saved_views::table
        .inner_join(users::table)
        .filter(saved_views::list.eq(LIST))
        .filter(saved_views::user_id.eq(user).or(saved_views::shared))
        .order((saved_views::name, saved_views::id))
        .select((SavedView::as_select(), users::name))
        .load(db.conn())?;
    let row = |(view, owner): (SavedView, String)| ViewRow {
        is_own: view.user_id == user,
        is_default: default == Some(view.id),
        owner,
        view,
    };
    let mut rows: Vec<ViewRow> = rows.into_iter().map(row).collect();
    rows.sort_by_key(|row| !row.is_own);
    Ok(rows)
}

/// A view that whoever asks may open.
pub fn find(db: &mut Db, id: SavedViewId) -> Result<SavedView> {
    let user = whoever_asks(db)?;
    Ok(saved_views::table
        .find(id)
        .filter(saved_views::list.eq(LIST))
        .filter(saved_views::user_id.eq(user).or(saved_views::shared))
        .select(SavedView::as_select())
        .first(db.conn())?)
}

/// One's own view.
pub fn find_own(db: &mut Db, id: SavedViewId) -> Result<SavedView> {
    let (user, view) = (whoever_asks(db)?, find(db, id)?);
    if view.user_id == user { Ok(view) } else { Err(Error::NotFound) }
}

/// One's own view, locked until the transaction ends.
pub fn lock_own(db: &mut Db, id: SavedViewId) -> Result<SavedView> {
    saved_views::table.find(id).select(saved_views::id).for_update().first::<SavedViewId>(db.conn())?;
    find_own(db, id)
}

/// How many views somebody has.
pub fn count_own(db: &mut Db) -> Result<i64> {
    let user = whoever_asks(db)?;
    Ok(saved_views::table.filter(saved_views::user_id.eq(user)).count().get_result(db.conn())?)
}

fn default_of(db: &mut Db) -> Result<Option<SavedViewId>> {
    let Some(user) = db.actor().user_id else { return Ok(None) };
    let found = default_views::table.find((user, LIST)).select(default_views::view_id);
    Ok(found.first(db.conn()).optional()?)
}

/// What the list is asked for; where that is nothing, what the view says that whoever asks begins with. One that is
/// shared no more is passed over.
pub fn with_default(db: &mut Db, asked: GridQuery) -> Result<GridQuery> {
    if !asked.is_empty() {
        return Ok(asked);
    }
    let Some(id) = default_of(db)? else { return Ok(asked) };
    match find(db, id) {
        Ok(view) => Ok(view.parameters()),
        Err(Error::NotFound) => Ok(asked),
        Err(fault) => Err(fault),
    }
}
