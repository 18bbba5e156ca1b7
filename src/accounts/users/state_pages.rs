//! The pages that change whether and how somebody can sign in: disable, delete, reset the password, sign out.
//!
//! What is grave is asked for on a page of its own that says what will happen, and to whom.

use askama::Template;

use crate::accounts::passwords;
use crate::accounts::sessions;
use crate::i18n::Tr;
use crate::types::ids::UserId;
use crate::types::{Error, FieldErrors, Permission, Refusal, Result};
use crate::web::reason::{MAX_REASON, ReasonForm};
use crate::web::ui::{Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::commands::NewPassword;
use super::model::UserRow;
use super::{commands, queries, rules, urls};

#[derive(Template)]
#[template(path = "accounts/users/confirm.html")]
struct ConfirmView {
    ui: Ui,
    fields: Fields,
    row: UserRow,
    heading: String,
    text: String,
    button: &'static str,
    action: String,
    asks_reason: bool,
    reason: String,
    refusal: Option<String>,
}

/// What is asked before something grave is done.
#[derive(Clone, Copy)]
enum Question {
    Disable,
    Delete,
    Reset,
}

impl Question {
    fn permission(self) -> Permission {
        match self {
            Question::Disable => Permission::UserDisable,
            Question::Delete => Permission::UserDelete,
            Question::Reset => Permission::UserResetPassword,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Question::Disable => "disable",
            Question::Delete => "delete",
            Question::Reset => "reset-password",
        }
    }

    fn refusal(self, ui: &Ui, row: &UserRow, admins: &[UserId]) -> Option<Refusal> {
        let target = commands::target(row, admins);
        match self {
            Question::Disable => rules::can_disable(&ui.actor, &target).err(),
            Question::Delete => rules::can_delete(&ui.actor, &target).err(),
            Question::Reset => rules::can_edit(&row.user).err(),
        }
    }

    /// Heading and button.
    fn words(self, t: Tr, name: &str) -> (String, &'static str) {
        match self {
            Question::Disable => (t.users_disable_title(name), t.users_disable()),
            Question::Delete => (t.users_delete_title(name), t.users_delete()),
            Question::Reset => (t.users_reset_title(name), t.users_reset()),
        }
    }

    /// What will happen; in how many browsers is for those to know who could sign the user out.
    fn text(self, t: Tr, browsers: Option<usize>) -> String {
        match (self, browsers) {
            (Question::Disable, Some(browsers)) => t.users_disable_text(browsers),
            (Question::Disable, None) => t.users_disable_text_all().to_owned(),
            (Question::Delete, Some(browsers)) => t.users_delete_text(browsers),
            (Question::Delete, None) => t.users_delete_text_all().to_owned(),
            (Question::Reset, Some(browsers)) => t.users_reset_text(browsers),
            (Question::Reset, None) => t.users_reset_text_all().to_owned(),
        }
    }
}

async fn ask(
    ctx: &Ctx,
    id: UserId,
    question: Question,
    form: ReasonForm,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let row = queries::find(db, question.permission(), id)?;
            let admins = queries::active_admins(db)?;
            let counts = queries::in_reach(&ui.actor, Permission::UserSignOut, &row);
            let browsers =
                counts.then(|| sessions::queries::of_user(db, id)).transpose()?.map(|all| all.len());
            let (heading, button) = question.words(ui.t, &row.user.name);
            Ok(ConfirmView {
                refusal: question.refusal(&ui, &row, &admins).map(|refusal| refusal.message.text(ui.t)),
                fields: Fields::with(ui.t, errors),
                action: format!("{}/{}", urls::user(id), question.path()),
                asks_reason: !matches!(question, Question::Reset),
                reason: form.reason,
                text: question.text(ui.t, browsers),
                heading,
                button,
                row,
                ui,
            })
        })
        .await?;
    let page = Page::new(ctx, view.heading.clone(), &view)
        .crumb(ctx.t.users_title(), urls::INDEX)
        .crumb(view.row.user.name.clone(), urls::user(id));
    Ok(if faulty { page.invalid() } else { page }.respond())
}

