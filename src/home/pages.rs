//! The first page after signing in.

use askama::Template;

use crate::accounts::users::model::UserRow;
use crate::accounts::{sessions, users};
use crate::audit::entries::model::EntryFilter;
use crate::audit::entries::sentences::Sentence;
use crate::audit::{self, entries};
use crate::db::Db;
use crate::db::listing::Seek;
use crate::types::{Error, Permission, Result};
use crate::web::ui::top_bar::{Counters, TopBar};
use crate::web::ui::{Ui, filters};
use crate::web::{Ctx, Page, Response};

/// Entries of the log that the page shows.
const RECENT: usize = 10;

/// A way into the product.
struct Way {
    url: &'static str,
    icon: &'static str,
    label: &'static str,
}

/// Something that happened.
struct Event {
    at: chrono::NaiveDateTime,
    sentence: Sentence,
}

#[derive(Template)]
#[template(path = "home/index.html")]
struct IndexView {
    ui: Ui,
    ways: Vec<Way>,
    row: UserRow,
    devices: usize,
    recent: Option<Vec<Event>>,
}

/// The page.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let user = ctx.actor.user_id.ok_or(Error::SignIn)?;
    let (row, devices, recent) = ctx
        .read(move |db| {
            let row = users::queries::get(db, user)?.ok_or(Error::NotFound)?;
            Ok((row, sessions::queries::own(db)?.len(), recent(db)?))
        })
        .await?;
    let show = |entry: &entries::model::AuditEntry| Event {
        at: entry.at,
        sentence: Sentence::new(ctx.t, entry, |kind, id| ctx.page_of(kind, id)),
    };
    let recent = recent.map(|entries| entries.iter().map(show).collect());
    let view = IndexView { ui: ctx.ui(), ways: ways(&ctx), row, devices, recent };
    Ok(Page::new(&ctx, ctx.t.home_title(), &view).respond())
}

/// The last entries of the log, for who may read it.
fn recent(db: &mut Db) -> Result<Option<Vec<audit::entries::model::AuditEntry>>> {
    if !db.actor().can(Permission::AuditView) {
        return Ok(None);
    }
    let mut stream = entries::queries::list(db, &EntryFilter::default(), Seek::Newest)?;
    stream.rows.truncate(RECENT);
    Ok(Some(stream.rows))
}

/// What the one who looks may open.
fn ways(ctx: &Ctx) -> Vec<Way> {
    let entries = ctx.state.routes().iter().filter(|info| info.path != "/");
    entries
        .filter(|info| info.access.admits(&ctx.actor))
        .filter_map(|info| {
            let item = info.menu?;
            Some(Way { url: info.path, icon: item.icon, label: (item.label)(ctx.t) })
        })
        .collect()
}

/// The counters of the top bar, for a page that is looked at for long.
pub async fn top_bar(ctx: Ctx) -> Result<Response> {
    let user = ctx.actor.user_id.ok_or(Error::SignIn)?;
    let bar = ctx.state.part::<TopBar>()?;
    let counted = ctx.read(move |db| bar.count(db, user)).await?;
    Page::part(&Counters::new(ctx.t, &counted))
}
