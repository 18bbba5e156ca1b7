//! Writing down what a run makes of customers: the only writer of `bill_run_customers` and `bill_run_lines`.
//!
//! Rows are written as one text, because ten thousand bound values cost more than the rows.

use std::fmt::{Display, Write as _};

use diesel::prelude::*;
use serde_json::Value;

use crate::billing::runs::rating::{NewLine, Planned};
use crate::billing::runs::risk;
use crate::db::Tx;
use crate::i18n::Said;
use crate::schema::{bill_run_customers, bill_run_lines};
use crate::types::ids::BillRunId;
use crate::types::{Error, Result};

/// How many rows go into one statement.
const ROWS: usize = 1_000;

/// Writes what becomes of customers, the first of them at `position`.
pub fn write(tx: &mut Tx, run: BillRunId, position: u32, planned: &[Planned]) -> Result<()> {
    let mut customers = Vec::with_capacity(planned.len());
    let mut lines = Vec::new();
    for (position, one) in (position..).zip(planned) {
        customers.push(customer_row(run, position, one)?);
        for (place, line) in (1_u32..).zip(&one.lines) {
            lines.push(line_row(run, position, place, line)?);
        }
    }
    insert(
        tx,
        "bill_run_customers (run_id, position, customer_id, outcome, reason, currency, total_amount, previous_amount, \
         change_amount, usage_change_amount, price_change_amount, customer_change_amount, manual_change_amount, risk, \
         flags, usage_quantity, usage_records, inputs_hash, inputs_parts, reissue_of, payment_term_days, said)",
        &customers,
    )?;
    insert(
        tx,
        "bill_run_lines (run_id, customer_position, position, kind, price_version_id, price_number, meter_id, \
         device_series, layer, from_on, until_on, quantity, year_from, late_of, late_month, amount, explanation)",
        &lines,
    )
}

fn insert(tx: &mut Tx, target: &str, rows: &[String]) -> Result<()> {
    for some in rows.chunks(ROWS) {
        let text = format!("INSERT INTO {target} VALUES {}", some.join(","));
        diesel::sql_query(text).execute(tx.conn())?;
    }
    Ok(())
}

/// A row of values, as SQL has them.
struct Values(String);

impl Values {
    fn new() -> Values {
        Values(String::with_capacity(512))
    }

    /// A number, which nothing can end.
    fn number(&mut self, value: impl Display) -> &mut Values {
        let comma = if self.0.is_empty() { "(" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{comma}{value}");
        self
    }

    fn optional_number(&mut self, value: Option<impl Display>) -> &mut Values {
        match value {
            Some(value) => self.number(value),
            None => self.number("NULL"),
        }
    }

    /// A text, with what could end it doubled.
    fn text(&mut self, value: impl Display) -> &mut Values {
        let plain = value.to_string().replace('\\', "\\\\").replace('\'', "''");
        self.number(format_args!("'{plain}'"))
    }

    fn optional_text(&mut self, value: Option<impl Display>) -> &mut Values {
        match value {
            Some(value) => self.text(value),
            None => self.number("NULL"),
        }
    }

    fn end(self) -> String {
        self.0 + ")"
    }
}

fn customer_row(run: BillRunId, position: u32, planned: &Planned) -> Result<String> {
    let change = &planned.change;
    let said = planned.said.as_ref().map(json).transpose()?;
    let mut row = Values::new();
    row.number(run)
        .number(position)
        .number(planned.head.id)
        .text(planned.outcome)
        .optional_text(planned.reason)
        .text(planned.currency)
        .number(planned.total.0)
        .optional_number(planned.previous.map(|amount| amount.0))
        .number(change.total().0)
        .number(change.usage.0)
        .number(change.price.0)
        .number(change.customer.0)
        .number(change.manual.0)
        .number(risk::risk(&planned.flags))
        .text(json(&planned.flags)?)
        .number(planned.usage_quantity)
        .number(planned.usage_records)
        .text(&planned.hashes.whole)
        .text(&planned.hashes.parts)
        .optional_number(planned.reissue_of)
        .number(planned.head.payment_term_days)
        .optional_text(said);
    Ok(row.end())
}

fn line_row(run: BillRunId, customer: u32, place: u32, line: &NewLine) -> Result<String> {
    let charge = line.charge.as_ref();
    let mut row = Values::new();
    row.number(run)
        .number(customer)
        .number(place)
        .text(line.line.kind)
        .optional_number(line.version.map(|(version, _)| version))
        .optional_number(line.version.map(|(_, number)| number))
        .optional_number(charge.map(|charge| charge.meter))
        .text(charge.map_or("", |charge| charge.device_series.as_str()))
        .text(charge.map_or("", |charge| charge.layer.as_str()))
        .text(line.from)
        .text(line.until)
        .optional_number(line.quantity.map(|quantity| quantity.0))
        .optional_text(line.year_from)
        .optional_number(line.late.and_then(|(bill, _)| bill))
        .optional_text(line.late.map(|(_, month)| month.first_day()))
        .number(line.line.amount.0)
        .text(json(&line.line.explanation)?);
    Ok(row.end())
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|fault| Error::Internal(fault.into()))
}

/// Says of a customer that was left out while others were written what moved.
pub fn leave_out(tx: &mut Tx, run: BillRunId, position: u32, said: &Said) -> Result<()> {
    let said = serde_json::to_value(said).map_err(|fault| Error::Internal(fault.into()))?;
    diesel::update(bill_run_customers::table.find((run, position)))
        .set(bill_run_customers::said.eq(Some::<Value>(said)))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes which bills of a run were written of the customers at these places.
pub fn note_bills(tx: &mut Tx, run: BillRunId, positions: &[u32]) -> Result<usize> {
    let text = format!(
        "UPDATE bill_run_customers planned JOIN bills ON bills.customer_id = planned.customer_id \
         AND bills.run_id = planned.run_id AND bills.live_month IS NOT NULL \
         SET planned.bill_id = bills.id \
         WHERE planned.run_id = {run} AND planned.position IN ({}) AND planned.bill_id IS NULL",
        listed(positions)
    );
    Ok(diesel::sql_query(text).execute(tx.conn())?)
}

/// Numbers as a list of SQL.
pub fn listed(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

/// Removes the lines of a run up to a place.
pub fn remove_lines(tx: &mut Tx, run: BillRunId, up_to: u32) -> Result<()> {
    let gone = bill_run_lines::table
        .filter(bill_run_lines::run_id.eq(run))
        .filter(bill_run_lines::customer_position.le(up_to));
    diesel::delete(gone).execute(tx.conn())?;
    Ok(())
}
