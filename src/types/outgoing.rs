//! A message, as a transaction causes it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::{RobotId, UserId};

/// Somebody to whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// A member of staff: in the inbox, and by mail where their profile has an address.
    User(UserId),
    /// Anybody else: by mail.
    Address {
        /// The address.
        email: String,
        /// How they are called; may be blank.
        name: String,
        /// The language to write in, as a tag: `zh-CN` or `en`.
        language: String,
    },
    /// A group chat, through its robot; beside the robots that are told every message of the kind.
    Robot(RobotId),
}

/// A message to be sent once its transaction commits.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// What kind of message it is: the code under which its template is registered, `room.what`.
    pub kind: &'static str,
    /// To whom it goes.
    pub to: Vec<Recipient>,
    /// The values of the template's variables, by name.
    pub variables: Value,
    /// The page that it is about: a path of ours.
    pub url: Option<String>,
    /// A message with a key that was used before is not sent again. At most 150 ASCII characters.
    pub once: Option<String>,
    /// What goes along with its mails: a kind of enclosure, and of which record. Made when a mail goes out, never stored.
    pub enclosed: Option<(&'static str, u64)>,
}

impl Outgoing {
    /// A message without recipients yet.
    pub fn new(kind: &'static str, variables: &impl Serialize) -> Outgoing {
        Outgoing {
            kind,
            to: Vec::new(),
            variables: serde_json::to_value(variables).unwrap_or(Value::Null),
            url: None,
            once: None,
            enclosed: None,
        }
    }

    /// To one more.
    #[must_use]
    pub fn to(mut self, recipient: Recipient) -> Outgoing {
        self.to.push(recipient);
        self
    }

    /// About this page.
    #[must_use]
    pub fn about(mut self, url: impl Into<String>) -> Outgoing {
        self.url = Some(url.into());
        self
    }

    /// With what a kind of enclosure makes of a record: files, and words that only the reader gets to see.
    #[must_use]
    pub fn enclosing(mut self, kind: &'static str, id: u64) -> Outgoing {
        self.enclosed = Some((kind, id));
        self
    }

    /// Never twice under this key.
    #[must_use]
    pub fn once(mut self, key: impl Into<String>) -> Outgoing {
        self.once = Some(key.into());
        self
    }
}
