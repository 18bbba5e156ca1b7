//! What is typed into the form of a job, checked.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::jobs::cron::{self, Expression};
use crate::jobs::http::model::{HttpDraft, HttpRequest, Method, PURPOSE, SecretDraft};
use crate::jobs::http::rules as http;
use crate::types::{FieldErrors, Result};
use crate::web::outbound::Outbound;
use crate::web::secret::Secret;

use super::model::{Job, JobDraft, MadeDraft, Misfire, Watcher};
use super::rules::{MAX_HTTP_TIMEOUT, MAX_RETRIES, MAX_TIMEOUT};

/// The form of a job, as it was sent: by the page and by the API.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct JobForm {
    /// The name, unique; not for a built-in job.
    pub name: String,
    /// What it is for; not for a built-in job.
    pub description: String,
    /// When it fires: a cron expression of five or six fields, in Asia/Shanghai.
    pub cron: String,
    /// What becomes of missed fires: `skip`, `once` or `each`.
    pub misfire: String,
    /// How long a try may take, in seconds.
    pub timeout_seconds: String,
    /// How often it is tried again.
    pub retries: String,
    /// Whether it may run while its former run is unfinished: `true`, or blank.
    pub allow_overlap: String,
    /// The usernames of those who are told when it fails, with commas between them.
    pub watchers: String,
    /// The method; not for a built-in job.
    pub method: String,
    /// The address, with placeholders; not for a built-in job.
    pub url: String,
    /// The headers, one a line; not for a built-in job.
    pub headers: String,
    /// The body, with placeholders; not for a built-in job.
    pub body: String,
    /// The statuses that count as success, as in `200-299`; not for a built-in job.
    pub expected_status: String,
    /// The secrets by name; a blank value keeps the one that there is.
    pub secrets: Vec<SecretField>,
    /// The names of the secrets, as the page sends them.
    #[schema(ignore)]
    pub secret_name: Vec<String>,
    /// The values of the secrets, in the order of their names.
    #[schema(ignore)]
    pub secret_value: Vec<String>,
    /// Whether only the next times are asked for.
    #[schema(ignore)]
    pub preview: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

/// A secret of the form.
#[derive(Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct SecretField {
    /// Its name, as `{secret.NAME}` writes it.
    pub name: String,
    /// Its value; never sent back.
    pub value: String,
}

impl Default for JobForm {
    fn default() -> JobForm {
        JobForm {
            name: String::new(),
            description: String::new(),
            cron: String::new(),
            misfire: Misfire::Once.to_string(),
            timeout_seconds: "60".into(),
            retries: "2".into(),
            allow_overlap: String::new(),
            watchers: String::new(),
            method: Method::Post.to_string(),
            url: String::new(),
            headers: String::new(),
            body: String::new(),
            expected_status: "200-299".into(),
            secrets: Vec::new(),
            secret_name: Vec::new(),
            secret_value: Vec::new(),
            preview: String::new(),
            version: String::new(),
        }
    }
}

/// What a form is checked against.
pub struct Given<'a> {
    /// Those of the named watchers that there are.
    pub watchers: &'a [Watcher],
    /// The client that will send the request.
    pub outbound: &'a Outbound,
    /// What seals secrets.
    pub secret: &'a Secret,
    /// The job as it is; `None` for a new one.
    pub job: Option<&'a Job>,
    /// Now (UTC).
    pub now: NaiveDateTime,
}

impl JobForm {
    /// The form of an existing job. Its secrets come by their names alone.
    pub fn of(job: &Job, watchers: &[Watcher]) -> JobForm {
        let usernames: Vec<&str> = watchers.iter().map(|watcher| watcher.username.as_str()).collect();
        let form = JobForm {
            name: job.name.clone().unwrap_or_default(),
            description: job.description.clone(),
            cron: job.cron.clone(),
            misfire: job.misfire.to_string(),
            timeout_seconds: job.timeout_seconds.to_string(),
            retries: job.retries.to_string(),
            allow_overlap: if job.allow_overlap { "true".into() } else { String::new() },
            watchers: usernames.join(", "),
            version: job.version.to_string(),
            ..JobForm::default()
        };
        let Some(http) = job.http() else { return form };
        JobForm {
            method: http.method.to_string(),
            headers: http.header_lines().join("\n"),
            secrets: http
                .secrets
                .iter()
                .map(|secret| SecretField { name: secret.name.clone(), value: String::new() })
                .collect(),
            url: http.url,
            body: http.body,
            expected_status: http.expected_status,
            ..form
        }
    }

