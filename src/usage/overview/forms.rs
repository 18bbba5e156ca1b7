//! The parameters of the ranking.

use serde::{Deserialize, Serialize};

use crate::usage::switcher::ShownQuery;

use super::model::Ranking;

/// Which customers, and in which order.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RankingQuery {
    /// The month, as `2026-10`.
    pub month: String,
    /// The code of the meter.
    pub meter: String,
    /// `largest`, `risen` or `fallen`.
    pub order: String,
}

impl RankingQuery {
    /// The month and the meter.
    pub fn shown(&self) -> ShownQuery {
        ShownQuery { month: self.month.clone(), meter: self.meter.clone(), format: String::new() }
    }

    /// The order; the largest first where none is asked for.
    pub fn ranking(&self) -> Ranking {
        self.order.parse().unwrap_or(Ranking::Largest)
    }
}
