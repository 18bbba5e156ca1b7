//! Bills as staff see them: the page of one, its manual lines, and what may become of it.

use opcms::billing::bills::model::DocumentState;
use opcms::billing::bills::queries;
use opcms::pricing::checker;

use crate::support::TestApp;
use crate::support::billing::usage_line;

#[actix_web::test]
async fn an_arranged_bill_is_as_a_run_writes_it() {
    let app = TestApp::new().await;
    let customer = app.customer_of("li");
    let first = app.bill_of(customer, "2026-09", "1200.50", DocumentState::Sent);
    let lines = [usage_line("800", "1.5"), usage_line("3", "0.333333")];
    let second = app.bill_with(customer, "2026-10", &lines, DocumentState::PendingReview);
    let (first, second, lines) = app
        .db
        .read(&app.system(), |db| {
            Ok((queries::get(db, first)?.unwrap(), queries::get(db, second)?.unwrap(), queries::lines(db, second)?))
        })
        .unwrap();
    assert_eq!((first.number.as_str(), second.number.as_str()), ("B-202609-000001", "B-202610-000001"));
    assert!(first.is_owed() && first.due_on.is_some());
    assert_eq!(second.total_amount.to_string(), "1201.00");
    let rated: Vec<_> = lines.iter().map(|line| line.rated().unwrap()).collect();
    assert_eq!(checker::check_lines(&rated).map(|amount| amount.0), Ok(second.total_amount));
}
