//! Bad input over the real router: always a clear answer, never a fault of ours, nothing half-written, and whatever was
//! typed comes back as text.

use actix_web::http::{Method, header};
use chrono::Duration;
use opcms::i18n::Tr;
use opcms::web::routes::{Door, RouteInfo};
use serde_json::json;

use crate::support::html::{self, Element};
use crate::support::routes::{Records, fill, is_page, line, parameters, table};
use crate::support::source::assert_none;
use crate::support::{Answer, Client, PASSWORD, TestApp};

const T: Tr = Tr::ZhCn;

/// What there is, in numbers: every write of a record counts its version up, makes or drops a row, or is audited.
fn fingerprint(app: &TestApp) -> String {
    let query = "SELECT CONCAT_WS('/', (SELECT CONCAT(COUNT(*), 'v', SUM(version)) FROM users), \
            (SELECT CONCAT(COUNT(*), 'v', SUM(version)) FROM roles), \
            (SELECT CONCAT(COUNT(*), 'v', SUM(version)) FROM departments), (SELECT COUNT(*) FROM user_roles), \
            (SELECT COUNT(*) FROM role_permissions), (SELECT COUNT(*) FROM user_preferences), \
            (SELECT COUNT(*) FROM audit_entries))";
    app.texts(query).remove(0)
}

/// Complains about an answer that is not one of ours, or a fault of ours.
fn examine(what: &str, answer: &Answer, complaints: &mut Vec<String>) {
    if answer.status >= 500 {
        complaints.push(format!("{what}: a fault of ours: {}", answer.summary()));
    }
    let kind = answer.header("content-type").unwrap_or_default();
    if answer.status >= 400 && answer.body.trim().is_empty() {
        complaints.push(format!("{what}: {} without a word", answer.status));
    } else if answer.status >= 400 && !kind.starts_with("text/html") && kind != "application/problem+json" {
        complaints.push(format!("{what}: {} as {kind:?}: {}", answer.status, answer.summary()));
    }
}