    /// The usernames of the watchers.
    pub fn usernames(&self) -> Vec<String> {
        let names = self.watchers.split([',', '，', '、', ';', ' ', '\n', '\r', '\t']).map(str::trim);
        let mut names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
        names.dedup();
        names
    }

    /// The version that was read; 0, which no job has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// The names of the secrets that were sent, for the form that comes back.
    pub fn secret_names(&self) -> Vec<String> {
        self.all_secrets().into_iter().map(|secret| secret.name).collect()
    }

    fn all_secrets(&self) -> Vec<SecretField> {
        let values = self.secret_value.iter().map(String::as_str).chain(std::iter::repeat(""));
        let typed = self.secret_name.iter().zip(values);
        let typed = typed.map(|(name, value)| SecretField { name: name.trim().into(), value: value.into() });
        // The page sends names and values beside each other, the API sends pairs.
        let all = if self.secret_name.is_empty() { self.secrets.clone() } else { typed.collect() };
        all.into_iter().filter(|secret| !secret.name.is_empty() || !secret.value.is_empty()).collect()
    }

    /// The job that the form asks for.
    pub fn check(&self, given: &Given<'_>) -> Result<JobDraft> {
        let mut errors = FieldErrors::new();
        let is_builtin = given.job.is_some_and(|job| !job.is_http());
        let names = (!is_builtin).then(|| {
            let name = errors.required_line("name", &self.name, 100);
            (name, errors.optional_text("description", &self.description, 500).unwrap_or_default())
        });
        let cron = self.expression(given.now, &mut errors);
        let misfire = errors.code::<Misfire>("misfire", &self.misfire).unwrap_or(Misfire::Once);
        let longest = if is_builtin { MAX_TIMEOUT } else { MAX_HTTP_TIMEOUT };
        let timeout_seconds = number(&mut errors, "timeout_seconds", &self.timeout_seconds, 1, longest);
        let retries = number(&mut errors, "retries", &self.retries, 0, MAX_RETRIES);
        let watchers = self.checked_watchers(given.watchers, &mut errors);
        let http = if is_builtin { None } else { Some(self.http(given, &mut errors)?) };
        let made = names.zip(http).map(|((name, description), http)| MadeDraft { name, description, http });
        let allow_overlap = matches!(self.allow_overlap.trim(), "true" | "on" | "1");
        let Some(cron) = cron.filter(|_| errors.is_empty()) else { return Err(errors.into()) };
        Ok(JobDraft { cron, misfire, timeout_seconds, retries, allow_overlap, watchers, made })
    }

    fn expression(&self, now: NaiveDateTime, errors: &mut FieldErrors) -> Option<Expression> {
        let text = errors.required_line("cron", &self.cron, cron::MAX);
        if text.is_empty() {
            return None;
        }
        match Expression::parse(&text, now) {
            Ok(expression) => Some(expression),
            Err(message) => {
                errors.add("cron", move |t| message.text(t));
                None
            }
        }
    }

    fn checked_watchers(
        &self,
        there: &[Watcher],
        errors: &mut FieldErrors,
    ) -> Vec<crate::types::ids::UserId> {
        let is_there =
            |name: &String| there.iter().any(|watcher| watcher.username.eq_ignore_ascii_case(name));
        let unknown: Vec<String> = self.usernames().into_iter().filter(|name| !is_there(name)).collect();
        if !unknown.is_empty() {
            errors.add("watchers", move |t: Tr| t.jobs_watchers_unknown(t.join(&unknown)));
        }
        there.iter().map(|watcher| watcher.id).collect()
    }

