//! The list of bills: filters, orders, sums and files, all within reach.

use opcms::billing::bills::export;
use opcms::billing::bills::list_forms::BillQuery;
use opcms::billing::bills::listing;
use opcms::billing::bills::model::DocumentState;
use opcms::db::listing::PageRequest;
use opcms::i18n::Tr;
use opcms::sheets::write::Format;

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

/// The numbers that a query of the list lists, and its sums.
fn listed(app: &TestApp, username: &str, query: &BillQuery) -> (Vec<String>, String) {
    let actor = app.actor(username);
    let (found, sums) = app
        .db
        .read(&actor, |db| {
            let filter = query.filter(&actor);
            listing::list(db, &filter, query.sort(&filter), PageRequest::parse(""))
        })
        .unwrap();
    let sums = sums.iter().map(|sum| format!("{} {} {} {}", sum.count, sum.currency, sum.total, sum.balance));
    (found.rows.iter().map(|row| row.bill.number.clone()).collect(), sums.collect::<Vec<_>>().join(", "))
}

/// Bills of two customers, in two months and many states.
fn arrange(app: &TestApp) {
    let one = app.customer("KH-1", "杭州甲家居有限公司", None, Some("li"));
    let other = app.customer("KH-2", "上海乙设计有限公司", Some("zhao"), None);
    app.bill_of(one, "2026-09", "100.00", DocumentState::Sent);
    app.bill_of(other, "2026-09", "200.00", DocumentState::Sent);
    app.bill_of(one, "2026-10", "900.00", DocumentState::PendingReview);
    app.bill_of(other, "2026-10", "50.50", DocumentState::Void);
    app.bill_of(other, "2026-10", "60.50", DocumentState::Approved);
    app.execute("UPDATE bills SET due_on = '2026-11-01', invoice_number = '1', invoiced_at = created_at WHERE number = 'B-202609-000001'");
    app.execute("UPDATE bills SET open_disputes = 1, settled_amount = 20, settlement_state = 'partially_paid' WHERE number = 'B-202609-000002'");
    app.execute("UPDATE bills SET risk = 4 WHERE number = 'B-202610-000001'");
}

#[actix_web::test]
async fn the_list_filters_sorts_and_sums() {
    let app = TestApp::new().await;
    arrange(&app);
    let none = BillQuery::default();
    let query = |change: &dyn Fn(&mut BillQuery)| {
        let mut query = none.clone();
        change(&mut query);
        query
    };
    let text = |text: &str| text.to_owned();
    let zhao = app.world.user("zhao").to_string();
    let south = app.world.department("华南").to_string();
    for (query, numbers, sums) in [
        (query(&|_| {}), "10-3 10-2 10-1 09-2 09-1", "5 CNY 1,260.50 1,240.50"),
        (query(&|q| q.month = text("2026-09")), "09-2 09-1", "2 CNY 300.00 280.00"),
        (query(&|q| q.month = text("2020-01")), "", ""),
        (query(&|q| q.state = text("void")), "10-2", "1 CNY 0.00 0.00"),
        (query(&|q| q.state = text("sent")), "09-2 09-1", "2 CNY 300.00 280.00"),
        (query(&|q| q.settlement = text("partially_paid")), "09-2", "1 CNY 200.00 180.00"),
        (query(&|q| q.only = text("overdue")), "09-1", "1 CNY 100.00 100.00"),
        (query(&|q| q.only = text("disputed")), "09-2", "1 CNY 200.00 180.00"),
        (query(&|q| q.only = text("invoiced")), "09-1", "1 CNY 100.00 100.00"),
        (query(&|q| q.only = text("uninvoiced")), "09-2", "1 CNY 200.00 180.00"),
        (query(&|q| q.only = text("risky")), "10-1", "1 CNY 900.00 900.00"),
        (query(&|q| q.q = text("甲家居")), "10-1 09-1", "2 CNY 1,000.00 1,000.00"),
        (query(&|q| q.q = text("kh-2")), "10-3 10-2 09-2", "3 CNY 260.50 240.50"),
        (query(&|q| q.customer = text("KH-1")), "10-1 09-1", "2 CNY 1,000.00 1,000.00"),
        (query(&|q| q.number = text("B-202610-000003")), "10-3", "1 CNY 60.50 60.50"),
        (query(&|q| q.number = text("账单")), "", ""),
        (query(&|q| q.owner = zhao.clone()), "10-3 10-2 09-2", "3 CNY 260.50 240.50"),
        (query(&|q| q.department = south.clone()), "10-3 10-2 09-2", "3 CNY 260.50 240.50"),
        (query(&|q| (q.min, q.max) = (text("60.5"), text("100"))), "10-3 09-1", "2 CNY 160.50 160.50"),
        (
            query(&|q| (q.min, q.max, q.state) = (text("x"), text("1e99"), text("y"))),
            "10-3 10-2 10-1 09-2 09-1",
            "5 CNY 1,260.50 1,240.50",
        ),
        (query(&|q| q.sort = text("total")), "10-2 10-3 09-1 09-2 10-1", "5 CNY 1,260.50 1,240.50"),
        (query(&|q| q.sort = text("-balance")), "10-1 09-2 09-1 10-3 10-2", "5 CNY 1,260.50 1,240.50"),
        (query(&|q| (q.sort, q.state) = (text("due"), text("sent"))), "09-1 09-2", "2 CNY 300.00 280.00"),
        (
            query(&|q| (q.sort, q.month) = (text("-customer"), text("2026-09"))),
            "09-2 09-1",
            "2 CNY 300.00 280.00",
        ),
        (query(&|q| q.sort = text("number")), "09-1 09-2 10-1 10-2 10-3", "5 CNY 1,260.50 1,240.50"),
        (
            query(&|q| q.sort = text("month'; DROP TABLE bills")),
            "10-3 10-2 10-1 09-2 09-1",
            "5 CNY 1,260.50 1,240.50",
        ),
    ] {
        let (found, summed) = listed(&app, "finance_manager", &query);
        let short = |number: &String| format!("{}-{}", &number[6..8], number[9..].trim_start_matches('0'));
        let found: Vec<String> = found.iter().map(short).collect();
        assert_eq!((found.join(" ").as_str(), summed.as_str()), (numbers, sums), "{query:?}");
    }
}