/// Asks before a user is disabled.
pub async fn confirm_disable(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    ask(&ctx, *user, Question::Disable, ReasonForm::default(), FieldErrors::new()).await
}

/// Disables a user.
pub async fn disable(ctx: Ctx, user: Path<UserId>, form: Form<ReasonForm>) -> Result<Response> {
    let id = *user;
    match form.check_optional() {
        Err(errors) => ask(&ctx, id, Question::Disable, form.0, errors).await,
        Ok(reason) => {
            let outcome = ctx.write(move |tx| commands::disable(tx, id, reason.as_deref())).await;
            ctx.outcome(outcome, urls::user(id), ctx.t.users_disabled())
        }
    }
}

/// Enables a user again.
pub async fn enable(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    let id = *user;
    let outcome = ctx.write(move |tx| commands::enable(tx, id)).await;
    ctx.outcome(outcome, urls::user(id), ctx.t.users_enabled())
}

/// Asks before a user is deleted.
pub async fn confirm_delete(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    ask(&ctx, *user, Question::Delete, ReasonForm::default(), FieldErrors::new()).await
}

/// Deletes a user.
pub async fn delete(ctx: Ctx, user: Path<UserId>, form: Form<ReasonForm>) -> Result<Response> {
    let id = *user;
    match form.check_optional() {
        Err(errors) => ask(&ctx, id, Question::Delete, form.0, errors).await,
        Ok(reason) => {
            let outcome = ctx.write(move |tx| commands::delete(tx, id, reason.as_deref())).await;
            ctx.outcome(outcome, urls::user(id), ctx.t.users_deleted())
        }
    }
}

/// Brings a deleted user back.
pub async fn restore(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    let id = *user;
    let outcome = ctx.write(move |tx| commands::restore(tx, id)).await;
    ctx.outcome(outcome, urls::user(id), ctx.t.users_restored())
}

/// Asks before a password is reset.
pub async fn confirm_reset(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    ask(&ctx, *user, Question::Reset, ReasonForm::default(), FieldErrors::new()).await
}

/// Resets a password, and shows the new one this once.
pub async fn reset(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    let id = *user;
    // Before the dear part: outside of their reach there is no user.
    ctx.read(move |db| queries::find(db, Permission::UserResetPassword, id)).await?;
    let password = passwords::one_time();
    let typed = password.clone();
    let hash = ctx.hash(move || passwords::hash(&typed)).await?;
    let new = NewPassword { hash, must_change: true };
    match ctx.write(move |tx| commands::reset_password(tx, id, &new)).await {
        Ok(()) => show_password(&ctx, id, password, ctx.t.users_reset_done_title()).await,
        Err(fault @ Error::Refused(_)) => Ok(ctx.refused(urls::user(id), fault.message(ctx.t))),
        Err(fault) => Err(fault),
    }
}

/// Signs a user out everywhere.
pub async fn sign_out(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    let id = *user;
    let ended = ctx.write(move |tx| commands::sign_out(tx, id)).await?;
    Ok(ctx.done(urls::user(id), ctx.t.users_signed_out(ended)))
}

#[derive(Template)]
#[template(path = "accounts/users/password.html")]
struct PasswordView {
    ui: Ui,
    row: UserRow,
    heading: &'static str,
    password: String,
}

/// The page that shows a password for once.
pub(super) async fn show_password(
    ctx: &Ctx,
    id: UserId,
    password: String,
    heading: &'static str,
) -> Result<Response> {
    let row = ctx.read(move |db| queries::get(db, id)).await?.ok_or(Error::NotFound)?;
    let view = PasswordView { ui: ctx.ui(), row, heading, password };
    let page = Page::new(ctx, heading, &view)
        .crumb(ctx.t.users_title(), urls::INDEX)
        .crumb(view.row.user.name.clone(), urls::user(id));
    Ok(page.once().respond())
}
