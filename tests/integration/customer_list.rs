//! The list of customers: what it finds, in which order, for whom; what leaves it, and what is changed in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;

use opcms::customers::directory;
use opcms::customers::directory::cause::Cause;
use opcms::customers::directory::commands::create_all;
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::{
    AccountType, Customer, EntityType, Fields, SettlementMode, SpendLevel,
};
use opcms::customers::grid::cells::Names;
use opcms::customers::grid::forms::GridQuery;
use opcms::customers::grid::model::{Column, GridPage, Seek};
use opcms::customers::grid::queries::{self, Reading};
use opcms::customers::status::model::Status;
use opcms::db::listing::Sort;
use opcms::i18n::Tr;
use opcms::types::ids::{CustomerId, UserId};
use opcms::types::{Action, DataScope, Permission, Result};

use crate::import_upkeep::encoded;
use crate::support::{Answer, TestApp};

const T: Tr = Tr::ZhCn;

const LEVELS: [Option<&str>; 6] = [None, Some("S"), Some("A"), Some("B"), Some("C"), Some("D")];
const CITIES: [&str; 12] =
    ["杭州", "上海", "北京", "深圳", "广州", "成都", "南京", "苏州", "武汉", "西安", "重庆", "长沙"];
const STEMS: [&str; 16] = [
    "诺合", "雅合", "华邦", "鑫源", "宏图", "天和", "安居", "乐家", "万顺", "金桥", "瑞丰", "恒信", "博远",
    "新景", "盛世", "嘉禾",
];
const TRADES: [&str; 8] =
    ["公寓管理", "不动产", "文化旅游", "家居装饰", "房产经纪", "科技", "酒店管理", "商业地产"];

/// Customer number `n`: of every value of every column some, of some columns none.
pub fn numbered(n: usize, owners: &[UserId]) -> Fields {
    let pick = |step: usize, of: usize| (n.wrapping_mul(2_654_435_761) >> step) % of;
    let name = format!(
        "{}{}{}{}有限公司",
        CITIES[pick(3, CITIES.len())],
        STEMS[pick(7, STEMS.len())],
        TRADES[pick(11, TRADES.len())],
        n
    );
    Fields {
        company_code: format!("KH{:06}", (n * 7_919) % 1_000_003),
        company_name: name,
        entity_type: if n.is_multiple_of(9) { EntityType::Individual } else { EntityType::Enterprise },
        account_type: [AccountType::Formal, AccountType::Formal, AccountType::Trial, AccountType::Internal]
            [pick(5, 4)],
        industry: [None, Some("rental"), Some("agency"), Some("commercial")][pick(6, 4)].map(str::to_owned),
        erp_system: [None, Some("own"), Some("yiao")][pick(8, 3)].map(str::to_owned),
        onboarded_on: (!n.is_multiple_of(5)).then(|| day(pick(4, 1_500))),
        level: LEVELS[pick(9, 6)].map(str::to_owned),
        sales_owner: owners.get(pick(10, owners.len() + 1)).copied(),
        ops_owner: owners.get(pick(12, owners.len() + 1)).copied(),
        status: Status::ALL[pick(13, Status::ALL.len())],
        billable: !n.is_multiple_of(4),
        disabled: n.is_multiple_of(6),
        settlement_mode: [None, Some(SettlementMode::PerUnit), Some(SettlementMode::Tiered)][pick(14, 3)],
        spend_level: [None, Some(SpendLevel::C1), Some(SpendLevel::C6)][pick(15, 3)],
        monthly_average_usage: [None, Some(0), Some(7), Some(56), Some(1_678)][pick(2, 5)],
        source: [None, Some("referral"), Some("event")][pick(1, 3)].map(str::to_owned),
        channel: [None, Some("direct"), Some("online")][pick(16, 3)].map(str::to_owned),
        ..Fields::default()
    }
}

fn day(n: usize) -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 1, 1).unwrap() + chrono::Duration::days(i64::try_from(n).unwrap())
}

