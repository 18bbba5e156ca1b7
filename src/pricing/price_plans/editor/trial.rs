//! The live trial of the editor: what a quantity would cost under the version that is being written, and what the last
//! months of the customer would have come to, beside what was in force.

use askama::Template;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::catalog::meters::queries::Meters;
use crate::db::Db;
use crate::i18n::Tr;
use crate::pricing::faults::{Fault, Faults};
use crate::pricing::models::{ContractYear, Model, Usage};
use crate::pricing::month::{Dated, DayUsage, MonthRated, Timeline};
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::price_plans::model::{ChargeKey, Content};
use crate::pricing::price_plans::queries;
use crate::pricing::price_plans::version::sheet;
use crate::pricing::rating::{self, LineKind};
use crate::pricing::repricing::{reprice, usage_from};
use crate::types::ids::{CustomerId, PriceVersionId};
use crate::types::{BillingMonth, Currency, FieldErrors, Money, Quantity, Result};
use crate::web::ui::{filters, piece};

use super::forms::{PlanForm, TrialForm};
use super::past_usage::PastUsage;

/// How many months are worked out again.
const MONTHS: u32 = 3;
/// What is tried before somebody says what.
const USUAL_QUANTITY: u32 = 1_000;

/// A line of a trial in words.
pub struct TriedLine {
    label: String,
    amount: String,
    text: Vec<String>,
}

/// What a quantity comes to, or why that cannot be told.
pub enum Tried {
    /// It comes to so much.
    Amount {
        /// The amount, with its currency.
        amount: String,
        /// How it is found.
        lines: Vec<TriedLine>,
    },
    /// Something is wrong with what is tried.
    Fault(String),
}

/// A line of a month under both prices.
pub struct BothLine {
    label: String,
    was: Option<Money>,
    becomes: Option<Money>,
    /// Whether it follows from all of the month, and stands behind what is charged.
    is_of_all: bool,
}

/// A month under both prices.
pub struct BothMonth {
    month: BillingMonth,
    quantity: Quantity,
    was: Option<Money>,
    becomes: Option<Money>,
    lines: Vec<BothLine>,
    note: Option<String>,
}

/// The months under both prices, and their sums.
pub struct Past {
    months: Vec<BothMonth>,
    was: Option<Money>,
    becomes: Option<Money>,
    /// From when on the draft is taken to be in force, where that is earlier than it says.
    pretended_from: Option<NaiveDate>,
    currency: Currency,
}

/// What a trial shows.
#[derive(Template)]
#[template(path = "pricing/price_plans/editor/trial.html")]
pub struct Trial {
    t: Tr,
    /// What is wrong, field by field, for the script that shows it there.
    faults: Vec<(String, String)>,
    /// The texts of the tiers, by the field that shows them.
    texts: Vec<(String, String)>,
    tried: Option<Tried>,
    past: std::result::Result<Option<Past>, String>,
}

piece!(Trial);

/// What a trial looks at.
pub struct Asked<'a> {
    /// The form.
    pub form: &'a PlanForm,
    /// The version that it asks for, as far as it can be read.
    pub draft: &'a VersionDraft,
    /// What is wrong with it.
    pub errors: &'a FieldErrors,
    /// Whose prices they are.
    pub customer: CustomerId,
    /// Today.
    pub today: NaiveDate,
}

impl Trial {
    /// Tries the version that is being written.
    pub fn load(db: &mut Db, t: Tr, meters: &Meters, past: PastUsage, asked: &Asked<'_>) -> Result<Trial> {
        let content = asked.draft.check().ok().filter(|_| asked.errors.is_empty());
        let faults = asked.errors.iter().map(|(field, message)| (field.to_owned(), message.text(t)));
        let texts = asked.form.charges.iter().enumerate().filter_map(|(place, charge)| {
            let text = charge.canonical().filter(|_| charge.is_tiered())?;
            Some((format!("charges[{place}].text"), text))
        });
        Ok(Trial {
            t,
            faults: faults.collect(),
            texts: texts.collect(),
            tried: tried(t, meters, asked),
            past: match content {
                None => Ok(None),
                Some(content) => in_words(t, again(db, t, meters, past, asked, content)?),
            },
        })
    }

    /// The difference of two amounts, with its direction.
    fn difference(was: Option<&Money>, becomes: Option<&Money>) -> Option<Difference> {
        Some(Difference::of(*was?, *becomes?))
    }
}

