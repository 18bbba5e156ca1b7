//! A version in words and numbers, as pages show it: the whole price table, a line about it, and its facts one by one, so
//! that two versions can be laid side by side.

use askama::Template;
use rust_decimal::Decimal;

use crate::catalog::meters::queries::Meters;
use crate::i18n::Tr;
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::ChargeDraft;
use crate::pricing::price_plans::model::{ChargeKey, PlanVersion};
use crate::types::{Currency, Money, Quantity, UnitPrice};
use crate::web::ui::piece;

/// Something that a version says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub label: String,
    /// What it says.
    pub value: String,
    /// The number in it, where there is one to compare.
    pub number: Option<Decimal>,
    /// What the number holds for: numbers of something else are not compared.
    pub basis: String,
}

/// A tier in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierLine {
    /// The quantities that it covers.
    pub range: String,
    /// The price of one.
    pub price: String,
    /// The fee on entering it; blank for none.
    pub fee: String,
}

/// A charge in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeSheet {
    /// What it is for.
    pub title: String,
    /// How it charges.
    pub model: String,
    /// What that means.
    pub about: String,
    /// The unit of the meter.
    pub unit: String,
    /// What it says beside tiers.
    pub facts: Vec<Fact>,
    /// Its tiers.
    pub tiers: Vec<TierLine>,
}

/// The price table of a version.
#[derive(Template)]
#[template(path = "pricing/price_plans/version/sheet.html")]
pub struct Sheet {
    t: Tr,
    currency: Currency,
    charges: Vec<ChargeSheet>,
    terms: Vec<Fact>,
}

piece!(Sheet);

impl ChargeSheet {
    fn has_fees(&self) -> bool {
        self.tiers.iter().any(|tier| !tier.fee.is_empty())
    }
}

impl Sheet {
    /// The price table of a version.
    pub fn new(t: Tr, meters: &Meters, plan: &PlanVersion) -> Sheet {
        let currency = plan.version.currency;
        Sheet {
            t,
            currency,
            charges: plan.charges.iter().map(|charge| sheet_of(t, meters, currency, charge)).collect(),
            terms: terms(t, plan),
        }
    }

    /// Its facts, one by one: those of each charge, then the terms.
    pub fn facts(&self) -> Vec<(String, Vec<Fact>)> {
        let t = self.t;
        let mut groups: Vec<(String, Vec<Fact>)> = self.charges.iter().map(|charge| charge.flat(t)).collect();
        groups.push((t.price_plan_terms().to_owned(), self.terms.clone()));
        groups
    }
}

impl ChargeSheet {
    fn flat(&self, t: Tr) -> (String, Vec<Fact>) {
        let model = Fact {
            label: t.price_plan_model().to_owned(),
            value: self.model.clone(),
            number: None,
            basis: String::new(),
        };
        let tiers = (1..).zip(&self.tiers).map(|(place, tier): (usize, &TierLine)| Fact {
            label: t.price_plan_tier(place),
            value: if tier.fee.is_empty() {
                t.price_plan_tier_is(&tier.price, &tier.range)
            } else {
                t.price_plan_tier_with_fee(&tier.fee, &tier.price, &tier.range)
            },
            number: tier.price.replace(',', "").parse().ok(),
            basis: format!("{} {}", tier.range, tier.fee),
        });
        let facts = [model].into_iter().chain(self.facts.iter().cloned()).chain(tiers).collect();
        (self.title.clone(), facts)
    }
}

/// The name of a model on screen.
pub fn model_label(t: Tr, model: Model) -> String {
    t.label("price_model", model.as_str())
}

/// What a charge is for: the meter and the part of its usage.
pub fn title(t: Tr, meters: &Meters, key: &ChargeKey) -> String {
    let meter =
        meters.get(key.meter).map_or_else(|| key.meter.to_string(), |meter| meter.label(t).to_owned());
    match (key.device_series.as_str(), key.layer.as_str()) {
        ("", "") => meter,
        (series, "") => t.price_plan_of_series(meter, series),
        ("", layer) => t.price_plan_of_layer(layer, meter),
        (series, layer) => t.price_plan_of_both(layer, meter, series),
    }
}

/// A version in a line: each charge by its model and its prices.
pub fn brief(t: Tr, meters: &Meters, plan: &PlanVersion) -> String {
    let is_only = plan.charges.len() == 1;
    let charge = |charge: &ChargeDraft| {
        let prices = brief_of(t, plan.version.currency, charge);
        let is_plain = is_only && charge.key == ChargeKey::of_meter(charge.key.meter);
        if is_plain { prices } else { t.price_plan_brief_for(prices, title(t, meters, &charge.key)) }
    };
    t.join(plan.charges.iter().map(charge))
}

