//! The adapter for whoever answers HTTP with JSON: what to send, how to read what comes back, and where the next page
//! is, all of it configured on a page.

pub mod path;
pub mod reading;
pub mod requests;
pub mod settings;
#[cfg(test)]
mod tests;

use crate::i18n::{Said, Tr};
use crate::jobs::http::rules::{beginning, blot, refused};
use crate::web::outbound::{self, Answer, End, Outbound};

use super::{Cursor, DayRange, Fault, Fetching, Page, Source};
use reading::Reader;
use requests::Credential;
use settings::HttpSettings;

/// The most of an answer that is read.
pub const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// A source that answers HTTP with JSON.
pub struct HttpJson {
    outbound: Outbound,
    settings: HttpSettings,
    credential: Credential,
    reader: Reader,
}

/// What one request brought, for whoever tries a source out.
#[derive(Debug, Clone)]
pub struct Look {
    /// Where the request went, without secrets.
    pub url: String,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// How the answer begins, without secrets.
    pub beginning: String,
    /// What was read of it, or what is wrong.
    pub page: Result<Page, Fault>,
}

impl HttpJson {
    /// The source of this code, with these settings and the secret in clear, if it has one.
    ///
    /// # Errors
    /// A fault when the settings cannot be read: they were kept by another version.
    pub fn new(
        code: &str,
        outbound: Outbound,
        settings: HttpSettings,
        secret: Option<String>,
    ) -> Result<HttpJson, Fault> {
        let reader = Reader::new(code, &settings)
            .map_err(|_| Fault::Lasting(Said::new(Tr::sources_fault_settings)))?;
        Ok(HttpJson { outbound, settings, credential: Credential(secret), reader })
    }

    /// Asks for the first page and tells all that may be told of the answer.
    pub async fn look(&self, range: DayRange) -> Look {
        let cursor = Cursor::default();
        let url = requests::url(&self.settings, range, &cursor);
        let url = url.map_or_else(|_| self.settings.url.clone(), |url| self.hide(url.as_str()));
        let (status, beginning, page) = match self.ask(range, &cursor).await {
            Ok(answer) => {
                let page = self.read(&answer, range, &cursor);
                (Some(answer.status), beginning(&self.hide(&answer.body)).to_owned(), page)
            }
            Err(fault) => (None, String::new(), Err(fault)),
        };
        Look { url, status, beginning, page }
    }

    async fn ask(&self, range: DayRange, cursor: &Cursor) -> Result<Answer, Fault> {
        let request = requests::request(&self.settings, &self.credential, range, cursor)?;
        let patience = request.patience;
        let begun = std::time::Instant::now();
        let answer = self.outbound.fetch(request, MAX_ANSWER).await;
        answer.map_err(|fault| self.told(fault, begun.elapsed() >= patience))
    }

    /// Why no answer came, in words, and whether it is worth trying again. A request that reads may be sent twice.
    fn told(&self, fault: outbound::Fault, is_late: bool) -> Fault {
        match fault {
            outbound::Fault::Forbidden(reason) => {
                let message = refused(reason);
                Fault::Lasting(Said::new(|t| message.text(t)))
            }
            outbound::Fault::Unreached(cause) => {
                let cause = cause.to_lowercase();
                let is_tls = ["certificate", "tls", "handshake"].iter().any(|word| cause.contains(word));
                Fault::Passing(Said::new(|t| {
                    if is_tls { t.jobs_http_tls() } else { t.sources_fault_unreached() }
                }))
            }
            outbound::Fault::Unanswered(_) if is_late => {
                let seconds = self.settings.timeout_seconds;
                Fault::Passing(Said::new(|t| t.sources_fault_late(seconds)))
            }
            outbound::Fault::Unanswered(_) => Fault::Passing(Said::new(Tr::sources_fault_broken)),
        }
    }

    fn read(&self, answer: &Answer, range: DayRange, cursor: &Cursor) -> Result<Page, Fault> {
        judge(answer)?;
        self.reader.read(&answer.body, range, cursor)
    }

    /// A text without the secret, however it is written there.
    fn hide(&self, text: &str) -> String {
        let written = self.credential.ways_to_write(&self.settings);
        blot(text, written.iter().map(String::as_str))
    }
}

impl Source for HttpJson {
    fn fetch<'a>(&'a self, range: DayRange, cursor: &'a Cursor) -> Fetching<'a> {
        Box::pin(async move {
            let answer = self.ask(range, cursor).await?;
            self.read(&answer, range, cursor)
        })
    }
}

/// Whether an answer is one that can be read: all of it, and with a status that says so.
fn judge(answer: &Answer) -> Result<(), Fault> {
    let status = answer.status;
    match status {
        200..=299 => {}
        300..=399 => return Err(Fault::Lasting(Said::new(|t| t.sources_fault_moved(status)))),
        401 | 403 => return Err(Fault::Lasting(Said::new(|t| t.sources_fault_unauthorised(status)))),
        // What is wrong with the request itself is wrong the next time, too.
        408 | 425 | 429 | 500..=599 => {
            return Err(Fault::Passing(Said::new(|t| t.sources_fault_status(status))));
        }
        _ => return Err(Fault::Lasting(Said::new(|t| t.sources_fault_status(status)))),
    }
    match answer.end {
        End::Whole => Ok(()),
        End::Cut => Err(Fault::Lasting(Said::new(|t| t.sources_fault_large(MAX_ANSWER / 1024 / 1024)))),
        End::Broken => Err(Fault::Passing(Said::new(Tr::sources_fault_broken))),
    }
}
