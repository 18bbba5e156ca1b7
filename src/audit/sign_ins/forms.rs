//! The parameters of the log of sign-ins.

use serde::{Deserialize, Serialize};

use crate::db::listing::Seek;
use crate::types::time::parse_day;
use crate::types::{FieldErrors, Outcome};

use super::model::{Beginning, SignInFilter};

/// The parameters of the list and of its export. What cannot be read filters nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SignInQuery {
    /// How the username or the address begins.
    pub q: String,
    /// How it ended.
    pub outcome: String,
    /// From which day on.
    pub from: String,
    /// Up to which day.
    pub to: String,
    /// The id of the attempt to read down from.
    pub older: String,
    /// The id of the attempt to read up from.
    pub newer: String,
    /// The kind of file; the export's.
    pub format: String,
}

impl SignInQuery {
    /// Which attempts are asked for.
    pub fn filter(&self) -> SignInFilter {
        SignInFilter {
            begins: Beginning::parse(&self.q),
            outcome: self.outcome.parse().ok(),
            from: parse_day(&self.from),
            to: parse_day(&self.to),
        }
    }

    /// Which attempts are asked for, with nothing passed over: for programs and exports, which cannot look at what they
    /// got.
    pub fn check(&self) -> Result<SignInFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        errors.code::<Outcome>("outcome", &self.outcome);
        errors.day("from", &self.from);
        errors.day("to", &self.to);
        errors.or(self.filter())
    }

    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }
}