fn brief_of(t: Tr, currency: Currency, charge: &ChargeDraft) -> String {
    let model = model_label(t, charge.model);
    let price = |price: Option<Decimal>| UnitPrice(price.unwrap_or_default());
    match charge.model {
        Model::Standard => t.price_plan_brief_standard(model, price(charge.unit_price)),
        Model::Graduated | Model::Volume => {
            let first = price(charge.tiers.first().map(|tier| tier.unit_price));
            let last = price(charge.tiers.last().map(|tier| tier.unit_price));
            t.price_plan_brief_tiers(charge.tiers.len(), first, last, model)
        }
        Model::Block => {
            let size = Quantity(charge.block_size.unwrap_or_default());
            t.price_plan_brief_block(model, price(charge.block_price), size)
        }
        Model::AnnualPackage => {
            t.price_plan_brief_annual(money(charge.annual_fee.unwrap_or_default(), currency), model)
        }
    }
}

fn sheet_of(t: Tr, meters: &Meters, currency: Currency, charge: &ChargeDraft) -> ChargeSheet {
    let unit = meters.get(charge.key.meter).map(|meter| meter.unit(t).to_owned()).unwrap_or_default();
    ChargeSheet {
        title: title(t, meters, &charge.key),
        model: model_label(t, charge.model),
        about: t.label("price_model_about", charge.model.as_str()),
        facts: facts(t, currency, &unit, charge),
        tiers: tiers(&charge.tiers, currency),
        unit,
    }
}

fn facts(t: Tr, currency: Currency, unit: &str, charge: &ChargeDraft) -> Vec<Fact> {
    let fact = |label: &str, value: String, number: Option<Decimal>| Fact {
        label: label.to_owned(),
        value,
        number,
        basis: String::new(),
    };
    let price = |label: &str, price: Option<Decimal>| {
        let shown = UnitPrice(price.unwrap_or_default()).to_string();
        fact(label, shown, price)
    };
    let quantity = |label: &str, number: Option<Decimal>| {
        let shown = t.price_plan_quantity(Quantity(number.unwrap_or_default()), unit);
        fact(label, shown, number)
    };
    match charge.model {
        Model::Standard => vec![price(t.price_plan_unit_price(), charge.unit_price)],
        Model::Graduated | Model::Volume => {
            let zero = || fact(t.price_plan_when_zero(), t.price_plan_when_zero_yes().to_owned(), None);
            charge.charge_when_zero.then(zero).into_iter().collect()
        }
        Model::Block => {
            let mut facts = vec![
                quantity(t.price_plan_block_size(), charge.block_size),
                price(t.price_plan_block_price(), charge.block_price),
            ];
            let free = charge.free_units.filter(|free| !free.is_zero());
            facts.extend(free.map(|free| quantity(t.price_plan_free_units(), Some(free))));
            facts
        }
        Model::AnnualPackage => {
            let fee = charge.annual_fee.unwrap_or_default();
            let mut facts = vec![fact(t.price_plan_annual_fee(), money(fee, currency), Some(fee))];
            match charge.included {
                None => facts.push(fact(t.price_plan_included(), t.price_plan_unlimited().to_owned(), None)),
                included => {
                    facts.push(quantity(t.price_plan_included(), included));
                    facts.push(price(t.price_plan_overage_price(), charge.overage_price));
                }
            }
            facts
        }
    }
}

/// Tiers in words: each begins above the bound of the one before, since usage has decimals.
fn tiers(tiers: &[TierDraft], currency: Currency) -> Vec<TierLine> {
    let mut before = Decimal::ZERO;
    let line = |tier: &TierDraft| {
        let above = Quantity(before);
        let range = match tier.up_to {
            Some(bound) if before.is_zero() => format!("{above} – {}", Quantity(bound)),
            Some(bound) => format!("> {above} – {}", Quantity(bound)),
            None => format!("> {above}"),
        };
        before = tier.up_to.unwrap_or(before);
        TierLine {
            range,
            price: UnitPrice(tier.unit_price).to_string(),
            fee: if tier.flat_fee.is_zero() { String::new() } else { money(tier.flat_fee, currency) },
        }
    };
    tiers.iter().map(line).collect()
}

fn terms(t: Tr, plan: &PlanVersion) -> Vec<Fact> {
    let version = &plan.version;
    let amount = |label: &str, amount: Option<Decimal>| Fact {
        label: label.to_owned(),
        value: amount.map_or_else(|| t.ui_none().to_owned(), |amount| money(amount, version.currency)),
        number: amount,
        basis: String::new(),
    };
    let percent = version.discount_percent;
    let discount = match &version.discount_reason {
        _ if percent.is_zero() => t.ui_none().to_owned(),
        Some(reason) => t.price_plan_discount_because(percent.normalize(), reason),
        None => t.price_plan_discount_is(percent.normalize()),
    };
    vec![
        amount(t.price_plan_minimum(), version.minimum_amount),
        amount(t.price_plan_cap(), version.cap_amount),
        // More of a discount is less of a price: its number has no direction that could be told by a sign.
        Fact {
            label: t.price_plan_discount().to_owned(),
            value: discount,
            number: None,
            basis: String::new(),
        },
    ]
}

/// An amount with the decimals of its currency and separators.
pub fn money(amount: Decimal, currency: Currency) -> String {
    crate::types::money::grouped(&Money(amount).plain(currency))
}
