//! Tiers: the table that `graduated` and `volume` share.
//!
//! Tier i covers what is above the bound before it, up to and with its own. The first begins at 0, each follows the last
//! without gap or overlap, and the last has no bound.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::pricing::exact::{Exact, TooLarge};
use crate::pricing::explanation::{Arithmetic, Step};
use crate::pricing::faults::{Fault, Faults};
use crate::pricing::rating::{Line, LineKind};
use crate::types::{Currency, Money, Quantity, UnitPrice};

pub use crate::types::price_tiers::MAX_TIERS;

/// A tier as somebody writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierDraft {
    /// Where it begins, if that is said: the bound before it or, where people write closed ranges, the number after it.
    pub from: Option<Decimal>,
    /// Its bound; none for the last.
    pub up_to: Option<Decimal>,
    /// The price of one unit.
    pub unit_price: Decimal,
    /// What is due as soon as the quantity enters the tier.
    pub flat_fee: Decimal,
}

/// A tier that fits to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The bound before it.
    pub from: Quantity,
    /// Its own bound; none for the last.
    pub up_to: Option<Quantity>,
    /// The price of one unit.
    pub unit_price: UnitPrice,
    /// What is due as soon as the quantity enters the tier.
    pub flat_fee: Money,
}

/// Tiers that follow each other from 0 on, the last without a bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiers {
    tiers: Vec<Tier>,
    charge_when_zero: bool,
}

impl Tiers {
    /// The tiers of a draft; whether the flat fee of the first is due even when nothing was used.
    pub fn new(drafts: &[TierDraft], charge_when_zero: bool, currency: Currency) -> Result<Tiers, Faults> {
        let mut faults = Faults::new();
        check_count(&mut faults, drafts.len());
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut tiers: Vec<Tier> = Vec::with_capacity(drafts.len());
        let mut from = Quantity::default();
        for (place, draft) in drafts.iter().enumerate() {
            let is_last = place + 1 == drafts.len();
            check_start(&mut faults, place, draft, from);
            let up_to = bound(&mut faults, place, draft, from, is_last);
            tiers.push(Tier {
                from,
                up_to,
                unit_price: faults.price(&field(place, "unit_price"), draft.unit_price),
                flat_fee: faults.money(&field(place, "flat_fee"), draft.flat_fee, currency),
            });
            from = up_to.unwrap_or(from);
        }
        faults.or(Tiers { tiers, charge_when_zero })
    }

    /// The tiers, the lowest first. There is one at least.
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// Whether the flat fee of the first is due even when nothing was used.
    pub fn charge_when_zero(&self) -> bool {
        self.charge_when_zero
    }

    /// The line of a month in which nothing was used.
    pub fn line_when_zero(&self, currency: Currency) -> Result<Line, Fault> {
        let Some(first) = self.tiers.first().filter(|_| self.charge_when_zero) else {
            return Ok(Line::unused(currency));
        };
        let arithmetic =
            Arithmetic::FlatFee { quantity: Decimal::ZERO.into(), flat_fee: first.flat_fee.0.into() };
        Line::rounded(LineKind::Usage, currency, Exact::of(first.flat_fee.0)?, arithmetic)
    }
}

impl Tier {
    /// What so many units cost in the tier, and how that is found.
    pub fn step(&self, units: Decimal) -> Result<(Exact, Step), TooLarge> {
        let product = Exact::product(units, self.unit_price.0)?;
        let subtotal = product.plus(Exact::of(self.flat_fee.0)?)?;
        let step = Step {
            from: self.from.0.into(),
            up_to: self.up_to.map(|bound| bound.0.into()),
            width: self.up_to.map(|bound| (bound.0 - self.from.0).into()),
            units: units.into(),
            unit_price: self.unit_price.0.into(),
            product: product.decimal()?.into(),
            flat_fee: self.flat_fee.0.into(),
            subtotal: subtotal.decimal()?.into(),
        };
        Ok((subtotal, step))
    }
}

/// The name of a field of a tier.
pub fn field(place: usize, name: &str) -> String {
    format!("tiers[{place}].{name}")
}

/// Whether there are tiers, and not too many.
pub fn check_count(faults: &mut Faults, count: usize) {
    if count == 0 {
        faults.add("tiers", |t| t.pricing_fault_no_tiers());
    } else if count > MAX_TIERS {
        faults.add("tiers", move |t| t.pricing_fault_many_tiers(count, MAX_TIERS));
    }
}

fn check_start(faults: &mut Faults, place: usize, draft: &TierDraft, before: Quantity) {
    let Some(start) = draft.from else { return };
    let field = field(place, "from");
    let start = faults.quantity(&field, start);
    let is_next_whole = before.0.fract().is_zero() && start.0 == before.0 + Decimal::ONE;
    if start.0 > before.0 && !is_next_whole {
        faults.add(&field, move |t| t.pricing_fault_gap(start, before));
    } else if start < before {
        faults.add(&field, move |t| t.pricing_fault_overlap(start, before));
    }
}

fn bound(
    faults: &mut Faults,
    place: usize,
    draft: &TierDraft,
    before: Quantity,
    is_last: bool,
) -> Option<Quantity> {
    let field = field(place, "up_to");
    match draft.up_to {
        None if is_last => None,
        None => {
            faults.add(&field, |t| t.pricing_fault_open_within());
            None
        }
        Some(bound) => {
            let bound = faults.quantity(&field, bound);
            if bound <= before {
                faults.add(&field, move |t| t.pricing_fault_descending(bound, before));
            } else if is_last {
                faults.add(&field, |t| t.pricing_fault_closed_last());
            }
            Some(bound)
        }
    }
}

impl From<&Tier> for TierDraft {
    fn from(tier: &Tier) -> TierDraft {
        TierDraft {
            from: None,
            up_to: tier.up_to.map(|bound| bound.0),
            unit_price: tier.unit_price.0,
            flat_fee: tier.flat_fee.0,
        }
    }
}
