//! Why a bill is more or less than last month's: usage, prices, new and lost customers, and what was written by hand. The
//! four parts sum to the change exactly.

use crate::types::Money;

/// A bill as far as the change depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// What it comes to.
    pub total: Money,
    /// How much of that was written by hand.
    pub manual: Money,
}

impl Side {
    /// What it comes to without what was written by hand.
    fn rated(self) -> Money {
        Money(self.total.0 - self.manual.0)
    }
}

/// What a bill is more than last month's, in its four parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// What was used.
    pub usage: Money,
    /// What it costs.
    pub price: Money,
    /// That there was no bill last month, or that there is none now.
    pub customer: Money,
    /// What was written by hand.
    pub manual: Money,
}

impl Change {
    /// The change since last month.
    ///
    /// `at_old_prices` is what this month without what was written by hand would come to at the prices that closed last
    /// month: what it is more than last month is usage, and the rest is prices.
    pub fn between(then: Option<Side>, now: Option<Side>, at_old_prices: Money) -> Change {
        match (then, now) {
            (None, None) => Change::default(),
            (None, Some(now)) => Change { customer: now.rated(), manual: now.manual, ..Change::default() },
            (Some(then), None) => Change {
                customer: Money(-then.rated().0),
                manual: Money(-then.manual.0),
                ..Change::default()
            },
            (Some(then), Some(now)) => Change {
                usage: Money(at_old_prices.0 - then.rated().0),
                price: Money(now.rated().0 - at_old_prices.0),
                customer: Money::ZERO,
                manual: Money(now.manual.0 - then.manual.0),
            },
        }
    }

    /// The whole of it.
    pub fn total(&self) -> Money {
        Money(self.usage.0 + self.price.0 + self.customer.0 + self.manual.0)
    }
}
