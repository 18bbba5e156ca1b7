//! What a handler works with: who asks, in which language, and the units of work in their name.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::web::{self, Data};
use actix_web::{FromRequest, HttpRequest};
use chrono::NaiveDateTime;
use url::{Position, Url};

use crate::db::{Database, Db, Tx};
use crate::i18n::Tr;
use crate::types::{Actor, Error, Result, Source};

use super::cookies::{self, Flash, FlashKind};
use super::request::Facts;
use super::routes::RouteInfo;
use super::state::{OwnSession, State};
use super::ui::Ui;
use super::{Response, csrf};

/// How long a request waits for a place to hash a password in.
const HASH_PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// A request, as a handler sees it.
#[derive(Clone)]
pub struct Ctx {
    /// The language to answer in.
    pub t: Tr,
    /// Who asks.
    pub actor: Arc<Actor>,
    /// What is known of the request.
    pub facts: Facts,
    /// The state of the application.
    pub state: Data<State>,
    /// The request itself, for what the platform needs of it.
    pub(super) request: HttpRequest,
}

impl Ctx {
    /// The context of a request whose caller has been recognised.
    pub fn of(request: &HttpRequest) -> Result<Ctx> {
        let facts = Facts::of(request);
        let source = if request.path().starts_with("/api/") { Source::Api } else { Source::Web };
        Ok(Ctx {
            t: facts.language(),
            actor: facts.actor(source),
            facts,
            state: State::of(request)?,
            request: request.clone(),
        })
    }

    /// Now (UTC).
    pub fn now(&self) -> NaiveDateTime {
        self.state.db.clock().now()
    }

