//! The page to sign in at.

use askama::Template;
use serde::Deserialize;

use crate::accounts::sessions::store::entries;
use crate::accounts::users::model::{User, UserRow, UserState};
use crate::accounts::{passwords, users};
use crate::i18n::{Message, Tr};
use crate::types::ids::UserId;
use crate::types::{Error, FieldErrors, Outcome, Result};
use crate::web::cookies;
use crate::web::ctx::safe_path;
use crate::web::ui::{Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::commands::Attempt;
use super::{commands, queries, rules};

/// Where a successful sign-in leads.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Next {
    next: String,
}

/// What is typed at the door.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    username: String,
    password: String,
    remember: String,
    next: String,
}

#[derive(Template)]
#[template(path = "accounts/sign_in/new.html")]
struct NewView {
    ui: Ui,
    fields: Fields,
    username: String,
    remember: bool,
    next: String,
}

/// The page.
pub async fn new(ctx: Ctx, next: Query<Next>) -> Result<Response> {
    if ctx.actor.user_id.is_some() {
        return Ok(ctx.go(safe_path(&next.next).unwrap_or("/")));
    }
    let form = SignInForm { next: next.next.clone(), ..SignInForm::default() };
    Ok(page(&ctx, &form, FieldErrors::new()))
}

/// Signs in.
pub async fn create(ctx: Ctx, form: Form<SignInForm>) -> Result<Response> {
    let form = form.0;
    let mut errors = FieldErrors::new();
    let username = errors.required_line("username", &form.username, 50);
    if form.password.is_empty() {
        errors.add("password", Tr::field_required);
    }
    if !errors.is_empty() {
        return Ok(page(&ctx, &form, errors));
    }
    match sign_in(&ctx, username, form.password.clone()).await? {
        Ok(row) => open_session(&ctx, &row, !form.remember.is_empty(), &form.next),
        Err(message) => {
            let errors = FieldErrors::one("password", move |t| message.text(t));
            Ok(page(&ctx, &form, errors))
        }
    }
}

/// Signs out.
pub async fn destroy(ctx: Ctx) -> Response {
    ctx.session().purge();
    let mut response = ctx.done("/sign-in", ctx.t.sign_out_done());
    // The page to sign in at speaks as the pages before it did.
    let language = cookies::keep_language(ctx.t, ctx.state.config.is_https());
    if let Err(fault) = response.add_cookie(&language) {
        tracing::debug!(%fault, "a cookie that cannot be written");
    }
    response
}

/// A chosen language, and the page that it was chosen on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LanguageForm {
    language: String,
    back: String,
}

/// Switches the language: of this browser, and of the user's profile if somebody is signed in.
pub async fn language(ctx: Ctx, form: Form<LanguageForm>) -> Result<Response> {
    let language =
        Tr::from_tag(&form.language).ok_or_else(|| Error::bad_request(Tr::field_unknown_choice))?;
    if let Some(user) = ctx.actor.user_id {
        ctx.write(move |tx| users::commands::set_language(tx, user, language)).await?;
    }
    let mut response = ctx.go(safe_path(&form.back).unwrap_or("/"));
    let cookie = cookies::keep_language(language, ctx.state.config.is_https());
    response.add_cookie(&cookie).map_err(|fault| Error::Internal(fault.into()))?;
    Ok(response)
}

/// Looks at a username and a password: the user, or why not. Every attempt is logged.
///
/// All of it happens in one of the few places for hashing, so that a burst of guesses at the same moment cannot pass
/// the count of failures together.
async fn sign_in(ctx: &Ctx, username: String, password: String) -> Result<Result<UserRow, Message>> {
    let work = ctx.clone_for_work();
    ctx.hash(move || {
        let (failures, found) = work.db.read(&work.actor, |db| {
            let address = db.actor().origin.address.clone();
            Ok((queries::failures(db, &username, &address)?, users::queries::credentials(db, &username)?))
        })?;
        let wait = failures.wait(work.db.clock().now());
        let (user, hash) =
            found.map_or((None, passwords::NOBODY.to_owned()), |(user, hash)| (Some(user), hash));
        let outcome = match &user {
            _ if wait.is_some() => Outcome::Throttled,
            user => judge(user.as_ref(), passwords::matches(&password, &hash)),
        };
        let attempt = Attempt { username, user_agent: work.user_agent, outcome };
        let row = work.db.write(&work.actor, |tx| {
            // Nobody's row is looked for like anybody's, so that the time it takes tells nothing.
            let row = users::queries::get(tx, user.as_ref().map_or(UserId(0), |user| user.id))?;
            commands::log(tx, &attempt, row.as_ref())?;
            Ok(row)
        })?;
        Ok(match (outcome, row, wait) {
            (Outcome::Success, Some(row), _) => Ok(row),
            (_, _, Some(wait)) => Err(rules::say_wait(wait)),
            // The right password has been shown: its owner may know.
            (Outcome::Disabled, ..) => Err(Message::new(Tr::sign_in_disabled)),
            _ => Err(failures.say_wrong()),
        })
    })
    .await
}

fn judge(user: Option<&User>, matches: bool) -> Outcome {
    match user {
        None => Outcome::UnknownUser,
        Some(_) if !matches => Outcome::WrongPassword,
        Some(user) if user.state() != UserState::Active => Outcome::Disabled,
        Some(_) => Outcome::Success,
    }
}

fn open_session(ctx: &Ctx, row: &UserRow, remember: bool, next: &str) -> Result<Response> {
    let session = ctx.session();
    // A new key: whoever knew the old one is not signed in by it.
    session.clear();
    session.renew();
    let put = || -> Result<(), actix_session::SessionInsertError> {
        session.insert(entries::USER, row.user.id.0)?;
        session.insert(entries::REMEMBER, remember)?;
        session.insert(entries::ADDRESS, &ctx.facts.address)?;
        session.insert(entries::USER_AGENT, &ctx.facts.user_agent)
    };
    put().map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
    if remember {
        ctx.remember_session();
    }
    Ok(ctx.go(safe_path(next).unwrap_or("/")))
}

fn page(ctx: &Ctx, form: &SignInForm, errors: FieldErrors) -> Response {
    let faulty = !errors.is_empty();
    let view = NewView {
        ui: ctx.ui(),
        fields: Fields::with(ctx.t, errors),
        username: form.username.chars().take(50).collect(),
        remember: !form.remember.is_empty(),
        next: safe_path(&form.next).unwrap_or_default().to_owned(),
    };
    let page = Page::new(ctx, ctx.t.sign_in_title(), &view).bare();
    if faulty { page.invalid().respond() } else { page.respond() }
}
