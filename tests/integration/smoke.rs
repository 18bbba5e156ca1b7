//! Every page opens, for the admin, in both languages, whole and as a part, and is well made.

use std::collections::BTreeSet;
use std::io::Write as _;

use actix_web::http::Method;
use flate2::Compression;
use flate2::write::GzEncoder;
use opcms::i18n::Tr;
use opcms::web::routes::RouteInfo;

use crate::support::html::{self, Element};
use crate::support::routes::{Records, fill, is_page, table};
use crate::support::source::assert_none;
use crate::support::{Answer, Client, TestApp};
use crate::words::{foreign_words, hanzi, identifiers};

/// The most that a page may weigh, compressed.
const MAX_BYTES: usize = 60 * 1024;

/// What a page shows when something was printed that should have been worded.
const LEAKS: [&str; 9] = ["{{", "}}", "{%", "%}", "Some(", "None", "Ok(", "Err(", "DateTime"];

/// Attributes that people read or hear.
const SPOKEN: [&str; 6] = ["aria-label", "title", "placeholder", "alt", "data-confirm", "data-why"];

fn pages() -> Vec<RouteInfo> {
    table()
        .iter()
        .filter(|route| is_page(route) && !route.is_part && route.method == Method::GET)
        .cloned()
        .collect()
}

/// The pages of somebody who is signed in, and of somebody who is not.
fn visitors(app: &TestApp, admin: Client) -> [(Client, bool); 2] {
    [(admin, true), (app.anonymous(), false)]
}

#[actix_web::test]
async fn every_page_opens_whole_and_as_a_part_in_both_languages() {
    let app = TestApp::new().await;
    let mut complaints = Vec::new();
    let mut opened = 0;
    app.session_of("admin");
    app.token_of("admin");
    app.view_of("admin");
    app.customer_of("li");
    app.file_of("li");
    app.job();
    app.notification_of("admin");
    app.delivery_to("li");
    app.batch_of("li");
    app.one_of_each("li");
    app.dispute_of("li");
    let data = app.data();
    for t in Tr::ALL {
        let admin = app.signed_in("admin").await;
        for (client, is_admin) in visitors(&app, admin) {
            client.set_cookie("opcms_language", t.tag());
            for route in pages().into_iter().filter(|route| is_admin == (route.path != "/sign-in")) {
                let path = fill_for_admin(&app, route.path);
                let answer = client.get(&path).await;
                let mut say = |text: String| complaints.push(format!("{path} in {}: {text}", t.tag()));
                if answer.status != 200 {
                    say(answer.summary());
                    continue;
                }
                opened += 1;
                headers(&answer, caching(route.path), referrer(route.path), &mut say);
                if !answer.header("content-type").unwrap_or_default().starts_with("text/html") {
                    continue;
                }
                whole(&answer, t, &mut say);
                let part = client.get_part(&path).await;
                if part.status == 200 {
                    as_part(&part, &answer, &mut say);
                } else {
                    say(part.summary());
                }
                for page in [&answer, &part] {
                    well_made(page, &mut say);
                    one_language(page, t, &data, &mut say);
                }
            }
        }
    }
    assert_none(&complaints);
    assert_eq!(opened, pages().len() * 2);
}

/// One's own sessions, tokens, views and batches are the admin's; everybody else's records are li's.
fn fill_for_admin(app: &TestApp, path: &str) -> String {
    let own = path.replace("{session}", &app.session_of("admin").to_string());
    let own = own.replace("{token}", &app.token_of("admin").to_string());
    let own = own.replace("{view}", &app.view_of("admin").to_string());
    // Only who made a batch has it worked out anew.
    let own = own.replace("{batch}", &app.batch_of("admin").to_string());
    fill(app, &own, Records::Ours)
}

/// Pages are kept nowhere; a file is, and asked about each time.
fn caching(path: &str) -> &'static str {
    if path.starts_with("/files/{file}") { "private, no-cache" } else { "no-store" }
}

