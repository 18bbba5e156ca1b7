//! Home: everybody sees what they may open, and no more.

use opcms::i18n::Tr;

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

#[actix_web::test]
async fn home_leads_to_what_its_reader_may_open() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await.get("/").await.ok();
    admin.contains("href=\"/users\"").contains("href=\"/audit\"").contains(T.home_recent());
    let sales = app.as_role("sales").await.get("/").await.ok();
    sales
        .lacks("href=\"/users\"")
        .lacks("href=\"/audit\"")
        .lacks(T.home_recent())
        .contains("href=\"/profile\"");
}
