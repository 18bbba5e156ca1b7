//! What is typed into the form of a source, checked.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::i18n::Tr;
use crate::jobs::http::rules as http;
use crate::types::ids::UserId;
use crate::types::{BillingMonth, FieldErrors, Result};
use crate::usage::adapters::http_json::path::Path;
use crate::usage::adapters::http_json::reading::{Codes, check_place};
use crate::usage::adapters::http_json::requests::SECRET;
use crate::usage::adapters::http_json::settings::{Auth, HttpSettings, Paging, Verb};
use crate::web::outbound::Outbound;
use crate::web::secret::Secret;

use super::model::{HttpDraft, PURPOSE, SourceDraft, UsageSource};
use super::rules;

/// An example of where records are.
pub const LIST: &str = "data.items[*]";

/// An example of where a value is.
pub const PLACE: &str = "customer.code";

/// The form of a source, as it was sent.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default)]
pub struct SourceForm {
    /// What records call it; fixed once the source exists.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// From which day on it should have usage of every day.
    pub expected_from: String,
    /// The method.
    pub method: String,
    /// The address, with placeholders.
    pub url: String,
    /// The headers, one a line.
    pub headers: String,
    /// The body, with placeholders.
    pub body: String,
    /// How the source knows who asks.
    pub auth: String,
    /// The username, or the name of the header.
    pub auth_name: String,
    /// The secret; blank keeps the one that there is.
    pub secret: String,
    /// The secret as it was typed before the source was tried out: sealed, for the same user and the same address.
    pub secret_draft: String,
    /// Where the next page is.
    pub paging: String,
    /// The number of the first page.
    pub first_page: String,
    /// How many records a page has.
    pub page_size: String,
    /// Where the answer names the next page.
    pub next_path: String,
    /// Where the records are.
    pub records_path: String,
    /// Where a record names the customer.
    pub company_path: String,
    /// Where a record names its day.
    pub day_path: String,
    /// Where a record names the meter.
    pub meter_path: String,
    /// Where a record names the series of devices.
    pub series_path: String,
    /// Where a record names the layer.
    pub layer_path: String,
    /// Where a record has its quantity.
    pub quantity_path: String,
    /// What their names of customers begin with.
    pub code_prefix: String,
    /// What their names of customers end with.
    pub code_suffix: String,
    /// Lines of `theirs = ours`.
    pub code_table: String,
    /// How many requests may be sent within a minute.
    pub per_minute: String,
    /// How many pages a day may have.
    pub max_pages: String,
    /// How long a request may take, in seconds.
    pub timeout_seconds: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
    /// `test` or `preview` to try it out and save nothing.
    pub trial: String,
    /// The day to try it out with.
    pub trial_day: String,
}

impl Default for SourceForm {
    fn default() -> SourceForm {
        let text = String::new;
        SourceForm {
            code: text(),
            name: text(),
            expected_from: text(),
            method: Verb::Get.to_string(),
            url: text(),
            headers: text(),
            body: text(),
            auth: Auth::Bearer.to_string(),
            auth_name: text(),
            secret: text(),
            secret_draft: text(),
            paging: Paging::Single.to_string(),
            first_page: "1".into(),
            page_size: "100".into(),
            next_path: text(),
            records_path: "data[*]".into(),
            company_path: "company_code".into(),
            day_path: text(),
            meter_path: "=shots".into(),
            series_path: text(),
            layer_path: text(),
            quantity_path: "quantity".into(),
            code_prefix: text(),
            code_suffix: text(),
            code_table: text(),
            per_minute: "60".into(),
            max_pages: "1000".into(),
            timeout_seconds: "30".into(),
            version: text(),
            trial: text(),
            trial_day: text(),
        }
    }
}

/// What a form is checked against.
pub struct Given<'a> {
    /// The client that will send the requests.
    pub outbound: &'a Outbound,
    /// What seals secrets.
    pub secret: &'a Secret,
    /// The source as it is; none for a new one.
    pub source: Option<&'a UsageSource>,
    /// Who sent the form.
    pub user: Option<UserId>,
}

