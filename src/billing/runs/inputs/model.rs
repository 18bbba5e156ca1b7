//! What the bill of a customer follows from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

use crate::billing::runs::late::LateLine;
use crate::billing::runs::model::Part;
use crate::customers::directory::model::AccountType;
use crate::customers::status::model::Status;
use crate::pricing::month::{DayUsage, OverageKey, Timeline};
use crate::pricing::price_plans::model::ChargeKey;
use crate::types::ids::{BillId, CustomerId};
use crate::types::{BillingMonth, Currency, Money};
use crate::web::secret::in_hexadecimal;

/// A customer as far as its bill depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The customer.
    pub id: CustomerId,
    /// Its code, by which the run is ordered.
    pub company_code: String,
    /// What kind of account it is.
    pub account_type: AccountType,
    /// Whether it takes part in settlement.
    pub billable: bool,
    /// Where it stands.
    pub status: Status,
    /// The currency of its bills.
    pub currency: Currency,
    /// The days from sending until a bill is due.
    pub payment_term_days: u32,
}

/// A live bill of an earlier month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastBill {
    /// The bill.
    pub id: BillId,
    /// Its month.
    pub month: BillingMonth,
    /// Its currency.
    pub currency: Currency,
    /// What it comes to.
    pub total: Money,
    /// How much of that was written by hand.
    pub manual: Money,
}

/// The bills of a customer, as far as the next one depends on them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastBills {
    /// The live bill of the month itself, if there is one already.
    pub of_month: Option<BillId>,
    /// The bill of the month that was credited as a whole last.
    pub credited: Option<BillId>,
    /// The live bills of the three months before, the latest first.
    pub months: Vec<PastBill>,
    /// The month of the first live bill ever.
    pub first: Option<BillingMonth>,
}

impl PastBills {
    /// The live bill of a month.
    pub fn of(&self, month: BillingMonth) -> Option<&PastBill> {
        self.months.iter().find(|bill| bill.month == month)
    }
}

/// Everything that the bill of a customer follows from.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// The customer.
    pub head: Head,
    /// Its prices in force.
    pub timeline: Timeline,
    /// What it used, summed as coarsely as rating allows: by day where versions or contract years change within the month,
    /// else in one sum that stands on the first day; what a contract year had before the month in one sum.
    pub usage: Vec<DayUsage>,
    /// What it used in the month.
    pub usage_quantity: Decimal,
    /// How many records that is.
    pub usage_records: u32,
    /// What was billed of overages in earlier months.
    pub overage: BTreeMap<OverageKey, Money>,
    /// Usage of earlier months that came too late for their bills.
    pub late: Vec<LateLine>,
    /// Its bills.
    pub bills: PastBills,
}

/// The digests of inputs: of all of them, and of the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashes {
    /// The SHA-256 of all of them.
    pub whole: String,
    /// Sixteen digits of the SHA-256 of each part, in the order of [`PARTS`].
    pub parts: String,
}

/// The parts that are told apart when inputs have moved.
pub const PARTS: [Part; 4] = [Part::Customer, Part::Prices, Part::Usage, Part::Bills];

/// How many digits of the digest of a part are kept.
const DIGITS: usize = 16;

/// The digits of a part.
fn digits(parts: &str, part: Part) -> Option<&str> {
    let place = PARTS.iter().position(|other| *other == part)?;
    parts.get(place * DIGITS..(place + 1) * DIGITS)
}

/// Parts other than `was`, by the digests of both; all of them where the older ones are not known. How finely usage is read
/// follows from the prices: where they have moved, usage is not told.
pub fn moved_parts(was: Option<&str>, is: &str) -> Vec<Part> {
    let Some(was) = was else { return PARTS.to_vec() };
    let mut moved: Vec<Part> =
        PARTS.into_iter().filter(|part| digits(was, *part) != digits(is, *part)).collect();
    if moved.contains(&Part::Prices) {
        moved.retain(|part| *part != Part::Usage);
    }
    moved
}

impl Inputs {
    /// The digests, over a text that says each input in one way only.
    pub fn hashes(&self, month: BillingMonth) -> Hashes {
        let bills = self.bills_text() + &self.carried_text();
        let texts = [self.customer_text(), self.prices_text(month), self.usage_text(), bills];
        let mut whole = Sha256::new();
        let mut parts = String::with_capacity(DIGITS * PARTS.len());
        for text in &texts {
            whole.update(text.as_bytes());
            whole.update(b"\n\n");
            parts.extend(in_hexadecimal(&Sha256::digest(text.as_bytes())).chars().take(DIGITS));
        }
        Hashes { whole: in_hexadecimal(&whole.finalize()), parts }
    }

    fn customer_text(&self) -> String {
        let Head { id, company_code, account_type, billable, status, currency, payment_term_days } =
            &self.head;
        let code = company_code.escape_default();
        format!("{id} {code} {account_type} {billable} {status} {currency} {payment_term_days}")
    }

    /// Versions never change, so that which of them are in force says what they say. Those that begin after the month
    /// mean nothing to it.
    fn prices_text(&self, month: BillingMonth) -> String {
        let mut text = String::new();
        let versions = self.timeline.versions().iter();
        for version in versions.filter(|version| version.valid_from <= month.last_day()) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{} {}", version.id, version.valid_from);
        }
        text
    }

    fn usage_text(&self) -> String {
        let mut text = format!("{} {}\n", self.usage_quantity.normalize(), self.usage_records);
        for day in &self.usage {
            let DayUsage { used_on, meter, device_series, layer, quantity } = day;
            let _ = writeln!(text, "{used_on} {meter} {device_series}/{layer} {}", quantity.normalize());
        }
        text
    }

    /// What bills have of annual packages, and what came too late for them.
    fn carried_text(&self) -> String {
        let mut text = String::new();
        for (key, billed) in &self.overage {
            let OverageKey { version, charge, year_from } = key;
            let ChargeKey { meter, device_series, layer } = charge;
            let _ = writeln!(
                text,
                "overage {version} {meter} {device_series}/{layer} {year_from} {}",
                billed.0.normalize()
            );
        }
        for late in &self.late {
            let LateLine { late_of, late_month, from, until, quantity, line } = late;
            let quantity = quantity.map(|quantity| quantity.0.normalize());
            let amount = line.amount.0.normalize();
            let _ = writeln!(text, "late {late_of} {late_month} {from} {until} {quantity:?} {amount}");
        }
        text
    }

    fn bills_text(&self) -> String {
        let PastBills { of_month, credited, months, first } = &self.bills;
        let first = first.map(|month| month.to_string()).unwrap_or_default();
        let id = |bill: &Option<BillId>| bill.map(|id| id.to_string()).unwrap_or_default();
        let mut text = format!("{}/{}/{first}\n", id(of_month), id(credited));
        for PastBill { id, month, currency, total, manual } in months {
            let (total, manual) = (total.0.normalize(), manual.0.normalize());
            let _ = writeln!(text, "{id} {month} {currency} {total} {manual}");
        }
        text
    }
}
