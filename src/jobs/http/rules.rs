//! The rules of HTTP jobs: placeholders, headers, expected statuses, what may be told of an answer.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use url::Url;

use crate::i18n::{Message, Tr};
use crate::types::time;
use crate::web::outbound::{Outbound, Reason};

/// The most of an answer that goes into the log, in bytes.
pub const TOLD: usize = 4096;

/// The most headers.
pub const MAX_HEADERS: usize = 30;

/// The most secrets.
pub const MAX_SECRETS: usize = 10;

/// The fewest characters of a secret: a shorter one could not be told from ordinary text where it is blotted out.
pub const SECRET_LEAST: usize = 4;

/// What stands in place of a secret.
pub const BLOT: &str = "••••";

/// What the name of a header or of a parameter holds whose value is a secret, and which therefore names one.
const SECRET_NAMES: [&str; 7] = ["token", "key", "secret", "auth", "cookie", "passw", "pwd"];

/// Names that hold one of those by chance, and say nothing that is secret.
const OPEN_NAMES: [&str; 4] = ["idempotency-key", "keyword", "keywords", "author"];

/// What placeholders stand for in one run.
#[derive(Debug, Clone)]
pub struct Values {
    /// The business date.
    pub business_date: NaiveDate,
    /// When the job fired.
    pub fire_at: NaiveDateTime,
    /// The secrets, by name.
    pub secrets: BTreeMap<String, String>,
}

impl Values {
    /// A text with its placeholders filled in; `encode` writes each value as the place demands. Braces that are no
    /// placeholder stay as they are: JSON has many.
    pub fn fill(&self, text: &str, encode: impl Fn(&str) -> String) -> String {
        let mut filled = text
            .replace("{business_date}", &encode(&self.business_date.to_string()))
            .replace("{fire_time}", &encode(&time::machine(self.fire_at)));
        for (name, value) in &self.secrets {
            filled = filled.replace(&format!("{{secret.{name}}}"), &encode(value));
        }
        filled
    }

    /// A text without the secrets: each is blotted out as it is, as a URL writes it, and as JSON does.
    pub fn blot(&self, text: &str) -> String {
        blot(text, self.secrets.values().map(String::as_str))
    }
}

/// A text without these secrets: each is blotted out as it is, as a URL writes it, and as JSON does.
pub fn blot<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> String {
    let mut written: Vec<String> = secrets.flat_map(ways_to_write).collect();
    // The longest first: a secret may be part of another.
    written.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    written.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), BLOT))
}

fn ways_to_write(secret: &str) -> Vec<String> {
    let encoded = encoded(secret);
    let in_json = serde_json::Value::from(secret).to_string();
    let in_json = in_json.trim_matches('"').to_owned();
    let mut hex = 0;
    let small_hex = encoded.chars().map(|c| {
        hex = if c == '%' { 2 } else { i32::max(hex - 1, -1) };
        if hex >= 0 { c.to_ascii_lowercase() } else { c }
    });
    vec![small_hex.collect(), encoded, in_json.replace('/', "\\/"), in_json, secret.to_owned()]
}

/// A value as a URL writes it.
pub fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The names of the secrets that a text asks for.
pub fn secrets_in(text: &str) -> Vec<String> {
    let starts = text.split("{secret.").skip(1);
    starts.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// The address that a request goes to, as far as the form can look at it: with its placeholders filled by samples.
///
/// # Errors
/// The sentence that says why nothing is sent there.
pub fn check_url(text: &str, outbound: &Outbound) -> Result<(), Message> {
    let mut sample = text.replace("{business_date}", "2026-01-01").replace("{fire_time}", "2026");
    for name in secrets_in(text) {
        sample = sample.replace(&format!("{{secret.{name}}}"), "x");
    }
    let url: Url = sample.parse().map_err(|_| Message::new(Tr::jobs_url_unreadable))?;
    let host_holds_placeholder = text.split("//").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
    if host_holds_placeholder.is_some_and(|host| host.contains('{')) {
        return Err(Message::new(Tr::jobs_url_host_placeholder));
    }
    outbound.check(&url).map_err(refused)?;
    match open_parameter(text) {
        Some(name) => Err(Message::new(move |t: Tr| t.jobs_url_secret(&name))),
        None => Ok(()),
    }
}

/// The first parameter of an address whose value is a secret and stands there in clear.
fn open_parameter(text: &str) -> Option<String> {
    let (_, query) = text.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    query.split('&').find_map(|parameter| {
        let (name, value) = url::form_urlencoded::parse(parameter.as_bytes()).next()?;
        (is_secret(&name) && !value.is_empty() && secrets_in(&value).is_empty()).then(|| name.into_owned())
    })
}

/// Whether a header or a parameter of this name holds a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_NAMES.iter().any(|part| name.contains(part)) && !OPEN_NAMES.contains(&name.as_str())
}