/// Fills the ledger with so many, owned by these.
pub fn fill(app: &TestApp, many: usize, owners: &[&str]) {
    let owners: Vec<UserId> = owners.iter().map(|name| app.world.user(name)).collect();
    let cause = Cause::by_hand(Action::CustomerCreated, Permission::CustomerCreate);
    for from in (0..many).step_by(1_000) {
        let all: Vec<Fields> = (from..many.min(from + 1_000)).map(|n| numbered(n + 1, &owners)).collect();
        app.arrange(|tx| create_all(tx, all.clone(), &cause));
        app.clock.advance(chrono::Duration::minutes(1));
    }
}

/// A page as somebody reads it.
fn page(app: &TestApp, who: &str, query: &str, seek: Seek, reading: Reading) -> Result<GridPage> {
    let query = GridQuery::parse(query);
    app.db.read(&app.actor(who), |db| {
        let filter = query.check(db.actor())?;
        queries::list(db, &filter, query.sort(), seek, reading)
    })
}

/// The codes of all whom somebody finds.
fn found(app: &TestApp, who: &str, query: &str) -> BTreeSet<String> {
    let reading = Reading { per_page: 10_000, ..Reading::default() };
    let rows = page(app, who, query, Seek::First, reading).unwrap().rows;
    rows.into_iter().map(|customer| customer.fields.company_code).collect()
}

fn codes<const N: usize>(all: [&str; N]) -> BTreeSet<String> {
    all.into_iter().map(str::to_owned).collect()
}

/// The ids in the order of the list, read page by page: forward, or backward from its end.
fn walked(app: &TestApp, query: &str, reading: Reading, forward: bool) -> Vec<CustomerId> {
    let mut seek = if forward { Seek::First } else { Seek::Last };
    let mut all: Vec<CustomerId> = Vec::new();
    loop {
        let page = page(app, "admin", query, seek, reading).unwrap();
        let ids: Vec<CustomerId> = page.rows.iter().map(|customer| customer.id).collect();
        let before = usize::try_from(page.before).unwrap();
        let (Some(first), Some(last)) = (ids.first().copied(), ids.last().copied()) else { return all };
        if forward {
            assert_eq!(before, all.len(), "{query}");
            all.extend(ids);
            if !page.has_more {
                return all;
            }
            seek = Seek::After(last, page.last());
        } else {
            all.splice(0..0, ids);
            if page.before == 0 {
                return all;
            }
            let per_page = i64::try_from(reading.per_page).unwrap();
            seek = Seek::Before(first, (page.before - per_page).max(0));
        }
    }
}

#[actix_web::test]
async fn in_every_order_each_customer_stands_exactly_once_forward_and_backward() {
    let app = TestApp::new().await;
    fill(&app, 117, &["li", "zhao", "wang"]);
    let all: Vec<CustomerId> = (0..117).map(|_| CustomerId(0)).collect();
    for column in Column::all().filter(|column| column.is_sortable()) {
        for descending in [false, true] {
            let query = format!("sort={}", Sort { column, descending }.to_text());
            let collected = Reading { per_page: 25, few: 1_000 };
            let walking = Reading { few: 0, ..collected };
            let once = walked(&app, &query, collected, true);
            let distinct: BTreeSet<CustomerId> = once.iter().copied().collect();
            assert_eq!((once.len(), distinct.len()), (all.len(), all.len()), "{query}");
            for (reading, forward) in [(collected, false), (walking, true), (walking, false)] {
                assert_eq!(walked(&app, &query, reading, forward), once, "{query} {reading:?} {forward}");
            }
        }
    }
}

