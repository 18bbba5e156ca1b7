//! A bill as a workbook: its lines with their explanations, and what they come to.

use std::io::Read as _;

use anyhow::Context as _;

use crate::sheets::write::{Cell, Finished, Format, Table};
use crate::types::Result;

use super::statement::Statement;

/// The workbook of a bill.
pub fn workbook(statement: &Statement) -> Result<Finished> {
    let t = statement.t;
    let heading = [
        t.bill_paper_position(),
        t.bill_paper_item(),
        t.bill_paper_from(),
        t.bill_paper_until(),
        t.bill_paper_quantity(),
        t.bill_paper_amount(),
        t.bill_paper_currency(),
        t.bill_paper_explanation(),
    ];
    let heading = heading.map(str::to_owned);
    let mut table = Table::begin(Format::Xlsx, &statement.bill.number, &heading)?;
    let currency = Cell::from(statement.currency().to_string());
    for line in &statement.lines {
        table.row(&[
            Cell::Number(line.position.into()),
            line.label.as_str().into(),
            line.from.into(),
            line.until.into(),
            line.quantity.into(),
            line.amount.0.into(),
            currency.clone(),
            t.paragraph(&line.text).into(),
        ])?;
    }
    let mut sum = |label: &str, amount| {
        let blank = || Cell::Blank;
        table.row(&[
            blank(),
            label.into(),
            blank(),
            blank(),
            blank(),
            Cell::Decimal(amount),
            currency.clone(),
            blank(),
        ])
    };
    sum(t.bill_paper_total(), statement.total().0)?;
    for credit in &statement.credits {
        sum(&t.bill_paper_credit(&credit.number), -credit.amount.0)?;
    }
    if statement.is_reduced() {
        sum(t.bill_paper_balance(), statement.balance().0)?;
    }
    table.finish()
}

/// The bytes of the workbook, for a mail.
pub fn bytes(statement: &Statement) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    workbook(statement)?.into_file().read_to_end(&mut content).context("the workbook cannot be read")?;
    Ok(content)
}
