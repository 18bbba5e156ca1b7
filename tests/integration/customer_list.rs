//! The list of customers: what it finds, in which order, for whom.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use opcms::customers::directory::commands::{Cause, create_all};
use opcms::customers::directory::model::{AccountType, EntityType, Fields, SettlementMode, SpendLevel};
use opcms::customers::status::model::Status;
use opcms::types::ids::UserId;
use opcms::types::{Action, Permission};

use crate::support::TestApp;

const LEVELS: [Option<&str>; 6] = [None, Some("S"), Some("A"), Some("B"), Some("C"), Some("D")];
const CITIES: [&str; 12] =
    ["杭州", "上海", "北京", "深圳", "广州", "成都", "南京", "苏州", "武汉", "西安", "重庆", "长沙"];
const STEMS: [&str; 16] = [
    "诺合", "雅合", "华邦", "鑫源", "宏图", "天和", "安居", "乐家", "万顺", "金桥", "瑞丰", "恒信", "博远", "新景",
    "盛世", "嘉禾",
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
        let all: Vec<Fields> =
            (from..many.min(from + 1_000)).map(|n| numbered(n + 1, &owners)).collect();
        app.arrange(|tx| create_all(tx, all.clone(), &cause));
        app.clock.advance(chrono::Duration::minutes(1));
    }
}

#[actix_web::test]
#[ignore = "makes a database to measure on: OPCMS_MEASURE_URL=mysql://… cargo test -- --ignored measure"]
async fn a_hundred_thousand_customers_to_measure() {
    let app = TestApp::at(&std::env::var("OPCMS_MEASURE_URL").unwrap()).await;
    let owners: Vec<String> = app.texts("SELECT username FROM users WHERE deleted_at IS NULL");
    let owners: Vec<&str> = owners.iter().map(String::as_str).filter(|name| *name != "off").collect();
    fill(&app, 100_000, &owners);
}
