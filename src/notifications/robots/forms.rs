//! What is typed into the form of a robot, checked.

use serde::{Deserialize, Serialize};

use crate::i18n::Tr;
use crate::notifications::kinds::Kinds;
use crate::types::{FieldErrors, Result};
use crate::web::outbound::Outbound;
use crate::web::secret::Secret;

use super::model::{Robot, RobotDraft, SecretDraft, Vendor};
use super::rules;

/// The most characters of an address, as it is sent: of one that is not ASCII, each byte becomes three.
const MAX_URL: usize = 1_000;

/// The most characters of a secret.
const MAX_SECRET: usize = 200;

/// The form of a robot, as it was sent.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RobotForm {
    /// What it is called here.
    pub name: String,
    /// Whose group chats it speaks in.
    pub vendor: String,
    /// The language that it speaks.
    pub language: String,
    /// Its address; blank to keep the one it has.
    pub url: String,
    /// Its secret; blank to keep the one it has.
    pub secret: String,
    /// Filled in to take its secret away.
    pub unsigned: String,
    /// The kinds of messages that it is told.
    pub kinds: Vec<String>,
    /// Filled in for one that is told nothing for now.
    pub paused: String,
    /// The version that was read.
    pub version: String,
}

/// What checking a form needs to know.
pub struct Means<'a> {
    /// What seals address and secret.
    pub secret: &'a Secret,
    /// What says which addresses may be called.
    pub outbound: &'a Outbound,
    /// The kinds of messages that there are.
    pub kinds: &'a Kinds,
}

impl RobotForm {
    /// The form of an existing robot: address and secret are not shown.
    pub fn of(robot: &Robot) -> RobotForm {
        RobotForm {
            name: robot.name.clone(),
            vendor: robot.vendor.to_string(),
            language: robot.language.tag().to_owned(),
            kinds: robot.kinds.clone(),
            paused: robot.paused_at.map_or_else(String::new, |_| "1".to_owned()),
            version: robot.version.to_string(),
            ..RobotForm::default()
        }
    }

    /// The version that was read; 0, which no robot has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// The robot that the form asks for; `before` is the one that it changes.
    ///
    /// # Errors
    /// The faults of its fields.
    pub fn check(&self, means: &Means<'_>, before: Option<&Robot>) -> Result<RobotDraft> {
        let mut errors = FieldErrors::new();
        let name = errors.required_line("name", &self.name, 100);
        let vendor = errors.code::<Vendor>("vendor", &self.vendor);
        if vendor.is_none() {
            errors.add("vendor", Tr::field_required);
        }
        let vendor = vendor.unwrap_or(Vendor::DingTalk);
        let language = Tr::ALL.into_iter().find(|t| t.tag() == self.language);
        if language.is_none() {
            errors.add("language", Tr::field_unknown_choice);
        }
        let url = self.address(means, vendor, before, &mut errors);
        let secret = errors.optional_text("secret", &self.secret, MAX_SECRET);
        let unknown = |code: &String| !means.kinds.get(code).is_some_and(|kind| kind.robots);
        if self.kinds.iter().any(unknown) {
            errors.add("kinds", Tr::field_unknown_choice);
        }
        errors.or(())?;
        let seal = |text: &str| means.secret.seal(rules::SEAL, text);
        let secret = match secret {
            _ if !vendor.signs() || !self.unsigned.is_empty() => SecretDraft::Clear,
            Some(secret) => SecretDraft::Set(seal(&secret)?),
            None => SecretDraft::Keep,
        };
        let url = url
            .map(|url| Ok::<_, crate::types::Error>((seal(url.as_str())?, rules::hint(&url))))
            .transpose()?;
        let mut kinds = self.kinds.clone();
        kinds.sort();
        kinds.dedup();
        let language = language.unwrap_or_default();
        Ok(RobotDraft { name, vendor, language, url, secret, kinds, paused: !self.paused.is_empty() })
    }

    /// The new address. One that has one may keep it, unless it moves to another vendor.
    fn address(
        &self,
        means: &Means<'_>,
        vendor: Vendor,
        before: Option<&Robot>,
        errors: &mut FieldErrors,
    ) -> Option<url::Url> {
        let text = errors.optional_text("url", &self.url, MAX_URL);
        let Some(text) = text else {
            if before.is_none_or(|before| before.vendor != vendor) {
                errors.add("url", Tr::field_required);
            }
            return None;
        };
        match rules::address(vendor, &text, means.outbound) {
            Ok(url) if url.as_str().len() > MAX_URL => {
                errors.add("url", |t| t.field_too_long(MAX_URL));
                None
            }
            Ok(url) => Some(url),
            Err(fault) => {
                errors.add("url", move |t| fault.text(t));
                None
            }
        }
    }
}