#[actix_web::test]
async fn values_stand_in_the_order_in_which_people_know_them_and_who_has_none_stands_last() {
    let app = TestApp::new().await;
    fill(&app, 60, &["li", "zhao", "wang"]);
    let column = |query: &str, field: Field| -> Vec<Option<String>> {
        let reading = Reading { per_page: 1_000, ..Reading::default() };
        let rows = page(&app, "admin", query, Seek::First, reading).unwrap().rows;
        let mut values: Vec<Option<String>> = rows.iter().map(|row| row.fields.get(field)).collect();
        values.dedup();
        values
    };
    let some = |all: &[&str]| -> Vec<Option<String>> {
        all.iter().map(|text| Some((*text).to_owned())).chain([None]).collect()
    };
    assert_eq!(column("sort=level", Field::Level), some(&["S", "A", "B", "C", "D"]));
    assert_eq!(column("sort=-level", Field::Level), some(&["D", "C", "B", "A", "S"]));
    let usage = column("sort=-monthly_average_usage", Field::MonthlyAverageUsage);
    assert_eq!(usage, some(&["1678", "56", "7", "0"]));
    // 李雷, 王芳, 赵敏: by the sounds of their names.
    let owners: Vec<String> = ["li", "wang", "zhao"].map(|name| app.world.user(name).to_string()).to_vec();
    let owners: Vec<&str> = owners.iter().map(String::as_str).collect();
    assert_eq!(column("sort=sales_owner", Field::SalesOwner), some(&owners));
    let names = column("sort=company_name", Field::CompanyName);
    let first = names.first().unwrap().clone().unwrap();
    assert!(first.starts_with("北京"), "bei before cheng: {first}");
}

/// All customers, as they are.
fn everybody(app: &TestApp) -> Vec<Customer> {
    let reading = Reading { per_page: 10_000, ..Reading::default() };
    page(app, "admin", "", Seek::First, reading).unwrap().rows
}

/// Whom a filter lets through.
type Fits = Box<dyn Fn(&Customer) -> bool>;

#[actix_web::test]
async fn each_filter_lets_through_whom_it_says_alone_and_with_others() {
    let app = TestApp::new().await;
    fill(&app, 150, &["li", "zhao", "wang"]);
    let all = everybody(&app);
    let li = app.world.user("li").to_string();
    let has = |field: Field, value: &'static str| {
        move |row: &Customer| row.fields.get(field).as_deref() == Some(value)
    };
    let mut cases: Vec<(String, Fits)> = vec![
        ("level=S".into(), Box::new(has(Field::Level, "S"))),
        ("level=-".into(), Box::new(|row| row.fields.level.is_none())),
        ("status=active".into(), Box::new(has(Field::Status, "active"))),
        ("account_type=trial".into(), Box::new(has(Field::AccountType, "trial"))),
        ("industry=rental".into(), Box::new(has(Field::Industry, "rental"))),
        ("erp_system=-".into(), Box::new(|row| row.fields.erp_system.is_none())),
        ("settlement_mode=tiered".into(), Box::new(has(Field::SettlementMode, "tiered"))),
        ("spend_level=C6".into(), Box::new(has(Field::SpendLevel, "C6"))),
        ("source=event".into(), Box::new(has(Field::Source, "event"))),
        ("channel=online".into(), Box::new(has(Field::Channel, "online"))),
        ("entity_type=individual".into(), Box::new(has(Field::EntityType, "individual"))),
        ("billable=no".into(), Box::new(|row| !row.fields.billable)),
        ("disabled=yes".into(), Box::new(|row| row.fields.disabled)),
        ("ops_owner=-".into(), Box::new(|row| row.fields.ops_owner.is_none())),
        (
            "onboarded_from=2023-01-01&onboarded_to=2024-12-31".into(),
            Box::new(|row| {
                row.fields
                    .onboarded_on
                    .is_some_and(|day| (2023..=2024).contains(&chrono::Datelike::year(&day)))
            }),
        ),
        (
            "usage_from=7&usage_to=56".into(),
            Box::new(|row| row.fields.monthly_average_usage.is_some_and(|usage| (7..=56).contains(&usage))),
        ),
        ("created_from=2026-11-20&created_to=2026-11-20".into(), Box::new(|_| true)),
        ("created_from=2026-11-21".into(), Box::new(|_| false)),
        ("deleted=yes".into(), Box::new(|_| false)),
    ];
    let owner = app.world.user("li");
    let owned = move |row: &Customer| [row.fields.sales_owner, row.fields.ops_owner].contains(&Some(owner));
    cases.push((format!("owner={li}"), Box::new(owned)));
    cases.push((format!("sales_owner={li}"), Box::new(move |row| row.fields.sales_owner == Some(owner))));
    for (query, fits) in &cases {
        let expected: BTreeSet<String> =
            all.iter().filter(|row| fits(row)).map(|row| row.fields.company_code.clone()).collect();
        assert_eq!(found(&app, "admin", query), expected, "{query}");
        assert!(!expected.is_empty() || query.contains("deleted") || query.contains("11-21"), "{query}");
        let both = format!("{query}&billable=yes&sort=-level");
        let expected: BTreeSet<String> = all
            .iter()
            .filter(|row| fits(row) && (row.fields.billable || query.starts_with("billable")))
            .map(|row| row.fields.company_code.clone())
            .collect();
        assert_eq!(found(&app, "admin", &both), expected, "{both}");
        let totals = page(&app, "admin", query, Seek::First, Reading { per_page: 1, few: 0 }).unwrap().totals;
        let usage: i64 =
            all.iter().filter(|row| fits(row)).filter_map(|row| row.fields.monthly_average_usage).sum();
        assert_eq!(totals.usage, usage, "{query}");
    }
    assert_eq!(found(&app, "li", "owner=me").len(), all.iter().filter(|row| owned(row)).count());
}

