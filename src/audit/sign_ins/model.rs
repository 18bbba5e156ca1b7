//! Rows and values of the log of sign-ins.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;

use crate::audit::position::Key;
use crate::schema::sign_ins;
use crate::types::Outcome;
use crate::types::device;
use crate::types::ids::{SignInId, UserId};

/// An attempt to sign in. Its codes stay texts: a log outlives the version that wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sign_ins, check_for_backend(Mysql))]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// When it was.
    pub at: NaiveDateTime,
    /// The username that was typed.
    pub username: String,
    /// Whose it is; `None` for nobody's.
    pub user_id: Option<UserId>,
    /// How it ended.
    pub outcome: String,
    /// The address that it came from.
    pub address: String,
    /// The browser.
    pub user_agent: String,
    /// The id of the request.
    pub request_id: String,
}

impl SignIn {
    /// Where it stands in the log.
    pub fn key(&self) -> Key {
        Key { at: self.at, id: self.id.0 }
    }

    /// The system and the browser, as far as the user agent tells.
    pub fn device(&self) -> String {
        device::name(&self.user_agent)
    }

    /// Whether it came from a phone or a tablet.
    pub fn is_mobile(&self) -> bool {
        device::is_mobile(&self.user_agent)
    }
}

/// Which attempts are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInFilter {
    /// How the username or the address begins.
    pub begins: Option<Beginning>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// From which day on.
    pub from: Option<NaiveDate>,
    /// Up to which day.
    pub to: Option<NaiveDate>,
}

/// What was typed into the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beginning {
    /// The beginning of a username.
    Username(String),
    /// The beginning of an address.
    Address(String),
}

impl Beginning {
    /// Tells an address from a username: digits with a dot, or anything with a colon. `None` for nothing.
    pub fn parse(text: &str) -> Option<Beginning> {
        let text = text.trim();
        let version_4 = text.contains('.') && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let version_6 =
            text.contains(':') && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte));
        let text = text.chars().take(100).collect::<String>();
        match (text.is_empty(), version_4 || version_6) {
            (true, _) => None,
            (false, true) => Some(Beginning::Address(text.to_ascii_lowercase())),
            (false, false) => Some(Beginning::Username(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_a_username() {
        let address = |text: &str| Some(Beginning::Address(text.into()));
        let username = |text: &str| Some(Beginning::Username(text.into()));
        for (text, wanted) in [
            ("10.20.3", address("10.20.3")),
            (" 10.20.3.4 ", address("10.20.3.4")),
            ("FE80::1", address("fe80::1")),
            ("::ffff:10.0.0.1", address("::ffff:10.0.0.1")),
            ("lina", username("lina")),
            ("10", username("10")),
            ("face.b00c", username("face.b00c")),
            ("%_'", username("%_'")),
            ("  ", None),
        ] {
            assert_eq!(Beginning::parse(text), wanted, "{text:?}");
        }
    }
}