impl SourceForm {
    /// The form of an existing source. Its secret stays where it is.
    pub fn of(source: &UsageSource) -> SourceForm {
        let form = SourceForm {
            code: source.code.clone(),
            name: source.name.clone(),
            expected_from: source.expected_from.map(|day| day.to_string()).unwrap_or_default(),
            version: source.version.to_string(),
            ..SourceForm::default()
        };
        let Some(http) = source.http() else { return form };
        SourceForm {
            method: http.method.to_string(),
            headers: http.header_lines().join("\n"),
            auth: http.auth.to_string(),
            paging: http.paging.to_string(),
            first_page: http.first_page.to_string(),
            page_size: http.page_size.to_string(),
            per_minute: http.per_minute.to_string(),
            max_pages: http.max_pages.to_string(),
            timeout_seconds: http.timeout_seconds.to_string(),
            url: http.url,
            body: http.body,
            auth_name: http.auth_name,
            next_path: http.next_path,
            records_path: http.records_path,
            company_path: http.company_path,
            day_path: http.day_path,
            meter_path: http.meter_path,
            series_path: http.series_path,
            layer_path: http.layer_path,
            quantity_path: http.quantity_path,
            code_prefix: http.code_prefix,
            code_suffix: http.code_suffix,
            code_table: http.code_table,
            ..form
        }
    }

    /// The version that was read; 0, which no source has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// Whether it is only to be tried out.
    pub fn is_trial(&self) -> bool {
        !self.trial.is_empty()
    }

    /// The source that the form asks for.
    pub fn check(&self, given: &Given<'_>) -> Result<SourceDraft> {
        let mut errors = FieldErrors::new();
        let code = match given.source {
            Some(source) => source.code.clone(),
            None => errors.required_line("code", &self.code, rules::MAX_CODE),
        };
        if !code.is_empty() && !rules::is_code(&code) {
            errors.add("code", Tr::sources_code_shape);
        }
        let name = errors.required_line("name", &self.name, 100);
        let is_fetched = given.source.is_none_or(UsageSource::is_fetched);
        let expected_from = errors.day("expected_from", &self.expected_from);
        if is_fetched && self.expected_from.trim().is_empty() {
            errors.add("expected_from", Tr::field_required);
        }
        let http = if is_fetched { Some(self.http(given, &mut errors)?) } else { None };
        errors.or(SourceDraft { code, name, expected_from, http }).map_err(Into::into)
    }

    /// What is to be sent and read, for trying it out: whatever does not matter for that may still be missing.
    pub fn check_trial(&self, given: &Given<'_>) -> Result<HttpDraft> {
        let mut errors = FieldErrors::new();
        let http = self.http(given, &mut errors)?;
        if errors.is_empty() && http.settings.auth != Auth::None && self.clear(given, &http)?.is_none() {
            errors.add("secret", Tr::sources_secret_required);
        }
        errors.or(http).map_err(Into::into)
    }

    /// The secret in clear that a trial sends: the one that was typed, or the one that may stay.
    pub fn clear(&self, given: &Given<'_>, draft: &HttpDraft) -> Result<Option<String>> {
        if let Some(sealed) = &draft.secret {
            return Ok(given.secret.open(PURPOSE, sealed));
        }
        let former = given.source.and_then(UsageSource::http);
        let stays = former.is_some_and(|former| rules::may_keep_secret(&former, &draft.settings));
        let sealed = given.source.and_then(|source| source.secret.as_ref()).filter(|_| stays);
        Ok(sealed.and_then(|sealed| given.secret.open(PURPOSE, sealed)))
    }

    /// The typed secret, sealed so that only the same user gets it back, and only for the same place.
    pub fn draft_of_secret(&self, given: &Given<'_>, draft: &HttpDraft) -> Result<String> {
        match draft.secret.as_ref().and_then(|sealed| given.secret.open(PURPOSE, sealed)) {
            Some(clear) => given.secret.seal(&self.draft_purpose(given), &clear),
            None => Ok(String::new()),
        }
    }

    fn draft_purpose(&self, given: &Given<'_>) -> String {
        let sample = crate::usage::adapters::http_json::requests::sample(&self.url);
        let place = url::Url::parse(&sample).map(|url| url.origin().ascii_serialization());
        let user = given.user.map(|user| user.0).unwrap_or_default();
        format!("{PURPOSE} draft {user} {} {}", self.auth, place.unwrap_or_default())
    }

