//! Who may pass: the check that runs before a handler, and before anything of the request's body is believed.

use std::sync::Arc;

use actix_session::SessionExt as _;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::web::{self, Data};

use crate::db::{Db, rate};
use crate::i18n::Tr;
use crate::types::{Actor, Error, Result, Source};

use super::csrf;
use super::request::{Facts, Known};
use super::routes::{Access, Door, RouteInfo};
use super::state::{Identity, State};
use super::ui::top_bar::TopBar;

/// The entries of the session's state that the platform reads.
pub mod session_keys {
    /// The hash of the session's key, under which the session is stored.
    pub const KEY_HASH: &str = "key_hash";
}

/// The header of what a page asks for by itself now and then: who only has a page open is not there, so that it keeps no
/// session alive.
const QUIET: &str = "x-quiet";

/// Lets the request through, or says why not.
pub async fn admit(request: &HttpRequest, info: &RouteInfo, payload: &mut Payload) -> Result<()> {
    let facts = Facts::of(request);
    let state = State::of(request)?;
    match info.door {
        Door::Page => recognise_session(request, &facts, &state, info.access).await?,
        Door::Api => recognise_token(request, &facts, &state, info.access).await?,
    }
    allow(&facts, info.access)?;
    let is_safe = [Method::GET, Method::HEAD].contains(&info.method);
    match info.door {
        // An upload is checked by its extractor, which reads the token before the file.
        Door::Page if !is_safe && !info.takes_upload => csrf::check_form(request, payload).await,
        _ => Ok(()),
    }
}

/// Recognises the caller of a path that has no route, so that the page which says so keeps its frame.
pub async fn greet(request: &HttpRequest) -> Result<()> {
    recognise_session(request, &Facts::of(request), &State::of(request)?, Access::Public).await
}

fn allow(facts: &Facts, access: Access) -> Result<()> {
    if access == Access::Public {
        return Ok(());
    }
    let known = facts.known().ok_or(Error::SignIn)?;
    if known.must_change_password && access != Access::SignedInPending {
        return Err(Error::MustChangePassword);
    }
    if access.admits(&known.actor) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Who the session's cookie stands for. On a public page a database that does not answer is no obstacle.
async fn recognise_session(
    request: &HttpRequest,
    facts: &Facts,
    state: &Data<State>,
    access: Access,
) -> Result<()> {
    let session = request.get_session();
    let Some(key_hash) = session.get::<String>(session_keys::KEY_HASH).ok().flatten() else { return Ok(()) };
    let anonymous = facts.actor(Source::Web);
    let work = state.clone();
    let is_quiet = request.headers().contains_key(QUIET);
    let is_whole_page = !request.headers().contains_key("hx-request");
    let read = move |db: &mut Db| {
        let Some(identity) = (work.identify.by_session)(db, &key_hash, !is_quiet)? else { return Ok(None) };
        let counted = match identity.actor.user_id.filter(|_| is_whole_page) {
            Some(user) => work.part::<TopBar>()?.count(db, user)?,
            None => Vec::new(),
        };
        Ok(Some((identity, counted)))
    };
    let database = state.db.clone();
    let found = web::block(move || database.read(&anonymous, read))
        .await
        .map_err(|fault| Error::Internal(fault.into()))?;
    match found {
        Ok(Some((identity, counted))) => {
            facts.recognise(Known { counted, ..known(identity, facts, Source::Web) });
        }
        // A purged session takes nothing more, not even the sign-in that this request may be about.
        Ok(None) | Err(Error::Unavailable(_)) if access == Access::Public => {}
        Ok(None) => session.purge(),
        Err(fault) => return Err(fault),
    }
    Ok(())
}

/// Who the token of the `Authorization` header stands for, and whether it may ask once more.
async fn recognise_token(
    request: &HttpRequest,
    facts: &Facts,
    state: &Data<State>,
    access: Access,
) -> Result<()> {
    let Some(header) = request.headers().get(header::AUTHORIZATION) else { return Ok(()) };
    let token = header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else { return Err(Error::SignIn) };
    let token = token.trim().to_owned();
    let anonymous = facts.actor(Source::Api);
    let work = state.clone();
    let found = web::block(move || {
        work.db.read(&anonymous, |db| {
            let identity = (work.identify.by_token)(db, &token)?;
            if let Some(id) = identity.as_ref().and_then(|identity| identity.actor.token_id) {
                rate::spend(db, &format!("token:{id}"), rate::PER_MINUTE)?;
            }
            Ok(identity)
        })
    })
    .await
    .map_err(|fault| Error::Internal(fault.into()))?;
    match found? {
        Some(identity) => facts.recognise(known(identity, facts, Source::Api)),
        None if access == Access::Public => {}
        None => return Err(Error::SignIn),
    }
    Ok(())
}

fn known(identity: Identity, facts: &Facts, source: Source) -> Known {
    Known {
        actor: Arc::new(Actor { origin: facts.origin(source), ..identity.actor }),
        language: identity.language.as_deref().and_then(Tr::from_tag),
        session: identity.session,
        must_change_password: identity.must_change_password,
        counted: Vec::new(),
    }
}
