//! The page of one's inbox.

use std::collections::BTreeMap;

use askama::Template;

use crate::notifications::templates::markup;
use crate::types::Result;
use crate::types::ids::NotificationId;
use crate::web::ctx::safe_path;
use crate::web::ui::top_bar::shown;
use crate::web::ui::{StreamPager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{InboxQuery, ReadAllForm, ReadForm};
use super::model::Notification;
use super::{commands, queries, urls};

/// The most characters of a text that is shown without being asked for.
const SHORT: usize = 240;

/// A line of the inbox as the page shows it.
struct Line {
    row: Notification,
    kind: String,
    /// Who wrote it.
    author: Option<String>,
    html: String,
}

impl Line {
    fn new(ctx: &Ctx, authors: &mut BTreeMap<NotificationId, String>, row: Notification) -> Line {
        let kind = ctx.t.label("message_kind", &row.kind);
        Line { kind, author: authors.remove(&row.id), html: markup::html(&row.body), row }
    }

    fn is_long(&self) -> bool {
        self.row.body.chars().count() > SHORT
    }

    fn beginning(&self) -> String {
        let first: String = self.row.body.lines().next().unwrap_or_default().chars().take(80).collect();
        format!("{first} …")
    }
}

#[derive(Template)]
#[template(path = "notifications/inbox/index.html")]
struct IndexView {
    ui: Ui,
    unread_only: bool,
    unread: Option<String>,
    newest: Option<NotificationId>,
    lines: Vec<Line>,
    pager: StreamPager,
}

/// One's inbox.
pub async fn index(ctx: Ctx, query: Query<InboxQuery>) -> Result<Response> {
    let (unread_only, seek) = (query.unread_only(), query.seek());
    let (stream, mut authors, unread) = ctx
        .read(move |db| {
            let user = db.actor().user_id.ok_or(crate::types::Error::SignIn)?;
            let stream = queries::list(db, unread_only, seek)?;
            let ids: Vec<NotificationId> = stream.rows.iter().map(|row| row.id).collect();
            let authors = queries::authors(db, &ids)?;
            Ok((stream, authors, queries::unread(db, user)?))
        })
        .await?;
    let ui = ctx.ui();
    let view = IndexView {
        unread_only,
        unread: shown(unread),
        newest: stream.rows.first().map(|row| row.id),
        pager: StreamPager::new(&ui, &stream),
        lines: stream.rows.into_iter().map(|row| Line::new(&ctx, &mut authors, row)).collect(),
        ui,
    };
    Ok(Page::new(&ctx, ctx.t.inbox_title(), &view).listing().respond())
}

/// Marks a line as read, and goes on to its page when that is asked for.
pub async fn read(ctx: Ctx, notification: Path<NotificationId>, form: Form<ReadForm>) -> Result<Response> {
    let id = *notification;
    let line = ctx.write(move |tx| commands::read(tx, id)).await?;
    match line.url.as_deref().filter(|_| !form.open.is_empty()).and_then(safe_path) {
        Some(url) => Ok(ctx.go(url)),
        None => Ok(ctx.done(ctx.page_or(urls::INDEX), ctx.t.inbox_read_done())),
    }
}

/// Marks everything as read that was there when the page was opened.
pub async fn read_all(ctx: Ctx, form: Form<ReadAllForm>) -> Result<Response> {
    let newest = form.newest();
    let read = ctx.write(move |tx| commands::read_all(tx, newest)).await?;
    Ok(ctx.done(urls::INDEX, ctx.t.inbox_read_all_done(read)))
}
