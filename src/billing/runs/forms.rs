//! The parameters of the pages of runs, and what is typed into their forms.

use serde::{Deserialize, Serialize};

use crate::db::listing::PageRequest;
use crate::i18n::Tr;
use crate::text_enum;
use crate::types::{BillingMonth, Error, Result};

use super::model::Outcome;
use super::queries::{PlannedFilter, PlannedSort};

text_enum! {
    /// Which customers of a run are shown.
    pub enum RunTab {
        /// All.
        All = "all",
        /// Those that somebody should look at.
        LookAt = "look_at",
        /// Those that are billed.
        Billed = "billed",
        /// Those with nothing to pay.
        Zero = "zero",
        /// Those that are not billed, and that is right.
        Excluded = "excluded",
        /// Those that could not be billed.
        Failed = "failed",
        /// Those that were left out when the others were written.
        LeftOut = "left_out",
    }
}

impl RunTab {
    /// Its name on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("run_tab", self.as_str())
    }
}

/// The parameters of the list of runs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RunsQuery {
    /// The month; blank for all.
    pub month: String,
    /// The page.
    pub page: String,
}

/// The month of a new run, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MonthForm {
    /// The month.
    pub month: String,
}

impl MonthForm {
    /// The month.
    ///
    /// # Errors
    /// A refusal of the request: it comes from a page that has filled it in.
    pub fn check(&self) -> Result<BillingMonth> {
        self.month.parse().map_err(|_| Error::bad_request(Tr::run_pages_no_month))
    }
}

/// The parameters of the page of a run.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RunQuery {
    /// Which customers; see [`RunTab`].
    pub tab: String,
    /// A text in the code or the name.
    pub q: String,
    /// The order; see [`PlannedSort`].
    pub sort: String,
    /// The page.
    #[serde(skip_serializing)]
    pub page: String,
}

impl RunQuery {
    /// Which customers are shown.
    pub fn tab(&self) -> RunTab {
        self.tab.parse().unwrap_or(RunTab::All)
    }

    /// Which customers are asked for.
    pub fn filter(&self) -> PlannedFilter {
        let tab = self.tab();
        let text: String = self.q.trim().chars().take(100).collect();
        PlannedFilter {
            outcome: match tab {
                RunTab::Billed => Some(Outcome::Billed),
                RunTab::Zero => Some(Outcome::Zero),
                RunTab::Excluded => Some(Outcome::Excluded),
                RunTab::Failed => Some(Outcome::Failed),
                RunTab::All | RunTab::LookAt | RunTab::LeftOut => None,
            },
            look_at: tab == RunTab::LookAt,
            left_out: tab == RunTab::LeftOut,
            text: Some(text).filter(|text| !text.is_empty()),
        }
    }

    /// In which order.
    pub fn sort(&self) -> PlannedSort {
        self.sort.parse().unwrap_or(PlannedSort::Moved)
    }

    /// Which page.
    pub fn page(&self) -> PageRequest {
        PageRequest::parse(&self.page)
    }
}

/// What was looked at when a run is committed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CommitForm {
    /// The digest of what was shown.
    pub hash: String,
}

/// Who is run again: one customer, or all that could not be billed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AgainForm {
    /// The place of the customer in the run; blank for all that could not be billed.
    pub position: String,
}

/// The form of an export: the parameters of the page, and the kind of file.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ExportForm {
    /// The kind of file.
    #[serde(default)]
    pub format: String,
    /// Which customers.
    #[serde(flatten)]
    pub query: RunQuery,
}
