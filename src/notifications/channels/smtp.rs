//! The conversation with a mail server, step by step, so that it is known how far it came when it breaks off: before the
//! content was sent nothing has happened, after it anything may have.

use std::future::Future;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use url::{Host, Url, form_urlencoded};

use crate::i18n::{Said, Tr};
use crate::notifications::deliveries::model::Outcome;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a server may take for one answer, unless the URL says otherwise. Not longer than a minute: all steps
/// together stay within the lease of a delivery.
const PATIENCE: u64 = 30;

/// How the conversation is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// From its first byte.
    Always,
    /// After its first words, or not at all.
    Required,
    /// After its first words where the server offers it; a password is never sent without.
    Offered,
    /// Never: for a server on this machine.
    Never,
}

/// A server that takes mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the conversation is encrypted.
    pub encryption: Encryption,
    /// User and password.
    pub credentials: Option<(String, String)>,
    /// How long it may take for one answer.
    pub patience: Duration,
}

impl Server {
    /// The server of a URL, as `.env.example` describes it.
    ///
    /// # Errors
    /// What is wrong with the URL, in a sentence for the operator.
    pub fn parse(url: &Url) -> Result<Server, String> {
        let host = match url.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => return Err("OPCMS_SMTP_URL names no host.".into()),
        };
        let always = url.scheme() == "smtps";
        let mut server = Server {
            host,
            port: url.port().unwrap_or(if always { 465 } else { 587 }),
            encryption: if always { Encryption::Always } else { Encryption::Offered },
            credentials: url.password().map(|password| (decoded(url.username()), decoded(password))),
            patience: Duration::from_secs(PATIENCE),
        };
        for (name, value) in url.query_pairs() {
            match (&*name, &*value) {
                ("tls", "required") if !always => server.encryption = Encryption::Required,
                ("tls", "none") if !always => server.encryption = Encryption::Never,
                ("timeout", seconds) => {
                    let seconds = seconds.parse().ok().filter(|seconds| (1..=60).contains(seconds));
                    let wrong =
                        "The timeout of OPCMS_SMTP_URL must be a whole number of seconds from 1 to 60.";
                    server.patience = Duration::from_secs(seconds.ok_or(wrong)?);
                }
                _ => return Err(format!("OPCMS_SMTP_URL does not understand {name}={value}.")),
            }
        }
        Ok(server)
    }

    /// Hands over a mail.
    pub async fn deliver(&self, from: &Address, to: &Address, content: &[u8]) -> Outcome {
        let mut connection = match self.open().await {
            Ok(connection) => connection,
            Err(outcome) => return outcome,
        };
        let outcome =
            self.converse(&mut connection, from, to, content).await.unwrap_or_else(|outcome| outcome);
        if !matches!(outcome, Outcome::Uncertain(_)) {
            // Good manners; what was agreed stands without them.
            let _ = tokio::time::timeout(Duration::from_secs(2), connection.quit()).await;
        }
        outcome
    }

    /// A connection that mail can be handed over on. Nothing that fails here is the fault of a mail.
    async fn open(&self) -> Result<AsyncSmtpConnection, Outcome> {
        let hello = ClientId::default();
        let tls = || TlsParameters::new(self.host.clone()).map_err(|fault| unreached(&describe(&fault)));
        let wrapper = if self.encryption == Encryption::Always { Some(tls()?) } else { None };
        let address = (self.host.clone(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &hello, wrapper, None);
        let mut connection = self.wait(CONNECT, connecting, |fault| unreached(&describe(fault))).await?;
        let upgrades = match self.encryption {
            Encryption::Always | Encryption::Never => false,
            Encryption::Required => true,
            Encryption::Offered => connection.can_starttls(),
        };
        if upgrades {
            let upgrading = connection.starttls(tls()?, &hello);
            self.wait(Duration::ZERO, upgrading, |fault| unreached(&describe(fault))).await?;
        }
        if let Some((user, password)) = &self.credentials {
            if !connection.is_encrypted() && self.encryption != Encryption::Never {
                return Err(Outcome::Later(Said::new(Tr::mail_fault_unencrypted)));
            }
            let credentials = Credentials::new(user.clone(), password.clone());
            let signing_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
            let fault = |fault: &SmtpError| {
                let why = describe(fault);
                Outcome::Later(Said::new(|t: Tr| t.mail_fault_sign_in(&why)))
            };
            self.wait(Duration::ZERO, signing_in, fault).await?;
        }
        Ok(connection)
    }

    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Address,
        to: &Address,
        content: &[u8],
    ) -> Result<Outcome, Outcome> {
        let mut parameters = Vec::new();
        if [from, to].iter().any(|address| !address.to_string().is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Outcome::Refused(Said::new(Tr::mail_fault_address_characters)));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let none = Duration::ZERO;
        self.wait(none, connection.command(Mail::new(Some(from.clone()), parameters)), before_content)
            .await?;
        self.wait(none, connection.command(Rcpt::new(to.clone(), Vec::new())), before_content).await?;
        self.wait(none, connection.command(Data), before_content).await?;
        let taken = tokio::time::timeout(self.patience, connection.message(content)).await;
        match taken {
            Ok(Ok(response)) => Ok(Outcome::Sent(first_line(&response))),
            Ok(Err(fault)) => Err(after_content(&fault)),
            Err(_) => Err(Outcome::Uncertain(Said::new(Tr::mail_fault_no_answer))),
        }
    }

    /// One step before the content: whatever takes too long can be tried again.
    async fn wait<T>(
        &self,
        more: Duration,
        step: impl Future<Output = Result<T, SmtpError>>,
        fault: impl FnOnce(&SmtpError) -> Outcome,
    ) -> Result<T, Outcome> {
        match tokio::time::timeout(self.patience + more, step).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(fault(&error)),
            Err(_) => Err(Outcome::Later(Said::new(Tr::mail_fault_slow))),
        }
    }
}