/// Whether two addresses lead to the same place: scheme, host and port.
pub fn goes_to_the_same(one: &str, other: &str) -> bool {
    let place = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    place(one).is_some_and(|place_of_one| place_of_one.is_tuple() && Some(place_of_one) == place(other))
}

/// Why an address is none that we call.
pub fn refused(reason: Reason) -> Message {
    Message::new(move |t: Tr| match reason {
        Reason::Scheme => t.jobs_url_scheme(),
        Reason::Host => t.jobs_url_host(),
        Reason::Local => t.jobs_url_local(),
        Reason::Malformed => t.jobs_url_malformed(),
    })
}

/// Reads headers, one a line: `Name: value`.
///
/// # Errors
/// The sentence that says which line is none, or holds what belongs among the secrets.
pub fn headers(text: &str) -> Result<Vec<(String, String)>, Message> {
    let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
    let mut headers = Vec::new();
    for (index, line) in lines {
        let number = index + 1;
        let unreadable = || Message::new(move |t: Tr| t.jobs_headers_line(number));
        let (name, value) = line.split_once(':').ok_or_else(unreadable)?;
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(is_token) || !value.chars().all(|c| (' '..='~').contains(&c))
        {
            return Err(unreadable());
        }
        if is_secret(&name) && secrets_in(&value).is_empty() {
            return Err(Message::new(move |t: Tr| t.jobs_headers_secret(&name)));
        }
        headers.push((name, value));
    }
    if headers.len() > MAX_HEADERS {
        return Err(Message::new(|t: Tr| t.jobs_headers_most(MAX_HEADERS)));
    }
    Ok(headers)
}

/// Whether a text names statuses: numbers and ranges between commas.
pub fn is_status_list(text: &str) -> bool {
    ranges(text).is_some_and(|ranges| !ranges.is_empty())
}

/// Whether a status is among those that count as success.
pub fn is_expected(status: u16, expected: &str) -> bool {
    ranges(expected).is_some_and(|ranges| ranges.iter().any(|(from, to)| (*from..=*to).contains(&status)))
}

fn ranges(text: &str) -> Option<Vec<(u16, u16)>> {
    let status = |text: &str| text.trim().parse().ok().filter(|status| (100..=599).contains(status));
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (u16, u16) = (status(from)?, status(to)?);
        (from <= to).then_some((from, to))
    };
    text.split(',').map(range).collect()
}

/// Whether a text can be the name of a secret.
pub fn is_secret_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=40).contains(&text.len()) && text.chars().all(is_part)
}

