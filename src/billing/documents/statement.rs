//! A bill in the words of one language: what its page, its PDF and its workbook say.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::billing::bills;
use crate::billing::bills::model::{Bill, BillLine};
use crate::catalog::meters;
use crate::catalog::meters::queries::Meters;
use crate::customers::directory::model::Customer;
use crate::db::Db;
use crate::i18n::Tr;
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::price_plans::version::sheet;
use crate::pricing::rating::LineKind;
use crate::settings::Letterhead;
use crate::types::ids::BillId;
use crate::types::money::grouped;
use crate::types::time::business_day;
use crate::types::{Currency, Money, Quantity, Result};

use super::queries;

/// A line in words.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementLine {
    /// Its place on the bill.
    pub position: u16,
    /// What it is for.
    pub label: String,
    /// The first day that it covers.
    pub from: NaiveDate,
    /// The last day that it covers.
    pub until: NaiveDate,
    /// How much was used.
    pub quantity: Option<Decimal>,
    /// What it comes to.
    pub amount: Money,
    /// How that was found, sentence by sentence.
    pub text: Vec<String>,
}

/// A credit note on a bill.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementCredit {
    /// Its number.
    pub number: String,
    /// How much it takes back.
    pub amount: Money,
    /// Whether it takes all of the bill back.
    pub whole: bool,
    /// When it was issued.
    pub issued_on: Option<NaiveDate>,
}

/// A bill as its customer gets it.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The language.
    pub t: Tr,
    /// The bill.
    pub bill: Bill,
    /// Whose it is.
    pub customer: Customer,
    /// Who sends it.
    pub letterhead: Letterhead,
    /// Its lines.
    pub lines: Vec<StatementLine>,
    /// What was taken back of it.
    pub credits: Vec<StatementCredit>,
    /// The number of the bill that it replaces.
    pub replaces: Option<String>,
    /// The number of the bill that replaces it.
    pub replaced_by: Option<String>,
}

impl Statement {
    /// The statement of a bill, whoever asks: who may see it was asked before.
    pub fn load(db: &mut Db, t: Tr, bill: Bill, customer: Customer) -> Result<Statement> {
        let meters = meters::queries::all(db)?;
        let lines = bills::queries::lines(db, bill.id)?;
        let named: Vec<BillId> =
            lines.iter().filter_map(|line| line.late_of).chain(bill.reissue_of).collect();
        let numbers = bills::queries::numbers(db, &named)?;
        let words = Words { t, meters: &meters, numbers: &numbers };
        let credits =
            queries::credited(db, bill.id)?.into_iter().map(|(number, amount, whole, decided_at)| {
                let issued_on = decided_at.map(business_day);
                StatementCredit {
                    number: number.unwrap_or_default(),
                    amount: Money(amount),
                    whole,
                    issued_on,
                }
            });
        Ok(Statement {
            t,
            letterhead: Letterhead::read(db, t)?,
            lines: lines.iter().map(|line| words.line(line)).collect::<Result<_>>()?,
            credits: credits.collect(),
            replaces: bill.reissue_of.and_then(|id| numbers.get(&id).cloned()),
            replaced_by: queries::replaced_by(db, bill.id)?,
            bill,
            customer,
        })
    }

    /// The currency of all amounts.
    pub fn currency(&self) -> Currency {
        self.bill.currency
    }

    /// An amount with the decimals of the currency.
    pub fn amount(&self, amount: &Money) -> String {
        grouped(&amount.plain(self.bill.currency))
    }

    /// The sum of the lines.
    pub fn total(&self) -> Money {
        Money(self.bill.total_amount)
    }

    /// What is left to be paid.
    pub fn balance(&self) -> Money {
        self.bill.balance()
    }

    /// Whether something of it is gone already, so that the total is not what is to be paid.
    pub fn is_reduced(&self) -> bool {
        self.balance() != self.total()
    }

    /// The name that the bill is made out to.
    pub fn addressee(&self) -> &str {
        let fields = &self.customer.fields;
        fields.invoice_title.as_deref().filter(|title| !title.is_empty()).unwrap_or(&fields.company_name)
    }

    /// The day it was sent; of one that was not, none.
    pub fn sent_on(&self) -> Option<NaiveDate> {
        self.bill.sent_at.map(business_day)
    }

    /// What its files are called, without an ending.
    pub fn file_name(&self) -> &str {
        &self.bill.number
    }

    /// The total with its currency.
    pub fn total_in_words(&self) -> String {
        format!("{} {}", self.bill.currency, self.amount(&self.total()))
    }

    /// What is left to be paid, with its currency.
    pub fn balance_in_words(&self) -> String {
        format!("{} {}", self.bill.currency, self.amount(&self.balance()))
    }
}

impl StatementLine {
    /// How much was used, in writing; blank where nothing is measured.
    pub fn quantity_text(&self) -> String {
        self.quantity.map(|quantity| Quantity(quantity).to_string()).unwrap_or_default()
    }

    /// The days that it covers, within a year.
    pub fn days(&self) -> String {
        format!("{} – {}", self.from.format("%m-%d"), self.until.format("%m-%d"))
    }
}

/// What it takes to say what a line is for.
struct Words<'a> {
    t: Tr,
    meters: &'a Meters,
    numbers: &'a BTreeMap<BillId, String>,
}

impl Words<'_> {
    fn line(&self, line: &BillLine) -> Result<StatementLine> {
        Ok(StatementLine {
            position: line.position,
            label: self.label(line),
            from: line.from_on,
            until: line.until_on,
            quantity: line.quantity,
            amount: Money(line.amount),
            text: line.explanation()?.text(self.t),
        })
    }

    fn label(&self, line: &BillLine) -> String {
        let kind = self.t.label("price_line", line.kind.as_str());
        if let Some(description) = &line.description {
            return description.clone();
        }
        if let (LineKind::Late, Some(late_of)) = (line.kind, line.late_of) {
            let number = self.numbers.get(&late_of).map_or("", String::as_str);
            let month = line.late_month.map(|day| day.format("%Y-%m").to_string()).unwrap_or_default();
            return self.t.bill_paper_late(kind, month, number);
        }
        let Some(meter) = line.meter_id else { return kind };
        let key = ChargeKey { meter, device_series: line.device_series.clone(), layer: line.layer.clone() };
        self.t.bill_paper_line(kind, sheet::title(self.t, self.meters, &key))
    }
}
