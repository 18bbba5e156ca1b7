//! In whose name messages are sent.

use crate::config::Config;
use crate::db::Db;
use crate::i18n::Tr;
use crate::settings::{self, registry};
use crate::types::Result;

/// Who sends: the company, as its mails show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name of the company.
    company: String,
    /// Its name in English.
    company_english: String,
    /// The name beside the address of the sender.
    pub name: String,
    /// The address of the sender.
    pub address: String,
    /// Where answers go; blank for the sender.
    pub reply_to: String,
    /// What stands below every mail in Chinese.
    footer: String,
    /// What stands below every mail in English.
    footer_english: String,
    /// Where the product is reached from outside, without a slash at its end.
    pub base_url: String,
    /// The host of that, for the ids of mails.
    pub host: String,
}

impl Sender {
    /// The sender as the settings have it. What is blank there is made of what there is.
    pub fn read(db: &mut Db, config: &Config) -> Result<Sender> {
        let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
        let host = config.base_url.domain().unwrap_or("localhost").to_owned();
        let company = or(settings::read(db, &registry::COMPANY_NAME)?, "OP-CMS");
        Ok(Sender {
            company_english: or(settings::read(db, &registry::COMPANY_NAME_EN)?, &company),
            name: or(settings::read(db, &registry::MAIL_FROM_NAME)?, &company),
            address: or(settings::read(db, &registry::MAIL_FROM_ADDRESS)?, &format!("noreply@{host}")),
            reply_to: settings::read(db, &registry::MAIL_REPLY_TO)?,
            footer: settings::read(db, &registry::MAIL_FOOTER_ZH)?,
            footer_english: settings::read(db, &registry::MAIL_FOOTER_EN)?,
            base_url: config.base_url.as_str().trim_end_matches('/').to_owned(),
            host,
            company,
        })
    }

    /// A sender for tests.
    #[cfg(test)]
    pub fn plain(company: &str, base_url: &str) -> Sender {
        Sender {
            company: company.to_owned(),
            company_english: company.to_owned(),
            name: company.to_owned(),
            address: "noreply@example.com".to_owned(),
            reply_to: String::new(),
            footer: String::new(),
            footer_english: String::new(),
            base_url: base_url.to_owned(),
            host: "example.com".to_owned(),
        }
    }

    /// The name of the company.
    pub fn company(&self, t: Tr) -> &str {
        match t {
            Tr::ZhCn => &self.company,
            Tr::En => &self.company_english,
        }
    }

    /// What stands below every mail.
    pub fn footer(&self, t: Tr) -> &str {
        match t {
            Tr::ZhCn => &self.footer,
            Tr::En => &self.footer_english,
        }
    }
}
