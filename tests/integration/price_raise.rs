//! Prices of many at once: raised by a percentage, copied to other customers, approved; as shown, and taken back.

use opcms::batches::model::{BatchState, Row, RowOutcome};
use opcms::i18n::Tr;
use opcms::types::ids::{BatchId, CustomerId};

use crate::customer_imports::{batch, batch_of, commit, rows, undo};
use crate::price_import::{file, plan_approval, standard, trimmed, upload_prices, widen, with};
use crate::support::{Client, TestApp};

const DAY: &str = "2027-01-01";

/// Customers with prices in force since this January: a price, tiers with fees, blocks, a year; all of 李雷.
async fn priced(app: &TestApp) -> (Client, [CustomerId; 4]) {
    let codes = ["KH1", "KH2", "KH3", "KH4"];
    let ids = codes.map(|code| app.customer(code, &format!("{code}有限公司"), None, Some("li")));
    let admin = app.signed_in("admin").await;
    let day = "2026-01-01";
    let blank =
        |code: &'static str, model: &'static str| with(standard(code, day, "", ""), "计价方式", model);
    let rows = [
        with(with(standard("KH1", day, "", "2.63"), "保底", "300"), "封顶", "310"),
        standard("KH1", day, "L", "0.005"),
        with(with(blank("KH2", "阶梯累进"), "阶梯", "0-500:1.0;501+:0.8"), "阶梯固定费", "50/0"),
        with(with(with(blank("KH3", "按包"), "每包数量", "10"), "免费数量", "5"), "每包价格", "57.49"),
        with(with(with(blank("KH4", "包年"), "年费", "9999.99"), "包含用量", "120"), "超量单价", "1.29"),
    ];
    let id = upload_prices(app, &admin, "价格.xlsx", &file(&rows)).await;
    commit(app, &admin, id).await;
    approve(app, id);
    (admin, ids)
}

/// Approves what a batch has opened, as the system.
fn approve(app: &TestApp, batch: BatchId) {
    use opcms::pricing::price_plans::{commands, queries};
    app.arrange(|tx| {
        let ids: Vec<_> = queries::of_batch(tx, batch)?.iter().map(|version| version.id).collect();
        let refused = commands::approve_all(tx, &ids)?.into_iter().filter(|(_, refusal)| refusal.is_some());
        assert_eq!(refused.count(), 0);
        Ok(())
    });
}

async fn raise(app: &TestApp, client: &Client, sent: &[(&str, &str)]) -> BatchId {
    let usual = [("valid_from", DAY), ("decimals", "2")];
    let all: Vec<(&str, &str)> =
        usual.into_iter().filter(|(name, _)| sent.iter().all(|(other, _)| other != name)).collect();
    let all = [&all[..], sent].concat();
    let id = batch_of(&client.post("/prices/raises/new", &all).await.status(303));
    app.work_off().await;
    id
}

const USUAL: [(&str, &str); 5] = [
    ("parts", "unit_price"),
    ("parts", "tier_price"),
    ("parts", "block_price"),
    ("parts", "annual_fee"),
    ("parts", "overage_price"),
];

fn number(app: &TestApp, what: &str, source: &str) -> Vec<String> {
    let found = app.texts(&format!("SELECT CAST({what} AS CHAR) FROM {source}"));
    found.iter().map(|text| trimmed(text)).collect()
}

const OF_RAISE: &str = "price_charges p JOIN price_versions v ON v.id = p.price_version_id \
     WHERE v.origin = 'raise' AND ";

fn outcomes(rows: &[Row]) -> Vec<RowOutcome> {
    rows.iter().map(|row| row.outcome).collect()
}

