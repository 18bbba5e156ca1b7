//! Letting a record that came too late become a line of a later bill.

use serde_json::Value;

use crate::customers::directory;
use crate::db::Tx;
use crate::i18n::Tr;
use crate::periods;
use crate::pricing::price_plans;
use crate::types::ids::QuarantinedRecordId;
use crate::types::time::business_day;
use crate::types::{Error, FieldErrors, Permission, Refusal, Result};
use crate::usage::late;
use crate::usage::records::judging::{self, Judgement};
use crate::usage::records::model::{RecordKey, Rule};
use crate::usage::records::rules::Calendar;
use crate::usage::records::taking::Ground;

use super::commands::{Decided, decide, lock_one};
use super::model::QuarantineState;
use super::{queries, rules, sentences};

/// Lets a record become a line of a later bill, because the usage of its month is billed. It goes through all other rules as
/// it was sent. The customer is locked, so that no bill is being written for it meanwhile.
///
/// # Errors
/// [`Error::Invalid`] when another rule catches it.
pub fn defer(tx: &mut Tx, id: QuarantinedRecordId, version: u32, reason: &str) -> Result<()> {
    let known = queries::find(tx, id)?.record;
    if let Some(customer) = known.customer_id {
        directory::queries::lock(tx, Permission::UsageCorrect, customer)?;
    }
    let record = lock_one(tx, id, version)?;
    rules::can_defer(&record, queries::is_billed(tx, &record)?)?;
    let raw = record.raw();
    let mut ground = Ground::of(tx, std::slice::from_ref(&raw))?.within(tx, Permission::UsageCorrect)?;
    let calendar = Calendar { today: business_day(tx.now()), closed: periods::queries::closed_to_usage(tx)? };
    let waived = [Rule::ClosedMonth, Rule::AbsurdQuantity, Rule::TerminatedCustomer];
    let judged = judging::judge(tx, &mut ground, &calendar, std::slice::from_ref(&raw), &waived)?.pop();
    let (rule, facts, quantity, key) = match judged {
        Some(Judgement { outcome: Err(caught), .. }) => (Some(caught.rule), caught.facts, None, None),
        Some(Judgement { outcome: Ok(sound), key }) => (None, Value::Null, Some(sound.quantity), key),
        None => return Err(Error::NotFound),
    };
    if let Some(rule) = rule {
        let field = rules::field_of(rule);
        return Err(FieldErrors::one(field, move |t: Tr| sentences::why(t, rule, &facts, &raw)).into());
    }
    let (Some(quantity), Some(key)) = (quantity, key) else {
        return Err(Refusal::new("unknown_source", Tr::quarantine_refused_source).into());
    };
    rules::can_be_priced(is_priced(tx, &key)?)?;
    let addition = rules::addition(quantity, late::queries::known(tx, &key)?)?;
    late::commands::add(tx, id, &key, addition, quantity)?;
    let decided = Decided { state: QuarantineState::Deferred, reason: reason.to_owned() };
    let raw = record.raw();
    decide(tx, &[(record, raw)], &decided)
}

/// Whether prices were in force that charge for what is known by a key.
fn is_priced(tx: &mut Tx, key: &RecordKey) -> Result<bool> {
    let timelines = price_plans::queries::timelines(tx, &[key.customer])?;
    let version = timelines.get(&key.customer).and_then(|timeline| timeline.on(key.used_on));
    Ok(version.is_some_and(|version| {
        version.content.charge_of(key.meter, &key.device_series, &key.layer).is_some()
    }))
}
