//! The reminders: what the customer gets, and what our own people get.

use serde_json::json;

use crate::billing::bills::model::Bill;
use crate::billing::links;
use crate::billing::links::enclosing::LINK;
use crate::billing::sending::recipients::{LANGUAGE, Recipients};
use crate::customers::directory::model::Customer;
use crate::db::Tx;
use crate::notifications::kinds::model::{Kind, Original, Sample, Variable};
use crate::settings::{self, registry};
use crate::types::ids::UserId;
use crate::types::{Outgoing, Recipient, Result};
use crate::web::secret::Secret;

use super::model::{DunningStep, DunningTone};
use super::urls;

/// The original words of a kind in both languages, from the files of its code.
macro_rules! originals {
    ($code:literal) => {
        [
            Original(include_str!(concat!("../../../templates/notifications/kinds/", $code, ".zh-CN.txt"))),
            Original(include_str!(concat!("../../../templates/notifications/kinds/", $code, ".en.txt"))),
        ]
    };
}

const VARIABLES: &[Variable] = &[
    Variable::words("customer"),
    Variable::words("bill_number"),
    Variable::words("bill_month"),
    Variable::words("bill_balance"),
    Variable::words("bill_due_on"),
    Variable { name: "overdue_days", sample: Sample::Number(7) },
    Variable::words("bank_details"),
];

const fn of_customer(code: &'static str, originals: [Original; 2]) -> Kind {
    Kind { code, mails: true, robots: false, variables: VARIABLES, originals }
}

/// The kinds of the room.
pub const ALL: &[Kind] = &[
    of_customer("billing.reminder_before", originals!("billing.reminder_before")),
    of_customer("billing.reminder_plain", originals!("billing.reminder_plain")),
    of_customer("billing.reminder_firm", originals!("billing.reminder_firm")),
    of_customer(TOLD, originals!("billing.reminder_told")),
];

/// What our own people get.
const TOLD: &str = "billing.reminder_told";

const fn kind(tone: DunningTone) -> &'static str {
    match tone {
        DunningTone::Before => "billing.reminder_before",
        DunningTone::Plain => "billing.reminder_plain",
        DunningTone::Firm => "billing.reminder_firm",
    }
}

/// Sends the messages of a step: to where the bills of the customer go, and to our own people. Never twice for a bill and a step.
pub fn send(
    tx: &mut Tx,
    secret: &Secret,
    (bill, customer): (&Bill, &Customer),
    step: &DunningStep,
    to: Option<&Recipients>,
    people: &[UserId],
) -> Result<()> {
    let days = bill.due_on.map_or(0, |due| (crate::types::time::business_day(tx.now()) - due).num_days());
    let variables = json!({
        "customer": customer.fields.company_name,
        "bill_number": bill.number,
        "bill_month": bill.month().to_string(),
        "bill_balance": format!("{} {}", bill.currency, bill.balance()),
        "bill_due_on": bill.due_on,
        "overdue_days": days.max(0),
        "bank_details": settings::read(tx, &registry::COMPANY_BANK_DETAILS)?,
    });
    if let Some(to) = to {
        let link = links::commands::standing(tx, secret, bill.id, LANGUAGE)?;
        let message = Outgoing::new(kind(step.tone), &variables).once(key(bill, step, "customer"));
        let message = message.about(links::urls::page(links::urls::UNTOLD)).enclosing(LINK, link.0);
        tx.notify(&to.address(message, LANGUAGE))?;
    }
    if !people.is_empty() {
        let message = Outgoing::new(TOLD, &variables).about(urls::bill(bill.id));
        let message = message.once(key(bill, step, "people"));
        let message = people.iter().fold(message, |message, user| message.to(Recipient::User(*user)));
        tx.notify(&message)?;
    }
    Ok(())
}

fn key(bill: &Bill, step: &DunningStep, to: &str) -> String {
    format!("billing.reminder:{}:{}:{to}", bill.id, step.id)
}
