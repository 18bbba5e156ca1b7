//! What can go wrong, as far as anybody outside has to tell it apart.
//!
//! Which error to use where: rules return a [`Refusal`] (`?` turns it into [`Error::Refused`]), forms return
//! [`FieldErrors`], queries return what `db::errors` makes of diesel's errors. `web::error` turns each into a page,
//! a toast or `application/problem+json`, the command line into a sentence and an exit code.

use crate::i18n::{Message, Tr};

use super::{FieldErrors, Refusal};

/// The result of whatever reads or writes.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request could not be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is absent, or outside the caller's data scope: the two are not told apart.
    #[error("not found")]
    NotFound,
    /// The caller must sign in first.
    #[error("sign in first")]
    SignIn,
    /// The caller must change their password before anything else.
    #[error("change the password first")]
    MustChangePassword,
    /// The caller lacks the permission.
    #[error("forbidden")]
    Forbidden,
    /// A rule of the business says no.
    #[error("{}", .0.message.text(Tr::En))]
    Refused(Refusal),
    /// Fields of the form are wrong.
    #[error("{}", sentences(.0))]
    Invalid(FieldErrors),
    /// The request itself cannot be read (a malformed body, a wrong content type): status and sentence.
    #[error("{}", .1.text(Tr::En))]
    BadRequest(u16, Message),
    /// Somebody else changed the record since it was read.
    #[error("changed by somebody else since it was read")]
    Stale,
    /// Too much at once; the seconds after which it is worth trying again.
    #[error("{}", .1.text(Tr::En))]
    Busy(u32, Message),
    /// Two transactions waited for each other, and this one gave way. Run once more before anybody hears of it.
    #[error("gave way to another transaction")]
    Deadlock,
    /// Others held what was needed, such as a row or a place to hash in, for longer than is worth waiting.
    #[error("waited too long for others")]
    Contended,
    /// The database does not answer.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// A fault of ours. Logged once with its cause; outside only the request id is shown.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

fn sentences(errors: &FieldErrors) -> String {
    errors
        .iter()
        .map(|(field, message)| format!("{field}: {}", message.text(Tr::En)))
        .collect::<Vec<_>>()
        .join(" ")
}

impl Error {
    /// The sentence for the person who asked.
    pub fn message(&self, t: Tr) -> String {
        match self {
            Error::NotFound => t.error_not_found_text().to_owned(),
            Error::SignIn => t.error_sign_in_text().to_owned(),
            Error::MustChangePassword => t.error_password_text().to_owned(),
            Error::Forbidden => t.error_forbidden_text().to_owned(),
            Error::Refused(refusal) => refusal.message.text(t),
            Error::Invalid(errors) => {
                errors.iter().map(|(_, message)| message.text(t)).collect::<Vec<_>>().join(" ")
            }
            Error::BadRequest(_, message) | Error::Busy(_, message) => message.text(t),
            Error::Stale => t.error_stale_text().to_owned(),
            Error::Deadlock | Error::Contended => t.error_contended_text().to_owned(),
            Error::Unavailable(_) => t.error_unavailable_text().to_owned(),
            Error::Internal(_) => t.error_internal_text().to_owned(),
        }
    }

    /// What the form that was sent shows of this when it comes back: the faults at their fields, a refusal at `field`,
    /// and above all of them what belongs to no field. A refusal belongs to none when `field` is blank.
    ///
    /// # Errors
    /// The fault itself, when no form can mend it.
    pub fn into_faults(self, field: &'static str) -> Result<FieldErrors> {
        match self {
            Error::Invalid(errors) => Ok(errors),
            Error::Refused(refusal) => Ok(FieldErrors::one(field, move |t| refusal.message.text(t))),
            Error::Stale => Ok(FieldErrors::one("", Tr::error_stale_text)),
            fault => Err(fault),
        }
    }

    /// A request that cannot be read.
    pub fn bad_request<S: Into<String>>(say: impl Fn(Tr) -> S + Send + Sync + 'static) -> Error {
        Error::BadRequest(400, Message::new(say))
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::Refused(refusal)
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Error {
        Error::Invalid(errors)
    }
}