#[actix_web::test]
async fn a_customer_is_found_by_any_part_of_its_name_by_sounds_by_code_and_by_number() {
    let app = TestApp::new().await;
    app.customer("KH10001", "杭州诺合公寓管理有限公司", None, Some("li"));
    app.customer("KH10002", "杭州雅合不动产有限公司", None, Some("li"));
    app.customer("ABC-7", "Bright Homes Ltd", None, Some("zhao"));
    for (q, expected) in [
        ("诺合", codes(["KH10001"])),
        ("公寓", codes(["KH10001"])),
        ("合", codes(["KH10001", "KH10002"])),
        ("nhgy", codes(["KH10001"])),
        ("HZ", codes(["KH10001", "KH10002"])),
        ("KH1000", codes(["KH10001", "KH10002"])),
        ("kh10002", codes(["KH10002"])),
        ("0002", codes(["KH10002"])),
        ("杭州诺合公寓管理有限公司", codes(["KH10001"])),
        ("杭州 公寓", codes(["KH10001"])),
        ("公寓 雅合", codes([])),
        ("homes bright", codes(["ABC-7"])),
        ("100%", codes([])),
        ("_", codes([])),
        ("查无此人", codes([])),
    ] {
        let query = GridQuery::of([("q".to_owned(), q.to_owned())]).to_text();
        assert_eq!(found(&app, "admin", &query), expected, "{q}");
        let walking = Reading { per_page: 100, few: 0 };
        let walked = page(&app, "admin", &query, Seek::First, walking).unwrap().rows.len();
        assert_eq!(walked, expected.len(), "{q}");
    }
    assert_eq!(found(&app, "zhao", "q=KH"), codes([]));
}

#[actix_web::test]
async fn by_people_at_the_customer_finds_only_who_may_see_them() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "杭州诺合有限公司", None, Some("li"));
    app.arrange(|tx| {
        diesel::sql_query(format!(
            "INSERT INTO contacts (customer_id, name, name_sort, phone, created_at, updated_at) \
             VALUES ({id}, '马冬梅', 'ma dong mei ', '13912345678', NOW(6), NOW(6))"
        ))
        .execute(tx.conn())
        .unwrap();
        directory::commands::retell_contacts(tx, id)
    });
    for q in ["马冬梅", "mdm", "139123", "5678"] {
        let query = GridQuery::of([("q".to_owned(), q.to_owned())]).to_text();
        assert_eq!(found(&app, "li", &query), codes(["KH1"]), "{q}");
        assert_eq!(found(&app, "analyst", &query), codes([]), "{q}");
    }
    assert_eq!(found(&app, "analyst", "q=nuohe"), codes([]));
    assert_eq!(found(&app, "analyst", "q=nh"), codes(["KH1"]));
}

