use url::Url;

use crate::i18n::Tr;
use crate::notifications::deliveries::model::Outcome;
use crate::web::outbound::{Answer, End, Fault, Outbound, Reason};

use super::model::Vendor;
use super::{protocol, rules};

const SECRET: &str = "SECb1c2d3";

fn now() -> chrono::NaiveDateTime {
    // 1763604000000 in milliseconds of Unix time is 2025-11-20 02:00:00 UTC.
    "2025-11-20T02:00:00".parse().unwrap()
}

fn body(request: &crate::web::outbound::Request) -> serde_json::Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn dingtalk_is_signed_in_the_address() {
    let url: Url = "https://oapi.dingtalk.com/robot/send?access_token=abc".parse().unwrap();
    let request = protocol::request(Vendor::DingTalk, url.clone(), Some(SECRET), "你好", now());
    let query: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    assert_eq!(query[0], ("access_token".into(), "abc".into()));
    assert_eq!(query[1], ("timestamp".into(), "1763604000000".into()));
    // printf '1763604000000\nSECb1c2d3' | openssl dgst -sha256 -hmac SECb1c2d3 -binary | base64
    assert_eq!(query[2], ("sign".into(), "u/Z5xyn+jzbdpX+2SnQSNz1xFTrpcIiLt5EmNZhmBs0=".into()));
    assert_eq!(body(&request)["text"]["content"], "你好");
    let unsigned = protocol::request(Vendor::DingTalk, url, None, "x", now());
    assert_eq!(unsigned.url.query(), Some("access_token=abc"));
}

#[test]
fn feishu_is_signed_in_the_body() {
    let url: Url = "https://open.feishu.cn/open-apis/bot/v2/hook/abc".parse().unwrap();
    let request = protocol::request(Vendor::Feishu, url.clone(), Some(SECRET), "<at user_id=\"all\">", now());
    assert_eq!(request.url, url);
    let body = body(&request);
    assert_eq!(body["timestamp"], "1763604000");
    // printf '' | openssl dgst -sha256 -hmac "$(printf '1763604000\nSECb1c2d3')" -binary | base64
    assert_eq!(body["sign"], "MyjJtY8/LDbsTlNXS6MYhnBGVrZJL14h9QzOZTq7UL0=");
    assert_eq!(body["content"]["text"], "＜at user_id=\"all\">");
}

#[test]
fn wecom_has_its_key_in_the_address_alone_and_takes_little() {
    let url: Url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc".parse().unwrap();
    let request = protocol::request(Vendor::WeCom, url.clone(), Some(SECRET), &"字".repeat(1000), now());
    assert_eq!(request.url, url);
    let text = body(&request)["text"]["content"].as_str().unwrap().to_owned();
    assert!(text.len() < 2_048 && text.ends_with("字…"), "{}", text.len());
}

#[test]
fn an_answer_is_read_before_it_is_believed() {
    use Vendor::{DingTalk, Feishu, WeCom};
    for (vendor, status, body, wanted) in [
        (DingTalk, 200, r#"{"errcode":0,"errmsg":"ok"}"#, "sent"),
        (DingTalk, 200, r#"{"errcode":310000,"errmsg":"sign not match"}"#, "refused"),
        (DingTalk, 200, r#"{"errcode":130101,"errmsg":"send too fast"}"#, "later"),
        (WeCom, 200, r#"{"errcode":0,"errmsg":"ok"}"#, "sent"),
        (WeCom, 200, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#, "refused"),
        (WeCom, 200, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, "later"),
        (Feishu, 200, r#"{"code":0,"msg":"success"}"#, "sent"),
        (Feishu, 200, r#"{"StatusCode":0,"StatusMessage":"success"}"#, "sent"),
        (Feishu, 200, r#"{"code":19021,"msg":"sign match fail"}"#, "refused"),
        (Feishu, 200, r#"{"code":11232,"msg":"frequency limited"}"#, "later"),
        (Feishu, 200, "<html>", "uncertain"),
        (DingTalk, 200, "", "uncertain"),
        (DingTalk, 503, "", "later"),
        (DingTalk, 500, "", "uncertain"),
        (WeCom, 502, "", "uncertain"),
        (Feishu, 504, "", "uncertain"),
        (DingTalk, 429, "", "later"),
        (DingTalk, 404, "", "refused"),
        (DingTalk, 302, "", "refused"),
    ] {
        let outcome = protocol::verdict(vendor, &Answer { status, body: body.into(), end: End::Whole });
        assert_eq!(name(&outcome), wanted, "{vendor} {status} {body}");
    }
    for (fault, wanted) in [
        (Fault::Forbidden(Reason::Local), "refused"),
        (Fault::Unreached("x".into()), "later"),
        (Fault::Unanswered("x".into()), "uncertain"),
    ] {
        assert_eq!(name(&protocol::no_answer(&fault)), wanted, "{fault:?}");
    }
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent(_) => "sent",
        Outcome::Kept => "kept",
        Outcome::Later(_) => "later",
        Outcome::Refused(_) => "refused",
        Outcome::Uncertain(_) => "uncertain",
    }
}

#[test]
fn a_robot_lives_at_its_vendors_host() {
    let (strict, open) = (Outbound::new(false), Outbound::new(true));
    for (vendor, text, good) in [
        (Vendor::DingTalk, "https://oapi.dingtalk.com/robot/send?access_token=x", true),
        (Vendor::WeCom, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x", true),
        (Vendor::Feishu, "https://open.feishu.cn/open-apis/bot/v2/hook/x", true),
        (Vendor::DingTalk, "http://oapi.dingtalk.com/robot/send?access_token=x", false),
        (Vendor::DingTalk, "https://oapi.dingtalk.com:8443/", false),
        (Vendor::DingTalk, "https://open.feishu.cn/", false),
        (Vendor::DingTalk, "https://oapi.dingtalk.com.evil.example/", false),
        (Vendor::DingTalk, "https://user:x@oapi.dingtalk.com/", false),
        (Vendor::DingTalk, "https://127.0.0.1/", false),
        (Vendor::DingTalk, "oapi.dingtalk.com", false),
        (Vendor::DingTalk, "", false),
    ] {
        assert_eq!(rules::address(vendor, text, &strict).is_ok(), good, "{text}");
    }
    assert!(rules::address(Vendor::DingTalk, "http://127.0.0.1:9/x", &open).is_ok());
    assert!(rules::address(Vendor::DingTalk, "file:///etc/passwd", &open).is_err());
    let fault = rules::address(Vendor::DingTalk, "https://a.cn/", &strict).unwrap_err();
    assert!(fault.text(Tr::ZhCn).contains("oapi.dingtalk.com"));
}

#[test]
fn a_hint_keeps_the_key_to_itself() {
    let url: Url = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef".parse().unwrap();
    assert_eq!(rules::hint(&url), "oapi.dingtalk.com … cdef");
}
