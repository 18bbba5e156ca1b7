//! The page of one's own sessions.

use askama::Template;

use crate::accounts::profile::urls;
use crate::types::ids::SessionId;
use crate::types::{Error, Result};
use crate::web::ui::{Badge, Tone, Ui, filters};
use crate::web::{Ctx, Page, Path, Response};

use super::model::Session;
use super::store::KEY;
use super::{commands, queries};

#[derive(Template)]
#[template(path = "accounts/sessions/index.html")]
struct IndexView {
    ui: Ui,
    tab: &'static str,
    current: SessionId,
    rows: Vec<Session>,
}

/// In which browsers one is signed in; the one that asks comes first.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let current = ctx.own_session()?.id;
    let mut rows = ctx.read(queries::own).await?;
    rows.sort_by_key(|session| session.id != current);
    let view = IndexView { ui: ctx.ui(), tab: urls::SESSIONS, current, rows };
    let title = ctx.t.sessions_title();
    Ok(Page::new(&ctx, title, &view).crumb(ctx.t.profile_title(), urls::SHOW).respond())
}

/// Signs one out of another browser.
pub async fn end(ctx: Ctx, session: Path<SessionId>) -> Result<Response> {
    let (id, current) = (*session, ctx.own_session()?.id);
    let outcome = ctx.write(move |tx| commands::end_own(tx, id, current)).await;
    ctx.outcome(outcome, urls::SESSIONS, ctx.t.sessions_ended())
}

/// Signs one out of all other browsers.
pub async fn end_others(ctx: Ctx) -> Result<Response> {
    let current = ctx.own_session()?.id;
    let ended = ctx.write(move |tx| commands::end_others(tx, current)).await?;
    Ok(ctx.done(urls::SESSIONS, ctx.t.sessions_ended_others(ended)))
}

/// Gives the browser the key of a session that has just been opened or been given another key.
pub fn hand_out(ctx: &Ctx, key: &str, remembered: bool) -> Result<()> {
    let session = ctx.session();
    session.clear();
    if remembered {
        ctx.remember_session();
    }
    session.insert(KEY, key).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))
}
