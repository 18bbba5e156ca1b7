//! What catches a record of usage. Source: `domain.md` §5.
//!
//! The rules are asked in the order of [`Rule`]; the first that catches a record is the one that is told. Whether a
//! quantity is absurd is asked last, of the few records that are large enough to be.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::customers::status::model::Status;
use crate::periods::queries::ClosedMonths;
use crate::sheets::clean;
use crate::sheets::{Cell, DateSystem};
use crate::types::ids::{CustomerId, MeterId};
use crate::types::{BillingMonth, numbers};

use super::model::{RawRecord, Rule};
use super::taking::{Ground, KnownCustomer};

/// The most decimals of a quantity: those of DECIMAL(18,4).
const MAX_SCALE: u32 = 4;

/// What no quantity reaches: DECIMAL(18,4) has fourteen digits before the point.
const TOO_MUCH: i64 = 100_000_000_000_000;

/// The most characters of a series or a layer.
const MAX_DIMENSION: usize = 20;

/// The most characters of the code of a source.
const MAX_SOURCE: usize = 50;

/// No quantity up to this is absurd.
const NEVER_ABSURD: i64 = 1_000;

/// So many times the largest day is absurd.
const TIMES: i64 = 10;

/// So many days before a day are looked at for the largest.
pub const WINDOW_DAYS: u64 = 90;

/// The first of them must lie so many days before the day.
const HISTORY_DAYS: u64 = 30;

/// Which days a record may be of.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// The day of business.
    pub today: NaiveDate,
    /// The months that take nothing any more.
    pub closed: ClosedMonths,
}

/// A record that can be read, and that no rule has caught so far.
#[derive(Debug, Clone)]
pub struct Sound<'a> {
    /// Whose usage it is.
    pub customer: KnownCustomer,
    /// The day.
    pub used_on: NaiveDate,
    /// What was used.
    pub meter: MeterId,
    /// The series of devices; blank for none.
    pub device_series: &'a str,
    /// The layer; blank for none.
    pub layer: &'a str,
    /// The code of the source.
    pub source: &'a str,
    /// How much.
    pub quantity: Decimal,
}

/// A record that a rule caught.
#[derive(Debug, Clone)]
pub struct Caught<'a> {
    /// The rule.
    pub rule: Rule,
    /// What the rule looked at.
    pub facts: Value,
    /// The customer, where it is known.
    pub customer: Option<CustomerId>,
    /// The day, where it can be read.
    pub used_on: Option<NaiveDate>,
    /// The record, where it can be read all the same.
    pub sound: Option<Sound<'a>>,
}

/// Asks all rules but the one of absurd quantities. Those in `waived` let everything pass.
///
/// # Errors
/// When a rule catches the record.
pub fn check<'a>(
    raw: &'a RawRecord,
    ground: &Ground,
    calendar: &Calendar,
    waived: &[Rule],
) -> Result<Sound<'a>, Box<Caught<'a>>> {
    let customer = ground.customer(&raw.company_code);
    let used_on = day(&raw.day);
    let caught = |rule, facts, sound| {
        let customer = customer.map(|customer| customer.id);
        Box::new(Caught { rule, facts, customer, used_on, sound })
    };
    let unread = |rule| caught(rule, json!({}), None);
    let known = customer.ok_or_else(|| unread(Rule::UnknownCustomer))?;
    let meter = ground.meter(&raw.meter).map_err(|facts| caught(Rule::UnknownMeter, facts, None))?;
    let used_on = used_on.ok_or_else(|| unread(Rule::UnreadableDay))?;
    let quantity = quantity(&raw.quantity).ok_or_else(|| unread(Rule::UnreadableQuantity))?;
    let key = (dimension(&raw.device_series), dimension(&raw.layer), source(&raw.source));
    let (Some(device_series), Some(layer), Some(source)) = key else {
        return Err(unread(Rule::UnreadableKey));
    };
    let sound = Sound { customer: known, used_on, meter, device_series, layer, source, quantity };
    let caught_by = limits(&sound, calendar).find(|(rule, _)| !waived.contains(rule));
    match caught_by {
        Some((rule, facts)) => Err(caught(rule, facts, Some(sound))),
        None => Ok(sound),
    }
}

