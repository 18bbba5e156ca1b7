//! Bills, arranged as a run would leave them: a run of its own for each, what the run made of the customer, the bill, and
//! lines with real explanations.
//!
//! ```ignore
//! let bill = app.bill_of(customer, "2026-10", "1200.00", DocumentState::PendingReview);
//! let bill = app.bill_with(customer, "2026-10", &[usage_line("800", "1.5")], DocumentState::Sent);
//! ```

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Unsigned};
use rust_decimal::Decimal;

use opcms::billing::bills::model::DocumentState;
use opcms::billing::bills::number::BillNumber;
use opcms::billing::credit_notes::model::{Ask, Wish};
use opcms::billing::disputes::forms::Question;
use opcms::billing::links::commands::NewLink;
use opcms::billing::{bills, credit_notes, disputes, links};
use opcms::i18n::Tr;
use opcms::pricing::models::{Charge, Standard, Usage};
use opcms::pricing::rating::{Line, rate, sum};
use opcms::pricing::terms::Terms;
use opcms::types::ids::{BillId, BillLinkId, BillRunId, CreditNoteId, CustomerId, DisputeId};
use opcms::types::time::business_day;
use opcms::types::{BillingMonth, Currency, Money};

use super::TestApp;

/// The line of so much usage at so much each.
pub fn usage_line(quantity: &str, unit_price: &str) -> Line {
    let charge = Charge::Standard(Standard::new(unit_price.parse().unwrap()).unwrap());
    let usage = Usage::new(quantity.parse().unwrap()).unwrap();
    let rated = rate(&charge, &usage, &Terms::plain(Currency::Cny)).unwrap();
    rated.lines.into_iter().next().unwrap()
}

impl TestApp {
    /// A bill of a month that comes to `total`: one line of that many units at 1 each. It is as a run and those after it
    /// leave it in that state: decided about, sent and void as the state says.
    #[track_caller]
    pub fn bill_of(&self, customer: CustomerId, month: &str, total: &str, state: DocumentState) -> BillId {
        self.bill_with(customer, month, &[usage_line(total, "1")], state)
    }

    /// A bill of a month with these lines.
    #[track_caller]
    pub fn bill_with(
        &self,
        customer: CustomerId,
        month: &str,
        lines: &[Line],
        state: DocumentState,
    ) -> BillId {
        let month: BillingMonth = month.parse().unwrap();
        let total = sum(lines).unwrap();
        let mut conn = self.connect();
        let run = self.arranged_run(&mut conn, customer, month, total);
        let number = next_number(&mut conn, month);
        let (now, first) = (self.clock.now(), month.first_day());
        let today = business_day(now);
        let sent = if state == DocumentState::Sent {
            format!("'{now}', '{}'", today + chrono::Duration::days(30))
        } else {
            "NULL, NULL".to_owned()
        };
        let voided = if state == DocumentState::Void { format!("'{now}'") } else { "NULL".to_owned() };
        let bill = BillId(insert(
            &mut conn,
            &format!(
                "INSERT INTO bills (number, kind, customer_id, month, run_id, currency, document_state, \
                 settlement_state, total_amount, payment_term_days, sent_at, due_on, voided_at, created_at, \
                 updated_at) VALUES ('{number}', 'monthly', {customer}, '{first}', {run}, 'CNY', '{state}', \
                 'open', {}, 30, {sent}, {voided}, '{now}', '{now}')",
                total.0
            ),
        ));
        for (position, line) in (1..).zip(lines) {
            self.arranged_line(&mut conn, bill, month, position, line);
        }
        execute(&mut conn, &format!("UPDATE bill_run_customers SET bill_id = {bill} WHERE run_id = {run}"));
        let verdict = match state {
            DocumentState::Draft => "rejected",
            DocumentState::PendingReview => return bill,
            DocumentState::Approved | DocumentState::Sent => "approved",
            DocumentState::Void => "voided",
        };
        execute(
            &mut conn,
            &format!(
                "INSERT INTO bill_decisions (bill_id, position, round, decision, decided_at) \
                 VALUES ({bill}, 1, 1, '{verdict}', '{now}')"
            ),
        );
        bill
    }

    /// A bill of last month that waits for review, of a customer that a user owns, made if there is none.
    pub fn bill_of_user(&self, username: &str) -> BillId {
        let customer = self.customer_of(username);
        let query = format!("SELECT COALESCE(MIN(id), 0) FROM bills WHERE customer_id = {customer}");
        match u64::try_from(self.number(&query)).unwrap() {
            0 => self.bill_of(customer, "2026-10", "1200.00", DocumentState::PendingReview),
            id => BillId(id),
        }
    }

