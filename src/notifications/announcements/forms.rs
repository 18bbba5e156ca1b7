//! What is typed into an announcement, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::RobotId;

use super::model::{Audience, Draft, Readers};

/// The most characters of a title.
pub const MAX_TITLE: usize = 150;

/// The most characters of a text.
pub const MAX_TEXT: usize = 10_000;

/// The most addresses, or users named one by one.
pub const MAX_NAMED: usize = 500;

/// The form of an announcement, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct AnnouncementForm {
    /// The title: one line.
    pub title: String,
    /// The text.
    pub text: String,
    /// Which colleagues: `nobody`, `everybody`, `role`, `department` or `users`.
    pub audience: String,
    /// The id of the role.
    pub role: String,
    /// The id of the department.
    pub department: String,
    /// The usernames, separated by commas, spaces or lines.
    pub users: String,
    /// The ids of the robots.
    pub robots: Vec<String>,
    /// Other addresses, one a line: `name@example.com` or `Name <name@example.com>`.
    pub addresses: String,
    /// What tells the same form sent twice; the page fills it in.
    pub once: String,
}

impl AnnouncementForm {
    /// The announcement that the form asks for.
    pub fn check(&self) -> Result<Draft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let title = errors.required_line("title", &self.title, MAX_TITLE);
        let text = errors.required_text("text", &self.text.replace("\r\n", "\n"), MAX_TEXT);
        let readers = self.readers(&mut errors);
        let robots: Vec<RobotId> = self.robots.iter().filter_map(|id| id.parse().ok()).collect();
        if robots.len() != self.robots.len() {
            errors.add("robots", Tr::field_unknown_choice);
        }
        let addresses = addresses(&self.addresses, &mut errors);
        if readers == Readers::Nobody && robots.is_empty() && addresses.is_empty() {
            errors.add("audience", Tr::announcements_to_nobody);
        }
        let once =
            Some(self.once.trim()).filter(|once| !once.is_empty() && once.len() <= 60 && once.is_ascii());
        errors.or(Draft { title, text, readers, robots, addresses, once: once.map(str::to_owned) })
    }

    fn readers(&self, errors: &mut FieldErrors) -> Readers {
        let audience = errors.code::<Audience>("audience", &self.audience);
        match audience.unwrap_or(Audience::Nobody) {
            Audience::Nobody => Readers::Nobody,
            Audience::Everybody => Readers::Everybody,
            Audience::Role => match errors.code("role", &self.role) {
                Some(role) => Readers::Role(role),
                None => missing(errors, "role"),
            },
            Audience::Department => match errors.code("department", &self.department) {
                Some(department) => Readers::Department(department),
                None => missing(errors, "department"),
            },
            Audience::Users => {
                let split = |c: char| c.is_whitespace() || ",;，；、".contains(c);
                let mut names: Vec<String> =
                    self.users.split(split).filter(|name| !name.is_empty()).map(str::to_lowercase).collect();
                names.sort();
                names.dedup();
                if names.is_empty() {
                    return missing(errors, "users");
                }
                if names.len() > MAX_NAMED {
                    errors.add("users", |t| t.announcements_too_many(MAX_NAMED));
                }
                Readers::Users(names)
            }
        }
    }
}

/// A list that was asked for and is not there; the form comes back, so that what stands in for it is not used.
fn missing(errors: &mut FieldErrors, field: &'static str) -> Readers {
    errors.add(field, Tr::field_required);
    Readers::Everybody
}

fn addresses(text: &str, errors: &mut FieldErrors) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.split(['\n', ';', '；']).map(str::trim).filter(|line| !line.is_empty()) {
        let (name, email) = match line.strip_suffix('>').and_then(|line| line.split_once('<')) {
            Some((name, email)) => (name.trim().trim_matches('"'), email),
            None => ("", line),
        };
        let mut faults = FieldErrors::new();
        let email = faults.email("addresses", email).unwrap_or_default();
        if !faults.is_empty()
            || email.is_empty()
            || name.chars().count() > 100
            || name.chars().any(char::is_control)
        {
            let line: String = line.chars().take(60).collect();
            errors.add("addresses", move |t| t.announcements_no_address(&line));
            return found;
        }
        if !found.iter().any(|(_, known)| known.eq_ignore_ascii_case(&email)) {
            found.push((name.to_owned(), email));
        }
    }
    if found.len() > MAX_NAMED {
        errors.add("addresses", |t| t.announcements_too_many(MAX_NAMED));
    }
    found
}
