//! Saved views of the list of customers.

use opcms::i18n::Tr;

use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;

async fn save(client: &Client, name: &str, query: &str, shared: bool) -> Answer {
    let shared = if shared { "yes" } else { "" };
    client.post("/customers/views", &[("name", name), ("query", query), ("shared", shared)]).await
}

fn id_of(app: &TestApp, name: &str) -> i64 {
    app.number(&format!("SELECT CAST(id AS SIGNED) FROM saved_views WHERE name = '{name}'"))
}

#[actix_web::test]
async fn a_view_keeps_filter_order_and_columns_and_nothing_else() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await;
    let query = "status=active&sort=-level&cols=level,status&after=7&at=50&view=3&nonsense=1";
    let answer = save(&li, "重点客户", query, false).await.status(303);
    let id = id_of(&app, "重点客户");
    let location = answer.header("location").unwrap().to_owned();
    assert!(location.contains(&format!("view={id}")) && location.contains("status=active"), "{location}");
    let kept = app.texts("SELECT query FROM saved_views").remove(0);
    assert_eq!(kept, "cols=level%2Cstatus&sort=-level&status=active");
    let list = li.get(&location).await.ok();
    list.contains("重点客户").contains(&T.customer_views_overwrite("重点客户"));
    assert_eq!(app.audited(), ["customers.view.saved"]);
    // A name is taken once, and has to be one.
    let taken = save(&li, "重点客户", "", false).await.status(422);
    assert_eq!(taken.field_error("name"), T.customer_views_taken());
    assert_eq!(save(&li, " ", "", false).await.status(422).field_error("name"), T.field_required());
    save(&li, "长", &format!("q={}", "长".repeat(3_000)), false).await.status(422);
}

#[actix_web::test]
async fn a_view_is_overwritten_renamed_and_deleted_by_its_owner_alone() {
    let app = TestApp::new().await;
    let (li, wang) = (app.signed_in("li").await, app.signed_in("wang").await);
    save(&li, "甲", "level=S", false).await.status(303);
    let id = id_of(&app, "甲");
    li.post(&format!("/customers/views/{id}/overwrite"), &[("query", "level=A")]).await.status(303);
    assert_eq!(app.texts("SELECT query FROM saved_views"), ["level=A"]);
    let form = li.get(&format!("/customers/views/{id}/edit")).await.ok();
    let renamed = li.submit(&form, &format!("/customers/views/{id}"), &[("name", "乙")]).await;
    renamed.see_other("/customers/views");
    let stale = li.submit(&form, &format!("/customers/views/{id}"), &[("name", "丙")]).await;
    stale.status(422).contains(T.error_stale_text());
    for path in ["/edit", ""] {
        let url = format!("/customers/views/{id}{path}");
        let answer = if path.is_empty() { wang.post(&url, &[]).await } else { wang.get(&url).await };
        answer.status(404);
    }
    wang.post(&format!("/customers/views/{id}/delete"), &[]).await.status(404);
    li.post(&format!("/customers/views/{id}/delete"), &[]).await.see_other("/customers/views");
    assert_eq!(app.number("SELECT COUNT(*) FROM saved_views"), 0);
    li.post(&format!("/customers/views/{id}/delete"), &[]).await.status(404);
}

#[actix_web::test]
async fn a_shared_view_is_opened_by_everybody_and_widens_nobodys_scope() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲有限公司", None, Some("li"));
    app.customer("KH2", "乙有限公司", Some("zhao"), None);
    let (wang, zhao) = (app.signed_in("wang").await, app.signed_in("zhao").await);
    save(&zhao, "我的", "", true).await.status(403);
    save(&wang, "团队视图", "status=lead", true).await.status(303);
    let id = id_of(&app, "团队视图");
    zhao.get("/customers").await.ok().contains("团队视图").contains("王芳");
    let shown = zhao.get(&format!("/customers?status=lead&view={id}")).await.ok();
    shown.contains("乙有限公司").lacks("甲有限公司");
    zhao.get(&format!("/customers/views/{id}/edit")).await.status(404);
    // Shared no more, it is gone for the others, and nobody begins with it.
    zhao.post(&format!("/customers/views/{id}/default"), &[]).await.see_other("/customers/views");
    let update = [("name", "团队视图"), ("version", "1")];
    wang.post(&format!("/customers/views/{id}"), &update).await.see_other("/customers/views");
    zhao.get("/customers").await.ok().lacks("团队视图").contains("乙有限公司");
}

#[actix_web::test]
async fn the_list_begins_with_the_view_of_choice() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲有限公司", None, Some("li"));
    let li = app.signed_in("li").await;
    save(&li, "已终止", "status=terminated", false).await.status(303);
    let id = id_of(&app, "已终止");
    li.get("/customers").await.ok().contains("甲有限公司");
    li.post(&format!("/customers/views/{id}/default"), &[]).await.see_other("/customers/views");
    li.get("/customers").await.ok().lacks("甲有限公司").contains("已终止");
    li.get("/customers?view=all").await.ok().contains("甲有限公司");
    li.get("/customers?level=-").await.ok().contains("甲有限公司");
    li.post(&format!("/customers/views/{id}/default"), &[]).await.see_other("/customers/views");
    li.get("/customers").await.ok().contains("甲有限公司");
    li.post(&format!("/customers/views/{id}/default"), &[]).await.status(303);
    li.post(&format!("/customers/views/{id}/delete"), &[]).await.status(303);
    li.get("/customers").await.ok().contains("甲有限公司");
}