#[actix_web::test]
async fn everybody_sees_exactly_the_customers_within_their_reach() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲有限公司", None, Some("li"));
    app.customer("KH2", "乙有限公司", Some("zhao"), None);
    app.customer("KH3", "丙有限公司", Some("zhao"), Some("wang"));
    app.customer("KH4", "丁有限公司", None, None);
    for (who, sees) in [
        ("li", codes(["KH1"])),
        ("zhao", codes(["KH2", "KH3"])),
        ("wang", codes(["KH1", "KH3"])),
        ("admin", codes(["KH1", "KH2", "KH3", "KH4"])),
        ("finance", codes(["KH1", "KH2", "KH3", "KH4"])),
    ] {
        assert_eq!(found(&app, who, ""), sees, "{who}");
        let count = page(&app, who, "", Seek::First, Reading::default()).unwrap().totals.count;
        assert_eq!(usize::try_from(count).unwrap(), sees.len(), "{who}");
        let list = app.signed_in(who).await.get("/customers").await.ok();
        let json = app.api(who).get("/api/v1/customers").await.ok().json();
        assert_eq!(json["total"], count, "{who}");
        for code in ["KH1", "KH2", "KH3", "KH4"] {
            let shown = list.body.contains(&format!(">{code}<"));
            assert_eq!(shown, sees.contains(code), "{who} {code}");
        }
    }
    let file = app.signed_in("wang").await.post("/customers/export", &[("format", "csv")]).await.ok();
    file.contains("KH1").contains("KH3").lacks("KH2").lacks("KH4");
    app.as_role("sales").await.post("/customers/export", &[("format", "csv")]).await.status(403);
}

#[actix_web::test]
async fn a_list_without_customers_says_what_to_do() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/customers").await.ok().contains(T.customer_list_empty());
    app.customer("KH1", "甲有限公司", None, None);
    let none = admin.get("/customers?q=zzz").await.ok();
    none.contains(T.customer_list_none()).contains(T.list_clear()).lacks(T.customer_list_empty());
    let shown = admin.get("/customers?status=lead&level=-&q=j").await;
    shown.ok().contains("甲有限公司");
}

#[actix_web::test]
async fn parameters_that_make_no_sense_are_passed_over_by_the_page_and_refused_to_programs() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲有限公司", None, None);
    let (admin, api) = (app.signed_in("admin").await, app.api("admin"));
    for query in [
        "sort='%3B--",
        "sort=remarks",
        "level=%C3%A9",
        "status=nope",
        "owner=x",
        "owner=-",
        "billable=maybe",
        "onboarded_from=gestern",
        "usage_from=viel",
        "deleted=no",
        "sales_owner=99999999999999999999999",
    ] {
        admin.get(&format!("/customers?{query}")).await.ok().contains("甲有限公司");
        assert_eq!(
            api.get(&format!("/api/v1/customers?{query}")).await.status(422).problem(),
            "invalid",
            "{query}"
        );
    }
    for query in [
        "after=999999&at=50",
        "before=1&at=-7",
        "after=x",
        "page=last",
        "page=99",
        "cols=%2C%2C",
        "cols=nope,level",
        "view=77",
        "view=all",
        "q=%00",
        "level=S&level=A&q=%F0%A0%80%80",
    ] {
        assert!(admin.get(&format!("/customers?{query}")).await.status < 400, "{query}");
    }
    let long = format!("/customers?q={}", "x".repeat(5_000));
    assert!(admin.get(&long).await.status < 500);
}

#[actix_web::test]
#[expect(clippy::disallowed_methods, reason = "where to measure is for whoever measures to say")]
#[ignore = "makes a database to measure on: OPCMS_MEASURE_URL=mysql://… cargo test -- --ignored measure"]
async fn a_hundred_thousand_customers_to_measure() {
    let app = TestApp::at(&std::env::var("OPCMS_MEASURE_URL").unwrap()).await;
    let mut owners = app.world.builtin_roles();
    owners.extend(["wang", "li", "zhao", "aud"].map(str::to_owned));
    let owners: Vec<&str> = owners.iter().map(String::as_str).collect();
    fill(&app, 100_000, &owners);
}

