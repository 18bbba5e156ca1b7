//! Clients: a browser with its cookies and forms, and a program with its token.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use actix_web::cookie::Cookie;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use opcms::types::ids::UserId;
use opcms::web::secret::Secret;

use super::app::{Door, TestApp};
use super::html;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Asserts the status.
    #[track_caller]
    pub fn status(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.summary());
        self
    }

    /// Asserts that it went well.
    #[track_caller]
    pub fn ok(self) -> Answer {
        self.status(200)
    }

    /// Asserts that it leads elsewhere.
    #[track_caller]
    pub fn see_other(self, location: &str) -> Answer {
        assert_eq!((self.status, self.header("location")), (303, Some(location)), "{}", self.summary());
        self
    }

    /// Asserts that the body holds a text.
    #[track_caller]
    pub fn contains(self, text: &str) -> Answer {
        assert!(self.body.contains(text), "{text:?} is missing: {}", self.summary());
        self
    }

    /// Asserts that the body does not hold a text.
    #[track_caller]
    pub fn lacks(self, text: &str) -> Answer {
        assert!(!self.body.contains(text), "{text:?} should not be there: {}", self.summary());
        self
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What is said at a field: `name` or `f-name`.
    #[track_caller]
    pub fn field_error(&self, field: &str) -> String {
        let id = format!("f-{}-error", field.strip_prefix("f-").unwrap_or(field));
        html::text_of(&self.body, &id)
            .unwrap_or_else(|| panic!("nothing is said at {field}: {}", self.summary()))
    }

    /// An attribute of the element with an id.
    #[track_caller]
    pub fn attribute_of(&self, id: &str, name: &str) -> String {
        let element =
            html::elements(&self.body).into_iter().find(|element| element.attribute("id") == Some(id));
        let element = element.unwrap_or_else(|| panic!("there is no #{id}: {}", self.summary()));
        element.attribute(name).map_or_else(|| panic!("#{id} has no {name}"), str::to_owned)
    }

    /// What is said once: in the cookie of a redirect, or above the body of a page.
    #[track_caller]
    pub fn flash(&self) -> String {
        let mut cookies = self.headers.get_all(header::SET_COOKIE).filter_map(|value| value.to_str().ok());
        let kept = cookies.find_map(|cookie| cookie.strip_prefix("opcms_flash="));
        if let Some((text, _)) = kept.and_then(|cookie| cookie.split_once('.')) {
            let flash: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
            return flash["text"].as_str().unwrap().to_owned();
        }
        let shown = html::elements(&self.body).into_iter().find(|element| element.has_class("flash"));
        shown.unwrap_or_else(|| panic!("nothing is said: {}", self.summary())).text
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|fault| panic!("{fault}: {}", self.summary()))
    }

    /// The `code` of a problem.
    #[track_caller]
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.summary());
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// The fields of the page's form for `action`, filled as the browser would send them untouched.
    #[track_caller]
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        html::form(&self.body, action).unwrap_or_else(|| panic!("no form for {action}: {}", self.summary()))
    }

    /// What a failed assertion shows.
    pub fn summary(&self) -> String {
        let text = html::visible_text(&self.body);
        let text: String = text.chars().take(600).collect();
        format!("{} {:?}\n{text}", self.status, self.header("location").unwrap_or_default())
    }
}

/// A browser: keeps cookies, sends forms with the token of the last page.
pub struct Client {
    door: Door,
    secret: Secret,
    cookies: RefCell<BTreeMap<String, String>>,
    csrf: RefCell<Option<String>>,
    language: RefCell<Option<String>>,
    address: RefCell<String>,
    user: Cell<u64>,
}

impl Client {
    pub(super) fn new(app: &TestApp) -> Client {
        Client {
            door: app.door.clone(),
            secret: app.secret.clone(),
            cookies: RefCell::default(),
            csrf: RefCell::default(),
            language: RefCell::default(),
            address: RefCell::new("192.0.2.10".into()),
            user: Cell::new(0),
        }
    }

    pub(super) fn is_user(&self, user: UserId) {
        self.user.set(user.0);
        *self.csrf.borrow_mut() = None;
    }

    /// Calls from another address from now on.
    pub fn from(self, address: &str) -> Client {
        address.clone_into(&mut self.address.borrow_mut());
        self
    }

    /// Prefers a language from now on, as a browser says it.
    pub fn accepting(self, languages: &str) -> Client {
        *self.language.borrow_mut() = Some(languages.to_owned());
        self
    }

    /// Switches the language with the switch of the page.
    pub async fn switch_language(&self, tag: &str) -> Answer {
        self.post("/language", &[("language", tag), ("back", "/")]).await
    }

