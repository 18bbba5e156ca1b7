//! The pages of one's own access tokens.

use askama::Template;
use chrono::Duration;

use crate::accounts::profile::rules::{RoomGrants, by_room};
use crate::accounts::profile::urls;
use crate::types::ids::ApiTokenId;
use crate::types::time::business_day;
use crate::types::{FieldErrors, Result};
use crate::web::ui::{Badge, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::commands::Made;
use super::forms::ApiTokenForm;
use super::model::{ApiToken, ApiTokenState, USUAL_DAYS};
use super::{commands, queries};

#[derive(Template)]
#[template(path = "accounts/api_tokens/index.html")]
struct IndexView {
    ui: Ui,
    tab: &'static str,
    rows: Vec<ApiToken>,
}

#[derive(Template)]
#[template(path = "accounts/api_tokens/new.html")]
struct NewView {
    ui: Ui,
    rooms: Vec<RoomGrants>,
    form: ApiTokenForm,
    fields: Fields,
}

#[derive(Template)]
#[template(path = "accounts/api_tokens/created.html")]
struct CreatedView {
    ui: Ui,
    made: Made,
    state: ApiTokenState,
    base_url: String,
}

#[derive(Template)]
#[template(path = "accounts/api_tokens/revoke.html")]
struct RevokeView {
    ui: Ui,
    token: ApiToken,
}

/// One's tokens, those that have ended too.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let rows = ctx.read(queries::own).await?;
    let view = IndexView { ui: ctx.ui(), tab: urls::TOKENS, rows };
    Ok(Page::new(&ctx, ctx.t.tokens_title(), &view).crumb(ctx.t.profile_title(), urls::SHOW).respond())
}

/// The form of a new token.
pub async fn new(ctx: Ctx) -> Response {
    let last_day = business_day(ctx.now()) + Duration::days(USUAL_DAYS);
    let form = ApiTokenForm { last_day: last_day.to_string(), ..ApiTokenForm::default() };
    let view = new_view(&ctx, form, FieldErrors::new());
    new_page(&ctx, &view).respond()
}

/// Makes a token, and shows its secret: here and now, because nowhere is it kept.
pub async fn create(ctx: Ctx, form: Form<ApiTokenForm>) -> Result<Response> {
    let form = form.0;
    let outcome = match form.check(business_day(ctx.now())) {
        Ok(draft) => ctx.write(move |tx| commands::create(tx, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(made) => Ok(created(&ctx, made)),
        Err(fault) => {
            let view = new_view(&ctx, form, fault.into_faults("")?);
            Ok(new_page(&ctx, &view).invalid().respond())
        }
    }
}

fn new_view(ctx: &Ctx, form: ApiTokenForm, errors: FieldErrors) -> NewView {
    NewView { ui: ctx.ui(), rooms: by_room(&ctx.actor.grants), form, fields: Fields::with(ctx.t, errors) }
}

fn new_page<'a>(ctx: &'a Ctx, view: &'a NewView) -> Page<'a, NewView> {
    in_list(ctx, Page::new(ctx, ctx.t.tokens_new_title(), view))
}

fn created(ctx: &Ctx, made: Made) -> Response {
    let state = made.token.state(ctx.now());
    let view = CreatedView { ui: ctx.ui(), made, state, base_url: ctx.state.config.base_url.to_string() };
    in_list(ctx, Page::new(ctx, ctx.t.tokens_created_title(), &view)).once().respond()
}

/// What revoking a token will do.
pub async fn confirm_revoke(ctx: Ctx, token: Path<ApiTokenId>) -> Result<Response> {
    let id = *token;
    let token = ctx.read(move |db| queries::find_own(db, id)).await?;
    let title = ctx.t.tokens_revoke_title(&token.name);
    let view = RevokeView { ui: ctx.ui(), token };
    Ok(in_list(&ctx, Page::new(&ctx, title, &view)).respond())
}

/// Revokes a token.
pub async fn revoke(ctx: Ctx, token: Path<ApiTokenId>) -> Result<Response> {
    let id = *token;
    ctx.write(move |tx| commands::revoke(tx, id)).await?;
    Ok(ctx.done(urls::TOKENS, ctx.t.tokens_revoked()))
}

fn in_list<'a, V: Template>(ctx: &Ctx, page: Page<'a, V>) -> Page<'a, V> {
    page.crumb(ctx.t.profile_title(), urls::SHOW).crumb(ctx.t.tokens_title(), urls::TOKENS)
}
