//! The parameters of the list: its URL is its state.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::customers::grid::forms::words;
use crate::db::listing::{PageRequest, Sort};
use crate::i18n::Tr;
use crate::pricing::models::Model;
use crate::pricing::price_plans::model::{Origin, VersionState};
use crate::text_enum;
use crate::types::FieldErrors;
use crate::types::ids::{BatchId, UserId};
use crate::types::time::parse_day;

text_enum! {
    /// What the list shows.
    pub enum Show {
        /// What waits for approval, the longest first.
        Waiting = "waiting",
        /// What whoever looks is writing.
        Mine = "mine",
        /// What was approved and has not begun.
        Coming = "coming",
        /// Customers who are billed and have no price in force.
        Without = "without",
        /// All versions, the newest first.
        All = "all",
    }
}

impl Show {
    /// Its name on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("price_show", self.as_str())
    }
}

text_enum! {
    /// What the list can be sorted by.
    pub enum PlanColumn {
        /// When it was written.
        Written = "written",
        /// When it was submitted.
        Submitted = "submitted",
        /// Its first day.
        ValidFrom = "valid_from",
    }
}

/// The parameters, as they are sent.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PlanQuery {
    /// What is shown; see [`Show`].
    pub show: String,
    /// Words of the customer.
    pub q: String,
    /// The id of an owner of the customer.
    pub owner: String,
    /// A state.
    pub state: String,
    /// A model of one of the charges.
    pub model: String,
    /// What it came from.
    pub origin: String,
    /// The earliest first day.
    pub from: String,
    /// The latest first day.
    pub to: String,
    /// The id of a batch.
    pub batch: String,
    /// The column to sort by.
    pub sort: String,
    /// The page.
    pub page: String,
}

/// Which versions are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFilter {
    /// What is shown.
    pub show: Show,
    /// Words of the customer.
    pub words: Vec<String>,
    /// The code of the customer: all of it. Of programs.
    pub code: Option<String>,
    /// An owner of the customer.
    pub owner: Option<UserId>,
    /// A state.
    pub state: Option<VersionState>,
    /// A model of one of the charges.
    pub model: Option<Model>,
    /// What it came from.
    pub origin: Option<Origin>,
    /// The earliest first day.
    pub from: Option<NaiveDate>,
    /// The latest first day.
    pub to: Option<NaiveDate>,
    /// A batch.
    pub batch: Option<BatchId>,
}

impl PlanFilter {
    /// All versions.
    pub fn all() -> PlanFilter {
        PlanFilter {
            show: Show::All,
            words: Vec::new(),
            code: None,
            owner: None,
            state: None,
            model: None,
            origin: None,
            from: None,
            to: None,
            batch: None,
        }
    }

    /// Whether something narrows down what is shown.
    pub fn is_narrowed(&self) -> bool {
        PlanFilter { show: Show::All, ..self.clone() } != PlanFilter::all()
    }

    /// The column and direction that what is shown is usually sorted by.
    pub fn usual_sort(&self) -> Sort<PlanColumn> {
        match self.show {
            Show::Waiting => Sort::ascending(PlanColumn::Submitted),
            Show::Coming => Sort::ascending(PlanColumn::ValidFrom),
            Show::Mine | Show::Without | Show::All => Sort { column: PlanColumn::Written, descending: true },
        }
    }
}

impl PlanQuery {
    /// Which versions are asked for; what cannot be read lets everything through.
    pub fn filter(&self) -> PlanFilter {
        PlanFilter {
            show: self.show.parse().unwrap_or(Show::Waiting),
            words: words(&self.q),
            code: None,
            owner: self.owner.parse().ok(),
            state: self.state.parse().ok(),
            model: self.model.parse().ok(),
            origin: self.origin.parse().ok(),
            from: parse_day(&self.from),
            to: parse_day(&self.to),
            batch: self.batch.parse().ok(),
        }
    }

    /// In which order.
    pub fn sort(&self) -> Sort<PlanColumn> {
        Sort::parse(&self.sort, self.filter().usual_sort())
    }

    /// Which page.
    pub fn page(&self) -> PageRequest {
        PageRequest::parse(&self.page)
    }
}

/// The parameters of the list of the API.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ConfigQuery {
    /// The code of a customer.
    pub customer: String,
    /// A state.
    pub state: String,
    /// The page.
    pub page: String,
    /// Records on a page.
    pub per_page: String,
}

impl ConfigQuery {
    /// Which versions are asked for, with nothing passed over: programs cannot look at what they got.
    pub fn check(&self) -> Result<PlanFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        let state = errors.code("state", &self.state);
        let code = Some(self.customer.trim().to_owned()).filter(|code| !code.is_empty());
        errors.or(PlanFilter { code, state, ..PlanFilter::all() })
    }

    /// Which page.
    pub fn page(&self) -> PageRequest {
        PageRequest::with_size(&self.page, &self.per_page)
    }
}
