use super::path::{NoPath, Path, text_of};
use super::reading::{Codes, MAX_RECORDS, Reader};
use super::requests::{Credential, request};
use super::settings::{Auth, HttpSettings, Paging, Verb};
use crate::i18n::Tr;
use crate::usage::adapters::{Cursor, DayRange, Fault, Page};

const T: Tr = Tr::ZhCn;

fn settings() -> HttpSettings {
    HttpSettings {
        method: Verb::Get,
        url: "https://api.example.com/usage?day={day}&page={page}&size={size}&after={cursor}".into(),
        headers: Vec::new(),
        body: String::new(),
        auth: Auth::None,
        auth_name: String::new(),
        secret_set_at: None,
        paging: Paging::Single,
        first_page: 1,
        page_size: 2,
        next_path: "next".into(),
        records_path: "data.items".into(),
        company_path: "customer.code".into(),
        day_path: String::new(),
        meter_path: "=shots".into(),
        series_path: "series".into(),
        layer_path: String::new(),
        quantity_path: "count".into(),
        code_prefix: String::new(),
        code_suffix: String::new(),
        code_table: String::new(),
        per_minute: 60,
        max_pages: 100,
        timeout_seconds: 10,
    }
}

fn day() -> DayRange {
    DayRange::day("2026-11-19".parse().unwrap())
}

fn read(settings: &HttpSettings, body: &str, cursor: &Cursor) -> Result<Page, Fault> {
    Reader::new("vendor", settings).unwrap().read(body, day(), cursor)
}

#[test]
fn a_path_is_names_indexes_and_each() {
    let json = r#"{"data":{"items":[{"a.b":1.50,"c":{"d":"x"}},{"a.b":2}],"none":null,"empty":[]},"":3}"#;
    let root: Box<serde_json::value::RawValue> = serde_json::from_str(json).unwrap();
    for (path, wanted) in [
        ("data.items[0].c.d", Some(vec!["x"])),
        ("$.data.items[1][\"a.b\"]", Some(vec!["2"])),
        ("data['items'][*]['a.b']", Some(vec!["1.50", "2"])),
        ("data.none", Some(vec![""])),
        ("data.empty[*]", Some(vec![])),
        ("data.items[2]", None),
        ("data.missing", None),
        ("data[*]", None),
        ("data.items[*].c", None),
        ("[\"\"]", Some(vec!["3"])),
    ] {
        let found = Path::parse(path).unwrap().select(&root).ok();
        let texts = found.map(|found| found.into_iter().map(text_of).collect::<Vec<_>>());
        assert_eq!(texts, wanted.map(|texts| texts.into_iter().map(str::to_owned).collect()), "{path}");
    }
    for (path, fault) in [
        ("data..items", 5),
        ("data.", 5),
        ("data[", 5),
        ("data[-1]", 5),
        ("data[x]", 5),
        ("data['a]", 5),
        ("a[0]b", 5),
        ("数据.*", 3),
        ("a]b", 2),
        ("data[9999999]", 5),
    ] {
        assert_eq!(Path::parse(path), Err(NoPath(fault)), "{path}");
    }
    assert!(Path::parse(&"a.".repeat(30)).is_err());
}

#[test]
fn records_are_read_as_they_were_written() {
    let body = r#"{"data":{"items":[
        {"customer":{"code":" A1 "},"series":"X","count":0.10},
        {"customer":{"code":7},"series":null,"count":"1e3"},
        {"customer":{},"count":12345678901234567890.123456789},
        {"count":{"n":1}}
    ]}}"#;
    let page = read(&settings(), body, &Cursor { page: 1, seen: 10, token: None }).unwrap();
    let texts: Vec<_> = page
        .records
        .iter()
        .map(|record| {
            let number = record.line.unwrap();
            format!(
                "{number} {} {} {} {}",
                record.company_code, record.meter, record.device_series, record.quantity
            )
        })
        .collect();
    assert_eq!(
        texts,
        [
            "11 A1 shots X 0.10",
            "12 7 shots  1e3",
            "13  shots  12345678901234567890.123456789",
            "14  shots  {\"n\":1}"
        ]
    );
    assert!(page.records.iter().all(|record| record.day == "2026-11-19" && record.source == "vendor"));
    let own_day = HttpSettings { day_path: "on".into(), ..settings() };
    let page = read(&own_day, r#"{"data":{"items":[{"on":"2026/11/18"}]}}"#, &Cursor::default()).unwrap();
    assert_eq!(page.records[0].day, "2026/11/18");
}