#[actix_web::test]
async fn cookies_of_any_shape_are_survived() {
    let app = TestApp::new().await;
    let mut complaints = Vec::new();
    let long = "x".repeat(7000);
    let real = app.signed_in("wang").await.cookie("opcms_session").unwrap();
    let (head, tail) = real.split_at(real.len() / 2);
    let broken = [
        String::new(),
        "x".into(),
        "%".into(),
        "%00%ff%fe".into(),
        "\"unclosed".into(),
        "=;;==".into(),
        "{\"user\":1}".into(),
        head.into(),
        format!("{head}A{tail}"),
        format!("{real}{real}"),
        long,
    ];
    for name in ["opcms_session", "opcms_csrf", "opcms_flash", "opcms_language"] {
        for value in &broken {
            let browser = app.anonymous();
            browser.set_cookie(name, value);
            let what = format!("{name}={}", value.chars().take(40).collect::<String>());
            let answer = browser.get("/sign-in").await;
            examine(&what, &answer, &mut complaints);
            if answer.status != 200 {
                complaints.push(format!("{what}: the sign-in page does not open: {}", answer.summary()));
                continue;
            }
            if answer.body.contains("class=\"flash") {
                complaints.push(format!("{what}: a forged cookie speaks: {}", answer.summary()));
            }
            if !["opcms_session", "opcms_csrf"].contains(&name) {
                continue;
            }
            // Whatever the browser held, signing in works.
            let signed_in =
                browser.submit(&answer, "/sign-in", &[("username", "wang"), ("password", PASSWORD)]).await;
            if signed_in.status != 303 {
                complaints.push(format!("{what}: signing in is impossible: {}", signed_in.summary()));
            }
        }
    }
    for raw in ["", ";", "=", "a", "a=b; a=c; ; =d", "\u{fffd}=\u{fffd}", &"k=v; ".repeat(500)] {
        let request = app.anonymous().request(Method::GET, "/sign-in").insert_header((header::COOKIE, raw));
        let answer = app.anonymous().send(request).await;
        examine(&format!("Cookie: {}", raw.chars().take(40).collect::<String>()), &answer, &mut complaints);
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn the_token_of_a_form_belongs_to_one_browser_and_one_user() {
    let app = TestApp::new().await;
    let (wang, li) = (app.signed_in("wang").await, app.signed_in("li").await);
    let mut tokens =
        vec![None, Some(String::new()), Some("x".into()), Some("=".repeat(500)), Some("令牌".into())];
    tokens.push(Some(li.csrf_token()));
    tokens.push(Some(app.anonymous().csrf_token()));
    let mut complaints = Vec::new();
    let pages: Vec<_> =
        table().iter().filter(|route| is_page(route) && route.method != Method::GET).cloned().collect();
    for route in &pages {
        let path = fill(&app, route.path, Records::Ours);
        for token in &tokens {
            let fields: Vec<(&str, &str)> = token.iter().map(|token| ("csrf", token.as_str())).collect();
            let answer = if route.takes_upload {
                wang.upload_exactly(&path, &fields, Some(("staff.csv", b"username"))).await
            } else {
                wang.post_exactly(&path, &fields).await
            };
            if answer.status != 403 || !answer.body.contains(T.error_csrf_text()) {
                complaints.push(format!("{} with the token {token:?}: {}", line(route), answer.summary()));
            }
        }
        if !route.takes_upload {
            let request = wang.request(Method::POST, &path).insert_header(("sec-fetch-site", "cross-site"));
            let request = request.insert_header(("x-csrf-token", wang.csrf_token()));
            let answer = wang.send(request).await;
            if answer.status != 403 {
                complaints.push(format!("{} from another site: {}", line(route), answer.summary()));
            }
        }
    }
    assert_none(&complaints);
    assert_eq!(app.audited().iter().filter(|action| *action != "accounts.token.created").count(), 0);
}

#[actix_web::test]
async fn a_file_before_the_token_is_not_even_read() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let token = admin.csrf_token();
    for route in table().iter().filter(|route| is_page(route) && route.takes_upload) {
        let fields = [("note", "before"), ("csrf", token.as_str())];
        admin.upload_exactly(route.path, &fields, None).await.status(403);
        let truncated = b"------x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nhalf".to_vec();
        let answer = admin.post_body(route.path, "multipart/form-data; boundary=----x", truncated).await;
        assert!((400..500).contains(&answer.status), "{}", answer.summary());
        let answer = admin.post_body(route.path, "multipart/form-data", "no boundary").await;
        assert!((400..500).contains(&answer.status), "{}", answer.summary());
    }
    assert_eq!(app.audited(), Vec::<String>::new());
}

#[actix_web::test]
async fn bodies_that_are_no_forms_are_refused() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    app.token_of("li");
    app.customer_of("li");
    app.view_of("li");
    app.run_of_job();
    app.delivery_to("li");
    app.one_of_each("li");
    let before = fingerprint(&app);
    let token = admin.csrf_token();
    let form = "application/x-www-form-urlencoded";
    let huge = format!("csrf={token}&name={}", "x".repeat(300 * 1024));
    let invalid =
        [b"csrf=".as_slice(), token.as_bytes(), b"&name=\xff\xfe&language=en&username=%ff%fe%00"].concat();
    let twice = format!("csrf={token}&username=a&username=b&language=en&language=zh-CN&name=a&name=b");
    let bodies: Vec<(&str, Vec<u8>, Vec<u16>)> = vec![
        ("text/plain", format!("csrf={token}").into_bytes(), vec![415]),
        ("application/json", json!({"csrf": token}).to_string().into_bytes(), vec![415]),
        ("multipart/form-data; boundary=x", b"--x--".to_vec(), vec![415]),
        ("", format!("csrf={token}").into_bytes(), vec![415]),
        (form, huge.into_bytes(), vec![413]),
        (form, b"%%%&&&===".to_vec(), vec![403]),
        (form, invalid, vec![]),
        (form, twice.into_bytes(), vec![]),
    ];
    let mut complaints = Vec::new();
    // The last two bodies may do what they ask for: in a world of their own.
    let other = TestApp::new().await;
    let other_admin = other.signed_in("admin").await;
    let other_token = other_admin.csrf_token();
    let pages: Vec<_> =
        table().iter().filter(|route| is_page(route) && route.method != Method::GET).cloned().collect();
    for route in pages.iter().filter(|route| !route.takes_upload && !route.path.starts_with("/sign-")) {
        for (kind, body, statuses) in &bodies {
            let path = fill(&app, route.path, Records::Ours);
            if statuses.is_empty() {
                let path = fill(&other, route.path, Records::Ours);
                let body = replace(body, token.as_bytes(), other_token.as_bytes());
                let answer = other_admin.post_body(&path, kind, body).await;
                examine(&format!("{} with a strange body", line(route)), &answer, &mut complaints);
                continue;
            }
            let answer = admin.post_body(&path, kind, body.clone()).await;
            examine(&format!("{} as {kind:?}", line(route)), &answer, &mut complaints);
            if !statuses.contains(&answer.status) {
                complaints.push(format!(
                    "{} as {kind:?}: {statuses:?} expected: {}",
                    line(route),
                    answer.summary()
                ));
            }
        }
    }
    assert_eq!(fingerprint(&app), before);
    assert_none(&complaints);
}