/// The version of a customer.
fn version(app: &TestApp, id: CustomerId) -> String {
    app.number(&format!("SELECT CAST(version AS SIGNED) FROM customers WHERE id = {id}")).to_string()
}

fn stored(app: &TestApp, id: CustomerId, column: &str) -> String {
    app.texts(&format!("SELECT COALESCE({column}, '-') FROM customers WHERE id = {id}")).remove(0)
}

async fn save(app: &TestApp, who: &str, id: CustomerId, field: &str, sent: &[(&str, &str)]) -> Answer {
    app.signed_in(who).await.post(&format!("/customers/{id}/cells/{field}"), sent).await
}

#[actix_web::test]
async fn a_cell_is_changed_in_place_and_the_row_comes_back() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "甲有限公司", None, Some("li"));
    let li = app.signed_in("li").await;
    let list = li.get("/customers").await.ok();
    list.contains(&format!("hx-get=\"/customers/{id}/row?edit=level\""));
    let form = li.get_part(&format!("/customers/{id}/row?edit=level")).await.ok();
    form.contains("data-cell-form").contains("<tr id=\"customer-").lacks("<html");
    let version = version(&app, id);
    let sent = [("version", version.as_str()), ("value", "S"), ("part", "yes")];
    let row = save(&app, "li", id, "level", &sent).await.ok();
    row.contains("<tr id=\"customer-").contains(">S<").lacks("data-cell-form");
    assert_eq!(stored(&app, id, "level"), "S");
    assert_eq!(app.audited().iter().filter(|action| *action == "customers.customer.updated").count(), 1);
    // The same twice: the second was of a version that is gone, and says who was faster.
    let again =
        save(&app, "li", id, "level", &[("version", &version), ("value", "D"), ("part", "yes")]).await;
    again.status(422).contains("data-cell-form").contains("李雷");
    assert_eq!(stored(&app, id, "level"), "S");
    // Without scripts the cell has a page of its own, and leads back to the list.
    let page = li.get(&format!("/customers/{id}/cells/billable")).await.ok();
    let action = format!("/customers/{id}/cells/billable");
    li.submit(&page, &action, &[("value", "no")]).await.see_other("/customers");
    assert_eq!(stored(&app, id, "CAST(billable AS CHAR)"), "0");
}

#[actix_web::test]
async fn a_status_moves_only_where_it_may_and_ends_only_with_a_reason() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "甲有限公司", None, Some("li"));
    let form = app.signed_in("li").await.get(&format!("/customers/{id}/cells/status")).await.ok();
    form.contains("value=\"trial\"").lacks("value=\"archived\"");
    let v = version(&app, id);
    let refused = save(&app, "li", id, "status", &[("version", &v), ("value", "archived")]).await.status(422);
    assert!(!refused.field_error("value").is_empty());
    let refused =
        save(&app, "li", id, "status", &[("version", &v), ("value", "terminated")]).await.status(422);
    assert_eq!(refused.field_error("reason"), T.customer_list_reason_required());
    let sent = [("version", v.as_str()), ("value", "terminated"), ("reason", "客户注销")];
    save(&app, "li", id, "status", &sent).await.see_other("/customers");
    assert_eq!(stored(&app, id, "status"), "terminated");
    assert_eq!(app.number("SELECT COUNT(*) FROM status_moves WHERE becomes = 'terminated'"), 1);
    assert!(app.audited().contains(&"customers.status.moved".to_owned()));
}

