use super::forms::{Given, LIST, PLACE, SourceForm};
use super::model::PURPOSE;
use super::rules::{check_url, is_code, open_in_body};
use crate::i18n::Tr;
use crate::types::Error;
use crate::types::ids::UserId;
use crate::web::outbound::Outbound;
use crate::web::secret::Secret;

const T: Tr = Tr::ZhCn;

fn form() -> SourceForm {
    SourceForm {
        code: "vendor".into(),
        name: "影像平台".into(),
        expected_from: "2026-11-01".into(),
        url: "https://api.example.com/usage?day={day}".into(),
        secret: "geheim-1".into(),
        ..SourceForm::default()
    }
}

fn faults(form: &SourceForm) -> Vec<(String, String)> {
    let (outbound, secret) = (Outbound::new(false), Secret::fixed("s"));
    let given = Given { outbound: &outbound, secret: &secret, source: None, user: None };
    match form.check(&given) {
        Ok(_) => Vec::new(),
        Err(Error::Invalid(errors)) => {
            let mut told = Vec::new();
            for (field, fault) in errors.iter() {
                told.push((field.to_owned(), fault.text(T)));
            }
            told
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_code_is_what_a_record_can_name() {
    for (code, good) in [
        ("vendor", true),
        ("Vendor_2.cn-north", true),
        ("", false),
        ("影像", false),
        ("a b", false),
        ("a/b", false),
        (&*"a".repeat(50), true),
        (&*"a".repeat(51), false),
    ] {
        assert_eq!(is_code(code), good, "{code}");
    }
}

#[test]
fn an_address_is_one_that_may_be_called_and_holds_no_secret() {
    let outbound = Outbound::new(false);
    for (url, fault) in [
        ("https://api.example.com/{day}?p={page}&next_token={cursor}", None),
        ("http://10.0.0.8:8080/usage", None),
        ("nonsense", Some(T.jobs_url_unreadable().to_owned())),
        ("https://{day}.example.com/", Some(T.jobs_url_host_placeholder().to_owned())),
        ("ftp://example.com/", Some(T.jobs_url_scheme().to_owned())),
        ("http://127.0.0.1/", Some(T.jobs_url_local().to_owned())),
        ("http://169.254.169.254/latest", Some(T.jobs_url_local().to_owned())),
        ("https://a:b@example.com/", Some(T.jobs_url_host().to_owned())),
        ("https://example.com/?access_token=abc", Some(T.sources_url_secret("access_token"))),
    ] {
        let found = check_url(url, &outbound).err().map(|message| message.text(T));
        assert_eq!(found, fault, "{url}");
    }
}

/// Something wrong that is written into a form.
type Edit = fn(&mut SourceForm);

#[test]
fn each_fault_of_the_form_is_told_at_its_field() {
    assert_eq!(faults(&form()), []);
    let required = T.field_required().to_owned();
    let change: [(Edit, &str, String); 23] = [
        (|form| form.code = "影像".into(), "code", T.sources_code_shape().into()),
        (|form| form.name = " ".into(), "name", required.clone()),
        (|form| form.expected_from = String::new(), "expected_from", required.clone()),
        (|form| form.expected_from = "下周".into(), "expected_from", T.field_day().into()),
        (|form| form.url = String::new(), "url", required.clone()),
        (|form| form.method = "PUT".into(), "method", T.field_unknown_choice().into()),
        (|form| form.headers = "x".into(), "headers", T.jobs_headers_line(1)),
        (
            |form| form.headers = "X-Api-Key: {secret.A}".into(),
            "headers",
            T.sources_headers_secret("X-Api-Key"),
        ),
        (|form| form.auth = "magic".into(), "auth", T.field_unknown_choice().into()),
        (|form| form.auth = "header".into(), "auth_name", required.clone()),
        (
            |form| (form.auth, form.auth_name) = ("basic".into(), "a:b".into()),
            "auth_name",
            T.sources_auth_name_username().into(),
        ),
        (|form| form.secret = String::new(), "secret", T.sources_secret_required().into()),
        (|form| form.secret = "abc".into(), "secret", T.jobs_secret_short(4)),
        (|form| form.secret = "密钥密钥".into(), "secret", T.sources_secret_unusable().into()),
        (|form| form.secret_draft = "forged".into(), "", String::new()),
        (|form| form.paging = "number".into(), "paging", T.sources_paging_placeholder("{page}")),
        (
            |form| form.url = "https://api.example.com/{day}?p={page}".into(),
            "paging",
            T.sources_paging_unused("{page}"),
        ),
        (|form| form.paging = "link".into(), "next_path", required.clone()),
        (|form| form.page_size = "-1".into(), "page_size", T.jobs_number_between(0, 10_000)),
        (|form| form.records_path = "a..b".into(), "records_path", T.sources_path_unreadable(LIST, PLACE, 2)),
        (|form| form.quantity_path = String::new(), "quantity_path", required.clone()),
        (|form| form.code_table = "a=b\nx".into(), "code_table", T.sources_code_table_line(2)),
        (|form| form.per_minute = "0".into(), "per_minute", T.jobs_number_between(1, 600)),
    ];
    for (change, field, fault) in change {
        let mut form = form();
        change(&mut form);
        let wanted = if field.is_empty() { Vec::new() } else { vec![(field.to_owned(), fault)] };
        assert_eq!(faults(&form), wanted);
    }
}

#[test]
fn a_secret_that_was_tried_comes_back_to_who_typed_it_and_for_its_place_alone() {
    let (outbound, secret) = (Outbound::new(false), Secret::fixed("s"));
    let given = |user| Given { outbound: &outbound, secret: &secret, source: None, user: Some(UserId(user)) };
    let typed = form();
    let http = typed.check_trial(&given(1)).unwrap();
    let secret_draft = typed.draft_of_secret(&given(1), &http).unwrap();
    assert!(!secret_draft.contains("geheim"));
    let again = SourceForm { secret: String::new(), secret_draft, ..form() };
    let kept = again.check(&given(1)).unwrap().http.unwrap().secret.unwrap();
    assert_eq!(secret.open(PURPOSE, &kept).as_deref(), Some("geheim-1"));
    assert!(again.check(&given(2)).is_err(), "somebody else");
    let elsewhere = SourceForm { url: "https://evil.example/{day}".into(), ..again.clone() };
    assert!(elsewhere.check(&given(1)).is_err(), "somewhere else");
    let otherwise = SourceForm { auth: "header".into(), auth_name: "x".into(), ..again };
    assert!(otherwise.check(&given(1)).is_err(), "in another way");
}

#[test]
fn a_body_holds_no_secret_in_clear() {
    for (body, open) in [
        ("", None),
        (r#"{"day":"{day}","page":{page},"page_token":"{cursor}","token":"{secret}"}"#, None),
        (r#"{"keyword":"x","token":"","password":null}"#, None),
        (r#"{"token":"abc"}"#, Some("token")),
        (r#"{"auth":{"user":"op","passwd":1234}}"#, Some("passwd")),
        (r#"[{"login":[{"pwd":"x"}]}]"#, Some("pwd")),
        ("day={day}&api_key={secret}", None),
        ("day={day}&api_key=abc", Some("api_key")),
        ("<xml/>", None),
    ] {
        assert_eq!(open_in_body(body).as_deref(), open, "{body}");
    }
}
