//! Bills as files: the list as it is filtered, for people; and a month with every customer of its runs, for programs.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Decimal as SqlDecimal, Nullable, Text};
use rust_decimal::Decimal;
use serde_json::json;

use crate::customers::directory::reach::Reach;
use crate::customers::grid::sql::{Sql, Value};
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::sheets::write::{Cell, Finished, Format, Table};
use crate::types::time::business_day;
use crate::types::{Action, BillingMonth, Entry, ExportRecord, Permission, Refusal, Result};

use super::list_forms::BillQuery;
use super::listing::{self, BillRow, owned_by};
use super::model::{DocumentState, KIND};

/// So many bills leave in one file; who wants more filters, and takes several.
const MOST: usize = 200_000;
/// How many are read at a time.
const CHUNK: usize = 1_000;

/// Exports what the filter of the list lets through: the file, and its name.
///
/// # Errors
/// When there are too many.
pub fn of_list(tx: &mut Tx, t: Tr, query: &BillQuery, format: Format) -> Result<(Finished, String)> {
    let filter = query.check(tx.actor())?;
    let ids = listing::ids(tx, Permission::BillExport, &filter, query.sort(&filter))?;
    if ids.len() > MOST {
        return Err(Refusal::new("too_many_rows", |t: Tr| t.bill_export_many(MOST)).into());
    }
    let today = business_day(tx.now());
    let mut table = Table::begin(format, t.bill_list_title(), &heading(t))?;
    for some in ids.chunks(CHUNK) {
        for row in &listing::rows(tx, some)? {
            table.row(&cells(t, today, row))?;
        }
    }
    let name = format!("bills-{today}");
    let record = ExportRecord::new(KIND, format!("{name}.{format}"), ids.len(), &json!(query));
    tx.audit(Entry::created(Action::BillExported, &record));
    Ok((table.finish()?, name))
}

fn heading(t: Tr) -> Vec<String> {
    let heading = [
        t.bill_number(),
        t.bill_month(),
        t.bill_customer_code(),
        t.bill_customer(),
        t.bill_document_state(),
        t.bill_settlement_state(),
        t.bill_currency(),
        t.bill_total(),
        t.bill_credited(),
        t.bill_settled(),
        t.bill_written_off(),
        t.bill_balance(),
        t.bill_sent_at(),
        t.bill_due(),
        t.bill_overdue_badge(),
        t.bill_disputed_badge(),
        t.bill_invoice_number(),
    ];
    heading.map(str::to_owned).into()
}

fn cells(t: Tr, today: NaiveDate, row: &BillRow) -> Vec<Cell> {
    let (bill, customer) = (&row.bill, &row.customer.fields);
    let is_void = bill.document_state == DocumentState::Void;
    let settlement = if bill.document_state == DocumentState::Sent {
        Cell::Text(bill.settlement_state.label(t))
    } else {
        Cell::Blank
    };
    vec![
        Cell::Text(bill.number.clone()),
        Cell::Text(bill.month().to_string()),
        Cell::Text(customer.company_code.clone()),
        Cell::Text(customer.company_name.clone()),
        Cell::Text(bill.document_state.label(t)),
        settlement,
        Cell::Text(bill.currency.to_string()),
        Cell::Decimal(bill.total_amount),
        Cell::Decimal(bill.credited_amount),
        Cell::Decimal(bill.settled_amount),
        Cell::Decimal(bill.written_off_amount),
        if is_void { Cell::Blank } else { Cell::Decimal(bill.balance().0) },
        bill.sent_at.map_or(Cell::Blank, Cell::Moment),
        bill.due_on.map_or(Cell::Blank, Cell::Day),
        Cell::yes_no(bill.is_overdue(today), t),
        Cell::yes_no(bill.open_disputes > 0, t),
        bill.invoice_number.clone().map_or(Cell::Blank, Cell::Text),
    ]
}

/// What became of a customer in a month.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Became {
    /// The code of the customer.
    #[diesel(sql_type = Text)]
    pub company_code: String,
    /// `billed`, `zero`, `excluded` or `failed`.
    #[diesel(sql_type = Text)]
    pub outcome: String,
    /// Why it is excluded or failed.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    /// The number of its bill.
    #[diesel(sql_type = Nullable<Text>)]
    pub number: Option<String>,
    /// What that comes to.
    #[diesel(sql_type = Nullable<SqlDecimal>)]
    pub total: Option<Decimal>,
    /// How far it is.
    #[diesel(sql_type = Nullable<Text>)]
    pub state: Option<String>,
}

/// What became of every customer within reach in a month, by code: as the last committed run that covered it says. A bill
/// that was written is named with what it comes to now.
pub fn became(db: &mut Db, month: BillingMonth) -> Result<Vec<Became>> {
    let mut sql = Sql::new(
        "SELECT CAST(c.company_code AS CHAR) AS company_code, CAST(r.outcome AS CHAR) AS outcome, \
         CAST(r.reason AS CHAR) AS reason, CAST(b.number AS CHAR) AS number, b.total_amount AS total, \
         CAST(b.document_state AS CHAR) AS state \
         FROM (SELECT o.customer_id, MAX(o.run_id) AS run_id FROM bill_runs n \
         JOIN bill_run_customers o ON o.run_id = n.id WHERE n.state = 'committed' AND n.month = ",
    );
    sql.bind(Value::Day(month.first_day())).push(
        " GROUP BY o.customer_id) latest \
         JOIN bill_run_customers r ON r.customer_id = latest.customer_id AND r.run_id = latest.run_id \
         JOIN customers c ON c.id = r.customer_id LEFT JOIN bills b ON b.id = r.bill_id WHERE TRUE",
    );
    if let Reach::OwnedBy(users) = Reach::of(db, Permission::BillExport)? {
        owned_by(&mut sql, users.iter());
    }
    sql.push(" ORDER BY c.company_code, c.id");
    Ok(sql.query().load(db.conn())?)
}

/// Exports what became of every customer in a month, each column under its name: the file, and how many rows it has.
pub fn of_month(tx: &mut Tx, month: BillingMonth, format: Format) -> Result<(Finished, usize)> {
    let all = became(tx, month)?;
    let heading = ["month", "company_code", "outcome", "number", "total", "state", "reason"];
    let mut table = Table::begin(format, "bills", &heading.map(str::to_owned))?;
    let text = |text: &Option<String>| text.clone().map_or(Cell::Blank, Cell::Text);
    for one in &all {
        table.row(&[
            Cell::Text(month.to_string()),
            Cell::Text(one.company_code.clone()),
            Cell::Text(one.outcome.clone()),
            text(&one.number),
            one.total.map_or(Cell::Blank, Cell::Decimal),
            text(&one.state),
            text(&one.reason),
        ])?;
    }
    let record = ExportRecord::new(
        KIND,
        format!("bills-{month}.{format}"),
        all.len(),
        &json!({"month": month.to_string()}),
    );
    tx.audit(Entry::created(Action::BillExported, &record));
    Ok((table.finish()?, all.len()))
}