    /// A credit note that the system has asked for, of a sent bill of a customer that a user owns, made if there is none.
    pub fn credit_note_of(&self, username: &str) -> CreditNoteId {
        let customer = self.customer_of(username);
        let query = format!(
            "SELECT COALESCE(MIN(credit_notes.id), 0) FROM credit_notes JOIN bills ON bills.id = bill_id \
             WHERE customer_id = {customer}"
        );
        match u64::try_from(self.number(&query)).unwrap() {
            0 => {
                let bill = self.bill_of(customer, "2026-09", "900.00", DocumentState::Sent);
                self.credit_asked(bill, Wish::Whole)
            }
            id => CreditNoteId(id),
        }
    }

    /// A credit note of a bill that the system has asked for.
    #[track_caller]
    pub fn credit_asked(&self, bill: BillId, wish: Wish) -> CreditNoteId {
        let ask = Ask { wish, reason: "单价录错".into() };
        self.arrange(|tx| {
            let version = bills::queries::get(tx, bill)?.unwrap().version;
            credit_notes::commands::ask(tx, bill, version, &ask)
        })
    }

    /// A credit note that was asked for and approved by the system.
    #[track_caller]
    pub fn credited(&self, bill: BillId, wish: Wish) -> CreditNoteId {
        let note = self.credit_asked(bill, wish);
        self.arrange(|tx| credit_notes::commands::approve(tx, note, 1));
        note
    }

    /// A step of the ladder of reminders.
    pub fn dunning_step(&self) -> u64 {
        u64::try_from(self.number("SELECT MIN(id) FROM dunning_steps")).unwrap()
    }

    /// Says on which day a sent bill was sent, and on which it is due.
    #[track_caller]
    pub fn bill_due(&self, bill: BillId, sent_on: &str, due_on: &str) {
        execute(
            &mut self.connect(),
            &format!(
                "UPDATE bills SET sent_at = '{sent_on} 02:00:00', due_on = '{due_on}' WHERE id = {bill}"
            ),
        );
    }

    /// Says who has started and committed the run of a bill.
    #[track_caller]
    pub fn run_started_by(&self, bill: BillId, username: &str) {
        let user = self.world.user(username);
        execute(
            &mut self.connect(),
            &format!(
                "UPDATE bill_runs SET started_by = {user}, committed_by = {user} \
                 WHERE id = (SELECT run_id FROM bills WHERE id = {bill})"
            ),
        );
    }

    /// Changes rows behind the back of the application.
    #[track_caller]
    pub fn execute(&self, statement: &str) {
        execute(&mut self.connect(), statement);
    }

    /// A committed run of one customer, with what it made of that customer: billed, and new this month.
    fn arranged_run(
        &self,
        conn: &mut MysqlConnection,
        customer: CustomerId,
        month: BillingMonth,
        total: Money,
    ) -> BillRunId {
        let (now, first, last) = (self.clock.now(), month.first_day(), month.last_day());
        let hash = "0".repeat(64);
        let total = total.0;
        let run = insert(
            conn,
            &format!(
                "INSERT INTO bill_runs (month, state, scope, inputs_hash, customers, billed, written, totals, waived, \
                 started_at, planned_at, committed_at) VALUES ('{first}', 'committed', \
                 '{{\"customers\":[{customer}]}}', '{hash}', 1, 1, 1, '[]', '[]', '{now}', '{now}', '{now}')"
            ),
        );
        execute(
            conn,
            &format!(
                "INSERT INTO bill_run_customers (run_id, position, customer_id, outcome, currency, total_amount, \
                 change_amount, usage_change_amount, price_change_amount, customer_change_amount, \
                 manual_change_amount, flags, usage_quantity, usage_records, inputs_hash, payment_term_days) \
                 SELECT {run}, 1, {customer}, 'billed', 'CNY', {total}, {total}, 0, 0, {total}, 0, '[]', \
                 COALESCE(SUM(quantity), 0), COUNT(*), '{hash}', 30 FROM usage_records \
                 WHERE customer_id = {customer} AND used_on BETWEEN '{first}' AND '{last}'"
            ),
        );
        BillRunId(run)
    }