/// The rules that catch a record that can be read, and what they looked at.
fn limits(sound: &Sound, calendar: &Calendar) -> impl Iterator<Item = (Rule, Value)> + use<> {
    let (day, status) = (sound.used_on, sound.customer.status);
    let future = day > calendar.today;
    let closed = calendar.closed.has_day(day);
    let ended = matches!(status, Status::Terminated | Status::Archived);
    let negative = sound.quantity < Decimal::ZERO;
    let today = calendar.today;
    [
        future.then(|| (Rule::FutureDay, json!({"today": today}))),
        closed.then(|| (Rule::ClosedMonth, json!({"month": BillingMonth::of(day).to_string()}))),
        ended.then(|| (Rule::TerminatedCustomer, json!({"status": status}))),
        negative.then(|| (Rule::NegativeQuantity, json!({}))),
    ]
    .into_iter()
    .flatten()
}

/// The day of a text, in any of the spellings that tables know.
pub fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    if text.len() == 10
        && let Ok(day) = text.parse::<NaiveDate>()
        && (1950..=2100).contains(&chrono::Datelike::year(&day))
    {
        return Some(day);
    }
    clean::date(&Cell::from(text), DateSystem::Excel1900).ok()?.value
}

/// The quantity of a text, as it is written; none that could not be kept as it is.
pub fn quantity(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let number = match numbers::read(text) {
        Ok(number) => number,
        Err(_) => grouped(text)?,
    };
    let number = number.normalize();
    (number.scale() <= MAX_SCALE && number.abs() < Decimal::from(TOO_MUCH)).then_some(number)
}

/// A number with thousands separators, or in full-width digits.
fn grouped(text: &str) -> Option<Decimal> {
    let is_number = |c: char| {
        c.is_ascii_digit() || matches!(c, '０'..='９' | ',' | '，' | '.' | '．' | '-' | '+' | '－' | '＋')
    };
    let cell = Cell::from(text);
    text.chars().all(is_number).then(|| clean::decimal(&cell).ok()?.value).flatten()
}

/// A series or a layer; blank for none.
fn dimension(text: &str) -> Option<&str> {
    let text = text.trim();
    (text.is_empty() || is_code(text, MAX_DIMENSION)).then_some(text)
}

/// The code of a source.
fn source(text: &str) -> Option<&str> {
    let text = text.trim();
    is_code(text, MAX_SOURCE).then_some(text)
}

fn is_code(text: &str, most: usize) -> bool {
    let is_character = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    !text.is_empty() && text.len() <= most && text.bytes().all(is_character)
}

/// What a customer used of a meter, by day.
pub type History = BTreeMap<NaiveDate, Decimal>;

/// Whether a quantity is large enough to be absurd at all.
pub fn may_be_absurd(quantity: Decimal) -> bool {
    quantity > Decimal::from(NEVER_ABSURD)
}

/// The largest day that a quantity of a day is absurd beside, if it is: above 1,000 and more than ten times the largest
/// day of the ninety before, once the first of these is at least thirty days ago.
pub fn absurd(day: NaiveDate, quantity: Decimal, history: &History) -> Option<Value> {
    if !may_be_absurd(quantity) {
        return None;
    }
    let before = |days: u64| day.checked_sub_days(Days::new(days)).unwrap_or(day);
    let mut window = history.range(before(WINDOW_DAYS)..day);
    let first = window.clone().next().map(|(first, _)| *first)?;
    // Of two equal days the later one is told.
    let (largest_on, largest) = window.by_ref().max_by_key(|(_, quantity)| **quantity)?;
    let limit = largest.checked_mul(Decimal::from(TIMES))?;
    let facts = || {
        json!({
            "largest": largest.normalize().to_string(),
            "largest_on": largest_on,
            "quantity": quantity.to_string(),
        })
    };
    (first <= before(HISTORY_DAYS) && quantity > limit).then(facts)
}
