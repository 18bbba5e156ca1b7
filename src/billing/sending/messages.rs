//! The mail that brings a bill to its customer.

use serde_json::json;

use crate::billing::bills::model::Bill;
use crate::billing::links;
use crate::billing::links::commands::NewLink;
use crate::billing::links::enclosing::BILL;
use crate::customers::directory::model::Customer;
use crate::notifications::kinds::model::{Kind, Original, Variable};
use crate::types::money::grouped;
use crate::types::{Money, Outgoing};

/// The kind of message.
pub const KIND: &str = "billing.bill_sent";

/// The kinds of sending.
pub const ALL: &[Kind] = &[Kind {
    code: KIND,
    mails: true,
    robots: false,
    variables: &[
        Variable::words("customer"),
        Variable::words("bill"),
        Variable::words("month"),
        Variable::words("total"),
        Variable::words("due_on"),
    ],
    originals: [
        Original(include_str!("../../../templates/notifications/kinds/billing.bill_sent.zh-CN.txt")),
        Original(include_str!("../../../templates/notifications/kinds/billing.bill_sent.en.txt")),
    ],
}];

/// The mail of a bill that was just sent, with its link and its files. The first one has a key of the bill alone, so that
/// it is caused once whatever happens.
pub fn mail(bill: &Bill, customer: &Customer, link: &NewLink, again: bool) -> Outgoing {
    let total = format!("{} {}", bill.currency, grouped(&Money(bill.total_amount).plain(bill.currency)));
    let variables = json!({
        "customer": customer.fields.company_name,
        "bill": bill.number,
        "month": bill.month().to_string(),
        "total": total,
        "due_on": bill.due_on.map(|day| day.to_string()),
    });
    let key = if again { format!("{KIND}:{}:{}", bill.id, link.id) } else { format!("{KIND}:{}", bill.id) };
    Outgoing::new(KIND, &variables)
        .about(links::urls::page(links::urls::UNTOLD))
        .enclosing(BILL, link.id.0)
        .once(key)
}
