//! An explanation in whole sentences, in both languages.

use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::types::money::grouped;
use crate::types::{Currency, Money, Quantity, UnitPrice};

use super::explanation::{Arithmetic, Billed, Blocks, Explanation, Number, Step};

impl Explanation {
    /// The sentences, in the order of the arithmetic.
    pub fn text(&self, t: Tr) -> Vec<String> {
        let mut text = self.arithmetic.text(t, self.currency);
        text.push(self.last_sentence(t));
        text
    }

    /// What was rounded, and the amount.
    fn last_sentence(&self, t: Tr) -> String {
        let amount = format!("{} {}", self.currency, money(self.amount, self.currency));
        let is_whole = self.exact == self.amount || matches!(self.arithmetic, Arithmetic::Overage { .. });
        if is_whole { t.pricing_amount(amount) } else { t.pricing_amount_rounded(amount, exact(self.exact)) }
    }
}

impl Arithmetic {
    fn text(&self, t: Tr, currency: Currency) -> Vec<String> {
        let amount = |number: &Number| money(*number, currency);
        match self {
            Arithmetic::Unused { .. } => vec![t.pricing_unused().to_owned()],
            Arithmetic::FlatFee { flat_fee, .. } => vec![t.pricing_flat_fee_when_zero(amount(flat_fee))],
            Arithmetic::Standard { units, unit_price, product, .. } => {
                vec![t.pricing_standard(price(*unit_price), exact(*product), quantity(*units))]
            }
            Arithmetic::Graduated { quantity: used, tiers } => {
                let mut text = vec![t.pricing_graduated(quantity(*used))];
                text.extend(tiers.iter().map(|step| step.text(t)));
                text
            }
            Arithmetic::Volume { quantity: used, tier, .. } => {
                vec![t.pricing_volume(quantity(*used)), tier.text(t)]
            }
            Arithmetic::Block { quantity: used, free_units, free_used, free_left, blocks } => {
                let mut text = vec![free(t, *used, *free_units, *free_used, *free_left)];
                text.extend(blocks.iter().map(|blocks| blocks.text(t)));
                text
            }
            Arithmetic::AnnualFee { annual_fee, parts, share, larger_parts, month, .. } => vec![
                match larger_parts {
                    0 => t.pricing_annual_fee(amount(annual_fee), parts, amount(share)),
                    larger => {
                        let unit = money(Number(Decimal::new(1, currency.minor_units())), currency);
                        t.pricing_annual_fee_uneven(amount(annual_fee), larger, parts, amount(share), unit)
                    }
                },
                t.pricing_annual_month(month),
            ],
            Arithmetic::Overage { cumulative, included, beyond, overage_price, total, billed } => vec![
                t.pricing_overage(quantity(*beyond), quantity(*cumulative), quantity(*included)),
                t.pricing_overage_total(quantity(*beyond), price(*overage_price), amount(total)),
                t.pricing_overage_billed(amount(billed)),
            ],
            Arithmetic::Minimum { sum, minimum } => vec![t.pricing_minimum(amount(minimum), amount(sum))],
            Arithmetic::Cap { sum, cap } => vec![t.pricing_cap(amount(cap), amount(sum))],
            Arithmetic::Discount { sum, percent } => {
                vec![t.pricing_discount(quantity(*percent), amount(sum))]
            }
            Arithmetic::Late { month, rated, rated_sum, billed, billed_sum } => {
                let mut text = vec![t.pricing_late(month)];
                text.extend(rated.iter().flat_map(|line| line.text(t)));
                text.push(t.pricing_late_rated(amount(rated_sum), month));
                text.push(late_billed(t, currency, month, billed, *billed_sum));
                text
            }
            Arithmetic::Manual { quantity: Some(units), unit_price: Some(unit_price), product } => {
                vec![t.pricing_manual_product(price(*unit_price), exact(*product), quantity(*units))]
            }
            Arithmetic::Manual { .. } => vec![t.pricing_manual().to_owned()],
        }
    }
}

/// What was billed of a month before, bill by bill.
fn late_billed(t: Tr, currency: Currency, month: &str, billed: &[Billed], sum: Number) -> String {
    if billed.is_empty() {
        return t.pricing_late_unbilled(month);
    }
    let line = |line: &Billed| t.pricing_late_line(money(line.amount, currency), &line.bill, line.position);
    t.pricing_late_billed(money(sum, currency), t.join(billed.iter().map(line)), month)
}

impl Step {
    fn text(&self, t: Tr) -> String {
        let (from, units) = (quantity(self.from), quantity(self.units));
        let tier = match self.up_to {
            Some(bound) => t.pricing_tier(from, quantity(bound)),
            None => t.pricing_tier_last(from),
        };
        let (price, product) = (price(self.unit_price), exact(self.product));
        if self.flat_fee.0.is_zero() {
            t.pricing_step(price, product, tier, units)
        } else {
            t.pricing_step_with_fee(exact(self.flat_fee), price, product, exact(self.subtotal), tier, units)
        }
    }
}

impl Blocks {
    fn text(&self, t: Tr) -> String {
        t.pricing_blocks(
            quantity(self.count),
            price(self.block_price),
            exact(self.product),
            quantity(self.block_size),
            quantity(self.units),
        )
    }
}

fn free(t: Tr, used: Number, free_units: Number, free_used: Number, free_left: Number) -> String {
    if free_units.0.is_zero() {
        t.pricing_block(quantity(used))
    } else if free_used == used {
        t.pricing_block_free(quantity(free_units), quantity(free_left), quantity(used))
    } else {
        t.pricing_block_beyond(quantity(free_units), quantity(used))
    }
}

fn quantity(number: Number) -> Quantity {
    Quantity(number.0)
}

fn price(number: Number) -> UnitPrice {
    UnitPrice(number.0)
}

/// An exact number with all of its decimals, two at least.
fn exact(number: Number) -> UnitPrice {
    UnitPrice(number.0)
}

/// An amount with the decimals of its currency.
fn money(number: Number, currency: Currency) -> String {
    grouped(&Money(number.0).plain(currency))
}