fn unreached(why: &str) -> Outcome {
    Outcome::Later(Said::new(|t: Tr| t.mail_fault_unreached(why)))
}

fn before_content(fault: &SmtpError) -> Outcome {
    let why = describe(fault);
    if fault.is_permanent() {
        Outcome::Refused(Said::new(|t: Tr| t.mail_fault_refused(&why)))
    } else {
        Outcome::Later(Said::new(|t: Tr| t.mail_fault_postponed(&why)))
    }
}

fn after_content(fault: &SmtpError) -> Outcome {
    if fault.is_permanent() || fault.is_transient() {
        return before_content(fault);
    }
    Outcome::Uncertain(Said::new(Tr::mail_fault_no_answer))
}

/// What the server said, with its code; or what is wrong with the connection.
fn describe(fault: &SmtpError) -> String {
    let mut texts: Vec<String> = fault.status().map(|code| code.to_string()).into_iter().collect();
    let mut next = std::error::Error::source(fault);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        next = cause.source();
    }
    let text = if texts.is_empty() { fault.to_string() } else { texts.join(" ") };
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn first_line(response: &Response) -> Option<String> {
    response.first_line().map(|line| line.chars().filter(|c| !c.is_control()).take(255).collect())
}

/// User and password are percent-encoded in a URL; a plus sign is one.
fn decoded(text: &str) -> String {
    let query = format!("v={}", text.replace('+', "%2B"));
    form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Result<Server, String> {
        Server::parse(&text.parse().unwrap())
    }

    #[test]
    fn a_url_says_where_and_how() {
        let plain = server("smtp://mail.example.com").unwrap();
        assert_eq!((plain.port, plain.encryption), (587, Encryption::Offered));
        assert_eq!(plain.credentials, None);
        let full = server("smtps://me%40a.cn:p%3Aw+d%2F@mail.example.com:2465?timeout=3").unwrap();
        assert_eq!((full.port, full.encryption), (2465, Encryption::Always));
        assert_eq!(full.credentials, Some(("me@a.cn".into(), "p:w+d/".into())));
        assert_eq!(full.patience, Duration::from_secs(3));
        assert_eq!(server("smtp://[::1]:25?tls=none").unwrap().host, "::1");
        assert_eq!(server("smtp://a?tls=required").unwrap().encryption, Encryption::Required);
        for wrong in ["smtp://a?tls=maybe", "smtps://a?tls=none", "smtp://a?timeout=0", "smtp://a?x=1"] {
            assert!(server(wrong).is_err(), "{wrong}");
        }
    }
}