    /// Signs in through the page.
    pub async fn sign_in(&self, username: &str, password: &str) -> Answer {
        self.get("/sign-in").await.ok();
        self.post("/sign-in", &[("username", username), ("password", password)]).await
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Asks for a part of a page, as htmx does.
    pub async fn get_part(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).insert_header(("hx-request", "true"))).await
    }

    /// Sends a form, with the token of the last page.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf_token();
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post_exactly(path, &all).await
    }

    /// Sends a form as it is: without a token, or with a wrong one.
    pub async fn post_exactly(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_html_form::to_string(fields).unwrap();
        self.post_body(path, "application/x-www-form-urlencoded", body).await
    }

    /// Sends a body of any kind.
    pub async fn post_body(&self, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self.request(Method::POST, path).insert_header((header::CONTENT_TYPE, kind));
        self.send(request.set_payload(body.into())).await
    }

    /// Sends the page's form for `action`, with these fields filled in; all others stay as they were.
    pub async fn submit(&self, page: &Answer, action: &str, filled: &[(&str, &str)]) -> Answer {
        let mut fields = page.form(action);
        fields.retain(|(name, _)| filled.iter().all(|(other, _)| other != name));
        fields.extend(filled.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post_exactly(action, &fields).await
    }

    /// Sends a form that takes a file along.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let token = self.csrf_token();
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.upload_exactly(path, &all, Some(file)).await
    }

    /// Sends these parts and the file, in this order.
    pub async fn upload_exactly(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &[u8])>,
    ) -> Answer {
        const BOUNDARY: &str = "----opcms-test-boundary";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part =
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        if let Some((name, content)) = file {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.post_body(path, &format!("multipart/form-data; boundary={BOUNDARY}"), body).await
    }

    /// The token that the forms of this browser carry: that of the last page, or the one that the next would show.
    pub fn csrf_token(&self) -> String {
        if let Some(token) = &*self.csrf.borrow() {
            return token.clone();
        }
        let mut cookies = self.cookies.borrow_mut();
        let nonce = cookies.entry("opcms_csrf".into()).or_insert_with(|| "a-nonce-for-tests-only".into());
        self.secret.sign("csrf", &format!("{nonce}:{}", self.user.get()))
    }

    /// A cookie of this browser.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Puts a cookie into this browser.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.into(), value.into());
    }

    /// A request of this browser, for what the other methods do not offer.
    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        let address = format!("{}:40000", self.address.borrow());
        let mut request = TestRequest::with_uri(path).method(method).peer_addr(address.parse().unwrap());
        let cookies: Vec<_> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.insert_header((header::COOKIE, cookies.join("; ")));
        }
        if let Some(language) = &*self.language.borrow() {
            request = request.insert_header((header::ACCEPT_LANGUAGE, language.as_str()));
        }
        request
    }

    /// Sends a request and keeps what a browser keeps of the answer.
    pub async fn send(&self, request: TestRequest) -> Answer {
        let answer = (self.door)(request).await;
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = Cookie::parse(value.to_str().unwrap().to_owned()).unwrap();
            let ends = cookie.max_age().is_some_and(|age| age.is_zero());
            let (name, value) = (cookie.name().to_owned(), cookie.value().to_owned());
            let mut cookies = self.cookies.borrow_mut();
            if ends {
                cookies.remove(&name)
            } else {
                cookies.insert(name, value)
            };
        }
        if let Some(token) = html::csrf(&answer.body) {
            *self.csrf.borrow_mut() = Some(token);
        }
        answer
    }
}

/// A program that speaks JSON.
pub struct Api {
    door: Door,
    token: Option<String>,
}

impl Api {
    pub(super) fn new(app: &TestApp, token: Option<String>) -> Api {
        Api { door: app.door.clone(), token }
    }

    /// With another token, real or not.
    pub fn with_token(app: &TestApp, token: &str) -> Api {
        Api::new(app, Some(token.to_owned()))
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Creates.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).set_json(body)).await
    }

    /// Creates, once per key.
    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Answer {
        let request = self.request(Method::POST, path).insert_header(("idempotency-key", key));
        self.send(request.set_json(body)).await
    }

    /// Changes.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).set_json(body)).await
    }

    /// Ends.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A request of this program, for what the other methods do not offer.
    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        let request =
            TestRequest::with_uri(path).method(method).peer_addr("192.0.2.20:40000".parse().unwrap());
        match &self.token {
            Some(token) => request.insert_header((header::AUTHORIZATION, format!("Bearer {token}"))),
            None => request,
        }
    }

    /// Sends a request.
    pub async fn send(&self, request: TestRequest) -> Answer {
        (self.door)(request).await
    }
}
