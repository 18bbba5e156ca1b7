//! The two verbs that write customers, on a real database: what they refuse, what they keep beside the row.

use std::sync::Arc;

use diesel::prelude::*;

use opcms::customers::directory::cause::Cause;
use opcms::customers::directory::commands::{create, create_all, delete, restore, save_all, update};
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::Fields;
use opcms::customers::directory::queries;
use opcms::customers::status::model::{Cause as MoveCause, Status};
use opcms::db::Tx;
use opcms::types::ids::CustomerId;
use opcms::types::{Action, Actor, Error, Permission, Result};

use crate::support::TestApp;

fn fields(code: &str, name: &str) -> Fields {
    Fields { company_code: code.into(), company_name: name.into(), ..Fields::default() }
}

/// Edits one field as somebody.
fn set(app: &TestApp, actor: &Arc<Actor>, id: CustomerId, field: Field, text: Option<&str>) -> Result<()> {
    let before = app.db.read(actor, |db| queries::find(db, Permission::CustomerView, id))?;
    let mut after = before.fields.clone();
    after.set(field, text).unwrap();
    app.db.write(actor, |tx| update(tx, id, before.version, after.clone()))
}

/// The field and the code of the first fault.
#[track_caller]
fn invalid_field<T: std::fmt::Debug>(outcome: Result<T>) -> String {
    match outcome.unwrap_err() {
        Error::Invalid(errors) => errors.iter().next().unwrap().0.to_owned(),
        fault => panic!("{fault}"),
    }
}

#[actix_web::test]
async fn two_live_customers_share_neither_code_nor_normalised_name() {
    let app = TestApp::new().await;
    let first = app.customer("KH1", "杭州诺合有限公司", None, None);
    let refused = |fields: Fields| app.db.write(&app.actor("admin"), |tx| create(tx, fields.clone()));
    assert_eq!(invalid_field(refused(fields("KH1", "别家"))), "company_code");
    assert_eq!(invalid_field(refused(fields("KH2", "杭州 诺合股份有限公司"))), "company_name");
    app.db.write(&app.actor("admin"), |tx| delete(tx, first, "重复录入")).unwrap();
    let second = app.customer("KH1", "杭州诺合有限公司", None, None);
    let restored = app.db.write(&app.actor("admin"), |tx| restore(tx, first));
    assert!(matches!(restored, Err(Error::Refused(refusal)) if refusal.code == "duplicate"));
    app.db.write(&app.actor("admin"), |tx| delete(tx, second, "又录错了")).unwrap();
    app.db.write(&app.actor("admin"), |tx| restore(tx, first)).unwrap();
    assert_eq!(app.number("SELECT COUNT(*) FROM customers WHERE deleted_at IS NULL"), 1);
}

#[actix_web::test]
async fn what_is_not_in_its_dictionary_or_owned_by_nobody_in_office_is_refused_where_it_stands() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "杭州诺合有限公司", None, Some("li"));
    let admin = app.actor("admin");
    let gone = app.world.user("gone").to_string();
    for (field, text) in [
        (Field::Industry, "no_such_code"),
        (Field::SalesOwner, gone.as_str()),
        (Field::OpsOwner, "999999"),
        (Field::Parent, "999999"),
    ] {
        assert_eq!(invalid_field(set(&app, &admin, id, field, Some(text))), field.as_str());
    }
    // An owner who has left is not held against who changes something else.
    let owned = "UPDATE customers SET sales_owner_id = (SELECT id FROM users WHERE username = 'gone')";
    diesel::sql_query(owned).execute(&mut app.connect()).unwrap();
    set(&app, &admin, id, Field::Level, Some("S")).unwrap();
}

#[actix_web::test]
async fn a_customer_stands_above_neither_itself_nor_who_stands_above_it() {
    let app = TestApp::new().await;
    let ids: Vec<CustomerId> =
        ["甲", "乙", "丙"].iter().map(|name| app.customer(name, name, None, None)).collect();
    let admin = app.actor("admin");
    set(&app, &admin, ids[1], Field::Parent, Some(&ids[0].to_string())).unwrap();
    set(&app, &admin, ids[2], Field::Parent, Some(&ids[1].to_string())).unwrap();
    for below in [0, 1, 2] {
        let wish = set(&app, &admin, ids[0], Field::Parent, Some(&ids[below].to_string()));
        assert_eq!(invalid_field(wish), "parent");
    }
    let deleted = app.db.write(&admin, |tx| delete(tx, ids[0], "关门"));
    assert!(matches!(deleted, Err(Error::Refused(refusal)) if refusal.code == "has_children"));
}

