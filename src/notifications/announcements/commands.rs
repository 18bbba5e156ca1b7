//! Sending an announcement.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::db::Tx;
use crate::i18n::Tr;
use crate::notifications::kinds::catalogue::ANNOUNCEMENT;
use crate::notifications::robots;
use crate::types::{Action, DataScope, Entry, FieldErrors, Outgoing, Permission, Recipient, Result};

use super::model::{AnnouncementRecord, Draft, Readers};
use super::queries;

/// What sending came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Announced {
    /// How many colleagues it goes to.
    pub users: usize,
    /// How many group chats.
    pub robots: usize,
    /// How many other addresses.
    pub addresses: usize,
}

/// Sends an announcement. The same form sent twice sends it once.
pub fn send(tx: &mut Tx, draft: &Draft) -> Result<Announced> {
    let scope = tx.actor().scope(Permission::MessageSend)?;
    let outside = !draft.robots.is_empty() || !draft.addresses.is_empty();
    if outside && scope != DataScope::All {
        // A group chat and a stranger belong to no department.
        let field = if draft.robots.is_empty() { "addresses" } else { "robots" };
        return Err(FieldErrors::one(field, Tr::announcements_beyond_reach).into());
    }
    let readers = queries::readers(tx, &draft.readers)?;
    if readers.is_empty() && draft.readers != Readers::Nobody {
        return Err(FieldErrors::one("audience", Tr::announcements_nobody_there).into());
    }
    let chats = chats(tx, draft)?;
    let mut message = Outgoing::new(ANNOUNCEMENT, &json!({"title": draft.title, "text": draft.text}));
    message.to.extend(readers.iter().copied().map(Recipient::User));
    message.to.extend(draft.robots.iter().copied().map(Recipient::Robot));
    message.to.extend(draft.addresses.iter().map(|(name, email)| Recipient::Address {
        email: email.clone(),
        name: name.clone(),
        language: Tr::default().tag().to_owned(),
    }));
    if let (Some(key), Some(user)) = (&draft.once, tx.actor().user_id) {
        message = message.once(format!("announcement {user} {key}"));
    }
    if tx.notify(&message)? {
        let record = AnnouncementRecord {
            title: draft.title.clone(),
            department_path: tx.actor().department.as_ref().map(|own| own.path.clone()),
            text: draft.text.clone(),
            recipients: readers.len(),
            robots: chats,
            addresses: draft.addresses.iter().map(|(_, email)| email.clone()).collect(),
        };
        tx.audit(Entry::created(Action::MessageSent, &record));
    }
    Ok(Announced { users: readers.len(), robots: draft.robots.len(), addresses: draft.addresses.len() })
}

/// The names of the group chats that were chosen.
fn chats(tx: &mut Tx, draft: &Draft) -> Result<Vec<String>> {
    if draft.robots.is_empty() {
        return Ok(Vec::new());
    }
    let all = robots::queries::all(tx)?;
    let mut names = Vec::new();
    for id in &draft.robots {
        let robot = all.iter().find(|robot| robot.id == *id);
        let robot = robot.ok_or_else(|| FieldErrors::one("robots", Tr::field_unknown_choice))?;
        if robot.paused_at.is_some() {
            let name = robot.name.clone();
            return Err(FieldErrors::one("robots", move |t: Tr| t.announcements_robot_paused(&name)).into());
        }
        names.push(robot.name.clone());
    }
    Ok(names)
}