/// A difference of two amounts.
pub struct Difference {
    /// Its symbol.
    pub symbol: &'static str,
    /// Its class.
    pub class: &'static str,
    /// Its size, without a sign.
    pub amount: Money,
    /// Its size in percent, where there is something to compare with.
    pub percent: Option<Decimal>,
}

impl Difference {
    /// What comes after, less what was before.
    pub fn of(was: Money, becomes: Money) -> Difference {
        let difference = becomes.0 - was.0;
        let (symbol, class) = match difference {
            more if more > Decimal::ZERO => ("▲", "is-more"),
            less if less < Decimal::ZERO => ("▼", "is-less"),
            _ => ("=", "is-same"),
        };
        let percent = (difference.abs() * Decimal::ONE_HUNDRED).checked_div(was.0.abs());
        let percent = percent.map(|percent| percent.round_dp(1).normalize());
        Difference { symbol, class, amount: Money(difference.abs()), percent }
    }
}

fn in_words<T>(t: Tr, outcome: std::result::Result<T, Faults>) -> std::result::Result<T, String> {
    outcome.map_err(|faults| faults.iter().map(|fault| fault.message.text(t)).collect::<Vec<_>>().join(" "))
}

/// The quantity that is tried, as the form shows it.
pub fn quantity(form: &PlanForm) -> String {
    if form.trial.quantity.trim().is_empty() {
        USUAL_QUANTITY.to_string()
    } else {
        form.trial.quantity.clone()
    }
}

/// The place of the charge that is tried.
pub fn place(form: &PlanForm) -> usize {
    let place: usize = form.trial.charge.trim().parse().unwrap_or_default();
    if place < form.charges.len() { place } else { 0 }
}

/// Tries a charge; none while it, or the terms, make no sense: what is wrong stands at the fields.
fn tried(t: Tr, meters: &Meters, asked: &Asked<'_>) -> Option<Tried> {
    let currency = asked.draft.currency;
    let draft = asked.draft.charges.get(place(asked.form))?;
    let prefix = format!("charges[{}]", place(asked.form));
    let is_wrong =
        asked.errors.iter().any(|(field, _)| field.starts_with(&prefix) || !field.starts_with("charges"));
    let charge = draft.check(currency).ok().filter(|_| !is_wrong)?;
    let terms = crate::pricing::terms::Terms::new(asked.draft.terms, currency).ok()?;
    let rated = usage(asked.form, draft.model, currency)
        .and_then(|usage| rating::rate(&charge, &usage, &terms).map_err(Faults::from));
    Some(match rated {
        Err(faults) => {
            Tried::Fault(faults.iter().map(|fault| fault.message.text(t)).collect::<Vec<_>>().join(" "))
        }
        Ok(rated) => {
            let lines = rated.lines.iter().map(|line| TriedLine {
                label: line_label(t, meters, line.kind, Some(&draft.key)),
                amount: sheet::money(line.amount.0, currency),
                text: line.explanation.text(t),
            });
            let amount = format!("{} {}", currency, sheet::money(rated.amount.0, currency));
            Tried::Amount { amount, lines: lines.collect() }
        }
    })
}

fn usage(form: &PlanForm, model: Model, currency: Currency) -> std::result::Result<Usage, Faults> {
    let unreadable = || Faults::from(Fault::new("quantity", Tr::pricing_fault_number));
    let read = |text: &str| TrialForm::number(text).ok_or_else(unreadable);
    let quantity = read(&quantity(form))?;
    let usage = Usage::new(quantity)?;
    if model != Model::AnnualPackage {
        return Ok(usage);
    }
    let trial = &form.trial;
    let month = if trial.month_index.trim().is_empty() { Decimal::ONE } else { read(&trial.month_index)? };
    let cumulative = if trial.cumulative.trim().is_empty() { quantity } else { read(&trial.cumulative)? };
    Ok(usage.in_year(ContractYear::new(month, cumulative, Decimal::ZERO, currency)?))
}

fn line_label(t: Tr, meters: &Meters, kind: LineKind, key: Option<&ChargeKey>) -> String {
    let kind_label = t.label("price_line", kind.as_str());
    match key.filter(|_| matches!(kind, LineKind::Usage | LineKind::AnnualFee | LineKind::Overage)) {
        Some(key) => t.price_trial_line(kind_label, sheet::title(t, meters, key)),
        None => kind_label,
    }
}

