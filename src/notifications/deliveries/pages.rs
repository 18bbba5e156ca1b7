//! The pages of the log of deliveries.

use askama::Template;

use crate::notifications::channels::mail::Mailer;
use crate::notifications::kinds::Kinds;
use crate::notifications::templates::markup;
use crate::notifications::{outbox, tabs};
use crate::types::ids::DeliveryId;
use crate::types::{Permission, Result};
use crate::web::ui::{Badge, Choice, FilterBar, StreamPager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::DeliveryQuery;
use super::model::{Channel, Delivery, DeliveryState};
use super::{commands, queries, rules, urls};

/// A delivery as a line of the table.
struct Line {
    row: Delivery,
    kind: String,
    badge: Badge,
}

impl Line {
    fn new(ctx: &Ctx, row: Delivery) -> Line {
        Line { kind: ctx.t.label("message_kind", &row.kind), badge: row.state.badge(ctx.t), row }
    }
}

#[derive(Template)]
#[template(path = "notifications/deliveries/index.html")]
struct IndexView {
    ui: Ui,
    tabs: Vec<tabs::Tab>,
    sends_mail: bool,
    stuck: i64,
    filter: FilterBar,
    parameters: Vec<(String, String)>,
    lines: Vec<Line>,
    pager: StreamPager,
}

impl IndexView {
    fn is_filtered(&self) -> bool {
        !self.parameters.is_empty()
    }

    fn has_failed(&self) -> bool {
        self.lines.iter().any(|line| line.row.state == DeliveryState::Failed)
    }
}

#[derive(Template)]
#[template(path = "notifications/deliveries/show.html")]
struct ShowView {
    ui: Ui,
    row: Delivery,
    kind: String,
    badge: Badge,
    html: String,
    sends_mail: bool,
    user: Option<String>,
    resendable: bool,
}

/// The log.
pub async fn index(ctx: Ctx, query: Query<DeliveryQuery>) -> Result<Response> {
    let (filter, seek) = (query.filter(), query.seek());
    let (stream, stuck) =
        ctx.read(move |db| Ok((queries::list(db, &filter, seek)?, queries::count_stuck(db)?))).await?;
    let ui = ctx.ui();
    let view = IndexView {
        tabs: tabs::of(&ui, urls::INDEX),
        sends_mail: ctx.state.part::<Mailer>()?.sends(),
        stuck,
        filter: filter_bar(&ui, &*ctx.state.part::<Kinds>()?),
        parameters: ui.page_url().without(&["older", "newer"]).parameters().to_vec(),
        pager: StreamPager::new(&ui, &stream),
        lines: stream.rows.into_iter().map(|row| Line::new(&ctx, row)).collect(),
        ui,
    };
    Ok(Page::new(&ctx, ctx.t.messages_title(), &view).listing().respond())
}

/// One delivery, as it was or will be sent.
pub async fn show(ctx: Ctx, delivery: Path<DeliveryId>) -> Result<Response> {
    let id = *delivery;
    let row = ctx.read(move |db| queries::find(db, Permission::MessageView, id)).await?;
    let view = ShowView {
        kind: ctx.t.label("message_kind", &row.kind),
        badge: row.state.badge(ctx.t),
        html: markup::html(&row.body),
        sends_mail: ctx.state.part::<Mailer>()?.sends(),
        user: row.user_id.and_then(|user| ctx.page_of("user", user.0)),
        resendable: rules::can_resend(row.state).is_ok() && ctx.actor.can(Permission::MessageSend),
        ui: ctx.ui(),
        row,
    };
    let title = view.row.subject.clone();
    Ok(Page::new(&ctx, title, &view).crumb(ctx.t.messages_title(), urls::INDEX).respond())
}

/// Sends a delivery once more.
pub async fn resend(ctx: Ctx, delivery: Path<DeliveryId>) -> Result<Response> {
    let id = *delivery;
    let outcome = ctx.write(move |tx| commands::resend(tx, id)).await;
    ctx.outcome(outcome, urls::delivery(id), ctx.t.messages_resent())
}

/// Sends once more the failed ones that the filter of the page lets through.
pub async fn resend_failed(ctx: Ctx, form: Form<DeliveryQuery>) -> Result<Response> {
    let filter = form.check()?;
    let count = ctx.write(move |tx| commands::resend_failed(tx, &filter)).await?;
    Ok(ctx.done(ctx.page_or(urls::INDEX), ctx.t.messages_resent_all(count)))
}

/// Tries the messages again that could not be spread.
pub async fn retry(ctx: Ctx) -> Result<Response> {
    ctx.write(outbox::commands::retry_stuck).await?;
    Ok(ctx.done(urls::INDEX, ctx.t.messages_retried()))
}

fn filter_bar(ui: &Ui, kinds: &Kinds) -> FilterBar {
    let t = ui.t;
    let states = DeliveryState::ALL.iter().map(|state| Choice::new(state, state.label(t))).collect();
    let channels = Channel::ALL.iter().map(|channel| Choice::new(channel, channel.label(t))).collect();
    let kinds = kinds.all().iter().map(|kind| Choice::new(kind.code, kind.label(t))).collect();
    FilterBar::new(ui, t.messages_filter())
        .search(t.messages_search())
        .select("state", t.messages_state(), t.messages_all_states(), states)
        .select("channel", t.messages_channel(), t.messages_all_channels(), channels)
        .select("kind", t.messages_kind(), t.messages_all_kinds(), kinds)
        .days()
}