#[actix_web::test]
async fn a_raise_moves_every_number_that_was_chosen_and_rounds_it_once() {
    let app = TestApp::new().await;
    let (admin, _) = priced(&app).await;
    admin.get("/prices/raises/new").await.ok().contains("2026-12-01");
    let id =
        raise(&app, &admin, &[&USUAL[..], &[("percent", "5.5%"), ("remarks", "年度调价")]].concat()).await;
    assert_eq!((batch(&app, id).creates, batch(&app, id).failed), (4, 0));
    let page = admin.get(&format!("/batches/{id}?tab=create")).await.ok();
    page.contains("2.63").contains("2.77").contains("合同年度重新起算");
    assert_eq!(app.number("SELECT COUNT(*) FROM price_versions WHERE origin = 'raise'"), 0);
    commit(&app, &admin, id).await;
    // 2.63 × 1.055 = 2.77465, 0.005 × 1.055 = 0.005275, 57.49 × 1.055 = 60.65195, 9999.99 × 1.055 = 10549.98945.
    assert_eq!(
        number(&app, "p.unit_price", &format!("{OF_RAISE} p.model = 'standard' ORDER BY p.id")),
        ["2.77", "0.01"]
    );
    assert_eq!(number(&app, "p.block_price", &format!("{OF_RAISE} p.model = 'block'")), ["60.65"]);
    assert_eq!(
        number(&app, "p.annual_fee_amount", &format!("{OF_RAISE} p.model = 'annual_package'")),
        ["10549.99"]
    );
    assert_eq!(number(&app, "p.overage_price", &format!("{OF_RAISE} p.model = 'annual_package'")), ["1.36"]);
    let tiers = "price_tiers t JOIN price_charges p ON p.id = t.price_charge_id \
        JOIN price_versions v ON v.id = p.price_version_id WHERE v.origin = 'raise' ORDER BY t.position";
    assert_eq!(number(&app, "t.unit_price", tiers), ["1.06", "0.84"]);
    assert_eq!(number(&app, "t.flat_fee_amount", tiers), ["50", "0"], "flat fees were not chosen");
    let raised = "price_versions WHERE origin = 'raise' ORDER BY id";
    assert_eq!(number(&app, "valid_from", raised), [DAY; 4]);
    assert_eq!(app.texts("SELECT remarks FROM price_versions WHERE origin = 'raise'"), ["年度调价"; 4]);
    assert_eq!(app.number("SELECT minimum_amount FROM price_versions WHERE origin = 'raise' AND customer_id = (SELECT MIN(id) FROM customers)"), 300);
    // Again: everything is there already.
    let again =
        raise(&app, &admin, &[&USUAL[..], &[("percent", "5.5"), ("remarks", "年度调价")]].concat()).await;
    assert_eq!(outcomes(&rows(&app, again)), [RowOutcome::Unchanged; 4]);
    undo(&app, &admin, id).await;
    assert_eq!(batch(&app, id).undone, 4);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM price_versions WHERE origin = 'raise' AND state = 'discarded'"),
        4
    );
}

#[actix_web::test]
async fn a_cut_of_minimums_and_fees_keeps_to_the_currency_and_a_cap_gives_way() {
    let app = TestApp::new().await;
    let (admin, _) = priced(&app).await;
    let parts = [("parts", "minimum"), ("parts", "flat_fee")];
    let id = raise(&app, &admin, &[&parts[..], &[("percent", "-3.333")]].concat()).await;
    commit(&app, &admin, id).await;
    let of = "price_versions WHERE origin = 'raise' ORDER BY id";
    assert_eq!(
        number(
            &app,
            "minimum_amount",
            "price_versions WHERE origin = 'raise' AND minimum_amount IS NOT NULL"
        ),
        ["290"]
    );
    assert_eq!(
        number(&app, "COUNT(*)", "price_versions WHERE origin = 'raise'"),
        ["2"],
        "the others have neither: {of}"
    );
    let fees = "price_tiers t JOIN price_charges p ON p.id = t.price_charge_id \
        JOIN price_versions v ON v.id = p.price_version_id WHERE v.origin = 'raise' ORDER BY t.position";
    assert_eq!(number(&app, "t.flat_fee_amount", fees), ["48.33", "0"]);
    let higher = raise(&app, &admin, &[("parts", "minimum"), ("percent", "10")]).await;
    commit(&app, &admin, higher).await;
    let last = "price_versions ORDER BY id DESC LIMIT 1";
    assert_eq!(
        (number(&app, "minimum_amount", last), number(&app, "cap_amount", last)),
        (vec!["330".to_owned()], vec!["330".to_owned()])
    );
}