/// A page that is opened by its address alone tells that to no other site, nor to another page of ours.
fn referrer(path: &str) -> &'static str {
    if path.starts_with("/b/") { "no-referrer" } else { "same-origin" }
}

fn headers(answer: &Answer, caching: &str, referrer: &str, say: &mut impl FnMut(String)) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cache-control", caching),
        ("x-frame-options", "DENY"),
        ("referrer-policy", referrer),
    ] {
        if answer.header(name) != Some(value) {
            say(format!("the header {name} is {:?}, not {value:?}", answer.header(name)));
        }
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    if !policy.contains("default-src 'none'") || policy.contains("unsafe-") {
        say(format!("the content security policy is {policy:?}"));
    }
    if answer.header("x-request-id").is_none() {
        say("the answer has no request id".into());
    }
}

fn whole(page: &Answer, t: Tr, say: &mut impl FnMut(String)) {
    if !page.body.starts_with("<!doctype html>") {
        say("it is no whole document".into());
    }
    if !page.body.contains(&format!("<html lang=\"{}\">", t.tag())) {
        say("it does not tell its language".into());
    }
    let bytes = compressed(&page.bytes);
    if bytes > MAX_BYTES {
        say(format!("it weighs {bytes} bytes compressed"));
    }
    if html::elements(&page.body).iter().filter(|element| element.name == "main").count() != 1 {
        say("it has not exactly one <main>".into());
    }
}

fn as_part(part: &Answer, whole: &Answer, say: &mut impl FnMut(String)) {
    if part.body.contains("<html") || part.body.contains("<nav class=\"side\"") {
        say("htmx is sent the frame too".into());
    }
    let title =
        |page: &Answer| html::elements(&page.body).into_iter().find(|e| e.name == "title").map(|e| e.text);
    if title(part) != title(whole) {
        say(format!("the part is titled {:?}, the page {:?}", title(part), title(whole)));
    }
}

fn well_made(page: &Answer, say: &mut impl FnMut(String)) {
    let elements = html::elements(&page.body);
    let named = |name: &str| elements.iter().filter(|element| element.name == name).collect::<Vec<_>>();
    let headings = named("h1");
    if headings.len() != 1 || headings[0].text.is_empty() {
        say(format!("it has {} headings of the first level", headings.len()));
    }
    match named("title").as_slice() {
        [title] if title.text.len() > " · OP-CMS".len() && title.text.ends_with(" · OP-CMS") => {}
        other => say(format!("its title is {other:?}")),
    }
    let mut ids = BTreeSet::new();
    for id in elements.iter().filter_map(|element| element.attribute("id")) {
        if !ids.insert(id) {
            say(format!("the id {id:?} occurs twice"));
        }
    }
    let whole = page.body.starts_with("<!doctype");
    for element in &elements {
        for name in [
            "for",
            "aria-describedby",
            "aria-labelledby",
            "aria-controls",
            "form",
            "data-copy",
            "data-reveal",
        ] {
            let targets = element.attribute(name).unwrap_or_default();
            for target in targets.split_whitespace().map(|target| target.trim_start_matches('#')) {
                if whole && !ids.contains(target) {
                    say(format!("{name}={target:?} leads to no element"));
                }
            }
        }
        if element.name == "style" || (element.name == "script" && element.attribute("src").is_none()) {
            say(format!("<{}> has its content inline, which the policy forbids", element.name));
        }
        if element.attribute("style").is_some()
            || element.attributes.iter().any(|(name, _)| name.starts_with("on"))
        {
            say(format!("<{}> has an inline style or script, which the policy forbids", element.name));
        }
        leads_somewhere(element, say);
        has_a_label(element, &elements, say);
    }
    // What is written for machines is shown as it is written.
    let for_machines =
        |element: &Element| element.name == "code" || element.attribute("translate") == Some("no");
    let text = html::visible_text(&html::without(&page.body, for_machines));
    // "None" may be an English word.
    let english = page.body.contains("<html lang=\"en\">") || !page.body.starts_with("<!doctype");
    for leak in LEAKS {
        if text.contains(leak) && !(english && leak == "None") {
            say(format!("{leak:?} stands on the page: {}", around(&text, leak)));
        }
    }
}

