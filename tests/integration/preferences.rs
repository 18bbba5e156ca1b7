//! Small choices: the columns of a list.

use opcms::accounts::preferences::queries;
use opcms::i18n::Tr;

use crate::support::TestApp;

fn chosen(app: &TestApp, username: &str, list: &str) -> Option<String> {
    app.db.read(&app.actor(username), |db| queries::columns(db, list)).unwrap()
}

#[actix_web::test]
async fn the_columns_of_a_list_are_everybodys_own_choice() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let choice = [("list", "users"), ("column", "name"), ("column", "email"), ("back", "/users?page=2")];
    wang.post("/preferences/columns", &choice).await.see_other("/users?page=2");
    assert_eq!(chosen(&app, "wang", "users").as_deref(), Some("name,email"));
    assert_eq!(chosen(&app, "wang", "roles"), None);
    assert_eq!(chosen(&app, "li", "users"), None);
    let choice = [("list", "users"), ("column", "name"), ("back", "//evil.example")];
    wang.post("/preferences/columns", &choice).await.see_other("/");
    assert_eq!(chosen(&app, "wang", "users").as_deref(), Some("name"));
    assert_eq!(app.audited().len(), 0, "a matter of taste");
}

#[actix_web::test]
async fn an_empty_choice_goes_back_to_the_usual_columns() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    wang.post("/preferences/columns", &[("list", "users"), ("column", "name")]).await.see_other("/");
    for _ in 0..2 {
        wang.post("/preferences/columns", &[("list", "users")]).await.see_other("/");
        assert_eq!(chosen(&app, "wang", "users"), None);
    }
}

#[actix_web::test]
async fn a_name_that_no_page_of_ours_sends_is_refused() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    for choice in [[("list", ""), ("column", "name")], [("list", "users"), ("column", "name,email")]] {
        let answer = wang.post("/preferences/columns", &choice).await.status(400);
        answer.contains(Tr::ZhCn.field_unknown_choice());
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM user_preferences"), 0);
    app.anonymous().post("/preferences/columns", &[("list", "users")]).await.see_other("/sign-in");
}
