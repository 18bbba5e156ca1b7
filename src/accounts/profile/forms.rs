//! What is typed into the forms of one's own account, checked.

use serde::Deserialize;

use crate::accounts::passwords;
use crate::accounts::users::model::{ProfileDraft, UserRow};
use crate::i18n::Tr;
use crate::types::FieldErrors;

/// The profile form, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ProfileForm {
    /// The name on screen.
    pub name: String,
    /// Where mail reaches one; blank for nowhere.
    pub email: String,
    /// The tag of a language; blank for that of the browser.
    pub language: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl ProfileForm {
    /// The form of an account as it is.
    pub fn of(row: &UserRow) -> ProfileForm {
        ProfileForm {
            name: row.user.name.clone(),
            email: row.user.email.clone().unwrap_or_default(),
            language: row.user.language.clone().unwrap_or_default(),
            version: row.user.version.to_string(),
        }
    }

    /// The profile that the form asks for.
    pub fn check(&self) -> Result<ProfileDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = errors.required_line("name", &self.name, 100);
        let email = errors.email("email", &self.email);
        let language = Tr::ALL.into_iter().find(|language| language.tag() == self.language);
        if language.is_none() && !self.language.is_empty() {
            errors.add("language", Tr::field_unknown_choice);
        }
        errors.or(ProfileDraft { name, email, language })
    }

    /// The version that was read; 0, which no user has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// The password form, as it was sent. Nothing prints it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    /// The password that is to be replaced.
    pub current: String,
    /// The new one.
    pub password: String,
    /// The new one once more.
    pub repeat: String,
}

impl PasswordForm {
    /// Whether the form makes sense by itself; whether the current password is right is not known here.
    ///
    /// `own_words` are what others know of the owner, and try first.
    pub fn check(&self, own_words: &[&str]) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        if self.current.is_empty() {
            errors.add("current", Tr::field_required);
        }
        passwords::check(&mut errors, "password", &self.password, own_words);
        if self.password == self.current {
            errors.add("password", Tr::password_same);
        }
        if self.repeat != self.password {
            errors.add("repeat", Tr::password_repeat_differs);
        }
        errors.or(())
    }
}
