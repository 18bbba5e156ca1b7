//! What is known of a request before anybody looks into it: its id, the caller's address, the language, the time it
//! takes. One middleware notes it, logs one line per request and sets the security headers.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use ipnet::IpNet;

use crate::i18n::Tr;
use crate::types::{Actor, Origin, Source};

use super::state::{OwnSession, State};
use super::ui::top_bar::Counter;
use super::{cookies, secret};

/// The facts of a request.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Its id.
    pub request_id: String,
    /// The address of the caller, seen through the trusted proxies.
    pub address: String,
    /// The caller's browser, cut to what is kept.
    pub user_agent: String,
    /// The language of the cookie or of the browser; a user's profile goes before it.
    pub language: Tr,
    /// The random value that CSRF tokens are bound to, and whether the browser has yet to be given it.
    pub csrf_nonce: (String, bool),
    /// Who stands behind the request, once that is known.
    identity: Rc<RefCell<Option<Known>>>,
}

/// Who stands behind a request.
#[derive(Debug, Clone)]
pub struct Known {
    /// The actor.
    pub actor: Arc<Actor>,
    /// The language of their profile.
    pub language: Option<Tr>,
    /// Whether they have to change their password first.
    pub must_change_password: bool,
    /// The session that they are signed in by, if it is one.
    pub session: Option<OwnSession>,
    /// What the top bar counts for them; empty where no whole page is asked for.
    pub counted: Vec<(Counter, i64)>,
}

impl Facts {
    /// The facts of a request; every request has them, because the middleware stands before all routes.
    pub fn of(request: &HttpRequest) -> Facts {
        let noted = request.extensions().get::<Facts>().cloned();
        noted.unwrap_or_else(|| Facts::read(request, &[]))
    }

    fn read(request: &HttpRequest, trusted: &[IpNet]) -> Facts {
        let language = cookies::language(request).or_else(|| {
            let header = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            Tr::from_accept_language(header)
        });
        let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let nonce = cookies::csrf_nonce(request);
        let fresh = nonce.is_none();
        Facts {
            request_id: secret::random_text(12),
            address: caller(request, trusted).map_or_else(String::new, |address| address.to_string()),
            user_agent: user_agent.unwrap_or_default().chars().take(255).collect(),
            language: language.unwrap_or_default(),
            csrf_nonce: (nonce.unwrap_or_else(|| secret::random_text(24)), fresh),
            identity: Rc::default(),
        }
    }

    /// Notes who stands behind the request.
    pub fn recognise(&self, known: Known) {
        *self.identity.borrow_mut() = Some(known);
    }

    /// Who stands behind the request, if anybody is known to.
    pub fn known(&self) -> Option<Known> {
        self.identity.borrow().clone()
    }

    /// The actor of the request; anonymous as long as nobody is known.
    pub fn actor(&self, source: Source) -> Arc<Actor> {
        let anonymous = || Arc::new(Actor::anonymous(self.origin(source)));
        self.known().map_or_else(anonymous, |known| known.actor)
    }

    /// The language to answer in.
    pub fn language(&self) -> Tr {
        self.known().and_then(|known| known.language).unwrap_or(self.language)
    }

    /// Where the request comes from, for the audit log.
    pub fn origin(&self, source: Source) -> Origin {
        Origin { source, request_id: self.request_id.clone(), address: self.address.clone() }
    }
}

/// The caller's address: the peer, or what the trusted proxies say of it, read from the nearest outwards.
fn caller(request: &HttpRequest, trusted: &[IpNet]) -> Option<IpAddr> {
    // A listener for both families names an IPv4 peer `::ffff:10.0.0.1`.
    let mut address = request.peer_addr()?.ip().to_canonical();
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        if !trusted.iter().any(|network| network.contains(&address)) {
            break;
        }
        let Ok(next) = hop.parse::<IpAddr>() else { break };
        address = next.to_canonical();
    }
    Some(address)
}

