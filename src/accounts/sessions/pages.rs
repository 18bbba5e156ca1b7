//! The page of one's own sessions.

use askama::Template;

use crate::accounts::profile::urls;
use crate::types::ids::SessionId;
use crate::types::{Error, Result};
use crate::web::ui::{Badge, Tone, Ui, filters};
use crate::web::{Ctx, Page, Path, Response};

use super::model::Session;
use super::store::entries;
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

/// Gives the browser's session a new key: whoever knew the old one is out. The session stays what it was.
pub fn change_key(ctx: &Ctx) -> Result<()> {
    let session = ctx.session();
    let remembered = ctx.own_session()?.remembered;
    if remembered {
        ctx.remember_session();
    }
    // Any change of the state makes the store give it a new key.
    session.insert(entries::REMEMBER, remembered).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))
}