#[actix_web::test]
async fn a_raise_reaches_whom_it_names_and_nobody_out_of_reach() {
    let app = TestApp::new().await;
    let (admin, ids) = priced(&app).await;
    let owner = app.world.user("li").to_string();
    let zhao = app.world.user("zhao").to_string();
    for (sent, count) in [
        (vec![("owner", owner.as_str())], 4),
        (vec![("model", "graduated")], 1),
        // A code that is nobody's is a row that says so.
        (vec![("codes", "KH1, KH3；KH9")], 3),
        (vec![("codes", "KH1 KH2"), ("model", "standard")], 1),
        (vec![("batch", "1")], 4),
    ] {
        let sent = [&USUAL[..], &[("percent", "1")], &sent[..]].concat();
        let id = raise(&app, &admin, &sent).await;
        assert_eq!(batch(&app, id).total, count, "{sent:?}");
        let unknown = rows(&app, id).iter().filter(|row| row.outcome == RowOutcome::Failed).count();
        assert_eq!(unknown, usize::from(sent.contains(&("codes", "KH1, KH3；KH9"))), "{sent:?}");
    }
    for (sent, field) in [
        (vec![("percent", "0")], "percent"),
        (vec![("percent", "-100")], "percent"),
        (vec![("percent", "1e3")], "percent"),
        (vec![("percent", "0.00001")], "percent"),
        (vec![("percent", "5"), ("valid_from", "")], "valid_from"),
        (vec![("percent", "5"), ("decimals", "7")], "decimals"),
        (vec![("percent", "5"), ("batch", "x")], "batch"),
        (vec![("percent", "5"), ("owner", "zhao'--")], "owner"),
    ] {
        let usual = [("valid_from", DAY), ("decimals", "2"), ("parts", "unit_price")];
        let kept = usual.into_iter().filter(|(name, _)| sent.iter().all(|(other, _)| other != name));
        let all: Vec<(&str, &str)> = kept.chain(sent.iter().copied()).collect();
        let answer = admin.post("/prices/raises/new", &all).await.status(422);
        assert!(!answer.field_error(field).is_empty(), "{sent:?}");
    }
    let nobody = [("percent", "5"), ("valid_from", DAY), ("decimals", "2"), ("parts", "unit_price")];
    let answer = admin.post("/prices/raises/new", &[&nobody[..], &[("owner", zhao.as_str())]].concat()).await;
    answer.status(422).contains("没有符合条件");
    let none = [("percent", "5"), ("valid_from", DAY), ("decimals", "2")];
    admin.post("/prices/raises/new", &none).await.status(422).contains("至少选择一个");
    // Before the first day of all prices nobody has some.
    let early = [("percent", "5"), ("valid_from", "2025-12-31"), ("decimals", "2"), ("parts", "unit_price")];
    admin.post("/prices/raises/new", &early).await.status(422);
    // Whoever reaches only some raises only those.
    app.customer("KH8", "华南客户有限公司", Some("zhao"), None);
    let li = app.signed_in("li").await;
    let id = raise(&app, &li, &[&USUAL[..], &[("percent", "1")]].concat()).await;
    assert_eq!(batch(&app, id).total, u32::try_from(ids.len()).unwrap());
}

#[actix_web::test]
async fn a_raise_whose_ground_has_moved_is_refused_and_says_what() {
    let app = TestApp::new().await;
    let (admin, _) = priced(&app).await;
    let id = raise(&app, &admin, &[&USUAL[..], &[("percent", "5")]].concat()).await;
    let other = file(&[standard("KH1", "2026-12-01", "", "9")]);
    let other = upload_prices(&app, &admin, "新价格.xlsx", &other).await;
    commit(&app, &admin, other).await;
    approve(&app, other);
    commit(&app, &admin, id).await;
    assert_eq!(batch(&app, id).state, BatchState::Outdated);
    admin.get(&format!("/batches/{id}?tab=moved")).await.ok().contains("V2");
    assert_eq!(app.number("SELECT COUNT(*) FROM price_versions WHERE origin = 'raise'"), 0);
    // A later version is named: the raise ends with it.
    let early = raise(
        &app,
        &admin,
        &[&USUAL[..], &[("percent", "5"), ("valid_from", "2026-11-25"), ("codes", "KH1")]].concat(),
    )
    .await;
    admin
        .get(&format!("/batches/{early}?tab=create"))
        .await
        .ok()
        .contains("有效至（后续版本生效前）")
        .contains("2026-12-01");
}