fn replace(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match body.windows(from.len()).position(|window| window == from) {
        Some(at) => [&body[..at], to, &body[at + from.len()..]].concat(),
        None => body.to_vec(),
    }
}

#[actix_web::test]
async fn ids_that_name_nothing_are_not_found() {
    let app = TestApp::new().await;
    let (admin, api) = (app.signed_in("admin").await, app.api("admin"));
    let before = fingerprint(&app);
    let ids = [
        "0",
        "-1",
        "999999999",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999",
        "abc",
        "1e3",
        "1.0",
        "%31%00",
        "%00",
        "%20",
        "1%20OR%201=1",
        "%27",
        "%2e%2e",
        "%F0%9F%98%80",
        "%ff",
        "0x10",
        "%D9%A1",
        "null",
    ];
    let mut complaints = Vec::new();
    for route in table().iter() {
        let names = parameters(route.path);
        if route.door == Door::Api || route.path.starts_with("/b/") {
            // The limit of a token is not what this is about.
            app.clock.advance(Duration::minutes(1));
        }
        for id in ids.iter().filter(|_| !names.is_empty()) {
            let path = names
                .iter()
                .fold(route.path.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), id));
            let answer = match (route.door, route.method == Method::GET) {
                (Door::Page, true) => admin.get(&path).await,
                (Door::Page, false) if route.takes_upload => admin.upload(&path, &[], ("a.csv", b"a")).await,
                (Door::Page, false) => admin.post(&path, &[]).await,
                (Door::Api, true) => api.get(&path).await,
                (Door::Api, false) => {
                    api.send(api.request(route.method.clone(), &path).set_json(json!({"version": "1"}))).await
                }
            };
            examine(&format!("{} {path}", route.method), &answer, &mut complaints);
            if answer.status != 404 {
                complaints.push(format!("{} {path}: 404 expected: {}", route.method, answer.summary()));
            }
        }
    }
    assert_none(&complaints);
    assert_eq!(fingerprint(&app), before);
}

