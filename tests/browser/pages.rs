//! Every page as people see it: accessible, no wider than the window, without complaints in the console, on every kind
//! of screen and on paper. Pictures of all of them are left in `target/screenshots`.

use opcms::i18n::Tr;

use crate::support::{Browser, Scripts, Site};

/// The widths of a desk, a tablet and a phone.
const WIDTHS: [u32; 3] = [1440, 768, 390];

/// What depends on the size of the window; all other rules hold at every width alike.
const OF_SIZE: [&str; 5] =
    ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block", "landmark-unique"];

/// What depends on light and dark.
const OF_COLOUR: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// The routes of pages, and states of pages that have no route of their own.
fn pages(site: &Site) -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> =
        site.pages().into_iter().map(|(route, path)| (name_of(route), path)).collect();
    for (name, path) in [
        ("not-found", "/nowhere"),
        ("users-none", "/users?q=nobody-at-all"),
        ("audit-none", "/audit?q=nothing"),
        ("settings-none", "/settings?q=nothing-at-all"),
        ("settings-number", "/settings/tasks.keep_days"),
        ("settings-picture", "/settings/company.logo"),
        ("contacts-none", "/contacts?q=nobody-at-all"),
    ] {
        pages.push((name.into(), path.into()));
    }
    pages.retain(|(_, path)| path != "/sign-in");
    pages
}

fn name_of(route: &str) -> String {
    let words: Vec<&str> = route.split(['/', '{', '}']).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "home".into() } else { words.join("-") }
}

/// A page at every width, light and dark.
async fn inspect(browser: &Browser, language: Tr, name: &str, complaints: &mut Vec<String>) {
    for width in WIDTHS {
        browser.resize(width).await;
        let rules: &[&str] = if width == 1440 { &[] } else { &OF_SIZE };
        for fault in browser.violations(rules).await {
            complaints.push(format!("{name} in {} at {width} px: {fault}", language.tag()));
        }
        let sideways = browser.sideways().await;
        if !sideways.is_empty() {
            complaints.push(format!("{name} in {} scrolls sideways: {sideways:?}", language.tag()));
        }
        browser.picture(&format!("{}-{width}-{name}", language.tag())).await;
    }
    browser.darken(true).await;
    for width in [390, 1440] {
        browser.resize(width).await;
        for fault in browser.violations(&OF_COLOUR).await {
            complaints.push(format!("{name} in {} at {width} px in the dark: {fault}", language.tag()));
        }
    }
    browser.darken(false).await;
}

/// What must not be on paper.
const NAVIGATION: &str = "return [...document.querySelectorAll('.side, .topbar, .filter, .pager, .form-foot, .page-head .actions')]\
    .filter((element) => element.checkVisibility()).map((element) => element.outerHTML.slice(0, 120))";

async fn on_paper(browser: &Browser, name: &str, complaints: &mut Vec<String>) {
    browser.print(true).await;
    // A4 with its margins.
    browser.resize(700).await;
    let navigation = browser.evaluate(NAVIGATION, &[]).await;
    if navigation.as_array().is_none_or(|elements| !elements.is_empty()) {
        complaints.push(format!("{name} on paper shows {navigation}"));
    }
    let sideways = browser.sideways().await;
    if !sideways.is_empty() {
        complaints.push(format!("{name} on paper is too wide: {sideways:?}"));
    }
    browser.print(false).await;
    browser.resize(1440).await;
}

async fn inspect_all(language: Tr) {
    let site = Site::with_world();
    let browser = Browser::open_on(&site, Scripts::On).await;
    let mut complaints = Vec::new();
    browser.open("/sign-in").await;
    browser.choose(language).await;
    inspect(&browser, language, "sign-in", &mut complaints).await;
    browser.enter("admin", language).await;
    site.make_token("admin");
    site.introduce_the_company("admin");
    site.start_the_engine("admin");
    site.make_files("li");
    site.make_customers("admin");
    site.make_duplicates("li");
    site.price_and_use();
    site.bill_two_months();
    site.plan_a_month();
    site.check_a_file();
    site.save_a_view("admin");
    for (name, path) in pages(&site) {
        browser.open(&path).await;
        inspect(&browser, language, &name, &mut complaints).await;
        if language == Tr::ZhCn {
            on_paper(&browser, &name, &mut complaints).await;
        }
        let console = browser.complaints().await;
        let expected = name == "not-found" && console.iter().all(|line| line.contains("404"));
        if !console.is_empty() && !expected {
            complaints.push(format!("{name}: the console says {console:?}"));
        }
    }
    browser.close().await;
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[tokio::test]
async fn every_page_is_well_made_in_chinese() {
    inspect_all(Tr::ZhCn).await;
}

#[tokio::test]
async fn every_page_is_well_made_in_english() {
    inspect_all(Tr::En).await;
}

#[tokio::test]
async fn forms_with_faults_are_accessible_too() {
    let site = Site::with_world();
    let browser = Browser::open_on(&site, Scripts::On).await;
    let mut complaints = Vec::new();
    browser.enter("admin", Tr::ZhCn).await;
    for path in [
        "/users/new",
        "/roles/new",
        "/departments/new",
        "/profile/tokens/new",
        "/settings/company.tax_number",
        "/customers/new",
    ] {
        browser.open(path).await;
        browser
            .evaluate(
                "for (const field of document.querySelectorAll('main [required]')) field.required = false",
                &[],
            )
            .await;
        browser.click_on("main form.form button.btn-primary").await;
        browser.find(".error-summary").await;
        inspect(&browser, Tr::ZhCn, &format!("{}-faults", name_of(path)), &mut complaints).await;
    }
    browser.close().await;
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[tokio::test]
async fn whatever_has_the_focus_is_seen_to_have_it() {
    let site = Site::with_world();
    let browser = Browser::open_on(&site, Scripts::On).await;
    let mut complaints = Vec::new();
    browser.enter("admin", Tr::ZhCn).await;
    for path in ["/users", "/users/new", "/roles/new", "/departments", "/audit", "/profile"] {
        for width in [1440, 390] {
            browser.resize(width).await;
            browser.open(path).await;
            for element in browser.hidden_focus().await {
                complaints.push(format!("{path} at {width} px: {element}"));
            }
        }
    }
    browser.close().await;
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
