//! A fault as the caller sees it: a page with a way back, a toast for htmx, `application/problem+json` for the API.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, ResponseError};
use askama::Template;
use serde_json::json;

use crate::i18n::{Message, Tr};
use crate::types::{Error, FieldErrors};

use super::access;
use super::ctx::Ctx;
use super::request::Facts;
use super::ui::{Ui, filters};
use super::{Page, Response};

/// Where one signs in.
pub const SIGN_IN: &str = "/sign-in";
/// Where one changes one's password.
pub const PASSWORD: &str = "/profile/password";

/// An [`Error`] on its way through actix.
#[derive(Debug)]
struct Carried(Error);

impl std::fmt::Display for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Carried {
    fn status_code(&self) -> StatusCode {
        status(&self.0)
    }
}

/// Wraps a fault for actix's extractors.
pub fn to_actix(fault: Error) -> actix_web::Error {
    Carried(fault).into()
}

/// Unwraps a fault that came through actix's extractors; its own are requests that cannot be read.
pub fn from_actix(fault: &actix_web::Error) -> Error {
    if let Some(Carried(fault)) = fault.as_error::<Carried>() {
        return copy(fault);
    }
    let response = fault.as_response_error();
    match response.status_code().as_u16() {
        // A path whose id is no number is a page that does not exist.
        404 => Error::NotFound,
        413 => Error::BadRequest(413, Message::new(Tr::error_too_large_text)),
        status @ 400..500 => Error::BadRequest(status, Message::new(Tr::error_body_text)),
        _ => Error::Internal(anyhow::anyhow!("{response}")),
    }
}

/// Faults are looked at through actix by reference only.
fn copy(fault: &Error) -> Error {
    match fault {
        Error::NotFound => Error::NotFound,
        Error::SignIn => Error::SignIn,
        Error::MustChangePassword => Error::MustChangePassword,
        Error::Forbidden => Error::Forbidden,
        Error::Refused(refusal) => Error::Refused(refusal.clone()),
        Error::Invalid(errors) => Error::Invalid(errors.clone()),
        Error::BadRequest(status, message) => Error::BadRequest(*status, message.clone()),
        Error::Stale => Error::Stale,
        Error::Busy(seconds, message) => Error::Busy(*seconds, message.clone()),
        Error::Deadlock => Error::Deadlock,
        Error::Contended => Error::Contended,
        Error::Unavailable(text) => Error::Unavailable(text.clone()),
        Error::Internal(cause) => Error::Internal(anyhow::anyhow!("{cause:#}")),
    }
}