#[actix_web::test]
async fn a_raise_of_thousands_is_worked_out_in_the_background() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let codes: Vec<String> = (0..1_200).map(|n| format!("KH{n:04}")).collect();
    app.arrange(|tx| {
        for code in &codes {
            let fields = opcms::customers::directory::model::Fields {
                company_code: code.clone(),
                company_name: format!("{code}有限公司"),
                ..Default::default()
            };
            opcms::customers::directory::commands::create(tx, fields)?;
        }
        Ok(())
    });
    let lines: Vec<Vec<&str>> = codes.iter().map(|code| standard(code, "2026-01-01", "", "2")).collect();
    let prices = upload_prices(&app, &admin, "价格.xlsx", &file(&lines)).await;
    commit(&app, &admin, prices).await;
    let approval = {
        widen(&app);
        let boss = app.signed_in("ops_manager").await;
        let id = plan_approval(&boss, prices).await;
        assert_eq!(batch(&app, id).state, BatchState::Checking, "more than are worked out at once");
        app.work_off().await;
        commit(&app, &boss, id).await;
        id
    };
    assert_eq!(batch(&app, approval).written, 1_200);
    let id = raise(&app, &admin, &[&USUAL[..], &[("percent", "10")]].concat()).await;
    assert_eq!((batch(&app, id).state, batch(&app, id).creates), (BatchState::Ready, 1_200));
    commit(&app, &admin, id).await;
    assert_eq!(
        app.number("SELECT COUNT(*) FROM price_versions WHERE origin = 'raise' AND state = 'pending'"),
        1_200
    );
    assert_eq!(
        number(
            &app,
            "SUM(p.unit_price)",
            "price_charges p JOIN price_versions v ON v.id = p.price_version_id WHERE v.origin = 'raise'"
        ),
        ["2640"]
    );
}

#[actix_web::test]
async fn a_plan_is_copied_to_customers_by_code_and_by_owner() {
    let app = TestApp::new().await;
    let (admin, ids) = priced(&app).await;
    app.customer("KH5", "五号有限公司", None, Some("zhao"));
    let source =
        app.number(&format!("SELECT id FROM price_versions WHERE customer_id = {}", ids[1])).to_string();
    admin.get(&format!("/prices/copies/new?version={source}")).await.ok().contains("KH2").contains("0–500");
    let sent = [("version", source.as_str()), ("valid_from", DAY), ("codes", "KH1\nKH5 KH404 KH2")];
    let id = batch_of(&admin.post("/prices/copies/new", &sent).await.status(303));
    let all = rows(&app, id);
    assert_eq!(outcomes(&all), [RowOutcome::Failed, RowOutcome::Create, RowOutcome::Create]);
    assert_eq!(
        (all[0].label.as_str(), all[0].body.faults[0].said.text(Tr::En).contains("company code")),
        ("KH404", true)
    );
    commit(&app, &admin, id).await;
    let copied = "price_tiers t JOIN price_charges p ON p.id = t.price_charge_id \
        JOIN price_versions v ON v.id = p.price_version_id WHERE v.origin = 'copy' ORDER BY v.id, t.position";
    assert_eq!(number(&app, "t.unit_price", copied), ["1", "0.8", "1", "0.8"]);
    assert_eq!(number(&app, "t.flat_fee_amount", copied), ["50", "0", "50", "0"]);
    // By the code of the customer, to all customers of an owner: not to itself.
    let owner = app.world.user("li").to_string();
    let sent = [("source", "KH2"), ("valid_from", "2027-02-01"), ("owner", owner.as_str())];
    let id = batch_of(&admin.post("/prices/copies/new", &sent).await.status(303));
    assert_eq!(rows(&app, id).len(), 3);
    for (sent, field) in [
        (vec![("source", "KH404"), ("codes", "KH1")], "source"),
        (vec![("source", "KH5"), ("codes", "KH1")], "source"),
        (vec![("codes", "KH1")], "source"),
        (vec![("source", "KH2")], "codes"),
        (vec![("source", "KH2"), ("codes", "KH1"), ("valid_from", "bald")], "valid_from"),
    ] {
        let kept =
            [("valid_from", DAY)].into_iter().filter(|(name, _)| sent.iter().all(|(other, _)| other != name));
        let all: Vec<(&str, &str)> = kept.chain(sent.iter().copied()).collect();
        let answer = admin.post("/prices/copies/new", &all).await.status(422);
        assert!(!answer.field_error(field).is_empty(), "{sent:?}");
    }
    admin.get("/prices/copies/new?version=999999").await.status(404);
}