/// The beginning of an answer that is told, cut between characters.
pub fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TOLD)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(secrets: &[(&str, &str)]) -> Values {
        Values {
            business_date: "2026-11-20".parse().unwrap(),
            fire_at: "2026-11-20T02:00:00".parse().unwrap(),
            secrets: secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }

    #[test]
    fn placeholders_are_filled_and_other_braces_stay() {
        let values = values(&[("KEY", "a b/c")]);
        let plain = |value: &str| value.to_owned();
        for (text, wanted) in [
            (r#"{"day":"{business_date}"}"#, r#"{"day":"2026-11-20"}"#),
            ("{fire_time}", "2026-11-20T02:00:00.000000Z"),
            ("Bearer {secret.KEY}", "Bearer a b/c"),
            ("{secret.OTHER} {unknown} {}", "{secret.OTHER} {unknown} {}"),
        ] {
            assert_eq!(values.fill(text, plain), wanted);
        }
        assert_eq!(values.fill("/?key={secret.KEY}", encoded), "/?key=a%20b%2Fc");
        assert_eq!(secrets_in("{secret.A}/{secret.B} {secret."), ["A", "B"]);
    }

    #[test]
    fn a_secret_is_blotted_out_however_it_is_written() {
        let values = values(&[("A", "s3cr/et"), ("B", "s3cr/et-longer")]);
        let text = "s3cr/et s3cr%2Fet s3cr%2fet s3cr\\/et s3cr/et-longer S3CR other";
        assert_eq!(values.blot(text), "•••• •••• •••• •••• •••• S3CR other");
    }

    #[test]
    fn headers_are_lines_with_a_name() {
        let read = |text: &str| headers(text).map_err(|fault| fault.text(Tr::En));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read(" Accept:  text/plain \n\nX-A:"),
            Ok(vec![pair("Accept", "text/plain"), pair("X-A", "")])
        );
        assert_eq!(
            read("Authorization: Bearer {secret.KEY}"),
            Ok(vec![pair("Authorization", "Bearer {secret.KEY}")])
        );
        for (text, wanted) in [
            ("Accept", Tr::En.jobs_headers_line(1)),
            ("A: b\n: c", Tr::En.jobs_headers_line(2)),
            ("A b: c", Tr::En.jobs_headers_line(1)),
            ("A: 你好", Tr::En.jobs_headers_line(1)),
            ("AUTHORIZATION: Bearer abc", Tr::En.jobs_headers_secret("AUTHORIZATION")),
            ("X-Auth-Token: {business_date}", Tr::En.jobs_headers_secret("X-Auth-Token")),
            ("PRIVATE-TOKEN: abc", Tr::En.jobs_headers_secret("PRIVATE-TOKEN")),
            ("X-Api-Key: abc", Tr::En.jobs_headers_secret("X-Api-Key")),
            ("Client_Secret: abc", Tr::En.jobs_headers_secret("Client_Secret")),
            ("Cookie: a=b", Tr::En.jobs_headers_secret("Cookie")),
        ] {
            assert_eq!(read(text), Err(wanted), "{text}");
        }
        assert!(read("Idempotency-Key: {fire_time}").is_ok());
        assert_eq!(read(&"A: b\n".repeat(31)), Err(Tr::En.jobs_headers_most(30)));
    }

    #[test]
    fn statuses_are_numbers_and_ranges() {
        for (text, good) in [
            ("200", true),
            ("200-299", true),
            ("200, 204,300-399", true),
            ("", false),
            ("2xx", false),
            ("299-200", false),
            ("99", false),
            ("600", false),
            ("200,", false),
        ] {
            assert_eq!(is_status_list(text), good, "{text:?}");
        }
        assert!(is_expected(204, "200,204"));
        assert!(!is_expected(302, "200-299"));
    }

    #[test]
    fn an_address_is_looked_at_with_its_placeholders_filled() {
        let outbound = Outbound::new(false);
        let said = |text: &str| check_url(text, &outbound).map_err(|fault| fault.text(Tr::En));
        for good in [
            "https://api.example.com/sync?day={business_date}&key={secret.KEY}",
            "http://10.1.2.3:8080/{fire_time}",
            "https://api.example.com/?keyword=x&token=&q=token#key=x",
        ] {
            assert_eq!(said(good), Ok(()), "{good}");
        }
        for (bad, wanted) in [
            ("", Tr::En.jobs_url_unreadable()),
            ("example.com/x", Tr::En.jobs_url_unreadable()),
            ("https://{secret.HOST}/x", Tr::En.jobs_url_host_placeholder()),
            ("file:///etc/passwd", Tr::En.jobs_url_scheme()),
            ("http://user:pass@example.com/", Tr::En.jobs_url_host()),
            ("http://127.0.0.1/", Tr::En.jobs_url_local()),
            ("http://169.254.169.254/latest", Tr::En.jobs_url_local()),
        ] {
            assert_eq!(said(bad), Err(wanted.to_owned()), "{bad}");
        }
        for (bad, name) in [
            ("https://example.com/?a=b&access_token=abc", "access_token"),
            ("https://example.com/?ACCESS%5FKEY=abc", "ACCESS_KEY"),
            ("https://example.com/?sign={secret.S}&appsecret={business_date}", "appsecret"),
        ] {
            assert_eq!(said(bad), Err(Tr::En.jobs_url_secret(name)), "{bad}");
        }
    }

    #[test]
    fn a_place_is_scheme_host_and_port() {
        let one = "https://api.example.com/a?key={secret.KEY}";
        for (other, wanted) in [
            (one, true),
            ("https://API.example.com:443/{secret.KEY}/b", true),
            ("http://api.example.com/a", false),
            ("https://api.example.com:8443/a", false),
            ("https://evil.example/a", false),
            ("https://api.example.com.evil.example/a", false),
            ("nonsense", false),
        ] {
            assert_eq!(goes_to_the_same(one, other), wanted, "{other}");
        }
        assert!(!goes_to_the_same("nonsense", "nonsense"));
    }

    #[test]
    fn an_answer_is_cut_between_characters() {
        assert_eq!(beginning("short"), "short");
        assert_eq!(beginning(&"好".repeat(5000)).len(), 4095);
    }
}