#[test]
fn an_empty_list_is_told_from_none() {
    let list = |path: &str| HttpSettings { records_path: path.into(), ..settings() };
    for (path, body, wanted) in [
        ("data.items", r#"{"data":{"items":[]}}"#, Some(0)),
        ("data.items[*]", r#"{"data":{"items":[]}}"#, Some(0)),
        ("data.items[*]", r#"{"data":{"items":[{}]}}"#, Some(1)),
        ("", "[{},{}]", Some(2)),
        ("[*].rows", r#"[{"rows":[{}]},{"rows":[{},{}]}]"#, Some(3)),
        ("data.items", r#"{"data":{"items":null}}"#, None),
        ("data.items", r#"{"data":{"items":{}}}"#, None),
        ("data.items", r#"{"data":{}}"#, None),
        ("data.items", r#"{"error":"no"}"#, None),
    ] {
        let page = read(&list(path), body, &Cursor::default());
        assert_eq!(page.as_ref().ok().map(|page| page.records.len()), wanted, "{path} {body}");
        if let Err(fault) = page {
            assert_eq!(fault.said().text(T), T.sources_fault_no_list(path));
        }
    }
    for body in ["", "<html>", "{\"data\":", "{} {}"] {
        let fault = read(&settings(), body, &Cursor::default()).unwrap_err();
        assert!(
            matches!(&fault, Fault::Passing(said) if said.text(T) == T.sources_fault_not_json()),
            "{body}"
        );
    }
}

#[test]
fn the_next_page_is_where_each_kind_of_paging_says() {
    let first = Cursor::default();
    let two = r#"{"data":{"items":[{},{}]},"next":NEXT}"#;
    let next = |paging: Paging, next: &str, cursor: &Cursor| {
        let settings = HttpSettings { paging, ..settings() };
        read(&settings, &two.replace("NEXT", next), cursor).map(|page| page.next)
    };
    let second = |token: Option<&str>| Some(Cursor { page: 1, seen: 2, token: token.map(str::to_owned) });
    assert_eq!(next(Paging::Single, "\"x\"", &first), Ok(None));
    assert_eq!(next(Paging::Number, "null", &first), Ok(second(None)));
    for end in ["null", "\"\"", "false"] {
        assert_eq!(next(Paging::Cursor, end, &first), Ok(None), "{end}");
    }
    assert_eq!(next(Paging::Cursor, "17", &first), Ok(second(Some("17"))));
    assert_eq!(next(Paging::Link, "null", &first), Ok(None));
    let link = "https://api.example.com/usage?p=2";
    for text in [link, "/usage?p=2", "?p=2"] {
        assert_eq!(next(Paging::Link, &format!("\"{text}\""), &first), Ok(second(Some(link))), "{text}");
    }
    // Nobody else is told the secret, and no circle is gone round.
    for text in ["https://evil.example/usage", "http://api.example.com/usage", "//evil.example/"] {
        let fault = next(Paging::Link, &format!("\"{text}\""), &first).unwrap_err();
        assert_eq!(fault.said().text(T), T.sources_fault_elsewhere(), "{text}");
    }
    let at = second(Some("17")).unwrap();
    assert_eq!(next(Paging::Cursor, "17", &at).unwrap_err().said().text(T), T.sources_fault_circle());
    // A page that is not full is the last one; where no size is given, an empty one is.
    let unsized_pages = HttpSettings { paging: Paging::Number, page_size: 0, ..settings() };
    let numbered = HttpSettings { paging: Paging::Number, ..settings() };
    for (settings, body, has_next) in [
        (&numbered, r#"{"data":{"items":[{}]}}"#, false),
        (&numbered, r#"{"data":{"items":[]}}"#, false),
        (&unsized_pages, r#"{"data":{"items":[{}]}}"#, true),
        (&unsized_pages, r#"{"data":{"items":[]}}"#, false),
    ] {
        assert_eq!(read(settings, body, &first).unwrap().next.is_some(), has_next, "{body}");
    }
}

#[test]
fn their_names_of_customers_become_ours() {
    let codes = Codes::new("cn-", "-prod", "acme = KH001\nfoo=bar = KH002\n\n").unwrap();
    for (theirs, ours) in [
        ("cn-KH9-prod", "KH9"),
        ("KH9", "KH9"),
        ("acme", "KH001"),
        ("cn-acme-prod", "KH001"),
        ("foo=bar", "KH002"),
        ("", ""),
    ] {
        assert_eq!(codes.ours(theirs), ours, "{theirs}");
    }
    for (table, line) in [("a", 1), ("a=b\n=c", 2), ("a=b\n\nc=", 3)] {
        assert_eq!(Codes::new("", "", table), Err(line), "{table}");
    }
}

#[test]
fn a_request_is_filled_in_and_says_who_asks() {
    let cursor = Cursor { page: 2, seen: 4, token: Some("a b\"{day}&".into()) };
    let asked = |settings: &HttpSettings, secret: &str| {
        request(settings, &Credential(Some(secret.to_owned())), day(), &cursor).unwrap()
    };
    let plain = asked(&settings(), "geheim");
    assert_eq!(
        plain.url.as_str(),
        "https://api.example.com/usage?day=2026-11-19&page=3&size=2&after=a%20b%22%7Bday%7D%26"
    );
    assert!(plain.headers.iter().all(|(_, value)| !value.contains("geheim")));
    for (auth, name, wanted) in [
        (Auth::Bearer, "", ("authorization", "Bearer geheim")),
        (Auth::Basic, "op", ("authorization", "Basic b3A6Z2VoZWlt")),
        (Auth::Header, "x-key", ("x-key", "geheim")),
    ] {
        let settings = HttpSettings { auth, auth_name: name.into(), ..settings() };
        let headers = asked(&settings, "geheim").headers;
        let last = headers.last().map(|(name, value)| (name.as_str(), value.as_str()));
        assert_eq!(last, Some(wanted));
    }
    let body = r#"{"from":"{from}","to":"{to}","until":"{next_day}","after":"{cursor}","other":{}}"#;
    let posted = asked(&HttpSettings { method: Verb::Post, body: body.into(), ..settings() }, "x");
    assert_eq!(
        String::from_utf8(posted.body).unwrap(),
        r#"{"from":"2026-11-19","to":"2026-11-19","until":"2026-11-20","after":"a b\"{day}&","other":{}}"#
    );
    assert!(posted.headers.contains(&("content-type".into(), "application/json".into())));
    // The secret goes where its placeholder stands, and nowhere else.
    let of_body = |auth| HttpSettings {
        method: Verb::Post,
        body: r#"{"token":"{secret}","after":"{cursor}"}"#.into(),
        url: "https://api.example.com/{secret}".into(),
        auth,
        ..settings()
    };
    let posted = asked(&of_body(Auth::Body), "ge\"heim");
    assert_eq!(String::from_utf8(posted.body).unwrap(), r#"{"token":"ge\"heim","after":"a b\"{day}&"}"#);
    assert!(!posted.url.as_str().contains("heim"));
    let plain = asked(&of_body(Auth::Bearer), "geheim");
    assert!(String::from_utf8(plain.body).unwrap().contains("{secret}"));
    let linked = HttpSettings { paging: Paging::Link, ..settings() };
    let cursor = Cursor { token: Some("https://api.example.com/p/2".into()), ..cursor };
    let next = request(&linked, &Credential(None), day(), &cursor).unwrap();
    assert_eq!(next.url.as_str(), "https://api.example.com/p/2");
}

#[test]
fn a_page_without_end_is_none() {
    let body = format!(r#"{{"data":{{"items":[{}0]}}}}"#, "0,".repeat(MAX_RECORDS));
    let fault = read(&settings(), &body, &Cursor::default()).unwrap_err();
    assert!(matches!(fault, Fault::Lasting(_)), "{fault:?}");
}