#[actix_web::test]
async fn cells_are_changed_only_within_reach_and_only_by_who_may() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "甲有限公司", None, Some("li"));
    let theirs = app.customer("KH2", "乙有限公司", Some("zhao"), None);
    let v = version(&app, theirs);
    save(&app, "li", theirs, "level", &[("version", &v), ("value", "S")]).await.status(404);
    app.signed_in("li").await.get(&format!("/customers/{theirs}/row")).await.status(404);
    save(&app, "zhao", theirs, "level", &[("version", &v), ("value", "S")]).await.status(403);
    app.signed_in("zhao").await.get("/customers").await.ok().lacks("cell-edit").lacks("data-select-all");
    // Not everything is changed here, and whoever cannot hand over keeps the customer.
    let v = version(&app, id);
    save(&app, "li", id, "company_code", &[("version", &v), ("value", "X")]).await.status(404);
    save(&app, "li", id, "nonsense", &[("version", &v), ("value", "X")]).await.status(404);
    let zhao = app.world.user("zhao").to_string();
    let refused = save(&app, "li", id, "ops_owner", &[("version", &v), ("value", &zhao)]).await.status(422);
    assert_eq!(refused.field_error("value"), T.customers_owner_outside());
    save(&app, "wang", id, "ops_owner", &[("version", &v), ("value", &zhao)]).await.see_other("/customers");
    assert!(app.audited().contains(&"customers.customer.handed_over".to_owned()));
    for value in ["nonsense", "Z", "999999"] {
        let v = version(&app, id);
        save(&app, "admin", id, "level", &[("version", &v), ("value", value)]).await.status(422);
    }
}

#[actix_web::test]
async fn who_gives_a_customer_away_in_the_list_is_told_so() {
    let app = TestApp::new().await;
    let id = app.customer("KH1", "甲有限公司", None, Some("li"));
    let (v, zhao) = (version(&app, id), app.world.user("zhao").to_string());
    let sent = [("version", v.as_str()), ("value", zhao.as_str()), ("part", "yes")];
    let row = save(&app, "wang", id, "ops_owner", &sent).await.ok();
    row.contains(&format!("<tr id=\"customer-{id}\">")).contains(T.customer_list_given_away()).lacks("KH1");
    assert_eq!(stored(&app, id, "CAST(ops_owner_id AS CHAR)"), zhao);
}

#[actix_web::test]
async fn addresses_are_shown_only_of_those_whose_contacts_one_may_see() {
    let app = TestApp::new().await;
    let owned = |code: &str, name: &str, owner: &str| {
        let owner = app.world.user(owner).to_string();
        app.customer_with(
            code,
            name,
            &[(Field::BillingEmails, "bill@secret.cn"), (Field::SalesOwner, &owner)],
        )
    };
    let (ours, theirs) = (owned("KH1", "甲有限公司", "zhao"), owned("KH2", "乙有限公司", "li"));
    let mut zhao = (*app.actor("zhao")).clone();
    zhao.grants.insert(Permission::CustomerView, DataScope::All);
    zhao.grants.insert(Permission::ContactView, DataScope::Own);
    let shown = app.db.read(&Arc::new(zhao), |db| {
        let all = directory::queries::by_ids(db, &[ours, theirs])?;
        let names = Names::load(db, all.values())?;
        let column = Column::Of(Field::BillingEmails);
        Ok(all.values().map(|customer| names.text(T, column, customer).unwrap()).collect::<Vec<_>>())
    });
    let shown = shown.unwrap();
    assert_eq!(shown[0], "bill@secret.cn");
    assert!(!shown[1].contains("secret"), "{shown:?}");
}

#[actix_web::test]
async fn what_is_filtered_leaves_as_a_file_and_no_text_becomes_a_formula() {
    let app = TestApp::new().await;
    app.customer("KH1", "=cmd|' /C calc'!A0", None, Some("li"));
    app.customer("KH2", "乙有限公司", None, Some("li"));
    let admin = app.signed_in("admin").await;
    let csv = admin.post("/customers/export", &[("format", "csv"), ("sort", "-company_code")]).await.ok();
    let lines: Vec<&str> = csv.body.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].starts_with("公司ID,公司名称,合作状态,"), "{}", lines[0]);
    assert!(lines[1].starts_with("KH2,") && lines[2].starts_with("KH1,'=cmd"), "{lines:?}");
    let all = admin.post("/customers/export", &[("format", "csv"), ("all", "yes"), ("q", "KH2")]).await.ok();
    all.contains("统一社会信用代码").contains("KH2").lacks("KH1");
    let xlsx = admin.post("/customers/export", &[("format", "xlsx")]).await.ok();
    assert!(xlsx.bytes.starts_with(b"PK"));
    let exports = "SELECT COUNT(*) FROM audit_entries WHERE action = 'customers.customer.exported'";
    assert_eq!(app.number(exports), 3);
    admin.post("/customers/export", &[("format", "pdf")]).await.status(400);
    admin.post("/customers/export", &[("format", "csv"), ("level", "é")]).await.status(422);
}