#[actix_web::test]
async fn many_are_approved_as_shown_and_the_rest_says_why_not() {
    let app = TestApp::new().await;
    let (admin, _) = priced(&app).await;
    widen(&app);
    let boss = app.signed_in("ops_manager").await;
    let rows_of_file = ["KH1", "KH2", "KH3"].map(|code| standard(code, DAY, "", "9.5"));
    let id = upload_prices(&app, &admin, "价格.xlsx", &file(&rows_of_file)).await;
    commit(&app, &admin, id).await;
    let versions =
        app.texts(&format!("SELECT CAST(id AS CHAR) FROM price_versions WHERE batch_id = {id} ORDER BY id"));
    // The list sends what was ticked; the page says how many, and makes the batch.
    let ticked: Vec<(&str, &str)> = versions.iter().map(|id| ("id", id.as_str())).collect();
    boss.post("/prices/approvals", &[&[("step", "choose")][..], &ticked].concat())
        .await
        .ok()
        .contains("3 个待审批");
    let approval = batch_of(&boss.post("/prices/approvals", &ticked[..2]).await.status(303));
    let page = boss.get(&format!("/batches/{approval}?tab=update")).await.ok();
    page.contains("2.63").contains("9.50");
    // Approved by somebody else meanwhile: nothing is written, and it says so.
    app.arrange(|tx| {
        let first = opcms::types::ids::PriceVersionId(versions[0].parse().unwrap());
        opcms::pricing::price_plans::commands::approve(tx, first, 1)
    });
    commit(&app, &boss, approval).await;
    assert_eq!(batch(&app, approval).state, BatchState::Outdated);
    let rest = plan_approval(&boss, id).await;
    assert_eq!(batch(&app, rest).updates, 2);
    commit(&app, &boss, rest).await;
    assert_eq!(
        app.number(&format!(
            "SELECT COUNT(*) FROM price_versions WHERE batch_id = {id} AND state = 'active'"
        )),
        3
    );
    boss.get(&format!("/prices/approvals?batch={id}")).await.ok().contains("没有可供您审批");
    boss.post("/prices/approvals", &[("batch", &id.to_string())]).await.status(422);
    // Taken back before they have begun.
    undo(&app, &boss, rest).await;
    assert_eq!(
        app.number(&format!(
            "SELECT COUNT(*) FROM price_versions WHERE batch_id = {id} AND state = 'withdrawn'"
        )),
        2
    );
    // A closed month refuses, and the row says so.
    diesel::RunQueryDsl::execute(
        diesel::sql_query("INSERT INTO closed_months (month, closed_at) VALUES ('2026-12-01', NOW(6))"),
        &mut app.connect(),
    )
    .unwrap();
    let late =
        upload_prices(&app, &admin, "补录.xlsx", &file(&[standard("KH4", "2026-12-15", "", "3")])).await;
    assert_eq!(rows(&app, late)[0].body.faults[0].code, "closed_month");
    admin.get("/prices/approvals").await.ok().contains("没有可供您审批");
    app.signed_in("sales").await.get("/prices/approvals").await.status(403);
}

fn count(app: &TestApp, condition: &str) -> i64 {
    app.number(&format!("SELECT COUNT(*) FROM price_versions WHERE {condition}"))
}

fn hand(app: &TestApp, statement: &str) {
    diesel::RunQueryDsl::execute(diesel::sql_query(statement), &mut app.connect()).unwrap();
}