/// The middleware.
pub async fn note(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let state = request.app_data::<Data<State>>().cloned();
    let trusted = state.as_ref().map_or(&[][..], |state| &state.config.trusted_proxies);
    let facts = Facts::read(request.request(), trusted);
    let (method, path) = (request.method().clone(), request.path().to_owned());
    request.extensions_mut().insert(facts.clone());
    let https = state.is_some_and(|state| state.config.is_https());
    // A fault that comes through as one carries its answer: it leaves with the same headers and the same line.
    let answer = match next.call(request).await {
        Ok(mut response) => {
            set_headers(response.headers_mut(), &facts, https);
            Ok(response)
        }
        Err(fault) => {
            let mut response = fault.error_response();
            set_headers(response.headers_mut(), &facts, https);
            Err(InternalError::from_response(fault, response).into())
        }
    };
    let status = answer.as_ref().map_or_else(status_of, ServiceResponse::status);
    let known = facts.known();
    tracing::info!(
        target: "opcms::request",
        request_id = facts.request_id,
        %method,
        path,
        status = status.as_u16(),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        address = facts.address,
        user = known.as_ref().map(|known| known.actor.username.as_str()),
    );
    answer
}

fn status_of(fault: &actix_web::Error) -> StatusCode {
    fault.as_response_error().status_code()
}

/// Scripts and styles come from us alone; nothing inline, nothing evaluated, no framing, no form to elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

fn set_headers(headers: &mut HeaderMap, facts: &Facts, https: bool) {
    let mut set = |name: &'static str, value: &'static str| {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set("content-security-policy", CONTENT_SECURITY_POLICY);
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set("referrer-policy", "same-origin");
    set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    // A page shows what the caller may see at this moment; only assets may be kept.
    set("cache-control", "no-store");
    if https {
        set("strict-transport-security", "max-age=31536000; includeSubDomains");
    }
    if let Ok(value) = HeaderValue::from_str(&facts.request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service, try_call_service};
    use actix_web::{App, error};

    use super::*;

    async fn fail(_: ServiceRequest, _: Next<impl MessageBody>) -> Result<ServiceResponse, actix_web::Error> {
        Err(error::ErrorInternalServerError("a middleware gave up"))
    }

    #[actix_web::test]
    async fn a_fault_of_a_middleware_leaves_with_the_headers_of_every_answer() {
        let app = App::new().wrap(from_fn(fail)).wrap(from_fn(crate::web::error::dress)).wrap(from_fn(note));
        let fault = try_call_service(&init_service(app).await, TestRequest::get().to_request()).await;
        let response = fault.map(|_| ()).unwrap_err().error_response();
        assert_eq!(response.status(), 500);
        for name in ["x-request-id", "content-security-policy", "x-content-type-options", "cache-control"] {
            assert!(response.headers().contains_key(name), "{name}");
        }
        assert!(response.headers().get("content-type").unwrap().to_str().unwrap().starts_with("text/plain"));
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        for (peer, forwarded, address) in [
            ("203.0.113.9:1", "1.1.1.1", "203.0.113.9"),
            ("10.0.0.1:1", "198.51.100.7", "198.51.100.7"),
            ("10.0.0.1:1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
            ("10.0.0.1:1", "198.51.100.7, 10.2.3.4", "198.51.100.7"),
            ("[::ffff:10.0.0.1]:1", "198.51.100.7", "198.51.100.7"),
            ("10.0.0.1:1", "198.51.100.7, ::ffff:10.2.3.4", "198.51.100.7"),
            ("[::ffff:203.0.113.9]:1", "1.1.1.1", "203.0.113.9"),
            ("10.0.0.1:1", "garbage", "10.0.0.1"),
            ("10.0.0.1:1", "", "10.0.0.1"),
        ] {
            let request = TestRequest::default()
                .peer_addr(peer.parse().unwrap())
                .insert_header(("x-forwarded-for", forwarded))
                .to_http_request();
            assert_eq!(caller(&request, &trusted).unwrap().to_string(), address, "{peer} {forwarded}");
        }
    }
}
