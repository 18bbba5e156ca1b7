//! Rows and values of deliveries.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::schema::deliveries;
use crate::text_enum;
use crate::types::audit_entry::Subject;
use crate::types::ids::{DeliveryId, MessageId, RobotId, UserId};
use crate::web::ui::{Badge, Tone};

text_enum! {
    /// How a message travels.
    pub enum Channel {
        /// By mail.
        Mail = "mail",
        /// Through a robot, into a group chat.
        Robot = "robot",
    }
}

text_enum! {
    /// How far a delivery has come.
    pub enum DeliveryState {
        /// To be sent, now or at its next try.
        Waiting = "waiting",
        /// Somebody is sending it.
        Sending = "sending",
        /// The other side has taken it.
        Sent = "sent",
        /// Mail that is only kept here, because there is no server to send it.
        Kept = "kept",
        /// Given up.
        Failed = "failed",
        /// Given away without an answer: it may have arrived. It is not sent again by itself.
        Uncertain = "uncertain",
    }
}

impl Channel {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("channel", self.as_str())
    }
}

impl DeliveryState {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("delivery_state", self.as_str())
    }

    /// Its badge.
    pub fn badge(self, t: Tr) -> Badge {
        let tone = match self {
            DeliveryState::Waiting | DeliveryState::Sending => Tone::Plain,
            DeliveryState::Sent => Tone::Ok,
            DeliveryState::Kept => Tone::Off,
            DeliveryState::Uncertain => Tone::Warn,
            DeliveryState::Failed => Tone::Bad,
        };
        Badge::new(tone, self.label(t))
    }
}

/// A message on its way to one recipient by one channel.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = deliveries, check_for_backend(Mysql))]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The message.
    pub message_id: MessageId,
    /// The message's kind.
    pub kind: String,
    /// How it travels.
    pub channel: Channel,
    /// The address, or the robot's id.
    pub target: String,
    /// How the recipient is called.
    pub recipient: String,
    /// The user, if it is one.
    pub user_id: Option<UserId>,
    /// The robot, if it is one that is still there.
    pub robot_id: Option<RobotId>,
    /// The language, by its tag.
    pub language: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// When a sender may take it.
    pub due_at: Option<NaiveDateTime>,
    /// How often it was tried since it was last put on its way.
    pub attempts: u32,
    /// How often it was put on its way once more.
    pub resends: u32,
    /// What went wrong last, in both languages.
    pub error: Option<Value>,
    /// What the other side calls it.
    pub remote_id: Option<String>,
    /// Who caused the message.
    pub created_by: Option<UserId>,
    /// The department of the recipient.
    pub department_path: Option<String>,
    /// When it was put on its way.
    pub created_at: NaiveDateTime,
    /// When the other side took it.
    pub sent_at: Option<NaiveDateTime>,
    /// The kind of enclosure that goes along with it.
    pub enclosed_kind: Option<String>,
    /// The record that the enclosure is made of.
    pub enclosed_id: Option<u64>,
}

impl Delivery {
    /// What went wrong last.
    pub fn fault(&self, t: impl Into<Tr>) -> String {
        let said: Option<Said> =
            self.error.as_ref().and_then(|error| serde_json::from_value(error.clone()).ok());
        said.map_or_else(String::new, |said| said.text(t).to_owned())
    }

    /// As the audit log names it.
    pub fn subject(&self) -> Subject {
        Subject {
            kind: "message",
            id: Some(self.id.0),
            label: format!("{} → {}", self.subject, self.recipient),
            department_path: self.department_path.clone(),
        }
    }
}

/// A delivery about to be put on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// How it travels.
    pub channel: Channel,
    /// The address, or the robot's id.
    pub target: String,
    /// How the recipient is called.
    pub recipient: String,
    /// The user, if it is one.
    pub user_id: Option<UserId>,
    /// The robot, if it is one.
    pub robot_id: Option<RobotId>,
    /// The language.
    pub language: Tr,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The department of the recipient.
    pub department_path: Option<String>,
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The other side has taken it, and calls it so.
    Sent(Option<String>),
    /// There is no server to send it: it is kept.
    Kept,
    /// The other side has not got it; another try may do better.
    Later(Said),
    /// The other side will not have it.
    Refused(Said),
    /// The other side may have it.
    Uncertain(Said),
}

/// Which deliveries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// What the recipient begins with.
    pub recipient: Option<String>,
    /// How far they have come.
    pub state: Option<DeliveryState>,
    /// How they travel.
    pub channel: Option<Channel>,
    /// The kind of message.
    pub kind: Option<String>,
    /// From which day on.
    pub from: Option<NaiveDate>,
    /// Up to which day.
    pub to: Option<NaiveDate>,
}
