//! What is typed into a template.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Template, Words};

/// The form of a template, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct TemplateForm {
    /// The subject: one line.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The version that was read, for the optimistic lock; 0 for the original words.
    pub version: String,
}

impl TemplateForm {
    /// The form of a template as it stands.
    pub fn of(template: &Template) -> TemplateForm {
        TemplateForm {
            subject: template.words.subject.clone(),
            body: template.words.body.clone(),
            version: template.version.to_string(),
        }
    }

    /// The words that the form asks for; browsers end lines by two characters.
    pub fn words(&self) -> Words {
        Words {
            subject: self.subject.trim().to_owned(),
            body: self.body.replace("\r\n", "\n").trim().to_owned(),
        }
    }

    /// The version that was read; one that no template has when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(u32::MAX)
    }
}

/// The form with the message that its words are tried on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PreviewForm {
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The version that was read.
    pub version: String,
    /// The id of a message of the kind; blank for a made-up one.
    pub example: String,
}

impl PreviewForm {
    /// Without the message.
    pub fn template(&self) -> TemplateForm {
        TemplateForm { subject: self.subject.clone(), body: self.body.clone(), version: self.version.clone() }
    }
}
