//! Changing saved views: the only writer of `saved_views` and `default_views`.

use diesel::prelude::*;

use crate::customers::grid::forms::GridQuery;
use crate::db::{Tx, errors, last_id};
use crate::i18n::Tr;
use crate::schema::{default_views, saved_views};
use crate::types::ids::SavedViewId;
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Refusal, Result};

use super::model::{LIST, SavedView, ViewDraft, ViewRecord};
use super::queries;

/// The most views of one user.
const MAX_VIEWS: i64 = 100;
/// The longest address.
const MAX_QUERY: usize = 2_000;

/// Saves a view of what the list shows.
pub fn create(tx: &mut Tx, draft: &ViewDraft, query: &GridQuery) -> Result<SavedViewId> {
    let user = tx.actor().user_id.ok_or(Error::SignIn)?;
    may_share(tx, draft.shared)?;
    if queries::count_own(tx)? >= MAX_VIEWS {
        return Err(Refusal::new("too_many_views", |t: Tr| t.customer_views_many(MAX_VIEWS)).into());
    }
    let now = tx.now();
    diesel::insert_into(saved_views::table)
        .values((
            saved_views::list.eq(LIST),
            saved_views::user_id.eq(user),
            saved_views::name.eq(&draft.name),
            saved_views::query.eq(address(query)?),
            saved_views::shared.eq(draft.shared),
            saved_views::created_at.eq(now),
            saved_views::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(taken)?;
    let id = last_id(tx).map(SavedViewId)?;
    let after = queries::find_own(tx, id)?;
    tx.audit(Entry::created(Action::ViewSaved, &ViewRecord::from(&after)));
    Ok(id)
}

/// Renames or shares a view, as it was read in `version`.
pub fn update(tx: &mut Tx, id: SavedViewId, version: u32, draft: &ViewDraft) -> Result<()> {
    let before = queries::lock_own(tx, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    may_share(tx, draft.shared && !before.shared)?;
    let after = SavedView { name: draft.name.clone(), shared: draft.shared, ..before.clone() };
    store(tx, &before, &after)
}

/// Gives a view what the list shows now.
pub fn overwrite(tx: &mut Tx, id: SavedViewId, query: &GridQuery) -> Result<SavedView> {
    let before = queries::lock_own(tx, id)?;
    let after = SavedView { query: address(query)?, ..before.clone() };
    store(tx, &before, &after)?;
    Ok(after)
}

fn store(tx: &mut Tx, before: &SavedView, after: &SavedView) -> Result<()> {
    if before == after {
        return Ok(());
    }
    let now = tx.now();
    diesel::update(saved_views::table.find(before.id))
        .set((
            saved_views::name.eq(&after.name),
            saved_views::query.eq(&after.query),
            saved_views::shared.eq(after.shared),
            saved_views::version.eq(saved_views::version + 1),
            saved_views::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(taken)?;
    tx.audit(Entry::changed(Action::ViewSaved, &ViewRecord::from(before), &ViewRecord::from(after)));
    Ok(())
}

/// Deletes a view; who began with it begins with everybody again.
pub fn delete(tx: &mut Tx, id: SavedViewId) -> Result<()> {
    let before = queries::lock_own(tx, id)?;
    diesel::delete(default_views::table.filter(default_views::view_id.eq(id))).execute(tx.conn())?;
    diesel::delete(saved_views::table.find(id)).execute(tx.conn())?;
    tx.audit(Entry::deleted(Action::ViewDeleted, &ViewRecord::from(&before)));
    Ok(())
}

/// Has whoever asks begin with a view, or with none when they do already. A matter of taste, not of audit.
pub fn toggle_default(tx: &mut Tx, id: SavedViewId) -> Result<bool> {
    let user = tx.actor().user_id.ok_or(Error::SignIn)?;
    queries::find(tx, id)?;
    let own =
        default_views::table.filter(default_views::user_id.eq(user)).filter(default_views::list.eq(LIST));
    let was: Option<SavedViewId> = own.select(default_views::view_id).first(tx.conn()).optional()?;
    if was == Some(id) {
        diesel::delete(default_views::table.find((user, LIST))).execute(tx.conn())?;
        return Ok(false);
    }
    // Whoever clicks twice at once has it once.
    diesel::replace_into(default_views::table)
        .values((
            default_views::user_id.eq(user),
            default_views::list.eq(LIST),
            default_views::view_id.eq(id),
        ))
        .execute(tx.conn())?;
    Ok(true)
}

fn may_share(tx: &Tx, shares: bool) -> Result<()> {
    if shares { tx.actor().need(Permission::ViewShare) } else { Ok(()) }
}

/// What is kept of an address: as a browser writes it, so that it is ASCII.
fn address(query: &GridQuery) -> Result<String> {
    let text = query.kept().to_text();
    if text.len() > MAX_QUERY {
        return Err(FieldErrors::one("name", Tr::customer_views_long).into());
    }
    Ok(text)
}

fn taken(fault: diesel::result::Error) -> Error {
    errors::unique("saved_views_name", || FieldErrors::one("name", Tr::customer_views_taken))(fault)
}