/// The HTTP status of a fault.
pub fn status(fault: &Error) -> StatusCode {
    match fault {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::SignIn => StatusCode::UNAUTHORIZED,
        Error::Forbidden | Error::MustChangePassword => StatusCode::FORBIDDEN,
        Error::Refused(_) | Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Stale => StatusCode::CONFLICT,
        Error::Busy(..) => StatusCode::TOO_MANY_REQUESTS,
        Error::Deadlock | Error::Contended | Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::BadRequest(status, _) => StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST),
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The stable code of a fault, for the API.
fn code(fault: &Error) -> &'static str {
    match fault {
        Error::NotFound => "not_found",
        Error::SignIn => "unauthorized",
        Error::Forbidden => "forbidden",
        Error::MustChangePassword => "must_change_password",
        Error::Refused(refusal) => refusal.code,
        Error::Invalid(_) => "invalid",
        Error::BadRequest(..) => "bad_request",
        Error::Stale => "stale",
        Error::Busy(..) => "too_many_requests",
        Error::Deadlock | Error::Contended => "contended",
        Error::Unavailable(_) => "unavailable",
        Error::Internal(_) => "internal",
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorView {
    title: &'static str,
    ui: Ui,
    status: u16,
    text: String,
    request_id: String,
}

/// Answers with a fault. What only we can mend is logged here, once, with its cause.
pub fn answer(request: &HttpRequest, fault: &Error) -> Response {
    let facts = Facts::of(request);
    match fault {
        Error::Internal(cause) => {
            tracing::error!(request_id = facts.request_id, cause = format!("{cause:#}"), "fault");
        }
        Error::Unavailable(cause) => tracing::warn!(request_id = facts.request_id, cause, "unavailable"),
        _ => {}
    }
    if request.path().starts_with("/api/") {
        return problem(fault, &facts);
    }
    let Ok(ctx) = Ctx::of(request) else { return Response::InternalServerError().finish() };
    match fault {
        Error::SignIn => return go_to_sign_in(&ctx),
        Error::MustChangePassword => return go_instead(&ctx, PASSWORD),
        _ => {}
    }
    page(&ctx, fault)
}

fn page(ctx: &Ctx, fault: &Error) -> Response {
    let status = status(fault);
    let mut text = fault.message(ctx.t);
    if let Error::Invalid(errors) = fault {
        text = sentences(errors, ctx.t);
    }
    let (title, request_id) = (title(fault, ctx.t), ctx.facts.request_id.clone());
    let view = ErrorView { title, ui: ctx.ui(), status: status.as_u16(), text, request_id };
    let mut response = Page::new(ctx, title, &view).status(status).respond();
    if let Error::Busy(seconds, _) = fault
        && let Ok(value) = header::HeaderValue::from_str(&seconds.to_string())
    {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

fn title(fault: &Error, t: Tr) -> &'static str {
    match fault {
        Error::NotFound => t.error_not_found_title(),
        Error::Forbidden => t.error_forbidden_title(),
        Error::Unavailable(_) => t.error_unavailable_title(),
        Error::Internal(_) => t.error_internal_title(),
        Error::Stale | Error::Deadlock | Error::Contended => t.error_stale_title(),
        Error::Busy(..) => t.error_busy_title(),
        _ => t.error_refused_title(),
    }
}

fn sentences(errors: &FieldErrors, t: Tr) -> String {
    errors
        .iter()
        .map(|(field, message)| format!("{field}: {}", message.text(t)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Anonymous callers of a page are led to sign in, and back to where they wanted to go.
fn go_to_sign_in(ctx: &Ctx) -> Response {
    let back = ctx.page();
    let target = match serde_html_form::to_string([("next", back.as_str())]) {
        Ok(query) if back != "/" => format!("{SIGN_IN}?{query}"),
        _ => SIGN_IN.to_owned(),
    };
    if ctx.had_session() && !ctx.is_htmx() {
        return ctx.refused(target, ctx.t.error_session_over_text());
    }
    go_instead(ctx, &target)
}

/// Leads to a page that has to come first. A plain redirect of htmx would put it into the part that was asked for.
fn go_instead(ctx: &Ctx, url: &str) -> Response {
    if ctx.is_htmx() {
        return Response::Unauthorized().insert_header(("HX-Redirect", url)).finish();
    }
    ctx.go(url)
}

/// The sentence for a program: it has a token where a person has an account.
fn detail(fault: &Error, t: Tr) -> String {
    match fault {
        Error::SignIn => t.error_token_text().to_owned(),
        Error::Forbidden => t.error_token_forbidden_text().to_owned(),
        other => other.message(t),
    }
}

/// The fault as `application/problem+json` (RFC 9457).
pub fn problem(fault: &Error, facts: &Facts) -> Response {
    let (status, t) = (status(fault), facts.language());
    let mut body = json!({
        "type": format!("urn:opcms:problem:{}", code(fault)),
        "title": title(fault, t),
        "status": status.as_u16(),
        "code": code(fault),
        "detail": detail(fault, t),
        "request_id": facts.request_id,
    });
    if let (Error::Invalid(errors), Some(object)) = (fault, body.as_object_mut()) {
        let fields =
            errors.iter().map(|(field, message)| json!({"field": field, "message": message.text(t)}));
        object.insert("errors".into(), fields.collect());
    }
    let mut response = Response::build(status);
    if let Error::Busy(seconds, _) = fault {
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if matches!(fault, Error::SignIn) {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    response.content_type("application/problem+json").body(body.to_string())
}

/// For a path that nothing is registered at.
pub async fn not_found(request: HttpRequest) -> Response {
    answer_stranger(&request, Error::NotFound).await
}

/// For a path that is registered for other methods.
pub async fn method_not_allowed(request: HttpRequest) -> Response {
    answer_stranger(&request, Error::BadRequest(405, Message::new(Tr::error_method_text))).await
}

/// A reader who is signed in keeps the frame of the application, and forms in it that work.
async fn answer_stranger(request: &HttpRequest, fault: Error) -> Response {
    let fault = access::greet(request).await.err().unwrap_or(fault);
    answer(request, &fault)
}

/// The last resort: a fault of a middleware, which knows nothing of our pages, still gets a sentence and the request's
/// id. The request itself must not be kept here: actix needs the only hold on it for its routing.
pub async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let facts = Facts::of(request.request());
    let is_api = request.path().starts_with("/api/");
    next.call(request).await.map_err(|fault| {
        let known = from_actix(&fault);
        if let Error::Internal(cause) = &known {
            tracing::error!(request_id = facts.request_id, cause = format!("{cause:#}"), "fault");
        }
        let response = if is_api {
            problem(&known, &facts)
        } else {
            let text = format!("{} ({})", known.message(facts.language()), facts.request_id);
            Response::build(status(&known)).content_type("text/plain; charset=utf-8").body(text)
        };
        InternalError::from_response(fault, response).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_our_fault_is_told_from_asking_too_often() {
        assert_eq!(status(&Error::Contended), 503);
        assert_eq!(status(&Error::Deadlock), 503);
        assert_eq!(status(&Error::Busy(1, Message::new(Tr::error_contended_text))), 429);
    }
}