#[actix_web::test]
async fn the_walk_along_an_index_lists_as_the_sort_of_few_does() {
    let app = TestApp::new().await;
    arrange(&app);
    // What every index gives is the same, whether it is walked or not.
    let mut sorts: Vec<String> = Vec::new();
    for column in ["number", "month", "customer", "total", "balance", "due"] {
        sorts.extend([column.to_owned(), format!("-{column}")]);
    }
    for sort in sorts {
        for (month, only, state) in [
            ("", "", ""),
            ("2026-10", "", ""),
            ("", "overdue", ""),
            ("", "", "sent"),
            ("2026-09", "overdue", "sent"),
        ] {
            let query = BillQuery {
                sort: sort.clone(),
                month: month.into(),
                only: only.into(),
                state: state.into(),
                ..BillQuery::default()
            };
            let actor = app.actor("finance_manager");
            let both = app
                .db
                .read(&actor, |db| {
                    let filter = query.filter(&actor);
                    let few = listing::ids_by(db, &filter, query.sort(&filter), 1_000)?;
                    Ok((few, listing::ids_by(db, &filter, query.sort(&filter), 0)?))
                })
                .unwrap();
            assert_eq!(both.0, both.1, "{sort} {month} {only} {state}");
        }
    }
}

#[actix_web::test]
async fn the_list_is_of_customers_within_reach() {
    let app = TestApp::new().await;
    arrange(&app);
    let all = BillQuery::default();
    assert_eq!(listed(&app, "li", &all).1, "2 CNY 1,000.00 1,000.00");
    assert_eq!(listed(&app, "wang", &all).0, ["B-202610-000001", "B-202609-000001"]);
    assert_eq!(listed(&app, "zhao", &all).1, "3 CNY 260.50 240.50");
    let li = app.signed_in("li").await;
    let page = li.get("/bills").await.ok();
    page.contains("杭州甲家居").lacks("上海乙设计").contains("1,000.00");
    // Who may not export is not offered it, and cannot.
    li.post("/bills/export", &[("format", "csv")]).await.status(403);
}

#[actix_web::test]
async fn the_file_is_exactly_what_is_filtered() {
    let app = TestApp::new().await;
    arrange(&app);
    let wang = app.signed_in("wang").await;
    wang.get("/bills").await.ok();
    let file = wang.post("/bills/export", &[("format", "csv"), ("month", "2026-10")]).await.ok();
    assert_eq!(file.body.lines().count(), 2, "{}", file.body);
    assert!(file.body.contains("B-202610-000001") && file.body.contains("900.00"), "{}", file.body);
    wang.post("/bills/export", &[("format", "docx")]).await.status(400);
    wang.post("/bills/export", &[("format", "xlsx"), ("month", "x")]).await.status(303);
    assert_eq!(app.audited(), ["billing.bill.exported"]);
}

#[actix_web::test]
async fn a_month_leaves_with_every_customer_of_its_runs() {
    let app = TestApp::new().await;
    arrange(&app);
    app.execute(
        "UPDATE bill_run_customers SET outcome = 'failed', reason = 'no_price', bill_id = NULL WHERE customer_id = \
         (SELECT id FROM customers WHERE company_code = 'KH-1') AND run_id = (SELECT run_id FROM bills WHERE number = 'B-202610-000001')",
    );
    let month = "2026-10".parse().unwrap();
    let (file, rows) =
        app.db.write(&app.actor("finance_manager"), |tx| export::of_month(tx, month, Format::Csv)).unwrap();
    let text = std::io::read_to_string(file.into_file()).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines,
        [
            "month,company_code,outcome,number,total,state,reason",
            "2026-10,KH-1,failed,,,,no_price",
            "2026-10,KH-2,billed,B-202610-000003,60.50,approved,"
        ]
    );
    assert_eq!(rows, 2);
    let (_, rows) = app.db.write(&app.actor("wang"), |tx| export::of_month(tx, month, Format::Csv)).unwrap();
    assert_eq!(rows, 1, "whoever reaches fewer customers gets fewer");
}

#[actix_web::test]
async fn an_empty_list_says_what_to_do() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    wang.get("/bills").await.ok().contains(T.bill_list_empty()).contains(T.bill_list_empty_help());
    wang.get("/bills?month=2026-10").await.ok().contains(T.bill_list_none());
    wang.get("/bills?page=99999999999999999999&sort=-x&only=%00").await.ok();
    wang.get("/bills/review").await.ok().contains(T.bill_review_none());
}
