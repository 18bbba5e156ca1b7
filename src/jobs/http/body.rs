//! Sending the request of an HTTP job.
//!
//! A request that must not be sent twice leaves a mark before it goes out. Should the process die, be stopped, lose the
//! task or be unable to write down how it ended, the next try finds the mark and sends nothing.

use std::time::{Duration, Instant};

use crate::i18n::{Message, Said, Tr};
use crate::jobs::context::JobContext;
use crate::jobs::schedule::model::Job;
use crate::jobs::schedule::rules::MAX_HTTP_TIMEOUT;
use crate::types::{Error, Refusal, Result};
use crate::web::outbound::{Answer, Fault, Outbound, Request};

use super::model::{HttpRequest, Method, PURPOSE, Sent};
use super::rules::{self, Values, encoded};

/// Sends the request of a job, and says what came back.
///
/// # Errors
/// A refusal for what will be no better next time; [`Error::Busy`] for what may be.
pub fn send(context: &mut JobContext<'_>, job: &Job) -> Result<Said> {
    let kept = job.http().ok_or_else(|| anyhow::anyhow!("the job {} has no request", job.label()))?;
    let values = values(context, &kept)?;
    let request = request(&kept, &values, patience(job))?;
    let (method, address) = (kept.method, values.blot(request.url.as_str()));
    if !method.is_repeatable() {
        mark(context)?;
    }
    context.log(|t| t.jobs_log_request(&address, method));
    let outbound = context.state().part::<Outbound>()?;
    let begun = Instant::now();
    let answer = context.wait(outbound.send(request))?;
    let told = tell(context, job, &kept, &values, answer, begun.elapsed());
    if !method.is_repeatable() && matches!(told, Err(Error::Busy(..))) {
        // Failing to take the mark away is safe: the next try would only ask for somebody to look.
        if let Err(fault) = context.keep(&Sent { by_attempt: None }) {
            tracing::warn!(%fault, job = job.label(), "a mark cannot be taken away; the job is not tried again");
        }
    }
    told
}

/// Notes that a request goes out which must not go out twice.
///
/// # Errors
/// A refusal when an earlier try sent it, and nobody knows what came of that.
fn mark(context: &mut JobContext<'_>) -> Result<()> {
    let left = context.checkpoint::<Sent>()?;
    if let Some(attempt) = left.and_then(|sent| sent.by_attempt) {
        return Err(Refusal::new("may_have_been_done", move |t: Tr| t.jobs_http_may_be_done(attempt)).into());
    }
    let by_attempt = Some(context.attempt());
    context.keep(&Sent { by_attempt })
}

/// What came of sending, in words.
fn tell(
    context: &mut JobContext<'_>,
    job: &Job,
    kept: &HttpRequest,
    values: &Values,
    answer: Result<Answer, Fault>,
    took: Duration,
) -> Result<Said> {
    match answer {
        Ok(answer) => judge(context, kept, values, &answer, took),
        Err(Fault::Forbidden(reason)) => {
            Err(Refusal { code: "address_refused", message: rules::refused(reason) }.into())
        }
        Err(Fault::Unreached(cause)) => {
            let cause = values.blot(&cause);
            context.log(|_| cause.clone());
            let is_tls =
                ["certificate", "tls", "handshake"].iter().any(|word| cause.to_lowercase().contains(word));
            Err(passing(move |t: Tr| if is_tls { t.jobs_http_tls() } else { t.jobs_http_unreached() }))
        }
        Err(Fault::Unanswered(cause)) => {
            let cause = values.blot(&cause);
            context.log(|_| cause.clone());
            context.timed_out = took >= patience(job);
            let seconds = patience(job).as_secs();
            Err(unanswered(kept.method, context.timed_out, u32::try_from(seconds).unwrap_or(u32::MAX)))
        }
    }
}

/// How long the request of a job may take.
pub fn patience(job: &Job) -> Duration {
    Duration::from_secs(u64::from(job.timeout_seconds.min(MAX_HTTP_TIMEOUT)))
}

fn values(context: &JobContext<'_>, kept: &HttpRequest) -> Result<Values> {
    let secret = &context.state().secret;
    let open = |sealed: &super::model::SealedSecret| {
        let name = sealed.name.clone();
        let opened = secret.open(PURPOSE, &sealed.sealed);
        let opened = opened.map(|value| (sealed.name.clone(), value));
        opened.ok_or_else(|| {
            Refusal::new("secret_unreadable", move |t: Tr| t.jobs_http_secret_unreadable(&name))
        })
    };
    let secrets = kept.secrets.iter().map(open).collect::<Result<_, _>>()?;
    Ok(Values { business_date: context.business_date, fire_at: context.fire_at, secrets })
}

fn request(kept: &HttpRequest, values: &Values, patience: Duration) -> Result<Request> {
    let plain = |value: &str| value.to_owned();
    let unreadable = |_| Refusal::new("address_refused", Tr::jobs_url_unreadable);
    let headers = kept.headers.iter().map(|(name, value)| (name.clone(), values.fill(value, plain)));
    Ok(Request {
        method: kept.method.to_string(),
        url: values.fill(&kept.url, encoded).parse().map_err(unreadable)?,
        headers: headers.collect(),
        body: values.fill(&kept.body, plain).into_bytes(),
        patience,
    })
}

/// Whether the answer is the one that was expected. What it says goes into the log, without the secrets.
fn judge(
    context: &mut JobContext<'_>,
    kept: &HttpRequest,
    values: &Values,
    answer: &Answer,
    took: Duration,
) -> Result<Said> {
    let status = answer.status;
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    context.log(|t| t.jobs_log_answer(millis, status));
    let told = values.blot(&answer.body);
    let told = rules::beginning(told.trim());
    if !told.is_empty() {
        context.log(|_| told);
    }
    if rules::is_expected(status, &kept.expected_status) {
        return Ok(Said::new(|t| t.jobs_http_done(status)));
    }
    let expected = kept.expected_status.clone();
    let say = move |t: Tr| t.jobs_http_status(&expected, status);
    // What is wrong with the request itself is wrong the next time, too.
    let may_pass = matches!(status, 408 | 425 | 429 | 500..=599);
    if may_pass { Err(passing(say)) } else { Err(Refusal::new("unexpected_status", say).into()) }
}

/// No answer came. The other side may have done what it was asked for, so that only what may safely be done twice is
/// tried again.
fn unanswered(method: Method, timed_out: bool, seconds: u32) -> Error {
    let say = move |t: Tr| {
        if timed_out { t.jobs_http_timed_out(seconds) } else { t.jobs_http_unanswered().to_owned() }
    };
    if method.is_repeatable() { passing(say) } else { Refusal::new("no_answer", say).into() }
}

fn passing<S: Into<String>>(say: impl Fn(Tr) -> S + Send + Sync + 'static) -> Error {
    Error::Busy(0, Message::new(say))
}
