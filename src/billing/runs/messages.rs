//! The messages to those who may commit: that the plan of a month is there, and that a month waits.

use serde_json::json;

use crate::accounts::roles;
use crate::db::Tx;
use crate::i18n::Said;
use crate::notifications::kinds::model::{Kind, Original, Sample, Variable};
use crate::types::{BillingMonth, Outgoing, Permission, Recipient, Result};

use super::model::BillRun;
use super::{pages, urls};

/// The kind of message that says that a plan is there.
pub const PLANNED: &str = "billing.run_planned";

/// The kind of message that says what a month waits for.
pub const WAITING: &str = "billing.run_waiting";

const MONTH: Variable = Variable::words("month");

/// The original words of a kind in both languages.
macro_rules! originals {
    ($code:literal) => {
        [
            Original(include_str!(concat!("../../../templates/notifications/kinds/", $code, ".zh-CN.txt"))),
            Original(include_str!(concat!("../../../templates/notifications/kinds/", $code, ".en.txt"))),
        ]
    };
}

/// The kinds of runs.
pub const ALL: &[Kind] = &[
    Kind {
        code: PLANNED,
        mails: true,
        robots: true,
        variables: &[
            MONTH,
            Variable { name: "bills", sample: Sample::Number(1_180) },
            Variable::words("total"),
            Variable { name: "look_at", sample: Sample::Number(23) },
            Variable { name: "failed", sample: Sample::Number(2) },
        ],
        originals: originals!("billing.run_planned"),
    },
    Kind {
        code: WAITING,
        mails: true,
        robots: true,
        variables: &[MONTH, Variable::words("reason")],
        originals: originals!("billing.run_waiting"),
    },
];

/// Tells those who may commit that a plan is there. Once for each plan.
pub fn tell_planned(tx: &mut Tx, run: &BillRun) -> Result<()> {
    let sums = pages::sums(&run.totals()?);
    let variables = json!({
        "month": run.month().to_string(),
        "bills": run.billed,
        "total": Said::new(|t| t.join(&sums)),
        "look_at": run.look_at,
        "failed": run.failed,
    });
    let message = Outgoing::new(PLANNED, &variables).about(urls::run(run.id));
    send(tx, message.once(format!("{PLANNED}:{}", run.id)))
}

/// Tells those who may commit what a month waits for. Once a day.
pub fn tell_waiting(tx: &mut Tx, month: BillingMonth, day: chrono::NaiveDate, reason: &Said) -> Result<()> {
    let variables = json!({"month": month.to_string(), "reason": reason});
    let message = Outgoing::new(WAITING, &variables).about(urls::new_of(month));
    send(tx, message.once(format!("{WAITING}:{month}:{day}")))
}

fn send(tx: &mut Tx, message: Outgoing) -> Result<()> {
    let people = roles::queries::holders_for_all(tx, Permission::RunCommit)?;
    if people.is_empty() {
        return Ok(());
    }
    let message = people.into_iter().fold(message, |message, user| message.to(Recipient::User(user)));
    tx.notify(&message).map(|_| ())
}
