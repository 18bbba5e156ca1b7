//! Mail: a delivery as a message with a plain and an HTML part, handed to the configured server.

use chrono::NaiveDateTime;
use lettre::Address;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart};
use url::Host;

use crate::config::Config;
use crate::i18n::{Said, Tr};
use crate::notifications::deliveries::model::{Delivery, Outcome};
use crate::notifications::enclosures::Enclosed;
use crate::notifications::sender::Sender;
use crate::notifications::templates::markup;
use crate::notifications::templates::rules::one_line;
use crate::types::{Error, Result};

use super::smtp::Server;

/// The server for outgoing mail, if there is one. A part of the application.
#[derive(Clone)]
pub struct Mailer(Option<Server>);

impl Mailer {
    /// The configured server.
    ///
    /// # Errors
    /// When its URL cannot be used.
    pub fn new(config: &Config) -> Result<Mailer> {
        let server = config.smtp_url.as_ref().map(Server::parse).transpose();
        Ok(Mailer(server.map_err(|why| Error::Internal(anyhow::anyhow!(why)))?))
    }

    /// Whether there is a server. Without one mail is kept.
    pub fn sends(&self) -> bool {
        self.0.is_some()
    }

    /// Hands over a mail.
    pub async fn send(
        &self,
        delivery: &Delivery,
        enclosed: &Enclosed,
        sender: &Sender,
        now: NaiveDateTime,
    ) -> Outcome {
        let Some(server) = &self.0 else { return Outcome::Kept };
        let Some((from, to)) = address(&sender.address).zip(address(&delivery.target)) else {
            return Outcome::Refused(Said::new(Tr::mail_fault_address));
        };
        match write(delivery, enclosed, sender, &from, &to, now) {
            Ok(content) => server.deliver(&from, &to, &content).await,
            Err(fault) => {
                let why = format!("{fault:#}");
                Outcome::Refused(Said::new(|t: Tr| t.mail_fault_written(&why)))
            }
        }
    }
}

/// Says that no human wrote this, so that absence notes are not sent back.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> std::result::Result<AutoSubmitted, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(AutoSubmitted::name(), "auto-generated".into())
    }
}

/// The mail as it goes over the wire. Its id is that of the delivery, the same at every try: a server that gets it twice
/// can tell. One that is sent once more on purpose is another mail.
fn write(
    delivery: &Delivery,
    enclosed: &Enclosed,
    sender: &Sender,
    from: &Address,
    to: &Address,
    now: NaiveDateTime,
) -> anyhow::Result<Vec<u8>> {
    let t = Tr::from_tag(&delivery.language).unwrap_or_default();
    let name = Some(one_line(&delivery.recipient)).filter(|name| *name != delivery.target);
    let (footer, body) = (sender.footer(t), enclosed.fill(&delivery.body));
    let plain = if footer.is_empty() { body.clone() } else { format!("{body}\n\n-- \n{footer}") };
    let html = markup::document(t.tag(), &delivery.subject, &body, footer);
    let mut builder = Message::builder()
        .from(Mailbox::new(Some(one_line(&sender.name)), from.clone()))
        .to(Mailbox::new(name, to.clone()))
        .subject(one_line(&delivery.subject))
        .date(now.and_utc().into())
        .message_id(Some(format!("<{}.{}@{}>", delivery.id, delivery.resends, sender.host)))
        .header(AutoSubmitted);
    if let Some(reply_to) = address(&sender.reply_to) {
        builder = builder.reply_to(Mailbox::new(None, reply_to));
    }
    let words = MultiPart::alternative_plain_html(plain, html);
    if enclosed.files.is_empty() {
        return Ok(builder.multipart(words)?.formatted());
    }
    let mut parts = MultiPart::mixed().multipart(words);
    for file in &enclosed.files {
        let kind = ContentType::parse(file.content_type)?;
        parts = parts.singlepart(Attachment::new(file.name.clone()).body(file.content.clone(), kind));
    }
    Ok(builder.multipart(parts)?.formatted())
}

/// An address, its domain as name servers know it; `None` for what is none.
fn address(text: &str) -> Option<Address> {
    let (local, domain) = text.rsplit_once('@')?;
    let domain = Host::parse(domain).ok()?.to_string();
    Address::new(local, domain).ok()
}
