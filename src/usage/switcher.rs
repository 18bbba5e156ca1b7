//! Which month and which meter a page of usage shows. Quantities of different meters have different units and are never
//! added up: a page is about one meter, and leads to the others.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::catalog::meters::model::Meter;
use crate::catalog::meters::queries::Meters;
use crate::i18n::Tr;
use crate::types::time::business_day;
use crate::types::{BillingMonth, FieldErrors};
use crate::web::ui::{Ui, filters, piece};

/// The month and the meter, as parameters of a URL.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ShownQuery {
    /// The month, as `2026-10`.
    pub month: String,
    /// The code of the meter.
    pub meter: String,
    /// The kind of file, for an export.
    pub format: String,
}

impl ShownQuery {
    /// The month that is asked for, or the one of now; what cannot be read counts as now.
    pub fn month(&self, ui: &Ui) -> BillingMonth {
        self.month.parse().unwrap_or_else(|_| BillingMonth::of(business_day(ui.now)))
    }

    /// The month that is asked for, with nothing passed over: for files, which nobody can look at before.
    pub fn checked_month(&self) -> Result<BillingMonth, FieldErrors> {
        self.month.parse().map_err(|_| FieldErrors::one("month", Tr::usage_pages_month_shape))
    }

    /// The meter that is asked for, or the usual one.
    pub fn meter<'a>(&self, meters: &'a Meters) -> Option<&'a Meter> {
        meters.of_code(&self.meter).or_else(|| meters.usual()).or_else(|| meters.iter().next())
    }
}

/// A way to another month or meter.
struct Way {
    label: String,
    url: String,
    is_current: bool,
}

/// The choice of the month, and of the meter where there are several.
#[derive(Template)]
#[template(path = "usage/switcher.html")]
pub struct Switcher {
    t: Tr,
    path: String,
    month: BillingMonth,
    meter: String,
    previous: String,
    next: Option<String>,
    meters: Vec<Way>,
}

piece!(Switcher);

impl Switcher {
    /// The choice on this page. No month lies ahead of now.
    pub fn new(ui: &Ui, month: BillingMonth, meter: &Meter, meters: &Meters) -> Switcher {
        let url = ui.page_url().without(&["month", "meter"]);
        let to = |month: BillingMonth, code: &str| url.with("month", month).with("meter", code).to_string();
        let now = BillingMonth::of(business_day(ui.now));
        let many = meters.iter().count() > 1;
        Switcher {
            t: ui.t,
            path: url.path().to_owned(),
            previous: to(month.previous(), &meter.code),
            next: (month < now).then(|| to(month.next(), &meter.code)),
            meters: meters
                .iter()
                .filter(|_| many)
                .map(|other| Way {
                    label: other.label(ui.t).to_owned(),
                    url: to(month, &other.code),
                    is_current: other.id == meter.id,
                })
                .collect(),
            meter: meter.code.clone(),
            month,
        }
    }
}