#[actix_web::test]
async fn methods_that_a_path_does_not_know_are_refused_in_words() {
    let app = TestApp::new().await;
    let (admin, api) = (app.signed_in("admin").await, app.api("admin"));
    let mut complaints = Vec::new();
    let odd = Method::from_bytes(b"BREW").unwrap();
    let methods =
        [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::TRACE, Method::POST, odd];
    for route in table().iter() {
        for method in &methods {
            if table().iter().any(|other| other.path == route.path && other.method == *method) {
                continue;
            }
            let path = fill(&app, route.path, Records::Ours);
            let answer = match route.door {
                Door::Page => admin.send(admin.request(method.clone(), &path)).await,
                Door::Api => api.send(api.request(method.clone(), &path)).await,
            };
            examine(&format!("{method} {path}"), &answer, &mut complaints);
            if answer.status != 405 {
                complaints.push(format!("{method} {path}: 405 expected: {}", answer.summary()));
            }
        }
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn no_path_leads_out_of_the_assets() {
    let app = TestApp::new().await;
    let browser = app.anonymous();
    let mut complaints = Vec::new();
    for path in [
        "/static/../Cargo.toml",
        "/static/%2e%2e/Cargo.toml",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/static//etc/passwd",
        "/static/css/../../src/main.rs",
        "/static/css%00.css",
        "/static/",
        "/static/%ff",
        "/static/vendor/README.md",
        "//etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/css/app.css/",
        "/%00",
        "/%ff%fe",
    ] {
        let answer = browser.get(path).await;
        if answer.status != 404 {
            complaints.push(format!("{path}: 404 expected: {}", answer.summary()));
        }
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn nothing_that_is_typed_ends_up_in_a_header() {
    let app = TestApp::new().await;
    let mut complaints = Vec::new();
    for bad in ["/a\r\nX-Evil: 1", "/a%0d%0aX-Evil:%201", "/\u{0}", "/\u{7f}", "/é", "/😀", "/a b"] {
        let browser = app.anonymous();
        let fields = [("username", "wang"), ("password", PASSWORD), ("next", bad)];
        let answer = browser.post("/sign-in", &fields).await;
        examine(&format!("next={bad:?}"), &answer, &mut complaints);
        let answer_to_switch = browser.post("/language", &[("language", "en"), ("back", bad)]).await;
        examine(&format!("back={bad:?}"), &answer_to_switch, &mut complaints);
        for answer in [answer, answer_to_switch] {
            if answer.header("x-evil").is_some() {
                complaints.push(format!("{bad:?} became a header"));
            }
        }
    }
    for name in [
        "accept-language",
        "user-agent",
        "x-forwarded-for",
        "x-forwarded-proto",
        "referer",
        "hx-request",
        "range",
    ] {
        for value in ["", "\u{80}", "a\tb", "😀", &"x".repeat(9000)] {
            let browser = app.anonymous();
            let request = browser.request(Method::GET, "/sign-in").insert_header((name, value));
            let answer = browser.send(request).await;
            examine(
                &format!("{name}: {}", value.chars().take(20).collect::<String>()),
                &answer,
                &mut complaints,
            );
        }
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn json_of_any_shape_is_survived() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies: Vec<(&str, Vec<u8>, Vec<u16>)> = vec![
        ("application/json", b"".to_vec(), vec![400]),
        ("application/json", b"{".to_vec(), vec![400]),
        ("application/json", b"null".to_vec(), vec![400, 422]),
        ("application/json", b"[]".to_vec(), vec![400, 422]),
        ("application/json", b"\"text\"".to_vec(), vec![400]),
        ("application/json", b"{\"name\": {\"deep\": [1]}, \"reason\": [{}]}".to_vec(), vec![400, 422]),
        (
            "application/json",
            b"{\"name\": \"a\", \"name\": 7, \"name\": \"\", \"reason\": {}, \"reason\": 7}".to_vec(),
            vec![400, 422],
        ),
        ("application/json", b"{\"name\": \"\xff\"}".to_vec(), vec![400]),
        ("application/json", b"{\"name\": \"\\ud800\", \"reason\": \"\\ud800\"}".to_vec(), vec![400]),
        ("application/json", deep.into_bytes(), vec![400]),
        ("application/json", format!("{{\"name\": \"{}\"}}", "x".repeat(9 << 20)).into_bytes(), vec![413]),
        ("text/plain", b"{}".to_vec(), vec![415]),
        ("application/x-www-form-urlencoded", b"name=a".to_vec(), vec![415]),
        ("", b"{}".to_vec(), vec![415]),
    ];
    let mut complaints = Vec::new();
    let takes_body = [Method::POST, Method::PATCH];
    for route in table().iter().filter(|route| route.door == Door::Api && takes_body.contains(&route.method))
    {
        app.clock.advance(Duration::minutes(1));
        let own = route.path.replace("{notification}", &app.notification_of("admin").to_string());
        let path = fill(&app, &own, Records::Ours);
        let nonsense = api.request(route.method.clone(), &path).set_payload("{{{");
        if api.send(nonsense).await.status < 300 {
            // An action that takes no body does not look at one.
            continue;
        }
        let before = fingerprint(&app);
        for (kind, body, statuses) in &bodies {
            // A form that takes a file along is no JSON at all.
            let statuses = if route.takes_upload { &vec![415] } else { statuses };
            let request =
                api.request(route.method.clone(), &path).insert_header((header::CONTENT_TYPE, *kind));
            let answer = api.send(request.set_payload(body.clone())).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            examine(&format!("{} with {shown}", line(route)), &answer, &mut complaints);
            if !statuses.contains(&answer.status) && answer.status != 422 {
                complaints.push(format!(
                    "{} with {shown}: {statuses:?} expected: {}",
                    line(route),
                    answer.summary()
                ));
            }
        }
        if fingerprint(&app) != before {
            complaints.push(format!("{} wrote something for a body that it refused", line(route)));
        }
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn queries_of_any_shape_show_a_page() {
    let app = TestApp::new().await;
    let (admin, api) = (app.signed_in("admin").await, app.api("admin"));
    let mut complaints = Vec::new();
    let mut asked = 0;
    for route in
        table().iter().filter(|route| route.method == Method::GET && parameters(route.path).is_empty())
    {
        let plain = match route.door {
            Door::Page => admin.get(route.path).await,
            Door::Api => api.get(route.path).await,
        };
        for (count, query) in queries(route, &plain.body).iter().enumerate() {
            let path = format!("{}{query}", route.path);
            let answer = match route.door {
                Door::Page => admin.get(&path).await,
                Door::Api => api.get(&path).await,
            };
            asked += 1;
            let what: String = path.chars().take(80).collect();
            examine(&what, &answer, &mut complaints);
            if answer.body.contains("<script>alert(1)") {
                complaints.push(format!("{what}: comes back as HTML"));
            }
            let refusing = route.door == Door::Api && [400, 422].contains(&answer.status);
            // Which record the files are of stands in the query.
            let unnamed = route.path == "/files" && answer.status == 404;
            if answer.status >= 400 && !refusing && !unnamed {
                complaints.push(format!("{what}: {}", answer.summary()));
            }
            if route.door == Door::Api && count % 50 == 0 {
                // A program may ask only so often in a minute.
                app.clock.advance(Duration::minutes(1));
                admin.get("/profile").await;
            }
        }
    }
    assert!(asked > 500, "the test finds no parameters any more");
    assert_none(&complaints);
}

const QUERY_VALUES: [&str; 17] = [
    "",
    "0",
    "-1",
    "99999999999999999999",
    "abc",
    "%00",
    "%ff",
    "%F0%9F%98%80",
    "'%20OR%201=1--",
    "%25_%5C",
    "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "2026-02-30",
    "9999-12-31",
    "-9999-01-01",
    "2026-11-20",
    "-created",
    "name,name",
];

/// Bad queries for a route: every parameter that its links, its filter or its description name, with every bad value.
fn queries(route: &RouteInfo, page: &str) -> Vec<String> {
    let mut names: Vec<String> = vec!["q".into(), "page".into()];
    for element in html::elements(page) {
        let in_filter =
            ["input", "select"].contains(&element.name.as_str()) && element.attribute("name").is_some();
        names.extend(element.attribute("name").filter(|_| in_filter).map(str::to_owned));
        let link = element.attribute("href").and_then(|href| href.split_once('?'));
        if let Some((_, query)) = link.filter(|(path, _)| *path == route.path) {
            names.extend(query.split('&').filter_map(|pair| pair.split('=').next()).map(str::to_owned));
        }
    }
    names.extend(route.doc.iter().flat_map(|doc| doc.parameters).map(|parameter| parameter.name.to_owned()));
    names.retain(|name| name != "csrf");
    names.sort();
    names.dedup();
    let mut queries: Vec<String> =
        ["?", "?=", "?&&&", "?%", "?page", "?q=a&q=b", "?page=1&page=2", "?[]=1", "?a[b]=1"]
            .map(str::to_owned)
            .to_vec();
    queries.push(format!("?q={}", "x".repeat(5000)));
    for name in names {
        queries.extend(QUERY_VALUES.iter().map(|value| format!("?{name}={value}")));
    }
    queries
}

/// What people and programs type into fields.
fn bad_values() -> Vec<(&'static str, String)> {
    vec![
        ("nothing", String::new()),
        ("spaces", " \u{3000}\t ".into()),
        ("too much", "长".repeat(5000)),
        ("control characters", "a\u{0}b\u{1b}[31m\u{7f}\u{200f}\r\nc".into()),
        ("emoji", "👨‍👩‍👧‍👦😀𠮷".into()),
        ("HTML", MARKUP.into()),
        ("SQL", "Robert'); DROP TABLE users; -- \\' %_".into()),
        ("a template", "{{ 7 * 7 }} {% raw %} ${7*7} Some(None)".into()),
        ("a number beyond all", "99999999999999999999".into()),
        ("a formula", "=1+1|'cmd'!A0".into()),
    ]
}

const MARKUP: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";

/// A form that was found on a page.
#[derive(Debug, Clone)]
struct FoundForm {
    /// The route of the page that it stands on.
    page: &'static str,
    /// Its action as a route.
    action: String,
    /// Its fields, and whether one can type anything there.
    fields: Vec<(String, bool)>,
}

fn forms_on(page: &Answer, route: &'static str) -> Vec<FoundForm> {
    let all = html::elements(&page.body);
    let posts = |element: &&Element| element.name == "form" && element.attribute("method") == Some("post");
    let mut found = Vec::new();
    for form in all.iter().filter(posts) {
        let action = form.attribute("action").unwrap_or_default().to_owned();
        let inside = |field: &&Element| match field.attribute("form") {
            Some(id) => form.attribute("id") == Some(id),
            None => form.range.0 < field.range.0 && field.range.1 <= form.range.1,
        };
        let controls = all
            .iter()
            .filter(|field| ["input", "select", "textarea", "button"].contains(&field.name.as_str()));
        let named = controls.filter(inside).filter(|field| field.attribute("type") != Some("file"));
        let mut fields: Vec<(String, bool)> = named
            .filter_map(|field| {
                let kind = field.attribute("type").unwrap_or("text");
                let typed = ["text", "search", "email", "password", "url", "date"].contains(&kind);
                let free = field.name == "textarea" || (field.name == "input" && typed);
                Some((field.attribute("name")?.to_owned(), free))
            })
            .filter(|(name, _)| name != "csrf")
            .collect();
        fields.sort();
        fields.dedup();
        found.push(FoundForm { page: route, action, fields });
    }
    found
}

/// Every form of every page, once, as the admin finds them.
async fn all_forms(app: &TestApp, admin: &Client) -> Vec<FoundForm> {
    let mut found: Vec<FoundForm> = Vec::new();
    for route in table().iter().filter(|route| is_page(route) && route.method == Method::GET) {
        let page = if route.path == "/sign-in" {
            app.anonymous().get(route.path).await
        } else {
            admin.get(&fill(app, route.path, Records::Ours)).await
        };
        for form in forms_on(&page, route.path) {
            if !found.iter().any(|other| other.action == form.action && other.fields == form.fields) {
                found.push(form);
            }
        }
    }
    found.retain(|form| form.action != "/sign-out");
    found
}

/// Where a form leads in this world: the key of a link to a bill is another one in each.
fn action_on(app: &TestApp, form: &FoundForm) -> String {
    match form.action.strip_prefix("/b/").and_then(|rest| rest.split_once('/')) {
        Some((_, rest)) => format!("{}/{rest}", fill(app, form.page, Records::Ours)),
        None => form.action.clone(),
    }
}

#[actix_web::test]
async fn every_field_of_every_form_takes_anything_and_answers_in_words() {
    let mut app = TestApp::new().await;
    let mut admin = app.signed_in("admin").await;
    app.one_of_each("li");
    let mut complaints = Vec::new();
    let mut tried = 0;
    for form in all_forms(&app, &admin).await {
        let (mut page, mut before) = (None, fingerprint(&app));
        for (field, free) in &form.fields {
            for (kind, value) in
                bad_values().into_iter().filter(|(kind, _)| *free || FOR_CHOICES.contains(kind))
            {
                let mut shown = match page.take() {
                    Some(shown) => shown,
                    None => admin.get(&fill(&app, form.page, Records::Ours)).await,
                };
                let stranger = app.anonymous();
                let action = action_on(&app, &form);
                if form.page == "/sign-in" {
                    shown = stranger.get("/sign-in").await;
                } else if !shown.body.contains(&format!("action=\"{action}\"")) {
                    // An earlier value did what the form is for: a fresh world.
                    app = TestApp::new().await;
                    admin = app.signed_in("admin").await;
                    app.one_of_each("li");
                    before = fingerprint(&app);
                    shown = admin.get(&fill(&app, form.page, Records::Ours)).await;
                }
                let client = if form.page == "/sign-in" { &stranger } else { &admin };
                let what = format!("{} on {}: {kind} in {field}", form.action, form.page);
                let answer = submit(client, &shown, &action_on(&app, &form), field, &value).await;
                tried += 1;
                examine(&what, &answer, &mut complaints);
                let after = fingerprint(&app);
                if answer.status >= 400 && after != before {
                    complaints.push(format!("{what}: refused, but something was written"));
                }
                if ![200, 303, 400, 404, 409, 422, 429].contains(&answer.status) {
                    complaints.push(format!("{what}: {}", answer.summary()));
                }
                let next = match answer.header("location") {
                    Some(location) if answer.status == 303 => client.get(location).await,
                    _ => answer.clone(),
                };
                for shown in [&answer, &next] {
                    if shown.body.contains("<script>alert") || shown.body.contains("<img src=x") {
                        complaints.push(format!("{what}: comes back as HTML"));
                    }
                    examine(&what, shown, &mut complaints);
                }
                if answer.status >= 400 && form.page != "/sign-in" {
                    page = Some(shown);
                }
                before = after;
            }
        }
    }
    assert!(tried > 200, "the test finds no forms any more");
    assert_none(&complaints);
}

/// What is tried on fields that one chooses from or that are hidden.
const FOR_CHOICES: [&str; 4] = ["nothing", "too much", "HTML", "a number beyond all"];

async fn submit(client: &Client, page: &Answer, action: &str, field: &str, value: &str) -> Answer {
    let uploads = html::elements(&page.body).into_iter().any(|element| {
        element.attribute("action") == Some(action)
            && element.attribute("enctype") == Some("multipart/form-data")
    });
    if uploads {
        return client.upload(action, &[(field, value)], ("staff.csv", value.as_bytes())).await;
    }
    client.submit(page, action, &[(field, value)]).await
}