#[actix_web::test]
async fn who_reaches_only_their_own_creates_edits_and_keeps_only_their_own() {
    let app = TestApp::new().await;
    let (own, other) = (
        app.customer("KH1", "杭州诺合有限公司", None, Some("li")),
        app.customer("KH2", "成都雅合有限公司", Some("zhao"), None),
    );
    let li = app.actor("li");
    assert!(matches!(set(&app, &li, other, Field::Level, Some("S")), Err(Error::NotFound)));
    set(&app, &li, own, Field::Level, Some("S")).unwrap();
    // Handing over takes a permission that 运营专员 does not have.
    let zhao = app.world.user("zhao").to_string();
    assert_eq!(invalid_field(set(&app, &li, own, Field::OpsOwner, Some(&zhao))), "sales_owner");
    let created = app.db.write(&li, |tx| create(tx, fields("KH3", "广州百博有限公司")));
    assert_eq!(invalid_field(created), "sales_owner");
    let mut mine = fields("KH3", "广州百博有限公司");
    mine.ops_owner = Some(app.world.user("li"));
    app.db.write(&li, |tx| create(tx, mine.clone())).unwrap();
}

#[actix_web::test]
async fn a_status_moves_as_the_machine_allows_and_each_move_is_noted() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.actor("admin");
    set(&app, &admin, id, Field::Status, Some("active")).unwrap();
    let back = set(&app, &admin, id, Field::Status, Some("lead"));
    assert!(matches!(back, Err(Error::Refused(refusal)) if refusal.code == "status_move"));
    // What takes something back may.
    app.db
        .write(&admin, |tx| {
            let before = queries::lock(tx, Permission::CustomerEdit, id)?;
            let after = Fields { status: Status::Lead, ..before.fields.clone() };
            let cause = Cause::by_hand(Action::CustomerReverted, Permission::CustomerEdit);
            save_all(tx, vec![(before, after)], &cause.moving(MoveCause::Undo))
        })
        .unwrap();
    let moves =
        app.texts("SELECT CONCAT_WS(' ', IFNULL(was, '-'), becomes, cause) FROM status_moves ORDER BY id");
    assert_eq!(moves, ["- lead by_hand", "lead active by_hand", "active lead undo"]);
}

#[actix_web::test]
async fn of_two_who_edit_the_same_version_one_is_told() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.actor("admin");
    let read = app.db.read(&admin, |db| queries::find(db, Permission::CustomerView, id)).unwrap();
    set(&app, &admin, id, Field::Level, Some("S")).unwrap();
    let late = Fields { disabled: true, ..read.fields.clone() };
    let outcome = app.db.write(&admin, |tx| update(tx, id, read.version, late.clone()));
    assert!(matches!(outcome, Err(Error::Stale)));
}

#[actix_web::test]
async fn a_customer_is_found_by_its_new_name_only_and_history_tells_both() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "杭州诺合有限公司", None, None);
    let found = |term: &str| {
        app.number(&format!(
            "SELECT COUNT(*) FROM customer_terms WHERE customer_id = {id} AND term LIKE '{term}%'"
        ))
    };
    assert!(found("诺合") > 0 && found("nh") > 0 && found("kh1") > 0);
    set(&app, &app.actor("admin"), id, Field::CompanyName, Some("杭州明通有限公司")).unwrap();
    assert!(found("诺合") == 0 && found("明通") > 0 && found("mt") > 0);
    let entry = app.texts("SELECT changes FROM audit_entries WHERE action = 'customers.customer.updated'");
    assert!(entry[0].contains("杭州诺合有限公司") && entry[0].contains("杭州明通有限公司"), "{entry:?}");
}

#[actix_web::test]
async fn many_are_created_together_or_not_at_all() {
    let app = TestApp::new().await;
    let cause = Cause::by_hand(Action::CustomerImported, Permission::CustomerImport);
    let mut all: Vec<Fields> = (0..1_201).map(|n| fields(&format!("K{n}"), &format!("客户{n}"))).collect();
    let ids = app.db.write(&app.actor("admin"), |tx| create_all(tx, all.clone(), &cause)).unwrap();
    assert_eq!(ids.len(), 1_201);
    let last = app.db.read(&app.actor("admin"), |db| queries::get(db, ids[1_200])).unwrap().unwrap();
    assert_eq!(last.fields.company_code, "K1200");
    for fields in &mut all {
        fields.company_code = format!("L{}", fields.company_code);
        fields.company_name = format!("新{}", fields.company_name);
    }
    all[700].company_name = "客户7".into();
    let refused = app.db.write(&app.actor("admin"), |tx| create_all(tx, all.clone(), &cause));
    assert_eq!(invalid_field(refused), "company_name");
    assert_eq!(app.number("SELECT COUNT(*) FROM customers"), 1_201);
}

#[actix_web::test]
async fn two_who_are_saved_together_close_no_circle_either() {
    let app = TestApp::new().await;
    let ids: Vec<CustomerId> = ["甲", "乙"].iter().map(|name| app.customer(name, name, None, None)).collect();
    let below_each_other = |tx: &mut Tx| {
        let all = queries::by_ids(tx, &ids)?;
        let wish = |one: usize, other: usize| {
            let before = all[&ids[one]].clone();
            let after = Fields { parent: Some(ids[other]), ..before.fields.clone() };
            (before, after)
        };
        let cause = Cause::by_hand(Action::CustomerUpdated, Permission::CustomerEdit);
        save_all(tx, vec![wish(0, 1), wish(1, 0)], &cause)
    };
    assert_eq!(invalid_field(app.db.write(&app.actor("admin"), below_each_other)), "parent");
    assert_eq!(app.number("SELECT COUNT(parent_id) FROM customers"), 0);
}
