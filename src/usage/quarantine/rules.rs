//! What may be decided about a record. Pure.

use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::periods::queries::ClosedMonths;
use crate::types::Refusal;
use crate::usage::records::model::{RawRecord, Rule};

use super::model::{MendedField, Quarantined};

/// Whether a rule may be wrong, so that a record that it caught can count as it is: what cannot be read, or names what is
/// not there, cannot count without being put right.
pub fn can_be_wrong(rule: Rule) -> bool {
    matches!(rule, Rule::AbsurdQuantity | Rule::TerminatedCustomer)
}

/// The rules that somebody may pass over.
pub const PASSABLE: &[Rule] = &[Rule::AbsurdQuantity, Rule::TerminatedCustomer];

/// A record is decided once.
pub fn can_decide(record: &Quarantined) -> Result<(), Refusal> {
    if record.is_waiting() {
        return Ok(());
    }
    let state = record.state;
    Err(Refusal::new("decided", move |t: Tr| t.quarantine_refused_decided(state.label(t))))
}

/// A record can be put right unless its month is closed: then it waits for billing.
pub fn can_fix(record: &Quarantined, closed: &ClosedMonths) -> Result<(), Refusal> {
    can_decide(record)?;
    let is_closed = record.used_on.is_some_and(|day| closed.has_day(day));
    if record.rule == Rule::ClosedMonth && is_closed {
        return Err(Refusal::new("closed_month", Tr::quarantine_refused_closed));
    }
    Ok(())
}

/// A record counts as it is where the rule that caught it may be wrong.
pub fn can_accept(record: &Quarantined) -> Result<(), Refusal> {
    can_decide(record)?;
    if !can_be_wrong(record.rule) {
        return Err(Refusal::new("rule_stands", Tr::quarantine_refused_accept));
    }
    Ok(())
}

/// A record becomes a line of a later bill when nothing is wrong with it but that the usage of its month is billed.
pub fn can_defer(record: &Quarantined, is_billed: bool) -> Result<(), Refusal> {
    can_decide(record)?;
    if record.rule != Rule::ClosedMonth || !is_billed {
        return Err(Refusal::new("not_billed", Tr::quarantine_refused_defer));
    }
    Ok(())
}

/// Late usage is billed by the prices that were in force then: there have to be some.
pub fn can_be_priced(is_priced: bool) -> Result<(), Refusal> {
    if is_priced { Ok(()) } else { Err(Refusal::new("no_price", Tr::quarantine_refused_no_price)) }
}

/// What a quantity adds to what is known under its key.
///
/// # Errors
/// When that is nothing: the record is dropped instead.
pub fn addition(sent: Decimal, known: Decimal) -> Result<Decimal, Refusal> {
    let addition = sent - known;
    if addition.is_zero() {
        return Err(Refusal::new("nothing_new", Tr::quarantine_refused_nothing_new));
    }
    Ok(addition)
}

/// A record with one field put right.
pub fn with_field(mut raw: RawRecord, field: MendedField, value: &str) -> RawRecord {
    let place = match field {
        MendedField::CompanyCode => &mut raw.company_code,
        MendedField::Meter => &mut raw.meter,
        MendedField::Day => &mut raw.day,
        MendedField::DeviceSeries => &mut raw.device_series,
        MendedField::Layer => &mut raw.layer,
        MendedField::Source => &mut raw.source,
    };
    value.clone_into(place);
    raw
}

/// The field at whose fault a rule catches: where the form shows what is wrong.
pub fn field_of(rule: Rule) -> &'static str {
    match rule {
        Rule::UnknownCustomer | Rule::TerminatedCustomer => "company_code",
        Rule::UnknownMeter => "meter",
        Rule::UnreadableDay | Rule::FutureDay | Rule::ClosedMonth => "day",
        Rule::UnreadableQuantity | Rule::NegativeQuantity | Rule::AbsurdQuantity => "quantity",
        Rule::UnreadableKey => "device_series",
    }
}
