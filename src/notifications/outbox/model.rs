//! Values of the outbox.

use chrono::NaiveDateTime;
use serde_json::Value;

use crate::i18n::Tr;
use crate::notifications::deliveries::model::NewDelivery;
use crate::notifications::templates::model::Words;
use crate::types::Recipient;
use crate::types::ids::{MessageId, RobotId, UserId};

/// A message of the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its kind.
    pub kind: String,
    /// To whom it goes.
    pub recipients: Vec<Recipient>,
    /// The values of its variables.
    pub variables: Value,
    /// The page that it is about.
    pub url: Option<String>,
    /// Who caused it.
    pub created_by: Option<UserId>,
    /// When it was caused.
    pub created_at: NaiveDateTime,
    /// How often it was tried to be spread.
    pub attempts: u32,
    /// What goes along with its mails: a kind of enclosure, and of which record.
    pub enclosed: Option<(String, u64)>,
}

/// A member of staff, as far as a message needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their address for mail.
    pub email: Option<String>,
    /// The language that they read.
    pub language: Tr,
    /// Their department.
    pub department_path: Option<String>,
}

/// A robot, as far as a message needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its id.
    pub id: RobotId,
    /// Its name.
    pub name: String,
    /// The language that it speaks.
    pub language: Tr,
}

/// A line for somebody's inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    /// Whose inbox.
    pub user_id: UserId,
    /// What it says.
    pub words: Words,
}

/// What a message becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    /// Lines for inboxes.
    pub inbox: Vec<NewNotification>,
    /// What goes by mail and through robots.
    pub deliveries: Vec<NewDelivery>,
}
