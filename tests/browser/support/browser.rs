//! A browser: Chromium without a window, driven through chromedriver.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use opcms::i18n::Tr;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities as _;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::error::WebDriverResult;
use thirtyfour::{By, ChromeCapabilities, Key, WebDriver, WebElement};

use super::process::Leashed;
use super::{PASSWORD, Site};

/// The checker of accessibility, from npm.
const AXE: &str = include_str!("../vendor/axe-core-4.14.1/axe.min.js");

const AXE_RUN: &str = r"
const [rules, done] = [arguments[0], arguments[arguments.length - 1]];
const only = rules.length ? {runOnly: {type: 'rule', values: rules}} : {rules: {'target-size': {enabled: true}}};
const told = (violation) => violation.nodes.slice(0, 3)
    .map((node) => `${violation.id}: ${violation.help}: ${node.target.join(' ')}: ${node.any.concat(node.all, node.none).map((check) => check.message).join('; ')}`);
axe.run(document, {resultTypes: ['violations'], preload: false, iframes: false, ...only})
    .then((results) => done(results.violations.flatMap(told)), (fault) => done([`axe failed: ${fault}`]));";

/// The elements that stick out to the right, the widest first, when the page scrolls sideways.
const SIDEWAYS: &str = r"
const width = document.scrollingElement.scrollWidth;
if (width <= innerWidth) return [];
const out = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
return [`${width} px wide in a window of ${innerWidth} px`, ...out.slice(0, 5).map((element) => element.outerHTML.slice(0, 120))];";

/// What has the focus: its beginning, whether nothing covers the whole of it, and whether it is marked.
const FOCUS: &str = r"
const focus = document.activeElement;
if (!focus || focus === document.body) return null;
const box = (focus.labels?.[0] ?? focus).getBoundingClientRect();
const own = focus.getBoundingClientRect();
const points = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]].map(([x, y]) => [own.left + own.width * x, own.top + own.height * y]);
const free = points.some(([x, y]) => { const top = document.elementFromPoint(x, y); return top && (focus.contains(top) || top.contains(focus)); });
const style = getComputedStyle(focus);
// A date marks the one of its parts that is written to.
const marked = focus.type === 'date' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
return {element: focus.outerHTML.slice(0, 160), free: free && box.width > 0, marked};";

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// As usual.
    On,
    /// Switched off in the browser's settings.
    Off,
}

/// The browser.
pub struct Browser {
    driver: WebDriver,
    url: String,
    /// Dropped after the session has ended, in this order.
    _chromedriver: Leashed,
    _home: TempDir,
}

