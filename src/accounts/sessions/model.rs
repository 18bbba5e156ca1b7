//! Rows and values of sessions.

use chrono::{Duration, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;

use crate::schema::sessions;
use crate::types::ids::SessionId;

/// How long a session lasts without a request.
pub const IDLE: Duration = Duration::minutes(30);

/// How long a remembered session lasts.
pub const REMEMBERED: Duration = Duration::days(7);

/// How exactly the last request is kept: a write for every request would cost more than it tells.
pub const SEEN_EVERY: Duration = Duration::minutes(1);

/// A session as its owner sees it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(Mysql))]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whether it is to be remembered.
    pub remembered: bool,
    /// From where it was opened.
    pub address: String,
    /// In which browser.
    pub user_agent: String,
    /// When its owner signed in.
    pub created_at: NaiveDateTime,
    /// When it was last used, to the minute.
    pub last_seen_at: NaiveDateTime,
    /// When it ends.
    pub expires_at: NaiveDateTime,
}

impl Session {
    /// The browser and the system, as far as the user agent tells.
    pub fn device(&self) -> String {
        let agent = self.user_agent.as_str();
        let system = [
            ("Windows", "Windows"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Mac OS", "macOS"),
            ("Linux", "Linux"),
        ];
        // Every browser claims to be Safari and most claim to be Chrome: the rarer names come first.
        let browser = [
            ("MicroMessenger", "WeChat"),
            ("Edg", "Edge"),
            ("Firefox", "Firefox"),
            ("Chrome", "Chrome"),
            ("Safari", "Safari"),
        ];
        let name = |list: &[(&str, &'static str)]| {
            list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, n)| *n)
        };
        match (name(&system), name(&browser)) {
            (Some(system), Some(browser)) => format!("{system} · {browser}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => agent.chars().take(40).collect(),
        }
    }

    /// Whether it was opened on a phone or tablet.
    pub fn is_mobile(&self) -> bool {
        ["iPhone", "iPad", "Android", "Mobile"].iter().any(|mark| self.user_agent.contains(mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_by_its_rarest_name() {
        let session = |agent: &str| Session {
            id: SessionId(1),
            remembered: false,
            address: String::new(),
            user_agent: agent.into(),
            created_at: NaiveDateTime::MIN,
            last_seen_at: NaiveDateTime::MIN,
            expires_at: NaiveDateTime::MIN,
        };
        let edge =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120 Safari/537.36 Edg/120";
        assert_eq!(session(edge).device(), "Windows · Edge");
        let safari =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1";
        assert_eq!(session(safari).device(), "iPhone · Safari");
        assert!(session(safari).is_mobile());
        assert_eq!(session("curl/8.0").device(), "curl/8.0");
        assert_eq!(session("").device(), "");
    }
}
