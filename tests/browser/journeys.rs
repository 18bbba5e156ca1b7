//! The journeys of people: the first sign-in, a new colleague, the keyboard alone, a browser without scripts.

use std::path::Path;

use opcms::i18n::Tr;
use opcms::tasks::model::TaskState;
use thirtyfour::Key;

use crate::support::{Browser, PASSWORD, Scripts, Site};

const T: Tr = Tr::ZhCn;

/// Chooses files in the box of the page, and sends them.
async fn upload(browser: &Browser, folder: &Path, names: &[&str]) {
    let paths: Vec<String> =
        names.iter().map(|name| folder.join(name).to_str().unwrap().to_owned()).collect();
    browser.find("#f-file").await.send_keys(paths.join("\n")).await.unwrap();
    browser.press(T.files_upload()).await;
}

#[tokio::test]
async fn files_are_attached_with_scripts_and_without() {
    let site = Site::with_world();
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in
        [("合同.pdf", "%PDF-1.7"), ("名单.csv", "a,b"), ("假的.docx", "text"), ("二.csv", "c,d")]
    {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let page = format!("/users/{}", site.world.user("li"));
    let browser = Browser::open_on(&site, Scripts::On).await;
    browser.enter("admin", T).await;
    browser.open(&page).await;
    upload(&browser, folder.path(), &["合同.pdf", "假的.docx", "名单.csv"]).await;
    // One after the other, without leaving the page; what was refused is told in its place.
    browser.see(&T.files_attached("“名单.csv”")).await;
    browser.arrive(&page).await;
    browser.find(".upload-list .is-bad").await;
    assert_eq!(site.number("SELECT COUNT(*) FROM files WHERE stored_at IS NOT NULL"), 2);
    browser.click_on("#files tbody .row-actions form button").await;
    browser.click_on("dialog .btn-danger").await;
    browser.see(&T.files_deleted_count(1)).await;
    browser.close().await;

    let plain = Browser::open_on(&site, Scripts::Off).await;
    plain.enter("admin", T).await;
    plain.open(&page).await;
    upload(&plain, folder.path(), &["二.csv"]).await;
    plain.see(&T.files_attached("“二.csv”")).await;
    plain.arrive(&page).await;
    upload(&plain, folder.path(), &["假的.docx"]).await;
    plain.arrive("/files").await;
    plain.find(".field-error").await;
    plain.close().await;
}

#[tokio::test]
async fn the_first_sign_in_leads_through_a_new_password_into_the_house() {
    let site = Site::fresh();
    let browser = Browser::open_on(&site, Scripts::On).await;
    browser.open("/").await;
    browser.arrive("/sign-in").await;
    browser.sign_in("admin", site.first_password.as_ref().unwrap()).await;
    browser.arrive("/profile/password").await;
    // Nothing else opens before.
    browser.open("/users").await;
    browser.arrive("/profile/password").await;
    browser.fill("current", site.first_password.as_ref().unwrap()).await;
    browser.fill("password", PASSWORD).await;
    browser.fill("repeat", PASSWORD).await;
    browser.press(T.password_submit()).await;
    browser.arrive("/").await;
    browser.see(T.home_title()).await;
    browser.open("/users").await;
    browser.see("admin").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

/// Creates a user through the form and returns the password that is shown this once.
async fn create_user(browser: &Browser, username: &str) -> String {
    browser.open("/users").await;
    browser.press(T.users_new()).await;
    browser.arrive("/users/new").await;
    browser.press(T.users_create()).await;
    // The form comes back with its faults, and with what was typed.
    browser.see(T.field_required()).await;
    browser.fill("username", username).await;
    browser.fill("name", "新同事").await;
    browser.press(T.users_create()).await;
    browser.see(T.users_roles_required()).await;
    assert_eq!(browser.find("[name=name]").await.value().await.unwrap().as_deref(), Some("新同事"));
    browser.click_on("[name=roles]").await;
    browser.press(T.users_create()).await;
    browser.see(T.users_password_for_once()).await;
    browser.find("#secret").await.value().await.unwrap().unwrap()
}

async fn sign_in_for_the_first_time(browser: &Browser, username: &str, password: &str) {
    browser.sign_in(username, password).await;
    browser.arrive("/profile/password").await;
    browser.fill("current", password).await;
    browser.fill("password", PASSWORD).await;
    browser.fill("repeat", PASSWORD).await;
    browser.press(T.password_submit()).await;
    browser.arrive("/").await;
}

async fn sign_out(browser: &Browser) {
    browser.click_on("details.menu summary").await;
    browser.click_on("form[action='/sign-out'] button").await;
    browser.see(T.sign_out_done()).await;
}

#[tokio::test]
async fn a_new_colleague_is_created_and_signs_in() {
    let site = Site::with_world();
    let browser = Browser::open_on(&site, Scripts::On).await;
    browser.enter("admin", T).await;
    let password = create_user(&browser, "newcomer").await;
    sign_out(&browser).await;
    sign_in_for_the_first_time(&browser, "newcomer", &password).await;
    sign_out(&browser).await;
    browser.close().await;
}

#[tokio::test]
async fn everything_works_without_scripts() {
    let site = Site::with_world();
    let browser = Browser::open_on(&site, Scripts::Off).await;
    browser.enter("admin", T).await;
    assert!(browser.is_without_scripts().await);
    let password = create_user(&browser, "newcomer").await;
    // A grave action asks on a page of its own.
    browser.open(&format!("/users/{}", site.world.user("li"))).await;
    browser.click_on("main details.menu summary").await;
    browser.press(T.users_disable()).await;
    browser.arrive(&format!("/users/{}/disable", site.world.user("li"))).await;
    browser.fill("reason", "长假").await;
    browser.press(T.users_disable()).await;
    browser.arrive(&format!("/users/{}", site.world.user("li"))).await;
    // Lists are searched with a button.
    browser.open("/users").await;
    browser.fill("q", "zhao").await;
    browser.press(T.list_filter()).await;
    browser.see("赵敏").await;
    assert!(!browser.text().await.contains("王芳"));
    sign_out(&browser).await;
    sign_in_for_the_first_time(&browser, "newcomer", &password).await;
    assert_eq!(
        site.number("SELECT COUNT(*) FROM users WHERE username = 'li' AND disabled_at IS NOT NULL"),
        1
    );
    browser.close().await;
}

#[tokio::test]
async fn the_keyboard_is_enough() {
    let site = Site::with_world();
    let browser = Browser::open_on(&site, Scripts::On).await;
    browser.open("/sign-in").await;
    browser.tab_to("[name=username]").await;
    browser.write("admin").await;
    browser.tab_to("[name=password]").await;
    browser.write(PASSWORD).await;
    browser.strike(Key::Enter).await;
    browser.arrive("/").await;
    // The first stop skips the navigation.
    browser.tab_to("a.skip").await;
    browser.strike(Key::Enter).await;
    browser.tab_to("nav.side a[href='/departments'], a[href='/departments']").await;
    browser.strike(Key::Enter).await;
    browser.arrive("/departments").await;
    browser.tab_to("a[href='/departments/new']").await;
    browser.strike(Key::Enter).await;
    browser.arrive("/departments/new").await;
    browser.tab_to("[name=name]").await;
    browser.write("键盘部").await;
    browser.tab_to("[name=parent_id]").await;
    browser.write("总公司").await;
    browser.tab_to("main form.form button.btn-primary").await;
    browser.strike(Key::Enter).await;
    browser.arrive("/departments").await;
    browser.see("键盘部").await;
    let made = "SELECT COUNT(*) FROM departments d JOIN departments p ON p.id = d.parent_id \
                WHERE d.name = '键盘部' AND p.name = '总公司'";
    assert_eq!(site.number(made), 1);
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test]
async fn a_list_is_searched_while_typing_and_the_address_follows() {
    let site = Site::with_world();
    let browser = Browser::open_on(&site, Scripts::On).await;
    browser.enter("admin", T).await;
    browser.open("/users").await;
    browser.see("王芳").await;
    browser.write("/").await;
    browser.write("zhao").await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while browser.find("#list").await.text().await.map_or(true, |text| text.contains("王芳")) {
        assert!(std::time::Instant::now() < deadline, "the list does not follow: {}", browser.text().await);
    }
    browser.see("赵敏").await;
    assert!(browser.address().await.contains("/users?q=zhao"), "{}", browser.address().await);
    browser.back().await;
    browser.see("王芳").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

/// The step that the page shows of a task that never ends.
async fn shown_step(browser: &Browser) -> i64 {
    let script = "return Number(/(\\d+) \\/ 100000/.exec(document.body.innerText)?.[1] ?? -1)";
    browser.evaluate(script, &[]).await.as_i64().unwrap()
}

#[tokio::test]
async fn a_task_is_watched_while_it_works_and_stopped() {
    let site = Site::with_world();
    let browser = Browser::open_on(&site, Scripts::On).await;
    browser.enter("admin", T).await;
    site.start_the_engine("admin");
    browser.open("/tasks").await;
    browser.see("100000").await;
    // The list moves by itself: a later step is shown without anybody touching it.
    let first = shown_step(&browser).await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while shown_step(&browser).await <= first {
        assert!(std::time::Instant::now() < deadline, "the list stands still at step {first}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let id = site.number("SELECT MAX(id) FROM tasks WHERE state = 'running'");
    browser.open(&format!("/tasks/{id}")).await;
    browser.press(T.tasks_cancel()).await;
    browser.click_on("dialog[open] .btn-warn, dialog[open] .btn-primary, dialog[open] .btn-danger").await;
    browser.see(&TaskState::Cancelled.label(T)).await;
    assert_eq!(site.number("SELECT COUNT(*) FROM tasks WHERE state = 'cancelled'"), 1);
    browser.press(T.tasks_retry()).await;
    browser.see(&TaskState::Running.label(T)).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}
