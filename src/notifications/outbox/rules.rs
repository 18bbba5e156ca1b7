//! What a message becomes: for each of its recipients a line in the inbox, a mail, or words for a robot.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::i18n::Tr;
use crate::notifications::deliveries::model::{Channel, NewDelivery};
use crate::notifications::kinds::Kind;
use crate::notifications::sender::Sender;
use crate::notifications::templates::model::{Words, original};
use crate::notifications::templates::rules::{fill, in_language, one_line};
use crate::types::Recipient;
use crate::types::ids::{RobotId, UserId};

use super::model::{Listener, Message, NewNotification, Reader, Spread};

/// The most rows that one statement writes.
const ROWS: usize = 200;

/// The most bytes of text that one statement writes: servers refuse a statement that is too long, and hang up.
const BYTES: usize = 1_000_000;

/// Rows in pieces that one statement can write each; a row that is too long by itself is a piece of its own.
pub fn pieces<T>(mut rows: &[T], bytes: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut pieces = Vec::new();
    while !rows.is_empty() {
        let mut written = 0;
        let fits = rows.iter().take(ROWS).take_while(|row| {
            written += bytes(row);
            written <= BYTES
        });
        let (piece, left) = rows.split_at(fits.count().max(1));
        pieces.push(piece);
        rows = left;
    }
    pieces
}

/// The words of a kind in both languages, as they stand.
#[derive(Debug, Clone)]
pub struct Voice<'a> {
    /// The kind.
    pub kind: &'a Kind,
    /// The words in Chinese.
    pub chinese: Words,
    /// The words in English.
    pub english: Words,
    /// In whose name it is said.
    pub sender: &'a Sender,
}

impl Voice<'_> {
    fn words(&self, t: Tr) -> &Words {
        match t {
            Tr::ZhCn => &self.chinese,
            Tr::En => &self.english,
        }
    }

    /// What the message says to somebody. Words that were put in place of the original ones were tried before, but not on
    /// every message: rather than not to be sent at all, one that they fail on says the original words.
    fn say(&self, message: &Message, t: Tr, recipient: &str, url: &str) -> Result<Words, String> {
        let mut values = match in_language(&message.variables, t) {
            Value::Object(values) => values,
            _ => Map::new(),
        };
        for (name, value) in [("recipient", recipient), ("url", url), ("company", self.sender.company(t))] {
            values.insert(name.to_owned(), Value::String(value.to_owned()));
        }
        let filled = fill(self.words(t), &values).or_else(|_| fill(&original(self.kind, t), &values));
        filled.map_err(|fault| format!("{fault:#}"))
    }

    fn absolute(&self, message: &Message) -> String {
        message.url.as_ref().map_or_else(String::new, |path| format!("{}{path}", self.sender.base_url))
    }
}

/// The users that a message names, each once.
pub fn users(message: &Message) -> BTreeSet<UserId> {
    message
        .recipients
        .iter()
        .filter_map(|recipient| if let Recipient::User(id) = recipient { Some(*id) } else { None })
        .collect()
}

/// The robots that a message names, each once.
pub fn robots(message: &Message) -> BTreeSet<RobotId> {
    message
        .recipients
        .iter()
        .filter_map(|recipient| if let Recipient::Robot(id) = recipient { Some(*id) } else { None })
        .collect()
}

/// What a message becomes. Nobody gets it twice: whoever is named twice, or has the address of another, gets it once.
///
/// # Errors
/// The fault that keeps it from being said, for the log.
pub fn spread(
    message: &Message,
    voice: &Voice<'_>,
    readers: &[Reader],
    listeners: &[Listener],
) -> Result<Spread, String> {
    let url = voice.absolute(message);
    let mut spread = Spread::default();
    let mut addresses = BTreeSet::new();
    for reader in readers {
        let words = voice.say(message, reader.language, &reader.name, "")?;
        spread.inbox.push(NewNotification { user_id: reader.id, words });
        let Some(email) = reader.email.as_ref().filter(|_| voice.kind.mails) else { continue };
        if addresses.insert(email.to_lowercase()) {
            let words = voice.say(message, reader.language, &reader.name, &url)?;
            spread.deliveries.push(NewDelivery {
                user_id: Some(reader.id),
                department_path: reader.department_path.clone(),
                ..mail(email, &reader.name, reader.language, words)
            });
        }
    }
    for recipient in &message.recipients {
        let Recipient::Address { email, name, language } = recipient else { continue };
        if addresses.insert(email.to_lowercase()) {
            let t = Tr::from_tag(language).unwrap_or_default();
            let words = voice.say(message, t, name, &url)?;
            spread.deliveries.push(mail(email, name, t, words));
        }
    }
    for listener in listeners {
        let words = voice.say(message, listener.language, &listener.name, &url)?;
        spread.deliveries.push(NewDelivery {
            channel: Channel::Robot,
            target: listener.id.to_string(),
            recipient: listener.name.clone(),
            user_id: None,
            robot_id: Some(listener.id),
            language: listener.language,
            subject: words.subject,
            body: words.body,
            department_path: None,
        });
    }
    Ok(spread)
}

fn mail(email: &str, name: &str, language: Tr, words: Words) -> NewDelivery {
    let name = one_line(name);
    NewDelivery {
        channel: Channel::Mail,
        target: email.to_lowercase(),
        recipient: if name.is_empty() { email.to_owned() } else { name },
        user_id: None,
        robot_id: None,
        language,
        subject: words.subject,
        body: words.body,
        department_path: None,
    }
}