    fn http(&self, given: &Given<'_>, errors: &mut FieldErrors) -> Result<HttpDraft> {
        let url = errors.required_line("url", &self.url, 2000);
        if !url.is_empty()
            && let Err(message) = rules::check_url(&url, given.outbound)
        {
            errors.add("url", move |t| message.text(t));
        }
        errors.optional_text("headers", &self.headers, 8000);
        let headers = self.checked_headers(errors);
        let method = code(errors, "method", &self.method, Verb::Get);
        let auth = code(errors, "auth", &self.auth, Auth::None);
        let body = self.checked_body(method, auth, errors);
        let auth_name = self.checked_auth_name(auth, errors);
        let paging = code(errors, "paging", &self.paging, Paging::Single);
        let places = format!("{} {}", self.url, self.body);
        self.check_paging(paging, &places, errors);
        let settings = HttpSettings {
            method,
            url,
            headers,
            body,
            auth,
            auth_name,
            secret_set_at: None,
            paging,
            first_page: number(errors, "first_page", &self.first_page, 0, 1_000_000),
            page_size: number(errors, "page_size", &self.page_size, 0, rules::MAX_PAGE_SIZE),
            next_path: path(errors, "next_path", &self.next_path),
            records_path: path(errors, "records_path", &self.records_path),
            company_path: place(errors, "company_path", &self.company_path, true),
            day_path: place(errors, "day_path", &self.day_path, false),
            meter_path: place(errors, "meter_path", &self.meter_path, true),
            series_path: place(errors, "series_path", &self.series_path, false),
            layer_path: place(errors, "layer_path", &self.layer_path, false),
            quantity_path: place(errors, "quantity_path", &self.quantity_path, true),
            code_prefix: short(errors, "code_prefix", &self.code_prefix),
            code_suffix: short(errors, "code_suffix", &self.code_suffix),
            code_table: errors.optional_text("code_table", &self.code_table, 100_000).unwrap_or_default(),
            per_minute: number(errors, "per_minute", &self.per_minute, 1, rules::MAX_PER_MINUTE),
            max_pages: number(errors, "max_pages", &self.max_pages, 1, rules::MAX_PAGES),
            timeout_seconds: number(errors, "timeout_seconds", &self.timeout_seconds, 1, rules::MAX_TIMEOUT),
        };
        if let Err(line) = Codes::new(&settings.code_prefix, &settings.code_suffix, &settings.code_table) {
            errors.add("code_table", move |t: Tr| t.sources_code_table_line(line));
        }
        let secret = self.sealed(given, &settings, errors)?;
        Ok(HttpDraft { settings, secret })
    }

    fn checked_headers(&self, errors: &mut FieldErrors) -> Vec<(String, String)> {
        let headers = match http::headers(&self.headers) {
            Ok(headers) => headers,
            Err(message) => {
                errors.add("headers", move |t| message.text(t));
                return Vec::new();
            }
        };
        // Here no secret is referred to by name: it has a field of its own.
        if let Some((name, _)) = headers.iter().find(|(name, _)| http::is_secret(name)) {
            let name = name.clone();
            errors.add("headers", move |t: Tr| t.sources_headers_secret(&name));
        }
        headers
    }

    /// The body. A secret stands in it by its placeholder alone, and the placeholder only where there is a secret for it.
    fn checked_body(&self, method: Verb, auth: Auth, errors: &mut FieldErrors) -> String {
        let body = errors.optional_text("body", &self.body, 20_000).unwrap_or_default();
        if let Some(name) = rules::open_in_body(&body) {
            errors.add("body", move |t: Tr| t.sources_body_secret(&name, SECRET));
        }
        let is_filled = method == Verb::Post && body.contains(SECRET);
        if is_filled != (auth == Auth::Body) {
            errors.add("body", |t: Tr| t.sources_body_secret_place(Auth::Body.label(t), SECRET));
        }
        body
    }

    fn checked_auth_name(&self, auth: Auth, errors: &mut FieldErrors) -> String {
        match auth {
            Auth::None | Auth::Bearer | Auth::Body => String::new(),
            Auth::Basic => {
                let name = errors.required_line("auth_name", &self.auth_name, 100);
                if name.contains(':') || !rules::is_header_value(&name) {
                    errors.add("auth_name", Tr::sources_auth_name_username);
                }
                name
            }
            Auth::Header => {
                let name = errors.required_line("auth_name", &self.auth_name, 100);
                if !name.is_empty() && !rules::is_header_name(&name) {
                    errors.add("auth_name", Tr::sources_auth_name_header);
                }
                name
            }
        }
    }