    fn http(&self, given: &Given<'_>, errors: &mut FieldErrors) -> Result<HttpDraft> {
        let method = errors.code::<Method>("method", &self.method).unwrap_or(Method::Post);
        let url = errors.required_line("url", &self.url, 2000);
        if !url.is_empty()
            && let Err(message) = http::check_url(&url, given.outbound)
        {
            errors.add("url", move |t| message.text(t));
        }
        errors.optional_text("headers", &self.headers, 8000);
        let headers = http::headers(&self.headers).unwrap_or_else(|message| {
            errors.add("headers", move |t| message.text(t));
            Vec::new()
        });
        let body = errors.optional_text("body", &self.body, 20_000).unwrap_or_default();
        let expected_status = errors.required_line("expected_status", &self.expected_status, 100);
        if !expected_status.is_empty() && !http::is_status_list(&expected_status) {
            errors.add("expected_status", Tr::jobs_expected_status_unreadable);
        }
        let secrets = self.sealed(given, errors)?;
        let texts = [&url, &self.headers, &body];
        let asked = texts.iter().flat_map(|text| http::secrets_in(text));
        if let Some(missing) =
            asked.into_iter().find(|name| secrets.iter().all(|secret| secret.name != *name))
        {
            errors.add("secrets", move |t: Tr| t.jobs_secret_missing(&missing));
        }
        Ok(HttpDraft { method, url, headers, body, expected_status, secrets })
    }

    /// The secrets, sealed as soon as they are read: nothing behind the form ever holds one in clear.
    fn sealed(&self, given: &Given<'_>, errors: &mut FieldErrors) -> Result<Vec<SecretDraft>> {
        let former = given.job.and_then(Job::http).map(|http: HttpRequest| http.secrets).unwrap_or_default();
        let mut drafts: Vec<SecretDraft> = Vec::new();
        for SecretField { name, value } in self.all_secrets() {
            if !http::is_secret_name(&name) {
                errors.add("secrets", Tr::jobs_secret_name);
            } else if drafts.iter().any(|draft| draft.name == name) {
                errors.add("secrets", Tr::jobs_secret_twice);
            } else if value.is_empty() && former.iter().all(|secret| secret.name != name) {
                errors.add("secrets", Tr::jobs_secret_value_required);
            } else if !value.is_empty() && value.chars().count() < http::SECRET_LEAST {
                errors.add("secrets", |t: Tr| t.jobs_secret_short(http::SECRET_LEAST));
            } else if value.len() > 4000 || value.chars().any(char::is_control) {
                errors.add("secrets", Tr::jobs_secret_unusable);
            }
            let sealed = if value.is_empty() { None } else { Some(given.secret.seal(PURPOSE, &value)?) };
            drafts.push(SecretDraft { name, sealed });
        }
        if drafts.len() > http::MAX_SECRETS {
            errors.add("secrets", |t: Tr| t.jobs_secrets_most(http::MAX_SECRETS));
        }
        Ok(drafts)
    }
}

fn number(errors: &mut FieldErrors, field: &'static str, raw: &str, least: u32, most: u32) -> u32 {
    let number: Option<u32> = raw.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.unwrap_or_else(|| {
        errors.add(field, move |t: Tr| t.jobs_number_between(least, most));
        least
    })
}

/// What is asked before a job runs by hand.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct RunForm {
    /// The day of business that it is about, as `2026-10-31`; blank for today.
    pub business_date: String,
}

impl RunForm {
    /// The day, which has begun.
    pub fn check(&self, today: chrono::NaiveDate) -> Result<chrono::NaiveDate, FieldErrors> {
        let mut errors = FieldErrors::new();
        let day = errors.day("business_date", &self.business_date).unwrap_or(today);
        if day > today {
            errors.add("business_date", Tr::jobs_business_date_future);
        }
        errors.or(day)
    }
}