    /// Reads in one go on a thread that may block.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (state, actor) = (self.state.clone(), Arc::clone(&self.actor));
        self.block(move || state.db.read(&actor, work)).await
    }

    /// Writes in one transaction on a thread that may block. The closure may run twice: after a deadlock.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (state, actor) = (self.state.clone(), Arc::clone(&self.actor));
        self.block(move || state.db.write(&actor, work)).await
    }

    /// Does work that blocks without holding up other requests.
    pub async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        web::block(work).await.map_err(|fault| Error::Internal(fault.into()))?
    }

    /// Does work that is dear on purpose, such as hashing a password, with no more of it at once than configured.
    ///
    /// # Errors
    /// [`Error::Contended`] when no place becomes free in reasonable time.
    pub async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let hashers = Arc::clone(&self.state.password_hashers);
        let Ok(place) = tokio::time::timeout(HASH_PATIENCE, hashers.acquire_owned()).await else {
            return Err(Error::Contended);
        };
        let _place = place.map_err(|fault| Error::Internal(fault.into()))?;
        self.block(work).await
    }

    /// What work on another thread needs of the request, when it opens its units of work itself.
    pub fn clone_for_work(&self) -> Work {
        Work {
            db: self.state.db.clone(),
            actor: Arc::clone(&self.actor),
            user_agent: self.facts.user_agent.clone(),
        }
    }

    /// What templates need of the request.
    pub fn ui(&self) -> Ui {
        Ui {
            t: self.t,
            actor: Arc::clone(&self.actor),
            csrf: csrf::token(&self.facts, &self.state.secret),
            url: self.page(),
            now: self.now(),
        }
    }

    /// The page of a record, where its kind has one and the actor may open it.
    pub fn page_of(&self, kind: &str, id: u64) -> Option<String> {
        let info = self.state.routes().iter().find(|info| info.shows == Some(kind))?;
        let (before, rest) = info.path.split_once('{')?;
        let (_, after) = rest.split_once('}')?;
        info.access.admits(&self.actor).then(|| format!("{before}{id}{after}"))
    }

    /// The page that the browser shows: the one that was asked for, or the one whose form was sent.
    pub fn page(&self) -> String {
        if self.request.method() == Method::GET {
            return self.request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
        }
        self.referring_page().unwrap_or_else(|| "/".to_owned())
    }

    /// The page of ours on which a link was followed or a form sent.
    fn referring_page(&self) -> Option<String> {
        let referer = self.header("referer").and_then(|referer| Url::parse(referer).ok());
        let same_host = referer
            .filter(|url| self.header("host") == Some(&url[Position::BeforeHost..Position::AfterPort]));
        let path = same_host.map(|url| url[Position::BeforePath..Position::AfterQuery].to_owned());
        path.filter(|path| safe_path(path).is_some())
    }

    /// The page that led here where that was `path`, with its parameters; else `path` itself.
    pub fn came_from(&self, path: &str) -> String {
        let page = self.referring_page().filter(|page| page.split('?').next() == Some(path));
        page.unwrap_or_else(|| path.to_owned())
    }

    /// A page without parameters in its path, where there is one and the actor may open it.
    pub fn may_open(&self, path: &str) -> Option<&'static str> {
        let is_it = |info: &&RouteInfo| info.method == Method::GET && info.path == path;
        let info = self.state.routes().iter().find(is_it)?;
        info.access.admits(&self.actor).then_some(info.path)
    }

    /// The page that the form was sent from where that is `path`, with its parameters; else `path` itself.
    pub fn page_or(&self, path: &str) -> String {
        let page = self.page();
        if page.split('?').next() == Some(path) { page } else { path.to_owned() }
    }

    /// Whether htmx asks, and a part of the page is enough.
    pub fn is_htmx(&self) -> bool {
        self.request.headers().contains_key("hx-request")
    }

    /// Goes to another page, and says there that it is done.
    pub fn done(&self, url: impl AsRef<str>, text: impl Into<String>) -> Response {
        self.redirect(url.as_ref(), FlashKind::Success, text.into())
    }

    /// Goes to another page, and says there why it could not be done.
    pub fn refused(&self, url: impl AsRef<str>, text: impl Into<String>) -> Response {
        self.redirect(url.as_ref(), FlashKind::Danger, text.into())
    }

    /// Runs an action that has no form of its own to show faults in: done or refused, it goes to `url` and says so.
    pub fn outcome<T>(
        &self,
        outcome: Result<T>,
        url: impl AsRef<str>,
        done: impl Into<String>,
    ) -> Result<Response> {
        match outcome {
            Ok(_) => Ok(self.done(url, done)),
            Err(fault @ (Error::Refused(_) | Error::Stale | Error::Invalid(_))) => {
                Ok(self.refused(url, fault.message(self.t)))
            }
            Err(fault) => Err(fault),
        }
    }

    fn redirect(&self, url: &str, kind: FlashKind, text: String) -> Response {
        let https = self.state.config.is_https();
        let flash = cookies::keep_flash(&Flash { kind, text }, &self.state.secret, https);
        Response::SeeOther().insert_header((header::LOCATION, url)).cookie(flash).finish()
    }

    /// Goes to another page without a word.
    pub fn go(&self, url: impl AsRef<str>) -> Response {
        Response::SeeOther().insert_header((header::LOCATION, url.as_ref())).finish()
    }

    /// The session of the browser.
    pub fn session(&self) -> actix_session::Session {
        use actix_session::SessionExt as _;
        self.request.get_session()
    }

    /// Whether the browser brought the cookie of a session, be it over or not.
    pub fn had_session(&self) -> bool {
        self.request.cookie(cookies::SESSION).is_some()
    }

    /// Lets the session's cookie, should this request set it, outlive the browser.
    pub fn remember_session(&self) {
        cookies::remember_session(&self.request);
    }

    /// The browser's session.
    ///
    /// # Errors
    /// [`Error::SignIn`] when there is none.
    pub fn own_session(&self) -> Result<OwnSession> {
        self.facts.known().and_then(|known| known.session).ok_or(Error::SignIn)
    }

    /// Whether the caller has to change their password before anything else.
    pub fn must_change_password(&self) -> bool {
        self.facts.known().is_some_and(|known| known.must_change_password)
    }

    /// The language that was chosen in this browser, by somebody signed in or not.
    pub fn chosen_language(&self) -> Option<Tr> {
        cookies::language(&self.request)
    }

    /// A header of the request.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }
}

/// The part of a [`Ctx`] that can go to another thread.
#[derive(Clone)]
pub struct Work {
    /// The database.
    pub db: Database,
    /// Who asks.
    pub actor: Arc<Actor>,
    /// In which browser.
    pub user_agent: String,
}

impl FromRequest for Ctx {
    type Error = actix_web::Error;
    type Future = Ready<Result<Ctx, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ctx::of(request).map_err(super::error::to_actix))
    }
}

/// The page that a form or a switch should lead back to: a path of ours, never another site.
pub fn safe_path(path: &str) -> Option<&str> {
    let ours = path.starts_with('/') && !path.starts_with("//");
    // Browsers read a backslash as a slash and drop tabs and line breaks; no header takes any other control character.
    let plain = !path.contains(|c: char| c == '\\' || c.is_control());
    (ours && plain).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_led_back_to() {
        for (path, safe) in [
            ("/users?page=2", true),
            ("/", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("javascript:alert(1)", false),
            ("/\t/evil.example", false),
            ("/\u{0}", false),
            ("/users\r\nset-cookie: a=b", false),
            ("", false),
        ] {
            assert_eq!(safe_path(path).is_some(), safe, "{path:?}");
        }
    }
}
