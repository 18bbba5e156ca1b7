//! The page to sign in at.

use askama::Template;
use serde::Deserialize;

use crate::accounts::sessions::commands::NewSession;
use crate::accounts::sessions::store::new_key;
use crate::accounts::users::model::{User, UserState};
use crate::accounts::users::rules::is_like_username;
use crate::accounts::{passwords, sessions, users};
use crate::db::Tx;
use crate::i18n::{Message, Tr};
use crate::types::ids::UserId;
use crate::types::{Error, FieldErrors, Outcome, Result};
use crate::web::access::session_keys;
use crate::web::cookies;
use crate::web::ctx::safe_path;
use crate::web::secret::sha256;
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
    let attempt = Typed {
        username,
        password: form.password.clone(),
        remember: !form.remember.is_empty(),
        key: new_key(),
        replaces: ctx.session().get(session_keys::KEY_HASH).ok().flatten(),
    };
    let (key, remember) = (attempt.key.clone(), attempt.remember);
    match sign_in(&ctx, attempt).await? {
        Ok(()) => {
            sessions::pages::hand_out(&ctx, &key, remember)?;
            Ok(ctx.go(safe_path(&form.next).unwrap_or("/")))
        }
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

/// A username and a password, and the session that they are to open.
struct Typed {
    username: String,
    password: String,
    remember: bool,
    /// The key of the session: a new one, so that whoever knew the old one is not signed in by it.
    key: String,
    /// The hash of the key that the browser has had so far.
    replaces: Option<String>,
}

/// Opens the session, or says why not. Every attempt is logged.
///
/// All of it happens in one of the few places for hashing, so that a burst of guesses at the same moment cannot pass
/// the count of failures together.
async fn sign_in(ctx: &Ctx, typed: Typed) -> Result<Result<(), Message>> {
    let work = ctx.clone_for_work();
    ctx.hash(move || {
        let (found, name, failures) = work.db.read(&work.actor, |db| {
            let address = db.actor().origin.address.clone();
            let found = users::queries::credentials(db, &typed.username)?;
            let may_keep = found.is_some() || is_like_username(&typed.username);
            let name = may_keep.then_some(typed.username.as_str());
            Ok((found, name, queries::failures(db, name, &address)?))
        })?;
        let wait = failures.wait(work.db.clock().now());
        let (id, hash) =
            found.map_or((UserId(0), passwords::NOBODY.to_owned()), |(user, hash)| (user.id, hash));
        let matches = wait.is_none() && passwords::matches(&typed.password, &hash);
        let outcome = work.db.write(&work.actor, |tx| {
            // Nobody's row is looked for like anybody's, so that the time it takes tells nothing.
            let locked = users::queries::lock_credentials(tx, id)?;
            let outcome = match &locked {
                _ if wait.is_some() => Outcome::Throttled,
                None => Outcome::UnknownUser,
                // Right when it was looked at, but replaced since, say by a reset.
                Some((.., now)) if *now != hash => Outcome::WrongPassword,
                Some((user, ..)) => judge(user, matches),
            };
            let attempt = Attempt {
                username: name.unwrap_or(commands::HIDDEN).to_owned(),
                user: locked.map(|(user, path, _)| (user.id, path)),
                user_agent: work.user_agent.clone(),
                outcome,
            };
            commands::log(tx, &attempt)?;
            if outcome == Outcome::Success {
                open_session(tx, id, &typed, &work.user_agent)?;
            }
            Ok(outcome)
        })?;
        Ok(match (outcome, wait) {
            (Outcome::Success, _) => Ok(()),
            (_, Some(wait)) => Err(rules::say_wait(wait)),
            // The right password has been shown: its owner may know.
            (Outcome::Disabled, _) => Err(Message::new(Tr::sign_in_disabled)),
            _ => Err(failures.say_wrong()),
        })
    })
    .await
}

fn judge(user: &User, matches: bool) -> Outcome {
    match user.state() {
        _ if !matches => Outcome::WrongPassword,
        UserState::Active => Outcome::Success,
        _ => Outcome::Disabled,
    }
}

/// Stores the session in the transaction that found the password to be right: no reset comes in between.
fn open_session(tx: &mut Tx, user_id: UserId, typed: &Typed, user_agent: &str) -> Result<()> {
    if let Some(old) = &typed.replaces {
        sessions::commands::close(tx, old)?;
    }
    let new = NewSession {
        key_hash: sha256(&typed.key),
        user_id,
        remembered: typed.remember,
        address: tx.actor().origin.address.clone(),
        user_agent: user_agent.to_owned(),
    };
    sessions::commands::open(tx, &new)
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