/// Links and forms lead to routes that there are.
fn leads_somewhere(element: &Element, say: &mut impl FnMut(String)) {
    let method = element.attribute("method").unwrap_or("get").to_uppercase();
    let (target, method) = match element.name.as_str() {
        "a" => (element.attribute("href"), "GET"),
        "form" => (element.attribute("action"), method.as_str()),
        "button" => (element.attribute("formaction"), element.attribute("formmethod").unwrap_or("*")),
        _ => return,
    };
    let Some(target) = target else { return };
    // Messages lead to us from outside.
    let target = target.strip_prefix("http://127.0.0.1:8080").unwrap_or(target);
    let path = target.split(['?', '#']).next().unwrap();
    if path.is_empty()
        || path.starts_with("/static/")
        || path.starts_with("mailto:")
        || path.starts_with("tel:")
    {
        return;
    }
    let table = table();
    let leads =
        table.iter().any(|route| (method == "*" || route.method == method) && matches(route.path, path));
    if !leads {
        say(format!("<{}> leads to {method} {target}, which is no route", element.name));
    }
    if element.name == "form" && method == "GET" && element.attribute("role") != Some("search") {
        say(format!("the form for {target} is sent by GET and is no search"));
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern.iter().zip(path).all(|(segment, actual)| *segment == actual || segment.starts_with('{'))
}

/// Every control says what it is for, and every form that changes something carries the token.
fn has_a_label(element: &Element, all: &[Element], say: &mut impl FnMut(String)) {
    let inside = |outer: &Element| outer.range.0 < element.range.0 && element.range.1 <= outer.range.1;
    match element.name.as_str() {
        "input" | "select" | "textarea" => {
            let hidden = element.attribute("type") == Some("hidden") || element.attribute("hidden").is_some();
            let id = element.attribute("id");
            let labelled = element.attribute("aria-label").is_some()
                || element.attribute("aria-labelledby").is_some()
                || all
                    .iter()
                    .any(|label| label.name == "label" && id.is_some() && label.attribute("for") == id)
                || all.iter().any(|label| label.name == "label" && inside(label));
            if !hidden && !labelled {
                say(format!("the field {:?} has no label", element.attribute("name")));
            }
        }
        "button" | "a" | "summary" => {
            let icon_only = element.text.is_empty() && element.attribute("aria-label").is_none();
            if icon_only {
                say(format!("a <{}> says nothing: {:?}", element.name, element.attributes));
            }
        }
        "form" if element.attribute("method") == Some("post") => {
            let guarded = all.iter().any(|field| {
                field.attribute("name") == Some("csrf")
                    && element.range.0 < field.range.0
                    && field.range.1 <= element.range.1
            });
            if !guarded {
                say(format!("the form for {:?} has no token", element.attribute("action")));
            }
        }
        _ => {}
    }
}

/// What is written on the page, without what people have typed, is of one language.
fn one_language(page: &Answer, t: Tr, data: &[String], say: &mut impl FnMut(String)) {
    let foreign = |element: &Element| {
        ["code", "pre", "kbd", "samp"].contains(&element.name.as_str())
            || element.attribute("translate") == Some("no")
            || ["avatar-text", "mono"].iter().any(|class| element.has_class(class))
            || (element.name != "html" && element.attribute("lang").is_some_and(|tag| tag != t.tag()))
    };
    let own = html::without(&page.body, foreign);
    let mut texts = vec![html::visible_text(&own)];
    for element in html::elements(&own) {
        let spoken = element.attributes.iter().filter(|(name, _)| {
            SPOKEN.contains(&name.as_str())
                || name.starts_with("data-word")
                || name.starts_with("data-confirm")
        });
        texts.extend(spoken.map(|(_, value)| value.clone()));
    }
    for text in texts {
        let text = data.iter().fold(text, |text, datum| strike(&text, datum));
        // Languages are called by their own names, and addresses are no words.
        let text = Tr::ALL.iter().fold(text, |text, language| strike(&text, language.name()));
        let text =
            text.split_whitespace().filter(|word| !word.starts_with('/')).collect::<Vec<_>>().join(" ");
        match t {
            Tr::ZhCn => {
                let mut words = foreign_words(&text);
                words.retain(|word| !is_version(word));
                words.retain(|word| !page.body.contains("id=\"g-start\"") || !identifiers().contains(word));
                if !words.is_empty() {
                    say(format!("English words {words:?}"));
                }
            }
            Tr::En => {
                let hanzi = hanzi(&text);
                if !hanzi.is_empty() {
                    say(format!("Chinese {hanzi:?}"));
                }
            }
        }
    }
}

/// Whether a word names a version of prices, such as `V12`, which it does in every language.
fn is_version(word: &str) -> bool {
    word.strip_prefix('V').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The text without the occurrences of `datum` that are not part of a longer word.
fn strike(text: &str, datum: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(datum) {
        let (before, after) = (&rest[..at], &rest[at + datum.len()..]);
        kept.push_str(before);
        let word = |c: char| c.is_ascii_alphanumeric();
        let bounded =
            |inner: Option<char>, outer: Option<char>| !(inner.is_some_and(word) && outer.is_some_and(word));
        let alone = bounded(datum.chars().next(), kept.chars().next_back())
            && bounded(datum.chars().next_back(), after.chars().next());
        kept.push_str(if alone { " " } else { datum });
        rest = after;
    }
    kept + rest
}

fn around(text: &str, part: &str) -> String {
    let (before, after) = text.split_once(part).unwrap_or_default();
    let before: String = before.chars().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect();
    format!("…{before}{part}{}…", after.chars().take(30).collect::<String>())
}

fn compressed(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

#[actix_web::test]
async fn error_pages_keep_the_frame_and_forms_that_work() {
    let app = TestApp::new().await;
    for t in Tr::ALL {
        let admin = app.signed_in("admin").await;
        admin.switch_language(t.tag()).await.see_other("/");
        for (path, status, title) in
            [("/nowhere", 404, t.error_not_found_title()), ("/sign-out", 405, t.error_refused_title())]
        {
            let page = admin.get(path).await.status(status).contains(title).contains("<nav class=\"side\"");
            let mut complaints = Vec::new();
            well_made(&page, &mut |text| complaints.push(text));
            // Links of the frame lead to pages that may not be registered yet.
            complaints.retain(|text| !text.ends_with("which is no route"));
            assert_none(&complaints);
            let form = [("language", t.tag())];
            admin.submit(&page, "/language", &form).await.status(303);
        }
        let anonymous = app.anonymous();
        anonymous.set_cookie("opcms_language", t.tag());
        anonymous.get("/nowhere").await.status(404).contains(t.sign_in_title());
        let problem = app.api_anonymous().get("/api/v1/nowhere").await.status(404);
        assert_eq!(problem.problem(), "not_found");
    }
}

#[actix_web::test]
async fn assets_are_kept_for_ever_and_sent_compressed() {
    let app = TestApp::new().await;
    let page = app.anonymous().get("/sign-in").await.ok();
    let elements = html::elements(&page.body);
    let assets: Vec<&str> = elements
        .iter()
        .filter_map(|element| element.attribute("href").or(element.attribute("src")))
        .filter(|url| url.starts_with("/static/"))
        .collect();
    assert!(assets.len() > 5, "{assets:?}");
    for url in assets {
        let browser = app.anonymous();
        let request = browser.request(Method::GET, url).insert_header(("accept-encoding", "gzip"));
        let answer = browser.send(request).await.ok();
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"), "{url}");
        assert!(!answer.bytes.is_empty(), "{url}");
        assert_eq!(answer.header("content-encoding"), Some("gzip"), "{url}");
    }
}