#[actix_web::test]
async fn the_undo_of_a_second_raise_leaves_the_first_in_force() {
    let app = TestApp::new().await;
    let (admin, _) = priced(&app).await;
    let mut ids = Vec::new();
    for percent in ["5", "10"] {
        let id = raise(&app, &admin, &[&USUAL[..], &[("percent", percent)]].concat()).await;
        assert!(batch(&app, id).name(Tr::En).starts_with("Raise by"), "{}", batch(&app, id).name(Tr::En));
        commit(&app, &admin, id).await;
        approve(&app, id);
        ids.push(id);
    }
    // The second begins on the day of the first: no contract year begins anew with it.
    let has_year = |id: BatchId| {
        rows(&app, id).iter().flat_map(|row| &row.body.changes).any(|change| change.field == "contract_year")
    };
    assert_eq!((has_year(ids[0]), has_year(ids[1])), (true, false));
    assert_eq!(count(&app, &format!("batch_id = {} AND state = 'superseded'", ids[0])), 4);
    undo(&app, &admin, ids[1]).await;
    assert_eq!(count(&app, &format!("batch_id = {} AND state = 'withdrawn'", ids[1])), 4);
    assert_eq!(
        count(&app, &format!("batch_id = {} AND state = 'active' AND superseded_by IS NULL", ids[0])),
        4
    );
    undo(&app, &admin, ids[0]).await;
    assert_eq!(count(&app, "origin = 'raise' AND state = 'withdrawn'"), 8);
}

#[actix_web::test]
async fn a_raise_in_another_currency_and_one_that_rounding_turns_fail_by_themselves() {
    let app = TestApp::new().await;
    let (admin, _) = priced(&app).await;
    hand(
        &app,
        "UPDATE customer_details SET currency = 'USD' WHERE customer_id = (SELECT id FROM customers WHERE company_code = 'KH2')",
    );
    // A half of 0.005 is nothing at two decimals.
    let id = raise(&app, &admin, &[&USUAL[..], &[("percent", "-50")]].concat()).await;
    let all = rows(&app, id);
    let codes: Vec<String> = all
        .iter()
        .map(|row| row.body.faults.first().map_or("", |fault| fault.code.as_str()).to_owned())
        .collect();
    assert_eq!(codes, ["rounded_astray", "currency", "", ""]);
    commit(&app, &admin, id).await;
    assert_eq!(batch(&app, id).state, BatchState::Committed);
    assert_eq!(count(&app, "origin = 'raise' AND state = 'pending'"), 2);
}

#[actix_web::test]
async fn only_what_was_approved_is_copied_and_the_same_prices_are_not_opened_again() {
    let app = TestApp::new().await;
    let (admin, ids) = priced(&app).await;
    let draft = app.draft_price(ids[1], "2027-01-01", "3").to_string();
    admin.get(&format!("/prices/copies/new?version={draft}")).await.status(404);
    let sent = [("version", draft.as_str()), ("valid_from", DAY), ("codes", "KH1")];
    admin.get("/prices/copies/new").await.ok();
    assert_ne!(admin.post("/prices/copies/new", &sent).await.status, 303);
    let copy = async |day: &str| {
        let sent = [("source", "KH2"), ("valid_from", day), ("codes", "KH1")];
        batch_of(&admin.post("/prices/copies/new", &sent).await.status(303))
    };
    let id = copy("2026-12-01").await;
    commit(&app, &admin, id).await;
    // While another price may come into force in between, the copy says something.
    assert_eq!(outcomes(&rows(&app, copy("2027-02-01").await)), [RowOutcome::Create]);
    approve(&app, id);
    assert_eq!(outcomes(&rows(&app, copy("2027-02-01").await)), [RowOutcome::Unchanged]);
    let file = file(&[with(
        with(standard("KH1", "2027-02-01", "", ""), "计价方式", "阶梯累进"),
        "阶梯",
        "0-500:1.0;501+:0.8",
    )]);
    let other = upload_prices(&app, &admin, "费.xlsx", &file).await;
    assert_eq!(batch(&app, other).creates, 1, "without its fees it is another price");
}

