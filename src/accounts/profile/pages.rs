//! The pages of one's own account.

use askama::Template;

use crate::accounts::sessions::store::new_key;
use crate::accounts::sign_in::commands::Attempt;
use crate::accounts::users::model::UserRow;
use crate::accounts::{passwords, sessions, sign_in, users};
use crate::i18n::{Message, Tr};
use crate::types::ids::SessionId;
use crate::types::{Error, FieldErrors, Outcome, Result};
use crate::web::cookies;
use crate::web::ctx::Work;
use crate::web::error::PASSWORD;
use crate::web::secret::sha256;
use crate::web::ui::{Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Response};

use super::forms::{PasswordForm, ProfileForm};
use super::rules::{RoomGrants, by_room};
use super::{commands, queries, urls};

#[derive(Template)]
#[template(path = "accounts/profile/show.html")]
struct ShowView {
    ui: Ui,
    tab: &'static str,
    row: UserRow,
    rooms: Vec<RoomGrants>,
    languages: Vec<Choice>,
    form: ProfileForm,
    fields: Fields,
}

#[derive(Template)]
#[template(path = "accounts/profile/password.html")]
struct PasswordView {
    ui: Ui,
    tab: &'static str,
    pending: bool,
    fields: Fields,
}

/// Who one is and what one may do, with the form to change what is one's own to change.
pub async fn show(ctx: Ctx) -> Result<Response> {
    let row = ctx.read(queries::own).await?;
    let form = ProfileForm::of(&row);
    Ok(show_page(&ctx, row, form, FieldErrors::new()))
}

/// Stores the profile. A chosen language is that of the answer already.
pub async fn update(ctx: Ctx, form: Form<ProfileForm>) -> Result<Response> {
    let form = form.0;
    let version = form.version();
    let outcome = match form.check() {
        Ok(profile) => {
            let language = profile.language;
            ctx.write(move |tx| commands::update(tx, version, &profile)).await.map(|()| language)
        }
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(language) => saved(&ctx, language),
        Err(fault) => {
            let errors = fault.into_faults("")?;
            let row = ctx.read(queries::own).await?;
            Ok(show_page(&ctx, row, form, errors))
        }
    }
}

fn saved(ctx: &Ctx, language: Option<Tr>) -> Result<Response> {
    let https = ctx.state.config.is_https();
    let cookie =
        language.map_or_else(|| cookies::forget_language(https), |t| cookies::keep_language(t, https));
    let t = language.or_else(|| Tr::from_accept_language(ctx.header("accept-language")?)).unwrap_or_default();
    let mut response = ctx.done(urls::SHOW, t.profile_saved());
    response.add_cookie(&cookie).map_err(|fault| Error::Internal(fault.into()))?;
    Ok(response)
}

fn show_page(ctx: &Ctx, row: UserRow, form: ProfileForm, errors: FieldErrors) -> Response {
    let faulty = !errors.is_empty();
    let mut languages: Vec<Choice> = Tr::ALL.iter().map(|t| Choice::new(t.tag(), t.name())).collect();
    languages.push(Choice::new("", ctx.t.profile_language_browser()));
    let view = ShowView {
        ui: ctx.ui(),
        tab: urls::SHOW,
        row,
        rooms: by_room(&ctx.actor.grants),
        languages,
        form,
        fields: Fields::with(ctx.t, errors),
    };
    let page = Page::new(ctx, ctx.t.profile_title(), &view);
    if faulty { page.invalid().respond() } else { page.respond() }
}

/// The form to change one's password.
pub async fn edit_password(ctx: Ctx) -> Response {
    password_page(&ctx, FieldErrors::new())
}

/// Changes one's password. All other browsers are signed out; this one stays, under a new key.
pub async fn update_password(ctx: Ctx, form: Form<PasswordForm>) -> Result<Response> {
    let (work, form, session, key) = (ctx.clone_for_work(), form.0, ctx.own_session()?, new_key());
    let key_hash = sha256(&key);
    match ctx.hash(move || replace_password(&work, &form, session.id, &key_hash)).await {
        Ok(()) => {
            sessions::pages::hand_out(&ctx, &key, session.remembered)?;
            let next = if ctx.must_change_password() { "/" } else { urls::SHOW };
            Ok(ctx.done(next, ctx.t.password_changed()))
        }
        Err(Error::Invalid(errors)) => Ok(password_page(&ctx, errors)),
        Err(fault) => Err(fault),
    }
}

/// Replaces the password of whoever shows the current one. Wrong guesses are logged and count like those at the door.
///
/// All of it happens in one of the few places for hashing, so that a burst of guesses at the same moment cannot pass
/// the count of failures together.
fn replace_password(work: &Work, form: &PasswordForm, kept: SessionId, key_hash: &str) -> Result<()> {
    let (row, shown, failures) = work.db.read(&work.actor, |db| {
        let row = queries::own(db)?;
        let address = db.actor().origin.address.clone();
        let failures = sign_in::queries::failures(db, Some(&row.user.username), &address)?;
        let shown = users::queries::password_hash(db, row.user.id)?;
        Ok((row, shown, failures))
    })?;
    let user = &row.user;
    form.check(&[&user.username, &user.name, user.email.as_deref().unwrap_or_default()])?;
    if let Some(wait) = failures.wait(work.db.clock().now()) {
        return refuse(work, &row, Outcome::Throttled, sign_in::rules::say_wait(wait));
    }
    if !passwords::matches(&form.current, &shown) {
        return refuse(work, &row, Outcome::WrongPassword, Message::new(Tr::password_current_wrong));
    }
    let hash = passwords::hash(&form.password)?;
    work.db.write(&work.actor, |tx| commands::change_password(tx, &shown, &hash, kept, key_hash))
}

/// Logs that the current password was not shown, and says why at its field.
fn refuse(work: &Work, row: &UserRow, outcome: Outcome, message: Message) -> Result<()> {
    let attempt = Attempt {
        username: row.user.username.clone(),
        user: Some((row.user.id, row.department_path.clone())),
        user_agent: work.user_agent.clone(),
        outcome,
    };
    work.db.write(&work.actor, |tx| sign_in::commands::log(tx, &attempt))?;
    Err(FieldErrors::one("current", move |t| message.text(t)).into())
}

fn password_page(ctx: &Ctx, errors: FieldErrors) -> Response {
    let (faulty, pending) = (!errors.is_empty(), ctx.must_change_password());
    let view = PasswordView { ui: ctx.ui(), tab: PASSWORD, pending, fields: Fields::with(ctx.t, errors) };
    let page = Page::new(ctx, ctx.t.password_title(), &view);
    let page = if pending { page.bare() } else { page.crumb(ctx.t.profile_title(), urls::SHOW) };
    if faulty { page.invalid().respond() } else { page.respond() }
}
