//! In whose name messages are sent.

use crate::config::Config;
use crate::i18n::Tr;

/// Who sends: the company, as its mails show it.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The name of the company.
    pub company: String,
    /// The name beside the address of the sender.
    pub name: String,
    /// The address of the sender.
    pub address: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// What stands below every mail in Chinese.
    pub footer_chinese: String,
    /// What stands below every mail in English.
    pub footer_english: String,
    /// Where the product is reached from outside, without a slash at its end.
    pub base_url: String,
    /// The host of that, for the ids of mails.
    pub host: String,
}

impl Sender {
    /// The sender of an installation where nothing else is set.
    pub fn new(config: &Config) -> Sender {
        let host = config.base_url.domain().unwrap_or("localhost").to_owned();
        Sender {
            company: "OP-CMS".into(),
            name: "OP-CMS".into(),
            address: format!("noreply@{host}"),
            reply_to: None,
            footer_chinese: String::new(),
            footer_english: String::new(),
            base_url: config.base_url.as_str().trim_end_matches('/').to_owned(),
            host,
        }
    }

    /// What stands below every mail.
    pub fn footer(&self, t: Tr) -> &str {
        match t {
            Tr::ZhCn => &self.footer_chinese,
            Tr::En => &self.footer_english,
        }
    }
}