#[actix_web::test]
async fn an_approval_whose_ground_has_moved_is_refused_and_several_of_a_customer_stand_on_each_other() {
    let app = TestApp::new().await;
    let (admin, ids) = priced(&app).await;
    widen(&app);
    let boss = app.signed_in("ops_manager").await;
    let id = upload_prices(&app, &admin, "价格.xlsx", &file(&[standard("KH1", DAY, "", "9.5")])).await;
    commit(&app, &admin, id).await;
    let approval = plan_approval(&boss, id).await;
    assert!(batch(&app, approval).name(Tr::En).ends_with("价格.xlsx"));
    app.price_in_force(ids[0], "2026-12-01", "4");
    commit(&app, &boss, approval).await;
    assert_eq!(batch(&app, approval).state, BatchState::Outdated);
    boss.get(&format!("/batches/{approval}?tab=moved"))
        .await
        .ok()
        .contains("2027-01-01 起有效的价格已变为版本 V3");
    let approval = plan_approval(&boss, id).await;
    app.price_in_force(ids[0], "2027-06-01", "5");
    commit(&app, &boss, approval).await;
    boss.get(&format!("/batches/{approval}?tab=moved")).await.ok().contains("该版本之后的价格安排有变动");
    // Two of one customer: the second is shown against the first.
    let both = file(&[standard("KH2", "2027-03-01", "", "8"), standard("KH2", DAY, "", "7")]);
    let id = upload_prices(&app, &admin, "两版.xlsx", &both).await;
    commit(&app, &admin, id).await;
    let approval = plan_approval(&boss, id).await;
    let shown = rows(&app, approval);
    let was: Vec<bool> = shown
        .iter()
        .map(|row| {
            row.body.changes.iter().any(|change| change.was.as_ref().is_some_and(|was| was.contains("\"7")))
        })
        .collect();
    assert_eq!(was, [false, true]);
    commit(&app, &boss, approval).await;
    assert_eq!((batch(&app, approval).state, batch(&app, approval).written), (BatchState::Committed, 2));
    // Nobody counts what is out of their reach.
    let counts = |who: &str| {
        let read =
            |db: &mut opcms::db::Db| opcms::pricing::price_plans::list::queries::count_of_batch(db, id);
        app.db.read(&app.actor(who), read).unwrap()
    };
    assert_eq!((counts("li").len(), counts("zhao").len()), (1, 0));
}

#[actix_web::test]
async fn whoever_prepared_a_batch_does_not_approve_it_when_somebody_else_commits_it() {
    let app = TestApp::new().await;
    let (admin, _) = priced(&app).await;
    widen(&app);
    let boss = app.signed_in("ops_manager").await;
    let id = upload_prices(&app, &admin, "价格.xlsx", &file(&[standard("KH1", DAY, "", "9.5")])).await;
    commit(&app, &boss, id).await;
    assert_eq!(batch(&app, id).written, 1);
    for client in [&admin, &boss] {
        let own = plan_approval(client, id).await;
        assert_eq!(rows(&app, own)[0].body.faults[0].code, "own_work");
    }
}

#[actix_web::test]
async fn what_a_batch_opened_is_listed_and_approved_without_the_page_of_the_batch() {
    let app = TestApp::new().await;
    let (admin, _) = priced(&app).await;
    let id = raise(&app, &admin, &[&USUAL[..], &[("percent", "1")]].concat()).await;
    commit(&app, &admin, id).await;
    let (list, page) = (format!("/prices?show=all&batch={id}"), format!("href=\"/batches/{id}\""));
    let approval = format!("href=\"/prices/approvals?batch={id}\"");
    admin.get(&list).await.ok().contains(&page).contains(&approval);
    let boss = app.signed_in("ops_manager").await;
    boss.get(&format!("/batches/{id}")).await.status(404);
    boss.get(&list).await.ok().lacks(&page);
    boss.get(&format!("/prices/approvals?batch={id}")).await.ok().lacks(&page);
    // From the list of all versions it is a step away.
    admin.get("/prices?show=waiting").await.ok().contains(&list.replace('&', "&#38;"));
}
