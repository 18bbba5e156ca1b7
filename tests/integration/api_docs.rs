//! The description of the API: complete, sound, and in the language of the reader.

use std::collections::BTreeSet;

use opcms::i18n::Tr;
use opcms::web::openapi;
use opcms::web::routes::Door;
use serde_json::Value;

use crate::support::TestApp;
use crate::support::html::unescape;
use crate::support::routes::table;

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                found.insert(reference.clone());
            }
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[actix_web::test]
async fn the_document_is_open_to_anybody_and_holds_together() {
    let app = TestApp::new().await;
    let document = app.api_anonymous().get("/api/openapi.json").await.ok().json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 5);
    for reference in found {
        let place = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
    }
    let operations: Vec<&Value> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .collect();
    let ids: BTreeSet<&str> =
        operations.iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len(), "operation ids are unique: {ids:?}");
    assert!(ids.contains("get_audit_entries_entry"), "{ids:?}");
    // The item of a list is described, whatever the list.
    let items = document.pointer("/components/schemas/Stream_SignInJson/properties/items/items/$ref");
    assert_eq!(items, Some(&Value::from("#/components/schemas/SignInJson")));
}

#[actix_web::test]
async fn every_endpoint_is_described() {
    let app = TestApp::new().await;
    let document = app.api_anonymous().get("/api/openapi.json").await.ok().json();
    for route in table().iter().filter(|route| route.door == Door::Api && route.path != "/api/openapi.json") {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][route.path][&method];
        assert!(operation.is_object(), "{method} {} is missing", route.path);
        let parameters: BTreeSet<&str> = openapi::path_parameters(route.path).collect();
        for name in parameters {
            let all = operation["parameters"].as_array().unwrap();
            assert!(all.iter().any(|parameter| parameter["name"] == name && parameter["in"] == "path"));
        }
    }
}

#[actix_web::test]
async fn the_document_speaks_the_language_of_who_asks() {
    let app = TestApp::new().await;
    let chinese = app.api_anonymous().get("/api/openapi.json").await.ok();
    chinese.contains(Tr::ZhCn.api_audit_index());
    let english = app.anonymous().accepting("en").get("/api/openapi.json").await.ok();
    english.contains(Tr::En.api_audit_index()).lacks(Tr::ZhCn.api_audit_index());
}

#[actix_web::test]
async fn the_page_lists_every_endpoint_with_an_example_that_can_be_pasted() {
    let app = TestApp::new().await;
    app.anonymous().get("/help/api").await.status(303);
    // Everybody who works here may read it, whatever they may do.
    let page = app.as_role("sales").await.get("/help/api").await.ok();
    let table = table();
    for (route, doc) in openapi::described(&table) {
        let path = route.path.strip_prefix("/api/v1").unwrap();
        assert!(page.body.contains(&format!("<span class=\"mono\">{path}</span>")), "{path} is missing");
        assert!(page.body.contains((doc.summary)(Tr::ZhCn)), "{path} has no summary");
    }
    let text = unescape(&page.body);
    let bodies: Vec<&str> = text.split("-d '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    assert!(!bodies.is_empty());
    for body in bodies {
        serde_json::from_str::<Value>(body).unwrap_or_else(|fault| panic!("{fault}: {body}"));
    }
}