    fn arranged_line(
        &self,
        conn: &mut MysqlConnection,
        bill: BillId,
        month: BillingMonth,
        position: u16,
        line: &Line,
    ) {
        let explanation = serde_json::to_value(&line.explanation).unwrap();
        let quantity = &explanation["arithmetic"]["quantity"];
        let quantity: Option<Decimal> = quantity.as_str().map(|text| text.parse().unwrap());
        let meter = quantity.map(|_| self.meter());
        diesel::sql_query(
            "INSERT INTO bill_lines (bill_id, position, kind, meter_id, from_on, until_on, quantity, amount, \
             explanation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind::<Unsigned<BigInt>, _>(bill.0)
        .bind::<BigInt, _>(i64::from(position))
        .bind::<Text, _>(line.kind.as_str())
        .bind::<diesel::sql_types::Nullable<Unsigned<BigInt>>, _>(meter)
        .bind::<diesel::sql_types::Date, _>(month.first_day())
        .bind::<diesel::sql_types::Date, _>(month.last_day())
        .bind::<diesel::sql_types::Nullable<diesel::sql_types::Decimal>, _>(quantity)
        .bind::<diesel::sql_types::Decimal, _>(line.amount.0)
        .bind::<Text, _>(explanation.to_string())
        .execute(conn)
        .unwrap();
    }
}

/// The next number of a month, taken as a run takes it.
fn next_number(conn: &mut MysqlConnection, month: BillingMonth) -> BillNumber {
    let first = month.first_day();
    execute(
        conn,
        &format!(
            "INSERT INTO bill_sequences (month, last_bill) VALUES ('{first}', 1) \
             ON DUPLICATE KEY UPDATE last_bill = last_bill + 1"
        ),
    );
    let query = format!("SELECT CAST(last_bill AS SIGNED) FROM bill_sequences WHERE month = '{first}'");
    let last: i64 = diesel::dsl::sql::<BigInt>(&query).get_result(conn).unwrap();
    BillNumber { month, sequence: u32::try_from(last).unwrap() }
}

#[track_caller]
fn execute(conn: &mut MysqlConnection, statement: &str) {
    diesel::sql_query(statement).execute(conn).unwrap();
}

/// Inserts a row, and tells its id.
#[track_caller]
fn insert(conn: &mut MysqlConnection, statement: &str) -> u64 {
    execute(conn, statement);
    let query = "SELECT CAST(LAST_INSERT_ID() AS SIGNED)";
    let id: i64 = diesel::dsl::sql::<BigInt>(query).get_result(conn).unwrap();
    u64::try_from(id).unwrap()
}

impl TestApp {
    /// The newest link to a sent bill of a customer that a user owns, made if there is none.
    pub fn bill_link_of(&self, username: &str) -> BillLinkId {
        let customer = self.customer_of(username);
        let query = format!(
            "SELECT COALESCE(MAX(bill_links.id), 0) FROM bill_links JOIN bills ON bills.id = bill_links.bill_id \
             WHERE bills.customer_id = {customer}"
        );
        match u64::try_from(self.number(&query)).unwrap() {
            0 => {
                let bill = self.bill_of(customer, "2026-08", "800.00", DocumentState::Sent);
                self.link_to(bill).id
            }
            id => BillLinkId(id),
        }
    }

    /// The token of that link.
    pub fn bill_key_of(&self, username: &str) -> String {
        let id = self.bill_link_of(username);
        let link = self.db.read(&self.system(), |db| links::queries::get(db, id)).unwrap();
        self.state.secret.open(links::rules::PURPOSE, &link.sealed_token).unwrap()
    }

    /// A dispute of that bill, opened if there is none.
    pub fn dispute_of(&self, username: &str) -> DisputeId {
        let id = self.bill_link_of(username);
        let query = format!("SELECT COALESCE(MIN(id), 0) FROM disputes WHERE link_id = {id}");
        if self.number(&query) == 0 {
            let question =
                Question { position: Some(1), name: "王会计".into(), text: "数量不对。".into() };
            self.arrange(|tx| {
                let link = links::queries::get(tx, id)?;
                disputes::commands::open(tx, &link, &question)
            });
        }
        DisputeId(u64::try_from(self.number(&query)).unwrap())
    }

    /// A new link to a bill.
    pub fn link_to(&self, bill: BillId) -> NewLink {
        let secret = &self.state.secret;
        self.arrange(|tx| links::commands::create(tx, secret, bill, Tr::ZhCn, "bills@example.com"))
    }
}