#[actix_web::test]
async fn a_search_for_a_legal_form_alone_says_why_it_finds_nobody() {
    let app = TestApp::new().await;
    app.customer("KH1", "杭州诺合有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let none = admin.get(&format!("/customers?q={}", encoded("有限公司"))).await.ok();
    none.contains(&T.customer_list_legal_form("有限公司")).lacks(T.list_none_help());
    admin.get(&format!("/customers?q={}", encoded("苏州"))).await.ok().contains(T.list_none_help());
    admin.get(&format!("/customers?q={}", encoded("诺合 有限公司"))).await.ok().contains(">KH1<");
}

#[actix_web::test]
async fn a_program_reads_the_list_by_key_and_has_files_made() {
    let app = TestApp::new().await;
    fill(&app, 120, &["li", "zhao"]);
    let api = app.api("admin");
    let (mut seen, mut after) = (BTreeSet::new(), String::new());
    for _ in 0..3 {
        let answer = api.get(&format!("/api/v1/customers?sort=level&per_page=50{after}")).await.ok().json();
        assert_eq!(answer["total"], 120);
        seen.extend(answer["items"].as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()));
        after = answer["next"].as_u64().map(|id| format!("&after={id}")).unwrap_or_default();
    }
    assert_eq!((seen.len(), after.as_str()), (120, ""));
    // A customer reads the same in the list as by itself.
    let listed = api.get("/api/v1/customers?per_page=1").await.ok().json()["items"][0].clone();
    let shown = api.get(&format!("/api/v1/customers/{}", listed["id"])).await.ok().json();
    assert_eq!(listed, shown);
    let body = serde_json::json!({"format": "json", "filter": {"level": "S"}, "columns": ["company_code", "billable"]});
    let task = api.post("/api/v1/customers/export", body).await.status(201).json();
    app.work_off().await;
    let task = api.get(&format!("/api/v1/tasks/{}", task["task_id"])).await.ok().json();
    assert_eq!(task["state"], "succeeded", "{task}");
    let file = api.get(&format!("/api/v1/files/{}/content", task["file_id"])).await.ok();
    let rows: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), found(&app, "admin", "level=S").len());
    let bad = serde_json::json!({"format": "json", "columns": ["nonsense"]});
    api.post("/api/v1/customers/export", bad).await.status(400);
    app.api("zhao").post("/api/v1/customers/export", serde_json::json!({"format": "csv"})).await.status(403);
}

#[actix_web::test]
async fn columns_stand_in_the_order_of_choice_and_move() {
    let app = TestApp::new().await;
    app.customer("KH1", "甲有限公司", None, None);
    let admin = app.signed_in("admin").await;
    let choice = [("list", "customers"), ("column", "source"), ("column", "level"), ("back", "/customers")];
    admin.post("/preferences/columns", &choice).await.see_other("/customers");
    let heads = |page: &Answer| {
        let at = |label: &str| page.body.find(&format!("id=\"sort-{label}\"")).unwrap();
        (at("source") < at("level"), page.body.contains("id=\"sort-status\""))
    };
    assert_eq!(heads(&admin.get("/customers").await.ok()), (true, false));
    let moved = [&choice[..], &[("up", "level")]].concat();
    admin.post("/preferences/columns", &moved).await.see_other("/customers");
    assert_eq!(heads(&admin.get("/customers").await.ok()), (false, false));
    // The columns of the address go before one's own.
    admin.get("/customers?cols=status").await.ok().contains("id=\"sort-status\"").lacks("id=\"sort-level\"");
}