/// The last months under what was in force, and as though the draft had been.
fn again(
    db: &mut Db,
    t: Tr,
    meters: &Meters,
    past: PastUsage,
    asked: &Asked<'_>,
    content: Content,
) -> Result<std::result::Result<Option<Past>, Faults>> {
    let this = BillingMonth::of(asked.today);
    let months: Vec<BillingMonth> = (1..=MONTHS).rev().map(|back| this.back(back)).collect();
    let Some(first) = months.first().map(|month| month.first_day()) else { return Ok(Ok(None)) };
    let in_force = queries::timelines(db, &[asked.customer])?.remove(&asked.customer).unwrap_or_default();
    let (currency, asked_from) = (asked.draft.currency, asked.draft.valid_from);
    let valid_from = asked_from.min(first);
    let drafted = Dated { id: PriceVersionId(0), number: 0, valid_from, content };
    let drafted = Timeline::new(vec![drafted]);
    let from = [&in_force, &drafted].into_iter().filter_map(|timeline| usage_from(timeline, &months)).min();
    let until = this.first_day().pred_opt().unwrap_or(first);
    let usage = (past.0)(db, asked.customer, from.unwrap_or(first), until)?;
    let both = reprice(&in_force, &months, &usage)
        .and_then(|was| reprice(&drafted, &months, &usage).map(|becomes| (was, becomes)));
    Ok(both.map(|(was, becomes)| {
        let both = months.iter().zip(was.iter().zip(&becomes));
        let months: Vec<BothMonth> = both
            .map(|(month, (was, becomes))| {
                both_month(t, meters, *month, &usage, was.as_ref(), becomes.as_ref())
            })
            .collect();
        Some(Past {
            was: sum(months.iter().map(|month| month.was)),
            becomes: sum(months.iter().map(|month| month.becomes)),
            months,
            pretended_from: (valid_from < asked_from).then_some(valid_from),
            currency,
        })
    }))
}

/// The sum of amounts, where any is known.
fn sum(amounts: impl Iterator<Item = Option<Money>>) -> Option<Money> {
    let known: Vec<Decimal> = amounts.flatten().map(|amount| amount.0).collect();
    (!known.is_empty()).then(|| Money(known.iter().sum()))
}

fn both_month(
    t: Tr,
    meters: &Meters,
    month: BillingMonth,
    usage: &[DayUsage],
    was: Option<&MonthRated>,
    becomes: Option<&MonthRated>,
) -> BothMonth {
    let used: Decimal = usage.iter().filter(|day| month.contains(day.used_on)).map(|day| day.quantity).sum();
    let mut lines: Vec<BothLine> = Vec::new();
    let sides = [(was, false), (becomes, true)];
    for (rated, is_draft) in sides {
        for line in rated.iter().flat_map(|rated| &rated.lines) {
            let label = line_label(t, meters, line.line.kind, line.charge.as_ref());
            let place = lines.iter().position(|known| known.label == label);
            let place = place.unwrap_or_else(|| {
                let is_of_all = line.charge.is_none();
                lines.push(BothLine { label, was: None, becomes: None, is_of_all });
                lines.len() - 1
            });
            let Some(both) = lines.get_mut(place) else { continue };
            let side = if is_draft { &mut both.becomes } else { &mut both.was };
            *side = Some(Money(side.unwrap_or_default().0 + line.line.amount.0));
        }
    }
    lines.sort_by_key(|line| line.is_of_all);
    let unpriced: Decimal = becomes.iter().flat_map(|rated| &rated.unpriced).map(|day| day.quantity).sum();
    BothMonth {
        month,
        quantity: Quantity(used.normalize()),
        was: was.map(|rated| rated.amount),
        becomes: becomes.map(|rated| rated.amount),
        lines,
        note: (!unpriced.is_zero()).then(|| t.price_trial_unpriced(Quantity(unpriced.normalize()))),
    }
}

/// As far as the slider goes: twice the largest of these numbers, and some thousands at least.
pub fn most<'a>(numbers: impl Iterator<Item = &'a str>) -> Decimal {
    let largest = numbers.filter_map(TrialForm::number).max().unwrap_or_default();
    let least = Decimal::from(3 * USUAL_QUANTITY);
    let doubled = largest.checked_mul(Decimal::TWO).unwrap_or(largest).ceil();
    doubled.clamp(least, Decimal::from(100_000_000))
}
