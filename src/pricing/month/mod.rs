//! Rating a customer's month: every day by the version that is valid on it.
//!
//! Source: `domain.md` §4. Where a version changes within the month, tiers and blocks are counted anew from its first day
//! on. What is due once a month follows the version that is valid on the last day: minimum, cap and discount, the part
//! of an annual fee, and a flat fee that is due without usage. A contract year renews on the anniversary of the version's
//! first day; in that month an annual package has an overage of each of the two.

mod model;
mod rating;
mod timeline;
#[cfg(test)]
mod tests;

pub use model::{DayUsage, MonthLine, MonthRated, OverageKey};
pub use timeline::{Dated, Phase, Timeline, YearPart};