    /// What turns pages has to have its place: or the first page would be fetched for ever. And what has a place for it has
    /// to turn pages: or the first page would be all that is ever fetched.
    fn check_paging(&self, paging: Paging, places: &str, errors: &mut FieldErrors) {
        let turns = ["{page}", "{cursor}"].into_iter().find(|name| places.contains(name));
        match (paging, turns) {
            (Paging::Single, Some(name)) => {
                errors.add("paging", move |t: Tr| t.sources_paging_unused(name));
            }
            (Paging::Number, _) if !places.contains("{page}") => {
                errors.add("paging", |t: Tr| t.sources_paging_placeholder("{page}"));
            }
            (Paging::Cursor, _) if !places.contains("{cursor}") => {
                errors.add("paging", |t: Tr| t.sources_paging_placeholder("{cursor}"));
            }
            _ => {}
        }
        if matches!(paging, Paging::Cursor | Paging::Link) && self.next_path.trim().is_empty() {
            errors.add("next_path", Tr::field_required);
        }
    }

    /// The secret, sealed as soon as it is read: nothing behind the form ever holds it in clear.
    fn sealed(
        &self,
        given: &Given<'_>,
        settings: &HttpSettings,
        errors: &mut FieldErrors,
    ) -> Result<Option<String>> {
        if settings.auth == Auth::None {
            return Ok(None);
        }
        let drafted = || given.secret.open(&self.draft_purpose(given), &self.secret_draft);
        let typed = Some(self.secret.trim().to_owned()).filter(|secret| !secret.is_empty()).or_else(drafted);
        let Some(typed) = typed else {
            let former = given.source.and_then(UsageSource::http);
            match former {
                Some(former) if rules::may_keep_secret(&former, settings) => {}
                Some(former) if former.auth != Auth::None => {
                    errors.add("secret", Tr::sources_secret_elsewhere);
                }
                _ => errors.add("secret", Tr::sources_secret_required),
            }
            return Ok(None);
        };
        if typed.chars().count() < rules::SECRET_LEAST {
            errors.add("secret", |t: Tr| t.jobs_secret_short(rules::SECRET_LEAST));
        }
        let is_plain = matches!(settings.auth, Auth::Basic | Auth::Body) || rules::is_header_value(&typed);
        if typed.len() > 4000 || typed.chars().any(char::is_control) || !is_plain {
            errors.add("secret", Tr::sources_secret_unusable);
        }
        Ok(Some(given.secret.seal(PURPOSE, &typed)?))
    }
}

fn code<T: FromStr>(errors: &mut FieldErrors, field: &'static str, raw: &str, usual: T) -> T {
    errors.code(field, raw).unwrap_or(usual)
}

fn number(errors: &mut FieldErrors, field: &'static str, raw: &str, least: u32, most: u32) -> u32 {
    let number: Option<u32> = raw.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.unwrap_or_else(|| {
        errors.add(field, move |t: Tr| t.jobs_number_between(least, most));
        least
    })
}

fn short(errors: &mut FieldErrors, field: &'static str, raw: &str) -> String {
    match raw.trim() {
        "" => String::new(),
        text => errors.required_line(field, text, 100),
    }
}

/// Where something stands in the answer; blank is all of it.
fn path(errors: &mut FieldErrors, field: &'static str, raw: &str) -> String {
    let text = short_path(errors, field, raw);
    if let Err(fault) = Path::parse(&text) {
        errors.add(field, move |t: Tr| t.sources_path_unreadable(LIST, PLACE, fault.0));
    }
    text
}

/// Where a value of a record stands, or the value itself.
fn place(errors: &mut FieldErrors, field: &'static str, raw: &str, is_required: bool) -> String {
    let text = short_path(errors, field, raw);
    if is_required && text.is_empty() {
        errors.add(field, Tr::field_required);
    } else if let Err(fault) = check_place(&text) {
        errors.add(field, move |t: Tr| t.sources_path_unreadable(LIST, PLACE, fault.0));
    }
    text
}

fn short_path(errors: &mut FieldErrors, field: &'static str, raw: &str) -> String {
    match raw.trim() {
        "" => String::new(),
        text => errors.required_line(field, text, 200),
    }
}

/// The parameters of the page of a source.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MonthQuery {
    /// The month of its calendar, as `2026-11`.
    pub month: String,
}

impl MonthQuery {
    /// The month, or that of a day when there is none.
    pub fn month(&self, today: NaiveDate) -> BillingMonth {
        self.month.parse().unwrap_or_else(|_| BillingMonth::of(today))
    }
}
