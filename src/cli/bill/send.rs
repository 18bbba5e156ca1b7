//! `opcms bill send`: sends what is approved, some at a time, and says what could not be and why. Killed and begun again, it
//! goes on with what is left.

use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use crate::billing::bills::queries::numbers;
use crate::billing::sending::{commands, queries};
use crate::cli::setup::Setup;
use crate::cli::{LANGUAGE, Outcome, Report};
use crate::customers::directory;
use crate::types::ids::{BillId, CustomerId};
use crate::types::{Actor, BillingMonth, Error, Permission};
use crate::web::secret::Secret;

use super::parse_month;

/// So many bills are sent in one transaction.
const CHUNK: usize = 50;
/// So many of those that were left are named to people.
const NAMED: usize = 20;

/// Sends the approved bills of a month.
#[derive(Debug, Args)]
pub(in crate::cli) struct Send {
    /// The month, such as 2026-10.
    #[arg(long, value_name = "MONTH", value_parser = parse_month)]
    month: BillingMonth,
    /// Only the bill of the customer with this code.
    #[arg(long, value_name = "CODE")]
    customer: Option<String>,
}

impl Send {
    pub(super) fn run(&self, setup: &Setup, actor: &Arc<Actor>) -> Outcome {
        let secret = Secret::load(setup.config.secret.as_deref(), &setup.config.data_dir)?;
        let ids = setup.db.read(actor, |db| {
            let customer = self.customer_id(db)?;
            queries::ready(db, self.month, customer)
        })?;
        let mut left: Vec<(String, String)> = Vec::new();
        for some in ids.chunks(CHUNK) {
            let kept = setup.db.write(actor, |tx| commands::send_all(tx, &secret, some))?;
            let named: Vec<BillId> = kept.iter().map(|(id, _)| *id).collect();
            let numbers = setup.db.read(actor, |db| numbers(db, &named))?;
            left.extend(kept.into_iter().map(|(id, refusal)| {
                (numbers.get(&id).cloned().unwrap_or_default(), refusal.message.text(LANGUAGE))
            }));
        }
        let sent = ids.len() - left.len();
        let mut text = vec![format!("Sent: {sent}. Left as they are: {}.", left.len())];
        text.extend(left.iter().take(NAMED).map(|(number, why)| format!("{number}: {why}")));
        let named: Vec<Value> =
            left.iter().map(|(number, why)| json!({"number": number, "reason": why})).collect();
        let json = json!({"month": self.month.to_string(), "sent": sent, "left": named});
        Ok(Report { complete: left.is_empty(), ..Report::new(text.join("\n"), &json) })
    }

    fn customer_id(&self, db: &mut crate::db::Db) -> Result<Option<CustomerId>, Error> {
        let Some(code) = &self.customer else { return Ok(None) };
        let id = directory::queries::ids_by_code(db, &[code])?.get(code.as_str()).copied();
        let customer = directory::queries::find(db, Permission::BillSend, id.ok_or(Error::NotFound)?)?;
        Ok(Some(customer.id))
    }
}