impl Browser {
    /// Opens a window on a site.
    pub async fn open_on(site: &Site, scripts: Scripts) -> Browser {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", home.path());
        let chromedriver = Leashed::start("TERM", home.path().to_str().unwrap(), &command);
        let port: u16 = chromedriver
            .hear(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
        // The client of the WebDriver encrypts as the product does. Another test may have come first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities(home.path(), scripts));
        let driver = driver.await.unwrap();
        Browser { driver, url: site.url(""), _chromedriver: chromedriver, _home: home }
    }

    /// Closes the window.
    pub async fn close(self) {
        self.driver.clone().quit().await.unwrap();
    }

    /// Goes to a path of the site.
    pub async fn open(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.url)).await.unwrap();
    }

    /// The path that the window shows.
    pub async fn path(&self) -> String {
        self.driver.current_url().await.unwrap().path().to_owned()
    }

    /// Waits until the window shows a path.
    pub async fn arrive(&self, path: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.path().await != path {
            assert!(
                Instant::now() < deadline,
                "still at {} instead of {path}:\n{}",
                self.path().await,
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The whole address that the window shows.
    pub async fn address(&self) -> String {
        self.driver.current_url().await.unwrap().to_string()
    }

    /// Goes back.
    pub async fn back(&self) {
        self.driver.back().await.unwrap();
    }

    /// Whether the page's own scripts did not run.
    pub async fn is_without_scripts(&self) -> bool {
        self.driver.find(By::Css("html.js")).await.is_err()
    }

    /// Everything that can be read.
    pub async fn text(&self) -> String {
        self.find("body").await.text().await.unwrap()
    }

    /// Waits until a text can be read.
    pub async fn see(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.reads(text).await {
            assert!(Instant::now() < deadline, "{text:?} is not to be read:\n{}", self.text().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether a text can be read at this moment; the page may be on its way out.
    async fn reads(&self, text: &str) -> bool {
        match self.driver.find(By::Css("body")).await {
            Ok(body) => body.text().await.is_ok_and(|all| all.contains(text)),
            Err(_) => false,
        }
    }

    /// The first element that a CSS selector finds, as soon as there is one.
    pub async fn find(&self, css: &str) -> WebElement {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.driver.find(By::Css(css)).await {
                Ok(element) => return element,
                Err(fault) => assert!(Instant::now() < deadline, "{fault}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Types into a field, in place of what stands there.
    pub async fn fill(&self, name: &str, value: &str) {
        let field = self.find(&format!("main [name={name}]:not([hidden]):not([type=hidden])")).await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Presses the button or follows the link with these words.
    pub async fn press(&self, words: &str) {
        let path = format!(
            "//main//*[self::button or self::a or self::label or self::summary][normalize-space()='{words}']"
        );
        let deadline = Instant::now() + PATIENCE;
        // The page may be on its way out, and the next one is meant.
        while !self.try_press(&path).await {
            assert!(Instant::now() < deadline, "there is no {words:?} to press:\n{}", self.text().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn try_press(&self, path: &str) -> bool {
        for element in self.driver.find_all(By::XPath(path)).await.unwrap() {
            if element.is_displayed().await.is_ok_and(|displayed| displayed) {
                return self.try_click(&element).await.is_ok();
            }
        }
        false
    }

    /// Clicks an element in the middle of the window, where nothing that sticks to its edge covers it.
    async fn try_click(&self, element: &WebElement) -> WebDriverResult<()> {
        element.scroll_into_view().await?;
        element.click().await
    }

    /// Clicks the first element that a CSS selector finds.
    pub async fn click_on(&self, css: &str) {
        self.try_click(&self.find(css).await).await.unwrap();
    }

    /// Types a text, wherever the focus is.
    pub async fn write(&self, text: &str) {
        self.driver.action_chain().send_keys(text).perform().await.unwrap();
    }

    /// Strikes a key that writes nothing.
    pub async fn strike(&self, key: Key) {
        self.driver.action_chain().send_keys(key).perform().await.unwrap();
    }

    /// Strikes Tab until the element that a CSS selector describes has the focus.
    pub async fn tab_to(&self, css: &str) {
        for _ in 0..100 {
            self.strike(Key::Tab).await;
            if self.evaluate("return document.activeElement.matches(arguments[0])", &[json!(css)]).await
                == json!(true)
            {
                return;
            }
        }
        panic!("Tab never reaches {css}:\n{}", self.text().await);
    }

    /// Strikes Tab through the whole page, and tells which elements get the focus without being seen to have it.
    pub async fn hidden_focus(&self) -> Vec<String> {
        let mut hidden = Vec::new();
        for stop in 0..400 {
            self.strike(Key::Tab).await;
            let mut focus = self.evaluate(FOCUS, &[]).await;
            if focus.is_null() {
                assert!(stop > 3, "Tab leads nowhere");
                return hidden;
            }
            let is_seen = |focus: &Value| focus["free"] == json!(true) && focus["marked"] == json!(true);
            // Scrolling there may take a moment.
            for _ in 0..20 {
                if is_seen(&focus) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
                focus = self.evaluate(FOCUS, &[]).await;
            }
            if !is_seen(&focus) {
                hidden.push(focus.to_string());
            }
        }
        panic!("Tab never leaves the page; it is trapped:\n{}", self.text().await);
    }

    /// Signs in.
    pub async fn sign_in(&self, username: &str, password: &str) {
        self.open("/sign-in").await;
        self.fill("username", username).await;
        self.fill("password", password).await;
        self.click_on("main form[action='/sign-in'] button.btn-primary").await;
    }

    /// Signs in as somebody of the world, and chooses a language.
    pub async fn enter(&self, username: &str, language: Tr) {
        self.sign_in(username, PASSWORD).await;
        self.arrive("/").await;
        self.choose(language).await;
    }

    /// Chooses a language with the switch of the page, unless it is chosen already.
    pub async fn choose(&self, language: Tr) {
        let switch = format!("form.language button[lang='{}']", language.tag());
        if let Ok(button) = self.driver.find(By::Css(switch)).await {
            self.try_click(&button).await.unwrap();
        }
        self.find(&format!("html[lang='{}']", language.tag())).await;
    }

    /// Gives the window another width.
    pub async fn resize(&self, width: u32) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Shows pages as on paper, or on the screen again.
    pub async fn print(&self, on_paper: bool) {
        self.devtools("Emulation.setEmulatedMedia", json!({"media": if on_paper { "print" } else { "" }}))
            .await;
    }

    /// Follows a system that is dark, or light.
    pub async fn darken(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// What axe has against the page, by these rules or by all of them.
    pub async fn violations(&self, rules: &[&str]) -> Vec<String> {
        if self.evaluate("return typeof axe", &[]).await == json!("undefined") {
            self.evaluate(AXE, &[]).await;
        }
        let told = self.driver.execute_async(AXE_RUN, vec![json!(rules)]).await.unwrap();
        told.convert().unwrap()
    }

    /// What makes the page scroll sideways.
    pub async fn sideways(&self) -> Vec<String> {
        serde_json::from_value(self.evaluate(SIDEWAYS, &[]).await).unwrap()
    }

    /// What the console complained about since it was last asked: script errors, breaches of the policy.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.driver.browser_log().await.unwrap();
        entries.into_iter().filter(|entry| entry.level == "SEVERE").map(|entry| entry.message).collect()
    }

    /// Runs a script in the page.
    pub async fn evaluate(&self, script: &str, arguments: &[Value]) -> Value {
        self.driver.execute(script, arguments.to_vec()).await.unwrap().json().clone()
    }

    /// Keeps a picture of the whole page in `target/screenshots`.
    pub async fn picture(&self, name: &str) {
        let options = json!({"format": "png", "optimizeForSpeed": true, "captureBeyondViewport": true});
        let shot = self.devtools("Page.captureScreenshot", options).await;
        let data = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, shot["data"].as_str().unwrap())
            .unwrap();
        let folder: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), data).unwrap();
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(command, parameters).await.unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A failed test has no runtime left to say goodbye with; the leash ends everything.
        let _ = self.driver.clone().leak();
    }
}

fn capabilities(home: &Path, scripts: Scripts) -> ChromeCapabilities {
    let mut wishes = ChromeCapabilities::new();
    if Path::new("/usr/bin/chromium").exists() {
        wishes.set_binary("/usr/bin/chromium").unwrap();
    }
    for argument in [
        "--headless=new",
        // Root, as in a container, has no sandbox.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
        "--no-first-run",
        "--no-default-browser-check",
        "--hide-scrollbars",
        "--force-color-profile=srgb",
        "--window-size=1440,900",
        "--lang=zh-CN",
        // Sites are tested as people reach them, over HTTP too.
        "--disable-features=HttpsUpgrades,Translate,PasswordLeakDetection",
    ] {
        wishes.add_arg(argument).unwrap();
    }
    wishes.add_arg(&format!("--user-data-dir={}", home.join("profile").display())).unwrap();
    let javascript = if scripts == Scripts::On { 1 } else { 2 };
    let preferences = json!({
        "intl.accept_languages": "zh-CN",
        "profile.managed_default_content_settings.javascript": javascript,
        "credentials_enable_service": false,
        "profile.password_manager_leak_detection": false,
    });
    wishes.add_experimental_option("prefs", preferences).unwrap();
    wishes.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
    wishes
}
