//! How each vendor wants to be spoken to, and what its answers mean. All answer 200 to nearly everything: whether it
//! worked stands in the body.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::NaiveDateTime;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::i18n::{Said, Tr};
use crate::notifications::deliveries::model::Outcome;
use crate::web::outbound::{Answer, Fault, Request};

use super::model::Vendor;

/// How long a robot may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The most bytes of a text: WeCom takes 2,048, the others 20,000 of the whole body.
const fn most(vendor: Vendor) -> usize {
    match vendor {
        Vendor::WeCom => 2_000,
        Vendor::DingTalk | Vendor::Feishu => 15_000,
    }
}

/// The request that tells a robot a text.
pub fn request(vendor: Vendor, url: Url, secret: Option<&str>, text: &str, now: NaiveDateTime) -> Request {
    let text = cut(text, most(vendor));
    let (url, body) = match vendor {
        Vendor::DingTalk => {
            (signed_url(url, secret, now), json!({"msgtype": "text", "text": {"content": text}}))
        }
        Vendor::WeCom => (url, json!({"msgtype": "text", "text": {"content": text}})),
        Vendor::Feishu => {
            // In its texts `<at …>` calls people; nobody whose name stands in a message may call everybody.
            let text = text.replace("<at", "＜at");
            let mut body = json!({"msg_type": "text", "content": {"text": text}});
            if let (Some(secret), Some(fields)) = (secret, body.as_object_mut()) {
                let timestamp = now.and_utc().timestamp();
                fields.insert("timestamp".into(), json!(timestamp.to_string()));
                fields.insert("sign".into(), json!(sign(&format!("{timestamp}\n{secret}"), "")));
            }
            (url, body)
        }
    };
    Request {
        method: "POST".into(),
        url,
        headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
        body: body.to_string().into_bytes(),
        patience: PATIENCE,
    }
}

/// DingTalk signs the time and the secret, with the secret, in the address.
fn signed_url(mut url: Url, secret: Option<&str>, now: NaiveDateTime) -> Url {
    if let Some(secret) = secret {
        let timestamp = now.and_utc().timestamp_millis();
        let sign = sign(secret, &format!("{timestamp}\n{secret}"));
        url.query_pairs_mut().append_pair("timestamp", &timestamp.to_string()).append_pair("sign", &sign);
    }
    url
}

fn sign(key: &str, text: &str) -> String {
    // A key of any length is a key: the error that the type allows for does not occur.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// A text of at most so many bytes, with a mark where it was cut.
fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    format!("{}…", text.get(..text.floor_char_boundary(bytes)).unwrap_or_default())
}

/// What an answer means.
pub fn verdict(vendor: Vendor, answer: &Answer) -> Outcome {
    let status = answer.status;
    let said = || Said::new(|t: Tr| t.robots_fault_status(status));
    match status {
        200 => {}
        429 | 503 => return Outcome::Later(said()),
        // Something in between has failed; the chat may have got it all the same.
        500.. => return Outcome::Uncertain(said()),
        _ => return Outcome::Refused(said()),
    }
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    let words = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (code, text) = match vendor {
        Vendor::DingTalk | Vendor::WeCom => (number("errcode"), words("errmsg")),
        Vendor::Feishu => (number("code").or_else(|| number("StatusCode")), words("msg")),
    };
    let Some(code) = code else {
        return Outcome::Uncertain(Said::new(Tr::robots_fault_unreadable));
    };
    let text: String = text.chars().take(200).collect();
    let said = Said::new(|t: Tr| t.robots_fault_code(code, &text));
    match (vendor, code) {
        (_, 0) => Outcome::Sent(None),
        // Busy, or spoken to too often: 20 messages a minute are what a group takes.
        (_, -1)
        | (Vendor::DingTalk, 130_101 | 410_100)
        | (Vendor::WeCom, 45_009 | 45_033)
        | (Vendor::Feishu, 9_499 | 11_232) => Outcome::Later(said),
        _ => Outcome::Refused(said),
    }
}

/// What the lack of an answer means.
pub fn no_answer(fault: &Fault) -> Outcome {
    match fault {
        Fault::Forbidden(_) => Outcome::Refused(Said::new(Tr::robots_fault_forbidden)),
        Fault::Unreached(cause) => Outcome::Later(Said::new(|t: Tr| t.robots_fault_unreached(cause))),
        Fault::Unanswered(cause) => Outcome::Uncertain(Said::new(|t: Tr| t.robots_fault_unanswered(cause))),
    }
}
